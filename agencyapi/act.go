package agencyapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/proto/counter"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// act does something with a dossier and gives its new status. The act audits
// itself.
func act[M any, P gate.Message[M]](
	ctx context.Context, s dossierService, code string,
	do func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error),
	response func(*corev1.DossierStatus) P,
) (P, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		a, d, err := s.dossier(ctx, tx, code)
		if err != nil {
			return nil, err
		}
		if d, err = do(ctx, tx, dossier.By{Actor: a}, d.ID); err != nil {
			return nil, err
		}
		status, _ := counter.StatusOf(ctx, s.gate, s.dossiers.StatusOf(d, "", true, tx.Now()))
		return response(status), nil
	})
}

func (s dossierService) Accept(ctx context.Context, r *agencyv1.AcceptRequest) (*agencyv1.AcceptResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.Accept(ctx, tx, by, id, r.GetIdentityChecked())
	}, func(d *corev1.DossierStatus) *agencyv1.AcceptResponse { return &agencyv1.AcceptResponse{Dossier: d} })
}

func (s dossierService) Start(ctx context.Context, r *agencyv1.StartRequest) (*agencyv1.StartResponse, error) {
	return act(ctx, s, r.GetCode(), s.dossiers.Start,
		func(d *corev1.DossierStatus) *agencyv1.StartResponse { return &agencyv1.StartResponse{Dossier: d} })
}

func (s dossierService) Refuse(ctx context.Context, r *agencyv1.RefuseRequest) (*agencyv1.RefuseResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.Refuse(ctx, tx, by, id, r.GetReason(), r.GetAdvice())
	}, func(d *corev1.DossierStatus) *agencyv1.RefuseResponse { return &agencyv1.RefuseResponse{Dossier: d} })
}

func (s dossierService) Stop(ctx context.Context, r *agencyv1.StopRequest) (*agencyv1.StopResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.Stop(ctx, tx, by, id, r.GetReason(), r.GetAdvice())
	}, func(d *corev1.DossierStatus) *agencyv1.StopResponse { return &agencyv1.StopResponse{Dossier: d} })
}

func (s dossierService) RequestSupplement(ctx context.Context, r *agencyv1.RequestSupplementRequest) (*agencyv1.RequestSupplementResponse, error) {
	req := dossier.SupplementRequest{SupervisorNote: r.GetSupervisorNote(), DueAt: instant(r.GetDueAt())}
	for _, i := range r.GetItems() {
		req.Items = append(req.Items, core.SupplementItem{
			Requirement: i.GetRequirement(), Reason: i.GetReason(), Page: int(i.GetPage()), Note: i.GetNote(),
		})
	}
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.RequestSupplement(ctx, tx, by, id, req)
	}, func(d *corev1.DossierStatus) *agencyv1.RequestSupplementResponse {
		return &agencyv1.RequestSupplementResponse{Dossier: d}
	})
}

func (s dossierService) PauseForFee(ctx context.Context, r *agencyv1.PauseForFeeRequest) (*agencyv1.PauseForFeeResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.PauseForFee(ctx, tx, by, id, dossier.FeeRequest{Amount: r.GetAmount(), How: r.GetAdvice(), DueAt: instant(r.GetDueAt())})
	}, func(d *corev1.DossierStatus) *agencyv1.PauseForFeeResponse {
		return &agencyv1.PauseForFeeResponse{Dossier: d}
	})
}

func (s dossierService) Resume(ctx context.Context, r *agencyv1.ResumeRequest) (*agencyv1.ResumeResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.Resume(ctx, tx, by, id, r.GetReceipt())
	}, func(d *corev1.DossierStatus) *agencyv1.ResumeResponse { return &agencyv1.ResumeResponse{Dossier: d} })
}

func (s dossierService) Extend(ctx context.Context, r *agencyv1.ExtendRequest) (*agencyv1.ExtendResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		return s.dossiers.Extend(ctx, tx, by, id, r.GetReason(), r.GetAdvice(), instant(r.GetDueAt()))
	}, func(d *corev1.DossierStatus) *agencyv1.ExtendResponse { return &agencyv1.ExtendResponse{Dossier: d} })
}

