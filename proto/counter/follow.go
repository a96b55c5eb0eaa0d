package counter

import (
	"context"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// Details gives the details of the person's own dossier. Errors: not_found;
// denied with key "error.assurance" while the person is not proved.
func (c *Counter) Details(ctx context.Context, code string) (status *corev1.DossierStatus, meaning *corev1.StatusMeaning, detail *corev1.DossierDetail, err error) {
	err = c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		p, d, err := c.dossier(ctx, tx, code, false)
		if err != nil {
			return err
		}
		if !dossier.SeesDetails(d, viewer(p.actor())) {
			return core.E(core.CodeDenied, "counter.details", "error.assurance", nil)
		}
		status, meaning = StatusOf(ctx, c.gate, c.dossiers.StatusOf(d, "", true, tx.Now()))
		detail, err = Detail(ctx, c.gate, tx, d)
		return err
	})
	return status, meaning, detail, err
}

// act lets the applicant do something with a dossier of theirs.
func act[M any, P gate.Message[M]](
	ctx context.Context, c *Counter, code string,
	do func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error),
	response func(*corev1.DossierStatus, *corev1.DossierDetail) P,
) (P, error) {
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		p, d, err := c.dossier(ctx, tx, code, true)
		if err != nil {
			return nil, err
		}
		if d, err = do(ctx, tx, dossier.By{Actor: p.actor()}, d.ID); err != nil {
			return nil, err
		}
		status, _ := StatusOf(ctx, c.gate, c.dossiers.StatusOf(d, "", true, tx.Now()))
		if !dossier.SeesDetails(d, viewer(p.actor())) {
			return response(status, nil), nil
		}
		detail, err := Detail(ctx, c.gate, tx, d)
		return response(status, detail), err
	})
}

// Respond hands the pages of a supplement in.
func Respond[M any, P gate.Message[M]](ctx context.Context, c *Counter, code string, response func(*corev1.DossierStatus, *corev1.DossierDetail) P) (P, error) {
	return act[M](ctx, c, code, c.dossiers.RespondToSupplement, response)
}

// Withdraw takes a dossier back.
func Withdraw[M any, P gate.Message[M]](ctx context.Context, c *Counter, code string, response func(*corev1.DossierStatus, *corev1.DossierDetail) P) (P, error) {
	return act[M](ctx, c, code, c.dossiers.Withdraw, response)
}

// Claim gives a dossier that was filed at a counter to the person, who proves to be
// its applicant. Errors: those of dossier.Service.Claim.
func Claim[M any, P gate.Message[M]](ctx context.Context, c *Counter, code, personalID string, response func(*corev1.DossierStatus) P) (P, error) {
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		p, err := c.who(ctx, tx, true)
		if err != nil {
			return nil, err
		}
		d, err := c.dossiers.Claim(ctx, tx, code, p.ID, personalID)
		if err != nil {
			return nil, err
		}
		status, _ := StatusOf(ctx, c.gate, c.dossiers.StatusOf(d, "", true, tx.Now()))
		return response(status), nil
	})
}

// AnswerDraft says whether the draft of the result is right, and what is wrong.
func AnswerDraft[M any, P gate.Message[M]](ctx context.Context, c *Counter, code string, right bool, words string, response func(*corev1.DossierStatus, *corev1.DossierDetail) P) (P, error) {
	return act[M](ctx, c, code, func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		if right {
			return c.dossiers.ConfirmDraft(ctx, tx, by, id)
		}
		return c.dossiers.CorrectDraft(ctx, tx, by, id, words)
	}, response)
}

// Result is a page of what the agency gave.
type Result struct {
	Page  core.Page
	Bytes []byte
	Pages int
}

