package gate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
)

// replyLife is how long a repeated call is answered from the store.
const replyLife = 24 * time.Hour

// planTries is how often a use case is planned again because somebody else
// changed what it read.
const planTries = 4

// Message is a pointer to a response message.
type Message[M any] interface {
	*M
	proto.Message
}

// Commit writes what a use case decided and gives the response. It may run more
// than once.
type Commit[P any] func(ctx context.Context, tx core.Tx) (P, error)

// Once runs a use case that writes, in one transaction, and answers a call that
// is repeated with its Idempotency-Key from the store. The stored answer commits
// together with the effect, so a crash leaves both or none.
//
// The key counts per subject and method: two citizens may use the same one. A
// caller nobody knows has no subject, and operations whose answers are secret are
// not kept: there the header has no effect.
//
// Errors: those of fn; failed_precondition with key "error.idempotency.other"
// when the key was used with another body; conflict with "error.idempotency.busy"
// while the first call is still running.
func Once[M any, P Message[M]](ctx context.Context, g *Gate, fn Commit[P]) (P, error) {
	key, err := g.begin(callOf(ctx))
	if err != nil {
		return nil, err
	}
	defer g.end(key)
	return commit[M](ctx, g, key, fn)
}

// Plan is Once for a use case that thinks before it writes: plan reads and works
// everything out, and what it gives back only writes. When somebody else changed
// what was read (conflict) it is planned again, a few times.
func Plan[M any, P Message[M]](ctx context.Context, g *Gate, plan func(ctx context.Context, tx core.Tx) (Commit[P], error)) (P, error) {
	key, err := g.begin(callOf(ctx))
	if err != nil {
		return nil, err
	}
	defer g.end(key)
	for try := 1; ; try++ {
		var fn Commit[P]
		err := g.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			if stored, ok, err := replyOf[M, P](ctx, tx, key, callOf(ctx).hash); err != nil || ok {
				fn = func(context.Context, core.Tx) (P, error) { return stored, nil }
				return err
			}
			fn, err = plan(ctx, tx)
			return err
		})
		if err != nil {
			return nil, err
		}
		out, err := commit[M](ctx, g, key, fn)
		if !core.IsCode(err, core.CodeConflict) || try == planTries {
			return out, err
		}
	}
}

// commit runs fn and stores its answer under key, if there is one.
func commit[M any, P Message[M]](ctx context.Context, g *Gate, key []byte, fn Commit[P]) (P, error) {
	var out P
	err := g.Store.Update(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		if key == nil {
			out, err = fn(ctx, tx)
			return err
		}
		var ok bool
		if out, ok, err = replyOf[M, P](ctx, tx, key, callOf(ctx).hash); err != nil || ok {
			return err
		}
		if out, err = fn(ctx, tx); err != nil {
			return err
		}
		b, err := proto.Marshal(out)
		if err != nil {
			return core.E(core.CodeInternal, "gate.once", "", err)
		}
		return tx.Replies().Insert(ctx, core.RPCReply{
			Key: key, BodyHash: callOf(ctx).hash, Response: b, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(replyLife),
		})
	})
	if key != nil && core.IsCode(err, core.CodeDuplicate) {
		// Another node answered the same call between our read and our commit.
		// Without a stored answer the duplicate is the use case's own.
		var ok bool
		missing := g.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			out, ok, err = replyOf[M, P](ctx, tx, key, callOf(ctx).hash)
			return err
		})
		if missing != nil || ok {
			err = missing
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// replyOf gives the stored answer of a repeated call.
func replyOf[M any, P Message[M]](ctx context.Context, tx core.Tx, key, hash []byte) (P, bool, error) {
	if key == nil {
		return nil, false, nil
	}
	stored, err := tx.Replies().Get(ctx, key)
	switch {
	case core.IsCode(err, core.CodeNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case !bytes.Equal(stored.BodyHash, hash):
		return nil, false, core.E(core.CodeFailedPrecondition, "gate.once", "error.idempotency.other", nil)
	}
	out := P(new(M))
	if err := proto.Unmarshal(stored.Response, out); err != nil {
		return nil, false, core.E(core.CodeInternal, "gate.once", "", err)
	}
	return out, true, nil
}

// begin gives the key under which the answer of a call is kept, nil when it is
// not, and holds it on this node until end.
func (g *Gate) begin(c *call) ([]byte, error) {
	if c.key == "" || c.hash == nil || c.actor.ID == "" || c.row.Secret {
		return nil, nil
	}
	key := replyKey(c.actor, c.op, c.key)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inFlight[string(key)] {
		return nil, core.E(core.CodeConflict, "gate.once", "error.idempotency.busy", nil)
	}
	g.inFlight[string(key)] = true
	return key, nil
}

func (g *Gate) end(key []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.inFlight, string(key))
}

// replyKey hashes subject ‖ method ‖ key. At a terminal the citizen's session is
// part of the subject.
func replyKey(a core.Actor, op, key string) []byte {
	h := sha256.New()
	for _, part := range []string{string(a.Kind), string(a.ID), op, key} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	if a.Kind == core.ActorKiosk {
		h.Write([]byte(a.Session))
	}
	return h.Sum(nil)
}

// Read runs a use case that only reads, as the actor of the request.
func Read[P any](ctx context.Context, g *Gate, fn func(ctx context.Context, tx core.Tx, a core.Actor) (P, error)) (P, error) {
	var out P
	err := g.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		out, err = fn(ctx, tx, auth.ActorFrom(ctx))
		return err
	})
	if err != nil {
		var none P
		return none, err
	}
	return out, nil
}