func (s dossierService) AnswerDraft(ctx context.Context, r *agencyv1.AnswerDraftRequest) (*agencyv1.AnswerDraftResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		if r.GetConfirmed() {
			return s.dossiers.ConfirmDraft(ctx, tx, by, id)
		}
		return s.dossiers.CorrectDraft(ctx, tx, by, id, r.GetWords())
	}, func(d *corev1.DossierStatus) *agencyv1.AnswerDraftResponse {
		return &agencyv1.AnswerDraftResponse{Dossier: d}
	})
}

func (s dossierService) AnswerCosign(ctx context.Context, r *agencyv1.AnswerCosignRequest) (*agencyv1.AnswerCosignResponse, error) {
	return act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		all, err := tx.Cosigns().ByDossier(ctx, id)
		if err != nil {
			return core.Dossier{}, err
		}
		for _, c := range all {
			if c.Seq == int(r.GetNumber()) {
				return s.dossiers.AnswerCosign(ctx, tx, by, c.ID, "", r.GetAgreed())
			}
		}
		return core.Dossier{}, core.E(core.CodeNotFound, "agencyapi.answer_cosign", "error.cosign.unknown", nil)
	}, func(d *corev1.DossierStatus) *agencyv1.AnswerCosignResponse {
		return &agencyv1.AnswerCosignResponse{Dossier: d}
	})
}

// instant reads a moment of a request; an absent one is zero.
func instant(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}

func (s dossierService) Return(ctx context.Context, r *agencyv1.ReturnRequest) (*agencyv1.ReturnResponse, error) {
	return act(ctx, s, r.GetCode(), s.dossiers.Return,
		func(d *corev1.DossierStatus) *agencyv1.ReturnResponse { return &agencyv1.ReturnResponse{Dossier: d} })
}

func (s dossierService) Complete(ctx context.Context, r *agencyv1.CompleteRequest) (*agencyv1.CompleteResponse, error) {
	return actWithFile(ctx, s, r, func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID, f dossier.ResultFile) (core.Dossier, error) {
		return s.dossiers.Complete(ctx, tx, by, id, f)
	}, func(d *corev1.DossierStatus) *agencyv1.CompleteResponse {
		return &agencyv1.CompleteResponse{Dossier: d}
	})
}

func (s dossierService) SendDraft(ctx context.Context, r *agencyv1.SendDraftRequest) (*agencyv1.SendDraftResponse, error) {
	return actWithFile(ctx, s, r, s.dossiers.SendDraft,
		func(d *corev1.DossierStatus) *agencyv1.SendDraftResponse {
			return &agencyv1.SendDraftResponse{Dossier: d}
		})
}

// sentFile is a file of the office for a dossier.
type sentFile interface {
	GetCode() string
	GetName() string
	GetContent() []byte
}

// actWithFile is act with a file, whose bytes are stored first.
func actWithFile[M any, P gate.Message[M]](
	ctx context.Context, s dossierService, r sentFile,
	do func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID, f dossier.ResultFile) (core.Dossier, error),
	response func(*corev1.DossierStatus) P,
) (P, error) {
	file, err := s.store(ctx, r)
	if err != nil {
		return nil, err
	}
	recorded := false
	out, err := act(ctx, s, r.GetCode(), func(ctx context.Context, tx core.Tx, by dossier.By, id core.ID) (core.Dossier, error) {
		recorded = true
		return do(ctx, tx, by, id, file)
	}, response)
	if counter.Certain(err) || err == nil && !recorded { // refused, or answered before: nobody refers to the bytes
		_ = s.blobs.Delete(context.WithoutCancel(ctx), file.BlobKey)
	}
	return out, err
}

// store inspects and stores a file for an officer who may act on the dossier.
func (s dossierService) store(ctx context.Context, r sentFile) (dossier.ResultFile, error) {
	f := dossier.ResultFile{Name: r.GetName(), Verdict: vault.Inspect(r.GetContent()), Size: int64(len(r.GetContent()))}
	if err := f.Verdict.Err(); err != nil {
		return f, err
	}
	sum := sha256.Sum256(r.GetContent())
	f.SHA256 = hex.EncodeToString(sum[:])
	err := s.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, _, err := s.dossier(ctx, tx, r.GetCode())
		f.PageID = core.NewID(tx.Now())
		return err
	})
	if err != nil {
		return f, err
	}
	f.BlobKey = vault.BlobKey(f.PageID, f.SHA256)
	_, err = s.blobs.Put(ctx, f.BlobKey, bytes.NewReader(r.GetContent()))
	return f, err
}
