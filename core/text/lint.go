package text

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Issue is a defect of the message catalogue.
type Issue struct {
	Locale  Locale
	Key     string
	Variant Variant // "" = the entry as a whole
	Rule    string  // stable name of the rule: "locale", "placeholder", "short-length", …
	Detail  string
}

// String is one line for an operator.
func (i Issue) String() string {
	s := i.Locale + " " + i.Key
	if i.Variant != "" {
		s += " (" + i.Variant + ")"
	}
	return s + ": " + i.Rule + ": " + i.Detail
}

// MaxSeptets is one GSM-7 segment.
const MaxSeptets = 160

// The longest sentence of a message, in words.
const (
	maxWords   = 20 // Vietnamese: each syllable is a word
	maxWordsEN = 25
)

// The most characters that a text itself takes, without what is filled in.
const (
	maxRich   = 700
	maxScreen = 400
)

// shortForms are the abbreviations that a citizen is expected to know.
func shortForms() []string {
	return []string{"CCCD", "UBND", "TP", "HCM", "HCMC", "DVC", "OTP", "SMS", "QR", "PDF", "JPG", "PNG", "HEIC", "MB", "ID", "VND", "SUA", "HUY", "BO", "DONG", "YES", "AGREE", "EDIT", "CANCEL"}
}

// lint checks what a compiler would check if sentences were programs.
func lint(keys []string, entries map[Locale]map[string]Entry) []Issue {
	var out []Issue
	for _, key := range keys {
		sets := map[Locale][]string{}
		shorts := map[Locale][]string{}
		for _, l := range Locales() {
			e, ok := entries[l][key]
			if !ok {
				out = append(out, Issue{l, key, "", "locale", "missing in this language"})
				continue
			}
			out = append(out, lintEntry(l, key, e)...)
			rich, _ := parse(richOf(e))
			sets[l] = names(rich)
			short, _ := parse(e.Short)
			shorts[l] = names(short)
		}
		if vi, en := sets[VI], sets[EN]; vi != nil && en != nil && !slices.Equal(vi, en) {
			out = append(out, Issue{EN, key, Rich, "placeholder", "vi has " + list(vi) + ", en has " + list(en)})
		}
		if _, both := entries[EN][key]; both && !slices.Equal(shorts[VI], shorts[EN]) {
			out = append(out, Issue{EN, key, Short, "placeholder", "vi has " + list(shorts[VI]) + ", en has " + list(shorts[EN])})
		}
	}
	return out
}

func lintEntry(l Locale, key string, e Entry) (out []Issue) {
	add := func(v Variant, rule, detail string) {
		out = append(out, Issue{l, key, v, rule, detail})
	}
	if strings.HasPrefix(key, "error.") {
		for _, part := range []struct{ name, text string }{{"what", e.What}, {"fix", e.Fix}, {"exit", e.Exit}} {
			if strings.TrimSpace(part.text) == "" {
				add("", "error-part", "an error says what happened, what to do and a way out; "+part.name+" is missing")
			}
		}
		if e.Rich != "" {
			add(Rich, "error-part", "an error is written as what, fix and exit, not as one text")
		}
	} else if e.What+e.Fix+e.Exit != "" {
		add("", "error-part", "what, fix and exit belong to error. keys")
	}
	if strings.TrimSpace(richOf(e)) == "" {
		add(Rich, "empty", "no text")
	}
	rich, _ := parse(richOf(e))
	known := names(rich)
	for _, v := range []struct{ variant, text string }{
		{Rich, richOf(e)}, {Short, e.Short}, {Screen, e.Screen}, {Spoken, e.Spoken},
	} {
		if v.text == "" {
			continue
		}
		pieces, problems := parse(v.text)
		for _, p := range problems {
			add(v.variant, "syntax", p)
		}
		if v.variant == Screen || v.variant == Spoken {
			for _, n := range names(pieces) {
				if n != keyBrand && !slices.Contains(known, n) {
					add(v.variant, "placeholder", "{"+n+"} is not in the rich text")
				}
			}
		}
		for _, w := range forbidden(v.text) {
			add(v.variant, "word", "does not belong in a message to a citizen: "+w)
		}
		if NFC(v.text) != strings.TrimSpace(v.text) {
			add(v.variant, "unicode", "not NFC, or holds an invisible character")
		}
	}
	lintRead(l, key, e, rich, add)
	if e.Short != "" {
		lintShort(key, e.Short, add)
	}
	return out
}

