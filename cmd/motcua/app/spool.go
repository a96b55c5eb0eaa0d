package app

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/internal/spool"
)

// SpoolDir is where a data directory keeps its spool.
func SpoolDir(dataDir string) string { return filepath.Join(dataDir, "spool") }

// openSpool opens the spool where a database elsewhere may be down while this
// process is up. The embedded store is on the same disk: what stops the one stops
// the other, so there it opens only to deliver what an earlier configuration left.
func (a *App) openSpool(context.Context, Options) error {
	dir := SpoolDir(a.cfg.DataDir)
	if a.cfg.DatabaseURL == "" {
		left, err := spool.Inspect(dir)
		if err != nil || len(left) == 0 {
			return err
		}
	} else if a.nodeFile == nil {
		a.log.Warn("another process uses the data directory: this one has no spool", "dir", a.cfg.DataDir)
		return nil
	}
	var err error
	a.spool, err = spool.Open(dir, spool.Options{Sealer: a.sealer, Clock: a.clock})
	return err
}

// spoolDoor is the spool as the Gateway sees it; nil without one.
func (a *App) spoolDoor() *channels.Spool {
	if a.spool == nil {
		return nil
	}
	return &channels.Spool{
		Append:  func(acc channels.Account, b []byte) error { return a.spool.Append(acc.String(), b) },
		Pending: func(acc channels.Account) int { return a.spool.Pending(acc.String()) },
		Next: func(acc channels.Account) (channels.Spooled, bool, error) {
			name := acc.String()
			e, ok, err := a.spool.Next(name)
			return channels.Spooled{
				Entry: e.Data,
				Done:  func() error { return a.spool.Done(name, e) },
				Park:  func() error { return a.spool.Park(name, e) },
			}, ok, err
		},
	}
}

// lookEvery is how often a drain looks whether something was spooled.
const lookEvery = 250 * time.Millisecond

// startDrains delivers what is spooled, each account by itself. The channel is
// closed once everything that was there at the start is delivered.
func (a *App) startDrains(ctx context.Context, wg *sync.WaitGroup) <-chan struct{} {
	drained := make(chan struct{})
	if a.spool == nil {
		close(drained)
		return drained
	}
	var first sync.WaitGroup
	for _, acc := range a.registry.Accounts() {
		first.Add(1)
		wg.Go(func() {
			a.Gateway.Drain(ctx, acc)
			first.Done()
			tick := time.NewTicker(lookEvery)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					a.Gateway.Drain(ctx, acc)
				}
			}
		})
	}
	go func() {
		first.Wait()
		close(drained)
	}()
	return drained
}

// spooled counts what waits in this node's spool.
func (a *App) spooled() (n int) {
	if a.spool == nil {
		return 0
	}
	for _, st := range a.spool.Status() {
		n += st.Entries
	}
	return n
}

// gaugeSpool shows how much is spooled: nothing where there is no spool.
func (a *App) gaugeSpool() {
	now := a.clock.Now()
	held := map[string]spool.Status{}
	if a.spool != nil {
		for _, st := range a.spool.Status() {
			held[st.Queue] = st
		}
	}
	for _, acc := range a.registry.Accounts() {
		st := held[acc.String()]
		age := time.Duration(0)
		if !st.Oldest.IsZero() {
			age = now.Sub(st.Oldest)
		}
		a.Metrics.Spool(acc.String(), st.Entries, age, st.Parked+st.Damaged)
	}
}
