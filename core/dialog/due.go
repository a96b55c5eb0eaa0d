package dialog

import (
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// window says until when it must be filed: in general, or counted for the day that
// was given.
func (t *turn) window(p *catalog.Procedure, s *situation) string {
	w := p.Window
	if w == nil {
		return ""
	}
	if end, ok := t.windowEnd(w, s); ok {
		key := "word.due"
		if end.Late > 0 {
			key = "word.lateBrief"
		}
		return t.word(key, "due", t.dayText(end), "count", strconv.Itoa(end.Late))
	}
	return t.word("word.window", "limit", t.limit(w.Within.Limit()), "from", w.From.In(t.loc))
}

func (t *turn) dayText(end catalog.WindowEnd) string {
	if t.short() {
		return text.Date(end.Last)
	}
	return text.DateLong(t.loc, end.Last)
}

func (t *turn) windowEnd(w *catalog.Window, s *situation) (catalog.WindowEnd, bool) {
	if s == nil || s.Day == "" {
		return catalog.WindowEnd{}, false
	}
	day, err := pack.ParseDate(s.Day)
	if err != nil {
		return catalog.WindowEnd{}, false
	}
	return w.End(t.e.cat.Calendar(), day, t.in.Now), true
}

// lateOffers offers the procedure for those who come late.
func (t *turn) lateOffers(p *catalog.Procedure, s *situation) []offer {
	if p.Window == nil {
		return nil
	}
	end, ok := t.windowEnd(p.Window, s)
	late, there := t.e.cat.Procedure(p.Window.LateProcedure)
	if !ok || end.Late == 0 || !there {
		return nil
	}
	return []offer{{act: "card", arg: late.Code, label: both(late.Short), short: both(late.Short)}}
}

func (t *turn) askDay() {
	t.st.At = atDay
	t.show()
}

func (t *turn) showDay() {
	p, _, ok := t.situation()
	if !ok || p.Window == nil {
		t.home()
		return
	}
	yesterday := t.in.Now.In(core.City).AddDate(0, 0, -1)
	t.say("card.day", map[string]string{"question": p.Window.Event.In(t.loc), "example": text.Date(yesterday)}, core.ExpectText,
		offer{act: "back", key: "choice.back", mute: true}, offer{act: "menu", key: "choice.menu", mute: true})
}

// caseDay takes the day a window is counted from.
func (t *turn) caseDay(v string) {
	if _, s, ok := t.situation(); ok {
		s.Day = v
		t.out.Progress = true
		t.st.At = atDue
	}
	t.show()
}

// showDue counts the window for the day that was given.
func (t *turn) showDue() {
	p, s, ok := t.situation()
	if !ok || p.Window == nil {
		t.home()
		return
	}
	end, ok := t.windowEnd(p.Window, s)
	if !ok {
		t.askDay()
		return
	}
	key := "word.due"
	if end.Late > 0 {
		key = "word.late"
	}
	window := t.word(key, "due", t.dayText(end), "count", strconv.Itoa(end.Late), "late", strings.TrimRight(p.Window.Late.In(t.loc), "."))
	offers := t.lateOffers(p, s)
	if t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	offers = append(offers, pick("papers", "choice.papers"), pick("window", "choice.edit"), backOffer(), menuOffer())
	t.say("card.due", map[string]string{"name": t.name(p), "window": window}, core.ExpectAny, offers...)
}

// answerDay reads a day. What is no day at all may be something else.
func (t *turn) answerDay(raw string) bool {
	o := form.ParseDay(raw, t.loc, t.in.Now)
	switch {
	case o.OK():
		for _, n := range o.Notes {
			t.lead(t.violation(n))
		}
		t.caseDay(o.Value.(string))
		return true
	case o.Ambiguous():
		var offers []offer
		for _, c := range o.Candidates {
			offers = append(offers, offer{act: "day", raw: c.Value, label: c.Label})
		}
		t.say("card.ask", map[string]string{"question": t.rich(o.Ask, o.Args)}, core.ExpectChoice, append(offers, backOffer(), menuOffer())...)
		return true
	case o.Violation.Key == "field.date.format":
		return false
	}
	t.missed = true
	t.lead(t.violation(*o.Violation))
	t.show()
	return true
}
