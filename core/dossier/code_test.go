package dossier_test

import (
	"context"
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"pgregory.net/rapid"
)

func TestNewCode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 11, 17, 30, 0, 0, time.UTC) // 00:30 on the 12th in the city
	for n, want := range map[int]string{
		1: "H29.26740-260312-0001", 42: "H29.26740-260312-0042", 9999: "H29.26740-260312-9999",
		10000: "H29.26740-260312-10000", 123456: "H29.26740-260312-123456",
	} {
		if got := dossier.NewCode("H29.26740", at, n); got != want {
			t.Errorf("NewCode(%d) = %s, want %s", n, got, want)
		}
	}
	if got := dossier.Day(at); got != "20260312" {
		t.Errorf("Day = %s", got)
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"H29.15-260312-0042":          "H29.15-260312-0042",
		" h29.26740-260312-0042. ":    "H29.26740-260312-0042",
		"H29.26740-260312-10000":      "H29.26740-260312-10000",
		"H29 - 260312 - 0042":         "H29-260312-0042",
		"h29.15 260312 0042":          "H29.15-260312-0042",
		"h29 26740 260312 0042":       "H29.26740-260312-0042",
		"H29.15–260312–0042":          "H29.15-260312-0042",
		"Ｈ２９．１５－２６０３１２－００４２":          "H29.15-260312-0042",
		"38.98.H29-210519-0013":       "38.98.H29-210519-0013",
		"000.00.01.H29-260310-0420":   "000.00.01.H29-260310-0420",
		"000.00.19.H29-260310-0420":   "000.00.19.H29-260310-0420",
		"G01.899.107.014-260722-0019": "G01.899.107.014-260722-0019",
		"H29.15-260312-0042\u200b":    "H29.15-260312-0042",
	} {
		got, ok := dossier.ParseCode(in)
		if !ok || got.String() != want {
			t.Errorf("ParseCode(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "0042", "H29.15-260312", "H29.15-260312-42", "H29.15-260312-1234567", "H29.15-261312-0042", "H29.15-260230-0042",
		"29.15-260312-0042", "HH9.15-260312-0042", "H29 26 26 260312 0042 7", "toi can ho so 260312 0042", "H29..15-260312-0042", "H29.123456-260312-0042", "H29.1.2.3.4.5-260312-0042",
		"H29.H29-260312-0042", "7K3F-9QXM", "khai sinh cho con", "1.004873", "2026-03-12", strings.Repeat("9", 5000),
	} {
		if got, ok := dossier.ParseCode(in); ok {
			t.Errorf("ParseCode(%q) = %q, want none", in, got)
		}
	}
}

// Codes in sentences, links and scans, and typed with slips: testdata/find_code.tsv.
func TestFindCode(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/find_code.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 3 {
			continue
		}
		rows++
		in := strings.ReplaceAll(f[0], `\n`, "\n")
		got, ok := dossier.FindCode(in)
		if ok != (f[1] != "") || ok && got.String() != f[1] {
			t.Errorf("%s: FindCode(%q) = %q, %v; want %q", f[2], in, got, ok, f[1])
		}
	}
	if rows < 35 {
		t.Errorf("only %d rows were read", rows)
	}
	if _, ok := dossier.FindCode(strings.Repeat("H29.26740-", 100_000)); ok {
		t.Error("a code in nonsense")
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	own := []core.Dossier{{Code: "H29.26740-261123-0042"}, {Code: "H29.26740-261123-0107"}, {Code: "H29.26743-261120-0042"}}
	for code, want := range map[string]int{
		"H29.26740-261123-0024": 1, "H29.26740-261123-0041": 1, "H29.26740-261123-0142": 2, "H29.26740-261123-9999": 0, "": 0,
	} {
		if got := dossier.Near(own, code); len(got) != want {
			t.Errorf("Near(%q) = %v, want %d", code, got, want)
		}
	}
}

func TestEveryCodeWeGiveIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ward := rapid.StringMatching(`[0-9]{5}`).Draw(t, "ward")
		at := time.Unix(rapid.Int64Range(1_750_000_000, 2_500_000_000).Draw(t, "at"), 0)
		n := rapid.IntRange(1, 999_999).Draw(t, "n")
		code := dossier.NewCode("H29."+ward, at, n)
		got, ok := dossier.ParseCode(strings.ToLower(code))
		if !ok || got.String() != code || !dossier.HasTail(code, got.Number) {
			t.Fatalf("ParseCode(%q) = %q, %v", code, got, ok)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	f.Add("H29.15-260312-0042")
	for _, seed := range []string{
		"000.00.01.H29-260310-0420", "38.98.H29-210519-0013", "H29.26740-260312-10001", "G01.899.107.014-260722-0019",
		"000.00.19.H06-250630-0007", "h29 26740 260312 0001", "Ｈ２９-260312-0001", "H29-260312-000001", "-260312-0001", "H29..-260312-0001",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := dossier.ParseCode(s)
		if !ok {
			return
		}
		if again, ok := dossier.ParseCode(c.String()); !ok || again != c {
			t.Fatalf("%q is read as %q, which is read as %q", s, c, again)
		}
	})
}

