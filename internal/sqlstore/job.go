package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// Jobs of one order key form a queue: its head is ready, running or due later,
// the others wait. Whoever takes the head away promotes the next in the same
// transaction. Enqueue, Complete, Park, Redrive and Drop of one key exclude one
// another: on SQLite by the one writer, on PostgreSQL by an advisory lock that is
// taken before the statement that looks at the key.

type jobRepo struct{ *txn }

const jobCols = `id, kind, lane, order_key, account, payload, run_at, state, attempts, max_attempts, progress, cause,
	node, lease_until, fence, created_at, crashes`

func jobDest(j *core.Job) []any {
	return []any{(*text)(&j.ID), (*text)(&j.Kind), (*text)(&j.Lane), (*text)(&j.OrderKey), (*text)(&j.Account),
		(*octets)(&j.Payload), (*stamp)(&j.RunAt), (*text)(&j.State), (*count)(&j.Attempts), (*count)(&j.MaxAttempts),
		(*text)(&j.Progress), (*text)(&j.Cause), (*text)(&j.Node), (*stamp)(&j.LeaseUntil), (*number)(&j.Fence),
		(*stamp)(&j.CreatedAt), (*count)(&j.Crashes)}
}

// Enqueue adds jobs in the order given, taking the locks of their keys in sorted
// order.
func (t *txn) Enqueue(_ context.Context, jobs ...core.Job) error {
	if lock := t.e.dialect().keyLock; lock != "" {
		var keys []string
		for _, j := range jobs {
			if j.OrderKey != "" {
				keys = append(keys, "job:"+j.OrderKey)
			}
		}
		slices.Sort(keys)
		for _, k := range slices.Compact(keys) {
			if err := t.Exec("job.enqueue", lock, k); err != nil {
				return err
			}
		}
	}
	for _, j := range jobs {
		if j.ID == "" {
			j.ID = core.NewID(t.at)
		}
		if j.Kind == "" || !knownLane(j.Lane) {
			return t.keep(core.Ef(core.CodeInternal, "job.enqueue", "", "job of kind %q in lane %q", j.Kind, j.Lane))
		}
		if err := t.Exec("job.enqueue",
			`insert into jobs (seq, id, kind, lane, order_key, account, payload, run_at, state, attempts, max_attempts,
			 progress, cause, node, lease_until, fence, created_at)
			 values (`+t.e.dialect().nextSeq+`, $1,$2,$3,$4,$5,$6,$7,
			 case when $4 <> '' and exists (select 1 from jobs k where k.order_key = $4 and k.order_key <> ''
			 and k.state <> 'parked') then 'waiting' else 'ready' end,
			 $8,$9,$10,'','',0,0,$11)`,
			j.ID, j.Kind, string(j.Lane), j.OrderKey, j.Account, t.seal("jobs.payload", j.ID, j.Payload),
			orNow(j.RunAt, t.at), j.Attempts, j.MaxAttempts, j.Progress, orNow(j.CreatedAt, t.at)); err != nil {
			return err
		}
	}
	return nil
}

func knownLane(l core.Lane) bool {
	switch l {
	case core.LaneOTP, core.LaneReply, core.LaneNotice, core.LaneBulk:
		return true
	}
	return false
}

func (r jobRepo) scan(w row, j *core.Job) error {
	if err := w.Scan(jobDest(j)...); err != nil {
		return err
	}
	return r.open("jobs.payload", j.ID, &j.Payload)
}

func (r jobRepo) Claim(ctx context.Context, lane core.Lane, node string, until time.Time, limit int) ([]core.Job, error) {
	return r.ClaimLanes(ctx, map[core.Lane]int{lane: limit}, node, until, limit)
}

func (r jobRepo) ClaimLanes(_ context.Context, room map[core.Lane]int, node string, until time.Time, limit int) ([]core.Job, error) {
	if err := r.writable("job.claim", nil); err != nil || limit <= 0 {
		return nil, err
	}
	type claimed struct {
		seq int64
		job core.Job
	}
	var got []claimed
	err := r.Query("job.claim", r.e.dialect().claim,
		func(w row) error {
			var c claimed
			if err := w.Scan(append([]any{(*number)(&c.seq)}, jobDest(&c.job)...)...); err != nil {
				return err
			}
			if err := r.open("jobs.payload", c.job.ID, &c.job.Payload); err != nil {
				return err
			}
			got = append(got, c)
			return nil
		}, micros(r.at), node, until, limit, max(room[core.LaneOTP], 0), max(room[core.LaneReply], 0),
		max(room[core.LaneNotice], 0), max(room[core.LaneBulk], 0))
	lanes := core.Lanes()
	slices.SortFunc(got, func(a, b claimed) int {
		return cmp.Or(cmp.Compare(slices.Index(lanes, a.job.Lane), slices.Index(lanes, b.job.Lane)),
			a.job.RunAt.Compare(b.job.RunAt), cmp.Compare(a.seq, b.seq))
	})
	out := make([]core.Job, len(got))
	for i := range got {
		out[i] = got[i].job
	}
	return out, err
}

