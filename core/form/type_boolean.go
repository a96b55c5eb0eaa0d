package form

import (
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// boolean is a yes or no. Canonical: true or false.
//
// "dung" without accents may be đúng (yes) or dừng (stop): it is asked back.
// "0" is never no: on such a question it is the menu.
type boolean struct{ basic }

var (
	_ Type    = boolean{}
	_ Chooser = boolean{}
)

func (boolean) Name() string { return "boolean" }
func (boolean) Kind() Kind   { return KindBool }

func (boolean) Choices(*Field, Context) []Option { return yesNo() }

func yesNo() []Option {
	return []Option{{Value: "true", VI: "Có", EN: "Yes"}, {Value: "false", VI: "Không", EN: "No"}}
}

func (boolean) Parse(_ *Field, typed string, _ Context) Outcome {
	if _, bad := tidyLine(typed, 100); bad != nil {
		return Outcome{Violation: bad}
	}
	if n, ok := number(typed); ok {
		switch n {
		case 1:
			return accept(true)
		case 2:
			return accept(false)
		}
		return reject("field.choice.range", "max", "2")
	}
	switch saysYes(typed) {
	case Yes:
		return accept(true)
	case No:
		return accept(false)
	}
	if f := text.Fold(typed); f == "dung" || f == "da" && text.Accented(typed) {
		return choose("field.yesno.unclear", []Candidate{{Value: true, Label: Text{"Có", "Yes"}}, {Value: false, Label: Text{"Không", "No"}}})
	}
	return reject("field.yesno.unknown")
}

// saysYes reads a yes or a no; Maybe when it is neither.
func saysYes(typed string) Tri {
	if strings.ContainsAny(typed, "👍✅") {
		return Yes
	}
	if strings.Contains(typed, "👎") {
		return No
	}
	exact, folded := text.FoldExact(typed), text.Fold(typed)
	switch exact {
	case "đúng", "đúng rồi", "đúng vậy", "dạ đúng", "vâng đúng":
		return Yes
	case "đã", "đà", "cô", "cổ", "cờ": // not dạ, not có
		return Maybe
	}
	switch folded {
	case "co", "co a", "co roi", "da co", "roi", "dong y", "ok", "oke", "okay", "yes", "y", "uh", "u", "vang", "da", "da vang", "true", "phai", "chinh xac", "chuan", "dung roi", "dung vay", "dc", "duoc",
		"vang a", "da phai", "phai roi", "duoc a", "da dung roi", "dung a", "dung roi a", "u dung roi", "yeah", "correct", "i agree", "agree":
		return Yes
	case "khong", "khong co", "ko", "k", "kg", "hong", "hok", "hem", "no", "n", "chua", "chua co", "false", "khong phai", "sai", "khong dong y", "da khong", "khong a", "da khong a", "nope":
		return No
	}
	return Maybe
}

func (boolean) Check(_ *Field, v any, _ Context) *core.Violation {
	if _, ok := v.(bool); !ok {
		return violation("field.type")
	}
	return nil
}

func (boolean) Display(_ *Field, v any, cx Context) string {
	if b, _ := v.(bool); b {
		return yesNo()[0].Label(cx.Locale)
	}
	return yesNo()[1].Label(cx.Locale)
}

func (b boolean) Mask(f *Field, v any, cx Context) string { return b.Display(f, v, cx) }

func (boolean) Schema(*Field, Context) map[string]any { return map[string]any{"type": "boolean"} }
