package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
)

// publicQuiet is how long a group must have been silent before it is told again
// that nothing personal is done where others read along.
const publicQuiet = time.Hour

// maxReply bounds what is read of one message, in bytes; longer than any answer.
const maxReply = 8000

// turn is one turn under way.
type turn struct {
	e       *Engine
	in      Input
	st      state
	loc     text.Locale
	conv    core.Conversation
	draft   *core.Draft          // the open draft; nil if none
	app     *dossier.Application // the draft, opened
	changed bool                 // answers of the draft
	told    bool                 // that the form has a new version
	leading string
	only    int       // number of the one line of the summary that changed
	whole   bool      // every line of the summary was asked for
	missed  bool      // the reply was not understood
	gaps    []Command // NoteGap, for the end of the turn
	out     Output
}

func newTurn(e *Engine, in Input) *turn {
	t := &turn{e: e, in: in, st: readState(in.Row.Conversation), conv: in.Row.Conversation}
	t.loc = locale(t.conv.Locale)
	if in.Row.Draft != nil && in.Row.Draft.State == core.DraftOpen {
		t.open(*in.Row.Draft)
	}
	return t
}

func (t *turn) run() {
	ev := t.in.Event
	switch ev.Kind {
	case core.EventPublic:
		// A group is told once and then left in peace while it talks.
		if c := t.in.Row.Conversation; c.Version == 0 || t.in.Now.Sub(c.UpdatedAt) >= publicQuiet {
			t.tell("public.refuse", nil)
		}
		return
	case core.EventStop:
		t.command(SetNotices{Stop: true})
		return
	}
	// A draft that was submitted or dropped elsewhere leaves nothing to ask.
	if t.draft == nil && inDraft(t.st.At) {
		t.st.At = atHome
	}
	if ev.Kind == core.EventText || ev.Kind == core.EventChoice || ev.Kind == core.EventMedia {
		t.greet()
	}
	switch ev.Kind {
	case core.EventStart:
		t.start(ev.Text)
	case core.EventText:
		t.reply(ev.Text)
	case core.EventChoice:
		t.pressed(ev.ChoiceID)
	case core.EventMedia:
		t.media()
	case core.EventContact:
		t.contact()
	case core.EventLocation:
		t.leadWord("word.location")
		t.show()
	case core.EventPage:
		t.pageReady()
	case core.EventQuiet:
		t.albumQuiet()
	case core.EventUploaded:
		t.uploaded()
	case core.EventDossier:
		t.dossierChanged()
	case core.EventCosign:
		t.cosignAsked()
	case core.EventReminder:
		t.reminder()
	case core.EventMoved:
		t.moved()
	}
}

// inDraft reports whether a place is about the draft being filled in.
func inDraft(at place) bool {
	switch at {
	case atOpen, atStep, atValues, atDoubt, atClarify, atSummary, atEdits, atItems, atDrop, atCancelled, atNoticesOff:
		return true
	}
	return false
}

// filling reports whether a question of the draft is open.
func (t *turn) filling() bool {
	switch t.st.At {
	case atStep, atValues, atDoubt, atClarify, atSummary, atEdits, atItems:
		return t.draft != nil
	}
	return false
}

// greet says once who is talking, where there is room for it.
func (t *turn) greet() {
	if t.st.Known {
		return
	}
	t.st.Known = true
	if t.in.Caps.Variant != text.Short {
		t.leadWord("word.welcome")
	}
}

func (t *turn) command(c Command) { t.out.Commands = append(t.out.Commands, c) }

func (t *turn) finish() Output {
	if t.in.Event.Kind == core.EventPublic {
		t.out.Conversation = t.in.Row.Conversation
		return t.out
	}
	again := t.vary()
	if fromPerson(t.in.Event.Kind) {
		t.guard(again)
	}
	switch {
	case t.missed:
		t.st.Lost++
	case fromPerson(t.in.Event.Kind):
		t.st.Lost = 0
	}
	t.settleSearch()
	t.out.Understood = !t.missed
	t.conv.Locale = t.loc
	if sealed, err := core.SealJSON(t.st); err == nil {
		t.conv.State = sealed
	}
	t.saveDraft()
	t.out.Conversation = t.conv
	if t.in.Event.Kind == core.EventChoice && len(t.out.Prompts) > 0 {
		p := &t.out.Prompts[0]
		if t.in.Caps.ReplyToInput {
			p.AnswersRef = t.in.Event.MessageRef
		}
		// Leafing through pages changes the page in place; what was asked and
		// answered stays to be read again.
		p.Replaces = t.in.Caps.Edit && browsing(readState(t.in.Row.Conversation).At) && browsing(t.st.At) && len(t.out.Prompts) == 1
	}
	return t.out
}

