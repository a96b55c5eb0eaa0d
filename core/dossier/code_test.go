package dossier_test

import (
	"strings"
	"testing"
	"time"

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
	f.Add("000.00.01.H29-260310-0420")
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
