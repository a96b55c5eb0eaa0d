package dossier

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

// feeDays is how many working days the applicant has to pay when the officer sets
// no date. No published rule says how long to wait.
const feeDays = 10

// FeeRequest is what the applicant has to pay.
type FeeRequest struct {
	Amount int64     // đồng, above 0
	How    string    // how and where to pay, in the officer's words; may be empty
	DueAt  time.Time // until when; zero = the close of the tenth working day
}

// PauseForFee asks the citizen to pay and pauses the clock (state 6). Once the time
// to pay is over an officer may stop the dossier as unanswered; nothing stops it
// by itself, since money may have come another way.
//
// Errors: invalid with the fields amount, advice or dueAt; those of Accept.
func (s *Service) PauseForFee(ctx context.Context, tx core.Tx, by By, id core.ID, fee FeeRequest) (core.Dossier, error) {
	const op = "dossier.pause_for_fee"
	if fee.Amount <= 0 {
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "amount", Key: "field.number.min", Args: map[string]string{"min": "1"}})
	}
	if err := noteFits(op, "advice", fee.How, false); err != nil {
		return core.Dossier{}, err
	}
	c, err := s.open(ctx, tx, by, id, ActPause)
	if err != nil {
		return core.Dossier{}, err
	}
	now := tx.Now()
	switch {
	case fee.DueAt.IsZero():
		fee.DueAt = s.calendar(c.d.Office).AddWorkingDays(now, feeDays).UTC()
	case !fee.DueAt.After(now):
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "dueAt", Key: "field.date.passed"})
	}
	return c.simple(ctx, ActPause, "", Note{Amount: fee.Amount, Advice: fee.How, DueAt: fee.DueAt})
}

// Resume goes on after the fee was paid: the clock runs again with what was left.
// Receipt is the number of the receipt, as the applicant has it in hand.
//
// Errors: invalid with field receipt; those of Accept.
func (s *Service) Resume(ctx context.Context, tx core.Tx, by By, id core.ID, receipt string) (core.Dossier, error) {
	const op = "dossier.resume"
	switch n := len([]rune(receipt)); {
	case n == 0:
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "receipt", Key: "field.required"})
	case n > maxReference:
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "receipt", Key: "field.tooLong", Args: map[string]string{"max": "64"}})
	}
	return s.simple(ctx, tx, by, id, ActResume, "", Note{Receipt: receipt})
}
