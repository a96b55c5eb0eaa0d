package mobileapi

import (
	"context"

	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

type formService struct{ *server }

func (s formService) GetForm(ctx context.Context, r *mobilev1.GetFormRequest) (*mobilev1.GetFormResponse, error) {
	f, err := s.counter.Form(ctx, r.GetProcedureCode())
	return &mobilev1.GetFormResponse{Form: f}, err
}

func (s formService) NextQuestion(ctx context.Context, r *mobilev1.NextQuestionRequest) (*mobilev1.NextQuestionResponse, error) {
	step, err := s.counter.Next(ctx, r.GetDraftId())
	return &mobilev1.NextQuestionResponse{Step: step}, err
}
