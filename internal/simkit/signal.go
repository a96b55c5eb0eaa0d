package simkit

import (
	"context"
	"sync"
)

// signal tells any number of waiters that something changed. The zero value is
// ready.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait gives a channel that is closed at the next fire.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

// fire wakes all waiters.
func (s *signal) fire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// await repeats probe after every change until it reports true. It ends with the
// error of ctx when that comes first.
func await[T any](ctx context.Context, s *signal, probe func() (T, bool)) (T, error) {
	for {
		// The channel is taken before the probe, or a change between the two
		// would be missed.
		changed := s.wait()
		if v, ok := probe(); ok {
			return v, nil
		}
		select {
		case <-ctx.Done():
			var zero T
			return zero, ctx.Err()
		case <-changed:
		}
	}
}
