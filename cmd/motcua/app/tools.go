package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/sqlstore"
)

// Tools is an opened store for the subcommands that work beside or instead of a
// server. On the embedded store they need the server to be stopped, because the
// data directory is locked.
type Tools struct {
	Store  *sqlstore.Store
	Sealer core.Sealer
}

// OpenTools opens store and keys without starting anything. The embedded store's
// schema is brought up to date, as a server would do; that of PostgreSQL must be
// (Migrate), because other nodes may be at work on it.
func OpenTools(ctx context.Context, cfg *config.Config, log *slog.Logger) (*Tools, error) {
	t, err := openTools(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if cfg.DatabaseURL == "" {
		err = t.Store.Migrate(ctx)
	} else if err = t.Store.Health(ctx); err != nil {
		err = core.Ef(core.CodeUnavailable, "app.tools", "", "%w; if its schema is older than this program, run: motcua migrate", err)
	}
	if err != nil {
		_ = t.Close()
		return nil, err
	}
	return t, nil
}

// Migrate brings the schema of the configured database up to date.
func Migrate(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	t, err := openTools(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(t.Store.Migrate(ctx), t.Close())
}

func openTools(ctx context.Context, cfg *config.Config, log *slog.Logger) (*Tools, error) {
	keys, err := OpenKeys(ctx, cfg)
	if err != nil {
		return nil, err
	}
	sealer := keys.Sealer()
	store, err := OpenStore(ctx, cfg, sealer, core.SystemClock{}, log, nil)
	if err != nil {
		return nil, err
	}
	return &Tools{Store: store, Sealer: sealer}, nil
}

// Close closes the store.
func (t *Tools) Close() error { return t.Store.Close() }
