package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/cataloggen"
	"github.com/motcua/motcua/core/catalog/hcmc"
)

// The look-up in process: the product's beside two engines that are general,
// Bleve and SQLite's FTS5, on the same texts, asked the same questions in turn.

const (
	manyProcedures = 7000 // what a province of this size could publish once agencies of all levels do
	searchLimit    = 3    // hits that are asked for
	queriesFile    = "core/catalog/testdata/queries/procedures.tsv"
	maxSearchP99   = time.Millisecond
	maxIndexBuild  = time.Second
	maxIndexHeap   = 10 << 20
	patience       = 20 * time.Second // after a round that took longer, yardsticks are not asked again
	quickStride    = 6                // of the queries of each kind, one in so many is asked in a quick run
	nothing        = "nothing"        // the kind of queries that nothing should answer
)

// query is one line of the exam.
type query struct {
	kind, locale, text string
	want               []string // codes of which one must come first; none = nothing answers
}

// readQueries reads an exam: kind, locale, query and want, with tabs between.
func readQueries(file string) ([]query, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []query
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v := strings.Split(line, "\t")
		if len(v) != 4 {
			return nil, fmt.Errorf("%s: %q has %d columns, want 4", file, line, len(v))
		}
		q := query{kind: v[0], locale: v[1], text: v[2]}
		if v[3] != "-" {
			q.want = strings.Split(v[3], "|")
		}
		out = append(out, q)
	}
	if len(out) == 0 {
		return nil, errors.New(file + " holds no query")
	}
	return out, nil
}

// searcher is one way to look procedures up.
type searcher struct {
	name  string
	find  func(q query) (codes []string, err error) // the best first, searchLimit at most
	build time.Duration                             // of the index
	size  int64                                     // of the index in memory, bytes; 0 = not known
	close func() error
}

// asked is what a searcher did with the queries of one kind.
type asked struct {
	Kind    string        `json:"kind"` // "" = all
	Queries int           `json:"queries"`
	P50     time.Duration `json:"p50"`
	P99     time.Duration `json:"p99"`
	CPU     time.Duration `json:"cpu"` // per query
	First   float64       `json:"hitAt1"`
	Three   float64       `json:"hitAt3"`

	took []time.Duration
	cpu  time.Duration
}

// searched is everything measured of one searcher.
type searched struct {
	Name  string        `json:"name"`
	Build time.Duration `json:"buildNanoseconds"`
	Size  int64         `json:"bytes"`
	All   asked         `json:"all"`   // of the queries that something answers
	Kinds []asked       `json:"kinds"` // those and "nothing", in the order of the exam
}

// searchResult is one size of pack.
type searchResult struct {
	Procedures int           `json:"procedures"`
	Load       time.Duration `json:"loadNanoseconds"` // of the whole pack, index included
	Searchers  []searched    `json:"searchers"`       // the product's first
}

// measureSearch asks every searcher every query, at the shipped size of the pack
// and at a large one.
func measureSearch(o options) ([]searchResult, error) {
	queries, err := readQueries(queriesFile)
	if err != nil {
		return nil, err
	}
	var out []searchResult
	for _, n := range []int{0, manyProcedures} {
		r, err := measureSearchAt(o, n, queries)
		if err != nil {
			return nil, fmt.Errorf("look-up: %w", err)
		}
		out = append(out, r)
	}
	return out, nil
}

func measureSearchAt(o options, n int, queries []query) (r searchResult, err error) {
	c, took, err := grown(n)
	if err != nil {
		return r, err
	}
	r.Load = took
	var searchers []*searcher
	defer func() {
		for _, s := range searchers {
			err = errors.Join(err, s.close())
		}
	}()
	for _, open := range []func(*catalog.Catalog) (*searcher, error){openOwn, openBleve, openFTS} {
		s, err := open(c)
		if err != nil {
			return r, err
		}
		searchers = append(searchers, s)
	}
	searchers[0].build, searchers[0].size = indexAlone(n)
	r.Procedures = len(c.Procedures())
	for _, s := range searchers {
		r.Searchers = append(r.Searchers, searched{Name: s.name, Build: s.build, Size: s.size})
	}
	if o.quick {
		queries = fewOf(queries)
	}
	begin := time.Now()
	if err := askAll(c, searchers, queries, r.Searchers); err != nil {
		return r, err
	}
	for range o.repeats - 1 {
		among := searchers
		if time.Since(begin) > patience {
			among = searchers[:1]
		}
		if err := askAll(c, among, queries, r.Searchers); err != nil {
			return r, err
		}
	}
	o.say("look-up: %d queries asked of %d procedures in %s", len(queries), r.Procedures, time.Since(begin).Round(time.Second))
	for i := range r.Searchers {
		r.Searchers[i].finish()
	}
	return r, nil
}

