package dossier

import (
	"context"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/vault"
)

// JobChanged is the kind of the job that every change of a dossier enqueues, for
// package notify. Its payload is a Changed; jobs of one dossier run in order.
const JobChanged = "dossier.changed"

// Changed names one line of a dossier's timeline.
type Changed struct {
	DossierID core.ID `json:"dossier"`
	Seq       int     `json:"seq"`
}

// The reason codes of refusals, defects and stops. Their words are the messages
// "reason.<code>".
const (
	ReasonMissing     = "missing"      // a paper or a page is missing
	ReasonUnreadable  = "unreadable"   // cannot be read
	ReasonUncertified = "uncertified"  // lacks the seal, signature or certification it needs
	ReasonExpired     = "expired"      // no longer valid
	ReasonMismatch    = "mismatch"     // says something else than the declaration
	ReasonWrongOffice = "wrong_office" // another office is competent
	ReasonNotEligible = "not_eligible" // the conditions of the law are not met
	ReasonDuplicate   = "duplicate"    // the same case is being dealt with
	ReasonUnanswered  = "unanswered"   // the applicant did not answer in time
	ReasonApplicant   = "applicant"    // the applicant asked for it
	ReasonOther       = "other"        // the note says what
	maxNote           = 2000           // characters of an officer's note, or of an applicant's words
	maxReference      = 64             // characters of a payment's receipt number
	maxItems          = 20             // defects of one request
	auditPurpose      = "process"      // the statutory task, where no other purpose is given
	opPrefix          = "dossier."     // of operation names
	keyNotOwner       = "error.dossier.not_found"
)

// Reasons lists the reason codes.
func Reasons() []string {
	return []string{
		ReasonMissing, ReasonUnreadable, ReasonUncertified, ReasonExpired, ReasonMismatch, ReasonWrongOffice,
		ReasonNotEligible, ReasonDuplicate, ReasonUnanswered, ReasonApplicant, ReasonOther,
	}
}

// Note is the content of a timeline event's sealed Note.
type Note struct {
	Advice     string                `json:"advice,omitempty"`     // what the citizen can do, in an officer's words
	Supervisor string                `json:"supervisor,omitempty"` // why a second request was needed; not for the citizen
	Items      []core.SupplementItem `json:"items,omitempty"`
	Amount     int64                 `json:"amount,omitempty"`  // đồng to pay
	Receipt    string                `json:"receipt,omitempty"` // number of the receipt of a payment
	Words      string                `json:"words,omitempty"`   // what is wrong with a draft result, in the applicant's words
	Cosign     int                   `json:"cosign,omitempty"`  // which of the dossier's cosigns was answered
	DueAt      time.Time             `json:"dueAt,omitzero"`    // until when to answer; of an extension the new date
	WasDueAt   time.Time             `json:"wasDueAt,omitzero"` // of an extension
}

// By is who acts on a dossier and why.
type By struct {
	Actor   core.Actor
	Purpose string // of the audit row; "" = process
}

// change is one step under way.
type change struct {
	s   *Service
	tx  core.Tx
	by  By
	d   core.Dossier
	seq int
}

// open reads a dossier for an act. An officer sees the dossiers of the office
// they work for only; to others they do not exist.
func (s *Service) open(ctx context.Context, tx core.Tx, by By, id core.ID, act Act) (*change, error) {
	d, err := tx.Dossiers().Get(ctx, id)
	if err != nil {
		return nil, err
	}
	switch by.Actor.Kind {
	case core.ActorOfficer, core.ActorAgency:
		if by.Actor.Office != "*" && by.Actor.Office != d.Office {
			return nil, core.Ef(core.CodeNotFound, opPrefix+string(act), keyNotOwner, "office %q acts on a dossier of %q", by.Actor.Office, d.Office)
		}
	}
	return &change{s: s, tx: tx, by: by, d: d}, nil
}

// step moves the dossier along one transition: clock, timeline, version, audit.
func (c *change) step(ctx context.Context, act Act, reason string, note Note) error {
	to, err := Next(c.d.State, act, c.by.Actor.Kind)
	if err != nil {
		return err
	}
	now := c.tx.Now()
	from := c.d.State
	if from != to {
		c.clock(from, to, now)
		// What the applicant was asked belongs to the state that is left.
		c.d.AnswerBy = note.DueAt
		if c.d.ResultDraft == core.ResultDraftSent {
			c.d.ResultDraft = core.ResultDraftNone
		}
	}
	c.d.State, c.d.UpdatedAt = to, now
	if err := c.tx.Dossiers().Save(ctx, c.d); err != nil {
		return err
	}
	c.d.Version++
	return c.event(ctx, from, to, act.Kind(), reason, note)
}

// event writes the timeline line of the save just done. Every save of a dossier
// is exactly one line, so its number is the dossier's version.
func (c *change) event(ctx context.Context, from, to core.DossierState, kind, reason string, note Note) error {
	now := c.tx.Now()
	sealed, err := core.SealJSON(note)
	if err != nil {
		return err
	}
	c.seq = int(c.d.Version)
	return c.tx.Dossiers().AddEvent(ctx, core.DossierEvent{
		DossierID: c.d.ID, Seq: c.seq, From: from, To: to, Kind: kind,
		Actor: c.by.Actor.Kind, ActorID: c.by.Actor.ID, Reason: reason, Note: sealed, At: now,
	})
}

