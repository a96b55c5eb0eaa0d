package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/motcua/motcua/core"
)

// Options configure a Runner.
type Options struct {
	Clock core.Clock // default: the system clock; the store's clock
	Log   *slog.Logger
	// Node names this process among those that share the store. Required.
	Node string
	// Alone says that no other process has the store: its start frees all leases.
	Alone bool
	// Workers bounds the handlers that run at once. Default 8.
	Workers int
	// Lease is how long a claimed job is safe from other nodes without renewal; it
	// is renewed at a third of it. Default 60 s.
	Lease time.Duration
	// Poll is the longest wait between two looks at the store. Default 1 s.
	Poll time.Duration
	// Limit says how long a job of an account must wait for the provider's sake,
	// and takes one from its allowance when it says 0. Default: no limit.
	Limit func(account string, now time.Time) time.Duration
	// Random is in [0,1), for the jitter of retries. Default math/rand/v2.
	Random func() float64
}

const (
	beatEvery   = 5 * time.Second  // a node says that it lives
	silentAfter = 20 * time.Second // a node that did not is taken for dead
)

// Runner claims jobs and runs them. Make it with New, start it with Start.
type Runner struct {
	store    core.Store
	registry *Registry
	o        Options

	wake    chan struct{} // somebody enqueued; one is as good as many
	results chan *result
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
	started bool

	work   context.Context // ends when handlers must
	cancel context.CancelFunc

	// Of the loop alone:
	running  map[core.ID]*lease
	pending  []*result // ended, not recorded yet
	lastBeat time.Time
	retryAt  time.Time // the store was down: not before
	fails    int
}

// lease is a job that this runner holds.
type lease struct {
	job   core.Job
	until time.Time
	end   context.CancelFunc
}

// result is how a run ended.
type result struct {
	run  *Run
	spec Spec
	err  error
}

