package app

import (
	"context"
	"encoding/json"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

func queueKey(ward string) string { return "queue:" + ward }

// reportQueue keeps who waits at the office of a ward, on every node, until it says
// nothing any more. Errors: unavailable.
func (a *App) reportQueue(ctx context.Context, ward string, q catalog.Queue) error {
	b, err := json.Marshal(q)
	if err != nil {
		return core.E(core.CodeInternal, "app.report_queue", "", err)
	}
	return a.shared.Set(ctx, queueKey(ward), b, catalog.QueueKnown)
}

// queueOf is what was last reported of the office of a ward. Nothing is known when
// that cannot be found out.
func (a *App) queueOf(ctx context.Context, ward string) (catalog.Queue, bool) {
	b, ok, err := a.shared.Get(ctx, queueKey(ward))
	if err != nil || !ok {
		return catalog.Queue{}, false
	}
	var q catalog.Queue
	if err := json.Unmarshal(b, &q); err != nil {
		return catalog.Queue{}, false // of another version of the program
	}
	return q, a.clock.Now().Sub(q.At) < catalog.QueueKnown
}
