package app

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/shared"
)

// personBurst is how many messages one person may be sent at once before the
// vendor's pace for them holds.
const personBurst = 5

// pace keeps sends within what vendors allow, counted over all nodes; a node that
// cannot ask the others goes by its own count. A vendor that is a fake on this
// machine (development and a loopback address) has no limit.
func (a *App) pace(ctx context.Context, acc channels.Account, caps core.Capabilities, lane core.Lane, person string) time.Duration {
	if a.fake(acc) {
		return 0
	}
	if caps.PerPerson > 0 {
		key := "pace:" + acc.String() + ":" + hex.EncodeToString(a.sealer.Hash("pace", person)[:16])
		if wait := a.paced(ctx, key, shared.Rate{Burst: personBurst, Every: time.Second / time.Duration(caps.PerPerson)}); wait > 0 {
			return wait
		}
	}
	if caps.PerSecond > 0 {
		return a.paced(ctx, "pace:"+acc.String(), laneRate(caps.PerSecond, lane))
	}
	return 0
}

// paced takes one and gives 0, or the wait.
func (a *App) paced(ctx context.Context, key string, r shared.Rate) time.Duration {
	wait, ok, err := a.shared.Take(ctx, key, r)
	if err != nil || ok {
		return 0 // the vendor's own 429 pauses the account all the same
	}
	return max(wait, time.Millisecond)
}

// laneRate leaves more urgent lanes a part of the burst that others may not use up:
// when notices keep an account busy, a one-time code goes at once.
func laneRate(perSecond int, lane core.Lane) shared.Rate {
	burst := max(perSecond, 4)
	switch lane {
	case core.LaneReply:
		burst = burst * 7 / 8
	case core.LaneNotice:
		burst = burst / 2
	case core.LaneBulk:
		burst = burst / 4
	}
	return shared.Rate{Burst: burst, Every: time.Second / time.Duration(perSecond)}
}

// fake reports whether an account's vendor is simulated.
func (a *App) fake(acc channels.Account) bool {
	if a.cfg.Production {
		return false
	}
	if a.sim != nil {
		return true // it starts beside fakes only
	}
	api := map[channels.Kind]string{"telegram": a.cfg.Telegram.APIURL, "twilio": a.cfg.Twilio.APIURL, "smsgate": a.cfg.SMSGate.APIURL}[acc.Kind]
	return api != "" && httpx.LoopbackURL(api)
}
