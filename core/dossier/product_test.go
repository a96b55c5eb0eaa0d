package dossier_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/vault"
)

// cell is one combination of the full product.
type cell struct {
	from core.DossierState
	act  dossier.Act
	who  core.ActorKind
}

// golden reads testdata/acts.txt: where every allowed combination leads.
func golden(t *testing.T) map[cell]core.DossierState {
	t.Helper()
	b, err := os.ReadFile("testdata/acts.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[cell]core.DossierState{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		to, _ := strconv.Atoi(f[2])
		for _, s := range strings.Split(f[1], ",") {
			from, err := strconv.Atoi(s)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			for _, who := range f[3:] {
				out[cell{core.DossierState(from), dossier.Act(f[0]), core.ActorKind(who)}] = core.DossierState(to)
			}
		}
	}
	return out
}

// The table in the code is the one written by hand, both ways.
func TestTransitionsAreTheGoldenMatrix(t *testing.T) {
	t.Parallel()
	want, got := golden(t), map[cell]core.DossierState{}
	for _, tr := range dossier.Transitions() {
		for _, who := range tr.Who {
			got[cell{tr.From, tr.Act, who}] = tr.To
		}
	}
	for c, to := range want {
		if got[c] != to {
			t.Errorf("%+v leads to %d, want %d", c, got[c], to)
		}
	}
	for c := range got {
		if _, ok := want[c]; !ok {
			t.Errorf("%+v is allowed and should not be", c)
		}
	}
	if len(acts()) != 18 || len(dossier.States()) != 10 || len(actors()) != 7 {
		t.Errorf("%d acts, %d states, %d actors", len(acts()), len(dossier.States()), len(actors()))
	}
}

// expected is what the service answers to a combination: a state, or a code and a
// message key.
func expected(want map[cell]core.DossierState, c cell) (to core.DossierState, code core.Code, key string) {
	if to, ok := want[c]; ok {
		return to, "", ""
	}
	possible := func(from core.DossierState, act dossier.Act) bool {
		return slices.ContainsFunc(actors(), func(k core.ActorKind) bool { _, ok := want[cell{from, act, k}]; return ok })
	}
	switch {
	// The office may go on with an accepted dossier without saying "start" first.
	case c.from == core.StateAccepted && slices.Contains([]dossier.Act{dossier.ActPause, dossier.ActStop, dossier.ActComplete, dossier.ActSendDraft}, c.act):
		_, starts := want[cell{core.StateAccepted, dossier.ActStart, c.who}]
		if to, ok := want[cell{core.StateProcessing, c.act, c.who}]; ok && starts {
			return to, "", ""
		}
		return 0, core.CodeDenied, ""
	case c.from == core.StateWithdrawn && c.act == dossier.ActWithdraw: // again: nothing changes
		return core.StateWithdrawn, "", ""
	case possible(c.from, c.act):
		return 0, core.CodeDenied, ""
	}
	return 0, core.CodeFailedPrecondition, "error.dossier.state"
}

// Every state × act × actor goes through the service on a real store: what is
// allowed works, all else is refused with its code and key.
func TestFullProductThroughTheService(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	base := b.filed(certificate)
	want := golden(t)
	undo := errors.New("undo")
	allowed, refused := 0, 0
	for _, from := range dossier.States() {
		for _, act := range acts()[1:] {
			for _, who := range actors() {
				c := cell{from, act, who}
				to, code, key := expected(want, c)
				var got core.Dossier
				var err error
				if rolled := b.update(func(ctx context.Context, tx core.Tx) error {
					if e := b.put(ctx, tx, base, c); e != nil {
						return e
					}
					by := dossier.By{Actor: core.Actor{Kind: who, ID: "x", Office: "*"}}
					got, err = b.do(ctx, tx, by, base.ID, act)
					return undo
				}); !errors.Is(rolled, undo) {
					t.Fatalf("%+v: %v", c, rolled)
				}
				switch {
				case code == "" && err == nil && got.State == to:
					allowed++
				case code != "" && core.ErrorCode(err) == code && core.ErrorKey(err) == core.ErrorKey(core.E(code, "", key, nil)):
					refused++
				default:
					t.Errorf("%+v: state %d, %v; want state %d, %s %s", c, got.State, err, to, code, key)
				}
			}
		}
	}
	if allowed+refused != 10*17*7 || allowed != 56 {
		t.Errorf("%d allowed and %d refused of %d", allowed, refused, 10*17*7)
	}
}

