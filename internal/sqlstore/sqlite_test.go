package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
)

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "var")
	o := &Options{Sealer: coretest.Sealer("test"), Log: quiet()}
	first, err := OpenSQLite(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(dir)
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("mode of the data directory: %v, %v", st.Mode(), err)
	}
	st, err = os.Stat(filepath.Join(dir, databaseFile))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode of the database: %v, %v", st.Mode(), err)
	}
	_, err = OpenSQLite(t.Context(), dir, o)
	if !core.IsCode(err, core.CodeFailedPrecondition) {
		t.Fatalf("a second server: %v", err)
	}
	for _, want := range []string{dir, "process " + strconv.Itoa(os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenSQLite(t.Context(), dir, o)
	if err != nil {
		t.Fatalf("after the first closed: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(t.Context(), t.TempDir(), nil); !core.IsCode(err, core.CodeInternal) {
		t.Errorf("without a sealer: %v", err)
	}
}

// queue runs first while the writer is held, lets the others wait for it, and
// lets all go on as one group. The order of the others is theirs.
func queue(t *testing.T, o *opened, first closure, others ...closure) []error {
	t.Helper()
	return queueAs(t, o, first, func() {}, context.Background(), others...)
}

// queueAs is queue for others with a context; before runs when they all wait.
func queueAs(t *testing.T, o *opened, first closure, before func(), ctx context.Context, others ...closure) []error {
	t.Helper()
	w := o.store.backend.(*sqliteStore).w
	w.mu.Lock()
	w.maxAge = time.Hour // however slow this machine is, they are one group
	w.mu.Unlock()
	errs := make([]error, 1+len(others))
	held, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		errs[0] = o.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			err := first(ctx, tx)
			once.Do(func() { close(held); <-goOn })
			return err
		})
	})
	<-held
	for i, fn := range others {
		wg.Go(func() { errs[1+i] = o.store.Update(ctx, fn) })
	}
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for w.waiting.Load() < int32(len(others)) {
		<-tick.C
	}
	before()
	close(goOn)
	wg.Wait()
	return errs
}

func (o *opened) citizen(runs *atomic.Int32) (core.ID, closure) {
	c := o.Build.Citizen()
	return c.ID, func(ctx context.Context, tx core.Tx) error {
		if runs != nil {
			runs.Add(1)
		}
		return tx.Citizens().Insert(ctx, c)
	}
}

