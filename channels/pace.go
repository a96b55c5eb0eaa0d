package channels

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

// Pace takes one message to a person from what the vendor of an account allows all
// nodes together, or says how long to wait before asking again. The more urgent a
// lane, the more of a burst it may use up.
type Pace func(ctx context.Context, acc Account, caps core.Capabilities, lane core.Lane, person string) time.Duration

const (
	// paceHold is how long a send waits for its turn instead of giving its job back,
	// which costs a commit and would be done by every other job of a busy account.
	paceHold = 10 * time.Second
	// paceStep is the longest single wait that is held; a longer one is a person's
	// own, and only their conversation waits for it.
	paceStep = time.Second
)

// turnToSend waits until a message may go and gives 0, or says after how long to
// try again.
func (g *Gateway) turnToSend(ctx context.Context, adapter Adapter, lane core.Lane, person string) time.Duration {
	if g.pace == nil {
		return 0
	}
	for held := time.Duration(0); ; {
		wait := g.pace(ctx, adapter.Account(), adapter.Capabilities(), lane, person)
		if wait <= 0 || wait > paceStep || held+wait > paceHold {
			return max(wait, 0)
		}
		held += wait
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return wait
		}
	}
}