// clock starts, pauses, resumes or stops the legal clock.
func (c *change) clock(from, to core.DossierState, now time.Time) {
	was, is := ClockIn(from), ClockIn(to)
	switch {
	case was == ClockStopped && is == ClockRunning:
		c.d.AcceptedAt = now
		c.d.DueAt = Firm(c.s.calendar(c.d.Office), c.s.limit(c.d), now)
	case was == ClockRunning && is == ClockPaused:
		c.d.ClockPausedAt = now
	case was == ClockPaused && is != ClockPaused:
		c.d.PausedFor += wholeSeconds(now.Sub(c.d.ClockPausedAt))
		if is == ClockRunning {
			c.d.DueAt = Resumed(c.s.calendar(c.d.Office), c.s.limit(c.d), c.d.DueAt, c.d.ClockPausedAt, now)
		}
		c.d.ClockPausedAt = time.Time{}
	}
	if to == core.StateDone {
		c.d.DoneAt = now
	}
}

func wholeSeconds(d time.Duration) time.Duration {
	return max(0, (d + time.Second - 1).Truncate(time.Second))
}

// close audits the act and tells package notify.
func (c *change) close(ctx context.Context, act Act) (core.Dossier, error) {
	if err := c.s.audit(ctx, c.tx, c.by, opPrefix+string(act), c.d); err != nil {
		return core.Dossier{}, err
	}
	return c.d, c.s.changed(ctx, c.tx, c.d.ID, c.seq)
}

// audit writes the row of an act or read by anybody but the citizen.
func (s *Service) audit(ctx context.Context, tx core.Tx, by By, op string, d core.Dossier) error {
	switch by.Actor.Kind {
	case core.ActorCitizen, core.ActorAnonymous, core.ActorKiosk:
		return nil
	}
	purpose := by.Purpose
	if purpose == "" {
		purpose = auditPurpose
	}
	now := tx.Now()
	return tx.Audit().Insert(ctx, core.AuditRow{
		ID: core.NewID(now), At: now, Actor: by.Actor.Kind, ActorID: by.Actor.ID, ActorName: by.Actor.Name,
		Office: by.Actor.Office, Op: op, DossierID: d.ID, CitizenID: d.CitizenID, Purpose: purpose,
	})
}

// Viewed records that somebody read a dossier's details. It writes nothing for
// the citizen.
func (s *Service) Viewed(ctx context.Context, tx core.Tx, by By, d core.Dossier) error {
	return s.audit(ctx, tx, by, opPrefix+"read", d)
}

func (s *Service) changed(ctx context.Context, tx core.Tx, id core.ID, seq int) error {
	payload, err := core.SealJSON(Changed{DossierID: id, Seq: seq})
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, core.Job{Kind: JobChanged, Lane: core.LaneNotice, OrderKey: "dossier:" + string(id), Payload: payload})
}

// Accept takes a dossier in: the clock starts and the firm due time is set.
// A dossier that still needs proof of who applies is accepted only when the
// officer states to have checked it.
//
// Errors of this and the following acts: not_found (also for another office's
// dossier), failed_precondition with key "error.dossier.state", denied, conflict.
// Here also failed_precondition with key "error.dossier.needs_proof", and
// "error.dossier.cosign_pending" while somebody who must agree has not.
func (s *Service) Accept(ctx context.Context, tx core.Tx, by By, id core.ID, identityChecked bool) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, ActAccept)
	if err != nil {
		return core.Dossier{}, err
	}
	if c.d.State == core.StateNew {
		if err := c.agreed(ctx); err != nil {
			return core.Dossier{}, err
		}
	}
	if c.d.State == core.StateNew && c.d.NeedsProof {
		if !identityChecked {
			return core.Dossier{}, core.E(core.CodeFailedPrecondition, "dossier.accept", "error.dossier.needs_proof", nil)
		}
		c.d.NeedsProof = false
	}
	if err := c.step(ctx, ActAccept, "", Note{}); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActAccept)
}

// Start takes an accepted dossier into processing.
func (s *Service) Start(ctx context.Context, tx core.Tx, by By, id core.ID) (core.Dossier, error) {
	return s.simple(ctx, tx, by, id, ActStart, "", Note{})
}

// Refuse turns a new dossier down: with a reason code and what the citizen can
// do, both required.
func (s *Service) Refuse(ctx context.Context, tx core.Tx, by By, id core.ID, reason, advice string) (core.Dossier, error) {
	if err := reasoned("dossier.refuse", reason, advice); err != nil {
		return core.Dossier{}, err
	}
	return s.simple(ctx, tx, by, id, ActRefuse, reason, Note{Advice: advice})
}

