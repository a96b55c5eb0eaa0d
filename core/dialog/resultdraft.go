package dialog

import (
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
)

// minWords is the shortest description of a mistake that says anything.
const minWords = 3

// draftOpen gives the dossier in view while the person has a draft of its result to
// check.
func (t *turn) draftOpen() (core.Dossier, bool) {
	d := t.in.Found.Dossier
	if d == nil || !checking(*d) || !dossier.Owns(*d, t.viewer()) {
		return core.Dossier{}, false
	}
	return *d, true
}

// checking reports whether a draft of the result waits for the applicant.
func checking(d core.Dossier) bool {
	return d.State == core.StateProcessing && d.ResultDraft == core.ResultDraftSent
}

// draftSent tells that there is a draft to check. In the middle of something else it
// only points there.
func (t *turn) draftSent(d core.Dossier) {
	if t.busy() {
		t.tell("draft.ask", t.draftArgs(d), core.Choice{ID: navPrefix + "check." + string(d.ID), Key: "choice.draftCheck"})
		return
	}
	t.st.At, t.st.Dossier = atDraft, d.ID
	t.show()
}

// openDraftCheck goes to a draft that is to be checked.
func (t *turn) openDraftCheck(id core.ID) {
	t.st.Dossier = id
	if _, ok := t.draftOpen(); !ok {
		t.openDossier(id)
		return
	}
	t.st.At = atDraft
	t.show()
}

func (t *turn) draftArgs(d core.Dossier) map[string]string {
	name := ""
	if p, ok := t.e.cat.Procedure(d.ProcedureCode); ok {
		name = t.name(p)
	}
	return map[string]string{
		"code": d.Code, "tail": dossier.Tail(d.Code), "name": name, "until": dueText(t.loc, d.AnswerBy, t.short()),
	}
}

func (t *turn) showDraftCheck() {
	d, ok := t.draftOpen()
	if !ok {
		t.draftGone()
		return
	}
	t.say("draft.ask", t.draftArgs(d), core.ExpectChoice, pick("draftRight", "choice.draftRight"), pick("draftWrong", "choice.draftWrong"),
		offer{act: "result", arg: string(d.ID), key: "choice.draftView"}, humanOffer(), menuOffer())
}

// draftGone says how the dossier stands, whose draft needs no answer any more.
func (t *turn) draftGone() {
	if d := t.found(t.st.Dossier); d != nil {
		t.st.At = atDossier
		t.showStatus(*d, d.Code)
		return
	}
	t.home()
}

func (t *turn) showDraftWrong() {
	d, ok := t.draftOpen()
	if !ok {
		t.draftGone()
		return
	}
	t.say("draft.wrong", map[string]string{"code": d.Code, "tail": dossier.Tail(d.Code)}, core.ExpectText,
		offer{act: "back", key: "choice.back", mute: true}, offer{act: "menu", key: "choice.menu", mute: true})
}

// answerDraftWrong takes what was written as the description of the mistake.
func (t *turn) answerDraftWrong(raw string, isCommand bool) bool {
	words := strings.TrimSpace(text.NFC(raw))
	if isCommand || len([]rune(words)) < minWords {
		return false
	}
	d, ok := t.draftOpen()
	if !ok {
		t.draftGone()
		return true
	}
	t.answerDraft(d, false, text.Cut(words, 2000))
	return true
}

// draftRight confirms the draft in view.
func (t *turn) draftRight() {
	d, ok := t.draftOpen()
	if !ok {
		t.draftGone()
		return
	}
	t.answerDraft(d, true, "")
}

func (t *turn) answerDraft(d core.Dossier, right bool, words string) {
	t.st.At = atHome
	t.out.Progress = true
	key := "draft.corrected"
	if right {
		key = "draft.confirmed"
	}
	n := t.say(key, map[string]string{"code": d.Code, "tail": dossier.Tail(d.Code), "variant": t.in.Caps.Variant}, core.ExpectAny,
		offer{act: "dossier", arg: string(d.ID), key: "choice.track", mute: true}, offer{act: "menu", key: "choice.menu", mute: true})
	t.command(AnswerDraft{DossierID: d.ID, Right: right, Words: words, Prompt: n})
}

// giveDraft sends a link to the draft, because it was asked for.
func (t *turn) giveDraft(d core.Dossier) {
	token, err := identity.NewLinkToken(entropy(t.in.Random))
	if err != nil {
		t.show()
		return
	}
	until := t.in.Now.Add(identity.LinkLife)
	if d.AnswerBy.Before(until) {
		until = d.AnswerBy
	}
	t.command(CreateLink{Token: token, DossierID: d.ID, ExpiresAt: until})
	t.out.Progress = true
	t.tell("draft.link", map[string]string{
		"code": d.Code, "tail": dossier.Tail(d.Code), "link": t.url(token), "until": dueText(t.loc, until, t.short()),
	})
}
