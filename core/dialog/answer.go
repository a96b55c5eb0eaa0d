package dialog

import (
	"errors"
	"slices"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
)

// answerStep gives a typed reply to the open step.
func (t *turn) answerStep(raw string, m matched, isCommand bool) bool {
	s := t.step()
	switch s.Kind {
	case dossier.StepField:
		return t.answerField(s, raw, m, isCommand)
	case dossier.StepFact:
		return t.answerFact(s, raw, m, isCommand)
	case dossier.StepPaper:
		return t.answerChoice(raw)
	}
	return false
}

// answerField reads a reply to a question of the form.
func (t *turn) answerField(s dossier.Step, raw string, m matched, isCommand bool) bool {
	q := s.Question
	if len(q.Choices) > 0 {
		// On a list 0 is the menu and 9 is back, unless the list is that long.
		if o, ok, _ := t.st.byText(raw); ok {
			t.choose(o)
			return true
		}
		if isCommand && (m.verb == verbMenu || m.verb == verbBack) {
			return false
		}
	} else if o, ok, _ := t.st.byText(raw); ok && (o.Act == "keep" || o.Act == "skip") && o.Digit == "" {
		t.choose(o)
		return true
	} else if t.ambiguous(q, raw) {
		return true
	}
	o := t.app.Form.Parse(q.Key, raw, t.loc, t.in.Now)
	if o.Violation != nil {
		// "Now: Kinh." – "yes" keeps it.
		if keep, ok := t.st.byAct("keep"); ok && isCommand && (m.verb == verbYes || m.verb == verbConsent) {
			t.choose(keep)
			return true
		}
		if isCommand && m.strength == weak && m.verb != verbYes && m.verb != verbNo && m.verb != verbUnclear {
			return false
		}
		if _, ok := dossier.FindCode(raw); ok {
			return false
		}
		if _, ok := identity.ParseHandOff(raw); ok && t.in.Found.HandOff != nil {
			return false
		}
		t.refuse(*o.Violation, q)
		return true
	}
	t.outcome(q, raw, o)
	return true
}

// ambiguous asks back when a reply is an answer and something else at once: one
// word that is a command too, on a question for a name, and the bare "huy" on every
// typed question; several words in place of a name that ask for a procedure or a
// place.
func (t *turn) ambiguous(q *form.Question, raw string) bool {
	if strings.Contains(text.Fold(raw), " ") {
		if q.Type != "person_name" {
			return false
		}
		if _, ok := t.request(raw); !ok {
			// "đồng ý" and "không biết" are no names either.
			m, ok := t.e.match(raw)
			if !ok || m.strength != weak {
				return false
			}
			if keep, ok := t.st.byAct("keep"); ok && (m.verb == verbYes || m.verb == verbConsent) {
				t.choose(keep)
				return true
			}
		}
		t.st.At, t.st.Said = atClarify, raw
		t.show()
		return true
	}
	v, ok := t.e.commands.collides(raw)
	switch {
	case !ok:
		return false
	case q.Type == "person_name":
	case v == verbCancel && text.Fold(raw) == "huy" && (q.Type == "text" || q.Type == "longtext"):
	default:
		return false
	}
	t.st.At, t.st.Said = atClarify, raw
	t.show()
	return true
}

func (t *turn) showClarify() {
	var other offer
	if r, ok := t.request(t.st.Said); ok {
		other = r
	} else if v, ok := t.e.means(t.st.Said); ok {
		other = offer{act: "verb", arg: string(v), label: form.Text{
			VI: t.e.msg.Text(text.VI, text.Rich, commandWord(v), nil), EN: t.e.msg.Text(text.EN, text.Rich, commandWord(v), nil),
		}}
	} else {
		t.st.At = atStep
		t.showStep()
		return
	}
	t.say("ask.clarify", map[string]string{"said": t.quote(t.st.Said, 24), "command": other.label.In(t.loc)},
		core.ExpectChoice, pick("isAnswer", "choice.isName"), other, menuOffer())
}

// request finds the procedure or place that a reply of several words asks about,
// unless it is a plausible name: "xin xác nhận độc thân" is nobody.
func (t *turn) request(raw string) (offer, bool) {
	if !strings.Contains(text.Fold(raw), " ") {
		return offer{}, false
	}
	named := familyName(raw)
	about := func(name form.Text) form.Text {
		return form.Text{
			VI: t.e.msg.Text(text.VI, text.Rich, "word.cmdAbout", map[string]string{"name": name.VI}),
			EN: t.e.msg.Text(text.EN, text.Rich, "word.cmdAbout", map[string]string{"name": name.In(text.EN)}),
		}
	}
	if found := t.e.cat.Find(raw, t.loc, 1); len(found.Hits) > 0 && (found.Hits[0].Score == 1 || found.Sure && !named) {
		p := found.Hits[0].Procedure
		return offer{act: "card", arg: p.Code, label: about(procedureLabel(p))}, true
	}
	if named {
		return offer{}, false // many wards bear the names of people
	}
	if ps := t.e.cat.ResolvePlace(raw); namesPlace(ps) {
		return offer{act: "place", label: about(form.Text{VI: ps[0].Name})}, true
	}
	return offer{}, false
}

