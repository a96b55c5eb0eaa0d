package app

import (
	"context"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/internal/shared"
)

// rateOf is how often one person, or one network address of nobody in
// particular, may call operations of a class. Classes that only read or write
// one's own rows have none: the store and the request's deadline bound them.
func rateOf(class auth.Cost) (shared.Rate, bool) {
	switch class {
	case auth.CostGuess: // codes and tokens are tried
		return shared.Rate{Burst: 20, Every: 3 * time.Second}, true
	case auth.CostSend: // something that costs money leaves; numbers have limits of their own
		return shared.Rate{Burst: 20, Every: 12 * time.Second}, true
	case auth.CostUpload:
		return shared.Rate{Burst: 200, Every: 500 * time.Millisecond}, true
	}
	return shared.Rate{}, false
}

// allow takes one from the limit of key for a class of operations.
func (a *App) allow(ctx context.Context, key string, class auth.Cost) (time.Duration, bool) {
	rate, limited := rateOf(class)
	if !limited {
		return 0, true
	}
	wait, ok, err := a.shared.Take(ctx, string(class)+":"+key, rate)
	if err != nil {
		return 0, true // an ordinary limit fails open; one-time codes have theirs in the store
	}
	return wait, ok
}
