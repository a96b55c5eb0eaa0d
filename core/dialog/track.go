package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// viewer is who asks.
func (t *turn) viewer() dossier.Viewer {
	return dossier.Viewer{
		CitizenID: t.conv.CitizenID, ConvID: t.in.Row.Conversation.ID,
		Assurance: t.in.Row.Address.Assurance, Private: t.in.Caps.Private,
	}
}

func (t *turn) ownByTail(tail string) []core.Dossier {
	var out []core.Dossier
	for _, d := range t.in.Found.Dossiers {
		if dossier.HasTail(d.Code, tail) {
			out = append(out, d)
		}
	}
	return out
}

// status tells how the dossier of a full code stands.
func (t *turn) status(code string) {
	d := t.in.Found.Dossier
	if d == nil {
		t.unknownDossier(code)
		return
	}
	t.showStatus(*d, code)
}

// pictureUnasked answers a picture that nothing asked for. A code in its caption is
// looked up; the picture of a receipt is not read, the code beside its QR is.
func (t *turn) pictureUnasked() {
	if code, ok := dossier.FindCode(t.in.Event.Text); ok && !aboutDossier(readState(t.in.Row.Conversation).At) {
		t.status(code.String())
		return
	}
	t.missed = true
	key := "word.noMedia"
	if t.st.At == atTrack {
		key = "word.typeCode"
	}
	t.leadWord(key)
	t.show()
}

func (t *turn) unknownDossier(code string) {
	t.missed = true
	if t.in.Found.Wait > 0 {
		t.waitForCode()
		return
	}
	_, t.out.UnknownCode = dossier.ParseCode(code)
	if t.filling() {
		t.lead(t.rich("error.dossier.unknown", pairs([]string{"code", code})))
		t.show()
		return
	}
	if near := dossier.Near(t.in.Found.Dossiers, code); len(near) > 0 {
		t.listNear(near, code)
		return
	}
	t.st.At = atTrack
	t.say("error.dossier.unknown", pairs([]string{"code", code}), core.ExpectText, humanOffer(), menuOffer())
}

// waitForCode says when a code may be asked for again: who named many that do not
// exist is going through them.
func (t *turn) waitForCode() {
	args := pairs([]string{"at", text.Clock(t.in.Now.Add(t.in.Found.Wait + time.Minute - 1))})
	if t.filling() {
		t.lead(t.rich("error.dossier.wait", args))
		t.show()
		return
	}
	t.st.At = atTrack
	t.say("error.dossier.wait", args, core.ExpectText, humanOffer(), menuOffer())
}

// listNear asks whether one of the person's own dossiers was meant.
func (t *turn) listNear(near []core.Dossier, code string) {
	t.st.At, t.st.Dossier = atList, ""
	t.say("status.near", pairs([]string{"code", code}), core.ExpectChoice,
		append(t.ownOffers(near), humanOffer(), menuOffer())...)
}

// statusByTail looks among the person's own dossiers: the last digits alone say
// nothing to a stranger.
func (t *turn) statusByTail(tail string) {
	own := t.ownByTail(tail)
	switch len(own) {
	case 0:
		t.unknownDossier(tail)
	case 1:
		t.showStatus(own[0], own[0].Code)
	default:
		t.listDossiers(own)
	}
}

// mine lists the person's own dossiers and unfinished drafts, or shows the only
// dossier.
func (t *turn) mine() {
	own, drafts := t.in.Found.Dossiers, t.ownDrafts()
	switch {
	case len(own)+len(drafts) == 0:
		t.st.At = atTrack
		t.say("error.dossier.none", nil, core.ExpectText, humanOffer(), menuOffer())
	case len(own) == 1 && len(drafts) == 0:
		t.showStatus(own[0], own[0].Code)
	default:
		t.listOwn(own, drafts)
	}
}

func (t *turn) listDossiers(own []core.Dossier) { t.listOwn(own, nil) }

// listOwn shows drafts, which wait for their owner, before dossiers.
func (t *turn) listOwn(own []core.Dossier, drafts []core.Draft) {
	t.st.At, t.st.Dossier = atList, ""
	offers := append(t.draftOffers(drafts), t.ownOffers(own)...)
	t.say("status.list", pairs([]string{"count", strconv.Itoa(len(own) + len(drafts))}), core.ExpectChoice, append(offers, menuOffer())...)
}

// ownOffers are a choice for each of the person's own dossiers.
func (t *turn) ownOffers(own []core.Dossier) []offer {
	var offers []offer
	for _, d := range own[:min(len(own), maxDossiers)] {
		vi, en := "…"+dossier.Tail(d.Code), "…"+dossier.Tail(d.Code)
		if p, ok := t.e.cat.Procedure(d.ProcedureCode); ok && !d.Confidential {
			vi, en = vi+" "+p.Short.Vi, en+" "+p.Short.En
		}
		day := " " + d.SubmittedAt.In(core.City).Format("02/01")
		offers = append(offers, offer{act: "dossier", arg: string(d.ID), label: form.Text{VI: vi + day, EN: en + day}})
	}
	return offers
}

// track asks for a code, or shows the person's own dossiers.
func (t *turn) track() {
	if len(t.in.Found.Dossiers) > 0 {
		t.mine()
		return
	}
	t.st.At = atTrack
	t.show()
}

func (t *turn) showTrack() {
	example := dossier.NewCode(t.e.cat.OrganisationCode("26740"), t.in.Now, 42)
	t.say("status.ask", pairs([]string{"example", example}), core.ExpectText, humanOffer(), menuOffer())
}

// openDossier shows a dossier by its id; a stranger's is shown as by code.
func (t *turn) openDossier(id core.ID) {
	if d := t.found(id); d != nil {
		t.showStatus(*d, d.Code)
		return
	}
	t.leadWord("word.stale")
	t.st.At = atHome
	t.show()
}