// Stop ends processing without a result: with a reason code and what the citizen
// can do, both required. Errors besides: failed_precondition with key
// "error.stop.early" for "unanswered" before the time to answer is over.
func (s *Service) Stop(ctx context.Context, tx core.Tx, by By, id core.ID, reason, advice string) (core.Dossier, error) {
	if err := reasoned("dossier.stop", reason, advice); err != nil {
		return core.Dossier{}, err
	}
	c, err := s.open(ctx, tx, by, id, ActStop)
	if err != nil {
		return core.Dossier{}, err
	}
	// "Did not answer" is no reason while there is still time to.
	if reason == ReasonUnanswered && ClockIn(c.d.State) == ClockPaused && tx.Now().Before(c.d.AnswerBy) {
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, "dossier.stop", "error.stop.early", nil)
	}
	return c.simple(ctx, ActStop, reason, Note{Advice: advice})
}

// Return records that the citizen has the result.
func (s *Service) Return(ctx context.Context, tx core.Tx, by By, id core.ID) (core.Dossier, error) {
	return s.simple(ctx, tx, by, id, ActReturn, "", Note{})
}

// Withdraw takes a dossier back at the applicant's wish. A second call finds it
// withdrawn and changes nothing. The caller has checked that the applicant owns it
// (see Owns).
func (s *Service) Withdraw(ctx context.Context, tx core.Tx, by By, id core.ID) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, ActWithdraw)
	if err != nil || c.d.State == core.StateWithdrawn {
		return dossierOf(c), err
	}
	if err := c.step(ctx, ActWithdraw, ReasonApplicant, Note{}); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActWithdraw)
}

func dossierOf(c *change) core.Dossier {
	if c == nil {
		return core.Dossier{}
	}
	return c.d
}

// simple is an act of one step, after the accepted dossier was taken into
// processing where the act needs that.
func (s *Service) simple(ctx context.Context, tx core.Tx, by By, id core.ID, act Act, reason string, note Note) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, act)
	if err != nil {
		return core.Dossier{}, err
	}
	return c.simple(ctx, act, reason, note)
}

func (c *change) simple(ctx context.Context, act Act, reason string, note Note) (core.Dossier, error) {
	if err := c.processing(ctx, act); err != nil {
		return core.Dossier{}, err
	}
	if err := c.step(ctx, act, reason, note); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, act)
}

// processing lets an officer pause, stop or complete a dossier that was accepted
// and never marked as being processed: the step in between is written for them.
func (c *change) processing(ctx context.Context, act Act) error {
	if c.d.State != core.StateAccepted || !slices.Contains([]Act{ActPause, ActStop, ActComplete, ActSendDraft}, act) {
		return nil
	}
	return c.step(ctx, ActStart, "", Note{})
}

// ResultFile is a stored file of the result, after its verdict.
type ResultFile struct {
	PageID  core.ID
	Name    string
	Verdict vault.Verdict
	Size    int64
	SHA256  string
	BlobKey string
}

// Complete ends processing with a result. Files may be empty when the result is
// on paper only. Errors besides: failed_precondition with key
// "error.result_draft.needed" or "error.result_draft.open" where the applicant has
// to check a draft first (see SendDraft).
func (s *Service) Complete(ctx context.Context, tx core.Tx, by By, id core.ID, files ...ResultFile) (core.Dossier, error) {
	c, err := s.open(ctx, tx, by, id, ActComplete)
	if err != nil {
		return core.Dossier{}, err
	}
	if err := c.processing(ctx, ActComplete); err != nil {
		return core.Dossier{}, err
	}
	if err := c.draftSettled(ActComplete); err != nil {
		return core.Dossier{}, err
	}
	if err := c.step(ctx, ActComplete, "", Note{}); err != nil {
		return core.Dossier{}, err
	}
	for _, f := range files {
		if err := c.keep(ctx, f, vault.RequirementResult, 0); err != nil {
			return core.Dossier{}, err
		}
	}
	return c.close(ctx, ActComplete)
}

// keep puts a file of the office with the dossier.
func (c *change) keep(ctx context.Context, f ResultFile, requirement string, round int) error {
	page := vault.NewPage{
		ID: f.PageID, DossierID: c.d.ID, Requirement: requirement, Round: round, Name: f.Name, Channel: string(c.by.Actor.Kind),
	}
	_, err := c.s.vault.AddReady(ctx, c.tx, page, f.Verdict, f.Size, f.SHA256, f.BlobKey)
	return err
}

func reasoned(op, reason, advice string) error {
	if !slices.Contains(Reasons(), reason) {
		return core.Invalid(op, core.Violation{Field: "reason", Key: "error.reason"})
	}
	return noteFits(op, "advice", advice, true)
}

func noteFits(op, field, s string, required bool) error {
	switch n := len([]rune(s)); {
	case n == 0 && required:
		return core.Invalid(op, core.Violation{Field: field, Key: "field.required"})
	case n > maxNote:
		return core.Invalid(op, core.Violation{Field: field, Key: "field.tooLong", Args: map[string]string{"max": "2000"}})
	}
	return nil
}
