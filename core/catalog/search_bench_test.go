package catalog

import (
	"runtime"
	"testing"

	"github.com/motcua/motcua/core/catalog/hcmc"
)

// BenchmarkIndex7000 builds the index of as many procedures as the country has, and
// reports what it keeps. The copies of our procedures have 20 aliases in Vietnamese
// and 10 in English, and no situations: those are written for what is asked most.
func BenchmarkIndex7000(b *testing.B) {
	r := newReader(hcmc.Pack())
	r.read()
	var ps []*Procedure
	for len(ps) < 7000 {
		for _, p := range r.procedures {
			c := *p
			if len(ps) >= len(r.procedures) {
				c.Situations = Aliases{}
				c.Aliases = Aliases{Vi: p.Aliases.Vi[:min(20, len(p.Aliases.Vi))], En: p.Aliases.En[:min(10, len(p.Aliases.En))]}
			}
			ps = append(ps, &c)
		}
	}
	var before, after runtime.MemStats
	var ix *index
	for b.Loop() {
		ix = nil
		runtime.GC()
		runtime.ReadMemStats(&before)
		ix = newIndex(ps, r.words, r.elsewhere.Subjects, r.topics.Popular)
		runtime.GC()
		runtime.ReadMemStats(&after)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	runtime.KeepAlive(ix)
}
