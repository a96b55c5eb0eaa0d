package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"path/filepath"
	"sync"
)

// bareSQLite is one SQLite database with the settings of the product's writer,
// used without the product. Its driver is the one that the store brings along.
type bareSQLite struct {
	db   *sql.DB
	conn *sql.Conn
	stmt map[string]*sql.Stmt

	in   chan *bareTurn
	wait func()

	rowsIn   chan *bareTurn // of grouped inserts
	rowsWait func()

	mu sync.Mutex // of the writer: groups and single inserts take turns
}

func openBareSQLite(dir string) (*bareSQLite, error) {
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)",
		"journal_size_limit(67108864)", "cache_size(-16000)"}}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	s := &bareSQLite{db: db, stmt: map[string]*sql.Stmt{}, in: make(chan *bareTurn, 256), rowsIn: make(chan *bareTurn, 256)}
	if s.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, create := range bareTables("integer", "blob") {
		if _, err := s.conn.ExecContext(ctx, create); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	for _, text := range []string{"begin immediate", "commit", "rollback", sqliteInbox, sqliteState, sqliteOutbox, sqliteSeed, sqliteRow} {
		if s.stmt[text], err = s.conn.PrepareContext(ctx, text); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	s.wait = batches(s.in, 1, func(_ int, g []*bareTurn) { s.flush(g, s.turn) })
	s.rowsWait = batches(s.rowsIn, 1, func(_ int, g []*bareTurn) { s.flush(g, s.row) })
	return s, nil
}

// bareTables are the tables of the ceiling and of the plain inserts.
func bareTables(integer, bytes string) []string {
	return []string{
		"create table bare_inbox (update_id " + integer + " not null primary key, at " + integer + " not null)",
		"create table bare_state (chat " + integer + " not null primary key, version " + integer + " not null, state " + bytes + " not null)",
		"create table bare_outbox (update_id " + integer + " not null primary key, chat " + integer + " not null, body " + bytes + " not null)",
		"create table bare_rows (id " + integer + " not null primary key, body " + bytes + " not null)",
	}
}

const (
	sqliteInbox  = `insert into bare_inbox (update_id, at) values ($1, $2) on conflict (update_id) do nothing`
	sqliteState  = `update bare_state set state = $2, version = version + 1 where chat = $1`
	sqliteOutbox = `insert into bare_outbox (update_id, chat, body) values ($1, $2, $3)`
	sqliteSeed   = `insert into bare_state (chat, version, state) values ($1, 1, $2) on conflict (chat) do nothing`
	sqliteRow    = `insert into bare_rows (id, body) values ($1, $2)`
)

func (s *bareSQLite) exec(text string, args ...any) (driver.Result, error) {
	return s.stmt[text].ExecContext(context.Background(), args...)
}

// flush commits a group and answers its members.
func (s *bareSQLite) flush(group []*bareTurn, write func(*bareTurn) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]error, len(group))
	_, err := s.exec("begin immediate")
	if err == nil {
		for i, t := range group {
			if results[i] = write(t); results[i] != nil && !errors.Is(results[i], errCopy) {
				err = results[i]
				break
			}
		}
		if err == nil {
			_, err = s.exec("commit")
		} else {
			_, _ = s.exec("rollback") // the first failure is the one to tell
		}
	}
	for i, t := range group {
		if err != nil {
			results[i] = err
		}
		t.done <- results[i]
	}
}

func (s *bareSQLite) turn(t *bareTurn) error {
	r, err := s.exec(sqliteInbox, t.updateID, t.updateID)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errCopy)
	}
	if _, err := s.exec(sqliteState, t.chat, t.state); err != nil {
		return err
	}
	_, err = s.exec(sqliteOutbox, t.updateID, t.chat, t.outbox)
	return err
}

func (s *bareSQLite) row(t *bareTurn) error {
	_, err := s.exec(sqliteRow, t.updateID, t.outbox)
	return err
}

func (s *bareSQLite) commit(t *bareTurn) error {
	s.in <- t
	return <-t.done
}

// insertGrouped writes one row in a transaction shared with whoever waits.
func (s *bareSQLite) insertGrouped(id int64, body []byte) error {
	t := &bareTurn{updateID: id, outbox: body, done: make(chan error, 1)}
	s.rowsIn <- t
	return <-t.done
}

// insertAlone writes one row in a transaction of its own.
func (s *bareSQLite) insertAlone(id int64, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.exec(sqliteRow, id, body)
	return err
}

func (s *bareSQLite) rows() (n int64, err error) {
	err = s.db.QueryRow(`select count(*) from bare_inbox`).Scan(&n)
	return n, err
}

func (s *bareSQLite) seed(first int64, people int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.exec("begin immediate"); err != nil {
		return err
	}
	for i := range int64(people) {
		if _, err := s.exec(sqliteSeed, first+i, make([]byte, stateSize)); err != nil {
			return err
		}
	}
	_, err := s.exec("commit")
	return err
}

func (s *bareSQLite) close() error {
	close(s.in)
	close(s.rowsIn)
	s.wait()
	s.rowsWait()
	return errors.Join(s.conn.Close(), s.db.Close())
}
