package dialog_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// The channels of the tests, as data.
func richCaps() core.Capabilities {
	return core.Capabilities{MaxText: 4096, Buttons: 10, Variant: text.Rich, Accents: true, MediaIn: true, Private: true, Contact: true, Pushes: true}
}

func shortCaps() core.Capabilities {
	return core.Capabilities{MaxText: 1600, Variant: text.Short, ConsentCode: true, Pushes: true}
}

// world is a store of one city, small enough to be read: it applies what turns
// decide, so that whole conversations can be played.
type world struct {
	t       testing.TB
	engine  *dialog.Engine
	svc     *dossier.Service
	msg     *text.Catalogue
	now     time.Time
	ids     uint64
	numbers int

	drafts      map[core.ID]core.Draft
	papers      []core.Paper
	dossiers    []core.Dossier
	supplements map[core.ID]core.Supplement
	timeline    map[core.ID][]core.DossierEvent
	handOffs    map[string]core.HandOff
	newest      string // hand-off code
	links       []dialog.CreateLink
	timers      []dialog.Timer
	asked       []dialog.AskPerson
	noticesOff  bool
	cosigns     []dialog.Cosign
	draftWords  []string // what was said to be wrong with drafts of results
}

var readPack = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) })

// loadPack gives the embedded pack. It is immutable, so the tests share it.
func loadPack(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := readPack()
	if err != nil {
		t.Fatalf("the pack: %v", err)
	}
	return cat
}

func newWorld(t testing.TB, cat *catalog.Catalog, now time.Time) *world {
	svc := dossier.New(cat)
	return &world{
		t: t, engine: dialog.New(cat, svc), svc: svc, msg: cat.Messages(), now: now,
		drafts: map[core.ID]core.Draft{}, supplements: map[core.ID]core.Supplement{},
		timeline: map[core.ID][]core.DossierEvent{}, handOffs: map[string]core.HandOff{},
	}
}

// id makes ids that are the same in every run.
func (w *world) id() core.ID {
	w.ids++
	return core.ID(fmt.Sprintf("00000000-0000-7000-8000-%012x", w.ids))
}

// random gives bytes that are the same in every run and differ from call to call.
func (w *world) random(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		w.ids++
		out[i] = byte(w.ids * 2654435761 >> 7)
	}
	return out
}

// talk is one conversation in a world.
type talk struct {
	w     *world
	caps  core.Capabilities
	conv  core.Conversation
	addr  core.Address
	last  []core.Prompt // of the last turn that said something
	said  string        // the same, as read
	all   []dialog.Command
	steps int
}

func (w *world) talk(channel string, caps core.Capabilities) *talk {
	addr := core.Address{ID: w.id(), Channel: channel, Account: "main", Assurance: core.AssuranceAddress}
	return &talk{w: w, caps: caps, addr: addr, conv: core.Conversation{ID: w.id(), AddressID: addr.ID, Channel: channel, Account: "main", Locale: text.VI}}
}

// event plays one turn the way the gateway does.
func (c *talk) event(ev core.Event) dialog.Output {
	w := c.w
	ev.Channel, ev.Account, ev.External = c.conv.Channel, "main", "x"
	c.steps++
	ev.ID = strconv.Itoa(c.steps)
	row := core.TurnRow{Address: c.addr, Conversation: c.conv}
	row.Address.NoNotices = w.noticesOff
	if d, ok := w.drafts[c.conv.DraftID]; ok {
		row.Draft = &d
	}
	in := dialog.Input{
		Event: ev, Row: row, Caps: c.caps, Now: w.now, NewID: w.id, Random: w.random, BaseURL: "https://dvc.example",
		Found: w.find(row, w.engine.Want(row, ev, c.caps)),
	}
	out := w.engine.Turn(in)
	c.lawful(ev, out)
	c.conv = out.Conversation
	c.conv.Version++
	c.conv.UpdatedAt = w.now
	if out.Draft != nil {
		d := *out.Draft
		d.Version++
		w.drafts[d.ID] = d
	}
	for _, cmd := range out.Commands {
		w.apply(c, cmd, out.Prompts)
	}
	c.all = append(c.all, out.Commands...)
	if len(out.Prompts) > 0 {
		c.last = out.Prompts
	}
	return out
}

