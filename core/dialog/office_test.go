package dialog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// The answer of every office fits one segment, open and closed, with the longest
// queue, in both languages, asked with a procedure of each kind and without; and it
// says both whether the office is open and when.
func TestOfficeFitsOneSegment(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	e := dialog.New(cat, dossier.New(cat))
	msg := cat.Messages()
	queue := catalog.Queue{Waiting: 999, Counters: 12}
	longest := 0
	for _, at := range []time.Time{
		time.Date(2026, 11, 25, 9, 0, 0, 0, core.City), time.Date(2027, 2, 4, 17, 0, 0, 0, core.City), time.Date(2026, 11, 25, 12, 0, 0, 0, core.City),
	} {
		w := newWorld(t, cat, at.UTC())
		for _, procedure := range []string{"", "1.000656", "1.001193", "1.004194"} {
			for i, ward := range cat.Wards() {
				if i%7 != 0 && len(ward.Name) < 18 {
					continue
				}
				c := w.talk("short-"+at.Format(time.RFC3339)+procedure+ward.Code, shortCaps())
				if procedure != "" {
					c.say(procedure)
				}
				c.say("dia chi")
				out := c.event(core.Event{Kind: core.EventText, Text: ward.FullName()})
				if len(out.Prompts) != 1 {
					t.Fatalf("%s: %d answers", ward.FullName(), len(out.Prompts))
				}
				p := out.Prompts[0]
				if p.Key == "office.many" {
					out = c.event(core.Event{Kind: core.EventText, Text: "1"})
					p = out.Prompts[0]
				}
				if p.Key != "office.found" || p.Args["opening"] == "" {
					t.Fatalf("%s: %+v", ward.FullName(), p)
				}
				if open := at.Hour() == 9; (out.Queue != nil) != open {
					t.Errorf("%s at %s: the queue is asked for: %v", ward.Code, at, out.Queue)
				}
				if out.Queue != nil {
					e.FillQueue(&p, queue, c.caps)
				}
				n, ok := text.Septets(strings.TrimSpace(c.show([]core.Prompt{p})))
				if longest = max(longest, n); !ok || n > 160 {
					t.Errorf("%d septets: %s", n, c.show([]core.Prompt{p}))
				}
				if strings.Contains(msg.Text(p.Locale, text.Short, p.Key, p.Args), "..") {
					t.Errorf("something is cut: %s", c.show([]core.Prompt{p}))
				}
			}
		}
	}
	if longest < 100 {
		t.Errorf("the longest takes %d septets: nothing long was tried", longest)
	}
}

// The queue of an open office is told with its time where there is room.
func TestQueueIsTold(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	e := dialog.New(cat, dossier.New(cat))
	at := time.Date(2026, 11, 25, 9, 45, 0, 0, core.City)
	w := newWorld(t, cat, at.UTC())
	queue := catalog.Queue{Waiting: 7, At: at.Add(-5 * time.Minute)}
	for name, row := range map[string]struct {
		caps core.Capabilities
		want string
	}{
		"rich": {richCaps(), "Đang mở cửa đến 11:30. Đang chờ: 7 người (lúc 09:40)."}, "short": {shortCaps(), "dang mo den 11:30, cho 7 nguoi."},
	} {
		c := w.talk(name, row.caps)
		out := c.event(core.Event{Kind: core.EventText, Text: "phường Sài Gòn"})
		if out.Queue == nil || out.Queue.Ward != "26740" {
			t.Fatalf("%s: %+v", name, out.Queue)
		}
		if before := c.show(out.Prompts); strings.Contains(before, "chờ") || strings.Contains(before, "cho ") {
			t.Errorf("%s: a queue nobody knows is told: %s", name, before)
		}
		e.FillQueue(&out.Prompts[out.Queue.Prompt], queue, c.caps)
		if got := c.show(out.Prompts); !strings.Contains(got, row.want) {
			t.Errorf("%s: no %q in %s", name, row.want, got)
		}
	}
}

