package storetest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/job"
)

func runnerCases() []Case {
	return []Case{
		{"runner: each job once, in the order of its key", runnerOrder},
		{"runner: a node dies between claim and completion", runnerDeath},
		{"runner: failures are tried again later, then parked", runnerRetries},
		{"runner: cancel, snooze and pause", runnerControl},
		{"runner: a long run keeps its lease", runnerRenews},
		{"runner: a stop gives back what is not done", runnerStop},
		{"runner: what a run commits is written with its end", runnerCommit},
		{"runner: a handler that panics or ends its goroutine", runnerPanic},
		{"runner: urgent lanes first", runnerLanes},
		{"runner: a commit that enqueues wakes it", runnerWake},
		{"runner: a kind without a handler", runnerUnknown},
	}
}

// startRunner runs jobs of kind "test" until the test ends.
func startRunner(t testing.TB, h *Harness, node string, handle job.Handler, change ...func(*job.Options)) *job.Runner {
	t.Helper()
	registry, err := job.NewRegistry(job.Spec{Kind: "test", Handle: handle, MaxAttempts: 3, Timeout: time.Minute,
		Backoff: func(n int, _ float64) time.Duration { return time.Duration(n) * time.Minute }})
	if err != nil {
		t.Fatal(err)
	}
	// The clock stands still, so the poll only finds out that it was moved.
	o := job.Options{Clock: h.Clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Node: node, Workers: 4,
		Poll: 2 * time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	r, err := job.New(h.Store, registry, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopNow(r) })
	return r
}

// stopNow lets no handler finish.
func stopNow(r *job.Runner) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = r.Stop(ctx)
}

// until waits for something that others bring about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	end := time.NewTimer(20 * time.Second)
	defer end.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-end.C:
			t.Fatalf("it does not happen: %s", what)
		}
	}
}

func jobsIn(t testing.TB, h *Harness, state core.JobState) []core.Job {
	return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Job, error) { return tx.Jobs().List(ctx, state, 1000) })
}

func noJobs(t testing.TB, h *Harness) {
	t.Helper()
	until(t, "all jobs are done", func() bool { return len(jobsIn(t, h, "")) == 0 })
}

func runnerOrder(t testing.TB, h *Harness) {
	const n, keys = 60, 5
	var mu sync.Mutex
	runs := map[core.ID]int{}
	ran := map[string][]core.ID{}
	busy := map[string]int{}
	handle := func(ctx context.Context, r *job.Run) error {
		mu.Lock()
		runs[r.Job.ID]++
		ran[r.Job.OrderKey] = append(ran[r.Job.OrderKey], r.Job.ID)
		if busy[r.Job.OrderKey]++; busy[r.Job.OrderKey] > 1 {
			t.Errorf("two jobs of %s at once", r.Job.OrderKey)
		}
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		busy[r.Job.OrderKey]--
		mu.Unlock()
		return nil
	}
	want := map[string][]core.ID{}
	for i := range n {
		j := h.Build.Job(string(rune('a' + i%keys)))
		want[j.OrderKey] = append(want[j.OrderKey], j.ID)
		enqueue(t, h, j)
		if i == n/3 {
			startRunner(t, h, "one", handle)
			startRunner(t, h, "two", handle)
		}
	}
	noJobs(t, h)
	mu.Lock()
	defer mu.Unlock()
	equal(t, "jobs", len(runs), n)
	for key := range want {
		same(t, "order of "+key, ran[key], want[key])
	}
}

func runnerDeath(t testing.TB, h *Harness) {
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Beat(ctx, "dead") })
	enqueue(t, h, h.Build.Job("a"), h.Build.Job("a"))
	lost := claimLane(t, h, core.LaneReply, "dead", 1)[0]
	var fence atomic.Int64
	var order atomic.Int32
	startRunner(t, h, "lives", func(ctx context.Context, r *job.Run) error {
		if order.Add(1) == 1 {
			if r.Job.ID != lost.ID {
				t.Error("a job passed the one before it")
			}
			fence.Store(r.Job.Fence)
		}
		return nil
	})
	h.Clock.Add(10 * time.Second) // not silent for long enough
	equal(t, "running", len(jobsIn(t, h, core.JobRunning)), 1)
	h.Clock.Add(11 * time.Second)
	noJobs(t, h)
	if fence.Load() <= lost.Fence {
		t.Fatalf("fence %d after %d", fence.Load(), lost.Fence)
	}
	wantCode(t, "the dead node comes back", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Complete(ctx, lost.ID, lost.Fence)
	}), core.CodeConflict)
}

