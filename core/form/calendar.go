package form

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// isoDate is the canonical form of a day.
const isoDate = "2006-01-02"

// civil gives the first instant of the day of t in the city.
func civil(t time.Time) time.Time {
	y, m, d := t.In(core.City).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, core.City)
}

// dayOf makes a day; ok is false for a date that no calendar has (31/02).
func dayOf(y, m, d int) (time.Time, bool) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, core.City)
	return t, t.Day() == d
}

// parseISO reads a canonical day.
func parseISO(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(isoDate, s, core.City)
	return t, err == nil && len(s) == len(isoDate)
}

// daysBetween counts civil days from a to b.
func daysBetween(a, b time.Time) int {
	return int(civil(b).Sub(civil(a)) / (24 * time.Hour)) // no daylight saving: every day has 24 hours
}

// bound reads the min or max of a date field: a day, "today", "today-60d",
// "today+1y".
func bound(s string, today time.Time) (time.Time, bool) {
	rest, relative := strings.CutPrefix(s, "today")
	if !relative {
		return parseISO(s)
	}
	if rest == "" {
		return today, true
	}
	n, err := strconv.Atoi(strings.TrimRight(rest[1:], "dmy"))
	if err != nil || n < 0 || n > 40_000 || (rest[0] != '-' && rest[0] != '+') {
		return time.Time{}, false
	}
	if rest[0] == '-' {
		n = -n
	}
	switch rest[len(rest)-1] {
	case 'd':
		return today.AddDate(0, 0, n), true
	case 'm':
		return today.AddDate(0, n, 0), true
	case 'y':
		return today.AddDate(n, 0, 0), true
	}
	return time.Time{}, false
}

// DateInWordsVI writes a canonical day the way a birth certificate does:
// "Ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu", and what is known of
// a partial date: "Tháng ba năm …", "Năm …". It gives "" for anything else.
func DateInWordsVI(iso string) string {
	t, _, ok := partialSpan(iso)
	if !ok {
		return ""
	}
	month := VietnameseNumber(int(t.Month()))
	if t.Month() == time.April {
		month = "tư"
	}
	switch len(iso) {
	case len("2006"):
		return "Năm " + VietnameseNumber(t.Year())
	case len("2006-01"):
		return fmt.Sprintf("Tháng %s năm %s", month, VietnameseNumber(t.Year()))
	}
	return fmt.Sprintf("Ngày %s tháng %s năm %s", VietnameseNumber(t.Day()), month, VietnameseNumber(t.Year()))
}

// monthName reads an English month, whole or its first three letters.
func monthName(w string) int {
	if len(w) < 3 {
		return 0
	}
	for m := time.January; m <= time.December; m++ {
		if name := strings.ToLower(m.String()); w == name || w == name[:3] {
			return int(m)
		}
	}
	return 0
}

// typedDate is a day as typed; a part that was not given is 0.
type typedDate struct {
	day, month, year int
	yearFirst        bool
}

