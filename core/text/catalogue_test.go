package text_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

func both(vi, en map[string]text.Entry) map[text.Locale]map[string]text.Entry {
	return map[text.Locale]map[string]text.Entry{text.VI: vi, text.EN: en}
}

func TestRender(t *testing.T) {
	t.Parallel()
	c, issues := text.NewCatalogue(both(
		map[string]text.Entry{
			"brand":          {Rich: "HCMC-DVC:"},
			"hello":          {Rich: "Hồ sơ **{code}** của {name}.", Short: "{brand} Ho so {code:24!} cua {name:8}."},
			"opt":            {Rich: "Đã nhận.[[ Hẹn trả {due:20}.]]"},
			"word.a":         {Rich: "Đang xử lý"},
			"error.x":        {What: "Không thấy {code:24!}.", Fix: "So lại mã.", Exit: "Gặp cán bộ."},
			"error.internal": {What: "Có trục trặc.", Fix: "Thử lại sau.", Exit: "Gặp cán bộ."},
		},
		map[string]text.Entry{
			"brand":          {Rich: "HCMC-DVC:"},
			"hello":          {Rich: "Dossier **{code}** of {name}.", Short: "{brand} Dossier {code:24!} of {name:8}."},
			"opt":            {Rich: "Received.[[ Due {due:20}.]]"},
			"word.a":         {Rich: "In progress"},
			"error.x":        {What: "No {code:24!}.", Fix: "Check the code.", Exit: "Ask an officer."},
			"error.internal": {What: "Something broke.", Fix: "Try later.", Exit: "Ask an officer."},
		}))
	if len(issues) != 0 {
		t.Fatalf("issues: %v", issues)
	}
	args := map[string]string{"code": "H29.1-260312-0042", "name": "{code} **Nguyễn**"}
	for _, tc := range []struct {
		locale, variant, key string
		args                 map[string]string
		want                 string
	}{
		{"vi", text.Rich, "hello", args, "Hồ sơ H29.1-260312-0042 của {code} **Nguyễn**."},
		{"en", text.Spoken, "hello", args, "Dossier ending in 0 0 4 2 of code Nguyễn."},
		{"vi", text.Short, "hello", args, "HCMC-DVC: Ho so H29.1-260312-0042 cua {code}..."},
		{"fr", text.Rich, "opt", nil, "Đã nhận."},
		{"vi", text.Rich, "opt", map[string]string{"due": "mai"}, "Đã nhận. Hẹn trả mai."},
		{"vi", text.Short, "opt", map[string]string{"brand": "X:"}, "X: Da nhan."},
		{"vi", text.Short, "word.a", nil, "Dang xu ly"},
		{"vi", text.Short, "error.x", map[string]string{"code": "A"}, "HCMC-DVC: Khong thay A. So lai ma. Gap can bo."},
		{"en", text.Rich, "no.such.key", nil, "Something broke.\nTry later.\nAsk an officer."},
	} {
		if got := c.Text(tc.locale, tc.variant, tc.key, tc.args); got != tc.want {
			t.Errorf("%s/%s/%s = %q, want %q", tc.locale, tc.variant, tc.key, got, tc.want)
		}
	}
	spans := c.Render("vi", text.Rich, "hello", args).Spans
	want := []text.Span{{"Hồ sơ ", false}, {"H29.1-260312-0042", true}, {" của {code} **Nguyễn**.", false}}
	if !slices.Equal(spans, want) {
		t.Errorf("spans = %v, want %v", spans, want)
	}
}

