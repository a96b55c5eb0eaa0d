package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/core"
)

// postgresEngine is one transaction. Writes are queued and travel with the next
// read or with the COMMIT, BEGIN with the first of them: an Update that only
// writes is one round trip, and one that reads once is two. The server skips
// everything after a statement that failed, the COMMIT included.
type postgresEngine struct {
	s        *postgresStore
	ctx      context.Context
	readOnly bool
	conn     *pgxpool.Conn
	began    bool // BEGIN was sent and answered
	queue    []queued
	rerun    bool // the failure was a lost race
}

type queued struct {
	op   string
	sql  string
	args []any
}

// maxQueue bounds what a bulk write keeps in memory.
const maxQueue = 256

func (e *postgresEngine) dialect() *dialect { return e.s.dia }

func (e *postgresEngine) exec(op string, miss core.Code, want int, sql string, args []any) error {
	e.s.stats.statements.Add(1)
	if miss != "" {
		sql = e.s.must(sql, miss, want)
	}
	e.queue = append(e.queue, queued{op, sql, args})
	if len(e.queue) >= maxQueue {
		return e.send(nil, nil, false)
	}
	return nil
}

// must makes a statement fail when it does not meet exactly want rows. The
// function in the database knows of one row, so it is asked about the rows that
// are missing or too many.
func (s *postgresStore) must(sql string, miss core.Code, want int) string {
	key := musted{sql, miss, want}
	if v, ok := s.musts.Load(key); ok {
		return v.(string)
	}
	v := `with w as (` + sql + ` returning 1) select motcua_must(1 + count(*) - ` + strconv.Itoa(want) + `, '` + mustState(miss) + `') from w`
	s.musts.Store(key, v)
	return v
}

type musted struct {
	sql  string
	miss core.Code
	want int
}

func (e *postgresEngine) count(op string, sql string, args []any) (int64, error) {
	var n int64
	err := e.query(op, `with w as (`+sql+` returning 1) select count(*) from w`, args, func(r row) error {
		return r.Scan((*number)(&n))
	})
	return n, err
}

func (e *postgresEngine) query(op string, sql string, args []any, each func(row) error) error {
	e.s.stats.statements.Add(1)
	return e.send(&queued{op, sql, args}, each, false)
}

func (e *postgresEngine) acquire() error {
	if e.conn != nil {
		return nil
	}
	// Not for as long as the transaction may take: when every connection is busy the
	// caller is to hear of it while it can still tell its own caller.
	ctx, cancel := context.WithTimeout(e.ctx, e.s.acquireWait)
	defer cancel()
	c, err := e.s.pool.Acquire(ctx)
	if err != nil {
		return core.E(core.CodeUnavailable, "store.acquire", "", err)
	}
	e.conn = c
	return nil
}

// send makes one round trip: BEGIN if it is due, the queue, the read, COMMIT.
func (e *postgresEngine) send(read *queued, each func(row) error, commit bool) error {
	if err := e.acquire(); err != nil {
		return err
	}
	if e.readOnly {
		rows, err := e.conn.Query(e.ctx, read.sql, read.args...)
		if err != nil {
			return e.fail(read.op, err)
		}
		return e.read(read.op, rows, each)
	}
	b := &pgx.Batch{}
	starts := !e.began
	if starts {
		e.s.stats.control.Add(1)
		b.Queue(`begin isolation level read committed`)
	}
	queue := e.queue
	e.queue = nil
	for _, q := range queue {
		b.Queue(q.sql, q.args...)
	}
	if read != nil {
		b.Queue(read.sql, read.args...)
	}
	if commit {
		e.s.stats.control.Add(1)
		b.Queue(`commit`)
	}
	br := e.conn.SendBatch(e.ctx, b)
	err := e.results(br, starts, queue, read, each, commit)
	if e2 := br.Close(); err == nil && e2 != nil {
		err = e.fail("store.batch", e2)
	}
	return err
}

func (e *postgresEngine) results(br pgx.BatchResults, starts bool, queue []queued, read *queued, each func(row) error, commit bool) error {
	if starts {
		if _, err := br.Exec(); err != nil {
			return e.fail("store.begin", err)
		}
		e.began = true
	}
	for _, q := range queue {
		if _, err := br.Exec(); err != nil {
			return e.fail(q.op, err)
		}
	}
	if read != nil {
		rows, err := br.Query()
		if err != nil {
			return e.fail(read.op, err)
		}
		if err := e.read(read.op, rows, each); err != nil {
			return err
		}
	}
	if commit {
		tag, err := br.Exec()
		if err != nil {
			return e.fail("store.commit", err)
		}
		e.began = false
		if tag.String() != "COMMIT" {
			return core.Ef(core.CodeInternal, "store.commit", "", "the server answered %s", tag)
		}
	}
	return nil
}

func (e *postgresEngine) read(op string, rows pgx.Rows, each func(row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			var known *core.Error
			if errors.As(err, &known) {
				return withOp(op, err)
			}
			return core.E(core.CodeInternal, op, "", fmt.Errorf("row: %w", err))
		}
	}
	if err := rows.Err(); err != nil {
		return e.fail(op, err)
	}
	return nil
}

func (e *postgresEngine) fail(op string, err error) error {
	out, rerun := postgresError(op, err)
	e.rerun = e.rerun || rerun
	return out
}

// commit sends what is left with the COMMIT. When the connection is lost then,
// the outcome is unknown and the error is unavailable: the event or key that the
// transaction stored decides when its sender tries again.
func (e *postgresEngine) commit() error {
	if !e.began && len(e.queue) == 0 {
		return nil
	}
	if err := e.s.faults.beforeCommit(); err != nil {
		return core.E(core.CodeUnavailable, "store.commit", "", err)
	}
	if err := e.send(nil, nil, true); err != nil {
		return err
	}
	e.s.stats.commits.Add(1)
	e.s.stats.committed.Add(1)
	return nil
}

// rollback ends a transaction that was not committed. A connection on which that
// fails is closed by the pool.
func (e *postgresEngine) rollback() {
	if e.conn == nil || !e.began {
		return
	}
	e.began = false
	e.s.stats.control.Add(1)
	_, _ = e.conn.Exec(e.ctx, `rollback`)
}

func (e *postgresEngine) release() {
	if e.conn != nil {
		e.conn.Release()
		e.conn = nil
	}
}
