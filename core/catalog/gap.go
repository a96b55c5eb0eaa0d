package catalog

import (
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/core/text"
)

// maxGap bounds a query that may be kept, in characters: longer ones are stories.
const maxGap = 80

// GapQuery gives the form in which a query that led nowhere is compared with what
// others asked: folded, without punctuation. ok is false for a query that must not
// be counted at all: one that may say who somebody is (text.MayBePrivate), is longer
// than 80 characters, or has fewer than two letters.
func GapQuery(raw string) (query string, ok bool) {
	if len(raw) > 8*maxGap {
		return "", false
	}
	query = text.Fold(raw)
	letters := len(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, query))
	if letters < 2 || utf8.RuneCountInString(text.NFC(raw)) > maxGap || len(query) > maxGap || text.MayBePrivate(raw) {
		return "", false
	}
	return query, true
}
