package dialog

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// albumQuietAfter is how long an album may be silent before it counts as whole.
const albumQuietAfter = 1500 * time.Millisecond

// target is the paper that pages are being sent for.
type target struct {
	dossier core.ID // of a supplement; "" = the draft
	key     string  // requirement
	round   int
}

// collecting gives the paper that is asked for now.
func (t *turn) collecting() (target, bool) {
	switch t.st.At {
	case atStep:
		if s := t.step(); s.Kind == dossier.StepPaper {
			return target{key: s.Key}, true
		}
	case atMissing, atHandIn:
		if keys, round := t.missingPapers(); len(keys) > 0 {
			return target{dossier: t.st.Dossier, key: keys[min(t.st.Item, len(keys)-1)], round: round}, true
		}
	}
	return target{}, false
}

// media takes files in as pages of the paper that is asked for. The answer
// follows when they have their verdicts.
func (t *turn) media() {
	// An album has one answer, also when nothing of it was taken.
	if g := t.in.Event.Group; g != "" && g == t.st.Group && t.st.Count == 0 {
		return
	}
	// Who reads that one paper is missing sends it, without a press before; of
	// several the first is asked for.
	if keys, _ := t.missingPapers(); len(keys) > 0 && t.in.Caps.MediaIn && (t.st.At == atSupplement || t.st.At == atDossier) {
		if len(keys) > 1 {
			t.st.Group, t.st.Count = t.in.Event.Group, 0
			t.sendMissing()
			return
		}
		t.st.At, t.st.Item = atMissing, 0
	}
	tg, ok := t.collecting()
	switch {
	case len(t.in.Event.Media) == 0 && t.in.Caps.MediaIn:
		t.missed = true
		t.leadWord("word.unreadable")
		t.show()
		return
	case !t.in.Caps.MediaIn:
		t.missed = true
		t.leadWord("word.noMediaHere")
		t.show()
		return
	case !ok:
		t.st.Group, t.st.Count = t.in.Event.Group, 0
		t.pictureUnasked()
		return
	}
	ev := t.in.Event
	if ev.Group == "" || ev.Group != t.st.Group {
		t.st.Group, t.st.Count, t.st.Quiet = ev.Group, 0, ev.Group == ""
	}
	add := AddPages{DossierID: tg.dossier, Requirement: tg.key, Round: tg.round, Group: ev.Group}
	if tg.dossier == "" {
		add.DraftID = t.draft.ID
		t.st.Paged = true
	}
	for _, m := range ev.Media {
		id := t.in.NewID()
		add.Pages = append(add.Pages, NewPage{ID: id, Media: m})
		t.st.Pending = append(t.st.Pending, id)
	}
	t.st.Count += len(ev.Media)
	t.st.For, t.st.PagesOf = tg.key, tg.dossier
	t.command(add)
	if ev.Group != "" {
		t.command(Timer{After: albumQuietAfter, Event: core.EventQuiet, Group: ev.Group, Seq: t.st.Count})
	}
	t.leading = ""
	t.out.Progress = true
}

// albumQuiet closes an album unless another page came meanwhile.
func (t *turn) albumQuiet() {
	if ev := t.in.Event; ev.Group == "" || ev.Group != t.st.Group || ev.Seq != t.st.Count {
		return
	}
	t.st.Quiet = true
	t.settle()
}

// pageReady notes a verdict.
func (t *turn) pageReady() {
	if slices.Contains(t.st.Pending, t.in.Event.PageID) {
		t.settle()
	}
}

