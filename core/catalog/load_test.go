package catalog

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/catalog/cataloggen"
	"github.com/motcua/motcua/core/catalog/hcmc"
)

// large gives the embedded pack with n procedures.
func large(t testing.TB, n int) fs.FS {
	t.Helper()
	files, err := cataloggen.Files(hcmc.Pack(), n)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for name, data := range files {
		out[name] = &fstest.MapFile{Data: data}
	}
	return out
}

// A hundred more procedures, each with conditions of its own, need no environment
// more: making one is what would cost seconds in a pack of thousands.
func TestLoadSharesEnvironments(t *testing.T) {
	t.Parallel()
	own, err := hcmc.Pack().Open("procedures")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := own.(fs.ReadDirFile).ReadDir(-1)
	if err != nil {
		t.Fatal(err)
	}
	n := len(entries) + 100
	r := newReader(large(t, n))
	c := r.read()
	if len(r.issues) > 0 {
		t.Fatalf("the generated pack is broken:\n%v", r.issues.Sorted())
	}
	conditions := map[string]bool{}
	for _, p := range c.procedures {
		for _, q := range p.Requirements {
			if strings.HasPrefix(p.Code, "9.") && q.When != "" {
				conditions[q.When] = true
			}
		}
	}
	if len(c.procedures) != n || len(conditions) < 20 {
		t.Errorf("%d procedures with %d conditions: nothing is measured", len(c.procedures), len(conditions))
	}
	if r.environments != 1 {
		t.Errorf("%d environments, want 1", r.environments)
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"real", 0}, {"all", 2242}} {
		pack := large(b, size.n)
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Load(pack); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
