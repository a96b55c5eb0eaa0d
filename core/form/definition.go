package form

import "github.com/motcua/motcua/core/text"

// Text is a short text in the two languages. Vietnamese is always there.
type Text struct {
	VI string `yaml:"vi"`
	EN string `yaml:"en"`
}

// In gives the text in a language; the Vietnamese one when there is no other.
func (t Text) In(l text.Locale) string {
	if l == text.EN && t.EN != "" {
		return t.EN
	}
	return t.VI
}

// Definition is a form as it is written: one YAML file.
type Definition struct {
	ID        string   `yaml:"id"`
	Version   string   `yaml:"version"`   // any text; a change of content needs a new one
	Title     Text     `yaml:"title"`     //
	LegalForm string   `yaml:"legalForm"` // the regulation that prescribes the paper form
	Note      Text     `yaml:"note"`      // what a citizen should know before starting
	Facts     []string `yaml:"facts"`     // names that conditions may use as facts.<name>
	Groups    []Group  `yaml:"groups"`
	Rules     []Rule   `yaml:"rules"`
}

// Group is a block of the form with its own heading.
type Group struct {
	Key    string  `yaml:"key"`
	Title  Text    `yaml:"title"`
	Repeat *Repeat `yaml:"repeat"` // the group is a list; nil = it is there once
	Fields []Field `yaml:"fields"`
}

// Repeat makes a group a list of items: children, members, documents. The keys of
// its fields are their own ("fullName"); a compiled form has them once for each
// item, as "<group>.i<N>.fullName", behind the question "<group>.count". Their
// expressions say item.<name> for fields of the same item. Expressions behind the
// group see <group>.count and <group>.sum.<name>, the total of a number field over
// the items.
type Repeat struct {
	Min   int    `yaml:"min"`
	Max   int    `yaml:"max"`   // at most MaxItems
	Count Count  `yaml:"count"` // the question how many
	Item  Text   `yaml:"item"`  // heading of an item, {n} is its number: "Thành viên {n}"
	When  string `yaml:"when"`  // CEL; empty = always
}

// Count is the question how many items there are.
type Count struct {
	Label    Text `yaml:"label"`
	Question Text `yaml:"question"`
	Short    Text `yaml:"short"`
	Help     Text `yaml:"help"`
	Example  Text `yaml:"example"`
}

// MaxItems is the most items a group may have.
const MaxItems = 20

// Field is one question of a form.
//
// The CEL expressions (When, Computed, CopyFrom[].When) see every earlier field
// under its key (null when it has no answer), facts.<name> and today. See
// functions.go for what they may call.
type Field struct {
	Key      string `yaml:"key"`      // dotted, unique: "child.birthDate"
	Type     string `yaml:"type"`     // name of a Type
	Label    Text   `yaml:"label"`    // its name, for summaries and papers
	Question Text   `yaml:"question"` // the sentence that asks for it; Label when missing
	Short    Text   `yaml:"short"`    // ≤ 40 characters for narrow channels; Label without accents when missing
	Help     Text   `yaml:"help"`
	Example  Text   `yaml:"example"`
	Required bool   `yaml:"required"`
	When     string `yaml:"when"` // CEL; empty = always

	Options []Option `yaml:"options"` // of select
	Codes   string   `yaml:"codes"`   // of code: name of a list of Refs.Codes
	Min     string   `yaml:"min"`     // least number, length or date ("today-60d", "1900-01-01")
	Max     string   `yaml:"max"`     // greatest, likewise
	Free    bool     `yaml:"free"`    // of org: an office outside the city may be written in words
	Native  bool     `yaml:"native"`  // of person_name: a Vietnamese name (Civil Code art. 26) is expected

	Default  string `yaml:"default"`  // canonical value used unless the citizen says otherwise
	CopyFrom []Copy `yaml:"copyFrom"` // answers already known that hold here too; first match wins
	Computed string `yaml:"computed"` // CEL of the value; the citizen may change it unless it is read-only
	ReadOnly bool   `yaml:"readOnly"` // of a computed value: never asked and never changed

	// NameFrom is the key of an earlier person_name field: a cosign field then asks
	// for the phone number of that person only.
	NameFrom string `yaml:"nameFrom"`

	// Ask is when the question is put: "" in its turn; "review" never by itself,
	// it can be filled in on a screen or from the summary (optional fields only).
	Ask string `yaml:"ask"`
	// Private values are never shown on a channel that others may read, not even
	// masked.
	Private bool `yaml:"private"`
	// Rev is raised when the meaning of the field changed, so that an answer to
	// an earlier revision is asked again.
	Rev int `yaml:"rev"`
}

// AskReview is the Ask of fields that are only offered for review.
const AskReview = "review"

// Option is one choice of a select or one entry of a code list.
type Option struct {
	Value   string   `yaml:"value"` // canonical
	VI      string   `yaml:"vi"`
	EN      string   `yaml:"en"`
	Short   Text     `yaml:"short"`   // for narrow channels; made from VI and EN when missing
	Aliases []string `yaml:"aliases"` // other words people use
}

// Label gives the option's words.
func (o Option) Label(l text.Locale) string { return Text{o.VI, o.EN}.In(l) }

// Plain gives the option's words for a narrow channel: ASCII.
func (o Option) Plain(l text.Locale) string {
	if s := o.Short.In(l); s != "" {
		return text.Plain(s)
	}
	return text.Plain(o.Label(l))
}

// Copy says where an answer is already known from.
type Copy struct {
	Field string `yaml:"field"` // key of an earlier field of the same type
	When  string `yaml:"when"`  // CEL; empty = always
}

// Rule is a check over several fields. When Broken is true its Message is given
// for Field. A rule that warns is shown and does not stop the submission.
type Rule struct {
	ID      string `yaml:"id"`
	Field   string `yaml:"field"`
	Broken  string `yaml:"broken"` // CEL over all fields
	Blocks  bool   `yaml:"blocks"`
	Message Text   `yaml:"message"`
}

// CodeList is a named list of codes as a pack writes it.
type CodeList struct {
	Name   string   `yaml:"name"`
	Source string   `yaml:"source"`
	Codes  []Option `yaml:"codes"`
}
