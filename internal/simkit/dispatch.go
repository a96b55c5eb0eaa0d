package simkit

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Delivery is one attempt of a fake vendor to call a webhook.
type Delivery struct {
	ID         int64     // the vendor's number of the thing delivered
	Queue      string    // things of one queue go one after the other
	Attempt    int       // 1 for the first
	At         time.Time // the fake's clock
	Status     int       // 0 = no answer
	Err        error     // why there was no answer
	RetryAfter time.Duration
	Header     http.Header // of the answer
	Body       []byte      // of the answer, at most 64 KiB
	Lost       bool        // a delivery fault: not sent, or its answer was thrown away
	Final      bool        // the vendor will not try this one again
}

// DeliveryFaults makes the way to the webhook a bad one. The zero value is a good
// one. Percentages are drawn from a generator seeded with Seed, so a run repeats.
type DeliveryFaults struct {
	Duplicate         int  // every delivered thing arrives so many times more
	Reorder           bool // also things of one queue may overtake each other
	LosePercent       int  // the request never arrives; the vendor tries again
	LoseAnswerPercent int  // the request arrives, its answer does not; the vendor tries again
	Seed              uint64
}

// parcel is one thing to deliver.
type parcel struct {
	id       int64
	queue    string
	due      time.Time
	expires  time.Time // zero = never
	attempts int
	copies   int // duplicates still to send after the first success
	inFlight bool
	body     []byte // the raw payload, kept for those who fetch in place of being called
	request  func(ctx context.Context) (*http.Request, error)
	onAnswer func(Delivery)
}

// retryFunc says when a failed attempt is repeated; again false gives it up.
type retryFunc func(d Delivery) (wait time.Duration, again bool)

// dispatcher delivers parcels to webhooks the way a vendor does: one at a time
// and in order within a queue, queues independent of each other.
type dispatcher struct {
	now     func() time.Time
	client  *http.Client
	retry   retryFunc
	changed signal

	mu     sync.Mutex
	paused bool // no webhook is set: parcels wait
	queue  []*parcel
	log    []Delivery
	faults DeliveryFaults
	rng    *rand.Rand
}

