package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/devsvc"
)

// options are the flags.
type options struct {
	window  time.Duration // measured time of each figure, all repeats together
	repeats int
	people  int
	levels  []int
	engines []string
	only    []string // figures whose names hold one of these; none = all
	quick   bool
	keep    string // directory for profiles; "" = none kept
	say     func(format string, args ...any)
}

// each is the measured time of one repeat.
func (o options) each() time.Duration { return o.window / time.Duration(o.repeats) }

// warm is the load before a measurement that is not counted.
func (o options) warm() time.Duration {
	return min(max(o.each()/4, 100*time.Millisecond), 500*time.Millisecond)
}

// figure is what is measured.
type figure string

// The figures, in the order of the table.
const (
	echoPOST    figure = "no-op Connect echo, POST"
	echoGET     figure = "no-op Connect echo, GET"
	grouped     figure = "bare insert, group commit"
	alone       figure = "bare insert, a transaction each"
	ceilingTurn figure = "ceiling: bare webhook"
	turns       figure = "turns"
	submissions figure = "submissions"
	lookUpPOST  figure = "authorised look-up, POST"
	lookUpGET   figure = "authorised look-up, GET"
	searchPOST  figure = "search for a procedure, POST"
)

func figures() []figure {
	return []figure{echoPOST, echoGET, grouped, alone, ceilingTurn, turns, submissions, lookUpPOST, lookUpGET, searchPOST}
}

// figures are those that are wanted.
func (o options) figures() []figure {
	return slices.DeleteFunc(figures(), func(f figure) bool { return !o.wants(f) })
}

func (o options) wants(f figure) bool {
	return len(o.only) == 0 || slices.ContainsFunc(o.only, func(s string) bool { return strings.Contains(string(f), s) })
}

// sample is one repeat of one figure.
type sample struct {
	Rate      float64       `json:"perSecond"` // committed or answered
	P50       time.Duration `json:"p50"`
	P99       time.Duration `json:"p99,omitempty"`
	Server    time.Duration `json:"serverCPU"` // per operation: this process
	Database  time.Duration `json:"databaseCPU,omitempty"`
	Client    time.Duration `json:"clientCPU,omitempty"`
	Sustained float64       `json:"sustained,omitempty"` // operations a second when the wait for the last reply counts
	Replies   float64       `json:"repliesPerSecond,omitempty"`
	Group     float64       `json:"group,omitempty"`      // updates of the store in one commit
	Statement float64       `json:"statements,omitempty"` // of the store, per operation, replies included
}

// key names a series of samples.
type key struct {
	Figure figure
	Conns  int
}

// solo is what one thing alone takes.
type solo struct {
	Flush time.Duration `json:"fdatasync"`
	Echo  time.Duration `json:"noop"`
	Turn  time.Duration `json:"turn"`
}

// engineResult is everything measured on one engine.
type engineResult struct {
	Engine   string
	Samples  map[key][]sample
	Solo     solo
	Mix      map[stepKind]int
	Profiles []named
	Notes    []string
}

// bench is one engine under measurement.
type bench struct {
	options
	dir     string
	gen     *generator
	echo    *echo
	ceiling *ceiling
	bare    bareStore
	product *product
	pg      *devsvc.PG
	out     *engineResult

	rehearsal rehearsal
	complete  complete
	codes     []string  // of dossiers of the app's citizens
	owners    []core.ID // the owner of code i at i mod their number
	queries   []query   // people ask for a procedure with these
	requests  map[figure][][]byte
	furthest  map[string]int // by cohort: step of the furthest person
	rowID     atomic.Int64
	rate      map[int]float64 // submissions a second, by level
}

// bareStore is a yardstick's own database.
type bareStore interface {
	committer
	insertGrouped(id int64, body []byte) error
	insertAlone(id int64, body []byte) error
}

