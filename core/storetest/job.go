package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func jobCases() []Case {
	return []Case{
		{"a job is stored and read back whole", jobWhole},
		{"jobs leave with their transaction only", jobRolledBack},
		{"only the head of a key is ready", jobOrder},
		{"a retried job stays the head of its key", jobRetry},
		{"a parked job lets its key go on and comes back behind", jobParked},
		{"a dropped job lets its key go on", jobDropped},
		{"parallel enqueuers and completers leave no orphan", jobNoOrphan},
		{"an old fence is refused", jobFence},
		{"jobs are completed together or not at all", jobCompleteAll},
		{"a claim of all lanes takes the most urgent first", jobClaimLanes},
		{"lanes, times and limits of a claim", jobClaim},
		{"a job is claimed by one", jobClaimedOnce},
		{"a paused account is passed by", jobPause},
		{"leases end with their node or their time", jobLeases},
		{"a job that dies with its processes is parked", jobCrashes},
		{"depth and the next time", jobDepth},
		{"the oldest job that is late", jobOldest},
		{"a newer job of the same key", jobNewer},
	}
}

func enqueue(t testing.TB, h *Harness, jobs ...core.Job) {
	t.Helper()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, jobs...) })
}

// claim leases jobs of the reply lane for a minute.
func claim(t testing.TB, h *Harness, limit int) []core.Job {
	t.Helper()
	return claimLane(t, h, core.LaneReply, "node-a", limit)
}

func claimLane(t testing.TB, h *Harness, lane core.Lane, node string, limit int) []core.Job {
	t.Helper()
	var got []core.Job
	update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
		got, err = tx.Jobs().Claim(ctx, lane, node, tx.Now().Add(time.Minute), limit)
		return err
	})
	return got
}

func complete(t testing.TB, h *Harness, j core.Job) {
	t.Helper()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Complete(ctx, j.ID, j.Fence) })
}

func ids(jobs []core.Job) string {
	var s []core.ID
	for _, j := range jobs {
		s = append(s, j.ID)
	}
	return fmt.Sprint(s)
}

func jobWhole(t testing.TB, h *Harness) {
	j := core.Job{ID: h.Build.ID(), Kind: "send", Lane: core.LaneBulk, OrderKey: "k", Account: "test/main",
		Payload: core.Sealed(`{"a":1}`), RunAt: h.Clock.Now().Add(time.Hour), MaxAttempts: 7, Progress: "1/3",
		CreatedAt: h.Clock.Now()}
	bare := core.Job{Kind: "send", Lane: core.LaneOTP}
	enqueue(t, h, j, bare)
	j.State = core.JobReady
	same(t, "job", jobNow(t, h, j.ID), j)
	all := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Job, error) {
		return tx.Jobs().List(ctx, core.JobReady, 10)
	})
	equal(t, "jobs", len(all), 2)
	if all[1].ID == "" || !all[1].RunAt.Equal(h.Clock.Now()) || !all[1].CreatedAt.Equal(h.Clock.Now()) {
		t.Fatalf("what was left empty is not filled in: %+v", all[1])
	}
	wantCode(t, "an unknown lane", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Enqueue(ctx, core.Job{Kind: "send", Lane: "fast"})
	}), core.CodeInternal)
	wantCode(t, "the id again", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, j) }),
		core.CodeDuplicate)
}

func jobRolledBack(t testing.TB, h *Harness) {
	undo := errors.New("undo")
	j := h.Build.Job("k")
	if err := tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Enqueue(ctx, j); err != nil {
			return err
		}
		return undo
	}); err != undo {
		t.Fatal(err)
	}
	equal(t, "claimed", len(claim(t, h, 10)), 0)
	enqueue(t, h, h.Build.Job("k"))
	equal(t, "claimed", len(claim(t, h, 10)), 1) // nothing stands before it
}

