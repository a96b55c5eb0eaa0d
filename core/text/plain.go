package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// gsm is the GSM 03.38 basic alphabet; each letter costs one septet.
const gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// gsmExtended letters cost two septets (an escape and the letter).
const gsmExtended = "\f^{}\\[~]|€"

// Septets counts the GSM-7 septets of s; ok is false when s has a character
// outside the alphabet, and then n counts the rest.
func Septets(s string) (n int, ok bool) {
	ok = true
	for _, r := range s {
		switch {
		case r < 0x80 && isPlainASCII(r), strings.ContainsRune(gsm, r):
			n++
		case strings.ContainsRune(gsmExtended, r):
			n += 2
		default:
			ok = false
		}
	}
	return n, ok
}

// isPlainASCII is the fast path of Septets: ASCII letters, digits and space.
func isPlainASCII(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ' '
}

// Plain writes s in plain ASCII for a message of one GSM-7 segment: accents
// off, đ as d, typographic signs as their typewriter forms, anything else
// dropped. It is for the wire only: never store what it returns.
func Plain(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(strings.Map(visible, s)) {
		switch {
		case isMark(r):
		case r < 0x80 && r != '`': // the one printable ASCII sign GSM-7 lacks
			b.WriteRune(r)
		default:
			b.WriteString(typewriter(r))
		}
	}
	return tidySpaces(b.String())
}

func typewriter(r rune) string {
	switch r {
	case 'đ':
		return "d"
	case 'Đ':
		return "D"
	case '‘', '’', 'ʼ', '′', '`':
		return "'"
	case '“', '”', '„', '″', '«', '»':
		return "\""
	case '–', '—', '−', '‐', '‑', '•', '·':
		return "-"
	case '…':
		return ".."
	case '₫':
		return "d"
	case '×':
		return "x"
	case '→':
		return "->"
	case '≤':
		return "<="
	case '≥':
		return ">="
	}
	if unicode.IsSpace(r) {
		return " "
	}
	if k := norm.NFKC.String(string(r)); k != string(r) && len(k) <= 4 && isASCII(k) {
		return k
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// tidySpaces joins runs of spaces left by dropped characters; line breaks stay.
func tidySpaces(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.FieldsFunc(l, func(r rune) bool { return r == ' ' || r == '\t' }), " ")
	}
	return strings.Join(lines, "\n")
}
