package form

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/pack"
)

const small = `id: small
version: "1"
title: {vi: Nhỏ, en: Small}
groups:
  - key: g
    title: {vi: Nhóm, en: Group}
    fields:
      - key: a.kind
        type: select
        required: true
        label: {vi: Loại, en: Kind}
        options: [{value: x, vi: Ích, en: Ex}, {value: y, vi: I, en: Why}]
      - key: a.name
        type: text
        label: {vi: Tên, en: Name}
        when: a.kind == 'x'
`

// Each way to break the small form, with the line and words of the issue.
func TestLoadIssues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"OK", "", "", ""},
		{"type", "type: text", "type: txet", `:14: groups.0.fields.1.type: there is no field type "txet"`},
		{"unknown key", "when:", "wehn:", `:16: groups.0.fields.1.wehn: the field "wehn" is not known`},
		{"unknown name", "a.kind == 'x'", "a.kin == 'x'", ":16: groups.0.fields.1.when: column 1: undeclared reference to 'a'"},
		{"wrong type", "a.kind == 'x'", "a.kind == 3", "found no matching overload for '_==_'"},
		{"syntax", "a.kind == 'x'", "a.kind ==", ":16: groups.0.fields.1.when: column"},
		{"not a condition", "a.kind == 'x'", "a.kind", "expected bool"},
		{"itself", "a.kind == 'x'", "a.name == 'x'", "a.name does not come before this field"},
		{"duplicate", "key: a.name", "key: a.kind", ":13: groups.0.fields.1.key: the key a.kind occurs twice"},
		{"inside", "key: a.name", "key: a.kind.x", "lies inside the key a.kind"},
		{"bad key", "key: a.name", "key: A name", "a key is words"},
		{"one language", "{vi: Tên, en: Name}", "{vi: Tên}", "the text is needed in vi and en"},
		{"no label", "{vi: Tên, en: Name}", "{}", "the text is missing"},
		{"long label", "en: Name", "en: " + strings.Repeat("long ", 10), "has more than 40 characters"},
		{"long options", "vi: Ích", "vi: " + strings.Repeat("dài ", 20), ":12: groups.0.fields.0.options: the options take"},
		{"one option", ", {value: y, vi: I, en: Why}", "", "a select has 2 to 12 options"},
		{"same option", "value: y", "value: x", "the value x occurs twice"},
		{"ask", "when: a.kind", "ask: never\n        when: a.kind", "ask is empty or review"},
		{"required review", "required: true", "required: true\n        ask: review", "a required field is always asked"},
		{"default", "required: true", "default: z", `"z" is not a value of the field`},
		{"bound", "type: text", "type: date\n        max: tomorrow", "expected a day"},
		{"number", "type: text", "type: integer\n        max: many", "expected a whole number"},
		{"list", "type: text", "type: code\n        codes: planets", "there is no code list planets"},
		{"copy of nothing", "type: text", "type: text\n        copyFrom: [{field: b}]", "there is no field b"},
		{"copy of another type", "type: text", "type: text\n        copyFrom: [{field: a.kind}]", "a.kind is of another type"},
		{"computed", "type: text", "type: computed", "a computed field says how"},
		{"computed type", "type: text", "type: integer\n        computed: \"'x'\"", "the result is string"},
		{"id", "id: small", "id: Small Form", "an id is small letters"},
		{"version", `version: "1"`, `version: ""`, "the version is missing"},
		{"fact", "groups:\n", "facts: [Bad Fact]\ngroups:\n", "a fact is small letters"},
		{"rule field", "groups:\n", "rules: [{id: r, field: b, broken: 'true', message: {vi: a, en: b}}]\ngroups:\n", "there is no field b"},
		{"rule", "groups:\n", "rules: [{id: r, field: a.kind, broken: 'b', message: {vi: a, en: b}}]\ngroups:\n", "undeclared reference"},
		{"dear", "a.kind == 'x'", `"(a.kind+a.kind+a.kind+a.kind+a.kind+a.kind+a.kind+a.kind).matches('(x|y)*(a|b)*(c|d)*(e|f)*(g|h)*(i|j)*(k|l)*')"`, "may cost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(small, c.old, c.new, 1)
			if c.old != "" && text == small {
				t.Fatal("the case changes nothing")
			}
			fsys := fstest.MapFS{"forms/small.yaml": {Data: []byte(text)}}
			f, err := Load(fsys, "forms/small.yaml", refs(t))
			if c.want == "" {
				if err != nil || f == nil {
					t.Fatal(err)
				}
				return
			}
			var issues pack.Issues
			if !errors.As(err, &issues) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			for _, i := range issues {
				if i.File != "forms/small.yaml" || i.Line == 0 {
					t.Errorf("%v has no place", i)
				}
			}
		})
	}
}
