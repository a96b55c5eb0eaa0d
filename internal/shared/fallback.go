package shared

import (
	"context"
	"time"
)

// Fallback is Redis while it answers and this node's own knowledge while it does
// not.
type Fallback struct {
	First  *Redis
	Second *Local
	// Failed is told of every failure of First.
	Failed func(error)
}

var (
	_ Limiter  = Fallback{}
	_ Presence = Fallback{}
	_ Cache    = Fallback{}
	_ Fanout   = Fallback{}
)

// Take implements Limiter; it does not fail.
func (f Fallback) Take(ctx context.Context, key string, r Rate) (time.Duration, bool, error) {
	wait, ok, err := f.First.Take(ctx, key, r)
	if err == nil {
		return wait, ok, nil
	}
	f.Failed(err)
	return f.Second.Take(ctx, key, r)
}

// Beat implements Presence; it does not fail. The node remembers it too, for the
// time when Redis is away.
func (f Fallback) Beat(ctx context.Context, group, member string, ttl time.Duration) error {
	if err := f.First.Beat(ctx, group, member, ttl); err != nil {
		f.Failed(err)
	}
	return f.Second.Beat(ctx, group, member, ttl)
}

// Present implements Presence; it does not fail.
func (f Fallback) Present(ctx context.Context, group string) ([]string, error) {
	members, err := f.First.Present(ctx, group)
	if err == nil {
		return members, nil
	}
	f.Failed(err)
	return f.Second.Present(ctx, group)
}

// Get implements Cache; it does not fail.
func (f Fallback) Get(ctx context.Context, key string) ([]byte, bool, error) {
	v, ok, err := f.First.Get(ctx, key)
	if err == nil {
		return v, ok, nil
	}
	f.Failed(err)
	return f.Second.Get(ctx, key)
}

// Set implements Cache. The node remembers it too.
func (f Fallback) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := f.Second.Set(ctx, key, value, ttl); err != nil {
		return err
	}
	if err := f.First.Set(ctx, key, value, ttl); err != nil {
		f.Failed(err)
	}
	return nil
}

// Delete implements Cache. A node that could not reach Redis says so: the others
// may still remember.
func (f Fallback) Delete(ctx context.Context, key string) error {
	if err := f.Second.Delete(ctx, key); err != nil {
		return err
	}
	return f.First.Delete(ctx, key)
}

// Publish implements Fanout; it does not fail. This node hears it in any case.
func (f Fallback) Publish(ctx context.Context, topic string, message []byte) error {
	if err := f.First.Publish(ctx, topic, message); err != nil {
		f.Failed(err)
	}
	return nil
}

// Subscribe implements Fanout.
func (f Fallback) Subscribe(topic string, fn func([]byte)) { f.First.Subscribe(topic, fn) }
