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
	woken    bool        // jobs were enqueued since the last claim
	peek     bool        // it is time to see whether something became due
	poll     *time.Timer // sets peek
}

// lease is a job that this runner holds.
type lease struct {
	job   core.Job
	until time.Time
	end   context.CancelFunc
}

// result is how a run ended.
type result struct {
	run    *Run
	spec   Spec
	err    error
	parked string // why it was given up, once that is written
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
	var freed core.Freed
	err := r.store.Update(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		node := r.o.Node
		if r.o.Alone {
			node = "*"
		}
		if freed, err = tx.Jobs().FreeLeases(ctx, node); err != nil {
			return err
		}
		return tx.Jobs().Beat(ctx, r.o.Node)
	})
	if err != nil {
		return err
	}
	r.tellCrashed(freed)
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
	r.poll = time.NewTimer(r.o.Poll)
	defer r.poll.Stop()
	r.woken = true // what was there before
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
			r.woken = true
		case res := <-r.results:
			r.ended(res)
			r.drain()
		case <-r.poll.C:
			r.peek = true
		case <-timer.C:
		case <-stop:
		}
	}
}

// drain takes the results and the call that wait, so that one transaction answers
// them all.
func (r *Runner) drain() {
	for {
		select {
		case res := <-r.results:
			r.ended(res)
		case <-r.wake:
			r.woken = true
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
	var got claimed
	err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		if err := r.finishAll(ctx, tx); err != nil {
			return err
		}
		if !only {
			got, err = r.claimIn(ctx, tx)
		}
		return err
	})
	if err == nil {
		for _, res := range r.pending {
			r.tellParked(res)
		}
		r.pending = nil
		if only {
			r.peek = true // a retry may be due before the next look
			return nil
		}
		r.took(got)
		return nil
	}
	if core.IsCode(err, core.CodeUnavailable) {
		return err
	}
	r.peek = true
	for len(r.pending) > 0 {
		res := r.pending[0]
		err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error { return r.finish(ctx, tx, res) })
		switch {
		case core.IsCode(err, core.CodeUnavailable):
			return err
		case core.IsCode(err, core.CodeConflict) && !res.run.writes():
			// The lease was lost: another run has the job, and its end counts.
			r.o.Log.Warn("job: a lease was lost", "job", res.run.Job.ID, "kind", res.run.Job.Kind)
		case err != nil:
			// What the handler wanted to write with the end of the job cannot be
			// written: that is a failed attempt.
			r.o.Log.Warn("job: the end of a run was refused", "job", res.run.Job.ID, "kind", res.run.Job.Kind, "cause", causeOf(err))
			if res.run.writes() {
				res.run.forget()
				res.err = err
				continue
			}
		default:
			r.tellParked(res)
		}
		r.pending = r.pending[1:]
	}
	r.pending = nil
	return nil
}

// tellParked says once, after the commit, that a job was given up: an operator has
// to look at it.
func (r *Runner) tellParked(res *result) {
	if res.parked != "" {
		j := res.run.Job
		r.o.Log.Error("job parked", "job", j.ID, "kind", j.Kind, "lane", j.Lane, "account", j.Account, "cause", res.parked)
	}
}

// finishAll writes how the pending runs ended: what they want written first, one
// after another, and the completions, which are nearly all, with the receipts of
// all as sets.
func (r *Runner) finishAll(ctx context.Context, tx core.Tx) error {
	var (
		done     []core.Job
		receipts []core.Receipt
	)
	for _, res := range r.pending {
		if res.err != nil {
			if err := r.finish(ctx, tx, res); err != nil {
				return err
			}
			continue
		}
		if err := r.write(ctx, tx, res.run); err != nil {
			return err
		}
		receipts = append(receipts, res.run.receipts...)
		done = append(done, res.run.Job)
	}
	if len(receipts) > 0 {
		if err := tx.Receipts().Put(ctx, receipts...); err != nil {
			return err
		}
	}
	if len(done) == 0 {
		return nil
	}
	return tx.Jobs().CompleteAll(ctx, done)
}