// readDate takes the parts of a typed date. It understands 5/3/2026, 05-03-26,
// 5.3.2026, 05032026, 2026-03-05, "ngày 5 tháng 3 năm 2026", "mùng năm tháng
// tư", "thứ Năm, 05/03/2026", "5 March 2026", "hôm nay", "hôm qua", with or
// without accents. Two-digit years are left as typed.
func readDate(typed string, today time.Time) (typedDate, bool) {
	w := words(typed)
	switch strings.Join(w, " ") {
	case "hom nay", "nay", "today", "bua nay":
		return fromTime(today), true
	case "hom qua", "qua", "yesterday", "bua qua":
		return fromTime(today.AddDate(0, 0, -1)), true
	case "hom kia", "bua kia":
		return fromTime(today.AddDate(0, 0, -2)), true
	case "ngay mai", "mai", "tomorrow":
		return fromTime(today.AddDate(0, 0, 1)), true
	}
	w = dropWeekday(w)
	if len(w) == 1 && isDigits(w[0]) {
		return readCompact(w[0])
	}
	var d typedDate
	var free []int // numbers without a word that names them, in order
	var wide []bool
	for len(w) > 0 {
		switch {
		case oneOf(w[0], "sinh", "vao", "luc", "of", "the", "on", "dl", "duong", "lich"):
			w = w[1:]
		case oneOf(w[0], "ngay", "mung", "mong", "day") && len(w) > 1:
			if oneOf(w[1], "mung", "mong") {
				w = w[1:]
			}
			n, t := smallNumber(w[1:])
			if t == 0 || d.day != 0 {
				return d, false
			}
			d.day, w = n, w[1+t:]
		case oneOf(w[0], "thang", "month") && len(w) > 1:
			n, t := smallNumber(w[1:])
			for n > 12 && t > 1 { // "tháng mười năm 2026": October of the year, not fifteen
				n, t = smallNumber(w[1:t])
			}
			if t == 0 || d.month != 0 {
				return d, false
			}
			d.month, w = n, w[1+t:]
		case w[0] == "nam" && len(w) > 1 && oneOf(w[1], "nay", "ngoai") && d.year == 0:
			d.year = today.Year()
			if w[1] == "ngoai" {
				d.year--
			}
			w = w[2:]
		case oneOf(w[0], "nam", "year") && len(w) > 1 && isDigits(w[1]) && (len(w[1]) == 4 || len(w[1]) == 2):
			if d.year != 0 {
				return d, false
			}
			d.year, _ = strconv.Atoi(w[1])
			w = w[2:]
		case monthName(w[0]) > 0 && d.month == 0:
			d.month, w = monthName(w[0]), w[1:]
		case isDigits(strings.TrimRight(w[0], "sthnrd")) && len(w[0]) <= 4:
			digits := strings.TrimRight(w[0], "sthnrd")
			n, _ := strconv.Atoi(digits)
			free, wide, w = append(free, n), append(wide, len(digits) > 2), w[1:]
		default:
			return d, false
		}
	}
	return placeNumbers(d, free, wide)
}

// placeNumbers gives the unnamed numbers their parts: day first always, unless
// the first one can only be a year.
func placeNumbers(d typedDate, free []int, wide []bool) (typedDate, bool) {
	if len(free) == 3 && wide[0] && !wide[1] && !wide[2] && d == (typedDate{}) {
		return typedDate{free[2], free[1], free[0], true}, true
	}
	for i, n := range free {
		switch {
		case wide[i] && d.year == 0:
			d.year = n
		case wide[i]:
			return d, false
		case d.day == 0 && d.month == 0 && len(free) == 2 && i == 0 && wide[1]:
			d.month = n // 3/1990
		case d.day == 0 && !(d.month != 0 && i == len(free)-1 && d.year == 0 && len(free) == 1 && n > 31):
			d.day = n
		case d.month == 0:
			d.month = n
		case d.year == 0:
			d.year = n
		default:
			return d, false
		}
	}
	return d, d != (typedDate{})
}

// readCompact reads a date typed as digits only.
func readCompact(s string) (typedDate, bool) {
	n := func(from, to int) int { v, _ := strconv.Atoi(s[from:to]); return v }
	switch len(s) {
	case 8:
		if d := (typedDate{n(0, 2), n(2, 4), n(4, 8), false}); d.year >= 1800 && d.year < 2200 {
			return d, true
		}
		return typedDate{n(6, 8), n(4, 6), n(0, 4), true}, true
	case 6:
		return typedDate{n(0, 2), n(2, 4), n(4, 6), false}, true
	case 4:
		return typedDate{year: n(0, 4)}, true
	}
	return typedDate{}, false
}

// dropWeekday takes a leading weekday off: our own echo is often sent back.
func dropWeekday(w []string) []string {
	switch {
	case len(w) > 2 && w[0] == "thu" && oneOf(w[1], "hai", "ba", "tu", "nam", "sau", "bay", "2", "3", "4", "5", "6", "7"):
		return w[2:]
	case len(w) > 2 && w[0] == "chu" && w[1] == "nhat":
		return w[2:]
	case len(w) > 1 && oneOf(w[0], "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
		return w[1:]
	}
	return w
}

func fromTime(t time.Time) typedDate {
	y, m, d := t.Date()
	return typedDate{day: d, month: int(m), year: y}
}

// fullYear widens a two-digit year. A past date ("max: today") takes the last
// such year that is not in the future, any other the one nearest to now.
func fullYear(y int, today time.Time, past bool) int {
	if y >= 100 {
		return y
	}
	now := today.Year()
	y += now - now%100
	if past && y > now {
		return y - 100
	}
	if !past && y > now+50 {
		return y - 100
	}
	return y
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}