func jobOrder(t testing.TB, h *Harness) {
	a1, b1, a2, free, a3 := h.Build.Job("a"), h.Build.Job("b"), h.Build.Job("a"), h.Build.Job(""), h.Build.Job("a")
	enqueue(t, h, a1, b1)
	enqueue(t, h, a2, free, a3)
	got := claim(t, h, 10)
	equal(t, "heads", ids(got), ids([]core.Job{a1, b1, free}))
	equal(t, "while they run", len(claim(t, h, 10)), 0)
	complete(t, h, got[0])
	next := claim(t, h, 10)
	equal(t, "the next of a", ids(next), ids([]core.Job{a2}))
	complete(t, h, next[0])
	next = claim(t, h, 10)
	equal(t, "the last of a", ids(next), ids([]core.Job{a3}))
	complete(t, h, next[0])
	wantCode(t, "a finished job", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Jobs().Get(ctx, a3.ID)
		return err
	}), core.CodeNotFound)
}

func jobRetry(t testing.TB, h *Harness) {
	a1, a2 := h.Build.Job("a"), h.Build.Job("a")
	enqueue(t, h, a1, a2)
	j := claim(t, h, 10)[0]
	later := h.Clock.Now().Add(time.Minute)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Retry(ctx, j.ID, j.Fence, later, "1/2", "timeout")
	})
	equal(t, "before its time", len(claim(t, h, 10)), 0) // a2 does not pass
	h.Clock.Set(later)
	again := claim(t, h, 10)
	equal(t, "at its time", ids(again), ids([]core.Job{a1}))
	equal(t, "attempts", again[0].Attempts, 1)
	equal(t, "progress", again[0].Progress, "1/2")
	if again[0].Fence <= j.Fence {
		t.Fatalf("fence %d after %d", again[0].Fence, j.Fence)
	}
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Snooze(ctx, j.ID, again[0].Fence, later, "2/2")
	})
	j = claim(t, h, 10)[0]
	equal(t, "attempts after a snooze", j.Attempts, 1)
	equal(t, "progress after a snooze", j.Progress, "2/2")
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Progress(ctx, j.ID, j.Fence, "3/2") })
	equal(t, "progress while it runs", jobNow(t, h, j.ID).Progress, "3/2")
	complete(t, h, j)
	equal(t, "then", ids(claim(t, h, 10)), ids([]core.Job{a2}))
}

func jobParked(t testing.TB, h *Harness) {
	a1, a2, a3 := h.Build.Job("a"), h.Build.Job("a"), h.Build.Job("a")
	enqueue(t, h, a1, a2)
	j := claim(t, h, 10)[0]
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Park(ctx, j.ID, j.Fence, "refused") })
	parked := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Job, error) {
		return tx.Jobs().List(ctx, core.JobParked, 10)
	})
	equal(t, "parked", ids(parked), ids([]core.Job{a1}))
	equal(t, "cause", parked[0].Cause, "refused")
	enqueue(t, h, a3)
	second := claim(t, h, 10)
	equal(t, "the key goes on", ids(second), ids([]core.Job{a2}))
	redrive := func() error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Redrive(ctx, a1.ID, tx.Now()) })
	}
	if err := redrive(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "redrive again", redrive(), core.CodeNotFound)
	complete(t, h, second[0])
	third := claim(t, h, 10)
	equal(t, "behind the others", ids(third), ids([]core.Job{a3}))
	complete(t, h, third[0])
	back := claim(t, h, 10)
	equal(t, "comes back", ids(back), ids([]core.Job{a1}))
	equal(t, "attempts", back[0].Attempts, 0)
	equal(t, "cause", back[0].Cause, "")
	complete(t, h, back[0])
	// Alone it is ready at once.
	b := h.Build.Job("b")
	enqueue(t, h, b)
	j = claim(t, h, 10)[0]
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Park(ctx, j.ID, j.Fence, "x") })
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Redrive(ctx, b.ID, tx.Now()) })
	equal(t, "alone", ids(claim(t, h, 10)), ids([]core.Job{b}))
}

