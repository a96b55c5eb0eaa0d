package dossier_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"pgregory.net/rapid"
)

var (
	threeDays = catalog.Limit{Value: 3, Unit: catalog.UnitWorkingDay, CutOff: "15:00"}
	sameDay   = catalog.Limit{Unit: catalog.UnitSameDay, CutOff: "15:00"}
	fourHours = catalog.Limit{Value: 4, Unit: catalog.UnitHour}
	oneMonth  = catalog.Limit{Value: 1, Unit: catalog.UnitMonth}
)

func calendarDays(n int) catalog.Limit { return catalog.Limit{Value: n, Unit: catalog.UnitDay} }

// Each case was counted by hand on the city's calendar.
func TestFirm(t *testing.T) {
	t.Parallel()
	cal := testPack(t).Calendar()
	for _, c := range []struct {
		why      string
		limit    catalog.Limit
		accepted string
		due      string
	}{
		{"Thursday: Fri 13, Mon 16, Tue 17; the weekend is skipped", threeDays, "2026-03-12 09:14", "2026-03-17 17:00"},
		{"a minute before the cut-off still counts as that day", threeDays, "2026-03-12 14:59", "2026-03-17 17:00"},
		{"at the cut-off it is Friday's: Mon 16, Tue 17, Wed 18", threeDays, "2026-03-12 15:00", "2026-03-18 17:00"},
		{"Saturday is Monday's: Tue, Wed, Thu", threeDays, "2026-03-14 10:00", "2026-03-19 17:00"},
		{"Sunday likewise", threeDays, "2026-03-15 23:59", "2026-03-19 17:00"},
		{"24 November is a holiday: Wed 25, Thu 26, Fri 27", threeDays, "2026-11-23 10:00", "2026-11-27 17:00"},
		{"on the holiday itself it is Wednesday's: Thu, Fri, Mon", threeDays, "2026-11-24 10:00", "2026-11-30 17:00"},
		{"Tết, off 14 to 22 February: Mon 23, Tue 24, Wed 25", threeDays, "2026-02-13 10:00", "2026-02-25 17:00"},
		{"30 April and 1 May and a weekend: Mon 4, Tue 5, Wed 6", threeDays, "2026-04-29 10:00", "2026-05-06 17:00"},
		{"Hùng Vương on a Sunday moves to Monday 27: Tue, Wed, Mon 4", threeDays, "2026-04-26 10:00", "2026-05-05 17:00"},
		{"a make-up Saturday counts: Sat 10, Mon 12, Tue 13", threeDays, "2026-01-09 10:00", "2026-01-13 17:00"},
		{"on the make-up Saturday: Mon, Tue, Wed", threeDays, "2026-01-10 10:00", "2026-01-14 17:00"},
		{"2 September, off 29 August to 2: Thu 3, Fri 4, Mon 7", threeDays, "2026-08-28 10:00", "2026-09-07 17:00"},
		{"the same day", sameDay, "2026-11-02 09:00", "2026-11-02 17:00"},
		{"past the cut-off, the next day", sameDay, "2026-11-02 15:00", "2026-11-03 17:00"},
		{"Friday afternoon, Monday", sameDay, "2026-11-06 15:30", "2026-11-09 17:00"},
		{"the eve of a holiday, the day after it", sameDay, "2026-11-23 15:30", "2026-11-25 17:00"},
		{"thirty calendar days from 2 November", calendarDays(30), "2026-11-02 10:00", "2026-12-02 17:00"},
		{"five calendar days end on Saturday, so Monday", calendarDays(5), "2026-11-02 10:00", "2026-11-09 17:00"},
		{"three calendar days end on the holiday, so the day after", calendarDays(3), "2026-11-21 10:00", "2026-11-25 17:00"},
		{"a month from 31 January ends on Saturday 28 February, so Monday", oneMonth, "2026-01-31 10:00", "2026-03-02 17:00"},
		{"four office hours over lunch: 2½ before, 1½ after", fourHours, "2026-11-02 09:00", "2026-11-02 14:30"},
		{"four office hours over night: 1 today, 3 tomorrow", fourHours, "2026-11-02 16:00", "2026-11-03 10:30"},
	} {
		if got := dossier.Firm(cal, c.limit, city(t, c.accepted)); !got.Equal(city(t, c.due)) {
			t.Errorf("%s: %s, want %s", c.why, got.In(core.City).Format(time.DateTime), c.due)
		}
	}
}