// measureEngine runs everything on one engine.
func measureEngine(ctx context.Context, o options, engine string) (_ *engineResult, err error) {
	b := &bench{options: o, out: &engineResult{Engine: engine, Samples: map[key][]sample{}, Mix: map[stepKind]int{}},
		requests: map[figure][][]byte{}, furthest: map[string]int{}, rate: map[int]float64{}}
	if b.dir, err = os.MkdirTemp("", "motcua-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	defer func() { err = errors.Join(err, b.close()) }()
	begin := time.Now()
	if err := b.open(ctx, engine); err != nil {
		return nil, fmt.Errorf("%s: %w", engine, err)
	}
	if err := b.prepare(ctx); err != nil {
		return nil, fmt.Errorf("%s: preparing: %w", engine, err)
	}
	o.say("%s: prepared %d conversations in %s", engine, o.people, time.Since(begin).Round(100*time.Millisecond))
	if err := b.measure(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", engine, err)
	}
	b.complain()
	return b.out, nil
}

func (b *bench) open(ctx context.Context, engine string) (err error) {
	if b.gen, err = startGenerator(); err != nil {
		return err
	}
	if b.echo, err = newEcho(slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	database := ""
	if engine == "postgres" {
		if b.pg, err = devsvc.PostgreSQL(ctx, devsvc.PGOptions{}); err != nil {
			return err
		}
		if database, err = b.pg.NewDatabase(ctx); err != nil {
			return err
		}
		bareURL, err := b.pg.NewDatabase(ctx)
		if err != nil {
			return err
		}
		if b.bare, err = openBarePostgres(bareURL); err != nil {
			return err
		}
	} else if b.bare, err = openBareSQLite(b.dir); err != nil {
		return err
	}
	if b.ceiling, err = newCeiling(b.bare, webhookSecret); err != nil {
		return err
	}
	b.product, err = startProduct(ctx, filepath.Join(b.dir, "data"), database, b.gen.sink)
	return err
}

func (b *bench) close() error {
	var errs []error
	if b.product != nil {
		errs = append(errs, b.product.close())
	}
	if b.ceiling != nil {
		errs = append(errs, b.ceiling.close())
	} else if b.bare != nil {
		errs = append(errs, b.bare.close())
	}
	if b.echo != nil {
		errs = append(errs, b.echo.close())
	}
	if b.gen != nil {
		errs = append(errs, b.gen.close())
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(errs...)
}

func (b *bench) prepare(ctx context.Context) (err error) {
	p := b.product
	if b.complete, err = p.prepareComplete(ctx); err != nil {
		return err
	}
	if b.rehearsal, err = p.rehearse(ctx, b.complete.filed.Code); err != nil {
		return err
	}
	b.ceiling.state = b.rehearsal.stateOf()
	b.say("%s: a script of %d steps; a turn writes %d bytes of state", b.out.Engine, len(b.rehearsal.script), b.ceiling.state)
	if err := b.newPeople(ctx); err != nil {
		return err
	}
	if b.codes, b.owners, err = p.owners(ctx, b.complete, b.people, 64); err != nil {
		return err
	}
	if b.queries, err = readQueries(queriesFile); err != nil {
		return err
	}
	return b.newTokens()
}

// newTokens makes the requests of the look-ups, with tokens that live ten minutes
// from now.
func (b *bench) newTokens() (err error) {
	tokens := make([]string, len(b.owners))
	for i, id := range b.owners {
		if tokens[i], err = b.product.token(id); err != nil {
			return err
		}
	}
	for _, r := range []struct {
		figure figure
		path   string
		get    bool
		tokens []string
	}{
		{echoPOST, echoPath, false, nil}, {echoGET, echoPath, true, nil},
		{lookUpPOST, trackPath, false, tokens}, {lookUpGET, trackPath, true, tokens},
	} {
		if b.requests[r.figure], err = trackRequests(r.path, r.get, b.codes, r.tokens); err != nil {
			return err
		}
	}
	b.requests[searchPOST], err = searchRequests(b.queries, tokens)
	return err
}

// newPeople prepares a new cohort for turns of the product, and one for the
// ceiling.
func (b *bench) newPeople(ctx context.Context) error {
	c, err := b.product.people(ctx, b.rehearsal, b.complete, b.people)
	if err != nil {
		return err
	}
	if err := b.gen.setCohort(c); err != nil {
		return err
	}
	b.furthest[c.Name] = 0
	return b.newBarePeople()
}

func (b *bench) newBarePeople() error {
	c := b.product.newCohort("ceiling", b.people, cycleLength, b.rehearsal.script)
	if err := b.ceiling.seed(c.First, c.People); err != nil {
		return err
	}
	b.furthest[c.Name] = 0
	return b.gen.setCohort(c)
}

// measure takes all figures, level by level, again and again: a figure and its
// yardstick are measured seconds apart, so that what else the machine does
// disturbs both.
func (b *bench) measure(ctx context.Context) error {
	for repeat := range b.repeats {
		if err := b.newTokens(); err != nil {
			return err
		}
		for _, n := range b.levels {
			begin := time.Now()
			for _, f := range b.figures() {
				s, err := b.one(ctx, f, n)
				if err != nil {
					return fmt.Errorf("%s at %d connections: %w", f, n, err)
				}
				k := key{f, n}
				b.out.Samples[k] = append(b.out.Samples[k], s)
			}
			b.say("%s: repeat %d of %d, %d connections, %s", b.out.Engine, repeat+1, b.repeats, n, time.Since(begin).Round(100*time.Millisecond))
		}
	}
	if b.wants(turns) {
		if err := b.measureSolo(); err != nil {
			return err
		}
	}
	return b.profile(ctx)
}

func (b *bench) one(ctx context.Context, f figure, n int) (sample, error) {
	switch f {
	case echoPOST, echoGET:
		return b.requestsOnly(f, b.echo.addr, n)
	case lookUpPOST, lookUpGET, searchPOST:
		return b.requestsOnly(f, b.product.addr, n)
	case grouped:
		return b.inserts(n, b.bare.insertGrouped)
	case alone:
		return b.inserts(n, b.bare.insertAlone)
	case ceilingTurn:
		return b.ceilingTurns(n)
	case turns:
		return b.turns(ctx, n, b.each())
	default:
		return b.submissions(ctx, n)
	}
}

// meter reads processor times.
type meter struct{ own, database time.Duration }

func (b *bench) meter() meter {
	m := meter{own: ownCPU()}
	if b.pg != nil {
		m.database = postgresCPU(b.pg.LogPath())
	}
	return m
}

// since fills the processor times of a sample of n operations.
func (b *bench) since(m meter, s *sample, client time.Duration, n float64) {
	if n == 0 {
		return
	}
	now := b.meter()
	per := func(d time.Duration) time.Duration { return time.Duration(float64(d) / n) }
	s.Server, s.Database, s.Client = per(now.own-m.own), per(now.database-m.database), per(client)
}

// load warms up and runs a plan.
func (b *bench) load(p plan) (outcome, error) {
	o, err := b.gen.run(p)
	if err != nil {
		return o, err
	}
	if o.Failed > 0 {
		return o, fmt.Errorf("%d of %d requests failed, first: %s", o.Failed, o.Failed+o.Requests, o.FirstFail)
	}
	if p.Cohort != "" {
		b.furthest[p.Cohort] = o.Furthest
	}
	return o, nil
}

func (b *bench) requestsOnly(f figure, addr string, n int) (s sample, err error) {
	p := plan{Addr: addr, Conns: n, Window: b.warm(), Requests: b.requests[f]}
	if _, err := b.load(p); err != nil {
		return s, err
	}
	m := b.meter()
	p.Window = b.each()
	o, err := b.load(p)
	if err != nil {
		return s, err
	}
	s = sample{Rate: float64(o.Requests) / o.Elapsed.Seconds(), P50: o.P50, P99: o.P99}
	b.since(m, &s, o.CPU, float64(o.Requests))
	return s, nil
}

func (b *bench) inserts(n int, insert func(id int64, body []byte) error) (s sample, err error) {
	do := func(int) error { return insert(b.rowID.Add(1), make([]byte, outboxSize)) }
	if _, _, _, err := callers(n, b.warm(), do); err != nil {
		return s, err
	}
	m := b.meter()
	done, took, p50, err := callers(n, b.each(), do)
	if err != nil {
		return s, err
	}
	s = sample{Rate: float64(done) / took.Seconds(), P50: p50}
	b.since(m, &s, 0, float64(done))
	return s, nil
}

// room makes sure that the people of a cohort have enough left to say.
func (b *bench) room(name string, renew func() error) error {
	if b.furthest[name] > len(b.rehearsal.script)-cycleLength/2 {
		return renew()
	}
	return nil
}

func (b *bench) ceilingTurns(n int) (s sample, err error) {
	if err := b.room("ceiling", b.newBarePeople); err != nil {
		return s, err
	}
	p := plan{Addr: b.ceiling.addr, Conns: n, Window: b.warm(), Cohort: "ceiling"}
	if _, err := b.load(p); err != nil {
		return s, err
	}
	before, err := b.ceiling.rows()
	if err != nil {
		return s, err
	}
	m := b.meter()
	p.Window = b.each()
	o, err := b.load(p)
	if err != nil {
		return s, err
	}
	after, err := b.ceiling.rows()
	if err != nil {
		return s, err
	}
	n64 := float64(after - before)
	s = sample{Rate: n64 / o.Elapsed.Seconds(), P50: o.P50, P99: o.P99}
	b.since(m, &s, o.CPU, n64)
	if o.Exhausted {
		b.note("the ceiling ran out of people before its window ended")
	}
	return s, nil
}

// drainLimit is how long replies may take after the last turn.
const drainLimit = 60 * time.Second

// turns measures the product's turns: rows of the inbox, not answers.
func (b *bench) turns(ctx context.Context, n int, window time.Duration) (s sample, err error) {
	if err := b.room("turns", func() error { return b.newPeople(ctx) }); err != nil {
		return s, err
	}
	p := plan{Addr: b.product.addr, Conns: n, Window: b.warm(), Cohort: "turns"}
	if _, err := b.load(p); err != nil {
		return s, err
	}
	p.Window = window
	s, o, err := b.counted(p, countInbox)
	for k, n := range o.Kinds {
		b.out.Mix[k] += n
	}
	if o.Exhausted {
		b.note("people ran out of answers before the window ended")
	}
	return s, err
}

// counted runs a plan against the product between two counts of rows, and waits
// for the replies.
func (b *bench) counted(p plan, query string) (s sample, o outcome, err error) {
	if _, _, err := b.product.drained(drainLimit); err != nil {
		return s, o, err
	}
	before, err := b.product.count(query)
	if err != nil {
		return s, o, err
	}
	stats, m := b.product.app.Store.Stats(), b.meter()
	if o, err = b.load(p); err != nil {
		return s, o, err
	}
	after, err := b.product.count(query)
	if err != nil {
		return s, o, err
	}
	wait, left, err := b.product.drained(drainLimit)
	if err != nil {
		return s, o, err
	}
	if left > 0 {
		b.note(fmt.Sprintf("%d replies had not left %s after the last turn", left, drainLimit))
	}
	rows := float64(after - before)
	if rows == 0 {
		return s, o, errors.New("nothing was committed")
	}
	d := b.product.app.Store.Stats().Sub(stats)
	s = sample{
		Rate: rows / o.Elapsed.Seconds(), P50: o.P50, P99: o.P99, Sustained: rows / (o.Elapsed + wait).Seconds(),
		Replies: float64(o.Replies) / o.Elapsed.Seconds(), Group: float64(d.Committed) / float64(max(d.Commits, 1)),
		Statement: float64(d.Statements) / rows,
	}
	b.since(m, &s, o.CPU, rows)
	return s, o, nil
}

// submissions measures complete drafts that are submitted by a word: rows of the
// dossiers.
func (b *bench) submissions(ctx context.Context, n int) (s sample, err error) {
	guess := cmp.Or(b.rate[n], 400)
	warm := 4 * n
	c, err := b.product.applicants(ctx, b.complete, warm+max(int(guess*1.5*b.each().Seconds()), 4*n, 100))
	if err != nil {
		return s, err
	}
	if err := b.gen.setCohort(c); err != nil {
		return s, err
	}
	p := plan{Addr: b.product.addr, Conns: n, Window: time.Minute, Cohort: c.Name, Count: warm}
	if _, err := b.load(p); err != nil {
		return s, err
	}
	p.Window, p.Count = b.each(), 0
	s, _, err = b.counted(p, countDossiers)
	b.rate[n] = s.Rate
	return s, err
}

// measureSolo takes what one turn, one flush and one no-op take when nothing else
// happens.
func (b *bench) measureSolo() (err error) {
	const pause = 20 * time.Millisecond
	n := 100
	if b.quick {
		n = 40
	}
	if b.out.Solo.Flush, err = syncAlone(b.dir, n, pause); err != nil {
		return err
	}
	o, err := b.load(plan{Addr: b.echo.addr, Conns: 1, Window: time.Minute, Pause: pause, Count: n, Requests: b.requests[echoPOST]})
	if err != nil {
		return err
	}
	b.out.Solo.Echo = o.P50
	o, err = b.load(plan{Addr: b.product.addr, Conns: 1, Window: time.Minute, Pause: pause, Count: n, Cohort: "turns"})
	if err != nil {
		return err
	}
	b.out.Solo.Turn = o.P50
	return nil
}

func (b *bench) note(text string) {
	for _, n := range b.out.Notes {
		if n == text {
			return
		}
	}
	b.out.Notes = append(b.out.Notes, text)
}

// complain notes what the program logged and what it parked.
func (b *bench) complain() {
	if n, err := b.product.count(countParked); err != nil || n > 0 {
		b.note(fmt.Sprintf("%d events or jobs were parked (%v)", n, err))
	}
	l := b.product.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines > 0 {
		b.note(fmt.Sprintf("the program logged %d warnings, first: %q", l.lines, l.first))
	}
}
