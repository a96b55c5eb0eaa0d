package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func dossierCases() []Case {
	return []Case{
		{"drafts", drafts},
		{"papers and pages in order", papers},
		{"a page has one verdict", pageVerdict},
		{"dossiers are found by what they are known by", dossierFound},
		{"a draft and a code have one dossier", dossierUnique},
		{"lists page by key", keysetPaging},
		{"a dossier is saved over the version that was read", dossierSave},
		{"the timeline is numbered", timeline},
		{"supplements", supplements},
		{"cosigns are found by phone and conversation and answered once", cosigns},
		{"all open drafts page by id", openDrafts},
		{"dossiers are counted by procedure and version", uses},
		{"numbers of a day have no gaps", gapless},
		{"codes go past 9999", past9999},
	}
}

func drafts(t testing.TB, h *Harness) {
	z := h.Build.ID()
	var all []core.Draft
	for range 3 {
		h.Clock.Add(time.Second)
		d := h.Build.Draft(z, func(d *core.Draft) { d.Desk = "26734" })
		all = append(all, d)
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Drafts().Insert(ctx, d) })
	}
	of := func(limit int) []core.Draft {
		return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Draft, error) {
			return tx.Drafts().ByCitizen(ctx, z, limit)
		})
	}
	equal(t, "drafts", len(of(10)), 3)
	same(t, "the newest", of(1)[0], all[2])
	h.Clock.Add(time.Second)
	d := all[0]
	d.Answers, d.Holder, d.State, d.DossierID = core.Sealed(`{"fields":{"a":{"v":1}}}`), "other", core.DraftSubmitted, h.Build.ID()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Drafts().Save(ctx, d) })
	wantCode(t, "an old version", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Drafts().Save(ctx, d) }),
		core.CodeConflict)
	d.Version, d.UpdatedAt = 2, h.Clock.Now()
	same(t, "saved", get(t, h, func(ctx context.Context, tx core.Tx) (core.Draft, error) { return tx.Drafts().Get(ctx, d.ID) }), d)
	equal(t, "open drafts", len(of(10)), 2)
	wantCode(t, "an unknown draft", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Drafts().Get(ctx, h.Build.ID())
		return err
	}), core.CodeNotFound)
}

func papers(t testing.TB, h *Harness) {
	d := h.Build.Draft("")
	p := h.Build.Paper(d.ID)
	h.Clock.Add(time.Second)
	empty := h.Build.Paper(d.ID, func(p *core.Paper) { p.Requirement = "id_card" })
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Drafts().Insert(ctx, d), tx.Papers().Insert(ctx, p), tx.Papers().Insert(ctx, empty))
	})
	const n = 12
	pages := make([]core.Page, n)
	for i := range pages {
		pages[i] = h.Build.Page(p)
	}
	parallel(n, func(i int) {
		if err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Papers().InsertPage(ctx, pages[i])
		}); err != nil {
			t.Errorf("InsertPage: %v", err)
		}
	})
	got := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Paper, error) { return tx.Papers().ByDraft(ctx, d.ID) })
	equal(t, "papers", len(got), 2)
	equal(t, "pages", len(got[0].Pages), n)
	equal(t, "pages of the empty paper", len(got[1].Pages), 0)
	for i, g := range got[0].Pages {
		equal(t, "place", g.Seq, i+1)
		at := slices.IndexFunc(pages, func(x core.Page) bool { return x.ID == g.ID })
		want := pages[at]
		want.Seq = i + 1
		same(t, "page", g, want)
	}
	dossier := h.Build.ID()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Papers().SetDossier(ctx, d.ID, dossier) })
	of := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Paper, error) {
		return tx.Papers().ByDossier(ctx, dossier)
	})
	equal(t, "papers of the dossier", len(of), 2)
	equal(t, "its pages", len(of[0].Pages), n)
	wantCode(t, "a page of no paper", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Papers().InsertPage(ctx, h.Build.Page(h.Build.Paper(d.ID)))
	}), core.CodeNotFound)
}

