package main

import (
	"context"
	"database/sql"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/char/asciifolding"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	tokens "github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/index/scorch"
	blevequery "github.com/blevesearch/bleve/v2/search/query"

	"github.com/motcua/motcua/core/catalog"
)

// openOwn is the look-up of the product.
func openOwn(c *catalog.Catalog) (*searcher, error) {
	s := &searcher{name: "motcua", close: func() error { return nil }}
	s.find = func(q query) ([]string, error) {
		var codes []string
		for _, h := range c.Find(q.text, q.locale, searchLimit).Hits {
			codes = append(codes, h.Procedure.Code)
		}
		return codes, nil
	}
	return s, nil
}

// indexLine is what the benchmark of the index prints.
var indexLine = regexp.MustCompile(`\s(\d+) ns/op.*\s(\d+) heap-B`)

// indexAlone is what the product's index takes, which is made with the rest of a
// catalogue: the benchmark of its package, run by the tool of the Go installation.
// A machine without it measures nothing.
func indexAlone(procedures int) (build time.Duration, size int64) {
	name := "^BenchmarkIndexShipped$"
	if procedures >= manyProcedures {
		name = "^BenchmarkIndexGrown$"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", name, "-benchtime", "5x", "./core/catalog").Output()
	m := indexLine.FindSubmatch(out)
	if err != nil || m == nil {
		return 0, 0
	}
	ns, _ := strconv.ParseInt(string(m[1]), 10, 64)
	size, _ = strconv.ParseInt(string(m[2]), 10, 64)
	return time.Duration(ns), size
}

// bleveField is a field of a document with what a match in it counts.
type bleveField struct {
	name  string
	boost float64
}

func bleveFields() []bleveField {
	return []bleveField{{"short", 3}, {"alias", 3}, {"name", 2}, {"situation", 2}, {"summary", 1}}
}

// openBleve is Bleve as a sensible user sets it up: words without accents, codes
// as they are, each field asked for the words, and all of them together for words
// one slip away.
func openBleve(c *catalog.Catalog) (_ *searcher, err error) {
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer("folded", map[string]any{
		"type": custom.Name, "char_filters": []string{asciifolding.Name}, "tokenizer": tokens.Name, "token_filters": []string{lowercase.Name},
	}); err != nil {
		return nil, err
	}
	doc := bleve.NewDocumentStaticMapping()
	text := bleve.NewTextFieldMapping()
	text.Analyzer, text.Store, text.IncludeTermVectors, text.DocValues = "folded", false, false, false
	for _, f := range bleveFields() {
		doc.AddFieldMappingsAt(f.name, text)
	}
	code := bleve.NewTextFieldMapping()
	code.Analyzer, code.Store, code.IncludeInAll, code.DocValues = keyword.Name, false, false, false
	doc.AddFieldMappingsAt("code", code)
	m.DefaultMapping, m.DefaultAnalyzer, m.ScoringModel = doc, "folded", "bm25"

	before, begin := heap(), time.Now()
	index, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	s := &searcher{name: "Bleve", close: index.Close}
	batch := index.NewBatch()
	for _, p := range c.Procedures() {
		t := textsOf(p)
		if err := batch.Index(t.code, map[string]any{
			"code": t.code, "name": t.name, "short": t.short, "alias": t.alias, "situation": t.situation, "summary": t.summary,
		}); err != nil {
			return nil, errors.Join(err, index.Close())
		}
	}
	if err := index.Batch(batch); err != nil {
		return nil, errors.Join(err, index.Close())
	}
	batch = nil
	s.build = time.Since(begin)
	s.size = heap() - before
	s.find = func(q query) ([]string, error) { return bleveFind(index, q.text) }
	return s, nil
}

func bleveFind(index bleve.Index, words string) ([]string, error) {
	named := bleve.NewTermQuery(words)
	named.SetField("code")
	named.SetBoost(10)
	either := []blevequery.Query{named}
	for _, f := range bleveFields() {
		exact := bleve.NewMatchQuery(words)
		exact.SetField(f.name)
		exact.SetBoost(f.boost)
		either = append(either, exact)
	}
	near := bleve.NewMatchQuery(words)
	near.SetFuzziness(1)
	either = append(either, near)
	res, err := index.Search(bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(either...), searchLimit, 0, false))
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, h := range res.Hits {
		codes = append(codes, h.ID)
	}
	return codes, nil
}

// openFTS is SQLite's full text search in memory, by the driver that the store
// brings along. Words are asked for with OR, longer ones by their beginning too.
func openFTS(c *catalog.Catalog) (_ *searcher, err error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	begin := time.Now()
	if _, err := db.Exec(`create virtual table look_up using fts5(code, short, alias, name, situation, summary, tokenize = "unicode61 remove_diacritics 2")`); err != nil {
		return nil, err
	}
	tx, err := db.Begin()
	if err != nil {
		return nil, err
	}
	for _, p := range c.Procedures() {
		t := textsOf(p)
		if _, err := tx.Exec(`insert into look_up values (?, ?, ?, ?, ?, ?)`,
			t.code, withoutD(t.short), withoutD(t.alias), withoutD(t.name), withoutD(t.situation), withoutD(t.summary)); err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	s := &searcher{name: "SQLite FTS5", build: time.Since(begin), close: db.Close}
	if err := db.QueryRow(`select page_count * page_size from pragma_page_count(), pragma_page_size()`).Scan(&s.size); err != nil {
		return nil, err
	}
	find, err := db.Prepare(`select code from look_up where look_up match ? order by bm25(look_up, 10, 3, 3, 2, 2, 1) limit ?`)
	if err != nil {
		return nil, err
	}
	s.close = func() error { return errors.Join(find.Close(), db.Close()) }
	s.find = func(q query) ([]string, error) { return ftsFind(find, q.text) }
	return s, nil
}

// withoutD replaces the one letter of Vietnamese that is no letter with marks.
func withoutD(s string) string { return strings.NewReplacer("đ", "d", "Đ", "D").Replace(s) }

func ftsFind(find *sql.Stmt, words string) (codes []string, err error) {
	var match []string
	for _, w := range strings.FieldsFunc(withoutD(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		w = `"` + w + `"`
		if len(w) >= 6 { // a beginning of four letters says something
			w += "*"
		}
		match = append(match, w)
	}
	if len(match) == 0 {
		return nil, nil
	}
	rows, err := find.Query(strings.Join(match, " OR "), searchLimit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	return codes, rows.Err()
}
