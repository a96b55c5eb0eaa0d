package dialog

import (
	"slices"
	"strings"
	"sync"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
)

// Engine holds conversations. It is immutable and safe for concurrent use.
type Engine struct {
	cat      *catalog.Catalog
	svc      *dossier.Service
	msg      *text.Catalogue
	commands *commands
	words    sync.Map // message key → folded forms of the label ([]string)
}

// wordsOf gives what a person may type for a choice with a label of the pack. The
// labels never change, and folding them is most of the work of a menu.
func (e *Engine) wordsOf(key string) []string {
	if w, ok := e.words.Load(key); ok {
		return w.([]string)
	}
	var labels []string
	for _, l := range text.Locales() {
		labels = append(labels, e.msg.Text(l, text.Rich, key, nil), e.msg.Text(l, text.Short, key, nil))
	}
	w := folded(labels)
	e.words.Store(key, w)
	return w
}

func folded(labels []string) []string {
	var out []string
	for _, l := range labels {
		if f := text.FoldExact(l); f != "" && !slices.Contains(out, f) && len(f) <= 80 {
			out = append(out, f)
		}
	}
	return slices.Clip(out) // shared: whoever appends must copy
}

// New makes an Engine over a catalogue of procedures and the rules of dossiers.
func New(cat *catalog.Catalog, svc *dossier.Service) *Engine {
	return &Engine{
		cat: cat, svc: svc, msg: cat.Messages(),
		commands: compileCommands(cat.Keywords()),
	}
}

// Want tells what Turn will need for this event. It may ask for more than the
// turn then uses, never for less.
func (e *Engine) Want(row core.TurnRow, ev core.Event, caps core.Capabilities) Want {
	st := readState(row.Conversation)
	var w Want
	switch ev.Kind {
	case core.EventText:
		e.wantText(&w, row, st, ev.Text)
	case core.EventChoice:
		e.wantChoice(&w, row, st, ev.ChoiceID)
	case core.EventStart:
		e.wantStart(&w, ev.Text)
	case core.EventMedia:
		if code, ok := dossier.FindCode(ev.Text); ok && !aboutDossier(st.At) {
			w.DossierCode = code.String()
		}
	case core.EventDossier:
		w.DossierID, w.Line = ev.DossierID, ev.Seq
	case core.EventCosign:
		w.Cosigns = true
	case core.EventUploaded:
		w.DossierID = ev.DossierID
	case core.EventPage, core.EventQuiet:
		w.DossierID = st.PagesOf
	}
	if w.empty() && st.Dossier != "" && aboutDossier(st.At) {
		w.DossierID = st.Dossier
	}
	if w.empty() && st.At == atList {
		w.Mine = true
	}
	if w.Mine {
		wantDrafts(&w, st)
	}
	w.Papers = row.Draft != nil && w.DossierID == "" && (st.Paged || ev.Kind == core.EventPage || ev.Kind == core.EventUploaded)
	return w
}

// aboutDossier reports whether a place shows a dossier that must be read again.
func aboutDossier(at place) bool {
	switch at {
	case atDossier, atSupplement, atMissing, atHandIn, atWithdraw, atDraft, atDraftWrong:
		return true
	}
	return false
}

// wantDrafts asks for what the person has begun and not finished.
func wantDrafts(w *Want, st state) {
	w.OpenDrafts = true
	for _, a := range st.Aside {
		w.Drafts = append(w.Drafts, a.ID)
	}
}

// noDraft reports whether no draft is open in the conversation.
func noDraft(row core.TurnRow) bool { return row.Draft == nil || row.Draft.State != core.DraftOpen }

func (e *Engine) wantText(w *Want, row core.TurnRow, st state, raw string) {
	if m, ok := e.match(raw); ok {
		switch m.verb {
		case verbContinue:
			if noDraft(row) {
				wantDrafts(w, st)
			}
		case verbResult:
			if o, ok := st.byAct("result"); ok && m.arg == "" {
				w.DossierID = core.ID(o.Arg)
				return
			}
			w.Mine = m.arg == ""
			wantReference(w, m.arg)
		case verbHistory:
			w.DossierID, w.Mine = st.Dossier, st.Dossier == ""
		case verbStatus, verbWithdraw, verbAnswer:
			w.Mine = m.arg == ""
			wantReference(w, m.arg)
		case verbConsent:
			w.Mine, w.Cosigns = !st.FiledAt.IsZero(), m.arg != ""
		case verbDecline:
			w.Cosigns = true
		case verbHuman:
			w.Person = true
		}
		return
	}
	if code, ok := dossier.FindCode(raw); ok {
		w.DossierCode = code.String()
		return
	}
	if code, ok := identity.ParseHandOff(raw); ok {
		w.HandOffCode = code
		return
	}
	if tail, ok := dossier.ParseTail(raw); ok && !asking(st.At) {
		w.CodeTail = tail
		return
	}
	if o, ok, _ := st.byText(raw); ok {
		wantOption(w, row, st, o)
	}
}

