package vault_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/sqlstore"
)

type bundle struct {
	*testing.T
	svc   vault.Service
	store core.Store
	draft core.Draft
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := coretest.NewClock()
	store, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: coretest.Sealer("vault"), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bundle{T: t, store: store, draft: coretest.NewBuild(clock).Draft("")}
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Drafts().Insert(ctx, b.draft) })
	return b
}

func (b *bundle) must(fn func(ctx context.Context, tx core.Tx) error) {
	b.Helper()
	if err := b.store.Update(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bundle) papers() []core.Paper {
	b.Helper()
	var out []core.Paper
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		out, err = tx.Papers().ByDraft(ctx, b.draft.ID)
		return err
	})
	return out
}

func (b *bundle) pending(ref string) core.Page {
	b.Helper()
	var p core.Page
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		p, err = b.svc.AddPending(ctx, tx, vault.NewPage{
			DraftID: b.draft.ID, Requirement: "decree", Group: "album", Channel: "chat", Account: "main", ConvID: "conv-1", Name: "anh.jpg",
		}, core.Media{Ref: ref})
		return err
	})
	return p
}

func ready(count int) vault.Verdict {
	return vault.Verdict{State: core.PageReady, MIME: vault.MIMEPDF, Count: count}
}

func (b *bundle) verdict(id core.ID, v vault.Verdict, sha string) {
	b.Helper()
	b.must(func(ctx context.Context, tx core.Tx) error {
		_, err := b.svc.Verdict(ctx, tx, id, "conv-1", v, 10, sha, vault.BlobKey(id, sha))
		return err
	})
}

// Pages keep the order in which they were sent, in whatever order their verdicts
// come; a refused page and one taken back are not counted.
func TestPagesStayInOrderOfArrival(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var pages []core.Page
	for i := range 5 {
		pages = append(pages, b.pending(fmt.Sprint("file-", i)))
	}
	if s := vault.StandOf(b.papers(), "decree", 0); s.Pending != 5 || s.Files != 0 {
		t.Errorf("before the verdicts: %+v", s)
	}
	if _, err := vault.Manifest(b.papers(), 0); core.ErrorKey(err) != "error.page.pending" {
		t.Errorf("a manifest of pending pages: %v", err)
	}
	for _, i := range []int{3, 0, 4, 1} {
		b.verdict(pages[i].ID, ready(i+1), fmt.Sprint("sha-", i))
	}
	b.verdict(pages[2].ID, vault.Verdict{State: core.PageRejected, Reason: vault.ReasonBroken}, "sha-2")
	b.must(func(ctx context.Context, tx core.Tx) error {
		last, err := b.svc.RemoveLast(ctx, tx, b.draft.ID, "", "decree", 0)
		if last.ID != pages[4].ID {
			t.Errorf("took back %s", last.ID)
		}
		return err
	})
	m, err := vault.Manifest(b.papers(), 0)
	if err != nil || len(m) != 1 || m[0].Requirement != "decree" || m[0].Pages != 1+2+4 || !slices.Equal(m[0].SHA256, []string{"sha-0", "sha-1", "sha-3"}) {
		t.Errorf("manifest %+v, %v", m, err)
	}
	for _, p := range b.papers()[0].Pages {
		if p.State != core.PageReady && p.State != core.PageRemoved && p.BlobKey != "" {
			t.Errorf("a %s page has bytes", p.State)
		}
	}
}

func TestAVerdictIsGivenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.pending("file")
	b.verdict(p.ID, ready(1), "sha-a")
	b.verdict(p.ID, vault.Verdict{State: core.PageRejected, Reason: vault.ReasonBroken}, "sha-b")
	b.must(func(ctx context.Context, tx core.Tx) error {
		got, err := tx.Papers().Page(ctx, p.ID)
		if got.State != core.PageReady || got.SHA256 != "sha-a" {
			t.Errorf("%+v", got)
		}
		if err != nil {
			return err
		}
		jobs, err := tx.Jobs().List(ctx, "", 10)
		if err != nil {
			return err
		}
		kinds := ""
		for _, j := range jobs {
			kinds += j.Kind + " "
		}
		if kinds != vault.JobFetch+" "+identity.JobDoor+" " {
			t.Errorf("jobs %s", kinds)
		}
		e, err := identity.OpenDoorEvent(jobs[len(jobs)-1])
		if e.Kind != core.EventPage || e.PageID != p.ID || e.Group != "album" {
			t.Errorf("told %+v", e)
		}
		var f vault.Fetch
		if err := core.OpenJSON(jobs[0].Payload, &f); err != nil || f.Media.Ref != "file" || jobs[0].Account != "chat/main" {
			t.Errorf("fetch %+v of %s, %v", f, jobs[0].Account, err)
		}
		return err
	})
}

func TestAPageTakenBackStaysAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.pending("file")
	for range 2 {
		b.must(func(ctx context.Context, tx core.Tx) error {
			got, err := b.svc.Remove(ctx, tx, p.ID)
			if got.State != core.PageRemoved {
				t.Errorf("state %s", got.State)
			}
			return err
		})
	}
	b.verdict(p.ID, ready(1), "sha")
	if s := vault.StandOf(b.papers(), "decree", 0); s.Files+s.Pending != 0 {
		t.Errorf("it came back: %+v", s)
	}
	err := b.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := b.svc.RemoveLast(ctx, tx, b.draft.ID, "", "decree", 0)
		return err
	})
	if core.ErrorKey(err) != "error.page.none" {
		t.Errorf("RemoveLast of nothing: %v", err)
	}
}

func TestAddReadyTakesOnlyGoodPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := b.svc.AddReady(ctx, tx, vault.NewPage{DraftID: b.draft.ID, Requirement: "decree"},
			vault.Inspect([]byte("not a picture")), 13, "sha", "page-x")
		return err
	})
	if !core.IsCode(err, core.CodeUnsupported) || core.ErrorKey(err) != vault.ReasonType {
		t.Errorf("AddReady = %v", err)
	}
	if len(b.papers()) != 0 {
		t.Error("a refused page left a paper behind")
	}
}

// The manifest does not depend on the order of papers and leaves the agency's own
// result and later rounds out.
func TestManifest(t *testing.T) {
	t.Parallel()
	paper := func(requirement string, round int, sums ...string) core.Paper {
		p := core.Paper{Requirement: requirement, Round: round}
		for i, s := range sums {
			p.Pages = append(p.Pages, core.Page{Seq: i + 1, State: core.PageReady, Count: 1, SHA256: s})
		}
		slices.Reverse(p.Pages)
		return p
	}
	papers := []core.Paper{paper("b", 0, "1", "2"), paper("a", 0, "3"), paper("c", 0), paper("a", 1, "4"), paper(vault.RequirementResult, 0, "5")}
	for range 2 {
		slices.Reverse(papers)
		m, err := vault.Manifest(papers, 0)
		if err != nil || fmt.Sprint(m) != "[{a 1 [3]} {b 2 [1 2]}]" {
			t.Errorf("%v, %v", m, err)
		}
	}
	if m, err := vault.Manifest(papers, 1); err != nil || fmt.Sprint(m) != "[{a 1 [4]}]" {
		t.Errorf("second round: %v, %v", m, err)
	}
}

func TestReasonsAreErrorMessages(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range vault.Reasons() {
		if !strings.HasPrefix(r, "error.page.") || seen[r] {
			t.Errorf("reason %q", r)
		}
		seen[r] = true
	}
}

// A key names page and content: a second attempt with the same bytes meets its own
// blob, one with other bytes can never replace them.
func TestBlobKeyIsBoundToContent(t *testing.T) {
	t.Parallel()
	id := core.NewID(coretest.Start())
	a, b := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	key := vault.BlobKey(id, a)
	if key != vault.BlobKey(id, a) || key == vault.BlobKey(id, b) || key == vault.BlobKey(core.NewID(coretest.Start()), a) {
		t.Errorf("keys %s, %s", key, vault.BlobKey(id, b))
	}
	if len(key) < 16 || len(key) > 80 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		t.Errorf("%q is no key of a blob store", key)
	}
}
