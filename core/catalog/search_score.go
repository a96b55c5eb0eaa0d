package catalog

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Work counts what a query cost. It is bounded whatever the query.
type Work struct {
	Postings int `json:"postings"` // entries of words → procedures that were visited
	Edits    int `json:"edits"`    // known words that were measured against a misspelt one
	Phrases  int `json:"phrases"`  // names and aliases that were compared word by word
}

// Bounds of the work.
const (
	maxPostings   = 150_000
	maxCandidates = 40 // documents whose phrases are compared
	// A document that holds less than this share of the words that the best one holds
	// is not compared.
	worthComparing = 0.45
)

// How a match is weighed.
const (
	otherAccent   = 0.6  // factor of a word that was typed with other accents
	foreignTongue = 0.97 // factor of a phrase in the other language
	trustConcept  = 0.75 // of a synonym
)

// scratch is what scoring needs and reuses.
type scratch struct {
	sum     []float32 // by document
	best    []float32 // by document, of the word at hand
	mark    []uint8   // by document: the word at hand, numbered from 1
	touched []uint32
	byTerm  []int16 // by term: head of a chain in entries, numbered from 1
	entries []entry
	used    []uint16 // terms that have a chain
}

// entry says that a word of the query may be a term.
type entry struct {
	token int
	form  uint16 // the word as typed, when it was typed with accents
	other bool   // it was typed with accents that no text has
	trust float32
	next  int16
}

// scratches are reused between queries. A pool belongs to the index it was sized
// for.
type scratches struct{ pool sync.Pool }

func (ix *index) newScratches() *scratches {
	docs, terms := len(ix.docs), len(ix.terms)
	return &scratches{pool: sync.Pool{New: func() any {
		return &scratch{sum: make([]float32, docs), best: make([]float32, docs), mark: make([]uint8, docs), byTerm: make([]int16, terms)}
	}}}
}

// candidate is a document with how well its words fit.
type candidate struct {
	doc   uint32
	words float32 // weight of the query's words that it has
}

// match is how a document fits a query.
type match struct {
	doc    uint32
	score  float32 // 0 … 1, what matches are ordered by
	phrase int     // where its best phrase stands in the stream
	covers float32 // share of that phrase that the query holds
	of     float32 // share of the query that the phrase holds
	alike  float32 // both in one figure
	all    float32 // share of the query that the document holds
	vote   float32 // how alike its best phrases are on average
	weight float32 // of the query's words that it holds, in units of the heaviest word
	ahead  float32 // of the best subject that is served elsewhere, at most maxAhead
}

// candidates finds the documents that hold most of the query's words.
func (ix *index) candidates(r reading, s *scratch, w *Work) []candidate {
	order := make([]int, 0, len(r.tokens))
	for i, t := range r.tokens {
		if !t.common || len(r.tokens) <= 2 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.tokens[b].weight, r.tokens[a].weight) })
	for n, i := range order {
		ix.visit(r, i, uint8(n+1), s, w)
	}
	top := topOf(s, ix)
	for _, d := range s.touched {
		s.sum[d], s.best[d], s.mark[d] = 0, 0, 0
	}
	s.touched = s.touched[:0]
	return top
}

// visit adds the weight of one word to every document that has it, one of its
// corrections, or a synonym.
func (ix *index) visit(r reading, i int, number uint8, s *scratch, w *Work) {
	t := r.tokens[i]
	add := func(doc uint32, value float32) {
		if s.mark[doc] != number {
			if s.mark[doc] == 0 {
				s.touched = append(s.touched, doc)
			}
			s.mark[doc], s.best[doc] = number, 0
		}
		if value > s.best[doc] {
			s.sum[doc] += value - s.best[doc]
			s.best[doc] = value
		}
	}
	for _, n := range t.meant {
		p := ix.postings[n.term]
		for k, doc := range p.docs {
			if w.Postings >= maxPostings {
				return
			}
			w.Postings++
			add(uint32(doc), t.weight*n.trust*float32(p.counts[k])/255)
		}
	}
	for _, c := range r.concepts {
		if i < c.start || i >= c.start+c.length {
			continue
		}
		for _, doc := range ix.inConcept[c.id] {
			if w.Postings >= maxPostings {
				return
			}
			w.Postings++
			add(uint32(doc), t.weight*trustConcept)
		}
	}
}

// topOf keeps the best documents, in a heap whose root is the worst kept.
func topOf(s *scratch, ix *index) []candidate {
	heap := make([]candidate, 0, maxCandidates)
	less := func(a, b candidate) bool { return a.words < b.words || a.words == b.words && a.doc > b.doc }
	for _, d := range s.touched {
		c := candidate{d, s.sum[d] * (1 + ix.docs[d].prior*priorShare)}
		if len(heap) < maxCandidates {
			heap = append(heap, c)
			for i := len(heap) - 1; i > 0 && less(heap[i], heap[(i-1)/2]); i = (i - 1) / 2 {
				heap[i], heap[(i-1)/2] = heap[(i-1)/2], heap[i]
			}
			continue
		}
		if !less(heap[0], c) {
			continue
		}
		heap[0] = c
		for i := 0; ; {
			child := 2*i + 1
			if child+1 < len(heap) && less(heap[child+1], heap[child]) {
				child++
			}
			if child >= len(heap) || !less(heap[child], heap[i]) {
				break
			}
			heap[i], heap[child] = heap[child], heap[i]
			i = child
		}
	}
	for i := range heap {
		heap[i].words = s.sum[heap[i].doc]
	}
	return heap
}

