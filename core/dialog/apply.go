package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// reminderAfter is how long an unfinished application stays silent before its
// owner is reminded, once.
const reminderAfter = 24 * time.Hour

// begin starts an application, after asking when another one is unfinished.
func (t *turn) begin(code string, fresh bool) {
	p, ok := t.e.cat.Procedure(code)
	if !ok || !t.canFile(p) {
		where := ""
		if ok {
			where = t.e.cat.WhereText(p, t.loc, t.fragment())
		}
		t.st.At = atHome
		t.say("error.procedure.unavailable", pairs([]string{"where", where}), core.ExpectAny, t.homeOffers()...)
		return
	}
	if t.draft != nil && !fresh {
		if t.draft.ProcedureCode == p.Code {
			t.carry()
			t.resume()
			return
		}
		t.st.At, t.st.Procedure = atOpen, code
		t.show()
		return
	}
	if t.draft != nil && len(t.st.Aside) >= maxAside {
		t.tooMany()
		return
	}
	office := ""
	if t.st.Procedure == code {
		office = t.st.Ward
	}
	d, err := t.e.svc.Begin(t.in.NewID(), code, office, t.conv.CitizenID, t.conv.Channel, t.in.Now)
	if err != nil || !t.swap(d) {
		t.st.At = atHome
		t.say("error.procedure.unavailable", pairs([]string{"where", t.e.cat.WhereText(p, t.loc, t.fragment())}), core.ExpectAny, t.homeOffers()...)
		return
	}
	t.in.Found.Papers = nil
	t.prefill()
	t.carry()
	if office != "" {
		// The ward was chosen a moment ago: it is not asked for again. A form that
		// does not take it asks.
		_ = t.app.Answer(t.officeField(), office, t.author())
	}
	t.change()
	t.command(Timer{After: reminderAfter, Event: core.EventReminder})
	if !t.st.Notice {
		t.st.Notice = true
		if !t.short() {
			t.leadWord("word.notice")
		}
	}
	t.next()
}

// resetDraft forgets what belonged to another draft.
func (t *turn) resetDraft() {
	t.st.Step, t.st.Edit, t.st.Digits, t.st.Paged, t.st.Reminded = "", false, "", false, false
	t.resetPages()
}

// prefill takes over what is known of the citizen.
func (t *turn) prefill() {
	c := t.in.Row.Citizen
	if c == nil {
		return
	}
	var profile core.CitizenProfile
	if err := core.OpenJSON(c.Profile, &profile); err == nil {
		t.app.Prefill(profile, min(c.Assurance, t.in.Row.Address.Assurance))
	}
}

// change marks the draft as changed and the citizen as getting on. Digits that
// were drawn for the former answers no longer consent to anything.
func (t *turn) change() {
	t.changed, t.out.Progress = true, true
	t.st.Digits = ""
}

// resume goes on with the draft where it stands.
func (t *turn) resume() {
	if t.draft == nil {
		if drafts := t.ownDrafts(); len(drafts) > 0 {
			t.listOwn(nil, drafts)
			return
		}
		t.st.Aside = nil
		t.leadWord("word.nothingOpen")
		t.home()
		return
	}
	t.next()
}

// next opens the first step that is not done.
func (t *turn) next() {
	s := t.app.Next(t.in.Found.Papers)
	if t.st.Edit {
		t.st.Edit = false
		for _, l := range t.app.Review(t.in.Found.Papers, t.loc, false) {
			if stepID(l.Kind, l.Key) == t.st.Step {
				t.only = l.Number
			}
		}
		s = dossier.Step{Kind: dossier.StepSummary}
	}
	t.openStep(s)
}

func (t *turn) openStep(s dossier.Step) {
	if s.Kind == dossier.StepSummary {
		t.st.At, t.st.Step = atSummary, ""
	} else {
		t.st.At, t.st.Step = atStep, stepID(s.Kind, s.Key)
	}
	t.st.Said = ""
	t.show()
}

func stepID(kind dossier.StepKind, key string) string { return string(kind) + ":" + key }

