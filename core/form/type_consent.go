package form

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// consent is a legal declaration. Canonical: true; there is no other value. It
// is given in words ("đồng ý") or with its own button after the summary, never
// with a bare number, a "có" or the unclear "dung". Next does not ask for it.
type consent struct{ basic }

var (
	_ Type    = consent{}
	_ Chooser = consent{}
)

func (consent) Name() string { return "consent" }
func (consent) Kind() Kind   { return KindBool }

func (consent) Choices(*Field, Context) []Option {
	return []Option{{Value: "true", VI: "Tôi đồng ý", EN: "I agree", Short: Text{"Dong y", "Agree"}}}
}

func (consent) Parse(_ *Field, typed string, _ Context) Outcome {
	switch text.Fold(typed) {
	case "dong y", "toi dong y", "toi cam doan", "cam doan", "agree", "i agree":
		return accept(true)
	}
	return reject("field.consent.needed")
}

func (consent) Check(_ *Field, v any, _ Context) *core.Violation {
	if v != true {
		return violation("field.consent.needed")
	}
	return nil
}

func (c consent) Display(f *Field, _ any, cx Context) string {
	return c.Choices(f, cx)[0].Label(cx.Locale)
}

func (c consent) Mask(f *Field, v any, cx Context) string { return c.Display(f, v, cx) }

func (consent) Schema(*Field, Context) map[string]any { return map[string]any{"const": true} }
