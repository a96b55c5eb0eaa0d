package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func transactionCases() []Case {
	return []Case{
		{"update commits before it returns", updateCommits},
		{"an error rolls back and comes back as it is", errorRollsBack},
		{"nothing is seen before the commit", invisibleBeforeCommit},
		{"a write inside View is refused", writeInView},
		{"View and Update inside a closure are refused", nestedRefused},
		{"a transaction that ended is refused", endedRefused},
		{"a context that ended before the closure", cancelledBefore},
		{"a neighbour's cancelled context", cancelledNeighbour},
		{"a closure that panics", panicRollsBack},
		{"a closure that ends its goroutine", goexitRollsBack},
		{"the first failed write stands", firstFailureStands},
		{"a buffered failure keeps its code", bufferedFailure},
		{"Now is fixed for a closure", nowFixed},
		{"text that is no clean UTF-8", dirtyText},
		{"many writers, one effect each", manyWriters},
		{"closures that meet in opposite order", oppositeOrder},
	}
}

func insertCitizen(c core.Citizen) func(ctx context.Context, tx core.Tx) error {
	return func(ctx context.Context, tx core.Tx) error { return tx.Citizens().Insert(ctx, c) }
}

// stored reports whether a citizen is there, in a new transaction.
func stored(t testing.TB, h *Harness, id core.ID) bool {
	t.Helper()
	err := h.Store.View(context.Background(), func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Citizens().Get(ctx, id)
		return err
	})
	if err != nil && !core.IsCode(err, core.CodeNotFound) {
		t.Errorf("View: %v", err)
	}
	return err == nil
}

func updateCommits(t testing.TB, h *Harness) {
	for range 20 {
		c := h.Build.Citizen()
		update(t, h, insertCitizen(c))
		if !stored(t, h, c.ID) {
			t.Fatal("Update returned nil and the row is not there")
		}
	}
}

func errorRollsBack(t testing.TB, h *Harness) {
	c := h.Build.Citizen()
	mine := errors.New("mine")
	err := tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Citizens().Insert(ctx, c); err != nil {
			return err
		}
		if _, err := tx.Citizens().Get(ctx, c.ID); err != nil { // the write has reached the engine
			return err
		}
		return mine
	})
	if err != mine {
		t.Fatalf("Update: %v, want the closure's own error", err)
	}
	if stored(t, h, c.ID) {
		t.Fatal("a rolled back row is there")
	}
}

func invisibleBeforeCommit(t testing.TB, h *Harness) {
	c := h.Build.Citizen()
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Citizens().Insert(ctx, c); err != nil {
			return err
		}
		if _, err := tx.Citizens().Get(ctx, c.ID); err != nil {
			return err
		}
		if stored(t, h, c.ID) {
			t.Error("another transaction sees a row before its commit")
		}
		return nil
	})
}

func writeInView(t testing.TB, h *Harness) {
	c := h.Build.Citizen()
	wantCode(t, "a write in View", tryView(t, h, insertCitizen(c)), core.CodeInternal)
	wantCode(t, "a counter in View", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Dossiers().NextNumber(ctx, "a", "20261102")
		return err
	}), core.CodeInternal)
	wantCode(t, "a claim in View", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Jobs().Claim(ctx, core.LaneReply, "n", tx.Now(), 1)
		return err
	}), core.CodeInternal)
	if stored(t, h, c.ID) {
		t.Fatal("View wrote")
	}
}

func nestedRefused(t testing.TB, h *Harness) {
	none := func(context.Context, core.Tx) error { return nil }
	update(t, h, func(ctx context.Context, _ core.Tx) error {
		if err := h.Store.Update(ctx, none); !core.IsCode(err, core.CodeInternal) {
			t.Errorf("Update in Update: %v", err)
		}
		if err := h.Store.View(ctx, none); !core.IsCode(err, core.CodeInternal) {
			t.Errorf("View in Update: %v", err)
		}
		return nil
	})
	view(t, h, func(ctx context.Context, _ core.Tx) error {
		if err := h.Store.Update(ctx, none); !core.IsCode(err, core.CodeInternal) {
			t.Errorf("Update in View: %v", err)
		}
		return nil
	})
	c := h.Build.Citizen()
	update(t, h, insertCitizen(c)) // the writer is free again
}

