package catalog_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/motcua/motcua/core/catalog"
)

var update = flag.Bool("update", false, "rewrite the expected issues of testdata/lint")

// smallPack reads testdata/base.txtar.
func smallPack(t *testing.T) fstest.MapFS {
	t.Helper()
	ar, err := txtar.ParseFile("testdata/base.txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range ar.Files {
		out[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return out
}

func TestSmallPackIsRight(t *testing.T) {
	t.Parallel()
	if issues := catalog.Lint(smallPack(t)); len(issues) > 0 {
		t.Errorf("\n%v", issues)
	}
}

// Every file of testdata/lint breaks the small pack and says which lines are
// complained of. A section "edit <file>" has lines "old ==> new", "new <file>"
// is a whole file, "delete <file>" takes one away, "want" are the issues.
// The flag -update rewrites the want sections.
func TestLint(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			pack, want := breakPack(t, ar)
			var got strings.Builder
			for _, issue := range catalog.Lint(pack) {
				got.WriteString(issue.String() + "\n")
			}
			if *update {
				for i := range ar.Files {
					if ar.Files[i].Name == "want" {
						ar.Files[i].Data = []byte(got.String())
					}
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.Len() == 0 {
				t.Error("nothing was found")
			}
			if d := cmp.Diff(want, got.String()); d != "" {
				t.Error(d)
			}
			if _, err := catalog.Load(pack); err == nil {
				t.Error("the broken pack was loaded")
			}
		})
	}
}

func breakPack(t *testing.T, ar *txtar.Archive) (fs.FS, string) {
	t.Helper()
	pack, want := smallPack(t), ""
	for _, f := range ar.Files {
		verb, name, _ := strings.Cut(f.Name, " ")
		switch verb {
		case "want":
			want = string(f.Data)
		case "new":
			pack[name] = &fstest.MapFile{Data: f.Data}
		case "delete":
			delete(pack, name)
		case "edit":
			text := string(pack[name].Data)
			for line := range strings.Lines(string(f.Data)) {
				old, with, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ==> ")
				if !ok || !strings.Contains(text, old) {
					t.Fatalf("%s: %q changes nothing", name, line)
				}
				text = strings.Replace(text, old, with, 1)
			}
			pack[name] = &fstest.MapFile{Data: []byte(text)}
		default:
			t.Fatalf("section %q", f.Name)
		}
	}
	return pack, want
}

func TestLintOfNothing(t *testing.T) {
	t.Parallel()
	issues := catalog.Lint(fstest.MapFS{})
	if len(issues) == 0 {
		t.Fatal("an empty directory passed")
	}
	for _, i := range issues {
		if i.File == "" || i.Message == "" {
			t.Errorf("issue without a place: %+v", i)
		}
	}
}