func pageVerdict(t testing.TB, h *Harness) {
	p := h.Build.Paper(h.Build.ID())
	g := h.Build.Page(p)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Papers().Insert(ctx, p), tx.Papers().InsertPage(ctx, g))
	})
	ready := g
	ready.State, ready.MIME, ready.Size, ready.Count, ready.BlobKey = core.PageReady, "application/pdf", 99, 3, "pages/x"
	ready.SHA256, ready.ReadyAt = strings.Repeat("ab", 32), h.Clock.Now()
	equal(t, "verdicts", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error {
		return tx.Papers().SavePage(ctx, ready, core.PagePending)
	}), 1)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Page, error) { return tx.Papers().Page(ctx, g.ID) })
	ready.Seq, ready.Source = 1, nil // nothing will be fetched again
	same(t, "page", got, ready)
}

func dossierFound(t testing.TB, h *Harness) {
	const phone = "+84900000002"
	z, conv := h.Build.ID(), h.Build.ID()
	d := h.Build.Dossier(h.Build.Draft(z), func(d *core.Dossier) {
		d.ConvID, d.Contact, d.Canonical = conv, core.Sealed(`{"phone":"x"}`), core.Sealed(`{"a":1}`)
		d.AcceptedAt, d.DueAt, d.ClockPausedAt = h.Clock.Now(), h.Clock.Now().Add(time.Hour), h.Clock.Now()
		d.PausedFor, d.NeedsProof, d.Confidential, d.Round = 90*time.Second, true, true, 2
		d.DoneAt = h.Clock.Now()
		d.FiledBy, d.ResultDraft = core.ActorOfficer, core.ResultDraftSent
		d.OriginalDueAt, d.AnswerBy = h.Clock.Now().Add(time.Minute), h.Clock.Now().Add(2*time.Minute)
	})
	withPhone := d
	withPhone.ContactPhone = phone
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, withPhone) })
	other := core.DossierCode{Code: "000.00.01.H29-261102-0007", DossierID: d.ID, Issuer: "H29", CreatedAt: h.Clock.Now()}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().AddCode(ctx, other) })

	for name, find := range map[string]func(ctx context.Context, r core.DossierRepo) (core.Dossier, error){
		"id":   func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.Get(ctx, d.ID) },
		"code": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.ByCode(ctx, d.Code) },
		"lower case": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) {
			return r.ByCode(ctx, strings.ToLower(d.Code))
		},
		"other code": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.ByCode(ctx, other.Code) },
		"draft":      func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.ByDraft(ctx, d.DraftID) },
		"conversation": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) {
			return first(r.ByConversation(ctx, conv, 5))
		},
		"phone": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) {
			return first(r.ByContact(ctx, phone, 5))
		},
		"citizen": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) {
			return first(r.ByCitizen(ctx, z, time.Time{}, 5))
		},
	} {
		got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Dossier, error) { return find(ctx, tx.Dossiers()) })
		same(t, "by "+name, got, d)
	}
	status := get(t, h, func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return tx.Dossiers().StatusByCode(ctx, strings.ToLower(other.Code))
	})
	same(t, "status by code", status, core.Dossier{
		ID: d.ID, Code: d.Code, ProcedureCode: d.ProcedureCode, Office: d.Office, CitizenID: d.CitizenID, State: d.State,
		NeedsProof: d.NeedsProof, Confidential: d.Confidential, ExpectedAt: d.ExpectedAt, DueAt: d.DueAt, AnswerBy: d.AnswerBy,
		ResultDraft: d.ResultDraft,
	})
	codes := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.DossierCode, error) {
		return tx.Dossiers().Codes(ctx, d.ID)
	})
	equal(t, "codes", len(codes), 2)
	equal(t, "the official one", codes[0].Code, d.Code)
	same(t, "the other", codes[1], other)
	for name, find := range map[string]func(ctx context.Context, r core.DossierRepo) (core.Dossier, error){
		"id":   func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.Get(ctx, "no") },
		"code": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.ByCode(ctx, "H29") },
		"status": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) {
			return r.StatusByCode(ctx, "H29")
		},
		"draft": func(ctx context.Context, r core.DossierRepo) (core.Dossier, error) { return r.ByDraft(ctx, "") },
	} {
		wantCode(t, "by unknown "+name, tryView(t, h, func(ctx context.Context, tx core.Tx) error {
			_, err := find(ctx, tx.Dossiers())
			return err
		}), core.CodeNotFound)
	}
	none := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Dossier, error) {
		return tx.Dossiers().ByContact(ctx, "", 5)
	})
	equal(t, "dossiers of no phone", len(none), 0)
}

