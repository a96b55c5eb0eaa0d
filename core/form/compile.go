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
	maxFields     = 300 // as they are written
	maxExpanded   = 600 // with each item of a list counted
	maxShort      = 40  // characters of Short
	maxShortReply = 72  // characters of a numbered list of short options
)

// Form is a compiled definition.
type Form struct {
	def    Definition
	refs   Refs
	fields []*compiled
	lists  []*repeated
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

	rep   *repeated // the list it belongs to; nil = none
	item  int       // which item, from 1; 0 = none, or the question how many
	local string    // key inside its item
	named int       // position of the field of NameFrom, -1 = none
}

// fixed reports whether the value only follows from others.
func (c *compiled) fixed() bool { return c.ReadOnly || c.Type == (computed{}).Name() }

// paper reports whether the answer is pictures and not a value.
func (c *compiled) paper() bool { _, ok := c.typ.(paper); return ok }

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
	form    *Form
	types   map[string]Type
	lists   map[string]*matcher
	written int // fields as they are written
	issues  []Issue
}

func (c *compiler) add(path []string, format string, args ...any) {
	c.issues = append(c.issues, Issue{slices.Clone(path), fmt.Sprintf(format, args...)})
}

var (
	formID   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	listKey  = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
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
	paths := c.groups()
	switch n := len(c.form.fields); {
	case n == 0 && len(c.issues) == 0:
		c.add([]string{"groups"}, "a form has fields")
		return
	case n > maxExpanded:
		c.add([]string{"groups"}, "a form has at most %d fields with each item counted, this one %d", maxExpanded, n)
		return
	case c.written > maxFields:
		c.add([]string{"groups"}, "a form has at most %d fields", maxFields)
		return
	}
	if len(c.issues) > 0 {
		return // names must stand before expressions are checked
	}
	s, err := newScope(c.form.fields, c.form.lists, def.Facts)
	if err == nil {
		for _, r := range c.form.lists {
			if r.scope, err = s.inside(r, c.form.fields); err != nil {
				break
			}
		}
	}
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

// groups makes the fields of all groups and gives the path of each in the file.
func (c *compiler) groups() (paths [][]string) {
	def := &c.form.def
	seen := map[string]bool{}
	for gi := range def.Groups {
		g := &def.Groups[gi]
		path := []string{"groups", strconv.Itoa(gi)}
		c.both(append(path, "title"), g.Title, true)
		if len(g.Fields) == 0 {
			c.add(path, "a group has fields")
		}
		if g.Repeat != nil {
			paths = append(paths, c.list(g, path, seen)...)
			continue
		}
		for fi := range g.Fields {
			f := &g.Fields[fi]
			path := append(path[:2:2], "fields", strconv.Itoa(fi))
			if !fieldKey.MatchString(f.Key) || f.Key == varToday || f.Key+"." == itemPrefix || strings.HasPrefix(f.Key, factPrefix) || strings.HasPrefix(f.Key, itemPrefix) {
				c.add(append(path, "key"), "a key is words of letters and digits joined by dots, and not today, item or facts")
				continue
			}
			if seen[f.Key] {
				c.add(append(path, "key"), "the key %s occurs twice", f.Key)
				continue
			}
			seen[f.Key] = true
			c.written++
			if cf := c.field(f, g, path); cf != nil {
				c.form.fields = append(c.form.fields, cf)
				paths = append(paths, path)
			}
		}
	}
	for i, f := range c.form.fields {
		if f.item > 0 {
			continue // inside the key of its list
		}
		for j, other := range c.form.fields {
			if i != j && strings.HasPrefix(other.Key, f.Key+".") {
				c.add(append(paths[j], "key"), "the key %s lies inside the key %s", other.Key, f.Key)
			}
		}
	}
	for _, r := range c.form.lists {
		for i, f := range c.form.fields {
			if f.rep != r && (f.Key == r.Key || strings.HasPrefix(f.Key, r.Key+".")) {
				c.add(append(paths[i], "key"), "the key %s lies inside the list %s", f.Key, r.Key)
			}
		}
	}
	return paths
}

// list makes the fields of a repeated group: how many, then each item's.
func (c *compiler) list(g *Group, path []string, seen map[string]bool) (paths [][]string) {
	at := append(path[:2:2], "repeat")
	rep := g.Repeat
	switch {
	case !listKey.MatchString(g.Key) || seen[g.Key] || g.Key == varToday || g.Key+"." == itemPrefix || g.Key+"." == factPrefix:
		c.add(append(path, "key"), "a list has a key of its own: letters and digits")
		return nil
	case rep.Max < 1 || rep.Max > MaxItems || rep.Min < 0 || rep.Min > rep.Max:
		c.add(append(at, "max"), "a list has min 0 or more and max 1 to %d items", MaxItems)
		return nil
	}
	seen[g.Key] = true
	c.both(append(at, "item"), rep.Item, true)
	if !strings.Contains(rep.Item.VI, "{n}") || !strings.Contains(rep.Item.In(text.EN), "{n}") {
		c.add(append(at, "item"), "the heading of an item says its number: {n}")
	}
	r := &repeated{Group: g, count: len(c.form.fields), size: len(g.Fields), local: map[string]int{}}
	question := g.countField()
	c.written++
	count := c.field(&question, g, append(at, countName))
	if count == nil {
		return nil
	}
	count.rep = r
	first := c.firstItem(r, path)
	if len(first) != r.size {
		return nil
	}
	c.form.lists = append(c.form.lists, r)
	c.form.fields = append(c.form.fields, count)
	paths = append(paths, append(at, countName))
	for n := 1; n <= rep.Max; n++ {
		for off, tmpl := range first {
			cf, f := *tmpl, r.itemOf(*tmpl.Field, n)
			cf.Field, cf.rep, cf.item, cf.local = &f, r, n, tmpl.Key
			c.form.fields = append(c.form.fields, &cf)
			paths = append(paths, append(path[:2:2], "fields", strconv.Itoa(off)))
		}
	}
	return paths
}

// firstItem checks the fields of a list as they are written.
func (c *compiler) firstItem(r *repeated, path []string) (fields []*compiled) {
	for off := range r.Fields {
		f := &r.Fields[off]
		at := append(path[:2:2], "fields", strconv.Itoa(off))
		_, twice := r.local[f.Key]
		switch {
		case !fieldKey.MatchString(f.Key) || strings.HasPrefix(f.Key, itemPrefix):
			c.add(append(at, "key"), "a key is words of letters and digits joined by dots; inside a list it has no item. in front")
			continue
		case twice:
			c.add(append(at, "key"), "the key %s occurs twice", f.Key)
			continue
		}
		for other := range r.local {
			if strings.HasPrefix(other, f.Key+".") || strings.HasPrefix(f.Key, other+".") {
				c.add(append(at, "key"), "the keys %s and %s lie in one another", f.Key, other)
			}
		}
		r.local[f.Key] = off
		c.written++
		cf := c.field(f, r.Group, at)
		if cf == nil {
			continue
		}
		if cf.paper() || f.Type == (consent{}).Name() {
			c.add(append(at, "type"), "a list has no papers and no consents: put %s into a group of its own", f.Key)
		}
		widest := strconv.Itoa(r.Repeat.Max) + "/" + strconv.Itoa(r.Repeat.Max)
		for _, l := range text.Locales() {
			if s := shortItem(r.Repeat, cf.short[l], widest, l); utf8.RuneCountInString(s) > maxShort {
				c.add(append(at, "short"), "%q has more than %d characters with the number of the item: write a shorter label", s, maxShort)
			}
		}
		fields = append(fields, cf)
	}
	return fields
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
	cf := &compiled{Field: f, group: g, typ: t, kind: t.Kind(), named: -1,
		short: map[text.Locale]string{text.VI: shortLabel(f, text.VI), text.EN: shortLabel(f, text.EN)}}
	if f.Codes != "" {
		cf.match = c.codes(f.Codes)
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
	switch {
	case f.ReadOnly && f.Computed == "":
		c.add(append(path, "readOnly"), "a read-only field says how it is computed")
	case f.NameFrom != "" && f.Type != (cosign{}).Name():
		c.add(append(path, "nameFrom"), "only a cosign field takes its name from another")
	case cf.paper() && (f.Computed != "" || f.Default != "" || len(f.CopyFrom) > 0 || f.Ask != ""):
		c.add(append(path, "type"), "a paper has no value: nothing is computed, copied or reviewed")
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

func (c *compiler) codes(name string) *matcher {
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
// What is wrong in a list is said once, for its first item.
func (c *compiler) expressions(i int, f *compiled, path []string) {
	if before := len(c.issues); f.item > 1 {
		defer func() { c.issues = c.issues[:before] }()
	}
	if f.When != "" {
		at := append(path, "when")
		if f.rep != nil && f.item == 0 {
			at = append(path[:len(path)-1:len(path)-1], "when") // of the list
		}
		f.when = c.expression(f.When, cel.BoolType, i, at)
	}
	if f.Computed != "" {
		f.computed = c.expression(f.Computed, celType(f.kind), i, append(path, "computed"))
	}
	if f.NameFrom != "" {
		switch from, ok := c.form.scope.index[f.NameFrom]; {
		case !ok || c.form.fields[from].Type != (personName{}).Name():
			c.add(append(path, "nameFrom"), "there is no person_name field %s", f.NameFrom)
		case from >= i:
			c.add(append(path, "nameFrom"), "%s comes after this field", f.NameFrom)
		case c.form.fields[from].item != f.item && c.form.fields[from].item != 0:
			c.add(append(path, "nameFrom"), "%s is of another item", f.NameFrom)
		default:
			f.named = from
		}
	}
	c.copies(i, f, path)
}

// copies finds the fields that field i takes its answer from.
func (c *compiler) copies(i int, f *compiled, path []string) {
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

// expression compiles what field i, or a rule behind all fields, says in CEL.
func (c *compiler) expression(src string, want *cel.Type, before int, path []string) *expression {
	s, item := c.form.scope, 0
	if before < len(c.form.fields) && c.form.fields[before].item > 0 {
		s, item = c.form.fields[before].rep.scope, c.form.fields[before].item
	}
	e, err := s.compile(src, want, item)
	if err != nil {
		c.add(path, "%v", err)
		return nil
	}
	for _, d := range e.deps {
		if d >= before {
			c.add(path, "%s does not come before this field", c.form.fields[d].Key)
			break
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
