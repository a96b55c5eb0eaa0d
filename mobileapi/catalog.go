package mobileapi

import (
	"context"

	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

type catalogService struct{ *server }

func (s catalogService) SearchProcedures(ctx context.Context, r *mobilev1.SearchProceduresRequest) (*mobilev1.SearchProceduresResponse, error) {
	f := s.counter.Search(ctx, r.GetQuery(), int(r.GetLimit()))
	return &mobilev1.SearchProceduresResponse{Procedures: f.Hits, Sure: f.Sure, Elsewhere: f.Elsewhere}, nil
}

func (s catalogService) ListTopics(ctx context.Context, _ *mobilev1.ListTopicsRequest) (*mobilev1.ListTopicsResponse, error) {
	return &mobilev1.ListTopicsResponse{Topics: s.counter.Topics(ctx)}, nil
}

func (s catalogService) GetProcedure(ctx context.Context, r *mobilev1.GetProcedureRequest) (*mobilev1.GetProcedureResponse, error) {
	p, err := s.counter.Procedure(ctx, r.GetCode())
	return &mobilev1.GetProcedureResponse{Procedure: p}, err
}

func (s catalogService) GetChecklist(ctx context.Context, r *mobilev1.GetChecklistRequest) (*mobilev1.GetChecklistResponse, error) {
	l, err := s.counter.Checklist(ctx, r.GetProcedureCode(), r.GetSituation(), r.GetWardCode(), r.GetAppliedAt())
	return &mobilev1.GetChecklistResponse{Checklist: l}, err
}

func (s catalogService) ResolvePlace(ctx context.Context, r *mobilev1.ResolvePlaceRequest) (*mobilev1.ResolvePlaceResponse, error) {
	places, outside := s.counter.Places(ctx, r.GetQuery())
	return &mobilev1.ResolvePlaceResponse{Places: places, Outside: outside}, nil
}

func (s catalogService) FindOffice(ctx context.Context, r *mobilev1.FindOfficeRequest) (*mobilev1.FindOfficeResponse, error) {
	o, err := s.counter.Office(ctx, r.GetWardCode(), r.GetProcedureCode())
	return &mobilev1.FindOfficeResponse{Office: o}, err
}
