package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
)

// Verb is what a person can ask for in words, at any time. What the words are is
// the pack's; what a verb does is the dialogue's.
type Verb string

// The verbs.
const (
	VerbStop       Verb = "stop"      // no more notices on this address
	VerbStart      Verb = "start"     // notices again
	VerbEmergency  Verb = "emergency" // police, fire, ambulance: not our work, but nobody is sent away without the numbers
	VerbMenu       Verb = "menu"
	VerbBack       Verb = "back"
	VerbCancel     Verb = "cancel"
	VerbDrop       Verb = "drop" // delete the draft for good
	VerbHelp       Verb = "help"
	VerbHuman      Verb = "human"
	VerbRepeat     Verb = "repeat"
	VerbReview     Verb = "review"
	VerbEdit       Verb = "edit" // change an answer, by its number
	VerbSkip       Verb = "skip"
	VerbDone       Verb = "done"
	VerbRemove     Verb = "remove" // take an item out of a list, by its number
	VerbUndo       Verb = "undo"   // take the last page back
	VerbYes        Verb = "yes"
	VerbNo         Verb = "no"
	VerbUnknown    Verb = "unknown" // "I do not know", an answer to a fact
	VerbStatus     Verb = "status"  // of a dossier, or of one's own
	VerbHistory    Verb = "history" // of the dossier in view
	VerbWithdraw   Verb = "withdraw"
	VerbSupplement Verb = "supplement" // answer a supplement request
	VerbResult     Verb = "result"
	VerbVI         Verb = "vi"
	VerbEN         Verb = "en"
	VerbContinue   Verb = "continue"
	VerbMove       Verb = "move"    // give a hand-off code
	VerbLink       Verb = "link"    // give an upload link
	VerbConsent    Verb = "consent" // the legal words, with or without drawn digits
	VerbDecline    Verb = "decline" // a request to agree, with its drawn digits
	VerbUnclear    Verb = "unclear" // words that mean two opposite things without accents
	VerbSearch     Verb = "search"  // a procedure, by its name or life situation
	VerbPlace      Verb = "place"   // an office, by the name of a ward
)

// Strength is where a command stands in the order of precedence.
type Strength string

// The strengths.
const (
	First  Strength = "first"  // before everything
	Strong Strength = "strong" // before an open question, when it is the whole message
	Weak   Strength = "weak"   // only where no open question takes the words as an answer
)

// Takes is what follows the words of a command.
type Takes string

// What may follow.
const (
	TakesNothing Takes = ""
	TakesNumber  Takes = "number" // of an answer: 1 to 3 digits
	TakesItem    Takes = "item"   // of a list: words that name it and its number, 1 to 2 digits
	TakesCode    Takes = "code"   // of a dossier, or its last digits
	TakesDigits  Takes = "digits" // the four drawn digits
	TakesWords   Takes = "words"  // anything
)

// takesOf says what may follow the words of each verb.
func takesOf() map[Verb][]Takes {
	nothing, code := []Takes{TakesNothing}, []Takes{TakesNothing, TakesCode}
	m := map[Verb][]Takes{
		VerbEdit: {TakesNumber}, VerbRemove: {TakesItem}, VerbSupplement: {TakesCode}, VerbDecline: {TakesDigits},
		VerbConsent: {TakesNothing, TakesDigits}, VerbStatus: code, VerbWithdraw: code, VerbResult: code,
		VerbSearch: {TakesNothing, TakesWords}, VerbPlace: {TakesNothing, TakesWords},
	}
	for _, v := range []Verb{
		VerbStop, VerbStart, VerbEmergency, VerbMenu, VerbBack, VerbCancel, VerbDrop, VerbHelp, VerbHuman, VerbRepeat,
		VerbReview, VerbSkip, VerbDone, VerbUndo, VerbYes, VerbNo, VerbUnknown, VerbVI, VerbEN, VerbContinue, VerbMove,
		VerbLink, VerbUnclear, VerbHistory,
	} {
		m[v] = nothing
	}
	return m
}

// Keyword is one line of the keyword table: the words of a verb. Words are
// compared by text.FoldExact when the person wrote accents, by text.Fold
// otherwise.
type Keyword struct {
	Verb     Verb     `yaml:"verb"`
	Strength Strength `yaml:"strength"`
	Takes    Takes    `yaml:"takes"`
	Vi       []string `yaml:"vi"` // with accents
	En       []string `yaml:"en"`
	Plain    []string `yaml:"plain"`    // forms people type without accents, teencode included
	Accented []string `yaml:"accented"` // understood with their accents only
	Signs    []string `yaml:"signs"`    // a digit, a sign or an emoji, compared as it is after NFKC
	Slash    []string `yaml:"slash"`    // "/menu"
}

// Bare lists the words that are understood without accents too.
func (k Keyword) Bare() []string { return slices.Concat(k.Vi, k.En, k.Plain) }

// keywordsFile is keywords.yaml of a pack.
type keywordsFile struct {
	Commands []Keyword `yaml:"commands"`
}

