package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/core"
)

// Options configure a Store. Sealer is required; the rest has defaults.
type Options struct {
	Sealer core.Sealer
	Clock  core.Clock   // default: the system clock
	Log    *slog.Logger // default: slog.Default()
	// OnFatal is called when a COMMIT of SQLite failed: what the disk holds is
	// unknown, nothing was acknowledged, and the process must end and start again.
	// The store refuses every later Update. Default: log and exit with status 70.
	// It runs while the writer is held: it must not call Update.
	OnFatal func(error)
	// Conns bounds the connections: readers of SQLite (default: one per processor,
	// 2 to 8), all of a PostgreSQL pool (default 16).
	Conns int

	mutation mutation
	faults   *faults
}

// mutation breaks the store on purpose, in tests that prove that the conformance
// suite would notice.
type mutation int

const (
	mutationNone mutation = iota
	mutationNoSync
	mutationAckBeforeCommit
	mutationNeighbourContext
)

// faults are armed by tests.
type faults struct {
	commit atomic.Pointer[func() error]
}

func (f *faults) beforeCommit() error {
	if f == nil {
		return nil
	}
	if fn := f.commit.Swap(nil); fn != nil {
		return (*fn)()
	}
	return nil
}

type closure = func(ctx context.Context, tx core.Tx) error

// backend is one engine.
type backend interface {
	view(ctx context.Context, fn closure) error
	update(ctx context.Context, fn closure) error
	migrate(ctx context.Context) error
	health(ctx context.Context) error
	close() error
}

// Store is a core.Store on one of the engines.
type Store struct {
	*base
	backend
}

var _ core.Store = (*Store)(nil)

// base is what both engines share.
type base struct {
	sealer   core.Sealer
	clock    core.Clock
	log      *slog.Logger
	onFatal  func(error)
	mutation mutation
	faults   *faults
	slow     time.Duration // a closure that takes longer is named in the log
	stats    counters
}

func newBase(o *Options) (*base, error) {
	if o == nil || o.Sealer.Seal == nil || o.Sealer.Open == nil || o.Sealer.Hash == nil {
		return nil, core.Ef(core.CodeInternal, "store.open", "", "Options.Sealer is required")
	}
	b := &base{sealer: o.Sealer, clock: o.Clock, log: o.Log, onFatal: o.OnFatal, mutation: o.mutation, faults: o.faults, slow: slowClosure}
	if b.clock == nil {
		b.clock = core.SystemClock{}
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	if b.onFatal == nil {
		b.onFatal = func(err error) {
			b.log.Error("store: stopping, because a commit failed and its outcome is unknown", "cause", err)
			os.Exit(70)
		}
	}
	return b, nil
}

type counters struct {
	statements, control, roundTrips, commits, committed, lostGroups, reruns atomic.Int64
}

// Stats are counters since the store was opened.
type Stats struct {
	Statements int64 // of closures: BEGIN, SAVEPOINT, COMMIT and the like are Control
	Control    int64
	RoundTrips int64 // to PostgreSQL: a request and its answer; counted on the wire
	Commits    int64 // transactions that were committed
	Committed  int64 // Updates that returned nil after one
	LostGroups int64 // groups that SQLite rolled back on its own
	Reruns     int64 // closures that ran again: serialisation, deadlock, a lost group
}

// Stats reads the counters.
func (s *Store) Stats() Stats {
	c := &s.stats
	return Stats{c.statements.Load(), c.control.Load(), c.roundTrips.Load(), c.commits.Load(), c.committed.Load(),
		c.lostGroups.Load(), c.reruns.Load()}
}

// Sub gives what happened between two readings.
func (a Stats) Sub(b Stats) Stats {
	return Stats{a.Statements - b.Statements, a.Control - b.Control, a.RoundTrips - b.RoundTrips, a.Commits - b.Commits,
		a.Committed - b.Committed, a.LostGroups - b.LostGroups, a.Reruns - b.Reruns}
}

// insideKey marks the context of a closure.
type insideKey struct{}

// View implements core.Store. Each statement sees what was committed before it.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, tx core.Tx) error) error {
	if err := begin(ctx, "store.view"); err != nil {
		return err
	}
	return s.view(ctx, fn)
}

// Update implements core.Store.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, tx core.Tx) error) error {
	if err := begin(ctx, "store.update"); err != nil {
		return err
	}
	return s.update(ctx, fn)
}

// begin refuses a transaction inside another: it would wait for the writer that
// its own caller holds.
func begin(ctx context.Context, op string) error {
	if ctx.Value(insideKey{}) != nil {
		return core.Ef(core.CodeInternal, op, "", "inside a transaction: use its Tx")
	}
	return ctx.Err()
}

// Migrate brings the schema up to date. Several nodes may call it at once.
func (s *Store) Migrate(ctx context.Context) error { return s.migrate(ctx) }

// Health reports why the store is not ready: unavailable with the cause.
func (s *Store) Health(ctx context.Context) error { return s.health(ctx) }

// Close lets running closures end and refuses later ones with unavailable. A
// second call does nothing.
func (s *Store) Close() error { return s.backend.close() }

// slowClosure is how long a closure may hold the one writer of SQLite without being
// named. On PostgreSQL a closure holds nobody up but its own caller, and its time
// includes the round trips.
const slowClosure = 20 * time.Millisecond

var errEnded = errors.New("the transaction has ended")

// runClosure runs fn with a Tx over e, and gives the error that Update returns:
// the closure's own, or that of a write it made.
func (b *base) runClosure(ctx context.Context, fn closure, e engine, readOnly bool) error {
	started := time.Now()
	t := &txn{e: e, sealer: b.sealer, at: b.clock.Now().UTC().Truncate(time.Microsecond), readOnly: readOnly}
	// A Tx that outlives its closure must not reach a connection of somebody else.
	defer func() { t.err = core.E(core.CodeInternal, "store.tx", "", errEnded) }()
	err := fn(context.WithValue(ctx, insideKey{}, true), t)
	if took := time.Since(started); took > b.slow && !readOnly && e.dialect().oneWriter {
		b.log.Warn("store: a closure held the writer", "took", took,
			"func", runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name())
	}
	if err != nil {
		return err
	}
	return t.err
}
