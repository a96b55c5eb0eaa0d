package catalog

import "slices"

// phraseSet finds phrases in a row of words. Phrases are compared as written when
// a word was typed with accents, folded otherwise.
type phraseSet struct {
	byFirst map[string][]knownPhrase // by the folded first word, longest first
}

type knownPhrase struct {
	words []wordForm
	id    uint16
}

// span is where a phrase was found.
type span struct {
	id            uint16
	start, length int
}

func newPhraseSet() phraseSet { return phraseSet{byFirst: map[string][]knownPhrase{}} }

func (ps *phraseSet) add(words []wordForm, id uint16) {
	if len(words) == 0 {
		return
	}
	first := words[0].folded
	list := append(ps.byFirst[first], knownPhrase{words, id})
	slices.SortStableFunc(list, func(a, b knownPhrase) int { return len(b.words) - len(a.words) })
	ps.byFirst[first] = list
}

// find gives the longest phrases at each place, of every id; a shorter one inside
// a longer one of the same id is left out. They are appended to out.
func (ps *phraseSet) find(words []wordForm, out []span) []span {
	for i := range words {
		longest := 0
		for _, p := range ps.byFirst[words[i].folded] {
			if len(p.words) < longest || len(p.words) > len(words)-i || !saidIn(p.words, words[i:]) {
				continue
			}
			longest = len(p.words)
			s := span{p.id, i, len(p.words)}
			inside := slices.ContainsFunc(out, func(o span) bool {
				return o.id == s.id && o.start <= s.start && s.start+s.length <= o.start+o.length
			})
			if !inside {
				out = append(out, s)
			}
		}
	}
	return out
}

// saidIn reports whether a row of words begins with a phrase.
func saidIn(phrase, words []wordForm) bool {
	for j, p := range phrase {
		w := words[j]
		if w.folded != p.folded || w.exact != w.folded && w.exact != p.exact {
			return false
		}
	}
	return true
}

// numberRange turns a number before a unit into words.
type numberRange struct {
	from, to int
	units    []string // folded
	as       []wordForm
}
