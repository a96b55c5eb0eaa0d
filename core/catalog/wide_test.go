package catalog_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/pack"
)

const localCode = "VN-HCM-khai-trinh-lao-dong"

// wide gives testdata/wide.txtar laid over the small pack.
func wide(t *testing.T) (*catalog.Catalog, *catalog.Procedure) {
	t.Helper()
	c := load(t, widePack(t))
	p, ok := c.Procedure(localCode)
	if !ok {
		t.Fatal("the local code is not found")
	}
	return c, p
}

func TestLocalCode(t *testing.T) {
	t.Parallel()
	c, p := wide(t)
	for _, typed := range []string{localCode, " vn-hcm-khai-trinh-lao-dong ", "VN-HCM-KHAI-TRINH-LAO-DONG"} {
		if got, ok := c.Procedure(typed); !ok || got != p {
			t.Errorf("%q was not found", typed)
		}
		if hits := c.Search(typed, "vi", 3); len(hits) != 1 || hits[0].Procedure != p || hits[0].Score != 1 {
			t.Errorf("%q finds %v", typed, hits)
		}
		if got := catalog.NationalCode(typed); got != localCode {
			t.Errorf("%q is kept as %q", typed, got)
		}
	}
	for _, typed := range []string{"VN-HCM-", "VN-HCM", "VN--khai-trinh-lao-dong", localCode + ".000.00.00.H29", "XX-HCM-khai-trinh-lao-dong"} {
		if got, ok := c.Procedure(typed); ok {
			t.Errorf("%q gave %s", typed, got.Code)
		}
	}
	if p.Level != catalog.LevelCity || p.Agency.Level() != catalog.LevelCity || p.AgencyName.En != "Department of Home Affairs" {
		t.Errorf("who decides: %s, %s, %v", p.Level, p.Agency, p.AgencyName)
	}
}

// A half-day ends with the office hours of the morning or the afternoon after the
// one of receipt.
func TestHalfDays(t *testing.T) {
	t.Parallel()
	c, _ := wide(t)
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-03-04 08:00", 1, "2026-03-04 17:00"},
		{"2026-03-04 07:30", 1, "2026-03-04 17:00"},
		{"2026-03-04 12:00", 1, "2026-03-04 17:00"},
		{"2026-03-04 14:00", 1, "2026-03-05 11:30"},
		{"2026-03-04 14:00", 2, "2026-03-05 17:00"},
		{"2026-03-06 14:00", 1, "2026-03-09 11:30"}, // over a weekend
		{"2026-01-09 14:00", 1, "2026-01-10 11:30"}, // a Saturday worked instead
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", tt.from, core.City)
		if err != nil {
			t.Fatal(err)
		}
		l := catalog.Limit{Value: tt.n, Unit: catalog.UnitHalfDay}
		if got := c.Calendar().Deadline(l, from).Format("2006-01-02 15:04"); got != tt.want {
			t.Errorf("%d half-days from %s: %s, want %s", tt.n, tt.from, got, tt.want)
		}
	}
}

// A paper whose condition is prose may be needed and never blocks a submission.
func TestProseCondition(t *testing.T) {
	t.Parallel()
	c, p := wide(t)
	for _, item := range c.Checklist(p, nil) {
		if item.Requirement.Key == "letter" && (item.Need != catalog.Maybe || item.MustUpload()) {
			t.Errorf("the paper is %s", item.Need)
		}
	}
}

// The last row whose days and ways of filing cover the case wins.
func TestFeeAt(t *testing.T) {
	t.Parallel()
	_, p := wide(t)
	for _, tt := range []struct {
		day     string
		channel catalog.FilingChannel
		amount  int64
		text    string
		items   int
	}{
		{"2026-02-28", catalog.FileOnline, 20000, "Paid per copy.", 2},
		{"2026-03-01", catalog.FileOnline, 10000, "Half the fee.", 0},
		{"2026-06-30", catalog.FileOnline, 10000, "Half the fee.", 0},
		{"2026-07-01", catalog.FileOnline, 0, "Free when filed online.", 0},
		{"2026-07-01", catalog.FileInPerson, 10000, "Half the fee.", 0},
		{"2026-12-31", catalog.FileOnline, 0, "Free when filed online.", 0},
		{"2027-01-01", catalog.FileOnline, 10000, "Half the fee.", 0},
	} {
		day, err := pack.ParseDate(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		fee := p.FeeAt(day, tt.channel)
		if fee.Amount != tt.amount || fee.Text.En != tt.text || len(fee.Items) != tt.items || fee.Verified || len(fee.City) != 0 {
			t.Errorf("%s %s: %+v", tt.day, tt.channel, fee)
		}
		if len(fee.Exemptions) != 1 || fee.Per.En != "copy" {
			t.Errorf("%s %s: who pays nothing is lost: %+v", tt.day, tt.channel, fee)
		}
	}
}

// Of the papers of a group the first is asked for; the others may come instead.
func TestGroup(t *testing.T) {
	t.Parallel()
	c, p := wide(t)
	got := map[string]catalog.Item{}
	for _, item := range c.Checklist(p, nil) {
		got[item.Requirement.Key] = item
	}
	if l := got["licence"]; l.Need != catalog.Needed || !l.OneOf || l.MustUpload() || !l.MustHave() {
		t.Errorf("the preferred paper: %+v", l)
	}
	if l := got["contract"]; l.Need != catalog.Alternative || !l.OneOf || l.MustUpload() {
		t.Errorf("the other paper: %+v", l)
	}
	if d := got["declaration"]; d.Need != catalog.Needed || d.OneOf {
		t.Errorf("a paper of no group: %+v", d)
	}
}

// What may only be filed in person is registered here first where it has a form of
// its own, and else sent to the counter.
func TestRegisters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channels []catalog.FilingChannel
		form     string
		want     bool
	}{
		{[]catalog.FilingChannel{catalog.FileInPerson, catalog.FileOnline}, catalog.GenericForm, true},
		{[]catalog.FilingChannel{catalog.FileInPerson}, catalog.GenericForm, false},
		{[]catalog.FilingChannel{catalog.FileInPerson}, "copy_certification", true},
		{[]catalog.FilingChannel{catalog.FileByPost}, "", false},
	} {
		if got := (&catalog.Procedure{Channels: c.channels, Form: c.form}).Registers(); got != c.want {
			t.Errorf("%v with form %q: registers %v", c.channels, c.form, got)
		}
	}
}
