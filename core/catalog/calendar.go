package catalog

import (
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
)

// calendarFile is calendar.yaml of a pack.
type calendarFile struct {
	Hours   []hoursRow `yaml:"hours"`   // office hours of a working day
	Weekend []int      `yaml:"weekend"` // days of the week off: 0 = Sunday … 6 = Saturday
	Basis   string     `yaml:"basis"`
	Years   []yearRow  `yaml:"years"`
}

type hoursRow struct {
	From string `yaml:"from"` // "07:30"
	To   string `yaml:"to"`
}

type yearRow struct {
	Year       int          `yaml:"year"`
	Confidence Confidence   `yaml:"confidence"`
	Source     string       `yaml:"source"`
	Closed     []pack.Date  `yaml:"closed"` // days off that would be working days
	MakeUp     []pack.Date  `yaml:"makeUp"` // weekend days worked instead
	Holidays   []holidayRow `yaml:"holidays"`
}

type holidayRow struct {
	Date pack.Date `yaml:"date"`
	Days int       `yaml:"days"`
	Name Bilingual `yaml:"name"`
}

// Period is a part of a day in minutes after midnight, city time: From ≤ t < To.
type Period struct{ From, To int }

// Holiday is a public holiday of one year.
type Holiday struct {
	Date pack.Date // first or main day
	Days int       // statutory days off
	Name Bilingual
}

// Calendar is a working calendar in city time (UTC+7): the city's, or an office's own
// (see Office.Calendar).
//
// Outside the years of the pack only weekends are days off: Confidence tells.
type Calendar struct {
	hours      []Period
	weekend    [7]bool
	closed     map[pack.Date]bool
	makeUp     map[pack.Date]bool
	confidence map[int]Confidence
	holidays   map[int][]Holiday
}

func newCalendar(f calendarFile) *Calendar {
	c := &Calendar{
		closed: map[pack.Date]bool{}, makeUp: map[pack.Date]bool{},
		confidence: map[int]Confidence{}, holidays: map[int][]Holiday{},
	}
	c.hours = periods(f.Hours)
	for _, d := range f.Weekend {
		if d >= 0 && d < 7 {
			c.weekend[d] = true
		}
	}
	for _, y := range f.Years {
		c.confidence[y.Year] = y.Confidence
		for _, d := range y.Closed {
			c.closed[d] = true
		}
		for _, d := range y.MakeUp {
			c.makeUp[d] = true
		}
		for _, h := range y.Holidays {
			c.holidays[y.Year] = append(c.holidays[y.Year], Holiday(h))
		}
	}
	return c
}

// minutes reads "07:30" as minutes after midnight; "24:00" is the end of a day.
func minutes(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}

// Hours gives the office hours of a working day, in order.
func (c *Calendar) Hours() []Period { return slices.Clone(c.hours) }

// Confidence says how sure the days off of a year are; "" for a year the pack
// does not cover.
func (c *Calendar) Confidence(year int) Confidence { return c.confidence[year] }

// Holidays gives the public holidays of a year.
func (c *Calendar) Holidays(year int) []Holiday { return slices.Clone(c.holidays[year]) }

// Working reports whether the day of t, in city time, is a working day.
func (c *Calendar) Working(t time.Time) bool {
	t = t.In(core.City)
	day := pack.DateOf(t)
	switch {
	case c.closed[day]:
		return false
	case c.makeUp[day]:
		return true
	default:
		return !c.weekend[t.Weekday()]
	}
}

// festive reports whether the day of t, which need not be a working day, belongs to
// a holiday: it is one, or the working days on both sides of its weekend are off.
func (c *Calendar) festive(t time.Time) bool {
	t = at(t, 0)
	if c.closed[pack.DateOf(t)] {
		return true
	}
	for _, h := range c.holidays[t.Year()] {
		if first := at(h.Date.In(core.City), 0); !t.Before(first) && t.Before(first.AddDate(0, 0, h.Days)) {
			return true
		}
	}
	before, after := t, t
	for range 6 {
		if before = before.AddDate(0, 0, -1); !c.weekend[before.Weekday()] {
			break
		}
	}
	for range 6 {
		if after = after.AddDate(0, 0, 1); !c.weekend[after.Weekday()] {
			break
		}
	}
	return c.closed[pack.DateOf(before)] && c.closed[pack.DateOf(after)]
}

