package doortest_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/proto/counter"
	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
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
	id := atCounter(t, desk, "0912 345 678")
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
	if d.FiledBy != core.ActorOfficer || d.NeedsProof || ops(audit)["dossier."+string(dossier.ActSubmit)] != 1 ||
		ops(audit)[counter.OpFiling] != 1 || ops(audit)["page.digitise"] != pages || len(audit) != pages+2 {
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
	if audit, now := look(); now != pages+1 || len(audit) != pages+4 || d.Hash != hash {
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

// ops counts audit rows by operation.
func ops(rows []core.AuditRow) map[string]int {
	out := map[string]int{}
	for _, r := range rows {
		out[r.Op]++
	}
	return out
}

// atCounter fills a draft in at a counter, to the point where it is filed.
func atCounter(t *testing.T, desk agencyv1connect.CounterServiceClient, phone string) (draft string) {
	t.Helper()
	ctx := t.Context()
	begun, err := desk.StartFiling(ctx, &agencyv1.StartFilingRequest{ProcedureCode: doortest.MaritalStatus})
	if err != nil {
		t.Fatal(err)
	}
	id := begun.GetDraftId()
	answer := func(key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
		r, err := desk.AnswerQuestion(ctx, &agencyv1.AnswerQuestionRequest{DraftId: id, Key: key, Answer: a})
		return r.GetStep(), r.GetDoubt(), err
	}
	doortest.Fill(t, begun.GetStep(), answer)
	step, _, err := answer("contact.phone", doortest.Text(phone))
	if err != nil {
		t.Fatal(err, doortest.Detail(err))
	}
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
	return id
}

// What was filed at a counter comes into the app of its applicant: by the phone
// declared there, proved, together with the number on the card. A phone that is
// only typed, another's proof or a wrong number give nothing, each the same answer.
func TestADossierFiledAtTheCounterIsClaimed(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	desk := agencyv1connect.NewCounterServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	file := func() string {
		r, err := desk.SubmitFiling(ctx, &agencyv1.SubmitFilingRequest{DraftId: atCounter(t, desk, "0912 345 678"), Declared: true, IdentityChecked: true})
		if err != nil {
			t.Fatal(err, doortest.Detail(err))
		}
		return r.GetDossier().GetCode()
	}
	code := file()
	owner, helper := h.App(h.Citizen("0912345678")), h.App(h.Citizen("0987654321"))
	typed := h.App(h.Anonymous())
	claim := func(a doortest.App, code, number string) error {
		_, err := a.Dossiers.ClaimDossier(ctx, &mobilev1.ClaimDossierRequest{Code: code, PersonalId: number})
		return err
	}
	mine := func(a doortest.App) int {
		t.Helper()
		list, err := a.Dossiers.ListDossiers(ctx, &mobilev1.ListDossiersRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return len(list.GetDossiers())
	}
	own := owner.File().GetDossier().GetCode()
	if err := claim(typed, code, doortest.PersonalID); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("with a phone nobody proved: %v", err)
	}
	for name, try := range map[string]error{
		"another's phone":       claim(helper, code, doortest.PersonalID),
		"another number":        claim(owner, code, "079190000013"),
		"no number":             claim(owner, code, "không biết"),
		"no code":               claim(owner, "H29", doortest.PersonalID),
		"an unknown code":       claim(owner, "H29.26740-261102-9999", doortest.PersonalID),
		"one filed in the app":  claim(owner, own, doortest.PersonalID),
		"another's from an app": claim(helper, own, doortest.PersonalID),
	} {
		if connect.CodeOf(try) != connect.CodeNotFound || doortest.Detail(try).GetKey() != "error.dossier.claim" {
			t.Errorf("%s: %v %v", name, try, doortest.Detail(try))
		}
	}
	if mine(owner) != 1 || mine(helper) != 0 || mine(typed) != 0 {
		t.Fatalf("listed before it was claimed: %d, %d, %d", mine(owner), mine(helper), mine(typed))
	}
	for range 2 { // a second tap changes nothing
		if err := claim(owner, code, "079 190 000 012"); err != nil {
			t.Fatal(err, doortest.Detail(err))
		}
	}
	got, err := owner.Dossiers.GetDossier(ctx, &mobilev1.GetDossierRequest{Code: code})
	if err != nil || mine(owner) != 2 || len(got.GetDetail().GetPapers()) == 0 {
		t.Fatalf("%d listed, %v %v", mine(owner), got, err)
	}
	if seen := got.GetDetail().GetTimeline(); len(seen) != 2 || seen[1].GetKind() != dossier.KindClaimed {
		t.Errorf("the timeline: %v", seen)
	}
	accesses, err := owner.Dossiers.ListAccesses(ctx, &mobilev1.ListAccessesRequest{})
	if err != nil || len(accesses.GetAccesses()) < 3 { // work, a scan, the filing
		t.Errorf("what was done at the counter is not shown: %v %v", accesses, err)
	}
	if err := claim(helper, code, doortest.PersonalID); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("claimed twice: %v", err)
	}
	// From now on it is hers at once: the card says who she is, and the phone is proved.
	file()
	if mine(owner) != 3 || mine(helper) != 0 {
		t.Errorf("the next one: %d listed, %d for somebody else", mine(owner), mine(helper))
	}
}

func r0(r *agencyv1.ReviewFilingResponse) string { return r.GetPapers()[0].GetRequirement() }
