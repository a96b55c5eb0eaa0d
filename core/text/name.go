package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// PersonName tidies a typed name: NFC, one space between words, and capital
// first letters when it was typed all upper or all lower case. Accents are
// never added or removed.
func PersonName(s string) string {
	words := strings.Fields(NFC(s))
	joined := strings.Join(words, " ")
	if joined != strings.ToUpper(joined) && joined != strings.ToLower(joined) {
		return joined
	}
	for i, w := range words {
		words[i] = capitalise(strings.ToLower(w))
	}
	return norm.NFC.String(strings.Join(words, " "))
}

// capitalise raises the first letter of w and each letter after a hyphen or an
// apostrophe.
func capitalise(w string) string {
	up := true
	return strings.Map(func(r rune) rune {
		if up && unicode.IsLetter(r) {
			up = false
			return unicode.ToUpper(r)
		}
		if r == '-' || r == '\'' || r == '’' {
			up = true
		}
		return r
	}, w)
}

// Initials gives the privacy form of a name for messages that anybody may see:
// "Lê Quốc Huy" is "L.Q.H.". Only the first letter of each word is used.
func Initials(name string) string {
	var b strings.Builder
	for _, w := range strings.Fields(NFC(name)) {
		for _, r := range w {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(unicode.ToUpper(r))
				b.WriteByte('.')
				break
			}
		}
	}
	return b.String()
}

// MaskName keeps the first letter of each word: "Nguyễn Văn Minh" is
// "N***** V** M***".
func MaskName(name string) string {
	words := strings.Fields(NFC(name))
	for i, w := range words {
		r := []rune(w)
		words[i] = string(r[:1]) + strings.Repeat("*", len(r)-1)
	}
	return strings.Join(words, " ")
}

// MaskID keeps the first four and last two characters of an identity number:
// "0790******12". Anything shorter than nine characters is masked whole.
func MaskID(id string) string {
	r := []rune(NFC(id))
	if len(r) < 9 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:4]) + strings.Repeat("*", len(r)-6) + string(r[len(r)-2:])
}

// LastTwo is how a number appears in a message that anybody may see: "…12". A
// value with fewer than four digits gives only "…".
func LastTwo(number string) string {
	d := Digits(number)
	if len(d) < 4 {
		return "…"
	}
	return "…" + d[len(d)-2:]
}
