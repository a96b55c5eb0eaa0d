package shared

import (
	"context"
	"time"
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
