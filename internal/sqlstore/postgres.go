package sqlstore

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/core"
)

const (
	maxReruns     = 5
	maxSkew       = 2 * time.Second
	acquireWait   = 5 * time.Second  // how long a closure waits for a connection
	transactionOf = 15 * time.Second // how long one closure's statements may take together
)

type postgresStore struct {
	*base
	pool   *pgxpool.Pool
	dia    *dialect
	musts  sync.Map // musted → the statement that fails unless it meets that many rows
	offset atomic.Int64

	acquireWait time.Duration
}

// OpenPostgres opens a pool on url (postgres://…). It connects at the first use;
// Health tells whether it can.
func OpenPostgres(ctx context.Context, url string, o *Options) (*Store, error) {
	b, err := newBase(o)
	if err != nil {
		return nil, err
	}
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx takes the password out of its message.
		return nil, core.E(core.CodeInvalid, "store.open", "", err)
	}
	s := &postgresStore{base: b, dia: postgresDialect(), acquireWait: acquireWait}
	conf.MaxConns = 16
	if o.Conns > 0 {
		conf.MaxConns = int32(o.Conns)
	}
	params := conf.ConnConfig.RuntimeParams
	params["application_name"] = "motcua"
	params["statement_timeout"] = "10000"
	params["lock_timeout"] = "5000"
	params["idle_in_transaction_session_timeout"] = "60000"
	if s.mutation == mutationNoSync {
		params["synchronous_commit"] = "off"
	}
	// A node that vanished must not look like a slow one.
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}
	conf.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: c, trips: &s.stats.roundTrips}, nil
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, conf); err != nil {
		return nil, core.E(core.CodeUnavailable, "store.open", "", err)
	}
	return &Store{base: b, backend: s}, nil
}

// countedConn counts round trips: a read that follows a write.
type countedConn struct {
	net.Conn
	trips *atomic.Int64
	wrote atomic.Bool
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(b)
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.wrote.Swap(false) {
		c.trips.Add(1)
	}
	return n, err
}

// bounded is the context of a transaction's statements: not the caller's, whose
// end would close the connection in the middle of a COMMIT, but not endless.
func (s *postgresStore) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.mutation == mutationNeighbourContext {
		return context.WithTimeout(ctx, transactionOf)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), transactionOf)
}

// view needs no transaction: at READ COMMITTED each statement has its own
// snapshot anyway, and one statement is then one round trip.
func (s *postgresStore) view(ctx context.Context, fn closure) error {
	own, cancel := s.bounded(ctx)
	defer cancel()
	e := &postgresEngine{s: s, ctx: own, readOnly: true}
	defer e.release()
	return s.runClosure(ctx, fn, e, true)
}

func (s *postgresStore) update(ctx context.Context, fn closure) error {
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err, again := s.once(ctx, fn)
		if !again || try > maxReruns {
			return err
		}
		s.stats.reruns.Add(1)
		// Let whoever won finish: otherwise both meet again.
		wait := time.NewTimer(time.Duration(try) * time.Duration(1+rand.IntN(4)) * time.Millisecond)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
	}
}

func (s *postgresStore) once(ctx context.Context, fn closure) (err error, rerun bool) {
	own, cancel := s.bounded(ctx)
	late := false
	e := &postgresEngine{s: s, ctx: own}
	// Runs also when the closure panics or ends its goroutine.
	defer func() {
		if !late {
			e.rollback()
			e.release()
			cancel()
		}
	}()
	if err := s.runClosure(ctx, fn, e, false); err != nil {
		return err, e.rerun
	}
	if s.mutation == mutationAckBeforeCommit {
		late = true
		go func() {
			_ = e.commit()
			e.release()
			cancel()
		}()
		return nil, false
	}
	return e.commit(), e.rerun
}

func (s *postgresStore) health(ctx context.Context) error {
	err := s.view(ctx, func(_ context.Context, tx core.Tx) error {
		t := tx.(*txn)
		sent := s.clock.Now()
		var now time.Time
		if err := t.QueryRow("store.health", `select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)`,
			[]any{(*stamp)(&now)}); err != nil {
			return err
		}
		// The database looked at its clock about half way.
		s.offset.Store(int64(now.Sub(sent.Add(s.clock.Now().Sub(sent) / 2))))
		return schemaCurrent(t, "migrations/postgres")
	})
	if err != nil {
		return err
	}
	if skew := time.Duration(s.offset.Load()); skew.Abs() > maxSkew {
		return core.Ef(core.CodeUnavailable, "store.health", "",
			"this node's clock is %s from the database's; the limit is %s", strconv.FormatFloat(skew.Seconds(), 'f', 1, 64)+" s", maxSkew)
	}
	return nil
}

func (s *postgresStore) close() error {
	s.pool.Close()
	return nil
}
