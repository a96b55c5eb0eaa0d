package dialog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// withResult gives a conversation whose dossier came to its result, with a file of it.
func withResult(t *testing.T, caps core.Capabilities, result string) (*world, *talk) {
	t.Helper()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, caps, 15)
	if caps.ConsentCode {
		c.say("đồng ý " + c.digits())
	} else {
		c.say("đồng ý")
	}
	if len(w.dossiers) != 1 {
		t.Fatalf("%d dossiers were filed:\n%s", len(w.dossiers), c.said)
	}
	c.officer(core.StateAccepted, "", dossier.Note{})
	c.officer(core.StateProcessing, "", dossier.Note{})
	c.officer(core.StateDone, result, dossier.Note{})
	return w, c
}

// TestResultOnRequest: a result is offered to its owner and its link is sent when
// it was asked for, never before.
func TestResultOnRequest(t *testing.T) {
	t.Parallel()
	for name, caps := range map[string]core.Capabilities{"rich": richCaps(), "short": shortCaps()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := withResult(t, caps, vault.RequirementResult)
			if len(w.links) != 0 || strings.Contains(c.said, "/u/") {
				t.Fatalf("a link was sent unasked:\n%s", c.said)
			}
			tail := dossier.Tail(w.dossiers[0].Code)
			// The choice, its words, the command with and without the number, in any
			// order and after the person went elsewhere.
			for i, say := range []string{"1", "nhan ket qua", "menu", "nhận kết quả " + w.dossiers[0].Code, "0", tail, "1", "GET RESULT", "ket qua " + tail, "1"} {
				before := len(w.links)
				c.say(say)
				asked := say != "menu" && say != "0" && say != tail && say != "ket qua "+tail
				if got := len(w.links) - before; asked != (got == 1) || got > 1 {
					t.Fatalf("%d: %q gives %d links:\n%s", i, say, got, c.said)
				}
				if !asked {
					continue
				}
				l := w.links[len(w.links)-1]
				if l.DossierID != w.dossiers[0].ID || l.DraftID != "" || !l.ExpiresAt.Equal(w.now.Add(24*time.Hour)) {
					t.Errorf("%q makes the link %+v", say, l)
				}
				if !strings.Contains(c.said, "https://dvc.example/u/"+l.Token) {
					t.Errorf("%q: no link in\n%s", say, c.said)
				}
			}
			stranger := w.talk("stranger", caps)
			stranger.say(w.dossiers[0].Code)
			links := len(w.links)
			stranger.say("nhận kết quả")
			stranger.say("nhận kết quả " + w.dossiers[0].Code)
			stranger.event(core.Event{Kind: core.EventChoice, ChoiceID: "nav.result." + string(w.dossiers[0].ID)})
			if len(w.links) != links || strings.Contains(stranger.said, "/u/") {
				t.Errorf("a stranger gets a link:\n%s", stranger.said)
			}
		})
	}
}

func TestResultWithoutAFile(t *testing.T) {
	t.Parallel()
	w, c := withResult(t, richCaps(), "")
	if strings.Contains(c.said, "Nhận kết quả") {
		t.Errorf("what is not there is offered:\n%s", c.said)
	}
	c.say("hồ sơ của tôi") // here its papers are not at hand
	c.say("nhận kết quả")
	if c.last[0].Key != "result.none" || len(w.links) != 0 {
		t.Errorf("said %s:\n%s", keys(c.last), c.said)
	}
}

