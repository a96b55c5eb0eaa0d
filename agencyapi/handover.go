package agencyapi

import (
	"context"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/counter"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
)

type handoverService struct{ *server }

func (s handoverService) ListHandovers(ctx context.Context, r *agencyv1.ListHandoversRequest) (*agencyv1.ListHandoversResponse, error) {
	return gate.Read(ctx, s.gate, func(ctx context.Context, tx core.Tx, a core.Actor) (*agencyv1.ListHandoversResponse, error) {
		hs, err := tx.Handovers().Open(ctx, a.Office, limitOr(r.GetLimit(), 20))
		if err != nil {
			return nil, err
		}
		out := &agencyv1.ListHandoversResponse{}
		for _, h := range hs {
			out.Handovers = append(out.Handovers, handover(h, false))
		}
		return out, nil
	})
}

func (s handoverService) TakeHandover(ctx context.Context, r *agencyv1.TakeHandoverRequest) (*agencyv1.TakeHandoverResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*agencyv1.TakeHandoverResponse, error) {
		a, h, err := s.handover(ctx, tx, r.GetId())
		if err != nil {
			return nil, err
		}
		if h.TakenBy == "" {
			h.TakenBy, h.TakenAt = string(a.ID), tx.Now()
			err = tx.Handovers().Take(ctx, h.ID, h.TakenBy, h.TakenAt)
		} else if h.TakenBy != string(a.ID) {
			err = core.E(core.CodeConflict, "agencyapi.take_handover", "error.handover.taken", nil)
		}
		if err != nil {
			return nil, err
		}
		subject, err := subjectOf(ctx, tx, h)
		if err != nil {
			return nil, err
		}
		return &agencyv1.TakeHandoverResponse{Handover: handover(h, true)}, auth.Audit(ctx, tx, a, "handover.take", subject, "help")
	})
}

func (s handoverService) CloseHandover(ctx context.Context, r *agencyv1.CloseHandoverRequest) (*agencyv1.CloseHandoverResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*agencyv1.CloseHandoverResponse, error) {
		a, h, err := s.handover(ctx, tx, r.GetId())
		if err != nil {
			return nil, err
		}
		if h.TakenBy != string(a.ID) {
			return nil, core.E(core.CodeFailedPrecondition, "agencyapi.close_handover", "error.handover.not_taken", nil)
		}
		if !h.ClosedAt.IsZero() {
			return &agencyv1.CloseHandoverResponse{}, nil
		}
		return &agencyv1.CloseHandoverResponse{}, tx.Handovers().Close(ctx, h.ID, tx.Now())
	})
}

// handover reads one the officer may serve. One without a ward is everybody's.
func (s handoverService) handover(ctx context.Context, tx core.Tx, id string) (core.Actor, core.Handover, error) {
	a := auth.ActorFrom(ctx)
	unknown := core.E(core.CodeNotFound, "agencyapi.handover", "", nil)
	h, err := tx.Handovers().Get(ctx, core.ID(id))
	if core.IsCode(err, core.CodeNotFound) {
		return a, core.Handover{}, unknown
	}
	if err != nil {
		return a, core.Handover{}, err
	}
	if h.Office != "" && auth.Serves(a, h.Office) != nil {
		return a, core.Handover{}, unknown
	}
	return a, h, nil
}

// subjectOf names whom a hand-over is about, for the audit row.
func subjectOf(ctx context.Context, tx core.Tx, h core.Handover) (core.Dossier, error) {
	if h.DossierID != "" {
		return tx.Dossiers().Get(ctx, h.DossierID)
	}
	if h.ConvID == "" {
		return core.Dossier{}, nil
	}
	c, err := tx.Conversations().Get(ctx, h.ConvID)
	if core.IsCode(err, core.CodeNotFound) {
		return core.Dossier{}, nil
	}
	return core.Dossier{CitizenID: c.CitizenID}, err
}

// handover writes one; what the citizen said only for who took it.
func handover(h core.Handover, taken bool) *agencyv1.Handover {
	out := &agencyv1.Handover{
		Id: string(h.ID), Office: h.Office, Reason: h.Reason, CreatedAt: counter.Stamp(h.CreatedAt),
		TakenBy: h.TakenBy, TakenAt: counter.Stamp(h.TakenAt),
	}
	if taken {
		out.Said = string(h.Context)
	}
	return out
}
