package kiosk_test

import (
	"bytes"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
)

// A citizen who proved who they are gets the result at the terminal; nobody else
// does, and not after the session.
func TestResultAtTheTerminal(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	code := h.App(h.Citizen(phone)).File().GetDossier().GetCode()
	office := agencyv1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	if _, err := office.Accept(ctx, &agencyv1.AcceptRequest{Code: code, IdentityChecked: true}); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(time.Minute)
	k := h.Enrol(doortest.WardSaiGon)
	ask := func(d desk, page int32) (*kioskv1.GetResultResponse, error) {
		return d.app.GetResult(ctx, &kioskv1.GetResultRequest{Code: code, Page: page})
	}
	d := begin(t, h, k)
	d.prove(h)
	if _, err := ask(d, 0); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("there is a result before there is one: %v", err)
	}
	want := doortest.PDF(2)
	if _, err := office.Complete(ctx, &agencyv1.CompleteRequest{Code: code, Name: "ket-qua.pdf", Content: want}); err != nil {
		t.Fatal(err)
	}
	for _, page := range []int32{0, 1} {
		r, err := ask(d, page)
		if err != nil || !bytes.Equal(r.GetContent(), want) || r.GetMime() != "application/pdf" || r.GetPages() != 1 || len(r.GetSha256()) != 64 {
			t.Fatalf("page %d: %v %v", page, err, doortest.Detail(err))
		}
	}
	if _, err := ask(d, 2); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("a page there is not: %v", err)
	}
	if _, err := d.term.EndSession(ctx, &kioskv1.EndSessionRequest{}); err != nil {
		t.Fatal(err)
	}
	next := begin(t, h, k)
	for who, c := range map[string]struct {
		desk
		want connect.Code
	}{
		"ended session": {resume(t, h, k, d.session), connect.CodeUnauthenticated},
		"no session":    {resume(t, h, k, ""), connect.CodeUnauthenticated},
		"next person":   {next, connect.CodeNotFound},
	} {
		if _, err := ask(c.desk, 0); connect.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %v", who, err, c.want)
		}
	}
}

// A dossier filed at a terminal by somebody unproved is theirs to follow there, and
// its result is not shown before they prove who they are.
func TestResultNeedsProof(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	d := begin(t, h, h.Enrol(doortest.WardSaiGon))
	step := d.start()
	step, _ = doortest.Fill(t, step, d.answer(step.GetDraftId()))
	step = d.scan(step)
	filed, err := d.app.SubmitDossier(ctx, &kioskv1.SubmitDossierRequest{DraftId: step.GetDraftId(), Declared: true})
	if err != nil {
		t.Fatalf("%v %v", err, doortest.Detail(err))
	}
	code := filed.GetDossier().GetCode()
	office := agencyv1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	if _, err := office.Accept(ctx, &agencyv1.AcceptRequest{Code: code, IdentityChecked: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := office.Complete(ctx, &agencyv1.CompleteRequest{Code: code, Content: doortest.PDF(1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.app.GetResult(ctx, &kioskv1.GetResultRequest{Code: code}); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Fatalf("somebody unproved gets the result: %v", err)
	}
}