func TestExpectedCountsFromTheNextOpening(t *testing.T) {
	t.Parallel()
	cal := testPack(t).Calendar()
	for _, c := range []struct{ why, submitted, due string }{
		{"in the morning", "2026-03-12 09:14", "2026-03-17 17:00"},
		{"at lunch the office opens again at one", "2026-03-12 12:00", "2026-03-17 17:00"},
		{"at night it cannot be accepted before Friday", "2026-03-12 22:00", "2026-03-18 17:00"},
		{"before opening it still is that day", "2026-03-12 05:00", "2026-03-17 17:00"},
	} {
		if got := dossier.Expected(cal, threeDays, city(t, c.submitted)); !got.Equal(city(t, c.due)) {
			t.Errorf("%s: %s, want %s", c.why, got.In(core.City).Format(time.DateTime), c.due)
		}
	}
}

func TestResumed(t *testing.T) {
	t.Parallel()
	cal := testPack(t).Calendar()
	for _, c := range []struct {
		why                            string
		limit                          catalog.Limit
		accepted, paused, resumed, due string
	}{
		{"answered the same day before the cut-off: nothing is lost", threeDays, "2026-03-12 09:14", "2026-03-13 10:00", "2026-03-13 14:00", "2026-03-17 17:00"},
		{"answered in the evening: it is Monday's, two days were left", threeDays, "2026-03-12 09:14", "2026-03-13 10:00", "2026-03-13 19:40", "2026-03-18 17:00"},
		{"answered past the cut-off: likewise", threeDays, "2026-03-12 09:14", "2026-03-13 10:00", "2026-03-13 15:00", "2026-03-18 17:00"},
		{"a weekend in between costs nothing", threeDays, "2026-03-12 09:14", "2026-03-13 10:00", "2026-03-16 10:00", "2026-03-18 17:00"},
		{"answered on Sunday: Monday's", threeDays, "2026-03-12 09:14", "2026-03-13 10:00", "2026-03-15 10:00", "2026-03-18 17:00"},
		{"asked on the day of acceptance: all three days are left", threeDays, "2026-03-12 09:14", "2026-03-12 11:00", "2026-03-23 10:00", "2026-03-26 17:00"},
		{"asked on the last day: the rest of the day of the answer is left", threeDays, "2026-03-12 09:14", "2026-03-17 10:00", "2026-03-20 09:00", "2026-03-20 17:00"},
		{"asked on the last day, answered late: the next day", threeDays, "2026-03-12 09:14", "2026-03-17 10:00", "2026-03-20 16:00", "2026-03-23 17:00"},
		{"late before it asked: late it stays", threeDays, "2026-03-12 09:14", "2026-03-18 10:00", "2026-03-20 09:00", "2026-03-17 17:00"},
		{"over Tết: Mon 23 and Tue 24 were left, so Thu 26 and Fri 27", threeDays, "2026-02-12 10:00", "2026-02-13 10:00", "2026-02-25 10:00", "2026-02-27 17:00"},
		{"answered on a holiday: Wednesday's, one day was left", threeDays, "2026-11-19 10:00", "2026-11-23 10:00", "2026-11-24 10:00", "2026-11-26 17:00"},
		{"a same-day limit starts again with the day of the answer", sameDay, "2026-11-02 09:00", "2026-11-02 10:00", "2026-11-05 09:00", "2026-11-05 17:00"},
		{"calendar days: 23 of 30 were left", calendarDays(30), "2026-11-02 10:00", "2026-11-09 10:00", "2026-11-16 10:00", "2026-12-09 17:00"},
		{"hours: 3 of 4 were left, 1 on Tuesday, 2 on Wednesday", fourHours, "2026-11-02 09:00", "2026-11-02 10:00", "2026-11-03 16:00", "2026-11-04 09:30"},
		{"hours: a pause over lunch costs nothing", fourHours, "2026-11-02 09:00", "2026-11-02 12:00", "2026-11-02 12:30", "2026-11-02 14:30"},
	} {
		due := dossier.Firm(cal, c.limit, city(t, c.accepted))
		got := dossier.Resumed(cal, c.limit, due, city(t, c.paused), city(t, c.resumed))
		if !got.Equal(city(t, c.due)) {
			t.Errorf("%s: %s, want %s", c.why, got.In(core.City).Format(time.DateTime), c.due)
		}
	}
}

