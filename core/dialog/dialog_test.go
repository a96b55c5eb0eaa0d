package dialog_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/text"
)

func noon() time.Time { return time.Date(2026, 11, 12, 5, 0, 0, 0, time.UTC) }

// prompts gives the keys of what was said.
func keys(ps []core.Prompt) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Key)
	}
	return strings.Join(out, " ")
}

// applying gives a conversation in which the marital-status application stands
// at its n-th question.
func applying(t testing.TB, w *world, caps core.Capabilities, n int) *talk {
	t.Helper()
	c := w.talk("a", caps)
	c.say("độc thân")
	c.say("1")
	answers := []string{"phường Sài Gòn", "Trần Thị Mai", "079190001234", "12 Lê Lợi, phường Sài Gòn", "1", "4/9/1990", "Kinh", "1", "1",
		"Phùng Khắc Vũ", "1", "0912345678", "2", "2"}
	for _, a := range answers[:n-1] {
		c.say(a)
		for c.last[0].Key == "ask.pick" || c.last[0].Key == "ask.confirm" {
			c.say("1")
		}
	}
	return c
}

func TestGrammarAtAQuestion(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	const (
		nameQ   = 2
		idQ     = 3
		choiceQ = 5
		dateQ   = 6
		factQ   = 13
	)
	for _, tc := range []struct {
		name string
		at   int
		say  string
		want string // keys said
		arg  string // "name=value" that the last prompt must hold, or ""
	}{
		{"dung at a name is asked back", nameQ, "dung", "ask.clarify", "said=dung"},
		{"Dung at a name is asked back", nameQ, "Dung", "ask.clarify", "said=Dung"},
		{"huy at a name is asked back", nameQ, "huy", "ask.clarify", ""},
		{"Huỷ at a name is asked back", nameQ, "Huỷ", "ask.clarify", ""},
		{"Hồng at a name is asked back", nameQ, "Hồng", "ask.clarify", ""},
		{"Vi at a name is asked back", nameQ, "Vi", "ask.clarify", ""},
		{"Én at a name is asked back", nameQ, "Én", "ask.clarify", ""},
		{"Vang at a name is asked back", nameQ, "Vang", "ask.clarify", ""},
		{"Đà at a name is asked back", nameQ, "Đà", "ask.clarify", ""},
		{"a whole name is a name", nameQ, "Nguyễn Thị Hồng Vi", "ask", "n=3"},
		{"huỷ bỏ is a command", nameQ, "huỷ bỏ", "cancelled", ""},
		{"HUY BO is a command", nameQ, "HUY BO", "cancelled", ""},
		{"decomposed hủy bỏ is a command", nameQ, "hu\u0309y bo\u0309", "cancelled", ""},
		{"menu is a command", nameQ, "Menu.", "home", ""},
		{"0 is an answer, and a bad one", nameQ, "0", "home", ""},
		{"full-width digits are an answer", idQ, "０７９１９０００１２３４", "ask", "n=4"},
		{"zero-width characters do not count", idQ, "0791\u200b9000\u200b1234", "ask", "n=4"},
		{"0 at a choice is the menu", choiceQ, "0", "home", ""},
		{"9 at a choice is back", choiceQ, "9", "ask", "n=4"},
		{"* at a choice is back", choiceQ, "*", "ask", "n=4"},
		{"quay lại is back anywhere", dateQ, "quay lại", "ask", "n=5"},
		{"5 at a choice is the fifth", choiceQ, "5", "ask", "n=6"},
		{"so 2 is the second", choiceQ, "số 2", "ask", "n=6"},
		{"the words of a choice are the choice", choiceQ, "ban than", "ask", "n=6"},
		{"bà at a choice is a grandparent", choiceQ, "ong ba", "ask", "n=6"},
		{"8 is no choice", choiceQ, "8", "ask", "n=5"},
		{"a date as people type it", dateQ, "ngay 5 thang 3 nam 1990", "ask", "n=7"},
		{"smart quotes do not hurt", factQ, "“có”", "ask", "n=14"},
		{"co is yes", factQ, "co", "ask", "n=14"},
		{"cô is not yes", factQ, "cô", "ask", "n=13"},
		{"ko is no", factQ, "ko", "ask", "n=14"},
		{"k is no", factQ, "K", "ask", "n=14"},
		{"dc is yes", factQ, "dc", "ask", "n=14"},
		{"không is no", factQ, "Không", "ask", "n=14"},
		{"dung is neither", factQ, "dung", "ask", "n=13"},
		{"đúng is yes", factQ, "đúng", "ask", "n=14"},
		{"dừng is not yes", factQ, "dừng", "ask", "n=13"},
		{"không biết is unknown", factQ, "khong biet", "ask", "n=14"},
		{"0 at yes or no is the menu", factQ, "0", "home", ""},
		{"ĐỒNG Ý is yes where nothing is signed", factQ, "ĐỒNG Ý", "ask", "n=14"},
		{"slash forms work everywhere", dateQ, "/menu", "home", ""},
		{"a slash form may name the bot", dateQ, "/help@motcua_bot", "help.ask", ""},
		{"dừng tin stops notices, not the answer", dateQ, "dừng tin", "notices.off.open", ""},
		{"DUNG TIN stops notices", dateQ, "DUNG TIN", "notices.off.open", ""},
		{"a dossier code is looked up", dateQ, "H29.15-260312-0042", "ask", "n=6"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cat, noon())
			c := applying(t, w, richCaps(), tc.at)
			if got := c.last[len(c.last)-1].Args["n"]; got != fmt.Sprint(tc.at) {
				t.Fatalf("stands at question %s, want %d: %s", got, tc.at, c.said)
			}
			ps := c.say(tc.say)
			if got := keys(ps); got != tc.want {
				t.Fatalf("%q is answered by %s, want %s:\n%s", tc.say, got, tc.want, c.show(ps))
			}
			if name, value, ok := strings.Cut(tc.arg, "="); ok && ps[len(ps)-1].Args[name] != value {
				t.Fatalf("%q: %s = %q, want %q:\n%s", tc.say, name, ps[len(ps)-1].Args[name], value, c.show(ps))
			}
		})
	}
}

