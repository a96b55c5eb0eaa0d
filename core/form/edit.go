package form

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Set gives the answers with one more, or changed. ans carries the value in
// canonical form (as Parse gives it, or as an app sends it) with its author and
// time; Skipped passes an optional question over. a is not changed.
//
// The error is core.CodeInvalid with the Violation: an unknown or invisible
// field, a computed one, a required one skipped, a value that is not acceptable.
func (f *Form) Set(a Answers, key string, ans core.DraftAnswer, facts Facts, now time.Time) (Answers, error) {
	const op = "form.set"
	c, err := f.field(op, key)
	if err != nil {
		return a, err
	}
	deny := func(v *core.Violation) (Answers, error) {
		v.Field = key
		return a, core.Invalid(op, *v)
	}
	switch {
	case c.fixed():
		return deny(violation("field.computed"))
	case c.paper():
		return deny(violation("field.paper"))
	}
	if st := f.Resolve(a, facts, now); st.items[f.scope.index[key]].visible == No {
		return deny(violation("field.hidden"))
	}
	switch {
	case ans.Skipped || ans.Value == nil:
		if c.Required {
			return deny(violation("field.required"))
		}
		ans.Skipped, ans.Value = true, nil
	default:
		if ans.Value, err = Normal(ans.Value); err != nil {
			return deny(violation("field.type"))
		}
		if bad := c.typ.Check(c.Field, ans.Value, f.context(c, text.VI, now)); bad != nil {
			return deny(bad)
		}
	}
	ans.Type, ans.Rev = c.Type, c.Rev
	out := make(Answers, len(a)+1)
	maps.Copy(out, a)
	out[key] = ans
	return out, nil
}

// Clear gives the answers without one: its question is open again. Answers to
// later questions stay.
func (f *Form) Clear(a Answers, key string) Answers {
	out := maps.Clone(a)
	delete(out, key)
	return out
}

// Rebase carries answers over from an older version of a form. An answer stays
// when the field still exists, asks the same (type and revision as they were
// answered) and takes the value; the others are listed in dropped, in the order of
// the form, those whose field is gone behind them, and their questions are open
// again.
func (f *Form) Rebase(a Answers, now time.Time) (kept Answers, dropped []string) {
	kept = make(Answers, len(a))
	for _, c := range f.fields {
		ans, ok := a[c.Key]
		switch {
		case !ok:
		case f.stillHolds(c, ans, now):
			kept[c.Key] = ans
		default:
			dropped = append(dropped, c.Key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if _, ok := f.scope.index[key]; !ok {
			dropped = append(dropped, key)
		}
	}
	return kept, dropped
}

func (f *Form) stillHolds(c *compiled, ans core.DraftAnswer, now time.Time) bool {
	switch {
	case c.fixed(), c.paper(), ans.Rev != c.Rev, ans.Type != "" && ans.Type != c.Type:
		return false
	case ans.Skipped || ans.Value == nil:
		return !c.Required
	}
	v, err := Normal(ans.Value)
	return err == nil && c.typ.Check(c.Field, v, f.context(c, text.VI, now)) == nil
}

// Same reports whether two canonical values are the same answer.
func Same(a, b any) bool {
	x, errX := Normal(a)
	y, errY := Normal(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}