// lawful checks what must hold of every turn.
func (c *talk) lawful(ev core.Event, out dialog.Output) {
	t := c.w.t
	for _, p := range out.Prompts {
		if !c.w.msg.Has(p.Key) {
			t.Errorf("there is no message %q", p.Key)
		}
		for _, name := range c.w.msg.Required(p.Locale, p.Key) {
			if _, ok := p.Args[name]; !ok {
				t.Errorf("%s lacks the argument %s", p.Key, name)
			}
		}
		short := c.w.msg.Text(p.Locale, text.Short, p.Key, p.Args)
		if n, ok := text.Septets(short); c.caps.Variant == text.Short && (!ok || n > 160) {
			t.Errorf("%s takes %d septets: %s", p.Key, n, short)
		}
		seen := map[string]bool{}
		for _, ch := range p.Choices {
			if ch.ID == "" || len(ch.ID) > 64 || seen[ch.ID] || ch.Digit != "" && seen["#"+ch.Digit] {
				t.Errorf("%s: the choice %+v has a bad or repeated id or digit", p.Key, ch)
			}
			seen[ch.ID], seen["#"+ch.Digit] = true, true
			if ch.Key != "" && !c.w.msg.Has(ch.Key) || ch.Key == "" && ch.Label == "" {
				t.Errorf("%s: the choice %+v has no label", p.Key, ch)
			}
		}
	}
	for _, cmd := range out.Commands {
		if _, ok := cmd.(dialog.Submit); ok && !consents(ev, c.caps) {
			t.Errorf("a dossier is filed without the legal words: %s %q", ev.Kind, ev.Text)
		}
	}
	if ev.Kind == core.EventText && len(out.Prompts) == 0 && !(out.Quiet && c.caps.Variant == text.Short) {
		t.Errorf("no answer to %q", ev.Text)
	}
	said := c.show(out.Prompts)
	if ev.Kind == core.EventText && said == c.said && !out.Quiet {
		t.Errorf("the same sentence twice in a row after %q:\n%s", ev.Text, said)
	}
	if said != "" {
		c.said = said
	}
	if n := len(out.Conversation.State); n > 20_000 {
		t.Errorf("the state has grown to %d bytes", n)
	}
}

// consents reports whether an event can be the legal consent of a channel: the
// words, with four digits where the channel needs them, or the button.
func consents(ev core.Event, caps core.Capabilities) bool {
	folded := text.Fold(ev.Text)
	words := strings.HasPrefix(folded, "dong y") || strings.Contains(folded, "agree")
	if caps.ConsentCode {
		return ev.Kind == core.EventText && words && len(text.Digits(ev.Text)) == 4
	}
	return ev.Kind == core.EventChoice || words
}

func (w *world) find(row core.TurnRow, want dialog.Want) (f dialog.Found) {
	if want.Papers && row.Draft != nil {
		f.Papers = w.papersOf(row.Draft.ID, "")
	}
	if want.Mine || want.CodeTail != "" {
		for _, d := range w.dossiers {
			if d.ConvID == row.Conversation.ID {
				f.Dossiers = append([]core.Dossier{d}, f.Dossiers...)
			}
		}
	}
	for _, d := range w.dossiers {
		if want.DossierID != d.ID && (want.DossierCode == "" || want.DossierCode != d.Code) {
			continue
		}
		f.Dossier = &d
		if d.ConvID == row.Conversation.ID {
			if s, ok := w.supplements[d.ID]; ok {
				f.Supplement = &s
			}
			f.Timeline = w.timeline[d.ID]
			if f.Papers == nil {
				f.Papers = w.papersOf("", d.ID)
			}
		}
	}
	if want.DossierCode != "" && f.Dossier == nil {
		f.Dossiers = w.find(row, dialog.Want{Mine: true}).Dossiers
	}
	if want.Cosigns {
		f.Cosigns = w.cosigns
	}
	for _, id := range want.Drafts {
		if d, ok := w.drafts[id]; ok {
			f.Drafts = append(f.Drafts, d)
		}
	}
	if d, ok := w.drafts[want.DraftID]; ok {
		f.Draft, f.DraftPages = &d, w.papersOf(d.ID, "")
	}
	if h, ok := w.handOffs[want.HandOffCode]; ok {
		d := w.drafts[h.DraftID]
		f.HandOff, f.HandOffDraft, f.HandOffPages = &h, &d, w.papersOf(d.ID, "")
	}
	return f
}

