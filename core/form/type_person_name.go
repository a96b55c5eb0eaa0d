package form

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// personName is a full name, family name first. Canonical: capital letters (as
// civil-status papers print it), NFC, one space between words, typewriter
// apostrophe and hyphen. Only Latin letters, Vietnamese ones included: a name
// with a letter of another script could look like somebody else's (UTS 39).
type personName struct{ basic }

var _ Type = personName{}

const maxName = 100

func (personName) Name() string { return "person_name" }

func (p personName) Parse(f *Field, typed string, cx Context) Outcome {
	if utf8.ValidString(typed) && strings.ContainsFunc(typed, hidden) {
		return reject("field.name.invisible")
	}
	s, bad := tidyLine(typed, maxName)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	name := strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case '’', '‘', 'ʼ', '`', '´':
			return '\''
		case '‐', '‑', '–', '—':
			return '-'
		}
		return r
	}, s))
	name = text.NFC(name)
	if bad := p.Check(f, name, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	o := accept(name)
	switch parts := strings.Fields(name); {
	case len(parts) < 2:
		o.Warnings = append(o.Warnings, *violation("field.name.full"))
	case !text.Accented(name) && vietnameseLetters(name):
		o.Warnings = append(o.Warnings, *violation("field.name.accents"))
	}
	if f.Native && !vietnameseLetters(name) {
		o.Warnings = append(o.Warnings, *violation("field.name.foreign"))
	}
	return o
}

func (personName) Check(_ *Field, v any, _ Context) *core.Violation {
	s, ok := v.(string)
	if !ok || !isTidy(s, false) || s != strings.ToUpper(s) {
		return violation("field.type")
	}
	if utf8.RuneCountInString(s) > maxName {
		return violation("field.tooLong", "max", itoa(maxName))
	}
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			return violation("field.name.digits")
		case unicode.IsLetter(r):
			// Latin-1, Latin Extended-A and -B, and the Vietnamese block: no
			// full-width, phonetic or mathematical twins.
			if !unicode.Is(unicode.Latin, r) || r >= 0x250 && (r < 0x1E00 || r > 0x1EFF) {
				return violation("field.name.script", "letter", string(r))
			}
			letters++
		case unicode.IsMark(r):
			return violation("field.name.script", "letter", string(r))
		case r == ' ', r == '\'', r == '-':
		default:
			return violation("field.name.characters", "character", string(r))
		}
	}
	if letters < 2 {
		return violation("field.name.short")
	}
	return nil
}

// vietnameseLetters reports whether s has only letters of the Vietnamese
// alphabet, which has no f, j, w and z.
func vietnameseLetters(s string) bool {
	for _, r := range text.Fold(s) {
		if strings.ContainsRune("fjwz", r) || unicode.IsLetter(r) && r > 'z' {
			return false
		}
	}
	return true
}

// Display writes the name with capital first letters.
func (personName) Display(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return text.PersonName(s)
}

func (personName) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "minLength": int64(2), "maxLength": int64(maxName), "description": "full name in capital letters, NFC"}
}
