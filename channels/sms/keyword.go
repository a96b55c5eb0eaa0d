package sms

import (
	"strings"
	"unicode"

	"github.com/motcua/motcua/core/text"
)

// Keywords are the words by which operators tell the services of one short code
// apart; a person writes ours before everything else ("DVC KHAI SINH").
type Keywords map[string]bool

// NewKeywords folds the words: they are recognised in any writing.
func NewKeywords(words ...string) Keywords {
	k := Keywords{}
	for _, w := range words {
		if f := text.Fold(w); f != "" {
			k[f] = true
		}
	}
	return k
}

// Strip drops such a word from the start of a message; a message without one is
// given as it is.
func (k Keywords) Strip(s string) string {
	trimmed := strings.TrimSpace(s)
	first, rest := trimmed, ""
	if end := strings.IndexFunc(trimmed, unicode.IsSpace); end >= 0 {
		first, rest = trimmed[:end], trimmed[end:]
	}
	if !k[text.Fold(first)] {
		return s
	}
	return strings.TrimSpace(rest)
}