// New makes a Runner. Errors: internal for missing options.
func New(store core.Store, registry *Registry, o Options) (*Runner, error) {
	if store == nil || registry == nil || o.Node == "" || o.Node == "*" {
		return nil, core.E(core.CodeInternal, "job.new", "", errors.New("a store, a registry and a node's name are required"))
	}
	if o.Clock == nil {
		o.Clock = core.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Lease <= 0 {
		o.Lease = time.Minute
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	r := &Runner{store: store, registry: registry, o: o, wake: make(chan struct{}, 1),
		results: make(chan *result, o.Workers), stop: make(chan struct{}), stopped: make(chan struct{}),
		running: map[core.ID]*lease{}}
	r.work, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// Wake makes the runner look at the store now. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Start frees the leases that a former life of this node left and begins to run
// jobs. It returns when the first is done. Errors: those of Store.Update.
func (r *Runner) Start(ctx context.Context) error {
	err := r.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		node := r.o.Node
		if r.o.Alone {
			node = "*"
		}
		if _, err := tx.Jobs().FreeLeases(ctx, node); err != nil {
			return err
		}
		return tx.Jobs().Beat(ctx, r.o.Node)
	})
	if err != nil {
		return err
	}
	r.lastBeat = r.o.Clock.Now()
	r.started = true
	go r.loop()
	return nil
}

// Stop claims nothing more, lets running handlers finish until ctx ends, then
// ends their contexts and gives back what is still not done. It returns when
// nothing of the runner is left running. Handlers that ignore their context hold
// it up; their jobs stay leased and are freed by time.
func (r *Runner) Stop(ctx context.Context) error {
	r.once.Do(func() { close(r.stop) })
	if !r.started {
		r.cancel()
		return nil
	}
	select {
	case <-r.stopped:
	case <-ctx.Done():
		r.cancel()
		<-r.stopped
	}
	r.cancel()
	return nil
}

// loop is the one goroutine that talks to the store about leases.
func (r *Runner) loop() {
	defer close(r.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	stopping := false
	for {
		if !stopping {
			// Before anything is claimed: a handler that ended because the runner
			// stops must not be started again by its own result.
			select {
			case <-r.stop:
				stopping = true
			default:
			}
		}
		wait := r.step(stopping)
		if stopping && len(r.running) == 0 && (len(r.pending) == 0 || r.fails > 0 && r.work.Err() != nil) {
			return // what a store that is down did not take is freed by time
		}
		stop := r.stop
		if stopping {
			stop = nil
		}
		timer.Reset(wait)
		select {
		case <-r.wake:
		case res := <-r.results:
			r.ended(res)
			r.drain()
		case <-timer.C:
		case <-stop:
		}
	}
}

// drain takes the results that wait, so that one transaction records them all.
func (r *Runner) drain() {
	for {
		select {
		case res := <-r.results:
			r.ended(res)
		default:
			return
		}
	}
}

func (r *Runner) ended(res *result) {
	if l := r.running[res.run.Job.ID]; l != nil {
		l.end()
		delete(r.running, res.run.Job.ID)
	}
	r.pending = append(r.pending, res)
}

// step records what ended, renews, beats and claims, and says how long the loop
// may sleep if nobody wakes it.
func (r *Runner) step(stopping bool) time.Duration {
	now := r.o.Clock.Now()
	if wait := r.retryAt.Sub(now); wait > 0 {
		return min(wait, r.o.Poll)
	}
	// After a stall — a suspended machine, a store that was down — what this node
	// holds is made safe before anything is freed or claimed.
	if err := r.record(stopping || r.beatDue(now)); err != nil {
		return r.storeFailed(now, err)
	}
	if err := r.keepAlive(now); err != nil {
		return r.storeFailed(now, err)
	}
	wait := r.o.Poll
	if !stopping {
		var err error
		if wait, err = r.claim(); err != nil {
			return r.storeFailed(now, err)
		}
	}
	r.fails = 0
	return wait
}

// storeFailed waits a little longer each time the store is down.
func (r *Runner) storeFailed(now time.Time, err error) time.Duration {
	r.fails++
	wait := min(100*time.Millisecond<<min(r.fails, 6), 5*time.Second)
	r.retryAt = now.Add(wait)
	r.o.Log.Warn("job: the store is not available", "cause", causeOf(err), "again_in", wait)
	return wait
}

// record writes how runs ended: together, with the claim of the next jobs unless
// they are to be recorded only, and one by one when that fails, so that one lost
// lease does not hold the others up.
func (r *Runner) record(only bool) error {
	if len(r.pending) == 0 {
		return nil
	}
	var got []core.Job
	until := r.o.Clock.Now().Add(r.o.Lease)
	err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		for _, res := range r.pending {
			if err := r.finish(ctx, tx, res); err != nil {
				return err
			}
		}
		if got = nil; !only {
			got, err = r.claimIn(ctx, tx, until)
		}
		return err
	})
	if err == nil {
		r.pending = nil
		for _, j := range got {
			r.begin(j, until)
		}
		return nil
	}
	if core.IsCode(err, core.CodeUnavailable) {
		return err
	}
	for len(r.pending) > 0 {
		res := r.pending[0]
		err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error { return r.finish(ctx, tx, res) })
		switch {
		case core.IsCode(err, core.CodeUnavailable):
			return err
		case core.IsCode(err, core.CodeConflict) && len(res.run.commit) == 0:
			// The lease was lost: another run has the job, and its end counts.
			r.o.Log.Warn("job: a lease was lost", "job", res.run.Job.ID, "kind", res.run.Job.Kind)
		case err != nil:
			// What the handler wanted to write with the end of the job cannot be
			// written: that is a failed attempt.
			r.o.Log.Warn("job: the end of a run was refused", "job", res.run.Job.ID, "kind", res.run.Job.Kind, "cause", causeOf(err))
			if len(res.run.commit) > 0 {
				res.run.commit, res.err = nil, err
				continue
			}
		}
		r.pending = r.pending[1:]
	}
	r.pending = nil
	return nil
}

// finish writes how one run ended.
func (r *Runner) finish(ctx context.Context, tx core.Tx, res *result) error {
	for _, fn := range res.run.commit {
		if err := fn(ctx, tx); err != nil {
			return err
		}
	}
	j, jobs := res.run.Job, tx.Jobs()
	var (
		cancel *cancelError
		snooze *snoozeError
		pause  *pauseError
	)
	switch err := res.err; {
	case err == nil:
		return jobs.Complete(ctx, j.ID, j.Fence)
	case errors.As(err, &cancel):
		return jobs.Park(ctx, j.ID, j.Fence, causeOf(cancel.err))
	case errors.As(err, &snooze):
		return jobs.Snooze(ctx, j.ID, j.Fence, tx.Now().Add(snooze.after), j.Progress)
	case errors.As(err, &pause):
		if err := jobs.Pause(ctx, pause.account, tx.Now().Add(pause.after)); err != nil {
			return err
		}
		// A job of another account waits for the same time by itself.
		at := tx.Now()
		if pause.account != j.Account {
			at = at.Add(pause.after)
		}
		return jobs.Snooze(ctx, j.ID, j.Fence, at, j.Progress)
	default:
		attempts := j.Attempts + 1
		limit := j.MaxAttempts
		if limit <= 0 {
			limit = res.spec.MaxAttempts
		}
		if attempts >= limit {
			return jobs.Park(ctx, j.ID, j.Fence, fmt.Sprintf("after %d attempts: %s", attempts, causeOf(err)))
		}
		return jobs.Retry(ctx, j.ID, j.Fence, tx.Now().Add(res.spec.Backoff(attempts, r.o.Random())), j.Progress, causeOf(err))
	}
}