func runnerRetries(t testing.TB, h *Harness) {
	var runs atomic.Int32
	startRunner(t, h, "n", func(context.Context, *job.Run) error {
		runs.Add(1)
		return core.E(core.CodeUnavailable, "test.send", "", errors.New("detail"))
	})
	j := h.Build.Job("a")
	enqueue(t, h, j)
	for n := 1; n < 3; n++ {
		until(t, "attempt", func() bool { got := jobNow(t, h, j.ID); return got.State == core.JobReady && got.Attempts == n })
		got := jobNow(t, h, j.ID)
		equal(t, "runs", runs.Load(), int32(n))
		equal(t, "wait", got.RunAt.Sub(h.Clock.Now()), time.Duration(n)*time.Minute)
		h.Clock.Set(got.RunAt)
	}
	until(t, "parked", func() bool { return jobNow(t, h, j.ID).State == core.JobParked })
	equal(t, "runs", runs.Load(), 3)
	equal(t, "cause", jobNow(t, h, j.ID).Cause, "after 3 attempts: test.send: unavailable")
}

func jobNow(t testing.TB, h *Harness, id core.ID) core.Job {
	return get(t, h, func(ctx context.Context, tx core.Tx) (core.Job, error) { return tx.Jobs().Get(ctx, id) })
}

func runnerControl(t testing.TB, h *Harness) {
	var once atomic.Bool
	startRunner(t, h, "n", func(_ context.Context, r *job.Run) error {
		switch r.Job.OrderKey {
		case "cancel":
			return job.Cancel(errors.New("blocked by the person"))
		case "snooze":
			if once.CompareAndSwap(false, true) {
				return job.Snooze(time.Hour)
			}
		case "pause":
			return job.Pause(r.Job.Account, time.Hour)
		}
		return nil
	})
	account := func(j *core.Job) { j.Account = "test/main" }
	cancelled, snoozed, paused := h.Build.Job("cancel"), h.Build.Job("snooze"), h.Build.Job("pause", account)
	enqueue(t, h, cancelled, snoozed, paused)
	until(t, "parked", func() bool { return jobNow(t, h, cancelled.ID).State == core.JobParked })
	equal(t, "cause", jobNow(t, h, cancelled.ID).Cause, "blocked by the person")
	until(t, "snoozed", func() bool { return jobNow(t, h, snoozed.ID).RunAt.Equal(h.Clock.Now().Add(time.Hour)) })
	equal(t, "attempts", jobNow(t, h, snoozed.ID).Attempts, 0)
	until(t, "paused", func() bool { j := jobNow(t, h, paused.ID); return j.State == core.JobReady && j.Fence > 0 })
	behind := h.Build.Job("", account)
	enqueue(t, h, behind)
	free := h.Build.Job("")
	enqueue(t, h, free)
	until(t, "a job of another account", func() bool {
		return core.IsCode(tryView(t, h, func(ctx context.Context, tx core.Tx) error {
			_, err := tx.Jobs().Get(ctx, free.ID)
			return err
		}), core.CodeNotFound)
	})
	equal(t, "a job of the paused account", jobNow(t, h, behind.ID).Fence, 0)
	h.Clock.Add(time.Hour)
	until(t, "after the pause", func() bool { return len(jobsIn(t, h, core.JobReady))+len(jobsIn(t, h, core.JobRunning)) == 1 })
}

func runnerRenews(t testing.TB, h *Harness) {
	release := make(chan struct{})
	startRunner(t, h, "n", func(ctx context.Context, _ *job.Run) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return ctx.Err()
	}, func(o *job.Options) { o.Lease = 30 * time.Second })
	j := h.Build.Job("")
	enqueue(t, h, j)
	until(t, "running", func() bool { return jobNow(t, h, j.ID).State == core.JobRunning })
	// The last one is a machine that slept: its own leases are over too.
	for _, d := range []time.Duration{12 * time.Second, 12 * time.Second, 12 * time.Second, time.Hour} {
		h.Clock.Add(d)
		until(t, "renewed", func() bool { return jobNow(t, h, j.ID).LeaseUntil.Equal(h.Clock.Now().Add(30 * time.Second)) })
	}
	equal(t, "fence", jobNow(t, h, j.ID).Fence, 1)
	close(release)
	noJobs(t, h)
}

