//go:build unix

package app

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
)

// A process keeps its name over restarts; two at once never share one.
func TestNodeName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	named := func(database config.Secret) (string, *App) {
		t.Helper()
		a := &App{cfg: &config.Config{DataDir: dir, DatabaseURL: database}, clock: core.SystemClock{}}
		name, err := a.nodeName()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return name, a
	}
	const server = "postgres://db/motcua"
	first, a := named(server)
	second, _ := named(server)
	if first == second || first == "" || second == "" {
		t.Errorf("two at once: %q and %q", first, second)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	again, _ := named(server)
	if again != first || !strings.Contains(again, "/") {
		t.Errorf("started again: %q, before %q", again, first)
	}
	x, _ := named("")
	y, _ := named("")
	if x == y {
		t.Errorf("the embedded store: %q twice", x)
	}
}