// TestResultWhileBusy: a result that comes in the middle of another application
// does not push the open question aside.
func TestResultWhileBusy(t *testing.T) {
	t.Parallel()
	for name, caps := range map[string]core.Capabilities{"rich": richCaps(), "short": shortCaps()} {
		w, c := withResult(t, caps, "")
		c.say("độc thân")
		c.say("1")
		c.say("phường Sài Gòn")
		c.officer(core.StateReturned, vault.RequirementResult, dossier.Note{})
		c.officer(core.StateDone, "", dossier.Note{})
		if n := c.last[0].Choices; len(n) == 0 || n[0].ID != "nav.result."+string(w.dossiers[0].ID) {
			t.Errorf("%s: no way to the result:\n%s", name, c.said)
		}
		if caps.Variant == text.Short && !strings.Contains(c.said, "NHAN KET QUA") {
			t.Errorf("%s: nothing tells how:\n%s", name, c.said)
		}
		c.event(core.Event{Kind: core.EventChoice, ChoiceID: "nav.result." + string(w.dossiers[0].ID)})
		if len(w.links) != 1 {
			t.Errorf("%s: %d links", name, len(w.links))
		}
		c.say("Trần Thị Mai")
		if c.last[0].Args["n"] != "3" {
			t.Errorf("%s: the question was lost:\n%s", name, c.said)
		}
	}
}

// longNumber is a number that may be that of an identity document.
var longNumber = regexp.MustCompile(`[0-9]{9}`)

// TestTranscriptsHoldNoWholeNumber looks through everything that is said in the
// transcripts.
func TestTranscriptsHoldNoWholeNumber(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("transcripts: %v, %v", files, err)
	}
	typed := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(raw), "\n") {
			switch found := longNumber.MatchString(line); {
			case strings.HasPrefix(line, ">") && found:
				typed++
			case strings.HasPrefix(line, " ") && found:
				t.Errorf("%s:%d says %s", f, i+1, line)
			}
		}
	}
	if typed < 5 {
		t.Fatalf("only %d numbers are typed: the scan shows nothing", typed)
	}
}

// TestNoMessageCarriesAWholeNumber types an identity number wherever something is
// typed, and lets officers write one.
func TestNoMessageCarriesAWholeNumber(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	const id = "079088000034"
	for name, caps := range map[string]core.Capabilities{"rich": richCaps(), "short": shortCaps()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			masked := "0790******34"
			if !caps.Private {
				masked = "..34"
			}
			w := newWorld(t, cat, noon())
			c := applying(t, w, caps, 15)
			seen := 0
			say := func(s string) {
				t.Helper()
				c.say(s)
				if longNumber.MatchString(c.said) || strings.Contains(c.said, "0790 8800 0034") {
					t.Errorf("after %q:\n%s", s, c.said)
				}
				seen += strings.Count(c.said, masked)
			}
			// Every line of the summary, those nobody is asked for included.
			for n := 1; n <= 40; n++ {
				say(fmt.Sprintf("sửa %d", n))
				if strings.HasPrefix(c.last[0].Key, "summary") {
					continue
				}
				for _, s := range []string{id, "giấy 0790 8800 0034", "số " + id + ", cấp 5/3/2021", "giữ nguyên", "xem lại"} {
					say(s)
				}
			}
			for _, s := range []string{"menu", id, "tra cứu " + id, "bổ sung " + id, "phường " + id, "sửa " + id, "tiếp tục", "xem lại", "english", "review"} {
				say(s)
			}
			if seen < 5 {
				t.Errorf("the masked number is seen %d times: the test types in vain", seen)
			}
		})
	}
	_, c := withResult(t, richCaps(), "")
	c.officer(core.StateStopped, "other", dossier.Note{Advice: "Số " + id + " không khớp"})
	if strings.Contains(c.said, id) || !strings.Contains(c.said, "0790******34") {
		t.Errorf("an officer's words are passed on as they are:\n%s", c.said)
	}
}