func (w *world) papersOf(draft, dossierID core.ID) []core.Paper {
	var out []core.Paper
	for _, p := range w.papers {
		if draft != "" && p.DraftID == draft || dossierID != "" && p.DossierID == dossierID {
			p.Pages = slices.Clone(p.Pages)
			out = append(out, p)
		}
	}
	return out
}

func (w *world) paper(draft, dossierID core.ID, key string, round int) *core.Paper {
	for i := range w.papers {
		p := &w.papers[i]
		if p.DraftID == draft && p.DossierID == dossierID && p.Requirement == key && p.Round == round {
			return p
		}
	}
	w.papers = append(w.papers, core.Paper{ID: w.id(), DraftID: draft, DossierID: dossierID, Requirement: key, Round: round})
	return &w.papers[len(w.papers)-1]
}

func (w *world) page(id core.ID) *core.Page {
	for i := range w.papers {
		for j := range w.papers[i].Pages {
			if w.papers[i].Pages[j].ID == id {
				return &w.papers[i].Pages[j]
			}
		}
	}
	w.t.Fatalf("no page %s", id)
	return nil
}

func (w *world) apply(c *talk, cmd dialog.Command, prompts []core.Prompt) {
	switch cmd := cmd.(type) {
	case dialog.AddPages:
		p := w.paper(cmd.DraftID, cmd.DossierID, cmd.Requirement, cmd.Round)
		for _, n := range cmd.Pages {
			p.Pages = append(p.Pages, core.Page{ID: n.ID, PaperID: p.ID, Seq: len(p.Pages) + 1, State: core.PagePending, Group: cmd.Group, Count: 1})
		}
	case dialog.RemovePage:
		w.page(cmd.PageID).State = core.PageRemoved
	case dialog.Submit:
		w.submit(c, cmd, prompts)
	case dialog.RespondSupplement:
		d := w.dossier(cmd.DossierID)
		s := w.supplements[d.ID]
		s.AnsweredAt = w.now
		w.supplements[d.ID] = s
		w.move(d, core.StateProcessing, "", dossier.Note{}, core.ActorCitizen)
		w.engine.FillSubmitted(&prompts[cmd.Prompt], *d)
	case dialog.Withdraw:
		d := w.dossier(cmd.DossierID)
		w.move(d, core.StateWithdrawn, dossier.ReasonApplicant, dossier.Note{}, core.ActorCitizen)
		w.engine.FillSubmitted(&prompts[cmd.Prompt], *d)
	case dialog.AnswerDraft:
		d := w.dossier(cmd.DossierID)
		d.ResultDraft, d.AnswerBy = core.ResultDraftConfirmed, time.Time{}
		if !cmd.Right {
			d.ResultDraft = core.ResultDraftWrong
			w.draftWords = append(w.draftWords, cmd.Words)
		}
		w.engine.FillSubmitted(&prompts[cmd.Prompt], *d)
	case dialog.AnswerCosign:
		for i := range w.cosigns {
			if w.cosigns[i].ID == cmd.CosignID {
				w.cosigns[i].State = core.CosignDeclined
				if cmd.Agree {
					w.cosigns[i].State = core.CosignConfirmed
				}
			}
		}
	case dialog.CreateHandOff:
		w.newest = cmd.Code
		w.handOffs[cmd.Code] = core.HandOff{DraftID: cmd.DraftID, FromConv: c.conv.ID, CreatedAt: w.now, ExpiresAt: w.now.Add(15 * time.Minute)}
	case dialog.RedeemHandOff:
		h := w.handOffs[cmd.Code]
		h.UsedAt = w.now
		w.handOffs[cmd.Code] = h
	case dialog.CreateLink:
		w.links = append(w.links, cmd)
	case dialog.Timer:
		w.timers = append(w.timers, cmd)
	case dialog.AskPerson:
		w.asked = append(w.asked, cmd)
	case dialog.SetNotices:
		w.noticesOff = cmd.Stop
	}
}

