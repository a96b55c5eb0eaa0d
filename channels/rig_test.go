package channels_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/agencyapi"
	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/channels/twilio"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/job"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/blobs"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/simkit"
	"github.com/motcua/motcua/internal/sqlstore"
	"github.com/motcua/motcua/mobileapi"
)

const webhookSecret = "Webhook_Secret-of-the-tests"

var pack = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) })

func loadPack(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := pack()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// postgres is the server that the tests of this package share.
var postgres = sync.OnceValues(func() (*devsvc.PG, error) {
	return devsvc.PostgreSQL(context.Background(), devsvc.PGOptions{NoSync: true})
})

var postgresUsed sync.Once

func TestMain(m *testing.M) {
	code := m.Run()
	used := true
	postgresUsed.Do(func() { used = false })
	if used {
		if pg, err := postgres(); err == nil {
			if err := pg.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = max(code, 1)
			}
		}
	}
	os.Exit(code)
}

// rig is what stands behind the door of the networks, for tests: real store,
// catalogue, services and adapters, fake vendors, a clock that stands still.
type rig struct {
	t        testing.TB
	clock    *coretest.Clock
	opened   []*sqlstore.Store // one a node
	watch    []*watch          // the same, seen through
	ledger   *ledger
	engine   *dialog.Engine
	dossiers *dossier.Service
	people   *identity.Service
	sessions *auth.Sessions
	tokens   *auth.Tokens
	rpc      *http.ServeMux
	vendors  simkit.Clock // the vendors' clock, which may be moved on
	bot      *simkit.Telegram
	phones   *simkit.Twilio
	adapter  *tap
	sms      *twilio.Adapter
	observer *counts
	gateways []*channels.Gateway // one a node
	wake     func()
}

// plan says how a rig is built.
type plan struct {
	postgres bool
	nodes    int // default 1
	adapters []channels.Adapter
	store    func(core.Store) core.Store // puts something between gateway and store
	spool    *channels.Spool
	pace     channels.Pace
	inFlight int
}

