package sqlstore

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/core"
)

// PostgresHasData reports whether a database holds rows that a key sealed. It
// asks before the store is opened, because a new key must not be made over old
// data. Errors: unavailable.
func PostgresHasData(ctx context.Context, url string) (bool, error) {
	const op = "store.has_data"
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, core.E(core.CodeUnavailable, op, "", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var there bool
	if err := conn.QueryRow(ctx, `select to_regclass('addresses') is not null`).Scan(&there); err != nil || !there {
		return false, wrapUnavailable(op, err)
	}
	var used bool
	err = conn.QueryRow(ctx, `select exists (select from addresses) or exists (select from citizens) or exists (select from drafts)`).Scan(&used)
	return used, wrapUnavailable(op, err)
}

func wrapUnavailable(op string, err error) error {
	if err == nil {
		return nil
	}
	return core.E(core.CodeUnavailable, op, "", err)
}
