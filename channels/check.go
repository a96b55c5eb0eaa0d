package channels

import (
	"context"
	"errors"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/job"
)

// JobCheck is the kind of the jobs that ask a vendor what became of a message,
// because somebody who proved nothing said that it is settled.
const JobCheck = "message.check"

// A vendor's own pages lag behind its reports: it is asked again for some minutes.
const (
	checkAttempts = 8
	checkSettled  = 5 // so often a vendor may say that it does not know yet
)

// checkPayload is what a JobCheck carries.
type checkPayload struct {
	Channel  string  `json:"channel"`
	Account  string  `json:"account"`
	External string  `json:"external"`
	JobID    core.ID `json:"job"` // of the message
	Part     int     `json:"part"`
}

// checkLater asks the vendor about a message that is not settled.
func (g *Gateway) checkLater(ctx context.Context, tx core.Tx, acc Account, r core.Receipt, s Status) error {
	if r.State.Rank() >= core.ReceiptDelivered.Rank() || r.External != "" && r.External != s.External {
		return nil // settled, or about another message than the one we know
	}
	payload, err := core.SealJSON(checkPayload{Channel: string(acc.Kind), Account: acc.Name, External: s.External, JobID: r.JobID, Part: r.Part})
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, core.Job{ID: core.NewID(tx.Now()), Kind: JobCheck, Lane: core.LaneBulk, Account: acc.String(), Payload: payload, RunAt: tx.Now()})
}

// handleCheck asks, and keeps the vendor's answer with the end of the job.
func (g *Gateway) handleCheck(ctx context.Context, r *job.Run) error {
	var p checkPayload
	if err := r.Payload(&p); err != nil {
		return job.Cancel(err)
	}
	acc := Account{Kind: Kind(p.Channel), Name: p.Account}
	adapter, _ := g.registry.Adapter(acc)
	asker, ok := adapter.(Asker)
	if !ok {
		return nil // nobody can be asked: the report stays what it was, a hint
	}
	settled := false
	if err := g.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		receipts, err := tx.Receipts().ByJob(ctx, p.JobID)
		for _, x := range receipts {
			settled = settled || x.Part == p.Part && x.State.Rank() >= core.ReceiptDelivered.Rank()
		}
		return err
	}); err != nil || settled {
		return err
	}
	s, err := asker.Ask(ctx, p.External)
	if err != nil {
		return err
	}
	if s.State.Rank() < core.ReceiptDelivered.Rank() {
		if r.Job.Attempts < checkSettled {
			return errors.New("the vendor has not settled it")
		}
		return nil // the report was wrong, or early; the vendor's word counts
	}
	s.CallbackID, s.Hint = callbackOf(p.JobID, p.Part), false
	return g.Report(ctx, acc, s)
}
