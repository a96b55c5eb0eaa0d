package channels

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// joinedMark stands in place 0 of a text that was joined lately, for joinAfter: the
// pieces it was made of, by digest, so that one that comes once more under another
// id is known again. References are used again after a while, and a piece that
// says something else begins a text of its own.
type joinedMark struct {
	At     time.Time      `json:"at"`
	Pieces map[int]string `json:"pieces"`
}

const markPlace = 0

func digest(ev core.Event) string {
	sum := sha256.Sum256([]byte(ev.Text))
	return hex.EncodeToString(sum[:16])
}

// markOf reads the mark among the pieces of a text and leaves the pieces.
func markOf(there map[int]core.Sealed) (m joinedMark, err error) {
	if s, ok := there[markPlace]; ok {
		delete(there, markPlace)
		err = core.OpenJSON(s, &m)
	}
	return m, err
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
		there, err := tx.Pieces().List(ctx, p.key(), p.Ref)
		if err != nil {
			return err
		}
		mark, err := markOf(there)
		if err != nil || mark.Pieces[ev.Part.N] == digest(ev) {
			return err // of a text that was joined
		}
		if err := tx.Pieces().Put(ctx, p.key(), p.Ref, ev.Part.N, piece); err != nil {
			return err
		}
		there[ev.Part.N] = piece
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
	}); err != nil {
		return err
	}
	mark, err := markOf(there)
	if err != nil {
		return job.Cancel(err)
	}
	if len(there) == 0 {
		if !mark.At.IsZero() && !g.clock.Now().Before(mark.At.Add(joinAfter)) {
			r.Commit(func(ctx context.Context, tx core.Tx) error { return tx.Pieces().Delete(ctx, p.key(), p.Ref, markPlace) })
		}
		return nil
	}
	ev, mark, err := joined(there)
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
		return leaveMark(ctx, tx, p, mark, r.Job.Payload)
	})
	return nil
}

// leaveMark writes the mark of a joined text, and the job that takes it away.
func leaveMark(ctx context.Context, tx core.Tx, p joinPayload, mark joinedMark, payload core.Sealed) error {
	mark.At = tx.Now()
	s, err := core.SealJSON(mark)
	if err != nil {
		return err
	}
	if err := tx.Pieces().Delete(ctx, p.key(), p.Ref, markPlace); err != nil {
		return err
	}
	if err := tx.Pieces().Put(ctx, p.key(), p.Ref, markPlace, s); err != nil {
		return err
	}
	return tx.Enqueue(ctx, core.Job{ID: core.NewID(tx.Now()), Kind: JobJoin, Lane: core.LaneReply, Payload: payload, RunAt: tx.Now().Add(joinAfter)})
}

// joined makes one event of pieces, the first of them with the text of all, and
// their mark.
func joined(pieces map[int]core.Sealed) (ev core.Event, mark joinedMark, err error) {
	var text strings.Builder
	mark.Pieces = map[int]string{}
	for i, n := range slices.Sorted(maps.Keys(pieces)) {
		var piece core.Event
		if err := core.OpenJSON(pieces[n], &piece); err != nil {
			return ev, mark, err
		}
		mark.Pieces[n] = digest(piece)
		if i == 0 {
			ev = piece
		}
		text.WriteString(piece.Text)
	}
	ev.ID, ev.Alias, ev.Part = "joined:"+ev.ID, "", core.Part{}
	ev.Text = sms.Decode(text.String())
	return ev, mark, nil
}
