package form

import (
	"github.com/motcua/motcua/core"
)

// code is an entry of a long national list (ethnic groups, countries): too many
// to show, so it is typed in words, with or without accents, or as the code.
// Canonical: the code.
type code struct{ basic }

var _ Type = code{}

func (code) Name() string { return "code" }

func (code) Define(f *Field, cx Context) []Problem {
	if cx.match == nil {
		return []Problem{{"codes", "there is no code list " + f.Codes}}
	}
	return nil
}

func (code) Parse(_ *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 100); bad != nil {
		return Outcome{Violation: bad}
	}
	return cx.match.parseWords(typed, "field.code.unknown")
}

func (code) Check(_ *Field, v any, cx Context) *core.Violation {
	s, _ := v.(string)
	if _, ok := cx.match.byValue[s]; !ok {
		return violation("field.code.unknown")
	}
	return nil
}

func (code) Display(_ *Field, v any, cx Context) string { return cx.match.label(v, cx.Locale) }

// Mask shows a choice by its text.
func (c code) Mask(f *Field, v any, cx Context) string { return c.Display(f, v, cx) }

func (code) Schema(_ *Field, cx Context) map[string]any {
	values := make([]any, len(cx.match.options))
	for i, o := range cx.match.options {
		values[i] = o.Value
	}
	return map[string]any{"type": "string", "enum": values}
}
