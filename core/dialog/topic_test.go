package dialog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// UX-02: nobody needs more than three messages or choices from the menu to a
// procedure.
func TestMessagesToAProcedure(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		for _, p := range cat.Procedures() {
			w := newWorld(t, cat, noon())
			c := w.talk(string(caps.Variant), caps)
			c.say("menu")
			messages := 1
			ps := choose(c, "Nộp hồ sơ")
			if len(ps) == 0 || ps[0].Key != "search.ask" {
				t.Fatalf("the menu leads to %s", keys(ps))
			}
			ps = c.say(text.Fold(p.Short.Vi))
			messages++
			if ps[0].Key == "search.results" {
				ps = choose(c, p.Short.Vi)
				messages++
			}
			if ps[0].Key != "card" || messages > 3 {
				t.Errorf("%s: %s after %d messages:\n%s", p.Code, keys(ps), messages, c.show(ps))
			}
		}
	}
}

// Every topic is shown, each of its procedures can be reached by choosing alone,
// and what is shown on a narrow network fits two segments.
func TestChoosingByTopic(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		reached := map[string]bool{}
		for _, topic := range cat.Topics() {
			c := newWorld(t, cat, noon()).talk("t", caps)
			c.say("menu")
			ps := choose(c, "Nộp hồ sơ")
			for range 3 {
				if has(labels(c, ps[0]), topic.Name.Vi, topic.Short.Vi) {
					break
				}
				ps = choose(c, "Việc khác")
			}
			ps = choose(c, topic.Name.Vi, topic.Short.Vi)
			for range 4 {
				if len(ps) != 1 || ps[0].Key != "search.topic" {
					t.Fatalf("%s: %s", topic.Key, keys(ps))
				}
				if n, ok := text.Septets(text.Plain(strings.TrimSpace(c.show(ps)))); caps.Variant == text.Short && (!ok || n > 2*153) {
					t.Errorf("%s takes %d septets: %s", topic.Key, n, c.show(ps))
				}
				for _, code := range topic.Procedures {
					if p, _ := cat.Procedure(code); has(labels(c, ps[0]), p.Short.Vi) {
						reached[code] = true
					}
				}
				if !has(labels(c, ps[0]), "Xem thêm") {
					break
				}
				ps = choose(c, "Xem thêm")
			}
			if back := c.say("quay lại"); back[0].Key != "search.ask" {
				t.Errorf("back from a topic leads to %s", keys(back))
			}
		}
		for _, p := range cat.Procedures() {
			if !reached[p.Code] {
				t.Errorf("%s %s is in no list", p.Code, p.Short.Vi)
			}
		}
	}
}

// labels gives what the choices of a prompt are called at length.
func labels(c *talk, p core.Prompt) []string {
	var out []string
	for _, ch := range p.Choices {
		out = append(out, c.label(p, ch))
	}
	return out
}

func has(list []string, want ...string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return text.Fold(s) == text.Fold(w) })
	})
}

// choose presses the button of the last prompt that has one of some labels.
func choose(c *talk, want ...string) []core.Prompt {
	c.w.t.Helper()
	last := c.last[len(c.last)-1]
	for _, ch := range last.Choices {
		if has([]string{c.label(last, ch)}, want...) {
			return c.event(core.Event{Kind: core.EventChoice, ChoiceID: ch.ID}).Prompts
		}
	}
	c.w.t.Fatalf("no button %q under %s", want, c.show(c.last))
	return nil
}

// Who finds nothing among the answers is asked in other words, and never left
// without a person to ask.
func TestNoneOfThese(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		c := newWorld(t, cat, noon()).talk("n", caps)
		ps := c.say("dat dai")
		if ps[0].Key != "search.results" {
			t.Fatalf("got %s", keys(ps))
		}
		ps = choose(c, "Không có việc tôi cần", "Việc khác")
		if ps[0].Key != "search.none" || !has(labels(c, ps[0]), "Gặp cán bộ") {
			t.Fatalf("got %s", c.show(ps))
		}
		if ps = c.say("khai tu"); ps[0].Key != "card" {
			t.Errorf("other words give %s", keys(ps))
		}
	}
}

// What is known and not served here is said to be so: no wrong procedure, no
// "not understood".
func TestElsewhere(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		c := newWorld(t, cat, noon()).talk("e", caps)
		ps := c.say("dang ky xe may")
		if ps[0].Key != "error.elsewhere" || !strings.Contains(c.show(ps), "1022") {
			t.Errorf("got %s", c.show(ps))
		}
		if ps = c.say("khai sinh"); ps[0].Key != "card" {
			t.Errorf("afterwards %s", keys(ps))
		}
	}
}

// Danger, a person, and what is no matter of an office are not "done elsewhere".
func TestKindsOfSubject(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for said, want := range map[string]string{
		"co nguoi bat tinh": "emergency", "noi chuyen voi nguoi that": "human.closed", "thoi tiet hom nay": "error.lost",
	} {
		c := newWorld(t, cat, noon()).talk("k", richCaps())
		if ps := c.say(said); len(ps) == 0 || ps[0].Key != want {
			t.Errorf("%q is answered by %s, want %s", said, keys(ps), want)
		}
	}
}

// A ward inside a question is found, a date is none, vague words are asked back, and
// who asks in English is answered in it.
func TestQuestionsInSentences(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for said, want := range map[string]string{
		"ubnd phường 12 quận gò vấp mở cửa mấy giờ": "office.found",
		"2/2":                                  "error.lost",
		"Hà Nội":                               "error.place.outside",
		"1.5":                                  "error.lost",
		"làm giấy tờ":                          "search.results",
		"birth certificate for my newborn son": "card",
	} {
		c := newWorld(t, cat, noon()).talk("q", richCaps())
		if ps := c.say(said); len(ps) == 0 || ps[0].Key != want {
			t.Errorf("%q is answered by %s, want %s:\n%s", said, keys(ps), want, c.show(ps))
		}
	}
	c := newWorld(t, cat, noon()).talk("q", richCaps())
	if ps := c.say("birth certificate for my newborn son"); !strings.Contains(c.show(ps), "Apply") || strings.Contains(c.show(ps), "Chào") {
		t.Errorf("English is answered so:\n%s", c.show(ps))
	}
}
