package catalog_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/text"
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
		if got := o.Opening(moment(t, at)).Open; got != want {
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

// cityWith is the pack of the city with offices that are known better.
func cityWith(t *testing.T, offices string) *catalog.Catalog {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(hcmc.Pack(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(hcmc.Pack(), path)
		files[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f := files["offices.yaml"]
	files["offices.yaml"] = &fstest.MapFile{Data: append(slices.Clone(f.Data), offices...)}
	c, err := catalog.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Whether an office is open, and until or from when, over lunch, weekends,
// holidays, make-up days and days off of its own: testdata/opening.tsv.
func TestOpening(t *testing.T) {
	t.Parallel()
	c := cityWith(t, `offices:
  - ward: "26704"
    name: {vi: "Trung tâm {ward}", en: "{ward} Centre"}
    hours:
      days: [1, 2, 3, 4, 5]
      periods:
        - {from: "07:30", to: "11:30"}
        - {from: "13:00", to: "17:00"}
      saturday:
        - {from: "07:30", to: "11:30"}
    closed: [2026-12-02, 2026-12-12]
    source: thử
  - ward: "26710"
    name: {vi: "Trung tâm {ward}", en: "{ward} Centre"}
    hours:
      days: [1, 2, 3, 4, 5]
      periods:
        - {from: "07:30", to: "12:00"}
        - {from: "12:00", to: "17:00"}
    source: thử
`)
	b, err := os.ReadFile("testdata/opening.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 5 {
			continue
		}
		rows++
		o, ok := c.OfficeForWard(f[0])
		if !ok {
			t.Fatalf("no office of %s", f[0])
		}
		got := o.Opening(moment(t, f[1]))
		if want := f[2] == "open"; got.Open != want || stamp(got.Changes) != f[3] {
			t.Errorf("%s at %s: open %v until or from %s, want %s %s (%s)", f[0], f[1], got.Open, stamp(got.Changes), f[2], f[3], f[4])
		}
	}
	if rows < 25 {
		t.Errorf("only %d rows were read", rows)
	}
}

// An office that never opens has no next opening, and the search ends.
func TestOpeningNever(t *testing.T) {
	t.Parallel()
	var closed []string
	for d := moment(t, "2026-03-02"); d.Year() == 2026; d = d.AddDate(0, 0, 7) {
		closed = append(closed, d.Format(time.DateOnly))
	}
	c := cityWith(t, `offices:
  - ward: "26713"
    name: {vi: "Trung tâm {ward}", en: "{ward} Centre"}
    hours:
      days: [1]
      periods:
        - {from: "07:30", to: "12:00"}
    closed: [`+strings.Join(closed, ", ")+`]
    source: thử
`)
	o, _ := c.OfficeForWard("26713")
	if got := o.Opening(moment(t, "2026-03-12 08:00")); got.Open || !got.Changes.IsZero() {
		t.Errorf("opening %+v", got)
	}
}

// Who takes a dossier in and who decides, procedure by procedure.
func TestCompetentOffice(t *testing.T) {
	t.Parallel()
	c := city(t)
	const centre, police = "Trung tâm Phục vụ hành chính công phường Sài Gòn", "Công an phường Sài Gòn"
	for _, row := range []struct {
		code    string
		intake  catalog.Intake
		counter string
		decides bool
		centre  bool
	}{
		{"1.001193", catalog.IntakeAnywhere, centre, false, true},
		{"2.000815", catalog.IntakeAnywhere, centre, false, true},
		{"2.000635", catalog.IntakeAnywhere, centre, false, true},
		{"1.000656", catalog.IntakeOwn, centre, false, true},
		{"1.004194", catalog.IntakePolice, police, false, false},
	} {
		p, ok := c.Procedure(row.code)
		if !ok {
			t.Fatalf("no procedure %s", row.code)
		}
		got, ok := c.CompetentOffice(p, "26740")
		if !ok || got.Intake != row.intake || got.Counter.Vi != row.counter || (got.Decides.Vi != "") != row.decides || got.Centre != row.centre {
			t.Errorf("%s: %+v", row.code, got)
		}
	}
	seen := map[catalog.Intake]int{}
	for _, p := range c.Procedures() {
		got, ok := c.CompetentOffice(p, "26740")
		seen[got.Intake]++
		switch {
		case !ok:
			t.Errorf("%s: no office", p.Code)
		case p.Level == catalog.LevelCity && (got.Decides.Vi == "" || got.Intake == catalog.IntakeOwn):
			t.Errorf("%s: of the city, and %+v", p.Code, got)
		case got.Intake == catalog.IntakeOnline != !p.Files(catalog.FileInPerson):
			t.Errorf("%s: filed %v, intake %s", p.Code, p.Channels, got.Intake)
		}
	}
	if len(seen) != 4 {
		t.Errorf("kinds of intake %v", seen)
	}
	p, _ := c.Procedure("1.001193")
	if _, ok := c.CompetentOffice(p, "00000"); ok {
		t.Error("an office of no unit")
	}
}

// Where a procedure is filed is what CompetentOffice says of every unit: a residence
// is named where one counts, a department where one decides.
func TestWhereText(t *testing.T) {
	t.Parallel()
	c := city(t)
	said := map[string]catalog.Intake{}
	for _, p := range c.Procedures() {
		k, _ := c.CompetentOffice(p, "26740")
		for _, l := range text.Locales() {
			where, short := c.WhereText(p, l, text.Rich), c.WhereText(p, l, text.Short)
			if n, ok := text.Septets(short); !ok || n == 0 || n > 60 {
				t.Errorf("%s: %d septets: %s", p.Code, n, short)
			}
			resident := map[string]string{text.VI: "nơi cư trú", text.EN: "where you live"}[l]
			if strings.Contains(where, resident) != (k.Intake == catalog.IntakeOwn) {
				t.Errorf("%s: intake %s and %q", p.Code, k.Intake, where)
			}
			if !strings.HasPrefix(where, k.Decides.In(l)) || strings.Contains(where, "{") {
				t.Errorf("%s: %q decides, and %q", p.Code, k.Decides.In(l), where)
			}
			if other, ok := said[short]; ok && other != k.Intake {
				t.Errorf("%s: %q means %s and %s", p.Code, short, other, k.Intake)
			}
			said[short] = k.Intake
		}
	}
	for code, want := range map[string]string{
		"2.000815": "nộp ở phường, xã nào cũng được", "1.000656": "Trung tâm Phục vụ hành chính công phường, xã nơi cư trú", "1.004194": "Công an phường, xã",
	} {
		if p, _ := c.Procedure(code); c.WhereText(p, text.VI, text.Rich) != want {
			t.Errorf("%s: %q", code, c.WhereText(p, text.VI, text.Rich))
		}
	}
}

func TestHandled(t *testing.T) {
	t.Parallel()
	c := city(t)
	sum, want := 0, 0
	for i, f := range c.Handled() {
		sum += f.Count
		if f.Field.Vi == "" || f.Field.En == "" || f.Count < 1 || i > 0 && f.Count > c.Handled()[i-1].Count {
			t.Errorf("%d: %+v", i, f)
		}
	}
	for _, p := range c.Procedures() {
		if p.Files(catalog.FileInPerson) && p.Agency != catalog.AgencyPolice {
			want++
		}
	}
	if sum != want || c.Handled()[0].Field.Vi != "Hộ tịch" {
		t.Errorf("%d procedures of %d, first %+v", sum, want, c.Handled()[0])
	}
}
