package dialog

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

var loadOnce = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) })

func tableEngine(t *testing.T) *Engine {
	t.Helper()
	cat, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return New(cat, dossier.New(cat))
}

// following is something that each kind of argument may be.
func following(k catalog.Takes) string {
	return map[catalog.Takes]string{
		catalog.TakesNumber: " 3", catalog.TakesItem: " 2", catalog.TakesCode: " H29.26740-260312-0042",
		catalog.TakesDigits: " 4821", catalog.TakesWords: " tân định",
	}[k]
}

// decomposed writes accents the way some phones send them.
func decomposed(s string) string {
	return strings.NewReplacer("ủ", "u\u0309", "ỏ", "o\u0309", "ạ", "a\u0323", "á", "a\u0301", "ộ", "o\u0302\u0323", "ồ", "o\u0302\u0300",
		"ý", "y\u0301", "ừ", "u\u031b\u0300", "ợ", "o\u031b\u0323", "ầ", "a\u0302\u0300", "ú", "u\u0301", "ô", "o\u0302").Replace(s)
}

// TestEveryFormOfEveryCommand types each form of the table the ways people type:
// upper case, decomposed, without accents, with spaces and punctuation around.
func TestEveryFormOfEveryCommand(t *testing.T) {
	t.Parallel()
	e := tableEngine(t)
	for _, r := range e.cat.Keywords() {
		var forms []string
		for _, f := range slices.Concat(r.Bare(), r.Accented) {
			if !slices.Contains(r.Accented, f) {
				forms = append(forms, text.Fold(f)+following(r.Takes))
			}
			f += following(r.Takes)
			forms = append(forms, f, strings.ToUpper(f), decomposed(f), "  "+strings.ReplaceAll(f, " ", "  ")+" .", "“"+f+"”", "\u200b"+f)
		}
		forms = append(forms, r.Signs...)
		for _, s := range r.Slash {
			forms = append(forms, s, strings.ToUpper(s), s+"@motcua_bot", s+" x")
		}
		for _, f := range forms {
			m, ok := e.match(f)
			if !ok || m.verb != r.Verb || m.strength != r.Strength {
				t.Errorf("%q is read as %s %q, want %s %q", f, m.strength, m.verb, r.Strength, r.Verb)
			}
			if given := m.arg != "" || m.n > 0; given != (r.Takes != catalog.TakesNothing) {
				t.Errorf("%q brings %q and %d", f, m.arg, m.n)
			}
		}
	}
}

// TestNoFormMeansTwoThings holds the table against itself.
func TestNoFormMeansTwoThings(t *testing.T) {
	t.Parallel()
	c := tableEngine(t).commands
	for _, m := range []map[string][]matched{c.exact, c.folded} {
		for form, ms := range m {
			for _, other := range ms[1:] {
				if other.verb != ms[0].verb {
					t.Errorf("%q means %s and %s", form, ms[0].verb, other.verb)
				}
			}
		}
	}
	if got := c.folded["dung"]; len(got) != 1 || got[0].verb != verbUnclear {
		t.Errorf("bare dung means %v; it must mean nothing by itself", got)
	}
	for _, form := range []string{"huy", "dung", "bo", "tiep", "vi", "en"} {
		for _, m := range c.folded[form] {
			if m.strength != weak {
				t.Errorf("%q alone must not act before an open question", form)
			}
		}
	}
}

