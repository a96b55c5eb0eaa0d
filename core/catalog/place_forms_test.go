package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/text"
)

// everyName gives the full name of every unit, old ones with their district.
func everyName(t *testing.T, c *catalog.Catalog) []string {
	t.Helper()
	var out []string
	for _, w := range c.Wards() {
		out = append(out, w.FullName(), w.Name)
	}
	wards, districts := oldUnits(t)
	for _, w := range wards {
		out = append(out, w.Name+", "+districts[w.District].Name)
	}
	return out
}

// apart writes every letter as its base and the marks on it, as NFD does; the names of
// the pack are in NFC.
func apart(s string) string {
	var pairs []string
	for _, row := range []string{
		"a à á ả ã ạ", "a\u0306 ằ ắ ẳ ẵ ặ", "a\u0302 ầ ấ ẩ ẫ ậ", "e è é ẻ ẽ ẹ", "e\u0302 ề ế ể ễ ệ", "i ì í ỉ ĩ ị", "o ò ó ỏ õ ọ",
		"o\u0302 ồ ố ổ ỗ ộ", "o\u031B ờ ớ ở ỡ ợ", "u ù ú ủ ũ ụ", "u\u031B ừ ứ ử ữ ự", "y ỳ ý ỷ ỹ ỵ",
	} {
		letters := strings.Fields(row)
		base, mark := letters[0][:1], letters[0][1:]
		if mark != "" {
			pairs = append(pairs, text.NFC(letters[0]), letters[0])
		}
		for i, tone := range []string{"\u0300", "\u0301", "\u0309", "\u0303", "\u0323"} {
			full := base + mark + tone
			if tone == "\u0323" && mark != "\u031B" { // a mark below comes first
				full = base + tone + mark
			}
			pairs = append(pairs, letters[i+1], full)
		}
	}
	for i := range pairs {
		pairs = append(pairs, strings.ToUpper(pairs[i]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// However the letters of a name are stored, spaced or capitalised, the answer is the
// same; without accents it holds what it was with them.
func TestPlaceForms(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, name := range everyName(t, c) {
		want := c.ResolvePlace(name)
		if len(want) == 0 {
			t.Fatalf("%q gives nothing", name)
		}
		hidden := ""
		for _, r := range apart(name) {
			hidden += string(r) + "\u200b"
		}
		for how, form := range map[string]string{
			"NFD": apart(name), "upper": strings.ToUpper(name), "lower": strings.ToLower(name),
			"spaced": "  " + strings.ReplaceAll(name, " ", " \t\u00a0 ") + " \n", "zero-width": hidden, "dots": strings.ReplaceAll(name, " ", ". "),
		} {
			if got := c.ResolvePlace(form); !slices.Equal(got, want) {
				t.Errorf("%q as %s gives %v, want %v", name, how, got, want)
			}
		}
		got := codes(c.ResolvePlace(text.Fold(name)))
		for _, p := range want {
			if !slices.Contains(got, p.Code) {
				t.Errorf("%q without accents gives %v, not %s", name, got, p.Code)
			}
		}
	}
}

// keys writes what is typed on a keyboard whose program is off: Telex, or VNI.
func keys(s string, vni bool) string {
	out := ""
	for _, word := range strings.Fields(s) {
		tone := ""
		for _, r := range apart(word) {
			telex, digit := "", ""
			switch r {
			case 0x0301:
				tone = map[bool]string{false: "s", true: "1"}[vni]
			case 0x0300:
				tone = map[bool]string{false: "f", true: "2"}[vni]
			case 0x0309:
				tone = map[bool]string{false: "r", true: "3"}[vni]
			case 0x0303:
				tone = map[bool]string{false: "x", true: "4"}[vni]
			case 0x0323:
				tone = map[bool]string{false: "j", true: "5"}[vni]
			case 0x0302: // a hat doubles its letter
				telex, digit = out[len(out)-1:], "6"
			case 0x031B:
				telex, digit = "w", "7"
			case 0x0306:
				telex, digit = "w", "8"
			case 'đ':
				telex, digit = "dd", "d9"
			case 'Đ':
				telex, digit = "DD", "D9"
			default:
				telex, digit = string(r), string(r)
			}
			if vni {
				telex = digit
			}
			out += strings.ToLower(telex)
		}
		out += tone + " "
	}
	return out
}

// A name whose letters a keyboard left raw, or written as one word, is found.
func TestPlaceRawKeys(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, w := range c.Wards() {
		for how, form := range map[string]string{
			"Telex": keys(w.FullName(), false), "VNI": keys(w.FullName(), true), "one word": strings.ReplaceAll(w.FullName(), " ", ""),
			"joined": text.Fold(kind(w)) + " " + strings.ReplaceAll(text.Fold(w.Name), " ", ""),
		} {
			if strings.Contains(form, "quan1 ") {
				continue // "Quán", and District 1
			}
			if got := c.ResolvePlace(form); !slices.Contains(codes(got), w.Code) {
				t.Errorf("%s as %s, %q, gives %v", w.FullName(), how, form, got)
			}
		}
	}
}

func kind(w catalog.Ward) string { return strings.TrimSuffix(w.FullName(), " "+w.Name) }

// With its district, a ward is found first whatever letter of its name is left out,
// doubled or changed about with the next.
func TestPlaceSlips(t *testing.T) {
	t.Parallel()
	c := city(t)
	wards, districts := oldUnits(t)
	hit, all := 0, 0
	for _, w := range wards {
		name := text.Fold(bare(w.Name))
		if len(strings.ReplaceAll(name, " ", "")) < 6 || text.Digits(name) != "" {
			continue
		}
		for i := 1; i+1 < len(name); i++ {
			for _, typed := range []string{name[:i] + name[i+1:], name[:i] + name[i-1:], name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:]} {
				all++
				found := c.ResolvePlace(typed + ", " + districts[w.District].Name)
				if len(found) > 0 && slices.Contains(w.To, found[0].Code) {
					hit++
				}
			}
		}
	}
	t.Logf("%d of %d", hit, all)
	if hit*100 < all*95 {
		t.Errorf("%d of %d slips are understood", hit, all)
	}
}

// A street or a building of the name of a ward, or of a place elsewhere, is none; a
// place elsewhere is outside whatever the ward before it is called.
func TestPlaceTraps(t *testing.T) {
	t.Parallel()
	c := city(t)
	for query, want := range map[string]string{
		"123 Bến Nghé, P. Tân Thuận Đông, Q.7":              "Phường Tân Thuận",
		"đường Hà Nội, phường Thảo Điền":                    "Phường An Khánh",
		"xa lộ Hà Nội, P. Thảo Điền, TP Thủ Đức":            "Phường An Khánh",
		"12 Nguyễn Huệ, P. Bến Nghé, Q.1, 700000, Việt Nam": "Phường Sài Gòn",
		"chung cư Gò Vấp, phường 5, quận Gò Vấp, hcm":       "Phường An Nhơn",
		"Quận Gò Vấp, phường năm":                           "Phường An Nhơn",
		"P.V Q.GV":                                          "Phường An Nhơn",
		"phuog 5 qan go vap":                                "Phường An Nhơn",
		"phuwowngf beens ngheps quaanj 1":                   "Phường Sài Gòn",
		"Phường Phú Mỹ, Bà Rịa - Vũng Tàu":                  "Phường Phú Mỹ",
		"P. BThành, Q1":                                     "Phường Bến Thành",
		"12 đường Lê Duẩn phường Bến Thành quận nhất":       "Phường Bến Thành",
		"Thảo Điền, Quận 2, TP Thủ Đức":                     "Phường An Khánh",
		"P. Linh Trung, Q. Thủ Đức, TP. Thủ Đức":            "Phường Linh Xuân",
		"nhà tôi ở Bến Nghé":                                "Phường Sài Gòn",
		"I live in Thao Dien":                               "Phường An Khánh",
		"Ward Five, Go Vap District":                        "Phường An Nhơn",
		"ward no. 5 of Go Vap":                              "Phường An Nhơn",
		"Phường thứ năm quận Gò Vấp":                        "Phường An Nhơn",
		"phường Bến Nghé, đường Nguyễn Huệ, Quận 1":         "Phường Sài Gòn",
		"Phường Bến Nghé, Quận 1 (nay là phường Sài Gòn)":   "Phường Sài Gòn",
		"phường Sài Gòn, trước đây là phường Bến Nghé":      "Phường Sài Gòn",
		"BHHB Bình Tân":                                     "Phường Bình Tân",
		"chung mi tay q12":                                  "Phường Trung Mỹ Tây",
		"phường 5 gò vấp ngày xưa":                          "Phường An Nhơn",
		"Can Tho City, Vietnam":                             "outside Cần Thơ",
		"KP 1, P. Uyên Hưng, TP. Tân Uyên, Bình Dương":      "Phường Tân Uyên",
		"P. Mỹ Xuân, TX. Phú Mỹ, T. BRVT":                   "Phường Phú Mỹ",
		"HBC, Thủ Đức":                                      "Phường Hiệp Bình",
		"x. Tân Nhựt hbc":                                   "Xã Tân Nhựt",
		"Quang Trung GV P10":                                "Phường Gò Vấp",
		"phường 11, Bình Thạnh, Gia Định":                   "Phường Bình Lợi Trung",
		"Bến Thành, Hà Nội":                                 "outside Hà Nội",
		"phuong ben thanh ha noi":                           "outside Hà Nội",
		"Phường Tân An, TP. Tân An, Long An":                "outside Tây Ninh",
		"tỉnh Hòa Bình":                                     "outside Phú Thọ",
		"TP. Nha Trang":                                     "outside Khánh Hòa",
		"binh duong province":                               "",
		"TP.HCM":                                            "",
		"Nguyễn Huệ":                                        "",
		"tôi muốn làm giấy khai sinh cho con":               "",
	} {
		got := ""
		if found := c.ResolvePlace(query); len(found) > 0 {
			got = found[0].Name
		}
		if out, ok := c.Outside(query); ok {
			got += "outside " + out.Vi
		}
		if got != want {
			t.Errorf("%q gives %q, want %q", query, got, want)
		}
	}
}
