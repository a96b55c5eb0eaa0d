package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"modernc.org/sqlite"
)

// sqliteConn is one connection with its prepared statements. It is used by one
// goroutine at a time, and below database/sql: a pool would add nothing but work
// to a single writer, and it watches contexts, which the writer must not.
type sqliteConn struct {
	c     driver.Conn
	stmts map[string]driver.Stmt
	named []driver.NamedValue // reused
	vals  []driver.Value      // reused

	inTx bool
	// lost says that SQLite rolled the transaction back on its own (disk full,
	// I/O error, an interrupt). Whatever ran now would be committed alone.
	lost bool
}

// sqliteDSN names the database file with its settings.
func sqliteDSN(file string, pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(5000)", "journal_mode(WAL)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func openSQLiteConn(dsn string) (*sqliteConn, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	s := &sqliteConn{c: c, stmts: map[string]driver.Stmt{}}
	hooks, ok := c.(sqlite.HookRegisterer)
	if !ok {
		return nil, errors.Join(errors.New("the driver has no hooks"), c.Close())
	}
	hooks.RegisterRollbackHook(func() {
		if s.inTx {
			s.lost = true
		}
	})
	return s, nil
}

func (s *sqliteConn) close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	s.stmts = nil
	return errors.Join(append(errs, s.c.Close())...)
}

func (s *sqliteConn) prepare(sql string) (driver.Stmt, error) {
	if st, ok := s.stmts[sql]; ok {
		return st, nil
	}
	// The set of texts is that of this package, except for the lengths of in-lists.
	if len(s.stmts) >= 512 {
		for text, st := range s.stmts {
			_ = st.Close()
			delete(s.stmts, text)
		}
	}
	st, err := s.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	s.stmts[sql] = st
	return st, nil
}

func (s *sqliteConn) bind(args []any) []driver.NamedValue {
	s.named = s.named[:0]
	for i, a := range args {
		s.named = append(s.named, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return s.named
}

// exec runs a statement that gives no rows. ctx is context.Background, except
// where a test proves that it must be.
func (s *sqliteConn) exec(ctx context.Context, sql string, args []any) (int64, error) {
	st, err := s.prepare(sql)
	if err != nil {
		return 0, err
	}
	res, err := st.(driver.StmtExecContext).ExecContext(ctx, s.bind(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// query runs a statement and hands each row on before the next is read.
func (s *sqliteConn) query(ctx context.Context, sql string, args []any, each func(row) error) (err error) {
	st, err := s.prepare(sql)
	if err != nil {
		return err
	}
	rows, err := st.(driver.StmtQueryContext).QueryContext(ctx, s.bind(args))
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil && e != nil {
			err = e
		}
	}()
	n := len(rows.Columns())
	if cap(s.vals) < n {
		s.vals = make([]driver.Value, n)
	}
	vals := s.vals[:n]
	for {
		switch err := rows.Next(vals); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(sqliteRow(vals)); err != nil {
			return err
		}
	}
}

// pragma reads a setting of the connection.
func (s *sqliteConn) pragma(name string) (string, error) {
	var out string
	err := s.query(context.Background(), "pragma "+name, nil, func(r row) error {
		switch v := r.(sqliteRow)[0].(type) {
		case int64:
			out = strconv.FormatInt(v, 10)
		case string:
			out = v
		}
		return nil
	})
	return out, err
}

// sqliteRow is one row as the driver gave it, valid until the next one.
type sqliteRow []driver.Value

type scanner interface{ Scan(src any) error }

func (r sqliteRow) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("sqlstore: %d columns for %d destinations", len(r), len(dest))
	}
	for i, d := range dest {
		if err := d.(scanner).Scan(r[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}
