package form

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// The bounds of canonical JSON. Whole numbers stay inside what every JSON
// reader keeps exactly (RFC 7493, I-JSON).
const (
	MaxInteger = 1<<53 - 1
	MaxDepth   = 16
	MaxJSON    = 1 << 20 // bytes
)

// Canonical writes v in canonical JSON: RFC 8785 (keys in UTF-16 order, no
// space, shortest escapes), restricted to objects, lists, strings in NFC, whole
// numbers and booleans. Fractions, null, invalid UTF-8 and keys that become
// equal in NFC are refused with core.CodeInvalid.
func Canonical(v any) ([]byte, error) {
	n, err := Normal(v)
	if err != nil {
		return nil, err
	}
	return appendCanonical(nil, n), nil
}

// Hash is the SHA-256 of Canonical(v), 64 lower-case hex digits.
func Hash(v any) (string, error) {
	b, err := Canonical(v)
	if err != nil {
		return "", err
	}
	return HashBytes(b), nil
}

// HashBytes is the SHA-256 of bytes that are canonical already, in hex.
func HashBytes(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// Canonicalize reads JSON strictly (see ParseJSON) and writes it canonically.
func Canonicalize(data []byte) ([]byte, error) {
	v, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return Canonical(v)
}

// Normal gives v as a tree of string, int64, bool, []any and map[string]any
// with every string in NFC. It also takes what encoding/json makes of stored
// answers: float64 without a fraction and json.Number.
func Normal(v any) (any, error) { return normal(v, 0) }

func normal(v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, refuse("nested deeper than %d levels", MaxDepth)
	}
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return nil, refuse("a string is not UTF-8")
		}
		return nfc(v), nil
	case bool:
		return v, nil
	case int:
		return whole(int64(v))
	case int32:
		return whole(int64(v))
	case int64:
		return whole(v)
	case float64:
		if v != math.Trunc(v) || math.Abs(v) > MaxInteger {
			return nil, refuse("the number %v is not a whole number in range", v)
		}
		return int64(v), nil
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return nil, refuse("the number %q is not a whole number in range", v.String())
		}
		return whole(n)
	case []any:
		return normalList(v, depth)
	case []string:
		return normalList(v, depth)
	case map[string]any:
		return normalMap(v, depth)
	case map[string]string:
		return normalMap(v, depth)
	default:
		return nil, refuse("a %T has no canonical form", v)
	}
}

func whole(n int64) (any, error) {
	if n > MaxInteger || n < -MaxInteger {
		return nil, refuse("the number %d is outside ±(2^53-1)", n)
	}
	return n, nil
}

func normalList[T any](list []T, depth int) (any, error) {
	out := make([]any, len(list))
	for i, e := range list {
		n, err := normal(e, depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func normalMap[T any](m map[string]T, depth int) (any, error) {
	out := make(map[string]any, len(m))
	for k, e := range m {
		if !utf8.ValidString(k) {
			return nil, refuse("a key is not UTF-8")
		}
		k = nfc(k)
		if _, twice := out[k]; twice {
			return nil, refuse("the key %q occurs twice", k)
		}
		n, err := normal(e, depth+1)
		if err != nil {
			return nil, err
		}
		out[k] = n
	}
	return out, nil
}

func refuse(format string, args ...any) error {
	return core.Ef(core.CodeInvalid, "form.canonical", "", format, args...)
}

// appendCanonical writes a tree made by normal.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendCanonical(b, e)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, k := range slices.SortedFunc(maps.Keys(v), compareUTF16) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, k)
			b = append(b, ':')
			b = appendCanonical(b, v[k])
		}
		return append(b, '}')
	default: // normal let nothing else through
		return append(b, "null"...)
	}
}

// compareUTF16 is the order of RFC 8785 §3.2.3. It differs from the order of
// bytes where a character above U+FFFF meets one of U+E000…U+FFFF.
func compareUTF16(a, b string) int {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			return cmp.Compare(firstUnit(ra, rb), firstUnit(rb, ra))
		}
		a, b = a[na:], b[nb:]
	}
	return cmp.Compare(len(a), len(b))
}

// firstUnit gives the UTF-16 unit of r that decides against other.
func firstUnit(r, other rune) rune {
	if r < 0x10000 {
		return r
	}
	high, low := utf16.EncodeRune(r)
	if other >= 0x10000 {
		if otherHigh, _ := utf16.EncodeRune(other); otherHigh == high {
			return low
		}
	}
	return high
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			if c < 0x20 {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
				continue
			}
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// nfc composes s and changes nothing else. text.NFC also trims and drops what
// cannot be seen, so only the runs between such characters are handed to it;
// none of those characters takes part in a composition.
func nfc(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	start := 0
	for i, r := range s {
		if !passesThrough(r) {
			continue
		}
		b.WriteString(text.NFC(s[start:i]))
		switch r { // the two spaces whose canonical form is another character
		case 0x2000, 0x2001:
			b.WriteRune(r + 2)
		default:
			b.WriteRune(r)
		}
		start = i + utf8.RuneLen(r)
	}
	b.WriteString(text.NFC(s[start:]))
	return b.String()
}

func passesThrough(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) ||
		r == utf8.RuneError || r >= 0xFE00 && r <= 0xFE0F
}

