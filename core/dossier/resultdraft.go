package dossier

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/vault"
)

// DraftTime is how long an applicant has to check the draft of a result. The
// procedures of civil status give "at most one day" and do not say how it is
// counted: here it ends at the same time on the next day of the civil calendar,
// working day or not, which is never less than the law gives.
const DraftTime = 24 * time.Hour

// JobDraftSilent is the kind of the job that takes silence for consent when the
// time to check a draft result is over. Its payload is a Changed.
const JobDraftSilent = "dossier.draft_silent"

// SendDraft gives the applicant the draft of the result to check, for one day.
// Silence is consent (procedure 1.001193 and the other online ones of civil
// status). The dossier stays in processing and its clock runs on. A draft that was
// corrected is followed by another one.
//
// Errors: failed_precondition with key "error.result_draft.open" while one is being
// checked; those of Accept and of vault.Service.AddReady.
func (s *Service) SendDraft(ctx context.Context, tx core.Tx, by By, id core.ID, file ResultFile) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, ActSendDraft)
	if err != nil {
		return core.Dossier{}, err
	}
	if c.d.ResultDraft == core.ResultDraftSent {
		return core.Dossier{}, c.draftError(ActSendDraft, "error.result_draft.open")
	}
	if err := c.processing(ctx, ActSendDraft); err != nil {
		return core.Dossier{}, err
	}
	c.d.ResultDraft, c.d.AnswerBy = core.ResultDraftSent, tx.Now().Add(DraftTime)
	if err := c.step(ctx, ActSendDraft, "", Note{DueAt: c.d.AnswerBy}); err != nil {
		return core.Dossier{}, err
	}
	// Every draft is a round of its own: the version it came with.
	if err := c.keep(ctx, file, vault.RequirementDraft, c.seq); err != nil {
		return core.Dossier{}, err
	}
	payload, err := core.SealJSON(Changed{DossierID: id, Seq: c.seq})
	if err != nil {
		return core.Dossier{}, err
	}
	if err := tx.Enqueue(ctx, core.Job{Kind: JobDraftSilent, Lane: core.LaneNotice, RunAt: c.d.AnswerBy, Payload: payload}); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActSendDraft)
}

// ConfirmDraft records that the draft of the result is right. A second call finds
// it confirmed and changes nothing. The caller has checked that an applicant owns
// the dossier.
//
// Errors: failed_precondition with key "error.result_draft.none" when no draft is
// being checked; those of Accept.
func (s *Service) ConfirmDraft(ctx context.Context, tx core.Tx, by By, id core.ID) (core.Dossier, error) {
	return s.answerDraft(ctx, tx, by, id, ActConfirmDraft, "", Note{})
}

// CorrectDraft records what is wrong with the draft of the result, in the
// applicant's words. It goes back to the officer, who sends another one.
//
// Errors: invalid with field words; failed_precondition with key
// "error.result_draft.late" after the time to answer; those of ConfirmDraft.
func (s *Service) CorrectDraft(ctx context.Context, tx core.Tx, by By, id core.ID, words string) (core.Dossier, error) {
	if err := noteFits("dossier.correct_draft", "words", words, true); err != nil {
		return core.Dossier{}, err
	}
	return s.answerDraft(ctx, tx, by, id, ActCorrectDraft, "", Note{Words: words})
}

// DraftSilent takes silence for consent, at the time the job of SendDraft runs. It
// changes nothing when the draft was answered, was replaced by another, or when
// the dossier has moved on.
func (s *Service) DraftSilent(ctx context.Context, tx core.Tx, sent Changed) (core.Dossier, error) {
	by := By{Actor: core.Actor{Kind: core.ActorSystem}}
	c, err := s.open(ctx, tx, by, sent.DossierID, ActConfirmDraft)
	if err != nil || c.d.ResultDraft != core.ResultDraftSent || tx.Now().Before(c.d.AnswerBy) {
		return dossierOf(c), err
	}
	return s.answerDraft(ctx, tx, by, sent.DossierID, ActConfirmDraft, ReasonSilence, Note{})
}

// ReasonSilence marks a draft result that nobody answered in time. Its words are
// the message "reason.silence".
const ReasonSilence = "silence"

func (s *Service) answerDraft(ctx context.Context, tx core.Tx, by By, id core.ID, act Act, reason string, note Note) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, act)
	if err != nil {
		return core.Dossier{}, err
	}
	if _, err := Next(c.d.State, act, by.Actor.Kind); err != nil {
		return core.Dossier{}, err
	}
	switch {
	case act == ActConfirmDraft && c.d.ResultDraft == core.ResultDraftConfirmed:
		return c.d, nil
	case c.d.ResultDraft != core.ResultDraftSent:
		return core.Dossier{}, c.draftError(act, "error.result_draft.none")
	case act == ActCorrectDraft && by.Actor.Kind == core.ActorCitizen && tx.Now().After(c.d.AnswerBy):
		return core.Dossier{}, c.draftError(act, "error.result_draft.late")
	}
	c.d.ResultDraft, c.d.AnswerBy = core.ResultDraftConfirmed, time.Time{}
	if act == ActCorrectDraft {
		c.d.ResultDraft = core.ResultDraftWrong
	}
	if err := c.step(ctx, act, reason, note); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, act)
}

// draftSettled refuses an end that the applicant has still to be asked about: of a
// procedure that works with drafts when it was filed from afar, and of any whose
// draft is being checked. Who stands at the counter is asked there.
func (c *change) draftSettled(act Act) error {
	switch c.d.ResultDraft {
	case core.ResultDraftConfirmed:
		return nil
	case core.ResultDraftSent:
		return c.draftError(act, "error.result_draft.open")
	case core.ResultDraftWrong:
		return c.draftError(act, "error.result_draft.needed")
	}
	p, ok := c.s.cat.ProcedureVersion(c.d.ProcedureCode, c.d.ProcedureVersion)
	if ok && p.DraftResult && c.d.FiledBy != core.ActorOfficer {
		return c.draftError(act, "error.result_draft.needed")
	}
	return nil
}

func (c *change) draftError(act Act, key string) error {
	return core.E(core.CodeFailedPrecondition, opPrefix+string(act), key, nil)
}
