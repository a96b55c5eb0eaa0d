package app

import (
	"context"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// A long message that comes in pieces is one message: in whatever order they
// come, twice or not, and without the one that never came.
func TestPiecesAreJoined(t *testing.T) {
	t.Parallel()
	p := start(t)
	piece := func(n, of int) url.Values {
		return url.Values{"concat-ref": {"7"}, "concat-part": {strconv.Itoa(n)}, "concat-total": {strconv.Itoa(of)}}
	}
	answer := func(number string, n int) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		got, err := p.sim.smsgate.Phone(number).Await(ctx, n)
		if err != nil {
			t.Fatalf("%d messages: %v\n%s", len(got), err, p.log)
		}
		return got[n-1].Body
	}
	const whole, cut, torn = "+84901000001", "+84901000002", "+84901000003"
	p.sim.smsgate.Phone(whole).Text("KHAI SINH")
	want := answer(whole, 1)

	ph := p.sim.smsgate.Phone(cut)
	ph.TextWith(" SINH", piece(2, 2))
	ph.TextWith(" SINH", piece(2, 2)) // another id, the same place
	ph.TextWith("DVC KHAI", piece(1, 2))
	if got := answer(cut, 1); got != want {
		t.Errorf("joined: %q, want %q", got, want)
	}
	ph.TextWith("DVC KHAI", piece(1, 2)) // and once more, after they were joined
	if err := p.sim.smsgate.AwaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}

	p.sim.smsgate.Phone(torn).TextWith("KHAI SINH", piece(1, 2))
	if err := p.sim.smsgate.AwaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(p.sim.smsgate.Phone(torn).Messages()); n != 0 {
		t.Errorf("%d answers before the rest could come", n)
	}
	p.sim.clock.Advance(31 * time.Second)
	if got := answer(torn, 1); got != want {
		t.Errorf("without the rest: %q, want %q", got, want)
	}
	if n := len(p.sim.smsgate.Phone(cut).Messages()); n != 1 {
		t.Errorf("%d answers to one message", n)
	}
	ph.TextWith("DOC THAN", piece(1, 2)) // the reference is used again, for another text
	if err := p.sim.smsgate.AwaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.sim.clock.Advance(31 * time.Second)
	if got := answer(cut, 2); got == want {
		t.Errorf("another text under the same reference: %q", got)
	}
}