func (e *Engine) wantChoice(w *Want, row core.TurnRow, st state, id string) {
	if ref, ok := strings.CutPrefix(id, navPrefix); ok {
		if _, dossierID, ok := strings.Cut(ref, "."); ok && core.ValidID(dossierID) {
			w.DossierID = core.ID(dossierID)
		} else if id == navPrefix+"continue" && noDraft(row) {
			wantDrafts(w, st)
		}
		w.Person = id == navHuman
		return
	}
	if o, ok := st.byID(id); ok {
		wantOption(w, row, st, o)
		return
	}
	w.Mine = !st.FiledAt.IsZero()
}

func wantOption(w *Want, row core.TurnRow, st state, o option) {
	switch o.Act {
	case "mine", "track":
		w.Mine = true
	case "dossier", "supplement", "withdraw", "result", "check", "history":
		w.DossierID = core.ID(o.Arg)
	case "draft":
		w.DraftID = core.ID(o.Arg)
	case "continue":
		if noDraft(row) {
			wantDrafts(w, st)
		}
	case "human", "noPaper":
		w.Person = true
	case "new":
		if len(st.Aside) >= maxAside {
			wantDrafts(w, st)
		}
	}
}

// wantReference reads a code or its last digits.
func wantReference(w *Want, s string) {
	if code, ok := dossier.FindCode(s); ok {
		w.DossierCode = code.String()
	} else if tail, ok := dossier.ParseTail(s); ok {
		w.CodeTail = tail
	}
}

// wantStart reads the payload of a deep link: "t" and a hand-off code.
func (e *Engine) wantStart(w *Want, payload string) {
	if code, ok := startCode(payload); ok {
		w.HandOffCode = code
	}
}

func startCode(payload string) (string, bool) {
	payload = strings.TrimSpace(payload)
	if code, ok := identity.ParseHandOff(strings.TrimPrefix(payload, "t")); ok {
		return code, true
	}
	return identity.ParseHandOff(payload)
}

// asking reports whether a typed number may be an answer.
func asking(at place) bool { return at == atStep || at == atDoubt || at == atValues }

// Turn decides what one event leads to. It is a pure function of its input: the
// same input gives the same output, and no input makes it panic.
func (e *Engine) Turn(in Input) Output {
	t := newTurn(e, in)
	t.run()
	return t.finish()
}

// Sorry is what is said when an event could not be handled.
func (e *Engine) Sorry(row core.TurnRow) core.Prompt {
	loc := locale(row.Conversation.Locale)
	return core.Prompt{Key: "error.internal", Locale: loc, Args: map[string]string{}, Choices: []core.Choice{
		{ID: navHuman, Key: "choice.human"}, {ID: navMenu, Digit: "0", Key: "choice.menu"},
	}}
}

// FillSubmitted puts what only the transaction knows into the prompt that
// announces it: code and due date after a submission, a supplement or a
// withdrawal.
func (e *Engine) FillSubmitted(p *core.Prompt, d core.Dossier) {
	if p.Args == nil {
		p.Args = map[string]string{}
	}
	short := p.Args["variant"] == text.Short
	delete(p.Args, "variant")
	p.Args["code"] = d.Code
	p.Args["tail"] = dossier.Tail(d.Code)
	switch p.Key {
	case "submitted":
		if p.Args["due"] = dueText(p.Locale, d.ExpectedAt, false); short && !d.ExpectedAt.IsZero() {
			p.Args["due"] = text.DateShort(p.Locale, d.ExpectedAt)
		}
		if p.Args["office"] == "" {
			p.Args["office"] = e.officeName(d.Office, p.Locale, short)
		}
	case "supplement.done":
		p.Args["due"] = ""
		if due := dueText(p.Locale, d.DueAt, short); due != "" {
			p.Args["due"] = e.msg.Text(p.Locale, text.Rich, "word.dueFirm", map[string]string{"due": due})
		}
	}
}

func locale(s string) text.Locale {
	if s == text.EN {
		return text.EN
	}
	return text.VI
}
