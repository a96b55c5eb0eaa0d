package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// Whoever answers what is asked, and names what is special, is told the papers that
// a person found in the published requirements.
func TestHouseholdsGetTheirPapers(t *testing.T) {
	t.Parallel()
	c := city(t)
	perProcedure := map[string]int{}
	for _, h := range coretest.Households(t, "testdata/checklists.tsv") {
		perProcedure[h.Procedure]++
		p, ok := c.Procedure(h.Procedure)
		if !ok {
			t.Fatalf("no procedure %s", h.Procedure)
		}
		known := map[string]catalog.FactValue{}
		asked := 0
		for f := c.NextFact(p, known); f != nil; f = c.NextFact(p, known) {
			asked++
			known[f.Key] = catalog.FactUnknown
			if v, ok := h.Facts[f.Key]; ok {
				known[f.Key] = v
			}
		}
		if asked > catalog.MaxQuestions {
			t.Errorf("%s, %s: %d questions", h.Procedure, h.Name, asked)
		}
		for range len(p.Facts) {
			for _, f := range c.SpecialFacts(p, known) {
				if v, ok := h.Facts[f.Key]; ok {
					known[f.Key] = v
				}
			}
		}
		got := map[string]string{}
		for _, item := range c.Checklist(p, known) {
			got[item.Requirement.Key] = string(item.Need)
		}
		if diff := cmp.Diff(h.Papers, got); diff != "" {
			t.Errorf("%s, %s (-by hand +told):\n%s", h.Procedure, h.Name, diff)
		}
	}
	for code, n := range perProcedure {
		if n != 6 {
			t.Errorf("%s has %d households", code, n)
		}
	}
	if len(perProcedure) != 20 {
		t.Errorf("%d procedures, want 20", len(perProcedure))
	}
}

// No procedure asks more than three questions, whatever is answered, and none that
// settles nothing.
func TestFewQuestionsAreAsked(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, p := range c.Procedures() {
		var walk func(known map[string]catalog.FactValue, asked int)
		walk = func(known map[string]catalog.FactValue, asked int) {
			f := c.NextFact(p, known)
			if f == nil {
				return
			}
			if asked == catalog.MaxQuestions {
				t.Errorf("%s asks %s as well", p.Code, f.Key)
				return
			}
			if f.Usual != "" {
				t.Errorf("%s asks %s, which hardly ever holds", p.Code, f.Key)
			}
			for _, v := range []catalog.FactValue{catalog.FactYes, catalog.FactNo, catalog.FactUnknown} {
				next := map[string]catalog.FactValue{f.Key: v}
				for k, w := range known {
					next[k] = w
				}
				walk(next, asked+1)
			}
		}
		walk(map[string]catalog.FactValue{}, 0)
	}
}

// Most papers first, then the order of the pack; what is over is a special case.
func TestNextFact(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, tt := range []struct {
		code    string
		known   map[string]catalog.FactValue
		next    string
		special string
	}{
		{"1.001612", nil, "representative", "no_eid"},
		{"1.001193", nil, "representative", "no_birth_notice"},
		{"1.001193", map[string]catalog.FactValue{"representative": "no", "residence_not_found": "no", "surrogacy": "unknown"}, "", "no_birth_notice abandoned_child"},
		{"1.013227", nil, "", ""},
		{"1.001776", map[string]catalog.FactValue{"child_case": "no", "disability": "no"}, "", "hiv residence_not_found"},
		{"1.001776", map[string]catalog.FactValue{"child_case": "no", "disability": "yes"}, "", "hiv pregnant residence_not_found"},
	} {
		p, _ := c.Procedure(tt.code)
		next := ""
		if f := c.NextFact(p, tt.known); f != nil {
			next = f.Key
		}
		var special []string
		for _, f := range c.SpecialFacts(p, tt.known) {
			special = append(special, f.Key)
		}
		if next != tt.next || strings.Join(special, " ") != tt.special {
			t.Errorf("%s %v: asks %q with %q, want %q with %q", tt.code, tt.known, next, special, tt.next, tt.special)
		}
	}
}

func TestWindowEnd(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, tt := range []struct {
		within     catalog.Span
		event, now string
		last       string
		late       int
	}{
		// The first day counted is the day after.
		{catalog.Span{60, catalog.UnitDay}, "2026-09-01", "2026-09-01", "2026-11-02", 0}, // 31 October is a Saturday
		{catalog.Span{60, catalog.UnitDay}, "2026-09-08", "2026-11-09", "2026-11-09", 0}, // 7 November is a Saturday
		{catalog.Span{60, catalog.UnitDay}, "2026-09-08", "2026-11-10", "2026-11-09", 1},
		{catalog.Span{15, catalog.UnitDay}, "2026-11-02", "2026-11-20", "2026-11-17", 3},
		{catalog.Span{15, catalog.UnitDay}, "2026-11-09", "2026-11-24", "2026-11-25", 0}, // 24 November is a holiday
		{catalog.Span{1, catalog.UnitMonth}, "2026-01-31", "2026-03-01", "2026-03-02", 0},
		{catalog.Span{5, catalog.UnitWorkingDay}, "2026-11-20", "2026-11-27", "2026-11-30", 0},
	} {
		w := catalog.Window{Within: tt.within}
		day, err := pack.ParseDate(tt.event)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := pack.ParseDate(tt.now)
		end := w.End(c.Calendar(), day, now.In(core.City).Add(23*time.Hour))
		if got := pack.DateOf(end.Last).String(); got != tt.last || end.Late != tt.late {
			t.Errorf("%v from %s on %s: %s, late %d; want %s, late %d", tt.within, tt.event, tt.now, got, end.Late, tt.last, tt.late)
		}
	}
}

func TestCheckSituation(t *testing.T) {
	t.Parallel()
	c := city(t)
	now := time.Date(2026, 11, 12, 9, 0, 0, 0, core.City)
	birth, _ := c.Procedure("1.001193")
	permit, _ := c.Procedure("1.013227")
	for name, tt := range map[string]struct {
		p    *catalog.Procedure
		s    catalog.Situation
		want string
	}{
		"nothing":      {birth, catalog.Situation{}, ""},
		"good":         {birth, catalog.Situation{Facts: map[string]string{"surrogacy": "no"}, Day: "2026-11-12"}, ""},
		"no such fact": {birth, catalog.Situation{Facts: map[string]string{"\u0000": "no"}}, "fact.\u0000"},
		"no value":     {birth, catalog.Situation{Facts: map[string]string{"surrogacy": "có"}}, "fact.surrogacy"},
		"future":       {birth, catalog.Situation{Day: "2026-11-13"}, "day"},
		"no day":       {birth, catalog.Situation{Day: "2026-02-30"}, "day"},
		"no window":    {permit, catalog.Situation{Day: "2026-11-12"}, "day"},
	} {
		err := tt.p.CheckSituation(tt.s, now)
		var fields []string
		var e *core.Error
		if errors.As(err, &e) {
			for _, v := range e.Fields {
				fields = append(fields, v.Field)
			}
		}
		if strings.Join(fields, " ") != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// Every state database that may replace a paper has a name.
func TestDatabasesHaveNames(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, p := range c.Procedures() {
		for _, r := range p.Requirements {
			for _, db := range r.ReplaceableBy {
				for _, l := range text.Locales() {
					if s := c.Messages().Text(l, text.Rich, catalog.DatabaseKey(db), nil); s == "" || strings.Contains(s, "database.") {
						t.Errorf("%s has no name in %s: %q", db, l, s)
					}
				}
			}
		}
	}
}