// grown is the shipped catalogue with at least n procedures, and how long it took
// to load, with its index and everything else.
func grown(n int) (c *catalog.Catalog, took time.Duration, err error) {
	files, err := cataloggen.Files(hcmc.Pack(), n)
	if err != nil {
		return nil, 0, err
	}
	dir, err := os.MkdirTemp("", "motcua-pack-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	if err := writeFiles(dir, files); err != nil {
		return nil, 0, err
	}
	begin := time.Now()
	c, err = catalog.Load(os.DirFS(dir))
	return c, time.Since(begin), err
}

// fewOf keeps some queries of each kind.
func fewOf(queries []query) []query {
	var out []query
	seen := map[string]int{}
	for _, q := range queries {
		if seen[q.kind]%quickStride == 0 {
			out = append(out, q)
		}
		seen[q.kind]++
	}
	return out
}

// askAll asks every query kind by kind, and within a kind one searcher after the other, so that
// what else the machine does disturbs all of them.
func askAll(c *catalog.Catalog, searchers []*searcher, queries []query, into []searched) error {
	for _, kind := range kindsOf(queries) {
		for i, s := range searchers {
			a := asked{Kind: kind}
			cpu := ownCPU()
			for _, q := range queries {
				if q.kind != kind {
					continue
				}
				begin := time.Now()
				codes, err := s.find(q)
				a.took = append(a.took, time.Since(begin))
				if err != nil {
					return fmt.Errorf("%s: %q: %w", s.name, q.text, err)
				}
				a.judge(c, q, codes)
			}
			a.cpu = ownCPU() - cpu
			into[i].add(a)
		}
	}
	return nil
}

func kindsOf(queries []query) []string {
	var out []string
	for _, q := range queries {
		if !slices.Contains(out, q.kind) {
			out = append(out, q.kind)
		}
	}
	return out
}

// judge counts an answer. Procedures are told apart by their official names: a
// grown pack holds copies, and each of them is as right as the first.
func (a *asked) judge(c *catalog.Catalog, q query, codes []string) {
	a.Queries++
	if len(q.want) == 0 {
		if len(codes) == 0 {
			a.First++
			a.Three++
		}
		return
	}
	for i, code := range codes {
		if slices.ContainsFunc(q.want, func(want string) bool { return nameOf(c, want) == nameOf(c, code) }) {
			if i == 0 {
				a.First++
			}
			a.Three++
			return
		}
	}
}

func nameOf(c *catalog.Catalog, code string) string {
	if p, ok := c.Procedure(code); ok {
		return p.Name.Vi
	}
	return code
}

func (s *searched) add(a asked) {
	i := slices.IndexFunc(s.Kinds, func(k asked) bool { return k.Kind == a.Kind })
	if i < 0 {
		s.Kinds = append(s.Kinds, a)
		return
	}
	s.Kinds[i].merge(a)
}

func (a *asked) merge(b asked) {
	a.Queries += b.Queries
	a.First += b.First
	a.Three += b.Three
	a.took = append(a.took, b.took...)
	a.cpu += b.cpu
}

// finish turns counts into shares and times into quantiles.
func (s *searched) finish() {
	for _, k := range s.Kinds {
		if k.Kind != nothing {
			s.All.merge(k)
		}
	}
	for i := range s.Kinds {
		s.Kinds[i].finish()
	}
	s.All.finish()
}

func (a *asked) finish() {
	slices.Sort(a.took)
	n := max(a.Queries, 1)
	a.P50, a.P99, a.CPU = quantile(a.took, 0.50), quantile(a.took, 0.99), a.cpu/time.Duration(n)
	a.First /= float64(n)
	a.Three /= float64(n)
}

// heap is what is allocated and still needed.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // finalizers of the first
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// searchTexts are the texts of a procedure that every searcher is given, in both
// languages.
type searchTexts struct{ code, name, short, alias, situation, summary string }

func textsOf(p *catalog.Procedure) searchTexts {
	join := func(lists ...[]string) string { return strings.Join(slices.Concat(lists...), "\n") }
	return searchTexts{
		code: p.Code, name: join([]string{p.Name.Vi, p.Name.En}), short: join([]string{p.Short.Vi, p.Short.En}),
		alias: join(p.Aliases.Vi, p.Aliases.En), situation: join(p.Situations.Vi, p.Situations.En),
		summary: join([]string{p.Summary.Vi, p.Summary.En}),
	}
}
