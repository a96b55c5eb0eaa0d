package app

import (
	"context"
	"sync"
	"time"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/channels/kiosk"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/mobileapi"
)

const (
	// gapRoom is how many searches that found nothing may wait to be counted. More are
	// not counted: a search is a read and waits for no write.
	gapRoom = 64
	// gapSweep is how often gaps are looked for that are to be forgotten.
	gapSweep = time.Hour
	// gapBatch bounds what one transaction forgets.
	gapBatch = 500
)

// searched counts what came of a search in the app or at a terminal. Conversations
// count theirs in the transaction of the turn; here a count may be lost, when the
// store is down or slow or the program stops, and the search is answered all the same.
func (a *App) searched(s gate.Search) {
	channel, result := mobileapi.Channel, dialog.SearchFound
	if s.Kind == core.ActorKiosk {
		channel = kiosk.Channel
	}
	if !s.Found {
		result = dialog.SearchNone
	}
	a.Metrics.Searched(channel, result)
	if s.Found || s.Asker == "" {
		return
	}
	if q, ok := catalog.GapQuery(s.Query); ok {
		select {
		case a.gaps <- core.GapNote{Query: q, Asker: s.Asker, Kind: core.GapNone}:
		default:
		}
	}
}

// startGaps counts what searches left behind, and forgets what is due.
func (a *App) startGaps(ctx context.Context, wg *sync.WaitGroup) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		tick := time.NewTicker(gapSweep)
		defer tick.Stop()
		a.forgetGaps(ctx)
		for {
			select {
			case <-ctx.Done():
				return
			case n := <-a.gaps:
				err := a.store.Update(ctx, func(ctx context.Context, tx core.Tx) error { return tx.Gaps().Note(ctx, n) })
				if err != nil && ctx.Err() == nil {
					a.log.Warn("a search was not counted", "code", core.ErrorCode(err))
				}
			case <-tick.C:
				a.forgetGaps(ctx)
			}
		}
	}()
}

func (a *App) forgetGaps(ctx context.Context) {
	for gone := gapBatch; gone >= gapBatch && ctx.Err() == nil; {
		err := a.store.Update(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			gone, err = tx.Gaps().DeleteExpired(ctx, tx.Now(), gapBatch)
			return err
		})
		if err != nil {
			if ctx.Err() == nil {
				a.log.Warn("old gaps were not forgotten", "code", core.ErrorCode(err))
			}
			return
		}
	}
}