// A text is what is rendered, without its markup, whether or not there is anything
// to fill in.
func TestTextIsRendered(t *testing.T) {
	t.Parallel()
	entries := map[string]text.Entry{
		"brand": {Rich: "HCMC-DVC:"}, "word.a": {Rich: "Đang **xử lý**"}, "word.b": {Rich: "**Xong**"}, "word.c": {Rich: "Dài\nhai dòng", Screen: "Ngắn"},
		"opt": {Rich: "[[Luôn luôn.]]"}, "hello": {Rich: "{name}", Screen: "Chào {name}"}, "own": {Rich: "{brand}"},
		"error.internal": {What: "Có trục trặc.", Fix: "Thử lại sau.", Exit: "Gặp cán bộ."},
	}
	c, _ := text.NewCatalogue(both(entries, map[string]text.Entry{"brand": {Rich: "HCMC-DVC:"}, "word.a": {Rich: "In progress"}}))
	args := map[string]string{"name": "Mai"}
	for _, l := range []text.Locale{text.VI, text.EN, "xx"} {
		for _, v := range []text.Variant{text.Rich, text.Short, text.Screen, text.Spoken} {
			for _, key := range append(c.Keys(), "unknown") {
				got, want := c.Text(l, v, key, args), c.Render(l, v, key, args).String()
				if got != want || got == "" {
					t.Errorf("%s %s %s: %q, rendered %q", l, v, key, got, want)
				}
			}
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	good := text.Entry{Rich: "Xong."}
	for _, tc := range []struct {
		name   string
		vi, en text.Entry
		rule   string
	}{
		{"OK", good, good, ""},
		{"ErrMissingEnglish", good, text.Entry{}, "locale"},
		{"ErrPlaceholders", text.Entry{Rich: "{a}"}, text.Entry{Rich: "{b}"}, "placeholder"},
		{"ErrScreenUnknownPlaceholder", text.Entry{Rich: "a", Screen: "{b}"}, text.Entry{Rich: "a", Screen: "{b}"}, "placeholder"},
		{"ErrShortPlaceholders", text.Entry{Rich: "a", Short: "{brand} {b:3}"}, text.Entry{Rich: "a", Short: "{brand} {c:3}"}, "placeholder"},
		{"ErrForbiddenWord", text.Entry{Rich: "Số không hợp lệ."}, good, "word"},
		{"ErrExclamation", text.Entry{Rich: "Xong!"}, good, "word"},
		{"ErrShortAccent", text.Entry{Rich: "a", Short: "{brand} xóa"}, text.Entry{Rich: "a", Short: "{brand} x"}, "short-alphabet"},
		{"ErrShortBrand", text.Entry{Rich: "a", Short: "x"}, text.Entry{Rich: "a", Short: "{brand} x"}, "short-brand"},
		{"ErrShortUndeclared", text.Entry{Rich: "{a}", Short: "{brand} {a}"}, text.Entry{Rich: "{a}", Short: "{brand} {a:3}"}, "short-length"},
		{"ErrShortTooLong", text.Entry{Rich: "{a}", Short: "{brand} {a:149}"}, text.Entry{Rich: "{a}", Short: "{brand} {a:3}"}, "short-length"},
		{"ErrUnclosed", text.Entry{Rich: "**a"}, good, "syntax"},
		{"ErrBraces", text.Entry{Rich: "a } b"}, good, "syntax"},
		{"ErrSentence", text.Entry{Rich: strings.Repeat("chữ ", 21)}, good, "sentence"},
		{"ErrSentenceEnglish", good, text.Entry{Rich: strings.Repeat("word ", 26)}, "sentence"},
		{"ErrAbbreviation", text.Entry{Rich: "Nộp tại TTHCC."}, good, "abbreviation"},
		{"ErrLength", text.Entry{Rich: strings.Repeat("Một câu ngắn. ", 60)}, good, "length"},
		{"ErrShortMissing", text.Entry{Rich: "Mã {code}."}, text.Entry{Rich: "Code {code}."}, "short-missing"},
		{"ErrShortMissingTooLong", text.Entry{Rich: strings.Repeat("Một câu ngắn. ", 20)}, good, "short-missing"},
		{"ErrWhat", text.Entry{Rich: "a", What: "b"}, good, "error-part"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			en := map[string]text.Entry{"k": tc.en}
			if tc.rule == "locale" {
				en = nil
			}
			_, issues := text.NewCatalogue(both(map[string]text.Entry{"k": tc.vi}, en))
			if tc.rule == "" {
				if len(issues) != 0 {
					t.Fatalf("issues: %v", issues)
				}
				return
			}
			if !slices.ContainsFunc(issues, func(i text.Issue) bool { return i.Rule == tc.rule && i.Key == "k" }) {
				t.Fatalf("no %q among %v", tc.rule, issues)
			}
		})
	}
	_, issues := text.NewCatalogue(both(
		map[string]text.Entry{"error.k": {What: "a", Fix: "b"}},
		map[string]text.Entry{"error.k": {What: "a", Fix: "b", Exit: "c"}}))
	if len(issues) != 1 || issues[0].Rule != "error-part" {
		t.Errorf("an error without a way out: %v", issues)
	}
	typing := map[string]text.Entry{"notice.k": {Rich: "Gõ “cán bộ” để hỏi."}}
	_, issues = text.NewCatalogue(both(typing, map[string]text.Entry{"notice.k": {Rich: "Ask us."}}))
	if len(issues) != 1 || issues[0].Rule != "screen-typing" {
		t.Errorf("a screen that nobody can type to: %v", issues)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 12, 17, 30, 0, 0, time.UTC) // half past midnight on the 13th in the city
	for _, c := range []struct{ got, want string }{
		{text.Date(at), "13/03/2026"},
		{text.DateLong("vi", at), "thứ Sáu, 13/03/2026"},
		{text.DateLong("en", at), "Friday, 13/03/2026"},
		{text.DateTimeLong("vi", at), "thứ Sáu, 13/03/2026, 00:30"},
		{text.DateShort("vi", at), "thứ Sáu 13/03"},
		{text.DateShort("en", at.In(core.City)), "Fri 13/03"},
		{text.DateShort("vi", at.AddDate(0, 0, 2)), "Chủ nhật 15/03"},
		{text.Money("vi", 8000), "8.000 đ"}, {text.Money("en", 1234567), "1,234,567 VND"},
		{text.Money("vi", 0), "0 đ"}, {text.Money("vi", -500), "-500 đ"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
