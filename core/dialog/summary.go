package dialog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// Bounds of a summary line where there is one segment for several of them, and
// of the lines of one segment.
const (
	shortLabel = 16
	shortValue = 18
	shortRows  = 137
)

// showSummary shows the numbered answers. When nothing is open any more it asks
// for the legal consent, else it offers to go on.
func (t *turn) showSummary() {
	for _, v := range t.app.State().Warnings() {
		t.lead(t.violation(v))
	}
	if !t.complete() {
		t.partial()
		return
	}
	code := ""
	if t.in.Caps.ConsentCode {
		if t.st.Digits == "" {
			b := t.in.Random(2)
			n := (int(b[0])<<8 | int(b[1])) % 10000
			for t.st.Digits = fmt.Sprintf("%04d", n); ; t.st.Digits = fmt.Sprintf("%04d", n) {
				if _, taken := t.cosignOf(t.st.Digits); !taken {
					break
				}
				n = (n + 1) % 10000
			}
		}
		code = t.consentCode()
	}
	offers := t.summaryOffers()
	if t.short() {
		if code == "" {
			code = t.word("word.agree")
		}
		t.shortSummary(code, offers)
		return
	}
	rows := t.rows(false)
	how := ""
	if code != "" {
		how = t.consentHow()
	}
	t.rebased()
	t.say("summary", map[string]string{
		"rows": strings.Join(rows, "\n"), "fee": t.fee(t.app.Procedure), "proof": t.proof(), "code": how,
	}, core.ExpectText, offers...)
}

func (t *turn) summaryOffers() []offer {
	offers := []offer{{act: "consent", key: "choice.consent", mute: true}, {act: "edits", key: "choice.edit", mute: true},
		{act: "cancel", key: "choice.cancel", mute: true}, backOffer(), menuOffer()}
	if t.in.Caps.ConsentCode {
		return offers[1:]
	}
	return offers
}

// partialOffers are the ways on from answers that are not all there yet.
func (t *turn) partialOffers() []offer {
	return []offer{pick("continue", "choice.continue"), {act: "edits", key: "choice.edit", mute: true}, menuOffer()}
}

// complete reports whether nothing is left to ask before the consent.
func (t *turn) complete() bool {
	return t.app.Next(t.in.Found.Papers).Kind == dossier.StepSummary
}

// hint says how the summary is answered, without showing it all again.
func (t *turn) hint(s string) {
	t.missed = true
	t.st.At = atSummary
	offers := t.summaryOffers()
	if !t.complete() {
		offers = t.partialOffers()
	}
	t.say("summary.hint", map[string]string{"hint": s}, core.ExpectText, offers...)
}

// rows writes the numbered lines, or only those that say something.
func (t *turn) rows(answered bool) []string {
	var rows []string
	for _, l := range t.app.Review(t.in.Found.Papers, t.loc, false) {
		if answered && (l.Missing || l.Kind == dossier.StepPaper && l.Stand.Files+l.Stand.Pending == 0) {
			continue
		}
		rows = append(rows, t.row(l))
	}
	return rows
}

// partial shows the answers so far.
func (t *turn) partial() {
	rows := t.rows(true)
	offers := t.partialOffers()
	if t.short() {
		lead := t.leading
		t.leading = ""
		parts := chunks(rows, shortRows)
		for _, part := range parts {
			t.tell("summary.rows", map[string]string{"rows": part})
		}
		t.leading = lead
		rows = nil
	}
	t.say("summary.partial", map[string]string{"rows": strings.Join(rows, "\n")}, core.ExpectText, offers...)
}

