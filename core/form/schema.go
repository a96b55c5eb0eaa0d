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
		switch {
		case c.paper() || c.item > 0:
		case c.rep != nil:
			properties[c.group.Key] = f.listSchema(c.rep)
			if c.When == "" {
				required = append(required, c.group.Key)
			}
		default:
			properties[c.Key] = f.fieldSchema(c)
			if c.When == "" && c.Required {
				required = append(required, c.Key)
			}
		}
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

func (f *Form) fieldSchema(c *compiled) map[string]any {
	s := c.typ.Schema(c.Field, f.context(c, text.VI, time.Unix(0, 0)))
	s["title"] = c.Label.EN
	s["x-label-vi"], s["x-label-en"] = c.Label.VI, c.Label.EN
	s["x-type"] = c.Type
	if c.When != "" {
		s["x-when"] = c.When
	}
	if c.fixed() {
		s["readOnly"] = true
	}
	return s
}

// listSchema describes a list by its first item: they are all alike.
func (f *Form) listSchema(r *repeated) map[string]any {
	properties, required := map[string]any{}, []any{}
	for off := range r.size {
		c := f.fields[r.at(1, off)]
		properties[c.local] = f.fieldSchema(c)
		if c.When == "" && c.Required {
			required = append(required, c.local)
		}
	}
	s := map[string]any{
		"type": "array", "minItems": int64(r.Repeat.Min), "maxItems": int64(r.Repeat.Max), "title": r.Title.In(text.EN),
		"x-label-vi": r.Title.VI, "x-label-en": r.Title.In(text.EN),
		"items": map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required},
	}
	if r.Repeat.When != "" {
		s["x-when"] = r.Repeat.When
	}
	return s
}
