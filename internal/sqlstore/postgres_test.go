package sqlstore

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/devsvc"
)

// TestDeadlockRunsAgain: two transactions take two rows in opposite order, each
// after the other has its first. The server ends one; nobody hears of it.
func TestDeadlockRunsAgain(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	a, b := o.Build.Kiosk(), o.Build.Kiosk()
	if err := o.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Kiosks().Insert(ctx, a), tx.Kiosks().Insert(ctx, b))
	}); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	before := o.store.Stats()
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, ids := range [][2]core.ID{{a.ID, b.ID}, {b.ID, a.ID}} {
		var once sync.Once
		wg.Go(func() {
			errs[i] = o.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
				if err := tx.Kiosks().Seen(ctx, ids[0], tx.Now()); err != nil {
					return err
				}
				if _, err := tx.Kiosks().Get(ctx, ids[0]); err != nil { // sends it
					return err
				}
				once.Do(func() { both.Done(); both.Wait() })
				return tx.Kiosks().Seen(ctx, ids[1], tx.Now())
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := o.store.Stats().Sub(before); got.Reruns < 1 {
		t.Error("there was no deadlock: the test shows nothing")
	}
}

// TestUpdateIsOneRoundTrip: BEGIN, the writes and COMMIT travel together.
func TestUpdateIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	write := func() Stats {
		before := o.store.Stats()
		c := o.Build.Citizen()
		if err := o.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			if err := tx.Citizens().Insert(ctx, c); err != nil {
				return err
			}
			return tx.Citizens().Save(ctx, c)
		}); err != nil {
			t.Fatal(err)
		}
		return o.store.Stats().Sub(before)
	}
	for range 3 {
		write()
	}
	best := write()
	for range 5 {
		if s := write(); s.RoundTrips < best.RoundTrips {
			best = s
		}
	}
	if best.RoundTrips != 1 || best.Commits != 1 {
		t.Errorf("%+v", best)
	}
	// A refused write in the middle takes the COMMIT with it.
	stale := o.Build.Citizen()
	err := o.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		if err := tx.Citizens().Save(ctx, stale); err != nil {
			return err
		}
		return tx.Citizens().Insert(ctx, stale)
	})
	if !core.IsCode(err, core.CodeConflict) || o.has(t, stale.ID) {
		t.Errorf("%v, row: %v", err, o.has(t, stale.ID))
	}
}

// TestUnknownCommitIsDecidedByTheInbox: the connection is lost while the COMMIT is
// on its way. Sent again, the event has one effect, whatever had happened.
func TestUnknownCommitIsDecidedByTheInbox(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	row := core.InboxRow{Channel: "test", Account: "main", EventID: "1"}
	turn := func() error {
		return o.store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			if err := tx.Inbox().Insert(ctx, row); err != nil {
				return err
			}
			if _, err := tx.Jobs().NextRunAt(ctx); err != nil {
				return err
			}
			return tx.Enqueue(ctx, o.Build.Job("k"))
		})
	}
	o.BreakCommit(t)
	if err := turn(); !core.IsCode(err, core.CodeUnavailable) {
		t.Fatalf("a lost COMMIT: %v", err)
	}
	if err := turn(); err != nil && !core.IsCode(err, core.CodeDuplicate) {
		t.Fatalf("again: %v", err)
	}
	if err := turn(); !core.IsCode(err, core.CodeDuplicate) {
		t.Fatalf("a third time: %v", err)
	}
	if err := o.store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 10)
		if len(jobs) != 1 {
			t.Errorf("%d jobs", len(jobs))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestKilledServerKeepsWhatWasAcknowledged: the database server is killed under
// writers and started again.
func TestKilledServerKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pg, err := devsvc.PostgreSQL(ctx, devsvc.PGOptions{NoSync: true, Settings: map[string]string{"synchronous_commit": "on"}})
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Stop()
	url, err := pg.NewDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	clock := coretest.NewClock()
	build := coretest.NewBuild(clock)
	s, err := OpenPostgres(ctx, url, &Options{Sealer: coretest.Sealer("test"), Clock: clock, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var acked []core.ID
	var failed atomic.Int32
	enough := make(chan struct{})
	stop := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c := build.Citizen()
				err := s.Update(ctx, func(ctx context.Context, tx core.Tx) error { return tx.Citizens().Insert(ctx, c) })
				if err != nil {
					if !core.IsCode(err, core.CodeUnavailable) {
						t.Errorf("Update: %v", err)
					}
					failed.Add(1)
					return
				}
				mu.Lock()
				acked = append(acked, c.ID)
				if len(acked) == 200 {
					once.Do(func() { close(enough) })
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	pg.Kill9()
	wg.Wait()
	close(stop)
	if failed.Load() == 0 {
		t.Fatal("no writer noticed the kill")
	}
	if err := pg.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	o := &opened{store: s}
	for _, id := range acked {
		if !o.has(t, id) {
			t.Fatalf("%s was acknowledged and is gone (of %d)", id, len(acked))
		}
	}
	c := build.Citizen()
	if err := s.Update(ctx, func(ctx context.Context, tx core.Tx) error { return tx.Citizens().Insert(ctx, c) }); err != nil {
		t.Errorf("the store does not heal: %v", err)
	}
}

func TestClockSkewMakesANodeUnready(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	o.Clock.Set(time.Now().Add(-500 * time.Millisecond))
	if err := o.store.Health(t.Context()); err != nil {
		t.Errorf("within the limit: %v", err)
	}
	for _, skew := range []time.Duration{-10 * time.Second, 10 * time.Second} {
		o.Clock.Set(time.Now().Add(skew))
		if err := o.store.Health(t.Context()); !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("%s off: %v", skew, err)
		}
	}
}

func TestUnreachableServerIsUnavailable(t *testing.T) {
	t.Parallel()
	s, err := OpenPostgres(t.Context(), "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=2",
		&Options{Sealer: coretest.Sealer("test"), Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, err := range map[string]error{
		"View":   s.View(t.Context(), func(ctx context.Context, tx core.Tx) error { _, err := tx.Drafts().Get(ctx, "x"); return err }),
		"Update": s.Update(t.Context(), func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Beat(ctx, "n") }),
		"Health": s.Health(t.Context()),
	} {
		if !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPostgresHasData(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	for _, want := range []bool{false, true} {
		got, err := PostgresHasData(t.Context(), o.url)
		if err != nil || got != want {
			t.Fatalf("%v, %v, want %v", got, err, want)
		}
		_, fn := o.citizen(nil)
		if err := o.store.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := PostgresHasData(t.Context(), "postgres://nobody@127.0.0.1:1/none?sslmode=disable"); !core.IsCode(err, core.CodeUnavailable) {
		t.Errorf("an unreachable server: %v", err)
	}
}

// TestPoolExhausted: who finds every connection busy hears of it in time.
func TestPoolExhausted(t *testing.T) {
	t.Parallel()
	o := openTestPostgres(t, mutationNone)
	opts := *o.opts
	opts.Conns = 1
	s, err := OpenPostgres(t.Context(), o.url, &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	look := func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Kiosks().List(ctx, 1)
		return err
	}
	err = s.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		if err := look(ctx, tx); err != nil { // it has the connection now, made in whatever time that takes
			return err
		}
		s.backend.(*postgresStore).acquireWait = 50 * time.Millisecond
		other := make(chan error)
		go func() { other <- s.View(context.Background(), look) }()
		if err := <-other; !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("without a free connection: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.backend.(*postgresStore).acquireWait = acquireWait
	if err := s.View(t.Context(), look); err != nil {
		t.Errorf("with a free one: %v", err)
	}
}
