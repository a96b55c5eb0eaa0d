package catalog

import (
	"math"

	"github.com/motcua/motcua/core/text"
)

// Hit is a procedure that fits a query.
type Hit struct {
	Procedure *Procedure
	Score     float64 // 0 < Score ≤ 1: how likely it is what was wanted; 1 = the query is its code or one of its names
}

// Found is what a query may mean.
type Found struct {
	Hits      []Hit    // best first; none when nothing fits well enough
	Sure      bool     // the first is so likely, and so far ahead, that it can be shown at once
	Elsewhere *Subject // what is wanted is known and not served here; Hits is empty then
}

// Search compares a query with every name and alias of a procedure, and a
// procedure is as good as the best of them; how much of the query its other texts
// hold counts too. Words weigh by how few procedures have them, so that "giấy"
// says little and "khai sinh" much. A word may be a slip, a sound, an abbreviation
// or a synonym away from what was typed, at a discount. What is not served here
// competes too: it wins nothing, but it keeps a wrong procedure from winning.
//
// minCertainty is where nothing is better than a guess.
const minCertainty = 0.5

// search gives what a query may mean, and how that came about.
func (ix *index) search(query, locale string, limit int) (Found, searched) {
	var done searched
	readings := ix.read(query, &done.work)
	if len(readings) == 0 || limit <= 0 {
		return Found{}, done
	}
	s := ix.scratches.pool.Get().(*scratch)
	defer ix.scratches.pool.Put(s)
	for i, r := range readings {
		ms := ix.score(r, locale == text.EN, s, &done.work)
		if i == 0 || len(ms) > 0 && (len(done.matches) == 0 || ms[0].rank() > done.matches[0].rank()) {
			done.reading, done.matches = r, ms
		}
	}
	return ix.answer(done.matches, limit), done
}

// searched is how an answer came about.
type searched struct {
	reading reading // of several, the one that was followed
	matches []match
	work    Work
}

// answer keeps the procedures that are likely enough, unless something that is
// served elsewhere is likelier.
func (ix *index) answer(ms []match, limit int) Found {
	var f Found
	for i, m := range ms {
		p := m.certainty()
		if p < minCertainty || len(f.Hits) == limit {
			break
		}
		d := ix.docs[m.doc]
		switch {
		case d.procedure != nil:
			f.Hits = append(f.Hits, Hit{d.procedure, math.Round(p*1000) / 1000})
			if i == 0 {
				f.Sure = p >= sureCertainty && (len(ms) == 1 || m.rank()-ms[1].rank() >= sureLead)
			}
		case len(f.Hits) == 0:
			return Found{Elsewhere: d.subject}
		}
	}
	return f
}

// What makes a first answer good enough to be shown without the others.
const (
	sureCertainty = 0.75
	sureLead      = 0.06 // of its score over the next
)
