package app

import (
	"context"
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

// OpenTools opens store and keys without starting anything.
func OpenTools(ctx context.Context, cfg *config.Config, log *slog.Logger) (*Tools, error) {
	a := &App{cfg: cfg}
	keys, err := a.openKeys(ctx, cfg.DatabaseURL != "")
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
