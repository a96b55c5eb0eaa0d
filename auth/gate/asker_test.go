package gate

import (
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
)

// Sessions are made for nothing: many of them at one network address are one asker.
// Who proved who they are is one wherever they are, and a session at a terminal is
// somebody else each time.
func TestAsker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actor core.Actor
		peer  string
		want  string
	}{
		{core.Actor{Kind: core.ActorAnonymous}, "203.0.113.9:4000", "net:203.0.113.9"},
		{core.Actor{Kind: core.ActorCitizen, ID: "a"}, "203.0.113.9:4001", "net:203.0.113.9"},
		{core.Actor{Kind: core.ActorCitizen, ID: "b"}, "[2001:db8::1]:4001", "net:2001:db8::/64"},
		{core.Actor{Kind: core.ActorCitizen, ID: "b"}, "[2001:db8::ffff]:4002", "net:2001:db8::/64"},
		{core.Actor{Kind: core.ActorCitizen, ID: "a", Assurance: core.AssuranceAddress}, "203.0.113.9:4001", "citizen:a"},
		{core.Actor{Kind: core.ActorCitizen, ID: "a", Assurance: core.AssuranceEID}, "198.51.100.7:1", "citizen:a"},
		{core.Actor{Kind: core.ActorKiosk, ID: "k", Session: "s1"}, "203.0.113.9:1", "session:s1"},
		{core.Actor{Kind: core.ActorKiosk, ID: "k"}, "203.0.113.9:1", "kiosk:k"},
	} {
		if got := asker(c.actor, connect.Peer{Addr: c.peer}); got != c.want {
			t.Errorf("%+v at %s is %q, want %q", c.actor, c.peer, got, c.want)
		}
	}
}
