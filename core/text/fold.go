package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NFC gives the stored form of what a person typed: invisible characters
// removed, composed accents, outer space trimmed. Inner space and line breaks
// stay. It never removes an accent.
func NFC(s string) string {
	return strings.TrimSpace(norm.NFC.String(strings.Map(visible, s)))
}

// visible drops characters a person cannot see and did not mean: zero-width
// characters, bidirectional controls, variation selectors, soft hyphens and
// control characters other than tab and newline.
func visible(r rune) rune {
	switch {
	case r == '\t' || r == '\n':
		return r
	case r == '\r', r == 0x00AD, r == 0xFEFF, r == 0x2060, r == 0x180E, r == unicode.ReplacementChar:
		return -1
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return -1
	case r >= 0xFE00 && r <= 0xFE0F:
		return -1
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return -1
	}
	return r
}

// Sign gives a short reply that is a digit, a sign or an emoji in one form:
// full-width and superscript digits are digits, invisible characters are gone.
func Sign(s string) string {
	return strings.TrimSpace(norm.NFKC.String(strings.Map(visible, s)))
}

// Fold gives the matching form of s: NFKC, lower case, đ as d, no marks, every
// run of space and punctuation one space. "ĐỒNG-Ý ", "dong y" and a decomposed
// "đồng ý" fold alike. Two different Vietnamese words may fold alike ("đúng",
// "dừng", "Dung"): use FoldExact where that matters.
func Fold(s string) string {
	return squeeze(stripMarks(lower(s)))
}

// FoldExact is Fold with accents kept: NFC, lower case, one space for every run
// of space and punctuation, and one tone placement ("hoà" as "hòa", "huỷ" as
// "hủy").
func FoldExact(s string) string {
	s = squeeze(lower(s))
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = oldTone(w)
	}
	return strings.Join(words, " ")
}

// Accented reports whether s carries a Vietnamese letter outside ASCII, so that
// its writer meant the accents.
func Accented(s string) bool {
	for _, r := range norm.NFD.String(s) {
		if isMark(r) || r == 'đ' || r == 'Đ' {
			return true
		}
	}
	return false
}

// Tokens splits s into its folded words.
func Tokens(s string) []string { return strings.Fields(Fold(s)) }

// Digits keeps the decimal digits of s, full-width and other scripts' forms
// turned into ASCII by NFKC.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
}

func lower(s string) string {
	return strings.ToLower(norm.NFKC.String(strings.Map(visible, s)))
}

func isMark(r rune) bool { return r >= 0x0300 && r <= 0x036F }

func stripMarks(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isMark(r):
			return -1
		case r == 'đ':
			return 'd'
		}
		return r
	}, norm.NFD.String(s))
}

// squeeze turns each run of anything but letters, digits and marks into one
// space, and trims.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || isMark(r) {
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		// An apostrophe joins ("d'Arc"), everything else separates.
		if r == '\'' || r == '’' {
			continue
		}
		gap = true
	}
	return norm.NFC.String(b.String())
}

// oldTone moves the tone mark of an open oa, oe or uy to its first vowel. The
// y of "qu" + y keeps its mark, since that u belongs to the consonant.
func oldTone(w string) string {
	d := []rune(norm.NFD.String(w))
	base := make([]rune, 0, len(d))
	tone := rune(0)
	for _, r := range d {
		switch r {
		case 0x0300, 0x0301, 0x0303, 0x0309, 0x0323:
			tone = r
		default:
			base = append(base, r)
		}
	}
	n := len(base)
	if tone == 0 || n < 2 {
		return norm.NFC.String(w)
	}
	pair := string(base[n-2:])
	if pair != "oa" && pair != "oe" && pair != "uy" {
		return norm.NFC.String(w)
	}
	if pair == "uy" && n >= 3 && base[n-3] == 'q' {
		return norm.NFC.String(w)
	}
	out := append([]rune{}, base[:n-1]...)
	out = append(out, tone, base[n-1])
	return norm.NFC.String(string(out))
}

// Distance is the Damerau distance (optimal string alignment) between a and b
// in characters, or max+1 as soon as it is known to be more than max.
func Distance(a, b string, max int) int {
	ra, rb := []rune(a), []rune(b)
	if d := len(ra) - len(rb); d > max || -d > max {
		return max + 1
	}
	two := make([]int, len(rb)+1)
	prev := make([]int, len(rb)+1)
	cur := make([]int, len(rb)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		cur[0] = i
		best := i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			v := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				v = min(v, two[j-2]+1)
			}
			cur[j] = v
			best = min(best, v)
		}
		if best > max {
			return max + 1
		}
		two, prev, cur = prev, cur, two
	}
	return min(prev[len(rb)], max+1)
}