const priorShare = 0.04

// score compares the candidates' phrases with the query and gives the matches,
// best first.
func (ix *index) score(r reading, english bool, s *scratch, w *Work) []match {
	top := ix.candidates(r, s, w)
	ix.chain(r, s)
	var mask uint64 // concepts of the query, one bit for id mod 64, to pass by quickly
	for _, c := range r.concepts {
		mask |= 1 << (c.id % 64)
	}
	out := make([]match, 0, len(top))
	most := float32(0)
	for _, c := range top {
		most = max(most, c.words)
	}
	for _, c := range top {
		if c.words < most*worthComparing {
			continue
		}
		m := match{doc: c.doc}
		if r.total > 0 {
			m.all = min(1, c.words/r.total)
		}
		ix.comparePhrases(&m, r, mask, english, s, w)
		m.weight = c.words / ix.heaviest
		m.score = mixAlike*m.alike + mixAll*m.all + mixVote*m.vote
		out = append(out, m)
	}
	for _, t := range s.used {
		s.byTerm[t] = 0
	}
	s.used, s.entries = s.used[:0], s.entries[:0]
	ix.measureAhead(out)
	slices.SortFunc(out, func(a, b match) int { return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(a.doc, b.doc)) })
	return out
}

// comparePhrases finds the phrase of a document that is most like the query, and
// how alike the best ones are together: one that is alike by chance has no company.
func (ix *index) comparePhrases(m *match, r reading, mask uint64, english bool, s *scratch, w *Work) {
	var best [3]float32
	phrases := 0
	d := ix.docs[m.doc]
	for at := d.start; at < d.end; {
		ph, next := ix.phraseAt(at)
		w.Phrases++
		phrases++
		covers, of, weight := ix.compare(ph, r, mask, s)
		square := covers * of
		if square <= best[len(best)-1]*best[len(best)-1] {
			at = next
			continue
		}
		// A match of light words alone ("giấy") says little, unless it is all of a phrase.
		v := float32(math.Sqrt(float64(square))) * (1 - (1-covers)*max(0, 1-weight))
		if ph.english != english {
			v *= foreignTongue
		}
		if v > m.alike {
			m.alike, m.phrase, m.covers, m.of = v, int(at), covers, of
		}
		for i := range best {
			if v > best[i] {
				v, best[i] = best[i], v
			}
		}
		at = next
	}
	// What has few phrases cannot be alike in many.
	n := min(max(phrases/phrasesPerVote, 1), len(best))
	for _, v := range best[:n] {
		m.vote += v / float32(n)
	}
}

// measureAhead tells how far each procedure is ahead of what is served elsewhere.
func (ix *index) measureAhead(ms []match) {
	var best float32
	for _, m := range ms {
		if ix.docs[m.doc].subject != nil {
			best = max(best, m.score)
		}
	}
	for i := range ms {
		ms[i].ahead = min(ms[i].score-best, maxAhead)
		if ix.docs[ms[i].doc].subject != nil {
			ms[i].ahead = maxAhead
		}
	}
}

const maxAhead = 0.3

// rank puts what is named outright before what is only alike.
func (m match) rank() float32 {
	if m.exact() {
		return m.score + 1
	}
	return m.score
}

// How the parts of a score are weighed, and how sure a score is. The figures were
// fitted by logistic regression to the tuning half of the exam queries and to the
// pack's own phrases, each left out of the pack in turn.
const (
	mixAlike = 0.20
	mixAll   = 0.37
	mixVote  = 0.43

	sureAt     = -3.77
	sureScore  = 2.06
	sureWeight = 1.73 // of the logarithm of 1 + weight
	sureAlike  = 4.06
	sureAhead  = 3.59

	phrasesPerVote = 10
)

// chain makes the terms of the query's words findable.
func (ix *index) chain(r reading, s *scratch) {
	for i := len(r.tokens) - 1; i >= 0; i-- {
		t := r.tokens[i]
		var e entry
		if t.accented() {
			e.form = ix.forms[t.exact]
			e.other = e.form == 0
		}
		for _, n := range t.meant {
			if s.byTerm[n.term] == 0 {
				s.used = append(s.used, n.term)
			}
			e.token, e.trust, e.next = i, n.trust, s.byTerm[n.term]
			s.entries = append(s.entries, e)
			s.byTerm[n.term] = int16(len(s.entries))
		}
	}
}

