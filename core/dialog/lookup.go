package dialog

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
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

// officeIn shows the office of a place, or asks for the place.
func (t *turn) officeIn(place string) {
	t.st.At, t.st.Ward, t.st.Hits = atOffice, "", nil
	if place == "" {
		t.show()
		return
	}
	t.place(place)
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

// card shows a procedure: what it needs, what it costs, how long it takes.
func (t *turn) card(code string) {
	if _, ok := t.e.cat.Procedure(code); !ok {
		t.home()
		return
	}
	t.st.At, t.st.Procedure = atCard, code
	t.show()
}

func (t *turn) showCard() {
	p, ok := t.e.cat.Procedure(t.st.Procedure)
	if !ok {
		t.home()
		return
	}
	var offers []offer
	if t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	offers = append(offers, pick("papers", "choice.papers"), pick("office", "choice.where"))
	if t.draft != nil {
		offers = append(offers, pick("continue", "choice.continue"))
	}
	offers = append(offers, menuOffer())
	t.say("card", map[string]string{
		"name": t.name(p), "needs": t.needs(p), "fee": t.fee(p), "limit": t.limit(p.TimeLimit),
		"where": t.where(p), "tip": p.Tip.In(t.loc),
	}, core.ExpectAny, offers...)
}

// showPapers lists every paper with whether it is needed.
func (t *turn) showPapers() {
	p, ok := t.e.cat.Procedure(t.st.Procedure)
	if !ok {
		t.home()
		return
	}
	var lines []string
	for _, item := range t.e.cat.Checklist(p, nil) {
		if item.Requirement.Kind == catalog.KindForm || item.Need == catalog.NotNeeded {
			continue
		}
		line := item.Requirement.Name.In(t.loc)
		if t.short() {
			line = t.paperName(item.Requirement)
		}
		switch item.Need {
		case catalog.Maybe:
			line += " (" + t.word("word.maybe") + ")"
		case catalog.Alternative:
			line += " (" + t.word("word.alternative") + ")"
		}
		if note := item.Requirement.Note.In(t.loc); note != "" && !t.short() {
			line += ". " + note
		}
		lines = append(lines, line)
	}
	papers := t.list(lines)
	if papers == "" {
		papers = t.word("word.none")
	}
	var offers []offer
	if t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	t.say("card.papers", map[string]string{"name": t.name(p), "papers": papers, "inPerson": t.inPerson(p)}, core.ExpectAny,
		append(offers, pick("office", "choice.where"), menuOffer())...)
}

// inPerson says for which steps somebody must come.
func (t *turn) inPerson(p *catalog.Procedure) string {
	steps := make([]string, len(p.InPerson))
	for i, s := range p.InPerson {
		steps[i] = s.In(t.loc)
	}
	return strings.Join(steps, " ")
}

// canFile reports whether a procedure can be filed through this service.
func (t *turn) canFile(p *catalog.Procedure) bool {
	_, ok := t.e.cat.Form(p.Form)
	return ok && p.Registers()
}

func (t *turn) short() bool { return t.in.Caps.Variant == text.Short }

// list writes lines one under the other, or in a row where there is one line.
func (t *turn) list(lines []string) string {
	if t.short() {
		return strings.Join(lines, "; ")
	}
	for i, l := range lines {
		lines[i] = strconv.Itoa(i+1) + ". " + l
	}
	return strings.Join(lines, "\n")
}

func (t *turn) name(p *catalog.Procedure) string {
	if s := p.Short.In(t.loc); s != "" {
		return s
	}
	return p.Name.In(t.loc)
}

// paperName is what people call a paper.
func (t *turn) paperName(r *catalog.Requirement) string {
	if s := r.Short.In(t.loc); s != "" {
		return s
	}
	return r.Name.In(t.loc)
}

// needs lists the papers that everybody needs.
func (t *turn) needs(p *catalog.Procedure) string {
	var lines []string
	for _, item := range t.e.cat.Checklist(p, nil) {
		if item.Need == catalog.Needed && item.Requirement.Kind != catalog.KindForm {
			lines = append(lines, t.paperName(item.Requirement))
		}
	}
	return t.list(lines)
}

// fee says what is asked today of those who file here.
func (t *turn) fee(p *catalog.Procedure) string {
	channel := catalog.FileInPerson
	if t.canFile(p) {
		channel = catalog.FileOnline
	}
	fee := p.FeeAt(pack.DateOf(t.in.Now.In(core.City)), channel)
	switch {
	case len(fee.Items) > 0 && !t.short():
		var parts []string
		for _, item := range fee.Items {
			parts = append(parts, lowerFirst(item.Name.In(t.loc))+" "+t.money(item.Amount, item.Per))
		}
		return t.rich("word.fee", pairs([]string{"fee", strings.Join(parts, "; ")}))
	case fee.Amount > 0:
		return t.rich("word.fee", pairs([]string{"fee", t.money(fee.Amount, fee.Per)}))
	case fee.Verified:
		return t.word("word.free")
	case fee.Text.In(t.loc) != "" && !t.short():
		return t.rich("word.fee", pairs([]string{"fee", lowerFirst(strings.TrimRight(fee.Text.In(t.loc), "."))}))
	}
	return t.word("word.feeUnset")
}

// money writes an amount and what it is paid for.
func (t *turn) money(amount int64, per catalog.Bilingual) string {
	s := text.Money(t.loc, amount)
	if p := per.In(t.loc); p != "" {
		s += "/" + p
	}
	return s
}

// lowerFirst writes a sentence so that it can stand behind a colon.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func (t *turn) limit(l catalog.Limit) string {
	n := strconv.Itoa(l.Value)
	switch l.Unit {
	case catalog.UnitSameDay:
		return t.word("word.limitSameDay")
	case catalog.UnitHalfDay:
		return t.word("word.limitHalfDays", "count", n)
	case catalog.UnitWorkingDay:
		return t.word("word.limitWorkingDays", "count", n)
	case catalog.UnitHour:
		return t.word("word.limitHours", "count", n)
	case catalog.UnitMonth:
		return t.word("word.limitMonths", "count", n)
	}
	return t.word("word.limitDays", "count", n)
}

