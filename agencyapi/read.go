package agencyapi

import (
	"context"
	"encoding/json"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/proto/counter"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

type dossierService struct{ *server }

// unfinished are the states an inbox shows when nobody says which.
func unfinished() []core.DossierState {
	return []core.DossierState{
		core.StateNew, core.StateAccepted, core.StateProcessing, core.StateSupplement, core.StatePayment, core.StateDone,
	}
}

func (s dossierService) Inbox(ctx context.Context, r *agencyv1.InboxRequest) (*agencyv1.InboxResponse, error) {
	states := unfinished()
	if len(r.GetStates()) > 0 {
		states = nil
		for _, n := range r.GetStates() {
			states = append(states, core.DossierState(n))
		}
	}
	return gate.Read(ctx, s.gate, func(ctx context.Context, tx core.Tx, a core.Actor) (*agencyv1.InboxResponse, error) {
		ds, err := tx.Dossiers().Inbox(ctx, a.Office, states, core.ID(r.GetAfter()), limitOr(r.GetLimit(), 20))
		if err != nil {
			return nil, err
		}
		agreed, err := agreements(ctx, tx, ds)
		if err != nil {
			return nil, err
		}
		out := &agencyv1.InboxResponse{}
		for _, d := range ds {
			status, meaning := counter.StatusOf(ctx, s.gate, s.dossiers.StatusOf(d, "", true, tx.Now()))
			out.Lines = append(out.Lines, &agencyv1.InboxLine{
				Dossier: status, Meaning: meaning, ProcedureCode: d.ProcedureCode, Office: d.Office,
				SubmittedAt: counter.Stamp(d.SubmittedAt), NeedsProof: d.NeedsProof, Cursor: string(d.ID), ResultDraft: string(d.ResultDraft),
				Cosign: string(agreed[d.ID]),
			})
		}
		return out, nil
	})
}

// agreements tells of each dossier how those who must agree to it stand, all in
// all: declined when anybody declined, else pending until all have agreed.
func agreements(ctx context.Context, tx core.Tx, ds []core.Dossier) (map[core.ID]core.CosignState, error) {
	ids := make([]core.ID, len(ds))
	for i, d := range ds {
		ids[i] = d.ID
	}
	all, err := tx.Cosigns().ByDossier(ctx, ids...)
	out := map[core.ID]core.CosignState{}
	for _, c := range all {
		if s := out[c.DossierID]; s == "" || s == core.CosignConfirmed || c.State == core.CosignDeclined {
			out[c.DossierID] = c.State
		}
	}
	return out, err
}

func (s dossierService) GetDossier(ctx context.Context, r *agencyv1.GetDossierRequest) (*agencyv1.GetDossierResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*agencyv1.GetDossierResponse, error) {
		a, d, err := s.dossier(ctx, tx, r.GetCode())
		if err != nil {
			return nil, err
		}
		if err := s.dossiers.Viewed(ctx, tx, dossier.By{Actor: a, Purpose: r.GetPurpose()}, d); err != nil {
			return nil, err
		}
		out := &agencyv1.GetDossierResponse{Canonical: []byte(d.Canonical)}
		out.Dossier, _ = counter.StatusOf(ctx, s.gate, s.dossiers.StatusOf(d, "", true, tx.Now()))
		if out.Detail, err = counter.Detail(ctx, s.gate, tx, d); err != nil {
			return nil, err
		}
		var contact core.DossierContact
		if err := core.OpenJSON(d.Contact, &contact); err != nil {
			return nil, err
		}
		out.Applicant = &agencyv1.Applicant{Name: contact.Name, Phone: contact.Phone, Email: contact.Email}
		if out.Cosigners, err = cosigners(ctx, tx, d.ID); err != nil {
			return nil, err
		}
		out.Answers, err = s.answers(ctx, d)
		return out, err
	})
}

