package dossier_test

import (
	"os"
	"testing"

	"github.com/motcua/motcua/core/dossier"
)

// The diagram in the documentation is drawn from the table; UPDATE_GOLDEN=1
// draws it anew.
func TestStateDiagramIsFresh(t *testing.T) {
	t.Parallel()
	const file = "../../docs/dossier-states.md"
	want := "# The states of a dossier\n\n" +
		"Drawn from the table in `core/dossier/state.go`; in brackets what the clock of the due date does, and who may take a step.\n\n" +
		"```mermaid\n" + dossier.Mermaid() + "```\n"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run UPDATE_GOLDEN=1 go test ./core/dossier", file)
	}
}
