package kiosk_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
)

// A proved citizen sees at the terminal what an officer asks for, and may take the
// dossier back there; a stranger at the same terminal sees and takes nothing.
func TestDossierAtTheTerminal(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	code := h.App(h.Citizen(phone)).File().GetDossier().GetCode()
	office := agencyv1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	if _, err := office.Accept(ctx, &agencyv1.AcceptRequest{Code: code, IdentityChecked: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := office.RequestSupplement(ctx, &agencyv1.RequestSupplementRequest{Code: code, Items: []*corev1.SupplementItem{
		{Requirement: "divorce_or_death", Reason: "missing", Page: 3, Note: "Trang có dấu của tòa án"},
	}}); err != nil {
		t.Fatalf("%v %v", err, doortest.Detail(err))
	}
	h.Clock.Add(time.Minute)
	k := h.Enrol(doortest.WardSaiGon)
	stranger := begin(t, h, k)
	if _, err := stranger.app.GetDossier(ctx, &kioskv1.GetDossierRequest{Code: code}); err == nil {
		t.Error("a stranger sees the dossier")
	}
	if _, err := stranger.app.WithdrawDossier(ctx, &kioskv1.WithdrawDossierRequest{Code: code}); err == nil {
		t.Error("a stranger takes the dossier back")
	}
	h.Clock.Add(time.Minute)
	d := begin(t, h, k)
	d.prove(h)
	r, err := d.app.GetDossier(ctx, &kioskv1.GetDossierRequest{Code: code})
	if err != nil {
		t.Fatalf("%v %v", err, doortest.Detail(err))
	}
	items := r.GetDetail().GetSupplement().GetItems()
	if r.GetDossier().GetState() != "supplement" || len(items) != 1 || items[0].GetRequirement() != "divorce_or_death" || items[0].GetPage() != 3 {
		t.Errorf("what is missing: %v", r)
	}
	if r, err := d.app.WithdrawDossier(ctx, &kioskv1.WithdrawDossierRequest{Code: code}); err != nil || r.GetDossier().GetState() != "stopped" {
		t.Errorf("withdrawn: %v %v", r, err)
	}
	// A second tap has no second effect.
	if r, err := d.app.WithdrawDossier(ctx, &kioskv1.WithdrawDossierRequest{Code: code}); err != nil || r.GetDossier().GetState() != "stopped" {
		t.Errorf("withdrawn twice: %v %v", r, err)
	}
}
