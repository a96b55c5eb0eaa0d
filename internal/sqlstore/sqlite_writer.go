package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/core"
)

// The writer commits in groups, because a commit is a write to the disk and the
// rest is not. The baton is the mutex: a caller takes it, begins the transaction
// if none is open, runs its own closure on its own goroutine inside a savepoint
// and then either commits for all who ran before it, or — when somebody waits and
// the group is small and young — passes the mutex on and waits for the commit. A
// group that grew old still takes those who waited then, and nobody who came later.
//
// Nobody is acknowledged before the commit, and nobody who ran is forgotten:
// whoever lets the mutex go with a group open has seen a waiter, and a waiter
// never leaves without taking the mutex and deciding again.

const (
	maxGroup    = 64
	maxGroupAge = 2 * time.Millisecond
)

// errGroupLost tells the members of a group to run again, each alone.
var errGroupLost = errors.New("the group's transaction was rolled back by the engine")

type group struct {
	members int // closures that ran and wait for the commit
	limit   int // of members: those who waited when the group grew old still join; 0 = young
	opened  time.Time
	done    chan struct{} // closed after err is set
	err     error
}

type writer struct {
	s       *sqliteStore
	maxAge  time.Duration // of an open group
	waiting atomic.Int32
	mu      sync.Mutex
	conn    *sqliteConn // nil after it was thrown away
	open    *group      // the transaction that is open; nil if none
	dead    error       // a COMMIT failed: nothing may be acknowledged any more
	last    int         // members of the group before
}

// update runs fn in a transaction and returns after its commit.
func (w *writer) update(ctx context.Context, fn closure) error {
	for alone := false; ; alone = true {
		g, err := w.run(ctx, fn, alone)
		if err != nil {
			return err
		}
		if w.s.mutation == mutationAckBeforeCommit {
			return nil
		}
		<-g.done
		if g.err == nil || alone || !errors.Is(g.err, errGroupLost) {
			if errors.Is(g.err, errGroupLost) {
				return core.E(core.CodeUnavailable, "store.update", "", g.err)
			}
			return g.err
		}
	}
}

