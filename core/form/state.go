package form

import (
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Answers are what was answered, by field key. Answers of fields that are not
// visible now stay in it: they are kept aside, count for nothing, and come back
// when their field does.
type Answers = map[string]core.DraftAnswer

// The authors of answers that nobody typed. Resolve works the first three out
// anew each time and does not look at stored ones; a profile answer is one the
// citizen had given before this draft; a settled one follows from what is applied
// for and is never asked or changed.
const (
	AuthorCopy     = "copy"
	AuthorDefault  = "default"
	AuthorComputed = "computed"
	AuthorProfile  = "profile"
	AuthorSettled  = "settled"
)

// State is a form together with answers: what is visible, what is known, what
// is open. It is made by Resolve for one instant and one goroutine.
type State struct {
	form    *Form
	answers Answers
	facts   Facts
	now     time.Time
	today   string // YYYY-MM-DD
	memo    []ref.Val
	items   []item
	vals    []ref.Val // nil = not known yet
	final   *State    // the same with every open question taken as not answered

	done, total int // of Progress, once counted
	counted     bool
}

type item struct {
	visible Tri
	value   any    // canonical; nil = none
	author  string // of value
	skipped bool
	derived Tri // whether a value is known without asking
}

// Resolve works out the state of a form. It costs a few microseconds and never
// compiles anything.
func (f *Form) Resolve(a Answers, facts Facts, now time.Time) *State {
	return f.resolve(a, facts, now, false)
}

func (f *Form) resolve(a Answers, facts Facts, now time.Time, final bool) *State {
	st := &State{
		form: f, answers: a, facts: facts, now: now, today: civil(now).Format(isoDate),
		items: make([]item, len(f.fields)),
		vals:  make([]ref.Val, len(f.fields)),
	}
	act := st.activation()
	for i, c := range f.fields {
		it := &st.items[i]
		it.visible = Yes
		if c.item > 0 {
			it.visible = c.itemVisible(st)
			if it.visible == Maybe {
				continue // whether the item is there is open: its conditions cost nothing yet
			}
		}
		if it.visible == Yes && c.when != nil {
			it.visible = triOf(act.eval(c.when))
		}
		if it.visible == No {
			st.vals[i] = types.NullValue
			continue
		}
		st.settle(i, c, it, act)
		switch {
		case it.visible == Maybe:
			st.vals[i] = nil
		case it.value != nil:
			st.vals[i] = celValue(it.value)
		case it.skipped || final || it.derived == No && !c.asked():
			st.vals[i] = types.NullValue
		}
	}
	return st
}

func (st *State) activation() *values {
	if st.memo == nil {
		st.memo = make([]ref.Val, *st.form.scope.next)
	}
	return &values{scope: st.form.scope, memo: st.memo, vals: st.vals, facts: st.facts, today: st.today, supposed: -1}
}

// settle finds the value of a field: what was answered, else what is known from
// other answers, else the default.
func (st *State) settle(i int, c *compiled, it *item, act *values) {
	value, author, known := st.derive(c, act)
	it.derived = known
	if ans, ok := st.answers[c.Key]; ok && !isDerived(ans.Author) && !c.fixed() && !c.paper() {
		if ans.Skipped || ans.Value == nil {
			it.skipped = true
			return
		}
		if v, err := Normal(ans.Value); err == nil {
			it.value, it.author = v, ans.Author
			return
		}
	}
	if known == Yes {
		it.value, it.author = value, author
	}
}

func isDerived(author string) bool {
	return author == AuthorCopy || author == AuthorDefault || author == AuthorComputed
}

// Unasked reports whether answers of an author stand without a question.
func Unasked(author string) bool {
	return isDerived(author) || author == AuthorProfile || author == AuthorSettled
}

// derive gives the value a field has without being asked. Maybe means that it
// depends on a question that is still open.
func (st *State) derive(c *compiled, act *values) (v any, author string, known Tri) {
	for _, cp := range c.copies {
		when := Yes
		if cp.when != nil {
			when = triOf(act.eval(cp.when))
		}
		if when == No {
			continue
		}
		from := &st.items[cp.from]
		switch {
		case when == Maybe || st.vals[cp.from] == nil:
			return nil, "", Maybe
		case from.value != nil && st.valid(c, from.value):
			return from.value, AuthorCopy, Yes
		}
	}
	if c.computed != nil {
		r := act.eval(c.computed)
		if types.IsUnknown(r) {
			return nil, "", Maybe
		}
		if v := goValue(r); v != nil && st.valid(c, v) {
			return v, AuthorComputed, Yes
		}
	}
	if c.def != nil {
		return c.def, AuthorDefault, Yes
	}
	return nil, "", No
}

func (st *State) valid(c *compiled, v any) bool {
	return c.typ.Check(c.Field, v, st.form.context(c, text.VI, st.now)) == nil
}

// asked reports whether Next may ask for the field.
func (c *compiled) asked() bool {
	return c.Ask != AskReview && c.Type != (consent{}).Name() && !c.fixed() && !c.paper()
}

// Asks reports whether Next may ever ask for a field: it is no consent, no paper,
// not computed and not for review only.
func (f *Form) Asks(key string) bool {
	i, ok := f.scope.index[key]
	return ok && f.fields[i].asked()
}

// settled is the state with every open question taken as not answered: what a
// submission would hold now.
func (st *State) settled() *State {
	if st.final == nil {
		st.final = st.form.resolve(st.answers, st.facts, st.now, true)
		st.final.final = st.final
	}
	return st.final
}

// Form gives the form of the state.
func (st *State) Form() *Form { return st.form }

// Visible lists the fields that belong to the form now, in order. Fields that
// may still appear are not among them.
func (st *State) Visible() []string {
	var keys []string
	for i, c := range st.form.fields {
		if st.items[i].visible == Yes {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Aside lists the fields whose answers are kept although the field is not
// visible now, in order.
func (st *State) Aside() []string {
	var keys []string
	for i, c := range st.form.fields {
		if ans, ok := st.answers[c.Key]; ok && st.items[i].visible == No && ans.Value != nil {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Value gives the canonical value a field has now, answered or known.
func (st *State) Value(key string) (any, bool) {
	i, ok := st.form.scope.index[key]
	if !ok || st.items[i].visible != Yes || st.items[i].value == nil {
		return nil, false
	}
	return st.items[i].value, true
}

// Canonical gives what a submission holds: the visible fields with a value,
// known ones included, lists as lists of objects. Hash and Canonical take it as it
// is.
func (st *State) Canonical() map[string]any {
	fin := st.settled()
	out := make(map[string]any, len(fin.items))
	for i, c := range st.form.fields {
		if it := fin.items[i]; c.rep == nil && it.visible == Yes && it.value != nil {
			out[c.Key] = it.value
		}
	}
	fin.fold(out)
	return out
}

// Validate tells what stops a submission: required answers that are missing,
// values that are not acceptable, rules that are broken. It is in the order of
// the form, rules last.
func (st *State) Validate() []core.Violation {
	fin := st.settled()
	var out []core.Violation
	for i, c := range st.form.fields {
		it := fin.items[i]
		switch {
		case it.visible != Yes || c.paper():
		case it.value == nil && c.Required:
			key := "field.required"
			if c.Type == (consent{}).Name() {
				key = "field.consent.needed"
			}
			out = append(out, core.Violation{Field: c.Key, Key: key})
		case it.value != nil:
			if bad := c.typ.Check(c.Field, it.value, st.form.context(c, text.VI, st.now)); bad != nil {
				bad.Field = c.Key
				out = append(out, *bad)
			}
		}
	}
	return append(out, fin.broken(true)...)
}

// Warnings tells which rules that do not block are broken. A Violation of a
// rule has the key field.rule and the arguments rule, vi and en.
func (st *State) Warnings() []core.Violation { return st.settled().broken(false) }

func (st *State) broken(blocking bool) []core.Violation {
	var out []core.Violation
	act := st.activation()
	for _, r := range st.form.rules {
		if r.Blocks == blocking && triOf(act.eval(r.broken)) == Yes {
			out = append(out, core.Violation{Field: r.Field, Key: "field.rule",
				Args: map[string]string{"rule": r.ID, "vi": r.Message.VI, "en": r.Message.EN}})
		}
	}
	return out
}

// Line is one line of a summary.
type Line struct {
	Key      string
	Group    string
	Heading  Text // of the item of a list, "Thành viên 2/3"; empty outside lists
	Label    Text
	Value    any    // canonical; nil = left empty
	Shown    string // for the citizen on a private channel
	Masked   string // for a channel that others may read; "" when Private
	Known    bool   // nobody was asked: copied, computed, default or profile
	Editable bool
	Private  bool
}

// Summary lists the visible fields but consents, in order, empty ones included.
func (st *State) Summary(l text.Locale) []Line {
	fin := st.settled()
	var lines []Line
	for i, c := range st.form.fields {
		it := fin.items[i]
		if it.visible != Yes || c.Type == (consent{}).Name() || c.paper() {
			continue
		}
		line := Line{Key: c.Key, Group: c.group.Key, Label: c.Label, Value: it.value, Private: c.Private,
			Editable: !c.fixed() && it.author != AuthorSettled, Heading: fin.itemHeading(c), Known: Unasked(it.author)}
		if it.value != nil {
			cx := st.form.context(c, l, st.now)
			line.Shown = c.typ.Display(c.Field, it.value, cx)
			if !c.Private {
				line.Masked = c.typ.Mask(c.Field, it.value, cx)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Consents lists the consent fields that are visible, in order, given or not.
func (st *State) Consents() []string {
	fin := st.settled()
	var keys []string
	for i, c := range st.form.fields {
		if c.Type == (consent{}).Name() && fin.items[i].visible == Yes {
			keys = append(keys, c.Key)
		}
	}
	return keys
}
