package dialog

import (
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// perform does a command. It reports false when the command means nothing where
// the conversation stands, so that the words are read otherwise.
func (t *turn) perform(m matched, raw string) bool {
	switch m.verb {
	case verbStop:
		t.stopNotices()
	case verbStart:
		t.command(SetNotices{Stop: false})
		t.tell("notices.on", nil, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
	case verbEmergency:
		t.emergency()
	case verbMenu:
		if code, ok := startCode(m.rest); ok && t.redeem(code) {
			return true
		}
		t.menu()
	case verbBack:
		t.back()
	case verbCancel:
		t.cancel()
	case verbDrop:
		return t.drop()
	case verbHelp:
		t.help()
	case verbHuman:
		t.human(raw)
	case verbRepeat:
		t.show()
	case verbReview:
		return t.review()
	case verbEdit:
		return t.edit(m.n)
	case verbRemove:
		return t.remove(m.n)
	case verbSkip:
		return t.skip()
	case verbDone:
		return t.done()
	case verbUndo:
		return t.undo()
	case verbYes, verbNo:
		return t.yesNo(m.verb == verbYes)
	case verbStatus:
		t.statusOf(m)
	case verbHistory:
		t.history()
	case verbWithdraw:
		t.withdrawByText(m.arg)
	case verbResult:
		t.resultOf(m.arg)
	case verbAnswer:
		t.supplementOf(m.arg)
	case verbSearch:
		t.searchFor(m.arg)
	case verbPlace:
		t.officeIn(m.arg)
	case verbVI:
		t.speak(text.VI)
	case verbEN:
		t.speak(text.EN)
	case verbContinue:
		t.resume()
	case verbMove:
		if !t.move() {
			t.leadWord("word.nothingOpen")
			t.show()
		}
	case verbLink:
		return t.link()
	case verbConsent:
		return t.consentAnywhere(m)
	case verbDecline:
		return t.declineAnywhere(m)
	case verbUnclear:
		t.missed = true
		t.leadWord("word.unclearDung")
		t.show()
	default:
		return false
	}
	return true
}

// emergency gives the numbers to call.
func (t *turn) emergency() {
	t.tell("emergency", nil, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
}

// choose does what an offered choice does.
func (t *turn) choose(o option) {
	switch o.Act {
	case "menu":
		t.menu()
	case "back":
		t.back()
	case "help":
		t.help()
	case "human":
		t.human("")
	case "noPaper":
		t.human(t.requirementOf())
	case "search":
		t.searchFor("")
	case "topic":
		t.openTopic(o.Arg)
	case "page":
		t.nextPage()
	case "noneOfThese":
		t.noneOfThese()
	case "track":
		t.track()
	case "mine":
		t.mine()
	case "office":
		t.officeIn("")
	case "en":
		t.speak(text.EN)
	case "vi":
		t.speak(text.VI)
	case "card":
		if t.filling() {
			t.leadWord("word.saved")
		}
		t.card(o.Arg)
	case "place":
		t.leadWord("word.saved")
		if !t.place(t.st.Said) {
			t.show()
		}
	case "ward":
		t.ward(o.Arg, "")
	case "papers":
		t.papers()
	case "case", "special", "specialCase", "window", "day":
		t.chooseInCase(o)
	case "apply":
		t.begin(t.st.Procedure, false)
	case "new":
		t.begin(t.st.Procedure, true)
	case "continue":
		t.resume()
	case "cancel":
		t.cancel()
	case "drop":
		t.drop()
	case "dossier":
		t.openDossier(core.ID(o.Arg))
	case "result":
		t.giveResult(core.ID(o.Arg))
	case "draft":
		t.openDraft(core.ID(o.Arg))
	case "supplement":
		t.openSupplement(core.ID(o.Arg))
	case "withdraw":
		if d := t.found(core.ID(o.Arg)); d != nil {
			t.withdraw(*d)
			return
		}
		t.home()
	case "history":
		t.history()
	case "withdrawYes":
		t.withdrawNow()
	case "withdrawNo":
		t.keepDossier()
	case "send":
		t.sendMissing()
	case "bring":
		t.bringMissing()
	case "handIn":
		t.handIn()
	case "check":
		t.openDraftCheck(core.ID(o.Arg))
	case "draftRight":
		t.draftRight()
	case "draftWrong":
		t.st.At = atDraftWrong
		t.show()
	case "more":
		t.st.At = atMissing
		t.show()
	case "isAnswer":
		t.isAnswer()
	case "verb":
		t.st.At = atStep
		if !t.perform(matched{verb: verb(o.Arg)}, "") {
			t.show()
		}
	default:
		t.chooseInDraft(o)
	}
}

// chooseInDraft does the choices that need an open draft.
func (t *turn) chooseInDraft(o option) {
	if t.draft == nil {
		t.leadWord("word.stale")
		t.home()
		return
	}
	switch o.Act {
	case "value":
		t.chosenValue(o)
	case "retype":
		t.st.At = atStep
		t.show()
	case "keep":
		t.leadWord("word.kept")
		t.next()
	case "fact":
		if s := t.step(); s.Kind == dossier.StepFact {
			t.setFact(s.Key, o.Arg)
			return
		}
		t.show()
	case "skip":
		if !t.skip() {
			t.show()
		}
	case "done":
		if !t.done() {
			t.show()
		}
	case "undo":
		if !t.undo() {
			t.show()
		}
	case "link":
		t.link()
	case "move":
		t.move()
	case "later":
		t.laterPapers()
	case "consent":
		if t.in.Caps.ConsentCode {
			t.st.At = atSummary
			t.show()
			return
		}
		t.consent("")
	case "edits":
		t.st.At = atEdits
		t.show()
	case "items":
		t.st.At = atItems
		t.show()
	case "remove":
		if !t.remove(atoi(o.Arg)) {
			t.show()
		}
	case "edit":
		t.edit(atoi(o.Arg))
	case "review":
		t.review()
	case "dropYes":
		t.dropNow()
	default:
		t.leadWord("word.stale")
		t.show()
	}
}

// menu shows the first page; the draft is kept.
func (t *turn) menu() {
	if t.filling() {
		t.leadWord("word.saved")
	}
	t.resetPages()
	t.home()
}

// speak changes the language and asks the open question in it.
func (t *turn) speak(l text.Locale) {
	t.loc = l
	t.leadWord("word.language")
	t.show()
}

// help explains the open question, which stays open.
func (t *turn) help() {
	key, help := "help.home", ""
	switch {
	case t.st.At == atSummary && t.draft != nil:
		key = "help.summary"
	case t.filling():
		key = "help.ask"
		switch s := t.step(); s.Kind {
		case dossier.StepPaper:
			key, help = "help.paper", s.Paper.Note.In(t.loc)
		case dossier.StepField:
			help = s.Question.Help.In(t.loc)
		}
	}
	nav := []core.Choice{{ID: navHuman, Key: "choice.human"}, {ID: navMenu, Digit: "0", Key: "choice.menu"}}
	if t.filling() {
		nav = append([]core.Choice{{ID: navPrefix + "continue", Key: "choice.continue"}}, nav...)
	}
	t.tell(key, map[string]string{"help": help}, nav...)
}

// human puts the conversation into the queue of people who answer.
func (t *turn) human(said string) {
	nav := []core.Choice{{ID: navMenu, Digit: "0", Key: "choice.menu"}}
	if t.draft != nil {
		nav = append([]core.Choice{{ID: navPrefix + "continue", Key: "choice.continue"}}, nav...)
	}
	if t.in.Found.Handover != nil || !t.st.AskedAt.IsZero() && t.in.Now.Sub(t.st.AskedAt) < 24*time.Hour {
		t.tell("human.waiting", nil, nav...)
		return
	}
	t.st.AskedAt = t.in.Now
	t.out.Progress = true
	office := ""
	switch {
	case t.app != nil:
		office = t.app.Office()
	case t.in.Found.Dossier != nil:
		office = t.in.Found.Dossier.Office
	}
	t.command(AskPerson{Office: office, Reason: "human.asked", Said: text.Cut(text.NFC(said), 500)})
	cal := t.e.cat.Calendar()
	if cal.Open(t.in.Now) {
		t.tell("human.queued", map[string]string{
			"until": text.Clock(cal.Close(t.in.Now)), "ahead": count(t.ahead(office)), "duty": t.duty(office),
		}, nav...)
		return
	}
	t.tell("human.closed", map[string]string{"open": dueText(t.loc, cal.NextOpen(t.in.Now), t.short())}, nav...)
}

// ahead counts who else waits for an officer of an office; "" is any office.
func (t *turn) ahead(office string) int {
	n := 0
	for _, h := range t.in.Found.Waiting {
		if h.ConvID != t.conv.ID && (office == "" || h.Office == "" || h.Office == office) {
			n++
		}
	}
	return n
}

// duty says whether an officer who could answer is there now.
func (t *turn) duty(office string) string {
	for _, o := range t.in.Found.OnDuty {
		if o == "*" || office == "" || o == office {
			return t.rich("word.onDuty", nil)
		}
	}
	return t.rich("word.offDuty", nil)
}

// requirementOf names the paper that is asked for, for the officer.
func (t *turn) requirementOf() string {
	if tg, ok := t.collecting(); ok {
		return t.requirementName(tg.key)
	}
	return ""
}

func (t *turn) stopNotices() {
	t.command(SetNotices{Stop: true})
	if t.filling() {
		t.st.At = atNoticesOff
		t.show()
		return
	}
	t.tell("notices.off", nil, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
}

// cancel stops the application; the draft is kept.
func (t *turn) cancel() {
	if t.draft == nil || !inDraft(t.st.At) {
		t.home()
		return
	}
	t.resetPages()
	t.st.At, t.st.Edit = atCancelled, false
	t.show()
}

func (t *turn) drop() bool {
	if t.draft == nil {
		return false
	}
	t.st.At = atDrop
	t.show()
	return true
}

// dropNow deletes the draft for good.
func (t *turn) dropNow() {
	d := *t.draft
	name := t.name(t.app.Procedure)
	d.State, d.UpdatedAt = core.DraftDropped, t.in.Now
	t.out.Draft = &d
	t.draft, t.app, t.conv.DraftID = nil, nil, ""
	t.resetDraft()
	t.st.At = atHome
	t.out.Progress = true
	t.say("dropped", map[string]string{"name": name}, core.ExpectAny, t.homeOffers()...)
}

func (t *turn) review() bool {
	if t.draft == nil {
		return false
	}
	t.st.At, t.whole = atSummary, true
	t.show()
	return true
}

// yesNo answers a question with two choices.
func (t *turn) yesNo(yes bool) bool {
	switch t.st.At {
	case atDrop, atWithdraw, atHandIn, atNoticesOff, atOpen, atDraft:
	default:
		return false
	}
	i := 0
	if !yes {
		i = 1
	}
	if i >= len(t.st.Opts) {
		return false
	}
	t.choose(t.st.Opts[i])
	return true
}

// statusOf answers "tra cứu" with or without a code.
func (t *turn) statusOf(m matched) {
	if c, ok := dossier.FindCode(m.arg); ok {
		t.status(c.String())
		return
	}
	if tail, ok := dossier.ParseTail(m.arg); ok {
		t.statusByTail(tail)
		return
	}
	if m.strength == strong {
		t.mine()
		return
	}
	t.track()
}

// supplementOf answers "bổ sung" with a code.
func (t *turn) supplementOf(arg string) {
	if d := t.in.Found.Dossier; d != nil {
		t.openSupplement(d.ID)
		return
	}
	if tail, ok := dossier.ParseTail(arg); ok {
		t.statusByTail(tail)
		return
	}
	t.unknownDossier(arg)
}

// consentAnywhere takes the legal words with their digits wherever the person
// has wandered to meanwhile, as long as the digits are still those drawn. Digits of
// a request to agree answer that request. When both have the same ones by chance,
// neither is answered: the person's own are drawn anew.
func (t *turn) consentAnywhere(m matched) bool {
	c, asked := t.cosignOf(m.arg)
	own := t.draft != nil && m.arg != "" && m.arg == t.st.Digits
	switch {
	case asked && own && c.State == core.CosignPending:
		t.missed = true
		t.st.Digits, t.st.At = "", atSummary
		t.leadWord("word.sameDigits")
		t.show()
		return true
	case asked && !own:
		t.answerCosign(c, m.arg, true)
		return true
	case m.arg != "" && t.draft == nil && t.asked():
		t.missed = true
		t.tell("error.cosign.unknown", nil, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
		return true
	case t.draft == nil:
		return t.filedAlready()
	case t.st.At == atSummary, m.arg != "" && m.arg == t.st.Digits:
		t.consent(m.arg)
		return true
	}
	return false
}

// isAnswer takes the ambiguous word as the answer it may be.
func (t *turn) isAnswer() {
	raw := t.st.Said
	t.st.At = atStep
	s := t.step()
	if s.Kind != dossier.StepField || raw == "" {
		t.show()
		return
	}
	t.outcome(s.Question, raw, t.app.Form.Parse(s.Question.Key, raw, t.loc, t.in.Now))
}

func (t *turn) keepDossier() {
	d := t.found(t.st.Dossier)
	if d == nil {
		t.home()
		return
	}
	t.st.At = atDossier
	t.say("withdraw.kept", map[string]string{"code": d.Code}, core.ExpectAny,
		offer{act: "dossier", arg: string(d.ID), key: "choice.track", mute: true}, menuOffer())
}

// contact notes a proved phone number, and answers with it where one is asked.
func (t *turn) contact() {
	phone := t.in.Event.Phone
	if phone == "" {
		t.show()
		return
	}
	t.command(ProveAddress{Phone: phone})
	t.out.Progress = true
	t.leadWord("word.contact")
	if t.filling() {
		if s := t.step(); s.Kind == dossier.StepField && s.Question.Type == "phone" {
			t.st.At = atStep
			if o := t.app.Form.Parse(s.Question.Key, phone, t.loc, t.in.Now); o.OK() {
				t.accept(s.Question, o.Value)
				return
			}
		}
	}
	t.show()
}
