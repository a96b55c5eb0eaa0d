package main

import (
	"os"
	"strings"
	"testing"

	"github.com/motcua/motcua/cmd/motcua/app"
)

// openPoints begins what is written by hand in docs/legal-review.md.
const openPoints = "\n## Open points\n"

// The pages about the pack are made from it; UPDATE_GOLDEN=1 writes them anew.
func TestPackPagesAreFresh(t *testing.T) {
	t.Parallel()
	c, err := app.LoadCatalog("")
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"procedures.vi.md": procedurePage(c, "vi"), "procedures.en.md": procedurePage(c, "en"), "legal-review.md": legalReview(c),
	} {
		name := "../../docs/" + file
		got, err := os.ReadFile(name)
		if err != nil && os.Getenv("UPDATE_GOLDEN") == "" {
			t.Fatal(err)
		}
		made, byHand := string(got), ""
		if i := strings.Index(made, openPoints); i >= 0 {
			made, byHand = made[:i], made[i:]
		}
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, []byte(want+byHand), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if made != want {
			t.Errorf("docs/%s is stale: run UPDATE_GOLDEN=1 go test ./cmd/motcua -run TestPackPagesAreFresh", file)
		}
		if file == "legal-review.md" && byHand == "" {
			t.Error("docs/legal-review.md has lost its open points")
		}
	}
	// What citizens read must name every procedure.
	for _, p := range c.Procedures() {
		if page := procedurePage(c, "vi"); !strings.Contains(page, "("+p.Code+")") {
			t.Errorf("%s is not on the page", p.Code)
		}
	}
}
