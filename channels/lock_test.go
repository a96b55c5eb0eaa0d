package channels

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/core"
)

// Who waits for a conversation waits 5 seconds, and is then told when to come back.
func TestLockWaitsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l turnLocks
		release, err := l.acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = l.acquire(t.Context(), "a")
		if took := time.Since(start); took != lockWait {
			t.Errorf("waited %v, want %v", took, lockWait)
		}
		if !core.IsCode(err, core.CodeUnavailable) || err.(*core.Error).RetryAfter <= 0 {
			t.Errorf("a busy conversation gives %v", err)
		}
		// Another one is not held up.
		other, err := l.acquire(t.Context(), "b")
		if err != nil {
			t.Errorf("another conversation waits: %v", err)
		}
		other()
		release()
		if len(l.held) != 0 {
			t.Errorf("%d locks are kept for nobody", len(l.held))
		}
	})
}

// Who gives up leaves nothing behind, and the lock still works.
func TestLockCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l turnLocks
		release, err := l.acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.acquire(ctx, "a"); !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("a cancelled wait gives %v", err)
		}
		release()
		again, err := l.acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		again()
		if len(l.held) != 0 {
			t.Errorf("%d locks are kept for nobody", len(l.held))
		}
	})
}

// Turns of one conversation run one at a time; everybody who waits less than the
// bound gets theirs.
func TestLockOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const turns, each = 40, 100 * time.Millisecond
		var l turnLocks
		var wg sync.WaitGroup
		var mu sync.Mutex
		inside, done := 0, 0
		for range turns {
			wg.Go(func() {
				release, err := l.acquire(t.Context(), "a")
				if err != nil {
					t.Errorf("a turn was turned away: %v", err)
					return
				}
				mu.Lock()
				inside++
				if inside > 1 {
					t.Errorf("%d turns at once", inside)
				}
				mu.Unlock()
				<-time.After(each) // of the bubble's clock
				mu.Lock()
				inside--
				done++
				mu.Unlock()
				release()
			})
		}
		wg.Wait()
		if done != turns || len(l.held) != 0 {
			t.Errorf("%d of %d turns ran, %d locks are left", done, turns, len(l.held))
		}
	})
}