func jobDropped(t testing.TB, h *Harness) {
	a1, a2, a3 := h.Build.Job("a"), h.Build.Job("a"), h.Build.Job("a")
	enqueue(t, h, a1, a2, a3)
	drop := func(id core.ID) error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Drop(ctx, id) })
	}
	for _, id := range []core.ID{a2.ID, a1.ID} {
		if err := drop(id); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "drop again", drop(a1.ID), core.CodeNotFound)
	got := claim(t, h, 10)
	equal(t, "the next", ids(got), ids([]core.Job{a3}))
	wantCode(t, "a running job", drop(a3.ID), core.CodeNotFound)
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Park(ctx, a3.ID, got[0].Fence, "x") })
	if err := drop(a3.ID); err != nil {
		t.Fatal(err)
	}
}

// jobNoOrphan: enqueuers and completers of the same keys at once. Every job runs,
// once, in the order of its key; none stays waiting behind nobody.
func jobNoOrphan(t testing.TB, h *Harness) {
	const enqueuers, each, keys = 10, 12, 3
	var mu sync.Mutex
	ran := map[string][]string{} // by key: "enqueuer.number"
	var running [keys]atomic.Int32
	var left atomic.Int32
	left.Store(enqueuers * each)
	parallel(enqueuers+4, func(i int) {
		if i < enqueuers {
			for n := range each {
				j := h.Build.Job(fmt.Sprint("k", n%keys))
				j.Progress = fmt.Sprintf("%d.%02d", i, n)
				if err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error { return tx.Enqueue(ctx, j) }); err != nil {
					t.Errorf("Enqueue: %v", err)
					left.Add(-1)
				}
			}
			return
		}
		deadline := time.Now().Add(30 * time.Second)
		for left.Load() > 0 {
			if time.Now().After(deadline) {
				t.Errorf("%d jobs never became ready", left.Load())
				return
			}
			var got []core.Job
			if err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
				got, err = tx.Jobs().Claim(ctx, core.LaneReply, fmt.Sprint("node", i), tx.Now().Add(time.Minute), 3)
				return err
			}); err != nil {
				t.Errorf("Claim: %v", err)
				return
			}
			for _, j := range got {
				k := int(j.OrderKey[1] - '0')
				if running[k].Add(1) != 1 {
					t.Errorf("two jobs of %s run at once", j.OrderKey)
				}
				mu.Lock()
				ran[j.OrderKey] = append(ran[j.OrderKey], j.Progress)
				mu.Unlock()
				running[k].Add(-1)
				if err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
					if rand.IntN(4) == 0 {
						return tx.Jobs().Park(ctx, j.ID, j.Fence, "x")
					}
					return tx.Jobs().Complete(ctx, j.ID, j.Fence)
				}); err != nil {
					t.Errorf("Complete: %v", err)
				}
				left.Add(-1)
			}
		}
	})
	total := 0
	for key, list := range ran {
		total += len(list)
		last := map[byte]string{}
		for _, s := range list {
			if s <= last[s[0]] {
				t.Errorf("%s: %s ran after %s", key, s, last[s[0]])
			}
			last[s[0]] = s
		}
	}
	equal(t, "jobs that ran", total, enqueuers*each)
	for _, state := range []core.JobState{core.JobWaiting, core.JobReady, core.JobRunning} {
		jobs := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Job, error) { return tx.Jobs().List(ctx, state, 1000) })
		equal(t, "left "+string(state), len(jobs), 0)
	}
}

func jobFence(t testing.TB, h *Harness) {
	enqueue(t, h, h.Build.Job("a"), h.Build.Job("a"))
	old := claim(t, h, 1)[0]
	var freed core.Freed
	update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
		freed, err = tx.Jobs().FreeLeases(ctx, "node-a")
		return err
	})
	equal(t, "freed", freed.Ready, 1)
	stale := map[string]func(ctx context.Context, r core.JobRepo) error{
		"Complete": func(ctx context.Context, r core.JobRepo) error { return r.Complete(ctx, old.ID, old.Fence) },
		"Retry": func(ctx context.Context, r core.JobRepo) error {
			return r.Retry(ctx, old.ID, old.Fence, old.RunAt, "", "")
		},
		"Snooze": func(ctx context.Context, r core.JobRepo) error {
			return r.Snooze(ctx, old.ID, old.Fence, old.RunAt, "")
		},
		"Progress": func(ctx context.Context, r core.JobRepo) error { return r.Progress(ctx, old.ID, old.Fence, "x") },
		"Renew":    func(ctx context.Context, r core.JobRepo) error { return r.Renew(ctx, old.ID, old.Fence, old.RunAt) },
		"Park":     func(ctx context.Context, r core.JobRepo) error { return r.Park(ctx, old.ID, old.Fence, "x") },
	}
	refused := func(when string) {
		for name, f := range stale {
			wantCode(t, name+" "+when, tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return f(ctx, tx.Jobs()) }),
				core.CodeConflict)
		}
	}
	refused("after the lease was freed")
	again := claim(t, h, 1)
	equal(t, "claimed again", ids(again), ids([]core.Job{old}))
	if again[0].Fence <= old.Fence {
		t.Fatalf("fence %d after %d", again[0].Fence, old.Fence)
	}
	refused("after another claim")
	equal(t, "ready meanwhile", len(claim(t, h, 10)), 0) // the second of the key was not let loose
	complete(t, h, again[0])
	equal(t, "the next", len(claim(t, h, 10)), 1)
}

