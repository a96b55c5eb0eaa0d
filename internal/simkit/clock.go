package simkit

import (
	"sync"
	"time"
)

// Clock runs with the machine's clock plus an offset that a person moves forward.
// It implements core.Clock.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	moved  []func()
}

// Now is the simulated instant, UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().UTC().Add(c.offset)
}

// Advance moves the clock forward and tells those who asked for it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.offset += d
	moved := c.moved
	c.mu.Unlock()
	for _, f := range moved {
		f()
	}
}

// OnAdvance calls f after every Advance; timers that slept must look again.
func (c *Clock) OnAdvance(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, f)
}
