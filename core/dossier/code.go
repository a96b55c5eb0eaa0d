package dossier

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// NewCode writes an official code: organisation, day of receipt in the city, and
// the number of the day in at least four digits. The 10,000th dossier of a day
// gets five (Circular 01/2018/TT-VPCP art. 19 gives the form and is silent on
// what follows 9999).
func NewCode(organisation string, at time.Time, n int) string {
	return fmt.Sprintf("%s-%s-%04d", organisation, at.In(core.City).Format("060102"), n)
}

// Day is the city's day on which codes are numbered: yyyymmdd.
func Day(at time.Time) string { return at.In(core.City).Format("20060102") }

// Code is a code taken apart.
type Code struct {
	Organisation string // upper case: "H29.26740", "000.00.01.H29"
	Date         string // yymmdd
	Number       string // four to six digits
}

// String writes the code.
func (c Code) String() string { return c.Organisation + "-" + c.Date + "-" + c.Number }

// ParseCode reads a dossier code as people type it: any case, blanks around or
// for the hyphens, full-width digits, a full stop at the end. Both grammars in use
// are read: the organisation first-level last ("000.00.01.H29", "38.98.H29") and
// first-level first ("H29", "H29.26740"); other agencies' numbers are codes too.
// ok is false when s is no code.
func ParseCode(s string) (code Code, ok bool) {
	s = strings.Trim(strings.ToUpper(narrow(s)), " .,;:!?\t\r\n\"'")
	if len(s) > 64 {
		return Code{}, false
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || unicode.IsSpace(r) })
	if n := len(parts); n > 3 && n < 8 { // "h29 26740 261123 0001"
		parts = append([]string{strings.Join(parts[:n-2], ".")}, parts[n-2:]...)
	}
	if len(parts) != 3 {
		return Code{}, false
	}
	c := Code{Organisation: parts[0], Date: parts[1], Number: parts[2]}
	if !organisation(c.Organisation) || !digits(c.Number, 4, 6) || !digits(c.Date, 6, 6) {
		return Code{}, false
	}
	if _, err := time.Parse("060102", c.Date); err != nil {
		return Code{}, false
	}
	return c, true
}

// maxFind bounds how much of a text is searched for a code, in bytes.
const maxFind = 2000

// inText finds a code inside other words or a link: the first-level identifier at
// either end of the organisation, blanks or dots between its levels. Letters that
// are mistaken for digits count as these: no code has letters but one.
var inText = regexp.MustCompile(`(?:^|[^0-9A-Z])` +
	`([A-Z][0-9OIL]{2}(?:[.\s]{0,3}[0-9OIL]{5}|(?:[.\s]{1,3}[0-9OIL]{1,5}){0,4})|(?:[0-9OIL]{1,5}[.\s]{1,3}){1,4}[A-Z][0-9OIL]{2})` +
	`[-\s]{1,5}([0-9OIL]{6})[-\s]{1,5}([0-9OIL]{4,6})(?:$|[^0-9A-Z])`)

// FindCode reads a dossier's code out of what somebody typed, said or scanned: the
// code as ParseCode takes it, or in a sentence, a link or the text of a receipt's
// QR, broken over lines, with O for 0, I for 1 or a dot forgotten. Of several codes
// it is the first. ok is false when there is none.
func FindCode(s string) (code Code, ok bool) {
	if c, ok := ParseCode(s); ok {
		return c, true
	}
	s = strings.ToUpper(narrow(strings.ToValidUTF8(s[:min(len(s), maxFind)], "")))
	for len(s) > 0 {
		at := inText.FindStringSubmatchIndex(s)
		if at == nil {
			return Code{}, false
		}
		c := Code{Organisation: levels(s[at[2]:at[3]]), Date: zeroOne.Replace(s[at[4]:at[5]]), Number: zeroOne.Replace(s[at[6]:at[7]])}
		if _, ok := ParseCode(c.String()); ok {
			return c, true
		}
		s = s[at[3]:]
	}
	return Code{}, false
}

var zeroOne = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// levels writes the organisation of a code that was found in a text: dots between
// its levels, digits where digits belong.
func levels(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	first := 0
	if len(parts) > 1 && (parts[0][0] < 'A' || strings.Trim(parts[0], "0123456789OIL") == "") {
		first = len(parts) - 1
	}
	for i, p := range parts {
		if i != first {
			parts[i] = zeroOne.Replace(p)
			continue
		}
		parts[i] = p[:1] + zeroOne.Replace(p[1:3])
		if rest := zeroOne.Replace(p[3:]); rest != "" { // the dot was forgotten
			parts[i] += "." + rest
		}
	}
	return strings.Join(parts, ".")
}

// Near lists the dossiers whose code somebody may have meant by another one: it is
// one or two slips away. It is asked of a person's own only.
func Near(own []core.Dossier, code string) []core.Dossier {
	const slips = 2
	var out []core.Dossier
	for _, d := range own {
		if text.Distance(d.Code, code, slips) <= slips {
			out = append(out, d)
		}
	}
	return out
}

// ParseTail reads the last digits of a code ("0042", "…0042"): four to six of
// them, alone; O for 0 is understood.
func ParseTail(s string) (tail string, ok bool) {
	s = strings.Trim(narrow(s), " .…#\t\r\n")
	if len(s) <= 6 && len(strings.Trim(s, "oO")) >= 2 {
		s = strings.NewReplacer("O", "0", "o", "0").Replace(s)
	}
	return s, digits(s, 4, 6)
}

// Tail gives the number of a code, by which its owner may call it: "0042".
func Tail(code string) string { return code[strings.LastIndexByte(code, '-')+1:] }

// HasTail reports whether a code ends in the digits of tail.
func HasTail(code, tail string) bool {
	return tail != "" && Tail(code) == tail
}

// narrow maps the hyphens and full-width letters and digits of phones to ASCII
// and drops what cannot be seen.
func narrow(s string) string {
	s = text.NFC(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r >= '\u2010' && r <= '\u2015', r == '\u2212':
			return '-'
		}
		return r
	}, s)
}

// organisation accepts dotted numbers with one first-level identifier (a letter
// and two digits, Decision 20/2020/QĐ-TTg) at either end. A level has up to five
// digits: a ward numbered by its own unit code has five.
func organisation(s string) bool {
	levels := strings.Split(s, ".")
	if len(levels) > 5 {
		return false
	}
	first, last := firstLevel(levels[0]), firstLevel(levels[len(levels)-1])
	switch {
	case len(levels) == 1:
		return first
	case first == last:
		return false
	case first:
		levels = levels[1:]
	default:
		levels = levels[:len(levels)-1]
	}
	for _, l := range levels {
		if !digits(l, 1, 5) {
			return false
		}
	}
	return true
}

func firstLevel(s string) bool {
	return len(s) == 3 && s[0] >= 'A' && s[0] <= 'Z' && digits(s[1:], 2, 2)
}

func digits(s string, low, high int) bool {
	return len(s) >= low && len(s) <= high && strings.Trim(s, "0123456789") == ""
}
