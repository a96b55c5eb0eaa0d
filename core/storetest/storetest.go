// Package storetest is the exam that every engine of core.Store sits. Each
// promise of the contract is a Case; an engine's tests call Run with a function
// that opens an empty, migrated store.
//
// The exam is itself examined: an engine's tests break their engine on purpose
// (no fsync, an answer before the commit, a caller's context on the writer) and
// require with MustFail that the case in question notices.
//
// Only tests import it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
)

// Counts are what an engine did since it was opened.
type Counts struct {
	Statements int64 // of closures
	RoundTrips int64 // to a server; 0 for an embedded engine
	Commits    int64 // transactions committed
	LostGroups int64 // transactions the engine rolled back on its own
}

// Harness is one empty, migrated store and what a test may do to it from
// outside. Its clock is the store's clock.
type Harness struct {
	Store core.Store
	Clock *coretest.Clock
	Build *coretest.Build

	Counts func() Counts
	// Dump gives all rows as they are stored: sealed values as raw bytes or as
	// lower-case hex.
	Dump func(t testing.TB) []byte
	// SQL runs a statement beside the store.
	SQL func(t testing.TB, sql string)
	// FillDisk lets the engine find no space until heal is called.
	FillDisk func(t testing.TB) (heal func())
	// BreakCommit lets the next COMMIT fail without a known outcome.
	BreakCommit func(t testing.TB)
	// Durable reports why a commit would not survive a power cut.
	Durable func(t testing.TB) error
	// Reopen opens the same database again, with another sealer if it is given;
	// the first store stays open where the engine allows it, else it is closed.
	Reopen func(t testing.TB, sealer *core.Sealer) core.Store
}

// Case is one promise. Run gets a harness of its own.
type Case struct {
	Name string
	Run  func(t testing.TB, h *Harness)
}

// Open makes an empty, migrated store that ends with the test.
type Open func(t testing.TB) *Harness

// Cases are all promises, in the order of the contract.
func Cases() []Case {
	var all []Case
	for _, part := range [][]Case{transactionCases(), faultCases(), conversationCases(), identityCases(),
		dossierCases(), deliveryCases(), jobCases(), sealedCases(), gapCases(), budgetCases(), runnerCases()} {
		all = append(all, part...)
	}
	return all
}

// Run sits the exam.
func Run(t *testing.T, open Open) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, open(t))
		})
	}
}

// MustFail runs one case on a store that is broken on purpose and fails unless
// the case notices.
func MustFail(t *testing.T, name string, open Open) {
	t.Helper()
	for _, c := range Cases() {
		if c.Name != name {
			continue
		}
		rec := &recorder{TB: t}
		h := open(t)
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Run(rec, h)
		}()
		<-done
		if !rec.Failed() {
			t.Fatalf("the case %q does not notice that the store is broken", name)
		}
		t.Logf("noticed: %s", rec.first)
		return
	}
	t.Fatalf("there is no case %q", name)
}

// recorder is a testing.TB whose failures are expected.
type recorder struct {
	testing.TB
	mu    sync.Mutex
	first string
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == "" {
		r.first = s
	}
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first != ""
}

func (r *recorder) Helper()                   {}
func (r *recorder) Log(...any)                {}
func (r *recorder) Logf(string, ...any)       {}
func (r *recorder) Fail()                     { r.note("failed") }
func (r *recorder) Error(args ...any)         { r.note(fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, a ...any) { r.note(fmt.Sprintf(f, a...)) }
func (r *recorder) FailNow()                  { r.note("failed"); runtime.Goexit() }
func (r *recorder) Fatal(args ...any)         { r.note(fmt.Sprint(args...)); runtime.Goexit() }
func (r *recorder) Fatalf(f string, a ...any) { r.note(fmt.Sprintf(f, a...)); runtime.Goexit() }

// update runs fn and fails the test when it is not committed.
func update(t testing.TB, h *Harness, fn func(ctx context.Context, tx core.Tx) error) {
	t.Helper()
	if err := h.Store.Update(t.Context(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t testing.TB, h *Harness, fn func(ctx context.Context, tx core.Tx) error) {
	t.Helper()
	if err := h.Store.View(t.Context(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// get reads one value in a View.
func get[T any](t testing.TB, h *Harness, fn func(ctx context.Context, tx core.Tx) (T, error)) T {
	t.Helper()
	var out T
	view(t, h, func(ctx context.Context, tx core.Tx) (err error) {
		out, err = fn(ctx, tx)
		return err
	})
	return out
}

// tryUpdate and tryView give the error.
func tryUpdate(t testing.TB, h *Harness, fn func(ctx context.Context, tx core.Tx) error) error {
	return h.Store.Update(t.Context(), fn)
}

func tryView(t testing.TB, h *Harness, fn func(ctx context.Context, tx core.Tx) error) error {
	return h.Store.View(t.Context(), fn)
}

func wantCode(t testing.TB, what string, err error, code core.Code) {
	t.Helper()
	var known *core.Error
	if !errors.As(err, &known) || known.Code != code {
		t.Fatalf("%s: %v, want code %q", what, err, code)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// parallel runs fn n times at once and waits. fn must not call Fatal.
func parallel(n int, fn func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	wg.Wait()
}

// person stores an address with its conversation and gives both as stored.
func person(t testing.TB, h *Harness) (core.Address, core.Conversation) {
	t.Helper()
	a := h.Build.Address()
	c := h.Build.Conversation(a)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Addresses().Insert(ctx, a), tx.Conversations().Insert(ctx, c))
	})
	return a, c
}
