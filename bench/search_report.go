package main

import (
	"fmt"
	"time"
)

// markdown writes the tables of one size of pack.
func (r searchResult) markdown(p func(string, ...any)) {
	p("\n## Look-up of %d procedures, in process\n\nThe whole pack loaded in %.2f s, index included.\n\n", r.Procedures, r.Load.Seconds())
	p("| engine | build of the index, ms | index, MB | p50, µs | p99, µs | processor time a query, µs | ÷ motcua | right first | within %d |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n", searchLimit)
	own := r.Searchers[0].All.CPU
	for _, s := range r.Searchers {
		p("| %s | %s | %s | %s | %s | %s | %.1f | %.1f %% | %.1f %% |\n", s.Name, known(s.Build.Seconds()*1e3), known(float64(s.Size)/1e6),
			micros(s.All.P50), micros(s.All.P99), micros(s.All.CPU), float64(s.All.CPU)/float64(max(own, 1)), 100*s.All.First, 100*s.All.Three)
	}
	head, rule := "", ""
	for _, s := range r.Searchers {
		head += " " + s.Name + " | |"
		rule += "--:|--:|"
	}
	p("\n| kind: p50 / p99 / processor time, µs; right first / within %d, %% |%s\n|---|%s\n", searchLimit, head, rule)
	for i, k := range r.Searchers[0].Kinds {
		p("| %s |", k.Kind)
		for _, s := range r.Searchers {
			a := s.Kinds[i]
			p(" %s / %s / %s | %.0f / %.0f |", micros(a.P50), micros(a.P99), micros(a.CPU), 100*a.First, 100*a.Three)
		}
		p("\n")
	}
}

func micros(d time.Duration) string { return fmt.Sprintf("%.0f", d.Seconds()*1e6) }

// known leaves out what could not be measured.
func known(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", v)
}

// searchAims judges the product's look-up at the large size.
func searchAims(results []searchResult) []aim {
	var out []aim
	for _, r := range results {
		own := r.Searchers[0]
		add := func(name, want string, got float64, pass bool) {
			out = append(out, aim{Engine: "none", Name: fmt.Sprintf("look-up of %d procedures: %s", r.Procedures, name), Conns: 1, Want: want, Got: got, Pass: pass})
		}
		add("99 of 100 queries, ms", "≤ 1", own.All.P99.Seconds()*1e3, own.All.P99 <= maxSearchP99)
		if r.Procedures < manyProcedures || own.Build == 0 {
			continue
		}
		add("build of the index, seconds", "≤ 1", own.Build.Seconds(), own.Build <= maxIndexBuild)
		add("index in memory, MiB", "≤ 10", float64(own.Size)/(1<<20), own.Size <= maxIndexHeap)
	}
	return out
}
