package coretest

import (
	"os"
	"strings"
	"testing"
)

// Household is one row of the table of who needs which papers, which was written by
// hand from the published requirements.
type Household struct {
	Procedure string
	Name      string            // the case in words
	Facts     map[string]string // what they state, by key of a fact: "yes", "no", "unknown"
	Papers    map[string]string // need by key of a paper: "needed", "maybe", "alternative", "not_needed"
}

// Households reads the table. Its first line says what it is, the second names the
// columns.
func Households(t testing.TB, file string) []Household {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	columns := strings.Split(lines[1], "\t")
	var out []Household
	for i, line := range lines[2:] {
		cells := strings.Split(line, "\t")
		if len(cells) != len(columns) {
			t.Fatalf("%s:%d: %d cells, want %d", file, i+3, len(cells), len(columns))
		}
		h := Household{Procedure: cells[0], Name: cells[1], Facts: map[string]string{}, Papers: map[string]string{}}
		for _, f := range strings.Fields(cells[2]) {
			key, value, _ := strings.Cut(f, "=")
			h.Facts[key] = value
		}
		for j, need := range columns[3:] {
			for _, key := range strings.Fields(cells[3+j]) {
				h.Papers[key] = need
			}
		}
		out = append(out, h)
	}
	return out
}
