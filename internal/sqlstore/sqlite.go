package sqlstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/motcua/motcua/core"
)

// databaseFile is the name of the database in the data directory.
const databaseFile = "motcua.db"

type sqliteStore struct {
	*base
	file    string
	lock    *dirLock
	w       *writer
	readers chan *sqliteConn
	closed  chan struct{}
	once    sync.Once
	dia     *dialect

	prepareWriter func(*sqliteConn) // set by tests, before the first Update
}

// OpenSQLite opens the store in a directory, which is created (0700) if it is
// not there and locked against a second server. The schema is as Migrate left it.
//
// Errors: failed_precondition when another process has the directory; the error
// names both.
func OpenSQLite(_ context.Context, dir string, o *Options) (*Store, error) {
	b, err := newBase(o)
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, core.E(core.CodeInvalid, "store.open", "", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, core.E(core.CodeUnavailable, "store.open", "", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &sqliteStore{base: b, file: filepath.Join(dir, databaseFile), lock: lock, dia: sqliteDialect(),
		closed: make(chan struct{})}
	s.w = &writer{s: s, maxAge: maxGroupAge}
	if err := s.open(o.Conns); err != nil {
		_ = s.close()
		return nil, sqliteError("store.open", err)
	}
	return &Store{base: b, backend: s}, nil
}

func (s *sqliteStore) open(conns int) error {
	// SQLite would create the file with the permissions of the umask; the log and
	// its index take theirs from it.
	f, err := os.OpenFile(s.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if conns <= 0 {
		conns = min(max(runtime.GOMAXPROCS(0), 2), 8)
	}
	if s.w.conn, err = openSQLiteConn(s.writerDSN()); err != nil {
		return err
	}
	s.readers = make(chan *sqliteConn, conns)
	for range conns {
		c, err := openSQLiteConn(s.readerDSN())
		if err != nil {
			return err
		}
		s.readers <- c
	}
	return nil
}

// writerDSN: every commit is on the disk before it is acknowledged. The log is
// copied into the database every 16 MiB, and shrinks back to 64 MiB.
func (s *sqliteStore) writerDSN() string {
	sync := "synchronous(FULL)"
	if s.mutation == mutationNoSync {
		sync = "synchronous(OFF)"
	}
	return sqliteDSN(s.file, sync, "wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "cache_size(-16000)",
		"temp_store(MEMORY)")
}

func (s *sqliteStore) readerDSN() string {
	return sqliteDSN(s.file, "query_only(1)", "cache_size(-8000)", "temp_store(MEMORY)")
}

func (s *sqliteStore) view(ctx context.Context, fn closure) error {
	var c *sqliteConn
	select {
	case c = <-s.readers:
	case <-s.closed:
		return core.E(core.CodeUnavailable, "store.view", "", errors.New("the store is closed"))
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		select {
		case <-s.closed:
			_ = c.close()
		default:
			s.readers <- c
		}
	}()
	// Each statement is its own transaction, as on PostgreSQL: no snapshot is held
	// that would keep the log from being copied.
	return s.runClosure(ctx, fn, &sqliteEngine{s: s, conn: c, ctx: context.Background()}, true)
}

func (s *sqliteStore) update(ctx context.Context, fn closure) error { return s.w.update(ctx, fn) }

func (s *sqliteStore) health(ctx context.Context) error {
	s.w.mu.Lock()
	dead := s.w.dead
	s.w.mu.Unlock()
	if dead != nil {
		return core.E(core.CodeUnavailable, "store.health", "", dead)
	}
	return s.view(ctx, func(_ context.Context, tx core.Tx) error {
		return schemaCurrent(tx.(*txn), "migrations/sqlite")
	})
}

func (s *sqliteStore) close() (err error) {
	s.once.Do(func() {
		close(s.closed)
		err = s.w.close()
		for {
			select {
			case c := <-s.readers:
				err = errors.Join(err, c.close())
				continue
			default: // a View that is on its way closes its own
			}
			break
		}
		err = errors.Join(err, s.lock.unlock())
	})
	return err
}

// sqliteEngine runs the statements of one closure on one connection.
type sqliteEngine struct {
	s    *sqliteStore
	conn *sqliteConn
	ctx  context.Context
}

func (e *sqliteEngine) dialect() *dialect { return e.s.dia }

func (e *sqliteEngine) exec(op string, miss core.Code, want int, sql string, args []any) error {
	n, err := e.count(op, sql, args)
	if err == nil && miss != "" && n != int64(want) {
		return core.Ef(miss, op, "", "met %d rows instead of %d", n, want)
	}
	return err
}

func (e *sqliteEngine) count(op string, sql string, args []any) (int64, error) {
	if err := e.usable(op); err != nil {
		return 0, err
	}
	n, err := e.conn.exec(e.ctx, sql, args)
	if err != nil {
		return 0, e.failed(op, err)
	}
	return n, nil
}

func (e *sqliteEngine) query(op string, sql string, args []any, each func(row) error) error {
	if err := e.usable(op); err != nil {
		return err
	}
	if err := e.conn.query(e.ctx, sql, args, each); err != nil {
		return e.failed(op, err)
	}
	return nil
}

// usable refuses a statement that would run outside the group's transaction.
func (e *sqliteEngine) usable(op string) error {
	e.s.stats.statements.Add(1)
	if e.conn.lost {
		return core.E(core.CodeUnavailable, op, "", errGroupLost)
	}
	return nil
}

func (e *sqliteEngine) failed(op string, err error) error {
	if core.ErrorCode(err) != core.CodeInternal {
		return withOp(op, err) // of a row's reader
	}
	if !isConstraint(err) && e.conn.inTx && !e.conn.lost {
		// The rollback hook has spoken for every case we know. A savepoint that is
		// gone speaks for those we do not.
		if _, probe := e.conn.exec(context.Background(), `savepoint probe`, nil); probe != nil {
			e.conn.lost = true
		} else if _, probe := e.conn.exec(context.Background(), `release probe`, nil); probe != nil {
			e.conn.lost = true
		}
	}
	return sqliteError(op, err)
}
