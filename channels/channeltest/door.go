package channeltest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/job"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/blobs"
	"github.com/motcua/motcua/internal/sqlstore"
)

// world is what all cases of one exam share, made when the first needs it.
type world struct {
	load  func() (*catalog.Catalog, error)
	empty func() (string, error) // a directory with a migrated store, to be copied
}

func newWorld(t *testing.T) *world {
	dir := t.TempDir()
	return &world{
		load: sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) }),
		empty: sync.OnceValues(func() (string, error) {
			s, err := sqlstore.OpenSQLite(context.Background(), dir, storeOptions(coretest.NewClock()))
			if err != nil {
				return "", err
			}
			if err := s.Migrate(context.Background()); err != nil {
				return "", err
			}
			return dir, s.Close()
		}),
	}
}

func (w *world) catalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	cat, err := w.load()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func storeOptions(clock core.Clock) *sqlstore.Options {
	return &sqlstore.Options{Sealer: coretest.Sealer("exam"), Clock: clock, Log: slog.New(slog.DiscardHandler), Conns: 2}
}

// door is the adapter behind a real Gateway on a real store, with its jobs running
// and a clock that stands until it is moved.
type door struct {
	*exam
	clock   *coretest.Clock
	store   *sqlstore.Store
	gateway *channels.Gateway
	counts  *counts
}

// open builds the door.
func (x *exam) open() *door {
	x.t.Helper()
	must := func(err error) {
		x.t.Helper()
		if err != nil {
			x.t.Fatal(err)
		}
	}
	x.receiver()
	d := &door{exam: x, clock: coretest.NewClock(), counts: &counts{n: map[string]int{}, seen: x.seen}}
	cat := x.world.catalog(x.t)
	empty, err := x.world.empty()
	must(err)
	dir := x.t.TempDir()
	must(os.CopyFS(filepath.Join(dir, "db"), os.DirFS(empty)))
	d.store, err = sqlstore.OpenSQLite(x.t.Context(), filepath.Join(dir, "db"), storeOptions(d.clock))
	must(err)
	x.t.Cleanup(func() { _ = d.store.Close() })
	files, err := blobs.New(filepath.Join(dir, "blobs"), coretest.Sealer("exam"), nil)
	must(err)
	registry, err := channels.NewRegistry(x.Adapter)
	must(err)
	log := slog.New(slog.NewJSONHandler(x.seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var runner *job.Runner
	watched := job.Watch(d.store, func() { runner.Wake() })
	dossiers := dossier.New(cat)
	d.gateway, err = channels.NewGateway(channels.GatewayConfig{
		Store: watched, Registry: registry, Engine: dialog.New(cat, dossiers),
		Services: channels.Services{Dossiers: dossiers, Vault: vault.Service{}, Identity: identity.New(rand.Reader)},
		Renderer: channels.NewRenderer(cat.Messages()), Blobs: files, Clock: d.clock, Log: log, Observer: d.counts,
		Allow:      func(core.Actor, string) error { return nil },
		SameNumber: func(string) []core.AddressKey { return nil }, OnDuty: func(context.Context) []string { return nil },
		BaseURL: "https://motcua.example",
	})
	must(err)
	jobs, err := job.NewRegistry(d.gateway.Jobs()...)
	must(err)
	must(jobs.Add(job.Spec{Kind: jobSay, Handle: d.say, MaxAttempts: 20, Backoff: channels.SendBackOff}))
	runner, err = job.New(watched, jobs, job.Options{Clock: d.clock, Log: log, Node: "exam", Alone: true, Workers: 4, Poll: 20 * time.Millisecond})
	must(err)
	must(runner.Start(x.t.Context()))
	x.t.Cleanup(func() { _ = runner.Stop(context.Background()) })
	return d
}

// jobSay says a prompt that no dialogue would.
const jobSay = "exam.say"

func (d *door) say(ctx context.Context, r *job.Run) error {
	var p core.Prompt
	if err := r.Payload(&p); err != nil {
		return job.Cancel(err)
	}
	return d.gateway.SendNow(ctx, r, d.Adapter.Account(), d.To, p)
}

// post is a request at the door, as the program mounts it.
func (d *door) post(q Request) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.Handle("/webhooks/{channel}/{account}", d.gateway)
	mux.Handle("/webhooks/{channel}/{account}/{secret}", d.gateway)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, q.build())
	return w
}

// take posts what must be taken.
func (d *door) take(q Request) {
	d.t.Helper()
	if w := d.post(q); w.Code != http.StatusOK {
		d.t.Fatalf("%s: answered %d", q.Name, w.Code)
	}
}

