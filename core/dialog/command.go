package dialog

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// verb is what a person can ask for in words, at any time; the words are the
// pack's (catalog.Keyword).
type verb = catalog.Verb

// The verbs, by the names they have in this package.
const (
	verbStop      = catalog.VerbStop
	verbStart     = catalog.VerbStart
	verbEmergency = catalog.VerbEmergency
	verbMenu      = catalog.VerbMenu
	verbBack      = catalog.VerbBack
	verbCancel    = catalog.VerbCancel
	verbDrop      = catalog.VerbDrop
	verbHelp      = catalog.VerbHelp
	verbHuman     = catalog.VerbHuman
	verbRepeat    = catalog.VerbRepeat
	verbReview    = catalog.VerbReview
	verbEdit      = catalog.VerbEdit
	verbSkip      = catalog.VerbSkip
	verbDone      = catalog.VerbDone
	verbRemove    = catalog.VerbRemove
	verbUndo      = catalog.VerbUndo
	verbYes       = catalog.VerbYes
	verbNo        = catalog.VerbNo
	verbUnknown   = catalog.VerbUnknown
	verbStatus    = catalog.VerbStatus
	verbWithdraw  = catalog.VerbWithdraw
	verbHistory   = catalog.VerbHistory
	verbAnswer    = catalog.VerbSupplement
	verbResult    = catalog.VerbResult
	verbVI        = catalog.VerbVI
	verbEN        = catalog.VerbEN
	verbContinue  = catalog.VerbContinue
	verbMove      = catalog.VerbMove
	verbLink      = catalog.VerbLink
	verbConsent   = catalog.VerbConsent
	verbDecline   = catalog.VerbDecline
	verbUnclear   = catalog.VerbUnclear
	verbSearch    = catalog.VerbSearch
	verbPlace     = catalog.VerbPlace
)

// Where a command stands in the order of precedence.
const (
	optOut = catalog.First
	strong = catalog.Strong
	weak   = catalog.Weak
)

// matched is a recognised command.
type matched struct {
	verb     verb
	strength catalog.Strength
	n        int    // of edit and remove
	arg      string // what followed the words: code or tail, drawn digits, the name of a procedure or place
	rest     string // after a slash command
}

// answers reports whether the words only answer a question.
func (m matched) answers() bool {
	switch m.verb {
	case verbYes, verbNo, verbUnknown, verbUnclear, verbConsent:
		return true
	}
	return false
}

// commands is the keyword table of the pack, compiled.
type commands struct {
	exact  map[string][]matched // by FoldExact of the accented form
	folded map[string][]matched // by Fold
	signs  map[string]matched
	slash  map[string]matched
	words  map[string]verb // one-word forms, folded: what a name may collide with
	longer []longer        // commands with something behind their words
}

// longer recognises the words of one row and what follows them.
type longer struct {
	re      *regexp.Regexp
	matched matched
	takes   catalog.Takes
}

func compileCommands(rows []catalog.Keyword) *commands {
	c := &commands{
		exact: map[string][]matched{}, folded: map[string][]matched{},
		signs: map[string]matched{}, slash: map[string]matched{}, words: map[string]verb{},
	}
	for _, r := range rows {
		m := matched{verb: r.Verb, strength: r.Strength}
		if r.Takes != catalog.TakesNothing {
			c.longer = append(c.longer, longer{compileLonger(r), m, r.Takes})
			continue
		}
		for _, w := range slices.Concat(r.Bare(), r.Accented) {
			c.exact[text.FoldExact(w)] = append(c.exact[text.FoldExact(w)], m)
		}
		for _, w := range r.Bare() {
			f := text.Fold(w)
			if !slices.Contains(c.folded[f], m) {
				c.folded[f] = append(c.folded[f], m)
			}
			if !strings.Contains(f, " ") && r.Strength != optOut {
				c.words[f] = r.Verb
			}
		}
		for _, s := range r.Signs {
			c.signs[text.Sign(s)] = m
		}
		for _, s := range r.Slash {
			c.slash[s] = m
		}
	}
	return c
}

