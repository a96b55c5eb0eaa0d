package dialog

import (
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// Bounds of lists, so that a menu stays readable.
const (
	maxHits     = 4 // procedures of one answer
	maxDossiers = 6
)

// find takes free text for a place or a procedure, whichever it fits better.
func (t *turn) find(raw string) bool {
	found := t.e.cat.Find(raw, t.loc, maxHits)
	t.st.Topic = ""
	ps := t.e.cat.ResolvePlace(raw)
	if (!found.Sure && namesPlace(ps) || t.wardNamed(ps, raw)) && t.place(raw) {
		return true
	}
	if !found.Sure {
		if name, ok := t.wardIn(raw); ok && t.place(name) {
			return true
		}
	}
	t.answerIn(found.Locale, raw)
	switch {
	case found.Elsewhere != nil:
		t.elsewhere(found.Elsewhere, raw)
	case len(found.Hits) == 0:
		return t.outside(raw)
	case found.Sure:
		t.card(found.Hits[0].Procedure.Code)
	default:
		t.st.Hits = nil
		for _, h := range found.Hits {
			t.st.Hits = append(t.st.Hits, h.Procedure.Code)
		}
		t.st.At = atPick
		t.show()
	}
	return true
}

// answerIn answers in English who asked in it: three words or more are no accident.
func (t *turn) answerIn(l text.Locale, raw string) {
	if l != text.EN || t.loc == text.EN || len(strings.Fields(raw)) < 3 {
		return
	}
	welcome := t.leading == t.rich("word.welcome", nil)
	t.loc = l
	if welcome { // said before it was known in which language
		t.leading = t.rich("word.welcome", nil)
	}
}

// outside says that a place is not in the city, where a text names one and no more.
func (t *turn) outside(raw string) bool {
	if _, ok := t.e.cat.Outside(raw); !ok || len(strings.Fields(raw)) > 4 {
		return false
	}
	t.noPlace(raw)
	return true
}

// searchFor shows the procedures that fit some words, or asks for words.
func (t *turn) searchFor(words string) {
	if words == "" {
		t.st.At, t.st.Page = atSearch, 0
		t.show()
		return
	}
	if t.filling() {
		t.leadWord("word.saved")
	}
	if !t.search(words) {
		t.lost(words)
	}
}

// namesPlace reports whether what a text was resolved to is named outright; a mere
// likeness is left to the search.
func namesPlace(ps []catalog.Place) bool {
	return len(ps) > 0 && ps[0].Note != catalog.PlaceSimilar
}

// showPick lists procedures that fit.
func (t *turn) showPick() {
	t.say("search.results", nil, core.ExpectChoice, append(t.procedureOffers(t.st.Hits), pick("noneOfThese", "choice.noneOfThese"), menuOffer())...)
}

func both(b catalog.Bilingual) form.Text { return form.Text{VI: b.Vi, EN: b.En} }
