package job_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/job"
	"github.com/motcua/motcua/internal/sqlstore"
)

// However slow the vendors are, a code never waits for an answer: of the workers
// that other jobs do not give back, one is free.
func TestOneWorkerIsKeptForCodes(t *testing.T) {
	t.Parallel()
	const workers = 3
	opened, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: coretest.Sealer("job")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	if err := opened.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	started, sent := make(chan core.Lane, 20), make(chan struct{}, 20)
	registry, err := job.NewRegistry(
		job.Spec{Kind: "slow", Handle: func(ctx context.Context, r *job.Run) error {
			started <- r.Job.Lane
			select {
			case <-hang:
			case <-ctx.Done():
			}
			return nil
		}},
		job.Spec{Kind: "code", Handle: func(context.Context, *job.Run) error {
			sent <- struct{}{}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	var runner *job.Runner
	store := job.Watch(opened, func() { runner.Wake() })
	if runner, err = job.New(store, registry, job.Options{Log: slog.New(slog.DiscardHandler), Node: "n", Alone: true, Workers: workers, Poll: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Stop(t.Context()) })
	enqueue := func(kind string, lanes ...core.Lane) {
		err := store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			var jobs []core.Job
			for _, lane := range lanes {
				jobs = append(jobs, core.Job{ID: core.NewID(tx.Now()), Kind: kind, Lane: lane, RunAt: tx.Now()})
			}
			return tx.Enqueue(ctx, jobs...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	within := time.After(30 * time.Second)
	enqueue("slow", core.LaneReply, core.LaneReply, core.LaneNotice, core.LaneReply, core.LaneBulk, core.LaneReply)
	for range workers - 1 {
		select {
		case <-started:
		case <-within:
			t.Fatal("the runner does not use its workers")
		}
	}
	for n := range 3 {
		enqueue("code", core.LaneOTP)
		select {
		case <-sent:
		case <-within:
			t.Fatalf("code %d waits for a worker", n+1)
		}
	}
	if n := len(started); n > 0 {
		t.Errorf("%d more slow jobs run than workers may be lost to them", n)
	}
	close(hang)
	for range 6 - (workers - 1) {
		select {
		case <-started:
		case <-within:
			t.Fatal("what waited does not run")
		}
	}
}