// commandWord is the message key of what a command does, in words.
func commandWord(v verb) string {
	switch v {
	case verbVI, verbEN:
		return "word.cmd" + strings.ToUpper(string(v))
	case "":
		return "word.cmdUnclear"
	}
	return "word.cmd" + strings.ToUpper(string(v[:1])) + string(v[1:])
}

// outcome does what came of reading a reply.
func (t *turn) outcome(q *form.Question, raw string, o form.Outcome) {
	switch {
	case o.Violation != nil:
		t.refuse(*o.Violation, q)
	case o.Ambiguous():
		t.candidates(q, raw, o)
	case len(o.Warnings) > 0 && !(t.st.At == atDoubt && sameWords(raw, t.st.Said)):
		t.doubt(q, raw, o)
	default:
		for _, n := range o.Notes {
			t.lead(t.violation(n))
		}
		t.accept(q, o.Value)
	}
}

func sameWords(a, b string) bool { return text.FoldExact(a) == text.FoldExact(b) }

// refuse says why an answer cannot be used, and asks again.
func (t *turn) refuse(v core.Violation, q *form.Question) {
	t.missed = true
	t.lead(t.violation(v))
	if t.st.Lost >= 1 && !t.short() {
		t.lead(q.Help.In(t.loc))
	}
	t.st.At = atStep
	t.show()
}

// violation writes why a value is not taken. Rules of a form bring their words.
func (t *turn) violation(v core.Violation) string {
	if v.Key == "field.rule" && v.Args[t.loc] != "" {
		return v.Args[t.loc]
	}
	return t.rich(v.Key, v.Args)
}

// candidates asks which of several readings was meant.
func (t *turn) candidates(q *form.Question, raw string, o form.Outcome) {
	t.st.At, t.st.Said = atValues, raw
	var offers []offer
	one := len(o.Candidates) == 1
	for _, c := range o.Candidates {
		of := offer{act: "value", raw: c.Value, label: c.Shown(t.in.Caps.Private)}
		if one {
			of.label, of.key = form.Text{}, "choice.rightSo"
		}
		offers = append(offers, of)
	}
	intro := t.rich(o.Ask, o.Args)
	if shown := o.Candidates[0].Shown(t.in.Caps.Private).In(t.loc); one && !strings.Contains(text.Fold(intro), text.Fold(shown)) {
		intro += " " + shown
	}
	s := t.step()
	t.say("ask.pick", numbers(s, map[string]string{"intro": intro}), core.ExpectChoice,
		append(offers, pick("retype", "choice.retype"), menuOffer())...)
}

// doubt asks whether a probably wrong answer is meant.
func (t *turn) doubt(q *form.Question, raw string, o form.Outcome) {
	t.st.At, t.st.Said = atDoubt, raw
	var doubts []string
	for _, w := range o.Warnings {
		doubts = append(doubts, t.violation(w))
	}
	s := t.step()
	t.say("ask.confirm", numbers(s, map[string]string{"doubt": strings.Join(doubts, " "), "value": t.shown(q, o.Value)}),
		core.ExpectText, offer{act: "value", raw: o.Value, key: "choice.takeIt"}, pick("retype", "choice.retype"), menuOffer())
}

// answerDoubt takes the same reply again, a yes, a choice, or a new answer.
func (t *turn) answerDoubt(raw string, m matched, isCommand bool) bool {
	if o, ok, _ := t.st.byText(raw); ok {
		t.choose(o)
		return true
	}
	if isCommand && (m.verb == verbYes || m.verb == verbConsent) && len(t.st.Opts) > 0 {
		t.choose(t.st.Opts[0])
		return true
	}
	if isCommand && (m.verb == verbNo || m.verb == verbMenu || m.verb == verbBack) {
		return false
	}
	s := t.step()
	if s.Kind != dossier.StepField {
		return false
	}
	if !sameWords(raw, t.st.Said) && t.ambiguous(s.Question, raw) {
		return true
	}
	t.outcome(s.Question, raw, t.app.Form.Parse(s.Question.Key, raw, t.loc, t.in.Now))
	return true
}