// TestNobodyCanSubmitByAccident says at the summary everything that must not be
// a legal consent.
func TestNobodyCanSubmitByAccident(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		for _, s := range []string{"1", "2", "dung", "đúng", "có", "ok", "yes", "xong", "nop", "DONG Y 0000", "dong y 12345", "👍", "4821"} {
			w := newWorld(t, cat, noon())
			c := applying(t, w, caps, 15)
			if got := c.last[len(c.last)-1].Key; got != "summary" && got != "summary.consent" {
				t.Fatalf("stands at %s, not at the summary:\n%s", got, c.said)
			}
			if s == "DONG Y 0000" && !caps.ConsentCode {
				continue
			}
			c.say(s)
			if len(w.dossiers) != 0 {
				t.Errorf("%q filed a dossier (code needed: %v)", s, caps.ConsentCode)
			}
		}
	}
	w := newWorld(t, cat, noon())
	c := applying(t, w, shortCaps(), 15)
	c.say("dong y")
	if len(w.dossiers) != 0 {
		t.Fatal("the words alone filed a dossier where digits are needed")
	}
	c.say("Đồng ý " + c.digits())
	if len(w.dossiers) != 1 {
		t.Fatalf("words and digits filed %d dossiers:\n%s", len(w.dossiers), c.said)
	}
	w = newWorld(t, cat, noon())
	c = applying(t, w, richCaps(), 15)
	first := c.last
	c.tap("Đồng ý và nộp")
	c.last = first
	c.tap("Đồng ý và nộp")
	c.say("đồng ý")
	if len(w.dossiers) != 1 {
		t.Fatalf("a double press filed %d dossiers", len(w.dossiers))
	}
	if !strings.Contains(c.said, "H29.26740-261112-0001") {
		t.Errorf("the second press does not show the dossier:\n%s", c.said)
	}
}