// hears posts a message of To and gives what comes back.
func (d *door) hears(q Request) []string {
	d.t.Helper()
	before := d.Received()
	d.take(q)
	d.settle()
	var got []string
	for i, shown := range d.Received() {
		if i >= len(before) || before[i] != shown { // or a message was changed in its place
			got = append(got, shown)
		}
	}
	return got
}

// heard is hears for what has exactly one answer.
func (d *door) heard(q Request) string {
	d.t.Helper()
	got := d.hears(q)
	if len(got) != 1 {
		d.t.Fatalf("%s: %d answers: %q", q.Name, len(got), got)
	}
	return got[0]
}

func (d *door) view(fn func(ctx context.Context, tx core.Tx) error) {
	d.t.Helper()
	if err := d.store.View(context.Background(), fn); err != nil {
		d.t.Fatal(err)
	}
}

// row is the conversation of To; ok is false when there is none.
func (d *door) row() (row core.TurnRow, ok bool) {
	d.t.Helper()
	d.view(func(ctx context.Context, tx core.Tx) (err error) {
		acc := d.Adapter.Account()
		row, err = tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: string(acc.Kind), Account: acc.Name, External: d.To})
		ok = err == nil
		if core.IsCode(err, core.CodeNotFound) {
			return nil
		}
		return err
	})
	return row, ok
}

// receipts are those of the conversation of To, oldest first.
func (d *door) receipts() (out []core.Receipt) {
	d.t.Helper()
	row, _ := d.row()
	d.view(func(ctx context.Context, tx core.Tx) (err error) {
		out, err = tx.Receipts().ByConversation(ctx, row.Conversation.ID, 100)
		return err
	})
	return out
}

// parked counts the events and jobs that were given up.
func (d *door) parked() (n int) {
	d.t.Helper()
	d.view(func(ctx context.Context, tx core.Tx) error {
		events, err := tx.Inbox().Parked(ctx, 100)
		if err != nil {
			return err
		}
		jobs, err := tx.Jobs().List(ctx, core.JobParked, 100)
		n = len(events) + len(jobs)
		return err
	})
	return n
}

// settle waits until no job is due at the time the clock shows. Jobs of an account
// that pauses are not.
func (d *door) settle() {
	d.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		var due []string
		d.view(func(ctx context.Context, tx core.Tx) error {
			pauses, err := tx.Jobs().Pauses(ctx)
			if err != nil {
				return err
			}
			jobs, err := tx.Jobs().List(ctx, "", 1000)
			now := d.clock.Now()
			for _, j := range jobs {
				waits := j.State == core.JobReady && (j.RunAt.After(now) || pauses[j.Account].After(now))
				if j.State != core.JobParked && j.State != core.JobWaiting && !waits {
					due = append(due, j.Kind+" "+string(j.State)+" "+j.Cause)
				}
			}
			return err
		})
		if len(due) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			d.t.Fatalf("%d jobs do not end, the first: %v", len(due), due[0])
		}
	}
}

// linger gives a runner that would do too much the time to do it.
func (d *door) linger() {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for range 4 {
		<-tick.C
	}
	d.settle()
}

// pass moves the clock on in steps, so that what is due one after another happens
// one after another.
func (d *door) pass(step time.Duration, times int) {
	d.t.Helper()
	for range times {
		d.clock.Add(step)
		d.settle()
	}
}

// says reports whether a message of the catalogue is in a text, as the channel
// shows it: without accents and capitals where it must.
func (d *door) says(shown, locale, key string) bool {
	d.t.Helper()
	msg := d.world.catalog(d.t).Messages().Text(locale, d.Adapter.Capabilities().Variant, key, nil)
	return strings.Contains(text.Fold(shown), text.Fold(msg))
}

// counts is an Observer that remembers, and whose labels are looked through for
// secrets.
type counts struct {
	mu   sync.Mutex
	n    map[string]int
	seen *seen
}

func (c *counts) add(labels ...string) {
	c.seen.add(labels)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[strings.Join(labels, " ")]++
}

func (c *counts) of(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[what]
}

// Inbound, Outbound, Rejected, Reply and Took count.
func (c *counts) Inbound(acc channels.Account, kind core.EventKind, result string) {
	c.add("in", result)
	c.seen.add(fmt.Sprint(acc, kind))
}

// Outbound counts what was sent.
func (c *counts) Outbound(acc channels.Account, template, result string, _ int) {
	c.add("out", result)
	c.seen.add(fmt.Sprint(acc, template))
}

// Rejected counts what was not taken.
func (c *counts) Rejected(acc channels.Account, reason string) {
	c.add("rejected")
	c.seen.add(fmt.Sprint(acc, reason))
}

// Reply counts nothing.
func (c *counts) Reply(channels.Account, time.Duration) {}

// Took counts what led nowhere.
func (c *counts) Took(_ channels.Account, t channels.Taken) {
	if t.NotUnderstood {
		c.add("not understood")
	}
}