// step gives the open step. One that vanished, because another device answered
// what it depended on, gives way to the next.
func (t *turn) step() dossier.Step {
	kind, key, _ := strings.Cut(t.st.Step, ":")
	if s, ok := t.app.Step(dossier.StepKind(kind), key, t.in.Found.Papers); ok && s.Kind != dossier.StepSummary {
		return s
	}
	s := t.app.Next(t.in.Found.Papers)
	if s.Kind != dossier.StepSummary {
		t.st.Step = stepID(s.Kind, s.Key)
	}
	return s
}

// showStep asks what the open step asks.
func (t *turn) showStep() {
	s := t.step()
	switch s.Kind {
	case dossier.StepField:
		t.ask(s)
	case dossier.StepFact:
		t.askFact(s)
	case dossier.StepPaper:
		t.showPaper(s)
	default:
		t.openStep(s)
	}
}

func numbers(s dossier.Step, args map[string]string) map[string]string {
	args["n"], args["total"] = strconv.Itoa(s.Number), strconv.Itoa(s.Total)
	return args
}

// ask puts a question of the form.
func (t *turn) ask(s dossier.Step) {
	q := s.Question
	args := numbers(s, map[string]string{"question": t.question(q), "current": "", "example": q.Example.In(t.loc), "more": ""})
	if s.Done && q.Current != nil {
		args["current"], args["example"] = t.shown(q, q.Current), ""
	}
	var offers []offer
	for _, o := range q.Choices {
		v, ok := t.app.Form.ChoiceValue(q.Key, o.Value)
		if !ok {
			continue
		}
		offers = append(offers, offer{act: "value", raw: v, label: form.Text{VI: o.VI, EN: o.EN}, short: form.Text{VI: o.Plain(text.VI), EN: o.Plain(text.EN)}})
	}
	switch {
	case len(offers) > 0:
		args["example"] = ""
	case t.short() && s.Optional:
		args["more"] = t.word("word.orSkip")
	case t.removable() > 0:
		args["more"] = t.word("word.orRemove")
	}
	t.rebased()
	t.say("ask", args, q.Expect, append(offers, t.stepOffers(s, len(offers) > 0)...)...)
}

// question is the sentence that asks, without the question mark that the short
// form brings itself.
func (t *turn) question(q *form.Question) string {
	switch {
	case t.short():
		return q.Short(t.loc) + "?"
	case q.Item > 0:
		return q.Heading.In(t.loc) + " · " + q.Text.In(t.loc)
	}
	return q.Text.In(t.loc)
}

// stepOffers are the ways on besides answering. On a typed question they have
// no numbers, because a number may be the answer.
func (t *turn) stepOffers(s dossier.Step, numbered bool) []offer {
	var out []offer
	add := func(act, key string) {
		out = append(out, offer{act: act, key: key, mute: true})
	}
	if s.Done {
		add("keep", "choice.keep")
	}
	if s.Kind == dossier.StepField && t.removable() > 0 {
		add("items", "choice.removeItem")
	}
	if s.Optional {
		add("skip", "choice.skip")
	}
	if t.st.Lost >= 2 {
		out = append(out, offer{act: "help", key: "choice.help", mute: true}, offer{act: "human", key: "choice.human", mute: true})
	}
	back, menu := backOffer(), menuOffer()
	if !numbered {
		back.global, menu.global = "", ""
		back.mute, menu.mute = true, true
	}
	return append(out, back, menu)
}

// shown writes a value for this channel: whole where it is private, else as
// little as the privacy rule allows.
func (t *turn) shown(q *form.Question, v any) string {
	if t.in.Caps.Private {
		return t.app.Form.Display(q.Key, v, t.loc)
	}
	return t.masked(q.Key, v)
}

// masked writes a value for a channel that others may read: choices by their
// words, typed text as initials, numbers by their last two digits.
func (t *turn) masked(key string, v any) string {
	if f, ok := t.app.Form.Field(key); ok && f.Type == "personal_id" && !f.Private {
		return text.LastTwo(t.app.Form.Display(key, v, t.loc))
	}
	return t.app.Form.Mask(key, v, t.loc)
}

