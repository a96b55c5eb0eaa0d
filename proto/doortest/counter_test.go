package doortest_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// An officer files for somebody who came: the same questions, the papers scanned,
// identity checked with the card, a receipt; later what was brought is digitised.
func TestAnOfficerFilesAtTheCounter(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	client := func(ward string) agencyv1connect.CounterServiceClient {
		return agencyv1connect.NewCounterServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(ward)))
	}
	desk, elsewhere := client(doortest.WardSaiGon), client(doortest.WardTanDinh)
	begun, err := desk.StartFiling(ctx, &agencyv1.StartFilingRequest{ProcedureCode: doortest.MaritalStatus})
	if err != nil {
		t.Fatal(err)
	}
	id := begun.GetDraftId()
	step, _ := doortest.Fill(t, begun.GetStep(), func(key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
		r, err := desk.AnswerQuestion(ctx, &agencyv1.AnswerQuestionRequest{DraftId: id, Key: key, Answer: a})
		return r.GetStep(), r.GetDoubt(), err
	})
	for i := 0; step.GetQuestion() != nil; i++ {
		q := step.GetQuestion()
		if q.GetKind() != "paper" || i > 10 {
			t.Fatalf("asked %v", q)
		}
		if _, err := desk.ScanPage(ctx, &agencyv1.ScanPageRequest{
			Subject: &agencyv1.ScanPageRequest_DraftId{DraftId: id}, Requirement: q.GetRequirement(), Content: doortest.PDF(i + 1),
		}); err != nil {
			t.Fatal(err, doortest.Detail(err))
		}
		r, err := desk.AttachPaper(ctx, &agencyv1.AttachPaperRequest{DraftId: id, Requirement: q.GetRequirement()})
		if err != nil {
			t.Fatal(err)
		}
		step = r.GetStep()
	}
	if _, err := elsewhere.ReviewFiling(ctx, &agencyv1.ReviewFilingRequest{DraftId: id}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("an officer elsewhere reads the draft: %v", err)
	}
	review, err := desk.ReviewFiling(ctx, &agencyv1.ReviewFilingRequest{DraftId: id})
	if err != nil || len(review.GetLines()) == 0 || len(review.GetPapers()) == 0 {
		t.Fatalf("%v %v", review, err)
	}
	filed, err := desk.SubmitFiling(ctx, &agencyv1.SubmitFilingRequest{DraftId: id, Declared: true, IdentityChecked: true})
	if err != nil {
		t.Fatal(err, doortest.Detail(err))
	}
	code := filed.GetDossier().GetCode()
	again, err := desk.SubmitFiling(ctx, &agencyv1.SubmitFilingRequest{DraftId: id, Declared: true, IdentityChecked: true})
	if err != nil || again.GetDossier().GetCode() != code {
		t.Errorf("filed twice: %v %v", again, err)
	}
	r := filed.GetReceipt()
	if r.GetCode() != code || r.GetApplicant() == "" || r.GetOffice() == "" || r.GetAddress() == "" || r.GetProcedureName() == "" ||
		r.GetTimeLimit() == "" || r.GetReceivedAt() == nil || r.GetDueAt() == nil || r.GetRegisterNumber() == "" || r.GetOfficer() == "" ||
		len(r.GetPapers()) == 0 || r.GetPapers()[0].GetPages() == 0 || r.GetSets() != 1 {
		t.Errorf("the receipt lacks something: %v", r)
	}
	var d core.Dossier
	look := func() (audit []core.AuditRow, pages int) {
		if err := h.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			if d, err = tx.Dossiers().ByCode(ctx, code); err != nil {
				return err
			}
			papers, err := tx.Papers().ByDossier(ctx, d.ID)
			for _, p := range papers {
				pages += len(p.Pages)
			}
			if err != nil {
				return err
			}
			audit, err = tx.Audit().ByDossier(ctx, d.ID, 50)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return audit, pages
	}
	audit, pages := look()
	if d.FiledBy != core.ActorOfficer || d.NeedsProof || len(audit) != 1 || audit[0].Op != "dossier."+string(dossier.ActSubmit) {
		t.Errorf("filed by %q, needs proof %v, audit %+v", d.FiledBy, d.NeedsProof, audit)
	}
	hash := d.Hash
	if _, err := desk.ScanPage(ctx, &agencyv1.ScanPageRequest{
		Subject: &agencyv1.ScanPageRequest_Code{Code: code}, Requirement: r0(review), Content: doortest.PDF(9),
	}); err != nil {
		t.Fatal(err, doortest.Detail(err))
	}
	if _, err := desk.GetReceipt(ctx, &agencyv1.GetReceiptRequest{Code: code}); err != nil {
		t.Error(err)
	}
	if audit, now := look(); now != pages+1 || len(audit) != 3 || d.Hash != hash {
		t.Errorf("%d pages after %d, %d audit rows, hash changed %v", now, pages, len(audit), d.Hash != hash)
	}
	if _, err := desk.Withdraw(ctx, &agencyv1.WithdrawRequest{Code: code}); err != nil {
		t.Error(err)
	}
	if _, err := desk.ScanPage(ctx, &agencyv1.ScanPageRequest{
		Subject: &agencyv1.ScanPageRequest_Code{Code: code}, Requirement: r0(review), Content: doortest.PDF(10),
	}); err == nil {
		t.Error("a page was added to a dossier that was withdrawn")
	}
}

func r0(r *agencyv1.ReviewFilingResponse) string { return r.GetPapers()[0].GetRequirement() }
