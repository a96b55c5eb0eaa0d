package shared

import (
	"context"
	"time"
)

// Presence knows who is there now: members of a group who were heard of within
// the time they said.
type Presence interface {
	// Beat says that member is there for the next ttl. Errors: unavailable.
	Beat(ctx context.Context, group, member string, ttl time.Duration) error
	// Present lists the members of a group who are there, sorted. Errors:
	// unavailable.
	Present(ctx context.Context, group string) ([]string, error)
}

// Cache remembers bytes for a while. Anything may be forgotten at any time.
type Cache interface {
	// Get gives what was set under key; ok is false when it is not known any
	// more. Errors: unavailable.
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// Set remembers value for ttl. Errors: unavailable; invalid for a value over
	// MaxValue bytes.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Delete forgets key. Errors: unavailable.
	Delete(ctx context.Context, key string) error
}

// MaxValue is the largest value of a Cache, in bytes: it is for small answers.
const MaxValue = 64 << 10

// Fanout tells every node something at once. It is a hint: a node that is not
// connected at that moment does not hear it, so what must not be missed also has
// a way of its own, such as an end of validity.
type Fanout interface {
	// Publish calls the subscribers of topic on this node, then tells the other
	// nodes. Messages of one node arrive in order, each at most once. Errors:
	// unavailable when the others could not be told; this node was.
	Publish(ctx context.Context, topic string, message []byte) error
	// Subscribe calls fn for every message of topic, one after another, on a
	// goroutine of the publisher or of the connection: fn must be quick.
	Subscribe(topic string, fn func(message []byte))
}