func (r *Runner) write(ctx context.Context, tx core.Tx, run *Run) error {
	for _, fn := range run.commit {
		if err := fn(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// finish writes how one run ended.
func (r *Runner) finish(ctx context.Context, tx core.Tx, res *result) error {
	if err := r.write(ctx, tx, res.run); err != nil {
		return err
	}
	if len(res.run.receipts) > 0 {
		if err := tx.Receipts().Put(ctx, res.run.receipts...); err != nil {
			return err
		}
	}
	j, jobs := res.run.Job, tx.Jobs()
	res.parked = ""
	var (
		cancel *cancelError
		snooze *snoozeError
		pause  *pauseError
	)
	switch err := res.err; {
	case err == nil:
		return jobs.Complete(ctx, j.ID, j.Fence)
	case errors.As(err, &cancel):
		res.parked = causeOf(cancel.err)
		return jobs.Park(ctx, j.ID, j.Fence, res.parked)
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
			res.parked = fmt.Sprintf("after %d attempts: %s", attempts, causeOf(err))
			return jobs.Park(ctx, j.ID, j.Fence, res.parked)
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
	var silent, expired core.Freed
	err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		if err := tx.Jobs().Beat(ctx, r.o.Node); err != nil {
			return err
		}
		if silent, err = tx.Jobs().FreeSilent(ctx, now.Add(-silentAfter)); err != nil {
			return err
		}
		expired, err = tx.Jobs().FreeExpired(ctx, now)
		return err
	})
	if err != nil {
		return err
	}
	r.lastBeat = now
	r.tellCrashed(silent)
	r.tellCrashed(expired)
	if freed := silent.Ready + expired.Ready; freed > 0 {
		r.woken = true
		r.o.Log.Warn("job: leases of silent nodes were freed", "jobs", freed)
	}
	return nil
}

// tellCrashed says that jobs were given up because processes died with them.
func (r *Runner) tellCrashed(f core.Freed) {
	for _, id := range f.Parked {
		r.o.Log.Error("job parked", "job", id, "cause", "crashed the server")
	}
}

// claim takes jobs for the free workers, most urgent lane first. When nobody
// enqueued it looks first, because a look costs no commit and most find nothing;
// and when nothing can have become due it does not even look.
func (r *Runner) claim() (time.Duration, error) {
	if len(r.running) >= r.o.Workers || !r.woken && !r.peek {
		return r.nextRenewal(), nil
	}
	if !r.woken {
		var next time.Time
		err := r.store.View(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
			next, err = tx.Jobs().NextRunAt(ctx)
			return err
		})
		if err != nil {
			return 0, err
		}
		now := r.o.Clock.Now()
		if next.IsZero() || next.After(now) {
			r.lookAgain(now, next)
			return r.nextRenewal(), nil
		}
	}
	var got claimed
	if err := r.store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		got, err = r.claimIn(ctx, tx)
		return err
	}); err != nil {
		return 0, err
	}
	r.took(got)
	return r.nextRenewal(), nil
}

// claimed is what one look at the queue found.
type claimed struct {
	jobs  []core.Job
	until time.Time // of their leases
	// more says that the limit was reached: nothing is known of what is left. Else
	// next is when it is worth to look again; zero when nothing waits.
	more bool
	next time.Time
}

// claimIn leases jobs for the free workers. Mass notices never take all workers, and
// the last free one is kept for codes: who waits for one looks at a clock, and must
// not wait for the slowest of the others.
func (r *Runner) claimIn(ctx context.Context, tx core.Tx) (claimed, error) {
	busy := map[core.Lane]int{}
	for _, l := range r.running {
		busy[l.job.Lane]++
	}
	free := r.o.Workers - len(r.running)
	others := min(max(max(r.o.Workers-1, 1)-len(r.running)+busy[core.LaneOTP], 0), free)
	got := claimed{until: r.o.Clock.Now().Add(r.o.Lease)}
	room := map[core.Lane]int{core.LaneOTP: others, core.LaneReply: others,
		core.LaneNotice: max(r.o.Workers*3/4, 1) - busy[core.LaneNotice],
		core.LaneBulk:   max(r.o.Workers/2, 1) - busy[core.LaneBulk]}
	var err error
	if got.jobs, err = tx.Jobs().ClaimLanes(ctx, room, r.o.Node, got.until, others); err != nil {
		return claimed{}, err
	}
	got.more = others > 0 && len(got.jobs) >= others
	if rest := free - others; rest > 0 && len(got.jobs) >= others {
		codes, err := tx.Jobs().ClaimLanes(ctx, map[core.Lane]int{core.LaneOTP: rest}, r.o.Node, got.until, rest)
		if err != nil {
			return claimed{}, err
		}
		got.jobs = append(got.jobs, codes...)
		got.more = got.more || len(codes) >= rest
	}
	if got.more {
		return got, nil
	}
	if got.next, err = tx.Jobs().NextRunAt(ctx); err != nil || got.next.IsZero() || got.next.After(tx.Now()) {
		return got, err
	}
	// What is due and was not taken belongs to a paused account, to a lane that is
	// full — the end of a run looks again — or to a node that was faster.
	pauses, err := tx.Jobs().Pauses(ctx)
	got.next = time.Time{}
	for _, until := range pauses {
		if got.next.IsZero() || until.Before(got.next) {
			got.next = until
		}
	}
	return got, err
}

// took runs what was claimed and sets the time of the next look.
func (r *Runner) took(got claimed) {
	r.woken = false
	if got.more {
		r.woken = true // as soon as a worker is free
	}
	for _, j := range got.jobs {
		r.begin(j, got.until)
	}
	r.lookAgain(r.o.Clock.Now(), got.next)
}

// lookAgain sets the time of the next look: when the next job is due, at the
// latest after Options.Poll, because other nodes enqueue too.
func (r *Runner) lookAgain(now, next time.Time) {
	wait := r.o.Poll
	if !next.IsZero() {
		wait = min(wait, max(next.Sub(now), time.Millisecond))
	}
	r.peek = false
	r.poll.Reset(wait)
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
