package notify

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
)

// CosignAgain is the text of a core.EventCosign that reminds.
const CosignAgain = "again"

// AskCosign asks somebody to agree to a dossier, through the conversation of their
// phone, and has them reminded once. It is the handler of dossier.JobCosign, which
// runs it in an Update of its own. When until is not zero the question has to wait
// for the end of the quiet hours. A question that was put, was answered, or is
// about a dossier that has moved on changes nothing; so does one to a phone that
// wants no messages, or in an installation without such a channel: an officer may
// still ask that person at the counter.
func (s *Service) AskCosign(ctx context.Context, tx core.Tx, asked dossier.CosignAsked) (until time.Time, err error) {
	c, err := tx.Cosigns().Get(ctx, asked.CosignID)
	if err != nil {
		return time.Time{}, err
	}
	done := c.AskedAt
	if asked.Reminder {
		done = c.RemindedAt
	}
	if c.State != core.CosignPending || !done.IsZero() {
		return time.Time{}, nil
	}
	person, err := dossier.CosignPerson(c)
	if err != nil || !s.writesTo(person.Phone) {
		return time.Time{}, err
	}
	now := tx.Now()
	if Quiet(now) {
		return Awake(now), nil
	}
	d, err := tx.Dossiers().Get(ctx, c.DossierID)
	if err != nil || d.State != core.StateNew {
		return time.Time{}, err
	}
	to := Decision{Phone: person.Phone}
	a, err := s.byPhone(ctx, tx, person.Phone)
	switch {
	case err != nil:
		return time.Time{}, err
	case a != nil && a.NoNotices:
		return time.Time{}, nil
	case a != nil:
		to = Decision{Address: a}
	}
	if c.ConvID, err = s.conversation(ctx, tx, d, to); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, s.putCosign(ctx, tx, c, asked.Reminder, now)
}

// putCosign enqueues the question and, after the first one, the reminder.
func (s *Service) putCosign(ctx context.Context, tx core.Tx, c core.Cosign, again bool, now time.Time) error {
	e := identity.DoorEvent{
		ID: "cosign:" + string(c.ID), ConvID: c.ConvID, Kind: core.EventCosign, DossierID: c.DossierID, Seq: c.Seq,
	}
	if again {
		c.RemindedAt = now
		e.ID, e.Text = e.ID+":again", CosignAgain
	} else {
		c.AskedAt = now
		if err := dossier.AskCosign(ctx, tx, dossier.CosignAsked{CosignID: c.ID, Reminder: true}, now.Add(dossier.CosignReminder)); err != nil {
			return err
		}
	}
	if err := tx.Cosigns().Save(ctx, c, core.CosignPending); err != nil {
		return err
	}
	job, err := e.Job(core.LaneNotice)
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, job)
}
