package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/motcua/motcua/core"
)

// begin runs a claimed job on a goroutine of its own.
func (r *Runner) begin(j core.Job, until time.Time) {
	spec, known := r.registry.specs[j.Kind]
	run := &Run{Job: j, store: r.store}
	if !known {
		// A newer node may know it: do not take it from that one for long.
		r.pending = append(r.pending, &result{run: run, spec: Spec{MaxAttempts: 20, Backoff: DefaultBackoff},
			err: fmt.Errorf("this program has no handler for jobs of kind %q", j.Kind)})
		r.Wake()
		return
	}
	ctx, end := context.WithTimeout(r.work, spec.Timeout)
	r.running[j.ID] = &lease{job: j, until: until, end: end}
	go func() { r.results <- &result{run: run, spec: spec, err: r.handle(ctx, spec, run)} }()
}

// handle calls the handler and turns a panic into a failed attempt.
func (r *Runner) handle(ctx context.Context, spec Spec, run *Run) (err error) {
	finished := false
	defer func() {
		switch p := recover(); {
		case p != nil:
			run.forget()
			r.o.Log.Error("job: a handler panicked", "job", run.Job.ID, "kind", spec.Kind, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("the handler panicked")
		case !finished:
			// runtime.Goexit: the goroutine ends after this, so the result is sent here.
			run.forget()
			r.results <- &result{run: run, spec: spec, err: errors.New("the handler ended its goroutine")}
		}
	}()
	err = spec.Handle(ctx, run)
	finished = true
	if err != nil && r.work.Err() != nil && isContext(err) {
		// The runner is stopping: this was no attempt.
		return Snooze(0)
	}
	return err
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