// TestTheOldDraftStays begins something else over an open draft and goes back.
func TestTheOldDraftStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 5)
	old := c.conv.DraftID
	c.say("menu")
	c.say("khai sinh")
	c.say("1")
	if c.last[0].Key != "start.open" {
		t.Fatalf("nothing is asked before another application:\n%s", c.said)
	}
	c.tap("Bắt đầu hồ sơ mới")
	if c.conv.DraftID == old || !strings.Contains(c.said, "hồ sơ của tôi") {
		t.Fatalf("the new application does not tell where the old one is:\n%s", c.said)
	}
	young := c.conv.DraftID
	c.say("hồ sơ của tôi")
	if c.last[0].Key != "status.list" || c.last[0].Args["count"] != "2" {
		t.Fatalf("said %s:\n%s", keys(c.last), c.said)
	}
	c.tap("Làm dở: Xác nhận tình trạng hôn nhân")
	if c.conv.DraftID != old || c.last[0].Args["n"] != "5" {
		t.Fatalf("does not go on with the old draft at its question 5:\n%s", c.said)
	}
	// The other one waits now; deleting this one leads back to it.
	c.say("xóa nháp")
	c.say("1")
	if w.drafts[old].State != core.DraftDropped {
		t.Fatalf("the draft is %s", w.drafts[old].State)
	}
	c.say("tiếp tục")
	c.tap("Làm dở: Đăng ký khai sinh")
	if c.conv.DraftID != young {
		t.Fatalf("does not go on with the other draft:\n%s", c.said)
	}
	c.say("menu")
	c.say("độc thân")
	c.say("1")
	c.tap("Bắt đầu hồ sơ mới")
	// A draft that was finished elsewhere is not offered, and a button of it that is
	// still there is explained.
	c.say("hồ sơ của tôi")
	button := core.Choice{}
	for _, ch := range c.last[0].Choices {
		if strings.Contains(ch.Label, "khai sinh") {
			button = ch
		}
	}
	d := w.drafts[young]
	d.State = core.DraftSubmitted
	w.drafts[young] = d
	c.event(core.Event{Kind: core.EventChoice, ChoiceID: button.ID})
	if !strings.Contains(c.said, "không còn") || c.conv.DraftID == young {
		t.Errorf("a draft that is gone:\n%s", c.said)
	}
}

// TestNoDraftIsForgotten begins more applications than a conversation keeps.
func TestNoDraftIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("a", richCaps())
	begun := map[core.ID]bool{}
	for i := range 9 {
		c.say("menu")
		c.say([]string{"độc thân", "khai sinh"}[i%2])
		c.tap("Nộp ngay tại đây")
		if c.last[0].Key == "start.open" {
			c.tap("Bắt đầu hồ sơ mới")
		}
		begun[c.conv.DraftID] = true
	}
	if c.last[0].Key != "status.list" || !strings.Contains(c.said, "xóa một hồ sơ trước") {
		t.Fatalf("the ninth application:\n%s", c.said)
	}
	open := 0
	for _, d := range w.drafts {
		if d.State == core.DraftOpen {
			open++
		}
	}
	listed := 0
	c.say("hồ sơ của tôi")
	for _, ch := range c.last[0].Choices {
		if strings.HasPrefix(ch.Label, "Làm dở") {
			listed++
		}
	}
	if open != listed || open != len(begun) || open != 6 {
		t.Errorf("%d drafts are open, %d listed, %d were begun", open, listed, len(begun))
	}
}

// TestAnothersDraftIsNotReached: a draft that its citizen took over elsewhere is
// theirs.
func TestAnothersDraftIsNotReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 4)
	old := c.conv.DraftID
	c.say("menu")
	c.say("khai sinh")
	c.say("1")
	c.tap("Bắt đầu hồ sơ mới")
	c.say("hồ sơ của tôi")
	button := c.last[0].Choices[1]
	d := w.drafts[old]
	d.CitizenID = w.id()
	w.drafts[old] = d
	c.say("hồ sơ của tôi")
	if strings.Contains(c.said, "hôn nhân") {
		t.Errorf("somebody else's draft is listed:\n%s", c.said)
	}
	c.event(core.Event{Kind: core.EventChoice, ChoiceID: button.ID})
	if c.conv.DraftID == old {
		t.Errorf("somebody else's draft is gone on with:\n%s", c.said)
	}
}

