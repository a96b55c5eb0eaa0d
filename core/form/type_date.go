package form

import (
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// date is a day. Canonical: YYYY-MM-DD. Day-first always; see readDate for what
// is understood. Min and max are days or "today", "today-60d", "today+1y".
type date struct{ basic }

var _ Type = date{}

func (date) Name() string { return "date" }

func (date) Define(f *Field, cx Context) []Problem {
	return dateBounds(f, cx)
}

func dateBounds(f *Field, cx Context) (ps []Problem) {
	for key, s := range map[string]string{"min": f.Min, "max": f.Max} {
		if _, ok := bound(s, cx.today()); s != "" && !ok {
			ps = append(ps, Problem{key, `expected a day as "2026-03-05", "today" or "today-60d"`})
		}
	}
	return ps
}

func (d date) Parse(f *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 60); bad != nil {
		return Outcome{Violation: bad}
	}
	today := cx.today()
	t, ok := readDate(typed, today)
	if !ok || t.day == 0 || t.month == 0 {
		return reject("field.date.format", "example", "5/3/"+itoa(today.Year()))
	}
	var notes []core.Violation
	if t.year == 0 {
		t.year = lastYearOf(t, today, f.Max == "today")
		if day, ok := dayOf(t.year, t.month, t.day); ok {
			notes = append(notes, *violation("field.date.yearAssumed", "date", text.Date(day)))
		}
	}
	o := d.settle(f, t, cx)
	if o.OK() {
		o.Notes = notes
	}
	return o
}

// lastYearOf gives a day without a year its year: for a past date the last time
// that day came, else this year.
func lastYearOf(t typedDate, today time.Time, past bool) int {
	for y := today.Year(); past && y > today.Year()-8; y-- { // 29 February comes within eight years
		if day, ok := dayOf(y, t.month, t.day); ok && !day.After(today) {
			return y
		}
	}
	return today.Year()
}

// settle makes a day of its parts, or says why there is none.
func (d date) settle(f *Field, t typedDate, cx Context) Outcome {
	t.year = fullYear(t.year, cx.today(), f.Max == "today")
	day, ok := dayOf(t.year, t.month, t.day)
	if !ok {
		// Day and month the other way round: ask, never guess.
		if swapped, ok := dayOf(t.year, t.day, t.month); ok && t.month > 12 {
			v := swapped.Format(isoDate)
			if d.Check(f, v, cx) == nil {
				return choose("field.date.swapped", []Candidate{{Value: v, Label: Text{text.DateLong(text.VI, swapped), text.DateLong(text.EN, swapped)}}})
			}
		}
		return reject("field.date.impossible", "date", itoa(t.day)+"/"+itoa(t.month)+"/"+itoa(t.year))
	}
	v := day.Format(isoDate)
	if bad := d.Check(f, v, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	return accept(v)
}

func (date) Check(f *Field, v any, cx Context) *core.Violation {
	s, _ := v.(string)
	day, ok := parseISO(s)
	if !ok {
		return violation("field.type")
	}
	return checkBounds(f, day, day, cx)
}

// checkBounds checks the days from first to last, which a partial date covers.
func checkBounds(f *Field, first, last time.Time, cx Context) *core.Violation {
	today := cx.today()
	if max, ok := bound(f.Max, today); ok && first.After(max) {
		if f.Max == "today" {
			return violation("field.date.future", "today", text.Date(today))
		}
		return violation("field.date.after", "max", text.Date(max))
	}
	min, ok := bound(f.Min, today)
	if !ok {
		min = time.Date(1850, 1, 1, 0, 0, 0, 0, core.City) // before anyone alive, and a typing mistake
	}
	if last.Before(min) {
		return violation("field.date.before", "min", text.Date(min))
	}
	if last.Year() > today.Year()+100 {
		return violation("field.date.after", "max", text.Date(today.AddDate(100, 0, 0)))
	}
	return nil
}

func (date) Display(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	if day, ok := parseISO(s); ok {
		return text.Date(day)
	}
	return s
}

// Echo is the long form in which a day is read back: "thứ Năm, 05/03/2026".
func (date) Echo(v any, l text.Locale) string {
	s, _ := v.(string)
	if day, ok := parseISO(s); ok {
		return text.DateLong(l, day)
	}
	return s
}

// Mask shows the last two digits of the year.
func (date) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	year, _, _ := strings.Cut(s, "-")
	return text.LastTwo(year)
}

func (d date) Spoken(f *Field, v any, cx Context) string {
	s, _ := v.(string)
	day, ok := parseISO(s)
	if !ok {
		return ""
	}
	if cx.Locale == text.EN {
		return day.Format("2 January 2006")
	}
	return strings.ToLower(DateInWordsVI(s)[:1]) + DateInWordsVI(s)[1:]
}

func (date) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
}

// ParseDay reads a day up to today that was typed for no field: the birth, the
// death, the notice a time limit is counted from. Canonical: YYYY-MM-DD.
func ParseDay(typed string, l text.Locale, now time.Time) Outcome {
	return date{}.Parse(&Field{Max: "today"}, typed, Context{Locale: l, Now: now})
}

// CheckDay says what is wrong with a canonical day up to today; nil is nothing.
func CheckDay(v string, now time.Time) *core.Violation {
	return date{}.Check(&Field{Max: "today"}, v, Context{Now: now})
}