// settle answers once for all pages that came together, when the album is whole
// and every one of them has its verdict.
func (t *turn) settle() {
	if len(t.st.Pending) == 0 || !t.st.Quiet {
		return
	}
	var good int
	var bad []string
	for n, id := range t.st.Pending {
		page, ok := t.page(id)
		switch {
		case !ok:
			continue
		case page.State == core.PagePending:
			return
		case page.State == core.PageReady:
			good += max(1, page.Count)
		case page.State == core.PageRejected:
			bad = append(bad, t.rich("word.pageBad", map[string]string{
				"page": strconv.Itoa(n + 1), "reason": t.e.msg.Why(t.loc, page.Reason, nil),
			}))
		}
	}
	done := t.st.Done
	key, dossierID := t.st.For, t.st.PagesOf
	t.resetPages()
	if len(bad) > 0 {
		t.st.Bad++
	} else {
		t.st.Bad = 0
	}
	tg, open := t.collecting()
	if !open || tg.key != key || tg.dossier != dossierID {
		// The person went on to something else: the pages are kept, and what was
		// refused is said without disturbing the open question.
		if len(bad) > 0 {
			t.lead(strings.Join(bad, " "))
			t.show()
		}
		return
	}
	stand := vault.StandOf(t.in.Found.Papers, tg.key, tg.round)
	switch {
	case len(bad) > 0:
		t.sayPages("paper.bad", tg, map[string]string{
			"got": count(good), "reasons": strings.Join(bad, "\n"), "pages": count(stand.Pages), "paper": t.requirementName(tg.key),
		})
	case tg.dossier != "":
		t.missingGot(tg, stand)
	case t.single(tg.key) && stand.Files > 0, done && stand.Files > 0:
		t.paperDone(tg.key)
	default:
		total := ""
		if stand.Pages > good {
			total = strconv.Itoa(stand.Pages)
		}
		t.sayPages("paper.got", tg, map[string]string{"got": strconv.Itoa(good), "pages": total})
	}
}

// count writes a number that is left out when it is 0.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// page finds a page among the papers that were loaded.
func (t *turn) page(id core.ID) (core.Page, bool) {
	for _, p := range t.in.Found.Papers {
		for _, page := range p.Pages {
			if page.ID == id {
				return page, true
			}
		}
	}
	return core.Page{}, false
}

func (t *turn) resetPages() {
	t.st.Pending, t.st.Group, t.st.Count, t.st.Quiet, t.st.Done = nil, "", 0, false, false
	t.st.For, t.st.PagesOf = "", ""
}

// sayPages says something about the pages of a paper and offers what follows.
func (t *turn) sayPages(key string, tg target, args map[string]string) {
	var offers []offer
	if stand := vault.StandOf(t.in.Found.Papers, tg.key, tg.round); stand.Files > 0 {
		offers = append(offers, pick("done", "choice.done"), pick("undo", "choice.undo"))
	}
	t.say(key, args, core.ExpectMedia, append(offers, backOffer(), menuOffer())...)
}

// showPaper asks for the pages of a paper.
func (t *turn) showPaper(s dossier.Step) {
	if !t.in.Caps.MediaIn {
		t.showAway(s)
		return
	}
	args := numbers(s, map[string]string{
		"i": strconv.Itoa(s.Nth), "m": strconv.Itoa(s.Of), "paper": t.paperName(s.Paper), "note": s.Paper.Note.In(t.loc),
	})
	tg := target{key: s.Key}
	switch {
	case len(t.st.Pending) > 0 && t.st.For == s.Key:
		t.say("paper.checking", nil, core.ExpectMedia, backOffer(), menuOffer())
	case s.Stand.Files > 0:
		args["pages"] = strconv.Itoa(s.Stand.Pages)
		t.sayPages("paper.more", tg, args)
	default:
		var offers []offer
		if s.Optional {
			offers = append(offers, pick("skip", "choice.skip"))
		} else {
			offers = append(offers, pick("noPaper", "choice.noPaper"))
		}
		t.say("paper", args, core.ExpectMedia, append(offers, pick("move", "choice.move"), backOffer(), menuOffer())...)
	}
}

// openPapers lists the papers that are still to come.
func (t *turn) openPapers() []dossier.Step {
	var out []dossier.Step
	for _, s := range t.app.Steps(t.in.Found.Papers) {
		if s.Kind == dossier.StepPaper && (!s.Done || stepID(s.Kind, s.Key) == t.st.Step) {
			out = append(out, s)
		}
	}
	return out
}

// showAway offers the ways a paper can come where no picture can be sent.
func (t *turn) showAway(s dossier.Step) {
	var names []string
	optional := true
	for _, p := range t.openPapers() {
		names = append(names, t.paperName(p.Paper))
		optional = optional && p.Optional
	}
	offers := []offer{pick("link", "choice.link"), pick("move", "choice.move")}
	if optional {
		offers = append(offers, pick("later", "choice.later"))
	}
	t.say("paper.away", numbers(s, map[string]string{"count": strconv.Itoa(len(names)), "papers": strings.Join(names, ", ")}),
		core.ExpectChoice, append(offers, backOffer(), menuOffer())...)
}