// run takes the baton, runs fn in its savepoint and lets the baton go. It gives
// the group whose commit decides. Alone is a group of one.
func (w *writer) run(ctx context.Context, fn closure, alone bool) (_ *group, err error) {
	w.waiting.Add(1)
	w.mu.Lock()
	w.waiting.Add(-1)
	commitNow := alone
	defer func() {
		w.leave(commitNow)
		w.mu.Unlock()
	}()

	if w.dead != nil {
		return nil, core.E(core.CodeUnavailable, "store.update", "", w.dead)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if alone && w.open != nil {
		w.commit()
		if w.dead != nil {
			return nil, core.E(core.CodeUnavailable, "store.update", "", w.dead)
		}
	}
	if err := w.begin(); err != nil {
		return nil, err
	}
	g := w.open
	if _, err := w.control(`savepoint c`); err != nil {
		w.lose(err)
		return nil, sqliteError("store.update", err)
	}

	// From here on the savepoint is rolled back unless the closure succeeded:
	// also when it panics or ends its goroutine, which unwinds through here and
	// goes on unwinding after the baton is passed.
	kept := false
	defer func() {
		if !kept {
			w.rollbackToSavepoint()
		}
	}()
	stmtCtx := context.Background()
	if w.s.mutation == mutationNeighbourContext {
		stmtCtx = ctx
	}
	e := &sqliteEngine{s: w.s, conn: w.conn, ctx: stmtCtx}
	if err := w.s.runClosure(ctx, fn, e, false); err != nil {
		if w.conn.lost {
			return nil, core.E(core.CodeUnavailable, "store.update", "", err)
		}
		return nil, err
	}
	if w.conn.lost {
		return nil, core.E(core.CodeUnavailable, "store.update", "", errGroupLost)
	}
	if _, err := w.control(`release c`); err != nil {
		return nil, sqliteError("store.update", err)
	}
	kept = true
	g.members++
	return g, nil
}

// control runs a statement that steers the transaction.
func (w *writer) control(sql string) (int64, error) {
	w.s.stats.control.Add(1)
	return w.conn.exec(context.Background(), sql, nil)
}

// begin opens a transaction if none is open.
func (w *writer) begin() error {
	if w.open != nil {
		return nil
	}
	if w.conn == nil {
		conn, err := openSQLiteConn(w.s.writerDSN())
		if err != nil {
			return sqliteError("store.begin", err)
		}
		w.conn = conn
		if w.s.prepareWriter != nil {
			w.s.prepareWriter(conn)
		}
	}
	if _, err := w.control(`begin immediate`); err != nil {
		w.discard()
		return sqliteError("store.begin", err)
	}
	w.conn.inTx, w.conn.lost = true, false
	w.open = &group{opened: time.Now(), done: make(chan struct{})}
	return nil
}

// rollbackToSavepoint takes back what one closure wrote. When the transaction is
// gone already, so is the work of the whole group.
func (w *writer) rollbackToSavepoint() {
	if w.open == nil {
		return
	}
	if !w.conn.lost {
		_, err := w.control(`rollback to c`)
		if err == nil {
			_, err = w.control(`release c`)
		}
		if err == nil && !w.conn.lost {
			return
		}
	}
	w.lose(errGroupLost)
}

// lose ends the open group: its members run again, each alone. The connection
// is thrown away, because nothing is known about it but that it failed.
func (w *writer) lose(cause error) {
	g := w.open
	w.open = nil
	w.discard()
	if g == nil {
		return
	}
	w.s.stats.lostGroups.Add(1)
	w.s.log.Error("store: the engine rolled a group back", "members", g.members, "cause", cause)
	g.err = errGroupLost
	close(g.done)
}

func (w *writer) discard() {
	if w.conn == nil {
		return
	}
	w.conn.inTx = false
	if err := w.conn.close(); err != nil {
		w.s.log.Warn("store: closing the writer's connection", "cause", err)
	}
	w.conn = nil
}

// leave decides what becomes of the open group when the baton is let go.
func (w *writer) leave(commitNow bool) {
	g := w.open
	if g == nil {
		return
	}
	if w.conn.lost {
		w.lose(errGroupLost)
		return
	}
	if w.s.mutation == mutationAckBeforeCommit {
		w.open = nil
		go w.lateCommit(g)
		return
	}
	if commitNow || w.full(g) {
		w.commit()
	}
}

// full decides whether the open group commits now.
func (w *writer) full(g *group) bool {
	if g.members >= maxGroup {
		return true
	}
	if g.limit == 0 && time.Since(g.opened) >= w.maxAge {
		g.limit = g.members + int(w.waiting.Load())
	}
	if g.limit > 0 && g.members >= g.limit {
		return true
	}
	if w.waiting.Load() == 0 && w.last > 1 && g.limit == 0 {
		// The processors are what is short: let those who are on their way here go on
		// before the disk is asked. On an idle machine this returns at once.
		runtime.Gosched()
	}
	return w.waiting.Load() == 0
}

// commit ends the open group for good.
func (w *writer) commit() {
	g := w.open
	w.open = nil
	w.last = g.members
	if g.members == 0 {
		// Nobody kept anything.
		w.conn.inTx = false
		if _, err := w.control(`rollback`); err != nil {
			w.discard()
		}
		close(g.done)
		return
	}
	err := w.s.faults.beforeCommit()
	w.conn.inTx = false
	if err == nil {
		_, err = w.control(`commit`)
	}
	switch {
	case err == nil:
		w.s.stats.commits.Add(1)
		w.s.stats.committed.Add(int64(g.members))
	case sqliteCode(err)&0xff == sqliteFull:
		// The log could not grow: the commit record is not in it. The pages that
		// are will be written over.
		w.discard()
		g.err = core.E(core.CodeUnavailable, "store.commit", "", err)
	default:
		// After a failed fsync nobody can know what the disk holds, and trying
		// again would only look as if it worked.
		w.dead = fmt.Errorf("commit failed, the outcome is unknown: %w", err)
		g.err = core.E(core.CodeUnavailable, "store.commit", "", w.dead)
		w.discard()
	}
	close(g.done)
	if w.dead != nil {
		w.s.onFatal(w.dead)
	}
}

// lateCommit is the mutation that acknowledges first and commits afterwards.
func (w *writer) lateCommit(g *group) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil || !w.conn.inTx {
		return
	}
	w.open = g
	w.commit()
}

// close commits what callers wait for and refuses those who come later.
func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil {
		w.commit()
	}
	if w.dead == nil {
		w.dead = errors.New("the store is closed")
	}
	if w.conn == nil {
		return nil
	}
	w.conn.inTx = false
	err := w.conn.close()
	w.conn = nil
	return err
}
