package form

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// fact is a yes, a no, or "I do not know": the circumstances that decide which
// papers are needed. Canonical: "yes", "no" or "unknown".
type fact struct{ basic }

var (
	_ Type    = fact{}
	_ Chooser = fact{}
)

// The canonical values of a fact.
const (
	FactYes     = "yes"
	FactNo      = "no"
	FactUnknown = "unknown"
)

func (fact) Name() string { return "fact" }

func (fact) Choices(*Field, Context) []Option {
	return []Option{
		{Value: FactYes, VI: "Có", EN: "Yes"},
		{Value: FactNo, VI: "Không", EN: "No"},
		{Value: FactUnknown, VI: "Không rõ", EN: "Not sure"},
	}
}

func (f fact) Parse(fd *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 100); bad != nil {
		return Outcome{Violation: bad}
	}
	if n, ok := number(typed); ok {
		choices := f.Choices(fd, cx)
		if n < 1 || n > len(choices) {
			return reject("field.choice.range", "max", itoa(len(choices)))
		}
		return accept(choices[n-1].Value)
	}
	switch text.Fold(typed) {
	case "i do not know", "khong ro", "khong biet", "chua ro", "chua biet", "ko biet", "ko ro", "k biet", "k ro", "khong chac", "not sure", "unknown", "don t know", "dont know", "i don t know", "i dont know":
		return accept(FactUnknown)
	}
	switch o := (boolean{}).Parse(fd, typed, cx); {
	case o.Ambiguous():
		for i, c := range o.Candidates {
			o.Candidates[i].Value = factOf(c.Value)
		}
		return o
	case o.OK():
		return accept(factOf(o.Value))
	default:
		return o
	}
}

// ParseFact reads a yes, a no or "I do not know" that was typed for one of the
// circumstances.
func ParseFact(typed string, l text.Locale) Outcome {
	return fact{}.Parse(nil, typed, Context{Locale: l})
}

func factOf(v any) string {
	if v == true {
		return FactYes
	}
	return FactNo
}

func (fact) Check(_ *Field, v any, _ Context) *core.Violation {
	switch v {
	case FactYes, FactNo, FactUnknown:
		return nil
	}
	return violation("field.type")
}

func (f fact) Display(fd *Field, v any, cx Context) string {
	for _, o := range f.Choices(fd, cx) {
		if o.Value == v {
			return o.Label(cx.Locale)
		}
	}
	return ""
}

func (f fact) Mask(fd *Field, v any, cx Context) string { return f.Display(fd, v, cx) }

func (fact) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "enum": []any{FactYes, FactNo, FactUnknown}}
}
