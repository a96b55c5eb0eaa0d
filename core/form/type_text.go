package form

import (
	"strconv"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
)

// shortText is one line of free text, at most 200 characters unless max says
// otherwise. Canonical: NFC, one space between words, nothing invisible.
type shortText struct{ basic }

// longText is free text of several lines, at most 2000 characters unless max
// says otherwise. Canonical: NFC, nothing invisible.
type longText struct{ basic }

var (
	_ Type = shortText{}
	_ Type = longText{}
)

func (shortText) Name() string                         { return "text" }
func (longText) Name() string                          { return "longtext" }
func (shortText) Define(f *Field, _ Context) []Problem { return numberBounds(f) }
func (longText) Define(f *Field, _ Context) []Problem  { return numberBounds(f) }

// lengths gives the least and greatest length in characters.
func lengths(f *Field, most int) (min, max int) {
	min, _ = strconv.Atoi(f.Min)
	max, err := strconv.Atoi(f.Max)
	if err != nil || max < 1 || max > 4000 {
		max = most
	}
	return min, max
}

func (t shortText) Parse(f *Field, typed string, cx Context) Outcome {
	_, max := lengths(f, 200)
	s, bad := tidyLine(typed, max)
	if bad == nil {
		bad = t.Check(f, s, cx)
	}
	if bad != nil {
		return Outcome{Violation: bad}
	}
	return accept(s)
}

func (t longText) Parse(f *Field, typed string, cx Context) Outcome {
	_, max := lengths(f, 2000)
	s, bad := tidyText(typed, max)
	if bad == nil {
		bad = t.Check(f, s, cx)
	}
	if bad != nil {
		return Outcome{Violation: bad}
	}
	return accept(s)
}

func (shortText) Check(f *Field, v any, _ Context) *core.Violation {
	min, max := lengths(f, 200)
	return checkText(v, min, max, false)
}

func (longText) Check(f *Field, v any, _ Context) *core.Violation {
	min, max := lengths(f, 2000)
	return checkText(v, min, max, true)
}

func checkText(v any, min, max int, lines bool) *core.Violation {
	s, ok := v.(string)
	if !ok || !isTidy(s, lines) {
		return violation("field.type")
	}
	switch n := utf8.RuneCountInString(s); {
	case n < min:
		return violation("field.tooShort", "min", itoa(min))
	case n > max:
		return violation("field.tooLong", "max", itoa(max))
	}
	return nil
}

func (shortText) Schema(f *Field, _ Context) map[string]any {
	min, max := lengths(f, 200)
	return map[string]any{"type": "string", "minLength": int64(atLeastOne(min)), "maxLength": int64(max)}
}

func (longText) Schema(f *Field, _ Context) map[string]any {
	min, max := lengths(f, 2000)
	return map[string]any{"type": "string", "minLength": int64(atLeastOne(min)), "maxLength": int64(max)}
}

func atLeastOne(n int) int { return max(n, 1) }
