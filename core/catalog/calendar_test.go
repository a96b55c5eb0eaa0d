package catalog_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

// moment reads "2026-03-12 09:14" as city time.
func moment(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04", time.DateOnly} {
		if v, err := time.ParseInLocation(layout, s, core.City); err == nil {
			return v
		}
	}
	t.Fatalf("%q is no moment", s)
	return time.Time{}
}

func stamp(t time.Time) string { return t.In(core.City).Format("2006-01-02 15:04") }

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	c := city(t).Calendar()
	tests := map[string]bool{
		"2025-01-01": false,                                                              // New Year
		"2025-01-24": true, "2025-01-27": false, "2025-01-31": false, "2025-02-03": true, // Tết 2025
		"2025-04-26": true, "2025-05-02": false, // a Saturday worked for a Friday off
		"2026-01-02": false, "2026-01-10": true, // swapped with each other
		"2026-02-13": true, "2026-02-16": false, "2026-02-20": false, "2026-02-21": false, "2026-02-23": true, // Tết 2026
		"2026-04-27": false,                                          // Hùng Kings on a Sunday
		"2026-08-22": true,                                           // worked for 31 August
		"2026-08-31": false,                                          //
		"2026-09-01": false, "2026-09-02": false, "2026-09-03": true, // National Day
		"2025-11-24": true, "2026-11-24": false, "2027-11-24": false, // Culture Day, from 2026 on
		"2027-02-05": false, "2027-02-11": false, "2027-02-12": true, // Tết 2027
		"2028-01-25": false, "2029-02-13": false, "2030-02-04": false, // Tết, computed
		"2030-11-25": false, // Culture Day on a Sunday
		"2026-03-14": false, "2026-03-15": false, "2026-03-16": true,
	}
	for day, want := range tests {
		if got := c.Working(moment(t, day)); got != want {
			t.Errorf("%s: working %v, want %v", day, got, want)
		}
	}
	// The day is the city's, wherever the clock stands.
	if c.Working(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)) { // 01:00 on the 24th
		t.Error("a day off in the city was worked in UTC")
	}
	if c.Confidence(2026) != catalog.ConfidenceMedium || c.Confidence(2030) != catalog.ConfidenceLow || c.Confidence(2031) != "" {
		t.Error("the confidence of the years is wrong")
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	c := city(t).Calendar()
	days := func(n int) catalog.Limit { return catalog.Limit{Value: n, Unit: catalog.UnitWorkingDay} }
	cut := func(l catalog.Limit) catalog.Limit { l.CutOff = "15:00"; return l }
	same := catalog.Limit{Unit: catalog.UnitSameDay}
	tests := []struct {
		name     string
		limit    catalog.Limit
		received string
		want     string
	}{
		{"three working days over a weekend", cut(days(3)), "2026-03-12 09:14", "2026-03-17 17:00"},
		{"cut-off reached", cut(days(3)), "2026-03-12 15:00", "2026-03-18 17:00"},
		{"just before the cut-off", cut(days(3)), "2026-03-12 14:59", "2026-03-17 17:00"},
		{"in the night", cut(days(3)), "2026-03-12 22:10", "2026-03-18 17:00"},
		{"before the office opens", cut(days(3)), "2026-03-12 03:00", "2026-03-17 17:00"},
		{"on a Saturday with a cut-off", cut(days(1)), "2026-03-14 09:00", "2026-03-17 17:00"},
		{"on a Saturday without", days(1), "2026-03-14 09:00", "2026-03-16 17:00"},
		{"without a cut-off", days(3), "2026-03-12 16:59", "2026-03-17 17:00"},
		{"over Tết", days(3), "2026-02-12 10:00", "2026-02-24 17:00"},
		{"with a worked Saturday", days(2), "2026-01-08 10:00", "2026-01-10 17:00"},
		{"same day", cut(same), "2026-03-12 09:00", "2026-03-12 17:00"},
		{"same day after 15:00", cut(same), "2026-03-12 15:30", "2026-03-13 17:00"},
		{"same day after 15:00 on Friday", cut(same), "2026-03-13 15:30", "2026-03-16 17:00"},
		{"same day on the eve of Tết", cut(same), "2026-02-13 16:00", "2026-02-23 17:00"},
		{"same day without a cut-off, office closed", same, "2026-03-12 17:00", "2026-03-13 17:00"},
		{"calendar days", catalog.Limit{Value: 15, Unit: catalog.UnitDay}, "2026-03-12 09:00", "2026-03-27 17:00"},
		{"calendar days that end on a Sunday", catalog.Limit{Value: 3, Unit: catalog.UnitDay}, "2026-03-12 09:00", "2026-03-16 17:00"},
		{"calendar days that end in Tết", catalog.Limit{Value: 10, Unit: catalog.UnitDay}, "2026-02-06 09:00", "2026-02-23 17:00"},
		{"one month to the end of February", catalog.Limit{Value: 1, Unit: catalog.UnitMonth}, "2029-01-31 09:00", "2029-02-28 17:00"},
		{"months over the year", catalog.Limit{Value: 2, Unit: catalog.UnitMonth}, "2025-12-15 09:00", "2026-02-23 17:00"},
		{"hours over lunch", catalog.Limit{Value: 2, Unit: catalog.UnitHour}, "2026-03-12 10:30", "2026-03-12 14:00"},
		{"hours over a weekend", catalog.Limit{Value: 8, Unit: catalog.UnitHour}, "2026-03-13 16:00", "2026-03-16 16:00"},
		{"hours that end at noon", catalog.Limit{Value: 4, Unit: catalog.UnitHour}, "2026-03-12 07:30", "2026-03-12 11:30"},
		{"year without data", days(1), "2031-01-02 09:00", "2031-01-03 17:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := moment(t, tt.received)
			if got := stamp(c.Deadline(tt.limit, at)); got != tt.want {
				t.Errorf("received %s: due %s, want %s", tt.received, got, tt.want)
			}
			// The same moment told in another zone gives the same deadline.
			if got := stamp(c.Deadline(tt.limit, at.UTC())); got != tt.want {
				t.Errorf("in UTC: due %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNextOpen(t *testing.T) {
	t.Parallel()
	c := city(t).Calendar()
	for at, want := range map[string]string{
		"2026-03-12 08:00": "2026-03-12 08:00",
		"2026-03-12 11:30": "2026-03-12 13:00",
		"2026-03-12 17:00": "2026-03-13 07:30",
		"2026-03-13 18:00": "2026-03-16 07:30",
		"2026-02-13 17:00": "2026-02-23 07:30",
		"2026-03-14 05:00": "2026-03-16 07:30",
	} {
		if got := stamp(c.NextOpen(moment(t, at))); got != want {
			t.Errorf("%s: open %s, want %s", at, got, want)
		}
	}
}

// A deadline never moves back when something is received later.
func TestDeadlineIsMonotone(t *testing.T) {
	t.Parallel()
	c := city(t).Calendar()
	for _, p := range city(t).Procedures() {
		var last time.Time
		for at := moment(t, "2026-01-01"); at.Before(moment(t, "2026-03-10")); at = at.Add(3 * time.Hour) {
			due := c.Deadline(p.TimeLimit, at)
			if due.Before(last) || due.Before(at) {
				t.Fatalf("%s: received %s is due %s, earlier receipt was due %s", p.Code, stamp(at), stamp(due), stamp(last))
			}
			if !c.Working(due) {
				t.Fatalf("%s: received %s is due on a day off, %s", p.Code, stamp(at), stamp(due))
			}
			last = due
		}
	}
}
