package notify_test

import (
	"context"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/notify"
	"github.com/motcua/motcua/internal/sqlstore"
)

type bundle struct {
	*testing.T
	svc     *notify.Service
	store   core.Store
	clock   *coretest.Clock
	build   *coretest.Build
	dossier core.Dossier
	conv    core.Conversation
	state   core.DossierState
	seq     int
}

// setup files a dossier in a conversation on a channel, with a contact phone.
func setup(t *testing.T, channel string) *bundle {
	t.Helper()
	clock := coretest.NewClock()
	clock.Set(city(t, "2026-11-02 10:00"))
	store, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: coretest.Sealer("notify"), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	build := coretest.NewBuild(clock)
	b := &bundle{T: t, store: store, clock: clock, build: build, svc: notify.New(notify.Options{
		Pushes: func(c string) bool { return c != "screen" }, PhoneKeys: func(p string) []core.AddressKey {
			return []core.AddressKey{{Channel: "phone", Account: "main", External: p}}
		},
	})}
	a := build.Address(func(a *core.Address) { a.Channel = channel })
	b.conv = build.Conversation(a)
	draft := build.Draft("")
	b.dossier = build.Dossier(draft, func(d *core.Dossier) {
		d.ConvID = b.conv.ID
		d.Contact = core.Sealed(`{"phone":"+84901234567","locale":"en"}`)
	})
	b.must(func(ctx context.Context, tx core.Tx) error {
		for _, insert := range []func() error{
			func() error { return tx.Addresses().Insert(ctx, a) },
			func() error { return tx.Conversations().Insert(ctx, b.conv) },
			func() error { return tx.Drafts().Insert(ctx, draft) },
			func() error { return tx.Dossiers().Insert(ctx, b.dossier) },
		} {
			if err := insert(); err != nil {
				return err
			}
		}
		return nil
	})
	b.becomes(core.StateNew, core.ActorCitizen)
	return b
}

func (b *bundle) must(fn func(ctx context.Context, tx core.Tx) error) {
	b.Helper()
	if err := b.store.Update(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

// becomes adds a line to the timeline and gives its number.
func (b *bundle) becomes(to core.DossierState, who core.ActorKind) int {
	b.Helper()
	b.must(func(ctx context.Context, tx core.Tx) error {
		return tx.Dossiers().AddEvent(ctx, core.DossierEvent{DossierID: b.dossier.ID, From: b.state, To: to, Kind: "test", Actor: who, At: tx.Now()})
	})
	b.state = to
	b.seq++
	return b.seq
}

func (b *bundle) tell(seq int) time.Time {
	b.Helper()
	var until time.Time
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		until, err = b.svc.Tell(ctx, tx, dossier.Changed{DossierID: b.dossier.ID, Seq: seq})
		return err
	})
	return until
}

func (b *bundle) doors() (out []identity.DoorEvent) {
	b.Helper()
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

func (b *bundle) notices() (out []core.Notice) {
	b.Helper()
	b.must(func(ctx context.Context, tx core.Tx) error {
		var err error
		out, err = tx.Notices().ByDossier(ctx, b.dossier.ID, 50)
		return err
	})
	return out
}

func TestAChangeIsToldOnceWhereItWasFiled(t *testing.T) {
	t.Parallel()
	b := setup(t, "chat")
	seq := b.becomes(core.StateAccepted, core.ActorOfficer)
	for range 3 { // a job that was run, and died before it was finished, runs again
		if until := b.tell(seq); !until.IsZero() {
			t.Fatalf("it waits until %v", until)
		}
	}
	doors := b.doors()
	if len(doors) != 1 || doors[0].Kind != core.EventDossier || doors[0].ConvID != b.conv.ID || doors[0].DossierID != b.dossier.ID || doors[0].Seq != seq {
		t.Errorf("told %+v", doors)
	}
	if n := b.notices(); len(n) != 1 || n[0].Key != "state.2" || n[0].ConvID != b.conv.ID {
		t.Errorf("notices %+v", n)
	}
}

func TestANightIsToldInTheMorningAsOne(t *testing.T) {
	t.Parallel()
	b := setup(t, "chat")
	b.clock.Set(city(t, "2026-11-02 22:10"))
	first := b.becomes(core.StateAccepted, core.ActorOfficer)
	until := b.tell(first)
	if !until.Equal(city(t, "2026-11-03 07:30")) || len(b.doors()) != 0 || len(b.notices()) != 0 {
		t.Fatalf("until %v, %d told", until, len(b.doors()))
	}
	second := b.becomes(core.StateSupplement, core.ActorOfficer)
	b.clock.Set(until)
	for _, seq := range []int{first, second} {
		if w := b.tell(seq); !w.IsZero() {
			t.Fatalf("line %d waits until %v", seq, w)
		}
	}
	if doors := b.doors(); len(doors) != 1 || doors[0].Seq != second {
		t.Errorf("told %+v", doors)
	}
	if n := b.notices(); len(n) != 2 {
		t.Errorf("the app lists %d changes", len(n))
	}
}

func TestAQuickSecondNoticeWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	b := setup(t, "chat")
	b.tell(b.becomes(core.StateAccepted, core.ActorOfficer))
	b.clock.Add(2 * time.Minute)
	started := b.becomes(core.StateProcessing, core.ActorOfficer)
	until := b.tell(started)
	if want := city(t, "2026-11-02 10:10"); !until.Equal(want) {
		t.Fatalf("until %v, want %v", until, want)
	}
	b.clock.Add(time.Minute)
	done := b.becomes(core.StateDone, core.ActorOfficer)
	if w := b.tell(done); !w.IsZero() {
		t.Errorf("a result waits until %v", w)
	}
	b.clock.Set(until)
	b.tell(started)
	if doors := b.doors(); len(doors) != 2 || doors[1].Seq != done {
		t.Errorf("told %+v", doors)
	}
}

// A kiosk cannot be written to: the number of the declaration is told, in a
// conversation of its own that belongs to nobody.
func TestAScreenFallsBackToThePhone(t *testing.T) {
	t.Parallel()
	b := setup(t, "screen")
	b.tell(b.becomes(core.StateAccepted, core.ActorOfficer))
	b.clock.Add(time.Hour)
	b.tell(b.becomes(core.StateDone, core.ActorOfficer))
	doors := b.doors()
	if len(doors) != 2 || doors[0].ConvID == b.conv.ID || doors[0].ConvID != doors[1].ConvID {
		t.Fatalf("told %+v", doors)
	}
	b.must(func(ctx context.Context, tx core.Tx) error {
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: "phone", Account: "main", External: "+84901234567"})
		if row.Conversation.ID != doors[0].ConvID || row.Conversation.Locale != "en" || row.Conversation.CitizenID != "" || row.Address.Assurance != core.AssuranceNone {
			t.Errorf("%+v", row)
		}
		return err
	})
}

func TestWhoeverStoppedNoticesIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t, "chat")
	b.must(func(ctx context.Context, tx core.Tx) error {
		a, err := tx.Addresses().Get(ctx, b.conv.AddressID)
		if err != nil {
			return err
		}
		a.NoNotices = true
		return tx.Addresses().Update(ctx, a)
	})
	b.tell(b.becomes(core.StateSupplement, core.ActorOfficer))
	if doors := b.doors(); len(doors) != 0 {
		t.Errorf("told %+v", doors)
	}
	if n := b.notices(); len(n) != 1 || n[0].ConvID != "" {
		t.Errorf("the app lists %+v", n)
	}
}
