package catalog

import (
	"io/fs"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/catalog/cataloggen"
	"github.com/motcua/motcua/core/catalog/hcmc"
)

// grownReader reads what an index is made of, of the shipped pack with copies up to
// n procedures, and nothing else of it.
func grownReader(tb testing.TB, n int) *reader {
	tb.Helper()
	files, err := cataloggen.Files(hcmc.Pack(), n)
	if err != nil {
		tb.Fatal(err)
	}
	pack := fstest.MapFS{}
	for name, data := range files {
		pack[name] = &fstest.MapFile{Data: data}
	}
	r := newReader(pack)
	var names []string
	if err := fs.WalkDir(pack, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	}); err != nil {
		tb.Fatal(err)
	}
	r.readProcedures(under(names, procedureDir))
	r.readWords(names)
	r.readElsewhere(names)
	r.readTopics(names)
	if len(r.procedures) < n || len(r.words.Synonyms) == 0 {
		tb.Fatalf("%d procedures, %d synonyms", len(r.procedures), len(r.words.Synonyms))
	}
	return r
}

// heapInUse is what is allocated and still needed, in bytes.
func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the finalizers of the first let go
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func benchmarkIndex(b *testing.B, r *reader) {
	build := func() *index {
		return newIndex(r.procedures, r.words, r.elsewhere.Subjects, r.topics.Popular)
	}
	before := heapInUse()
	ix := build()
	size := heapInUse() - before
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		ix = build()
	}
	b.StopTimer()
	runtime.KeepAlive(ix)
	b.ReportMetric(float64(size), "heap-B") // of one index
}

// The index of what is shipped, and of copies of all of it with every alias:
// the corpus that the comparison with other engines (bench) holds too.
func BenchmarkIndexShipped(b *testing.B) { benchmarkIndex(b, grownReader(b, 0)) }
func BenchmarkIndexGrown(b *testing.B)   { benchmarkIndex(b, grownReader(b, 7000)) }

// BenchmarkIndex7000 gives the copies twenty aliases in Vietnamese and ten in English,
// which is more than the procedures of a country have that nobody often asks for.
func BenchmarkIndex7000(b *testing.B) {
	r := grownReader(b, 7000)
	for _, p := range r.procedures[len(grownReader(b, 0).procedures):] {
		p.Aliases = Aliases{Vi: p.Aliases.Vi[:min(20, len(p.Aliases.Vi))], En: p.Aliases.En[:min(10, len(p.Aliases.En))]}
	}
	benchmarkIndex(b, r)
}
