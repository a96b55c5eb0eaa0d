package sqlstore

import (
	"context"
)

type packRepo struct{ *txn }

// Bind writes nothing new over a known version: setting the hash to itself is
// what makes RETURNING give the stored row on both engines.
func (r packRepo) Bind(_ context.Context, version, hash string) (stored string, err error) {
	err = r.ReturnRow("pack.bind",
		`insert into packs (version, hash, bound_at) values ($1, $2, $3)
		 on conflict (version) do update set hash = packs.hash returning hash`,
		[]any{(*text)(&stored)}, version, hash, r.at)
	return stored, err
}
