package identity

import (
	"strings"

	"github.com/motcua/motcua/core"
)

// Phone normalises a typed Vietnamese mobile number to E.164: "0912 345 678",
// "+84912345678", "84.912.345.678" and "0084912345678" are "+84912345678". The
// 11-digit numbers of before 2018 become what the operators made of them
// ("0120…" is "+8470…"). Full-width digits are read.
//
// Errors: invalid with key "field.phone.invalid" for everything else, fixed lines
// and foreign numbers included.
func Phone(s string) (string, error) {
	digits, ok := phoneDigits(s)
	if !ok {
		return "", errPhone()
	}
	switch {
	case strings.HasPrefix(digits, "0084"):
		digits = "0" + digits[4:]
	case strings.HasPrefix(digits, "84") && len(digits) >= 11:
		digits = "0" + digits[2:]
	}
	// "+84 (0) 912…" keeps the trunk zero that people write in brackets.
	if strings.HasPrefix(digits, "00") {
		digits = digits[1:]
	}
	if len(digits) == 11 {
		digits = migrated(digits)
	}
	if !mobile(digits) {
		return "", errPhone()
	}
	return "+84" + digits[1:], nil
}

// LocalPhone writes an E.164 number the way people in Viet Nam read it:
// "+84912345678" is "0912345678". Other numbers stay as they are.
func LocalPhone(e164 string) string {
	if rest, ok := strings.CutPrefix(e164, "+84"); ok {
		return "0" + rest
	}
	return e164
}

func errPhone() error {
	return core.E(core.CodeInvalid, "identity.phone", "field.phone.invalid", nil)
}

// phoneDigits drops what people put between digits. Any other character means
// that s is not a number at all, so "gọi 0912345678" is refused rather than
// guessed at.
func phoneDigits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case r == '+' || r == '＋':
			if b.Len() > 0 {
				return "", false
			}
		case strings.ContainsRune(" .-()\u00a0\u200b\u2011\u2013", r):
		default:
			return "", false
		}
		if b.Len() > 15 { // E.164 has at most 15 digits
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// migrated maps the 11-digit ranges that were shortened between 15 September and
// 14 November 2018 to the ranges that replaced them. Anything else is unchanged.
func migrated(n string) string {
	var to string
	switch n[:4] {
	case "0162", "0163", "0164", "0165", "0166", "0167", "0168", "0169":
		to = "03" + n[3:4]
	case "0120":
		to = "070"
	case "0121":
		to = "079"
	case "0122":
		to = "077"
	case "0126":
		to = "076"
	case "0128":
		to = "078"
	case "0123":
		to = "083"
	case "0124":
		to = "084"
	case "0125":
		to = "085"
	case "0127":
		to = "081"
	case "0129":
		to = "082"
	case "0186":
		to = "056"
	case "0188":
		to = "058"
	case "0199":
		to = "059"
	default:
		return n
	}
	return to + n[4:]
}

// mobile reports whether n is ten digits in a range given to mobile operators.
func mobile(n string) bool {
	if len(n) != 10 || n[0] != '0' {
		return false
	}
	ranges := map[byte]string{'3': "23456789", '5': "25689", '7': "06789", '8': "123456789", '9': "01234" + "6789"}
	return strings.IndexByte(ranges[n[1]], n[2]) >= 0
}
