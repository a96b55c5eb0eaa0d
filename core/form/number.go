package form

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Digits of the spoken numbers. They are functions and not tables of the
// package because package state is not used here.
func digitWord(d int) string {
	return [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}[d]
}

// VietnameseNumber writes 0 ≤ n ≤ 999,999 in words, as civil-status papers do:
// 2026 is "hai nghìn không trăm hai mươi sáu".
func VietnameseNumber(n int) string {
	switch {
	case n < 0 || n > 999_999:
		return strconv.Itoa(n)
	case n >= 1000:
		s := VietnameseNumber(n/1000) + " nghìn"
		if rest := n % 1000; rest > 0 {
			s += " " + hundreds(rest, true)
		}
		return s
	default:
		return hundreds(n, false)
	}
}

// hundreds writes 0…999; full also says an empty hundred ("không trăm").
func hundreds(n int, full bool) string {
	if n < 100 && !full {
		return tens(n)
	}
	s := digitWord(n/100) + " trăm"
	switch rest := n % 100; {
	case rest == 0:
		return s
	case rest < 10:
		return s + " linh " + digitWord(rest)
	default:
		return s + " " + tens(rest)
	}
}

func tens(n int) string {
	if n < 10 {
		return digitWord(n)
	}
	s := "mười"
	if n >= 20 {
		s = digitWord(n/10) + " mươi"
	}
	switch one := n % 10; {
	case one == 0:
		return s
	case one == 1 && n >= 20:
		return s + " mốt"
	case one == 4 && n >= 20:
		return s + " tư"
	case one == 5:
		return s + " lăm"
	default:
		return s + " " + digitWord(one)
	}
}

// smallNumber reads a number 0…99 in folded words or digits at the start of
// words and says how many words it took; 0 when there is none.
func smallNumber(words []string) (n, taken int) {
	if len(words) == 0 {
		return 0, 0
	}
	if isDigits(words[0]) && len(words[0]) <= 2 {
		n, _ = strconv.Atoi(words[0])
		return n, 1
	}
	one := func(w string) int {
		switch w {
		case "linh", "le", "muoi", "tram":
			return -1
		case "mot", "mut":
			return 1
		case "tu":
			return 4
		case "lam", "nham":
			return 5
		case "bay":
			return 7
		}
		for d := range 10 {
			if text.Fold(digitWord(d)) == w {
				return d
			}
		}
		return -1
	}
	if words[0] == "muoi" {
		if len(words) > 1 {
			if d := one(words[1]); d > 0 {
				return 10 + d, 2
			}
		}
		return 10, 1
	}
	d := one(words[0])
	if d < 0 {
		return 0, 0
	}
	if d > 1 && len(words) > 1 && words[1] == "muoi" {
		if len(words) > 2 {
			if e := one(words[2]); e > 0 {
				return d*10 + e, 3
			}
		}
		return d * 10, 2
	}
	return d, 1
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

var (
	grouped = regexp.MustCompile(`^[+-]?\d{1,3}([. ,]\d{3})+$`)
	decimal = regexp.MustCompile(`^[+-]?\d+[.,]\d+$`)
)

// wholeNumber reads one whole number in typed text: digits, digits grouped by
// threes, or small number words, perhaps with a unit behind it ("3 bản"). ok is
// false when there is none or more than one; fraction is true for "1,5".
func wholeNumber(typed string) (n int64, ok, fraction bool) {
	s := strings.TrimSpace(text.NFC(typed))
	negative := strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−")
	var digits string
	switch {
	case grouped.MatchString(s):
		digits = text.Digits(s)
	case decimal.MatchString(s):
		return 0, false, true
	default:
		w := words(s)
		for len(w) > 0 && (w[0] == "so" || w[0] == "khoang" || w[0] == "la") {
			w = w[1:]
		}
		if len(w) == 0 || len(w) > 6 {
			return 0, false, false
		}
		taken := 1
		if isDigits(w[0]) {
			digits = w[0]
		} else if v, t := smallNumber(w); t > 0 {
			digits, taken = strconv.Itoa(v), t
		} else {
			return 0, false, false
		}
		for _, rest := range w[taken:] {
			if strings.ContainsAny(rest, "0123456789") {
				return 0, false, false
			}
		}
	}
	if len(digits) > 15 {
		return 0, false, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if negative {
		n = -n
	}
	return n, err == nil, false
}