// Result opens a page of the result of the person's own dossier, or of the last
// draft of it, the first one for 0. Errors: not_found with key "error.page.none" when there is none; denied.
func (c *Counter) Result(ctx context.Context, code string, number int, draft bool) (Result, error) {
	var out Result
	err := c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		p, d, err := c.dossier(ctx, tx, code, false)
		if err != nil {
			return err
		}
		if !dossier.SeesDetails(d, viewer(p.actor())) {
			return core.E(core.CodeDenied, "counter.result", "error.assurance", nil)
		}
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if err != nil {
			return err
		}
		var pages []core.Page
		if draft {
			pages = vault.LastDraft(papers)
		}
		for _, paper := range papers {
			if !draft && paper.Requirement == vault.RequirementResult {
				pages = append(pages, vault.Live(paper)...)
			}
		}
		if number = max(number, 1); number > len(pages) {
			return core.E(core.CodeNotFound, "counter.result", "error.page.none", nil)
		}
		out = Result{Page: pages[number-1], Pages: len(pages)}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	out.Bytes, err = Bytes(ctx, c.blobs, out.Page)
	return out, err
}

// HandOff makes a code that moves a draft to another channel. Errors: not_found;
// failed_precondition.
func HandOff[M any, P gate.Message[M]](ctx context.Context, c *Counter, draftID string, response func(*corev1.HandOff) P) (P, error) {
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		_, d, err := c.draft(ctx, tx, draftID, true)
		if err != nil {
			return nil, err
		}
		code, expires, err := c.people.NewHandOff(ctx, tx, d.ID, "")
		if err != nil {
			return nil, err
		}
		return response(&corev1.HandOff{Code: identity.FormatHandOff(code), ExpiresAt: Stamp(expires)}), nil
	})
}

// Redeem takes a draft over by its code. Errors: not_found; failed_precondition
// with key "error.handoff.used" or "error.handoff.expired"; denied with key
// "error.assurance" when its owner is better proved than the person: a proved
// person's draft is taken over by proving as much.
func Redeem[M any, P gate.Message[M]](ctx context.Context, c *Counter, code string, response func(draftID string, s *corev1.Step) P) (P, error) {
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		p, err := c.who(ctx, tx, true)
		if err != nil {
			return nil, err
		}
		moved, err := c.people.Redeem(ctx, tx, code, identity.To{Channel: p.Channel, CitizenID: p.ID, Assurance: p.Assurance})
		if err != nil {
			return nil, err
		}
		d := moved.Draft
		if err := c.hold(ctx, tx, p, d.ID); err != nil {
			return nil, err
		}
		if p.Session == nil && auth.OwnsDraft(p.actor(), d) != nil {
			return nil, core.E(core.CodeDenied, "counter.redeem", "error.assurance", nil)
		}
		papers, err := tx.Papers().ByDraft(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		a, err := c.dossiers.Open(d, tx.Now())
		if err != nil {
			return nil, err
		}
		return response(string(d.ID), c.step(ctx, a, d, papers)), nil
	})
}

// Mine lists the person's open drafts and dossiers, newest first.
func (c *Counter) Mine(ctx context.Context, before time.Time, limit int) (drafts []core.Draft, dossiers []core.Dossier, now time.Time, err error) {
	err = c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		p, err := c.who(ctx, tx, false)
		if err != nil {
			return err
		}
		now = tx.Now()
		if before.IsZero() {
			if drafts, err = tx.Drafts().ByCitizen(ctx, p.ID, limit); err != nil {
				return err
			}
		}
		dossiers, err = tx.Dossiers().ByCitizen(ctx, p.ID, before, limit)
		return err
	})
	return drafts, dossiers, now, err
}

// ProcedureName is what citizens call a procedure; its code when it is gone from
// the pack.
func (c *Counter) ProcedureName(ctx context.Context, code string) string {
	p, ok := c.cat.Procedure(code)
	if !ok {
		return code
	}
	return nameOf(p, gate.Locale(ctx))
}

// Status writes the status of the person's own dossier.
func (c *Counter) Status(ctx context.Context, d core.Dossier, now time.Time) *corev1.DossierStatus {
	s, _ := StatusOf(ctx, c.gate, c.dossiers.StatusOf(d, "", true, now))
	return s
}
