package dossier

import (
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

// Plain is one of the eight words in which citizens are told of a state.
type Plain string

// The eight words. Two pairs of official states share a word: withdrawn and
// stopped, done and returned.
const (
	PlainSubmitted  Plain = "submitted"  // Mới nộp
	PlainAccepted   Plain = "accepted"   // Đã tiếp nhận
	PlainRefused    Plain = "refused"    // Không tiếp nhận
	PlainProcessing Plain = "processing" // Đang xử lý
	PlainSupplement Plain = "supplement" // Cần bổ sung
	PlainPayment    Plain = "payment"    // Chờ nộp phí
	PlainStopped    Plain = "stopped"    // Đã dừng
	PlainDone       Plain = "done"       // Có kết quả
)

// PlainOf gives the word for a state.
func PlainOf(s core.DossierState) Plain {
	switch s {
	case core.StateNew:
		return PlainSubmitted
	case core.StateAccepted:
		return PlainAccepted
	case core.StateRefused:
		return PlainRefused
	case core.StateProcessing:
		return PlainProcessing
	case core.StateSupplement:
		return PlainSupplement
	case core.StatePayment:
		return PlainPayment
	case core.StateDone, core.StateReturned:
		return PlainDone
	}
	return PlainStopped
}

// Holder is who has the next move.
type Holder string

// The holders.
const (
	HolderOffice  Holder = "office"
	HolderCitizen Holder = "citizen"
	HolderNobody  Holder = "nobody"
)

// HolderOf gives who has the next move in a state.
func HolderOf(d core.Dossier) Holder {
	switch d.State {
	case core.StateNew:
		if d.NeedsProof {
			return HolderCitizen
		}
		return HolderOffice
	case core.StateAccepted:
		return HolderOffice
	case core.StateProcessing:
		if d.ResultDraft == core.ResultDraftSent {
			return HolderCitizen
		}
		return HolderOffice
	case core.StateSupplement, core.StatePayment, core.StateDone:
		return HolderCitizen
	}
	return HolderNobody
}

// StateKey is the message key of a state's word.
func StateKey(s core.DossierState) string { return "state." + strconv.Itoa(int(s)) }

// EventKey is the message key of what happened to a dossier, in plain words: of an
// event of another kind than those of the acts, the word of the state after it.
func EventKey(e core.DossierEvent) string {
	for _, a := range acts() {
		if a.Kind() == e.Kind {
			return "word.event." + e.Kind
		}
	}
	return StateKey(e.To)
}

// acts lists all acts.
func acts() []Act {
	return []Act{
		ActSubmit, ActAccept, ActRefuse, ActStart, ActSupplement, ActRespond, ActPause, ActResume, ActWithdraw, ActStop,
		ActComplete, ActReturn, ActAgree, ActDecline, ActExtend, ActSendDraft, ActConfirmDraft, ActCorrectDraft,
	}
}

// Status is how a dossier stands: no name, no number, no content. Who only has the
// code is told its state, what to do in such a state, and when it is due; what it is
// about, where it lies and what is asked of its applicant stay with its owner. Of a
// confidential procedure such a person is told the word of the state only.
type Status struct {
	Code     string
	State    core.DossierState
	Plain    Plain
	StateKey string // message key of the word
	// What follows is empty when the status is Limited.
	MeansKey string    // message key of what the word means, in one sentence
	NextKey  string    // message key of the next action in one sentence; to a stranger "" where the state does not tell
	DueAt    time.Time // zero when none is running
	Firm     bool      // DueAt binds; else it is what was expected at submission
	Overdue  bool
	// What follows is empty unless the owner asks.
	Holder    Holder
	Procedure catalog.Bilingual // what citizens call it
	Office    string            // ward code
	AnswerBy  time.Time         // until when the applicant should answer what is open; zero = nothing is, or no date
	Limited   bool              // of a confidential procedure, asked by somebody who is not its proved owner
}

// StatusOf tells how a dossier stands. Code is the one it was asked by. Owner says
// that the asker is its proved owner (see Owns).
func (s *Service) StatusOf(d core.Dossier, code string, owner bool, now time.Time) Status {
	if code == "" {
		code = d.Code
	}
	st := Status{Code: code, State: d.State, Plain: PlainOf(d.State), StateKey: StateKey(d.State)}
	if d.Confidential && !owner {
		// The exact official state would say more than its word.
		st.Limited = true
		return st
	}
	st.MeansKey = "word.meaning." + string(st.Plain)
	st.NextKey = nextKey(d, owner)
	switch ClockIn(d.State) {
	case ClockRunning:
		st.DueAt, st.Firm, st.Overdue = d.DueAt, true, Overdue(d, now)
	case ClockStopped:
		if d.State == core.StateNew {
			st.DueAt = d.ExpectedAt
		}
	}
	if !owner {
		return st
	}
	st.Holder, st.AnswerBy, st.Office = HolderOf(d), d.AnswerBy, d.Office
	if p, ok := s.procedure(d.ProcedureCode); ok {
		st.Procedure = p.Short
		if st.Procedure.Vi == "" {
			st.Procedure = p.Name
		}
	}
	return st
}

// nextKey is the message key of the next action. What only this dossier waits for is
// its owner's to know; the sentence of its state would be wrong for it.
func nextKey(d core.Dossier, owner bool) string {
	own := ""
	switch {
	case d.State == core.StateNew && d.NeedsProof:
		own = "word.nextProof"
	case d.ResultDraft == core.ResultDraftSent:
		own = "word.nextDraft"
	default:
		return "word.next" + strconv.Itoa(int(d.State))
	}
	if !owner {
		return ""
	}
	return own
}

// Viewer is somebody who asks for a dossier, as far as known.
type Viewer struct {
	CitizenID core.ID
	ConvID    core.ID // conversation the question came through
	Assurance core.Assurance
	Private   bool // the channel shows things to the one person only
}

// Owns reports whether the viewer filed the dossier: the citizen it belongs to,
// or the conversation it was filed in.
func Owns(d core.Dossier, v Viewer) bool {
	return v.CitizenID != "" && v.CitizenID == d.CitizenID || v.ConvID != "" && v.ConvID == d.ConvID
}

// SeesDetails reports whether names, papers and reasons may be shown: to the
// owner, with a proved address or identity, on a private channel.
func SeesDetails(d core.Dossier, v Viewer) bool {
	return v.Private && v.Assurance >= core.AssuranceAddress && v.CitizenID != "" && v.CitizenID == d.CitizenID
}