// lintRead checks what makes a text easy to read and to say.
func lintRead(l Locale, key string, e Entry, rich []piece, add func(v Variant, rule, detail string)) {
	most := maxWords
	if l == EN {
		most = maxWordsEN
	}
	if n, s := longest(rich); n > most && !Fragment(key) {
		add(Rich, "sentence", strconv.Itoa(n)+" words in one sentence: "+Cut(s, 60))
	}
	for _, w := range capitals(literals(rich)) {
		if !slices.Contains(shortForms(), w) && key != keyBrand {
			add(Rich, "abbreviation", "a citizen need not know "+w)
		}
	}
	screen := e.Screen
	if screen == "" && !typed(e.Exit) {
		screen = richOf(e)
	}
	pieces, _ := parse(screen)
	if onScreen(key) && typed(screen) {
		add(Screen, "screen-typing", "tells to type to a dialogue: give it a screen variant")
	}
	if n := utf8.RuneCountInString(literals(pieces)); onScreen(key) && n > maxScreen {
		add(Screen, "length", strconv.Itoa(n)+" characters, at most "+strconv.Itoa(maxScreen))
	}
	if n := utf8.RuneCountInString(literals(rich)); n > maxRich {
		add(Rich, "length", strconv.Itoa(n)+" characters, at most "+strconv.Itoa(maxRich))
	}
	if e.Short == "" && !Fragment(key) && !strings.HasPrefix(key, "web.") {
		lintDerived(rich, add)
	}
}

// onScreen reports whether a message is shown on screens of our own: errors,
// states, and what is written under a field.
func onScreen(key string) bool {
	for _, p := range []string{"error.", "field.", "state.", "reason.", "web.", "notice.", "word.next"} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// lintDerived checks a short text that is made from the rich one: it fits one
// segment whatever is filled in.
func lintDerived(rich []piece, add func(v Variant, rule, detail string)) {
	n := brandMax + 1
	for _, p := range rich {
		if p.name != "" && p.name != keyBrand && p.max == 0 {
			add(Short, "short-missing", "{"+p.name+"} has no length in the rich text: give it a short variant")
			return
		}
		septets, _ := Septets(Plain(p.lit))
		n += septets + p.max
	}
	if n > MaxSeptets {
		add(Short, "short-missing", strconv.Itoa(n)+" septets when made from the rich text: give it a short variant")
	}
}

// literals joins what a template says itself, a placeholder being a word.
func literals(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.name != "" {
			b.WriteString("x")
			continue
		}
		b.WriteString(p.lit)
	}
	return b.String()
}

// capitals finds words of two or more capital letters.
func capitals(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if utf8.RuneCountInString(w) > 1 && strings.IndexFunc(w, func(r rune) bool { return !unicode.IsUpper(r) }) < 0 {
			out = append(out, w)
		}
	}
	return out
}

func lintShort(key, s string, add func(Variant, string, string)) {
	pieces, _ := parse(s)
	if !Fragment(key) && (len(pieces) == 0 || pieces[0].name != keyBrand) {
		add(Short, "short-brand", "starts with the brand")
	}
	for _, p := range pieces {
		if _, ok := Septets(p.lit); !ok || !isASCII(p.lit) {
			add(Short, "short-alphabet", "has a letter outside plain ASCII: "+p.lit)
		}
		if p.name != "" && p.max == 0 {
			add(Short, "short-length", "{"+p.name+"} declares no length")
		}
	}
	if n := worst(pieces); n > MaxSeptets {
		add(Short, "short-length", strconv.Itoa(n)+" septets at most, one segment holds 160")
	}
	if strings.Contains(s, "**") || strings.Contains(s, "\n") {
		add(Short, "short-alphabet", "has markup or a line break")
	}
}

// worst counts the septets of a short template with every value at its longest.
func worst(pieces []piece) (n int) {
	for _, p := range pieces {
		septets, _ := Septets(p.lit)
		n += septets + p.max
	}
	return n
}

// forbidden finds what the message style rules out: padding, exclamation marks,
// and words that tell a citizen nothing about what to do.
func forbidden(s string) (found []string) {
	f := " " + Fold(s) + " "
	for _, w := range []string{
		"quy cong dan", "vui long", "kinh mong", "khong hop le", "loi he thong",
		"invalid", "illegal", "kindly", "dear citizen", "abort", "stack trace",
	} {
		if strings.Contains(f, " "+w+" ") {
			found = append(found, w)
		}
	}
	if strings.Contains(s, "!") && strings.Contains(strings.ReplaceAll(s, "!}", "}"), "!") {
		found = append(found, "!")
	}
	return found
}

// longest counts the words of the longest sentence; a placeholder is one word,
// and a line, a full stop, a colon or a semicolon ends a sentence.
func longest(pieces []piece) (n int, sentence string) {
	for _, s := range strings.FieldsFunc(literals(pieces), func(r rune) bool {
		return r == '\n' || r == '.' || r == '?' || r == ':' || r == ';' || r == '·'
	}) {
		if w := len(strings.FieldsFunc(s, unicode.IsSpace)); w > n {
			n, sentence = w, strings.TrimSpace(s)
		}
	}
	return n, sentence
}

func list(s []string) string { return "{" + strings.Join(s, ", ") + "}" }
