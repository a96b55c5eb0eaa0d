package form

import (
	"regexp"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// clock is a time of day. Canonical: HH:MM, 24 hours. People write 8h30, "8 giờ
// rưỡi", "3 giờ chiều", 15:30, "8h kém 15", 3pm.
type clock struct{ basic }

// moment is a day with a time of day in the city. Canonical: YYYY-MM-DDTHH:MM. Day
// and time come in any order. Min and max are days, as in date.
type moment struct{ basic }

var (
	_ Type = clock{}
	_ Type = moment{}
)

const (
	isoClock  = "15:04"
	isoMoment = "2006-01-02T15:04"
)

func (clock) Name() string { return "time" }

func (c clock) Parse(_ *Field, typed string, _ Context) Outcome {
	if _, bad := tidyLine(typed, 60); bad != nil {
		return Outcome{Violation: bad}
	}
	v, ok := readClock(typed)
	if !ok {
		return reject("field.time.format", "example", "8h30")
	}
	return accept(v)
}

func (clock) Check(_ *Field, v any, _ Context) *core.Violation {
	s, _ := v.(string)
	if t, err := time.Parse(isoClock, s); err != nil || t.Format(isoClock) != s {
		return violation("field.type")
	}
	return nil
}

// Mask shows the minutes only.
func (clock) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return text.LastTwo(s)
}

func (clock) Spoken(_ *Field, v any, cx Context) string {
	s, _ := v.(string)
	t, err := time.Parse(isoClock, s)
	if err != nil || cx.Locale == text.EN {
		return s
	}
	spoken := VietnameseNumber(t.Hour()) + " giờ"
	if t.Minute() > 0 {
		spoken += " " + VietnameseNumber(t.Minute()) + " phút"
	}
	return spoken
}

func (clock) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
}

func (moment) Name() string                          { return "datetime" }
func (moment) Define(f *Field, cx Context) []Problem { return dateBounds(f, cx) }

func (m moment) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 80)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	day, at, ok := splitMoment(s, cx.today())
	if !ok {
		return reject("field.datetime.format", "example", "8h30 "+itoa(cx.today().Day())+"/"+itoa(int(cx.today().Month())))
	}
	o := date{}.Parse(f, day, cx)
	if s, ok := o.Value.(string); ok {
		o.Value = s + "T" + at
	}
	for i, c := range o.Candidates {
		s, _ := c.Value.(string)
		o.Candidates[i] = Candidate{Value: s + "T" + at, Label: Text{at + ", " + c.Label.VI, at + ", " + c.Label.EN}}
	}
	return o
}

func (moment) Check(f *Field, v any, cx Context) *core.Violation {
	s, _ := v.(string)
	t, ok := parseMoment(s)
	if !ok {
		return violation("field.type")
	}
	return checkBounds(f, civil(t), civil(t), cx)
}

func parseMoment(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(isoMoment, s, core.City)
	return t, err == nil && len(s) == len(isoMoment)
}

func (moment) Display(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	if t, ok := parseMoment(s); ok {
		return t.Format(isoClock) + ", " + text.Date(t)
	}
	return s
}

// Echo reads the moment back with its weekday.
func (moment) Echo(v any, l text.Locale) string {
	s, _ := v.(string)
	if t, ok := parseMoment(s); ok {
		return t.Format(isoClock) + ", " + text.DateLong(l, t)
	}
	return s
}

func (moment) Mask(f *Field, v any, cx Context) string { return date{}.Mask(f, v, cx) }

func (moment) Spoken(f *Field, v any, cx Context) string {
	s, _ := v.(string)
	day, at, ok := strings.Cut(s, "T")
	if !ok {
		return ""
	}
	return clock{}.Spoken(f, at, cx) + ", " + date{}.Spoken(f, day, cx)
}

func (moment) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$"}
}