// TestTheDigitsBelongToTheAnswers draws new digits when an answer changed.
func TestTheDigitsBelongToTheAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, shortCaps(), 15)
	old := c.digits()
	c.say("sua 2")
	c.say("Nguyễn Thị Mai")
	if c.digits() == old || old == "" {
		t.Fatalf("digits before and after a change: %q, %q", old, c.digits())
	}
	c.say("DONG Y " + old)
	if len(w.dossiers) != 0 {
		t.Fatal("the digits of the former answers filed a dossier")
	}
}

// TestPrivacyOfOpenChannels says nothing personal where others may read: names
// as initials, numbers by their last two digits.
func TestPrivacyOfOpenChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, shortCaps(), 15)
	for _, s := range []string{"xem lai", "sua 3", "xem lai", "sua 2", "trần", "tro giup", "CB", "english", "review"} {
		c.say(s)
		for _, secret := range []string{"Mai", "Tran Thi", "Phung", "Khac", "07919", "0791", "12 Le Loi", "0912 345", "912345", "34567"} {
			if strings.Contains(c.said, secret) {
				t.Errorf("after %q the answer shows %q:\n%s", s, secret, c.said)
			}
		}
	}
}

// TestTurnIsAFunction takes every turn of a conversation twice.
func TestTurnIsAFunction(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	play := func() (outs []string) {
		w := newWorld(t, cat, noon())
		c := applying(t, w, richCaps(), 15)
		for _, s := range []string{"sửa 2", "Nguyễn Văn Hồng", "chuyển máy", "xem lại", "đồng ý", "hồ sơ của tôi"} {
			out := c.event(core.Event{Kind: core.EventText, Text: s})
			b, err := json.Marshal(out.Prompts)
			if err != nil {
				t.Fatal(err)
			}
			outs = append(outs, string(b)+string(out.Conversation.State)+fmt.Sprint(out.Commands))
		}
		return outs
	}
	if a, b := play(), play(); !reflect.DeepEqual(a, b) {
		t.Fatalf("two runs differ:\n%v\n%v", a, b)
	}
}

// TestNothingIsAskedTwice fills the form on two channels in turn.
func TestNothingIsAskedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	a := applying(t, w, richCaps(), 4)
	a.say("chuyển máy")
	code := w.newest
	b := w.talk("b", shortCaps())
	b.say(strings.ToLower(code[:4] + "-" + code[4:]))
	if got := b.last[0].Args["n"]; got != "4" {
		t.Fatalf("goes on at question %s, want 4:\n%s", got, b.said)
	}
	a.event(core.Event{Kind: core.EventMoved, DraftID: a.conv.DraftID, Text: "b"})
	if a.last[0].Key != "moved" {
		t.Errorf("the old channel is told %s", a.last[0].Key)
	}
	b.say("12 Lê Lợi, phường Sài Gòn")
	a.say("tiếp tục")
	if got := a.last[0].Args["n"]; got != "5" {
		t.Errorf("back on the first channel at question %s, want 5:\n%s", got, a.said)
	}
	c := w.talk("c", richCaps())
	c.say(code)
	if c.last[0].Key != "error.handoff.used" {
		t.Errorf("a used code is answered by %s", c.last[0].Key)
	}
	w.now = w.now.Add(20 * time.Minute)
	b.say("chuyển máy")
	code = w.newest
	w.now = w.now.Add(20 * time.Minute)
	c.say(code)
	if c.last[0].Key != "error.handoff.expired" {
		t.Errorf("an old code is answered by %s", c.last[0].Key)
	}
}

