package catalog

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// Hit is a procedure that fits a query.
type Hit struct {
	Procedure *Procedure
	Score     float64 // 0 < Score ≤ 1; 1 = the query is one of its names
}

// Search is by phrase: every name and alias of a procedure is a phrase, a query
// is compared with each, and a procedure is as good as its best phrase. Words
// are weighted by how few phrases hold them, so that "giấy" says little and
// "khai sinh" much; neighbouring words count as pairs, because Vietnamese words
// are made of syllables that mean little alone.
const (
	minScore      = 0.42 // below this nothing is said to fit
	maxQuery      = 40   // words of a query that are looked at
	foreignTongue = 0.96 // factor of a phrase in the other language
	otherAccent   = 0.8  // factor of a word that was typed with other accents
	misspelt      = 0.8  // factor of a corrected word
)

// index is the inverted index of the phrases. It is immutable.
type index struct {
	phrases  []phrase
	postings map[string][]int   // folded word → phrases that hold it
	weight   map[string]float64 // folded word or pair → weight
	words    []string           // vocabulary, sorted
	heaviest float64
}

type phrase struct {
	procedure *Procedure
	locale    string
	folded    []string
	exact     []string
	total     float64 // weight of its words and pairs
	factor    float64 // 1 for names, less for the summary
}

func newIndex(procedures []*Procedure) *index {
	ix := &index{postings: map[string][]int{}, weight: map[string]float64{}}
	words := splitter{}
	for _, p := range procedures {
		for locale, texts := range map[string][]string{
			text.VI: append([]string{p.Short.Vi, p.Name.Vi}, p.Aliases.Vi...),
			text.EN: append([]string{p.Short.En, p.Name.En}, p.Aliases.En...),
		} {
			for _, t := range texts {
				ix.add(p, locale, t, words)
			}
		}
	}
	slices.SortStableFunc(ix.phrases, func(a, b phrase) int {
		return cmp.Or(cmp.Compare(a.procedure.Code, b.procedure.Code), cmp.Compare(a.locale, b.locale),
			slices.Compare(a.exact, b.exact))
	})
	ix.weigh()
	return ix
}

func (ix *index) add(p *Procedure, locale, s string, words splitter) {
	folded, exact := meaningful(words.split(s))
	if len(folded) == 0 {
		return
	}
	ix.phrases = append(ix.phrases, phrase{procedure: p, locale: locale, folded: folded, exact: exact, factor: 1})
}

// weigh counts in how many procedures a word or pair occurs. The phrases of a
// procedure stand together.
func (ix *index) weigh() {
	type seen struct{ last, n int } // the last procedure that has it, and how many do
	in := map[string]*seen{}
	procedures := 0
	note := func(unit string) {
		s := in[unit]
		if s == nil {
			s = &seen{}
			in[unit] = s
		}
		if s.last != procedures {
			s.last = procedures
			s.n++
		}
	}
	for i, ph := range ix.phrases {
		if i == 0 || ph.procedure != ix.phrases[i-1].procedure {
			procedures++
		}
		for j, w := range ph.folded {
			if list := ix.postings[w]; len(list) == 0 || list[len(list)-1] != i {
				ix.postings[w] = append(list, i)
			}
			note(w)
			if j > 0 {
				note(pair(ph.folded[j-1], w))
			}
		}
	}
	for unit, s := range in {
		w := math.Log(1 + float64(procedures)/float64(s.n))
		ix.weight[unit] = w
		ix.heaviest = max(ix.heaviest, w)
		if !strings.Contains(unit, " ") {
			ix.words = append(ix.words, unit)
		}
	}
	slices.Sort(ix.words)
	for i := range ix.phrases {
		ix.phrases[i].total = ix.totalOf(ix.phrases[i].folded)
	}
}

func pair(a, b string) string { return a + " " + b }

func (ix *index) weightOf(unit string) float64 {
	if w, ok := ix.weight[unit]; ok {
		return w
	}
	return ix.heaviest
}

// totalOf weighs the words and pairs of a phrase or query. A pair that occurs
// nowhere weighs as much as its lighter word: it is no evidence by itself.
func (ix *index) totalOf(words []string) float64 {
	total := 0.0
	for i, w := range words {
		total += ix.weightOf(w)
		if i > 0 {
			total += ix.pairWeight(words[i-1], w)
		}
	}
	return total
}

func (ix *index) pairWeight(a, b string) float64 {
	if w, ok := ix.weight[pair(a, b)]; ok {
		return w
	}
	return min(ix.weightOf(a), ix.weightOf(b)) / 2
}

// queryWord is one word of a query, perhaps corrected.
type queryWord struct {
	folded string
	exact  string // with accents as typed; "" when typed without
	trust  float64
}

// search gives the procedures that fit, best first.
func (ix *index) search(query, locale string, limit int) []Hit {
	words := ix.readQuery(query)
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = w.folded
	}
	total := ix.totalOf(folded)
	seen := map[int]bool{}
	best := map[*Procedure]float64{}
	for _, w := range words {
		for _, i := range ix.postings[w.folded] {
			if seen[i] {
				continue
			}
			seen[i] = true
			ph := ix.phrases[i]
			score := ix.similarity(words, total, ph) * ph.factor
			if !sameTongue(locale, ph.locale) {
				score *= foreignTongue
			}
			best[ph.procedure] = max(best[ph.procedure], score)
		}
	}
	var hits []Hit
	for p, score := range best {
		if score >= minScore {
			hits = append(hits, Hit{p, math.Round(score*1000) / 1000})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Procedure.Code, b.Procedure.Code))
	})
	return hits[:min(limit, len(hits))]
}