func runnerStop(t testing.TB, h *Harness) {
	var started sync.WaitGroup
	started.Add(2)
	r := startRunner(t, h, "n", func(ctx context.Context, r *job.Run) error {
		if err := r.Progress(ctx, "half"); err != nil {
			t.Errorf("Progress: %v", err)
		}
		started.Done()
		<-ctx.Done()
		return ctx.Err()
	})
	a, b := h.Build.Job("a"), h.Build.Job("b")
	enqueue(t, h, a, b)
	started.Wait()
	stopNow(r)
	for _, j := range []core.Job{a, b} {
		got := jobNow(t, h, j.ID)
		if got.State != core.JobReady || got.Attempts != 0 || got.Progress != "half" || got.RunAt.After(h.Clock.Now()) {
			t.Fatalf("after a stop: %+v", got)
		}
	}
	var runs atomic.Int32
	startRunner(t, h, "next", func(_ context.Context, r *job.Run) error {
		runs.Add(1)
		if r.Job.Progress != "half" {
			t.Errorf("progress %q", r.Job.Progress)
		}
		return nil
	})
	noJobs(t, h)
	equal(t, "runs", runs.Load(), 2)
}

func runnerCommit(t testing.TB, h *Harness) {
	z := h.Build.Citizen()
	var runs atomic.Int32
	startRunner(t, h, "n", func(_ context.Context, r *job.Run) error {
		n := runs.Add(1)
		r.Commit(func(ctx context.Context, tx core.Tx) error {
			if err := tx.Citizens().Insert(ctx, z); err != nil {
				return err
			}
			if n == 1 {
				return errors.New("not yet")
			}
			return tx.Enqueue(ctx, h.Build.Job("next", func(j *core.Job) { j.Kind = "follow" }))
		})
		return nil
	})
	j := h.Build.Job("a")
	enqueue(t, h, j)
	until(t, "a failed attempt", func() bool { return jobNow(t, h, j.ID).Attempts == 1 })
	if stored(t, h, z.ID) {
		t.Fatal("what a run wrote was kept without its end")
	}
	h.Clock.Add(time.Minute)
	until(t, "done", func() bool { return stored(t, h, z.ID) })
	wantCode(t, "the job", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Jobs().Get(ctx, j.ID)
		return err
	}), core.CodeNotFound)
	equal(t, "jobs it enqueued", len(jobsIn(t, h, "")), 1)
}

func runnerPanic(t testing.TB, h *Harness) {
	startRunner(t, h, "n", func(_ context.Context, r *job.Run) error {
		if r.Job.OrderKey == "panic" {
			panic("on purpose")
		}
		runtime.Goexit()
		return nil
	})
	p, g := h.Build.Job("panic"), h.Build.Job("exit")
	enqueue(t, h, p, g)
	for _, j := range []core.Job{p, g} {
		until(t, "a failed attempt", func() bool { got := jobNow(t, h, j.ID); return got.State == core.JobReady && got.Attempts == 1 })
		if cause := jobNow(t, h, j.ID).Cause; !strings.HasPrefix(cause, "the handler ") {
			t.Fatalf("cause %q", cause)
		}
	}
}

func runnerLanes(t testing.TB, h *Harness) {
	var mu sync.Mutex
	var order []core.Lane
	var jobs []core.Job
	for _, lane := range []core.Lane{core.LaneBulk, core.LaneNotice, core.LaneReply, core.LaneOTP} {
		jobs = append(jobs, h.Build.Job("", func(j *core.Job) { j.Lane = lane }))
	}
	enqueue(t, h, jobs...)
	startRunner(t, h, "n", func(_ context.Context, r *job.Run) error {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, r.Job.Lane)
		return nil
	}, func(o *job.Options) { o.Workers = 1 })
	noJobs(t, h)
	mu.Lock()
	defer mu.Unlock()
	same(t, "order", order, core.Lanes())
}

func runnerWake(t testing.TB, h *Harness) {
	ran := make(chan core.ID, 1)
	r := startRunner(t, h, "n", func(_ context.Context, r *job.Run) error { ran <- r.Job.ID; return nil },
		func(o *job.Options) { o.Poll = time.Hour })
	store := job.Watch(h.Store, r.Wake)
	for range 3 {
		j := h.Build.Job("")
		if err := store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, j) }); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-ran:
			equal(t, "job", got, j.ID)
		case <-time.After(20 * time.Second):
			t.Fatal("nobody woke the runner")
		}
	}
}

func runnerUnknown(t testing.TB, h *Harness) {
	startRunner(t, h, "n", func(context.Context, *job.Run) error { return nil })
	j := h.Build.Job("a", func(j *core.Job) { j.Kind = "of another version" })
	enqueue(t, h, j)
	until(t, "tried", func() bool { return jobNow(t, h, j.ID).Attempts == 1 })
	got := jobNow(t, h, j.ID)
	if got.State != core.JobReady || !got.RunAt.After(h.Clock.Now()) || !strings.Contains(got.Cause, "of another version") {
		t.Fatalf("%+v", got)
	}
}
