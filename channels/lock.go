package channels

import (
	"context"
	"sync"
	"time"

	"github.com/motcua/motcua/core"
)

// lockWait is how long an event waits for its conversation before the vendor is
// told to come back.
const lockWait = 5 * time.Second

// turnLocks lets one turn of a conversation run at a time on this node. Across
// nodes the conversation's version decides; the lock only spares the work of
// turns that would lose.
type turnLocks struct {
	mu   sync.Mutex
	held map[string]*turnLock
}

type turnLock struct {
	token chan struct{} // holds one value while the lock is free
	users int
}

// acquire takes the lock of key or fails with unavailable after lockWait.
func (l *turnLocks) acquire(ctx context.Context, key string) (release func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*turnLock{}
	}
	lk := l.held[key]
	if lk == nil {
		lk = &turnLock{token: make(chan struct{}, 1)}
		lk.token <- struct{}{}
		l.held[key] = lk
	}
	lk.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		lk.users--
		if lk.users == 0 {
			delete(l.held, key)
		}
		l.mu.Unlock()
	}
	select {
	case <-lk.token:
	default:
		timer := time.NewTimer(lockWait)
		defer timer.Stop()
		select {
		case <-lk.token:
		case <-timer.C:
			leave()
			e := core.E(core.CodeUnavailable, "channels.lock", "error.busy", nil)
			e.RetryAfter = lockWait
			return nil, e
		case <-ctx.Done():
			leave()
			return nil, core.E(core.CodeUnavailable, "channels.lock", "error.busy", ctx.Err())
		}
	}
	return func() {
		lk.token <- struct{}{}
		leave()
	}, nil
}