func newRig(t testing.TB, p plan) *rig {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p.nodes = max(p.nodes, 1)
	r := &rig{t: t, clock: coretest.NewClock(), ledger: newLedger(), observer: newCounts(), wake: func() {}}
	sealer := coretest.Sealer("channels")
	quiet := slog.New(slog.DiscardHandler)
	opts := func() *sqlstore.Options {
		return &sqlstore.Options{Sealer: sealer, Clock: r.clock, Log: quiet, Conns: 8}
	}
	if p.postgres {
		postgresUsed.Do(func() {})
		pg, err := postgres()
		must(err)
		url, err := pg.NewDatabase(t.Context())
		must(err)
		for range p.nodes {
			s, err := sqlstore.OpenPostgres(t.Context(), url, opts())
			must(err)
			t.Cleanup(func() { _ = s.Close() })
			r.opened = append(r.opened, s)
		}
	} else {
		s, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), opts())
		must(err)
		t.Cleanup(func() { _ = s.Close() })
		for range p.nodes {
			r.opened = append(r.opened, s)
		}
	}
	must(r.opened[0].Migrate(t.Context()))
	files, err := blobs.New(t.TempDir(), sealer, nil)
	must(err)
	cat := loadPack(t)
	r.dossiers, r.people = dossier.New(cat), identity.New(rand.Reader)
	r.engine = dialog.New(cat, r.dossiers)
	policy := auth.NewPolicy()

	r.bot = simkit.NewTelegram(simkit.TelegramOptions{Now: r.vendors.Now})
	r.phones = simkit.NewTwilio(simkit.TwilioOptions{})
	must(r.bot.Start())
	t.Cleanup(r.bot.Close)
	must(r.phones.Start())
	t.Cleanup(r.phones.Close)
	transport := simkit.NewLoopbackTransport()
	t.Cleanup(transport.CloseIdleConnections)
	chat, err := telegram.New(telegram.Config{
		Token: r.bot.Token(), APIURL: r.bot.URL(), WebhookSecrets: []string{webhookSecret}, Transport: transport, Clock: r.clock,
	})
	must(err)
	r.adapter = &tap{Adapter: chat, events: map[string]core.Event{}}
	r.sms, err = twilio.New(twilio.Config{
		AccountSID: r.phones.AccountSID(), AuthTokens: []string{r.phones.AuthToken()}, From: r.phones.Number(),
		PublicURL: publicURL, APIURL: r.phones.URL(), Transport: transport, Clock: r.clock,
	})
	must(err)
	adapters := p.adapters
	if adapters == nil {
		adapters = []channels.Adapter{r.adapter, r.sms}
	}
	registry, err := channels.NewRegistry(adapters...)
	must(err)
	for _, s := range r.opened {
		w := &watch{Store: job.Watch(s, func() { r.wake() }), ledger: r.ledger}
		r.watch = append(r.watch, w)
		var store core.Store = w
		if p.store != nil {
			store = p.store(w)
		}
		g, err := channels.NewGateway(channels.GatewayConfig{
			Store: store, Registry: registry, Engine: r.engine,
			Services: channels.Services{Dossiers: r.dossiers, Vault: vault.Service{}, Identity: r.people},
			Renderer: channels.NewRenderer(cat.Messages()), Blobs: files, Clock: r.clock, Log: quiet, Observer: r.observer,
			Allow: func(actor core.Actor, op string) error {
				_, err := policy.Allow(actor, op)
				return err
			},
			SameNumber: func(string) []core.AddressKey { return nil }, OnDuty: func(context.Context) []string { return nil },
			BaseURL: publicURL, Spool: p.spool, Pace: p.pace, InFlight: p.inFlight,
		})
		must(err)
		r.gateways = append(r.gateways, g)
	}
	r.tokens = auth.NewTokens(sealer, r.clock, auth.TokenOptions{})
	r.sessions = auth.NewSessions(r.opened[0], r.tokens, auth.NewCodes(sealer), r.people, rand.Reader, nil)
	r.rpc = http.NewServeMux()
	door := gate.Config{Store: r.opened[0], Policy: policy, Texts: cat.Messages(), Log: quiet}
	must(mobileapi.Handle(r.rpc, mobileapi.Config{
		Gate: door, Tokens: r.tokens, Sessions: r.sessions, Dossiers: r.dossiers, People: r.people, Blobs: files,
	}))
	must(agencyapi.Handle(r.rpc, agencyapi.Config{
		Gate: door, Tokens: r.tokens, Dossiers: r.dossiers, Blobs: files,
		ReportQueue: func(context.Context, string, catalog.Queue) error { return nil },
	}))
	return r
}

// publicURL is where the vendors think we are.
const publicURL = "https://motcua.example"

// run starts a runner of the gateway's jobs on each node.
func (r *rig) run() {
	r.t.Helper()
	var runners []*job.Runner
	for i, g := range r.gateways {
		registry, err := job.NewRegistry(g.Jobs()...)
		if err != nil {
			r.t.Fatal(err)
		}
		runner, err := job.New(r.watch[i], registry, job.Options{
			Clock: r.clock, Log: slog.New(slog.DiscardHandler), Node: fmt.Sprintf("node-%d", i), Workers: 8, Poll: 20 * time.Millisecond,
		})
		if err != nil {
			r.t.Fatal(err)
		}
		if err := runner.Start(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		r.t.Cleanup(func() { _ = runner.Stop(context.Background()) })
		runners = append(runners, runner)
	}
	r.wake = func() {
		for _, runner := range runners {
			runner.Wake()
		}
	}
}

// webhooks is the door as the program mounts it, on one node.
func (r *rig) webhooks(node int) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /webhooks/{channel}/{account}", r.gateways[node])
	mux.Handle("GET /webhooks/{channel}/{account}", r.gateways[node])
	return mux
}

