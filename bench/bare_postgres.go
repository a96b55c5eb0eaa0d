package main

import (
	"context"
	"database/sql"
	"errors"
)

// poolSize is how many connections the product's pool has; the yardsticks get as
// many.
const poolSize = 16

// ceilingFlushers overlap the round trip and flush of one group with the next.
const ceilingFlushers = 2

// barePostgres is one PostgreSQL database, used without the product. Its driver
// is the one that the store brings along.
type barePostgres struct {
	db   *sql.DB
	in   chan *bareTurn
	wait func()

	batch  []*sql.Stmt // by flusher, each on a connection of its own
	insert *sql.Stmt
}

// A whole group is one statement: one round trip, one transaction, one flush.
const postgresTurns = `
with ev as (select * from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) as e(update_id, chat, state, body)),
new as (insert into bare_inbox (update_id, at) select update_id, update_id from ev on conflict (update_id) do nothing returning update_id),
st as (update bare_state s set state = ev.state, version = s.version + 1 from ev join new using (update_id) where s.chat = ev.chat),
o as (insert into bare_outbox (update_id, chat, body) select update_id, chat, body from ev join new using (update_id))
select update_id from new`

func openBarePostgres(url string) (*barePostgres, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(poolSize + ceilingFlushers)
	db.SetMaxIdleConns(poolSize + ceilingFlushers)
	ctx := context.Background()
	s := &barePostgres{db: db, in: make(chan *bareTurn, 256)}
	for _, create := range bareTables("bigint", "bytea") {
		if _, err := db.ExecContext(ctx, create); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	for range ceilingFlushers {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		stmt, err := conn.PrepareContext(ctx, postgresTurns)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		s.batch = append(s.batch, stmt)
	}
	if s.insert, err = db.PrepareContext(ctx, `insert into bare_rows (id, body) values ($1, $2)`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.wait = batches(s.in, ceilingFlushers, s.flush)
	return s, nil
}

func (s *barePostgres) flush(worker int, group []*bareTurn) {
	n := len(group)
	ids, chats, states, bodies := make([]int64, n), make([]int64, n), make([][]byte, n), make([][]byte, n)
	for i, t := range group {
		ids[i], chats[i], states[i], bodies[i] = t.updateID, t.chat, t.state, t.outbox
	}
	fresh := map[int64]bool{}
	rows, err := s.batch[worker].Query(ids, chats, states, bodies)
	if err == nil {
		for rows.Next() {
			var id int64
			if err = rows.Scan(&id); err != nil {
				break
			}
			fresh[id] = true
		}
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	for _, t := range group {
		switch {
		case err != nil:
			t.done <- err
		case fresh[t.updateID]:
			t.done <- nil
		default:
			t.done <- errCopy
		}
	}
}

func (s *barePostgres) commit(t *bareTurn) error {
	s.in <- t
	return <-t.done
}

// insertGrouped is one statement: the server flushes its log for all that wait.
func (s *barePostgres) insertGrouped(id int64, body []byte) error {
	_, err := s.insert.Exec(id, body)
	return err
}

// insertAlone is a transaction in three round trips, as pgbench does it.
func (s *barePostgres) insertAlone(id int64, body []byte) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if _, err := tx.Stmt(s.insert).Exec(id, body); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *barePostgres) rows() (n int64, err error) {
	err = s.db.QueryRow(`select count(*) from bare_inbox`).Scan(&n)
	return n, err
}

func (s *barePostgres) seed(first int64, people int) error {
	_, err := s.db.Exec(`insert into bare_state (chat, version, state) select n, 1, $3 from generate_series($1::bigint, $2::bigint) n
		on conflict (chat) do nothing`, first, first+int64(people)-1, make([]byte, stateSize))
	return err
}

func (s *barePostgres) close() error {
	close(s.in)
	s.wait()
	return s.db.Close()
}
