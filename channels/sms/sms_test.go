package sms_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core/text"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   string
		want sms.Cost
	}{
		{"empty", "", sms.Cost{Encoding: sms.GSM7}},
		{"160 letters", strings.Repeat("a", 160), sms.Cost{sms.GSM7, 160, 1}},
		{"161 letters", strings.Repeat("a", 161), sms.Cost{sms.GSM7, 161, 2}},
		{"306 letters", strings.Repeat("a", 306), sms.Cost{sms.GSM7, 306, 2}},
		{"307 letters", strings.Repeat("a", 307), sms.Cost{sms.GSM7, 307, 3}},
		{"extension costs two", strings.Repeat("€", 80), sms.Cost{sms.GSM7, 160, 1}},
		{"extension does not straddle", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 20), sms.Cost{sms.GSM7, 174, 2}},
		{"one accent", strings.Repeat("a", 69) + "ă", sms.Cost{sms.UCS2, 70, 1}},
		{"71 accented", strings.Repeat("ă", 71), sms.Cost{sms.UCS2, 71, 2}},
		{"134 accented", strings.Repeat("ă", 134), sms.Cost{sms.UCS2, 134, 2}},
		{"135 accented", strings.Repeat("ă", 135), sms.Cost{sms.UCS2, 135, 3}},
		{"emoji is two units", strings.Repeat("🏠", 35), sms.Cost{sms.UCS2, 70, 1}},
		{"36 emoji", strings.Repeat("🏠", 36), sms.Cost{sms.UCS2, 72, 2}},
		{"letters GSM-7 has", "à è é ì ò ù É", sms.Cost{sms.GSM7, 13, 1}},
	} {
		if got := sms.Count(c.in); got != c.want {
			t.Errorf("%s: Count = %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		options    []string
		tail       string
		want       string
		fits       bool
	}{
		{"OK", "HCMC-DVC: Cau 3/5: Trước đây bạn đã kết hôn chưa?", []string{"Chưa", "Đã ly hôn", "Vợ/chồng đã mất"}, "9 quay lại",
			"HCMC-DVC: Cau 3/5: Truoc day ban da ket hon chua? 1 Chua 2 Da ly hon 3 Vo/chong da mat. 9 quay lai", true},
		{"no options", "Xong.", nil, "0 menu", "Xong. 0 menu", true},
		{"tail goes first", strings.Repeat("a", 140), []string{"bbbb", "ccc"}, "0 menu", strings.Repeat("a", 140) + " 1 bbbb 2 ccc", true},
		{"labels cut", strings.Repeat("a", 110), []string{strings.Repeat("b", 30), strings.Repeat("c", 30)}, "0 menu",
			strings.Repeat("a", 110) + " 1 " + strings.Repeat("b", 20) + ".. 2 " + strings.Repeat("c", 20) + "..", true},
		{"too long", strings.Repeat("a", 158), []string{"mot", "hai"}, "", strings.Repeat("a", 158) + " 1 mot 2 hai", false},
	} {
		got, fits := sms.Menu(c.body, c.options, c.tail, sms.Segment)
		if got != c.want || fits != c.fits {
			t.Errorf("%s: Menu = %q %v, want %q %v", c.name, got, fits, c.want, c.fits)
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	e := map[string]text.Entry{
		"a":      {Rich: "{x}", Short: "{brand} {x:10}."},
		"word.b": {Rich: "b", Short: "b"},
	}
	c, issues := text.NewCatalogue(map[text.Locale]map[string]text.Entry{text.VI: e, text.EN: e})
	if len(issues) != 0 {
		t.Fatal(issues)
	}
	var want []sms.Template
	for _, l := range []string{"vi", "en"} {
		want = append(want, sms.Template{Key: "a", Locale: l, Text: "{brand} {x:10}.", Variables: []string{"x:10"}, Max: 24, Sample: " xxxxxxxxxx."})
	}
	if got := sms.Templates(c); !reflect.DeepEqual(got, want) {
		t.Errorf("Templates = %v, want %v", got, want)
	}
}

// FuzzSplit holds the laws of cutting: nothing lost, no part too long, no broken
// character.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", strings.Repeat("€", 200), strings.Repeat("👨‍👩‍👧", 40), strings.Repeat("o\u0302\u0301", 60), "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?") // what a catalogue can hold
		parts := sms.Split(s)
		if got := strings.Join(parts, ""); got != s {
			t.Fatalf("joined %q, want %q", got, s)
		}
		c := sms.Count(s)
		for _, p := range parts {
			n := len(utf16.Encode([]rune(p)))
			limit := 67
			if c.Encoding == sms.GSM7 {
				n, _ = text.Septets(p)
				limit = 153
			}
			if len(parts) == 1 {
				limit = map[sms.Encoding]int{sms.GSM7: 160, sms.UCS2: 70}[c.Encoding]
			}
			if n > limit {
				t.Fatalf("a part of %d units, limit %d: %q", n, limit, p)
			}
		}
	})
}
