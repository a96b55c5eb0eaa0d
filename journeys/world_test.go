package journeys_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/obs"
	"github.com/motcua/motcua/internal/simkit"
)

// patience is how long anybody waits for anything.
const patience = 20 * time.Second

// clock runs with the machine's from a fixed instant: a Thursday morning, when
// offices are open and nobody's sleep is disturbed by a notice.
type clock struct {
	mu      sync.Mutex
	started time.Time
	ahead   time.Duration
}

func newClock() *clock { return &clock{started: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 12, 3, 9, 0, 0, 0, core.City).UTC().Add(time.Since(c.started) + c.ahead)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// buffer is where the program logs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// urlLog notes the URL of every request the citizens' programs make.
type urlLog struct {
	http.Transport
	mu   sync.Mutex
	urls []string
}

func (l *urlLog) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.urls = append(l.urls, r.URL.String())
	l.mu.Unlock()
	return l.Transport.RoundTrip(r)
}

func (l *urlLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.urls)
}

// world is the real program between fake vendors.
type world struct {
	t        *testing.T
	app      *app.App
	clock    *clock
	telegram *simkit.Telegram
	smsgate  *simkit.SMSGate // nobody writes to it where carrier is "twilio"
	twilio   *simkit.Twilio
	carrier  string // whom citizens' SMS go through: "smsgate", "twilio", or "both" in turn
	logs     buffer
	urls     urlLog
	client   *http.Client
	dir      string
	person   *persona
	stop     func()
	// expectErrors is set where failures were made on purpose.
	expectErrors bool
}

// withPatience bounds how long one thing is waited for.
func withPatience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}

// newWorld starts the program in a new data directory, on the database of a URL
// or, for "", on the embedded one. Prepare is called before anything runs.
func newWorld(t *testing.T, p *persona, database string, prepare ...func(*world)) *world {
	t.Helper()
	return newWorldOn(t, p, database, "smsgate", prepare...)
}

// newWorldOn is newWorld with another carrier of SMS.
func newWorldOn(t *testing.T, p *persona, database, carrier string, prepare ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), dir: t.TempDir(), person: p, carrier: carrier}
	w.client = &http.Client{Transport: &w.urls, Timeout: patience}
	w.telegram = simkit.NewTelegram(simkit.TelegramOptions{Now: w.clock.Now})
	w.twilio = simkit.NewTwilio(simkit.TwilioOptions{Now: w.clock.Now})
	w.smsgate = simkit.NewSMSGate(simkit.SMSGateOptions{Now: w.clock.Now})
	for _, start := range []func() error{w.telegram.Start, w.twilio.Start, w.smsgate.Start} {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	environ := []string{
		"MOTCUA_LISTEN=127.0.0.1:0", "MOTCUA_ADMIN_LISTEN=127.0.0.1:0", "MOTCUA_DATA_DIR=" + w.dir,
		"MOTCUA_TELEGRAM_TOKEN=" + w.telegram.Token(), "MOTCUA_TELEGRAM_API_URL=" + w.telegram.URL(),
		"MOTCUA_TELEGRAM_WEBHOOK_SECRET=a-secret-of-the-webhook", "MOTCUA_TELEGRAM_MODE=webhook",
		"MOTCUA_TWILIO_ACCOUNT_SID=" + w.twilio.AccountSID(), "MOTCUA_TWILIO_AUTH_TOKEN=" + w.twilio.AuthToken(),
		"MOTCUA_TWILIO_FROM=" + w.twilio.Number(), "MOTCUA_TWILIO_API_URL=" + w.twilio.URL(),
		"MOTCUA_TRUSTED_PROXIES=127.0.0.1/32", // many people, each of an address of their own
	}
	if carrier != "twilio" {
		environ = append(environ, "MOTCUA_SMSGATE_CPID="+w.smsgate.CPID(), "MOTCUA_SMSGATE_PRIVATE_KEY="+w.smsgate.PrivateKey(),
			"MOTCUA_SMSGATE_API_KEY="+w.smsgate.APIKey(), "MOTCUA_SMSGATE_SECRET_KEY="+w.smsgate.SecretKey(),
			"MOTCUA_SMSGATE_BRAND="+w.smsgate.Brand(), "MOTCUA_SMSGATE_API_URL="+w.smsgate.URL())
	}
	if database != "" {
		environ = append(environ, "MOTCUA_DATABASE_URL="+database)
	}
	cfg, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	w.app, err = app.New(t.Context(), app.Options{
		Config: cfg, Version: "test", Clock: w.clock,
		Log:     obs.NewLogger(&w.logs, slog.LevelDebug, obs.NewRedactor(cfg.Secrets()...)),
		OnFatal: func(err error) { t.Errorf("the program gave up: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.twilio.SetWebhook(w.app.URL() + "/webhooks/twilio/main")
	w.smsgate.SetWebhook(w.app.URL() + "/webhooks/smsgate/main")
	for _, f := range prepare {
		f(w)
	}
	w.run()
	return w
}

// run serves until stop is called or the test ends.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.app.Run(ctx); err != nil {
			w.t.Errorf("the program ended with %v", err)
		}
	})
	vendors, silence := context.WithCancel(context.Background())
	var deliveries sync.WaitGroup
	deliveries.Go(func() { _ = w.telegram.Run(vendors) }) // ends with its context, which is no news
	deliveries.Go(func() { _ = w.twilio.Run(vendors) })
	deliveries.Go(func() { _ = w.smsgate.Run(vendors) })
	w.stop = sync.OnceFunc(func() {
		// A server that stops waits some seconds for connections without a request.
		w.client.CloseIdleConnections()
		cancel()
		all.Wait()
		silence()
		deliveries.Wait()
		if err := w.app.Close(); err != nil {
			w.t.Errorf("closing: %v", err)
		}
		w.telegram.Close()
		w.twilio.Close()
		w.smsgate.Close()
	})
	w.t.Cleanup(w.stop)
}

