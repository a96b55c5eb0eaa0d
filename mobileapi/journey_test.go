package mobileapi_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

const phone = "0912345678"

// A citizen starts without saying who they are, proves the phone half way, files,
// is asked for a missing page, sends it and gets the result.
func TestFromFirstQuestionToResult(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	grant := h.Anonymous()
	app := h.App(grant)
	step := app.Start()
	step, asked := doortest.Fill(t, step, app.Answer(step.GetDraftId()))
	if len(asked) < 10 {
		t.Fatalf("only %d questions: %q", len(asked), asked)
	}

	ch, err := app.Sessions.RequestCode(ctx, &mobilev1.RequestCodeRequest{Phone: phone})
	if err != nil {
		t.Fatal(err)
	}
	proved, err := app.Sessions.VerifyCode(ctx, &mobilev1.VerifyCodeRequest{ChallengeId: ch.GetChallengeId(), Code: h.Code(core.ID(ch.GetChallengeId()))})
	if err != nil || proved.GetTokens().GetAssurance() != 1 {
		t.Fatalf("VerifyCode: %v, %v", proved, err)
	}
	if _, err := app.Dossiers.ListDossiers(ctx, &mobilev1.ListDossiersRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Fatalf("the anonymous session goes on beside the proved one: %v", err)
	}
	app = h.App(grantOf(proved.GetTokens()))
	step = app.Papers(step)
	if !step.GetComplete() {
		t.Fatalf("not complete: %v", step)
	}
	review, err := app.Dossiers.ReviewDossier(ctx, &mobilev1.ReviewDossierRequest{DraftId: step.GetDraftId()})
	if err != nil || !strings.Contains(doortest.JSON(t, review), doortest.Name) {
		t.Fatalf("the summary lacks the applicant: %v %v", review, err)
	}
	filed := app.Submit(step.GetDraftId())
	code := filed.GetDossier().GetCode()
	if again := app.Submit(step.GetDraftId()); again.GetDossier().GetCode() != code {
		t.Fatalf("submitted twice: %s and %s", code, again.GetDossier().GetCode())
	}
	if filed.GetDossier().GetState() != "submitted" || len(filed.GetDetail().GetHash()) != 64 {
		t.Fatalf("filed as %v", filed)
	}

	desk := agencyv1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	if _, err := desk.Accept(ctx, &agencyv1.AcceptRequest{Code: code, IdentityChecked: true}); err != nil {
		t.Fatalf("accept: %v %v", err, doortest.Detail(err))
	}
	item := &corev1.SupplementItem{Requirement: "previous_certificate", Reason: "missing", Note: "Thiếu trang có dấu."}
	if _, err := desk.RequestSupplement(ctx, &agencyv1.RequestSupplementRequest{Code: code, Items: []*corev1.SupplementItem{item}}); err != nil {
		t.Fatalf("supplement: %v %v", err, doortest.Detail(err))
	}
	if _, err := app.Dossiers.RespondToSupplement(ctx, &mobilev1.RespondToSupplementRequest{Code: code}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Fatalf("answered a supplement without a page: %v", err)
	}
	page := &mobilev1.UploadPageRequest{Subject: &mobilev1.UploadPageRequest_Code{Code: code}, Requirement: "previous_certificate", Content: doortest.JPEG(t, 5)}
	up, err := app.Vault.UploadPage(ctx, page)
	if err != nil {
		t.Fatalf("upload: %v %v", err, doortest.Detail(err))
	}
	if twice, err := app.Vault.UploadPage(ctx, page); err != nil || twice.GetPage().GetId() != up.GetPage().GetId() {
		t.Fatalf("the same page twice: %v, %v", twice, err)
	}
	if _, err := app.Dossiers.RespondToSupplement(ctx, &mobilev1.RespondToSupplementRequest{Code: code}); err != nil {
		t.Fatalf("respond: %v %v", err, doortest.Detail(err))
	}
	want := doortest.PDF(1)
	if _, err := desk.Complete(ctx, &agencyv1.CompleteRequest{Code: code, Name: "ket-qua.pdf", Content: want}); err != nil {
		t.Fatalf("complete: %v %v", err, doortest.Detail(err))
	}
	res, err := app.Dossiers.GetResult(ctx, &mobilev1.GetResultRequest{Code: code})
	if err != nil || !bytes.Equal(res.GetContent(), want) {
		t.Fatalf("result: %v %v", err, doortest.Detail(err))
	}
	detail, err := app.Dossiers.GetDossier(ctx, &mobilev1.GetDossierRequest{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range detail.GetDetail().GetTimeline() {
		kinds = append(kinds, e.GetKind())
	}
	if got := strings.Join(kinds, " "); !strings.HasPrefix(got, "submitted accepted") || !strings.HasSuffix(got, "supplemented completed") {
		t.Fatalf("timeline %s", got)
	}
	accesses, err := app.Dossiers.ListAccesses(ctx, &mobilev1.ListAccessesRequest{})
	if err != nil || len(accesses.GetAccesses()) < 3 {
		t.Fatalf("the citizen sees %d accesses, %v", len(accesses.GetAccesses()), err)
	}
	if strings.Contains(doortest.JSON(t, accesses), "Bình") {
		t.Fatal("the officer's name is shown to the citizen")
	}
}

func grantOf(tk *mobilev1.Tokens) auth.Grant {
	return auth.Grant{Access: tk.GetAccessToken(), Refresh: tk.GetRefreshToken(), Assurance: core.Assurance(tk.GetAssurance())}
}

// A draft moves from one phone to another without a question asked twice.
func TestHandOffAsksNothingTwice(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	first := h.App(h.Anonymous())
	step := first.Start()
	var answered []string
	for range 6 {
		key := step.GetQuestion().GetKey()
		if q := step.GetQuestion(); q.GetSpoken() == "" || strings.ContainsAny(q.GetSpoken(), "*/“”()·\n") {
			t.Errorf("%s is read aloud %q", key, q.GetSpoken())
		}
		answered = append(answered, key)
		next, _, err := first.Answer(step.GetDraftId())(key, doortest.AnswerTo(step.GetQuestion()))
		if err != nil {
			t.Fatal(err)
		}
		if next.GetQuestion().GetKey() == key {
			t.Fatalf("the answer to %s was not taken", key)
		}
		step = next
	}
	ho, err := first.Sessions.CreateHandOff(ctx, &mobilev1.CreateHandOffRequest{DraftId: step.GetDraftId()})
	if err != nil {
		t.Fatal(err)
	}
	second := h.App(h.Citizen(phone))
	taken, err := second.Sessions.RedeemHandOff(ctx, &mobilev1.RedeemHandOffRequest{Code: strings.ToLower(ho.GetHandOff().GetCode())})
	if err != nil {
		t.Fatalf("redeem: %v %v", err, doortest.Detail(err))
	}
	if taken.GetStep().GetQuestion().GetKey() != step.GetQuestion().GetKey() {
		t.Fatalf("goes on at %s, want %s", taken.GetStep().GetQuestion().GetKey(), step.GetQuestion().GetKey())
	}
	_, asked := doortest.Fill(t, taken.GetStep(), second.Answer(taken.GetDraftId()))
	for _, key := range asked {
		for _, before := range answered {
			if key == before {
				t.Errorf("%s is asked twice", key)
			}
		}
	}
	if _, err := first.Dossiers.AttachPaper(ctx, &mobilev1.AttachPaperRequest{DraftId: step.GetDraftId(), Requirement: "x"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("the old phone still works on the draft: %v", err)
	}
	if _, err := h.App(h.Anonymous()).Sessions.RedeemHandOff(ctx, &mobilev1.RedeemHandOffRequest{Code: ho.GetHandOff().GetCode()}); err == nil {
		t.Error("a code worked twice")
	}
}

// A proved person's draft is not taken over by somebody unproved who saw the
// code.
func TestHandOffNeedsAsMuchProof(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	owner := h.App(h.Citizen(phone))
	step := owner.Start()
	ho, err := owner.Sessions.CreateHandOff(ctx, &mobilev1.CreateHandOffRequest{DraftId: step.GetDraftId()})
	if err != nil {
		t.Fatal(err)
	}
	stranger := h.App(h.Anonymous())
	if _, err := stranger.Sessions.RedeemHandOff(ctx, &mobilev1.RedeemHandOffRequest{Code: ho.GetHandOff().GetCode()}); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Fatalf("redeemed: %v", err)
	}
	if _, err := owner.Dossiers.AttachPaper(ctx, &mobilev1.AttachPaperRequest{DraftId: step.GetDraftId(), Requirement: "x"}); connect.CodeOf(err) == connect.CodeNotFound {
		t.Fatal("the refused attempt moved the draft")
	}
	// The refused attempt did not use the code up.
	h.Clock.Add(time.Minute)
	if _, err := h.App(h.Citizen("0987654321")).Sessions.RedeemHandOff(ctx, &mobilev1.RedeemHandOffRequest{Code: ho.GetHandOff().GetCode()}); err != nil {
		t.Fatalf("redeem with the same proof: %v", err)
	}
}
