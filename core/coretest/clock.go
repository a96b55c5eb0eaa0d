package coretest

import (
	"sync"
	"time"
)

// Clock is a core.Clock that stands still until it is moved. It is safe for
// concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Start is where NewClock begins: Monday, 2 November 2026, 08:00 in the city.
func Start() time.Time { return time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC) }

// NewClock makes a Clock that shows Start.
func NewClock() *Clock { return &Clock{now: Start()} }

// Now is the instant it was set to, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to an instant, also backwards.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t.UTC()
}

// Add moves the clock on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