func first(ds []core.Dossier, err error) (core.Dossier, error) {
	if err != nil || len(ds) == 0 {
		return core.Dossier{}, errors.Join(err, errors.New("none"))
	}
	return ds[0], nil
}

func dossierUnique(t testing.TB, h *Harness) {
	draft := h.Build.Draft("")
	d := h.Build.Dossier(draft)
	insert := func(d core.Dossier) error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	}
	if err := insert(d); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the draft again", insert(h.Build.Dossier(draft)), core.CodeDuplicate)
	again := h.Build.Dossier(h.Build.Draft(""))
	again.Code = strings.ToLower(d.Code)
	wantCode(t, "the code again", insert(again), core.CodeDuplicate)
	if !core.IsCode(tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Dossiers().Get(ctx, again.ID)
		return err
	}), core.CodeNotFound) {
		t.Fatal("a dossier without its code was kept")
	}
	wantCode(t, "a second official code", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Dossiers().AddCode(ctx, core.DossierCode{Code: "X", DossierID: d.ID, Official: true})
	}), core.CodeDuplicate)
}

func keysetPaging(t testing.TB, h *Harness) {
	z := h.Build.ID()
	var ids []core.ID
	for i := range 7 {
		h.Clock.Add(time.Second)
		d := h.Build.Dossier(h.Build.Draft(z), func(d *core.Dossier) {
			d.State = []core.DossierState{core.StateNew, core.StateProcessing}[i%2]
		})
		ids = append(ids, d.ID)
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	}
	var seen []core.ID
	var before time.Time
	for {
		page := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Dossier, error) {
			return tx.Dossiers().ByCitizen(ctx, z, before, 3)
		})
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			seen = append(seen, d.ID)
			before = d.SubmittedAt
		}
	}
	slices.Reverse(seen)
	equal(t, "by citizen", fmt.Sprint(seen), fmt.Sprint(ids))

	inbox := func(office string, states ...core.DossierState) []core.ID {
		var seen []core.ID
		var after core.ID
		for {
			page := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Dossier, error) {
				return tx.Dossiers().Inbox(ctx, office, states, after, 2)
			})
			if len(page) == 0 {
				return seen
			}
			for _, d := range page {
				seen = append(seen, d.ID)
				after = d.ID
			}
		}
	}
	equal(t, "inbox", fmt.Sprint(inbox("26734", core.StateNew, core.StateProcessing)), fmt.Sprint(ids))
	equal(t, "inbox of all", fmt.Sprint(inbox("*", core.StateNew, core.StateProcessing)), fmt.Sprint(ids))
	equal(t, "inbox of one state", len(inbox("26734", core.StateNew)), 4)
	equal(t, "inbox of another office", len(inbox("26737", core.StateNew)), 0)
	equal(t, "inbox of no state", len(inbox("26734")), 0)
}

func dossierSave(t testing.TB, h *Harness) {
	const phone = "+84900000003"
	d := h.Build.Dossier(h.Build.Draft(""), func(d *core.Dossier) { d.ContactPhone = phone })
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	h.Clock.Add(time.Hour)
	d.ContactPhone = ""
	d.State, d.AcceptedAt, d.DueAt, d.PausedFor = core.StateAccepted, h.Clock.Now(), h.Clock.Now().Add(time.Hour), time.Minute
	d.OriginalDueAt, d.AnswerBy, d.ResultDraft = h.Clock.Now(), h.Clock.Now().Add(time.Minute), core.ResultDraftWrong
	equal(t, "saves", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Save(ctx, d) }), 1)
	d.Version, d.UpdatedAt = 2, h.Clock.Now()
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Dossier, error) {
		return first(tx.Dossiers().ByContact(ctx, phone, 1)) // kept by a save without the phone
	})
	same(t, "dossier", got, d)
}

