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

// missRate is how often somebody may name a dossier's code that does not exist. The
// codes of an agency's day are numbered: the twentieth miss in a row is no typing
// error. Who goes on at this rate needs more than a day for one agency's day.
func missRate() shared.Rate { return shared.Rate{Burst: 19, Every: 10 * time.Second} }

// missed counts a code that does not exist; one too many bars who named it.
func (a *App) missed(ctx context.Context, key string) {
	wait, ok, err := a.shared.Take(ctx, "miss:"+key, missRate())
	if err != nil || ok {
		return
	}
	now := a.clock.Now()
	a.bars.Range(func(k, until any) bool { // as many as were barred in the last seconds
		if !until.(time.Time).After(now) {
			a.bars.Delete(k)
		}
		return true
	})
	a.bars.Store(key, now.Add(wait))
}

// barred says for how long somebody has to wait. It is asked before the look-up, so
// that a hit is not told either.
func (a *App) barred(key string) time.Duration {
	until, ok := a.bars.Load(key)
	if !ok {
		return 0
	}
	return max(until.(time.Time).Sub(a.clock.Now()), 0)
}
