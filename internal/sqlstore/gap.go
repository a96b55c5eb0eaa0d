package sqlstore

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/motcua/motcua/core"
)

type gapRepo struct{ *txn }

// gapID names a gap for sealing: it has no id of its own.
func gapID(hash []byte) core.ID { return core.ID(hex.EncodeToString(hash)) }

// Note is two statements and one round trip. The first one leaves a mark when the
// asker was there before, and the second counts those without: who waits for the
// row of another that asks the same then finds it as the other left it.
func (r gapRepo) Note(_ context.Context, n core.GapNote) error {
	query := r.hash(hashGap, n.Query)
	asker := r.hash(hashGapAsker, n.Asker+"\x1f"+n.Query)
	if query == nil || n.Asker == "" || n.Kind == "" {
		return core.Ef(core.CodeInternal, "gap.note", "", "a gap without words, asker or kind")
	}
	if err := r.Exec("gap.note_asker",
		`insert into gap_askers (query_hash, asker_hash, asked_at) values ($1,$2,$3)
		 on conflict (query_hash, asker_hash) do update set again = 1`, query, asker, r.at); err != nil {
		return err
	}
	var citizens int
	var kept bool
	err := r.ReturnRow("gap.note",
		`insert into gaps (query_hash, kind, citizens, first_at, last_at)
		 select query_hash, $3, 1, asked_at, asked_at from gap_askers where query_hash = $1 and asker_hash = $2 and again = 0
		 on conflict (query_hash) do update set citizens = gaps.citizens + 1, kind = excluded.kind, last_at = excluded.last_at
		 returning citizens, words is not null`,
		[]any{(*count)(&citizens), (*flag)(&kept)}, query, asker, string(n.Kind))
	if core.IsCode(err, core.CodeNotFound) {
		return nil // the asker is counted already
	}
	if err != nil || kept || citizens < core.GapCitizens {
		return err
	}
	return r.Exec("gap.keep", `update gaps set words = $2 where query_hash = $1`,
		query, r.seal("gaps.words", gapID(query), core.Sealed(n.Query)))
}

func (r gapRepo) List(_ context.Context, since time.Time, limit int) ([]core.Gap, error) {
	var out []core.Gap
	err := r.Query("gap.list",
		`select query_hash, words, kind, citizens, first_at, last_at from gaps
		 where words is not null and closed_at = 0 and last_at >= $1
		 order by citizens desc, last_at desc, query_hash limit $2`,
		func(w row) error {
			var hash octets
			var g core.Gap
			if err := w.Scan(&hash, (*octets)(&g.Query), (*text)(&g.Kind), (*count)(&g.Citizens),
				(*stamp)(&g.FirstAt), (*stamp)(&g.LastAt)); err != nil {
				return err
			}
			if err := r.open("gaps.words", gapID(hash), &g.Query); err != nil {
				return err
			}
			out = append(out, g)
			return nil
		}, since, limit)
	return out, err
}

func (r gapRepo) Close(_ context.Context, query string, at time.Time) error {
	return r.ExecOne("gap.close", core.CodeNotFound,
		`update gaps set closed_at = $2 where query_hash = $1 and words is not null and closed_at = 0`,
		r.hash(hashGap, query), orNow(at, r.at))
}

// DeleteExpired takes queries that few asked with all their askers, or the next one
// to ask would be counted to people who are forgotten.
func (r gapRepo) DeleteExpired(_ context.Context, now time.Time, limit int) (int, error) {
	const few = `(select query_hash from gaps where words is null and first_at <= $1 order by first_at, query_hash limit $2)`
	old, gone := now.Add(-core.GapLife), 0
	for _, d := range []struct {
		op, sql string
		args    []any
	}{
		{"gap.delete_askers_of_few", `delete from gap_askers where query_hash in ` + few, []any{old, limit}},
		{"gap.delete_few", `delete from gaps where words is null and query_hash in ` + few, []any{old, limit}},
		{"gap.delete_askers", `delete from gap_askers where (query_hash, asker_hash) in
		 (select query_hash, asker_hash from gap_askers where asked_at <= $1 order by asked_at limit $2)`, []any{old, limit}},
		{"gap.delete_closed", `delete from gaps where query_hash in
		 (select query_hash from gaps where words is not null and
		 (closed_at > 0 and closed_at <= $1 or closed_at = 0 and last_at <= $2) limit $3)`, []any{old, now.Add(-core.GapIdle), limit}},
	} {
		n, err := r.Count(d.op, d.sql, d.args...)
		if err != nil {
			return 0, err
		}
		gone += n
	}
	return gone, nil
}