// TestARequestIsNoName: what asks for a procedure or a place is asked back in place
// of a name; names are names.
func TestARequestIsNoName(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, s := range []string{
		"xin xác nhận độc thân", "khai sinh cho con cần gì", "Khai sinh cho con cần gì?", "dang ky khai sinh", "lam giay khai sinh",
		"đăng ký kết hôn", "làm hộ khẩu", "phường Bến Nghé", "bến nghé quận 1",
	} {
		w := newWorld(t, cat, noon())
		c := applying(t, w, richCaps(), 2)
		c.say(s)
		if c.last[0].Key != "ask.clarify" || !strings.Contains(c.said, "hỏi về") {
			t.Errorf("%q is answered by %s:\n%s", s, keys(c.last), c.said)
			continue
		}
		c.say("2")
		if k := c.last[0].Key; k != "card" && k != "office.found" || !strings.Contains(c.said, "Đã lưu") {
			t.Errorf("%q leads to %s:\n%s", s, k, c.said)
		}
		c.say("tiếp tục")
		if c.last[0].Args["n"] != "2" {
			t.Errorf("%q: the question was lost:\n%s", s, c.said)
		}
	}
	for _, s := range []string{
		"Trần Thị Mai", "Nguyễn Thái Bình", "Phạm Ngũ Lão", "Võ Thị Sáu", "Lý Thường Kiệt", "Đặng Khai Sinh Nhật", "Hồ Sơ Khai",
		"Đỗ Độc Lập", "nguyen thi hon", "Lê Thị Chứng", "H'Hen Niê", "John Smith", "Nguyễn Chí Thanh",
	} {
		w := newWorld(t, cat, noon())
		c := applying(t, w, richCaps(), 2)
		c.say(s)
		if c.last[0].Key == "ask.clarify" {
			t.Errorf("the name %q is asked back:\n%s", s, c.said)
		}
	}
}

// TestShortSummaryFitsThreeMessages holds the budget of a narrow channel, and every
// line can be seen on request.
func TestShortSummaryFitsThreeMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, shortCaps(), 15)
	if len(c.last) > 3 {
		t.Errorf("the summary takes %d messages:\n%s", len(c.last), c.said)
	}
	brief := strings.Join(strings.Fields(c.said), " ")
	for _, n := range []string{" 2 Ho ten", " 3 So dinh danh", " 13 "} {
		if !strings.Contains(brief, n) {
			t.Errorf("%q is not in\n%s", n, c.said)
		}
	}
	for _, copied := range []string{" 6 ", " 10 ", " 11 ", " 12 "} {
		if strings.Contains(brief, ";"+copied) {
			t.Errorf("%q was copied and is in\n%s", copied, c.said)
		}
	}
	if !strings.Contains(brief, "XEM LAI") {
		t.Errorf("nothing tells how to see everything:\n%s", c.said)
	}
	c.say("xem lai")
	whole := strings.Join(strings.Fields(c.said), " ")
	for n := 1; n <= 14; n++ {
		if !strings.Contains(whole, fmt.Sprintf(" %d ", n)) {
			t.Errorf("line %d is not in\n%s", n, c.said)
		}
	}
}

// TestReviewFieldsAreReached: what is not asked for can be filled in from the list
// of lines.
func TestReviewFieldsAreReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 15)
	for _, label := range []string{"Giấy tờ tùy thân người dự định", "Nơi dự định kết hôn"} {
		c.say("sửa")
		digit := ""
		for _, ch := range c.last[0].Choices {
			if strings.Contains(ch.Label, label) {
				digit = ch.Digit
			}
		}
		if digit == "" {
			t.Fatalf("%s is not listed:\n%s", label, c.said)
		}
		c.say("sửa " + digit)
		c.say("phường Sài Gòn 12")
		for c.last[0].Key == "ask.pick" || c.last[0].Key == "ask.confirm" {
			c.say("1")
		}
	}
	c.say("xem lại")
	if !strings.Contains(c.said, "Nơi dự định kết hôn: ") || !strings.Contains(c.said, "Giấy tờ tùy thân người dự định kết hôn: phường Sài Gòn 12") {
		t.Errorf("the summary:\n%s", c.said)
	}
}