func TestParseTail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0042": "0042", " …0042 ": "0042", "#10000": "10000", "００４２": "0042"} {
		if got, ok := dossier.ParseTail(in); !ok || got != want {
			t.Errorf("ParseTail(%q) = %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "42", "1234567", "a042", "0042 0043"} {
		if got, ok := dossier.ParseTail(in); ok {
			t.Errorf("ParseTail(%q) = %q", in, got)
		}
	}
	if dossier.HasTail("H29.15-260312-0042", "042") || !dossier.HasTail("H29.15-260312-0042", "0042") {
		t.Error("a tail is the whole number of the day")
	}
}

// Every grammar in use, of any organisation: Circular 01/2018 (levels before the
// first one), Decision 20/2020 (levels after it), the city's wards by unit code, the
// provinces merged into the city, ministries.
func TestCodeGrammars(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/codes.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows[1:] {
		in, want, why := r[0], r[1], r[2]
		got, ok := dossier.ParseCode(in)
		if why == "" || ok != (want != "") || ok && got.String() != want {
			t.Errorf("line %d: ParseCode(%q) = %q, %v; want %q: %s", i+2, in, got, ok, want, why)
		}
	}
	if len(rows) < 41 {
		t.Errorf("%d rows", len(rows)-1)
	}
}

// The 10,001st dossier of a day has a code like any other, and it is read.
func TestThe10001stCodeOfADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	const before = 10_000
	agency := "H29." + saiGon
	b.must(func(ctx context.Context, tx core.Tx) error {
		for range before {
			if _, err := tx.Dossiers().NextNumber(ctx, agency, "20260312"); err != nil {
				return err
			}
		}
		return nil
	})
	d := b.filed(certificate)
	if d.Code != agency+"-260312-10001" {
		t.Fatalf("code %s", d.Code)
	}
	c, ok := dossier.ParseCode(strings.ToLower(d.Code))
	if !ok || c.String() != d.Code || !dossier.HasTail(d.Code, "10001") {
		t.Errorf("read as %q, %v", c, ok)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		found, err := tx.Dossiers().ByCode(ctx, c.String())
		if err == nil && found.ID != d.ID {
			t.Errorf("found %s", found.Code)
		}
		return err
	})
}

// What is taken for the end of a code is four to six digits, and reads as itself.
func FuzzParseTail(f *testing.F) {
	for _, s := range []string{"0042", "…0042", "#0042.", "００４２", "1234567", "12 34", "\u200b0042", "0042-", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		tail, ok := dossier.ParseTail(in)
		if !ok {
			return
		}
		if len(tail) < 4 || len(tail) > 6 || strings.Trim(tail, "0123456789") != "" {
			t.Fatalf("%q ends a code with %q", in, tail)
		}
		if again, ok := dossier.ParseTail(tail); !ok || again != tail || !dossier.HasTail("H29.26740-260312-"+tail, tail) {
			t.Fatalf("%q is read as %q", tail, again)
		}
	})
}