// jobCompleteAll: more jobs than one statement takes, some with another of their
// key behind them.
func jobCompleteAll(t testing.TB, h *Harness) {
	const n = 21
	var first, second []core.Job
	for i := range n {
		key := ""
		if i%3 != 0 {
			key = fmt.Sprint("k", i)
		}
		first = append(first, h.Build.Job(key))
		if key != "" {
			second = append(second, h.Build.Job(key))
		}
	}
	enqueue(t, h, first...)
	enqueue(t, h, second...)
	enqueue(t, h, h.Build.Job("k1"))
	all := func(jobs []core.Job) error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().CompleteAll(ctx, jobs) })
	}
	got := claim(t, h, 2*n)
	equal(t, "heads", ids(got), ids(first))
	for name, stale := range map[string]func(j *core.Job){
		"an old fence":    func(j *core.Job) { j.Fence-- },
		"no such job":     func(j *core.Job) { j.ID = h.Build.ID() },
		"a waiting job":   func(j *core.Job) { *j = second[0] },
		"another's lease": func(j *core.Job) { j.Fence++ },
	} {
		for _, at := range []int{0, n - 1} {
			wrong := slices.Clone(got)
			stale(&wrong[at])
			wantCode(t, name, all(wrong), core.CodeConflict)
			equal(t, name+": let loose", len(claim(t, h, 2*n)), 0)
			equal(t, name+": running", len(jobsIn(t, h, core.JobRunning)), n)
		}
	}
	if err := all(got); err != nil {
		t.Fatal(err)
	}
	equal(t, "the next of each key", ids(claim(t, h, 2*n)), ids(second))
	equal(t, "behind them", len(jobsIn(t, h, core.JobWaiting)), 1)
	equal(t, "in all", len(jobsIn(t, h, "")), len(second)+1)
	if err := all(nil); err != nil {
		t.Fatal(err)
	}
}

func jobClaimLanes(t testing.TB, h *Harness) {
	of := func(lane core.Lane) func(j *core.Job) { return func(j *core.Job) { j.Lane = lane } }
	bulk1, bulk2 := h.Build.Job("", of(core.LaneBulk)), h.Build.Job("", of(core.LaneBulk))
	notice := h.Build.Job("", of(core.LaneNotice))
	paused := h.Build.Job("", of(core.LaneOTP), func(j *core.Job) { j.Account = "test/paused" })
	reply1, reply2 := h.Build.Job(""), h.Build.Job("")
	otp := h.Build.Job("", of(core.LaneOTP))
	later := h.Build.Job("", of(core.LaneOTP), func(j *core.Job) { j.RunAt = h.Clock.Now().Add(time.Hour) })
	enqueue(t, h, bulk1, bulk2, notice, paused, reply1, reply2, otp, later)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Pause(ctx, "test/paused", tx.Now().Add(time.Minute))
	})
	lanes := func(limit int, room map[core.Lane]int) string {
		var got []core.Job
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			got, err = tx.Jobs().ClaimLanes(ctx, room, "node-a", tx.Now().Add(time.Minute), limit)
			return err
		})
		return ids(got)
	}
	every := map[core.Lane]int{core.LaneOTP: 9, core.LaneReply: 9, core.LaneNotice: 9, core.LaneBulk: 9}
	equal(t, "no limit", lanes(0, every), ids(nil))
	equal(t, "no room", lanes(9, map[core.Lane]int{core.LaneReply: -1}), ids(nil))
	equal(t, "the most urgent", lanes(2, every), ids([]core.Job{otp, reply1}))
	equal(t, "the room of a lane", lanes(9, map[core.Lane]int{core.LaneReply: 9, core.LaneBulk: 1}), ids([]core.Job{reply2, bulk1}))
	equal(t, "the rest", lanes(9, every), ids([]core.Job{notice, bulk2}))
	equal(t, "nothing is left", lanes(9, every), ids(nil))
}

