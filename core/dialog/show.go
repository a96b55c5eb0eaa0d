package dialog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// show asks again what is open, in the words of now.
func (t *turn) show() {
	if t.draft == nil && inDraft(t.st.At) {
		t.st.At = atHome
	}
	switch t.st.At {
	case atSearch:
		t.showSearch()
	case atTopic:
		t.showTopic()
	case atNone:
		t.showNone()
	case atPick:
		t.showPick()
	case atCard:
		t.showCard()
	case atFact:
		t.showFact()
	case atPapers:
		t.showPapers()
	case atSpecial:
		t.showSpecial()
	case atDay:
		t.showDay()
	case atDue:
		t.showDue()
	case atOffice:
		t.say("office.ask", nil, core.ExpectText, menuOffer())
	case atWards:
		t.showWards()
	case atTrack:
		t.showTrack()
	case atList:
		if own, drafts := t.in.Found.Dossiers, t.ownDrafts(); len(own)+len(drafts) > 1 {
			t.listOwn(own, drafts)
			return
		}
		t.showTrack()
	case atDossier:
		if d := t.found(t.st.Dossier); d != nil {
			t.showStatus(*d, d.Code)
			return
		}
		t.home()
	case atOpen:
		t.say("start.open", map[string]string{"name": t.name(t.app.Procedure)}, core.ExpectChoice,
			pick("continue", "choice.continue"), pick("new", "choice.new"), menuOffer())
	case atStep:
		t.showStep()
	case atValues, atDoubt:
		t.reask()
	case atClarify:
		t.showClarify()
	case atSummary:
		t.showSummary()
	case atEdits:
		t.showEdits()
	case atItems:
		t.showItems()
	case atDrop:
		t.say("drop.ask", map[string]string{"name": t.name(t.app.Procedure)}, core.ExpectChoice,
			pick("dropYes", "choice.drop"), pick("continue", "choice.continue"), menuOffer())
	case atCancelled:
		t.say("cancelled", map[string]string{"name": t.name(t.app.Procedure)}, core.ExpectAny,
			pick("continue", "choice.continue"), pick("drop", "choice.drop"), menuOffer())
	case atNoticesOff:
		t.say("notices.off.open", nil, core.ExpectChoice, pick("continue", "choice.continue"), pick("cancel", "choice.cancel"))
	case atSupplement:
		t.showSupplement()
	case atMissing:
		t.showMissing()
	case atHandIn:
		t.showHandIn()
	case atWithdraw:
		if d := t.found(t.st.Dossier); d != nil && withdrawable(*d) {
			t.askWithdraw(*d)
			return
		}
		t.home()
	case atDraft:
		t.showDraftCheck()
	case atDraftWrong:
		t.showDraftWrong()
	case atLost:
		t.say("error.lost3", nil, core.ExpectChoice, pick("search", "choice.search"), pick("track", "choice.track"),
			pick("office", "choice.office"), humanOffer())
	default:
		t.home()
	}
}

// home shows the first page.
func (t *turn) home() {
	t.st.At = atHome
	t.say("home", nil, core.ExpectAny, t.homeOffers()...)
}

func (t *turn) homeOffers() []offer {
	offers := []offer{pick("search", "choice.apply"), pick("track", "choice.track"), pick("office", "choice.office"), humanOffer()}
	if t.draft != nil || len(t.st.Aside) > 0 {
		offers = append([]offer{pick("continue", "choice.continue")}, offers...)
	}
	other := "choice.english"
	act := "en"
	if t.loc == text.EN {
		other, act = "choice.vietnamese", "vi"
	}
	return append(offers, pick(act, other))
}