// answerAgain takes a reply to "which did you mean" that is no choice: a yes to
// a single reading, or the answer typed again.
func (t *turn) answerAgain(raw string, m matched, isCommand bool) bool {
	if t.st.At == atClarify {
		if isCommand && m.strength == weak && !t.clarifying(raw) {
			return false
		}
		t.st.At = atStep
		return t.answerStep(raw, m, isCommand)
	}
	values := slices.IndexFunc(t.st.Opts, func(o option) bool { return o.Act == "value" })
	single := values >= 0 && !slices.ContainsFunc(t.st.Opts[values+1:], func(o option) bool { return o.Act == "value" })
	switch {
	case isCommand && single && (m.verb == verbYes || m.verb == verbConsent):
		t.choose(t.st.Opts[values])
		return true
	case isCommand && single && m.verb == verbUnclear:
		t.missed = true
		t.leadWord("word.unclearDung")
		t.reask()
		return true
	case isCommand && single && m.verb == verbNo:
		t.st.At = atStep
		t.show()
		return true
	case isCommand:
		return false
	}
	t.st.At = atStep
	return t.answerStep(raw, m, isCommand)
}

// clarifying reports whether the same ambiguous word came again.
func (t *turn) clarifying(raw string) bool { return sameWords(raw, t.st.Said) }

// reask shows "which did you mean" again.
func (t *turn) reask() {
	s := t.step()
	if s.Kind != dossier.StepField {
		t.show()
		return
	}
	o := t.app.Form.Parse(s.Question.Key, t.st.Said, t.loc, t.in.Now)
	switch {
	case o.Ambiguous():
		t.candidates(s.Question, t.st.Said, o)
	case o.OK() && len(o.Warnings) > 0:
		t.doubt(s.Question, t.st.Said, o)
	default:
		t.st.At = atStep
		t.showStep()
	}
}

func (t *turn) author() dossier.Author {
	return dossier.Author{Kind: core.ActorCitizen, Channel: t.conv.Channel}
}

// accept stores an answer and goes on.
func (t *turn) accept(q *form.Question, v any) {
	if err := t.app.Answer(q.Key, v, t.author()); err != nil {
		t.refuse(firstViolation(err), q)
		return
	}
	t.change()
	if _, counted := t.app.Form.CountOf(q.Key); counted && t.st.Edit && !t.complete() {
		t.st.Edit = false // more items than before: they are asked now
	}
	if echo := t.echo(q, v); echo != "" {
		t.lead(t.rich("word.noted", pairs([]string{"value", echo})))
	}
	t.next()
}

// echo reads back what was understood where typing and meaning may differ.
func (t *turn) echo(q *form.Question, v any) string {
	if !t.in.Caps.Private || t.short() {
		return ""
	}
	switch q.Type {
	case "date", "partial_date", "time", "datetime", "org", "ward":
		return t.app.Form.Echo(q.Key, v, t.loc)
	}
	return ""
}

func firstViolation(err error) core.Violation {
	var e *core.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0]
	}
	return core.Violation{Key: "field.type"}
}

// chosenValue takes the canonical value behind a choice.
func (t *turn) chosenValue(o option) {
	s := t.step()
	if s.Kind != dossier.StepField {
		t.show()
		return
	}
	v, err := form.ParseJSON(o.Raw)
	if err != nil {
		t.leadWord("word.stale")
		t.show()
		return
	}
	t.accept(s.Question, v)
}

// answerFact reads a reply about the applicant's circumstances. It is read as in
// every other channel before it may be the beginning of a choice: "chưa" is a no,
// and not "chưa rõ".
func (t *turn) answerFact(s dossier.Step, raw string, m matched, isCommand bool) bool {
	if value, ok := form.ParseFact(raw, t.loc).Value.(string); ok {
		t.setFact(s.Key, value)
		return true
	}
	if o, ok, _ := t.st.byText(raw); ok {
		t.choose(o)
		return true
	}
	if !isCommand {
		return false
	}
	switch m.verb {
	case verbYes, verbConsent:
		t.setFact(s.Key, catalog.FactYes)
	case verbNo:
		t.setFact(s.Key, catalog.FactNo)
	case verbUnknown:
		t.setFact(s.Key, catalog.FactUnknown)
	case verbUnclear:
		t.missed = true
		t.leadWord("word.unclearDung")
		t.show()
	default:
		return false
	}
	return true
}

func (t *turn) setFact(key, value string) {
	if err := t.app.SetFact(key, value, t.author()); err != nil {
		t.missed = true
		t.lead(t.violation(firstViolation(err)))
		t.show()
		return
	}
	t.change()
	t.next()
}

// notAnswered says that a reply is no answer to the open question.
func (t *turn) notAnswered(raw string) {
	t.missed = true
	switch t.st.At {
	case atSummary:
		t.hint(t.consentHow())
		return
	default:
		switch s := t.step(); s.Kind {
		case dossier.StepFact:
			t.leadWord("field.yesno.unknown")
		case dossier.StepPaper:
			t.leadWord("word.paperOnly")
		default:
			if o := t.app.Form.Parse(s.Key, raw, t.loc, t.in.Now); o.Violation != nil {
				t.lead(t.violation(*o.Violation))
			} else {
				t.leadWord("field.type")
			}
		}
		if t.st.Lost >= 2 {
			t.leadWord("word.orHuman")
		}
	}
	t.show()
}
