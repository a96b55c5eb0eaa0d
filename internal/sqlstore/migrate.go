package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"

	"github.com/motcua/motcua/core"
)

//go:embed migrations
var migrations embed.FS

func up(ctx context.Context, dialect goose.Dialect, db *sql.DB, dir string, opts ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, dir)
	if err != nil {
		return core.E(core.CodeInternal, "store.migrate", "", err)
	}
	// The global registry of Go migrations is nobody's here.
	p, err := goose.NewProvider(dialect, db, files, append(opts, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return core.E(core.CodeInternal, "store.migrate", "", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return core.E(core.CodeUnavailable, "store.migrate", "", err)
	}
	return nil
}

func (s *sqliteStore) migrate(ctx context.Context) error {
	connector, err := sqlite.NewConnector(s.writerDSN())
	if err != nil {
		return core.E(core.CodeInternal, "store.migrate", "", err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1)
	// Closures must not meet half a schema.
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return up(ctx, goose.DialectSQLite3, db, "migrations/sqlite")
}

func (s *postgresStore) migrate(ctx context.Context) error {
	conf := s.pool.Config().ConnConfig.Copy()
	// Building an index may take longer than any statement of a turn.
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		delete(conf.RuntimeParams, limit)
	}
	db := stdlib.OpenDB(*conf)
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return core.E(core.CodeInternal, "store.migrate", "", err)
	}
	return up(ctx, goose.DialectPostgres, db, "migrations/postgres", goose.WithSessionLocker(locker))
}

// schemaCurrent reports a schema older than this program. A newer one is fine:
// while nodes are being replaced, migrations only add.
func schemaCurrent(t *txn, dir string) error {
	want, err := latestMigration(dir)
	if err != nil {
		return err
	}
	var have int64
	if err := t.QueryRow("store.health", `select max(version_id) from goose_db_version`, []any{(*number)(&have)}); err != nil {
		return core.E(core.CodeUnavailable, "store.health", "", err)
	}
	if have < want {
		return core.Ef(core.CodeUnavailable, "store.health", "", "the schema is at migration %d, this program needs %d", have, want)
	}
	return nil
}

func latestMigration(dir string) (int64, error) {
	files, err := fs.ReadDir(migrations, dir)
	if err != nil {
		return 0, core.E(core.CodeInternal, "store.migrate", "", err)
	}
	var last int64
	for _, f := range files {
		n, _, _ := strings.Cut(path.Base(f.Name()), "_")
		v, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return 0, core.E(core.CodeInternal, "store.migrate", "", fmt.Errorf("file %s: %w", f.Name(), err))
		}
		last = max(last, v)
	}
	return last, nil
}
