package identity

import (
	"io"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// The life of bearer codes.
const (
	HandOffLife = 15 * time.Minute
	LinkLife    = 24 * time.Hour
)

const (
	handOffLen = 8
	tokenLen   = 16
	// alphabet is Crockford's base 32: no I, L, O and U.
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// NewHandOffCode draws a code: seven random characters and a check character,
// with at least one letter (so that it is never taken for a number) and at least
// one of the digits 2–9 (so that no word is ever taken for it: "khaisinh" is
// eight Crockford characters too). About 34.8 bits are random.
func NewHandOffCode(random io.Reader) (string, error) {
	for {
		raw, err := draw(random, handOffLen-1)
		if err != nil {
			return "", err
		}
		code := raw + string(check(raw))
		if mixed(code) {
			return code, nil
		}
	}
}

// ParseHandOff reads a typed code: lower case, one hyphen or space in the middle,
// o for 0 and i or l for 1 are accepted. ok is false when s is not a code, which
// a wrong check character proves for every single wrong character and every two
// swapped ones.
func ParseHandOff(s string) (code string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) == handOffLen+1 && (s[4] == '-' || s[4] == ' ') {
		s = s[:4] + s[5:]
	}
	code, ok = canonical(s, handOffLen)
	if !ok || !mixed(code) || code[handOffLen-1] != check(code[:handOffLen-1]) {
		return "", false
	}
	return code, true
}

// FormatHandOff writes a code for people: "7K3F-9QXM".
func FormatHandOff(code string) string {
	if len(code) != handOffLen {
		return code
	}
	return code[:4] + "-" + code[4:]
}

// NewLinkToken draws the token of an upload link: 80 random bits in 16 Crockford
// characters.
func NewLinkToken(random io.Reader) (string, error) { return draw(random, tokenLen) }

// ParseLinkToken reads a token from a path or a typed text, as tolerantly as
// ParseHandOff.
func ParseLinkToken(s string) (token string, ok bool) {
	return canonical(strings.TrimSpace(s), tokenLen)
}

// draw makes n random characters; 32 divides 256, so none is likelier.
func draw(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", core.E(core.CodeInternal, "identity.draw", "", err)
	}
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b), nil
}

// canonical maps s to n characters of the alphabet.
func canonical(s string, n int) (string, bool) {
	if len(s) != n {
		return "", false
	}
	b := []byte(strings.ToUpper(s))
	if len(b) != n { // a letter whose upper case has another length
		return "", false
	}
	for i, c := range b {
		switch c {
		case 'O':
			b[i] = '0'
		case 'I', 'L':
			b[i] = '1'
		default:
			if strings.IndexByte(alphabet, c) < 0 {
				return "", false
			}
		}
	}
	return string(b), true
}

// mixed reports whether a code has a letter and a digit from 2 to 9.
func mixed(code string) bool {
	return strings.ContainsAny(code, alphabet[10:]) && strings.ContainsAny(code, alphabet[2:10])
}

// check is Σ αⁱ·dᵢ over GF(2⁵) with α a root of x⁵+x²+1. The powers of α up to
// the 30th differ, so every substitution of one character and every swap of two
// changes the sum.
func check(s string) byte {
	sum := 0
	for i := len(s) - 1; i >= 0; i-- {
		sum = times2(sum ^ strings.IndexByte(alphabet, s[i]))
	}
	return alphabet[sum]
}

// times2 multiplies by α.
func times2(v int) int {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}
