package counter

import (
	"context"
	"slices"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// nowFunc tells the instant of a transaction.
type nowFunc func() time.Time

// OpFiling is the audit row of an officer who works on a draft at the counter: one
// for each officer and draft, since a row for every answer would bury the rest.
// What the officer scans has a row of its own for each file.
const OpFiling = "filing.work"

// Work records that an officer works on a draft, once. It is called before what
// the draft holds is shown or changed. Errors: not_found.
func (c *Counter) Work(ctx context.Context, draftID string) error {
	known := false
	look := func(ctx context.Context, tx core.Tx, acts bool) (p Person, d core.Draft, err error) {
		if p, d, err = c.draft(ctx, tx, draftID, acts); err != nil {
			return p, d, err
		}
		const recent = 100
		rows, err := tx.Audit().ByDossier(ctx, d.ID, recent)
		known = slices.ContainsFunc(rows, func(r core.AuditRow) bool { return r.Op == OpFiling && r.ActorID == p.Officer.ID })
		return p, d, err
	}
	if err := c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, _, err := look(ctx, tx, false)
		return err
	}); err != nil || known {
		return err
	}
	return c.gate.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		p, d, err := look(ctx, tx, true)
		if err != nil || known {
			return err
		}
		return auth.AuditDraft(ctx, tx, *p.Officer, OpFiling, d)
	})
}

// Start opens a draft for the person and gives its first question. What was said of
// the case before (nil = nothing) is not asked. Errors: not_found; invalid as
// Checklist.
func Start[M any, P gate.Message[M]](ctx context.Context, c *Counter, procedure, office string, said *corev1.Situation, response func(draftID string, s *corev1.Step) P) (P, error) {
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		p, err := c.who(ctx, tx, true)
		if err != nil {
			return nil, err
		}
		person, err := c.citizen(ctx, tx, &p)
		if err != nil {
			return nil, err
		}
		d, err := c.dossiers.Begin(core.NewID(tx.Now()), procedure, office, p.ID, p.Channel, tx.Now())
		if err != nil {
			return nil, err
		}
		if p.Officer != nil {
			d.Desk = p.Officer.Office
		}
		a, err := c.dossiers.Open(d, tx.Now())
		if err != nil {
			return nil, err
		}
		var profile core.CitizenProfile
		if err := core.OpenJSON(person.Profile, &profile); err != nil {
			return nil, err
		}
		a.Prefill(profile, person.Assurance)
		situation := situationOf(said)
		if err := a.Procedure.CheckSituation(situation, tx.Now()); err != nil {
			return nil, err
		}
		a.TakeOver(situation, p.author())
		if d, err = a.Draft(); err != nil {
			return nil, err
		}
		d.Version = 1
		if err := tx.Drafts().Insert(ctx, d); err != nil {
			return nil, err
		}
		if p.Officer != nil {
			if err := auth.AuditDraft(ctx, tx, *p.Officer, OpFiling, d); err != nil {
				return nil, err
			}
		}
		return response(string(d.ID), c.step(ctx, a, d, nil)), c.hold(ctx, tx, p, d.ID)
	})
}

// citizen gives the person's citizen. At a terminal where nobody is known yet it
// makes one, so that the draft has an owner.
func (c *Counter) citizen(ctx context.Context, tx core.Tx, p *Person) (core.Citizen, error) {
	if p.Officer != nil { // the draft is the counter's: nothing is known of who came
		return core.Citizen{}, nil
	}
	if p.ID != "" {
		return tx.Citizens().Get(ctx, p.ID)
	}
	person, err := auth.NewAnonymous(ctx, tx)
	p.ID = person.ID
	if p.Session != nil {
		p.Session.CitizenID = person.ID
	}
	return person, err
}

// hold remembers in a terminal session which draft it works on.
func (c *Counter) hold(ctx context.Context, tx core.Tx, p Person, draft core.ID) error {
	if p.Session == nil {
		return nil
	}
	p.Session.DraftID = draft
	return tx.Kiosks().SaveSession(ctx, *p.Session)
}