// compare gives the share of the phrase that the query holds, the share of the query
// that the phrase holds, and how heavy that is in units of the heaviest word. A
// phrase's neighbouring words count as pairs, because Vietnamese words are made of
// syllables that mean little alone.
func (ix *index) compare(ph phraseAt, r reading, mask uint64, s *scratch) (covers, of, weight float32) {
	var (
		shared, fromQuery float32 // weight of what was matched, in the phrase and in the query
		lost              = r.total
		taken             uint64 // words of the query that were matched
		direct            uint32 // words of the phrase that were
		last              = -1
		lastTerm          uint16
		lastTrust         float32
	)
	for j, f := range ph.forms {
		term := ix.formTerm[f]
		if s.byTerm[term] == 0 {
			last = -1
			continue
		}
		i, trust := ix.take(term, f, r, last, taken, s)
		if i < 0 {
			last = -1
			continue
		}
		if last >= 0 && follows(r.tokens, last, i) {
			shared += ix.pairs[pairKey(lastTerm, term)] * min(trust, lastTrust)
		}
		taken |= 1 << i
		direct |= 1 << j
		shared += ix.formWeight(f) * trust
		fromQuery += r.tokens[i].weight * trust
		if !r.tokens[i].common {
			lost -= r.tokens[i].weight
		}
		last, lastTerm, lastTrust = i, term, trust
	}
	if len(ph.concepts) > 0 && mask != 0 {
		s2, q2, l2 := ix.synonyms(ph, r, mask, direct, taken)
		shared, fromQuery, lost = shared+s2, fromQuery+q2, lost-l2
	}
	if shared == 0 || fromQuery == 0 {
		return 0, 0, 0
	}
	return min(1, shared/ph.total), min(1, fromQuery/(fromQuery+max(lost, 0))), fromQuery / ix.heaviest
}

// take finds the word of the query that is a word of the phrase: the one after the
// last match if it may be, else the first that is free.
func (ix *index) take(term, form uint16, r reading, last int, taken uint64, s *scratch) (i int, trust float32) {
	i = -1
	for e := s.byTerm[term]; e != 0; e = s.entries[e-1].next {
		x := s.entries[e-1]
		if taken&(1<<x.token) != 0 {
			continue
		}
		v := x.trust
		if x.trust == 1 && (x.other || x.form != 0 && x.form != form) {
			v *= otherAccent
		}
		if last >= 0 && follows(r.tokens, last, x.token) {
			return x.token, v
		}
		if i < 0 {
			i, trust = x.token, v
		}
	}
	return i, trust
}

// follows reports whether a word of the query comes next after another, but for
// words that tell nothing.
func follows(tokens []token, before, after int) bool {
	if after <= before {
		return false
	}
	step := 1
	if tokens[before].common {
		step = 0
	}
	return after == before+1 || tokens[after].place <= tokens[before].place+step
}

// synonyms credits the phrase for what it says in other words than the query.
func (ix *index) synonyms(ph phraseAt, r reading, mask uint64, direct uint32, taken uint64) (shared, fromQuery, found float32) {
	for k := 0; k+1 < len(ph.concepts); k += 2 {
		id := ph.concepts[k]
		if mask&(1<<(id%64)) == 0 {
			continue
		}
		start, length := int(ph.concepts[k+1]>>8), int(ph.concepts[k+1]&0xff)
		within := uint32(1<<length-1) << start
		if direct&within == within {
			continue
		}
		at := slices.IndexFunc(r.concepts, func(c span) bool {
			return c.id == id && taken&(uint64(1<<c.length-1)<<c.start) != uint64(1<<c.length-1)<<c.start
		})
		if at < 0 {
			continue
		}
		for j := start; j < start+length; j++ {
			term := ix.formTerm[ph.forms[j]]
			if direct&(1<<j) == 0 {
				shared += ix.formWeight(ph.forms[j]) * trustConcept
			}
			if j > start {
				shared += ix.pairs[pairKey(ix.formTerm[ph.forms[j-1]], term)] * trustConcept
			}
		}
		direct |= within
		c := r.concepts[at]
		for i := c.start; i < c.start+c.length; i++ {
			if taken&(1<<i) == 0 {
				fromQuery += r.tokens[i].weight * trustConcept
				if !r.tokens[i].common {
					found += r.tokens[i].weight
				}
			}
		}
		taken |= uint64(1<<c.length-1) << c.start
	}
	return shared, fromQuery, found
}

// certainty turns a match into how likely it is that what was wanted is among the
// best three.
func (m match) certainty() float64 {
	if m.exact() {
		return 1
	}
	x := sureAt + sureScore*float64(m.score) + sureWeight*math.Log1p(float64(m.weight)) + sureAlike*float64(m.alike) + sureAhead*float64(m.ahead)
	return 0.999 / (1 + math.Exp(-x))
}

// exact reports whether the query is a name or alias.
func (m match) exact() bool { return m.covers > 0.999 && m.of > 0.999 }
