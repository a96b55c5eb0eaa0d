package dossier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	"pgregory.net/rapid"
)

func officer() dossier.By {
	return dossier.By{Actor: core.Actor{Kind: core.ActorOfficer, ID: "officer-1", Name: "Lê Văn Tư", Office: saiGon}}
}

func citizen() dossier.By {
	return dossier.By{Actor: core.Actor{Kind: core.ActorCitizen, ID: "citizen-1"}}
}

func missingPage() dossier.SupplementRequest {
	return dossier.SupplementRequest{Items: []core.SupplementItem{{Requirement: "decree_copy", Reason: dossier.ReasonMissing, Page: 3}}}
}

// From filing to the result, with a supplement and a fee on the way.
func TestALifeOfADossier(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	d := b.filed(certificate)
	step := func(when string, state core.DossierState, due string, fn func(ctx context.Context, tx core.Tx) (core.Dossier, error)) {
		t.Helper()
		b.at(when)
		var err error
		if d, err = b.act(fn); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if d.State != state || due != "" && !d.DueAt.Equal(city(t, due)) {
			t.Fatalf("%s: state %d due %v, want %d due %s", when, d.State, d.DueAt.In(core.City), state, due)
		}
	}
	step("2026-03-12 09:14", core.StateAccepted, "2026-03-17 17:00", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Accept(ctx, tx, officer(), d.ID, false)
	})
	step("2026-03-13 10:00", core.StateSupplement, "2026-03-17 17:00", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.RequestSupplement(ctx, tx, officer(), d.ID, missingPage())
	})
	respond := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.RespondToSupplement(ctx, tx, citizen(), d.ID)
	}
	b.at("2026-03-13 19:40")
	if _, err := b.act(respond); !core.IsCode(err, core.CodeInvalid) || !strings.Contains(err.Error(), "paper.decree_copy") {
		t.Errorf("answered without a page: %v", err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		return b.page(ctx, tx, vault.NewPage{DraftID: d.DraftID, DossierID: d.ID, Requirement: "decree_copy", Round: 1}, "page 3")
	})
	step("2026-03-13 19:40", core.StateProcessing, "2026-03-18 17:00", respond)
	if d.PausedFor != 9*time.Hour+40*time.Minute {
		t.Errorf("paused for %v", d.PausedFor)
	}
	before := d.Version
	step("2026-03-13 19:41", core.StateProcessing, "2026-03-18 17:00", respond)
	if d.Version != before {
		t.Error("answering twice changed the dossier")
	}
	step("2026-03-16 08:00", core.StatePayment, "", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.PauseForFee(ctx, tx, officer(), d.ID, dossier.FeeRequest{Amount: 8000, How: "Nộp tại quầy 3."})
	})
	step("2026-03-17 08:00", core.StateProcessing, "2026-03-19 17:00", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Resume(ctx, tx, dossier.By{Actor: core.Actor{Kind: core.ActorAgency, Office: "*"}}, d.ID, "BL-0001")
	})
	step("2026-03-17 09:00", core.StateDone, "", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		sum := hashOf("result")
		id := b.build.ID()
		return b.svc.Complete(ctx, tx, officer(), d.ID, dossier.ResultFile{
			PageID: id, Name: "ket-qua.pdf", Verdict: vault.Verdict{State: core.PageReady, MIME: vault.MIMEPDF, Count: 1},
			Size: 5000, SHA256: sum, BlobKey: vault.BlobKey(id, sum),
		})
	})
	step("2026-03-17 10:00", core.StateReturned, "", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Return(ctx, tx, officer(), d.ID)
	})
	b.must(func(ctx context.Context, tx core.Tx) error {
		events, err := tx.Dossiers().Events(ctx, d.ID)
		if err != nil {
			return err
		}
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		want := "submitted accepted supplement_requested supplemented fee_requested resumed completed returned"
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("timeline %s, want %s", got, want)
		}
		audit, err := tx.Audit().ByDossier(ctx, d.ID, 50)
		if err != nil || len(audit) != 6 {
			t.Errorf("%d audit rows, want one for each act of the office: %v", len(audit), err)
		}
		for _, a := range audit {
			if a.Purpose == "" || !strings.HasPrefix(a.Op, "dossier.") || a.DossierID != d.ID {
				t.Errorf("audit row %+v", a)
			}
		}
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if err != nil || vault.StandOf(papers, vault.RequirementResult, 0).Files != 1 {
			t.Errorf("the result is not with the dossier: %v", err)
		}
		if m, err := vault.Manifest(papers, 0); err != nil || len(m) != 1 || m[0].Requirement != "decree_copy" {
			t.Errorf("the manifest of the submission changed: %+v, %v", m, err)
		}
		jobs, err := tx.Jobs().List(ctx, "", 50)
		if err != nil || len(jobs) != 8 {
			t.Errorf("%d jobs, want one for each change: %v", len(jobs), err)
		}
		for i, j := range jobs {
			var c dossier.Changed
			if err := core.OpenJSON(j.Payload, &c); err != nil || j.Kind != dossier.JobChanged || c.DossierID != d.ID || c.Seq != i+1 {
				t.Errorf("job %d: %s %+v, %v", i, j.Kind, c, err)
			}
		}
		return nil
	})
}

