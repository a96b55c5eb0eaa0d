package channeltest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The exam is as long as it was promised, nothing in it is there twice, and what a
// record rules out has something in its place.
func TestExamIsWhole(t *testing.T) {
	t.Parallel()
	const promised = 40
	names := map[string]bool{}
	for _, b := range behaviours() {
		if b.name == "" || names[b.name] || b.run == nil || (b.needs == nil) != (b.instead == nil) {
			t.Errorf("behaviour %q is there twice, or not whole", b.name)
		}
		names[b.name] = true
	}
	if len(names) < promised {
		t.Errorf("%d behaviours, at least %d were promised", len(names), promised)
	}
	t.Logf("%d behaviours", len(names))
}

// Every adapter sits it: a directory with a Send that is no exam, no renderer of
// text and no terminal.
func TestEveryAdapterSits(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../*/adapter.go")
	if err != nil || len(dirs) < 3 {
		t.Fatalf("%d adapters found: %v", len(dirs), err)
	}
	for _, d := range dirs {
		src, err := os.ReadFile(filepath.Join(filepath.Dir(d), "exam_test.go"))
		if err != nil || !strings.Contains(string(src), "channeltest.Run(") {
			t.Errorf("%s does not sit the exam: %v", filepath.Dir(d), err)
		}
		if strings.Contains(string(src), ".Skip") {
			t.Errorf("%s skips", filepath.Dir(d))
		}
	}
}