// claimStatement takes from lane after lane what is due, until the limit $4: the
// room of the lanes is $5 to $8. Materialized, so that a limit is applied once and
// not again for each row. Lock lets claimers pass rows by that others hold.
func claimStatement(lock string) string {
	var s strings.Builder
	taken := `0`
	s.WriteString(`with `)
	for i, lane := range core.Lanes() {
		name := "lane_" + string(lane)
		fmt.Fprintf(&s, `%s as materialized (select q.seq from jobs q
		 where q.lane = '%s' and q.state = 'ready' and q.run_at <= $1
		 and not exists (select 1 from pauses p where p.account = q.account and p.until > $1)
		 order by q.run_at, q.seq
		 limit (select case when x.n < $%[3]d then x.n else $%[3]d end from (select $4 - (%s) as n) x) %s), `,
			name, lane, 5+i, taken, lock)
		taken += ` + (select count(*) from ` + name + `)`
	}
	s.WriteString(`picked as materialized (`)
	for i, lane := range core.Lanes() {
		if i > 0 {
			s.WriteString(` union all `)
		}
		s.WriteString(`select seq from lane_` + string(lane))
	}
	s.WriteString(`) update jobs set state = 'running', node = $2, lease_until = $3, fence = fence + 1
	 where seq in (select seq from picked) returning seq, ` + jobCols)
	return s.String()
}

// promote makes the next job of the key of job id ready, when that job is the
// head in the given state. It runs before the head is taken away.
func (r jobRepo) promote(op string, id core.ID, head string, args ...any) error {
	if lock := r.e.dialect().jobKeyLock; lock != "" {
		if err := r.Exec(op, lock, id); err != nil {
			return err
		}
	}
	return r.Exec(op,
		`update jobs set state = 'ready' where seq = (select min(n.seq) from jobs n, jobs h
		 where h.id = $1 and `+head+` and h.order_key <> '' and n.order_key = h.order_key
		 and n.order_key <> '' and n.state <> 'parked' and n.state = 'waiting')`,
		append([]any{id}, args...)...)
}

func (r jobRepo) Complete(_ context.Context, id core.ID, fence int64) error {
	if err := r.promote("job.complete", id, `h.state = 'running' and h.fence = $2`, fence); err != nil {
		return err
	}
	return r.ExecOne("job.complete", core.CodeConflict,
		`delete from jobs where id = $1 and fence = $2 and state = 'running'`, id, fence)
}

// CompleteAll takes three statements for sixteen jobs where Complete takes three
// for each.
func (r jobRepo) CompleteAll(_ context.Context, jobs []core.Job) error {
	const op = "job.complete"
	// The keys in one order everywhere, as Enqueue takes them.
	sorted := slices.SortedFunc(slices.Values(jobs), func(a, b core.Job) int { return cmp.Compare(a.OrderKey, b.OrderKey) })
	lock := r.e.dialect().jobKeysLock
	for part := range parts(sorted) {
		var args []any
		ids, args := inList(args, part, func(j core.Job) any { return j.ID })
		if lock != "" {
			if err := r.Exec(op, strings.Replace(lock, "$1", ids, 1), slices.Clone(args)...); err != nil {
				return err
			}
		}
		fence := `case h.id`
		for i, j := range part {
			args = append(args, j.Fence)
			fence += fmt.Sprintf(` when $%d then cast($%d as bigint)`, i+1, len(args))
		}
		held := `h.id in (` + ids + `) and h.state = 'running' and h.fence = ` + fence + ` end`
		if err := r.Exec(op,
			`update jobs set state = 'ready' where seq in (select (select min(n.seq) from jobs n
			 where n.order_key = h.order_key and n.order_key <> '' and n.state <> 'parked' and n.state = 'waiting')
			 from jobs h where `+held+` and h.order_key <> '')`, slices.Clone(args)...); err != nil {
			return err
		}
		if err := r.ExecAll(op, core.CodeConflict, len(part), `delete from jobs as h where `+held, args...); err != nil {
			return err
		}
	}
	return nil
}