// update is an update of the chat vendor, as text.
func update(id, person int64, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1794000000,"text":%s,`+
		`"from":{"id":%d,"is_bot":false,"first_name":"Mai","language_code":"vi"},"chat":{"id":%d,"type":"private"}}}`,
		id, id, quote(text), person, person)
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// post sends a webhook request to the first node.
func (r *rig) post(path, body string, header http.Header) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for k, v := range header {
		req.Header[k] = v
	}
	w := httptest.NewRecorder()
	r.webhooks(0).ServeHTTP(w, req)
	return w
}

func signedChat() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "X-Telegram-Bot-Api-Secret-Token": {webhookSecret}}
}

const chatPath = "/webhooks/telegram/main"

// call makes an RPC with a JSON body.
func (r *rig) call(procedure, token, key string, body any) (int, map[string]any) {
	b, err := json.Marshal(body)
	if err != nil {
		r.t.Error(err)
		return 0, nil
	}
	req := httptest.NewRequest(http.MethodPost, procedure, bytes.NewReader(b))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	r.rpc.ServeHTTP(w, req)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		r.t.Errorf("%s answered %d with no JSON: %.200s", procedure, w.Code, w.Body)
	}
	return w.Code, out
}

// view reads the store.
func (r *rig) view(fn func(ctx context.Context, tx core.Tx) error) {
	r.t.Helper()
	if err := r.opened[0].View(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) write(fn func(ctx context.Context, tx core.Tx) error) {
	r.t.Helper()
	if err := r.opened[0].Update(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

// row reads a conversation of the chat network by its person.
func (r *rig) row(person int64) (row core.TurnRow, ok bool) {
	r.t.Helper()
	r.view(func(ctx context.Context, tx core.Tx) (err error) {
		row, err = tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: "telegram", Account: "main", External: fmt.Sprint(person)})
		ok = err == nil
		if core.IsCode(err, core.CodeNotFound) {
			return nil
		}
		return err
	})
	return row, ok
}

// tap remembers the events that an adapter parsed.
type tap struct {
	*telegram.Adapter
	mu     sync.Mutex
	events map[string]core.Event
}

func (a *tap) Parse(r *http.Request, body []byte) (channels.Inbound, error) {
	in, err := a.Adapter.Parse(r, body)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ev := range in.Events {
		a.events[ev.ID] = ev
	}
	return in, err
}

func (a *tap) event(id string) (core.Event, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ev, ok := a.events[id]
	return ev, ok
}

// counts is an Observer that tests read.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounts() *counts { return &counts{n: map[string]int{}} }

func (c *counts) add(what string) {
	c.mu.Lock()
	c.n[what]++
	c.mu.Unlock()
}

func (c *counts) of(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[what]
}

func (c *counts) Inbound(_ channels.Account, kind core.EventKind, result string) {
	c.add("in " + string(kind) + " " + result)
	c.add("in " + result)
}
func (c *counts) Outbound(_ channels.Account, _, result string, _ int) { c.add("out " + result) }
func (c *counts) Rejected(_ channels.Account, reason string)           { c.add("rejected " + reason) }
func (c *counts) Reply(channels.Account, time.Duration)                { c.add("reply") }
func (c *counts) Took(_ channels.Account, t channels.Taken) {
	if t.NotUnderstood {
		c.add("not understood")
	}
	if t.AskedPerson {
		c.add("asked person")
	}
	for _, result := range t.Searches {
		c.add("search " + result)
	}
	if t.MovedTo != "" {
		c.add("moved " + t.MovedFrom + " " + t.MovedTo)
	}
	if t.Verdict != "" {
		c.add("verdict " + string(t.Verdict))
	}
}

// settle waits until no job is due any more. The runner must run.
func (r *rig) settle() {
	r.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		due := 0
		var kinds []string
		r.view(func(ctx context.Context, tx core.Tx) error {
			jobs, err := tx.Jobs().List(ctx, "", 10_000)
			for _, j := range jobs {
				if j.State != core.JobParked && (j.State != core.JobReady || !j.RunAt.After(r.clock.Now())) {
					due++
					kinds = append(kinds, j.Kind+" "+string(j.State)+" "+j.Cause)
				}
			}
			return err
		})
		if due == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			r.t.Fatalf("%d jobs do not end, the first: %v", due, kinds[0])
		}
	}
}
