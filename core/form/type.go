package form

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Type is one kind of answer. It owns how people type it, what is valid, how it
// is shown and how it is stored. Each implementation is one file; Types lists
// those of the product and Compile takes more.
//
// Methods get a field of their own type and a value in canonical form.
type Type interface {
	// Name is what a definition writes as type.
	Name() string
	// Kind is the shape of a canonical value.
	Kind() Kind
	// Define checks the type's own parameters of a definition.
	Define(f *Field, cx Context) []Problem
	// Parse reads what a person typed, on any channel.
	Parse(f *Field, typed string, cx Context) Outcome
	// Check tells why a canonical value is not acceptable, or gives nil. It must
	// accept every value Parse gives.
	Check(f *Field, v any, cx Context) *core.Violation
	// Display writes a value for its owner.
	Display(f *Field, v any, cx Context) string
	// Mask writes a value for a channel that others may read: typed words as
	// initials, numbers as their last two digits, choices by their text.
	Mask(f *Field, v any, cx Context) string
	// Schema is the JSON Schema of a canonical value.
	Schema(f *Field, cx Context) map[string]any
}

// Chooser is implemented by types whose answer is one of a few options.
type Chooser interface {
	Choices(f *Field, cx Context) []Option
}

// Speaker is implemented by types that are read aloud otherwise than Display.
type Speaker interface {
	Spoken(f *Field, v any, cx Context) string
}

// Kind is the shape of a canonical value.
type Kind int

// The kinds.
const (
	KindString Kind = iota
	KindInt
	KindBool
	KindObject // map of strings
)

// Context is what a type may know besides its field.
type Context struct {
	Locale text.Locale
	Now    time.Time
	Refs   Refs

	match *matcher // options of the field, folded
}

// today is the first instant of the civil day.
func (cx Context) today() time.Time { return civil(cx.Now) }

// Refs are the facts of a city that form needs and a later area knows. A nil
// function knows nothing.
type Refs struct {
	// ResolvePlace gives the wards whose present or former name is query
	// (folded, with or without the former district), best first.
	ResolvePlace func(query string) []Place
	// Outside gives the province that query names, when that is certainly not a
	// place in the city.
	Outside func(query string) (Text, bool)
	// PlaceName gives the present full name of a ward code.
	PlaceName func(code string, l text.Locale) (string, bool)
	// Codes gives a named list.
	Codes func(list string) ([]Option, bool)
}

// Place is a ward found by name.
type Place struct {
	Code  string // of the present ward
	Name  Text   // its full name
	Old   string // the former unit that matched, "Phường Bến Nghé, Quận 1"; "" when the present name matched
	Exact bool   // the whole name matched, not a part or a near spelling
}

// Problem is something wrong in a definition, at a key of the field.
type Problem struct {
	Key     string
	Message string
}

// Outcome is what came of a typed answer: exactly one of Value, Violation and
// Candidates is set.
type Outcome struct {
	Value     any             // canonical
	Violation *core.Violation // why it cannot be taken
	// Candidates are what it may mean, best first; one candidate asks for a yes.
	// Ask is the message key that introduces them, with Args.
	Candidates []Candidate
	Ask        string
	Args       map[string]string

	// Warnings doubt a Value: they are said once, and the same reply again, or a
	// yes, is taken.
	Warnings []core.Violation
	// Notes are said along with a Value and wait for nothing.
	Notes []core.Violation
}

// Candidate is one thing a typed answer may mean.
type Candidate struct {
	Value any
	Label Text // for its owner
	// Public is Label for a channel that others may read, where Label holds typed
	// words or numbers; else empty.
	Public Text
}

// Shown gives the words of a candidate for its owner, or for a channel that others
// may read.
func (c Candidate) Shown(private bool) Text {
	if private || c.Public == (Text{}) {
		return c.Label
	}
	return c.Public
}

// typedCandidate offers what was typed; others see public.
func typedCandidate(v any, label, public string) Candidate {
	return Candidate{Value: v, Label: Text{label, label}, Public: Text{public, public}}
}

// OK reports whether the answer can be stored as it is.
func (o Outcome) OK() bool { return o.Violation == nil && len(o.Candidates) == 0 }

// Ambiguous reports whether the citizen has to choose.
func (o Outcome) Ambiguous() bool { return len(o.Candidates) > 0 }

// maxCandidates is how many can be listed in one question.
const maxCandidates = 6

func accept(v any) Outcome { return Outcome{Value: v} }

func reject(key string, args ...string) Outcome {
	return Outcome{Violation: violation(key, args...)}
}

// violation makes a Violation of key and argument pairs. Field is filled in by
// the form.
func violation(key string, args ...string) *core.Violation {
	v := core.Violation{Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if v.Args == nil {
			v.Args = map[string]string{}
		}
		v.Args[args[i]] = args[i+1]
	}
	return &v
}