func (w *world) submit(c *talk, cmd dialog.Submit, prompts []core.Prompt) {
	p := cmd.Prepared
	proc, _ := w.svc.Catalog().Procedure(p.ProcedureCode)
	w.numbers++
	d := core.Dossier{
		ID: w.id(), Code: dossier.NewCode(p.Agency, w.now, w.numbers), ProcedureCode: p.ProcedureCode, ProcedureVersion: p.ProcedureVersion,
		Office: p.Office, ConvID: c.conv.ID, DraftID: cmd.DraftID, Hash: p.Hash, State: core.StateNew, SubmittedAt: w.now, Version: 1,
		ExpectedAt: dossier.Expected(w.svc.Catalog().Calendar(), proc.TimeLimit, w.now), Confidential: p.Confidential,
	}
	draft := w.drafts[cmd.DraftID]
	draft.State, draft.DossierID = core.DraftSubmitted, d.ID
	w.drafts[draft.ID] = draft
	for i := range w.papers {
		if w.papers[i].DraftID == cmd.DraftID {
			w.papers[i].DossierID = d.ID
		}
	}
	w.dossiers = append(w.dossiers, d)
	w.engine.FillSubmitted(&prompts[cmd.Prompt], d)
}

func (w *world) dossier(id core.ID) *core.Dossier {
	for i := range w.dossiers {
		if w.dossiers[i].ID == id {
			return &w.dossiers[i]
		}
	}
	w.t.Fatalf("no dossier %s", id)
	return nil
}

// move writes a line of a dossier's timeline.
func (w *world) move(d *core.Dossier, to core.DossierState, reason string, note dossier.Note, who core.ActorKind) int {
	sealed, err := core.SealJSON(note)
	if err != nil {
		w.t.Fatal(err)
	}
	seq := len(w.timeline[d.ID]) + 2
	w.timeline[d.ID] = append(w.timeline[d.ID], core.DossierEvent{
		DossierID: d.ID, Seq: seq, From: d.State, To: to, Reason: reason, Note: sealed, Actor: who, At: w.now,
	})
	d.State = to
	if to == core.StateAccepted || to == core.StateProcessing && d.DueAt.IsZero() {
		proc, _ := w.svc.Catalog().Procedure(d.ProcedureCode)
		d.DueAt = dossier.Firm(w.svc.Catalog().Calendar(), proc.TimeLimit, w.now)
	}
	return seq
}

// say, tap and photos are what a person does; each gives what was said back.

func (c *talk) say(s string) []core.Prompt {
	return c.event(core.Event{Kind: core.EventText, Text: s}).Prompts
}

// tap presses the button whose label begins with label.
func (c *talk) tap(label string) []core.Prompt {
	for i := len(c.last) - 1; i >= 0; i-- {
		for _, ch := range c.last[i].Choices {
			if strings.HasPrefix(c.label(c.last[i], ch), label) {
				return c.event(core.Event{Kind: core.EventChoice, ChoiceID: ch.ID}).Prompts
			}
		}
	}
	c.w.t.Errorf("no button %q under %s", label, c.show(c.last))
	return nil
}

// photos sends files and lets their verdicts arrive: "good", "bad" (unreadable).
func (c *talk) photos(group string, verdicts ...string) []core.Prompt {
	var said []core.Prompt
	var ids []core.ID
	for range verdicts {
		out := c.event(core.Event{Kind: core.EventMedia, Group: group, Media: []core.Media{{Ref: "r"}}})
		said = append(said, out.Prompts...)
		for _, cmd := range out.Commands {
			if add, ok := cmd.(dialog.AddPages); ok {
				ids = append(ids, add.Pages[0].ID)
			}
		}
	}
	for i, id := range ids {
		p := c.w.page(id)
		p.State, p.SHA256 = core.PageReady, strings.Repeat("ab", 32)
		if verdicts[i] == "bad" {
			p.State, p.Reason = core.PageRejected, "error.page.broken"
		}
		said = append(said, c.event(core.Event{Kind: core.EventPage, PageID: id}).Prompts...)
	}
	timers := c.w.timers
	c.w.timers = nil
	for _, tm := range timers {
		if tm.Event == core.EventQuiet {
			said = append(said, c.event(core.Event{Kind: core.EventQuiet, Group: tm.Group, Seq: tm.Seq}).Prompts...)
		} else {
			c.w.timers = append(c.w.timers, tm)
		}
	}
	return said
}

