package form

import (
	"github.com/motcua/motcua/core"
)

// selectOne is one of the options of the definition, shown with numbers from 1.
// Canonical: the option's value.
type selectOne struct{ basic }

var (
	_ Type    = selectOne{}
	_ Chooser = selectOne{}
)

const maxOptions = 12

func (selectOne) Name() string                         { return "select" }
func (selectOne) Choices(f *Field, _ Context) []Option { return f.Options }

func (selectOne) Define(f *Field, _ Context) (ps []Problem) {
	if len(f.Options) < 2 || len(f.Options) > maxOptions {
		ps = append(ps, Problem{"options", "a select has 2 to " + itoa(maxOptions) + " options"})
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		switch {
		case o.Value == "" || o.VI == "" || o.EN == "":
			ps = append(ps, Problem{"options", "an option has value, vi and en"})
		case seen[o.Value]:
			ps = append(ps, Problem{"options", "the value " + o.Value + " occurs twice"})
		}
		seen[o.Value] = true
	}
	return ps
}

func (selectOne) Parse(_ *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 200); bad != nil {
		return Outcome{Violation: bad}
	}
	return cx.match.parse(typed)
}

func (selectOne) Check(_ *Field, v any, cx Context) *core.Violation {
	s, _ := v.(string)
	if _, ok := cx.match.byValue[s]; !ok {
		return violation("field.choice.unknown", "max", itoa(len(cx.match.options)))
	}
	return nil
}

func (selectOne) Display(_ *Field, v any, cx Context) string { return cx.match.label(v, cx.Locale) }

// Mask shows a choice by its text.
func (s selectOne) Mask(f *Field, v any, cx Context) string { return s.Display(f, v, cx) }

func (selectOne) Schema(f *Field, _ Context) map[string]any {
	values := make([]any, len(f.Options))
	for i, o := range f.Options {
		values[i] = o.Value
	}
	return map[string]any{"type": "string", "enum": values}
}