// Where each message costs money and machines answer machines, talk in circles
// ends by itself: so many replies in a row without progress within loopTime, no
// more. What is understood is always answered.
const (
	loopReplies = 6
	loopTime    = 10 * time.Minute
)

// guard counts replies without progress and keeps those too many back.
func (t *turn) guard(again bool) {
	if !t.missed && !again {
		t.st.Loop, t.st.LoopAt = 0, time.Time{}
		return
	}
	if t.st.Loop == 0 || t.in.Now.Sub(t.st.LoopAt) >= loopTime {
		t.st.Loop, t.st.LoopAt = 0, t.in.Now
	}
	if t.st.Loop++; t.st.Loop > loopReplies && t.short() && len(t.out.Commands) == 0 {
		t.out.Prompts, t.out.Quiet = nil, true
		t.st.Last = readState(t.in.Row.Conversation).Last // what was said last still is
	}
}

// browsing reports whether a place only shows something.
func browsing(at place) bool {
	switch at {
	case atHome, atSearch, atTopic, atNone, atPick, atCard, atFact, atPapers, atSpecial, atDay, atDue, atOffice, atWards, atTrack, atList:
		return true
	}
	return false
}

func fromPerson(k core.EventKind) bool {
	switch k {
	case core.EventText, core.EventChoice, core.EventMedia, core.EventContact, core.EventLocation, core.EventStart:
		return true
	}
	return false
}

// open takes a draft up. One whose procedure is gone is left alone.
func (t *turn) open(d core.Draft) bool {
	app, err := t.e.svc.Open(d, t.in.Now)
	if err != nil {
		return false
	}
	t.draft, t.app = &d, app
	return true
}

func (t *turn) saveDraft() {
	if t.out.Draft != nil || t.draft == nil || !t.changed {
		return
	}
	d, err := t.app.Draft()
	if err != nil {
		return
	}
	d.Holder = t.conv.Channel
	t.out.Draft = &d
}

// start opens the conversation, perhaps with a hand-off code in its link.
func (t *turn) start(payload string) {
	known := t.st.Known
	t.st.Known = true
	if code, ok := startCode(payload); ok && t.redeem(code) {
		return
	}
	if !known {
		t.leadWord("word.welcome")
	}
	if t.draft != nil && inDraft(t.st.At) {
		t.show()
		return
	}
	t.home()
}

// reply answers what a person wrote. The order of the steps is the grammar:
// opting out, strong commands, the open question, weak commands, codes, menu
// numbers, search.
func (t *turn) reply(raw string) {
	if len(raw) > maxReply {
		raw = strings.ToValidUTF8(raw[:maxReply], "")
	}
	if text.NFC(raw) == "" {
		t.leadWord("field.empty")
		t.missed = true
		t.show()
		return
	}
	m, isCommand := t.e.match(raw)
	if isCommand && m.strength == optOut {
		t.perform(m, raw)
		return
	}
	if isCommand && m.strength == strong && t.perform(m, raw) {
		return
	}
	if t.answerOpen(raw, m, isCommand) {
		return
	}
	if isCommand && m.strength == weak && t.perform(m, raw) {
		return
	}
	if t.code(raw) {
		return
	}
	if t.menuNumber(raw) {
		return
	}
	if t.filling() {
		t.notAnswered(raw)
		return
	}
	// A yes or a no without a question is no search either.
	if !(isCommand && m.answers()) && t.search(raw) {
		return
	}
	t.lost(raw)
}

