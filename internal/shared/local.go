package shared

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/motcua/motcua/core"
)

// maxKeys is how many keys of one kind a Local remembers before it forgets those
// that are over; see Local.
const maxKeys = 100_000

// Local is the Limiter, Presence, Cache and Fanout of one process. Its memory is
// bounded before it is exact: over maxKeys keys of a kind it forgets those that
// are over and, when an attacker keeps that many alive, all.
type Local struct {
	clock core.Clock

	mu      sync.Mutex
	tats    map[string]time.Time            // limits: when the allowance is whole again
	present map[string]map[string]time.Time // groups: until when a member is there
	members int
	values  map[string]cached

	bus bus
}

type cached struct {
	value []byte
	until time.Time
}

var (
	_ Limiter  = (*Local)(nil)
	_ Presence = (*Local)(nil)
	_ Cache    = (*Local)(nil)
	_ Fanout   = (*Local)(nil)
)

// NewLocal makes a Local.
func NewLocal(clock core.Clock) *Local {
	return &Local{clock: clock, tats: map[string]time.Time{}, present: map[string]map[string]time.Time{}, values: map[string]cached{}}
}

// Take implements Limiter; it does not fail.
func (l *Local) Take(_ context.Context, key string, r Rate) (time.Duration, bool, error) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tats) >= maxKeys {
		forget(l.tats, func(tat time.Time) bool { return !tat.After(now) })
	}
	next, wait, ok := decide(l.tats[key], now, r)
	if ok {
		l.tats[key] = next
	}
	return wait, ok, nil
}

// forget drops what is over, or all when that leaves too much.
func forget[V any](m map[string]V, over func(V) bool) {
	for k, v := range m {
		if over(v) {
			delete(m, k)
		}
	}
	if len(m) >= maxKeys {
		clear(m)
	}
}

// Beat implements Presence; it does not fail.
func (l *Local) Beat(_ context.Context, group, member string, ttl time.Duration) error {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.members >= maxKeys {
		l.sweep(now)
	}
	g := l.present[group]
	if g == nil {
		g = map[string]time.Time{}
		l.present[group] = g
	}
	if _, known := g[member]; !known {
		l.members++
	}
	g[member] = now.Add(ttl)
	return nil
}

// sweep drops who is gone; with too many left, everybody.
func (l *Local) sweep(now time.Time) {
	l.members = 0
	for name, g := range l.present {
		for m, until := range g {
			if !until.After(now) {
				delete(g, m)
			}
		}
		if l.members += len(g); len(g) == 0 {
			delete(l.present, name)
		}
	}
	if l.members >= maxKeys {
		clear(l.present)
		l.members = 0
	}
}

// Present implements Presence; it does not fail.
func (l *Local) Present(_ context.Context, group string) ([]string, error) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for m, until := range l.present[group] {
		if until.After(now) {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Get implements Cache; it does not fail.
func (l *Local) Get(_ context.Context, key string) ([]byte, bool, error) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.values[key]
	if !ok || !c.until.After(now) {
		return nil, false, nil
	}
	return bytes.Clone(c.value), true, nil
}

// Set implements Cache.
func (l *Local) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if err := fits(value); err != nil {
		return err
	}
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.values) >= maxKeys {
		forget(l.values, func(c cached) bool { return !c.until.After(now) })
	}
	l.values[key] = cached{bytes.Clone(value), now.Add(ttl)}
	return nil
}

// Delete implements Cache; it does not fail.
func (l *Local) Delete(_ context.Context, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.values, key)
	return nil
}

func fits(value []byte) error {
	if len(value) > MaxValue {
		return core.Ef(core.CodeInvalid, "shared.set", "", "a value of %d bytes, at most %d are kept", len(value), MaxValue)
	}
	return nil
}

// Publish implements Fanout; it does not fail.
func (l *Local) Publish(_ context.Context, topic string, message []byte) error {
	l.bus.deliver(topic, message)
	return nil
}

// Subscribe implements Fanout.
func (l *Local) Subscribe(topic string, fn func([]byte)) { l.bus.subscribe(topic, fn) }

// bus calls the subscribers of one process, one message after another.
type bus struct {
	mu   sync.Mutex
	subs map[string][]func([]byte)
}

func (b *bus) subscribe(topic string, fn func([]byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs == nil {
		b.subs = map[string][]func([]byte){}
	}
	b.subs[topic] = append(b.subs[topic], fn)
}

func (b *bus) deliver(topic string, message []byte) {
	b.mu.Lock()
	fns := slices.Clone(b.subs[topic])
	b.mu.Unlock()
	for _, fn := range fns {
		fn(message)
	}
}
