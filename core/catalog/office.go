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
	Default officeRow   `yaml:"default"` // for every unit without a row of its own
	City    cityRow     `yaml:"city"`
	Offices []officeRow `yaml:"offices"`
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
	Name    Bilingual `yaml:"name"`
	Address Bilingual `yaml:"address"`
	Source  string    `yaml:"source"`
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
type CityCentre struct{ Name, Address Bilingual }

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

// OpenAt reports whether the office serves people at t: on its working days within
// its hours, and on Saturdays where it opens by choice.
func (o Office) OpenAt(t time.Time) bool {
	c := o.calendar
	if c.Working(t) {
		return c.Open(t)
	}
	t = t.In(core.City)
	return t.Weekday() == time.Saturday && !c.closed[pack.DateOf(t)] && inside(o.Saturday, t)
}

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
	full := ward.FullName()
	lower := strings.ToLower(full[:1]) + full[1:]
	if strings.HasPrefix(full, "Đ") {
		lower = "đ" + strings.TrimPrefix(full, "Đ")
	}
	o := Office{
		Ward:    ward,
		Name:    Bilingual{Vi: strings.ReplaceAll(row.Name.Vi, "{ward}", lower), En: strings.ReplaceAll(row.Name.En, "{ward}", ward.En)},
		Address: row.Address, HoursAssumed: row.HoursAssumed, Note: row.Note,
	}
	for _, d := range row.Hours.Days {
		o.Days = append(o.Days, time.Weekday(d))
	}
	o.Periods, o.Saturday = periods(row.Hours.Periods), periods(row.Hours.Saturday)
	o.calendar = city.of(o, row.Closed)
	return o
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
