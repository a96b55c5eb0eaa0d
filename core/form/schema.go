package form

import (
	"time"

	"github.com/motcua/motcua/core/text"
)

// JSONSchema gives the schema (draft 2020-12) of the form's canonical answers,
// for apps and for editors. What depends on other answers is not in it: a
// field with a condition is never required there. x-when, x-label-vi and
// x-label-en are for people who read it.
func (f *Form) JSONSchema() map[string]any {
	properties := make(map[string]any, len(f.fields))
	required := []any{}
	for _, c := range f.fields {
		s := c.typ.Schema(c.Field, f.context(c, text.VI, time.Unix(0, 0)))
		s["title"] = c.Label.EN
		s["x-label-vi"], s["x-label-en"] = c.Label.VI, c.Label.EN
		s["x-type"] = c.Type
		if c.When != "" {
			s["x-when"] = c.When
		} else if c.Required {
			required = append(required, c.Key)
		}
		properties[c.Key] = s
	}
	return map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                f.def.Title.EN,
		"type":                 "object",
		"additionalProperties": false,
		"properties":           properties,
		"required":             required,
		"x-form":               f.def.ID,
		"x-version":            f.def.Version,
	}
}
