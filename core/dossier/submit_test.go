package dossier_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	"pgregory.net/rapid"
)

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func paperOf(requirement string, names ...string) core.Paper {
	p := core.Paper{Requirement: requirement}
	for i, name := range names {
		p.Pages = append(p.Pages, core.Page{Seq: i + 1, State: core.PageReady, Count: 1, SHA256: hashOf(name)})
	}
	return p
}

// The same answers and pages are the same bytes, in whatever order, at whatever
// hour, on whatever channel, by whomever and in whatever Unicode form they came.
func TestCanonicalDependsOnContentOnly(t *testing.T) {
	t.Parallel()
	svc := dossier.New(testPack(t))
	var want []byte
	nfd := strings.NewReplacer("Ầ", "A\u0302\u0300", "Ị", "I\u0323")
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 90*24).Draw(t, "hours")) * time.Hour)
		by := dossier.Author{
			Kind:    rapid.SampledFrom([]core.ActorKind{core.ActorCitizen, core.ActorAnonymous, core.ActorKiosk}).Draw(t, "kind"),
			Channel: rapid.StringMatching(`[a-z]{3,8}`).Draw(t, "channel"),
		}
		d, err := svc.Begin(core.NewID(now), certificate, "", core.ID(rapid.StringMatching(`[a-z]{0,4}`).Draw(t, "citizen")), by.Channel, now)
		if err != nil {
			t.Fatal(err)
		}
		a, err := svc.Open(d, now)
		if err != nil {
			t.Fatal(err)
		}
		// "decree" can only be answered once "status" is.
		if err := a.Answer("status", "divorced", by); err != nil {
			t.Fatal(err)
		}
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7}).Draw(t, "order") {
			if i == len(mai) {
				if err := a.SetFact("representative", "no", by); err != nil {
					t.Fatal(err)
				}
				continue
			}
			value := mai[i].value
			if s, ok := value.(string); ok && rapid.Bool().Draw(t, "nfd") {
				value = nfd.Replace(s)
			}
			if err := a.Answer(mai[i].key, value, by); err != nil {
				t.Fatalf("%s: %v", mai[i].key, err)
			}
		}
		papers := []core.Paper{paperOf("decree_copy", "one", "two"), paperOf("residence", "three")}
		if rapid.Bool().Draw(t, "papers turned round") {
			papers[0], papers[1] = papers[1], papers[0]
		}
		if rapid.Bool().Draw(t, "a paper for nothing") {
			papers = append(papers, paperOf("authorisation", "not needed: the fact says no"))
		}
		p, err := a.Prepare(papers)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = p.Canonical
		}
		if !bytes.Equal(p.Canonical, want) {
			t.Fatalf("got  %s\nwant %s", p.Canonical, want)
		}
		sum := sha256.Sum256(p.Canonical)
		if p.Hash != hex.EncodeToString(sum[:]) {
			t.Fatal("Hash is not of Canonical")
		}
	})
	for _, s := range []string{`"receivingAgency":"26740"`, `"truthful":true`, `"procedure":"1.000001"`, `"pages":2`, hashOf("one"), `"divorced":"yes"`} {
		if !bytes.Contains(want, []byte(s)) {
			t.Errorf("the canonical dossier lacks %s:\n%s", s, want)
		}
	}
}

func TestPrepareSaysEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	svc := dossier.New(testPack(t))
	now := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	d, err := svc.Begin(core.NewID(now), certificate, "", "", "test", now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := svc.Open(d, now)
	if err != nil {
		t.Fatal(err)
	}
	by := dossier.Author{Kind: core.ActorCitizen}
	for _, ans := range mai[3:5] {
		if err := a.Answer(ans.key, ans.value, by); err != nil {
			t.Fatal(err)
		}
	}
	_, err = a.Prepare(nil)
	var e *core.Error
	if !errors.As(err, &e) || e.Code != core.CodeInvalid {
		t.Fatalf("Prepare = %v", err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field+" "+f.Key)
	}
	want := "receivingAgency field.required, fullName field.required, decree field.required, phone field.required, " +
		"fact.representative field.required, paper.decree_copy error.paper.missing, office field.required"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	pending := core.Paper{Requirement: "decree_copy", Pages: []core.Page{{Seq: 1, State: core.PagePending}}}
	if _, err := a.Prepare([]core.Paper{pending}); core.ErrorKey(err) != "error.page.pending" {
		t.Errorf("with a pending page: %v", err)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-11-02 09:00")
	d := b.filed(certificate)
	if d.Code != "H29.26740-261102-0001" || d.State != core.StateNew || d.NeedsProof || d.Office != saiGon {
		t.Errorf("%s, state %d, needs proof %v, office %s", d.Code, d.State, d.NeedsProof, d.Office)
	}
	if want := city(t, "2026-11-05 17:00"); !d.ExpectedAt.Equal(want) || !d.DueAt.IsZero() {
		t.Errorf("expected %v, due %v", d.ExpectedAt, d.DueAt)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		stored, err := tx.Dossiers().ByCode(ctx, strings.ToLower(d.Code))
		if err != nil || stored.ID != d.ID || stored.Hash != d.Hash || !bytes.Equal(stored.Canonical, d.Canonical) {
			t.Errorf("ByCode: %v, %v", stored.ID, err)
		}
		if sum := sha256.Sum256(stored.Canonical); stored.Hash != hex.EncodeToString(sum[:]) {
			t.Error("the stored bytes do not have the stored hash")
		}
		events, err := tx.Dossiers().Events(ctx, d.ID)
		if err != nil || len(events) != 1 || events[0].Seq != 1 || events[0].Kind != "submitted" || events[0].To != core.StateNew {
			t.Errorf("timeline %+v, %v", events, err)
		}
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if err != nil || len(papers) != 1 || papers[0].Requirement != "decree_copy" {
			t.Errorf("papers %+v, %v", papers, err)
		}
		draft, err := tx.Drafts().Get(ctx, d.DraftID)
		if err != nil || draft.State != core.DraftSubmitted || draft.DossierID != d.ID {
			t.Errorf("draft %+v, %v", draft, err)
		}
		byPhone, err := tx.Dossiers().ByContact(ctx, "+84901234567", 5)
		if err != nil || len(byPhone) != 1 {
			t.Errorf("ByContact: %d, %v", len(byPhone), err)
		}
		return nil
	})
}

// A draft that was moved to a chat by its code is still its owner's.
func TestSubmitForTheOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, other := b.build.ID(), b.build.ID()
	id := b.draft(certificate)
	b.must(func(ctx context.Context, tx core.Tx) error {
		for _, c := range []core.ID{owner, other} {
			if err := tx.Citizens().Insert(ctx, core.Citizen{ID: c, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}); err != nil {
				return err
			}
		}
		d, err := tx.Drafts().Get(ctx, id)
		if err != nil {
			return err
		}
		d.CitizenID = owner
		return tx.Drafts().Save(ctx, d)
	})
	p, err := b.prepare(id)
	if err != nil {
		t.Fatal(err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		d, err := b.svc.Submit(ctx, tx, p, dossier.Submitter{
			Actor: core.Actor{Kind: core.ActorCitizen}, CitizenID: other, Assurance: core.AssuranceEID,
		})
		if d.CitizenID != owner || !d.NeedsProof {
			t.Errorf("filed for %s, needs proof %v", d.CitizenID, d.NeedsProof)
		}
		return err
	})
}

func TestSubmitTwiceIsOneDossier(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, err := b.prepare(b.draft(certificate))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	codes := make([]string, 16)
	for i := range codes {
		wg.Go(func() {
			for {
				d, err := b.submit(p, core.AssuranceAddress)
				if core.IsCode(err, core.CodeConflict) {
					continue // somebody else won: reading again finds it
				}
				if err != nil {
					t.Error(err)
				}
				codes[i] = d.Code
				return
			}
		})
	}
	wg.Wait()
	for _, c := range codes {
		if c != "H29.26740-261102-0001" {
			t.Errorf("a submission gave %q", c)
		}
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		all, err := tx.Dossiers().Inbox(ctx, "*", dossier.States(), "", 10)
		if len(all) != 1 {
			t.Errorf("%d dossiers", len(all))
		}
		return err
	})
}

func TestCodesRunByAgencyAndDayWithoutGaps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-11-02 23:50")
	if d := b.filed(certificate); d.Code != "H29.26740-261102-0001" {
		t.Errorf("first: %s", d.Code)
	}
	// A submission that is rolled back gives its number to the next one.
	p, err := b.prepare(b.draft(certificate))
	if err != nil {
		t.Fatal(err)
	}
	lost := errors.New("lost")
	err = b.update(func(ctx context.Context, tx core.Tx) error {
		if _, err := b.svc.Submit(ctx, tx, p, dossier.Submitter{Actor: core.Actor{Kind: core.ActorCitizen}}); err != nil {
			return err
		}
		return lost
	})
	if !errors.Is(err, lost) {
		t.Fatal(err)
	}
	if d, err := b.submit(p, core.AssuranceEID); err != nil || d.Code != "H29.26740-261102-0002" {
		t.Errorf("after a rollback: %s, %v", d.Code, err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		for n := 3; n <= 9998; n++ {
			if _, err := tx.Dossiers().NextNumber(ctx, "H29.26740", "20261102"); err != nil {
				return err
			}
		}
		return nil
	})
	if d := b.filed(certificate); d.Code != "H29.26740-261102-9999" {
		t.Errorf("9,999th: %s", d.Code)
	}
	widened := b.filed(certificate)
	if widened.Code != "H29.26740-261102-10000" {
		t.Errorf("10,000th: %s", widened.Code)
	}
	if c, ok := dossier.ParseCode(widened.Code); !ok || c.String() != widened.Code {
		t.Errorf("the 10,000th code is not read: %v", c)
	}
	b.at("2026-11-03 00:00") // still the 2nd in UTC
	if d := b.filed(certificate); d.Code != "H29.26740-261103-0001" {
		t.Errorf("next day: %s", d.Code)
	}
}

func TestSubmitRefusesWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft := b.draft(certificate)
	p, err := b.prepare(draft)
	if err != nil {
		t.Fatal(err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		return b.page(ctx, tx, vault.NewPage{DraftID: draft, Requirement: "decree_copy"}, "page 2")
	})
	if _, err := b.submit(p, core.AssuranceEID); !core.IsCode(err, core.CodeConflict) {
		t.Errorf("with another page: %v", err)
	}
	if p, err = b.prepare(draft); err != nil {
		t.Fatal(err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		return b.change(ctx, tx, draft, func(a *dossier.Application) error {
			return a.Answer("fullName", "TRẦN THỊ LAN", dossier.Author{Kind: core.ActorCitizen})
		})
	})
	if _, err := b.submit(p, core.AssuranceEID); !core.IsCode(err, core.CodeConflict) {
		t.Errorf("with another answer: %v", err)
	}
	if p, err = b.prepare(draft); err != nil {
		t.Fatal(err)
	}
	d, err := b.submit(p, core.AssuranceEID)
	if err != nil || !bytes.Contains(d.Canonical, []byte("TRẦN THỊ LAN")) || p.Files != 2 {
		t.Errorf("prepared again: %v, %v, %d files", d.Code, err, p.Files)
	}
}

func TestSubmitBelowTheNeededAssurance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, err := b.prepare(b.draft(complaint))
	if err != nil {
		t.Fatal(err)
	}
	d, err := b.submit(p, core.AssuranceAddress)
	if err != nil || !d.NeedsProof || !d.Confidential || d.State != core.StateNew {
		t.Fatalf("%+v, %v", d, err)
	}
	officer := dossier.By{Actor: core.Actor{Kind: core.ActorOfficer, Office: saiGon}}
	accept := func(checked bool) error {
		_, err := b.act(func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
			return b.svc.Accept(ctx, tx, officer, d.ID, checked)
		})
		return err
	}
	if err := accept(false); core.ErrorKey(err) != "error.dossier.needs_proof" {
		t.Errorf("accepted unproved: %v", err)
	}
	if err := accept(true); err != nil {
		t.Errorf("accepted with the card seen: %v", err)
	}
}

func TestSeveralCodesOneOfficial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.filed(certificate)
	b.must(func(ctx context.Context, tx core.Tx) error {
		return b.svc.AddCode(ctx, tx, d.ID, "g01.899.107.014-261102-0019", "G01")
	})
	b.must(func(ctx context.Context, tx core.Tx) error {
		codes, err := tx.Dossiers().Codes(ctx, d.ID)
		if err != nil || len(codes) != 2 || !codes[0].Official || codes[0].Code != d.Code || codes[1].Official {
			t.Errorf("codes %+v, %v", codes, err)
		}
		found, err := tx.Dossiers().ByCode(ctx, "G01.899.107.014-261102-0019")
		if found.ID != d.ID {
			t.Errorf("by the other code: %v", err)
		}
		return err
	})
	err := b.update(func(ctx context.Context, tx core.Tx) error { return b.svc.AddCode(ctx, tx, d.ID, "no code", "G01") })
	if !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("AddCode of nonsense: %v", err)
	}
}

// change lets edit change a draft and saves it over the version read.
func (b *bundle) change(ctx context.Context, tx core.Tx, draft core.ID, edit func(*dossier.Application) error) error {
	d, err := tx.Drafts().Get(ctx, draft)
	if err != nil {
		return err
	}
	a, err := b.svc.Open(d, tx.Now())
	if err != nil {
		return err
	}
	if err := edit(a); err != nil {
		return err
	}
	if d, err = a.Draft(); err != nil {
		return err
	}
	return tx.Drafts().Save(ctx, d)
}
