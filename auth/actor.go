package auth

import (
	"context"

	"github.com/motcua/motcua/core"
)

type actorKey struct{}

// WithActor puts the verified actor of a request into ctx.
func WithActor(ctx context.Context, a core.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom gives the actor of a request: the anonymous one when nobody was
// verified.
func ActorFrom(ctx context.Context) core.Actor {
	if a, ok := ctx.Value(actorKey{}).(core.Actor); ok {
		return a
	}
	return core.Actor{Kind: core.ActorAnonymous}
}
