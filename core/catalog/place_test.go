package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

type oldUnit struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"`
	District string   `yaml:"district"`
	To       []string `yaml:"to"`
}

type oldDistrict struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"`
	Province string   `yaml:"province"`
	To       []string `yaml:"to"`
	Also     []string `yaml:"also"`
	Initials []string `yaml:"initials"`
}

func oldUnits(t testing.TB) ([]oldUnit, map[string]oldDistrict) {
	t.Helper()
	var wards struct {
		Basis string    `yaml:"basis"`
		Wards []oldUnit `yaml:"wards"`
	}
	var districts struct {
		Basis     string        `yaml:"basis"`
		Districts []oldDistrict `yaml:"districts"`
		City      []string      `yaml:"city"`
		Provinces []any         `yaml:"provinces"`
	}
	for name, into := range map[string]any{"places/old_wards.yaml": &wards, "places/districts.yaml": &districts} {
		if err := pack.Decode(hcmc.Pack(), name, into); err != nil {
			t.Fatal(err)
		}
	}
	by := map[string]oldDistrict{}
	for _, d := range districts.Districts {
		by[d.Code] = d
	}
	return wards.Wards, by
}

func codes(places []catalog.Place) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.Code
	}
	slices.Sort(out)
	return out
}

// Every old ward is found by its name and district however it is typed, and
// gives exactly the units that took it over.
func TestEveryOldWard(t *testing.T) {
	t.Parallel()
	c := city(t)
	wards, districts := oldUnits(t)
	if len(wards) != 441 {
		t.Fatalf("%d old wards, want 441", len(wards))
	}
	split := 0
	for _, w := range wards {
		d := districts[w.District]
		if len(w.To) > 1 {
			split++
		}
		bareWard, bareDistrict := bare(w.Name), bare(d.Name)
		queries := []string{
			w.Name + ", " + d.Name,
			text.Fold(w.Name + " " + d.Name),
			strings.ToUpper(w.Name) + " - " + d.Name + ", " + d.Province,
			"12/5 Lê Lợi, " + w.Name + ", " + d.Name + ", TP.HCM",
		}
		if text.Digits(bareDistrict) == "" { // "Gò Vấp" can stand for "Quận Gò Vấp", "1" cannot
			queries = append(queries, w.Name+" "+bareDistrict)
		}
		if found := c.ResolvePlace(text.Fold(bareWard + " " + d.Name)); text.Digits(bareWard) == "" {
			// Without its kind a new unit may have the same name; the old one comes first.
			if len(found) < len(w.To) || !slices.Equal(codes(found[:len(w.To)]), w.To) {
				t.Errorf("%s %s gives %v, want %v first", bareWard, d.Name, found, w.To)
			}
		}
		for _, q := range queries {
			found := c.ResolvePlace(q)
			if !slices.Equal(codes(found), w.To) {
				t.Errorf("%q gives %v, want %v", q, found, w.To)
				continue
			}
			for _, p := range found {
				ward, _ := c.Ward(p.Code)
				if p.Name != ward.FullName() || !p.Old || p.Matched != w.Name+", "+d.Name {
					t.Errorf("%q gives %+v", q, p)
				}
				if (p.Note == catalog.PlaceSplit) != (len(w.To) > 1) {
					t.Errorf("%q is noted %q", q, p.Note)
				}
			}
		}
	}
	if split != 47 {
		t.Errorf("%d old wards were split, want 47", split)
	}
}

// bare takes the kind off a unit's name.
func bare(name string) string {
	for _, kind := range []string{"Phường ", "Xã ", "Thị trấn ", "Quận ", "Huyện ", "Thành phố ", "Thị xã "} {
		if rest, ok := strings.CutPrefix(name, kind); ok {
			return rest
		}
	}
	return name
}

// Every unit of today is the first answer to its own name.
func TestEveryWard(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, w := range c.Wards() {
		for _, q := range []string{w.FullName(), w.FullName() + ", Thành phố Hồ Chí Minh", w.FullName() + " tphcm", w.En} {
			found := c.ResolvePlace(q)
			if len(found) == 0 {
				t.Errorf("%q gives nothing", q)
				continue
			}
			if q == w.En { // without accents two units may share a name
				if !slices.Contains(codes(found), w.Code) {
					t.Errorf("%q gives %v", q, found)
				}
			} else if found[0].Code != w.Code || found[0].Old {
				t.Errorf("%q gives %+v first, want %s", q, found[0], w.Code)
			}
		}
	}
}

