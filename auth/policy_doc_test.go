package auth_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/motcua/motcua/auth"
)

// The table in the documentation is the policy; UPDATE_GOLDEN=1 writes it anew.
func TestPolicyTableIsFresh(t *testing.T) {
	t.Parallel()
	const file = "../docs/policy.md"
	var b strings.Builder
	b.WriteString("# Who may call what\n\nWritten from the table in package `auth`. What is not in it is refused. ")
	b.WriteString("*Level* is the assurance a citizen needs; *cost* the class that shares a rate limit; *audited* operations leave a row that the citizen sees. ")
	b.WriteString("Whose objects somebody may touch is decided after this, in `auth/object.go`.\n\n")
	b.WriteString("| operation | who | level | cost | audited |\n|---|---|---|---|---|\n")
	p := auth.NewPolicy()
	for _, op := range p.Ops() {
		row, _ := p.Row(op)
		who := make([]string, len(row.Actors))
		for i, k := range row.Actors {
			who[i] = string(k)
		}
		audited := ""
		if row.Audited {
			audited = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s | %s |\n", op, strings.Join(who, ", "), row.Min, row.Cost, audited)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is stale: run UPDATE_GOLDEN=1 go test ./auth -run Table", file)
	}
}
