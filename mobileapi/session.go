package mobileapi

import (
	"context"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/counter"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

type sessionService struct{ *server }

func (s sessionService) StartAnonymous(ctx context.Context, _ *mobilev1.StartAnonymousRequest) (*mobilev1.StartAnonymousResponse, error) {
	g, err := s.sessions.StartAnonymous(ctx)
	return &mobilev1.StartAnonymousResponse{Tokens: tokens(g)}, err
}

func (s sessionService) RequestCode(ctx context.Context, r *mobilev1.RequestCodeRequest) (*mobilev1.RequestCodeResponse, error) {
	c, err := s.sessions.RequestCode(ctx, r.GetPhone())
	return &mobilev1.RequestCodeResponse{ChallengeId: string(c.ID), ExpiresAt: counter.Stamp(c.ExpiresAt)}, err
}

func (s sessionService) VerifyCode(ctx context.Context, r *mobilev1.VerifyCodeRequest) (*mobilev1.VerifyCodeResponse, error) {
	g, err := s.sessions.VerifyCode(ctx, auth.ActorFrom(ctx), core.ID(r.GetChallengeId()), r.GetCode())
	return &mobilev1.VerifyCodeResponse{Tokens: tokens(g)}, err
}

func (s sessionService) Refresh(ctx context.Context, r *mobilev1.RefreshRequest) (*mobilev1.RefreshResponse, error) {
	g, err := s.sessions.Refresh(ctx, r.GetRefreshToken())
	return &mobilev1.RefreshResponse{Tokens: tokens(g)}, err
}

func (s sessionService) SignOut(ctx context.Context, r *mobilev1.SignOutRequest) (*mobilev1.SignOutResponse, error) {
	return &mobilev1.SignOutResponse{}, s.sessions.SignOut(ctx, r.GetRefreshToken())
}

func (s sessionService) CreateHandOff(ctx context.Context, r *mobilev1.CreateHandOffRequest) (*mobilev1.CreateHandOffResponse, error) {
	return counter.HandOff(ctx, s.counter, r.GetDraftId(), func(h *corev1.HandOff) *mobilev1.CreateHandOffResponse {
		return &mobilev1.CreateHandOffResponse{HandOff: h}
	})
}

func (s sessionService) RedeemHandOff(ctx context.Context, r *mobilev1.RedeemHandOffRequest) (*mobilev1.RedeemHandOffResponse, error) {
	return counter.Redeem(ctx, s.counter, r.GetCode(), func(id string, step *corev1.Step) *mobilev1.RedeemHandOffResponse {
		return &mobilev1.RedeemHandOffResponse{DraftId: id, Step: step}
	})
}

func tokens(g auth.Grant) *mobilev1.Tokens {
	return &mobilev1.Tokens{
		AccessToken: g.Access, AccessExpiresAt: counter.Stamp(g.AccessExpires),
		RefreshToken: g.Refresh, RefreshExpiresAt: counter.Stamp(g.RefreshExpires), Assurance: int32(g.Assurance),
	}
}
