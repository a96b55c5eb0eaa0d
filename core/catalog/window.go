package catalog

import (
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
)

// Window is the time within which the law wants something filed: "within 60 days
// of the birth".
type Window struct {
	Event         Bilingual  `yaml:"event"`         // the question for the day: "Bé sinh ngày nào?"
	From          Bilingual  `yaml:"from"`          // the day in words, within a sentence: "ngày sinh"
	Field         string     `yaml:"field"`         // the form field that asks for the same day, so that it is not asked twice; may be empty
	Within        Span       `yaml:"within"`        // counted from the day after
	Late          Bilingual  `yaml:"late"`          // what happens to those who come late, and what to do
	LateProcedure string     `yaml:"lateProcedure"` // code of a procedure that is offered to them; may be empty
	Source        string     `yaml:"source"`        // law, decision or public page
	Confidence    Confidence `yaml:"confidence"`
}

// Span is a number of days, working days or months.
type Span struct {
	Value int  `yaml:"value"`
	Unit  Unit `yaml:"unit"`
}

// Limit gives the span as a limit, to be said in the same words.
func (s Span) Limit() Limit { return Limit{Value: s.Value, Unit: s.Unit} }

// WindowEnd is a window counted for somebody's own day.
type WindowEnd struct {
	Last time.Time // close of the last day
	Late int       // calendar days since; 0 while there is time
}

// End counts a window from the day of the event: the first day counted is the day
// after it, and a last day that is off moves to the next working day (Civil Code
// 2015, Art. 147, 148). now says how late it is.
func (w *Window) End(cal *Calendar, event pack.Date, now time.Time) WindowEnd {
	from := event.In(core.City)
	var last time.Time
	switch w.Within.Unit {
	case UnitMonth:
		last = cal.AddMonths(from, w.Within.Value)
	case UnitWorkingDay:
		last = cal.AddWorkingDays(from, w.Within.Value)
	default:
		last = cal.AddDays(from, w.Within.Value)
	}
	end := WindowEnd{Last: last}
	// The city has had no summer time since 1975: a day is 24 hours.
	if days := int(at(now, 0).Sub(at(last, 0)) / (24 * time.Hour)); days > 0 {
		end.Late = days
	}
	return end
}

func (r *reader) checkWindow(p *Procedure) {
	w := p.Window
	if w == nil {
		return
	}
	at := func(keys ...string) []string { return append([]string{"window"}, keys...) }
	r.both(w.Event, p.file, at("event")...)
	r.readable(w.Event, p.file, at("event")...)
	r.both(w.From, p.file, at("from")...)
	r.both(w.Late, p.file, at("late")...)
	r.readable(w.Late, p.file, at("late")...)
	if fields, ok := r.formFields[p.Form]; ok && w.Field != "" {
		r.check(fields[w.Field].Type == "date", p.file, at("field"), "the form %s has no date field %q", p.Form, w.Field)
	}
	r.check(slices.Contains([]Unit{UnitDay, UnitWorkingDay, UnitMonth}, w.Within.Unit), p.file, at("within", "unit"),
		"the unit %q is none of a window: day, working_day, month", w.Within.Unit)
	r.check(w.Within.Value > 0 && w.Within.Value <= 400, p.file, at("within", "value"), "the window must be 1 to 400")
	known := slices.ContainsFunc(r.procedures, func(q *Procedure) bool { return q.Code == w.LateProcedure })
	r.check(w.LateProcedure == "" || known && w.LateProcedure != p.Code, p.file, at("lateProcedure"),
		"there is no other procedure %q to offer", w.LateProcedure)
	r.check(w.Source != "", p.file, at("source"), "the source of the window is missing")
	r.checkConfidence(w.Confidence, p.file, at("confidence")...)
}