func (r jobRepo) Retry(_ context.Context, id core.ID, fence int64, runAt time.Time, progress, cause string) error {
	return r.ExecOne("job.retry", core.CodeConflict,
		`update jobs set state = 'ready', run_at = $3, progress = $4, cause = $5, attempts = attempts + 1,
		 crashes = 0, node = '', lease_until = 0 where id = $1 and fence = $2 and state = 'running'`,
		id, fence, runAt, progress, cause)
}

func (r jobRepo) Snooze(_ context.Context, id core.ID, fence int64, runAt time.Time, progress string) error {
	return r.ExecOne("job.snooze", core.CodeConflict,
		`update jobs set state = 'ready', run_at = $3, progress = $4, crashes = 0, node = '', lease_until = 0
		 where id = $1 and fence = $2 and state = 'running'`, id, fence, runAt, progress)
}

func (r jobRepo) Progress(_ context.Context, id core.ID, fence int64, progress string) error {
	return r.ExecOne("job.progress", core.CodeConflict,
		`update jobs set progress = $3 where id = $1 and fence = $2 and state = 'running'`, id, fence, progress)
}

func (r jobRepo) Renew(_ context.Context, id core.ID, fence int64, until time.Time) error {
	return r.ExecOne("job.renew", core.CodeConflict,
		`update jobs set lease_until = $3 where id = $1 and fence = $2 and state = 'running'`, id, fence, until)
}

func (r jobRepo) Park(_ context.Context, id core.ID, fence int64, cause string) error {
	if err := r.promote("job.park", id, `h.state = 'running' and h.fence = $2`, fence); err != nil {
		return err
	}
	return r.ExecOne("job.park", core.CodeConflict,
		`update jobs set state = 'parked', cause = $3, node = '', lease_until = 0
		 where id = $1 and fence = $2 and state = 'running'`, id, fence, cause)
}

// free makes the running jobs that where names ready again, or parks them.
func (r jobRepo) free(op, where string, args ...any) (core.Freed, error) {
	var f core.Freed
	var fences []int64
	err := r.Query(op, fmt.Sprintf(`select id, fence from jobs where state = 'running' and crashes + 1 >= %d and %s`, core.MaxCrashes, where),
		func(w row) error {
			var id core.ID
			var fence int64
			if err := w.Scan((*text)(&id), (*number)(&fence)); err != nil {
				return err
			}
			f.Parked, fences = append(f.Parked, id), append(fences, fence)
			return nil
		}, args...)
	if err != nil {
		return f, err
	}
	for i, id := range f.Parked {
		if err := r.Park(context.Background(), id, fences[i], fmt.Sprintf("crashed the server %d times", core.MaxCrashes)); err != nil {
			return f, err
		}
	}
	f.Ready, err = r.Count(op, fmt.Sprintf(
		`update jobs set state = 'ready', node = '', lease_until = 0, crashes = crashes + 1,
		 run_at = case when crashes >= 2 then $%d + (seq %% 8) * 1000000 else run_at end
		 where state = 'running' and %s`, len(args)+1, where), append(slices.Clone(args), r.at)...)
	return f, err
}

func (r jobRepo) FreeLeases(_ context.Context, node string) (core.Freed, error) {
	if node == "*" {
		return r.free("job.free_leases", `1 = 1`)
	}
	return r.free("job.free_leases", `node = $1`, node)
}

func (r jobRepo) FreeExpired(_ context.Context, now time.Time) (core.Freed, error) {
	return r.free("job.free_expired", `lease_until < $1`, now)
}

func (r jobRepo) Beat(_ context.Context, node string) error {
	return r.Exec("job.beat",
		`insert into nodes (node, beat_at) values ($1, $2) on conflict (node) do update set beat_at = excluded.beat_at`,
		node, r.at)
}

// FreeSilent frees the leases of nodes that are known to be silent. A node that
// never beat keeps its leases until they end.
func (r jobRepo) FreeSilent(_ context.Context, since time.Time) (core.Freed, error) {
	f, err := r.free("job.free_silent", `node in (select n.node from nodes n where n.beat_at < $1)`, since)
	if err != nil {
		return f, err
	}
	return f, r.Exec("job.free_silent", `delete from nodes where beat_at < $1`, since)
}

func (r jobRepo) Pause(_ context.Context, account string, until time.Time) error {
	return r.Exec("job.pause",
		`insert into pauses (account, until) values ($1, $2) on conflict (account) do update
		 set until = excluded.until where excluded.until > pauses.until`, account, until)
}

