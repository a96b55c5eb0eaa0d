package catalog

import (
	"time"

	"github.com/motcua/motcua/core"
)

// Unit is what a legal time limit is counted in.
type Unit string

// The units of a limit.
const (
	UnitSameDay    Unit = "same_day"    // the working day of receipt; Value is 0
	UnitHalfDay    Unit = "half_day"    // buổi: a morning or an afternoon of office hours
	UnitWorkingDay Unit = "working_day" // ngày làm việc
	UnitDay        Unit = "day"         // ngày: calendar days
	UnitHour       Unit = "hour"        // office hours
	UnitMonth      Unit = "month"
)

// Limit is how long the law gives the office.
type Limit struct {
	Value    int       `yaml:"value"`
	Unit     Unit      `yaml:"unit"`
	CutOff   string    `yaml:"cutOff"`   // "15:00": received later counts as the next working day; empty = none
	Longest  *Limit    `yaml:"longest"`  // when something must be verified elsewhere; nil = not known
	Note     Bilingual `yaml:"note"`     // may be empty
	Source   string    `yaml:"source"`   // where the figure is published
	Verified bool      `yaml:"verified"` // value and unit match a published figure
}

// Received gives the moment from which a limit is counted for something received
// at t: t itself, or the opening of the next working day when the limit has a
// cut-off and t is on a day off or at or after the cut-off.
func (c *Calendar) Received(l Limit, t time.Time) time.Time {
	t = t.In(core.City)
	cut, ok := minutes(l.CutOff)
	if l.CutOff == "" || !ok {
		if l.Unit != UnitSameDay {
			return t
		}
		cut = 24 * 60
		if n := len(c.hours); n > 0 {
			cut = c.hours[n-1].To // same-day work ends when the office closes
		}
	}
	if c.Working(t) && t.Before(at(t, cut)) {
		return t
	}
	if c.Working(t) {
		t = at(t, 0).AddDate(0, 0, 1)
	}
	return c.NextOpen(at(c.workingFrom(t), 0))
}

// Deadline gives when a result is due for a dossier received at t: the close of
// the last day of the limit, or an hour of the clock for a limit in hours.
func (c *Calendar) Deadline(l Limit, t time.Time) time.Time {
	from := c.Received(l, t)
	switch l.Unit {
	case UnitSameDay:
		return c.AddWorkingDays(from, 0)
	case UnitHalfDay:
		return c.AddHalfDays(from, l.Value)
	case UnitWorkingDay:
		return c.AddWorkingDays(from, l.Value)
	case UnitDay:
		return c.AddDays(from, l.Value)
	case UnitMonth:
		return c.AddMonths(from, l.Value)
	case UnitHour:
		return c.AddOfficeTime(from, time.Duration(l.Value)*time.Hour)
	default:
		return c.AddWorkingDays(from, l.Value)
	}
}
