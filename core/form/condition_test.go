package form

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	names := []string{"married_before", "abroad"}
	divorced := Answers{"subject.status": {Value: "da_ly_hon"}, "requester.relation": {Value: "cha"}}
	for _, c := range []struct {
		expr    string
		answers Answers
		facts   Facts
		want    Tri
	}{
		{"facts.abroad == 'yes'", nil, nil, Maybe},
		{"facts.abroad == 'yes'", nil, Facts{"abroad": FactUnknown}, Maybe},
		{"facts.abroad == 'yes'", nil, Facts{"abroad": FactYes}, Yes},
		{"facts.abroad == 'yes'", nil, Facts{"abroad": FactNo}, No},
		{"facts.abroad != 'no'", nil, nil, Maybe},
		{"facts.abroad == 'yes' && facts.married_before == 'yes'", nil, Facts{"abroad": FactNo}, No},
		{"facts.abroad == 'yes' || facts.married_before == 'yes'", nil, Facts{"abroad": FactYes}, Yes},
		{"facts.abroad == 'yes' || facts.married_before == 'yes'", nil, Facts{"abroad": FactNo}, Maybe},
		{"!(facts.abroad == 'yes')", nil, Facts{"abroad": FactNo}, Yes},
		{"facts.abroad == 'yes' ? true : false", nil, nil, Maybe},
		{"subject.status == 'da_ly_hon'", nil, nil, Maybe},
		{"subject.status == 'da_ly_hon'", divorced, nil, Yes},
		{"subject.status in ['vo_chong_chet', 'chua_ket_hon']", divorced, nil, No},
		{"subject.nationality == 'VN'", nil, nil, Yes}, // a default is known
		{"subject.fullName == requester.fullName", divorced, nil, Maybe},
		{"request.copies > 3", nil, nil, No}, // only offered for review: not given is not open
		{"request.copies > 3", Answers{"request.copies": {Value: float64(4)}}, nil, Yes},
		{"days_between(subject.birthDate, today) > 60", Answers{"requester.relation": {Value: "cha"}, "subject.birthDate": {Value: "2026-01-01"}}, nil, Yes},
		{"days_between(subject.birthDate, today) > 60", nil, nil, Maybe},
		{"days_between(subject.residedFrom, today) > 60", nil, nil, No}, // a function of null has no result
		{"years_between('2008-03-13', today) >= 18", nil, nil, No},
		{"years_between('2008-03-12', today) >= 18", nil, nil, Yes},
		{"add_months('2026-03-12', 24) == '2028-03-12'", nil, nil, Yes},
		{"add_months('2026-01-31', 1) == '2026-02-28'", nil, nil, Yes},
		{"add_months('2028-02-29', 12) == '2029-02-28'", nil, nil, Yes},
		{"add_months('2026-03-31', -1) == '2026-02-28'", nil, nil, Yes},
		{"add_months(subject.residedFrom, 24) > today", nil, nil, No}, // a function of null has no result
		{"true", nil, nil, Yes},
	} {
		cond, err := compileOne(c.expr, names, f)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if got := cond.Eval(f.Resolve(c.answers, nil, now()), c.facts, now()); got != c.want {
			t.Errorf("%s with %v %v is %v, want %v", c.expr, c.answers, c.facts, got, c.want)
		}
	}
}

func TestConditionWithoutForm(t *testing.T) {
	t.Parallel()
	c, err := compileOne("facts.b == 'yes' && facts.a == 'no'", []string{"a", "b", "c"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Facts(), " "); got != "a b" {
		t.Errorf("facts %q", got)
	}
	if got := c.Eval(nil, Facts{"a": FactNo, "b": FactYes}, now()); got != Yes {
		t.Errorf("%v", got)
	}
	// The state of another form says nothing about this condition.
	other := load(t, "generic").Resolve(Answers{"contact.phone": {Value: "+84901234567"}}, nil, now())
	of, err := compileOne("contact.phone != null", nil, load(t, "birth_registration"))
	if err != nil || of.Eval(other, nil, now()) != Maybe {
		t.Errorf("%v", err)
	}
}

func TestConditionRefuses(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	for expr, why := range map[string]string{
		"":                                    "",
		"facts.abroad ==":                     "column",
		"facts.unknown_fact == 'yes'":         "undeclared reference",
		"subject.state == 'x'":                "undeclared reference",
		"subject.status == 3":                 "no matching overload",
		"request.copies == 'three'":           "no matching overload",
		"subject.status":                      "expected bool",
		"1 + 1":                               "expected bool",
		"['a','b'].exists(x, x == 'a')":       "undeclared reference",
		"subject.status.matches('a')":         "", // allowed, see below
		strings.Repeat("true && ", 200) + "1": "size",
	} {
		_, err := compileOne(expr, []string{"abroad"}, f)
		if expr == "subject.status.matches('a')" {
			if err != nil {
				t.Errorf("%s: %v", expr, err)
			}
			continue
		}
		if core.ErrorCode(err) != core.CodeInvalid || !strings.Contains(err.Error(), why) {
			t.Errorf("%.60s: %v", expr, err)
		}
	}
}

// However an author writes it, an expression that compiles cannot cost much.
func TestConditionCost(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	long := "purpose.text"
	for range 6 {
		long = "(" + long + "+" + long + ")"
	}
	_, err := compileOne(long+".contains('x')", nil, f)
	if err == nil || !strings.Contains(err.Error(), "cost") {
		t.Errorf("a text doubled six times: %v", err)
	}
}

func FuzzCompileCondition(f *testing.F) {
	for _, s := range []string{"subject.status == 'x'", "facts.a == 'yes' || !true", "size(purpose.text) > 3", "today < '2026'", "[1,2][5] == 1", "1/0 == 1", "'a'.matches('(a+)+$')", "{'a':1}.a == 1"} {
		f.Add(s)
	}
	form := load(f, "marital_status")
	st := form.Resolve(Answers{"purpose.kind": {Value: "khac"}, "purpose.text": {Value: "x"}}, nil, now())
	f.Fuzz(func(t *testing.T, src string) {
		c, err := compileOne(src, []string{"a"}, form)
		if err != nil {
			return
		}
		if a, b := c.Eval(st, nil, now()), c.Eval(st, nil, now()); a != b {
			t.Fatalf("%q is %v and then %v", src, a, b)
		}
	})
}

// compileOne compiles one condition over names of its own.
func compileOne(src string, facts []string, f *Form) (*Condition, error) {
	c, err := NewConditions(facts, f)
	if err != nil {
		return nil, err
	}
	return c.Compile(src)
}
