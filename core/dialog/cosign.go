package dialog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/notify"
)

// cosignAsked puts the question whether somebody agrees to a dossier. It leaves
// whatever is open in the conversation as it is: the answer carries its digits.
// Nothing of the applicant is told.
func (t *turn) cosignAsked() {
	if t.in.Row.Address.NoNotices {
		return
	}
	for _, c := range t.in.Found.Cosigns {
		if c.DossierID != t.in.Event.DossierID || c.Seq != t.in.Event.Seq {
			continue
		}
		person, err := dossier.CosignPerson(c.Cosign)
		if err != nil || c.State != core.CosignPending || c.Dossier.State != core.StateNew {
			return
		}
		name := ""
		if p, ok := t.e.cat.Procedure(c.Dossier.ProcedureCode); ok && !c.Dossier.Confidential {
			name = t.name(p)
		}
		key := "cosign.ask"
		if t.in.Event.Text == notify.CosignAgain {
			key = "cosign.reminder"
		}
		t.tell(key, map[string]string{"name": name, "tail": dossier.Tail(c.Dossier.Code), "digits": person.Digits})
		return
	}
}

// cosignOf finds the request that digits answer.
func (t *turn) cosignOf(digits string) (Cosign, bool) {
	for _, c := range t.in.Found.Cosigns {
		if _, ok := dossier.CosignOf([]core.Cosign{c.Cosign}, digits); ok {
			return c, true
		}
	}
	return Cosign{}, false
}

// answerCosign takes the legal words with the digits of a request to agree, or
// their refusal. The person's own open question stays open.
func (t *turn) answerCosign(c Cosign, digits string, agree bool) {
	state, key := core.CosignConfirmed, "cosign.agreed"
	if !agree {
		state, key = core.CosignDeclined, "cosign.declined"
	}
	nav := core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"}
	switch {
	case c.State != state && c.State != core.CosignPending:
		t.tell("error.cosign.answered", nil, nav)
		return
	case c.State == core.CosignPending && c.Dossier.State != core.StateNew:
		t.tell("error.cosign.unknown", nil, nav)
		return
	case c.State == core.CosignPending:
		t.command(AnswerCosign{CosignID: c.ID, Digits: digits, Agree: agree})
	}
	t.out.Progress = true
	t.tell(key, map[string]string{"tail": dossier.Tail(c.Dossier.Code)}, nav)
}

// declineAnywhere takes a refusal with its digits.
func (t *turn) declineAnywhere(m matched) bool {
	c, ok := t.cosignOf(m.arg)
	if !ok {
		t.missed = true
		t.tell("error.cosign.unknown", nil, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
		return true
	}
	t.answerCosign(c, m.arg, false)
	return true
}

// asked reports whether a request to agree still waits for an answer.
func (t *turn) asked() bool {
	for _, c := range t.in.Found.Cosigns {
		if c.State == core.CosignPending && c.Dossier.State == core.StateNew {
			return true
		}
	}
	return false
}
