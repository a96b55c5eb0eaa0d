package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/text"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	c := city(t)
	const (
		marital, birth, death, marriage  = "1.004873", "1.001193", "1.000656", "1.000894"
		extract, parent, copies, signing = "2.000635", "1.001022", "2.000815", "2.000884"
		register, permanent, ct07, away  = "2.000908", "1.004222", "1.010041", "1.003677"
		rebirth, split, correct, poor    = "1.004884", "1.010038", "1.010039", "1.011607"
		card                             = "1.014064"
	)
	tests := []struct{ query, want string }{ // want is the first hit; "" = nothing fits
		{"khai sinh", birth}, {"KHAI SINH", birth}, {"khaisinh", birth}, {"khai sihn", birth},
		{"khai sinh cho con cần gì", birth}, {"toi muon lam giay khai sinh cho be", birth},
		{"con tôi mới sinh hôm qua", birth}, {"vo toi moi sinh em be", birth}, {"Đăng ký khai sinh", birth},
		{"birth certificate", birth}, {"I want to register a newborn", birth}, {"1.001193", birth}, {"1.001193.000.00.00.H29", birth},
		{"doc than", marital}, {"xin xác nhận độc thân", marital}, {"giay xac nhan tinh trang hon nhan", marital},
		{"giay doc than", marital}, {"tình trạng hôn nhân", marital}, {"single certificate", marital}, {"xac nhan hon nhan", marital},
		{"khai tử", death}, {"bao tu", death}, {"giay chung tu", death}, {"mẹ tôi vừa mất", death}, {"death certificate", death},
		{"kết hôn", marriage}, {"dang ky ket hon", marriage}, {"tui em muon cuoi", marriage}, {"get married", marriage},
		{"trích lục khai sinh", extract}, {"xin ban sao giay khai sinh", extract}, {"trich luc ket hon", extract},
		{"nhận con", parent}, {"xet nghiem adn nhan con", parent},
		{"sao y", copies}, {"sao y ban chinh", copies}, {"cong chung giay to", copies}, {"photo công chứng", copies}, {"certified copy", copies},
		{"chứng thực chữ ký", signing}, {"xac nhan so yeu ly lich", signing},
		{"bản sao từ sổ gốc", register},
		{"nhập hộ khẩu", permanent}, {"thuong tru", permanent}, {"dang ky thuong tru", permanent}, {"permanent residence", permanent},
		{"CT07", ct07}, {"giấy xác nhận cư trú", ct07}, {"xac nhan noi cu tru", ct07}, {"proof of residence", ct07},
		{"khai bao tam vang", away}, {"tạm vắng", away},
		{"đăng ký lại khai sinh", rebirth}, {"lost birth certificate", rebirth},
		{"tách hộ", split}, {"tach khau", split},
		{"sua dia chi tren vneid", correct}, {"điều chỉnh thông tin cư trú", correct},
		{"hộ nghèo", poor}, {"xet ho can ngheo", poor},
		{"mất căn cước", card}, {"toi bi mat the can cuoc phai lam sao", card}, {"mat cccd", card}, {"lost id card", card}, {"lam lai can cuoc", card},
		{"giay bao tu", death}, {"làm giấy báo tử", death},
		{"chưa kết hôn mà có con", "1.000689"}, {"giam ho cho chau mo coi", "1.004837"}, {"het giam ho", "1.004845"},
		{"giay khai sinh bi sai ten", "1.004859"}, {"doi ten cho con", "1.004859"}, {"chua tung lam khai sinh", "1.004772"},
		{"mat giay ket hon", "1.004746"}, {"bi mat giay chung tu", "1.005461"}, {"con co cha nuoc ngoai lam khai sinh", "2.000528"},
		{"toi lay chong Han Quoc", "2.000806"}, {"foreign wife", "2.000806"}, {"xac nhan hai ten la mot nguoi", "2.002516"},
		{"bhyt cho tre so sinh", "2.000986"}, {"cong chung hop dong mua ban xe", "2.001035"}, {"chia dat cha me de lai", "2.001406"},
		{"nhuong thua ke cho me", "2.001016"}, {"toi muon lap di chuc", "2.001019"}, {"make a will", "2.001019"},
		{"dich thuat cong chung", "2.000992"}, {"mat hop dong mua ban nha", "2.000942"},
		{"sinh vien dang ky tam tru", "1.004194"}, {"toi sap het han tam tru", "1.002755"}, {"khach ngu lai nha", "2.001159"},
		{"cat khau cho nguoi da mat", "1.003197"}, {"xac nhan cho o hop phap", "1.013314"},
		{"lam vneid muc 2", "3.000228"}, {"con toi du 14 tuoi lam can cuoc", "1.014061"}, {"lam can cuoc cho con 8 tuoi", "1.014062"},
		{"cccd sap het han", "1.014063"}, {"renew my ID card", "1.014063"}, {"mat ho chieu phai lam sao", "1.010386"},
		{"lost my passport", "1.010386"}, {"mo quan ca phe can giay to gi", "1.001612"}, {"open a coffee shop", "1.001612"},
		// nothing fits
		{"", ""}, {"   ", ""}, {"asdf", ""}, {"thời tiết hôm nay", ""}, {"xin chào", ""}, {"hello", ""}, {"mua vé xem phim", ""}, {"bao nhieu tien", ""},
		{"0", ""}, {"1", ""}, {"ok", ""}, {"giá vàng hôm nay", ""}, {"9.999999", ""}, {"how are you", ""}, {"!!!", ""},
		{"đặt xe đi sân bay", ""}, {"bóng đá tối nay mấy giờ", ""}, {strings.Repeat("xyz ", 500), ""},
	}
	for _, tt := range tests {
		t.Run(text.Cut(tt.query, 40), func(t *testing.T) {
			t.Parallel()
			hits := c.Search(tt.query, "vi", 5)
			got := ""
			if len(hits) > 0 {
				got = hits[0].Procedure.Code
			}
			if got != tt.want {
				t.Errorf("got %q %v, want %q", got, hits, tt.want)
			}
		})
	}
}

