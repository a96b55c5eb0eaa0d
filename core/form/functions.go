package form

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/motcua/motcua/core"
)

// celFunctions are what expressions may call besides the standard library:
//
//	days_between(from, to) int           civil days; dates are YYYY-MM-DD
//	years_between(from, to) int          whole years, as an age is counted
//	add_months(date, n) string           the same day n months on, or the last of that month
//	date_in_words_vi(date) string        "Ngày năm tháng ba năm …"
//	sex_of_personal_id(id) string        "nam" or "nu"
//	year_of_personal_id(id) int
//	year_of(date or partial date) int
//	family_name(name) string             first word
//
// A function of null, or of a value without the needed form, has no result: a
// condition is then not met and a computed field is empty.
func celFunctions() []cel.EnvOption {
	str, num := cel.NullableType(cel.StringType), cel.IntType
	unary := func(name string, result *cel.Type, fn func(string) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name, []*cel.Type{str}, result, cel.UnaryBinding(func(v ref.Val) ref.Val {
			s, ok := v.(types.String)
			if !ok {
				return types.NewErr("%s of a value that is missing", name)
			}
			return fn(string(s))
		})))
	}
	binary := func(name string, fn func(a, b time.Time) int) cel.EnvOption {
		return cel.Function(name, cel.Overload(name, []*cel.Type{str, str}, num, cel.BinaryBinding(func(x, y ref.Val) ref.Val {
			a, okA := dayOfVal(x)
			b, okB := dayOfVal(y)
			if !okA || !okB {
				return types.NewErr("%s of a value that is not a day", name)
			}
			return types.Int(fn(a, b))
		})))
	}
	text := func(fn func(string) string) func(string) ref.Val {
		return func(s string) ref.Val {
			if out := fn(s); out != "" {
				return types.String(out)
			}
			return types.NewErr("no result")
		}
	}
	return []cel.EnvOption{
		binary("days_between", daysBetween),
		binary("years_between", yearsBetween),
		cel.Function("add_months", cel.Overload("add_months", []*cel.Type{str, num}, cel.StringType, cel.BinaryBinding(addMonthsVal))),
		unary("date_in_words_vi", cel.StringType, text(DateInWordsVI)),
		unary("sex_of_personal_id", cel.StringType, text(SexOfPersonalID)),
		unary("family_name", cel.StringType, text(func(s string) string { first, _, _ := strings.Cut(s, " "); return first })),
		unary("year_of_personal_id", num, func(s string) ref.Val { return yearVal(YearOfPersonalID(s)) }),
		unary("year_of", num, func(s string) ref.Val {
			first, _, ok := partialSpan(s)
			if !ok {
				return types.NewErr("no result")
			}
			return types.Int(first.Year())
		}),
	}
}

func yearVal(y int) ref.Val {
	if y == 0 {
		return types.NewErr("no result")
	}
	return types.Int(y)
}

func dayOfVal(v ref.Val) (time.Time, bool) {
	s, ok := v.(types.String)
	if !ok {
		return time.Time{}, false
	}
	return parseISO(string(s))
}

func addMonthsVal(date, months ref.Val) ref.Val {
	day, ok := dayOfVal(date)
	n, isInt := months.(types.Int)
	if !ok || !isInt || n < -1200 || n > 1200 {
		return types.NewErr("add_months of a value that is not a day")
	}
	return types.String(addMonths(day, int(n)).Format(isoDate))
}

// addMonths gives the end of a period of months that starts on a day: the day of
// the same number, or the last of a month that has none (Civil Code art. 148).
func addMonths(day time.Time, n int) time.Time {
	end := day.AddDate(0, n, 0)
	if end.Day() != day.Day() { // 31/1 and a month: AddDate went on into March
		return end.AddDate(0, 0, -end.Day())
	}
	return end
}

// yearsBetween counts birthdays from a to b.
func yearsBetween(a, b time.Time) int {
	a, b = a.In(core.City), b.In(core.City)
	n := b.Year() - a.Year()
	if b.Month() < a.Month() || b.Month() == a.Month() && b.Day() < a.Day() {
		n--
	}
	return n
}