// laterPapers passes over every optional paper that is still open.
func (t *turn) laterPapers() {
	for _, s := range t.openPapers() {
		if s.Optional {
			if err := t.app.PaperSkip(s.Key, t.author()); err == nil {
				t.change()
			}
		}
	}
	t.next()
}

// requirement finds a paper of the draft or dossier in view.
func (t *turn) requirement(key string) (*catalog.Requirement, bool) {
	code := ""
	switch {
	case t.st.At == atStep && t.app != nil:
		code = t.app.Procedure.Code
	case t.in.Found.Dossier != nil:
		code = t.in.Found.Dossier.ProcedureCode
	}
	p, ok := t.e.cat.Procedure(code)
	if !ok {
		return nil, false
	}
	return t.e.cat.Paper(p, key)
}

// requirementName gives the name of a paper of the draft or dossier in view.
func (t *turn) requirementName(key string) string {
	if r, ok := t.requirement(key); ok {
		return t.paperName(r)
	}
	return key
}

// single reports whether a paper is one picture, so that the picture closes it.
func (t *turn) single(key string) bool {
	r, ok := t.requirement(key)
	return ok && r.Single
}

// done closes a paper.
func (t *turn) done() bool {
	tg, ok := t.collecting()
	if !ok {
		return false
	}
	stand := vault.StandOf(t.in.Found.Papers, tg.key, tg.round)
	switch {
	case len(t.st.Pending) > 0:
		t.st.Done = true
		t.say("paper.checking", nil, core.ExpectMedia, backOffer(), menuOffer())
	case stand.Files == 0:
		t.missed = true
		t.leadWord("word.noPages")
		t.show()
	case tg.dossier != "":
		t.nextMissing()
	default:
		t.paperDone(tg.key)
	}
	return true
}

func (t *turn) paperDone(key string) {
	stand := vault.StandOf(t.in.Found.Papers, key, 0)
	if stand.Pages > 1 && t.single(key) {
		// Submit would refuse it; here the picture too many can still be taken back.
		t.missed = true
		t.lead(t.e.msg.Why(t.loc, "error.paper.single", nil))
		t.show()
		return
	}
	if err := t.app.PaperDone(key, t.author()); err != nil {
		t.missed = true
		t.lead(t.violation(firstViolation(err)))
		t.show()
		return
	}
	t.lead(t.rich("word.paperTaken", map[string]string{"paper": t.requirementName(key), "pages": strconv.Itoa(stand.Pages)}))
	t.resetPages()
	t.change()
	t.next()
}

// undo takes the last page of the open paper back.
func (t *turn) undo() bool {
	tg, ok := t.collecting()
	if !ok {
		return false
	}
	var last core.ID
	for _, p := range t.in.Found.Papers {
		if p.Requirement == tg.key && p.Round == tg.round {
			if pages := vault.Live(p); len(pages) > 0 {
				last = pages[len(pages)-1].ID
			}
		}
	}
	if last == "" {
		t.missed = true
		t.leadWord("word.noPages")
		t.show()
		return true
	}
	t.command(RemovePage{PageID: last})
	t.forget(last)
	t.st.Pending = slices.DeleteFunc(t.st.Pending, func(id core.ID) bool { return id == last })
	t.out.Progress = true
	t.leadWord("word.pageGone")
	t.show()
	return true
}

// forget marks a page as removed in this turn's own copy of the papers.
func (t *turn) forget(id core.ID) {
	papers := slices.Clone(t.in.Found.Papers)
	for i, p := range papers {
		papers[i].Pages = slices.Clone(p.Pages)
		for j := range papers[i].Pages {
			if papers[i].Pages[j].ID == id {
				papers[i].Pages[j].State = core.PageRemoved
			}
		}
	}
	t.in.Found.Papers = papers
}

// entropy hands a turn's random bytes out as a reader.
type entropy func(n int) []byte

func (e entropy) Read(p []byte) (int, error) { return copy(p, e(len(p))), nil }