// row writes one numbered line.
func (t *turn) row(l dossier.Line) string {
	label, value := lineLabel(l).In(t.loc), l.Shown
	if l.Kind == dossier.StepField && l.Value != nil && !t.in.Caps.Private {
		value = t.masked(l.Key, l.Value)
	}
	if t.short() && l.Kind == dossier.StepField {
		if _, n, item := t.app.Form.Item(l.Key); item {
			label = strconv.Itoa(n) + "." + l.Label.In(t.loc) // the heading would leave no room
		} else if q, ok := t.app.State().Question(l.Key); ok {
			label = q.Short(t.loc)
		}
	}
	switch {
	case l.Kind == dossier.StepPaper && l.Stand.Files+l.Stand.Pending > 0:
		value = t.word("word.pages", "count", strconv.Itoa(l.Stand.Pages))
	case l.Missing:
		value = t.word("word.missing")
	case l.Kind == dossier.StepPaper:
		value = t.word("word.later")
	case value == "":
		value = t.word("word.notGiven")
	}
	if l.Changed {
		value = t.word("word.changedLine", "value", value)
	}
	if t.short() {
		return fmt.Sprintf("%d %s: %s", l.Number, text.Cut(text.Plain(label), shortLabel), text.Cut(text.Plain(value), shortValue))
	}
	return fmt.Sprintf("%d. %s: %s", l.Number, label, value)
}

// chunks joins rows into parts of at most room characters.
func chunks(rows []string, room int) []string {
	var parts []string
	cur := ""
	for _, r := range rows {
		switch {
		case cur == "":
			cur = r
		case len(cur)+2+len(r) <= room:
			cur += "; " + r
		default:
			parts = append(parts, cur)
			cur = r
		}
	}
	if cur != "" {
		parts = append(parts, cur)
	}
	return parts
}

// proof says that who applies is still to be proved, where that is so.
func (t *turn) proof() string {
	if t.in.Row.Address.Assurance < t.app.Procedure.Assurance.Level {
		return t.word("word.proofLater")
	}
	return ""
}

func (t *turn) consentCode() string {
	return t.rich("word.consentCode", map[string]string{"digits": t.st.Digits})
}

// consentHow says how consent is given here.
func (t *turn) consentHow() string {
	if !t.complete() {
		return t.rich("word.notComplete", nil)
	}
	if t.in.Caps.ConsentCode && t.st.Digits != "" {
		return t.rich("word.consentHowCode", map[string]string{"code": t.consentCode()})
	}
	return t.rich("word.consentHow", nil)
}

// answerSummary reads a reply to the summary. A bare number is never a consent,
// and neither is a yes.
func (t *turn) answerSummary(raw string, m matched, isCommand bool) bool {
	if isCommand {
		switch m.verb {
		case verbConsent:
			t.consent(m.arg)
			return true
		case verbYes, verbDone:
			if !t.complete() {
				t.next()
				return true
			}
			t.hint(t.consentHow())
			return true
		case verbUnclear:
			t.hint(t.rich("word.unclearDung", nil) + " " + t.consentHow())
			return true
		}
	}
	o, ok, number := t.st.byText(raw)
	switch {
	case ok && o.Act != "consent":
		t.choose(o)
		return true
	case number && t.complete():
		n := strconv.Itoa(max(1, atoi(strings.TrimSpace(raw))))
		if t.in.Caps.ConsentCode {
			t.hint(t.rich("word.summaryNumberCode", map[string]string{"n": n, "code": t.consentCode()}))
		} else {
			t.hint(t.rich("word.summaryNumber", map[string]string{"n": n}))
		}
		return true
	}
	return false
}

// consent checks the legal consent and submits.
func (t *turn) consent(digits string) {
	if !t.complete() {
		t.missed = true
		t.leadWord("word.notComplete")
		t.next()
		return
	}
	if t.in.Caps.ConsentCode && t.st.Digits == "" {
		t.st.At = atSummary
		t.show() // draws them
		return
	}
	if t.in.Caps.ConsentCode && digits != t.st.Digits {
		how := t.consentHow()
		if digits != "" {
			how = t.rich("word.wrongCode", nil) + " " + how
		}
		t.hint(how)
		return
	}
	t.submit()
}

