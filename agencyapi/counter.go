package agencyapi

import (
	"cmp"
	"context"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/proto/counter"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// counterChannel is written beside what an officer enters for somebody.
const counterChannel = "counter"

// counterService is what an officer does for somebody who came. Handing a draft
// over to another channel is not part of it, so the use cases know no addresses.
type counterService struct {
	dossierService
	counter *counter.Counter
	report  func(ctx context.Context, ward string, q catalog.Queue) error
}

// officerAtCounter is the officer of the token.
func officerAtCounter(ctx context.Context, _ core.Tx, _ bool) (counter.Person, error) {
	a := auth.ActorFrom(ctx)
	if a.Kind != core.ActorOfficer || a.Office == "" {
		return counter.Person{}, core.E(core.CodeUnauthenticated, "agencyapi.counter", "", nil)
	}
	return counter.Person{Channel: counterChannel, Assurance: core.AssuranceEID, Officer: &a}, nil
}

func (s counterService) StartFiling(ctx context.Context, r *agencyv1.StartFilingRequest) (*agencyv1.StartFilingResponse, error) {
	office := auth.ActorFrom(ctx).Office
	if office == "*" {
		office = "" // the form asks
	}
	return counter.Start(ctx, s.counter, r.GetProcedureCode(), office, nil, func(id string, step *corev1.Step) *agencyv1.StartFilingResponse {
		return &agencyv1.StartFilingResponse{DraftId: id, Step: step}
	})
}

func (s counterService) NextQuestion(ctx context.Context, r *agencyv1.NextQuestionRequest) (*agencyv1.NextQuestionResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	step, err := s.counter.Next(ctx, r.GetDraftId())
	return &agencyv1.NextQuestionResponse{Step: step}, err
}

func (s counterService) AnswerQuestion(ctx context.Context, r *agencyv1.AnswerQuestionRequest) (*agencyv1.AnswerQuestionResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	return counter.Answer(ctx, s.counter, r.GetDraftId(), r.GetKey(), r.GetAnswer(),
		func(step *corev1.Step, doubt *corev1.Doubt, remarks []*corev1.Remark) *agencyv1.AnswerQuestionResponse {
			return &agencyv1.AnswerQuestionResponse{Step: step, Doubt: doubt, Remarks: remarks}
		})
}

func (s counterService) ScanPage(ctx context.Context, r *agencyv1.ScanPageRequest) (*agencyv1.ScanPageResponse, error) {
	f := counter.File{DraftID: r.GetDraftId(), Code: r.GetCode(), Requirement: r.GetRequirement(), Name: r.GetName(), Content: r.GetContent()}
	return counter.Receive(ctx, s.counter, f, func(p *corev1.Page) *agencyv1.ScanPageResponse {
		return &agencyv1.ScanPageResponse{Page: p}
	})
}

func (s counterService) RemoveItem(ctx context.Context, r *agencyv1.RemoveItemRequest) (*agencyv1.RemoveItemResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	return counter.RemoveItem(ctx, s.counter, r.GetDraftId(), r.GetList(), r.GetItem(), func(step *corev1.Step) *agencyv1.RemoveItemResponse {
		return &agencyv1.RemoveItemResponse{Step: step}
	})
}

func (s counterService) RemovePage(ctx context.Context, r *agencyv1.RemovePageRequest) (*agencyv1.RemovePageResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	return counter.Remove(ctx, s.counter, r.GetPageId(), func() *agencyv1.RemovePageResponse { return &agencyv1.RemovePageResponse{} })
}

func (s counterService) AttachPaper(ctx context.Context, r *agencyv1.AttachPaperRequest) (*agencyv1.AttachPaperResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	return counter.Attach(ctx, s.counter, r.GetDraftId(), r.GetRequirement(), r.GetSkip(), func(step *corev1.Step) *agencyv1.AttachPaperResponse {
		return &agencyv1.AttachPaperResponse{Step: step}
	})
}

func (s counterService) ReviewFiling(ctx context.Context, r *agencyv1.ReviewFilingRequest) (*agencyv1.ReviewFilingResponse, error) {
	if err := s.counter.Work(ctx, r.GetDraftId()); err != nil {
		return nil, err
	}
	v, err := s.counter.Review(ctx, r.GetDraftId())
	return &agencyv1.ReviewFilingResponse{Lines: v.Lines, Papers: v.Papers, Step: v.Step, Declaration: v.Declaration}, err
}

func (s counterService) SubmitFiling(ctx context.Context, r *agencyv1.SubmitFilingRequest) (*agencyv1.SubmitFilingResponse, error) {
	out, err := counter.Submit(ctx, s.counter, r.GetDraftId(), func(d *corev1.DossierStatus, _ *corev1.DossierDetail) *agencyv1.SubmitFilingResponse {
		return &agencyv1.SubmitFilingResponse{Dossier: d}
	})
	if err != nil {
		return nil, err
	}
	err = s.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Dossiers().ByCode(ctx, out.GetDossier().GetCode())
		if err != nil {
			return err
		}
		out.Receipt, err = s.receipt(ctx, tx, d)
		return err
	})
	return out, err
}

func (s counterService) TakePapers(ctx context.Context, r *agencyv1.TakePapersRequest) (*agencyv1.TakePapersResponse, error) {
	return act(ctx, s.dossierService, r.GetCode(), s.dossiers.RespondToSupplement,
		func(d *corev1.DossierStatus) *agencyv1.TakePapersResponse {
			return &agencyv1.TakePapersResponse{Dossier: d}
		})
}

func (s counterService) Withdraw(ctx context.Context, r *agencyv1.WithdrawRequest) (*agencyv1.WithdrawResponse, error) {
	return act(ctx, s.dossierService, r.GetCode(), s.dossiers.Withdraw,
		func(d *corev1.DossierStatus) *agencyv1.WithdrawResponse {
			return &agencyv1.WithdrawResponse{Dossier: d}
		})
}

// ReportQueue keeps who waits. It is about no citizen, so no access is logged.
func (s counterService) ReportQueue(ctx context.Context, r *agencyv1.ReportQueueRequest) (*agencyv1.ReportQueueResponse, error) {
	const op = "agencyapi.report_queue"
	a := auth.ActorFrom(ctx)
	office := cmp.Or(r.GetOffice(), a.Office)
	if _, known := s.dossiers.Catalog().OfficeForWard(office); !known || auth.Serves(a, office) != nil {
		return nil, core.E(core.CodeNotFound, op, "error.place.none", nil)
	}
	var now time.Time
	err := s.gate.Store.View(ctx, func(_ context.Context, tx core.Tx) error {
		now = tx.Now()
		return nil
	})
	if err != nil {
		return nil, err
	}
	q := catalog.Queue{Waiting: int(r.GetWaiting()), Counters: int(r.GetCountersOpen()), At: now}
	if err := s.report(ctx, office, q); err != nil {
		return nil, err
	}
	return &agencyv1.ReportQueueResponse{Until: counter.Stamp(now.Add(catalog.QueueKnown))}, nil
}