func endedRefused(t testing.TB, h *Harness) {
	var kept core.Tx
	update(t, h, func(_ context.Context, tx core.Tx) error { kept = tx; return nil })
	c := h.Build.Citizen()
	wantCode(t, "a Tx after its end", kept.Citizens().Insert(t.Context(), c), core.CodeInternal)
	if stored(t, h, c.ID) {
		t.Fatal("a Tx wrote after its end")
	}
}

func cancelledBefore(t testing.TB, h *Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	note := func(context.Context, core.Tx) error { ran = true; return nil }
	if err := h.Store.Update(ctx, note); !errors.Is(err, context.Canceled) {
		t.Fatalf("Update: %v, want the context's error", err)
	}
	if err := h.Store.View(ctx, note); !errors.Is(err, context.Canceled) {
		t.Fatalf("View: %v, want the context's error", err)
	}
	if ran {
		t.Fatal("the closure ran")
	}
}

// cancelledNeighbour: callers whose contexts end while their closures run, among
// callers who know nothing of it. All had begun: all are committed, and the
// engine was never made to give a transaction up.
func cancelledNeighbour(t testing.TB, h *Harness) {
	before := h.Counts()
	const n = 48
	ids := make([]core.ID, n)
	errs := make([]error, n)
	parallel(n, func(i int) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		c := h.Build.Citizen()
		ids[i] = c.ID
		errs[i] = h.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
			if err := tx.Citizens().Insert(ctx, c); err != nil {
				return err
			}
			if i%3 == 0 {
				cancel()
			}
			if _, err := tx.Citizens().Get(ctx, c.ID); err != nil {
				return err
			}
			c.Version = 1
			return tx.Citizens().Save(ctx, c)
		})
	})
	for i := range n {
		// One that was cancelled before its turn came may say so.
		if errs[i] != nil {
			t.Fatalf("caller %d of %d: %v", i, n, errs[i])
		}
		if !stored(t, h, ids[i]) {
			t.Fatalf("caller %d was acknowledged and its row is not there", i)
		}
	}
	equal(t, "transactions the engine gave up", h.Counts().LostGroups-before.LostGroups, 0)
}

// among runs odd callers beside even ones that write one citizen each, and
// requires that all writers are committed.
func among(t testing.TB, h *Harness, odd func(i int)) {
	t.Helper()
	const n = 40
	ids := make([]core.ID, n)
	errs := make([]error, n)
	parallel(n, func(i int) {
		if i%4 == 3 {
			odd(i)
			return
		}
		c := h.Build.Citizen()
		ids[i] = c.ID
		errs[i] = h.Store.Update(context.Background(), insertCitizen(c))
	})
	for i := range n {
		if errs[i] != nil {
			t.Fatalf("neighbour %d: %v", i, errs[i])
		}
		if ids[i] != "" && !stored(t, h, ids[i]) {
			t.Fatalf("neighbour %d was acknowledged and its row is not there", i)
		}
	}
}

func panicRollsBack(t testing.TB, h *Harness) {
	var mu sync.Mutex
	var lost []core.ID
	among(t, h, func(int) {
		c := h.Build.Citizen()
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
			mu.Lock()
			lost = append(lost, c.ID)
			mu.Unlock()
		}()
		_ = h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			_ = tx.Citizens().Insert(ctx, c)
			_, _ = tx.Citizens().Get(ctx, c.ID)
			panic("on purpose")
		})
	})
	for _, id := range lost {
		if stored(t, h, id) {
			t.Fatal("the row of a closure that panicked is there")
		}
	}
}

func goexitRollsBack(t testing.TB, h *Harness) {
	var mu sync.Mutex
	var lost []core.ID
	among(t, h, func(int) {
		c := h.Build.Citizen()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
				_ = tx.Citizens().Insert(ctx, c)
				_, _ = tx.Citizens().Get(ctx, c.ID)
				runtime.Goexit()
				return nil
			})
		}()
		<-done
		mu.Lock()
		lost = append(lost, c.ID)
		mu.Unlock()
	})
	for _, id := range lost {
		if stored(t, h, id) {
			t.Fatal("the row of a closure that ended its goroutine is there")
		}
	}
}