// Next says where a draft stands. Errors: not_found.
func (c *Counter) Next(ctx context.Context, draftID string) (step *corev1.Step, err error) {
	err = c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, a, d, papers, err := c.application(ctx, tx, draftID)
		if err != nil {
			return err
		}
		step = c.step(ctx, a, d, papers)
		return nil
	})
	return step, err
}

// change lets edit change an application and saves it over the version read.
func change[M any, P gate.Message[M]](
	ctx context.Context, c *Counter, draftID string,
	edit func(a *dossier.Application, p Person, papers []core.Paper, now nowFunc) (said, error),
	response func(s *corev1.Step, say said) P,
) (P, error) {
	return gate.Plan[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (gate.Commit[P], error) {
		p, a, d, papers, err := c.application(ctx, tx, draftID)
		if err != nil {
			return nil, err
		}
		say, err := edit(a, p, papers, tx.Now)
		if err != nil {
			return nil, err
		}
		if say.doubt != nil { // nothing to write, but the citizen is there
			out := response(c.step(ctx, a, d, papers), say)
			return func(ctx context.Context, tx core.Tx) (P, error) { _, err := c.who(ctx, tx, true); return out, err }, nil
		}
		changed, err := a.Draft()
		if err != nil {
			return nil, err
		}
		changed.Holder = p.Channel
		after := changed
		after.Version++
		out := response(c.step(ctx, a, after, papers), say)
		return func(ctx context.Context, tx core.Tx) (P, error) {
			if _, _, err := c.draft(ctx, tx, draftID, true); err != nil {
				return nil, err
			}
			return out, tx.Drafts().Save(ctx, changed)
		}, nil
	})
}

// Answer stores one answer. Errors: invalid with the field's message; not_found;
// failed_precondition once submitted.
func Answer[M any, P gate.Message[M]](ctx context.Context, c *Counter, draftID, key string, ans *corev1.Answer, response func(*corev1.Step, *corev1.Doubt, []*corev1.Remark) P) (P, error) {
	return change[M](ctx, c, draftID,
		func(a *dossier.Application, p Person, _ []core.Paper, now nowFunc) (said, error) {
			return c.give(ctx, a, key, ans, p.author(), now)
		},
		func(s *corev1.Step, say said) P { return response(s, say.doubt, say.remarks) })
}

// Attach says that a paper is complete or not given now. Errors: invalid;
// not_found; failed_precondition with key "error.page.none" when it has no page.
func Attach[M any, P gate.Message[M]](ctx context.Context, c *Counter, draftID, requirement string, skip bool, response func(*corev1.Step) P) (P, error) {
	return change[M](ctx, c, draftID,
		func(a *dossier.Application, p Person, papers []core.Paper, _ nowFunc) (said, error) {
			if skip {
				return said{}, a.PaperSkip(requirement, p.author())
			}
			if !hasPage(papers, requirement, 0) {
				return said{}, core.E(core.CodeFailedPrecondition, "counter.attach", "error.page.none", nil)
			}
			return said{}, a.PaperDone(requirement, p.author())
		},
		func(s *corev1.Step, _ said) P { return response(s) })
}

// RemoveItem takes an item out of a list of the form. Errors: invalid; not_found;
// failed_precondition once submitted.
func RemoveItem[M any, P gate.Message[M]](ctx context.Context, c *Counter, draftID, list string, item int32, response func(*corev1.Step) P) (P, error) {
	return change[M](ctx, c, draftID,
		func(a *dossier.Application, _ Person, _ []core.Paper, _ nowFunc) (said, error) {
			return said{}, a.RemoveItem(list, int(item))
		},
		func(s *corev1.Step, _ said) P { return response(s) })
}

// Summary is a draft before its submission.
type Summary struct {
	Lines       []*corev1.ReviewLine
	Papers      []*corev1.Paper
	Step        *corev1.Step
	Declaration string
}

