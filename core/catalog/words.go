package catalog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// wordsFile is search/words.yaml of a pack: how people write and say things,
// whatever procedure they are after.
type wordsFile struct {
	Abbreviations []abbreviationRow `yaml:"abbreviations"`
	Synonyms      []wordList        `yaml:"synonyms"` // phrases of one meaning
	Common        wordList          `yaml:"common"`   // words that tell nothing about what is wanted
	Spellings     []spellingRow     `yaml:"spellings"`
	Ranges        []rangeRow        `yaml:"ranges"`
}

// wordList is words or phrases by language, the Vietnamese ones with accents.
type wordList struct {
	Vi []string `yaml:"vi"`
	En []string `yaml:"en"`
}

func (l wordList) all() []string { return slices.Concat(l.Vi, l.En) }

// abbreviationRow is a short form and what it stands for, the likeliest first.
type abbreviationRow struct {
	Short string   `yaml:"short"` // folded: "gks"
	Long  []string `yaml:"long"`
}

// spellingRow is another way to write one word: "hok" for "không".
type spellingRow struct {
	Typed string `yaml:"typed"`
	Word  string `yaml:"word"`
}

// rangeRow says what a number before a unit means: 8 years of age is a child.
type rangeRow struct {
	Vi   []string  `yaml:"vi"` // units
	En   []string  `yaml:"en"`
	From int       `yaml:"from"`
	To   int       `yaml:"to"` // inclusive
	As   Bilingual `yaml:"as"`
}

// Bounds of the words of a pack, so that reading a query stays cheap.
const (
	maxReadings    = 3  // of an abbreviation
	maxPhraseWords = 12 // of a synonym
)

// readWords reads search/words.yaml; a pack may do without.
func (r *reader) readWords(files []string) {
	if !slices.Contains(files, wordsName) || !r.decode(wordsName, &r.words) {
		return
	}
	at := func(list string, i int, rest ...string) []string { return append([]string{list, itoa(i)}, rest...) }
	seen := map[string]bool{}
	for i, a := range r.words.Abbreviations {
		r.check(a.Short != "" && text.Fold(a.Short) == a.Short && !strings.Contains(a.Short, " "), wordsName,
			at("abbreviations", i, "short"), "%q is no single folded word", a.Short)
		r.check(!seen[a.Short], wordsName, at("abbreviations", i, "short"), "%q occurs twice", a.Short)
		seen[a.Short] = true
		r.check(len(a.Long) > 0 && len(a.Long) <= maxReadings, wordsName, at("abbreviations", i),
			"an abbreviation has 1 to %d readings", maxReadings)
		r.checkPhrases(a.Long, at("abbreviations", i, "long"))
	}
	for i, s := range r.words.Synonyms {
		r.check(len(s.all()) > 1, wordsName, at("synonyms", i), "one phrase alone has no synonym")
		r.checkPhrases(s.Vi, at("synonyms", i, "vi"))
		r.checkPhrases(s.En, at("synonyms", i, "en"))
	}
	r.checkPhrases(r.words.Common.Vi, []string{"common", "vi"})
	r.checkPhrases(r.words.Common.En, []string{"common", "en"})
	typed := map[string]bool{}
	for i, s := range r.words.Spellings {
		one := len(text.Tokens(s.Typed)) == 1 && len(text.Tokens(s.Word)) == 1
		r.check(one, wordsName, at("spellings", i), "%q for %q: a spelling is one word for one word", s.Typed, s.Word)
		r.check(!typed[s.Typed], wordsName, at("spellings", i, "typed"), "%q occurs twice", s.Typed)
		typed[s.Typed] = true
	}
	for i, row := range r.words.Ranges {
		r.check(row.From <= row.To && len(row.Vi)+len(row.En) > 0 && row.As.Vi != "", wordsName, at("ranges", i),
			"a range has units, from ≤ to, and what it means")
	}
}

// checkPhrases refuses empty, overlong and repeated phrases of one list.
func (r *reader) checkPhrases(list []string, at []string) {
	seen := map[string]bool{}
	for i, p := range list {
		here := append(slices.Clone(at), itoa(i))
		n := len(text.Tokens(p))
		r.check(n > 0 && n <= maxPhraseWords, wordsName, here, "%q has %d words, want 1 to %d", p, n, maxPhraseWords)
		key := text.FoldExact(p)
		r.check(!seen[key], wordsName, here, "%q occurs twice", p)
		seen[key] = true
	}
}
