package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// officesFile is offices.yaml of a pack.
type officesFile struct {
	Default officeRow   `yaml:"default"` // for every unit without a row of its own
	City    cityRow     `yaml:"city"`
	Offices []officeRow `yaml:"offices"`
}

type officeRow struct {
	Ward         string     `yaml:"ward"` // code; empty in the default
	Name         Bilingual  `yaml:"name"` // "{ward}" stands for the unit
	Address      Bilingual  `yaml:"address"`
	Hours        openingRow `yaml:"hours"`
	HoursAssumed bool       `yaml:"hoursAssumed"`
	Note         Bilingual  `yaml:"note"`
	Source       string     `yaml:"source"`
}

type openingRow struct {
	Days    []int      `yaml:"days"` // 1 = Monday … 6 = Saturday, 0 = Sunday
	Periods []hoursRow `yaml:"periods"`
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
	HoursAssumed bool      // the city's default hours, not confirmed for this office
	Note         Bilingual // may be empty
}

// CityCentre is the city's own service centre.
type CityCentre struct{ Name, Address Bilingual }

// HoursText writes the opening hours: "07:30–11:30, 13:00–17:00 (thứ Hai–thứ
// Sáu)".
func (o Office) HoursText(locale string) string {
	parts := make([]string, len(o.Periods))
	for i, p := range o.Periods {
		parts[i] = clockText(p.From) + "–" + clockText(p.To)
	}
	days := make([]string, len(o.Days))
	for i, d := range o.Days {
		days[i] = text.Weekday(locale, d)
	}
	list := strings.Join(days, ", ")
	if n := len(o.Days); n > 2 && int(o.Days[n-1])-int(o.Days[0]) == n-1 {
		list = days[0] + "–" + days[n-1]
	}
	return strings.Join(parts, ", ") + " (" + list + ")"
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// OpenAt reports whether the office serves people at t: one of its days and
// hours, and no day off of the calendar.
func (o Office) OpenAt(c *Calendar, t time.Time) bool {
	t = t.In(core.City)
	// A weekend day is in the office's own list or nowhere; the calendar decides
	// on holidays and on make-up days.
	weekend := c.weekend[t.Weekday()]
	if (!weekend && !c.Working(t)) || (!slices.Contains(o.Days, t.Weekday()) && !(weekend && c.Working(t))) {
		return false
	}
	m := t.Hour()*60 + t.Minute()
	return slices.ContainsFunc(o.Periods, func(p Period) bool { return m >= p.From && m < p.To })
}

// office makes the office of a ward out of its row, or of the default one.
func office(row officeRow, ward Ward) Office {
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
	for _, h := range row.Hours.Periods {
		from, _ := minutes(h.From)
		to, _ := minutes(h.To)
		o.Periods = append(o.Periods, Period{from, to})
	}
	return o
}