var (
	digitLetter = regexp.MustCompile(`(\d)([a-z])`)
	letterDigit = regexp.MustCompile(`([a-z])(\d)`)
	isoTyped    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[tT](\d{2}:\d{2})(:\d{2})?$`)
)

// readClock reads a typed time of day as HH:MM.
func readClock(typed string) (string, bool) {
	s := text.Fold(typed)
	switch s {
	case "nua dem", "midnight":
		return "00:00", true
	case "giua trua", "dung ngo", "noon":
		return "12:00", true
	}
	s = letterDigit.ReplaceAllString(digitLetter.ReplaceAllString(s, "$1 $2"), "$1 $2")
	w := strings.Fields(s)
	for len(w) > 0 && oneOf(w[0], "luc", "vao", "hoi", "khoang", "at", "around") {
		w = w[1:]
	}
	if len(w) == 1 && isDigits(w[0]) && (len(w[0]) == 3 || len(w[0]) == 4) { // 830, 0830
		w = []string{w[0][:len(w[0])-2], w[0][len(w[0])-2:]}
	}
	hour, taken := smallNumber(w)
	if taken == 0 {
		return "", false
	}
	w = w[taken:]
	if len(w) > 0 && oneOf(w[0], "h", "g", "gio") {
		w = w[1:]
	} else if len(w) > 1 && w[0] == "o" && w[1] == "clock" {
		w = w[2:]
	}
	minute, w, ok := readMinutes(w)
	if !ok {
		return "", false
	}
	if minute < 0 {
		hour, minute = hour-1, minute+60
	}
	if hour, ok = partOfDay(hour, w); !ok || hour < 0 || hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return "", false
	}
	return time.Date(0, 1, 1, hour, minute, 0, 0, time.UTC).Format(isoClock), true
}

// readMinutes reads what follows the hour: "30", "ruoi", "kem 15 phut" (less than
// zero).
func readMinutes(w []string) (minute int, rest []string, ok bool) {
	sign := 1
	switch {
	case len(w) == 0:
		return 0, w, true
	case w[0] == "ruoi":
		return 30, w[1:], true
	case w[0] == "kem":
		sign, w = -1, w[1:]
	}
	n, taken := smallNumber(w)
	if taken == 0 {
		return 0, w, sign > 0
	}
	w = w[taken:]
	if len(w) > 0 && oneOf(w[0], "p", "ph", "phut", "minutes") {
		w = w[1:]
	}
	return sign * n, w, n <= 59
}

// partOfDay moves an hour to the part of the day that was named behind it.
func partOfDay(hour int, w []string) (int, bool) {
	if len(w) > 0 && w[0] == "buoi" {
		w = w[1:]
	}
	switch part := strings.Join(w, " "); {
	case part == "":
		return hour, true
	case hour > 12:
		return hour, oneOf(part, "sang", "trua", "chieu", "toi", "dem", "khuya", "am", "a m", "pm", "p m")
	case oneOf(part, "sang", "am", "a m"):
		return hour % 12, true
	case oneOf(part, "chieu", "toi", "pm", "p m"):
		return hour%12 + 12, true
	case part == "trua": // 11, 12, or 1 in the afternoon
		if hour < 4 {
			return hour + 12, true
		}
		return hour, hour >= 10
	case oneOf(part, "dem", "khuya"):
		if hour >= 6 && hour < 12 {
			return hour + 12, true
		}
		return hour % 12, true
	}
	return 0, false
}

// splitMoment finds the day and the time of day in typed text, in any order.
func splitMoment(s string, today time.Time) (day, at string, ok bool) {
	if m := isoTyped.FindStringSubmatch(s); m != nil {
		at, ok = readClock(m[2])
		return m[1], at, ok
	}
	var w []string
	part := ""
	for _, f := range strings.Fields(strings.ToLower(text.Plain(s))) {
		switch f = strings.Trim(f, ","); {
		case f == "":
		case oneOf(f, "sang", "trua", "chieu", "toi") && part == "":
			part = " " + f // "chiều mai lúc 3 giờ"
		default:
			w = append(w, f)
		}
	}
	try := func(dayWords, clockWords []string) bool {
		d, c := strings.Join(dayWords, " "), strings.Join(clockWords, " ")
		if strings.ContainsAny(c, "/-") {
			return false
		}
		t, isDay := readDate(d, today)
		v, isClock := readClock(c + part)
		if !isDay || !isClock || t.day == 0 || t.month == 0 || t.day > 31 || t.month > 31 {
			return false
		}
		day, at = d, v
		return true
	}
	for i := len(w) - 1; i > 0; i-- { // the longest time first: "8 giờ 30 ngày 5"
		if try(w[i:], w[:i]) {
			return day, at, true
		}
	}
	for i := 1; i < len(w); i++ {
		if try(w[:i], w[i:]) {
			return day, at, true
		}
	}
	return "", "", false
}