// However often the clock pauses, the office has as many working days as the limit
// says, and no answer that comes later makes the result come earlier.
func TestPausesKeepWorkingDays(t *testing.T) {
	t.Parallel()
	cal := testPack(t).Calendar()
	rapid.Check(t, func(t *rapid.T) {
		limit := catalog.Limit{Value: rapid.IntRange(1, 20).Draw(t, "days"), Unit: catalog.UnitWorkingDay, CutOff: "15:00"}
		now := time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, "accepted")) * time.Minute)
		due := dossier.Firm(cal, limit, now)
		start := cal.Received(limit, now)
		worked := 0
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			paused := now.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(t, "runs")) * time.Minute)
			if paused.After(due) {
				break
			}
			resumed := paused.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(t, "waits")) * time.Minute)
			worked += between(cal, start, paused)
			next := dossier.Resumed(cal, limit, due, paused, resumed)
			later := dossier.Resumed(cal, limit, due, paused, resumed.Add(36*time.Hour))
			if next.Before(due) || later.Before(next) {
				t.Fatalf("due %v, paused %v, resumed %v: next %v, with a later answer %v", due, paused, resumed, next, later)
			}
			due, now, start = next, resumed, cal.Received(limit, cal.NextOpen(resumed))
			if start.Before(paused) {
				start = paused
			}
		}
		if !cal.Working(due) || !due.Equal(cal.Close(due)) {
			t.Fatalf("due %v is not the close of a working day", due)
		}
		if got := worked + between(cal, start, due); got < limit.Value {
			t.Fatalf("the office has %d working days of %d", got, limit.Value)
		}
	})
}

// between counts the working days after a's day up to b's.
func between(cal *catalog.Calendar, a, b time.Time) int {
	n := 0
	day := func(t time.Time) time.Time {
		y, m, d := t.In(core.City).Date()
		return time.Date(y, m, d, 12, 0, 0, 0, core.City)
	}
	for d := day(a).AddDate(0, 0, 1); !d.After(day(b)); d = d.AddDate(0, 0, 1) {
		if cal.Working(d) {
			n++
		}
	}
	return n
}

// testdata/due.csv holds due dates that were worked out away from this program, each
// with its reasoning: Tết 2026 to 2028, holidays and make-up days, the 15:00 cut-off
// minute by minute, hours, half-days, days, months, year ends, pauses.
func TestDueTable(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/due.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cal, seen := testPack(t).Calendar(), map[string]bool{}
	for i, r := range rows[1:] {
		value, err := strconv.Atoi(r[1])
		if err != nil || r[7] == "" {
			t.Fatalf("line %d: %q", i+2, r)
		}
		l := catalog.Limit{Value: value, Unit: catalog.Unit(r[2]), CutOff: r[3]}
		due := dossier.Firm(cal, l, city(t, r[0]))
		if r[4] != "" {
			due = dossier.Resumed(cal, l, due, city(t, r[4]), city(t, r[5]))
		}
		if !due.Equal(city(t, r[6])) {
			t.Errorf("line %d: %s, want %s: %s", i+2, due.In(core.City).Format("2006-01-02 15:04"), r[6], strings.Join(r, " | "))
		}
		seen[r[2]] = true
	}
	if len(rows) < 201 || len(seen) != 6 {
		t.Errorf("%d rows over %d units", len(rows)-1, len(seen))
	}
}
