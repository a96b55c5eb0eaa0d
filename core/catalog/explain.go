package catalog

import (
	"math"
	"strings"
)

// Explanation tells editors why a query is answered as it is.
type Explanation struct {
	Code     string      `json:"code,omitempty"` // the query names this procedure by its code: nothing was searched
	Words    []WordRead  `json:"words"`          // the query as it was understood
	Synonyms []string    `json:"synonyms"`       // words of the query that stand for others too
	Matches  []MatchRead `json:"matches"`        // best first, also those that are not likely enough
	Work     Work        `json:"work"`
}

// WordRead is one word of a query.
type WordRead struct {
	Typed  string   `json:"typed"`         // with what an abbreviation stands for written out
	Meant  []string `json:"meant"`         // known words, without accents; empty = unknown
	How    string   `json:"how,omitempty"` // abbreviation, number, joined, keyboard, slip
	Common bool     `json:"common"`        // it tells nothing about what is wanted
	Weight float64  `json:"weight"`
}

// MatchRead is a procedure, or a subject that is served elsewhere, with how well
// it fits.
type MatchRead struct {
	Code      string  `json:"code,omitempty"`    // of the procedure
	Subject   string  `json:"subject,omitempty"` // key of the subject
	Name      string  `json:"name"`
	Certainty float64 `json:"certainty"` // 0 … 1; see minCertainty and otherCertainty for what citizens are shown
	Phrase    string  `json:"phrase"`    // its name or alias that fits best
	Covers    float64 `json:"covers"`    // share of that phrase that the query holds
	Of        float64 `json:"of"`        // share of the query that the phrase holds
	All       float64 `json:"all"`       // share of the query that all its texts hold
}

// Explain searches as Find does and tells how the answer came about.
func (c *Catalog) Explain(query, locale string, limit int) Explanation {
	if p, ok := c.named(query); ok {
		return Explanation{Code: p.Code}
	}
	_, done := c.index.search(query, locale, max(limit, 1))
	return c.index.explain(done, limit)
}

func (ix *index) explain(done searched, limit int) Explanation {
	ex := Explanation{Work: done.work}
	for _, t := range done.reading.tokens {
		w := WordRead{Typed: t.exact, How: t.how, Common: t.common, Weight: rounded(t.weight)}
		for _, n := range t.meant {
			w.Meant = append(w.Meant, ix.terms[n.term])
		}
		ex.Words = append(ex.Words, w)
	}
	for _, s := range done.reading.concepts {
		var words []string
		for _, t := range done.reading.tokens[s.start : s.start+s.length] {
			words = append(words, t.exact)
		}
		ex.Synonyms = append(ex.Synonyms, strings.Join(words, " "))
	}
	written := ix.written()
	for _, m := range done.matches[:min(limit, len(done.matches))] {
		r := MatchRead{
			Certainty: math.Round(m.certainty()*1000) / 1000, Covers: rounded(m.covers), Of: rounded(m.of), All: rounded(m.all),
			Phrase: ix.phraseText(m.phrase, written),
		}
		switch d := ix.docs[m.doc]; {
		case d.procedure != nil:
			r.Code, r.Name = d.procedure.Code, d.procedure.Short.Vi
		default:
			r.Subject, r.Name = d.subject.Key, d.subject.Name.Vi
		}
		ex.Matches = append(ex.Matches, r)
	}
	return ex
}

// written lists the written words by number.
func (ix *index) written() []string {
	out := make([]string, len(ix.formTerm))
	for w, n := range ix.forms {
		out[n] = w
	}
	return out
}

func (ix *index) phraseText(at int, written []string) string {
	var words []string
	ph, _ := ix.phraseAt(uint32(at))
	for _, f := range ph.forms {
		words = append(words, written[f])
	}
	return strings.Join(words, " ")
}

func rounded(f float32) float64 { return math.Round(float64(f)*1000) / 1000 }