// A code that was not looked up, because too many did not exist, is answered with
// when to try again, and says nothing of the dossier.
func TestCodesAreAskedForTooOften(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	at := time.Date(2026, 11, 25, 9, 45, 0, 0, core.City)
	w := newWorld(t, cat, at.UTC())
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		c := w.talk("codes"+string(caps.Variant), caps)
		out := c.event(core.Event{Kind: core.EventText, Text: "hồ sơ H29.26740-261112-0001 tới đâu rồi"})
		if !out.UnknownCode || out.Prompts[0].Key != "error.dossier.unknown" {
			t.Errorf("a code that does not exist: %v %+v", out.UnknownCode, out.Prompts)
		}
		in := dialog.Input{
			Event: core.Event{Kind: core.EventText, Text: "H29.26740-261112-0001"}, Caps: caps, Now: at,
			Found: dialog.Found{Wait: 9 * time.Second}, NewID: w.id, Random: func(n int) []byte { return make([]byte, n) },
		}
		got := dialog.New(cat, dossier.New(cat)).Turn(in)
		if got.UnknownCode || got.Prompts[0].Key != "error.dossier.wait" || got.Prompts[0].Args["at"] != "09:46" {
			t.Errorf("a code that is not looked up: %v %+v", got.UnknownCode, got.Prompts)
		}
	}
}

// There are at most eight words for the state of a dossier. Each has one sentence
// of meaning, in both languages, and every state has a next action.
func TestStateWords(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	msg := cat.Messages()
	svc := dossier.New(cat)
	for _, l := range text.Locales() {
		words, meanings := map[string]dossier.Plain{}, map[dossier.Plain]string{}
		for _, state := range dossier.States() {
			st := svc.StatusOf(core.Dossier{Code: "H29-261112-0001", State: state}, "", true, time.Now())
			for _, key := range []string{st.StateKey, st.MeansKey, st.NextKey, "word.holder." + string(st.Holder)} {
				if !msg.Has(key) {
					t.Fatalf("state %d: no message %s", state, key)
				}
			}
			word, means := msg.Text(l, text.Rich, st.StateKey, nil), msg.Text(l, text.Rich, st.MeansKey, nil)
			if plain, ok := words[word]; ok && plain != st.Plain || len(strings.Fields(word)) > 4 {
				t.Errorf("%s: state %d is %q", l, state, word)
			}
			if s := strings.TrimSuffix(means, "."); s == means || strings.Contains(s, ". ") {
				t.Errorf("%s: the meaning of %q is not one sentence: %q", l, word, means)
			}
			words[word], meanings[st.Plain] = st.Plain, means
		}
		said := slices.Sorted(func(yield func(string) bool) {
			for _, m := range meanings {
				if !yield(m) {
					return
				}
			}
		})
		if len(words) > 8 || len(words) != len(meanings) || len(slices.Compact(said)) != len(meanings) {
			t.Errorf("%s: %d words, %d meanings", l, len(words), len(meanings))
		}
	}
	for _, tr := range dossier.Transitions() {
		e := core.DossierEvent{Kind: tr.Act.Kind(), To: tr.To}
		if key := dossier.EventKey(e); !strings.HasPrefix(key, "word.event.") || !msg.Has(key) {
			t.Errorf("what %s leaves has the word %s", tr.Act, key)
		}
	}
}

// The picture of a receipt is not read: the answer says what to type instead, and a
// code in its caption is looked up.
func TestPictureOfAReceipt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), time.Date(2026, 11, 25, 9, 45, 0, 0, core.City).UTC())
	c := w.talk("rich", richCaps())
	c.say("tra cứu")
	picture := core.Event{Kind: core.EventMedia, Media: []core.Media{{Ref: "r"}}}
	if got := c.show(c.event(picture).Prompts); !strings.Contains(got, "Hãy gõ mã in cạnh mã QR") {
		t.Errorf("a picture where a code is asked for: %s", got)
	}
	picture.Text = "tới đâu rồi H29.26740-261112-0001"
	if out := c.event(picture); !out.UnknownCode || out.Prompts[0].Key != "error.dossier.unknown" {
		t.Errorf("a code in a caption: %+v", out.Prompts)
	}
}
