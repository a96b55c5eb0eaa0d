package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/internal/shared"
)

// sharing is what the nodes of an installation share.
type sharing interface {
	shared.Limiter
	shared.Presence
	shared.Cache
	shared.Fanout
}

// wireShared opens what nodes share: over Redis, with the node's own knowledge
// behind it, or the node's own alone.
func (a *App) wireShared(context.Context, Options) error {
	local := shared.NewLocal(a.clock)
	a.shared, a.ownPace = local, shared.NewLocal(a.clock)
	if a.cfg.RedisURL == "" {
		return nil
	}
	r, err := shared.OpenRedis(a.cfg.RedisURL.Reveal(), "motcua:")
	if err != nil {
		return err
	}
	a.redis = r
	a.shared = shared.Fallback{First: r, Second: local, Failed: func(err error) {
		a.log.Warn("Redis did not answer; this node goes on with what it knows itself", "code", core.ErrorCode(err), "cause", err.Error())
	}}
	return nil
}

// topicSessionEnded carries the id of a session whose access tokens end now.
const topicSessionEnded = "session.ended"

// endSessionsEverywhere makes a sign-out end the access tokens on every node at
// once. A node that does not hear of it ends them when they expire.
func (a *App) endSessionsEverywhere() {
	a.shared.Subscribe(topicSessionEnded, func(m []byte) {
		if id := string(m); core.ValidID(id) {
			a.Tokens.Revoke(core.ID(id))
		}
	})
	a.sessions.OnEnd(func(ctx context.Context, session core.ID) {
		if err := a.shared.Publish(context.WithoutCancel(ctx), topicSessionEnded, []byte(session)); err != nil {
			a.log.Warn("the end of a session was not told to other nodes", "code", core.ErrorCode(err), "cause", err.Error())
		}
	})
}

// Officers count as on duty for onDutyFor after their last call, which is
// remembered at most every onDutyBeat.
const (
	groupOfficers = "officers"
	onDutyFor     = 5 * time.Minute
	onDutyBeat    = time.Minute
)

// officerSeen notes that an officer is at work for an office.
func (a *App) officerSeen(ctx context.Context, officer core.Actor) {
	member := officer.Office + "/" + string(officer.ID)
	if _, due, err := a.ownPace.Take(ctx, member, shared.Rate{Burst: 1, Every: onDutyBeat}); err != nil || !due {
		return
	}
	if err := a.shared.Beat(ctx, groupOfficers, member, onDutyFor); err != nil {
		a.log.Warn("an officer's presence was not noted", "code", core.ErrorCode(err))
	}
}

// onDuty lists the offices that officers work for now. Nobody is known to be on
// duty when that cannot be found out.
func (a *App) onDuty(ctx context.Context) []string {
	members, err := a.shared.Present(ctx, groupOfficers)
	if err != nil {
		a.log.Warn("who is on duty is not known", "code", core.ErrorCode(err))
		return nil
	}
	offices := make([]string, len(members))
	for i, m := range members {
		offices[i], _, _ = strings.Cut(m, "/")
	}
	return offices
}

// known is what is remembered of a dossier for the time when the store is down:
// what anybody who has the code may learn.
type known struct {
	Status dossier.Status
	AsOf   time.Time
}

// knownFor is how long a status is remembered.
const knownFor = 30 * 24 * time.Hour

// knownKey hides the code, which names a case.
func knownKey(code string) string {
	sum := sha256.Sum256([]byte(code))
	return "status:" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// remember keeps what a changed dossier's code tells, for lastKnown.
func (a *App) remember(ctx context.Context, d core.Dossier) {
	now := a.clock.Now()
	b, err := json.Marshal(known{a.dossiers.StatusOf(d, "", false, now), now})
	if err == nil {
		err = a.shared.Set(ctx, knownKey(d.Code), b, knownFor)
	}
	if err != nil {
		a.log.Warn("a status was not remembered", "code", core.ErrorCode(err))
	}
}

// lastKnown is what was remembered of the dossier with a code.
func (a *App) lastKnown(ctx context.Context, code string) (dossier.Status, time.Time, bool) {
	b, ok, err := a.shared.Get(ctx, knownKey(code))
	if err != nil || !ok {
		return dossier.Status{}, time.Time{}, false
	}
	var k known
	if err := json.Unmarshal(b, &k); err != nil {
		return dossier.Status{}, time.Time{}, false // of another version of the program
	}
	return k.Status, k.AsOf, true
}