func newDispatcher(now func() time.Time, timeout time.Duration, retry retryFunc) *dispatcher {
	return &dispatcher{
		now: now,
		client: &http.Client{
			Transport:     NewLoopbackTransport(),
			Timeout:       timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		retry: retry,
		rng:   rand.New(rand.NewPCG(1, 2)),
	}
}

func (d *dispatcher) close() { d.client.CloseIdleConnections() }

func (d *dispatcher) setFaults(f DeliveryFaults) {
	d.mu.Lock()
	d.faults = f
	d.rng = rand.New(rand.NewPCG(f.Seed, f.Seed^0x9e3779b97f4a7c15))
	d.mu.Unlock()
}

func (d *dispatcher) setPaused(p bool) {
	d.mu.Lock()
	d.paused = p
	d.mu.Unlock()
	d.changed.fire()
}

func (d *dispatcher) push(p *parcel) {
	d.mu.Lock()
	p.copies = d.faults.Duplicate
	d.queue = append(d.queue, p)
	d.mu.Unlock()
	d.changed.fire()
}

// remove takes parcels out without delivering them.
func (d *dispatcher) remove(match func(*parcel) bool) {
	d.mu.Lock()
	d.queue = slices.DeleteFunc(d.queue, match)
	d.mu.Unlock()
	d.changed.fire()
}

// waiting gives the payloads not yet delivered, oldest first, and drops what expired.
func (d *dispatcher) waiting() []*parcel {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expireLocked()
	return slices.Clone(d.queue)
}

func (d *dispatcher) expireLocked() {
	now := d.now()
	d.queue = slices.DeleteFunc(d.queue, func(p *parcel) bool {
		return !p.inFlight && !p.expires.IsZero() && now.After(p.expires)
	})
}

// ready gives the parcels that may go now, one a queue unless reordering.
func (d *dispatcher) readyLocked() []*parcel {
	if d.paused {
		return nil
	}
	d.expireLocked()
	now := d.now()
	blocked := map[string]bool{}
	var out []*parcel
	for _, p := range d.queue {
		if blocked[p.queue] {
			continue
		}
		if !d.faults.Reorder || p.inFlight {
			blocked[p.queue] = true
		}
		if !p.inFlight && !p.due.After(now) {
			out = append(out, p)
		}
	}
	return out
}

// claim takes one ready parcel: the oldest, or with reordering any. choose, when
// not nil, decides instead.
func (d *dispatcher) claim(choose func(n int) int) *parcel {
	d.mu.Lock()
	defer d.mu.Unlock()
	ready := d.readyLocked()
	if len(ready) == 0 {
		return nil
	}
	i := 0
	switch {
	case choose != nil:
		i = choose(len(ready)) % len(ready)
	case d.faults.Reorder:
		i = d.rng.IntN(len(ready))
	}
	ready[i].inFlight = true
	return ready[i]
}

// attempt sends a claimed parcel once and books the outcome.
func (d *dispatcher) attempt(ctx context.Context, p *parcel) Delivery {
	d.mu.Lock()
	p.attempts++
	rec := Delivery{ID: p.id, Queue: p.queue, Attempt: p.attempts, At: d.now()}
	lose := d.faults.LosePercent > 0 && d.rng.IntN(100) < d.faults.LosePercent
	loseAnswer := d.faults.LoseAnswerPercent > 0 && d.rng.IntN(100) < d.faults.LoseAnswerPercent
	d.mu.Unlock()

	if lose {
		rec.Lost = true
	} else {
		d.send(ctx, p, &rec)
		if loseAnswer {
			rec.Lost = true
		}
	}
	ok := !rec.Lost && rec.Err == nil && rec.Status >= 200 && rec.Status < 300

	d.mu.Lock()
	p.inFlight = false
	switch {
	case ok && p.copies > 0:
		p.copies--
		p.due = d.now()
	case ok:
		rec.Final = true
	case ctx.Err() != nil:
		// The fake is stopping or the test gave up: nothing is decided.
		p.attempts--
	default:
		wait, again := d.retry(rec)
		rec.Final = !again
		p.due = d.now().Add(wait)
	}
	if rec.Final {
		d.queue = slices.DeleteFunc(d.queue, func(q *parcel) bool { return q == p })
	}
	d.log = append(d.log, rec)
	if len(d.log) > keepRecords {
		d.log = slices.Clone(d.log[keepRecords/2:])
	}
	d.mu.Unlock()
	if ok && p.onAnswer != nil {
		p.onAnswer(rec)
	}
	d.changed.fire()
	return rec
}

func (d *dispatcher) send(ctx context.Context, p *parcel, rec *Delivery) {
	req, err := p.request(ctx)
	if err != nil {
		rec.Err = err
		return
	}
	resp, err := d.client.Do(req)
	if err != nil {
		rec.Err = err
		return
	}
	defer func() { _ = resp.Body.Close() }()
	rec.Status, rec.Header = resp.StatusCode, resp.Header
	rec.Body, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // a short answer is as good as none
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		rec.RetryAfter = time.Duration(s) * time.Second
	}
}

// step delivers one ready parcel and reports whether there was one.
func (d *dispatcher) step(ctx context.Context, choose func(n int) int) (Delivery, bool) {
	p := d.claim(choose)
	if p == nil {
		return Delivery{}, false
	}
	return d.attempt(ctx, p), true
}

// pump delivers all that is due at the present time of the clock, one after the
// other, and gives the attempts made.
func (d *dispatcher) pump(ctx context.Context) []Delivery {
	var out []Delivery
	for ctx.Err() == nil {
		rec, ok := d.step(ctx, nil)
		if !ok {
			break
		}
		out = append(out, rec)
	}
	return out
}

// run delivers as things become due, up to atOnce at the same time, until ctx ends.
func (d *dispatcher) run(ctx context.Context, atOnce int) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, atOnce)
	for {
		changed := d.changed.wait()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case slots <- struct{}{}:
		}
		if p := d.claim(nil); p != nil {
			wg.Go(func() {
				defer func() { <-slots }()
				d.attempt(ctx, p)
			})
			continue
		}
		<-slots
		wait := time.Hour // a change ends it sooner
		if due, ok := d.next(); ok {
			wait = max(due.Sub(d.now()), time.Millisecond)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// next says when the next attempt is due: the moment to which a test moves its
// clock before it pumps again.
func (d *dispatcher) next() (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paused {
		return time.Time{}, false
	}
	var at time.Time
	found := false
	blocked := map[string]bool{}
	for _, p := range d.queue {
		if blocked[p.queue] {
			continue
		}
		if !d.faults.Reorder || p.inFlight {
			blocked[p.queue] = true
		}
		if !p.inFlight && (!found || p.due.Before(at)) {
			at, found = p.due, true
		}
	}
	return at, found
}

func (d *dispatcher) deliveries() []Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

// awaitIdle waits until nothing is left to deliver.
func (d *dispatcher) awaitIdle(ctx context.Context) error {
	_, err := await(ctx, &d.changed, func() (struct{}, bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.expireLocked()
		return struct{}{}, len(d.queue) == 0
	})
	return err
}
