package app

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/job"
)

// handleChanged lets notify decide about one line of a dossier's timeline.
func (a *App) handleChanged(ctx context.Context, r *job.Run) error {
	var c dossier.Changed
	if err := r.Payload(&c); err != nil {
		return job.Cancel(err)
	}
	var until time.Time
	var changed core.Dossier
	var through string
	if err := a.store.Update(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		if until, err = a.notify.Tell(ctx, tx, c); err != nil {
			return err
		}
		if err := tellLater(ctx, tx, c, until); err != nil {
			return err
		}
		if changed, err = tx.Dossiers().Get(ctx, c.DossierID); err != nil || c.Seq != 1 {
			return err
		}
		through, err = submittedThrough(ctx, tx, changed)
		return err
	}); err != nil {
		return err
	}
	a.remember(ctx, changed)
	// Counted once the line is dealt with; whichever door it came through is here.
	if until.IsZero() && c.Seq == 1 {
		a.Metrics.Submitted(cmp.Or(through, "none"), changed.ProcedureCode)
	}
	return nil
}

// tellLater puts a line that has to wait behind those that need not: in its old
// place it would keep back what is urgent.
func tellLater(ctx context.Context, tx core.Tx, c dossier.Changed, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	payload, err := core.SealJSON(c)
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, core.Job{
		Kind: dossier.JobChanged, Lane: core.LaneNotice, OrderKey: "later:" + string(c.DossierID), RunAt: until, Payload: payload,
	})
}

// submittedThrough is the channel a dossier's draft was submitted on.
func submittedThrough(ctx context.Context, tx core.Tx, d core.Dossier) (channel string, err error) {
	draft, err := tx.Drafts().Get(ctx, d.DraftID)
	if core.IsCode(err, core.CodeNotFound) {
		return "", nil
	}
	return draft.Holder, err
}

// handleCosign asks somebody to agree to a dossier, or reminds them.
func (a *App) handleCosign(ctx context.Context, r *job.Run) error {
	var asked dossier.CosignAsked
	if err := r.Payload(&asked); err != nil {
		return job.Cancel(err)
	}
	var until time.Time
	err := a.store.Update(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		until, err = a.notify.AskCosign(ctx, tx, asked)
		return err
	})
	if err == nil && !until.IsZero() {
		return job.Snooze(until.Sub(a.clock.Now()))
	}
	return err
}

// handleDraftSilent takes silence on the draft of a result for consent.
func (a *App) handleDraftSilent(ctx context.Context, r *job.Run) error {
	var sent dossier.Changed
	if err := r.Payload(&sent); err != nil {
		return job.Cancel(err)
	}
	return a.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		_, err := a.dossiers.DraftSilent(ctx, tx, sent)
		return err
	})
}

// handleSendCode sends a one-time code by SMS. The code is derived here and lives
// nowhere else.
func (a *App) handleSendCode(ctx context.Context, r *job.Run) error {
	var s auth.Sending
	err := a.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		s, err = a.codes.ForSending(ctx, tx, r.Job)
		return err
	})
	switch core.ErrorCode(err) {
	case "":
	case core.CodeNotFound, core.CodeFailedPrecondition:
		return nil // used or over: sending it would only confuse
	default:
		return err
	}
	acc, ok := a.registry.Numbers()
	if !ok {
		return job.Cancel(errors.New("no channel sends to phone numbers"))
	}
	return a.Gateway.SendNow(ctx, r, acc, s.Phone, core.Prompt{
		Key: "code.login", Locale: "vi",
		Args: map[string]string{"code": s.Code, "minutes": strconv.Itoa(int(auth.CodeLife / time.Minute))},
	})
}

// sameNumber lists the addresses under which channels know a phone number.
func (a *App) sameNumber(phone string) []core.AddressKey {
	keys := []core.AddressKey{{Channel: auth.PhoneChannel, Account: auth.PhoneAccount, External: phone}}
	return append(keys, a.registry.NumberKeys(phone)...)
}

// sweepEvery is how often old replies are looked for.
const sweepEvery = 10 * time.Second

// startSweeps forgets replies that ran out and shows how much work waits.
func (a *App) startSweeps(ctx context.Context, wg *sync.WaitGroup) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		parked := a.gauge(ctx, -1)
		a.gaugeSpool()
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			err := a.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
				_, err := tx.Replies().DeleteExpired(ctx, tx.Now(), 500)
				return err
			})
			if err != nil && ctx.Err() == nil {
				a.log.Warn("sweep failed", "code", core.ErrorCode(err), "cause", err.Error())
			}
			parked = a.gauge(ctx, parked)
			a.gaugeSpool()
		}
	}()
}

// gauge shows how much work waits, and counts the jobs that were parked since the
// last time, when there were before of them; -1 is the first time. It gives how
// many there are.
func (a *App) gauge(ctx context.Context, before int) (parked int) {
	var depth map[core.Lane]map[core.JobState]int
	var oldest map[core.Lane]time.Time
	err := a.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		if depth, err = tx.Jobs().Depth(ctx); err != nil {
			return err
		}
		oldest, err = tx.Jobs().Oldest(ctx)
		return err
	})
	if err != nil {
		return before
	}
	for _, lane := range core.Lanes() {
		n := 0
		for state, k := range depth[lane] {
			if state == core.JobParked {
				parked += k // waits for an operator, not for us
				continue
			}
			n += k
		}
		age := time.Duration(0)
		if since := oldest[lane]; !since.IsZero() {
			age = max(a.clock.Now().Sub(since), 0)
		}
		a.Metrics.Jobs(string(lane), n, age)
	}
	if before >= 0 {
		for range parked - before {
			a.Metrics.Parked("job")
		}
	}
	return parked
}

// startPolling fetches events from vendors that are asked instead of pushing.
func (a *App) startPolling(ctx context.Context, wg *sync.WaitGroup) {
	if !a.cfg.Telegram.Poll {
		return
	}
	for _, acc := range a.registry.Accounts() {
		ad, _ := a.registry.Adapter(acc)
		p, ok := ad.(channels.Poller)
		if !ok {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				err := p.Poll(ctx, func(ctx context.Context, in channels.Inbound) error {
					return a.Gateway.Take(ctx, acc, in)
				})
				if err == nil || ctx.Err() != nil {
					continue
				}
				a.log.Warn("polling failed", "channel", acc.Kind, "code", core.ErrorCode(err), "cause", err.Error())
				select {
				case <-ctx.Done():
				case <-time.After(5 * time.Second):
				}
			}
		}()
	}
}