func (o *opened) has(t *testing.T, id core.ID) bool {
	t.Helper()
	err := o.store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Citizens().Get(ctx, id)
		return err
	})
	if err != nil && !core.IsCode(err, core.CodeNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestCallersShareACommit(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	before := o.store.Stats()
	ids := make([]core.ID, 33)
	fns := make([]closure, len(ids))
	for i := range ids {
		ids[i], fns[i] = o.citizen(nil)
	}
	if err := errors.Join(queue(t, o, fns[0], fns[1:]...)...); err != nil {
		t.Fatal(err)
	}
	got := o.store.Stats().Sub(before)
	if got.Committed != int64(len(ids)) || got.Commits != 1 {
		t.Errorf("%d Updates in %d commits", got.Committed, got.Commits)
	}
	for _, id := range ids {
		if !o.has(t, id) {
			t.Fatalf("%s is not there", id)
		}
	}
}

// TestGroupIsBounded: no caller waits for more than 64 others.
func TestGroupIsBounded(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	fns := make([]closure, 2*maxGroup)
	for i := range fns {
		_, fns[i] = o.citizen(nil)
	}
	before := o.store.Stats()
	if err := errors.Join(queue(t, o, fns[0], fns[1:]...)...); err != nil {
		t.Fatal(err)
	}
	if got := o.store.Stats().Sub(before); got.Commits < 2 {
		t.Errorf("%d Updates in %d commits", got.Committed, got.Commits)
	}
}

// TestOldGroupTakesThoseWhoWait: the age of a group keeps later callers out, not
// those who wait already.
func TestOldGroupTakesThoseWhoWait(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	fns := make([]closure, 20)
	for i := range fns {
		_, fns[i] = o.citizen(nil)
	}
	before := o.store.Stats()
	w := o.store.backend.(*sqliteStore).w
	old := func() { w.maxAge = 0 } // the first still holds the writer
	if err := errors.Join(queueAs(t, o, fns[0], old, context.Background(), fns[1:]...)...); err != nil {
		t.Fatal(err)
	}
	if got := o.store.Stats().Sub(before); got.Commits != 1 || got.Committed != int64(len(fns)) {
		t.Errorf("%d Updates in %d commits", got.Committed, got.Commits)
	}
}

// TestLostGroupRunsAgain: the engine rolls the whole transaction back under one
// closure. Those who had finished run again alone; nobody's effect is doubled.
func TestLostGroupRunsAgain(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	var runs atomic.Int32
	kept, first := o.citizen(&runs)
	culprit := o.Build.Citizen()
	after := o.Build.Citizen()
	before := o.store.Stats()
	errs := queue(t, o, first, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Citizens().Insert(ctx, culprit); err != nil {
			return err
		}
		// What SQLite does on some errors.
		if _, err := tx.(*txn).e.(*sqliteEngine).conn.exec(ctx, `rollback`, nil); err != nil {
			t.Errorf("rollback: %v", err)
		}
		// This would be committed by itself.
		if err := tx.Citizens().Insert(ctx, after); !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("a statement outside the transaction: %v", err)
		}
		return nil
	})
	if errs[0] != nil {
		t.Errorf("the neighbour: %v", errs[0])
	}
	if !core.IsCode(errs[1], core.CodeUnavailable) {
		t.Errorf("the one it happened to: %v", errs[1])
	}
	if !o.has(t, kept) || o.has(t, culprit.ID) || o.has(t, after.ID) {
		t.Errorf("rows: neighbour %v, culprit %v, after %v", o.has(t, kept), o.has(t, culprit.ID), o.has(t, after.ID))
	}
	if runs.Load() != 2 {
		t.Errorf("the neighbour ran %d times, want 2", runs.Load())
	}
	if got := o.store.Stats().Sub(before); got.LostGroups != 1 {
		t.Errorf("lost groups: %d", got.LostGroups)
	}
}

// TestInterruptedWriteLosesTheGroup proves the trap that the writer avoids: with
// the caller's context on the writer, its end rolls everybody's work back.
func TestInterruptedWriteLosesTheGroup(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNeighbourContext)
	kept, first := o.citizen(nil)
	before := o.store.Stats()
	errs := queue(t, o, first, func(context.Context, core.Tx) error { return nil })
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := o.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		return tx.(*txn).Exec("test.long", `insert into packs (version, hash, bound_at)
			with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000000) select 'v' || i, '', 0 from n`)
	})
	if err == nil {
		t.Fatal("the write was not interrupted")
	}
	if got := o.store.Stats().Sub(before); got.LostGroups != 1 {
		t.Errorf("lost groups: %d, want 1: %v", got.LostGroups, err)
	}
	if !o.has(t, kept) {
		t.Error("what was committed before is gone")
	}
	_, fn := o.citizen(nil)
	if err := o.store.Update(t.Context(), fn); err != nil {
		t.Errorf("the writer does not recover: %v", err)
	}
}

func TestFailedCommitStopsTheProcess(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	ids := make([]core.ID, 8)
	fns := make([]closure, len(ids))
	for i := range ids {
		ids[i], fns[i] = o.citizen(nil)
	}
	o.BreakCommit(t)
	for i, err := range queue(t, o, fns[0], fns[1:]...) {
		if !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("caller %d: %v", i, err)
		}
		if o.has(t, ids[i]) {
			t.Errorf("row %d is there", i)
		}
	}
	if o.fatal.Load() == nil {
		t.Fatal("the process was not told to stop")
	}
	if err := o.store.Health(t.Context()); !core.IsCode(err, core.CodeUnavailable) {
		t.Errorf("Health: %v", err)
	}
}

