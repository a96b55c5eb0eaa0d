package form

import (
	"cmp"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// The bounds of a definition.
const (
	maxFields     = 300
	maxShort      = 40 // characters of Short
	maxShortReply = 72 // characters of a numbered list of short options
)

// Form is a compiled definition.
type Form struct {
	def    Definition
	refs   Refs
	fields []*compiled
	scope  *scope
	rules  []*compiledRule
}

// compiled is a field with what was made of it.
type compiled struct {
	*Field
	group    *Group
	typ      Type
	kind     Kind
	match    *matcher
	when     *expression
	computed *expression
	copies   []compiledCopy
	def      any // canonical default, nil = none
	short    map[text.Locale]string
}

type compiledCopy struct {
	from int
	when *expression
}

type compiledRule struct {
	*Rule
	at     int // position of its field
	broken *expression
}

// Issue is something wrong in a definition. Path leads to it in the file, for
// pack.Locate: "groups", "1", "fields", "0", "when".
type Issue struct {
	Path    []string
	Message string
}

// String gives "groups.1.fields.0.when: message".
func (i Issue) String() string { return strings.Join(i.Path, ".") + ": " + i.Message }

// Load reads, compiles and names every problem with its file and line. The
// error is pack.Issues.
func Load(fsys fs.FS, name string, refs Refs, types ...Type) (*Form, error) {
	var def Definition
	if err := pack.Decode(fsys, name, &def); err != nil {
		return nil, err
	}
	f, issues := Compile(def, refs, types...)
	var out pack.Issues
	for _, i := range issues {
		out = append(out, pack.At(fsys, name, i.Path, "%s", i.Message))
	}
	if err := out.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// Compile checks a definition and makes a form of it. Types are added to the
// product's own; one with the name of a product type takes its place. When
// there are issues the form is nil.
func Compile(def Definition, refs Refs, types ...Type) (*Form, []Issue) {
	c := compiler{form: &Form{def: def, refs: refs}, types: map[string]Type{}, lists: map[string]*matcher{}}
	for _, t := range append(Types(), types...) {
		c.types[t.Name()] = t
	}
	c.definition()
	if len(c.issues) > 0 {
		return nil, c.issues
	}
	return c.form, nil
}

type compiler struct {
	form   *Form
	types  map[string]Type
	lists  map[string]*matcher
	issues []Issue
}

func (c *compiler) add(path []string, format string, args ...any) {
	c.issues = append(c.issues, Issue{slices.Clone(path), fmt.Sprintf(format, args...)})
}

var (
	formID   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	fieldKey = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*(\.[a-zA-Z][a-zA-Z0-9]*){0,4}$`)
)

func (c *compiler) definition() {
	def := &c.form.def
	if !formID.MatchString(def.ID) {
		c.add([]string{"id"}, "an id is small letters, digits and _")
	}
	if def.Version == "" {
		c.add([]string{"version"}, "the version is missing")
	}
	c.both([]string{"title"}, def.Title, true)
	for i, name := range def.Facts {
		if !formID.MatchString(name) {
			c.add([]string{"facts", strconv.Itoa(i)}, "a fact is small letters, digits and _")
		}
	}
	var paths [][]string
	seen := map[string]bool{}
	for gi := range def.Groups {
		g := &def.Groups[gi]
		path := []string{"groups", strconv.Itoa(gi)}
		c.both(append(path, "title"), g.Title, true)
		if len(g.Fields) == 0 {
			c.add(path, "a group has fields")
		}
		for fi := range g.Fields {
			f := &g.Fields[fi]
			path := append(path[:2:2], "fields", strconv.Itoa(fi))
			if !fieldKey.MatchString(f.Key) || f.Key == varToday || strings.HasPrefix(f.Key, factPrefix) {
				c.add(append(path, "key"), "a key is words of letters and digits joined by dots, and not today or facts")
				continue
			}
			if seen[f.Key] {
				c.add(append(path, "key"), "the key %s occurs twice", f.Key)
				continue
			}
			seen[f.Key] = true
			if cf := c.field(f, g, path); cf != nil {
				c.form.fields = append(c.form.fields, cf)
				paths = append(paths, path)
			}
		}
	}
	switch n := len(c.form.fields); {
	case n == 0 && len(c.issues) == 0:
		c.add([]string{"groups"}, "a form has fields")
		return
	case n > maxFields:
		c.add([]string{"groups"}, "a form has at most %d fields", maxFields)
		return
	}
	for i, f := range c.form.fields {
		for j, other := range c.form.fields {
			if i != j && strings.HasPrefix(other.Key, f.Key+".") {
				c.add(append(paths[j], "key"), "the key %s lies inside the key %s", other.Key, f.Key)
			}
		}
	}
	if len(c.issues) > 0 {
		return // names must stand before expressions are checked
	}
	s, err := newScope(c.form.fields, def.Facts)
	if err != nil {
		c.add([]string{"groups"}, "%v", err)
		return
	}
	c.form.scope = s
	for i, f := range c.form.fields {
		c.expressions(i, f, paths[i])
	}
	c.rules()
}

// field checks one field and everything in it but its expressions.
func (c *compiler) field(f *Field, g *Group, path []string) *compiled {
	c.both(append(path, "label"), f.Label, true)
	c.both(append(path, "question"), f.Question, false)
	c.both(append(path, "help"), f.Help, false)
	for _, l := range text.Locales() {
		if s := shortLabel(f, l); utf8.RuneCountInString(s) > maxShort {
			c.add(append(path, "short"), "%q has more than %d characters: write a short label", s, maxShort)
		}
	}
	t, ok := c.types[f.Type]
	if !ok {
		c.add(append(path, "type"), "there is no field type %q", f.Type)
		return nil
	}
	cf := &compiled{Field: f, group: g, typ: t, kind: t.Kind(),
		short: map[text.Locale]string{text.VI: shortLabel(f, text.VI), text.EN: shortLabel(f, text.EN)}}
	if f.Codes != "" {
		cf.match = c.list(f.Codes)
	} else if len(f.Options) > 0 {
		cf.match = newMatcher(f.Options)
	}
	cx := c.form.context(cf, text.VI, time.Unix(0, 0))
	if ch, ok := t.(Chooser); ok {
		for _, l := range text.Locales() {
			if n := len(shortChoices(ch.Choices(f, cx), l)); n > maxShortReply {
				c.add(append(path, "options"), "the options take %d of %d characters on a narrow channel (%s): give them a short text", n, maxShortReply, l)
			}
		}
	}
	problems := t.Define(f, cx)
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Key+a.Message, b.Key+b.Message) })
	for _, p := range problems {
		c.add(append(path, p.Key), "%s", p.Message)
	}
	switch {
	case f.Ask != "" && f.Ask != AskReview:
		c.add(append(path, "ask"), "ask is empty or review")
	case f.Ask == AskReview && f.Required:
		c.add(append(path, "ask"), "a required field is always asked")
	}
	if f.Default != "" && len(problems) == 0 {
		cf.def = c.defaultOf(cf, cx, path)
	}
	return cf
}

// defaultOf reads the written default as a canonical value.
func (c *compiler) defaultOf(f *compiled, cx Context, path []string) any {
	var v any = f.Default
	switch f.kind {
	case KindInt:
		n, err := strconv.ParseInt(f.Default, 10, 64)
		if err != nil {
			c.add(append(path, "default"), "expected a whole number")
			return nil
		}
		v = n
	case KindBool:
		v = f.Default == "true"
	case KindObject:
		c.add(append(path, "default"), "a field of this type has no default")
		return nil
	}
	if bad := f.typ.Check(f.Field, v, cx); bad != nil {
		c.add(append(path, "default"), "%q is not a value of the field (%s)", f.Default, bad.Key)
		return nil
	}
	return v
}

func (c *compiler) list(name string) *matcher {
	if m, ok := c.lists[name]; ok {
		return m
	}
	var m *matcher
	if c.form.refs.Codes != nil {
		if codes, ok := c.form.refs.Codes(name); ok {
			m = newMatcher(codes)
		}
	}
	c.lists[name] = m
	return m
}

// expressions compiles what field i says in CEL; it may name earlier fields only.
func (c *compiler) expressions(i int, f *compiled, path []string) {
	if f.When != "" {
		f.when = c.expression(f.When, cel.BoolType, i, append(path, "when"))
	}
	if f.Computed != "" {
		want := celType(f.kind)
		if f.kind == KindObject {
			c.add(append(path, "computed"), "a field of this type cannot be computed")
			return
		}
		f.computed = c.expression(f.Computed, want, i, append(path, "computed"))
	}
	for n, cp := range f.CopyFrom {
		at := append(path[:len(path):len(path)], "copyFrom", strconv.Itoa(n))
		from, ok := c.form.scope.index[cp.Field]
		switch {
		case !ok:
			c.add(append(at, "field"), "there is no field %s", cp.Field)
			continue
		case from >= i:
			c.add(append(at, "field"), "%s comes after this field", cp.Field)
			continue
		case c.form.fields[from].Type != f.Type || c.form.fields[from].Codes != f.Codes:
			c.add(append(at, "field"), "%s is of another type", cp.Field)
			continue
		}
		cc := compiledCopy{from: from}
		if cp.When != "" {
			cc.when = c.expression(cp.When, cel.BoolType, i, append(at, "when"))
		}
		f.copies = append(f.copies, cc)
	}
}

func (c *compiler) expression(src string, want *cel.Type, before int, path []string) *expression {
	e, err := c.form.scope.compile(src, want)
	if err != nil {
		c.add(path, "%v", err)
		return nil
	}
	for _, d := range e.deps {
		if d >= before {
			c.add(path, "%s does not come before this field", c.form.fields[d].Key)
		}
	}
	return e
}

func (c *compiler) rules() {
	def := &c.form.def
	seen := map[string]bool{}
	for i := range def.Rules {
		r := &def.Rules[i]
		path := []string{"rules", strconv.Itoa(i)}
		at, ok := c.form.scope.index[r.Field]
		switch {
		case !formID.MatchString(r.ID) || seen[r.ID]:
			c.add(append(path, "id"), "a rule has an id of its own: small letters, digits and _")
		case !ok:
			c.add(append(path, "field"), "there is no field %s", r.Field)
		}
		seen[r.ID] = true
		c.both(append(path, "message"), r.Message, true)
		cr := &compiledRule{Rule: r, at: at}
		cr.broken = c.expression(r.Broken, cel.BoolType, len(c.form.fields), append(path, "broken"))
		c.form.rules = append(c.form.rules, cr)
	}
}

// both checks that a text is there in both languages, or in none.
func (c *compiler) both(path []string, t Text, required bool) {
	switch {
	case t == Text{} && required:
		c.add(path, "the text is missing")
	case t == Text{}:
	case t.VI == "" || t.EN == "":
		c.add(path, "the text is needed in vi and en")
	case t.VI != text.NFC(t.VI) || t.EN != text.NFC(t.EN):
		c.add(path, "the text is not in NFC, or has invisible characters")
	}
}

// context is what a type may know about a field.
func (f *Form) context(c *compiled, l text.Locale, now time.Time) Context {
	return Context{Locale: l, Now: now, Refs: f.refs, match: c.match}
}

// ID is the id of the definition.
func (f *Form) ID() string { return f.def.ID }

// Version is the version of the definition.
func (f *Form) Version() string { return f.def.Version }

// Definition gives the definition the form was made of. It must not be changed.
func (f *Form) Definition() Definition { return f.def }

// Keys lists the fields in the order of the form.
func (f *Form) Keys() []string {
	keys := make([]string, len(f.fields))
	for i, c := range f.fields {
		keys[i] = c.Key
	}
	return keys
}

// Field gives the definition of a field.
func (f *Form) Field(key string) (Field, bool) {
	i, ok := f.scope.index[key]
	if !ok {
		return Field{}, false
	}
	return *f.fields[i].Field, true
}

// field finds a compiled field, or gives a not_found error.
func (f *Form) field(op, key string) (*compiled, error) {
	i, ok := f.scope.index[key]
	if !ok {
		return nil, core.Invalid(op, core.Violation{Field: key, Key: "field.unknown"})
	}
	return f.fields[i], nil
}
