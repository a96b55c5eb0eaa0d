package catalog

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/text"
)

// The most that reading one query takes, whatever is written, up to 10 kB of it. It
// is counted and not timed, so that it holds on every machine.
const (
	mostSpans    = 2000
	mostNames    = 20000
	mostCompared = 500
)

func (w placeWork) within(t testing.TB, query string) {
	t.Helper()
	if w.spans > mostSpans || w.names > mostNames || w.compared > mostCompared {
		t.Fatalf("%q (%d bytes) takes %+v", text.Cut(query, 80), len(query), w)
	}
}

func (w placeWork) most(o placeWork) placeWork {
	return placeWork{max(w.spans, o.spans), max(w.names, o.names), max(w.compared, o.compared)}
}

func hcmcPlaces(t testing.TB) *places {
	t.Helper()
	c, err := Load(hcmc.Pack())
	if err != nil {
		t.Fatal(err)
	}
	return c.places
}

// What people who want to slow the look-up down would write: much of everything it
// knows, in all lengths up to 10 kB.
func TestPlaceWorkIsBounded(t *testing.T) {
	t.Parallel()
	p := hcmcPlaces(t)
	rng := rand.New(rand.NewPCG(2026, 7))
	syllables := []string{}
	for w := range p.vocabulary {
		syllables = append(syllables, w)
	}
	slices.Sort(syllables)
	seeds := []string{"phuong", "thi ", "xa xa ", "q", "vn ", "nhe ", "tphcm ", "viet nam, ", "phuong tan binhh ", "binh tanh, ", "tan thanhh ", "p5", "1/", ",", "phuong, ",
		"phuongphuong", "ddoong ", "a", "a ", "á\u0323", "\u200b", "\xff", "😀 ", "cu ", "so ", "minh o ", "tan than dong ", "hoa hoa hoa, ", "thanhan", "quan tan binhh, "}
	var worst placeWork
	try := func(q string) {
		w := p.read(q).work
		w.within(t, q)
		worst = worst.most(w)
	}
	for _, s := range seeds {
		for _, n := range []int{20, 100, 390, 400, 1600, 10_000} {
			try(strings.Repeat(s, n/len(s)+1)[:n])
		}
	}
	between := []string{" ", " ", " ", ", ", "", ", phuong ", ", quan ", " p"}
	for range 3000 {
		var b strings.Builder
		for b.Len() < maxPlaceBytes-20 && rng.IntN(40) > 0 {
			w := syllables[rng.IntN(len(syllables))]
			if rng.IntN(3) == 0 { // one slip
				i := rng.IntN(len(w))
				w = w[:i] + string(rune('a'+rng.IntN(26))) + w[i:]
			}
			b.WriteString(w + between[rng.IntN(len(between))])
		}
		try(b.String())
	}
	if worst.names == 0 || worst.compared == 0 || worst.spans == 0 {
		t.Fatal("nothing was counted")
	}
	t.Logf("worst: %+v", worst)
}

func FuzzPlaceWork(f *testing.F) {
	p := hcmcPlaces(f)
	src, err := os.ReadFile("testdata/queries/places.tsv")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		if cols := strings.Split(line, "\t"); len(cols) == 3 {
			f.Add(cols[1])
		}
	}
	f.Fuzz(func(t *testing.T, q string) {
		answer := p.read(q)
		answer.work.within(t, q)
		if answer.outside != nil && len(answer.places) > 0 {
			t.Fatalf("%q is in %s and in the city: %+v", q, answer.outside.Vi, answer.places)
		}
	})
}
