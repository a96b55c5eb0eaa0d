package kiosk

import (
	"context"

	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
)

type lookUpService struct{ *server }

func (s lookUpService) SearchProcedures(ctx context.Context, r *kioskv1.SearchProceduresRequest) (*kioskv1.SearchProceduresResponse, error) {
	f := s.counter.Search(ctx, r.GetQuery(), int(r.GetLimit()))
	return &kioskv1.SearchProceduresResponse{Procedures: f.Hits, Sure: f.Sure, Elsewhere: f.Elsewhere}, nil
}

func (s lookUpService) ListTopics(ctx context.Context, _ *kioskv1.ListTopicsRequest) (*kioskv1.ListTopicsResponse, error) {
	return &kioskv1.ListTopicsResponse{Topics: s.counter.Topics(ctx)}, nil
}

func (s lookUpService) GetProcedure(ctx context.Context, r *kioskv1.GetProcedureRequest) (*kioskv1.GetProcedureResponse, error) {
	p, err := s.counter.Procedure(ctx, r.GetCode())
	return &kioskv1.GetProcedureResponse{Procedure: p}, err
}

func (s lookUpService) GetChecklist(ctx context.Context, r *kioskv1.GetChecklistRequest) (*kioskv1.GetChecklistResponse, error) {
	l, err := s.counter.Checklist(ctx, r.GetProcedureCode(), r.GetSituation(), r.GetWardCode(), r.GetAppliedAt())
	return &kioskv1.GetChecklistResponse{Checklist: l}, err
}

func (s lookUpService) ResolvePlace(ctx context.Context, r *kioskv1.ResolvePlaceRequest) (*kioskv1.ResolvePlaceResponse, error) {
	places, outside := s.counter.Places(ctx, r.GetQuery())
	return &kioskv1.ResolvePlaceResponse{Places: places, Outside: outside}, nil
}

func (s lookUpService) FindOffice(ctx context.Context, r *kioskv1.FindOfficeRequest) (*kioskv1.FindOfficeResponse, error) {
	o, err := s.counter.Office(ctx, r.GetWardCode(), r.GetProcedureCode())
	return &kioskv1.FindOfficeResponse{Office: o}, err
}

func (s lookUpService) TrackDossier(ctx context.Context, r *kioskv1.TrackDossierRequest) (*kioskv1.TrackDossierResponse, error) {
	d, meaning, err := s.counter.Track(ctx, r.GetCode())
	return &kioskv1.TrackDossierResponse{Dossier: d, Meaning: meaning}, err
}