func timeline(t testing.TB, h *Harness) {
	id := h.Build.ID()
	const n = 12
	parallel(n, func(i int) {
		if err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Dossiers().AddEvent(ctx, core.DossierEvent{DossierID: id, From: core.StateNew, To: core.StateAccepted,
				Kind: "accepted", Actor: core.ActorOfficer, ActorID: "o", Reason: "r", Note: core.Sealed(fmt.Sprint(i)), At: tx.Now()})
		}); err != nil {
			t.Errorf("AddEvent: %v", err)
		}
	})
	events := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.DossierEvent, error) {
		return tx.Dossiers().Events(ctx, id)
	})
	equal(t, "events", len(events), n)
	for i, e := range events {
		want := core.DossierEvent{DossierID: id, Seq: i + 1, From: core.StateNew, To: core.StateAccepted, Kind: "accepted",
			Actor: core.ActorOfficer, ActorID: "o", Reason: "r", Note: e.Note, At: h.Clock.Now()}
		same(t, "event", e, want)
	}
}

func supplements(t testing.TB, h *Harness) {
	id := h.Build.ID()
	wantCode(t, "no supplement", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Dossiers().Supplement(ctx, id)
		return err
	}), core.CodeNotFound)
	var last core.Supplement
	for round := 1; round <= 2; round++ {
		last = core.Supplement{ID: h.Build.ID(), DossierID: id, Round: round, Items: core.Sealed(`[{}]`),
			DueAt: h.Clock.Now().Add(time.Hour), CreatedAt: h.Clock.Now()}
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().AddSupplement(ctx, last) })
	}
	equal(t, "answers", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error {
		return tx.Dossiers().AnswerSupplement(ctx, last.ID, tx.Now())
	}), 1)
	last.AnsweredAt = h.Clock.Now()
	same(t, "the last", get(t, h, func(ctx context.Context, tx core.Tx) (core.Supplement, error) {
		return tx.Dossiers().Supplement(ctx, id)
	}), last)
}

func cosigns(t testing.TB, h *Harness) {
	const phone = "+84900000007"
	dossier, conv := h.Build.ID(), h.Build.ID()
	var all []core.Cosign
	for seq := 1; seq <= 2; seq++ {
		h.Clock.Add(time.Second)
		c := core.Cosign{
			ID: h.Build.ID(), DossierID: dossier, Seq: seq, Field: "owner.consent", State: core.CosignPending,
			Person: core.Sealed(`{"phone":"x","digits":"4821"}`), CreatedAt: h.Clock.Now(),
		}
		all = append(all, c)
		c.Phone = phone
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Cosigns().Insert(ctx, c) })
	}
	wantCode(t, "the same place again", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		c := all[0]
		c.ID = h.Build.ID()
		return tx.Cosigns().Insert(ctx, c)
	}), core.CodeDuplicate)
	list := func(fn func(ctx context.Context, r core.CosignRepo) ([]core.Cosign, error)) []core.Cosign {
		return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Cosign, error) { return fn(ctx, tx.Cosigns()) })
	}
	pending := func(ctx context.Context, r core.CosignRepo) ([]core.Cosign, error) {
		return r.PendingByPhone(ctx, phone)
	}
	same(t, "of the dossier", list(func(ctx context.Context, r core.CosignRepo) ([]core.Cosign, error) {
		return r.ByDossier(ctx, dossier)
	}), all)
	same(t, "of the phone, newest first", list(pending), []core.Cosign{all[1], all[0]})
	equal(t, "of no phone", len(list(func(ctx context.Context, r core.CosignRepo) ([]core.Cosign, error) {
		return r.PendingByPhone(ctx, "")
	})), 0)

	c := all[0]
	c.State, c.ConvID, c.AnsweredBy = core.CosignConfirmed, conv, core.ActorCitizen
	c.AskedAt, c.RemindedAt, c.AnsweredAt = h.Clock.Now(), h.Clock.Now().Add(time.Hour), h.Clock.Now().Add(2*time.Hour)
	equal(t, "answers", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error {
		return tx.Cosigns().Save(ctx, c, core.CosignPending)
	}), 1)
	same(t, "answered", get(t, h, func(ctx context.Context, tx core.Tx) (core.Cosign, error) { return tx.Cosigns().Get(ctx, c.ID) }), c)
	same(t, "still pending", list(pending), []core.Cosign{all[1]})
	in := func(id core.ID) []core.Cosign {
		return list(func(ctx context.Context, r core.CosignRepo) ([]core.Cosign, error) {
			return r.ByConversation(ctx, id, 5)
		})
	}
	same(t, "of the conversation", in(conv), []core.Cosign{c})
	equal(t, "of no conversation", len(in("")), 0)
	wantCode(t, "an unknown one", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Cosigns().Get(ctx, h.Build.ID())
		return err
	}), core.CodeNotFound)
}