func TestASecondSupplementNeedsASupervisor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.filed(certificate)
	do := func(fn func(ctx context.Context, tx core.Tx) (core.Dossier, error)) error {
		_, err := b.act(fn)
		return err
	}
	request := func(req dossier.SupplementRequest) error {
		return do(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.RequestSupplement(ctx, tx, officer(), d.ID, req)
		})
	}
	if err := request(missingPage()); core.ErrorKey(err) != "error.dossier.state" {
		t.Errorf("before acceptance: %v", err)
	}
	if err := do(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Accept(ctx, tx, officer(), d.ID, false)
	}); err != nil {
		t.Fatal(err)
	}
	for name, req := range map[string]dossier.SupplementRequest{
		"nothing is wrong": {},
		"unknown paper":    {Items: []core.SupplementItem{{Requirement: "nothing", Reason: dossier.ReasonMissing}}},
		"no reason":        {Items: []core.SupplementItem{{Requirement: "decree_copy"}}},
		"a date gone by":   {Items: missingPage().Items, DueAt: b.clock.Now().Add(-time.Hour)},
	} {
		if err := request(req); !core.IsCode(err, core.CodeInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := request(missingPage()); err != nil {
		t.Fatal(err)
	}
	// The officer takes the page at the counter.
	if err := do(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.RespondToSupplement(ctx, tx, officer(), d.ID)
	}); err != nil {
		t.Fatal(err)
	}
	if err := request(missingPage()); core.ErrorKey(err) != "error.supplement.second" {
		t.Errorf("a second request: %v", err)
	}
	second := missingPage()
	second.SupervisorNote = "Trang 3 vẫn mờ."
	if err := request(second); err != nil {
		t.Errorf("a second request with a note: %v", err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		s, err := tx.Dossiers().Supplement(ctx, d.ID)
		if err != nil || s.Round != 2 || !s.AnsweredAt.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
		return nil
	})
}

func TestRefusalsNeedAReasonAndAWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.filed(certificate)
	refuse := func(by dossier.By, reason, advice string) error {
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Refuse(ctx, tx, by, d.ID, reason, advice)
		})
		return err
	}
	for name, err := range map[string]error{
		"no reason":      refuse(officer(), "", "Nộp tại phường khác."),
		"unknown reason": refuse(officer(), "mood", "Nộp tại phường khác."),
		"no advice":      refuse(officer(), dossier.ReasonWrongOffice, ""),
		"a long advice":  refuse(officer(), dossier.ReasonWrongOffice, strings.Repeat("x", 2001)),
	} {
		if !core.IsCode(err, core.CodeInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := dossier.By{Actor: core.Actor{Kind: core.ActorOfficer, Office: "26743"}}
	if err := refuse(other, dossier.ReasonWrongOffice, "x"); !core.IsCode(err, core.CodeNotFound) {
		t.Errorf("another office: %v", err)
	}
	if err := refuse(citizen(), dossier.ReasonWrongOffice, "x"); !core.IsCode(err, core.CodeDenied) {
		t.Errorf("a citizen: %v", err)
	}
	if err := refuse(officer(), dossier.ReasonWrongOffice, "Nộp tại phường Bến Thành."); err != nil {
		t.Fatal(err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		events, err := tx.Dossiers().Events(ctx, d.ID)
		if err != nil {
			return err
		}
		var note dossier.Note
		last := events[len(events)-1]
		if err := core.OpenJSON(last.Note, &note); err != nil || last.Reason != dossier.ReasonWrongOffice || note.Advice != "Nộp tại phường Bến Thành." {
			t.Errorf("%+v %+v, %v", last, note, err)
		}
		return nil
	})
}

func TestWithdrawTwiceIsOneWithdrawal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.filed(certificate)
	for range 2 {
		got, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Withdraw(ctx, tx, citizen(), d.ID)
		})
		if err != nil || got.State != core.StateWithdrawn || got.Version != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// Random acts by random people on one dossier, against a model of ten lines: the
