package form

import (
	"strconv"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// integer is a whole number, typed in digits or small words ("ba bản").
// Canonical: a JSON number. Min and max are whole numbers.
type integer struct{}

var _ Type = integer{}

func (integer) Name() string { return "integer" }
func (integer) Kind() Kind   { return KindInt }

func (integer) Define(f *Field, _ Context) []Problem { return numberBounds(f) }

func numberBounds(f *Field) (ps []Problem) {
	for key, s := range map[string]string{"min": f.Min, "max": f.Max} {
		if _, err := strconv.ParseInt(s, 10, 64); s != "" && err != nil {
			ps = append(ps, Problem{key, "expected a whole number"})
		}
	}
	return ps
}

func (i integer) Parse(f *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 60); bad != nil {
		return Outcome{Violation: bad}
	}
	n, ok, fraction := wholeNumber(typed)
	switch {
	case fraction:
		return reject("field.number.whole")
	case !ok:
		return reject("field.number.format")
	}
	if bad := i.Check(f, n, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	return accept(n)
}

func (integer) Check(f *Field, v any, _ Context) *core.Violation {
	n, ok := v.(int64)
	if !ok {
		return violation("field.type")
	}
	if min, err := strconv.ParseInt(f.Min, 10, 64); err == nil && n < min {
		return violation("field.number.min", "min", f.Min)
	}
	if max, err := strconv.ParseInt(f.Max, 10, 64); err == nil && n > max {
		return violation("field.number.max", "max", f.Max)
	}
	if n > MaxInteger || n < -MaxInteger {
		return violation("field.number.max", "max", strconv.Itoa(MaxInteger))
	}
	return nil
}

func (integer) Display(_ *Field, v any, _ Context) string {
	n, _ := v.(int64)
	return strconv.FormatInt(n, 10)
}

// Mask shows a small count as it is and only the end of a long number.
func (i integer) Mask(f *Field, v any, cx Context) string {
	if s := i.Display(f, v, cx); len(s) > 3 {
		return text.LastTwo(s)
	}
	return i.Display(f, v, cx)
}

func (integer) Spoken(_ *Field, v any, cx Context) string {
	n, _ := v.(int64)
	if cx.Locale == text.VI && n >= 0 && n <= 999_999 {
		return VietnameseNumber(int(n))
	}
	return strconv.FormatInt(n, 10)
}

func (integer) Schema(f *Field, _ Context) map[string]any {
	s := map[string]any{"type": "integer"}
	if min, err := strconv.ParseInt(f.Min, 10, 64); err == nil {
		s["minimum"] = min
	}
	if max, err := strconv.ParseInt(f.Max, 10, 64); err == nil {
		s["maximum"] = max
	}
	return s
}
