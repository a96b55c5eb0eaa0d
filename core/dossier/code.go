package dossier

import (
	"fmt"
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

// ParseTail reads the last digits of a code ("0042", "…0042"): four to six of
// them, alone.
func ParseTail(s string) (tail string, ok bool) {
	s = strings.Trim(narrow(s), " .…#\t\r\n")
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
