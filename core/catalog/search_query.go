package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// Bounds of a query. What is beyond them is not read.
const (
	maxQueryBytes = 1200
	maxQuery      = 48 // words
	maxAlternates = 4  // readings of a whole query with abbreviations
)

// How much an unknown word, and one that tells nothing, weighs against a match, as
// a share of the heaviest weight.
const (
	unknownWeight = 0.5
	commonWeight  = 0.12
)

// token is one word of a query as it was understood.
type token struct {
	wordForm            // as typed, or as an abbreviation stands for
	meant    []nearWord // known words it may be, the likeliest first; none = unknown
	how      string     // what was done to it: "", "abbreviation", "number", "joined", "slip", "keyboard"
	common   bool       // it tells nothing about what is wanted
	place    int        // among the words that tell something; of a common word, that of the next one
	weight   float32
}

// accented reports whether the writer meant the accents.
func (t token) accented() bool { return t.exact != t.folded }

// reading is a query as it was understood.
type reading struct {
	tokens   []token
	concepts []span
	total    float32 // weight of its words
}

// read understands a query. Abbreviations with several meanings give several
// readings.
func (ix *index) read(query string, w *Work) []reading {
	typed := splitWords(text.Cut(query, maxQueryBytes))
	typed = typed[:min(len(typed), maxQuery)]
	if len(typed) == 0 {
		return nil
	}
	var out []reading
	for _, tokens := range ix.alternates(typed) {
		tokens = ix.numbers(tokens)
		tokens = ix.joinSplit(tokens, w)
		tokens = tokens[:min(len(tokens), maxQuery)]
		for i := range tokens {
			ix.understand(&tokens[i], w)
		}
		ix.doubtShort(tokens)
		ix.ignoreCommon(tokens)
		ix.inContext(tokens, w)
		out = append(out, ix.finish(tokens))
	}
	return out
}

// alternates writes abbreviations out, in every way they can be meant.
func (ix *index) alternates(typed []wordForm) [][]token {
	out := [][]token{make([]token, 0, len(typed)+len(typed)/2)}
	for _, w := range typed {
		if to, ok := ix.spellings[w.exact]; ok {
			w = to
		}
		longs := ix.readings[w.folded]
		if len(longs) == 0 || !w.bare() {
			for i := range out {
				out[i] = append(out[i], token{wordForm: w})
			}
			continue
		}
		if t, known := ix.termOf[w.folded]; known && len(ix.postings[t].docs) > 0 {
			longs = append(slices.Clip(longs), nil) // a word of its own, too
		}
		before := out
		out = nil
		for _, long := range longs {
			for _, b := range before {
				if len(out) < maxAlternates {
					out = append(out, writtenOut(b, w, long))
				}
			}
		}
	}
	return out
}

// writtenOut appends what an abbreviation stands for to a copy of a reading; nothing
// for the word itself.
func writtenOut(before []token, short wordForm, long []wordForm) []token {
	out := slices.Clone(before)
	if long == nil {
		return append(out, token{wordForm: short})
	}
	for _, w := range long {
		out = append(out, token{wordForm: w, how: "abbreviation"})
	}
	return out
}

// numbers adds what a number before a unit means: "8 tuổi" is a child.
func (ix *index) numbers(tokens []token) []token {
	if len(ix.ranges) == 0 {
		return tokens
	}
	out := make([]token, 0, len(tokens))
	for i, t := range tokens {
		out = append(out, t)
		if i == 0 || !isNumber(tokens[i-1].folded) {
			continue
		}
		n, err := strconv.Atoi(tokens[i-1].folded)
		if err != nil {
			continue
		}
		for _, r := range ix.ranges {
			if n >= r.from && n <= r.to && slices.ContainsFunc(r.units, func(u string) bool { return startsWith(tokens[i:], u) }) {
				for _, w := range r.as {
					out = append(out, token{wordForm: w, how: "number"})
				}
				break
			}
		}
	}
	return out
}

func startsWith(tokens []token, words string) bool {
	for i, w := range strings.Fields(words) {
		if i >= len(tokens) || tokens[i].folded != w {
			return false
		}
	}
	return true
}

// known reports whether a word occurs in the pack.
func (ix *index) known(folded string) (uint16, bool) {
	t, ok := ix.termOf[folded]
	return t, ok && t != 0
}

// joinSplit takes words apart that were typed as one ("khaisinh") and puts
// together what was typed apart ("kh ai").
func (ix *index) joinSplit(tokens []token, w *Work) []token {
	out := make([]token, 0, len(tokens))
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if _, ok := ix.known(t.folded); ok {
			out = append(out, t)
			continue
		}
		if i+1 < len(tokens) {
			joined := wordForm{t.folded + tokens[i+1].folded, t.exact + tokens[i+1].exact}
			_, alone := ix.known(tokens[i+1].folded)
			if n, ok := ix.known(joined.folded); ok && (!alone || len(t.folded) < 3) && len(ix.postings[n].docs) > 0 {
				out = append(out, token{wordForm: joined, how: "joined"})
				i++
				continue
			}
		}
		if _, ok := ix.unkeyed(t.folded); ok {
			out = append(out, t)
			continue
		}
		if parts := ix.unjoin(t.folded, w); len(parts) > 1 {
			for _, p := range parts {
				out = append(out, token{wordForm: wordForm{p, p}, how: "joined"})
			}
			continue
		}
		out = append(out, t)
	}
	return out
}

const (
	minJoined = 5  // letters of a word that may be several
	maxJoined = 32 // and no more than this
	maxParts  = 5
)

