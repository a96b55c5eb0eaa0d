package identity_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/identity"
	"pgregory.net/rapid"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func TestHandOffCodeHasTheFormPeopleCanType(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2000 {
		code, err := identity.NewHandOffCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if len(code) != 8 || strings.Trim(code, crockford) != "" {
			t.Fatalf("code %q is not eight Crockford characters", code)
		}
		if strings.Trim(code, "0123456789") == "" {
			t.Fatalf("code %q has no letter", code)
		}
		if got, ok := identity.ParseHandOff(code); !ok || got != code {
			t.Fatalf("ParseHandOff(%q) = %q, %v", code, got, ok)
		}
		if seen[code] {
			t.Fatalf("code %q drawn twice in 2000", code)
		}
		seen[code] = true
	}
}

func TestParseHandOffIsTolerant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := drawCode(t)
		typed := code
		if rapid.Bool().Draw(t, "hyphen") {
			typed = identity.FormatHandOff(code)
		}
		if rapid.Bool().Draw(t, "lower") {
			typed = strings.ToLower(typed)
		}
		if rapid.Bool().Draw(t, "lookalikes") {
			one := rapid.SampledFrom([]string{"i", "l", "I", "L"}).Draw(t, "one")
			typed = strings.NewReplacer("0", "o", "1", one).Replace(typed)
		}
		typed = rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "before") + typed + " "
		if got, ok := identity.ParseHandOff(typed); !ok || got != code {
			t.Fatalf("ParseHandOff(%q) = %q, %v; want %q", typed, got, ok, code)
		}
	})
}

func TestParseHandOffCatchesSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(drawCode(t))
		i := rapid.IntRange(0, 7).Draw(t, "i")
		j := rapid.IntRange(0, 7).Draw(t, "j")
		if rapid.Bool().Draw(t, "swap") && b[i] != b[j] {
			b[i], b[j] = b[j], b[i]
		} else {
			others := strings.ReplaceAll(crockford, string(b[i]), "")
			b[i] = rapid.SampledFrom([]byte(others)).Draw(t, "c")
		}
		if got, ok := identity.ParseHandOff(string(b)); ok {
			t.Fatalf("accepted the slip %q as %q", b, got)
		}
	})
}

func TestParseHandOffRefusesWordsAndNumbers(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "khaisinh", "KHAISINH", "ket hon", "nhantin8x", "12345678", "0912345678", "20260312",
		"H29.15-260312-0042", "7K3F-9QX", "7K3F-9QXMM", "7K3F--9QXM", "7K-3F9QXM", "UUUUUUU2", "đồng ý 4", "ıııııııı",
	} {
		if got, ok := identity.ParseHandOff(s); ok {
			t.Errorf("ParseHandOff(%q) = %q, want none", s, got)
		}
	}
}

func TestLinkToken(t *testing.T) {
	t.Parallel()
	token, err := identity.NewLinkToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(token) != 16 || strings.Trim(token, crockford) != "" {
		t.Fatalf("token %q is not 16 Crockford characters", token)
	}
	if got, ok := identity.ParseLinkToken(strings.ToLower(token)); !ok || got != token {
		t.Fatalf("ParseLinkToken(lower) = %q, %v", got, ok)
	}
	if _, ok := identity.ParseLinkToken(token[:15]); ok {
		t.Fatal("accepted a short token")
	}
	if _, err := identity.NewLinkToken(brokenReader{}); err == nil {
		t.Fatal("a token without randomness")
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// drawCode gives a valid code made of drawn bytes.
func drawCode(t *rapid.T) string {
	code, err := identity.NewHandOffCode(&drawReader{t: t})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

type drawReader struct{ t *rapid.T }

func (r *drawReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = rapid.Byte().Draw(r.t, "byte")
	}
	return len(p), nil
}
