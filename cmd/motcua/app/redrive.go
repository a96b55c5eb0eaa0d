package app

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

// redriveLimit is how many parked events are looked through for one.
const redriveLimit = 10_000

// RedriveEvent puts a parked event back: its inbox row goes, and a job lets it in
// at the door again when a server runs.
func RedriveEvent(ctx context.Context, s core.Store, channel, account, eventID string) error {
	return s.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		rows, err := tx.Inbox().Parked(ctx, redriveLimit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Channel != channel || r.Account != account || r.EventID != eventID {
				continue
			}
			if err := tx.Inbox().Unpark(ctx, channel, account, eventID); err != nil {
				return err
			}
			return tx.Enqueue(ctx, core.Job{Kind: identity.JobParked, Lane: core.LaneReply, Payload: r.Raw})
		}
		return core.Ef(core.CodeNotFound, "app.redrive", "", "no parked event %s/%s/%s", channel, account, eventID)
	})
}