// upload fills the papers of the last link, n pages each, and finishes it.
func (c *talk) upload(n int, keys ...string) []core.Prompt {
	l := c.w.links[len(c.w.links)-1]
	round := 0
	if l.DossierID != "" {
		round = c.w.supplements[l.DossierID].Round
	}
	for _, key := range keys {
		p := c.w.paper(l.DraftID, l.DossierID, key, round)
		for range n {
			p.Pages = append(p.Pages, core.Page{ID: c.w.id(), State: core.PageReady, Count: 1, SHA256: strings.Repeat("cd", 32)})
		}
	}
	return c.event(core.Event{Kind: core.EventUploaded, DraftID: l.DraftID, DossierID: l.DossierID}).Prompts
}

// officer changes the newest dossier and tells the conversation.
func (c *talk) officer(to core.DossierState, reason string, note dossier.Note) []core.Prompt {
	d := &c.w.dossiers[len(c.w.dossiers)-1]
	if reason == vault.RequirementResult {
		p := c.w.paper("", d.ID, reason, 0)
		p.Pages, reason = append(p.Pages, core.Page{ID: c.w.id(), PaperID: p.ID, Seq: 1, State: core.PageReady, Count: 1}), ""
	}
	seq := c.w.move(d, to, reason, note, core.ActorOfficer)
	if to == core.StateSupplement {
		d.Round++
		items, err := core.SealJSON(note.Items)
		if err != nil {
			c.w.t.Fatal(err)
		}
		c.w.supplements[d.ID] = core.Supplement{ID: c.w.id(), DossierID: d.ID, Round: d.Round, Items: items, DueAt: note.DueAt, CreatedAt: c.w.now}
	}
	return c.event(core.Event{Kind: core.EventDossier, DossierID: d.ID, Seq: seq}).Prompts
}

func (c *talk) label(p core.Prompt, ch core.Choice) string {
	if ch.Key == "" {
		if c.caps.Variant == text.Short && ch.Short != "" {
			return ch.Short
		}
		return ch.Label
	}
	v := text.Rich
	if c.caps.Variant == text.Short {
		v = text.Short
	}
	return c.w.msg.Text(p.Locale, v, ch.Key, ch.Args)
}

// digits are those that were drawn for the legal consent, as last said.
func (c *talk) digits() string {
	for i := len(c.last) - 1; i >= 0; i-- {
		for _, word := range strings.FieldsFunc(c.last[i].Args["code"]+" "+c.last[i].Args["hint"], func(r rune) bool { return r < '0' || r > '9' }) {
			if len(word) == 4 {
				return word
			}
		}
	}
	return ""
}

// show writes prompts the way a transcript does.
func (c *talk) show(prompts []core.Prompt) string {
	var b strings.Builder
	for _, p := range prompts {
		body := c.w.msg.Text(p.Locale, c.caps.Variant, p.Key, p.Args)
		b.WriteString(body)
		var buttons, tail []string
		for _, ch := range p.Choices {
			label := c.label(p, ch)
			switch {
			case c.caps.Variant == text.Short && (ch.Digit == "0" || ch.Digit == "9"):
				tail = append(tail, ch.Digit+" "+label)
			case c.caps.Variant == text.Short && ch.Digit != "":
				buttons = append(buttons, ch.Digit+" "+label)
			case c.caps.Variant == text.Short:
			case ch.Digit != "":
				buttons = append(buttons, "["+ch.Digit+" "+label+"]")
			default:
				buttons = append(buttons, "["+label+"]")
			}
		}
		if c.caps.Variant == text.Short {
			b.WriteString(" " + strings.Join(append(buttons, tail...), " "))
			s := strings.TrimSpace(b.String())
			b.Reset()
			b.WriteString(s + "\n")
			continue
		}
		if len(buttons) > 0 {
			b.WriteString("\n" + strings.Join(buttons, " "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// seed makes a small number stream for tests that need disorder.
func seed(b []byte) func(n int) int {
	var s uint64 = 88172645463325252
	for i := 0; i+8 <= len(b); i += 8 {
		s ^= binary.LittleEndian.Uint64(b[i:])
	}
	return func(n int) int {
		s ^= s << 13
		s ^= s >> 7
		s ^= s << 17
		return int(s % uint64(n))
	}
}
