package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/motcua/motcua/core"
)

// BenchmarkTurn is the store's share of a turn that answers a question: one read
// and one transaction (event, state, draft, one reply). The bare insert beside
// it is what one row in a commit of its own group costs at most.
func BenchmarkTurn(b *testing.B) {
	for engine, open := range map[string]func(t testing.TB, m mutation) *opened{"sqlite": openTestSQLite, "postgres": openTestPostgres} {
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) { benchTurn(b, open(b, mutationNone), callers) })
		}
	}
}

type talker struct {
	mu   sync.Mutex
	addr core.Address
	row  core.TurnRow
}

func benchTurn(b *testing.B, o *opened, callers int) {
	const people = 256
	talkers := make([]*talker, people)
	ctx := context.Background()
	for i := range talkers {
		a := o.Build.Address()
		d := o.Build.Draft("", func(d *core.Draft) { d.Answers = make(core.Sealed, 600) })
		c := o.Build.Conversation(a, func(c *core.Conversation) { c.DraftID, c.State = d.ID, make(core.Sealed, 300) })
		if err := o.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
			if err := tx.Addresses().Insert(ctx, a); err != nil {
				return err
			}
			if err := tx.Drafts().Insert(ctx, d); err != nil {
				return err
			}
			return tx.Conversations().Insert(ctx, c)
		}); err != nil {
			b.Fatal(err)
		}
		talkers[i] = &talker{addr: a}
	}
	var next, event atomic.Int64
	turn := func() error {
		p := talkers[next.Add(1)%people]
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := o.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			p.row, err = tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: p.addr.Channel, Account: p.addr.Account, External: string(p.addr.External)})
			return err
		}); err != nil {
			return err
		}
		id := strconv.FormatInt(event.Add(1), 10)
		return o.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
			if err := tx.Inbox().Insert(ctx, core.InboxRow{Channel: "test", Account: "main", EventID: id, ConvID: p.row.Conversation.ID}); err != nil {
				return err
			}
			if err := tx.Conversations().Save(ctx, p.row.Conversation); err != nil {
				return err
			}
			if err := tx.Drafts().Save(ctx, *p.row.Draft); err != nil {
				return err
			}
			return tx.Enqueue(ctx, core.Job{Kind: "reply", Lane: core.LaneReply, Payload: make(core.Sealed, 200)})
		})
	}
	before := o.store.Stats()
	parallelN(b, callers, turn)
	st := o.store.Stats().Sub(before)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
	b.ReportMetric(float64(st.Committed)/float64(max(st.Commits, 1)), "turns/commit")
}

// parallelN runs fn b.N times on a number of goroutines.
func parallelN(b *testing.B, callers int, fn func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := fn(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// BenchmarkBareInsert is the yardstick: one row, one prepared statement, 64 rows
// a transaction, on SQLite without the store.
func BenchmarkBareInsert(b *testing.B) {
	c, err := openSQLiteConn(sqliteDSN(filepath.Join(b.TempDir(), "bare.db"), "synchronous(FULL)"))
	if err != nil {
		b.Fatal(err)
	}
	defer c.close()
	ctx := context.Background()
	run := func(sql string, args ...any) {
		if _, err := c.exec(ctx, sql, args); err != nil {
			b.Fatal(err)
		}
	}
	run(`create table t (id text primary key, b blob) strict`)
	payload := make([]byte, 300)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if i%64 == 0 {
			run(`begin immediate`)
		}
		run(`insert into t values ($1, $2)`, strconv.Itoa(i), payload)
		if i%64 == 63 || i == b.N-1 {
			run(`commit`)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
