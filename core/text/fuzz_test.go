package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A template that the linter has nothing against says every literal and fills every
// placeholder, optional blocks aside; whatever it is, reading it ends and is the same
// again.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"{brand} [[{lead:44} ]]Cau {n:3}/{total:3}: {question:44}[[ Vd: {example:26}]]", "**Giấy {i}/{m}: {paper}.**[[\n{note}]]",
		"{link:64!}", "[[", "]]", "**", "{", "}", "{}", "{a:0}", "{a:x}", "[[[[a]]]]", "{a**b}", "[[**a]]**", "{a:5!}{a:6}", "\xff{a}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pieces, problems := parse(s)
		again, told := parse(s)
		if !slices.Equal(pieces, again) || !slices.Equal(problems, told) {
			t.Fatalf("%q is read in two ways", s)
		}
		if len(problems) > 0 {
			return
		}
		args := map[string]string{}
		for _, p := range pieces {
			if p.name != "" {
				args[p.name] = "z" // fits wherever anything does
			}
		}
		shown := fill(pieces, args, false).String()
		rest := shown
		for _, p := range pieces {
			words := p.lit
			if p.name != "" {
				words = "z"
			}
			at := strings.Index(rest, words)
			if at < 0 {
				t.Fatalf("%q filled is %q, without %q", s, shown, words)
			}
			rest = rest[at+len(words):]
		}
	})
}

// Whatever is written, no number as long as that of an identity document stays in
// it, and nothing else is lost.
func FuzzMaskNumbers(f *testing.F) {
	for _, s := range []string{"079190613572", "0790 8800 0016", "1.500.000.000 đ", "05/03/2026", "số 079.190.613.572, 2 bản", "０７９１９０６１３５７２", "٠٧٩١٩٠٦١٣٥٧٢", "12-34-567890123", "\xff123456789"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, grouped bool) {
		if !utf8.ValidString(s) {
			return // text that came in is valid: tidied before
		}
		gone := 0
		masked := MaskNumbers(s, grouped, func(digits string) string {
			gone++
			return "*"
		})
		run := 0
		for _, r := range masked {
			if run++; r < '0' || r > '9' {
				run = 0
			}
			if run >= longNumber {
				t.Fatalf("%q still holds a number: %q", s, masked)
			}
		}
		if gone == 0 && masked != s {
			t.Fatalf("%q became %q although nothing was masked", s, masked)
		}
		if strings.Count(masked, "*") != strings.Count(s, "*")+gone {
			t.Fatalf("%q lost something: %q", s, masked)
		}
		if again := MaskNumbers(masked, grouped, func(string) string { return "*" }); again != masked {
			t.Fatalf("%q is masked to %q and then to %q", s, masked, again)
		}
	})
}
