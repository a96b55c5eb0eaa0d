package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// officesFile is offices.yaml of a pack.
type officesFile struct {
	Default  officeRow     `yaml:"default"` // for every unit without a row of its own
	Police   Bilingual     `yaml:"police"`  // name of a unit's police; "{ward}" stands for the unit
	City     cityRow       `yaml:"city"`
	Anywhere []anywhereRow `yaml:"anywhere"`
	Offices  []officeRow   `yaml:"offices"`
}

type officeRow struct {
	Ward         string      `yaml:"ward"` // code; empty in the default
	Name         Bilingual   `yaml:"name"` // "{ward}" stands for the unit
	Address      Bilingual   `yaml:"address"`
	Hours        openingRow  `yaml:"hours"`
	HoursAssumed bool        `yaml:"hoursAssumed"`
	Closed       []pack.Date `yaml:"closed"` // days this office is closed besides the city's
	Note         Bilingual   `yaml:"note"`
	Source       string      `yaml:"source"`
}

type openingRow struct {
	Days    []int      `yaml:"days"` // 1 = Monday … 6 = Saturday, 0 = Sunday
	Periods []hoursRow `yaml:"periods"`
	// Saturday serves people and is no working day: no time limit runs on it.
	Saturday []hoursRow `yaml:"saturday"`
}

type cityRow struct {
	Name     Bilingual `yaml:"name"`
	Address  Bilingual `yaml:"address"`
	Anywhere bool      `yaml:"anywhere"` // it takes dossiers in from the whole city
	Source   string    `yaml:"source"`
}

// Office is the service centre of a unit.
type Office struct {
	Ward         Ward
	Name         Bilingual
	Address      Bilingual // empty while it is not known; never guessed
	Days         []time.Weekday
	Periods      []Period
	Saturday     []Period  // opening hours on a Saturday that is no working day; empty = closed
	HoursAssumed bool      // the city's default hours, not confirmed for this office
	Note         Bilingual // may be empty

	calendar *Calendar
}

// CityCentre is the city's own service centre.
type CityCentre struct {
	Name, Address Bilingual
	Anywhere      bool // it takes dossiers in wherever in the city the applicant lives
}

// HoursText writes the opening hours: "07:30–11:30, 13:00–17:00 (thứ Hai–thứ
// Sáu)".
func (o Office) HoursText(locale string) string {
	days := make([]string, len(o.Days))
	for i, d := range o.Days {
		days[i] = text.Weekday(locale, d)
	}
	list := strings.Join(days, ", ")
	if n := len(o.Days); n > 2 && int(o.Days[n-1])-int(o.Days[0]) == n-1 {
		list = days[0] + "–" + days[n-1]
	}
	out := periodsText(o.Periods) + " (" + list + ")"
	if len(o.Saturday) > 0 {
		out += ", " + periodsText(o.Saturday) + " (" + text.Weekday(locale, time.Saturday) + ")"
	}
	return out
}

func periodsText(ps []Period) string {
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = clockText(p.From) + "–" + clockText(p.To)
	}
	return strings.Join(parts, ", ")
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Calendar gives the working calendar of the office: the city's with its own hours
// and days off. An office that chose to open on Saturday mornings serves people
// then and has no working day: limits are counted in working days of the Labour
// Code, and only make-up days the government declares are such.
func (o Office) Calendar() *Calendar { return o.calendar }

// Opening says whether an office serves people, and until or from when.
type Opening struct {
	Open bool
	// Changes is when it closes, also for lunch, or opens next, in city time; zero
	// when it opens on none of the next openingDays days.
	Changes time.Time
}

// openingDays bounds the search for the next opening: longer than any holiday.
const openingDays = 60

// Opening says how the office stands at t: open until its next closing, or closed
// until it opens on the first day that it serves people, its Saturdays included.
func (o Office) Opening(t time.Time) Opening {
	day := at(t, 0)
	for range openingDays {
		for _, p := range o.serves(day) {
			from, to := at(day, p.From), at(day, p.To)
			switch {
			case t.Before(from):
				return Opening{Changes: from}
			case t.Before(to):
				return Opening{Open: true, Changes: to}
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return Opening{}
}

// serves gives the hours at which the office serves people on the day of t: those
// of a working day, or of a Saturday where it opens by choice; none when it is
// closed. Hours that touch are one.
func (o Office) serves(t time.Time) []Period {
	c := o.calendar
	switch {
	case c.Working(t):
		return joined(c.hours)
	case t.In(core.City).Weekday() == time.Saturday && !c.festive(t):
		return joined(o.Saturday)
	}
	return nil
}

func joined(ps []Period) []Period {
	var out []Period
	for _, p := range ps {
		if n := len(out); n > 0 && out[n-1].To >= p.From {
			out[n-1].To = max(out[n-1].To, p.To)
			continue
		}
		out = append(out, p)
	}
	return out
}

// Queue is how many people wait at an office, as an officer of it reported.
type Queue struct {
	Waiting  int
	Counters int // that serve people; 0 = not said
	At       time.Time
}

// QueueKnown is for how long a reported queue says anything.
const QueueKnown = 30 * time.Minute

func inside(ps []Period, t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	return slices.ContainsFunc(ps, func(p Period) bool { return m >= p.From && m < p.To })
}

// of makes the calendar of an office: the city's itself when the office has nothing
// of its own.
func (c *Calendar) of(o Office, closed []pack.Date) *Calendar {
	weekend := c.weekend
	for d := range weekend {
		weekend[d] = weekend[d] || !slices.Contains(o.Days, time.Weekday(d))
	}
	same := weekend == c.weekend && slices.Equal(o.Periods, c.hours)
	if len(closed) == 0 && (same || o.HoursAssumed) { // no promise is made on assumed hours
		return c
	}
	own := *c
	own.hours, own.weekend, own.closed = o.Periods, weekend, maps.Clone(c.closed)
	for _, d := range closed {
		own.closed[d] = true
	}
	return &own
}

// office makes the office of a ward out of its row, or of the default one.
func office(row officeRow, ward Ward, city *Calendar) Office {
	o := Office{
		Ward: ward, Name: named(row.Name, ward),
		Address: row.Address, HoursAssumed: row.HoursAssumed, Note: row.Note,
	}
	for _, d := range row.Hours.Days {
		o.Days = append(o.Days, time.Weekday(d))
	}
	o.Periods, o.Saturday = periods(row.Hours.Periods), periods(row.Hours.Saturday)
	o.calendar = city.of(o, row.Closed)
	return o
}

// named writes the name of a unit where it stands in a name.
func named(name Bilingual, ward Ward) Bilingual {
	return Bilingual{Vi: strings.ReplaceAll(name.Vi, "{ward}", text.InSentence(ward.FullName())), En: strings.ReplaceAll(name.En, "{ward}", ward.En)}
}

func periods(rows []hoursRow) []Period {
	var out []Period
	for _, h := range rows {
		from, _ := minutes(h.From)
		to, _ := minutes(h.To)
		out = append(out, Period{from, to})
	}
	slices.SortFunc(out, func(a, b Period) int { return cmp.Compare(a.From, b.From) })
	return out
}
