package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type refreshRepo struct{ *txn }

func (r refreshRepo) Insert(_ context.Context, token string, f core.RefreshToken) error {
	return r.Exec("refresh.insert",
		`insert into refresh_tokens (hash, family_id, citizen_id, created_at, expires_at, used_at, revoked_at)
		 values ($1,$2,$3,$4,$5,$6,$7)`,
		r.hash(hashRefresh, token), f.FamilyID, f.CitizenID, orNow(f.CreatedAt, r.at), f.ExpiresAt, f.UsedAt, f.RevokedAt)
}

func (r refreshRepo) ByToken(_ context.Context, token string) (core.RefreshToken, error) {
	var f core.RefreshToken
	err := r.QueryRow("refresh.by_token",
		`select hash, family_id, citizen_id, created_at, expires_at, used_at, revoked_at
		 from refresh_tokens where hash = $1`,
		[]any{(*octets)(&f.Hash), (*text)(&f.FamilyID), (*text)(&f.CitizenID), (*stamp)(&f.CreatedAt),
			(*stamp)(&f.ExpiresAt), (*stamp)(&f.UsedAt), (*stamp)(&f.RevokedAt)}, r.hash(hashRefresh, token))
	return f, err
}

func (r refreshRepo) Use(_ context.Context, token string, at time.Time) error {
	return r.ExecOne("refresh.use", core.CodeConflict,
		`update refresh_tokens set used_at = $2 where hash = $1 and used_at = 0 and revoked_at = 0`,
		r.hash(hashRefresh, token), orNow(at, r.at))
}

func (r refreshRepo) RevokeFamily(_ context.Context, familyID core.ID, at time.Time) error {
	return r.Exec("refresh.revoke_family",
		`update refresh_tokens set revoked_at = $2 where family_id = $1 and revoked_at = 0`, familyID, orNow(at, r.at))
}