// TestAlbumHasOneAnswer lets verdicts and quiet arrive in every order.
func TestAlbumHasOneAnswer(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for order := range 6 {
		w := newWorld(t, cat, noon())
		c := w.talk("a", richCaps())
		c.say("khai sinh")
		c.say("1")
		for range 60 {
			if c.last[0].Key == "paper" {
				break
			}
			fillAny(c)
		}
		if c.last[0].Key != "paper" {
			t.Fatalf("no paper was asked for:\n%s", c.said)
		}
		var ids []core.ID
		said := 0
		for range 2 {
			out := c.event(core.Event{Kind: core.EventMedia, Group: "g", Media: []core.Media{{Ref: "r"}}})
			said += len(out.Prompts)
			for _, cmd := range out.Commands {
				if add, ok := cmd.(dialog.AddPages); ok {
					ids = append(ids, add.Pages[0].ID)
				}
			}
		}
		steps := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}[order]
		for _, s := range steps {
			ev := core.Event{Kind: core.EventQuiet, Group: "g", Seq: 2}
			if s < 2 {
				w.page(ids[s]).State = core.PageReady
				ev = core.Event{Kind: core.EventPage, PageID: ids[s]}
			}
			said += len(c.event(ev).Prompts)
		}
		said += len(c.event(core.Event{Kind: core.EventQuiet, Group: "g", Seq: 1}).Prompts)
		if said != 1 || c.last[0].Key != "paper.got" || c.last[0].Args["got"] != "2" {
			t.Errorf("order %v: %d answers, the last %s:\n%s", steps, said, keys(c.last), c.said)
		}
	}
}

// fillAny answers whatever is asked with something that fits.
func fillAny(c *talk) {
	p := c.last[len(c.last)-1]
	for _, ch := range p.Choices {
		if ch.Digit == "1" {
			c.event(core.Event{Kind: core.EventChoice, ChoiceID: ch.ID})
			return
		}
	}
	for _, s := range []string{"Trần Thị Mai", "5/3/2026", "0912345678", "079190001234", "Kinh", "12 Lê Lợi, phường Sài Gòn", "phường Sài Gòn", "3", "1990"} {
		if n := p.Args["n"]; len(c.say(s)) == 0 || c.last[0].Args["n"] != n || c.last[0].Key != "ask" {
			return
		}
	}
	c.say("bỏ qua")
}

// TestStaleButtons are answered with the question that is open.
func TestStaleButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, richCaps(), 5)
	old := c.last[0].Choices[0].ID
	c.say("1")
	ps := c.event(core.Event{Kind: core.EventChoice, ChoiceID: old}).Prompts
	if ps[0].Args["n"] != "6" || !strings.Contains(ps[0].Args["lead"], "cũ") {
		t.Errorf("an old button is answered so:\n%s", c.show(ps))
	}
}

// TestLookUpNeedsOneMessage holds the budget of look-ups on a narrow channel (UX-01).
func TestLookUpNeedsOneMessage(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, p := range cat.Procedures() {
		w := newWorld(t, cat, noon())
		c := w.talk("s", shortCaps())
		ps := c.say(p.Short.Vi)
		if len(ps) != 1 || ps[0].Key != "card" {
			t.Errorf("%s (%q) is answered by %s", p.Code, p.Short.Vi, keys(ps))
			continue
		}
		if n, ok := text.Septets(strings.TrimSpace(c.show(ps))); !ok || n > 160 {
			t.Errorf("%s takes %d septets: %s", p.Code, n, c.show(ps))
		}
	}
}

// TestWhatCanBeRepeatedCanBeVaried: a message that takes a lead takes it in every
// variant, so that it is never the same sentence twice.
func TestWhatCanBeRepeatedCanBeVaried(t *testing.T) {
	t.Parallel()
	msg := loadPack(t).Messages()
	for _, key := range msg.Keys() {
		for _, l := range text.Locales() {
			short, _, ok := msg.ShortTemplate(l, key)
			if ok && slices.Contains(msg.Placeholders(l, key), "lead") && !strings.Contains(short, "{lead:") {
				t.Errorf("%s %s: the short variant has no lead", l, key)
			}
		}
	}
}
