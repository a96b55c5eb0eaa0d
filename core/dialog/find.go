package dialog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
)

// Bounds of lists, so that a menu stays readable.
const (
	maxHits     = 4 // procedures of one answer
	maxWards    = 6
	maxDossiers = 6
)

// sure is the score above which the best procedure is shown at once, and clear
// the lead it needs over the next.
const (
	sure  = 0.80
	clear = 0.12
)

// find takes free text for a place or a procedure, whichever it fits better.
func (t *turn) find(raw string) bool {
	hits := t.e.cat.Search(raw, t.loc, maxHits)
	best := 0.0
	if len(hits) > 0 {
		best = hits[0].Score
	}
	if best < sure && t.placeLike(raw) && t.place(raw) {
		return true
	}
	switch {
	case len(hits) == 0:
		return false
	case len(hits) == 1 || hits[0].Score >= sure && hits[0].Score-hits[1].Score >= clear || hits[0].Score == 1 && hits[1].Score < 1:
		t.card(hits[0].Procedure.Code)
	default:
		t.st.Hits = nil
		for _, h := range hits {
			t.st.Hits = append(t.st.Hits, h.Procedure.Code)
		}
		t.st.At = atPick
		t.show()
	}
	return true
}

// searchFor shows the procedures that fit some words, or asks for words.
func (t *turn) searchFor(words string) {
	if words == "" {
		t.st.At = atSearch
		t.show()
		return
	}
	if t.filling() {
		t.leadWord("word.saved")
	}
	if !t.find(words) {
		t.lost(words)
	}
}

// placeLike reports whether free text names a unit of the city outright; a mere
// likeness is left to the search.
func (t *turn) placeLike(raw string) bool {
	ps := t.e.cat.ResolvePlace(raw)
	return len(ps) > 0 && ps[0].Note != catalog.PlaceSimilar
}

// showPick lists procedures.
func (t *turn) showPick() {
	var offers []offer
	for _, code := range t.st.Hits {
		if p, ok := t.e.cat.Procedure(code); ok {
			offers = append(offers, offer{act: "card", arg: code, label: both(p.Name), short: both(p.Short)})
		}
	}
	t.say("search.results", nil, core.ExpectChoice, append(offers, menuOffer())...)
}

func both(b catalog.Bilingual) form.Text { return form.Text{VI: b.Vi, EN: b.En} }
