package text_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core/text"
)

func TestShortInstance(t *testing.T) {
	t.Parallel()
	entries := map[string]text.Entry{
		"brand":          {Rich: "HCMC-DVC:"},
		"ask":            {Rich: "Câu {n}: {question}.", Short: "{brand} [[{lead:10} ]]Cau {n:3}: {question:20}[[ Vd: {example:6}]]"},
		"code":           {Rich: "Mã {code:4!}."},
		"web.open":       {Rich: "Bạn ghi {value}."},
		"choice.yes":     {Rich: "Đúng", Short: "Dung vay"},
		"error.internal": {What: "Có trục trặc.", Fix: "Thử lại sau.", Exit: "Gặp cán bộ."},
	}
	c, issues := text.NewCatalogue(map[text.Locale]map[string]text.Entry{text.VI: entries, text.EN: entries})
	if len(issues) != 0 {
		t.Fatalf("issues: %v", issues)
	}
	for _, tc := range []struct {
		key, s string
		want   bool
	}{
		{"ask", "HCMC-DVC: Cau 1: Ban la ai", true},
		{"ask", "HCMC-DVC: Cau 1: ", true},
		{"ask", "HCMC-DVC: Da luu. Cau 1: Ban la ai", true},
		{"ask", "HCMC-DVC: Da luu. Cau 1: Ban la ai Vd: Mai", true},
		{"ask", "HCMC-DVC:  Cau 1:\nBan la ai", true},
		{"ask", "HCMC-DVC: Cau 1: " + strings.Repeat("x", 20), true},
		{"ask", "HCMC-DVC: Cau 1: " + strings.Repeat("x", 20) + " Vd: 123456", true},
		{"ask", "HCMC-DVC: Cau 1: " + strings.Repeat("x", 21), false},
		{"ask", "HCMC-DVC: Cau 1: Ban la ai Vd: 1234567 va con nua", false},
		{"ask", "HCMC-DVC: Da luu roi nhe. Cau 1: Ban la ai", false},
		{"ask", "Cau 1: Ban la ai", false},
		{"ask", "KHAC: Cau 1: Ban la ai", false},
		{"ask", "HCMC-DVC: Cau1: Ban la ai", false},
		{"ask", "HCMC-DVC: Can bo nhan: mang so ho khau.", false},
		{"ask", "", false},
		{"code", "HCMC-DVC: Ma 4821.", true},
		{"code", "HCMC-DVC: Ma 48211.", false},
		{"code", "HCMC-DVC: Ma 4821. Gap anh Ba", false},
		{"web.open", "HCMC-DVC: Ban ghi gi do.", false}, // nobody could register that
		{"choice.yes", "Dung vay", false},
		{"no.such.key", "HCMC-DVC: ", false},
		{"error.internal", "HCMC-DVC: Co truc trac. Thu lai sau. Gap can bo.", true},
	} {
		if got := c.ShortInstance(text.VI, tc.key, tc.s); got != tc.want {
			t.Errorf("%s: %q = %v", tc.key, tc.s, got)
		}
	}
	for _, s := range []string{
		c.Text(text.VI, text.Short, "ask", map[string]string{"n": "1", "question": strings.Repeat("dài quá ", 9), "lead": strings.Repeat("x y ", 9)}),
		c.Text(text.VI, text.Short, "ask", map[string]string{"n": "", "question": "", "example": "a  b"}),
	} {
		if !c.ShortInstance(text.VI, "ask", s) {
			t.Errorf("what the template gave is no instance of it: %q", s)
		}
	}
}
