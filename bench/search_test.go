package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
)

// What is compared is comparable: each of the three holds all texts, with and
// without accents, and says nothing to nothing.
func TestSearchersAnswer(t *testing.T) {
	t.Parallel()
	c, err := catalog.Load(hcmc.Pack())
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(*catalog.Catalog) (*searcher, error){openOwn, openBleve, openFTS} {
		s, err := open(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct{ text, want string }{
			{"cấp phiếu lý lịch tư pháp", "3.000333"}, {"cap phieu ly lich tu phap", "3.000333"}, {"lost my passport", "1.010386"}, {"1.004873", "1.004873"},
		} {
			codes, err := s.find(query{locale: "vi", text: q.text})
			if err != nil || len(codes) > searchLimit || !slices.Contains(codes, q.want) {
				t.Errorf("%s answers %q to %q, %v", s.name, codes, q.text, err)
			}
		}
		for _, empty := range []string{"", `"`, "!!! * ) OR"} {
			if _, err := s.find(query{locale: "vi", text: empty}); err != nil {
				t.Errorf("%s fails at %q: %v", s.name, empty, err)
			}
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// Every line of the exam counts, and a copy of the right procedure is right.
func TestExamIsJudged(t *testing.T) {
	t.Parallel()
	queries, err := readQueries("../" + queriesFile)
	if err != nil {
		t.Fatal(err)
	}
	if kinds := kindsOf(queries); len(kinds) < 10 || !slices.Contains(kinds, nothing) || len(kindsOf(fewOf(queries))) != len(kinds) {
		t.Errorf("kinds %q", kinds)
	}
	c, took, err := grown(120)
	if err != nil || took <= 0 || len(c.Procedures()) < 120 {
		t.Fatal(took, err)
	}
	copied := ""
	for _, p := range c.Procedures() {
		if strings.HasPrefix(p.Code, "9.") {
			copied = p.Code
		}
	}
	original := ""
	for _, p := range c.Procedures() {
		if p.Code != copied && nameOf(c, p.Code) == nameOf(c, copied) {
			original = p.Code
		}
	}
	var a asked
	for _, x := range []struct {
		want, got []string
	}{
		{[]string{original}, []string{copied, "1.001193"}}, // first
		{[]string{"x", original}, []string{"y", original}}, // among three
		{[]string{original}, nil},                          // not found
		{nil, nil},                                         // rightly nothing
		{nil, []string{original}},                          // something where nothing is right
	} {
		a.judge(c, query{want: x.want}, x.got)
	}
	if a.Queries != 5 || a.First != 2 || a.Three != 3 {
		t.Errorf("%s, %s: %+v", original, copied, a)
	}
}

func TestExamMustBeReadable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "# nothing\n\n", "columns": "title\tvi\tkhai sinh\n"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if q, err := readQueries(file); err == nil {
			t.Errorf("%s is read as %v", name, q)
		}
	}
}

// Figures of several rounds add up; what nothing answers is no part of the whole.
func TestSearchFiguresAddUp(t *testing.T) {
	t.Parallel()
	var s searched
	for range 2 {
		s.add(asked{Kind: "title", Queries: 2, First: 1, Three: 2, took: []time.Duration{3, 1}, cpu: 8})
		s.add(asked{Kind: nothing, Queries: 1, took: []time.Duration{9}, cpu: 9})
	}
	s.finish()
	if len(s.Kinds) != 2 || s.All.Queries != 4 || s.All.First != 0.5 || s.All.Three != 1 || s.All.P50 != 3 || s.All.CPU != 4 || s.Kinds[1].First != 0 {
		t.Errorf("%+v", s)
	}
}