// submit files the draft.
func (t *turn) submit() {
	p, err := t.app.Prepare(t.in.Found.Papers)
	if err != nil {
		t.notReady(err)
		return
	}
	// What is submitted must be what is stored: a draft that was carried over to a
	// new version of its form is saved first.
	if sealed, err := core.SealJSON(t.app.Answers()); err == nil && !bytes.Equal(sealed, t.draft.Answers) {
		t.changed = true
		t.saveDraft()
	}
	name, fee, proof := t.name(t.app.Procedure), t.fee(t.app.Procedure), t.proof()
	id := t.draft.ID
	t.conv.DraftID, t.draft, t.app = "", nil, nil
	t.resetDraft()
	t.st.At, t.st.FiledAt = atHome, t.in.Now
	t.out.Progress = true
	n := t.say("submitted", map[string]string{
		"name": name, "office": t.e.officeName(p.Office, t.loc, t.short()), "papers": strconv.Itoa(len(p.Manifest)),
		"pages": strconv.Itoa(p.Pages), "fee": fee, "proof": proof, "variant": t.in.Caps.Variant,
		"code": "", "tail": "", "due": "",
	}, core.ExpectAny, offer{act: "mine", key: "choice.myDossiers", mute: true}, offer{act: "menu", key: "choice.menu", mute: true})
	t.command(Submit{DraftID: id, Prepared: p, Prompt: n})
}

// filedAlready answers a second press or a repeated consent with the dossier that
// the first one made.
func (t *turn) filedAlready() bool {
	if t.draft != nil || !justFiled(t.st, t.in.Now) || len(t.in.Found.Dossiers) == 0 {
		return false
	}
	t.leadWord("word.filed")
	d := t.in.Found.Dossiers[0]
	t.showStatus(d, d.Code)
	return true
}

// justFiled reports whether a repeated consent can still mean the last one.
func justFiled(st state, now time.Time) bool {
	return !st.FiledAt.IsZero() && now.Sub(st.FiledAt) < time.Hour
}

// notReady leads to what has to be changed before a submission.
func (t *turn) notReady(err error) {
	t.missed = true
	if core.IsCode(err, core.CodeFailedPrecondition) {
		t.lead(t.e.msg.Why(t.loc, core.ErrorKey(err), nil))
		t.show()
		return
	}
	v := firstViolation(err)
	message := t.violation(v)
	if strings.HasPrefix(v.Key, "error.") {
		message = t.e.msg.Why(t.loc, v.Key, v.Args)
	}
	t.leadWord("word.fixFirst", "message", message)
	t.st.Edit = true
	kind, key, dotted := strings.Cut(v.Field, ".")
	switch {
	case dotted && kind == string(dossier.StepPaper):
		t.openStep(dossier.Step{Kind: dossier.StepPaper, Key: key})
	case dotted && kind == string(dossier.StepFact):
		t.openStep(dossier.Step{Kind: dossier.StepFact, Key: key})
	case v.Field == "office":
		t.openStep(dossier.Step{Kind: dossier.StepField, Key: t.officeField()})
	default:
		t.openStep(dossier.Step{Kind: dossier.StepField, Key: v.Field})
	}
}

// officeField is the question that names the office.
func (t *turn) officeField() string {
	for _, key := range t.app.Form.Keys() {
		if f, ok := t.app.Form.Field(key); ok && (f.Type == "org" || f.Type == "ward") {
			return key
		}
	}
	return ""
}

// lineLabel is what a line is about, with the item of a list in front.
func lineLabel(l dossier.Line) form.Text {
	if l.Heading == (form.Text{}) {
		return l.Label
	}
	return form.Text{VI: l.Heading.VI + " · " + l.Label.VI, EN: l.Heading.In(text.EN) + " · " + l.Label.In(text.EN)}
}

// showEdits lists the lines, to choose the one to change.
func (t *turn) showEdits() {
	var offers []offer
	for _, l := range t.app.Review(t.in.Found.Papers, t.loc, true) {
		offers = append(offers, offer{act: "edit", arg: strconv.Itoa(l.Number), label: lineLabel(l)})
	}
	t.say("edit.ask", nil, core.ExpectChoice, append(offers, offer{act: "review", key: "choice.review", mute: true}, menuOffer())...)
}
