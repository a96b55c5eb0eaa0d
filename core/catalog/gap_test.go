package catalog_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog"
)

func TestGapQuery(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Giấy phép nuôi cá sấu?":                                            "giay phep nuoi ca sau",
		"gia\u0302\u0301y  phe\u0301p nuo\u0302i ca\u0301-sa\u0302\u0301u!": "giay phep nuoi ca sau",
		"giay phep\u200b nuoi CA SAU 🐊":                                     "giay phep nuoi ca sau",
		"mẫu 03":                                                            "mau 03",
		"xin visa":                                                          "xin visa",
		strings.Repeat("xin giay phep xay chuong ga ", 2) + "o san thuong nha": strings.Repeat("xin giay phep xay chuong ga ", 2) + "o san thuong nha",
	} {
		if got, ok := catalog.GapQuery(raw); !ok || got != want {
			t.Errorf("%q: %q, %v", raw, got, ok)
		}
	}
	for _, raw := range []string{
		"", " ", "?", "a", "7 8 9", "🐊🐊🐊", "\x00\xff", "привет", "mẫu 2024", "số 0 9 1 2", "nuôi cá ở nhà anh Tẹo", "giấy của Trần Thị Hạnh", "a@b.vn",
		strings.Repeat("nuôi cá ", 11), strings.Repeat("x", 1<<20), strings.Repeat("ﷺ", 40), "H29.15-251123-0001", "K7QM2P4X",
	} {
		if got, ok := catalog.GapQuery(raw); ok {
			t.Errorf("%.40q is %q", raw, got)
		}
	}
}
