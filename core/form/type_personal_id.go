package form

import (
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// personalID is the 12-digit personal identification number. Its first six
// digits carry the province of birth registration, century with sex, and year
// of birth (Circular 59/2021/TT-BCA art. 4); there is no check digit, so a
// number of unlikely structure is doubted and never refused.
type personalID struct{ basic }

var _ Type = personalID{}

func (personalID) Name() string { return "personal_id" }

func (p personalID) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 500)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	// The text of a card's QR code starts with the number.
	if first, _, qr := strings.Cut(s, "|"); qr {
		s = first
	}
	digits := text.Digits(s)
	switch {
	case len(digits) == 9:
		return reject("field.id.old")
	case len(digits) != 12:
		return reject("field.id.digits", "count", itoa(len(digits)))
	}
	o := accept(digits)
	if w := p.doubt(digits, cx); w != nil {
		o.Warnings = append(o.Warnings, *w)
	}
	return o
}

func (personalID) Check(_ *Field, v any, _ Context) *core.Violation {
	s, ok := v.(string)
	if !ok || !isDigits(s) || len(s) != 12 {
		return violation("field.id.digits", "count", itoa(len(s)))
	}
	return nil
}

func (personalID) doubt(id string, cx Context) *core.Violation {
	if !knownProvince(id[:3]) {
		return violation("field.id.province", "code", id[:3])
	}
	if YearOfPersonalID(id) > cx.today().Year() {
		return violation("field.id.year", "year", itoa(YearOfPersonalID(id)))
	}
	return nil
}

// knownProvince knows the 63 codes of birth registration, which outlive the
// mergers of provinces, and 100–999 for countries.
func knownProvince(code string) bool {
	if code >= "100" {
		return true
	}
	const known = " 001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045 046 048" +
		" 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096 "
	return strings.Contains(known, " "+code+" ")
}

// YearOfPersonalID gives the year of birth a personal number carries, 0 when it
// is not a personal number.
func YearOfPersonalID(id string) int {
	if len(id) != 12 || !isDigits(id) {
		return 0
	}
	yy, _ := strconv.Atoi(id[4:6])
	return 1900 + int(id[3]-'0')/2*100 + yy
}

// SexOfPersonalID gives "nam" or "nu", "" when it is not a personal number.
func SexOfPersonalID(id string) string {
	switch {
	case len(id) != 12 || !isDigits(id):
		return ""
	case (id[3]-'0')%2 == 0:
		return "nam"
	default:
		return "nu"
	}
}

// Display shows the owner a masked number too: it never travels whole.
func (p personalID) Display(f *Field, v any, cx Context) string { return p.Mask(f, v, cx) }

func (personalID) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return text.MaskID(s)
}

// Spoken reads the last two digits only.
func (personalID) Spoken(_ *Field, v any, cx Context) string {
	s, _ := v.(string)
	return spell(text.LastTwo(s), cx.Locale)
}

func (personalID) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": "^[0-9]{12}$"}
}

// spell puts a space between digits so that a voice reads them one by one.
func spell(s string, l text.Locale) string {
	var out []string
	for _, r := range s {
		if r < '0' || r > '9' {
			continue
		}
		if l == text.EN {
			out = append(out, string(r))
		} else {
			out = append(out, digitWord(int(r-'0')))
		}
	}
	return strings.Join(out, " ")
}