// ParseJSON reads one JSON value strictly: keys given twice, fractions,
// exponents, null, lone surrogates, invalid UTF-8, anything after the value and
// anything over the bounds are refused with core.CodeInvalid. The result is
// normal (see Normal).
func ParseJSON(data []byte) (any, error) {
	if len(data) > MaxJSON {
		return nil, core.Ef(core.CodeTooLarge, "form.canonical", "", "%d bytes of JSON", len(data))
	}
	if !utf8.Valid(data) {
		return nil, refuse("the text is not UTF-8")
	}
	p := jsonParser{in: string(data)}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.in) {
		return nil, p.fail("something follows the value")
	}
	return Normal(v)
}

type jsonParser struct {
	in string
	at int
}

func (p *jsonParser) fail(what string) error {
	return refuse("byte %d: %s", p.at, what)
}

func (p *jsonParser) space() {
	for p.at < len(p.in) && strings.IndexByte(" \t\r\n", p.in[p.at]) >= 0 {
		p.at++
	}
}

func (p *jsonParser) take(lit string) bool {
	if strings.HasPrefix(p.in[p.at:], lit) {
		p.at += len(lit)
		return true
	}
	return false
}

func (p *jsonParser) value(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, p.fail("nested too deep")
	}
	p.space()
	if p.at >= len(p.in) {
		return nil, p.fail("a value is missing")
	}
	switch c := p.in[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.take("true"):
		return true, nil
	case p.take("false"):
		return false, nil
	default:
		return nil, p.fail("not a value that is taken here")
	}
}

func (p *jsonParser) object(depth int) (any, error) {
	p.at++
	m := map[string]any{}
	p.space()
	if p.take("}") {
		return m, nil
	}
	for {
		p.space()
		if p.at >= len(p.in) || p.in[p.at] != '"' {
			return nil, p.fail("a key is missing")
		}
		k, err := p.str()
		if err != nil {
			return nil, err
		}
		k = nfc(k)
		if _, twice := m[k]; twice {
			return nil, p.fail("a key occurs twice")
		}
		p.space()
		if !p.take(":") {
			return nil, p.fail("a colon is missing")
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m[k] = v
		p.space()
		if p.take("}") {
			return m, nil
		}
		if !p.take(",") {
			return nil, p.fail("a comma or } is missing")
		}
	}
}

func (p *jsonParser) list(depth int) (any, error) {
	p.at++
	l := []any{}
	p.space()
	if p.take("]") {
		return l, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
		p.space()
		if p.take("]") {
			return l, nil
		}
		if !p.take(",") {
			return nil, p.fail("a comma or ] is missing")
		}
	}
}

func (p *jsonParser) number() (any, error) {
	start := p.at
	p.take("-")
	first := p.at
	for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
		p.at++
	}
	digits := p.in[first:p.at]
	if digits == "" || digits[0] == '0' && (len(digits) > 1 || first > start) {
		return nil, p.fail("not a whole number")
	}
	if p.at < len(p.in) && strings.IndexByte(".eE", p.in[p.at]) >= 0 {
		return nil, p.fail("only whole numbers are taken")
	}
	n, err := strconv.ParseInt(p.in[start:p.at], 10, 64)
	if err != nil {
		return nil, p.fail("the number is too large")
	}
	return whole(n)
}

func (p *jsonParser) str() (string, error) {
	p.at++
	var b strings.Builder
	for p.at < len(p.in) {
		c := p.in[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < 0x20:
			return "", p.fail("a control character must be escaped")
		case c != '\\':
			b.WriteByte(c)
			p.at++
		default:
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		}
	}
	return "", p.fail("a string does not end")
}

func (p *jsonParser) escape() (rune, error) {
	p.at++
	if p.at >= len(p.in) {
		return 0, p.fail("a string does not end")
	}
	c := p.in[p.at]
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		high, err := p.unit()
		if err != nil || !utf16.IsSurrogate(high) {
			return high, err
		}
		if !p.take(`\u`) {
			return 0, p.fail("half of a surrogate pair")
		}
		low, err := p.unit()
		if err != nil {
			return 0, err
		}
		r := utf16.DecodeRune(high, low)
		if r == utf8.RuneError {
			return 0, p.fail("half of a surrogate pair")
		}
		return r, nil
	}
	return 0, p.fail(fmt.Sprintf("\\%c is not an escape", c))
}

func (p *jsonParser) unit() (rune, error) {
	if p.at+4 > len(p.in) {
		return 0, p.fail("a string does not end")
	}
	n, err := strconv.ParseUint(p.in[p.at:p.at+4], 16, 32)
	if err != nil {
		return 0, p.fail("four hex digits are missing")
	}
	p.at += 4
	return rune(n), nil
}