// found gives a dossier that was loaded for this turn.
func (t *turn) found(id core.ID) *core.Dossier {
	if d := t.in.Found.Dossier; d != nil && (id == "" || d.ID == id) {
		return d
	}
	for i := range t.in.Found.Dossiers {
		if t.in.Found.Dossiers[i].ID == id {
			return &t.in.Found.Dossiers[i]
		}
	}
	return nil
}

func (t *turn) showStatus(d core.Dossier, code string) {
	owner := dossier.Owns(d, t.viewer())
	s := t.e.svc.StatusOf(d, code, owner, t.in.Now)
	t.st.At, t.st.Dossier = atDossier, d.ID
	if s.Limited {
		t.say("status.plain", map[string]string{"code": code, "state": t.word(s.StateKey)}, core.ExpectAny, t.dossierOffers(d, owner)...)
		return
	}
	if !owner {
		next := ""
		if s.NextKey != "" {
			next = t.word(s.NextKey)
		}
		t.say("status.code", map[string]string{
			"code": code, "state": t.word(s.StateKey), "meaning": t.word(s.MeansKey), "due": t.due(s), "next": next,
		}, core.ExpectAny, t.dossierOffers(d, owner)...)
		return
	}
	t.say("status", map[string]string{
		"code": code, "tail": dossier.Tail(code), "name": s.Procedure.In(t.loc), "state": t.word(s.StateKey),
		"meaning": t.word(s.MeansKey), "holder": t.word("word.holder."+string(s.Holder), "office", t.e.officeName(s.Office, t.loc, false)),
		"office": t.e.officeName(s.Office, t.loc, t.short()), "due": t.due(s), "next": t.word(s.NextKey),
	}, core.ExpectAny, t.dossierOffers(d, owner)...)
}

// dossierOffers are the acts that fit a dossier now.
func (t *turn) dossierOffers(d core.Dossier, owner bool) []offer {
	var offers []offer
	if owner && d.State == core.StateSupplement {
		offers = append(offers, offer{act: "supplement", arg: string(d.ID), key: "choice.sendMissing"})
	}
	if owner && checking(d) {
		offers = append(offers, offer{act: "check", arg: string(d.ID), key: "choice.draftCheck"})
	}
	if t.resultReady(d) {
		offers = append(offers, offer{act: "result", arg: string(d.ID), key: "choice.result"})
	}
	if t.draft != nil {
		offers = append(offers, pick("continue", "choice.continue"))
	}
	if owner {
		offers = append(offers, offer{act: "history", arg: string(d.ID), key: "choice.history", mute: t.short()})
	}
	if owner && withdrawable(d) {
		offers = append(offers, offer{act: "withdraw", arg: string(d.ID), key: "choice.withdraw"})
	}
	return append(offers, humanOffer(), menuOffer())
}

// Lines of a history in one message.
const (
	maxHistory      = 12
	maxHistoryShort = 3
)

// history tells the applicant what happened to the dossier in view and when: by
// whose office, and never by whom there.
func (t *turn) history() {
	d := t.in.Found.Dossier
	if d == nil {
		t.mine()
		return
	}
	if !dossier.Owns(*d, t.viewer()) {
		t.st.At, t.st.Dossier = atDossier, d.ID
		t.say("history.none", nil, core.ExpectAny,
			offer{act: "dossier", arg: string(d.ID), key: "choice.track", mute: t.short()}, humanOffer(), menuOffer())
		return
	}
	events, most := t.in.Found.Timeline, maxHistory
	if t.short() {
		most = maxHistoryShort
	}
	var lines []string
	if more := len(events) - most; more > 0 {
		lines, events = append(lines, t.word("word.historyMore", "count", strconv.Itoa(more))), events[more:]
	}
	for _, e := range events {
		at := text.Date(e.At) + " " + text.Clock(e.At)
		if t.short() {
			at = text.Date(e.At)[:5]
		}
		lines = append(lines, t.word("word.historyLine", "at", at, "what", t.word(dossier.EventKey(e)), "who", t.by(e, d.Office)))
	}
	t.st.At, t.st.Dossier = atDossier, d.ID
	join := "\n"
	if t.short() {
		join = "; "
	}
	t.say("history", map[string]string{"code": d.Code, "tail": dossier.Tail(d.Code), "lines": strings.Join(lines, join)}, core.ExpectAny,
		offer{act: "dossier", arg: string(d.ID), key: "choice.track", mute: t.short()}, humanOffer(), menuOffer())
}

// by says who did something to a dossier: the applicant or the office.
func (t *turn) by(e core.DossierEvent, office string) string {
	switch e.Actor {
	case core.ActorCitizen, core.ActorAnonymous, core.ActorKiosk:
		return t.word("word.byCitizen")
	case core.ActorOfficer, core.ActorAgency:
		if o, ok := t.e.cat.OfficeForWard(office); ok {
			if t.loc == text.EN {
				return o.Ward.En
			}
			return o.Ward.FullName()
		}
	}
	return t.word("word.bySystem")
}

// due writes the date of a status, firm or expected.
func (t *turn) due(s dossier.Status) string {
	due := dueText(t.loc, s.DueAt, t.short())
	switch {
	case due == "":
		return ""
	case s.Firm:
		return t.rich("word.dueFirm", pairs([]string{"due", due}))
	}
	return t.rich("word.dueExpected", pairs([]string{"due", due}))
}

// dueText writes a moment by which something happens; "" for none.
func dueText(l text.Locale, at time.Time, short bool) string {
	switch {
	case at.IsZero():
		return ""
	case short:
		return text.DateShort(l, at) + " " + text.Clock(at)
	}
	return text.DateTimeLong(l, at)
}
