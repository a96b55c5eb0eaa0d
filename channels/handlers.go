package channels

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/job"
	"github.com/motcua/motcua/core/vault"
)

// Sends are tried for more than four hours before an operator is asked, and a
// message whose fate is unknown holds its conversation at most 30 seconds.
const (
	sendAttempts = 600
	sendBackOff  = 30 * time.Second
	doorAttempts = 100
)

// Jobs are the Gateway's kinds of job.
func (g *Gateway) Jobs() []job.Spec {
	return []job.Spec{
		{Kind: JobSend, Handle: g.handleSend, MaxAttempts: sendAttempts, Backoff: SendBackOff},
		{Kind: JobJoin, Handle: g.handleJoin, MaxAttempts: doorAttempts},
		{Kind: JobCheck, Handle: g.handleCheck, MaxAttempts: checkAttempts},
		{Kind: vault.JobFetch, Handle: g.handleFetch, MaxAttempts: 8},
		{Kind: identity.JobDoor, Handle: g.handleDoor, MaxAttempts: doorAttempts},
		{Kind: identity.JobParked, Handle: g.handleParked, MaxAttempts: doorAttempts},
	}
}

// SendBackOff doubles from one second to 30, with jitter.
func SendBackOff(n int, random float64) time.Duration {
	d := min(time.Second<<min(max(n-1, 0), 6), sendBackOff)
	return d/2 + time.Duration(random*float64(d/2))
}

// handleSend says a prompt and keeps the receipts with the outcome.
func (g *Gateway) handleSend(ctx context.Context, r *job.Run) error {
	var p sendPayload
	if err := r.Payload(&p); err != nil {
		return job.Cancel(err)
	}
	return g.outcome(r, p.ConvID, g.send(ctx, r.Job, p))
}

// SendNow says a prompt as the work of another kind of job: a one-time code is
// derived, rendered and sent without ever being stored.
func (g *Gateway) SendNow(ctx context.Context, r *job.Run, acc Account, to string, p core.Prompt) error {
	return g.outcome(r, "", g.send(ctx, r.Job, sendPayload{Channel: string(acc.Kind), Account: acc.Name, To: to, Prompt: p}))
}

// outcome turns what became of a send into the end of its job.
func (g *Gateway) outcome(r *job.Run, conv core.ID, res sendResult) error {
	if res.progress != "" {
		r.Job.Progress = res.progress
	}
	r.Receipts(res.receipts...)
	if res.blocked && conv != "" {
		r.Commit(func(ctx context.Context, tx core.Tx) error { return g.stopNotices(ctx, tx, conv) })
	}
	switch {
	case res.park != "":
		return job.Cancel(errors.New(res.park))
	case res.wait > 0:
		return job.Snooze(res.wait)
	case res.pause > 0 && res.choice && res.account.String() != r.Job.Account:
		// Another account may carry it at once.
		r.Commit(func(ctx context.Context, tx core.Tx) error {
			return tx.Jobs().Pause(ctx, res.account.String(), tx.Now().Add(res.pause))
		})
		return job.Snooze(0)
	case res.pause > 0:
		return job.Pause(cmp.Or(r.Job.Account, res.account.String()), res.pause)
	case res.retry != "":
		return errors.New(res.retry)
	}
	return nil
}

// handleFetch fetches a page from its vendor, inspects it and keeps its bytes.
// The bytes are durable before the verdict is, so a crash between the two leaves
// at worst a blob that nothing names.
func (g *Gateway) handleFetch(ctx context.Context, r *job.Run) error {
	var f vault.Fetch
	if err := r.Payload(&f); err != nil {
		return job.Cancel(err)
	}
	adapter, ok := g.registry.Adapter(Account{Kind: Kind(f.Channel), Name: f.Account})
	opener, opens := adapter.(FileOpener)
	if !ok || !opens {
		return job.Cancel(fmt.Errorf("no adapter opens files of %s", f.Channel))
	}
	file, err := g.fetch(ctx, opener, f.Media)
	verdict := vault.Verdict{State: core.PageRejected}
	switch core.ErrorCode(err) {
	case "":
		verdict = vault.Inspect(file.Bytes)
	case core.CodeTooLarge:
		verdict.Reason = vault.ReasonTooLarge
	case core.CodeNotFound:
		verdict.Reason = vault.ReasonBroken
	default:
		if r.Job.Attempts < 7 {
			return err
		}
		verdict.Reason = vault.ReasonBroken // the citizen is asked to send it again
	}
	key := ""
	if verdict.State == core.PageReady {
		key = vault.BlobKey(f.PageID, file.SHA256)
		if err := g.keep(ctx, key, file.Bytes); err != nil {
			return err
		}
	}
	r.Commit(func(ctx context.Context, tx core.Tx) error {
		_, err := g.svc.Vault.Verdict(ctx, tx, f.PageID, f.ConvID, verdict, int64(len(file.Bytes)), file.SHA256, key)
		return err
	})
	g.observe.Took(adapter.Account(), Taken{Verdict: verdict.State, Reason: verdict.Reason, Bytes: int64(len(file.Bytes))})
	return nil
}

func (g *Gateway) fetch(ctx context.Context, opener FileOpener, m core.Media) (vault.File, error) {
	r, err := opener.OpenFile(ctx, m)
	if err != nil {
		return vault.File{}, err
	}
	defer r.Close()
	return vault.Receive(r)
}

// handleDoor lets an event of our own in at the door of its conversation.
func (g *Gateway) handleDoor(ctx context.Context, r *job.Run) error {
	e, err := identity.OpenDoorEvent(r.Job)
	if err != nil {
		return job.Cancel(err)
	}
	var row core.TurnRow
	err = g.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		row, err = tx.Conversations().ForTurnByID(ctx, e.ConvID)
		return err
	})
	if core.IsCode(err, core.CodeNotFound) {
		return nil // nobody is left to tell
	}
	if err != nil {
		return err
	}
	return g.deliverAgain(ctx, e.Event(row))
}

// handleParked delivers a parked event again, at an operator's wish.
func (g *Gateway) handleParked(ctx context.Context, r *job.Run) error {
	var ev core.Event
	if err := r.Payload(&ev); err != nil {
		return job.Cancel(err)
	}
	return g.deliverAgain(ctx, ev)
}

func (g *Gateway) deliverAgain(ctx context.Context, ev core.Event) error {
	err := g.Deliver(ctx, ev)
	if core.IsCode(err, core.CodeNotFound) {
		return job.Cancel(err) // the account of the conversation is not configured
	}
	return err
}
