package mobileapi

import (
	"context"

	"github.com/motcua/motcua/proto/counter"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

type vaultService struct{ *server }

func (s vaultService) UploadPage(ctx context.Context, r *mobilev1.UploadPageRequest) (*mobilev1.UploadPageResponse, error) {
	f := counter.File{DraftID: r.GetDraftId(), Code: r.GetCode(), Requirement: r.GetRequirement(), Name: r.GetName(), Content: r.GetContent()}
	return counter.Receive(ctx, s.counter, f, func(p *corev1.Page) *mobilev1.UploadPageResponse {
		return &mobilev1.UploadPageResponse{Page: p}
	})
}

func (s vaultService) ListPapers(ctx context.Context, r *mobilev1.ListPapersRequest) (*mobilev1.ListPapersResponse, error) {
	papers, err := s.counter.Papers(ctx, r.GetDraftId(), r.GetCode())
	return &mobilev1.ListPapersResponse{Papers: papers}, err
}

func (s vaultService) RemovePage(ctx context.Context, r *mobilev1.RemovePageRequest) (*mobilev1.RemovePageResponse, error) {
	return counter.Remove(ctx, s.counter, r.GetPageId(), func() *mobilev1.RemovePageResponse { return &mobilev1.RemovePageResponse{} })
}
