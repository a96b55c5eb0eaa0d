package job

import (
	"context"
	"fmt"
	"time"

	"github.com/motcua/motcua/core"
)

// Handler does the work of one kind of job. ctx ends when the runner stops or
// the handler's time is over.
type Handler func(ctx context.Context, r *Run) error

// Spec is one kind of job.
type Spec struct {
	Kind        string
	Handle      Handler
	MaxAttempts int           // of a job that names none; default 20
	Timeout     time.Duration // of one run; default 1 minute
	Backoff     Backoff       // default DefaultBackoff
}

// Registry is the kinds a runner knows. It is filled before New and not changed
// after.
type Registry struct{ specs map[string]Spec }

// NewRegistry makes a Registry of kinds. Errors: internal for a kind without a
// name or handler, or one named twice.
func NewRegistry(specs ...Spec) (*Registry, error) {
	g := &Registry{specs: map[string]Spec{}}
	for _, s := range specs {
		if err := g.Add(s); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// Add adds one kind.
func (g *Registry) Add(s Spec) error {
	switch _, known := g.specs[s.Kind]; {
	case s.Kind == "" || s.Handle == nil:
		return core.E(core.CodeInternal, "job.add", "", fmt.Errorf("kind %q needs a name and a handler", s.Kind))
	case known:
		return core.E(core.CodeInternal, "job.add", "", fmt.Errorf("kind %q is there already", s.Kind))
	}
	if s.MaxAttempts <= 0 {
		s.MaxAttempts = 20
	}
	if s.Timeout <= 0 {
		s.Timeout = time.Minute
	}
	if s.Backoff == nil {
		s.Backoff = DefaultBackoff
	}
	g.specs[s.Kind] = s
	return nil
}

// Run is one run of one job.
type Run struct {
	Job      core.Job
	store    core.Store
	commit   []func(ctx context.Context, tx core.Tx) error
	receipts []core.Receipt
}

// Payload decodes the job's payload into v.
func (r *Run) Payload(v any) error { return core.OpenJSON(r.Job.Payload, v) }

// Progress stores what is done so far, so that another run goes on from there.
// Errors: conflict when the lease was lost: the handler must stop at once.
func (r *Run) Progress(ctx context.Context, progress string) error {
	err := r.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		return tx.Jobs().Progress(ctx, r.Job.ID, r.Job.Fence, progress)
	})
	if err == nil {
		r.Job.Progress = progress
	}
	return err
}

// Receipts adds what became of messages to the transaction that records how this
// run ended. It is Commit for the most frequent of writes: those of many runs are
// written together.
func (r *Run) Receipts(receipts ...core.Receipt) { r.receipts = append(r.receipts, receipts...) }

// writes reports whether the run wants something written with its end.
func (r *Run) writes() bool { return len(r.commit) > 0 || len(r.receipts) > 0 }

// forget drops what the run wanted to write.
func (r *Run) forget() { r.commit, r.receipts = nil, nil }

// Commit adds fn to the transaction that records how this run ended: it is
// written if and only if that is. fn follows the rules of closures of Update.
func (r *Run) Commit(fn func(ctx context.Context, tx core.Tx) error) {
	r.commit = append(r.commit, fn)
}
