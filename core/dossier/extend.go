package dossier

import (
	"context"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
)

// The reason codes of an apology. Their words are the messages "reason.<code>".
const (
	ReasonWorkload     = "workload"     // more dossiers than the office could deal with
	ReasonVerification = "verification" // another authority has not answered yet
	ReasonSystem       = "system"       // a system was down
)

// ExtendReasons lists the reason codes of an apology.
func ExtendReasons() []string {
	return []string{ReasonWorkload, ReasonVerification, ReasonSystem, ReasonOther}
}

// Extend apologises for a result that will be late and sets a new date (form 04 of
// Circular 03/2025/TT-VPCP, "văn bản xin lỗi và đề nghị gia hạn"). It is done once
// in the life of a dossier, while the clock runs; the dossier keeps the first date.
// Advice says more in the officer's words and may be empty.
//
// Errors: invalid with the fields reason, advice, or dueAt for a date that is not
// after the one promised; failed_precondition with key "error.extend.once"; those
// of Accept.
func (s *Service) Extend(ctx context.Context, tx core.Tx, by By, id core.ID, reason, advice string, until time.Time) (core.Dossier, error) {
	const op = "dossier.extend"
	if !slices.Contains(ExtendReasons(), reason) {
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "reason", Key: "error.reason"})
	}
	if err := noteFits(op, "advice", advice, false); err != nil {
		return core.Dossier{}, err
	}
	c, err := s.open(ctx, tx, by, id, ActExtend)
	if err != nil {
		return core.Dossier{}, err
	}
	if _, err := Next(c.d.State, ActExtend, by.Actor.Kind); err != nil {
		return core.Dossier{}, err
	}
	switch {
	case !c.d.OriginalDueAt.IsZero():
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, op, "error.extend.once", nil)
	case !until.After(c.d.DueAt) || !until.After(tx.Now()):
		return core.Dossier{}, core.Invalid(op, core.Violation{Field: "dueAt", Key: "field.date.later"})
	}
	was := c.d.DueAt
	c.d.OriginalDueAt, c.d.DueAt = was, until.UTC().Truncate(time.Second)
	if err := c.step(ctx, ActExtend, reason, Note{Advice: advice, DueAt: c.d.DueAt, WasDueAt: was}); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActExtend)
}
