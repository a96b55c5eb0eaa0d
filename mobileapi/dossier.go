package mobileapi

import (
	"context"

	"github.com/motcua/motcua/proto/counter"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

type dossierService struct{ *server }

func (s dossierService) StartDossier(ctx context.Context, r *mobilev1.StartDossierRequest) (*mobilev1.StartDossierResponse, error) {
	return counter.Start(ctx, s.counter, r.GetProcedureCode(), r.GetOffice(), r.GetSituation(), func(id string, step *corev1.Step) *mobilev1.StartDossierResponse {
		return &mobilev1.StartDossierResponse{DraftId: id, Step: step}
	})
}

func (s dossierService) AnswerQuestion(ctx context.Context, r *mobilev1.AnswerQuestionRequest) (*mobilev1.AnswerQuestionResponse, error) {
	return counter.Answer(ctx, s.counter, r.GetDraftId(), r.GetKey(), r.GetAnswer(),
		func(step *corev1.Step, doubt *corev1.Doubt, remarks []*corev1.Remark) *mobilev1.AnswerQuestionResponse {
			return &mobilev1.AnswerQuestionResponse{Step: step, Doubt: doubt, Remarks: remarks}
		})
}

func (s dossierService) RemoveItem(ctx context.Context, r *mobilev1.RemoveItemRequest) (*mobilev1.RemoveItemResponse, error) {
	return counter.RemoveItem(ctx, s.counter, r.GetDraftId(), r.GetList(), r.GetItem(), func(step *corev1.Step) *mobilev1.RemoveItemResponse {
		return &mobilev1.RemoveItemResponse{Step: step}
	})
}

func (s dossierService) AttachPaper(ctx context.Context, r *mobilev1.AttachPaperRequest) (*mobilev1.AttachPaperResponse, error) {
	return counter.Attach(ctx, s.counter, r.GetDraftId(), r.GetRequirement(), r.GetSkip(), func(step *corev1.Step) *mobilev1.AttachPaperResponse {
		return &mobilev1.AttachPaperResponse{Step: step}
	})
}

func (s dossierService) ReviewDossier(ctx context.Context, r *mobilev1.ReviewDossierRequest) (*mobilev1.ReviewDossierResponse, error) {
	v, err := s.counter.Review(ctx, r.GetDraftId())
	return &mobilev1.ReviewDossierResponse{Lines: v.Lines, Papers: v.Papers, Step: v.Step, Declaration: v.Declaration}, err
}

func (s dossierService) SubmitDossier(ctx context.Context, r *mobilev1.SubmitDossierRequest) (*mobilev1.SubmitDossierResponse, error) {
	return counter.Submit(ctx, s.counter, r.GetDraftId(), func(d *corev1.DossierStatus, detail *corev1.DossierDetail) *mobilev1.SubmitDossierResponse {
		return &mobilev1.SubmitDossierResponse{Dossier: d, Detail: detail}
	})
}

func (s dossierService) TrackDossier(ctx context.Context, r *mobilev1.TrackDossierRequest) (*mobilev1.TrackDossierResponse, error) {
	d, meaning, err := s.counter.Track(ctx, r.GetCode())
	return &mobilev1.TrackDossierResponse{Dossier: d, Meaning: meaning}, err
}

func (s dossierService) GetDossier(ctx context.Context, r *mobilev1.GetDossierRequest) (*mobilev1.GetDossierResponse, error) {
	d, meaning, detail, err := s.counter.Details(ctx, r.GetCode())
	return &mobilev1.GetDossierResponse{Dossier: d, Meaning: meaning, Detail: detail}, err
}

func (s dossierService) RespondToSupplement(ctx context.Context, r *mobilev1.RespondToSupplementRequest) (*mobilev1.RespondToSupplementResponse, error) {
	return counter.Respond(ctx, s.counter, r.GetCode(), func(d *corev1.DossierStatus, detail *corev1.DossierDetail) *mobilev1.RespondToSupplementResponse {
		return &mobilev1.RespondToSupplementResponse{Dossier: d, Detail: detail}
	})
}

func (s dossierService) WithdrawDossier(ctx context.Context, r *mobilev1.WithdrawDossierRequest) (*mobilev1.WithdrawDossierResponse, error) {
	return counter.Withdraw(ctx, s.counter, r.GetCode(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *mobilev1.WithdrawDossierResponse {
		return &mobilev1.WithdrawDossierResponse{Dossier: d}
	})
}

func (s dossierService) AnswerDraft(ctx context.Context, r *mobilev1.AnswerDraftRequest) (*mobilev1.AnswerDraftResponse, error) {
	return counter.AnswerDraft(ctx, s.counter, r.GetCode(), r.GetConfirmed(), r.GetWords(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *mobilev1.AnswerDraftResponse {
		return &mobilev1.AnswerDraftResponse{Dossier: d}
	})
}

func (s dossierService) ClaimDossier(ctx context.Context, r *mobilev1.ClaimDossierRequest) (*mobilev1.ClaimDossierResponse, error) {
	return counter.Claim(ctx, s.counter, r.GetCode(), r.GetPersonalId(), func(d *corev1.DossierStatus) *mobilev1.ClaimDossierResponse {
		return &mobilev1.ClaimDossierResponse{Dossier: d}
	})
}

func (s dossierService) GetResult(ctx context.Context, r *mobilev1.GetResultRequest) (*mobilev1.GetResultResponse, error) {
	v, err := s.counter.Result(ctx, r.GetCode(), int(r.GetPage()), r.GetDraft())
	return &mobilev1.GetResultResponse{Content: v.Bytes, Mime: v.Page.MIME, Sha256: v.Page.SHA256, Pages: int32(v.Pages)}, err
}
