package form

import (
	"regexp"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// phone is a Vietnamese mobile number. Canonical: E.164, "+84901234567".
type phone struct{ basic }

var _ Type = phone{}

var mobile = regexp.MustCompile(`^(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])[0-9]{7}$`)

func (phone) Name() string { return "phone" }

func (phone) Parse(_ *Field, typed string, _ Context) Outcome {
	s, bad := tidyLine(typed, 60)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	digits := text.Digits(s)
	plus := strings.Contains(s, "+")
	var rest string // without trunk zero or country code
	switch {
	case strings.HasPrefix(digits, "0084"):
		rest = strings.TrimPrefix(digits[4:], "0")
	case plus && !strings.HasPrefix(digits, "84"):
		return reject("field.phone.foreign")
	case strings.HasPrefix(digits, "84") && (plus || len(digits) >= 11):
		rest = strings.TrimPrefix(digits[2:], "0")
	case strings.HasPrefix(digits, "0"):
		rest = digits[1:]
	case mobile.MatchString(digits):
		return choose("field.phone.zero", []Candidate{phoneCandidate(digits)})
	default:
		return reject("field.phone.format")
	}
	switch {
	case mobile.MatchString(rest):
		return accept("+84" + rest)
	case len(rest) == 10 && rest[0] == '1':
		if now := movedPrefix(rest[:3]); now != "" {
			return choose("field.phone.moved", []Candidate{phoneCandidate(now + rest[3:])}, "old", "0"+rest[:3], "new", "0"+now)
		}
	case (len(rest) == 9 || len(rest) == 10) && rest[0] == '2':
		return reject("field.phone.mobile")
	}
	return reject("field.phone.format")
}

func phoneCandidate(rest string) Candidate {
	shown := "0" + rest[:3] + " " + rest[3:6] + " " + rest[6:]
	return typedCandidate("+84"+rest, shown, text.LastTwo(rest))
}

// movedPrefix gives the present prefix of an 11-digit mobile number; those
// were shortened between September and November 2018.
func movedPrefix(old string) string {
	switch old {
	case "120":
		return "70"
	case "121":
		return "79"
	case "122":
		return "77"
	case "123":
		return "83"
	case "124":
		return "84"
	case "125":
		return "85"
	case "126":
		return "76"
	case "127":
		return "81"
	case "128":
		return "78"
	case "129":
		return "82"
	case "162", "163", "164", "165", "166", "167", "168", "169":
		return "3" + old[2:]
	case "186", "188":
		return "5" + old[2:]
	case "199":
		return "59"
	}
	return ""
}

func (phone) Check(_ *Field, v any, _ Context) *core.Violation {
	s, _ := v.(string)
	rest, ok := strings.CutPrefix(s, "+84")
	if !ok || !mobile.MatchString(rest) {
		return violation("field.phone.format")
	}
	return nil
}

func (phone) Display(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	rest, ok := strings.CutPrefix(s, "+84")
	if !ok || len(rest) != 9 {
		return s
	}
	return phoneCandidate(rest).Label.VI
}

func (phone) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return text.LastTwo(s)
}

func (p phone) Spoken(f *Field, v any, cx Context) string {
	return spell(p.Display(f, v, cx), cx.Locale)
}

func (phone) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": `^\+84[35789][0-9]{8}$`}
}
