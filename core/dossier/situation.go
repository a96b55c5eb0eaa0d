package dossier

import (
	"slices"

	"github.com/motcua/motcua/core/catalog"
)

// TakeOver puts into the draft what was said of the case before it was begun, so
// that it is not asked again: facts, the fields they are read off where one answer
// only is left, and the day. What the draft has stays, and what it cannot take is
// asked. It reports whether anything was put in.
func (a *Application) TakeOver(s catalog.Situation, by Author) (changed bool) {
	for i := range a.Procedure.Facts {
		f := &a.Procedure.Facts[i]
		v, ok := s.Facts[f.Key]
		if !ok {
			continue
		}
		if _, there := a.answers.Facts[f.Key]; !there && a.SetFact(f.Key, v, by) == nil {
			changed = true
		}
		if field, value, ok := a.fieldOf(f, v); ok {
			changed = a.takeOver(field, value, by) || changed
		}
	}
	if w := a.Procedure.Window; w != nil && w.Field != "" && s.Day != "" {
		changed = a.takeOver(w.Field, s.Day, by) || changed
	}
	return changed
}

// fieldOf gives the answer to the form field that a fact is read off, where its
// value leaves one only.
func (a *Application) fieldOf(f *catalog.Fact, v catalog.FactValue) (field string, value any, ok bool) {
	if f.From == nil {
		return "", nil, false
	}
	against, ok := map[catalog.FactValue][]string{catalog.FactYes: f.From.No, catalog.FactNo: f.From.Yes}[v]
	if !ok {
		return "", nil, false
	}
	options := []string{"true", "false"}
	if field, ok := a.Form.Field(f.From.Field); ok && len(field.Options) > 0 {
		options = options[:0]
		for _, o := range field.Options {
			options = append(options, o.Value)
		}
	}
	options = slices.DeleteFunc(options, func(o string) bool { return slices.Contains(against, o) })
	if len(options) != 1 {
		return "", nil, false
	}
	value, ok = a.Form.ChoiceValue(f.From.Field, options[0])
	return f.From.Field, value, ok
}

// takeOver answers a question unless it is answered.
func (a *Application) takeOver(key string, value any, by Author) bool {
	if _, there := a.answers.Fields[key]; there {
		return false
	}
	return a.Answer(key, value, by) == nil
}
