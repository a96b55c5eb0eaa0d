package identity_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/internal/sqlstore"
)

type bundle struct {
	*testing.T
	svc   *identity.Service
	store core.Store
	clock *coretest.Clock
	build *coretest.Build
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := coretest.NewClock()
	store, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: coretest.Sealer("identity"), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &bundle{T: t, svc: identity.New(rand.Reader), store: store, clock: clock, build: coretest.NewBuild(clock)}
}

func (b *bundle) update(fn func(ctx context.Context, tx core.Tx) error) error {
	b.Helper()
	return b.store.Update(b.Context(), fn)
}

func (b *bundle) must(fn func(ctx context.Context, tx core.Tx) error) {
	b.Helper()
	if err := b.update(fn); err != nil {
		b.Fatal(err)
	}
}

// jobs gives the door events that wait.
func (b *bundle) doors() []identity.DoorEvent {
	b.Helper()
	var out []identity.DoorEvent
	b.must(func(ctx context.Context, tx core.Tx) error {
		out = nil
		jobs, err := tx.Jobs().List(ctx, "", 50)
		for _, j := range jobs {
			e, err := identity.OpenDoorEvent(j)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return err
	})
	return out
}

func TestEnsureIsDoneOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key := core.AddressKey{Channel: "chat", Account: "main", External: "4711"}
	var first core.Citizen
	for i := range 2 {
		b.must(func(ctx context.Context, tx core.Tx) error {
			a, err := b.svc.EnsureAddress(ctx, tx, key, core.AssuranceNone)
			if err != nil {
				return err
			}
			c, a, err := b.svc.EnsureCitizen(ctx, tx, a)
			if err != nil {
				return err
			}
			if i == 0 {
				first = c
			}
			if c.ID != first.ID || a.CitizenID != c.ID || c.Assurance != core.AssuranceNone {
				t.Errorf("round %d: citizen %s of %s at %d", i, c.ID, first.ID, c.Assurance)
			}
			return nil
		})
	}
}

func TestAssuranceOnlyRises(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.build.Citizen()
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Citizens().Insert(ctx, c) })
	for _, step := range []struct{ to, want core.Assurance }{
		{core.AssuranceEID, core.AssuranceEID}, {core.AssuranceAddress, core.AssuranceEID}, {core.AssuranceNone, core.AssuranceEID},
	} {
		b.must(func(ctx context.Context, tx core.Tx) error {
			_, err := b.svc.Raise(ctx, tx, c.ID, step.to)
			return err
		})
		b.must(func(ctx context.Context, tx core.Tx) error {
			got, err := tx.Citizens().Get(ctx, c.ID)
			if got.Assurance != step.want {
				t.Errorf("after %d: %d", step.to, got.Assurance)
			}
			return err
		})
	}
}

// The phone and the chat of one person are one citizen once the number is proved
// on both; a number that merely wrote in pulls nobody to it.
func TestProveJoinsTheAddressesOfOnePerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		proved bool // whether the phone's address was proved before
	}{{"proved before", true}, {"only seen before", false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			phone := core.AddressKey{Channel: "phone", Account: "main", External: "+84901234567"}
			chat := core.AddressKey{Channel: "chat", Account: "main", External: "4711"}
			var owner core.Citizen
			b.must(func(ctx context.Context, tx core.Tx) error {
				a, err := b.svc.EnsureAddress(ctx, tx, phone, core.AssuranceNone)
				if err != nil {
					return err
				}
				if owner, a, err = b.svc.EnsureCitizen(ctx, tx, a); err != nil || !c.proved {
					return err
				}
				owner, _, err = b.svc.Prove(ctx, tx, a, phone.External)
				return err
			})
			b.must(func(ctx context.Context, tx core.Tx) error {
				a, err := b.svc.EnsureAddress(ctx, tx, chat, core.AssuranceNone)
				if err != nil {
					return err
				}
				got, a, err := b.svc.Prove(ctx, tx, a, "0901 234 567", phone)
				if err != nil {
					return err
				}
				if (got.ID == owner.ID) != c.proved || a.CitizenID != got.ID {
					t.Errorf("citizen %s, the phone's is %s", got.ID, owner.ID)
				}
				if got.Assurance != core.AssuranceAddress || a.Assurance != core.AssuranceAddress {
					t.Errorf("assurance %d and %d", got.Assurance, a.Assurance)
				}
				var p core.CitizenProfile
				if err := core.OpenJSON(got.Profile, &p); err != nil || p.Phone != "+84901234567" {
					t.Errorf("profile %+v, %v", p, err)
				}
				return nil
			})
		})
	}
}

func TestAProvedAddressIsNotTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, other := b.build.Citizen(), b.build.Citizen()
	a := b.build.Address(func(a *core.Address) { a.CitizenID, a.Assurance = owner.ID, core.AssuranceAddress })
	b.must(func(ctx context.Context, tx core.Tx) error {
		for _, c := range []core.Citizen{owner, other} {
			if err := tx.Citizens().Insert(ctx, c); err != nil {
				return err
			}
		}
		return tx.Addresses().Insert(ctx, a)
	})
	err := b.update(func(ctx context.Context, tx core.Tx) error {
		_, err := b.svc.Link(ctx, tx, a, other.ID, core.AssuranceEID)
		return err
	})
	if core.ErrorKey(err) != "error.address.taken" {
		t.Errorf("Link = %v", err)
	}
}

// given stores a conversation with an open draft and gives a code for it.
func (b *bundle) given(owner core.ID, change ...func(*core.Draft)) (code string, draft core.Draft, conv core.Conversation) {
	b.Helper()
	a := b.build.Address()
	conv = b.build.Conversation(a)
	draft = b.build.Draft(owner, change...)
	b.must(func(ctx context.Context, tx core.Tx) error {
		if err := tx.Addresses().Insert(ctx, a); err != nil {
			return err
		}
		if err := tx.Conversations().Insert(ctx, conv); err != nil {
			return err
		}
		if err := tx.Drafts().Insert(ctx, draft); err != nil {
			return err
		}
		var err error
		code, _, err = b.svc.NewHandOff(ctx, tx, draft.ID, conv.ID)
		return err
	})
	return code, draft, conv
}

func (b *bundle) redeem(code string, to identity.To) (identity.Moved, error) {
	b.Helper()
	var m identity.Moved
	err := b.update(func(ctx context.Context, tx core.Tx) error {
		var err error
		m, err = b.svc.Redeem(ctx, tx, code, to)
		return err
	})
	return m, err
}

func TestRedeemMovesADraftOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, draft, conv := b.given("")
	m, err := b.redeem(identity.FormatHandOff(code), identity.To{Channel: "kiosk"})
	if err != nil || m.Draft.ID != draft.ID || m.Draft.Holder != "kiosk" || m.FromConv != conv.ID || m.Same {
		t.Fatalf("%+v, %v", m, err)
	}
	if doors := b.doors(); len(doors) != 1 || doors[0].Kind != core.EventMoved || doors[0].ConvID != conv.ID || doors[0].DraftID != draft.ID || doors[0].Text != "kiosk" {
		t.Errorf("the old conversation is told %+v", doors)
	}
	if _, err := b.redeem(code, identity.To{Channel: "app"}); core.ErrorKey(err) != "error.handoff.used" {
		t.Errorf("a second time: %v", err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Drafts().Get(ctx, draft.ID)
		if d.Holder != "kiosk" {
			t.Errorf("held by %q", d.Holder)
		}
		return err
	})
}

func TestRedeemedByManyAtOnceMovesOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, _, _ := b.given("")
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 16 {
		wg.Go(func() {
			_, err := b.redeem(code, identity.To{Channel: "app"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !core.IsCode(err, core.CodeFailedPrecondition) && !core.IsCode(err, core.CodeConflict):
				t.Errorf("a loser got %v", err)
			}
		})
	}
	wg.Wait()
	if won != 1 || len(b.doors()) != 1 {
		t.Errorf("%d moved it, %d events", won, len(b.doors()))
	}
}

func TestRedeemRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, _, conv := b.given("")
	if m, err := b.redeem(code, identity.To{ConvID: conv.ID, Channel: "test"}); err != nil || !m.Same {
		t.Errorf("sent back where it came from: %+v, %v", m, err)
	}
	b.clock.Add(identity.HandOffLife)
	if _, err := b.redeem(code, identity.To{Channel: "app"}); core.ErrorKey(err) != "error.handoff.expired" {
		t.Errorf("after its time: %v", err)
	}
	stranger, err := identity.NewHandOffCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{stranger, "khaisinh", ""} {
		if _, err := b.redeem(s, identity.To{Channel: "app"}); core.ErrorKey(err) != "error.handoff.unknown" {
			t.Errorf("%q: %v", s, err)
		}
	}
	code, draft, _ := b.given("")
	b.must(func(ctx context.Context, tx core.Tx) error {
		draft.State = core.DraftSubmitted
		return tx.Drafts().Save(ctx, draft)
	})
	if _, err := b.redeem(code, identity.To{Channel: "app"}); core.ErrorKey(err) != "error.draft.closed" {
		t.Errorf("a submitted draft: %v", err)
	}
}

