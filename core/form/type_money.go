package form

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// money is an amount in đồng: "1.500.000", "1,5 triệu", "500k", "2tr5", "một
// trăm" is not read. Canonical: a whole number of đồng.
type money struct{}

var _ Type = money{}

// amount splits folded text such as "2tr5" or "1,5 trieu" into number, unit and
// a digit behind the unit.
var amount = regexp.MustCompile(`^(\d+(?:[.,]\d+)*)\s*(k|ng|nghin|ngan|tr|trieu|cu|ty|ti)?\s*(\d?)\s*(?:d|dong|vnd|vnđ)?$`)

func (money) Name() string                         { return "money" }
func (money) Kind() Kind                           { return KindInt }
func (money) Define(f *Field, _ Context) []Problem { return numberBounds(f) }

func (m money) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 40)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	// Fold drops the separators that matter here, so accents go by Plain.
	parts := amount.FindStringSubmatch(strings.ToLower(text.Plain(s)))
	if parts == nil {
		return reject("field.money.format")
	}
	n, ok := dong(parts[1], parts[2], parts[3])
	if !ok {
		return reject("field.money.format")
	}
	if bad := (integer{}).Check(f, n, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	return accept(n)
}

// dong computes number × unit, with tail as the first digit below the unit.
func dong(number, unit, tail string) (int64, bool) {
	scale := int64(1)
	switch unit {
	case "k", "ng", "nghin", "ngan":
		scale = 1_000
	case "tr", "trieu", "cu":
		scale = 1_000_000
	case "ty", "ti":
		scale = 1_000_000_000
	case "":
		if tail != "" {
			return 0, false
		}
	}
	whole, fraction := number, ""
	if grouped.MatchString(number) && (unit == "" || strings.Count(number, ".")+strings.Count(number, ",") > 1) {
		whole = text.Digits(number)
	} else if at := strings.IndexAny(number, ".,"); at >= 0 {
		if unit == "" || tail != "" || len(number)-at-1 > 3 {
			return 0, false
		}
		whole, fraction = number[:at], number[at+1:]
	} else if tail != "" {
		fraction = tail
	}
	if strings.ContainsAny(fraction, ".,") || len(whole) > 15 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > MaxInteger/scale {
		return 0, false
	}
	n *= scale
	for _, d := range fraction {
		scale /= 10
		n += int64(d-'0') * scale
	}
	return n, n <= MaxInteger
}

func (money) Check(f *Field, v any, cx Context) *core.Violation { return integer{}.Check(f, v, cx) }

func (money) Display(_ *Field, v any, cx Context) string {
	n, _ := v.(int64)
	return text.Money(cx.Locale, n)
}

func (money) Mask(_ *Field, v any, _ Context) string {
	n, _ := v.(int64)
	return text.LastTwo(strconv.FormatInt(n, 10))
}

func (money) Schema(f *Field, cx Context) map[string]any { return integer{}.Schema(f, cx) }