// TestDiskFullAtCommit: the log cannot grow for the commit record. That is no
// reason to stop.
func TestDiskFullAtCommit(t *testing.T) {
	t.Parallel()
	full := sqliteFullError(t)
	o := openTestSQLite(t, mutationNone)
	fail := func() error { return full }
	o.opts.faults.commit.Store(&fail)
	id, fn := o.citizen(nil)
	if err := o.store.Update(t.Context(), fn); !core.IsCode(err, core.CodeUnavailable) {
		t.Fatalf("Update: %v", err)
	}
	if o.fatal.Load() != nil || o.has(t, id) {
		t.Fatalf("fatal: %v, row: %v", o.fatal.Load(), o.has(t, id))
	}
	if err := o.store.Update(t.Context(), fn); err != nil {
		t.Fatalf("with space again: %v", err)
	}
}

// sqliteFullError makes SQLite say SQLITE_FULL.
func sqliteFullError(t *testing.T) error {
	t.Helper()
	c, err := openSQLiteConn(sqliteDSN(filepath.Join(t.TempDir(), "full.db"), "max_page_count(2)"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, err := c.exec(t.Context(), `create table t (b blob)`, nil); err != nil {
		t.Fatal(err)
	}
	_, err = c.exec(t.Context(), `insert into t values (zeroblob(100000))`, nil)
	if sqliteCode(err) != sqliteFull {
		t.Fatalf("no SQLITE_FULL: %v", err)
	}
	return err
}

// TestCancelledWaiterCommitsTheGroup: the baton was passed on because somebody
// waited, and that caller gives up. The group is its to commit.
func TestCancelledWaiterCommitsTheGroup(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	id, first := o.citizen(nil)
	ran := false
	errs := queueAs(t, o, first, cancel, ctx, func(context.Context, core.Tx) error { ran = true; return nil })
	if errs[0] != nil || !o.has(t, id) {
		t.Errorf("the one who had run: %v", errs[0])
	}
	if !errors.Is(errs[1], context.Canceled) || ran {
		t.Errorf("the one who gave up: %v, ran: %v", errs[1], ran)
	}
}

func TestClosedStoreRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*opened{"sqlite": openTestSQLite(t, mutationNone), "postgres": openTestPostgres(t, mutationNone)} {
		for range 2 {
			if err := o.store.Close(); err != nil {
				t.Fatalf("%s: Close: %v", name, err)
			}
		}
		id, fn := o.citizen(nil)
		if err := o.store.Update(t.Context(), fn); !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("%s: Update: %v", name, err)
		}
		if err := o.store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
			_, err := tx.Citizens().Get(ctx, id)
			return err
		}); !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("%s: View: %v", name, err)
		}
	}
}

// TestCloseCommitsTheGroup: callers who ran are answered by their commit.
func TestCloseCommitsTheGroup(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	ids := make([]core.ID, 8)
	fns := make([]closure, len(ids))
	for i := range ids {
		ids[i], fns[i] = o.citizen(nil)
	}
	closed := make(chan error, 1)
	errs := queueAs(t, o, fns[0], func() { go func() { closed <- o.store.Close() }() }, context.Background(), fns[1:]...)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	o.Reopen(t, nil)
	for i, err := range errs {
		if (err == nil) != o.has(t, ids[i]) {
			t.Errorf("caller %d: %v, row: %v", i, err, o.has(t, ids[i]))
		}
		if err != nil && !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("caller %d: %v", i, err)
		}
	}
}

func TestSlowClosureIsNamed(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	var log syncBuilder
	b := o.store.base
	b.slow, b.log = -1, slog.New(slog.NewTextHandler(&log, nil))
	_, fn := o.citizen(nil)
	if err := o.store.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
	if s := log.String(); !strings.Contains(s, "citizen") || !strings.Contains(s, "held the writer") {
		t.Errorf("log: %s", s)
	}
}

type syncBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestSQLiteHealth(t *testing.T) {
	t.Parallel()
	o := &Options{Sealer: coretest.Sealer("test"), Log: quiet()}
	s, err := OpenSQLite(t.Context(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Health(t.Context()); !core.IsCode(err, core.CodeUnavailable) {
		t.Errorf("before the first migration: %v", err)
	}
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Health(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPlaceholdersGoByNumber pins what not every driver of SQLite does.
func TestPlaceholdersGoByNumber(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	var got string
	err := o.store.View(t.Context(), func(_ context.Context, tx core.Tx) error {
		return tx.(*txn).QueryRow("test", `select $2 || $1 || $2`, []any{(*text)(&got)}, "x", "y")
	})
	if err != nil || got != "yxy" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestSealedArgumentIsRefused: personal data that nobody sealed does not reach a
// statement.
func TestSealedArgumentIsRefused(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	err := o.store.Update(t.Context(), func(_ context.Context, tx core.Tx) error {
		return tx.(*txn).Exec("test", `update packs set hash = $1`, core.Sealed("Nguyễn"))
	})
	if !core.IsCode(err, core.CodeInternal) {
		t.Errorf("%v", err)
	}
}

// TestHotStatementsUseIndexes: none of them reads a table from end to end.
func TestHotStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	o := openTestSQLite(t, mutationNone)
	var mu sync.Mutex
	var seen []string
	w := o.store.backend.(*sqliteStore).w
	ctx := t.Context()
	run := func(fn closure) {
		t.Helper()
		if err := o.store.Update(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	a := o.Build.Address()
	c := o.Build.Conversation(a)
	d := o.Build.Draft("")
	run(func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Addresses().Insert(ctx, a), tx.Conversations().Insert(ctx, c), tx.Drafts().Insert(ctx, d),
			tx.Dossiers().Insert(ctx, o.Build.Dossier(d)), tx.Enqueue(ctx, o.Build.Job("k"), o.Build.Job("k")))
	})
	run(func(ctx context.Context, tx core.Tx) error {
		if _, err := tx.Conversations().ForTurnByID(ctx, c.ID); err != nil {
			return err
		}
		if _, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)}); err != nil {
			return err
		}
		if _, err := tx.Jobs().NextRunAt(ctx); err != nil {
			return err
		}
		jobs, err := tx.Jobs().Claim(ctx, core.LaneReply, "n", tx.Now(), 5)
		if err != nil || len(jobs) != 1 {
			return fmt.Errorf("%d jobs, %w", len(jobs), err)
		}
		if _, err := tx.Jobs().FreeExpired(ctx, tx.Now().Add(-time.Hour)); err != nil {
			return err
		}
		if _, err := tx.Dossiers().ByCode(ctx, "x"); !core.IsCode(err, core.CodeNotFound) {
			return err
		}
		if _, err := tx.Dossiers().Inbox(ctx, "26734", []core.DossierState{1, 2}, "", 10); err != nil {
			return err
		}
		return tx.Jobs().Complete(ctx, jobs[0].ID, jobs[0].Fence)
	})
	run(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().ClaimLanes(ctx, map[core.Lane]int{core.LaneReply: 5}, "n", tx.Now(), 5)
		if err != nil || len(jobs) != 1 {
			return fmt.Errorf("%d jobs, %w", len(jobs), err)
		}
		return tx.Jobs().CompleteAll(ctx, jobs)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for sql := range w.conn.stmts {
		mu.Lock()
		seen = append(seen, sql)
		mu.Unlock()
	}
	checked := 0
	for _, sql := range seen {
		first, _, _ := strings.Cut(sql, " ")
		switch first {
		case "select", "update", "delete", "insert", "with":
		default:
			continue
		}
		checked++
		n := strings.Count(sql, "$")
		args := make([]any, n)
		if err := w.conn.query(ctx, "explain query plan "+sql, args, func(r row) error {
			if line, _ := r.(sqliteRow)[3].(string); strings.HasPrefix(line, "SCAN") && !scanIsFine(line) {
				t.Errorf("%s\n\t%s", line, sql)
			}
			return nil
		}); err != nil {
			t.Errorf("%v\n\t%s", err, sql)
		}
	}
	if checked < 10 {
		t.Fatalf("only %d statements were looked at", checked)
	}
}

// scanIsFine: the rows of a sub-select, the first entry of an index.
func scanIsFine(line string) bool {
	for _, ok := range []string{"SCAN x", "SCAN (", "SCAN CONSTANT", "SCAN picked", "SCAN lane_", "USING COVERING INDEX jobs_ready", "SCAN 4 CONSTANT"} {
		if strings.Contains(line, ok) {
			return true
		}
	}
	return false
}