// Keywords gives the table of the words by which people ask for something, in
// the order of the pack. It is shared: callers do not change it.
func (c *Catalog) Keywords() []Keyword { return c.keywords }

// maxKeyword bounds a keyword, in bytes of its folded form.
const maxKeyword = 40

var (
	slashPattern = regexp.MustCompile(`^/[a-z]{2,32}$`)
	digitPattern = regexp.MustCompile(`[0-9]`)
)

// keywordLint remembers what was seen, by how it is compared.
type keywordLint struct {
	*reader
	folded map[string]int    // folded form and whether something follows → line of the table
	exact  map[string]bool   // form with accents, the same way
	takes  map[string]Takes  // folded form → what follows
	signs  map[string]string // sign or slash form → the verb
}

// readKeywords reads keywords.yaml.
func (r *reader) readKeywords() {
	if !r.decode(keywordsName, &r.keywords) {
		return
	}
	l := keywordLint{r, map[string]int{}, map[string]bool{}, map[string]Takes{}, map[string]string{}}
	seen := map[Verb]bool{}
	for i, k := range r.keywords.Commands {
		l.row(i, k)
		seen[k.Verb] = true
	}
	// Nobody may be unable to opt out or to reach a person.
	for _, v := range []Verb{VerbStop, VerbStart, VerbMenu, VerbHelp, VerbHuman} {
		r.check(seen[v], keywordsName, []string{"commands"}, "the verb %q has no keyword", v)
	}
}

func (l keywordLint) row(i int, k Keyword) {
	at := func(rest ...string) []string { return append([]string{"commands", itoa(i)}, rest...) }
	allowed, known := takesOf()[k.Verb]
	if !known {
		l.fail(keywordsName, at("verb"), "the verb %q is not known: %s", k.Verb, verbNames())
	} else {
		l.check(slices.Contains(allowed, k.Takes), keywordsName, at("takes"), "%q is not what may follow %q", k.Takes, k.Verb)
	}
	l.check(slices.Contains([]Strength{First, Strong, Weak}, k.Strength), keywordsName, at("strength"),
		"the strength %q is not known: first, strong, weak", k.Strength)
	l.check(len(k.Bare())+len(k.Accented)+len(k.Signs)+len(k.Slash) > 0, keywordsName, at(), "the line has no keyword")
	for _, list := range []struct {
		name  string
		words []string
	}{{"vi", k.Vi}, {"en", k.En}, {"plain", k.Plain}, {"accented", k.Accented}} {
		for j, w := range list.words {
			l.word(i, k, w, list.name == "accented", at(list.name, itoa(j)))
		}
	}
	for j, s := range k.Signs {
		l.sign(k, text.Sign(s), false, at("signs", itoa(j)))
	}
	for j, s := range k.Slash {
		l.sign(k, s, true, at("slash", itoa(j)))
	}
}

// word checks one keyword against the rules and against those before it.
func (l keywordLint) word(i int, k Keyword, w string, accented bool, at []string) {
	folded := text.Fold(w)
	l.check(folded != "" && len(folded) <= maxKeyword, keywordsName, at, "%q is no keyword of 1 to %d characters", w, maxKeyword)
	if _, handOff := identity.ParseHandOff(w); handOff {
		l.fail(keywordsName, at, "%q is a hand-off code", w)
	} else {
		l.check(!digitPattern.MatchString(folded), keywordsName, at, "%q has a digit: it would be read as the code of a dossier or a number", w)
	}
	follows := "\x00"
	if k.Takes == TakesNothing {
		follows = ""
	} else {
		before, twice := l.takes[folded]
		l.check(!twice || before == k.Takes, keywordsName, at, "%q is followed by %s elsewhere", w, before)
		l.takes[folded] = k.Takes
	}
	exact := text.FoldExact(w) + follows
	l.check(!l.exact[exact], keywordsName, at, "%q is in the table twice", w)
	l.exact[exact] = true
	if accented { // its bare form may be another's
		l.check(text.Accented(w), keywordsName, at, "%q has no accents", w)
		return
	}
	if other, there := l.folded[folded+follows]; there {
		l.check(other == i, keywordsName, at, "%q without accents means %q already", w, l.keywords.Commands[other].Verb)
		return
	}
	l.folded[folded+follows] = i
}

func (l keywordLint) sign(k Keyword, s string, slash bool, at []string) {
	if slash {
		l.check(slashPattern.MatchString(s), keywordsName, at, "%q is no slash and 2 to 32 small letters", s)
	} else {
		l.check(s != "" && len([]rune(s)) <= 2 && len(digitPattern.FindAllString(s, -1)) <= 1, keywordsName, at,
			"%q is no single digit, sign or emoji", s)
	}
	other, there := l.signs[s]
	l.check(!there, keywordsName, at, "%q means %q already", s, other)
	l.signs[s] = string(k.Verb)
}

func verbNames() string {
	var names []string
	for _, v := range slices.Sorted(maps.Keys(takesOf())) {
		names = append(names, string(v))
	}
	return strings.Join(names, ", ")
}