func TestResolvePlace(t *testing.T) {
	t.Parallel()
	c := city(t)
	tests := []struct {
		query string
		want  []string // names, in order; nil = nothing
		note  catalog.PlaceNote
	}{
		{"ben nghe quan 1", []string{"Phường Sài Gòn"}, ""},
		{"p ben nghe q1", []string{"Phường Sài Gòn"}, ""},
		{"P.Bến Nghé, Q.1", []string{"Phường Sài Gòn"}, ""},
		{"Ben Nghe Ward, District 1", []string{"Phường Sài Gòn"}, ""},
		{"Saigon ward", []string{"Phường Sài Gòn"}, ""},
		{"quận 1, phường Bến Nghé", []string{"Phường Sài Gòn"}, ""},
		{"quan 10 phuong 14", []string{"Phường Hòa Hưng", "Phường Diên Hồng"}, catalog.PlaceSplit},
		{"Nguyễn Huệ, Bến Nghé, Quận 1", []string{"Phường Sài Gòn"}, ""},
		{"Bến Ngé", []string{"Phường Sài Gòn"}, catalog.PlaceSimilar},
		{"phường bến ngé quận 1", []string{"Phường Sài Gòn"}, catalog.PlaceSimilar},
		{"Sài Gòn", []string{"Phường Sài Gòn"}, ""},
		{"Phường 5, Quận Gò Vấp", []string{"Phường An Nhơn"}, ""},
		{"p5 go vap", []string{"Phường An Nhơn"}, ""},
		{"phường 05 quận gò vấp", []string{"Phường An Nhơn"}, ""},
		{"Phường 14, Quận 10", []string{"Phường Hòa Hưng", "Phường Diên Hồng"}, catalog.PlaceSplit},
		{"Đa Kao", []string{"Phường Tân Định", "Phường Sài Gòn"}, catalog.PlaceSplit},
		{"thanh an", []string{"Xã Thanh An", "Xã Thạnh An"}, ""},
		{"Thạnh An", []string{"Xã Thạnh An"}, ""},
		{"Thanh An, huyện Dầu Tiếng", []string{"Xã Thanh An"}, ""},
		{"Tân Định", []string{"Phường Tân Định", "Phường Hòa Lợi", "Xã Bắc Tân Uyên"}, ""},
		{"Thảo Điền, Quận 2", []string{"Phường An Khánh"}, ""},
		{"thao dien tp thu duc", []string{"Phường An Khánh"}, ""},
		{"Hoà Phú, Thủ Dầu Một, Bình Dương", []string{"Phường Bình Dương"}, ""},
		{"Côn Đảo", []string{"Đặc khu Côn Đảo"}, ""},
		{"BẾN THÀNH", []string{"Phường Bến Thành"}, ""},
		{"huyện nhà bè", []string{"Xã Nhà Bè", "Xã Hiệp Phước"}, catalog.PlaceDistrict},
		{"phường 99 quận phú nhuận", []string{"Phường Đức Nhuận", "Phường Cầu Kiệu", "Phường Phú Nhuận"}, catalog.PlaceDistrict},
		// what is not in the city
		{"Hà Nội", nil, ""},
		{"Phường Hàng Bạc, Hà Nội", nil, ""},
		{"Bến Thành, Hà Nội", nil, ""},
		{"quận Ba Đình", nil, ""},
		{"Hải Châu, Đà Nẵng", nil, ""},
		{"Ninh Kiều, Cần Thơ", nil, ""},
		{"Đà Lạt", nil, ""},
		{"Biên Hòa", nil, ""},
		// what is no place
		{"", nil, ""},
		{"   ", nil, ""},
		{"5", nil, ""},
		{"1", nil, ""},
		{"tphcm", nil, ""},
		{"phường", nil, ""},
		{"quận", nil, ""},
		{"không biết", nil, ""},
		{strings.Repeat("a ", 300), nil, ""},
		{strings.Repeat(",", 399), nil, ""},
	}
	for _, tt := range tests {
		t.Run(text.Cut(tt.query, 40), func(t *testing.T) {
			t.Parallel()
			found := c.ResolvePlace(tt.query)
			var names []string
			for _, p := range found {
				names = append(names, p.Name)
			}
			if !slices.Equal(names, tt.want) {
				t.Fatalf("got %v, want %v", names, tt.want)
			}
			if len(found) > 0 && found[0].Note != tt.note {
				t.Errorf("note %q, want %q", found[0].Note, tt.note)
			}
		})
	}
}

// A name that is both a new ward and an old district gives the ward first.
func TestWardBeforeDistrict(t *testing.T) {
	t.Parallel()
	c := city(t)
	found := c.ResolvePlace("go vap")
	if len(found) < 2 || found[0].Name != "Phường Gò Vấp" || found[0].Old || found[1].Note != catalog.PlaceDistrict {
		t.Errorf("got %+v", found)
	}
	if found := c.ResolvePlace("phường Gò Vấp"); len(found) != 1 {
		t.Errorf("a ward named as one gives %+v", found)
	}
	for _, p := range c.ResolvePlace("TP Thủ Đức") {
		if p.Note != catalog.PlaceDistrict || p.Matched != "Thành phố Thủ Đức" {
			t.Errorf("got %+v", p)
		}
	}
}

func FuzzResolvePlace(f *testing.F) {
	for _, seed := range []string{"ben nghe q1", "P.5, Q.GV", "thị trấn", ",,,", "phường phường phường", "\xff", "quận 1 quận 1", "xã", "tp tp hcm"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, q string) {
		c := city(t)
		seen := map[string]bool{}
		for _, p := range c.ResolvePlace(q) {
			w, ok := c.Ward(p.Code)
			if !ok || w.FullName() != p.Name || p.Matched == "" || seen[p.Code] {
				t.Fatalf("%q gives %+v", q, p)
			}
			seen[p.Code] = true
		}
	})
}

func BenchmarkResolvePlaceWorst(b *testing.B) {
	c := city(b)
	q := strings.Repeat("phuong khong co that nay, ", 8)
	for b.Loop() {
		c.ResolvePlace(q)
	}
}

func BenchmarkResolvePlace(b *testing.B) {
	c := city(b)
	for name, q := range map[string]string{
		"today": "Phường Bến Thành", "short": "p5 q.gv", "address": "12/5 Lê Lợi, Phường Bến Nghé, Quận 1, TP.HCM",
		"typo": "phuog 5 qan go vapp", "joined": "phuongbennghe quan1", "none": "không biết ở đâu",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.ResolvePlace(q)
			}
		})
	}
}
