package form

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Question is a field to be asked, with everything a channel needs to ask it.
type Question struct {
	Key      string
	Type     string
	Group    string
	Heading  Text // of the group; of an item of a list "Thành viên 2/3"
	Item     int  // which item of a list it is about, from 1; 0 = none
	Items    int  // of how many
	Label    Text
	Text     Text // the sentence that asks
	Help     Text
	Example  Text
	Choices  []Option // numbered from 1; empty when the answer is typed
	Optional bool     // "bỏ qua" is an answer
	Private  bool
	Current  any    // canonical value it has now (editing); nil = none
	Shown    string // Current for its owner, Vietnamese
	Expect   core.Expect
	AudioKey string // message key of the recorded question
	Done     int    // questions answered before this one
	Total    int    // questions in all; see Progress

	short map[text.Locale]string
}

// Next gives the next open question. ok is false when nothing is left to ask;
// Validate then tells whether the form can be submitted.
func (st *State) Next() (q Question, ok bool) {
	if i := st.next(); i >= 0 {
		return st.question(i), true
	}
	return Question{}, false
}

// NextKey gives the field of the next open question without putting the question
// together.
func (st *State) NextKey() (key string, ok bool) {
	if i := st.next(); i >= 0 {
		return st.form.fields[i].Key, true
	}
	return "", false
}

func (st *State) next() int {
	for i, c := range st.form.fields {
		it := &st.items[i]
		if it.visible == Yes && c.asked() && it.value == nil && !it.skipped && it.derived != Yes {
			return i
		}
	}
	return -1
}

// Question gives the question of a field that is visible, answered or not.
func (st *State) Question(key string) (q Question, ok bool) {
	i, ok := st.form.scope.index[key]
	if !ok || st.items[i].visible == No || st.form.fields[i].fixed() || st.form.fields[i].paper() {
		return Question{}, false
	}
	return st.question(i), true
}

// Previous gives the last question before key that was answered or passed over
// by the citizen; key "" means the end of the form.
func (st *State) Previous(key string) (q Question, ok bool) {
	end := len(st.form.fields)
	if i, ok := st.form.scope.index[key]; ok {
		end = i
	}
	for i := end - 1; i >= 0; i-- {
		it := &st.items[i]
		if it.visible == Yes && st.form.fields[i].asked() && (it.skipped || it.value != nil && !isDerived(it.author) && it.author != AuthorSettled) {
			return st.question(i), true
		}
	}
	return Question{}, false
}

func (st *State) question(i int) Question {
	c, it := st.form.fields[i], st.items[i]
	cx := st.form.context(c, text.VI, st.now)
	q := Question{
		Key: c.Key, Type: c.Type, Group: c.group.Key, Heading: c.group.Title,
		Label: c.Label, Text: c.Question, Help: c.Help, Example: c.Example,
		Optional: !c.Required, Private: c.Private, Current: it.value,
		Expect: core.ExpectText, AudioKey: "form." + st.form.def.ID + "." + c.Key,
		short: c.short,
	}
	if c.item > 0 {
		number := st.itemNumber(c)
		q.Item, q.Items, q.Heading = c.item, max(c.item, st.itemsOf(c.rep)), c.rep.Repeat.heading(number)
		q.AudioKey = "form." + st.form.def.ID + "." + c.group.Key + "." + c.local
		q.short = map[text.Locale]string{
			text.VI: shortItem(c.rep.Repeat, c.short[text.VI], number, text.VI), text.EN: shortItem(c.rep.Repeat, c.short[text.EN], number, text.EN),
		}
	}
	if c.named >= 0 {
		q.nameWho(st.items[c.named].value)
	}
	if q.Text == (Text{}) {
		q.Text = c.Label
	}
	if ch, ok := c.typ.(Chooser); ok {
		q.Choices, q.Expect = ch.Choices(c.Field, cx), core.ExpectChoice
	}
	if it.value != nil {
		q.Shown = c.typ.Display(c.Field, it.value, cx)
	}
	q.Done, q.Total = st.Progress()
	return q
}

// nameWho writes whom a cosign is about in place of {name}.
func (q *Question) nameWho(name any) {
	who := Text{"người đó", "that person"}
	if s, _ := name.(string); s != "" {
		who = Text{text.PersonName(s), text.PersonName(s)}
	}
	for _, t := range []*Text{&q.Text, &q.Help} {
		*t = Text{strings.ReplaceAll(t.VI, "{name}", who.VI), strings.ReplaceAll(t.EN, "{name}", who.EN)}
	}
}