// declaration is the message of what submitting declares.
const declaration = "summary.declaration"

// Review gives the numbered summary. Errors: not_found.
func (c *Counter) Review(ctx context.Context, draftID string) (Summary, error) {
	var out Summary
	err := c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, a, d, papers, err := c.application(ctx, tx, draftID)
		if err != nil {
			return err
		}
		l := gate.Locale(ctx)
		out = Summary{
			Lines: lines(a.Review(papers, l, false), l), Papers: Papers(papers), Step: c.step(ctx, a, d, papers),
		}
		if c.gate.Texts.Has(declaration) {
			out.Declaration = c.gate.Texts.Text(l, text.Screen, declaration, nil)
		}
		return nil
	})
	return out, err
}

func lines(in []dossier.Line, l text.Locale) []*corev1.ReviewLine {
	out := make([]*corev1.ReviewLine, 0, len(in))
	for _, line := range in {
		out = append(out, &corev1.ReviewLine{
			Number: int32(line.Number), Key: keyOf(line.Kind, line.Key), Label: line.Label.In(l), Value: line.Shown,
			Pages: int32(line.Stand.Pages), Missing: line.Missing, Editable: line.Editable,
			Heading: line.Heading.In(l), Changed: line.Changed,
		})
	}
	return out
}

// Submit files a draft; filed before, it gives the same dossier. Errors:
// not_found; invalid with what is missing; failed_precondition.
func Submit[M any, P gate.Message[M]](ctx context.Context, c *Counter, draftID string, response func(*corev1.DossierStatus, *corev1.DossierDetail) P) (P, error) {
	return gate.Plan[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (gate.Commit[P], error) {
		p, d, err := c.draft(ctx, tx, draftID, false)
		if err != nil {
			return nil, err
		}
		prepared := dossier.Prepared{DraftID: d.ID}
		if d.State != core.DraftSubmitted {
			var a *dossier.Application
			var papers []core.Paper
			if _, a, d, papers, err = c.application(ctx, tx, draftID); err != nil {
				return nil, err
			}
			// It is read again, and may have been filed in between.
			if d.State != core.DraftSubmitted {
				if prepared, err = a.Prepare(papers); err != nil {
					return nil, err
				}
			}
		}
		by, err := c.submitter(ctx, tx, p, d)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, tx core.Tx) (P, error) {
			if _, _, err := c.draft(ctx, tx, draftID, true); err != nil {
				return nil, err
			}
			filed, err := c.dossiers.Submit(ctx, tx, prepared, by)
			if err != nil {
				return nil, err
			}
			status, _ := StatusOf(ctx, c.gate, c.dossiers.StatusOf(filed, "", true, tx.Now()))
			detail, err := Detail(ctx, c.gate, tx, filed)
			return response(status, detail), err
		}, nil
	})
}

// submitter is who files a draft. Somebody who only holds a draft of another
// citizen (moved to a terminal by code) files it for that citizen and proves
// nothing about them.
func (c *Counter) submitter(ctx context.Context, tx core.Tx, p Person, d core.Draft) (dossier.Submitter, error) {
	by := dossier.Submitter{Actor: p.actor(), CitizenID: p.ID, Assurance: p.Assurance, Locale: gate.Locale(ctx)}
	if p.Officer != nil { // identity checked with the card in hand
		by.Assurance = core.AssuranceEID
		return by, nil
	}
	if d.CitizenID != "" && d.CitizenID != p.ID {
		by.CitizenID, by.Assurance = d.CitizenID, core.AssuranceNone
		by.Actor.ID, by.Actor.Assurance = d.CitizenID, core.AssuranceNone
	}
	if by.CitizenID == "" || by.Assurance < core.AssuranceAddress {
		return by, nil
	}
	citizen, err := tx.Citizens().Get(ctx, by.CitizenID)
	if err != nil {
		return by, err
	}
	var profile core.CitizenProfile
	err = core.OpenJSON(citizen.Profile, &profile)
	by.Phone = profile.Phone
	return by, err
}