// gapless: numbers that were rolled back are given again, and no two callers get
// one number.
func gapless(t testing.TB, h *Harness) {
	var mu sync.Mutex
	var got []int
	parallel(24, func(i int) {
		for k := range 4 {
			undo := errors.New("undo")
			var n int
			err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
				if err := tx.Citizens().Insert(ctx, h.Build.Citizen()); err != nil {
					return err
				}
				if n, err = tx.Dossiers().NextNumber(ctx, "H29.26734", "20261102"); err != nil {
					return err
				}
				if (i+k)%3 == 0 {
					return undo
				}
				return nil
			})
			switch {
			case err == nil:
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			case !errors.Is(err, undo):
				t.Errorf("NextNumber: %v", err)
			}
		}
	})
	slices.Sort(got)
	equal(t, "numbers", len(got), 64)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("numbers %v: %d at place %d", got, n, i+1)
		}
	}
	for _, key := range [][2]string{{"H29.26734", "20261103"}, {"H29.26737", "20261102"}} {
		var n int
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			n, err = tx.Dossiers().NextNumber(ctx, key[0], key[1])
			return err
		})
		equal(t, "another day or agency", n, 1)
	}
}

func past9999(t testing.TB, h *Harness) {
	const agency, day = "H29.26734", "20261102"
	h.SQL(t, `insert into agency_days (agency, day, last) values ('`+agency+`', '`+day+`', 9997)`)
	for want := 9998; want <= 10002; want++ {
		d := h.Build.Dossier(h.Build.Draft(""))
		update(t, h, func(ctx context.Context, tx core.Tx) error {
			n, err := tx.Dossiers().NextNumber(ctx, agency, day)
			if err != nil {
				return err
			}
			if n != want {
				return fmt.Errorf("number %d, want %d", n, want)
			}
			d.Code = fmt.Sprintf("%s-261102-%04d", agency, n)
			return tx.Dossiers().Insert(ctx, d)
		})
		got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Dossier, error) { return tx.Dossiers().ByCode(ctx, d.Code) })
		equal(t, "found", got.ID, d.ID)
	}
}

// openDrafts: every open draft comes once, whatever the size of a page.
func openDrafts(t testing.TB, h *Harness) {
	var want []core.Draft
	for i := range 5 {
		d := h.Build.Draft("", func(d *core.Draft) {
			if i == 2 {
				d.State = core.DraftDropped
			}
		})
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Drafts().Insert(ctx, d) })
		if i != 2 {
			want = append(want, d)
		}
	}
	slices.SortFunc(want, func(a, b core.Draft) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var got []core.Draft
	for after := core.ID(""); ; {
		page := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Draft, error) { return tx.Drafts().Open(ctx, after, 3) })
		got = append(got, page...)
		if len(page) < 3 {
			break
		}
		after = page[2].ID
	}
	same(t, "open drafts", got, want)
}

// uses: versions of procedures come by code and version with their dossiers.
func uses(t testing.TB, h *Harness) {
	for _, version := range []string{"2026.2", "2026.1", "2026.2"} {
		d := h.Build.Dossier(h.Build.Draft(""), func(d *core.Dossier) { d.ProcedureCode, d.ProcedureVersion = "9.000001", version })
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	}
	of := func(after core.ProcedureUse, limit int) []core.ProcedureUse {
		return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.ProcedureUse, error) {
			return tx.Dossiers().Uses(ctx, after, limit)
		})
	}
	first := core.ProcedureUse{Code: "9.000001", Version: "2026.1", Dossiers: 1}
	second := core.ProcedureUse{Code: "9.000001", Version: "2026.2", Dossiers: 2}
	same(t, "all", of(core.ProcedureUse{Code: "9"}, 10), []core.ProcedureUse{first, second})
	same(t, "one page", of(core.ProcedureUse{Code: "9"}, 1), []core.ProcedureUse{first})
	same(t, "the next", of(first, 1), []core.ProcedureUse{second})
	equal(t, "after the last", len(of(second, 10)), 0)
}