func choose(ask string, cs []Candidate, args ...string) Outcome {
	return Outcome{Candidates: cs, Ask: ask, Args: violation(ask, args...).Args}
}

// Types gives the field types of the product.
func Types() []Type {
	return []Type{
		personName{}, personalID{}, date{}, partialDate{}, phone{}, email{},
		address{}, org{"org"}, org{"ward"}, selectOne{}, code{}, boolean{},
		integer{}, money{}, shortText{}, longText{}, consent{}, fact{}, computed{},
		clock{}, moment{}, bankAccount{}, cosign{}, paper{name: typeImage}, paper{name: typeFileList}, paper{name: typeIDDocument},
	}
}

// MessageKeys lists every message key that this package puts into a Violation
// or an Outcome, so that a catalogue can be checked for them.
func MessageKeys() []string {
	return []string{
		"field.required", "field.empty", "field.tooLong", "field.tooShort", "field.encoding", "field.type", "field.unknown", "field.hidden", "field.rule",
		"field.name.invisible", "field.name.digits", "field.name.script", "field.name.characters", "field.name.short", "field.name.full", "field.name.accents", "field.name.foreign",
		"field.id.digits", "field.id.old", "field.id.province", "field.id.year",
		"field.date.format", "field.date.impossible", "field.date.future", "field.date.after", "field.date.before", "field.date.swapped", "field.date.yearAssumed", "field.date.about",
		"field.phone.format", "field.phone.mobile", "field.phone.foreign", "field.phone.zero", "field.phone.moved",
		"field.email.format", "field.email.typo",
		"field.place.unknown", "field.place.outside", "field.place.moved", "field.place.confirm", "field.place.several", "field.place.tooMany", "field.address.short", "field.address.noWard", "field.address.noLine",
		"field.choice.range", "field.choice.unknown", "field.choice.several", "field.code.unknown",
		"field.yesno.unknown", "field.yesno.unclear", "field.number.format", "field.number.whole", "field.number.min", "field.number.max",
		"field.money.format", "field.consent.needed", "field.computed",
		"field.time.format", "field.datetime.format", "field.bank.format", "field.paper",
		"field.cosign.phone", "field.cosign.name", "field.cosign.one", "field.repeat.none", "field.repeat.min",
	}
}

// basic is embedded for what most types have in common.
type basic struct{}

func (basic) Kind() Kind                       { return KindString }
func (basic) Define(*Field, Context) []Problem { return nil }
func (basic) Display(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return shownText(s)
}

// Mask shows typed words as initials.
func (basic) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return maskedText(s)
}

// shownText is typed text as its owner sees it: a message never carries a whole
// identity number, whatever the question was called.
func shownText(s string) string { return text.MaskNumbers(s, true, text.MaskID) }

// maskedText is typed text for a channel that others may read: initials of words,
// the last two digits of long numbers.
func maskedText(s string) string {
	var numbers []string
	words := text.MaskNumbers(s, true, func(digits string) string {
		numbers = append(numbers, text.LastTwo(digits))
		return ""
	})
	return strings.TrimSpace(text.Initials(words) + " " + strings.Join(numbers, " "))
}

// tidyLine gives one line of typed text in stored form, or why it is not taken.
// Lengths are in characters.
func tidyLine(typed string, max int) (string, *core.Violation) {
	s, bad := tidyText(typed, max)
	return strings.Join(strings.Fields(s), " "), bad
}

// tidyText is tidyLine of text that keeps its line breaks.
func tidyText(typed string, max int) (string, *core.Violation) {
	if !utf8.ValidString(typed) {
		return "", violation("field.encoding")
	}
	if len(typed) > 16*max+64 { // far over; do not normalise it first
		return "", violation("field.tooLong", "max", itoa(max))
	}
	s := text.NFC(typed)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", violation("field.empty")
	case n > max:
		return "", violation("field.tooLong", "max", itoa(max))
	}
	return s, nil
}

// isTidy reports whether a value is text as tidyLine or tidyText leaves it.
func isTidy(s string, lines bool) bool {
	if !utf8.ValidString(s) || s == "" || s != text.NFC(s) {
		return false
	}
	return lines || s == strings.Join(strings.Fields(s), " ")
}

// words splits typed input into folded words, within a length far above any
// answer that is read word by word.
func words(typed string) []string {
	if len(typed) > 1000 || !utf8.ValidString(typed) {
		return nil
	}
	return text.Tokens(typed)
}

// hidden reports a character that nobody can see and that can make one text
// look like another: control, bidirectional, zero-width (UTS 39).
func hidden(r rune) bool {
	if r == '\t' || r == '\n' || r == '\r' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F || r == 0x034F || r == 0x115F || r == 0x3164
}
