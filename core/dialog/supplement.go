package dialog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// requested gives the open supplement request of the dossier in view.
func (t *turn) requested() (core.Dossier, []core.SupplementItem, bool) {
	d, s := t.in.Found.Dossier, t.in.Found.Supplement
	if d == nil || s == nil || d.State != core.StateSupplement || !s.AnsweredAt.IsZero() || !dossier.Owns(*d, t.viewer()) {
		return core.Dossier{}, nil, false
	}
	items, err := dossier.Items(*s)
	if err != nil || len(items) == 0 {
		return core.Dossier{}, nil, false
	}
	return *d, items, true
}

// missingPapers lists the papers of the request, each once, with its round.
func (t *turn) missingPapers() (keys []string, round int) {
	_, items, ok := t.requested()
	if !ok {
		return nil, 0
	}
	for _, item := range items {
		if !slices.Contains(keys, item.Requirement) {
			keys = append(keys, item.Requirement)
		}
	}
	return keys, t.in.Found.Supplement.Round
}

// openSupplement shows what is missing.
func (t *turn) openSupplement(id core.ID) {
	d := t.in.Found.Dossier
	if d == nil || d.ID != id {
		t.leadWord("word.stale")
		t.show()
		return
	}
	t.st.Dossier, t.st.Item, t.st.At = id, 0, atSupplement
	t.show()
}

func (t *turn) showSupplement() {
	d, items, ok := t.requested()
	if !ok {
		t.noRequest()
		return
	}
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = t.itemLine(d, item)
	}
	keys, _ := t.missingPapers()
	sep := "\n"
	if t.short() {
		sep = "; "
	}
	t.say("supplement", map[string]string{
		"code": d.Code, "tail": dossier.Tail(d.Code), "count": strconv.Itoa(len(keys)),
		"due": dueText(t.loc, t.in.Found.Supplement.DueAt, t.short()), "items": strings.Join(lines, sep),
	}, core.ExpectChoice, pick("send", "choice.sendMissing"), pick("bring", "choice.bring"), humanOffer(), menuOffer())
}

// itemLine says what is wrong. The officer's own words go to a private channel
// only.
func (t *turn) itemLine(d core.Dossier, item core.SupplementItem) string {
	args := map[string]string{
		"paper": t.requirementName(item.Requirement), "page": count(item.Page), "reason": t.rich("reason."+item.Reason, nil), "note": "",
	}
	if t.short() {
		return t.rich("word.itemPlain", args)
	}
	if dossier.SeesDetails(d, t.viewer()) || t.in.Caps.Private {
		args["note"] = item.Note
	}
	return t.rich("word.item", args)
}

// noRequest says that nothing is missing any more.
func (t *turn) noRequest() {
	d := t.in.Found.Dossier
	t.st.At, t.st.Item = atHome, 0
	if d == nil {
		t.home()
		return
	}
	t.say("error.supplement.closed", map[string]string{"code": d.Code}, core.ExpectAny, t.homeOffers()...)
}

// sendMissing asks for the first missing paper, or gives a link for all.
func (t *turn) sendMissing() {
	if _, _, ok := t.requested(); !ok {
		t.noRequest()
		return
	}
	if !t.in.Caps.MediaIn {
		t.supplementLink()
		return
	}
	t.st.At, t.st.Item = atMissing, 0
	t.show()
}

func (t *turn) supplementLink() {
	d, _, ok := t.requested()
	if !ok {
		t.noRequest()
		return
	}
	token, err := identity.NewLinkToken(entropy(t.in.Random))
	if err != nil {
		t.show()
		return
	}
	until := t.in.Now.Add(identity.LinkLife)
	if due := t.in.Found.Supplement.DueAt; !due.IsZero() && due.After(t.in.Now) {
		until = due
	}
	t.command(CreateLink{Token: token, DossierID: d.ID, ExpiresAt: until})
	t.out.Progress = true
	t.tell("supplement.link", map[string]string{"link": t.url(token), "until": dueText(t.loc, until, t.short())})
}