// close ends the program and checks what must hold after every journey.
func (w *world) close() {
	w.t.Helper()
	ctx, cancel := withPatience(context.Background())
	defer cancel()
	for _, idle := range []func(context.Context) error{w.telegram.AwaitIdle, w.twilio.AwaitIdle, w.smsgate.AwaitIdle} {
		if err := idle(ctx); err != nil {
			w.t.Errorf("vendors are not done: %v", err)
		}
	}
	metrics, calls := w.metrics(), slices.Concat(w.telegram.Deliveries(), w.twilio.Deliveries(), w.smsgate.Deliveries())
	w.stop()
	w.checkMessages()
	w.nothingPersonal("logs", w.logs.String())
	w.nothingPersonal("metrics", metrics)
	for _, u := range w.seenURLs() {
		w.nothingPersonal("URL", u)
	}
	w.nothingUnsealed()
	for _, c := range slices.Concat(w.telegram.Journal.Unexpected(), w.twilio.Journal.Unexpected(), w.smsgate.Journal.Unexpected()) {
		w.t.Errorf("a vendor does not know the call %s", c.Method)
	}
	for _, d := range calls {
		if !w.expectErrors && (d.Status != http.StatusOK || d.Attempt > 1) {
			w.t.Errorf("webhook %s was answered %d at attempt %d: %v", d.Queue, d.Status, d.Attempt, d.Err)
		}
	}
	for line := range strings.Lines(w.logs.String()) {
		if strings.Contains(line, `"level":"ERROR"`) && !w.expectErrors {
			w.t.Errorf("logged: %s", line)
		}
	}
}

func (w *world) metrics() string {
	w.t.Helper()
	res, err := w.client.Get(w.app.AdminURL() + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(b), "motcua_") {
		w.t.Fatalf("metrics: %v, %.200s", err, b)
	}
	return string(b)
}