func (r *Runner) beatDue(now time.Time) bool { return now.Sub(r.lastBeat) >= beatEvery }

// keepAlive renews leases that are a third over, beats, and frees those of nodes
// that are silent — in this order, so that it never frees its own.
func (r *Runner) keepAlive(now time.Time) error {
	until := now.Add(r.o.Lease)
	for _, l := range r.running {
		if l.until.Sub(now) > r.o.Lease*2/3 {
			continue
		}
		err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Jobs().Renew(ctx, l.job.ID, l.job.Fence, until)
		})
		switch {
		case core.IsCode(err, core.CodeConflict):
			l.end() // somebody else has the job: the sooner this run ends the better
		case err != nil:
			return err
		}
		l.until = until
	}
	if !r.beatDue(now) {
		return nil
	}
	freed := 0
	err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
		if err := tx.Jobs().Beat(ctx, r.o.Node); err != nil {
			return err
		}
		silent, err := tx.Jobs().FreeSilent(ctx, now.Add(-silentAfter))
		if err != nil {
			return err
		}
		expired, err := tx.Jobs().FreeExpired(ctx, now)
		freed = silent + expired
		return err
	})
	if err != nil {
		return err
	}
	r.lastBeat = now
	if freed > 0 {
		r.o.Log.Warn("job: leases of silent nodes were freed", "jobs", freed)
	}
	return nil
}

// claim takes jobs for the free workers, most urgent lane first.
func (r *Runner) claim() (time.Duration, error) {
	free := r.o.Workers - len(r.running)
	if free <= 0 {
		return r.nextRenewal(), nil
	}
	// A look costs no commit; most looks find nothing.
	var next time.Time
	var pauses map[string]time.Time
	err := r.store.View(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		next, err = tx.Jobs().NextRunAt(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	now := r.o.Clock.Now()
	if next.IsZero() {
		return r.nextRenewal(), nil
	}
	if wait := next.Sub(now); wait > 0 {
		return min(wait, r.nextRenewal()), nil
	}
	var got []core.Job
	until := now.Add(r.o.Lease)
	err = r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		if got, err = r.claimIn(ctx, tx, until); err != nil || len(got) > 0 {
			return err
		}
		pauses, err = tx.Jobs().Pauses(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, j := range got {
		r.begin(j, until)
	}
	if len(got) == 0 {
		// What is due belongs to a paused account, or another node was faster.
		wait := r.nextRenewal()
		for _, until := range pauses {
			if d := until.Sub(now); d > 0 {
				wait = min(wait, d)
			}
		}
		return wait, nil
	}
	if len(r.running) < r.o.Workers {
		return 0, nil // look when the next is due
	}
	return r.nextRenewal(), nil
}

// claimIn leases jobs for the free workers. Mass notices never take all workers:
// an urgent job must not wait for the slowest of them.
func (r *Runner) claimIn(ctx context.Context, tx core.Tx, until time.Time) ([]core.Job, error) {
	busy := map[core.Lane]int{}
	for _, l := range r.running {
		busy[l.job.Lane]++
	}
	var got []core.Job
	for _, lane := range core.Lanes() {
		room := r.o.Workers - len(r.running) - len(got)
		switch lane {
		case core.LaneBulk:
			room = min(room, max(r.o.Workers/2, 1)-busy[lane])
		case core.LaneNotice:
			room = min(room, max(r.o.Workers*3/4, 1)-busy[lane])
		}
		if room <= 0 {
			continue
		}
		jobs, err := tx.Jobs().Claim(ctx, lane, r.o.Node, until, room)
		if err != nil {
			return nil, err
		}
		got = append(got, jobs...)
	}
	return got, nil
}

// nextRenewal is how long the loop may sleep for the sake of its leases.
func (r *Runner) nextRenewal() time.Duration {
	wait := r.o.Poll
	now := r.o.Clock.Now()
	for _, l := range r.running {
		wait = min(wait, max(l.until.Sub(now)-r.o.Lease*2/3, 0))
	}
	return max(wait, time.Millisecond)
}
