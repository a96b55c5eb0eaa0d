package channeltest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/channels"
)

// Golden translates every testdata/inbound/<name>.in.* and compares the result
// with <name>.want.json beside it. UPDATE_GOLDEN=1 writes the wanted files anew.
func Golden(t *testing.T, parse func(t *testing.T, body []byte) channels.Inbound) {
	t.Helper()
	files, err := filepath.Glob("testdata/inbound/*.in.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded requests in testdata/inbound: %v", err)
	}
	for _, in := range files {
		name, _, _ := strings.Cut(filepath.Base(in), ".in.")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(parse(t, body), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", "inbound", name+".want.json")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", in, diff)
			}
		})
	}
}
