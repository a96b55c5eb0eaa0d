package mobileapi

import (
	"context"
	"time"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/proto/counter"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

func (s dossierService) ListDossiers(ctx context.Context, r *mobilev1.ListDossiersRequest) (*mobilev1.ListDossiersResponse, error) {
	var before time.Time
	if r.GetBefore().IsValid() {
		before = r.GetBefore().AsTime()
	}
	drafts, dossiers, now, err := s.counter.Mine(ctx, before, limitOr(r.GetLimit()))
	if err != nil {
		return nil, err
	}
	out := &mobilev1.ListDossiersResponse{}
	for _, d := range drafts {
		out.Drafts = append(out.Drafts, &mobilev1.DraftSummary{
			DraftId: string(d.ID), ProcedureCode: d.ProcedureCode, ProcedureName: s.counter.ProcedureName(ctx, d.ProcedureCode),
			UpdatedAt: counter.Stamp(d.UpdatedAt), ExpiresAt: counter.Stamp(d.ExpiresAt),
		})
	}
	for _, d := range dossiers {
		out.Dossiers = append(out.Dossiers, &mobilev1.DossierSummary{
			Dossier: s.counter.Status(ctx, d, now), SubmittedAt: counter.Stamp(d.SubmittedAt),
		})
	}
	return out, nil
}

func (s dossierService) ListNotices(ctx context.Context, r *mobilev1.ListNoticesRequest) (*mobilev1.ListNoticesResponse, error) {
	return gate.Read(ctx, s.gate, func(ctx context.Context, tx core.Tx, a core.Actor) (*mobilev1.ListNoticesResponse, error) {
		notices, err := tx.Notices().ByCitizen(ctx, a.ID, limitOr(r.GetLimit()))
		if err != nil {
			return nil, err
		}
		out := &mobilev1.ListNoticesResponse{}
		for _, n := range notices {
			var args map[string]string
			if err := core.OpenJSON(n.Args, &args); err != nil {
				return nil, err
			}
			out.Notices = append(out.Notices, &mobilev1.Notice{
				Id: string(n.ID), Key: n.Key, Text: s.gate.Texts.Text(gate.Locale(ctx), text.Screen, n.Key, args), CreatedAt: counter.Stamp(n.CreatedAt),
			})
		}
		return out, nil
	})
}

func (s dossierService) ListAccesses(ctx context.Context, r *mobilev1.ListAccessesRequest) (*mobilev1.ListAccessesResponse, error) {
	return gate.Read(ctx, s.gate, func(ctx context.Context, tx core.Tx, a core.Actor) (*mobilev1.ListAccessesResponse, error) {
		rows, err := tx.Audit().ByCitizen(ctx, a.ID, limitOr(r.GetLimit()))
		if err != nil {
			return nil, err
		}
		out := &mobilev1.ListAccessesResponse{}
		codes := map[core.ID]string{"": ""}
		for _, row := range rows {
			code, known := codes[row.DossierID]
			if !known {
				d, err := tx.Dossiers().Get(ctx, row.DossierID)
				if err != nil && !core.IsCode(err, core.CodeNotFound) {
					return nil, err
				}
				code = d.Code
				codes[row.DossierID] = code
			}
			out.Accesses = append(out.Accesses, &mobilev1.Access{
				At: counter.Stamp(row.At), Actor: string(row.Actor), Office: row.Office, Operation: row.Op, Purpose: row.Purpose, DossierCode: code,
			})
		}
		return out, nil
	})
}
