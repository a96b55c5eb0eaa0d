package dossier

import (
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

// Expected is the day promised at submission ("dự kiến"): the limit counted as if
// the office accepted the dossier as soon as it is open, since the clock starts
// with acceptance only.
func Expected(cal *catalog.Calendar, l catalog.Limit, submitted time.Time) time.Time {
	return cal.Deadline(l, cal.NextOpen(submitted)).UTC()
}

// Firm is the due time from acceptance on.
func Firm(cal *catalog.Calendar, l catalog.Limit, accepted time.Time) time.Time {
	return cal.Deadline(l, accepted).UTC()
}

// Resumed gives the new due time when the clock goes on at resumed after a pause
// that began at paused. What was left of the limit is left again: the days after
// the day of the pause, counted like those of the limit from the day of
// resumption (which counts as the next working day after hours or past the
// cut-off), or the office hours of a limit in hours or half-days. A dossier that was overdue
// when the pause began stays overdue.
func Resumed(cal *catalog.Calendar, l catalog.Limit, due, paused, resumed time.Time) time.Time {
	if due.IsZero() || paused.After(due) || resumed.Before(paused) {
		return due
	}
	from := cal.Received(l, cal.NextOpen(resumed))
	var next time.Time
	switch l.Unit {
	case catalog.UnitHour, catalog.UnitHalfDay:
		next = cal.AddOfficeTime(from, officeTime(cal, paused, due))
	case catalog.UnitDay, catalog.UnitMonth:
		next = cal.AddDays(from, days(paused, due, func(time.Time) bool { return true }))
	default:
		next = cal.AddWorkingDays(from, days(paused, due, cal.Working))
	}
	if next.Before(due) { // a pause never shortens the office's time
		return due
	}
	return next.UTC()
}

// days counts the days after from's up to to's that count, in city time.
func days(from, to time.Time, counts func(time.Time) bool) int {
	n := 0
	last := midnight(to)
	for d := midnight(from).AddDate(0, 0, 1); !d.After(last); d = d.AddDate(0, 0, 1) {
		if counts(d) {
			n++
		}
	}
	return n
}

// officeTime is the office time between two instants.
func officeTime(cal *catalog.Calendar, from, to time.Time) time.Duration {
	var sum time.Duration
	for d := midnight(from); !d.After(to); d = d.AddDate(0, 0, 1) {
		if !cal.Working(d) {
			continue
		}
		for _, p := range cal.Hours() {
			start, end := d.Add(time.Duration(p.From)*time.Minute), d.Add(time.Duration(p.To)*time.Minute)
			if start.Before(from) {
				start = from
			}
			if end.After(to) {
				end = to
			}
			if end.After(start) {
				sum += end.Sub(start)
			}
		}
	}
	return sum
}

func midnight(t time.Time) time.Time {
	y, m, d := t.In(core.City).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, core.City)
}

// Overdue reports whether the office is late: the clock runs and the firm time has
// passed. A paused or stopped clock is never late.
func Overdue(d core.Dossier, now time.Time) bool {
	return ClockIn(d.State) == ClockRunning && !d.DueAt.IsZero() && now.After(d.DueAt)
}