// Filing is the one act without a state before it.
func TestWhoMayFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := golden(t)
	for _, who := range actors() {
		p := b.prepared(b.draft(certificate))
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Submit(ctx, tx, p, dossier.Submitter{Actor: core.Actor{Kind: who}})
		})
		_, may := want[cell{0, dossier.ActSubmit, who}]
		if may != (err == nil) || !may && !core.IsCode(err, core.CodeDenied) {
			t.Errorf("filed by a %s: %v", who, err)
		}
	}
}

// put makes the dossier stand in a state, with what the act of a cell needs there.
func (b *bundle) put(ctx context.Context, tx core.Tx, d core.Dossier, c cell) error {
	d.State = c.from
	if dossier.ClockIn(c.from) != dossier.ClockStopped {
		d.AcceptedAt, d.DueAt = tx.Now(), tx.Now().Add(72*time.Hour)
	}
	if dossier.ClockIn(c.from) == dossier.ClockPaused {
		d.ClockPausedAt = tx.Now()
	}
	switch c.act {
	case dossier.ActConfirmDraft, dossier.ActCorrectDraft:
		d.ResultDraft, d.AnswerBy = core.ResultDraftSent, tx.Now().Add(time.Hour)
	case dossier.ActAgree, dossier.ActDecline:
		if err := tx.Cosigns().Insert(ctx, core.Cosign{
			ID: cosignID, DossierID: d.ID, Seq: 1, State: core.CosignPending, Person: core.Sealed(`{"digits":"4821"}`),
		}); err != nil {
			return err
		}
	case dossier.ActRespond:
		d.Round = 1
		if err := tx.Dossiers().AddSupplement(ctx, core.Supplement{
			ID: b.build.ID(), DossierID: d.ID, Round: 1, Items: core.Sealed(`[{"requirement":"decree_copy","reason":"missing"}]`),
		}); err != nil {
			return err
		}
		sum := hashOf("supplement")
		if _, err := (vault.Service{}).AddReady(ctx, tx, vault.NewPage{DossierID: d.ID, Requirement: "decree_copy", Round: 1},
			vault.Verdict{State: core.PageReady, MIME: vault.MIMEPDF, Count: 1}, 10, sum, "pages/x"); err != nil {
			return err
		}
	}
	return tx.Dossiers().Save(ctx, d)
}

const cosignID core.ID = "0199c0de-0000-7000-8000-000000000001"

// Inside a state: what may happen once only, in time only, in order only.
func TestDraftOfTheResult(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	d := b.filed(drafted)
	step := func(when, key string, fn func(ctx context.Context, tx core.Tx) (core.Dossier, error)) {
		t.Helper()
		b.at(when)
		got, err := b.act(fn)
		switch {
		case key == "" && err != nil, key != "" && core.ErrorKey(err) != key:
			t.Fatalf("%s: %v, want %q", when, err, key)
		case err == nil:
			d = got
		}
	}
	send := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.SendDraft(ctx, tx, officer(), d.ID, b.file("draft "+fmt.Sprint(d.Version)))
	}
	complete := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Complete(ctx, tx, officer(), d.ID)
	}
	right := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.ConfirmDraft(ctx, tx, citizen(), d.ID)
	}
	wrong := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.CorrectDraft(ctx, tx, citizen(), d.ID, "Sai năm sinh")
	}
	silent := func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.DraftSilent(ctx, tx, dossier.Changed{DossierID: d.ID, Seq: int(d.Version)})
	}
	step("2026-03-12 09:10", "", func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Accept(ctx, tx, officer(), d.ID, false)
	})
	step("2026-03-12 09:20", "error.result_draft.needed", complete)
	step("2026-03-12 10:00", "", send)
	if d.State != core.StateProcessing || !d.AnswerBy.Equal(city(t, "2026-03-13 10:00")) || dossier.HolderOf(d) != dossier.HolderCitizen {
		t.Fatalf("after sending: state %d until %v", d.State, d.AnswerBy.In(core.City))
	}
	step("2026-03-12 10:01", "error.result_draft.open", send)
	step("2026-03-12 10:01", "error.result_draft.open", complete)
	step("2026-03-12 20:00", "", wrong)
	step("2026-03-12 20:01", "error.result_draft.none", right)
	step("2026-03-12 20:01", "error.result_draft.needed", complete)
	step("2026-03-13 09:00", "", send)
	// The job of the first draft comes while the second one is being checked.
	step("2026-03-13 10:00", "", silent)
	if d.ResultDraft != core.ResultDraftSent {
		t.Fatalf("an old job answered the new draft: %q", d.ResultDraft)
	}
	step("2026-03-14 09:01", "error.result_draft.late", wrong)
	step("2026-03-14 09:01", "", silent)
	if d.ResultDraft != core.ResultDraftConfirmed || !d.AnswerBy.IsZero() {
		t.Fatalf("silence: %q until %v", d.ResultDraft, d.AnswerBy)
	}
	before := d.Version
	step("2026-03-14 09:02", "", right)
	if d.Version != before {
		t.Error("confirming what is confirmed changed the dossier")
	}
	step("2026-03-16 09:00", "", complete)
	b.must(func(ctx context.Context, tx core.Tx) error {
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if err != nil || len(vault.LastDraft(papers)) != 1 {
			t.Errorf("the last draft: %v, %v", vault.LastDraft(papers), err)
		}
		if m, err := vault.Manifest(papers, 0); err != nil || slices.ContainsFunc(m, func(i vault.Item) bool { return i.Requirement == vault.RequirementDraft }) {
			t.Errorf("a draft is among the applicant's papers: %v, %v", m, err)
		}
		events, err := tx.Dossiers().Events(ctx, d.ID)
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind+"/"+string(e.Actor))
		}
		const want = "submitted/citizen accepted/officer processing/officer draft_sent/officer draft_wrong/citizen draft_sent/officer draft_confirmed/system completed/officer"
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("timeline\n%s, want\n%s", got, want)
		}
		return err
	})
}

