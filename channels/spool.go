package channels

import (
	"context"
	"encoding/json"
	mathrand "math/rand/v2"
	"time"

	"github.com/motcua/motcua/core"
)

// Spool keeps on this node's disk what vendors that do not redeliver sent while
// the store was down. It is a struct of functions because there is one
// implementation, which the middle must not import.
type Spool struct {
	// Append keeps an entry of an account, durably; unavailable when it cannot.
	Append func(acc Account, entry []byte) error
	// Pending counts the entries of an account that wait.
	Pending func(acc Account) int
	// Next gives the oldest entry; ok is false when there is none.
	Next func(acc Account) (next Spooled, ok bool, err error)
}

// Spooled is the oldest entry of an account.
type Spooled struct {
	Entry []byte       // nil when it cannot be read
	Done  func() error // takes it away
	Park  func() error // puts it aside for an operator
}

// spoolEntry is what is kept of one thing a vendor told: one of the two.
type spoolEntry struct {
	Event  *core.Event `json:"event,omitempty"`
	Status *Status     `json:"status,omitempty"`
}

const (
	// spoolAfter is how long an event may hang in a store that neither works nor
	// fails before it is spooled beside: the vendor waits 15 s for its answer.
	spoolAfter = 8 * time.Second
	// spoolTries is how often the oldest entry may fail while the store works.
	spoolTries = 10
)

// spools reports whether what an adapter's vendor sends is spooled when it cannot
// be stored.
func (g *Gateway) spools(a Adapter) bool { return g.spool != nil && !a.Capabilities().Redelivers }

// takeOrSpool is Take for vendors that would not send again.
func (g *Gateway) takeOrSpool(ctx context.Context, adapter Adapter, in Inbound) error {
	acc := adapter.Account()
	for _, s := range in.Statuses {
		if g.spool.Pending(acc) == 0 {
			err := g.Report(ctx, acc, s)
			if !core.IsCode(err, core.CodeUnavailable) {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := g.keepStatus(acc, s); err != nil {
			return err
		}
	}
	for _, ev := range in.Events {
		if err := g.deliverOrSpool(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}

// takeLater spools everything at once: the node has more to do than it should.
func (g *Gateway) takeLater(_ context.Context, acc Account, in Inbound) error {
	for _, s := range in.Statuses {
		if err := g.keepStatus(acc, s); err != nil {
			return err
		}
	}
	for _, ev := range in.Events {
		adapter, err := g.admit(&ev)
		if err != nil {
			return err
		}
		if adapter == nil {
			continue
		}
		if err := g.keepEvent(acc, ev); err != nil {
			return err
		}
	}
	return nil
}

// deliverOrSpool delivers an event, or spools it when that is not possible now or
// would overtake what is spooled. The spool is looked at, and appended to, while
// the conversation is held: else the next message of the same person could pass in
// between.
func (g *Gateway) deliverOrSpool(ctx context.Context, ev core.Event) error {
	adapter, err := g.admit(&ev)
	if err != nil || adapter == nil {
		return err
	}
	acc := adapter.Account()
	release, err := g.locks.acquire(ctx, lockKey(g.registry.key(ev)))
	if err != nil {
		return g.keepEvent(acc, ev)
	}
	if g.spool.Pending(acc) > 0 {
		defer release()
		return g.keepEvent(acc, ev)
	}
	// On a goroutine of its own, because a store that hangs does not end with ctx.
	// Those that hang are at most the webhooks in flight: later ones of the account
	// go behind the spool.
	failed := make(chan error, 1)
	go func() {
		defer release()
		err := g.deliver(ctx, adapter, ev)
		if core.IsCode(err, core.CodeUnavailable) {
			err = g.keepEvent(acc, ev)
		}
		failed <- err
	}()
	t := time.NewTimer(spoolAfter)
	defer t.Stop()
	select {
	case err := <-failed:
		return err
	case <-t.C:
		// It may yet be stored, or spooled twice: its inbox row decides.
		return g.keepEvent(acc, ev)
	}
}

func (g *Gateway) keepEvent(acc Account, ev core.Event) error {
	err := g.keepEntry(acc, spoolEntry{Event: &ev})
	if err == nil {
		g.observe.Inbound(acc, ev.Kind, "spooled")
	}
	return err
}

func (g *Gateway) keepStatus(acc Account, s Status) error {
	return g.keepEntry(acc, spoolEntry{Status: &s})
}

func (g *Gateway) keepEntry(acc Account, e spoolEntry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return core.E(core.CodeInternal, "channels.spool", "", err)
	}
	return g.spool.Append(acc, b)
}

// Drain delivers what is spooled of an account, oldest first, until nothing is
// left or ctx ends; while the store is down it tries again and again. An entry
// that comes a second time after a crash is a duplicate to its inbox row. One that
// fails though the store works is put aside: it holds nothing up.
func (g *Gateway) Drain(ctx context.Context, acc Account) {
	fails, stuck := 0, 0
	for ctx.Err() == nil {
		next, ok, err := g.spool.Next(acc)
		if err == nil && !ok {
			return
		}
		if err == nil {
			err = g.unspool(ctx, acc, next, stuck)
		}
		if err == nil {
			fails, stuck = 0, 0
			continue
		}
		if fails++; fails == 1 || fails%100 == 0 {
			g.log.Warn("the spool waits", "account", acc.String(), "code", core.ErrorCode(err), "cause", err.Error())
		}
		if stuck++; !g.storeWorks(ctx) {
			stuck = 0
		}
		pause(ctx, min(200*time.Millisecond<<min(fails-1, 5), 5*time.Second))
	}
}

// pause waits for d, less up to a half so that nodes do not knock together.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d/2 + mathrand.N(d/2))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// unspool handles the oldest entry, which failed so often while the store worked.
// An error means that it stays.
func (g *Gateway) unspool(ctx context.Context, acc Account, next Spooled, stuck int) error {
	var e spoolEntry
	err := json.Unmarshal(next.Entry, &e)
	switch {
	case err != nil: // damaged, or of another key
	case e.Event != nil:
		err = g.Deliver(ctx, *e.Event)
	case e.Status != nil:
		err = g.Report(ctx, acc, *e.Status)
	}
	switch {
	case err == nil:
		return next.Done()
	case ctx.Err() != nil, core.IsCode(err, core.CodeUnavailable) && stuck < spoolTries:
		return err
	}
	g.log.Error("a spooled entry was put aside", "account", acc.String(), "code", core.ErrorCode(err))
	g.observe.Inbound(acc, "spooled", "parked")
	return next.Park()
}

// storeWorks asks for something that costs nothing.
func (g *Gateway) storeWorks(ctx context.Context) bool {
	return g.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Jobs().NextRunAt(ctx)
		return err
	}) == nil
}
