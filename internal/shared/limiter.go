package shared

import (
	"context"
	"sync"
	"time"

	"github.com/motcua/motcua/core"
)

// Rate is a limit: Burst at once, and one more every Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limiter counts by key with the generic cell rate algorithm (GCRA): one instant a
// key says when its allowance will be whole again.
type Limiter interface {
	// Take takes one from the allowance of key. When none is left ok is false and
	// wait says when there will be. Errors: unavailable.
	Take(ctx context.Context, key string, r Rate) (wait time.Duration, ok bool, err error)
}

// decide is GCRA: tat is when the allowance is whole again, 0 for a new key.
func decide(tat, now time.Time, r Rate) (next time.Time, wait time.Duration, ok bool) {
	if tat.Before(now) {
		tat = now
	}
	next = tat.Add(r.Every)
	allowAt := next.Add(-time.Duration(r.Burst) * r.Every)
	if now.Before(allowAt) {
		return tat, allowAt.Sub(now), false
	}
	return next, 0, true
}

// maxKeys is how many keys a Local remembers before it forgets those that are
// whole again.
const maxKeys = 100_000

// Local is the Limiter of one process.
type Local struct {
	clock core.Clock

	mu   sync.Mutex
	tats map[string]time.Time
}

// NewLocal makes a Limiter that lives in this process.
func NewLocal(clock core.Clock) *Local { return &Local{clock: clock, tats: map[string]time.Time{}} }

// Take implements Limiter; it does not fail.
func (l *Local) Take(_ context.Context, key string, r Rate) (time.Duration, bool, error) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tats) >= maxKeys {
		l.forget(now)
	}
	next, wait, ok := decide(l.tats[key], now, r)
	if ok {
		l.tats[key] = next
	}
	return wait, ok, nil
}

// forget drops keys whose allowance is whole again; when an attacker keeps that
// many alive, all go: the memory is bounded before the limit is exact.
func (l *Local) forget(now time.Time) {
	for k, tat := range l.tats {
		if !tat.After(now) {
			delete(l.tats, k)
		}
	}
	if len(l.tats) >= maxKeys {
		clear(l.tats)
	}
}

// Fallback takes from First and, when that is unavailable, from Second.
type Fallback struct {
	First, Second Limiter
	// Failed is told of every failure of First.
	Failed func(error)
}

// Take implements Limiter.
func (f Fallback) Take(ctx context.Context, key string, r Rate) (time.Duration, bool, error) {
	wait, ok, err := f.First.Take(ctx, key, r)
	if err == nil {
		return wait, ok, nil
	}
	f.Failed(err)
	return f.Second.Take(ctx, key, r)
}
