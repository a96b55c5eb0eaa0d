package catalog

import (
	"math"
	"slices"

	"github.com/motcua/motcua/core/text"
)

// Hit is a procedure that fits a query.
type Hit struct {
	Procedure *Procedure
	Score     float64 // 0 < Score ≤ 1: how likely it is what was wanted; 1 = the query is its code or one of its names
}

// Found is what a query may mean.
type Found struct {
	Hits      []Hit       // best first; none when nothing fits well enough
	Sure      bool        // the first is so likely, and so far ahead, that it can be shown at once
	Locale    text.Locale // "en" when the query is most like an English name or alias; else ""
	Elsewhere *Subject    // what is wanted is known and not served here; Hits is empty then
}

// How a query is answered:
//   - it is read (search_query.go): abbreviations are written out, words typed
//     together or apart are mended, unknown words are replaced by known ones a slip,
//     a sound or a raw key stroke away, what tells nothing is set aside;
//   - the documents that hold most of its words are found (search_score.go): words
//     weigh by how few documents have them, so that "giấy" says little and "khai sinh"
//     much, and a synonym counts at a discount;
//   - each of their names, aliases and situations is compared word by word. A
//     document is as good as its best phrase, the company that phrase has among the
//     others, and how much of the query all of its texts hold;
//   - what is not served here competes too: it wins nothing, but it keeps a wrong
//     procedure from winning.

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
	if len(ms) == 0 || ms[0].certainty() < minCertainty {
		return Found{}
	}
	first := ms[0]
	if s := ix.docs[first.doc].subject; s != nil {
		// The same words may name both: what is served here is offered.
		ms = slices.DeleteFunc(slices.Clone(ms), func(m match) bool { return ix.docs[m.doc].procedure == nil || !m.exact() })
		switch {
		case len(ms) > 0:
		case s.Kind == KindChat, s.Kind == KindElsewhere && first.certainty() < elsewhereCertainty:
			return Found{}
		default:
			return Found{Elsewhere: s, Locale: ix.tongue(first)}
		}
	}
	first = ms[0]
	f := Found{
		Locale: ix.tongue(first),
		Sure:   first.certainty() >= sureCertainty && first.alike >= sureAlikeness && (len(ms) == 1 || first.rank()-ms[1].rank() >= sureLead),
	}
	p := 1.0
	for _, m := range ms {
		p = min(p, m.certainty()) // who comes later is no likelier
		if p < otherCertainty || m.score < ms[0].score*otherScore || len(f.Hits) == limit {
			break
		}
		if d := ix.docs[m.doc]; d.procedure != nil {
			f.Hits = append(f.Hits, Hit{d.procedure, math.Round(p*1000) / 1000})
		}
	}
	return f
}

// tongue tells whether the phrase that fits best, and most of the query, is English.
func (ix *index) tongue(m match) text.Locale {
	if ph, _ := ix.phraseAt(uint32(m.phrase)); ph.english && m.of >= mostOfQuery {
		return text.EN
	}
	return ""
}

// What is good enough.
const (
	minCertainty   = 0.55 // of the first answer: below it nothing is better than a guess
	otherCertainty = 0.3  // of the others
	otherScore     = 0.5  // of the others, as a share of the first one's
	// What makes a first answer good enough to be shown without the others.
	sureCertainty = 0.75
	sureLead      = 0.06
	sureAlikeness = 0.6
	// The share of a query that tells its language.
	mostOfQuery = 0.5
	// "It is done elsewhere" is said only of what is nearly certain.
	elsewhereCertainty = 0.8
)