func TestSearchAnswer(t *testing.T) {
	t.Parallel()
	c := city(t)
	hits := c.Search("giấy khai sinh", "vi", 3)
	if len(hits) == 0 || len(hits) > 3 {
		t.Fatalf("%d hits", len(hits))
	}
	for i, h := range hits {
		if h.Score <= 0 || h.Score > 1 || (i > 0 && h.Score > hits[i-1].Score) {
			t.Errorf("scores are out of order: %v", hits)
		}
	}
	for range 20 { // the same question has the same answer
		again := c.Search("giấy khai sinh", "vi", 3)
		for i := range hits {
			if again[i] != hits[i] {
				t.Fatalf("got %v, then %v", hits, again)
			}
		}
	}
	if got := c.Search("khai sinh", "vi", 0); len(got) != 0 {
		t.Errorf("a limit of 0 gives %v", got)
	}
	// Every name and alias leads to its own procedure first, or beside another
	// that has the same words.
	for _, p := range c.Procedures() {
		for locale, words := range map[string][]string{"vi": append([]string{p.Short.Vi}, p.Aliases.Vi...), "en": append([]string{p.Short.En}, p.Aliases.En...)} {
			for _, w := range words {
				for _, typed := range []string{w, text.Fold(w)} {
					hits := c.Search(typed, locale, 3)
					found := false
					for _, h := range hits {
						found = found || h.Procedure == p
					}
					if !found {
						t.Errorf("%q does not find %s", typed, p.Code)
					}
				}
			}
		}
	}
}

// A title is found alike in every way it can be stored or typed.
func TestFormsOfATitle(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, p := range c.Procedures() {
		for _, title := range []string{p.Short.Vi, p.Name.Vi} {
			want := c.Search(title, "vi", 3)
			if len(want) == 0 {
				t.Fatalf("%q gives nothing", title)
			}
			hidden := ""
			for _, r := range apart(title) {
				hidden += string(r) + "\u200b"
			}
			for how, form := range map[string]string{
				"NFD": apart(title), "upper": strings.ToUpper(title), "lower": strings.ToLower(title),
				"spaced": "  " + strings.ReplaceAll(title, " ", " \t\u00a0 ") + " \n", "zero-width": hidden, "dots": strings.ReplaceAll(title, " ", ". "),
			} {
				if got := c.Search(form, "vi", 3); !slices.Equal(got, want) {
					t.Errorf("%q as %s gives %v, want %v", title, how, got, want)
				}
			}
			got := c.Search(text.Fold(title), "vi", 3)
			if len(got) == 0 || got[0].Procedure != want[0].Procedure {
				t.Errorf("%q without accents gives %v, want %v", title, got, want[0].Procedure.Code)
			}
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"khai sinh", "độc thân", "\xff\xfe", "1.001193.", "", "ÔÔÔÔ", "kh ai s inh"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, h := range city(t).Search(q, "vi", 5) {
			if h.Procedure == nil || h.Score <= 0 || h.Score > 1 {
				t.Fatalf("%q gives %+v", q, h)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	c := city(b)
	for b.Loop() {
		c.Search("toi bi mat the can cuoc phai lam sao", "vi", 5)
	}
}
