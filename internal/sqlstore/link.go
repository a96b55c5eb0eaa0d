package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type linkRepo struct{ *txn }

func (r linkRepo) Insert(_ context.Context, token string, l core.Link) error {
	return r.Exec("link.insert",
		`insert into links (hash, draft_id, dossier_id, conv_id, created_at, expires_at, finished_at)
		 values ($1,$2,$3,$4,$5,$6,$7)`,
		r.hash(hashLink, token), l.DraftID, l.DossierID, l.ConvID, orNow(l.CreatedAt, r.at), l.ExpiresAt, l.FinishedAt)
}

func (r linkRepo) ByToken(_ context.Context, token string) (core.Link, error) {
	var l core.Link
	err := r.QueryRow("link.by_token",
		`select hash, draft_id, dossier_id, conv_id, created_at, expires_at, finished_at from links where hash = $1`,
		[]any{(*octets)(&l.Hash), (*text)(&l.DraftID), (*text)(&l.DossierID), (*text)(&l.ConvID),
			(*stamp)(&l.CreatedAt), (*stamp)(&l.ExpiresAt), (*stamp)(&l.FinishedAt)}, r.hash(hashLink, token))
	return l, err
}

func (r linkRepo) Finish(_ context.Context, token string, at time.Time) error {
	return r.ExecOne("link.finish", core.CodeConflict,
		`update links set finished_at = $2 where hash = $1 and finished_at = 0`, r.hash(hashLink, token), orNow(at, r.at))
}