// A dossier filed at the counter is checked there: no draft is sent round.
func TestNoDraftForWhoStoodAtTheCounter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.prepared(b.draft(drafted))
	d, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Submit(ctx, tx, p, dossier.Submitter{Actor: officer().Actor, Assurance: core.AssuranceEID})
	})
	if err != nil || d.FiledBy != core.ActorOfficer {
		t.Fatalf("%+v, %v", d.FiledBy, err)
	}
	for _, fn := range []func(ctx context.Context, tx core.Tx) (core.Dossier, error){
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Accept(ctx, tx, officer(), d.ID, false)
		},
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Complete(ctx, tx, officer(), d.ID)
		},
	} {
		if d, err = b.act(fn); err != nil {
			t.Fatal(err)
		}
	}
}

// Another question of the office closes an open draft: it is sent again after it.
func TestAFeeClosesAnOpenDraft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	d := b.filed(drafted)
	for i, fn := range []func(ctx context.Context, tx core.Tx) (core.Dossier, error){
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Accept(ctx, tx, officer(), d.ID, false)
		},
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.SendDraft(ctx, tx, officer(), d.ID, b.file("draft"))
		},
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.PauseForFee(ctx, tx, officer(), d.ID, dossier.FeeRequest{Amount: 8000})
		},
	} {
		var err error
		if d, err = b.act(fn); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	// Ten working days after Thursday 12 March: 13, 16–20, 23–26.
	if d.ResultDraft != core.ResultDraftNone || !d.AnswerBy.Equal(city(t, "2026-03-26 17:00")) {
		t.Errorf("draft %q, to pay until %v", d.ResultDraft, d.AnswerBy.In(core.City))
	}
	stop := func(reason string) error {
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Stop(ctx, tx, officer(), d.ID, reason, "Nộp lại hồ sơ.")
		})
		return err
	}
	b.at("2026-03-26 16:59")
	if err := stop(dossier.ReasonUnanswered); core.ErrorKey(err) != "error.stop.early" {
		t.Errorf("stopped before the time to pay was over: %v", err)
	}
	b.at("2026-03-26 17:00")
	if err := stop(dossier.ReasonUnanswered); err != nil {
		t.Errorf("overdue: %v", err)
	}
}

func TestExtendOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-12 09:00")
	d := b.filed(certificate)
	d, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Accept(ctx, tx, officer(), d.ID, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	first := d.DueAt // Tuesday 17 March, 17:00
	extend := func(reason, until string) (core.Dossier, error) {
		return b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Extend(ctx, tx, officer(), d.ID, reason, "Xin lỗi.", city(t, until))
		})
	}
	if _, err := extend("because", "2026-03-20 17:00"); !core.IsCode(err, core.CodeInvalid) || !strings.Contains(err.Error(), "reason") {
		t.Errorf("no such reason: %v", err)
	}
	if _, err := extend(dossier.ReasonWorkload, "2026-03-17 17:00"); !core.IsCode(err, core.CodeInvalid) || !strings.Contains(err.Error(), "dueAt") {
		t.Errorf("the same date: %v", err)
	}
	if d, err = extend(dossier.ReasonWorkload, "2026-03-20 17:00"); err != nil || !d.OriginalDueAt.Equal(first) || !d.DueAt.Equal(city(t, "2026-03-20 17:00")) {
		t.Fatalf("%v: due %v, first %v", err, d.DueAt, d.OriginalDueAt)
	}
	if _, err := extend(dossier.ReasonSystem, "2026-03-25 17:00"); core.ErrorKey(err) != "error.extend.once" {
		t.Errorf("a second apology: %v", err)
	}
	if b.at("2026-03-18 08:00"); dossier.Overdue(d, b.clock.Now()) {
		t.Error("late by the date that was moved")
	}
	if b.at("2026-03-20 17:01"); !dossier.Overdue(d, b.clock.Now()) {
		t.Error("not late after the new date")
	}
	// The clock of an extended dossier pauses and goes on like any other.
	b.at("2026-03-18 09:00")
	for _, fn := range []func(ctx context.Context, tx core.Tx) (core.Dossier, error){
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.PauseForFee(ctx, tx, officer(), d.ID, dossier.FeeRequest{Amount: 8000})
		},
		func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			b.at("2026-03-20 09:00")
			return b.svc.Resume(ctx, tx, officer(), d.ID, "BL-1")
		},
	} {
		if d, err = b.act(fn); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCosigners(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.prepared(b.draft(certificate))
	p.Cosigners = append(p.Cosigners, form.Cosigner{Field: "owner.consent", Name: "LÊ THỊ BA", Phone: "+84900000071"}, form.Cosigner{Field: "father.consent", Phone: "+84900000071"})
	d, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return b.svc.Submit(ctx, tx, p, dossier.Submitter{Actor: citizen().Actor, Assurance: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	var rows []core.Cosign
	load := func() []core.CosignPerson {
		var people []core.CosignPerson
		b.must(func(ctx context.Context, tx core.Tx) (err error) {
			rows, err = tx.Cosigns().ByDossier(ctx, d.ID)
			people = nil
			for _, r := range rows {
				p, err := dossier.CosignPerson(r)
				if err != nil {
					return err
				}
				people = append(people, p)
			}
			return err
		})
		return people
	}
	people := load()
	if len(people) != 2 || people[0].Digits == people[1].Digits || people[0].Name != "LÊ THỊ BA" || len(people[0].Digits) != 4 {
		t.Fatalf("asked %+v", people)
	}
	answer := func(by dossier.By, i int, digits string, agree bool) error {
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.AnswerCosign(ctx, tx, by, rows[i].ID, digits, agree)
		})
		return err
	}
	accept := func() error {
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Accept(ctx, tx, officer(), d.ID, false)
		})
		return err
	}
	blocked := func(when string) {
		t.Helper()
		if err := accept(); core.ErrorKey(err) != "error.dossier.cosign_pending" {
			t.Errorf("accepted %s: %v", when, err)
		}
	}
	blocked("while both are asked")
	if err := answer(citizen(), 0, people[1].Digits, true); core.ErrorKey(err) != "error.cosign.unknown" {
		t.Errorf("the digits of the other one: %v", err)
	}
	if err := answer(citizen(), 0, people[0].Digits, true); err != nil {
		t.Fatal(err)
	}
	if err := answer(citizen(), 0, people[0].Digits, true); err != nil {
		t.Errorf("the same answer again: %v", err)
	}
	if err := answer(citizen(), 0, people[0].Digits, false); core.ErrorKey(err) != "error.cosign.answered" {
		t.Errorf("another answer: %v", err)
	}
	blocked("while one is asked")
	if err := answer(citizen(), 1, people[1].Digits, false); err != nil {
		t.Fatal(err)
	}
	blocked("after a refusal")
	if err := answer(officer(), 1, "", true); err != nil {
		t.Fatalf("agreed at the counter: %v", err)
	}
	if err := accept(); err != nil {
		t.Fatalf("everybody agreed: %v", err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 50)
		n := 0
		for _, j := range jobs {
			if j.Kind == dossier.JobCosign {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d questions to put, want 2", n)
		}
		return err
	})
}
