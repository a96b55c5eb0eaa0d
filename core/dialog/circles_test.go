package dialog_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// TestTalkInCircles: a machine that answers our answers gets six of them in ten
// minutes; whoever says something we understand is answered all the same.
func TestTalkInCircles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	short, rich := w.talk("short", shortCaps()), w.talk("rich", richCaps())
	answers := func(c *talk, n int) (said int) {
		for range n {
			said += min(1, len(c.say("zzqq")))
		}
		return said
	}
	if n := answers(short, 9); n != 6 {
		t.Errorf("nine senseless messages have %d answers, want 6", n)
	}
	if len(short.say("KHAI SINH")) == 0 {
		t.Error("what is understood has no answer")
	}
	if n := answers(short, 9); n != 6 {
		t.Errorf("after something sensible nine senseless messages have %d answers, want 6", n)
	}
	w.now = w.now.Add(10 * time.Minute)
	if n := answers(short, 2); n != 2 {
		t.Errorf("ten minutes later %d of 2 are answered", n)
	}
	if n := answers(rich, 9); n != 9 {
		t.Errorf("where a message costs nothing %d of 9 are answered", n)
	}
}

// TestGroupIsToldOnce: a group that goes on talking hears nothing more.
func TestGroupIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("rich", richCaps())
	public := func() int { return len(c.event(core.Event{Kind: core.EventPublic}).Prompts) }
	if public() != 1 {
		t.Fatal("the first message in a group has no answer")
	}
	for range 3 {
		w.now = w.now.Add(50 * time.Minute)
		if public() != 0 {
			t.Fatal("a group that talks is told again and again")
		}
	}
	w.now = w.now.Add(time.Hour)
	if public() != 1 {
		t.Error("after an hour of silence the group is not told again")
	}
}

// TestSmallTalk: greetings, polite forms and a yes or no without a question.
func TestSmallTalk(t *testing.T) {
	t.Parallel()
	pack := loadPack(t)
	for _, said := range []string{"xin chào", "Alo", "hello"} {
		c := newWorld(t, pack, noon()).talk("rich", richCaps())
		if c.say(said); c.last[0].Key != "home" {
			t.Errorf("%q is answered with %s", said, c.last[0].Key)
		}
	}
	for _, said := range []string{"không", "vâng ạ", "dạ không", "không biết"} {
		c := newWorld(t, pack, noon()).talk("rich", richCaps())
		if c.say(said); c.last[0].Key != "error.lost" {
			t.Errorf("%q without a question is answered with %s", said, c.last[0].Key)
		}
	}
	for _, said := range []string{"dạ đúng rồi", "đúng ạ", "da dung roi"} {
		c := newWorld(t, pack, noon()).talk("rich", richCaps())
		c.say("xin xác nhận độc thân")
		c.say("1")
		c.say("bến nghé quận 1")
		if c.say(said); c.last[0].Args["n"] != "2" {
			t.Errorf("%q does not confirm the ward: %s", said, c.said)
		}
	}
}

// TestYesKeepsWhatStands: at an answered question a yes keeps the answer.
func TestYesKeepsWhatStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 3)
	n := c.last[0].Args["n"]
	c.say("quay lại")
	current := c.last[0].Args["current"]
	if current == "" {
		t.Fatalf("going back does not show the answer: %s", c.said)
	}
	if c.say("đồng ý"); c.last[0].Args["n"] != n {
		t.Errorf("a yes does not keep the answer: %s", c.said)
	}
	if c.say("quay lại"); c.last[0].Args["current"] != current {
		t.Errorf("a yes became the answer: %s", c.said)
	}
}

// TestNoConsentBeforeTheEnd: while questions are open nothing offers to file.
func TestNoConsentBeforeTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	for _, said := range []string{"sửa 99", "dung", "5", "tùy"} {
		c := applying(t, w, richCaps(), 6)
		c.say("xem lại")
		c.say(said)
		for _, ch := range c.last[len(c.last)-1].Choices {
			if ch.Key == "choice.consent" {
				t.Errorf("%q on unfinished answers offers to file:\n%s", said, c.said)
			}
		}
	}
	c := applying(t, w, richCaps(), 6)
	n := c.last[0].Args["n"]
	c.say("xem lại")
	if c.say("xong"); c.last[0].Key != "ask" || c.last[0].Args["n"] != n {
		t.Errorf("“xong” does not go on with the open question:\n%s", c.said)
	}
}

// TestStrayAlbum: an album that nobody asked for has one answer too.
func TestStrayAlbum(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("rich", richCaps())
	c.say("menu")
	said := 0
	for range 4 {
		said += len(c.event(core.Event{Kind: core.EventMedia, Group: "g", Media: []core.Media{{Ref: "x", MIME: "image/jpeg"}}}).Prompts)
	}
	if said != 1 {
		t.Errorf("an album of four has %d answers", said)
	}
}

// TestMissingPageIsJustSent: who is told what is missing may send it right away.
func TestMissingPageIsJustSent(t *testing.T) {
	t.Parallel()
	item := func(requirement string) core.SupplementItem {
		return core.SupplementItem{Requirement: requirement, Reason: dossier.ReasonMissing}
	}
	w := newWorld(t, loadPack(t), noon())
	c := filed(t, w)
	c.officer(core.StateSupplement, "", dossier.Note{Items: []core.SupplementItem{item("divorce_or_death")}})
	ps := c.photos("", "good")
	if len(ps) != 1 || ps[0].Key != "supplement.got" {
		t.Errorf("a page for the one missing paper is answered with %s:\n%s", keys(ps), c.said)
	}

	w = newWorld(t, loadPack(t), noon())
	c = filed(t, w)
	c.officer(core.StateSupplement, "", dossier.Note{Items: []core.SupplementItem{item("divorce_or_death"), item("residence_proof")}})
	before := len(c.all)
	if ps := c.photos("g", "good", "good"); len(ps) != 1 || len(c.all) != before {
		t.Errorf("an album for one of two papers has %d answers and %d effects:\n%s", len(ps), len(c.all)-before, c.said)
	}
}

// filed gives a conversation that has just filed an application.
func filed(t testing.TB, w *world) *talk {
	t.Helper()
	c := applying(t, w, richCaps(), 15)
	for range 5 {
		if c.last[0].Key == "summary" {
			break
		}
		c.say("bỏ qua")
	}
	if c.say("đồng ý"); c.last[0].Key != "submitted" {
		t.Fatalf("the application is not filed:\n%s", c.said)
	}
	return c
}
