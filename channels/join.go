package channels

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/job"
)

// JobJoin is the kind of the jobs that join the pieces of a text.
const JobJoin = "message.join"

// joinAfter is how long missing pieces are waited for; then what is there counts.
const joinAfter = 30 * time.Second

// joinPayload names one cut text of one person; it is sealed at rest.
type joinPayload struct {
	Channel  string `json:"channel"`
	Account  string `json:"account"`
	External string `json:"external"`
	Ref      string `json:"ref"`
}

func (p joinPayload) key() core.AddressKey {
	return core.AddressKey{Channel: p.Channel, Account: p.Account, External: p.External}
}

// keepPiece keeps a piece of a longer text. It is acknowledged once it is durable;
// the text becomes one event when all pieces are there, in whatever order, or when
// the rest did not come. The second arrival of a piece is a duplicate.
func (g *Gateway) keepPiece(ctx context.Context, ev core.Event) error {
	p := joinPayload{Channel: ev.Channel, Account: ev.Account, External: ev.External, Ref: ev.Part.Ref + "/" + strconv.Itoa(ev.Part.Of)}
	payload, err := core.SealJSON(p)
	if err != nil {
		return err
	}
	piece, err := core.SealJSON(ev)
	if err != nil {
		return err
	}
	return g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		if err := remember(ctx, tx, ev, ""); err != nil {
			return err
		}
		if err := tx.Pieces().Put(ctx, p.key(), p.Ref, ev.Part.N, piece); err != nil {
			return err
		}
		there, err := tx.Pieces().List(ctx, p.key(), p.Ref)
		if err != nil {
			return err
		}
		at := tx.Now().Add(joinAfter)
		if len(there) >= ev.Part.Of {
			at = tx.Now()
		}
		return tx.Enqueue(ctx, core.Job{ID: core.NewID(tx.Now()), Kind: JobJoin, Lane: core.LaneReply, Payload: payload, RunAt: at})
	})
}

// remember writes an event into the inbox, under every id it could come again by.
func remember(ctx context.Context, tx core.Tx, ev core.Event, conv core.ID) error {
	for _, id := range []string{ev.ID, ev.Alias} {
		if id == "" {
			continue
		}
		if err := tx.Inbox().Insert(ctx, core.InboxRow{
			Channel: ev.Channel, Account: ev.Account, EventID: id, ConvID: conv, ReceivedAt: ev.ReceivedAt,
		}); err != nil {
			return err
		}
	}
	return nil
}

// handleJoin delivers what there is of a text as one event and forgets its pieces.
// A piece that comes later is a text of its own.
func (g *Gateway) handleJoin(ctx context.Context, r *job.Run) error {
	var p joinPayload
	if err := r.Payload(&p); err != nil {
		return job.Cancel(err)
	}
	var there map[int]core.Sealed
	if err := g.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		there, err = tx.Pieces().List(ctx, p.key(), p.Ref)
		return err
	}); err != nil || len(there) == 0 {
		return err
	}
	ev, err := joined(there)
	if err != nil {
		return job.Cancel(err)
	}
	if err := g.deliverAgain(ctx, ev); err != nil {
		return err
	}
	r.Commit(func(ctx context.Context, tx core.Tx) error {
		for n := range there {
			if err := tx.Pieces().Delete(ctx, p.key(), p.Ref, n); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// joined makes one event of pieces: the first of them with the text of all.
func joined(pieces map[int]core.Sealed) (ev core.Event, err error) {
	var text strings.Builder
	for i, n := range slices.Sorted(maps.Keys(pieces)) {
		var piece core.Event
		if err := core.OpenJSON(pieces[n], &piece); err != nil {
			return ev, err
		}
		if i == 0 {
			ev = piece
		}
		text.WriteString(piece.Text)
	}
	ev.ID, ev.Alias, ev.Part = "joined:"+ev.ID, "", core.Part{}
	ev.Text = sms.Decode(text.String())
	return ev, nil
}
