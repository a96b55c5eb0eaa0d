package job

import (
	"context"

	"github.com/motcua/motcua/core"
)

// Watch gives a store like s that calls wake after each commit that enqueued
// jobs. It is how a job starts at once instead of at the runner's next poll:
//
//	store = job.Watch(store, runner.Wake)
func Watch(s core.Store, wake func()) core.Store { return &watched{s, wake} }

type watched struct {
	core.Store
	wake func()
}

// Update implements core.Store.
func (w *watched) Update(ctx context.Context, fn func(ctx context.Context, tx core.Tx) error) error {
	enqueued := false
	err := w.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		enqueued = false // the closure may run again
		return fn(ctx, &watchedTx{tx, &enqueued})
	})
	if err == nil && enqueued {
		w.wake()
	}
	return err
}

type watchedTx struct {
	core.Tx
	enqueued *bool
}

// Enqueue implements core.Tx.
func (t *watchedTx) Enqueue(ctx context.Context, jobs ...core.Job) error {
	if len(jobs) > 0 {
		*t.enqueued = true
	}
	return t.Tx.Enqueue(ctx, jobs...)
}