// askFact asks about the applicant's circumstances.
func (t *turn) askFact(s dossier.Step) {
	question := s.Fact.Question.In(t.loc)
	if t.short() {
		if q := s.Fact.Short.In(t.loc); q != "" {
			question = q + "?"
		}
	}
	args := numbers(s, map[string]string{"question": question, "current": "", "example": "", "more": ""})
	if v := t.app.Facts()[s.Key]; s.Done && v != "" {
		args["current"] = t.word("word." + v)
	}
	offers := []offer{
		{act: "fact", arg: catalog.FactYes, key: "choice.yes"}, {act: "fact", arg: catalog.FactNo, key: "choice.no"},
		{act: "fact", arg: catalog.FactUnknown, key: "choice.unknown"},
	}
	t.say("ask", args, core.ExpectChoice, append(offers, t.stepOffers(dossier.Step{Done: s.Done}, true)...)...)
}

// skip passes an optional step over.
func (t *turn) skip() bool {
	if t.st.At != atStep && t.st.At != atDoubt && t.st.At != atValues && t.st.At != atClarify {
		return false
	}
	s := t.step()
	if !s.Optional && s.Kind != dossier.StepFact {
		t.missed = true
		t.leadWord("word.required")
		t.st.At = atStep
		t.show()
		return true
	}
	var err error
	switch s.Kind {
	case dossier.StepField:
		err = t.app.Skip(s.Key, t.author())
	case dossier.StepFact:
		err = t.app.SetFact(s.Key, catalog.FactUnknown, t.author())
	case dossier.StepPaper:
		err = t.app.PaperSkip(s.Key, t.author())
	}
	if err != nil {
		t.missed = true
		t.lead(t.violation(firstViolation(err)))
		t.show()
		return true
	}
	t.resetPages()
	t.change()
	t.leadWord("word.skipped")
	t.next()
	return true
}

// back goes to the step before the open one. Later answers stay.
func (t *turn) back() {
	if t.draft == nil || !t.filling() {
		t.backOut()
		return
	}
	switch t.st.At {
	case atValues, atDoubt, atClarify, atItems:
		t.st.At = atStep
		t.show()
		return
	}
	var last dossier.Step
	for _, s := range t.app.Steps(t.in.Found.Papers) {
		if t.st.At == atStep && stepID(s.Kind, s.Key) == t.st.Step {
			break
		}
		if s.Done {
			last = s
		}
	}
	if last.Kind == "" {
		t.leadWord("word.firstQuestion")
		t.show()
		return
	}
	t.st.Edit = false
	t.openStep(last)
}

// backOut leaves a page that is not a question of a draft.
func (t *turn) backOut() {
	switch t.st.At {
	case atWards:
		if _, ok := t.e.cat.Procedure(t.st.Procedure); ok {
			t.card(t.st.Procedure)
			return
		}
		t.st.At, t.st.Ward = atOffice, ""
		t.show()
	case atOffice, atOpen:
		if _, ok := t.e.cat.Procedure(t.st.Procedure); ok {
			t.card(t.st.Procedure)
			return
		}
		t.home()
	case atDay, atSpecial, atDue:
		t.papers()
	case atFact, atPapers:
		t.backInCase()
	case atCard:
		switch {
		case len(t.st.Hits) > 1:
			t.st.At = atPick
		case t.st.Topic != "":
			t.st.At = atTopic
		default:
			t.st.At = atHome
		}
		t.show()
	case atTopic:
		t.searchFor("")
	case atMissing, atHandIn:
		t.st.At = atSupplement
		t.show()
	case atDraftWrong:
		t.st.At = atDraft
		t.show()
	case atDrop, atCancelled, atNoticesOff:
		t.resume()
	default:
		t.home()
	}
}

// edit opens line n of the summary; after the answer the summary comes back.
func (t *turn) edit(n int) bool {
	if t.draft == nil {
		return false
	}
	// What is never asked unless it is wanted has numbers behind all others.
	lines := t.app.Review(t.in.Found.Papers, t.loc, true)
	switch {
	case n < 1 || n > len(lines):
		t.hint(t.rich("word.editRange", pairs([]string{"max", strconv.Itoa(len(lines))})))
	case !lines[n-1].Editable:
		t.hint(t.rich("word.editComputed", nil))
	default:
		l := lines[n-1]
		t.st.Edit = true
		if l.Kind == dossier.StepPaper {
			if err := t.app.PaperReopen(l.Key); err == nil {
				t.change()
			}
		}
		t.openStep(dossier.Step{Kind: l.Kind, Key: l.Key})
	}
	return true
}
