package text_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/core/text"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, fold, exact string }{
		{"đúng", "dung", "đúng"}, {"dừng", "dung", "dừng"}, {"Dung", "dung", "dung"}, {"dung", "dung", "dung"},
		{"huy", "huy", "huy"}, {"hủy", "huy", "hủy"}, {"huỷ", "huy", "hủy"}, {"Huy", "huy", "huy"},
		{"ba", "ba", "ba"}, {"bà", "ba", "bà"}, {"Ba", "ba", "ba"},
		{"nam", "nam", "nam"}, {"năm", "nam", "năm"}, {"Nam", "nam", "nam"},
		{"tu", "tu", "tu"}, {"tư", "tu", "tư"}, {"từ", "tu", "từ"},
		{"co", "co", "co"}, {"có", "co", "có"}, {"cô", "co", "cô"}, {"cổ", "co", "cổ"},
		{"khong", "khong", "khong"}, {"không", "khong", "không"},
		{"ĐỒNG Ý", "dong y", "đồng ý"},
		{norm.NFD.String("Đồng ý"), "dong y", "đồng ý"},
		{"  dong -  y. ", "dong y", "dong y"},
		{"đồng\u200b ý\ufeff", "dong y", "đồng ý"},
		{"１２ ３", "12 3", "12 3"},
		{"ko", "ko", "ko"}, {"“Đúng”", "dung", "đúng"}, {"d’Arc", "darc", "darc"}, {"d'Arc", "darc", "darc"},
		{"Hoà Bình", "hoa binh", "hòa bình"}, {"Hòa Bình", "hoa binh", "hòa bình"},
		{"thuỷ", "thuy", "thủy"}, {"quý", "quy", "quý"}, {"Khoẻ", "khoe", "khỏe"}, {"hoàng", "hoang", "hoàng"},
		{"", "", ""}, {"?!", "", ""},
	} {
		if got := text.Fold(c.in); got != c.fold {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.fold)
		}
		if got := text.FoldExact(c.in); got != c.exact {
			t.Errorf("FoldExact(%q) = %q, want %q", c.in, got, c.exact)
		}
	}
}

func TestNFCKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{norm.NFD.String(" Lê Quốc Huỳnh "), "Lê Quốc Huỳnh"},
		{"a\u200db\u202e", "ab"},
		{"dòng 1\ndòng 2", "dòng 1\ndòng 2"},
		{"a\x00b\x07", "ab"},
	} {
		if got := text.NFC(c.in); got != c.want {
			t.Errorf("NFC(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAccented(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"đúng": true, "dung": false, "Đi": true, "": false, norm.NFD.String("dừng"): true} {
		if got := text.Accented(s); got != want {
			t.Errorf("Accented(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b      string
		max, want int
	}{
		{"khai sinh", "khai sinh", 2, 0}, {"khai sihn", "khai sinh", 2, 1}, {"kai sinh", "khai sinh", 2, 1},
		{"", "ab", 2, 2}, {"abcdef", "a", 2, 3}, {"abc", "xyz", 2, 3}, {"ba", "ab", 0, 1},
	} {
		if got := text.Distance(c.a, c.b, c.max); got != c.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", c.a, c.b, c.max, got, c.want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Đăng ký khai sinh – phường Sài Gòn", "Dang ky khai sinh - phuong Sai Gon"},
		{"“Huỳnh” … 8.000 ₫", "\"Huynh\" .. 8.000 d"},
		{"✅ Đã nhận 🟡", "Da nhan"},
		{"a`b", "a'b"},
		{"dòng\u00a01\nhai", "dong 1\nhai"},
	} {
		if got := text.Plain(c.in); got != c.want {
			t.Errorf("Plain(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSeptets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in string
		n  int
		ok bool
	}{{"abc", 3, true}, {"a€[", 5, true}, {"à é", 3, true}, {"ă", 0, false}, {"`", 0, false}} {
		if n, ok := text.Septets(c.in); n != c.n || ok != c.ok {
			t.Errorf("Septets(%q) = %d %v, want %d %v", c.in, n, ok, c.n, c.ok)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, name, initials, masked string }{
		{"  LÊ  QUỐC HUY ", "Lê Quốc Huy", "L.Q.H.", "L* Q*** H**"},
		{"le quoc huy", "Le Quoc Huy", "L.Q.H.", "l* q*** h**"},
		{"Nguyễn Văn Minh", "Nguyễn Văn Minh", "N.V.M.", "N***** V** M***"},
		{"đỗ thị én", "Đỗ Thị Én", "Đ.T.É.", "đ* t** é*"},
		{"McDonald John", "McDonald John", "M.J.", "M******* J***"},
		{"anne-marie d'arc", "Anne-Marie D'Arc", "A.D.", "a********* d****"},
	} {
		if got := text.PersonName(c.in); got != c.name {
			t.Errorf("PersonName(%q) = %q, want %q", c.in, got, c.name)
		}
		if got := text.Initials(c.in); got != c.initials {
			t.Errorf("Initials(%q) = %q, want %q", c.in, got, c.initials)
		}
		if got := text.MaskName(c.in); got != c.masked {
			t.Errorf("MaskName(%q) = %q, want %q", c.in, got, c.masked)
		}
	}
	if got := text.MaskID("079012345612"); got != "0790******12" {
		t.Errorf("MaskID = %q", got)
	}
	if got := text.MaskID("1234"); got != "****" {
		t.Errorf("MaskID of a short number = %q", got)
	}
	if got := text.LastTwo("079012345612"); got != "…12" {
		t.Errorf("LastTwo = %q", got)
	}
}

// FuzzFold holds the laws of folding: it is idempotent, ignores the Unicode
// form, and the plain form is always one septet a character at most two.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"Đồng ý", "huỷ", "1️⃣", "\xff\xfe", "ﬁ", "İ", "a\u0300\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := text.Fold(s)
		if twice := text.Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, and of that %q", s, once, twice)
		}
		if strings.TrimSpace(once) != once {
			t.Fatalf("Fold(%q) = %q has outer space", s, once)
		}
		if _, ok := text.Septets(text.Plain(s)); !ok {
			t.Fatalf("Plain(%q) = %q is not GSM-7", s, text.Plain(s))
		}
	})
}
