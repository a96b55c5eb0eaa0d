package dossier

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
)

// JobCosign is the kind of the job that asks somebody to agree to a dossier, for
// package notify. Its payload is a CosignAsked.
const JobCosign = "dossier.cosign"

// CosignReminder is how long after the question a person who has not answered is
// reminded, once.
const CosignReminder = 24 * time.Hour

// CosignAsked names a cosign that is to be asked for.
type CosignAsked struct {
	CosignID core.ID `json:"cosign"`
	Reminder bool    `json:"reminder,omitempty"`
}

// askCosigners keeps a row for everybody who must agree and has them asked. The
// digits are drawn so that no two open questions to one phone have the same.
func (c *change) askCosigners(ctx context.Context, all []form.Cosigner) error {
	now := c.tx.Now()
	drawn := map[string][]string{}
	for i, who := range all {
		if _, known := drawn[who.Phone]; !known {
			open, err := c.tx.Cosigns().PendingByPhone(ctx, who.Phone)
			if err != nil {
				return err
			}
			for _, o := range open {
				p, err := CosignPerson(o)
				if err != nil {
					return err
				}
				drawn[who.Phone] = append(drawn[who.Phone], p.Digits)
			}
		}
		digits := draw(drawn[who.Phone])
		drawn[who.Phone] = append(drawn[who.Phone], digits)
		person, err := core.SealJSON(core.CosignPerson{Name: who.Name, Phone: who.Phone, Digits: digits})
		if err != nil {
			return err
		}
		row := core.Cosign{
			ID: core.NewID(now), DossierID: c.d.ID, Seq: i + 1, Field: who.Field, Person: person, Phone: who.Phone,
			State: core.CosignPending, CreatedAt: now,
		}
		if err := c.tx.Cosigns().Insert(ctx, row); err != nil {
			return err
		}
		if err := AskCosign(ctx, c.tx, CosignAsked{CosignID: row.ID}, now); err != nil {
			return err
		}
	}
	return nil
}

// AskCosign has a cosign asked for at a time.
func AskCosign(ctx context.Context, tx core.Tx, asked CosignAsked, at time.Time) error {
	payload, err := core.SealJSON(asked)
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, core.Job{Kind: JobCosign, Lane: core.LaneNotice, RunAt: at, Payload: payload})
}

// draw gives four digits that are not among others.
func draw(others []string) string {
	for {
		var b [2]byte
		_, _ = rand.Read(b[:]) // never fails
		n := binary.BigEndian.Uint16(b[:])
		if n >= 60000 { // else the low numbers were likelier
			continue
		}
		if d := fmt.Sprintf("%04d", n%10000); !slices.Contains(others, d) {
			return d
		}
	}
}

// CosignPerson opens who is asked.
func CosignPerson(c core.Cosign) (core.CosignPerson, error) {
	var p core.CosignPerson
	return p, core.OpenJSON(c.Person, &p)
}

// CosignOf finds the cosign that four digits answer among those a conversation was
// asked for. ok is false when there is none.
func CosignOf(all []core.Cosign, digits string) (c core.Cosign, ok bool) {
	for _, c := range all {
		if p, err := CosignPerson(c); err == nil && p.Digits == digits && digits != "" {
			return c, true
		}
	}
	return core.Cosign{}, false
}

// AnswerCosign records that somebody agrees to a dossier or does not. Digits are
// those the person sent back; an officer before whom the person stands needs none,
// and may also correct a refusal. The same answer again changes nothing.
//
// Errors: not_found with key "error.cosign.unknown" for a cosign or digits that
// are not there; failed_precondition with key "error.cosign.answered" when another
// answer was given; those of Accept.
func (s *Service) AnswerCosign(ctx context.Context, tx core.Tx, by By, id core.ID, digits string, agree bool) (core.Dossier, error) {
	const op = "dossier.answer_cosign"
	row, err := tx.Cosigns().Get(ctx, id)
	if core.IsCode(err, core.CodeNotFound) {
		return core.Dossier{}, core.E(core.CodeNotFound, op, "error.cosign.unknown", err)
	}
	if err != nil {
		return core.Dossier{}, err
	}
	act, to := ActAgree, core.CosignConfirmed
	if !agree {
		act, to = ActDecline, core.CosignDeclined
	}
	c, err := s.open(ctx, tx, by, row.DossierID, act)
	if err != nil {
		return core.Dossier{}, err
	}
	atCounter := by.Actor.Kind == core.ActorOfficer
	if _, ok := CosignOf([]core.Cosign{row}, digits); !ok && !atCounter {
		return core.Dossier{}, core.E(core.CodeNotFound, op, "error.cosign.unknown", nil)
	}
	switch {
	case row.State == to:
		return c.d, nil
	case row.State != core.CosignPending && !atCounter:
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, op, "error.cosign.answered", nil)
	}
	from := row.State
	row.State, row.AnsweredAt, row.AnsweredBy = to, tx.Now(), by.Actor.Kind
	if err := c.step(ctx, act, "", Note{Cosign: row.Seq}); err != nil {
		return core.Dossier{}, err
	}
	if err := tx.Cosigns().Save(ctx, row, from); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, act)
}

// agreed refuses to go on while somebody who must agree has not.
func (c *change) agreed(ctx context.Context) error {
	all, err := c.tx.Cosigns().ByDossier(ctx, c.d.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(x core.Cosign) bool { return x.State != core.CosignConfirmed }) {
		return core.E(core.CodeFailedPrecondition, "dossier.accept", "error.dossier.cosign_pending", nil)
	}
	return nil
}
