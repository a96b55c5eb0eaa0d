package dialog

import (
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// reminder speaks up once about an application that was left unfinished.
func (t *turn) reminder() {
	if t.draft == nil || t.st.Reminded || t.in.Row.Address.NoNotices {
		return
	}
	due := t.draft.UpdatedAt.Add(reminderAfter)
	if late := t.in.Row.Conversation.UpdatedAt.Add(reminderAfter); late.After(due) {
		due = late
	}
	if due = awake(due); due.After(t.in.Now.Add(time.Minute)) {
		t.command(Timer{After: due.Sub(t.in.Now), Event: core.EventReminder})
		return
	}
	if at := awake(t.in.Now); at.After(t.in.Now) {
		t.command(Timer{After: at.Sub(t.in.Now), Event: core.EventReminder})
		return
	}
	t.st.Reminded = true
	done, total := t.app.Progress(t.in.Found.Papers)
	t.tell("reminder", map[string]string{
		"name": t.name(t.app.Procedure), "done": strconv.Itoa(done), "total": strconv.Itoa(total),
	}, core.Choice{ID: navPrefix + "continue", Key: "choice.continue"}, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
}

// awake gives t, or half past seven after the quiet hours (21:00–07:30) it lies in.
func awake(t time.Time) time.Time {
	c := t.In(core.City)
	y, m, d := c.Date()
	morning := time.Date(y, m, d, 7, 30, 0, 0, core.City)
	switch {
	case c.Before(morning):
		return morning.UTC()
	case c.Hour() >= 21:
		return morning.AddDate(0, 0, 1).UTC()
	}
	return t
}

// busy reports whether a question is open that a notice must not push aside.
func (t *turn) busy() bool {
	switch t.st.At {
	case atMissing, atHandIn, atWithdraw, atEdits, atDraft, atDraftWrong:
		return true
	}
	return t.filling()
}

// dossierChanged tells of a line of a dossier's timeline.
func (t *turn) dossierChanged() {
	d := t.in.Found.Dossier
	if d == nil || t.in.Row.Address.NoNotices {
		return
	}
	line := core.DossierEvent{To: d.State}
	for _, e := range t.in.Found.Timeline {
		if e.Seq == t.in.Event.Seq {
			line = e
		}
	}
	if line.To == core.StateNew && line.Kind == "" {
		return
	}
	if line.Kind == dossier.KindDraftSent && !d.Confidential && dossier.Owns(*d, t.viewer()) {
		if checking(*d) {
			t.draftSent(*d)
		}
		return
	}
	// A number that was only typed into a form is told that papers are missing, not
	// which: what was asked for is the applicant's to see.
	if line.To == core.StateSupplement && !d.Confidential && dossier.Owns(*d, t.viewer()) {
		t.supplementAsked(*d)
		return
	}
	key, args := noticeKey(line), t.noticeArgs(*d, line)
	if d.Confidential {
		key, args = "status.plain", map[string]string{"code": d.Code, "state": t.word(dossier.StateKey(line.To))}
	}
	if t.busy() {
		ways := []core.Choice{{ID: navPrefix + "dossier." + string(d.ID), Key: "choice.track"}}
		if t.resultReady(*d) {
			ways = append([]core.Choice{{ID: navPrefix + "result." + string(d.ID), Key: "choice.result"}}, ways...)
			if t.short() && !d.Confidential { // it shows no choice that has no number
				args["how"] = t.word("word.resultHow")
			}
		}
		t.tell(key, args, ways...)
		return
	}
	t.st.At, t.st.Dossier = atDossier, d.ID
	t.say(key, args, core.ExpectAny, t.dossierOffers(*d, dossier.Owns(*d, t.viewer()))...)
}

// noticeKey is the message of a line of a timeline.
func noticeKey(line core.DossierEvent) string {
	switch {
	case line.From != line.To || line.Kind == "":
		return "notice." + strconv.Itoa(int(line.To))
	case line.Kind == dossier.KindDraftSent:
		return "notice.draft"
	}
	return "notice." + line.Kind
}

func (t *turn) noticeArgs(d core.Dossier, line core.DossierEvent) map[string]string {
	name := ""
	if p, ok := t.e.cat.Procedure(d.ProcedureCode); ok {
		name = t.name(p)
	}
	s := t.e.svc.StatusOf(d, d.Code, dossier.Owns(d, t.viewer()), t.in.Now)
	until := ""
	reason := ""
	if line.Reason != "" {
		reason = t.rich("reason."+line.Reason, nil)
	}
	var note dossier.Note
	if err := core.OpenJSON(line.Note, &note); err == nil {
		until = dueText(t.loc, note.DueAt, t.short())
		if note.Amount > 0 {
			if reason = text.Money(t.loc, note.Amount); until != "" {
				reason = t.rich("word.payBefore", map[string]string{"amount": reason, "until": until})
			}
		}
		if note.Advice != "" && t.in.Caps.Private {
			if reason != "" {
				reason += ". "
			}
			reason += note.Advice
		}
	}
	due := ""
	if line.To == d.State {
		due = t.due(s)
	}
	return map[string]string{
		"code": d.Code, "tail": dossier.Tail(d.Code), "name": name, "due": due, "reason": reason, "how": "", "until": until,
		"office": t.e.officeName(d.Office, t.loc, t.short()),
	}
}

// supplementAsked tells that papers are missing. In the middle of something else
// it only points there.
func (t *turn) supplementAsked(d core.Dossier) {
	if _, _, ok := t.requested(); !ok {
		return
	}
	if !t.busy() {
		t.st.At, t.st.Dossier, t.st.Item = atSupplement, d.ID, 0
		t.showSupplement()
		return
	}
	st := t.st
	t.showSupplement()
	p := &t.out.Prompts[len(t.out.Prompts)-1]
	p.Choices = []core.Choice{{ID: navPrefix + "supplement." + string(d.ID), Key: "choice.sendMissing"}, {ID: navHuman, Key: "choice.human"}}
	p.Expect = core.ExpectAny
	t.st = st
}
