package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type handOffRepo struct{ *txn }

func (r handOffRepo) Insert(_ context.Context, code string, h core.HandOff) error {
	return r.Exec("handoff.insert",
		`insert into handoffs (hash, draft_id, from_conv, created_at, expires_at, used_at) values ($1,$2,$3,$4,$5,$6)`,
		r.hash(hashHandOff, code), h.DraftID, h.FromConv, orNow(h.CreatedAt, r.at), h.ExpiresAt, h.UsedAt)
}

func (r handOffRepo) ByCode(_ context.Context, code string) (core.HandOff, error) {
	var h core.HandOff
	err := r.QueryRow("handoff.by_code",
		`select hash, draft_id, from_conv, created_at, expires_at, used_at from handoffs where hash = $1`,
		[]any{(*octets)(&h.Hash), (*text)(&h.DraftID), (*text)(&h.FromConv), (*stamp)(&h.CreatedAt),
			(*stamp)(&h.ExpiresAt), (*stamp)(&h.UsedAt)}, r.hash(hashHandOff, code))
	return h, err
}

func (r handOffRepo) Use(_ context.Context, code string, at time.Time) error {
	return r.ExecOne("handoff.use", core.CodeConflict,
		`update handoffs set used_at = $2 where hash = $1 and used_at = 0`, r.hash(hashHandOff, code), orNow(at, r.at))
}
