package kiosk

import (
	"context"

	"github.com/motcua/motcua/proto/counter"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
)

type applicationService struct{ *server }

func (s applicationService) StartDossier(ctx context.Context, r *kioskv1.StartDossierRequest) (*kioskv1.StartDossierResponse, error) {
	return counter.Start(ctx, s.counter, r.GetProcedureCode(), r.GetOffice(), r.GetSituation(), func(id string, step *corev1.Step) *kioskv1.StartDossierResponse {
		return &kioskv1.StartDossierResponse{DraftId: id, Step: step}
	})
}

func (s applicationService) NextQuestion(ctx context.Context, r *kioskv1.NextQuestionRequest) (*kioskv1.NextQuestionResponse, error) {
	step, err := s.counter.Next(ctx, r.GetDraftId())
	return &kioskv1.NextQuestionResponse{Step: step}, err
}

func (s applicationService) AnswerQuestion(ctx context.Context, r *kioskv1.AnswerQuestionRequest) (*kioskv1.AnswerQuestionResponse, error) {
	return counter.Answer(ctx, s.counter, r.GetDraftId(), r.GetKey(), r.GetAnswer(),
		func(step *corev1.Step, doubt *corev1.Doubt, remarks []*corev1.Remark) *kioskv1.AnswerQuestionResponse {
			return &kioskv1.AnswerQuestionResponse{Step: step, Doubt: doubt, Remarks: remarks}
		})
}

func (s applicationService) ScanPage(ctx context.Context, r *kioskv1.ScanPageRequest) (*kioskv1.ScanPageResponse, error) {
	f := counter.File{DraftID: r.GetDraftId(), Code: r.GetCode(), Requirement: r.GetRequirement(), Name: r.GetName(), Content: r.GetContent()}
	return counter.Receive(ctx, s.counter, f, func(p *corev1.Page) *kioskv1.ScanPageResponse {
		return &kioskv1.ScanPageResponse{Page: p}
	})
}

func (s applicationService) RemovePage(ctx context.Context, r *kioskv1.RemovePageRequest) (*kioskv1.RemovePageResponse, error) {
	return counter.Remove(ctx, s.counter, r.GetPageId(), func() *kioskv1.RemovePageResponse { return &kioskv1.RemovePageResponse{} })
}

func (s applicationService) RemoveItem(ctx context.Context, r *kioskv1.RemoveItemRequest) (*kioskv1.RemoveItemResponse, error) {
	return counter.RemoveItem(ctx, s.counter, r.GetDraftId(), r.GetList(), r.GetItem(), func(step *corev1.Step) *kioskv1.RemoveItemResponse {
		return &kioskv1.RemoveItemResponse{Step: step}
	})
}

func (s applicationService) AttachPaper(ctx context.Context, r *kioskv1.AttachPaperRequest) (*kioskv1.AttachPaperResponse, error) {
	return counter.Attach(ctx, s.counter, r.GetDraftId(), r.GetRequirement(), r.GetSkip(), func(step *corev1.Step) *kioskv1.AttachPaperResponse {
		return &kioskv1.AttachPaperResponse{Step: step}
	})
}

func (s applicationService) ReviewDossier(ctx context.Context, r *kioskv1.ReviewDossierRequest) (*kioskv1.ReviewDossierResponse, error) {
	v, err := s.counter.Review(ctx, r.GetDraftId())
	return &kioskv1.ReviewDossierResponse{Lines: v.Lines, Papers: v.Papers, Step: v.Step, Declaration: v.Declaration}, err
}

func (s applicationService) SubmitDossier(ctx context.Context, r *kioskv1.SubmitDossierRequest) (*kioskv1.SubmitDossierResponse, error) {
	return counter.Submit(ctx, s.counter, r.GetDraftId(), func(d *corev1.DossierStatus, detail *corev1.DossierDetail) *kioskv1.SubmitDossierResponse {
		return &kioskv1.SubmitDossierResponse{Dossier: d, Detail: detail}
	})
}

func (s applicationService) RespondToSupplement(ctx context.Context, r *kioskv1.RespondToSupplementRequest) (*kioskv1.RespondToSupplementResponse, error) {
	return counter.Respond(ctx, s.counter, r.GetCode(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *kioskv1.RespondToSupplementResponse {
		return &kioskv1.RespondToSupplementResponse{Dossier: d}
	})
}

func (s applicationService) GetDossier(ctx context.Context, r *kioskv1.GetDossierRequest) (*kioskv1.GetDossierResponse, error) {
	d, meaning, detail, err := s.counter.Details(ctx, r.GetCode())
	return &kioskv1.GetDossierResponse{Dossier: d, Meaning: meaning, Detail: detail}, err
}

func (s applicationService) WithdrawDossier(ctx context.Context, r *kioskv1.WithdrawDossierRequest) (*kioskv1.WithdrawDossierResponse, error) {
	return counter.Withdraw(ctx, s.counter, r.GetCode(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *kioskv1.WithdrawDossierResponse {
		return &kioskv1.WithdrawDossierResponse{Dossier: d}
	})
}

func (s applicationService) AnswerDraft(ctx context.Context, r *kioskv1.AnswerDraftRequest) (*kioskv1.AnswerDraftResponse, error) {
	return counter.AnswerDraft(ctx, s.counter, r.GetCode(), r.GetConfirmed(), r.GetWords(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *kioskv1.AnswerDraftResponse {
		return &kioskv1.AnswerDraftResponse{Dossier: d}
	})
}

func (s applicationService) GetResult(ctx context.Context, r *kioskv1.GetResultRequest) (*kioskv1.GetResultResponse, error) {
	v, err := s.counter.Result(ctx, r.GetCode(), int(r.GetPage()), r.GetDraft())
	return &kioskv1.GetResultResponse{Content: v.Bytes, Mime: v.Page.MIME, Sha256: v.Page.SHA256, Pages: int32(v.Pages)}, err
}

func (s applicationService) CreateHandOff(ctx context.Context, r *kioskv1.CreateHandOffRequest) (*kioskv1.CreateHandOffResponse, error) {
	return counter.HandOff(ctx, s.counter, r.GetDraftId(), func(h *corev1.HandOff) *kioskv1.CreateHandOffResponse {
		return &kioskv1.CreateHandOffResponse{HandOff: h}
	})
}

func (s applicationService) RedeemHandOff(ctx context.Context, r *kioskv1.RedeemHandOffRequest) (*kioskv1.RedeemHandOffResponse, error) {
	return counter.Redeem(ctx, s.counter, r.GetCode(), func(id string, step *corev1.Step) *kioskv1.RedeemHandOffResponse {
		return &kioskv1.RedeemHandOffResponse{DraftId: id, Step: step}
	})
}