func (r jobRepo) Pauses(_ context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := r.Query("job.pauses", `select account, until from pauses where until > $1`, func(w row) error {
		var account string
		var until time.Time
		if err := w.Scan((*text)(&account), (*stamp)(&until)); err != nil {
			return err
		}
		out[account] = until
		return nil
	}, r.at)
	return out, err
}

// NextRunAt asks lane by lane, so that each answer is the first entry of the
// partial index.
func (r jobRepo) NextRunAt(_ context.Context) (time.Time, error) {
	var at time.Time
	err := r.QueryRow("job.next_run_at",
		`select min(x.at) from (
		 select min(run_at) as at from jobs where state = 'ready' and lane = 'otp' union all
		 select min(run_at) from jobs where state = 'ready' and lane = 'reply' union all
		 select min(run_at) from jobs where state = 'ready' and lane = 'notice' union all
		 select min(run_at) from jobs where state = 'ready' and lane = 'bulk') x`, []any{(*stamp)(&at)})
	return at, err
}

func (r jobRepo) Get(_ context.Context, id core.ID) (core.Job, error) {
	var j core.Job
	err := r.QueryRow("job.get", `select `+jobCols+` from jobs where id = $1`, jobDest(&j), id)
	if err != nil {
		return core.Job{}, err
	}
	return j, r.open("jobs.payload", j.ID, &j.Payload)
}

func (r jobRepo) List(_ context.Context, state core.JobState, limit int) ([]core.Job, error) {
	where, args := ``, []any{limit}
	switch state {
	case "":
	case core.JobParked:
		where = `where state = 'parked'`
	default:
		where, args = `where state = $2`, append(args, string(state))
	}
	var out []core.Job
	err := r.Query("job.list", `select `+jobCols+` from jobs `+where+` order by seq limit $1`, func(w row) error {
		var j core.Job
		if err := r.scan(w, &j); err != nil {
			return err
		}
		out = append(out, j)
		return nil
	}, args...)
	return out, err
}

func (r jobRepo) Redrive(_ context.Context, id core.ID, runAt time.Time) error {
	if lock := r.e.dialect().jobKeyLock; lock != "" {
		if err := r.Exec("job.redrive", lock, id); err != nil {
			return err
		}
	}
	return r.ExecOne("job.redrive", core.CodeNotFound,
		`update jobs set seq = `+r.e.dialect().nextSeq+`, run_at = $2, attempts = 0, crashes = 0, cause = '',
		 state = case when order_key <> '' and exists (select 1 from jobs k where k.order_key = jobs.order_key
		 and k.order_key <> '' and k.state <> 'parked') then 'waiting' else 'ready' end
		 where id = $1 and state = 'parked'`, id, runAt)
}

func (r jobRepo) Drop(_ context.Context, id core.ID) error {
	if err := r.promote("job.drop", id, `h.state = 'ready'`); err != nil {
		return err
	}
	return r.ExecOne("job.drop", core.CodeNotFound, `delete from jobs where id = $1 and state <> 'running'`, id)
}

func (r jobRepo) Depth(_ context.Context) (map[core.Lane]map[core.JobState]int, error) {
	out := map[core.Lane]map[core.JobState]int{}
	err := r.Query("job.depth", `select lane, state, count(*) from jobs group by lane, state`, func(w row) error {
		var lane core.Lane
		var state core.JobState
		var n int
		if err := w.Scan((*text)(&lane), (*text)(&state), (*count)(&n)); err != nil {
			return err
		}
		if out[lane] == nil {
			out[lane] = map[core.JobState]int{}
		}
		out[lane][state] = n
		return nil
	})
	return out, err
}

func (r jobRepo) Oldest(_ context.Context) (map[core.Lane]time.Time, error) {
	out := map[core.Lane]time.Time{}
	err := r.Query("job.oldest",
		`select lane, min(case when attempts > 0 then created_at else run_at end) from jobs
		 where state <> 'parked' and (attempts > 0 or run_at <= $1) group by lane`, func(w row) error {
			var lane core.Lane
			var at time.Time
			if err := w.Scan((*text)(&lane), (*stamp)(&at)); err != nil {
				return err
			}
			out[lane] = at
			return nil
		}, r.at)
	return out, err
}

func (r jobRepo) Newer(_ context.Context, id core.ID) (bool, error) {
	n := 0
	err := r.QueryRow("job.newer", `select count(*) from jobs h, jobs n where h.id = $1 and n.order_key = h.order_key
		 and n.order_key <> '' and n.state <> 'parked' and n.created_at > h.created_at`, []any{(*count)(&n)}, id)
	return n > 0, err
}