// TestCollisionsAreComputed checks the computed list against names people have.
func TestCollisionsAreComputed(t *testing.T) {
	t.Parallel()
	e := tableEngine(t)
	for _, name := range []string{"Huy", "Dung", "Hồng", "Vi", "Én", "Vang", "Đà", "Dạ", "huỷ", "HỦY", "Tiếp", "Có"} {
		if _, ok := e.commands.collides(name); !ok {
			t.Errorf("%q is not asked back at a name", name)
		}
	}
	for _, name := range []string{"Mai", "An", "Nguyễn Văn Huy", "Bảo", "Năm", "Ba", "Tư"} {
		if _, ok := e.commands.collides(name); ok {
			t.Errorf("%q is asked back at a name for no reason", name)
		}
	}
	if got := e.commands.collisions(); !slices.IsSorted(got) || len(got) < 20 {
		t.Errorf("collisions = %v", got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	e := tableEngine(t)
	for _, c := range []struct {
		in       string
		verb     verb
		strength catalog.Strength
		arg      string
		n        int
	}{
		{"đúng", verbYes, weak, "", 0}, {"dừng", verbUnclear, weak, "", 0}, {"dung", verbUnclear, weak, "", 0}, {"Dung", verbUnclear, weak, "", 0},
		{"huy", verbCancel, weak, "", 0}, {"hủy", verbCancel, weak, "", 0}, {"huỷ", verbCancel, weak, "", 0}, {"Huy", verbCancel, weak, "", 0},
		{"huỷ bỏ", verbCancel, strong, "", 0}, {"hũy bõ", verbCancel, strong, "", 0},
		{"ba", "", "", "", 0}, {"bà", "", "", "", 0}, {"Ba", "", "", "", 0}, {"3", "", "", "", 0},
		{"nam", "", "", "", 0}, {"năm", "", "", "", 0}, {"tu", "", "", "", 0}, {"từ", "", "", "", 0}, {"tư", "", "", "", 0},
		{"co", verbYes, weak, "", 0}, {"có", verbYes, weak, "", 0}, {"cô", "", "", "", 0}, {"cổ", "", "", "", 0},
		{"khong", verbNo, weak, "", 0}, {"không", verbNo, weak, "", 0}, {"ko", verbNo, weak, "", 0}, {"k", verbNo, weak, "", 0}, {"0", verbMenu, weak, "", 0},
		{"dc", verbYes, weak, "", 0}, {"ĐỒNG Ý", verbConsent, weak, "", 0}, {"dong y 4821", verbConsent, strong, "4821", 0},
		{"Đồng ý 4821.", verbConsent, strong, "4821", 0}, {"dong y ４８２１", verbConsent, strong, "4821", 0}, {"dong y 48211", "", "", "", 0},
		{"sửa 3", verbEdit, strong, "", 3}, {"s3", verbEdit, strong, "", 3}, {"SUA 12", verbEdit, strong, "", 12}, {"edit 1", verbEdit, strong, "", 1},
		{"tra cứu H29.15-260312-0042", verbStatus, strong, "H29.15-260312-0042", 0}, {"tc 0042", verbStatus, strong, "0042", 0},
		{"rút 0057", verbWithdraw, strong, "0057", 0}, {"bo sung 0057", verbAnswer, strong, "0057", 0},
		{"HSHC H29.15-260312-0042", verbStatus, strong, "H29.15-260312-0042", 0}, {"HSHC", verbStatus, weak, "", 0}, {"TRACUU 0042", verbStatus, strong, "0042", 0},
		{"TTHC xác nhận độc thân", verbSearch, strong, "xác nhận độc thân", 0}, {"tthc: khai sinh?", verbSearch, strong, "khai sinh?", 0}, {"tthc", verbSearch, weak, "", 0},
		{"DIACHI P. Tân Định", verbPlace, weak, "P. Tân Định", 0}, {"diachi", verbPlace, weak, "", 0}, {"diachi.", verbPlace, weak, "", 0}, {"tthcx", "", "", "", 0},
		{"xóa thành viên 2", verbRemove, strong, "", 2}, {"TU CHOI 4821", verbDecline, strong, "4821", 0}, {"từ chối", verbStop, optOut, "", 0},
		{"stop", verbStop, optOut, "", 0}, {"Từ chối tin", verbStop, optOut, "", 0},
		{"９", verbBack, weak, "", 0}, {"*", verbBack, weak, "", 0}, {"?", verbHelp, strong, "", 0}, {"👍", verbYes, weak, "", 0},
		{"/start t7K3F9QXM", verbMenu, strong, "", 0}, {"/nothing", "", "", "", 0},
		{"tôi muốn hủy bỏ hôn nhân", "", "", "", 0}, {"", "", "", "", 0}, {strings.Repeat("menu ", 60), "", "", "", 0},
	} {
		m, ok := e.match(c.in)
		if ok != (c.verb != "") || m.verb != c.verb || ok && (m.strength != c.strength || m.arg != c.arg || m.n != c.n) {
			t.Errorf("match(%q) = %+v %v, want %s %s %q %d", c.in, m, ok, c.verb, c.strength, c.arg, c.n)
		}
	}
}

// A word that means yes, no or "I do not know" in a conversation means the same
// when it is typed for a question of the app.
func TestAnswersAreReadAlike(t *testing.T) {
	t.Parallel()
	means := map[verb]string{verbYes: form.FactYes, verbConsent: form.FactYes, verbNo: form.FactNo, verbUnknown: form.FactUnknown}
	read := 0
	for _, r := range tableEngine(t).cat.Keywords() {
		want, ok := means[r.Verb]
		if !ok {
			continue
		}
		for _, words := range slices.Concat(r.Bare(), r.Accented, r.Signs) {
			if words == "đồng ý và nộp" { // the button under a summary
				continue
			}
			if got := form.ParseFact(words, text.VI).Value; got != want {
				t.Errorf("%q is %v on a screen, %s in a conversation", words, got, want)
			}
			read++
		}
	}
	if read < 50 {
		t.Errorf("only %d words were compared", read)
	}
}