func (t *turn) bringMissing() {
	d, _, ok := t.requested()
	if !ok {
		t.noRequest()
		return
	}
	t.tell("supplement.bring", map[string]string{
		"office": t.e.officeName(d.Office, t.loc, t.short()), "code": d.Code,
		"due": dueText(t.loc, t.in.Found.Supplement.DueAt, t.short()),
	}, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
}

// showMissing asks for the pages of one missing paper.
func (t *turn) showMissing() {
	_, items, ok := t.requested()
	if !ok {
		t.noRequest()
		return
	}
	keys, round := t.missingPapers()
	t.st.Item = min(t.st.Item, len(keys)-1)
	key := keys[t.st.Item]
	tg := target{dossier: t.st.Dossier, key: key, round: round}
	if len(t.st.Pending) > 0 && t.st.For == key {
		t.say("paper.checking", nil, core.ExpectMedia, backOffer(), menuOffer())
		return
	}
	if stand := vault.StandOf(t.in.Found.Papers, key, round); stand.Files > 0 {
		t.sayPages("supplement.next", tg, map[string]string{"got": strconv.Itoa(stand.Pages), "paper": t.requirementName(key)})
		return
	}
	args := map[string]string{
		"i": strconv.Itoa(t.st.Item + 1), "m": strconv.Itoa(len(keys)), "paper": t.requirementName(key), "page": "", "reason": "",
	}
	for _, item := range items {
		if item.Requirement == key {
			args["page"], args["reason"] = count(item.Page), t.rich("reason."+item.Reason, nil)
			break
		}
	}
	t.say("supplement.page", args, core.ExpectMedia, pick("bring", "choice.bring"), humanOffer(), backOffer(), menuOffer())
}

// missingGot answers pages of a missing paper that were taken.
func (t *turn) missingGot(tg target, stand vault.Stand) {
	if lacking, pending := t.lacking(); len(lacking) == 0 && !pending {
		t.st.At = atHandIn
		t.show()
		return
	}
	t.sayPages("supplement.next", tg, map[string]string{"got": strconv.Itoa(stand.Pages), "paper": t.requirementName(tg.key)})
}

func (t *turn) lacking() (keys []string, pending bool) {
	_, items, ok := t.requested()
	if !ok {
		return nil, false
	}
	return dossier.Lacking(items, t.in.Found.Papers, t.in.Found.Supplement.Round)
}

// nextMissing goes to the next missing paper, or to handing them in.
func (t *turn) nextMissing() {
	lacking, _ := t.lacking()
	keys, _ := t.missingPapers()
	if len(lacking) == 0 {
		t.st.At = atHandIn
	} else {
		t.st.At, t.st.Item = atMissing, max(0, slices.Index(keys, lacking[0]))
	}
	t.show()
}

func (t *turn) showHandIn() {
	keys, round := t.missingPapers()
	if len(keys) == 0 {
		t.noRequest()
		return
	}
	pages := 0
	var names []string
	for _, key := range keys {
		pages += vault.StandOf(t.in.Found.Papers, key, round).Pages
		names = append(names, t.requirementName(key))
	}
	t.say("supplement.got", map[string]string{"got": strconv.Itoa(pages), "paper": strings.Join(names, ", ")},
		core.ExpectChoice, pick("handIn", "choice.submitNow"), pick("more", "choice.morePages"), menuOffer())
}

// handIn answers the request.
func (t *turn) handIn() {
	d, _, ok := t.requested()
	if !ok {
		t.noRequest()
		return
	}
	lacking, pending := t.lacking()
	switch {
	case pending:
		t.say("paper.checking", nil, core.ExpectMedia, backOffer(), menuOffer())
		return
	case len(lacking) > 0:
		t.missed = true
		var names []string
		for _, key := range lacking {
			names = append(names, t.requirementName(key))
		}
		t.leadWord("word.uploadMissing", "papers", strings.Join(names, ", "))
		if t.in.Caps.MediaIn {
			t.nextMissing()
		} else {
			t.st.At = atSupplement
			t.show()
		}
		return
	}
	t.st.At, t.st.Item = atHome, 0
	t.resetPages()
	t.out.Progress = true
	n := t.say("supplement.done", map[string]string{
		"at": text.Clock(t.in.Now), "code": d.Code, "tail": dossier.Tail(d.Code), "due": "", "variant": t.in.Caps.Variant,
	}, core.ExpectAny, offer{act: "dossier", arg: string(d.ID), key: "choice.track", mute: true}, offer{act: "menu", key: "choice.menu", mute: true})
	t.command(RespondSupplement{DossierID: d.ID, Prompt: n})
}

// supplementUploaded hands in what came through an upload link.
func (t *turn) supplementUploaded() {
	if d := t.in.Found.Dossier; d == nil || d.ID != t.in.Event.DossierID {
		return
	}
	t.st.Dossier = t.in.Event.DossierID
	if _, _, ok := t.requested(); !ok {
		return
	}
	t.handIn()
}

// withdrawable reports whether the applicant may take a dossier back now.
func withdrawable(d core.Dossier) bool {
	_, err := dossier.Next(d.State, dossier.ActWithdraw, core.ActorCitizen)
	return err == nil
}

// withdraw asks whether a dossier is really to be taken back.
func (t *turn) withdraw(d core.Dossier) {
	switch {
	case !dossier.Owns(d, t.viewer()):
		t.unknownDossier(d.Code)
	case !withdrawable(d):
		t.st.At, t.st.Dossier = atDossier, d.ID
		t.say("error.withdraw.closed", map[string]string{"code": d.Code, "state": t.word(dossier.StateKey(d.State))},
			core.ExpectAny, humanOffer(), menuOffer())
	default:
		t.st.At, t.st.Dossier = atWithdraw, d.ID
		t.askWithdraw(d)
	}
}

func (t *turn) askWithdraw(d core.Dossier) {
	name := ""
	if p, ok := t.e.cat.Procedure(d.ProcedureCode); ok {
		name = t.name(p)
	}
	t.say("withdraw.ask", map[string]string{"code": d.Code, "name": name}, core.ExpectChoice,
		pick("withdrawYes", "choice.withdrawYes"), pick("withdrawNo", "choice.withdrawNo"), menuOffer())
}

// withdrawByText finds the dossier a person wants to take back.
func (t *turn) withdrawByText(arg string) {
	if d := t.in.Found.Dossier; d != nil && arg != "" {
		t.withdraw(*d)
		return
	}
	own := t.in.Found.Dossiers
	if tail, ok := dossier.ParseTail(arg); ok {
		own = t.ownByTail(tail)
	}
	switch len(own) {
	case 0:
		if arg != "" {
			t.unknownDossier(arg)
			return
		}
		t.mine()
	case 1:
		t.withdraw(own[0])
	default:
		t.listDossiers(own)
	}
}

// withdrawNow takes the dossier in view back.
func (t *turn) withdrawNow() {
	d := t.in.Found.Dossier
	if d == nil || d.ID != t.st.Dossier || !dossier.Owns(*d, t.viewer()) || !withdrawable(*d) {
		t.home()
		return
	}
	t.st.At = atHome
	t.out.Progress = true
	n := t.say("withdraw.done", map[string]string{"code": d.Code, "variant": t.in.Caps.Variant}, core.ExpectAny, t.homeOffers()...)
	t.command(Withdraw{DossierID: d.ID, Prompt: n})
}