// checkMessages checks every SMS that went out.
func (w *world) checkMessages() {
	w.t.Helper()
	for _, m := range w.texts(func(string) bool { return true }) {
		if !sms.Fits(m.text) {
			w.t.Errorf("SMS of %+v is not one GSM-7 segment: %s", sms.Count(m.text), m.text)
		}
		if !strings.HasPrefix(m.text, "HCMC-DVC:") {
			w.t.Errorf("SMS does not begin with the brand: %s", m.text)
		}
		w.nothingPersonal("SMS", m.text)
	}
	// A private chat shows a name to its owner, and no whole identity number.
	for _, m := range w.telegram.Outbox() {
		for word := range strings.FieldsSeq(m.Text) {
			if text.Digits(word) == strings.Trim(word, ".,;:") && len(text.Digits(word)) == 12 {
				w.t.Errorf("a message carries a whole identity number: %s", m.Text)
			}
		}
	}
}

// sent is an SMS of ours.
type sent struct {
	text string
	at   time.Time
}

// texts are the SMS that went out to some numbers, whoever carried them, in order.
func (w *world) texts(to func(number string) bool) (out []sent) {
	for _, m := range w.twilio.Outbox() {
		if to(m.To) && m.Status != "failed" && m.Status != "undelivered" {
			out = append(out, sent{m.Body, m.At})
		}
	}
	for _, m := range w.smsgate.Outbox() {
		if to(m.Phone) && !m.Failed {
			out = append(out, sent{m.Body, m.At})
		}
	}
	slices.SortStableFunc(out, func(a, b sent) int { return a.at.Compare(b.at) })
	return out
}

// seenURLs are the URLs the citizens called, and those we told the vendors.
func (w *world) seenURLs() []string {
	out := w.urls.all()
	for _, c := range slices.Concat(w.telegram.Journal.Calls(""), w.twilio.Journal.Calls(""), w.smsgate.Journal.Calls("")) {
		out = append(out, c.Method)
		for _, name := range []string{"StatusCallback", "CallbackUrl", "url"} {
			out = append(out, c.Params[name]...)
		}
	}
	return out
}

// spellings gives the ways in which something personal may be written.
func spellings(secret string) []string {
	out := []string{
		secret, strings.ToUpper(secret), text.Plain(secret), strings.ToUpper(text.Plain(secret)), strings.ToLower(secret),
		strings.ReplaceAll(secret, " ", "+"), strings.ReplaceAll(secret, " ", "%20"), fmt.Sprintf("%+q", secret)[1 : len(fmt.Sprintf("%+q", secret))-1],
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (w *world) nothingPersonal(where, s string) {
	w.t.Helper()
	for _, secret := range w.person.secrets {
		for _, form := range spellings(secret) {
			if at := strings.Index(s, form); at >= 0 {
				w.t.Errorf("%s: %q is in %q", where, form, s[max(0, at-80):min(len(s), at+len(form)+80)])
				return
			}
		}
	}
}

// nothingUnsealed looks for the person in the files the program leaves behind.
func (w *world) nothingUnsealed() {
	w.t.Helper()
	seen := 0
	err := filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		seen++
		w.nothingPersonal("file "+filepath.Base(name), string(b))
		for _, p := range w.person.papers {
			for _, page := range p.pages {
				if mid := page.data[len(page.data)/3 : len(page.data)/3+64]; bytes.Contains(b, mid) {
					w.t.Errorf("file %s holds %s unsealed", filepath.Base(name), page.name)
				}
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		w.t.Errorf("%d files looked through: %v", seen, err)
	}
}

// database is the PostgreSQL that the tests of this package share.
type database struct {
	once sync.Once
	pg   *devsvc.PG
	err  error
}

var postgres database

func (d *database) url(t *testing.T) string {
	t.Helper()
	d.once.Do(func() {
		d.pg, d.err = devsvc.PostgreSQL(context.Background(), devsvc.PGOptions{NoSync: true})
	})
	if d.err != nil {
		t.Fatal(d.err)
	}
	u, err := d.pg.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMain(m *testing.M) {
	code := m.Run()
	if postgres.pg != nil {
		if err := postgres.pg.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}
