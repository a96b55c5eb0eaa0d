package text_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core/text"
)

func TestSpeech(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, in, want string }{
		{"vi", "Hẹn trả: **thứ Sáu**, 13/03/2026, trước 16:30.", "Hẹn trả: thứ Sáu, ngày 13 tháng 03 năm 2026, trước 16 giờ 30."},
		{"en", "Due on Friday, 13/03/2026, before 16:30.", "Due on Friday, 13 of month 03, 2026, before 16 30."},
		{"vi", "Mở cửa 7:30–11:30, 13:00–17:00", "Mở cửa 7 giờ 30, 11 giờ 30, 13 giờ, 17 giờ"},
		{"vi", "Phí: 8.000 đ · Miễn phí trong 60 ngày", "Phí: 8000 đồng, Miễn phí trong 60 ngày"},
		{"en", "Fee: 1,508,000 VND (each)", "Fee: 1508000 đồng, each,"},
		{"vi", "Hồ sơ H29.26740-261203-0042 – Đăng ký khai sinh", "Hồ sơ số cuối 0 0 4 2, Đăng ký khai sinh"},
		{"vi", "Gọi 0901234567 hoặc 1022", "Gọi 0 9 0 1 2 3 4 5 6 7 hoặc 1022"},
		{"vi", "Câu 3/9 · Họ tên?\nGõ “cán bộ” 🔊", "Câu 3 trên 9, Họ tên? Gõ cán bộ"},
		{"vi", "Số CCCD. UBND phường, TP.HCM", "Số căn cước công dân. ủy ban nhân dân phường, Thành phố Hồ Chí Minh"},
		{"en", "CCCD, if you have one", "identity card, if you have one"},
		{"vi", "", ""},
		{"vi", "🎉\n\n.", ""},
	} {
		got := text.Speech(c.locale, c.in)
		if got != c.want {
			t.Errorf("%q is read %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzSpeech: what is read aloud has no sign without a sound, and is bounded.
func FuzzSpeech(f *testing.F) {
	for _, s := range []string{"13/03/2026", "1.2.3/4:5", "H29-261203-0042", "8.000 đ", "….…", "a\u0301\ufeff", "1,000,000,000/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range text.Locales() {
			got := text.Speech(l, s)
			if len(got) > 16*len(s)+64 || strings.ContainsAny(got, "\n*/()[]{}“”·–@#!\"") {
				t.Errorf("%q is read %q", s, got)
			}
		}
	})
}
