package kiosk

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/counter"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
)

type terminalService struct{ *server }

func (s terminalService) Enrol(ctx context.Context, r *kioskv1.EnrolRequest) (*kioskv1.EnrolResponse, error) {
	k, err := s.terminals.Enrol(ctx, r.GetCode(), r.GetPublicKey(), r.GetProof())
	return &kioskv1.EnrolResponse{KioskId: string(k.ID), Office: k.Office, Label: k.Label}, err
}

func (s terminalService) StartSession(ctx context.Context, _ *kioskv1.StartSessionRequest) (*kioskv1.StartSessionResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*kioskv1.StartSessionResponse, error) {
		session, err := s.terminals.StartSession(ctx, tx, auth.ActorFrom(ctx), gate.Locale(ctx))
		return &kioskv1.StartSessionResponse{
			SessionId: string(session.ID), Idle: durationpb.New(auth.TerminalIdle), WarnAfter: durationpb.New(auth.TerminalWarn),
			EndsAt: counter.Stamp(session.StartedAt.Add(auth.TerminalSessionLife)),
		}, err
	})
}

func (s terminalService) Touch(ctx context.Context, _ *kioskv1.TouchRequest) (*kioskv1.TouchResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*kioskv1.TouchResponse, error) {
		session, err := s.terminals.Touch(ctx, tx, auth.ActorFrom(ctx))
		return &kioskv1.TouchResponse{IdleUntil: counter.Stamp(auth.IdleUntil(session))}, err
	})
}

func (s terminalService) EndSession(ctx context.Context, _ *kioskv1.EndSessionRequest) (*kioskv1.EndSessionResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*kioskv1.EndSessionResponse, error) {
		return &kioskv1.EndSessionResponse{}, s.terminals.EndSession(ctx, tx, auth.ActorFrom(ctx))
	})
}

func (s terminalService) RequestCode(ctx context.Context, r *kioskv1.RequestCodeRequest) (*kioskv1.RequestCodeResponse, error) {
	c, err := s.terminals.RequestCode(ctx, r.GetPhone())
	return &kioskv1.RequestCodeResponse{ChallengeId: string(c.ID), ExpiresAt: counter.Stamp(c.ExpiresAt)}, err
}

func (s terminalService) VerifyCode(ctx context.Context, r *kioskv1.VerifyCodeRequest) (*kioskv1.VerifyCodeResponse, error) {
	c, err := s.terminals.VerifyCode(ctx, auth.ActorFrom(ctx), core.ID(r.GetChallengeId()), r.GetCode())
	return &kioskv1.VerifyCodeResponse{Assurance: int32(c.Assurance)}, err
}
