package text

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// Date writes the day of t in Viet Nam as dd/MM/yyyy, in both languages.
func Date(t time.Time) string { return t.In(core.City).Format("02/01/2006") }

// Clock writes the time of day of t in Viet Nam as HH:mm.
func Clock(t time.Time) string { return t.In(core.City).Format("15:04") }

// Weekday names a day: "thứ Sáu", "Chủ nhật", "Friday".
func Weekday(l Locale, d time.Weekday) string {
	if l == EN {
		return d.String()
	}
	switch d {
	case time.Sunday:
		return "Chủ nhật"
	case time.Monday:
		return "thứ Hai"
	case time.Tuesday:
		return "thứ Ba"
	case time.Wednesday:
		return "thứ Tư"
	case time.Thursday:
		return "thứ Năm"
	case time.Friday:
		return "thứ Sáu"
	default:
		return "thứ Bảy"
	}
}

// DateLong writes a day a person must act on: "thứ Sáu, 13/03/2026".
func DateLong(l Locale, t time.Time) string {
	return Weekday(l, t.In(core.City).Weekday()) + ", " + Date(t)
}

// DateTimeLong adds the time of day: "thứ Sáu, 13/03/2026, 16:30".
func DateTimeLong(l Locale, t time.Time) string {
	return DateLong(l, t) + ", " + Clock(t)
}

// DateShort is the form for a message with little room: "thứ Sáu 13/03",
// "Fri 13/03".
func DateShort(l Locale, t time.Time) string {
	w := Weekday(l, t.In(core.City).Weekday())
	if l == EN {
		w = w[:3]
	}
	return w + " " + t.In(core.City).Format("02/01")
}

// Money writes an amount of đồng: "8.000 đ" in Vietnamese, "8,000 VND" in
// English.
func Money(l Locale, dong int64) string {
	if l == EN {
		return group(dong, ",") + " VND"
	}
	return group(dong, ".") + " đ"
}

func group(n int64, sep string) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), sep)
}