func jobClaim(t testing.TB, h *Harness) {
	late := h.Build.Job("", func(j *core.Job) { j.RunAt = h.Clock.Now().Add(time.Second) })
	future := h.Build.Job("", func(j *core.Job) { j.RunAt = h.Clock.Now().Add(time.Hour) })
	now1, now2 := h.Build.Job(""), h.Build.Job("")
	otp := h.Build.Job("", func(j *core.Job) { j.Lane = core.LaneOTP })
	enqueue(t, h, late, future, now1, otp, now2)
	h.Clock.Add(time.Minute)
	equal(t, "limit and order", ids(claim(t, h, 2)), ids([]core.Job{now1, now2}))
	got := claim(t, h, 10)
	equal(t, "due", ids(got), ids([]core.Job{late}))
	equal(t, "state", got[0].State, core.JobRunning)
	equal(t, "node", got[0].Node, "node-a")
	if !got[0].LeaseUntil.Equal(h.Clock.Now().Add(time.Minute)) || got[0].Fence != 1 {
		t.Fatalf("lease until %v, fence %d", got[0].LeaseUntil, got[0].Fence)
	}
	equal(t, "another lane", ids(claimLane(t, h, core.LaneOTP, "node-b", 10)), ids([]core.Job{otp}))
}

func jobClaimedOnce(t testing.TB, h *Harness) {
	const n = 60
	var jobs []core.Job
	for range n {
		jobs = append(jobs, h.Build.Job(""))
	}
	enqueue(t, h, jobs...)
	var mu sync.Mutex
	seen := map[core.ID]int{}
	parallel(8, func(i int) {
		for range 20 {
			err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
				got, err := tx.Jobs().Claim(ctx, core.LaneReply, fmt.Sprint("node", i), tx.Now().Add(time.Minute), 1)
				mu.Lock()
				defer mu.Unlock()
				for _, j := range got {
					seen[j.ID]++
				}
				return err
			})
			if err != nil {
				t.Errorf("Claim: %v", err)
			}
		}
	})
	equal(t, "jobs claimed", len(seen), n)
	for id, times := range seen {
		if times != 1 {
			t.Fatalf("%s was claimed %d times", id, times)
		}
	}
}

func jobPause(t testing.TB, h *Harness) {
	a := h.Build.Job("", func(j *core.Job) { j.Account = "test/a" })
	b := h.Build.Job("", func(j *core.Job) { j.Account = "test/b" })
	enqueue(t, h, a, b)
	until := h.Clock.Now().Add(time.Minute)
	pause := func(until time.Time) {
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Pause(ctx, "test/a", until) })
	}
	pause(until)
	pause(until.Add(-30 * time.Second)) // an earlier time does not win
	equal(t, "claimed", ids(claim(t, h, 10)), ids([]core.Job{b}))
	pauses := get(t, h, func(ctx context.Context, tx core.Tx) (map[string]time.Time, error) { return tx.Jobs().Pauses(ctx) })
	if len(pauses) != 1 || !pauses["test/a"].Equal(until) {
		t.Fatalf("pauses: %v", pauses)
	}
	h.Clock.Set(until.Add(-time.Microsecond))
	equal(t, "too early", len(claim(t, h, 10)), 0)
	h.Clock.Set(until)
	equal(t, "after the pause", ids(claim(t, h, 10)), ids([]core.Job{a}))
	pauses = get(t, h, func(ctx context.Context, tx core.Tx) (map[string]time.Time, error) { return tx.Jobs().Pauses(ctx) })
	equal(t, "pauses", len(pauses), 0)
}

