package identity_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/identity"
)

// Whatever is taken for a hand-off code is one: eight characters, written for people
// and read again as the same, in capitals or not, and never with one digit changed.
func FuzzParseHandOff(f *testing.F) {
	for seed := range byte(8) {
		code, err := identity.NewHandOffCode(rand.NewChaCha8([32]byte{seed}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(code)
		f.Add(strings.ToLower(identity.FormatHandOff(code)))
	}
	for _, s := range []string{"7K3F-9QXM", "7k3f 9qxm", "oil0-1234", "ＡＢＣＤ-1234", "H29.26740-260312-0042", "\xff", "", "        "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		code, ok := identity.ParseHandOff(in)
		if !ok {
			if code != "" {
				t.Fatalf("%q is no code, and gives %q", in, code)
			}
			return
		}
		for _, as := range []string{code, identity.FormatHandOff(code), strings.ToLower(code), " " + code + "\n"} {
			if again, ok := identity.ParseHandOff(as); !ok || again != code {
				t.Fatalf("%q gives %q, and that as %q gives %q", in, code, as, again)
			}
		}
		for i := range len(code) {
			wrong := "2"
			if code[i] == '2' {
				wrong = "3"
			}
			if other, ok := identity.ParseHandOff(code[:i] + wrong + code[i+1:]); ok {
				t.Fatalf("%q with a wrong character is taken for %q", code, other)
			}
		}
	})
}

// A token is sixteen characters that can stand in a path, and reads as itself.
func FuzzParseLinkToken(f *testing.F) {
	for _, s := range []string{"7K3F9QXM4T8MRW2P", " 7k3f9qxm4t8mrw2p ", "7K3F9QXM4T8MRW2", "../../etc/passwd", "7K3F9QXM4T8MRW2%", "ooooiiiillll0000", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		token, ok := identity.ParseLinkToken(in)
		if !ok {
			return
		}
		if len(token) != 16 || strings.Trim(token, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("%q gives the token %q", in, token)
		}
		if again, ok := identity.ParseLinkToken(strings.ToLower(token)); !ok || again != token {
			t.Fatalf("%q is read as %q", token, again)
		}
	})
}
