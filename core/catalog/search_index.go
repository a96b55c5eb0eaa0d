package catalog

import (
	"math"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// index holds the texts of procedures and of subjects that are served elsewhere
// in a form that is cheap to compare with a query. It is immutable.
//
// A procedure is a document. Its names, aliases and situations are phrases, kept word
// by word in one stream; its summary and results are loose words. Words are numbered
// twice: by how they fold (term) and as they are written (form).
type index struct {
	docs []document

	terms    []string          // folded words by number
	termOf   map[string]uint16 // and their numbers
	weight   []float32         // by term: how much a word says about what is wanted
	forms    map[string]uint16 // written words; number 0 is none
	formTerm []uint16          // by form
	formLess []bool            // by form: it tells nothing
	postings []posting         // by term
	pairs    map[uint32]float32
	heaviest float32

	common    phraseSet               // words that tell nothing
	concepts  phraseSet               // synonyms
	inConcept [][]uint16              // by synonym: documents that say it
	readings  map[string][][]wordForm // of abbreviations
	spellings map[string]wordForm
	ranges    []numberRange
	near      *speller

	stream []uint16 // the phrases of all documents

	scratches *scratches
}

// posting lists the documents that hold a word, and how much it counts in each, of
// 255.
type posting struct {
	docs   []uint16
	counts []uint8
}

// document is what a query may mean.
type document struct {
	procedure *Procedure // nil for a subject
	subject   *Subject
	start     uint32 // of its phrases in the stream
	end       uint32
	prior     float32 // 0 … 1: how often people ask for it
}

// wordForm is one word of a text: folded, and as written with its accents.
type wordForm struct{ folded, exact string }

// bare reports whether a word was written without accents; the bar of đ is none.
func (w wordForm) bare() bool {
	return w.exact == w.folded || strings.ReplaceAll(w.exact, "đ", "d") == w.folded
}

// tfHalf is in how many texts of a document a word stands when it counts half.
const tfHalf = 1

// How much a word counts outside of phrases, in texts.
const (
	ofSummary = 0.5
	ofResults = 0.5
)

// A phrase in the stream is a head, the weight of its words and pairs, its forms,
// and its synonyms.
const (
	headWords    = 0x001f // number of words
	headConcepts = 0x03e0 // number of synonyms, shifted by 5
	headEnglish  = 0x0400
	conceptShift = 5
	maxConcepts  = 31
	maxWords     = 31 // of a phrase; what is longer is cut
	headLength   = 2
	weightScale  = 64 // weights in the stream are whole numbers of this share
)

// What numbers of two bytes can count: the different written words of a pack, and
// its procedures and subjects. The reader refuses a pack with more (checkIndex).
const (
	maxVocabulary = math.MaxUint16
	maxDocuments  = math.MaxUint16
)

func newIndex(procedures []*Procedure, words wordsFile, elsewhere []Subject, popular []string) *index {
	ix := &index{
		termOf: map[string]uint16{}, forms: map[string]uint16{"": 0}, formTerm: []uint16{0},
		pairs: map[uint32]float32{}, readings: map[string][][]wordForm{}, spellings: map[string]wordForm{},
	}
	ix.term("") // number 0 is no word
	sp := splitter{}
	ix.readLanguage(words, sp)
	b := builder{index: ix, words: sp, pairDocs: map[uint32]*seen{}}
	for _, p := range procedures {
		b.procedure(p)
	}
	for i := range elsewhere {
		b.subject(&elsewhere[i])
	}
	b.weigh(len(ix.docs))
	ix.setPriors(popular)
	ix.near = newSpeller(ix)
	ix.clip()
	ix.scratches = ix.newScratches()
	return ix
}

// clip gives back what growing left over.
func (ix *index) clip() {
	ix.stream = slices.Clone(ix.stream)
	ix.docs = slices.Clone(ix.docs)
	for i := range ix.postings {
		p := &ix.postings[i]
		p.docs, p.counts = slices.Clone(p.docs), slices.Clone(p.counts)
	}
}

// term numbers a folded word.
func (ix *index) term(folded string) uint16 {
	if n, ok := ix.termOf[folded]; ok {
		return n
	}
	if len(ix.terms) >= maxVocabulary {
		return 0
	}
	n := uint16(len(ix.terms))
	ix.terms = append(ix.terms, folded)
	ix.postings = append(ix.postings, posting{})
	ix.termOf[folded] = n
	return n
}

// form numbers a written word.
func (ix *index) form(w wordForm) uint16 {
	if n, ok := ix.forms[w.exact]; ok {
		return n
	}
	if len(ix.formTerm) >= maxVocabulary {
		return 0
	}
	n := uint16(len(ix.formTerm))
	ix.forms[w.exact] = n
	ix.formTerm = append(ix.formTerm, ix.term(w.folded))
	return n
}

// readLanguage takes in how people write, before the texts that are read by it.
func (ix *index) readLanguage(words wordsFile, sp splitter) {
	for _, a := range words.Abbreviations {
		for _, long := range a.Long {
			ix.readings[a.Short] = append(ix.readings[a.Short], sp.split(long, nil))
		}
	}
	for _, s := range words.Spellings {
		if to := sp.split(s.Word, nil); len(to) == 1 {
			ix.spellings[text.FoldExact(s.Typed)] = to[0]
		}
	}
	ix.common, ix.concepts = newPhraseSet(), newPhraseSet()
	for _, p := range words.Common.all() {
		ix.learn(sp.split(p, nil), &ix.common, 0)
	}
	ix.inConcept = make([][]uint16, len(words.Synonyms))
	for i, s := range words.Synonyms {
		for _, p := range s.all() {
			ix.learn(sp.split(p, nil), &ix.concepts, uint16(i))
		}
	}
	for _, r := range words.Ranges {
		nr := numberRange{from: r.From, to: r.To, as: sp.split(r.As.Vi, nil)}
		for _, u := range slices.Concat(r.Vi, r.En) {
			nr.units = append(nr.units, strings.Join(text.Tokens(u), " "))
		}
		for _, w := range nr.as {
			ix.form(w)
		}
		ix.ranges = append(ix.ranges, nr)
	}
}

func (ix *index) learn(words []wordForm, set *phraseSet, id uint16) {
	words = words[:min(len(words), maxPhraseWords)]
	for _, w := range words {
		ix.form(w)
	}
	set.add(words, id)
}

// setPriors lets what is asked most come before what is asked seldom, where both
// fit alike.
func (ix *index) setPriors(popular []string) {
	rank := map[string]int{}
	for i, code := range popular {
		rank[code] = i
	}
	for i := range ix.docs {
		if p := ix.docs[i].procedure; p != nil {
			if r, ok := rank[p.Code]; ok {
				ix.docs[i].prior = 1 - float32(r)/float32(len(popular)+1)
			}
		}
	}
}

// builder adds documents.
type builder struct {
	*index
	words    splitter
	pairDocs map[uint32]*seen
	counts   []float32 // by term: in how many texts of the document at hand it stands
	counted  []uint16  // the terms that stand in some

	split, written []wordForm // reused
	spans          []span
}

// seen counts in how many documents something occurs.
type seen struct{ last, n int }

func (b *builder) procedure(p *Procedure) {
	b.begin(document{procedure: p})
	for _, t := range slices.Concat([]string{p.Short.Vi, p.Name.Vi}, p.Aliases.Vi, p.Situations.Vi) {
		b.phrase(t, false)
	}
	for _, t := range slices.Concat([]string{p.Short.En, p.Name.En}, p.Aliases.En, p.Situations.En) {
		b.phrase(t, true)
	}
	b.loose(p.Summary, ofSummary)
	for _, r := range p.Results {
		b.loose(r.Name, ofResults)
	}
	b.finish()
}

func (b *builder) subject(s *Subject) {
	b.begin(document{subject: s})
	for _, t := range append([]string{s.Name.Vi}, s.Vi...) {
		b.phrase(t, false)
	}
	for _, t := range append([]string{s.Name.En}, s.En...) {
		b.phrase(t, true)
	}
	b.finish()
}

func (b *builder) begin(d document) {
	d.start = uint32(len(b.stream))
	b.docs = append(b.docs, d)
}

func (b *builder) finish() {
	i := len(b.docs) - 1
	b.docs[i].end = uint32(len(b.stream))
	for _, t := range b.counted {
		n := b.counts[t]
		b.counts[t] = 0
		p := &b.postings[t]
		p.docs, p.counts = append(p.docs, uint16(i)), append(p.counts, uint8(255*n/(n+tfHalf)))
	}
	b.counted = b.counted[:0]
}

// count notes that a term stands in a text of the document at hand.
func (b *builder) count(term uint16, texts float32) {
	for int(term) >= len(b.counts) {
		b.counts = append(b.counts, 0)
	}
	if b.counts[term] == 0 {
		b.counted = append(b.counted, term)
	}
	b.counts[term] += texts
}

// phrase appends a name, alias or situation to the stream, abbreviations written out.
func (b *builder) phrase(s string, english bool) {
	words := b.read(s)
	words = words[:min(len(words), maxWords)]
	if len(words) == 0 {
		return
	}
	b.spans = b.concepts.find(words, b.spans[:0])
	spans := b.spans
	spans = spans[:min(len(spans), maxConcepts)]
	head := uint16(len(words)) | uint16(len(spans))<<conceptShift
	if english {
		head |= headEnglish
	}
	at := len(b.stream)
	b.stream = append(b.stream, head, 0)
	last := uint16(0)
	for _, w := range words {
		f := b.form(w)
		b.stream = append(b.stream, f)
		t := b.formTerm[f]
		if !slices.Contains(b.stream[int(at)+headLength:len(b.stream)-1], f) {
			b.count(t, 1)
		}
		if last != 0 {
			b.pair(last, t)
		}
		last = t
	}
	for _, sp := range spans {
		if in := b.inConcept[sp.id]; len(in) == 0 || in[len(in)-1] != uint16(len(b.docs)-1) {
			b.inConcept[sp.id] = append(in, uint16(len(b.docs)-1))
		}
		b.stream = append(b.stream, sp.id, uint16(sp.start)<<8|uint16(sp.length))
	}
}

// read gives the words of a text. They hold until the next text is read.
func (b *builder) read(s string) []wordForm {
	b.split = b.words.split(s, b.split[:0])
	b.written = b.expand(b.split, b.written[:0])
	return b.written
}

// expand writes abbreviations out in their likeliest reading, and words in their usual
// spelling.
func (ix *index) expand(words, out []wordForm) []wordForm {
	for _, w := range words {
		if to, ok := ix.spellings[w.exact]; ok {
			w = to
		}
		if r := ix.readings[w.folded]; len(r) > 0 && w.bare() {
			out = append(out, r[0]...)
			continue
		}
		out = append(out, w)
	}
	return out
}

func (b *builder) pair(x, y uint16) {
	key := pairKey(x, y)
	s := b.pairDocs[key]
	if s == nil {
		s = &seen{}
		b.pairDocs[key] = s
	}
	if s.last != len(b.docs) {
		s.last = len(b.docs)
		s.n++
	}
}

func (b *builder) loose(t Bilingual, counts float32) {
	for _, s := range []string{t.Vi, t.En} {
		for _, w := range b.read(s) {
			term := b.formTerm[b.form(w)]
			b.count(term, counts)
		}
	}
}

// weigh gives every word and pair its weight: the fewer documents have it, the
// more it says. Words that tell nothing keep a little.
func (b *builder) weigh(docs int) {
	n := float64(docs)
	b.weight = make([]float32, len(b.terms))
	for t := range b.terms {
		if df := len(b.postings[t].docs); df > 0 {
			b.weight[t] = float32(math.Log(1 + n/float64(df)))
			b.heaviest = max(b.heaviest, b.weight[t])
		}
	}
	for t := range b.terms {
		if len(b.postings[t].docs) == 0 {
			b.weight[t] = b.heaviest
		}
	}
	for key, s := range b.pairDocs {
		b.pairs[key] = float32(math.Log(1 + n/float64(s.n)))
	}
	b.markCommon()
	for _, d := range b.docs {
		b.weighPhrases(d)
	}
}

// markCommon marks the written words that tell nothing: "cần" does, "căn" does not,
// although both fold alike.
func (b *builder) markCommon() {
	b.formLess = make([]bool, len(b.formTerm))
	for _, first := range b.common.byFirst {
		for _, p := range first {
			if len(p.words) == 1 {
				b.formLess[b.forms[p.words[0].exact]] = true
			}
		}
	}
	b.formLess[0] = false
}

// formWeight is the weight of a written word. One that tells nothing keeps a little.
func (ix *index) formWeight(f uint16) float32 {
	w := ix.weight[ix.formTerm[f]]
	if ix.formLess[f] {
		return min(w, ix.heaviest*commonWeight)
	}
	return w
}

// weighPhrases notes the weight of each phrase of a document.
func (b *builder) weighPhrases(d document) {
	for at := d.start; at < d.end; {
		ph, next := b.phraseAt(at)
		var total float32
		for j, f := range ph.forms {
			total += b.formWeight(f)
			if j > 0 {
				total += b.pairs[pairKey(b.formTerm[ph.forms[j-1]], b.formTerm[f])]
			}
		}
		b.stream[at+1] = uint16(min(total*weightScale, math.MaxUint16))
		at = next
	}
}

// phraseAt is a phrase in the stream.
type phraseAt struct {
	forms, concepts []uint16
	total           float32
	english         bool
}

// phraseAt reads the phrase at a place of the stream and says where the next one
// begins.
func (ix *index) phraseAt(at uint32) (ph phraseAt, next uint32) {
	head := ix.stream[at]
	forms := at + headLength
	concepts := forms + uint32(head&headWords)
	next = concepts + 2*uint32(head&headConcepts>>conceptShift)
	return phraseAt{
		forms: ix.stream[forms:concepts], concepts: ix.stream[concepts:next],
		total: float32(ix.stream[at+1]) / weightScale, english: head&headEnglish != 0,
	}, next
}

func pairKey(a, b uint16) uint32 { return uint32(a)<<16 | uint32(b) }

// splitter splits the texts of a pack into words. It remembers what a written
// word folds to: thousands of names are made of hundreds of syllables.
type splitter map[string][]wordForm

func (sp splitter) split(s string, out []wordForm) []wordForm {
	for written := range strings.FieldsSeq(s) {
		w, ok := sp[written]
		if !ok {
			w = splitWords(written)
			sp[written] = w
		}
		out = append(out, w...)
	}
	return out
}

// splitWords gives the words of a text, folded and as written.
func splitWords(s string) []wordForm {
	fs, es := text.Tokens(s), strings.Fields(text.FoldExact(s))
	if len(fs) != len(es) { // a letter that folds away: accents cannot be compared
		es = fs
	}
	out := make([]wordForm, len(fs))
	for i := range fs {
		out[i] = wordForm{fs[i], es[i]}
	}
	return out
}