// answerOpen gives the reply to the open question, if it takes it.
func (t *turn) answerOpen(raw string, m matched, isCommand bool) bool {
	switch t.st.At {
	case atStep:
		return t.answerStep(raw, m, isCommand)
	case atDoubt:
		return t.answerDoubt(raw, m, isCommand)
	case atValues, atClarify:
		return t.answerChoice(raw) || t.answerAgain(raw, m, isCommand)
	case atSummary:
		return t.answerSummary(raw, m, isCommand)
	case atOffice, atWards:
		return t.answerChoice(raw) || t.st.At == atOffice && !isCommand && t.place(raw)
	case atSearch, atNone:
		// Words are a query, even where a topic has that name; a number is a choice.
		return text.Digits(raw) == text.Sign(raw) && t.answerChoice(raw)
	case atFact, atPapers, atSpecial, atDay, atDue:
		return t.answerCase(raw, m, isCommand)
	case atDraftWrong:
		return t.answerChoice(raw) || t.answerDraftWrong(raw, isCommand)
	}
	return t.answerChoice(raw)
}

// answerChoice does what an offered choice does when it was typed.
func (t *turn) answerChoice(raw string) bool {
	o, ok, _ := t.st.byText(raw)
	if !ok {
		return false
	}
	t.choose(o)
	return true
}

// menuNumber tells the range when a number is none of the choices.
func (t *turn) menuNumber(raw string) bool {
	_, ok, number := t.st.byText(raw)
	top := t.st.top()
	if ok || !number || top == 0 {
		return false
	}
	t.missed = true
	if top == 1 {
		t.leadWord("word.range1")
	} else {
		t.leadWord("word.range", "max", strconv.Itoa(top))
	}
	t.show()
	return true
}

// code recognises a dossier's code, its last digits, or a hand-off code.
func (t *turn) code(raw string) bool {
	if c, ok := dossier.FindCode(raw); ok {
		t.status(c.String())
		return true
	}
	if c, ok := identity.ParseHandOff(raw); ok {
		if t.redeem(c) {
			return true
		}
	}
	if likeHandOff(raw) && !t.filling() && t.redeem("") {
		return true
	}
	if tail, ok := dossier.ParseTail(raw); ok && !t.filling() {
		if len(t.ownByTail(tail)) > 0 || t.st.top() == 0 {
			t.statusByTail(tail)
			return true
		}
	}
	return false
}

// likeHandOff reports whether a text was probably meant as a hand-off code: eight
// letters and digits mixed, with a slip somewhere.
func likeHandOff(raw string) bool {
	s := strings.ReplaceAll(strings.TrimSpace(raw), "-", "")
	letters := strings.Trim(strings.ToUpper(s), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	return len(s) == 8 && letters && strings.ContainsAny(s, "23456789") && strings.Trim(s, "0123456789") != ""
}

// pressed answers a button.
func (t *turn) pressed(id string) {
	if strings.HasPrefix(id, navPrefix) {
		t.global(id)
		return
	}
	o, ok := t.st.byID(id)
	if !ok {
		if t.filedAlready() {
			return
		}
		t.leadWord("word.stale")
		t.show()
		return
	}
	t.choose(o)
}

// global does what a choice does that never grows old.
func (t *turn) global(id string) {
	name, ref, _ := strings.Cut(strings.TrimPrefix(id, navPrefix), ".")
	switch name {
	case "menu":
		t.menu()
	case "back":
		t.back()
	case "help":
		t.help()
	case "human":
		t.human("")
	case "continue":
		t.resume()
	case "dossier":
		t.openDossier(core.ID(ref))
	case "result":
		t.giveResult(core.ID(ref))
	case "supplement":
		t.openSupplement(core.ID(ref))
	case "check":
		t.openDraftCheck(core.ID(ref))
	default:
		t.leadWord("word.stale")
		t.show()
	}
}

// lost says that a reply was not understood, in other words each time; the third
// time it offers ways that need no words.
func (t *turn) lost(raw string) {
	if t.st.Lost < 2 && t.caseUnread(raw) {
		return
	}
	t.missed = true
	said := t.quote(raw, 40)
	switch t.st.Lost {
	case 0:
		t.st.At = atHome
		t.say("error.lost", pairs([]string{"said", said}), core.ExpectAny, t.homeOffers()...)
	case 1:
		t.st.At = atHome
		t.say("error.lost2", pairs([]string{"said", said}), core.ExpectAny, t.homeOffers()...)
	default:
		t.st.At = atLost
		t.show()
	}
}
