package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type inboxRepo struct{ *txn }

// inboxID names an inbox row for sealing: it has no id of its own.
func inboxID(channel, account, eventID string) core.ID {
	return core.ID(channel + "\x1e" + account + "\x1e" + eventID)
}

func (r inboxRepo) Insert(_ context.Context, w core.InboxRow) error {
	id := inboxID(w.Channel, w.Account, w.EventID)
	return r.Exec("inbox.insert",
		`insert into inbox (channel, account, event_id, conv_id, received_at, parked_at, cause, raw)
		 values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		w.Channel, w.Account, w.EventID, w.ConvID, orNow(w.ReceivedAt, r.at), w.ParkedAt, w.Cause,
		r.seal("inbox.raw", id, w.Raw))
}

func (r inboxRepo) Park(_ context.Context, w core.InboxRow) error {
	id := inboxID(w.Channel, w.Account, w.EventID)
	return r.Exec("inbox.park",
		`insert into inbox (channel, account, event_id, conv_id, received_at, parked_at, cause, raw)
		 values ($1,$2,$3,$4,$5,$6,$7,$8)
		 on conflict (channel, account, event_id) do update
		 set parked_at = excluded.parked_at, cause = excluded.cause, raw = excluded.raw`,
		w.Channel, w.Account, w.EventID, w.ConvID, orNow(w.ReceivedAt, r.at), orNow(w.ParkedAt, r.at), w.Cause,
		r.seal("inbox.raw", id, w.Raw))
}

func (r inboxRepo) Parked(_ context.Context, limit int) ([]core.InboxRow, error) {
	var out []core.InboxRow
	err := r.Query("inbox.parked",
		`select channel, account, event_id, conv_id, received_at, parked_at, cause, raw
		 from inbox where parked_at > 0 order by parked_at, channel, account, event_id limit $1`,
		func(w row) error {
			var x core.InboxRow
			if err := w.Scan((*text)(&x.Channel), (*text)(&x.Account), (*text)(&x.EventID), (*text)(&x.ConvID),
				(*stamp)(&x.ReceivedAt), (*stamp)(&x.ParkedAt), (*text)(&x.Cause), (*octets)(&x.Raw)); err != nil {
				return err
			}
			out = append(out, x)
			return r.open("inbox.raw", inboxID(x.Channel, x.Account, x.EventID), &out[len(out)-1].Raw)
		}, limit)
	return out, err
}

func (r inboxRepo) Unpark(_ context.Context, channel, account, eventID string) error {
	return r.ExecOne("inbox.unpark", core.CodeNotFound,
		`delete from inbox where channel = $1 and account = $2 and event_id = $3 and parked_at > 0`,
		channel, account, eventID)
}
