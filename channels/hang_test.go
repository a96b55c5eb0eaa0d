package channels

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
)

// hanging is a store that neither works nor fails.
type hanging struct {
	core.Store
	until chan struct{}
}

func (h hanging) View(context.Context, func(context.Context, core.Tx) error) error {
	<-h.until
	return core.E(core.CodeUnavailable, "store.view", "", nil)
}

// mute is a network that does not redeliver.
type mute struct{ Adapter }

func (mute) Account() Account                { return Account{Kind: "test", Name: "main"} }
func (mute) Capabilities() core.Capabilities { return core.Capabilities{Variant: "short"} }

type unseen struct{ Observer }

func (unseen) Inbound(Account, core.EventKind, string) {}

// A store that hangs does not cost the vendor its patience: what it sent is spooled
// after 8 s, and again when the store gives up, behind which nobody minds.
func TestHangingStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry, err := NewRegistry(mute{})
		if err != nil {
			t.Fatal(err)
		}
		kept := 0
		store := hanging{until: make(chan struct{})}
		g := &Gateway{
			store: store, registry: registry, clock: coretest.NewClock(), log: slog.New(slog.DiscardHandler), observe: unseen{},
			spool: &Spool{Append: func(Account, []byte) error { kept++; return nil }, Pending: func(Account) int { return kept }},
		}
		start := time.Now()
		take := func(id string) error {
			return g.Take(t.Context(), mute{}.Account(), Inbound{Events: []core.Event{
				{ID: id, Channel: "test", Account: "main", External: "p", Kind: core.EventText},
			}})
		}
		if err := take("1"); err != nil || time.Since(start) != spoolAfter || kept != 1 {
			t.Errorf("%v after %v, %d kept", err, time.Since(start), kept)
		}
		// The next one of the same person waits for the lock, and no longer.
		start = time.Now()
		if err := take("2"); err != nil || time.Since(start) != lockWait || kept != 2 {
			t.Errorf("%v after %v, %d kept", err, time.Since(start), kept)
		}
		close(store.until)
		synctest.Wait()
		if kept != 3 || len(g.locks.held) != 0 {
			t.Errorf("%d kept, %d locks held", kept, len(g.locks.held))
		}
	})
}