func jobLeases(t testing.TB, h *Harness) {
	beat := func(node string) {
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Beat(ctx, node) })
	}
	free := func(fn func(ctx context.Context, tx core.Tx) (core.Freed, error)) int {
		var f core.Freed
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			f, err = fn(ctx, tx)
			return err
		})
		return f.Ready
	}
	expired := func(ctx context.Context, tx core.Tx) (core.Freed, error) { return tx.Jobs().FreeExpired(ctx, tx.Now()) }
	silent := func(ctx context.Context, tx core.Tx) (core.Freed, error) {
		return tx.Jobs().FreeSilent(ctx, tx.Now().Add(-20*time.Second))
	}
	beat("dies")
	beat("lives")
	enqueue(t, h, h.Build.Job(""), h.Build.Job(""))
	equal(t, "claimed", len(claimLane(t, h, core.LaneReply, "dies", 1))+len(claimLane(t, h, core.LaneReply, "lives", 1)), 2)
	equal(t, "leases that ended", free(expired), 0)
	equal(t, "silent nodes", free(silent), 0)
	h.Clock.Add(21 * time.Second)
	beat("lives")
	equal(t, "silent nodes", free(silent), 1)
	equal(t, "again", free(silent), 0)
	equal(t, "claimed by another", len(claimLane(t, h, core.LaneReply, "lives", 10)), 1)

	h.Clock.Add(50 * time.Second)
	equal(t, "leases that ended", free(expired), 1) // the second has 60 s of its own
	j := claimLane(t, h, core.LaneReply, "lives", 1)[0]
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Renew(ctx, j.ID, j.Fence, tx.Now().Add(time.Hour))
	})
	h.Clock.Add(30 * time.Minute)
	equal(t, "the one that was not renewed", free(expired), 1)
	equal(t, "everything", free(func(ctx context.Context, tx core.Tx) (core.Freed, error) { return tx.Jobs().FreeLeases(ctx, "*") }), 1)
	got := claim(t, h, 10)
	equal(t, "claimed", len(got), 2)
	if !slices.ContainsFunc(got, func(x core.Job) bool { return x.ID == j.ID && x.Fence > j.Fence }) {
		t.Fatalf("%s has no higher fence: %+v", j.ID, got)
	}
}

func jobDepth(t testing.TB, h *Harness) {
	next := func() time.Time {
		return get(t, h, func(ctx context.Context, tx core.Tx) (time.Time, error) { return tx.Jobs().NextRunAt(ctx) })
	}
	if !next().IsZero() {
		t.Fatal("a time without jobs")
	}
	later := h.Clock.Now().Add(time.Hour)
	enqueue(t, h,
		h.Build.Job("a", func(j *core.Job) { j.RunAt = later }), h.Build.Job("a"),
		h.Build.Job("", func(j *core.Job) { j.Lane, j.RunAt = core.LaneBulk, later.Add(time.Minute) }))
	if !next().Equal(later) { // the second of a is earlier and has to wait
		t.Fatalf("next at %v, want %v", next(), later)
	}
	depth := get(t, h, func(ctx context.Context, tx core.Tx) (map[core.Lane]map[core.JobState]int, error) {
		return tx.Jobs().Depth(ctx)
	})
	equal(t, "ready replies", depth[core.LaneReply][core.JobReady], 1)
	equal(t, "waiting replies", depth[core.LaneReply][core.JobWaiting], 1)
	equal(t, "ready bulk", depth[core.LaneBulk][core.JobReady], 1)
}

