package dossier_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

func begun(t *testing.T, procedure string) *dossier.Application {
	t.Helper()
	svc := dossier.New(testPack(t))
	now := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	d, err := svc.Begin(core.NewID(now), procedure, "", "", "test", now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := svc.Open(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The whole way, step by step: questions, then facts, then papers, then the
// summary, with a total that never rises.
func TestStepsInOrder(t *testing.T) {
	t.Parallel()
	a := begun(t, certificate)
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "test"}
	values := map[string]any{}
	for _, ans := range mai {
		values[ans.key] = ans.value
	}
	var papers []core.Paper
	var way []string
	total := 100
	for n := 1; ; n++ {
		s := a.Next(papers)
		way = append(way, string(s.Kind)+" "+s.Key)
		if s.Total > total || s.Kind != dossier.StepSummary && s.Number != n {
			t.Fatalf("step %d is %d of %d, before of %d", n, s.Number, s.Total, total)
		}
		total = s.Total
		var err error
		switch s.Kind {
		case dossier.StepField:
			if s.Question == nil || s.Question.Key != s.Key {
				t.Fatalf("%+v has no question", s)
			}
			err = a.Answer(s.Key, values[s.Key], by)
		case dossier.StepFact:
			err = a.SetFact(s.Key, "no", by)
		case dossier.StepPaper:
			if s.Optional {
				err = a.PaperSkip(s.Key, by)
				break
			}
			if err := a.PaperSkip(s.Key, by); !core.IsCode(err, core.CodeInvalid) {
				t.Errorf("a required paper was skipped: %v", err)
			}
			// Done without a page leaves the paper open.
			if err := a.PaperDone(s.Key, by); err != nil {
				t.Fatal(err)
			}
			if again := a.Next(papers); again.Key != s.Key {
				t.Errorf("a paper without pages is done")
			}
			papers = append(papers, paperOf(s.Key, "page"))
		case dossier.StepSummary:
			want := "field receivingAgency, field fullName, field personalId, field birthDate, field status, field decree, field phone, " +
				"fact representative, paper decree_copy, paper residence, summary "
			if got := strings.Join(way, ", "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if done, all := a.Progress(papers); done != 10 || all != 10 {
				t.Errorf("progress %d of %d", done, all)
			}
			if _, err := a.Prepare(papers); err != nil {
				t.Errorf("after the last step: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s %s: %v", s.Kind, s.Key, err)
		}
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	a := begun(t, certificate)
	by := dossier.Author{Kind: core.ActorCitizen}
	for _, ans := range mai {
		if err := a.Answer(ans.key, ans.value, by); err != nil {
			t.Fatal(err)
		}
	}
	papers := []core.Paper{paperOf("decree_copy", "one", "two")}
	lines := a.Review(papers, text.VI, false)
	var got []string
	for i, l := range lines {
		if l.Number != i+1 || !l.Editable {
			t.Errorf("line %d: %+v", i, l)
		}
		got = append(got, string(l.Kind)+" "+l.Key)
		if l.Kind == dossier.StepField && l.Shown == "" {
			t.Errorf("%s is not shown", l.Key)
		}
		// Nothing that names a person or a number may stand in a masked line.
		for _, secret := range []string{"TRẦN", "MAI", "0791900012", "901234567", "QĐST"} {
			if strings.Contains(l.Masked, secret) {
				t.Errorf("masked %s: %q", l.Key, l.Masked)
			}
		}
	}
	want := "field receivingAgency, field fullName, field personalId, field birthDate, field status, field decree, field phone, " +
		"fact representative, paper decree_copy, paper authorisation, paper residence"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	find := func(lines []dossier.Line, key string) dossier.Line {
		i := slices.IndexFunc(lines, func(l dossier.Line) bool { return l.Key == key })
		if i < 0 {
			t.Fatalf("no line %s", key)
		}
		return lines[i]
	}
	if l := find(lines, "decree_copy"); l.Missing || l.Stand.Files != 2 || l.Stand.Pages != 2 {
		t.Errorf("paper line %+v", l)
	}
	if l := find(lines, "representative"); !l.Missing {
		t.Errorf("an open fact is not missing: %+v", l)
	}
	all := a.Review(papers, text.EN, true)
	if l := find(all, "note"); l.Number != len(lines)+1 || l.Label.In(text.EN) != "Note" {
		t.Errorf("an empty optional line %+v", l)
	}
	if find(all, "phone").Number != find(lines, "phone").Number {
		t.Error("the numbers differ with and without the empty lines")
	}
	// "sửa n" leads to a step for every line.
	for _, l := range all {
		if _, ok := a.Step(l.Kind, l.Key, papers); !ok {
			t.Errorf("line %s %s leads nowhere", l.Kind, l.Key)
		}
	}
}

func TestAnAnswerThatClosesABranchIsKeptAside(t *testing.T) {
	t.Parallel()
	a := begun(t, certificate)
	by := dossier.Author{Kind: core.ActorCitizen}
	for _, ans := range mai {
		if err := a.Answer(ans.key, ans.value, by); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SetFact("representative", "unknown", by); err != nil {
		t.Fatal(err)
	}
	if err := a.Answer("status", "single", by); err != nil {
		t.Fatal(err)
	}
	p, err := a.Prepare([]core.Paper{paperOf("decree_copy", "sent before")})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(p.Canonical), "QĐST") || len(p.Manifest) != 0 {
		t.Errorf("the closed branch is in the dossier: %s", p.Canonical)
	}
	if !slices.Equal(p.Left, []string{"authorisation", "residence"}) {
		t.Errorf("papers left: %v", p.Left)
	}
	if err := a.Answer("status", "divorced", by); err != nil {
		t.Fatal(err)
	}
	if v, ok := a.State().Value("decree"); !ok || v != "12/2020/QĐST-HNGĐ" {
		t.Errorf("the answer did not come back: %v", v)
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	t.Parallel()
	by := dossier.Author{Kind: core.ActorCitizen}
	for name, try := range map[string]func(a *dossier.Application) error{
		"unknown field":      func(a *dossier.Application) error { return a.Answer("nothing", "x", by) },
		"hidden field":       func(a *dossier.Application) error { return a.Answer("decree", "x", by) },
		"wrong type":         func(a *dossier.Application) error { return a.Answer("fullName", int64(5), by) },
		"required skipped":   func(a *dossier.Application) error { return a.Skip("fullName", by) },
		"unknown fact":       func(a *dossier.Application) error { return a.SetFact("nothing", "yes", by) },
		"strange fact":       func(a *dossier.Application) error { return a.SetFact("representative", "perhaps", by) },
		"unknown paper":      func(a *dossier.Application) error { return a.PaperDone("nothing", by) },
		"unknown paper skip": func(a *dossier.Application) error { return a.PaperSkip("nothing", by) },
	} {
		a := begun(t, certificate)
		if err := a.Answer("status", "single", by); err != nil {
			t.Fatal(err)
		}
		if err := try(a); !core.IsCode(err, core.CodeInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	svc := dossier.New(testPack(t))
	if _, err := svc.Begin("x", "9.999999", "", "", "test", time.Now()); core.ErrorKey(err) != "error.procedure.unknown" {
		t.Errorf("unknown procedure: %v", err)
	}
}

func TestPrefillIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	profile := core.CitizenProfile{FullName: "Trần Thị Mai", PersonalID: "079190001234", Phone: "+84901234567"}
	for _, c := range []struct {
		assurance core.Assurance
		asked     int
	}{{core.AssuranceNone, 6}, {core.AssuranceAddress, 5}, {core.AssuranceEID, 3}} {
		a := begun(t, certificate)
		a.Prefill(profile, c.assurance)
		asked := 0
		for _, s := range a.Steps(nil) {
			if s.Kind == dossier.StepField {
				asked++
			}
		}
		if asked != c.asked {
			t.Errorf("at assurance %d there are %d questions, want %d", c.assurance, asked, c.asked)
		}
	}
}

func TestADraftOfAnOlderFormIsCarriedOver(t *testing.T) {
	t.Parallel()
	svc := dossier.New(testPack(t))
	now := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	d, err := svc.Begin(core.NewID(now), certificate, "", "", "test", now)
	if err != nil {
		t.Fatal(err)
	}
	d.FormVersion, d.ProcedureVersion = "0", "2025.9"
	d.Answers, err = core.SealJSON(core.DraftAnswers{Fields: map[string]core.DraftAnswer{
		"fullName": {Value: "TRẦN THỊ MAI"}, "birthDate": {Value: "not a date any more"}, "gone": {Value: "x"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := svc.Open(d, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.State().Value("fullName"); !ok || !slices.Equal(a.Changed, []string{"birthDate"}) {
		t.Errorf("changed %v", a.Changed)
	}
	changed, err := a.Draft()
	if err != nil || changed.FormVersion != "1" || changed.ProcedureVersion != "2026.1" {
		t.Errorf("%+v, %v", changed, err)
	}
}

// Two channels work on one draft: each sets its own answer, and the one that lost
// the race reads again.
func TestTwoChannelsMergePerAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft := b.draft(certificate)
	answer := func(key string, value any, channel string) error {
		return b.update(func(ctx context.Context, tx core.Tx) error {
			return b.change(ctx, tx, draft, func(a *dossier.Application) error {
				return a.Answer(key, value, dossier.Author{Kind: core.ActorCitizen, Channel: channel})
			})
		})
	}
	done := make(chan error, 2)
	go func() { done <- answer("fullName", "TRẦN THỊ LAN", "app") }()
	go func() { done <- answer("decree", "99/2021", "chat") }()
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Drafts().Get(ctx, draft)
		if err != nil {
			return err
		}
		a, err := b.svc.Open(d, tx.Now())
		if err != nil {
			return err
		}
		fields := a.Answers().Fields
		if fields["fullName"].Value != "TRẦN THỊ LAN" || fields["decree"].Value != "99/2021" {
			t.Errorf("an answer was lost: %v, %v", fields["fullName"], fields["decree"])
		}
		if fields["fullName"].Channel != "app" || fields["decree"].Channel != "chat" {
			t.Error("the authors are mixed up")
		}
		return nil
	})
}
