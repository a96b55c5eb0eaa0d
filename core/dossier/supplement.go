package dossier

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/vault"
)

// SupplementRequest is one complete list of what is wrong with the papers.
type SupplementRequest struct {
	Items          []core.SupplementItem
	DueAt          time.Time // until when the citizen should answer; zero = no date is set
	SupervisorNote string    // why a second request is needed; required from the second on
}

// RequestSupplement asks for missing papers once and for all: every defect goes
// into one request, and the clock pauses. The law allows one request; a further
// one needs a supervisor's note.
//
// Errors: invalid with the wrong item's path; failed_precondition with key
// "error.supplement.second"; those of Accept.
func (s *Service) RequestSupplement(ctx context.Context, tx core.Tx, by By, id core.ID, req SupplementRequest) (core.Dossier, error) {
	const op = "dossier.request_supplement"
	c, err := s.open(ctx, tx, by, id, ActSupplement)
	if err != nil {
		return core.Dossier{}, err
	}
	if _, err := Next(c.d.State, ActSupplement, by.Actor.Kind); err != nil {
		return core.Dossier{}, err
	}
	if err := s.checkRequest(op, c.d, req, tx.Now()); err != nil {
		return core.Dossier{}, err
	}
	if c.d.Round > 0 && req.SupervisorNote == "" {
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, op, "error.supplement.second", nil)
	}
	c.d.Round++
	items, err := core.SealJSON(req.Items)
	if err != nil {
		return core.Dossier{}, err
	}
	note := Note{Items: req.Items, DueAt: req.DueAt, Supervisor: req.SupervisorNote}
	if err := c.step(ctx, ActSupplement, "", note); err != nil {
		return core.Dossier{}, err
	}
	now := tx.Now()
	if err := tx.Dossiers().AddSupplement(ctx, core.Supplement{
		ID: core.NewID(now), DossierID: id, Round: c.d.Round, Items: items, DueAt: req.DueAt, CreatedAt: now,
	}); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActSupplement)
}

func (s *Service) checkRequest(op string, d core.Dossier, req SupplementRequest, now time.Time) error {
	var bad []core.Violation
	add := func(field, key string) { bad = append(bad, core.Violation{Field: field, Key: key}) }
	if n := len(req.Items); n == 0 || n > maxItems {
		add("items", "field.required")
	}
	p, known := s.procedure(d.ProcedureCode)
	for i, item := range req.Items {
		path := "items." + strconv.Itoa(i)
		if known {
			if _, ok := s.cat.Paper(p, item.Requirement); !ok {
				add(path+".requirement", "field.unknown")
			}
		}
		if !slices.Contains(Reasons(), item.Reason) {
			add(path+".reason", "error.reason")
		}
		if item.Page < 0 || len([]rune(item.Note)) > maxNote {
			add(path, "field.tooLong")
		}
	}
	if !req.DueAt.IsZero() && !req.DueAt.After(now) {
		add("dueAt", "field.date.after")
	}
	if len(bad) > 0 {
		return core.Invalid(op, bad...)
	}
	return nil
}

// Items reads the defects of a supplement request.
func Items(s core.Supplement) ([]core.SupplementItem, error) {
	var items []core.SupplementItem
	return items, core.OpenJSON(s.Items, &items)
}

// Lacking lists the requirements of a request for which the citizen has sent no
// page that was taken, and whether pages still wait for their verdict. Papers are
// those of the dossier.
func Lacking(items []core.SupplementItem, papers []core.Paper, round int) (lacking []string, pending bool) {
	for _, item := range items {
		stand := vault.StandOf(papers, item.Requirement, round)
		pending = pending || stand.Pending > 0
		if stand.Files == 0 && !slices.Contains(lacking, item.Requirement) {
			lacking = append(lacking, item.Requirement)
		}
	}
	return lacking, pending
}

// RespondToSupplement hands the supplement in: processing goes on, with what was
// left of the time limit. A second call finds it answered and changes nothing.
// An officer who took the papers at the counter needs no pages.
//
// Errors: invalid with "paper.<requirement>" for each paper still missing;
// failed_precondition with key "error.page.pending"; those of Accept.
func (s *Service) RespondToSupplement(ctx context.Context, tx core.Tx, by By, id core.ID) (core.Dossier, error) {
	const op = "dossier.respond"
	c, err := s.open(ctx, tx, by, id, ActRespond)
	if err != nil {
		return core.Dossier{}, err
	}
	sup, err := tx.Dossiers().Supplement(ctx, id)
	switch {
	case core.IsCode(err, core.CodeNotFound):
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, op, "error.dossier.state", err)
	case err != nil:
		return core.Dossier{}, err
	case c.d.State == core.StateProcessing && !sup.AnsweredAt.IsZero():
		return c.d, nil
	}
	if _, err := Next(c.d.State, ActRespond, by.Actor.Kind); err != nil {
		return core.Dossier{}, err
	}
	if by.Actor.Kind != core.ActorOfficer {
		if err := s.answered(ctx, tx, op, sup); err != nil {
			return core.Dossier{}, err
		}
	}
	if err := c.step(ctx, ActRespond, "", Note{}); err != nil {
		return core.Dossier{}, err
	}
	if err := tx.Dossiers().AnswerSupplement(ctx, sup.ID, tx.Now()); err != nil {
		return core.Dossier{}, err
	}
	return c.close(ctx, ActRespond)
}

func (s *Service) answered(ctx context.Context, tx core.Tx, op string, sup core.Supplement) error {
	items, err := Items(sup)
	if err != nil {
		return err
	}
	papers, err := tx.Papers().ByDossier(ctx, sup.DossierID)
	if err != nil {
		return err
	}
	lacking, pending := Lacking(items, papers, sup.Round)
	if pending {
		return core.E(core.CodeFailedPrecondition, op, "error.page.pending", nil)
	}
	var bad []core.Violation
	for _, key := range lacking {
		bad = append(bad, core.Violation{Field: "paper." + key, Key: "error.paper.missing"})
	}
	if len(bad) > 0 {
		return core.Invalid(op, bad...)
	}
	return nil
}
