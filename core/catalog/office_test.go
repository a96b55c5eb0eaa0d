package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/catalog"
)

// Offices differ: own hours, own days off, a Saturday morning that serves people.
func TestCalendarOfAnOffice(t *testing.T) {
	t.Parallel()
	files := smallPack(t)
	files["offices.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(files["offices.yaml"].Data), "city:", `offices:
  - ward: "10002"
    name: {vi: Trung tâm xã Tây, en: Tay Centre}
    hours:
      days: [1, 2, 3, 4, 5]
      periods:
        - {from: "08:00", to: "12:00"}
        - {from: "13:30", to: "16:30"}
      saturday:
        - {from: "07:30", to: "11:30"}
    closed: [2026-03-13]
    source: thử
city:`, 1))}
	c, err := catalog.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	o, _ := c.OfficeForWard("10002")
	if got := o.HoursText("vi"); got != "08:00–12:00, 13:30–16:30 (thứ Hai–thứ Sáu), 07:30–11:30 (thứ Bảy)" {
		t.Errorf("hours %q", got)
	}
	for at, want := range map[string]bool{
		"2026-03-12 08:00": true, "2026-03-12 07:59": false, "2026-03-12 16:30": false,
		"2026-03-13 09:00": false,                           // its own day off
		"2026-03-14 08:00": true, "2026-03-14 12:00": false, // Saturday by choice
		"2026-01-10 14:00": true, // a make-up Saturday has the hours of a working day
		"2026-03-15 08:00": false,
	} {
		if got := o.OpenAt(moment(t, at)); got != want {
			t.Errorf("%s: open %v, want %v", at, got, want)
		}
	}
	two := catalog.Limit{Value: 2, Unit: catalog.UnitWorkingDay, CutOff: "15:00"}
	for _, row := range []struct{ why, ward, at, due string }{
		{"the city: Fri 13, Mon 16", "10001", "2026-03-12 10:00", "2026-03-16 17:00"},
		{"its day off and the Saturday do not count: Mon 16, Tue 17, its own closing", "10002", "2026-03-12 10:00", "2026-03-17 16:30"},
		{"received on the Saturday: counts as Monday; Tue 17, Wed 18", "10002", "2026-03-14 08:30", "2026-03-18 16:30"},
		{"a make-up Saturday counts: Sat 10, Mon 12", "10002", "2026-01-09 10:00", "2026-01-12 16:30"},
		{"a unit that is not known has the city's", "00000", "2026-03-12 10:00", "2026-03-16 17:00"},
	} {
		if got := stamp(c.CalendarOf(row.ward).Deadline(two, moment(t, row.at))); got != row.due {
			t.Errorf("%s: due %s, want %s", row.why, got, row.due)
		}
	}
	hours := catalog.Limit{Value: 4, Unit: catalog.UnitHour}
	if got := stamp(c.CalendarOf("10002").Deadline(hours, moment(t, "2026-03-12 15:30"))); got != "2026-03-16 11:00" {
		t.Errorf("one hour left on Thursday, three on Monday from 8:00: %s", got)
	}
}
