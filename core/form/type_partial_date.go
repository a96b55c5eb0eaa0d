package form

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// partialDate is a day, a month or a year: older papers often carry a year of
// birth only. Canonical: YYYY, YYYY-MM or YYYY-MM-DD. Min and max as in date.
type partialDate struct{ basic }

var _ Type = partialDate{}

func (partialDate) Name() string                              { return "partial_date" }
func (partialDate) Define(f *Field, cx Context) []Problem     { return dateBounds(f, cx) }
func (partialDate) Display(_ *Field, v any, _ Context) string { return partialText(v) }

func (p partialDate) Parse(f *Field, typed string, cx Context) Outcome {
	if _, bad := tidyLine(typed, 60); bad != nil {
		return Outcome{Violation: bad}
	}
	today := cx.today()
	typed, about := knownPart(typed)
	t, ok := readDate(typed, today)
	if w := words(typed); !ok && len(w) == 1 && isDigits(w[0]) && len(w[0]) == 2 {
		t.year, _ = strconv.Atoi(w[0])
		ok = true
		t.year = fullYear(t.year, today, f.Max == "today")
	}
	if !ok || t.year == 0 {
		return reject("field.date.format", "example", "1990")
	}
	switch {
	case t.day != 0 && t.month != 0:
		return date{}.settle(f, t, cx)
	case t.day != 0:
		return reject("field.date.format", "example", "1990")
	}
	t.year = fullYear(t.year, today, f.Max == "today")
	v := strconv.Itoa(t.year)
	if t.month != 0 {
		if t.month > 12 {
			return reject("field.date.impossible", "date", itoa(t.month)+"/"+itoa(t.year))
		}
		v += "-" + strconv.Itoa(t.month/10) + strconv.Itoa(t.month%10)
	}
	if bad := p.Check(f, v, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	out := accept(v)
	if about {
		out.Notes = append(out.Notes, *violation("field.date.about", "date", partialText(v)))
	}
	return out
}

// knownPart drops from a typed date what says that a part of it is not known:
// "khoảng 1990", "1990?", "?/3/1990", "00/00/1990", "không nhớ ngày, tháng 3/1990".
// about reports whether there was any.
func knownPart(typed string) (rest string, about bool) {
	w := words(strings.NewReplacer("?", " x ", "*", " x ", "_", " x ").Replace(typed))
	var out []string
	for i := 0; i < len(w); i++ {
		switch {
		case oneOf(w[i], "khoang", "chung", "doan", "about", "around", "circa"):
			about = true
		case strings.Trim(w[i], "x") == "" || strings.Trim(w[i], "0") == "":
			about = true
		case oneOf(w[i], "khong", "ko", "k", "chua", "quen", "not") && i+1 < len(w) && (w[i] == "quen" || oneOf(w[i+1], "nho", "ro", "biet", "sure")):
			about = true
			if w[i] != "quen" {
				i++
			}
			for i+1 < len(w) && oneOf(w[i+1], "ngay", "thang", "sinh", "chinh", "xac", "va") && !monthFollows(w[i+1:]) {
				i++
			}
		default:
			out = append(out, w[i])
		}
	}
	if !about {
		return typed, false
	}
	return strings.Join(out, " "), true
}

// monthFollows reports whether "tháng" names a month: "tháng 3", "tháng ba".
func monthFollows(w []string) bool {
	if len(w) > 2 && w[1] == "nam" && isDigits(w[2]) {
		return false // "tháng, năm 1990", not the fifth
	}
	n, taken := smallNumber(w[1:])
	return w[0] == "thang" && taken > 0 && n > 0 && n <= 12
}

func (partialDate) Check(f *Field, v any, cx Context) *core.Violation {
	s, _ := v.(string)
	first, last, ok := partialSpan(s)
	if !ok {
		return violation("field.type")
	}
	return checkBounds(f, first, last, cx)
}

// partialSpan gives the first and last day a partial date covers.
func partialSpan(s string) (first, last time.Time, ok bool) {
	switch len(s) {
	case 4:
		first, ok = parseISO(s + "-01-01")
		return first, first.AddDate(1, 0, -1), ok
	case 7:
		first, ok = parseISO(s + "-01")
		return first, first.AddDate(0, 1, -1), ok
	default:
		first, ok = parseISO(s)
		return first, first, ok
	}
}

func partialText(v any) string {
	s, _ := v.(string)
	parts := strings.Split(s, "-")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, "/")
}

func (partialDate) Mask(f *Field, v any, cx Context) string { return date{}.Mask(f, v, cx) }

func (partialDate) Spoken(f *Field, v any, cx Context) string {
	s, _ := v.(string)
	if len(s) == 10 {
		return date{}.Spoken(f, v, cx)
	}
	first, _, ok := partialSpan(s)
	if !ok {
		return ""
	}
	if cx.Locale == text.EN {
		if len(s) == 7 {
			return first.Format("January 2006")
		}
		return s
	}
	spoken := "năm " + VietnameseNumber(first.Year())
	if len(s) == 7 {
		spoken = "tháng " + VietnameseNumber(int(first.Month())) + " " + spoken
	}
	return spoken
}

func (partialDate) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
}
