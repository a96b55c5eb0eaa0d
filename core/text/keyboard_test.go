package text_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core/text"
)

func TestUntelex(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{ // want "" = no Telex
		{"ddawng", "dang"}, {"DDawng", "dang"}, {"dangwd", "dang"}, {"ddangw", "dang"},
		{"kys", "ky"}, {"kyS", "ky"}, {"giaays", "giay"}, {"giayas", "giay"}, {"giaasy", "giay"},
		{"phuwowngf", "phuong"}, {"phuwowfng", "phuong"}, {"phuowngf", "phuong"}, {"phwowngf", "phuong"}, {"phuongwf", "phuong"},
		{"khai", ""}, {"sinh", ""}, {"khaji", "khai"}, {"hooj", "ho"}, {"khaaur", "khau"}, {"khauar", "khau"},
		{"ddaats", "dat"}, {"ddor", "do"}, {"ddoo", "do"}, {"tuws", "tu"}, {"thuw", "thu"}, {"thw", "thu"},
		{"keets", "ket"}, {"hoon", "hon"}, {"nghieengx", "nghieng"}, {"nguwowif", "nguoi"}, {"chuwsng", "chung"},
		{"thuwjc", "thuc"}, {"xaas", "xa"}, {"quaanj", "quan"}, {"quoocs", "quoc"}, {"quyeenf", "quyen"}, {"quys", "quy"},
		{"giuwx", "giu"}, {"gif", "gi"}, {"gixn", "gin"}, {"xax", "xa"}, {"canaf", "can"}, {"tieengs", "tieng"}, {"tienges", "tieng"},
		{"hoaf", "hoa"}, {"hofa", "hoa"}, {"thuyr", "thuy"}, {"yeeu", "yeu"}, {"uyr", "uy"}, {"phươngf", "phuong"}, {"đawng", "dang"},
		{"ngox", "ngo"}, {"trwowngf", "truong"}, {"dakwd", "dak"},
		// a word as it stands
		{"", ""}, {"dang", ""}, {"phuong", ""}, {"xe", ""}, {"sang", ""}, {"rau", ""}, {"xuan", ""}, {"data", ""},
		{"ward", ""}, {"for", ""}, {"district", ""}, {"passport", ""}, {"tphcm", ""}, {"dd", ""}, {"w", "u"}, {"s", ""}, {"ww", ""},
		// tones that a stop does not allow, two tones, two hats, what is no syllable
		{"tatf", ""}, {"kepx", ""}, {"hasf", ""}, {"aaee", ""}, {"caats", "cat"}, {"caatf", ""}, {"keas", ""}, {"cis", ""}, {"ngieex", ""},
		{"d9a8ng", ""}, {"ddawngkys", ""}, {strings.Repeat("w", 10000), ""}, {"😀s", ""}, {"\xffs", ""},
	}
	for _, tt := range tests {
		got, ok := text.Untelex(tt.raw)
		if ok != (tt.want != "") || (ok && got != tt.want) {
			t.Errorf("Untelex(%q) = %q, %t, want %q", text.Cut(tt.raw, 20), got, ok, tt.want)
		}
	}
}

func TestUnvni(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{ // want "" = no VNI
		{"d9a8ng", "dang"}, {"dang98", "dang"}, {"D9a8ng", "dang"}, {"ky1", "ky"}, {"gia61y", "giay"}, {"giay61", "giay"}, {"gia6y1", "giay"},
		{"d9a5t", "dat"}, {"d9a6t1", "dat"}, {"d9o3", "do"}, {"phu7o72ng", "phuong"}, {"phu7o7ng2", "phuong"}, {"phuong72", "phuong"}, {"phuo72ng", "phuong"},
		{"ho65", "ho"}, {"kha6u3", "khau"}, {"tu71", "tu"}, {"chu71ng", "chung"}, {"quye6n2", "quyen"}, {"xa4", "xa"}, {"gi2", "gi"},
		{"quan1", "quan"}, // also how a number is written behind its word
		{"", ""}, {"dang", ""}, {"p5", ""}, {"q1", ""}, {"5", ""}, {"12", ""}, {"a9", ""}, {"tat2", ""}, {"tat12", ""}, {"ta66", ""}, {"d99a", ""},
		{"ct07", ""}, {"1a", ""}, {"b12a", ""}, {"12b", ""}, {"dang7", ""}, {"ddawng", ""}, {"a0", ""}, {strings.Repeat("a6", 5000), ""}, {"\xff1", ""},
	}
	for _, tt := range tests {
		got, ok := text.Unvni(tt.raw)
		if ok != (tt.want != "") || (ok && got != tt.want) {
			t.Errorf("Unvni(%q) = %q, %t, want %q", text.Cut(tt.raw, 20), got, ok, tt.want)
		}
	}
}

// Whatever is typed, what is read from it is a plain syllable that is no raw word
// itself and no longer than what was typed.
func FuzzKeyboard(f *testing.F) {
	for _, s := range []string{"ddawng", "giayas", "phuwowngf", "d9a8ng", "phuong72", "dd", "w", "9", "ư", "\xff", "QUYEENF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, read := range map[string]func(string) (string, bool){"telex": text.Untelex, "vni": text.Unvni} {
			folded, ok := read(s)
			if !ok {
				continue
			}
			if !text.Syllable(folded) || text.Fold(folded) != folded || len(folded) > len(text.Fold(s)) {
				t.Fatalf("%s reads %q as %q", name, s, folded)
			}
			if again, ok := read(folded); ok {
				t.Fatalf("%s reads %q as %q and that as %q", name, s, folded, again)
			}
		}
	})
}