func firstFailureStands(t testing.TB, h *Harness) {
	c, other := h.Build.Citizen(), h.Build.Citizen()
	update(t, h, insertCitizen(c))
	err := tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		_ = tx.Citizens().Insert(ctx, other)
		_ = tx.Citizens().Insert(ctx, c) // taken: the closure looks away
		_ = tx.Citizens().Insert(ctx, h.Build.Citizen())
		return nil
	})
	wantCode(t, "a swallowed duplicate", err, core.CodeDuplicate)
	if stored(t, h, other.ID) {
		t.Fatal("a transaction with a failed write was kept")
	}
}

func bufferedFailure(t testing.TB, h *Harness) {
	c := h.Build.Citizen()
	update(t, h, insertCitizen(c))
	stale := func(ctx context.Context, tx core.Tx) error {
		s := c
		s.Version = 7
		return tx.Citizens().Save(ctx, s)
	}
	wantCode(t, "at the end", tryUpdate(t, h, stale), core.CodeConflict)
	wantCode(t, "at the next read", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		if err := stale(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Citizens().Get(ctx, c.ID)
		return err
	}), core.CodeConflict)
	wantCode(t, "a row that is not there", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Kiosks().Seen(ctx, h.Build.ID(), tx.Now())
	}), core.CodeNotFound)
}

func nowFixed(t testing.TB, h *Harness) {
	h.Clock.Set(time.Date(2026, 11, 2, 3, 4, 5, 678_901_234, time.UTC))
	update(t, h, func(_ context.Context, tx core.Tx) error {
		was := tx.Now()
		h.Clock.Add(time.Minute)
		if !tx.Now().Equal(was) {
			t.Error("Now moved")
		}
		if was.Location() != time.UTC || was.Nanosecond() != 678_901_000 {
			t.Errorf("Now is %v, want UTC in microseconds", was)
		}
		return nil
	})
}

func dirtyText(t testing.TB, h *Harness) {
	for _, s := range []string{"a\x00b", "\xff\xfe"} {
		j := h.Build.Job("")
		j.Progress = s
		err := tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, j) })
		wantCode(t, "dirty text", err, core.CodeInvalid)
	}
	j := h.Build.Job("")
	j.Progress = "Đường Nguyễn Huệ — ' \" \\ % $1 ? 🏠"
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, j) })
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Job, error) { return tx.Jobs().Get(ctx, j.ID) })
	equal(t, "text", got.Progress, j.Progress)
}

// manyWriters: each caller raises a version, and reads again when another was
// faster. In the end every raise is there.
func manyWriters(t testing.TB, h *Harness) {
	_, c := person(t, h)
	const writers, raises = 16, 5
	parallel(writers, func(int) {
		for range raises {
			for {
				err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
					now, err := tx.Conversations().Get(ctx, c.ID)
					if err != nil {
						return err
					}
					return tx.Conversations().Save(ctx, now)
				})
				if err == nil {
					break
				}
				if !core.IsCode(err, core.CodeConflict) {
					t.Errorf("Update: %v", err)
					return
				}
			}
		}
	})
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Conversation, error) {
		return tx.Conversations().Get(ctx, c.ID)
	})
	equal(t, "version", got.Version, int64(1+writers*raises))
}

// oppositeOrder breaks the lock order on purpose: an engine that finds a
// deadlock runs a closure again, and nobody hears of it.
func oppositeOrder(t testing.TB, h *Harness) {
	const n = 8
	a, b := h.Build.Draft(""), h.Build.Draft("")
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Drafts().Insert(ctx, a), tx.Drafts().Insert(ctx, b))
	})
	errs := make([]error, n)
	parallel(n, func(i int) {
		first, second := a.ID, b.ID
		if i%2 == 1 {
			first, second = second, first
		}
		for {
			errs[i] = h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
				for _, id := range []core.ID{first, second} {
					d, err := tx.Drafts().Get(ctx, id)
					if err != nil {
						return err
					}
					if err := tx.Drafts().Save(ctx, d); err != nil {
						return err
					}
				}
				return nil
			})
			if !core.IsCode(errs[i], core.CodeConflict) {
				return
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, id := range []core.ID{a.ID, b.ID} {
		d := get(t, h, func(ctx context.Context, tx core.Tx) (core.Draft, error) { return tx.Drafts().Get(ctx, id) })
		equal(t, "version", d.Version, 1+n)
	}
}