// compileLonger makes the pattern of a row that takes something, over the folded
// message: group 1 is the words, group 2 what follows.
func compileLonger(r catalog.Keyword) *regexp.Regexp {
	var words []string
	for _, w := range slices.Concat(r.Bare(), r.Accented) {
		if f := regexp.QuoteMeta(text.Fold(w)); !slices.Contains(words, f) {
			words = append(words, f)
		}
	}
	follows := map[catalog.Takes]string{
		catalog.TakesNumber: ` ?([0-9]{1,3})`,
		catalog.TakesItem:   ` (?:[a-z ]{1,30} )?([0-9]{1,2})`,
		catalog.TakesCode:   ` ([0-9a-z. -]*[0-9]{4,6})`,
		catalog.TakesDigits: ` ?([0-9]{4})`,
		catalog.TakesWords:  ` (.+)`,
	}
	return regexp.MustCompile(`^(` + strings.Join(words, "|") + `)` + follows[r.Takes] + `$`)
}

// match reads a whole message as the words of a row with what follows them. The
// argument of some is taken from the text as typed: folding loses the dots and
// hyphens of a code and the accents of a name.
func (l longer) match(raw, folded string) (matched, bool) {
	g := l.re.FindStringSubmatch(folded)
	if g == nil {
		return matched{}, false
	}
	m := l.matched
	switch l.takes {
	case catalog.TakesNumber, catalog.TakesItem:
		m.n = atoi(g[2])
	case catalog.TakesCode:
		m.arg = lastWord(raw)
		if code, ok := dossier.FindCode(raw); ok {
			m.arg = code.String()
		}
	case catalog.TakesWords:
		m.arg = behind(raw, g[1])
		if code, ok := dossier.FindCode(raw); ok { // whatever is asked with it, it is asked about the dossier
			m = matched{verb: verbStatus, strength: m.strength, arg: code.String()}
		}
	default:
		m.arg = g[2]
	}
	return m, true
}

// behind gives what stands behind the first words of a message.
func behind(raw, words string) string {
	n := 0
	for i, r := range raw {
		if text.Fold(raw[:i]) == words && !unicode.IsLetter(r) && !unicode.IsMark(r) {
			n = i
			break
		}
	}
	return strings.TrimLeftFunc(raw[n:], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// collisions lists the one-word forms a name may be mistaken for, sorted.
func (c *commands) collisions() []string { return slices.Sorted(maps.Keys(c.words)) }

// collides reports which command a one-word reply to a name question could also
// be. Accents do not excuse: "Hồng" without full name is asked back as well.
func (c *commands) collides(raw string) (verb, bool) {
	v, ok := c.words[text.Fold(raw)]
	return v, ok
}

// means reports which command words of any number are, for asking back.
func (e *Engine) means(raw string) (verb, bool) {
	if v, ok := e.commands.collides(raw); ok {
		return v, true
	}
	m, ok := e.match(raw)
	return m.verb, ok
}

// match finds the command a whole message is, if any. The first result has the
// strongest claim.
func (e *Engine) match(raw string) (matched, bool) {
	s := text.NFC(raw)
	if s == "" || len(s) > 120 {
		return matched{}, false
	}
	if strings.HasPrefix(s, "/") {
		word, rest, _ := strings.Cut(s, " ")
		word, _, _ = strings.Cut(word, "@")
		m, ok := e.commands.slash[strings.ToLower(word)]
		m.rest = strings.TrimSpace(rest)
		return m, ok
	}
	if m, ok := e.commands.signs[text.Sign(s)]; ok {
		return m, true
	}
	folded := text.Fold(s)
	for _, l := range e.commands.longer {
		if m, ok := l.match(s, folded); ok {
			return m, true
		}
	}
	if text.Accented(s) {
		if ms := e.commands.exact[text.FoldExact(s)]; len(ms) > 0 {
			return ms[0], true
		}
		// A slip in one accent of several words is still understood; of a single
		// word it would be another word.
		if !strings.Contains(folded, " ") {
			return matched{}, false
		}
	}
	if ms := e.commands.folded[folded]; len(ms) > 0 {
		return ms[0], true
	}
	return matched{}, false
}

// lastWord gives the last word of a message as typed, without the signs around it.
func lastWord(s string) string {
	const around = ".,;:!?\"'“”’‘"
	f := strings.Fields(strings.TrimRight(s, around+" \t\n"))
	if len(f) == 0 {
		return ""
	}
	return strings.Trim(f[len(f)-1], around)
}

func atoi(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1<<20 {
			return -1
		}
		n = n*10 + int(r-'0')
	}
	if s == "" {
		return -1
	}
	return n
}