// cosigners lists who must agree, as an officer needs it to compare a card or to
// call.
func cosigners(ctx context.Context, tx core.Tx, id core.ID) ([]*agencyv1.Cosigner, error) {
	all, err := tx.Cosigns().ByDossier(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []*agencyv1.Cosigner
	for _, c := range all {
		p, err := dossier.CosignPerson(c)
		if err != nil {
			return nil, err
		}
		out = append(out, &agencyv1.Cosigner{
			Number: int32(c.Seq), Name: p.Name, Phone: p.Phone, State: string(c.State),
			AskedAt: counter.Stamp(c.AskedAt), AnsweredAt: counter.Stamp(c.AnsweredAt),
		})
	}
	return out, nil
}

// answers shows the submitted answers in the order of the form they were given
// to. A form that is no longer in the pack leaves the canonical bytes.
func (s dossierService) answers(ctx context.Context, d core.Dossier) ([]*corev1.ReviewLine, error) {
	var doc struct {
		Form    string         `json:"form"`
		Answers map[string]any `json:"answers"`
	}
	if err := json.Unmarshal(d.Canonical, &doc); err != nil {
		return nil, core.E(core.CodeInternal, "agencyapi.answers", "", err)
	}
	f, ok := s.dossiers.Catalog().Form(doc.Form)
	if !ok {
		return nil, nil
	}
	l := gate.Locale(ctx)
	var out []*corev1.ReviewLine
	given := f.Unfold(doc.Answers)
	for _, key := range f.Keys() {
		field, _ := f.Field(key)
		v, answered := given[key]
		if !answered {
			continue
		}
		out = append(out, &corev1.ReviewLine{Number: int32(len(out) + 1), Key: key, Label: field.Label.In(l), Value: shown(f, field, v, l)})
	}
	return out, nil
}

// shown is an answer as an officer needs it: what citizens' channels mask, an
// officer has to compare with a card, and the read of it is logged.
func shown(f *form.Form, field form.Field, v any, l text.Locale) string {
	switch field.Type {
	case "personal_id", "bank_account", "text", "longtext":
		if s, ok := v.(string); ok {
			return s
		}
	}
	return f.Display(field.Key, v, l)
}

func (s dossierService) OpenPage(ctx context.Context, r *agencyv1.OpenPageRequest) (*agencyv1.OpenPageResponse, error) {
	var page core.Page
	// The read is logged before the bytes are opened.
	err := s.gate.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		a, d, err := s.dossier(ctx, tx, r.GetCode())
		if err != nil {
			return err
		}
		if page, err = pageOf(ctx, tx, d, core.ID(r.GetPageId())); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, a, "page.read", d, r.GetPurpose())
	})
	if err != nil {
		return nil, err
	}
	b, err := counter.Bytes(ctx, s.blobs, page)
	return &agencyv1.OpenPageResponse{Page: counter.Page(page), Content: b}, err
}

// pageOf finds a page among those of a dossier, and nowhere else.
func pageOf(ctx context.Context, tx core.Tx, d core.Dossier, id core.ID) (core.Page, error) {
	papers, err := tx.Papers().ByDossier(ctx, d.ID)
	if err != nil {
		return core.Page{}, err
	}
	for _, p := range papers {
		for _, page := range p.Pages {
			if page.ID == id && page.State == core.PageReady {
				return page, nil
			}
		}
	}
	return core.Page{}, core.E(core.CodeNotFound, "agencyapi.page", "error.page.none", nil)
}

func (s dossierService) ListAccesses(ctx context.Context, r *agencyv1.ListAccessesRequest) (*agencyv1.ListAccessesResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*agencyv1.ListAccessesResponse, error) {
		a, d, err := s.dossier(ctx, tx, r.GetCode())
		if err != nil {
			return nil, err
		}
		if err := auth.Audit(ctx, tx, a, "audit.read", d, "audit"); err != nil {
			return nil, err
		}
		rows, err := tx.Audit().ByDossier(ctx, d.ID, limitOr(r.GetLimit(), 50))
		if err != nil {
			return nil, err
		}
		out := &agencyv1.ListAccessesResponse{}
		for _, row := range rows {
			out.Accesses = append(out.Accesses, &agencyv1.Access{
				At: counter.Stamp(row.At), Actor: string(row.Actor), Name: row.ActorName, Office: row.Office, Operation: row.Op, Purpose: row.Purpose,
			})
		}
		return out, nil
	})
}