// The draft belongs to the better proved side.
func TestWhoOwnsAMovedDraft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		owner, to core.Assurance
		known     bool // somebody owns it before
		arrives   bool // somebody is known at the new side
		moves     bool
	}{
		{"nobody before", 0, core.AssuranceAddress, false, true, true},
		{"nobody after", core.AssuranceAddress, 0, true, false, false},
		{"both proved alike", core.AssuranceAddress, core.AssuranceAddress, true, true, true},
		{"better proved before", core.AssuranceEID, core.AssuranceAddress, true, true, false},
		{"better proved after", core.AssuranceAddress, core.AssuranceEID, true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			owner := b.build.Citizen(func(x *core.Citizen) { x.Assurance = c.owner })
			comer := b.build.Citizen(func(x *core.Citizen) { x.Assurance = c.to })
			b.must(func(ctx context.Context, tx core.Tx) error {
				if err := tx.Citizens().Insert(ctx, owner); err != nil {
					return err
				}
				return tx.Citizens().Insert(ctx, comer)
			})
			before, to := core.ID(""), identity.To{Channel: "app", Assurance: c.to}
			if c.known {
				before = owner.ID
			}
			if c.arrives {
				to.CitizenID = comer.ID
			}
			code, _, _ := b.given(before)
			m, err := b.redeem(code, to)
			if err != nil {
				t.Fatal(err)
			}
			want := before
			if c.moves {
				want = comer.ID
			}
			if m.Draft.CitizenID != want {
				t.Errorf("owned by %q, want %q", m.Draft.CitizenID, want)
			}
		})
	}
}

func TestUploadLinkLivesUntilItIsFinished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, draft, conv := b.given("")
	var token string
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		token, _, err = b.svc.NewLink(ctx, tx, core.Link{DraftID: draft.ID, ConvID: conv.ID})
		return err
	})
	open := func(token string) error {
		return b.update(func(ctx context.Context, tx core.Tx) error {
			l, err := b.svc.OpenLink(ctx, tx, token)
			if err == nil && l.DraftID != draft.ID {
				t.Errorf("link of %s", l.DraftID)
			}
			return err
		})
	}
	if err := open(token); err != nil {
		t.Errorf("a fresh link: %v", err)
	}
	for _, s := range []string{"", "short", "0000000000000000"} {
		if err := open(s); core.ErrorKey(err) != "error.link.unknown" {
			t.Errorf("%q: %v", s, err)
		}
	}
	for range 2 {
		b.must(func(ctx context.Context, tx core.Tx) error {
			_, err := b.svc.FinishLink(ctx, tx, token)
			return err
		})
	}
	if doors := b.doors(); len(doors) != 1 || doors[0].Kind != core.EventUploaded || doors[0].ConvID != conv.ID {
		t.Errorf("finished twice: %+v", doors)
	}
	if err := open(token); core.ErrorKey(err) != "error.link.finished" {
		t.Errorf("a finished link: %v", err)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		token, _, err = b.svc.NewLink(ctx, tx, core.Link{DraftID: draft.ID})
		return err
	})
	b.clock.Add(identity.LinkLife - time.Second)
	if err := open(token); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	b.clock.Add(time.Second)
	if err := open(token); core.ErrorKey(err) != "error.link.expired" {
		t.Errorf("at its end: %v", err)
	}
}

func TestNoticesAreSwitched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.build.Address()
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Addresses().Insert(ctx, a) })
	for _, on := range []bool{false, true} {
		b.must(func(ctx context.Context, tx core.Tx) error { return b.svc.SetNotices(ctx, tx, a.ID, on) })
		b.must(func(ctx context.Context, tx core.Tx) error {
			got, err := tx.Addresses().Get(ctx, a.ID)
			if got.NoNotices == on {
				t.Errorf("notices %v: NoNotices %v", on, got.NoNotices)
			}
			return err
		})
	}
}