func (t *turn) where(p *catalog.Procedure) string {
	if p.Level == catalog.LevelCity {
		return t.rich("word.anyCity", map[string]string{"agency": p.AgencyName.In(t.loc)})
	}
	if p.Agency == catalog.AgencyPolice {
		return t.word("word.anyPolice")
	}
	return t.word("word.anyWard")
}

// place looks a ward up, by its present or a former name.
func (t *turn) place(raw string) bool {
	ps := t.e.cat.ResolvePlace(raw)
	switch {
	case len(ps) == 0 && t.st.At == atOffice:
		t.missed = true
		t.say("error.place.none", pairs([]string{"said", t.quote(raw, 40)}), core.ExpectText, humanOffer(), menuOffer())
		return true
	case len(ps) == 0:
		return false
	case len(ps) == 1:
		t.ward(ps[0].Code, oldName(ps[0]))
	default:
		t.st.Hits = nil
		for _, p := range ps[:min(len(ps), maxWards)] {
			t.st.Hits = append(t.st.Hits, p.Code)
		}
		t.st.At, t.st.Ward, t.st.Old = atWards, "", oldName(ps[0])
		t.show()
	}
	return true
}

func oldName(p catalog.Place) string {
	if p.Old {
		return p.Matched
	}
	return ""
}

func (t *turn) ward(code, old string) {
	t.st.At, t.st.Ward, t.st.Old = atWards, code, old
	t.show()
}

func (t *turn) showWards() {
	office, ok := t.e.cat.OfficeForWard(t.st.Ward)
	if !ok {
		var offers []offer
		for _, code := range t.st.Hits {
			if w, ok := t.e.cat.Ward(code); ok {
				offers = append(offers, offer{act: "ward", arg: code, label: form.Text{VI: w.FullName(), EN: w.En}})
			}
		}
		if len(offers) == 0 {
			t.st.At = atOffice
			t.show()
			return
		}
		t.say("office.many", nil, core.ExpectChoice, append(offers, menuOffer())...)
		return
	}
	ward := office.Ward.FullName()
	if t.loc == text.EN {
		ward = office.Ward.En
	}
	args := map[string]string{
		"ward": ward, "office": office.Name.In(t.loc), "old": t.st.Old, "hours": office.HoursText(t.loc), "assumed": "",
	}
	if a := office.Address.In(t.loc); a != "" {
		args["office"] += " · " + a
	}
	if office.HoursAssumed {
		args["assumed"] = t.word("word.hoursAssumed")
	}
	var offers []offer
	if p, ok := t.e.cat.Procedure(t.st.Procedure); ok && t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	t.say("office.found", args, core.ExpectAny, append(offers, pick("search", "choice.search"), menuOffer())...)
}

// officeName gives the name of the office of a ward code; "" when unknown.
func (e *Engine) officeName(ward string, l text.Locale, short bool) string {
	o, ok := e.cat.OfficeForWard(ward)
	switch {
	case !ok:
		return e.msg.Text(l, text.Rich, "word.anyWard", nil)
	case short && l == text.EN:
		return o.Ward.En
	case short:
		return shortWard(o.Ward)
	}
	return o.Name.In(l)
}

// shortWard writes a unit the way people do on a form: "P.Sài Gòn".
func shortWard(w catalog.Ward) string {
	switch w.Kind {
	case catalog.WardXa:
		return "X." + w.Name
	case catalog.WardZone:
		return "DK." + w.Name
	}
	return "P." + w.Name
}

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

func (t *turn) unknownDossier(code string) {
	t.missed = true
	if t.filling() {
		t.lead(t.rich("error.dossier.unknown", pairs([]string{"code", code})))
		t.show()
		return
	}
	t.st.At = atTrack
	t.say("error.dossier.unknown", pairs([]string{"code", code}), core.ExpectText, humanOffer(), menuOffer())
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
	offers := t.draftOffers(drafts)
	for _, d := range own[:min(len(own), maxDossiers)] {
		vi, en := "…"+dossier.Tail(d.Code), "…"+dossier.Tail(d.Code)
		if p, ok := t.e.cat.Procedure(d.ProcedureCode); ok && !d.Confidential {
			vi, en = vi+" "+p.Short.Vi, en+" "+p.Short.En
		}
		day := " " + d.SubmittedAt.In(core.City).Format("02/01")
		offers = append(offers, offer{act: "dossier", arg: string(d.ID), label: form.Text{VI: vi + day, EN: en + day}})
	}
	t.say("status.list", pairs([]string{"count", strconv.Itoa(len(own) + len(drafts))}), core.ExpectChoice, append(offers, menuOffer())...)
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
	t.say("status", map[string]string{
		"code": code, "tail": dossier.Tail(code), "name": s.Procedure.In(t.loc), "state": t.word(s.StateKey),
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
	if owner && withdrawable(d) {
		offers = append(offers, offer{act: "withdraw", arg: string(d.ID), key: "choice.withdraw"})
	}
	return append(offers, humanOffer(), menuOffer())
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
