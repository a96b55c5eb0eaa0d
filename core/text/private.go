package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MayBePrivate reports whether a text may say who somebody is: four digits or more
// in a row however they are written, a word of letters and digits as codes and
// plates are, an address of mail or of the web, or what looks like the name of a
// person. It would rather be wrong about a text that is nobody's than let one pass
// that is somebody's: what passes is still not known to be free of personal data.
func MayBePrivate(s string) bool {
	s = norm.NFKC.String(strings.Map(visible, s))
	return strings.ContainsAny(s, "@\\") || strings.Contains(s, "://") || strings.Contains(strings.ToLower(s), "www.") ||
		longDigits(s) || spelledDigits(s) || codeWord(s) || namesPerson(s)
}

// mostDigits is how many digits in a row say nothing about anybody: a form's number,
// a year would be one more.
const mostDigits = 3

// longDigits finds digits, of any script, with no letter between them.
func longDigits(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsNumber(r):
			n++
		case unicode.IsLetter(r):
			n = 0
		}
		if n > mostDigits {
			return true
		}
	}
	return false
}

// digitWords are the digits as they are read out.
const digitWords = " khong mot hai ba bon tu nam lam sau bay bon tam chin zero one two three four five six seven eight nine "

// spelledDigits finds digits that were written as words, or some of them.
func spelledDigits(s string) bool {
	n := 0
	for _, w := range Tokens(s) {
		switch digits := Digits(w); {
		case digits != "" && len(digits) == len(w):
			n += len(digits)
		case strings.Contains(digitWords, " "+w+" "):
			n++
		default:
			n = 0
		}
		if n > mostDigits {
			return true
		}
	}
	return false
}

// codeWord finds a word as codes, plates and account names are: letters and digits
// mixed, and six or more of them.
func codeWord(s string) bool {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) }) {
		letters, digits := 0, 0
		for _, r := range w {
			switch {
			case unicode.IsNumber(r):
				digits++
			case unicode.IsLetter(r):
				letters++
			}
		}
		if letters > 0 && digits > 0 && letters+digits >= 6 {
			return true
		}
	}
	return false
}