// state is the last line's, lines and versions run together, and whatever is
// refused changes nothing.
func TestRandomActsKeepTheInvariants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		d := b.filed(certificate)
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			b.clock.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "minutes")) * time.Minute)
			who := rapid.SampledFrom(actors()).Draw(t, "who")
			by := dossier.By{Actor: core.Actor{Kind: who, ID: "x", Office: "*"}}
			act := rapid.SampledFrom(acts()[1:]).Draw(t, "act")
			got, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) { return b.do(ctx, tx, by, d.ID, act) })
			switch {
			case err == nil:
				if got.State != d.State && !reachable(d.State, got.State) {
					t.Fatalf("%s by %s: from %d to %d", act, who, d.State, got.State)
				}
				d = got
			case core.IsCode(err, core.CodeInternal):
				t.Fatalf("%s by %s in state %d: %v", act, who, d.State, err)
			}
		}
		b.must(func(ctx context.Context, tx core.Tx) error {
			stored, err := tx.Dossiers().Get(ctx, d.ID)
			if err != nil {
				return err
			}
			events, err := tx.Dossiers().Events(ctx, d.ID)
			if err != nil {
				return err
			}
			last := core.DossierState(0)
			for i, e := range events {
				if e.Seq != i+1 || e.From != last {
					t.Fatalf("line %d: %+v after state %d", i, e, last)
				}
				last = e.To
			}
			if stored.State != last || int(stored.Version) != len(events) || stored.State != d.State {
				t.Fatalf("state %d, version %d, last line %d of %d", stored.State, stored.Version, last, len(events))
			}
			paused := dossier.ClockIn(stored.State) == dossier.ClockPaused
			if paused == stored.ClockPausedAt.IsZero() || dossier.ClockIn(stored.State) == dossier.ClockRunning && stored.DueAt.IsZero() {
				t.Fatalf("clock of %+v", stored)
			}
			return nil
		})
	})
}

// reachable allows for the step into processing that an act takes by itself.
func reachable(from, to core.DossierState) bool {
	for _, t := range dossier.Transitions() {
		if t.From == from && (t.To == to || t.Act == dossier.ActStart && reachable(t.To, to)) {
			return true
		}
	}
	return false
}

func (b *bundle) do(ctx context.Context, tx core.Tx, by dossier.By, id core.ID, act dossier.Act) (core.Dossier, error) {
	switch act {
	case dossier.ActAccept:
		return b.svc.Accept(ctx, tx, by, id, true)
	case dossier.ActRefuse:
		return b.svc.Refuse(ctx, tx, by, id, dossier.ReasonOther, "Hỏi tại quầy.")
	case dossier.ActStart:
		return b.svc.Start(ctx, tx, by, id)
	case dossier.ActSupplement:
		req := missingPage()
		req.SupervisorNote = "Đã xem."
		return b.svc.RequestSupplement(ctx, tx, by, id, req)
	case dossier.ActRespond:
		return b.svc.RespondToSupplement(ctx, tx, by, id)
	case dossier.ActPause:
		return b.svc.PauseForFee(ctx, tx, by, id, dossier.FeeRequest{Amount: 1000})
	case dossier.ActResume:
		return b.svc.Resume(ctx, tx, by, id, "BL-0002")
	case dossier.ActWithdraw:
		return b.svc.Withdraw(ctx, tx, by, id)
	case dossier.ActStop:
		return b.svc.Stop(ctx, tx, by, id, dossier.ReasonUnanswered, "Nộp lại.")
	case dossier.ActComplete:
		return b.svc.Complete(ctx, tx, by, id)
	case dossier.ActAgree, dossier.ActDecline:
		return b.svc.AnswerCosign(ctx, tx, by, cosignID, "4821", act == dossier.ActAgree)
	case dossier.ActExtend:
		return b.svc.Extend(ctx, tx, by, id, dossier.ReasonSystem, "", tx.Now().Add(60*24*time.Hour))
	case dossier.ActSendDraft:
		return b.svc.SendDraft(ctx, tx, by, id, b.file("draft"))
	case dossier.ActConfirmDraft:
		return b.svc.ConfirmDraft(ctx, tx, by, id)
	case dossier.ActCorrectDraft:
		return b.svc.CorrectDraft(ctx, tx, by, id, "Sai năm sinh")
	default:
		return b.svc.Return(ctx, tx, by, id)
	}
}

func TestStatusTellsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-11-02 09:00")
	open, secret := b.filed(certificate), b.filed(complaint)
	now := b.clock.Now()

	by := b.svc.StatusOf(open, "", false, now)
	if by != (dossier.Status{
		Code: open.Code, State: 1, Plain: dossier.PlainSubmitted, StateKey: "state.1", MeansKey: "word.meaning.submitted", NextKey: "word.next1", DueAt: open.ExpectedAt,
	}) {
		t.Errorf("a code alone tells %+v", by)
	}
	for name, own := range map[string]func(*core.Dossier){
		"word.nextProof": func(d *core.Dossier) { d.NeedsProof = true },
		"word.nextDraft": func(d *core.Dossier) { d.State, d.ResultDraft = core.StateProcessing, core.ResultDraftSent },
	} {
		d := open
		own(&d)
		if got := b.svc.StatusOf(d, "", false, now); got.NextKey != "" || got.Holder != "" {
			t.Errorf("%s: a code alone tells %+v", name, got)
		}
		if got := b.svc.StatusOf(d, "", true, now); got.NextKey != name || got.Holder != dossier.HolderCitizen {
			t.Errorf("%s: the owner is told %+v", name, got)
		}
	}
	st := b.svc.StatusOf(open, "", true, now)
	if st.Code != open.Code || st.StateKey != "state.1" || st.NextKey != "word.next1" || st.Holder != dossier.HolderOffice ||
		st.Procedure.Vi != "Giấy thử" || st.Firm || !st.DueAt.Equal(open.ExpectedAt) || st.Limited {
		t.Errorf("%+v", st)
	}
	limited := b.svc.StatusOf(secret, "", false, now)
	if limited != (dossier.Status{Code: secret.Code, State: 1, Plain: dossier.PlainSubmitted, StateKey: "state.1", Limited: true}) {
		t.Errorf("a confidential dossier tells %+v", limited)
	}
	if full := b.svc.StatusOf(secret, "", true, now); full.Limited || full.Procedure.Vi != "Khiếu nại thử" {
		t.Errorf("its owner is told %+v", full)
	}

	accepted, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Accept(ctx, tx, officer(), open.ID, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	if st := b.svc.StatusOf(accepted, "", false, now); !st.Firm || !st.DueAt.Equal(accepted.DueAt) || st.Overdue {
		t.Errorf("accepted: %+v", st)
	}
	if st := b.svc.StatusOf(accepted, "", false, accepted.DueAt.Add(time.Second)); !st.Overdue {
		t.Error("a late dossier is not overdue")
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	d := core.Dossier{CitizenID: "c", ConvID: "v"}
	for _, c := range []struct {
		name          string
		who           dossier.Viewer
		owns, details bool
	}{
		{"nobody", dossier.Viewer{Private: true, Assurance: 2}, false, false},
		{"the citizen, proved, in private", dossier.Viewer{CitizenID: "c", Private: true, Assurance: 1}, true, true},
		{"the citizen, unproved", dossier.Viewer{CitizenID: "c", Private: true}, true, false},
		{"the citizen, where others read", dossier.Viewer{CitizenID: "c", Assurance: 2}, true, false},
		{"the conversation it was filed in", dossier.Viewer{ConvID: "v", Private: true, Assurance: 1}, true, false},
		{"another citizen", dossier.Viewer{CitizenID: "d", ConvID: "w", Private: true, Assurance: 2}, false, false},
	} {
		if got := dossier.Owns(d, c.who); got != c.owns {
			t.Errorf("%s: owns %v", c.name, got)
		}
		if got := dossier.SeesDetails(d, c.who); got != c.details {
			t.Errorf("%s: sees details %v", c.name, got)
		}
	}
	if dossier.Owns(core.Dossier{}, dossier.Viewer{}) {
		t.Error("an unknown viewer owns a dossier of nobody")
	}
}