// unjoin reads "giaykhaisinh" as known words of which neighbours stand together in
// some name or alias; nil when there is no such reading.
func (ix *index) unjoin(word string, w *Work) []string {
	if len(word) < minJoined || len(word) > maxJoined {
		return nil
	}
	type cut struct {
		parts int
		from  int // where the last word begins
		ok    bool
	}
	// best[i] is how the first i letters are read with the fewest words.
	best := make([]cut, len(word)+1)
	best[0].ok = true
	for i := 1; i <= len(word); i++ {
		for j := max(0, i-8); j <= i-2; j++ {
			w.Edits++
			prev := best[j]
			if !prev.ok || prev.parts >= maxParts {
				continue
			}
			term, known := ix.known(word[j:i])
			if !known || len(ix.postings[term].docs) == 0 {
				continue
			}
			if j > 0 {
				before, _ := ix.known(word[prev.from:j])
				if _, together := ix.pairs[pairKey(before, term)]; !together {
					continue
				}
			}
			if !best[i].ok || prev.parts+1 < best[i].parts {
				best[i] = cut{prev.parts + 1, j, true}
			}
		}
	}
	if end := best[len(word)]; !end.ok || end.parts < 2 {
		return nil
	}
	var parts []string
	for i := len(word); i > 0; i = best[i].from {
		parts = append(parts, word[best[i].from:i])
	}
	slices.Reverse(parts)
	return parts
}

// understand finds the known words a token may be.
func (ix *index) understand(t *token, w *Work) {
	if term, ok := ix.known(t.folded); ok {
		t.meant = []nearWord{{term, 1}}
		return
	}
	if isNumber(t.folded) {
		return
	}
	if term, ok := ix.unkeyed(t.folded); ok {
		t.meant, t.how = []nearWord{{term, 1}}, "keyboard"
		return
	}
	near, tried := ix.near.find(t.folded)
	w.Edits += tried
	t.meant = near
	if len(near) > 0 {
		t.how = "slip"
	}
}

// unkeyed reads a word in which the key strokes of a Vietnamese keyboard stand
// that no program turned into letters.
func (ix *index) unkeyed(word string) (uint16, bool) {
	folded, ok := text.Unkeyed(word)
	if !ok {
		return 0, false
	}
	return ix.known(folded)
}

// doubtShort leaves a correction of a word of three letters only where the right word
// stands beside its neighbours in some name: three letters are near too many words.
func (ix *index) doubtShort(tokens []token) {
	for i := range tokens {
		if t := &tokens[i]; t.how == "slip" && len(t.folded) <= minSlip {
			kept := slices.DeleteFunc(slices.Clone(t.meant), func(n nearWord) bool { return !ix.together(tokens, i, n.term) })
			if t.meant = kept; len(kept) == 0 {
				t.how = ""
			}
		}
	}
}

// inContext doubts known words that never stand beside their neighbours: where a
// near word does ("ket hom"), that may be meant too.
func (ix *index) inContext(tokens []token, w *Work) {
	for i := range tokens {
		t := &tokens[i]
		if t.common || len(t.meant) != 1 || t.meant[0].trust < 1 || t.how != "" || len(t.folded) < 2 || isNumber(t.folded) {
			continue
		}
		if ix.together(tokens, i, t.meant[0].term) {
			continue
		}
		near, tried := ix.near.find(t.folded)
		w.Edits += tried
		for _, n := range near {
			if ix.together(tokens, i, n.term) {
				t.meant = append(t.meant, nearWord{n.term, n.trust * trustInContext})
				t.how = "slip"
			}
		}
	}
}

const trustInContext = 0.9

// together reports whether a word stands beside one of its neighbours in some name
// or alias.
func (ix *index) together(tokens []token, i int, term uint16) bool {
	if i > 0 {
		for _, n := range tokens[i-1].meant {
			if _, ok := ix.pairs[pairKey(n.term, term)]; ok {
				return true
			}
		}
	}
	if i+1 < len(tokens) {
		for _, n := range tokens[i+1].meant {
			if _, ok := ix.pairs[pairKey(term, n.term)]; ok {
				return true
			}
		}
	}
	return false
}

// ignoreCommon marks what tells nothing.
func (ix *index) ignoreCommon(tokens []token) {
	for _, s := range ix.common.find(ix.asRead(tokens), nil) {
		for i := s.start; i < s.start+s.length; i++ {
			tokens[i].common = true
		}
	}
}

// asRead gives the words of a query as they were understood.
func (ix *index) asRead(tokens []token) []wordForm {
	words := make([]wordForm, len(tokens))
	for i, t := range tokens {
		words[i] = t.wordForm
		if t.how == "slip" || t.how == "keyboard" {
			s := ix.terms[t.meant[0].term]
			words[i] = wordForm{s, s}
		}
	}
	return words
}

// finish finds synonyms and weighs the words.
func (ix *index) finish(tokens []token) reading {
	r := reading{tokens: tokens, concepts: ix.concepts.find(ix.asRead(tokens), nil)}
	place := 0
	for i := range tokens {
		tokens[i].place = place
		if !tokens[i].common {
			place++
		}
		tokens[i].weight = ix.weightOf(tokens[i])
		if !tokens[i].common {
			r.total += tokens[i].weight
		}
	}
	return r
}

func (ix *index) weightOf(t token) float32 {
	if len(t.meant) == 0 || len(ix.postings[t.meant[0].term].docs) == 0 {
		return ix.heaviest * unknownWeight
	}
	return ix.weight[t.meant[0].term]
}