// jobCrashes: who dies with every process is parked, its successor goes on, and one
// whose run ended in between starts to count anew.
func jobCrashes(t testing.TB, h *Harness) {
	poison, next, other := h.Build.Job("a"), h.Build.Job("a"), h.Build.Job("")
	enqueue(t, h, poison, next, other)
	job := func(id core.ID) core.Job {
		return get(t, h, func(ctx context.Context, tx core.Tx) (core.Job, error) { return tx.Jobs().Get(ctx, id) })
	}
	crash := func() core.Freed {
		var f core.Freed
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			f, err = tx.Jobs().FreeLeases(ctx, "*")
			return err
		})
		return f
	}
	for n := 1; n < core.MaxCrashes; n++ {
		h.Clock.Add(10 * time.Second)
		equal(t, "claimed", len(claim(t, h, 10)), 2)
		f := crash()
		equal(t, "freed", f.Ready, 2)
		equal(t, "parked", len(f.Parked), 0)
		equal(t, "crashes", job(poison.ID).Crashes, n)
	}
	if at := job(poison.ID).RunAt; at.After(h.Clock.Now().Add(8 * time.Second)) {
		t.Errorf("it comes back at %v, now is %v", at, h.Clock.Now())
	}
	h.Clock.Add(10 * time.Second)
	for _, j := range claim(t, h, 10) {
		if j.ID == other.ID {
			update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Snooze(ctx, j.ID, j.Fence, tx.Now(), "") })
		}
	}
	f := crash()
	equal(t, "freed", f.Ready, 0)
	if len(f.Parked) != 1 || f.Parked[0] != poison.ID {
		t.Fatalf("parked %v, want %s", f.Parked, poison.ID)
	}
	if j := job(poison.ID); j.State != core.JobParked || j.Cause != "crashed the server 5 times" {
		t.Errorf("%s %q", j.State, j.Cause)
	}
	equal(t, "its successor", job(next.ID).State, core.JobReady)
	equal(t, "crashes of the one whose run ended", job(other.ID).Crashes, 0)
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Jobs().Redrive(ctx, poison.ID, tx.Now()) })
	equal(t, "crashes after a redrive", job(poison.ID).Crashes, 0)
}

func jobOldest(t testing.TB, h *Harness) {
	oldest := func() map[core.Lane]time.Time {
		return get(t, h, func(ctx context.Context, tx core.Tx) (map[core.Lane]time.Time, error) { return tx.Jobs().Oldest(ctx) })
	}
	equal(t, "lanes without jobs", len(oldest()), 0)
	made := h.Clock.Now()
	enqueue(t, h, h.Build.Job("a"), h.Build.Job("a"),
		h.Build.Job("", func(j *core.Job) { j.Lane, j.RunAt = core.LaneBulk, made.Add(time.Hour) }))
	h.Clock.Add(time.Minute)
	if got := oldest(); len(got) != 1 || !got[core.LaneReply].Equal(made) {
		t.Fatalf("oldest %v, want the reply of %v", got, made)
	}
	j := claim(t, h, 1)[0]
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Retry(ctx, j.ID, j.Fence, tx.Now().Add(time.Hour), "", "x")
	})
	if got := oldest(); !got[core.LaneReply].Equal(made) {
		t.Errorf("a job that failed hides its age: %v, want %v", got, made)
	}
	h.Clock.Add(2 * time.Hour)
	if got := oldest(); !got[core.LaneBulk].Equal(made.Add(time.Hour)) {
		t.Errorf("bulk late since %v", got[core.LaneBulk])
	}
}

func jobNewer(t testing.TB, h *Harness) {
	newer := func(id core.ID) bool {
		return get(t, h, func(ctx context.Context, tx core.Tx) (bool, error) { return tx.Jobs().Newer(ctx, id) })
	}
	plain := func(j *core.Job) { j.CreatedAt = time.Time{} } // the store's own
	a, b, alone := h.Build.Job("a", plain), h.Build.Job("a", plain), h.Build.Job("", plain)
	enqueue(t, h, a, b, alone)
	h.Clock.Add(time.Second)
	enqueue(t, h, h.Build.Job("b", plain), h.Build.Job("", plain))
	equal(t, "of the same transaction, of another key, of none", newer(a.ID) || newer(b.ID) || newer(alone.ID), false)
	c := h.Build.Job("a", plain)
	enqueue(t, h, c)
	equal(t, "of a later one", newer(a.ID) && newer(b.ID), true)
	equal(t, "itself", newer(c.ID), false)
	equal(t, "of a job that is gone", newer(h.Build.Job("a").ID), false)
}
