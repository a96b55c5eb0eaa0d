package dialog_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
)

// A form that changed under an open draft is said once; what changed is asked
// again, and the summary marks it.
func TestAChangedFormIsSaidOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 7)
	d := w.drafts[c.conv.DraftID]
	var a core.DraftAnswers
	if err := core.OpenJSON(d.Answers, &a); err != nil {
		t.Fatal(err)
	}
	asked := a.Fields["subject.birthDate"]
	if asked.Type != "date" {
		t.Fatalf("the answer does not say what was asked: %+v", asked)
	}
	asked.Rev = 7 // of another question than the form asks now
	a.Fields["subject.birthDate"] = asked
	sealed, err := core.SealJSON(a)
	if err != nil {
		t.Fatal(err)
	}
	d.Answers, d.FormVersion = sealed, "0"
	w.drafts[d.ID] = d
	said := func(words string) string { return c.show(c.say(words)) }
	const notice = "1 câu đã đổi, bạn chỉ trả lời lại những câu này."
	first := said("tiếp tục")
	if !strings.Contains(first, notice) || !strings.Contains(first, "sinh") {
		t.Errorf("%s", first)
	}
	if again := said("nhắc lại"); strings.Contains(again, notice) {
		t.Errorf("said twice: %s", again)
	}
	said("5/9/1990")
	if summary := said("xem lại"); !strings.Contains(summary, "05/09/1990 (câu đã đổi)") || strings.Count(summary, "(câu đã đổi)") != 1 {
		t.Errorf("%s", summary)
	}
}
