package text

import (
	"strings"
	"unicode"
)

// longNumber is how many digits the shortest number of an identity document has:
// the nine of the former identity card.
const longNumber = 9

// MaskNumbers replaces every number in s that may be that of an identity document
// by what mask makes of its digits: nine digits or more in a row. With grouped a
// number may also be written in groups of three digits or more with one space,
// dot or hyphen between them, "0790 8800 0016"; dates and amounts ("1.500.000.000")
// are none. mask is for example MaskID or LastTwo.
func MaskNumbers(s string, grouped bool, mask func(digits string) string) string {
	if strings.IndexFunc(s, unicode.IsDigit) < 0 {
		return s
	}
	r := []rune(s)
	var b strings.Builder
	for i := 0; i < len(r); {
		if !unicode.IsDigit(r[i]) {
			b.WriteRune(r[i])
			i++
			continue
		}
		end := digitsEnd(r, i)
		if grouped {
			end = groupsEnd(r, i, end)
		}
		number := r[i:end]
		if digits := onlyDigits(number); len(digits) >= longNumber && !amount(number) {
			b.WriteString(mask(string(digits)))
		} else {
			// Groups that are no number together may hold one.
			end = digitsEnd(r, i)
			b.WriteString(string(r[i:end]))
		}
		i = end
	}
	return b.String()
}

func digitsEnd(r []rune, i int) int {
	for i < len(r) && unicode.IsDigit(r[i]) {
		i++
	}
	return i
}

// groupsEnd goes on from a group of digits that ends at end over the groups behind
// it.
func groupsEnd(r []rune, start, end int) int {
	const group = 3
	for end-start >= group && end+1 < len(r) && strings.ContainsRune(" .-\u00a0", r[end]) && unicode.IsDigit(r[end+1]) {
		next := digitsEnd(r, end+1)
		if next-end-1 < group {
			break
		}
		start, end = end+1, next
	}
	return end
}

func onlyDigits(r []rune) []rune {
	var out []rune
	for _, c := range r {
		if unicode.IsDigit(c) {
			out = append(out, c)
		}
	}
	return out
}

// amount reports whether a number is written as sums of money are: dots between
// groups of three, and no zero at its head.
func amount(r []rune) bool {
	groups := strings.Split(string(r), ".")
	if len(groups) < 2 || r[0] == '0' {
		return false
	}
	for _, g := range groups {
		if len(g) != 3 || strings.ContainsAny(g, " -\u00a0") {
			return false
		}
	}
	return true
}