func sameTongue(locale, of string) bool {
	return (of == text.EN) == (locale == text.EN)
}

// similarity weighs what a query and a phrase share against both of them. What
// the query has beyond the phrase counts less than what the phrase has beyond
// the query: people add words of their own ("con tôi mới sinh hôm qua").
func (ix *index) similarity(words []queryWord, total float64, ph phrase) float64 {
	shared := 0.0
	taken := make([]bool, len(ph.folded))
	at := make([]int, len(words))
	for i, w := range words {
		at[i] = -1
		for j, f := range ph.folded {
			if taken[j] || f != w.folded {
				continue
			}
			// Where a syllable occurs twice, the one after the last match continues it.
			if at[i] < 0 || (i > 0 && at[i-1] >= 0 && j == at[i-1]+1) {
				at[i] = j
			}
		}
		if at[i] < 0 {
			continue
		}
		taken[at[i]] = true
		value := ix.weightOf(w.folded) * w.trust
		if w.exact != "" && w.exact != ph.exact[at[i]] {
			value *= otherAccent
		}
		shared += value
		if i > 0 && at[i-1] >= 0 && at[i] == at[i-1]+1 {
			shared += ix.pairWeight(words[i-1].folded, w.folded) * w.trust
		}
	}
	const ofPhrase, ofQuery = 0.62, 0.38
	return math.Min(1, shared*(ofPhrase/ph.total+ofQuery/total))
}

// readQuery splits, corrects and cleans a query.
func (ix *index) readQuery(query string) []queryWord {
	folded, exact := meaningful(splitWords(text.Cut(query, 400)))
	var out []queryWord
	for i, f := range folded {
		if len(out) >= maxQuery {
			break
		}
		w := queryWord{folded: f, trust: 1}
		if text.Accented(exact[i]) {
			w.exact = exact[i]
		}
		if _, known := ix.postings[f]; known {
			out = append(out, w)
			continue
		}
		if a, b, ok := ix.unjoin(f); ok {
			out = append(out, queryWord{folded: a, trust: 1}, queryWord{folded: b, trust: 1})
			continue
		}
		if near, ok := ix.near(f); ok {
			out = append(out, queryWord{folded: near, trust: misspelt})
			continue
		}
		out = append(out, w)
	}
	return out
}

// unjoin reads "khaisinh" as two known words that stand together in a phrase.
func (ix *index) unjoin(word string) (a, b string, ok bool) {
	for cut := 2; cut+2 <= len(word); cut++ {
		a, b = word[:cut], word[cut:]
		if _, known := ix.weight[pair(a, b)]; known {
			return a, b, true
		}
	}
	return "", "", false
}

// near gives the one known word a slip away, for words long enough to tell.
func (ix *index) near(word string) (string, bool) {
	if len(word) < 4 {
		return "", false
	}
	found := ""
	for _, w := range ix.words {
		if d := len(w) - len(word); d < -1 || d > 1 {
			continue
		}
		if len(w) >= 4 && w[0] == word[0] && text.Distance(word, w, 1) == 1 {
			if found != "" && len(ix.postings[found]) >= len(ix.postings[w]) {
				continue
			}
			found = w
		}
	}
	return found, found != ""
}

// splitter splits the texts of a pack into words. It remembers what a written
// word folds to: thousands of names are made of hundreds of syllables.
type splitter map[string]splitWord

// splitWord is a written word, which punctuation may part.
type splitWord struct{ folded, exact []string }

func (sp splitter) split(s string) (folded, exact []string) {
	for _, written := range strings.Fields(s) {
		w, ok := sp[written]
		if !ok {
			w.folded, w.exact = splitWords(written)
			sp[written] = w
		}
		folded, exact = append(folded, w.folded...), append(exact, w.exact...)
	}
	return folded, exact
}

// splitWords gives the words of a text, folded and with accents.
func splitWords(s string) (folded, exact []string) {
	fs, es := text.Tokens(s), strings.Fields(text.FoldExact(s))
	if len(fs) != len(es) { // a letter that folds away: accents cannot be compared
		es = fs
	}
	return fs, es
}

// meaningful leaves out the words every question has. When nothing else is left
// they are kept.
func meaningful(fs, es []string) (folded, exact []string) {
	for i, f := range fs {
		if filler(es[i]) {
			continue
		}
		folded, exact = append(folded, f), append(exact, es[i])
	}
	if len(folded) == 0 {
		return fs, es
	}
	return folded, exact
}

// filler reports whether a word, with its accents, says nothing about which
// procedure is meant. A word typed without accents is left out only where no
// procedure has a word that folds to it: "căn cước" must survive "can".
func filler(exact string) bool {
	switch exact {
	case "tôi", "toi", "mình", "minh", "em", "anh", "chị", "bạn", "ông", "bà",
		"muốn", "muon", "xin", "cần", "phải", "phai", "được", "duoc", "bị", "bi", "hãy", "giúp", "giup",
		"làm", "lam", "gì", "gi", "nào", "nao", "thế", "đâu", "dau", "như", "nhu", "ntn", "nhiêu", "nhieu",
		"là", "la", "có", "và", "va", "của", "cua", "với", "voi", "cho", "để", "ở", "o", "thì", "thi", "khi",
		"ạ", "a", "à", "nhé", "nhe", "vậy", "rồi", "roi", "này", "nay", "hỏi", "hoi", "ơi", "oi", "dạ",
		"thủ", "thu", "tục", "tuc", "việc",
		"i", "want", "need", "to", "how", "do", "does", "an", "the", "for", "my", "of", "is", "what", "where",
		"which", "get", "apply", "please", "me", "you", "it", "in", "on", "and", "or", "with":
		return true
	}
	return false
}