// shortLabel is the field's name on a narrow channel: plain ASCII.
func shortLabel(f *Field, l text.Locale) string {
	if s := f.Short.In(l); s != "" && (l == text.VI || f.Short.EN != "") {
		return text.Plain(s)
	}
	return text.Plain(f.Label.In(l))
}

// Short gives the field's name for a narrow channel: plain ASCII, ≤ 40
// characters.
func (q Question) Short(l text.Locale) string { return q.short[l] }

// Compact asks the question in plain ASCII: the short name and the numbered
// options, or an example. Together with "HCMC-DVC: Cau 12/23: " it fits one
// message of 160 GSM-7 characters.
func (q Question) Compact(l text.Locale) string {
	s := q.Short(l) + "?"
	if len(q.Choices) > 0 {
		s += " " + shortChoices(q.Choices, l)
	} else if e := text.Plain(q.Example.In(l)); e != "" && len(e) <= 30 {
		word := " Vi du: "
		if l == text.EN {
			word = " Example: "
		}
		s += word + e
	}
	if q.Optional {
		if l == text.EN {
			s += ". SKIP if none"
		} else {
			s += ". BO QUA neu khong co"
		}
	}
	return s
}

func shortChoices(options []Option, l text.Locale) string {
	var b strings.Builder
	for i, o := range options {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(i+1) + " " + o.Plain(l))
	}
	return b.String()
}

// Parse reads what a person typed for a field. Violations carry the field's key.
func (f *Form) Parse(key, typed string, l text.Locale, now time.Time) Outcome {
	c, err := f.field("form.parse", key)
	if err != nil {
		return reject("field.unknown")
	}
	o := c.typ.Parse(c.Field, typed, f.context(c, l, now))
	if o.Violation != nil {
		o.Violation.Field = key
	}
	for _, vs := range [][]core.Violation{o.Warnings, o.Notes} {
		for i := range vs {
			vs[i].Field = key
		}
	}
	return o
}

// ChoiceValue gives the canonical value of an option of a field: the text of
// Option.Value, or true and false of a yes/no question.
func (f *Form) ChoiceValue(key, option string) (any, bool) {
	c, err := f.field("form.choice", key)
	if err != nil {
		return nil, false
	}
	ch, ok := c.typ.(Chooser)
	if !ok {
		return nil, false
	}
	for _, o := range ch.Choices(c.Field, f.context(c, text.VI, time.Time{})) {
		if o.Value != option {
			continue
		}
		if c.kind == KindBool {
			return option == "true", true
		}
		return option, true
	}
	return nil, false
}

// Display writes a value of a field for its owner.
func (f *Form) Display(key string, v any, l text.Locale) string {
	c, cx, v := f.shown(key, v, l)
	if c == nil {
		return ""
	}
	return c.typ.Display(c.Field, v, cx)
}

// Mask writes a value for a channel that others may read.
func (f *Form) Mask(key string, v any, l text.Locale) string {
	c, cx, v := f.shown(key, v, l)
	switch {
	case c == nil:
		return ""
	case c.Private:
		return "***"
	}
	return c.typ.Mask(c.Field, v, cx)
}

// Spoken writes a value to be read aloud.
func (f *Form) Spoken(key string, v any, l text.Locale) string {
	c, cx, v := f.shown(key, v, l)
	if c == nil {
		return ""
	}
	if s, ok := c.typ.(Speaker); ok {
		return s.Spoken(c.Field, v, cx)
	}
	return c.typ.Display(c.Field, v, cx)
}

// Echoer is implemented by types that are read back in another way than they
// are listed.
type Echoer interface {
	Echo(v any, l text.Locale) string
}

// Echo is how an answer is read back when it was understood: as Display, a day
// with its weekday.
func (f *Form) Echo(key string, v any, l text.Locale) string {
	c, cx, v := f.shown(key, v, l)
	if c == nil {
		return ""
	}
	if e, ok := c.typ.(Echoer); ok {
		return e.Echo(v, l)
	}
	return c.typ.Display(c.Field, v, cx)
}

// shown finds a field and the normal form of a value; nil when there is none.
func (f *Form) shown(key string, v any, l text.Locale) (*compiled, Context, any) {
	c, err := f.field("form.display", key)
	if err != nil || v == nil {
		return nil, Context{}, nil
	}
	if v, err = Normal(v); err != nil {
		return nil, Context{}, nil
	}
	return c, f.context(c, l, time.Time{}), v
}
