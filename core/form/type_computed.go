package form

import "github.com/motcua/motcua/core"

// computed is a text that follows from other answers (a date in words). It is
// never asked and never taken from anybody. Canonical: a string.
type computed struct{ basic }

var _ Type = computed{}

func (computed) Name() string { return "computed" }

func (computed) Define(f *Field, _ Context) []Problem {
	if f.Computed == "" {
		return []Problem{{"computed", "a computed field says how it is computed"}}
	}
	return nil
}

func (computed) Parse(*Field, string, Context) Outcome { return reject("field.computed") }

func (computed) Check(_ *Field, v any, _ Context) *core.Violation {
	if s, ok := v.(string); !ok || !isTidy(s, true) {
		return violation("field.type")
	}
	return nil
}

func (computed) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "readOnly": true}
}
