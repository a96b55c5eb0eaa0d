package dossier_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// What the procedure itself settles is never asked, cannot be changed, and counts
// as an answer everywhere else.
func TestSettledAnswers(t *testing.T) {
	t.Parallel()
	a := begun(t, settled)
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "test"}
	for _, s := range a.Steps(nil) {
		if s.Key == "status" {
			t.Error("a settled answer is asked")
		}
	}
	if _, total := a.State().Progress(); total != 6 {
		t.Errorf("%d questions, want 6: the decree instead of the status", total)
	}
	if facts := a.Facts(); facts["divorced"] != "yes" {
		t.Errorf("facts %v: the settled answer does not count", facts)
	}
	if err := a.Answer("status", "single", by); core.ErrorCode(err) != core.CodeInvalid {
		t.Errorf("a settled answer was changed: %v", err)
	}
	if err := a.Reopen("status"); err != nil {
		t.Error(err)
	}
	for _, l := range a.Review(nil, text.VI, false) {
		if l.Key == "status" && (l.Editable || !l.Known || l.Shown != "Ly hôn") {
			t.Errorf("line %+v", l)
		}
	}
	if v, ok := a.State().Canonical()["status"]; !ok || v != "divorced" {
		t.Errorf("canonical status %v", v)
	}
	d, err := a.Draft()
	if err != nil {
		t.Fatal(err)
	}
	// A draft that goes on under a procedure that settles nothing asks again.
	d.ProcedureCode = certificate
	again, err := dossier.New(testPack(t)).Open(d, time.Date(2026, 11, 3, 1, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if _, there := again.Answers().Fields["status"]; there {
		t.Error("the answer outlived the procedure that gave it")
	}
	if form.Unasked("citizen") {
		t.Error("a citizen's answer counts as not asked")
	}
}
