package text_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/core/text"
)

// lines reads a file of testdata without its comments.
func lines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// telex writes a text as a keyboard does whose Telex is off.
func telex(s string) string {
	keys := strings.NewReplacer("\u0302", "^", "\u0306", "w", "\u031b", "w", "\u0301", "s", "\u0300", "f", "\u0309", "r", "\u0303", "x", "\u0323", "j", "đ", "dd", "Đ", "Dd")
	var out []string
	for _, w := range strings.Fields(norm.NFD.String(s)) {
		w = keys.Replace(w)
		for i := strings.IndexByte(w, '^'); i > 0; i = strings.IndexByte(w, '^') {
			w = w[:i] + strings.ToLower(w[i-1:i]) + w[i+1:]
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// Names are found, however they are written and whatever stands around them. Without
// capital letters a few read as words of the language.
func TestNamesArePrivate(t *testing.T) {
	t.Parallel()
	names := lines(t, "names.txt")
	if len(names) < 90 {
		t.Fatalf("%d names", len(names))
	}
	spellings := map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"lower":    strings.ToLower, "upper": strings.ToUpper,
		"plain": text.Plain, "plain lower": func(s string) string { return strings.ToLower(text.Plain(s)) },
		"plain upper": func(s string) string { return strings.ToUpper(text.Plain(s)) },
		"decomposed":  norm.NFD.String,
		"torn":        func(s string) string { return strings.ReplaceAll(s, " ", " \u200b. ") },
		"hyphens":     func(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") },
		"telex":       telex,
	}
	around := []string{"%s", "giấy khai sinh của %s", "%s muốn ly hôn", "giay to cua %s bi mat", "tôi là %s", "hồ sơ, %s, phường Bến Nghé", "cho hỏi %s đã nộp chưa"}
	few := map[string]int{"lower": 16, "upper": 16, "hyphens": 16, "plain lower": 30, "plain upper": 30}
	missed := map[string]int{}
	n := 0
	for _, name := range names {
		for spelling, spell := range spellings {
			for _, a := range around {
				n++
				if s := fmt.Sprintf(a, spell(name)); !text.MayBePrivate(s) {
					missed[spelling]++
					if missed[spelling] > few[spelling] {
						t.Errorf("%s: %q", spelling, s)
					}
				}
			}
		}
	}
	t.Logf("%d texts with a name, missed %v", n, missed)
}

func TestNumbersAndAddressesArePrivate(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"079190736251", "tra 0791 9073 6251", "0.7.9.1", "0 9 1 2", "hồ sơ 1-2-3-4", "số １２３４", "số ٠١٢٣", "① ② ③ ④", "²⁰²⁴", "0938 475 610", "(028) 38",
		"năm 1990", "4/9/1990", "12/3/90", "so 12\u200b34", "12_34", "1\u00a02\u00a03\u00a04", "không chín ba tám", "chin khong 12", "zero nine one two",
		"K7QM2P4X", "59A12345x", "H29.15-251123-0001", "nam@example.vn", "nam＠example", "https://a.vn/x", "www.a.vn", "a:\\b",
		"anh Tẹo", "chị Lan bán cá", "bà Sáu", "ông tư cụt", "chi lan", "anh minh", "mr Smith", "tên là gì đó", "toi la hang xom", "my name is x",
		"lan", "Bích Loan", "giấy của Bích Loan", "giay cua lan", "họ tên Kpă", "nhà của Thảo", "gặp John Smith ở đâu", "ng van a", "ng. thi be",
	} {
		if !text.MayBePrivate(s) {
			t.Errorf("%q", s)
		}
	}
}

// The detector is of use only while it lets ordinary questions pass.
func TestRequestsAreNotPrivate(t *testing.T) {
	t.Parallel()
	requests := lines(t, "requests.txt")
	for _, s := range requests {
		if text.MayBePrivate(s) {
			t.Errorf("%q", s)
		}
	}
	if len(requests) < 90 {
		t.Fatalf("%d requests", len(requests))
	}
}
