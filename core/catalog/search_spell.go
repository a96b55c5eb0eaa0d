package catalog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// speller finds the known words a slip or a sound away from a typed one. Words
// that are one edit apart share a word that is left when one letter is deleted
// from each, so that a look-up replaces a walk over the vocabulary.
type speller struct {
	words   []string
	deletes keyed // what is left of a word without a letter → the words
	sounds  keyed // how a word sounds → the words
}

// keyed is a table from strings to words, kept small: by a hash of the string, so
// that what it gives is to be checked.
type keyed struct {
	hashes []uint32 // sorted
	terms  []uint16 // beside them
}

func (k keyed) of(s string) []uint16 {
	h := hashOf(s)
	from, _ := slices.BinarySearch(k.hashes, h)
	to := from
	for to < len(k.hashes) && k.hashes[to] == h {
		to++
	}
	return k.terms[from:to]
}

// hashOf is FNV-1a.
func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// keyedOf sorts entries of hash<<16 | term, without repeats.
func keyedOf(entries []uint64) keyed {
	slices.Sort(entries)
	entries = slices.Compact(entries)
	k := keyed{make([]uint32, len(entries)), make([]uint16, len(entries))}
	for i, e := range entries {
		k.hashes[i], k.terms[i] = uint32(e>>16), uint16(e)
	}
	return k
}

// Bounds of corrections.
const (
	minSlip     = 3  // letters of a word in which one slip is forgiven
	twoSlips    = 7  // and two
	maxNear     = 8  // corrections of a word that are looked at
	maxNearList = 64 // candidates that are measured
	maxSpelt    = 24 // letters of a word that is corrected
)

func newSpeller(ix *index) *speller {
	var deletes, sounds []uint64
	for t, w := range ix.terms {
		if len(w) < 2 || w[0] >= '0' && w[0] <= '9' || len(w) > maxSpelt {
			continue
		}
		entry := func(s string) uint64 { return uint64(hashOf(s))<<16 | uint64(t) }
		sounds = append(sounds, entry(sound(w)))
		eachDelete(w, func(rest string) { deletes = append(deletes, entry(rest)) })
	}
	return &speller{words: ix.terms, deletes: keyedOf(deletes), sounds: keyedOf(sounds)}
}

// eachDelete gives a word itself, and what is left of it without one letter, and
// without two where it is long.
func eachDelete(w string, do func(rest string)) {
	do(w)
	for i := range len(w) {
		rest := w[:i] + w[i+1:]
		do(rest)
		if len(w) >= twoSlips {
			for j := i; j < len(rest); j++ {
				do(rest[:j] + rest[j+1:])
			}
		}
	}
}

// nearWord is a known word that may have been meant.
type nearWord struct {
	term  uint16
	trust float32
}

// How far a corrected word is trusted.
const (
	trustSlip  = 0.8
	trustSlips = 0.62
	trustSound = 0.8
)

// find gives the words that may have been meant, the likeliest first, and how
// many words were measured.
func (sp *speller) find(typed string) (near []nearWord, tried int) {
	if len(typed) < 2 || len(typed) > maxSpelt {
		return nil, 0
	}
	var seen []uint16
	said := sound(typed)
	for _, t := range sp.sounds.of(said) {
		if w := sp.words[t]; w != typed && sound(w) == said {
			seen = append(seen, t)
			near = append(near, nearWord{t, trustSound})
		}
	}
	if len(typed) >= minSlip {
		eachDelete(typed, func(rest string) {
			for _, t := range sp.deletes.of(rest) {
				if tried >= maxNearList || slices.Contains(seen, t) {
					continue
				}
				seen = append(seen, t)
				w := sp.words[t]
				if w == typed || len(w) < minSlip && len(typed) < minSlip+1 {
					continue
				}
				tried++
				allowed := 1
				if min(len(w), len(typed)) >= twoSlips {
					allowed = 2
				}
				switch text.Distance(typed, w, allowed) {
				case 1:
					near = append(near, nearWord{t, slipTrust(typed, w)})
				case 2:
					if allowed == 2 {
						near = append(near, nearWord{t, trustSlips})
					}
				}
			}
		})
	}
	slices.SortStableFunc(near, func(a, b nearWord) int {
		switch {
		case a.trust > b.trust:
			return -1
		case a.trust < b.trust:
			return 1
		}
		return int(a.term) - int(b.term)
	})
	return near[:min(len(near), maxNear)], tried
}

// slipTrust trusts a correction more in a long word, and one that keeps the first
// letter, which people seldom get wrong.
func slipTrust(typed, w string) float32 {
	trust := float32(trustSlip)
	if len(w) <= 3 {
		trust -= 0.15
	}
	if typed[0] != w[0] {
		trust -= 0.1
	}
	return trust
}

// sound gives a key that words share which are said alike somewhere in the
// country: "trứng" and "chứng", "xổ" and "sổ", "dấy" and "giấy", "ly" and "li".
func sound(w string) string {
	for _, r := range [...][2]string{
		{"ngh", "ng"}, {"gh", "g"}, {"gi", "z"}, {"tr", "ch"}, {"ph", "f"}, {"qu", "w"},
		{"s", "x"}, {"d", "z"}, {"r", "z"}, {"v", "z"}, {"k", "c"}, {"q", "c"}, {"l", "n"},
	} {
		if rest, ok := strings.CutPrefix(w, r[0]); ok && (rest != "" || r[0] == "gi") {
			if r[0] == "k" && strings.HasPrefix(rest, "h") { // kh is a sound of its own
				break
			}
			if r[0] == "gi" && (rest == "" || !strings.ContainsRune("aeiouy", rune(rest[0]))) {
				rest = "i" + rest
			}
			w = r[1] + rest
			break
		}
	}
	for _, r := range [...][2]string{{"ng", "n"}, {"nh", "n"}, {"ch", "t"}, {"c", "t"}, {"y", "i"}} {
		if rest, ok := strings.CutSuffix(w, r[0]); ok && rest != "" {
			return rest + r[1]
		}
	}
	return w
}