// Open reports whether offices are open at t.
func (c *Calendar) Open(t time.Time) bool {
	t = t.In(core.City)
	return c.Working(t) && inside(c.hours, t)
}

// NextOpen gives t itself when offices are open, else the next moment they open.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	t = t.In(core.City)
	if c.Open(t) {
		return t
	}
	for range maxDays {
		if c.Working(t) {
			for _, p := range c.hours {
				if open := at(t, p.From); !open.Before(t) {
					return open
				}
			}
		}
		t = at(t, 0).AddDate(0, 0, 1)
	}
	return t
}

// Close gives the end of office hours on the day of t.
func (c *Calendar) Close(t time.Time) time.Time {
	end := 24 * 60
	if n := len(c.hours); n > 0 {
		end = c.hours[n-1].To
	}
	return at(t.In(core.City), end)
}

// maxDays bounds every walk through the calendar: a pack that closed every day
// must not hang the program.
const maxDays = 3700

// at gives a time of the day of t, in minutes after midnight, city time.
func at(t time.Time, minute int) time.Time {
	y, m, d := t.In(core.City).Date()
	return time.Date(y, m, d, 0, minute, 0, 0, core.City)
}

// workingFrom gives t's day when it is a working day, else the first one after.
func (c *Calendar) workingFrom(t time.Time) time.Time {
	for range maxDays {
		if c.Working(t) {
			return t
		}
		t = at(t, 0).AddDate(0, 0, 1)
	}
	return t
}

// AddWorkingDays gives the close of the n-th working day after the day of t; the
// day of t itself does not count (Civil Code 2015, Art. 147). n = 0 gives the
// close of t's day, or of the next working day when t's is none.
func (c *Calendar) AddWorkingDays(t time.Time, n int) time.Time {
	t = at(t, 0)
	if n <= 0 {
		return c.Close(c.workingFrom(t))
	}
	for range maxDays {
		t = t.AddDate(0, 0, 1)
		if c.Working(t) {
			if n--; n == 0 {
				break
			}
		}
	}
	return c.Close(t)
}

// AddDays gives the close of the n-th calendar day after the day of t, moved to
// the next working day when it is a day off (Civil Code 2015, Art. 148).
func (c *Calendar) AddDays(t time.Time, n int) time.Time {
	return c.Close(c.workingFrom(at(t, 0).AddDate(0, 0, n)))
}

// AddMonths is AddDays for months: the same day of a later month, its last day
// where it is shorter.
func (c *Calendar) AddMonths(t time.Time, n int) time.Time {
	t = at(t, 0)
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, core.City)
	last := first.AddDate(0, 1, -1).Day()
	return c.Close(c.workingFrom(first.AddDate(0, 0, min(t.Day(), last)-1)))
}

// AddHalfDays gives the end of the n-th office half-day after the one of t; the
// half-day of t itself does not count. A morning and an afternoon are the periods
// of the office hours. Out of hours t belongs to the half-day before.
func (c *Calendar) AddHalfDays(t time.Time, n int) time.Time {
	t = t.In(core.City)
	for range maxDays {
		for _, p := range c.hours {
			if !c.Working(t) || !at(t, p.From).After(t) {
				continue
			}
			if n--; n <= 0 {
				return at(t, p.To)
			}
		}
		t = at(t, 0).AddDate(0, 0, 1)
	}
	return t
}

// AddOfficeTime gives the moment at which d of office hours have passed since t.
func (c *Calendar) AddOfficeTime(t time.Time, d time.Duration) time.Time {
	t = t.In(core.City)
	for range maxDays {
		t = c.NextOpen(t)
		for _, p := range c.hours {
			from, to := at(t, p.From), at(t, p.To)
			if t.Before(from) {
				t = from
			}
			if !t.Before(to) {
				continue
			}
			if left := to.Sub(t); d <= left {
				return t.Add(d)
			} else {
				d -= left
				t = to
			}
		}
		t = at(t, 0).AddDate(0, 0, 1)
	}
	return t
}
