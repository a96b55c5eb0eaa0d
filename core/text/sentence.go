package text

import (
	"unicode"
	"unicode/utf8"
)

// InSentence writes a name so that it can stand inside a sentence or behind a colon:
// its first letter is small. One that begins with an abbreviation ("VNeID", "ID
// card") stays as it is.
func InSentence(name string) string {
	first, n := utf8.DecodeRuneInString(name)
	second, _ := utf8.DecodeRuneInString(name[n:])
	if !unicode.IsUpper(first) || unicode.IsUpper(second) || unicode.IsDigit(second) {
		return name
	}
	return string(unicode.ToLower(first)) + name[n:]
}
