package dossier

import (
	"slices"

	"github.com/motcua/motcua/core"
)

// Act is something done to a dossier that may change its state.
type Act string

// The acts.
const (
	ActSubmit     Act = "submit"
	ActAccept     Act = "accept"
	ActRefuse     Act = "refuse"
	ActStart      Act = "start" // an officer takes the accepted dossier into processing
	ActSupplement Act = "request_supplement"
	ActRespond    Act = "respond"
	ActPause      Act = "pause_for_fee"
	ActResume     Act = "resume"
	ActWithdraw   Act = "withdraw"
	ActStop       Act = "stop"
	ActComplete   Act = "complete"
	ActReturn     Act = "return"

	// Acts that leave the official state as it is.
	ActAgree        Act = "agree"         // somebody who must agree to the dossier does
	ActDecline      Act = "decline"       // or does not
	ActExtend       Act = "extend"        // apology with a new date, once
	ActSendDraft    Act = "send_draft"    // the draft of the result goes to the applicant
	ActConfirmDraft Act = "confirm_draft" // by the applicant, or by silence
	ActCorrectDraft Act = "correct_draft" // the applicant says what is wrong
)

// The kinds of timeline events that leave the official state as it is.
const (
	KindAgreed         = "cosign_confirmed"
	KindDeclined       = "cosign_declined"
	KindExtended       = "extended"
	KindDraftSent      = "draft_sent"
	KindDraftConfirmed = "draft_confirmed"
	KindDraftWrong     = "draft_wrong"
)

// Kind is the name of the timeline event that an act leaves.
func (a Act) Kind() string {
	switch a {
	case ActSubmit:
		return "submitted"
	case ActAccept:
		return "accepted"
	case ActRefuse:
		return "refused"
	case ActStart:
		return "processing"
	case ActSupplement:
		return "supplement_requested"
	case ActRespond:
		return "supplemented"
	case ActPause:
		return "fee_requested"
	case ActResume:
		return "resumed"
	case ActWithdraw:
		return "withdrawn"
	case ActStop:
		return "stopped"
	case ActComplete:
		return "completed"
	case ActReturn:
		return "returned"
	case ActAgree:
		return KindAgreed
	case ActDecline:
		return KindDeclined
	case ActExtend:
		return KindExtended
	case ActSendDraft:
		return KindDraftSent
	case ActConfirmDraft:
		return KindDraftConfirmed
	case ActCorrectDraft:
		return KindDraftWrong
	}
	return string(a)
}

// Transition is one allowed change of state.
type Transition struct {
	From, To core.DossierState // From is 0 for the submission
	Act      Act
	Who      []core.ActorKind
}

// Transitions is the whole state machine: what is not in it is refused. The flow
// is that of the national synchronisation interface (states 1 to 10); who may act
// follows Decree 118/2025/NĐ-CP: officers decide, the applicant answers and
// withdraws, an agency's own system reports what it did.
func Transitions() []Transition {
	officer := []core.ActorKind{core.ActorOfficer}
	office := []core.ActorKind{core.ActorOfficer, core.ActorAgency}
	// An officer records what an applicant asks for at the counter.
	applicant := []core.ActorKind{core.ActorCitizen, core.ActorOfficer}
	return []Transition{
		{0, core.StateNew, ActSubmit, []core.ActorKind{core.ActorAnonymous, core.ActorCitizen, core.ActorKiosk, core.ActorOfficer}},
		{core.StateNew, core.StateAccepted, ActAccept, officer},
		{core.StateNew, core.StateRefused, ActRefuse, officer},
		{core.StateNew, core.StateWithdrawn, ActWithdraw, applicant},
		{core.StateAccepted, core.StateProcessing, ActStart, office},
		{core.StateAccepted, core.StateSupplement, ActSupplement, officer},
		{core.StateAccepted, core.StateWithdrawn, ActWithdraw, applicant},
		{core.StateProcessing, core.StateSupplement, ActSupplement, officer},
		{core.StateProcessing, core.StatePayment, ActPause, office},
		{core.StateProcessing, core.StateStopped, ActStop, officer},
		{core.StateProcessing, core.StateDone, ActComplete, office},
		{core.StateProcessing, core.StateWithdrawn, ActWithdraw, applicant},
		{core.StateSupplement, core.StateProcessing, ActRespond, applicant},
		{core.StateSupplement, core.StateStopped, ActStop, officer},
		{core.StateSupplement, core.StateWithdrawn, ActWithdraw, applicant},
		{core.StatePayment, core.StateProcessing, ActResume, []core.ActorKind{core.ActorOfficer, core.ActorAgency, core.ActorSystem}},
		{core.StatePayment, core.StateStopped, ActStop, officer},
		{core.StateDone, core.StateReturned, ActReturn, []core.ActorKind{core.ActorOfficer, core.ActorAgency, core.ActorSystem}},

		{core.StateNew, core.StateNew, ActAgree, applicant},
		{core.StateNew, core.StateNew, ActDecline, applicant},
		{core.StateAccepted, core.StateAccepted, ActExtend, officer},
		{core.StateProcessing, core.StateProcessing, ActExtend, officer},
		{core.StateProcessing, core.StateProcessing, ActSendDraft, office},
		{core.StateProcessing, core.StateProcessing, ActConfirmDraft, []core.ActorKind{core.ActorCitizen, core.ActorOfficer, core.ActorSystem}},
		{core.StateProcessing, core.StateProcessing, ActCorrectDraft, applicant},
	}
}

// States are the ten official states in order.
func States() []core.DossierState {
	return []core.DossierState{
		core.StateNew, core.StateAccepted, core.StateRefused, core.StateProcessing, core.StateSupplement,
		core.StatePayment, core.StateWithdrawn, core.StateStopped, core.StateDone, core.StateReturned,
	}
}

// Clock is what the legal clock does in a state.
type Clock string

// The states of the clock.
const (
	ClockStopped Clock = "stopped"
	ClockRunning Clock = "running"
	ClockPaused  Clock = "paused"
)

// ClockIn gives what the legal clock does in a state.
func ClockIn(s core.DossierState) Clock {
	switch s {
	case core.StateAccepted, core.StateProcessing:
		return ClockRunning
	case core.StateSupplement, core.StatePayment:
		return ClockPaused
	}
	return ClockStopped
}

// Final reports whether nothing can follow a state.
func Final(s core.DossierState) bool {
	return !slices.ContainsFunc(Transitions(), func(t Transition) bool { return t.From == s && t.To != s })
}

// Next gives the state an act leads to.
//
// Errors: failed_precondition with key "error.dossier.state" when the act is not
// possible in the state; denied when this kind of actor may not do it.
func Next(from core.DossierState, act Act, who core.ActorKind) (core.DossierState, error) {
	for _, t := range Transitions() {
		if t.From != from || t.Act != act {
			continue
		}
		if !slices.Contains(t.Who, who) {
			return 0, core.Ef(core.CodeDenied, "dossier."+string(act), "", "a %s may not %s", who, act)
		}
		return t.To, nil
	}
	return 0, core.Ef(core.CodeFailedPrecondition, "dossier."+string(act), "error.dossier.state", "%s is not possible in state %d", act, from)
}
