package form

import (
	"strings"
	"unicode"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// bankAccount is the number of a bank account, 6 to 19 digits; banks differ in
// length and there is no common check digit. Canonical: the digits. It is shown by
// its last two digits only, as whoever typed it can tell it by them.
type bankAccount struct{ basic }

var _ Type = bankAccount{}

func (bankAccount) Name() string { return "bank_account" }

func (b bankAccount) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 60)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	// "STK: 0123 456 789" is read, an alias made of letters is not.
	folded := text.Fold(s)
	for _, word := range []string{"stk", "so tai khoan", "tai khoan", "tk", "account"} {
		folded = strings.TrimPrefix(folded, word+" ")
	}
	digits := text.Digits(folded)
	if strings.ContainsFunc(folded, unicode.IsLetter) || b.Check(f, digits, cx) != nil {
		return reject("field.bank.format")
	}
	return accept(digits)
}

func (bankAccount) Check(_ *Field, v any, _ Context) *core.Violation {
	if s, _ := v.(string); !isDigits(s) || len(s) < 6 || len(s) > 19 {
		return violation("field.bank.format")
	}
	return nil
}

func (b bankAccount) Display(f *Field, v any, cx Context) string { return b.Mask(f, v, cx) }

func (bankAccount) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	return text.LastTwo(s)
}

// Spoken reads the last two digits only.
func (bankAccount) Spoken(_ *Field, v any, cx Context) string {
	s, _ := v.(string)
	return spell(s[max(0, len(s)-2):], cx.Locale)
}

func (bankAccount) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "pattern": "^[0-9]{6,19}$"}
}
