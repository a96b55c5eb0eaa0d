package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/internal/config"
)

const (
	webhookPath   = "/webhooks/telegram/main"
	webhookSecret = "bench-secret"
	botToken      = "700000001:bench-token"
)

// product is the real program, in this process, on one engine.
type product struct {
	app  *app.App
	db   *sql.DB // beside the store, to count what is committed
	svc  *dossier.Service
	log  *complaints
	addr string

	stop   context.CancelFunc
	served chan error

	chat int64 // last chat id given out
	code int   // last dossier number given out
}

// startProduct opens the program in dir; databaseURL "" is SQLite there.
func startProduct(ctx context.Context, dir, databaseURL, sinkURL string) (*product, error) {
	env := []string{
		"MOTCUA_LISTEN=127.0.0.1:0", "MOTCUA_ADMIN_LISTEN=127.0.0.1:0", "MOTCUA_DATA_DIR=" + dir,
		"MOTCUA_TELEGRAM_TOKEN=" + botToken, "MOTCUA_TELEGRAM_API_URL=" + sinkURL, "MOTCUA_TELEGRAM_WEBHOOK_SECRET=" + webhookSecret,
	}
	driver, dsn := "sqlite", "file:"+filepath.Join(dir, "motcua.db")+"?"+url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)"}}.Encode()
	if databaseURL != "" {
		env = append(env, "MOTCUA_DATABASE_URL="+databaseURL)
		driver, dsn = "pgx", databaseURL
	}
	cfg, err := config.Load(env)
	if err != nil {
		return nil, err
	}
	p := &product{log: &complaints{}, served: make(chan error, 1), chat: 1_000_000}
	if p.app, err = app.New(ctx, app.Options{Config: cfg, Log: slog.New(p.log), Version: "bench", OnFatal: func(err error) {
		p.log.add("fatal: " + err.Error())
	}}); err != nil {
		return nil, err
	}
	p.svc, p.addr = dossier.New(p.app.Catalog), strings.TrimPrefix(p.app.URL(), "http://")
	if p.db, err = sql.Open(driver, dsn); err != nil {
		return nil, errors.Join(err, p.app.Close())
	}
	run, stop := context.WithCancel(ctx)
	p.stop = stop
	go func() { p.served <- p.app.Run(run) }()
	return p, nil
}

func (p *product) close() error {
	p.stop()
	return errors.Join(<-p.served, p.app.Close(), p.db.Close())
}

// counted are the questions put to the database.
const (
	countInbox    = `select count(*) from inbox`
	countDossiers = `select count(*) from dossiers`
	countReplies  = `select count(*) from jobs where kind = 'message.send' and state <> 'parked'`
	countParked   = `select (select count(*) from inbox where parked_at > 0) + (select count(*) from jobs where state = 'parked')`
)

func (p *product) count(query string) (n int64, err error) {
	err = p.db.QueryRow(query).Scan(&n)
	return n, err
}

// countDue counts the jobs that should have run by now.
const countDue = `select count(*) from jobs where state <> 'parked' and run_at <= $1`

// idle waits until nothing is due.
func (p *product) idle(ctx context.Context) error {
	begin := time.Now()
	for {
		var n int64
		if err := p.db.QueryRowContext(ctx, countDue, time.Now().UnixMicro()).Scan(&n); err != nil || n == 0 {
			return err
		}
		if time.Since(begin) > 20*time.Second {
			return fmt.Errorf("%d jobs are still due", n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// drained waits until every reply has left.
func (p *product) drained(limit time.Duration) (took time.Duration, left int64, err error) {
	begin := time.Now()
	for {
		left, err = p.count(countReplies)
		took = time.Since(begin)
		if err != nil || left == 0 || took > limit {
			return took, left, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// say sends one text as a person and waits for the answer.
func (p *product) say(w *wire, eventID *int64, chat int64, text string) error {
	*eventID++
	status, body, err := w.do(update(webhookPath, webhookSecret, *eventID, chat, text))
	if err != nil || status != 200 {
		return fmt.Errorf("the webhook answered %d %.200q to %q: %w", status, body, text, err)
	}
	return nil
}

// turn reads what a turn would read of a chat.
func (p *product) turn(ctx context.Context, chat int64) (row core.TurnRow, err error) {
	err = p.app.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		row, err = tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: "telegram", Account: "main", External: fmt.Sprint(chat)})
		return err
	})
	return row, err
}

// token is an access token of the app for a citizen.
func (p *product) token(citizen core.ID) (string, error) {
	a := core.Actor{Kind: core.ActorCitizen, ID: citizen, Session: core.NewID(time.Now()), Assurance: core.AssuranceAddress}
	t, _, err := p.app.Tokens.Issue(a, auth.AudienceApp, false)
	return t, err
}

// chunk is how many people one transaction of the preparation stores.
const chunk = 40

// each runs fn for 0 … n-1 in transactions of chunk, a few at once.
func (p *product) each(ctx context.Context, n int, fn func(ctx context.Context, tx core.Tx, i int) error) error {
	starts := make(chan int)
	errs := make(chan error, 8)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var failed error
			for start := range starts {
				if failed != nil {
					continue
				}
				failed = p.app.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
					for i := start; i < min(start+chunk, n); i++ {
						if err := fn(ctx, tx, i); err != nil {
							return err
						}
					}
					return nil
				})
			}
			errs <- failed
		}()
	}
	for start := 0; start < n; start += chunk {
		starts <- start
	}
	close(starts)
	wg.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// complaints counts what the program logs at warning level and above, and keeps
// the first lines.
type complaints struct {
	mu    sync.Mutex
	lines int
	first []string
}

func (c *complaints) add(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines++
	if len(c.first) < 5 {
		c.first = append(c.first, line)
	}
}

// Enabled takes warnings and errors.
func (c *complaints) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// Handle counts one. The long transactions of the preparation are none.
func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s=%v", a.Key, a.Value)
		return true
	})
	if !strings.Contains(b.String(), "func=main.") {
		c.add(b.String())
	}
	return nil
}

// WithAttrs gives the same: lines are told apart by their message.
func (c *complaints) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup gives the same.
func (c *complaints) WithGroup(string) slog.Handler { return c }
