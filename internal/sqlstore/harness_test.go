package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/storetest"
	"github.com/motcua/motcua/internal/devsvc"
)

// server is the PostgreSQL that the tests of this package share: one process,
// one migrated template, a database for each test.
type server struct {
	once     sync.Once
	err      error
	pg       *devsvc.PG
	template string
	tables   []string

	mu   sync.Mutex // PostgreSQL copies one database at a time
	n    int
	idle []string // databases whose test is over, emptied
}

var shared server

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.pg != nil {
		if err := shared.pg.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func (s *server) start() {
	ctx := context.Background()
	// The files need not survive a power cut of the test machine, but a commit is
	// acknowledged as in production, so that a killed server is a real test.
	s.pg, s.err = devsvc.PostgreSQL(ctx, devsvc.PGOptions{NoSync: true,
		Settings: map[string]string{"synchronous_commit": "on", "max_connections": "400"}})
	if s.err != nil {
		return
	}
	url, err := s.pg.NewDatabase(ctx)
	if err != nil {
		s.err = err
		return
	}
	st, err := OpenPostgres(ctx, url, &Options{Sealer: coretest.Sealer("template"), Log: quiet()})
	if err != nil {
		s.err = err
		return
	}
	if s.err = st.Migrate(ctx); s.err == nil {
		s.err = st.Migrate(ctx) // a second node at the same time
	}
	_ = st.Close()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		s.err = errors.Join(s.err, err)
		return
	}
	defer c.Close(ctx)
	s.template = c.Config().Database
	rows, err := c.Query(ctx, `select tablename from pg_tables where schemaname = 'public' and tablename not like 'goose%'`)
	if err == nil {
		s.tables, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	s.err = errors.Join(s.err, err)
}

// database gives an empty one. Emptying a used one takes a tenth of the time that
// copying the template does.
func (s *server) database(t testing.TB) string {
	t.Helper()
	s.once.Do(s.start)
	if s.err != nil {
		t.Fatal(s.err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var name string
	if n := len(s.idle); n > 0 {
		name, s.idle = s.idle[n-1], s.idle[:n-1]
	} else {
		s.n++
		name = "c" + strconv.Itoa(s.n)
		if err := s.pg.Exec(t.Context(), "postgres", "create database "+name+" template "+s.template); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		var sql strings.Builder
		for _, table := range s.tables {
			sql.WriteString("delete from " + table + ";")
		}
		if err := s.pg.Exec(context.Background(), name, sql.String()); err != nil {
			t.Log(err) // it is not used again
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.idle = append(s.idle, name)
	})
	return s.pg.DatabaseURL(name)
}

// opened is a harness with what only this package's tests may touch.
type opened struct {
	*storetest.Harness
	store *Store
	fatal atomic.Pointer[error]
	opts  *Options
	dir   string // of SQLite
	url   string // of PostgreSQL
}

func newOpened(m mutation) *opened {
	o := &opened{}
	clock := coretest.NewClock()
	o.opts = &Options{Sealer: coretest.Sealer("test"), Clock: clock, Log: quiet(), Conns: 4, mutation: m, faults: &faults{},
		OnFatal: func(err error) { o.fatal.Store(&err) }}
	o.Harness = &storetest.Harness{Clock: clock, Build: coretest.NewBuild(clock)}
	return o
}

func (o *opened) use(t testing.TB, s *Store, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o.store, o.Store = s, s
	o.Counts = func() storetest.Counts {
		st := o.store.Stats()
		return storetest.Counts{Statements: st.Statements, RoundTrips: st.RoundTrips, Commits: st.Commits, LostGroups: st.LostGroups}
	}
}

func openTestSQLite(t testing.TB, m mutation) *opened {
	t.Helper()
	o := newOpened(m)
	o.dir = t.TempDir()
	s, err := OpenSQLite(t.Context(), o.dir, o.opts)
	o.use(t, s, err)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.dir, databaseFile)
	raw := s.backend.(*sqliteStore)
	o.SQL = func(t testing.TB, sql string) {
		t.Helper()
		c, err := openSQLiteConn(sqliteDSN(file))
		if err == nil {
			_, err = c.exec(context.Background(), sql, nil)
			err = errors.Join(err, c.close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	o.Dump = func(t testing.TB) []byte {
		var out []byte
		for _, f := range []string{file, file + "-wal"} {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, b...)
		}
		return out
	}
	o.FillDisk = func(t testing.TB) func() {
		set := func(pages string) func(*sqliteConn) {
			return func(c *sqliteConn) {
				if _, err := c.pragma("max_page_count = " + pages); err != nil {
					t.Error(err)
				}
			}
		}
		raw.w.mu.Lock()
		defer raw.w.mu.Unlock()
		n, err := raw.w.conn.pragma("page_count")
		if err != nil {
			t.Fatal(err)
		}
		pages, _ := strconv.Atoi(n)
		raw.prepareWriter = set(strconv.Itoa(pages + 40))
		raw.prepareWriter(raw.w.conn)
		return func() {
			raw.w.mu.Lock()
			defer raw.w.mu.Unlock()
			raw.prepareWriter = nil
			if raw.w.conn != nil {
				set("1000000")(raw.w.conn)
			}
		}
	}
	o.BreakCommit = func(testing.TB) {
		fail := func() error { return errors.New("fsync: input/output error") }
		o.opts.faults.commit.Store(&fail)
	}
	o.Durable = func(testing.TB) error {
		raw.w.mu.Lock()
		defer raw.w.mu.Unlock()
		for name, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
			if got, err := raw.w.conn.pragma(name); err != nil || got != want {
				return fmt.Errorf("%s is %q (%v), want %q", name, got, err, want)
			}
		}
		return nil
	}
	o.Reopen = func(t testing.TB, sealer *core.Sealer) core.Store {
		if err := o.store.Close(); err != nil {
			t.Fatal(err)
		}
		opts := *o.opts
		if sealer != nil {
			opts.Sealer = *sealer
		}
		s, err := OpenSQLite(context.Background(), o.dir, &opts)
		o.use(t, s, err)
		return s
	}
	return o
}

func openTestPostgres(t testing.TB, m mutation) *opened {
	t.Helper()
	o := newOpened(m)
	o.url = shared.database(t)
	s, err := OpenPostgres(t.Context(), o.url, o.opts)
	o.use(t, s, err)
	with := func(t testing.TB, fn func(ctx context.Context, c *pgx.Conn) error) {
		t.Helper()
		ctx := context.Background()
		c, err := pgx.Connect(ctx, o.url)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(ctx)
		if err := fn(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	o.SQL = func(t testing.TB, sql string) {
		t.Helper()
		with(t, func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, sql)
			return err
		})
	}
	o.Dump = func(t testing.TB) []byte {
		var out bytes.Buffer
		with(t, func(ctx context.Context, c *pgx.Conn) error {
			rows, err := c.Query(ctx, `select tablename from pg_tables where schemaname = 'public'`)
			if err != nil {
				return err
			}
			tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			for _, table := range tables {
				if _, err := c.PgConn().CopyTo(ctx, &out, `copy `+table+` to stdout`); err != nil {
					return err
				}
			}
			return nil
		})
		return out.Bytes()
	}
	// PostgreSQL reports a full disk with SQLSTATE 53100 and aborts the
	// transaction. A trigger does the same, in the server, for any row that is big.
	o.FillDisk = func(t testing.TB) func() {
		o.SQL(t, `create or replace function full_disk() returns trigger language plpgsql as $$ begin
			raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
			create trigger full_disk before insert on drafts for each row execute function full_disk()`)
		return func() { o.SQL(t, `drop trigger full_disk on drafts`) }
	}
	// The server ends the connections while the COMMIT is on its way.
	o.BreakCommit = func(t testing.TB) {
		kill := func() error {
			with(t, func(ctx context.Context, c *pgx.Conn) error {
				_, err := c.Exec(ctx, `select pg_terminate_backend(pid, 5000) from pg_stat_activity
					where datname = current_database() and pid <> pg_backend_pid()`)
				return err
			})
			return nil
		}
		o.opts.faults.commit.Store(&kill)
	}
	o.Durable = func(t testing.TB) error {
		var got string
		err := o.store.View(context.Background(), func(_ context.Context, tx core.Tx) error {
			return tx.(*txn).QueryRow("test", `show synchronous_commit`, []any{(*text)(&got)})
		})
		if err != nil || got == "off" {
			return fmt.Errorf("synchronous_commit is %q (%v)", got, err)
		}
		return nil
	}
	o.Reopen = func(t testing.TB, sealer *core.Sealer) core.Store {
		opts := *o.opts
		if sealer != nil {
			opts.Sealer = *sealer
		}
		s, err := OpenPostgres(context.Background(), o.url, &opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	return o
}