// link gives an upload link for the papers of the draft.
func (t *turn) link() bool {
	if t.st.At == atSupplement || t.st.At == atMissing {
		t.supplementLink()
		return true
	}
	if t.draft == nil {
		return false
	}
	token, err := identity.NewLinkToken(entropy(t.in.Random))
	if err != nil {
		return false
	}
	t.st.Paged = true
	t.command(CreateLink{Token: token, DraftID: t.draft.ID, ExpiresAt: t.in.Now.Add(identity.LinkLife)})
	t.out.Progress = true
	t.tell("link.given", map[string]string{"link": t.url(token)})
	return true
}

// url writes an upload link.
func (t *turn) url(token string) string { return strings.TrimRight(t.in.BaseURL, "/") + "/u/" + token }

// move gives a code with which the draft goes on somewhere else.
func (t *turn) move() bool {
	if t.draft == nil {
		return false
	}
	code, err := identity.NewHandOffCode(entropy(t.in.Random))
	if err != nil {
		return false
	}
	t.st.Paged = true // the other device may send pages
	t.command(CreateHandOff{Code: code, DraftID: t.draft.ID})
	t.out.Progress = true
	t.tell("handoff.given", map[string]string{
		"code": identity.FormatHandOff(code), "until": text.Clock(t.in.Now.Add(identity.HandOffLife)),
	}, core.Choice{ID: navPrefix + "continue", Key: "choice.continue"})
	return true
}

// redeem takes a draft over from another device. It reports false when the text
// is better read as something else.
func (t *turn) redeem(code string) bool {
	h, d := t.in.Found.HandOff, t.in.Found.HandOffDraft
	key := ""
	switch {
	case h == nil || d == nil:
		key = "error.handoff.unknown"
	case !h.UsedAt.IsZero():
		key = "error.handoff.used"
	case !t.in.Now.Before(h.ExpiresAt):
		key = "error.handoff.expired"
	case d.State != core.DraftOpen:
		key = "error.draft.closed"
	}
	if key != "" {
		t.missed = true
		if t.filling() {
			t.lead(t.e.msg.Why(t.loc, key, nil))
			t.show()
			return true
		}
		t.st.At = atHome
		t.say(key, nil, core.ExpectAny, t.homeOffers()...)
		return true
	}
	t.in.Found.Papers = t.in.Found.HandOffPages
	if !t.swap(*d) {
		return false
	}
	if t.in.Row.Conversation.DraftID != d.ID || h.FromConv != t.conv.ID {
		t.command(RedeemHandOff{Code: code, DraftID: d.ID})
	}
	t.st.Paged = true
	t.changed = false // the service that redeems the code saves the draft
	done, total := t.app.Progress(t.in.Found.Papers)
	t.out.Progress = true
	t.lead(t.rich("word.taken", map[string]string{
		"name": t.name(t.app.Procedure), "done": strconv.Itoa(done), "total": strconv.Itoa(total),
	}))
	t.next()
	return true
}

// moved says that the draft goes on somewhere else.
func (t *turn) moved() {
	if t.draft == nil || t.in.Event.DraftID != t.draft.ID {
		return
	}
	t.resetPages()
	t.st.At = atCancelled
	t.say("moved", nil, core.ExpectAny, pick("continue", "choice.continue"), menuOffer())
}

// uploaded goes on after an upload page was finished.
func (t *turn) uploaded() {
	if t.in.Event.DossierID != "" {
		t.supplementUploaded()
		return
	}
	if t.draft == nil || t.in.Event.DraftID != t.draft.ID {
		return
	}
	// The page takes every paper of the case, also one in the place of another that
	// would be asked for first.
	papers, pages := 0, 0
	for _, item := range t.app.Papers() {
		key := item.Requirement.Key
		stand := vault.StandOf(t.in.Found.Papers, key, 0)
		if stand.Files == 0 {
			continue
		}
		papers++
		pages += stand.Pages
		if !t.app.Answers().Papers[key].Done {
			if err := t.app.PaperDone(key, t.author()); err == nil {
				t.change()
			}
		}
	}
	t.leadWord("word.uploaded", "count", strconv.Itoa(papers), "pages", strconv.Itoa(pages))
	t.next()
}
