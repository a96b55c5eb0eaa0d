// Package app is the program without its command line: it opens the store, wires
// core, adapters and doors, serves, and shuts down without losing anything that
// was acknowledged. Tests start the real program with it, in their own process.
//
// Invariants: wiring is explicit and complete before the first request; what
// cannot work (a locked directory, a busy port, a broken pack, a wrong secret)
// fails at New with what to do about it; Close may be called at any time and more
// than once.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/job"
	"github.com/motcua/motcua/core/notify"
	"github.com/motcua/motcua/internal/blobs"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/obs"
	"github.com/motcua/motcua/internal/seal"
	"github.com/motcua/motcua/internal/shared"
	"github.com/motcua/motcua/internal/spool"
	"github.com/motcua/motcua/internal/sqlstore"
)

// drainTime is how long running requests and jobs have after a stop was asked.
const drainTime = 25 * time.Second

// Options wire an App. Config is needed.
type Options struct {
	Config  *config.Config
	Log     *slog.Logger // default: JSON on standard error
	Version string
	// Clock replaces the system clock; the simulator then cannot move time.
	Clock core.Clock
	// Simulate starts the simulator beside the program when the configuration
	// allows it.
	Simulate bool
	// OnFatal replaces stopping the process after a failed commit.
	OnFatal func(error)
}

// App is the program. Fields are what tests and subcommands look at.
type App struct {
	Store   *sqlstore.Store
	Catalog *catalog.Catalog
	Gateway *channels.Gateway
	Tokens  *auth.Tokens
	Terms   *auth.Terminals
	Metrics *obs.Metrics

	cfg      *config.Config
	log      *slog.Logger
	clock    core.Clock
	sealer   core.Sealer
	blobs    *blobs.Files
	store    core.Store // Store, waking the runner after commits that enqueue
	runner   *job.Runner
	sessions *auth.Sessions
	codes    *auth.Codes
	policy   *auth.Policy
	dossiers *dossier.Service
	people   *identity.Service
	notify   *notify.Service
	registry *channels.Registry
	sim      *simulator
	bot      *telegram.Adapter // nil without a bot
	shared   sharing
	bars     sync.Map          // who looked for too many codes that do not exist → until when
	ownPace  *shared.Local     // of what this node does at most so often, whatever others do
	gaps     chan core.GapNote // of searches by RPC, to be counted
	redis    *shared.Redis     // nil without MOTCUA_REDIS_URL
	node     string            // this process among those that share the database
	nodeFile *os.File          // locked while the program has its name
	spool    *spool.Spool      // nil where the store lives on the same disk

	public, admin         *http.Server
	served                []string // operations of the policy table that are mounted
	publicAddr, adminAddr net.Listener
	ready                 readiness
	closeOnce             sync.Once
	closeErr              error
}

// New opens everything and listens, but answers nothing before Run.
func New(ctx context.Context, o Options) (*App, error) {
	if o.Config == nil {
		return nil, core.Ef(core.CodeInternal, "app.new", "", "no configuration")
	}
	a := &App{cfg: o.Config, log: o.Log, clock: o.Clock, gaps: make(chan core.GapNote, gapRoom)}
	if a.log == nil {
		a.log = obs.NewLogger(os.Stderr, slog.LevelInfo, obs.NewRedactor(o.Config.Secrets()...))
	}
	a.Metrics = obs.NewMetrics(o.Version)
	for _, step := range []func(context.Context, Options) error{
		a.refuseUnsupported, a.listen, a.loadCatalog, a.startSimulator, a.openStore, a.bindPack, a.nameNode, a.openSpool, a.wireShared, a.wireCore, a.wireChannels, a.wireJobs, a.wireDoors,
	} {
		if err := step(ctx, o); err != nil {
			_ = a.Close()
			return nil, err
		}
	}
	return a, nil
}

// listen opens both listeners first: a busy port is the commonest reason not to
// start, and nothing has been touched yet.
func (a *App) listen(context.Context, Options) (err error) {
	if a.publicAddr, err = listenOn("MOTCUA_LISTEN", a.cfg.Listen); err != nil {
		return err
	}
	if a.adminAddr, err = listenOn("MOTCUA_ADMIN_LISTEN", a.cfg.AdminListen); err != nil {
		return err
	}
	a.cfg = a.cfg.WithListener(a.publicAddr.Addr())
	return nil
}

func listenOn(variable, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, core.Ef(core.CodeUnavailable, "app.listen", "",
			"cannot listen on %s: %w; stop what uses it, or set %s to another address", addr, err, variable)
	}
	return l, nil
}

func (a *App) loadCatalog(context.Context, Options) (err error) {
	a.Catalog, err = LoadCatalog(a.cfg.CatalogDir)
	return err
}

// LoadCatalog reads the pack of a directory, or the embedded one for "". Error:
// failed_precondition around pack.Issues.
func LoadCatalog(dir string) (*catalog.Catalog, error) {
	c, err := catalog.Load(PackFS(dir))
	if err != nil {
		return nil, core.Ef(core.CodeFailedPrecondition, "app.pack", "", "the data pack is broken:\n%w", err)
	}
	return c, nil
}

// PackFS is the file system of a pack directory, or of the embedded pack for "".
func PackFS(dir string) fs.FS {
	if dir == "" {
		return hcmc.Pack()
	}
	return os.DirFS(dir)
}

func (a *App) openStore(ctx context.Context, o Options) error {
	keys, err := OpenKeys(ctx, a.cfg)
	if err != nil {
		return err
	}
	a.sealer = keys.Sealer()
	if a.Store, err = OpenStore(ctx, a.cfg, a.sealer, a.clock, a.log, o.OnFatal); err != nil {
		return err
	}
	if err := a.Store.Migrate(ctx); err != nil {
		return err
	}
	a.store = job.Watch(a.Store, a.wake)
	a.blobs, err = blobs.New(filepath.Join(a.cfg.DataDir, "blobs"), a.sealer, nil)
	return err
}

// OpenKeys opens the key file, or makes it when neither the directory nor the
// database holds anything that an old key sealed.
func OpenKeys(ctx context.Context, cfg *config.Config) (*seal.Keys, error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, core.Ef(core.CodeUnavailable, "app.data_dir", "", "cannot make the data directory: %w; set MOTCUA_DATA_DIR", err)
	}
	used := false
	if cfg.DatabaseURL != "" {
		var err error
		if used, err = sqlstore.PostgresHasData(ctx, cfg.DatabaseURL.Reveal()); err != nil {
			return nil, err
		}
	}
	return seal.OpenOrCreate(cfg.DataDir, used)
}

// OpenStore opens the engine that the configuration names.
func OpenStore(ctx context.Context, cfg *config.Config, sealer core.Sealer, clock core.Clock, log *slog.Logger, onFatal func(error)) (*sqlstore.Store, error) {
	opts := &sqlstore.Options{Sealer: sealer, Clock: clock, Log: log, OnFatal: onFatal}
	if cfg.DatabaseURL != "" {
		return sqlstore.OpenPostgres(ctx, cfg.DatabaseURL.Reveal(), opts)
	}
	return sqlstore.OpenSQLite(ctx, cfg.DataDir, opts)
}

// bindPack refuses changed content under a version that was used before.
func (a *App) bindPack(ctx context.Context, _ Options) error {
	version := a.Catalog.Manifest().Version
	return a.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		stored, err := tx.Packs().Bind(ctx, version, a.Catalog.Hash())
		if err != nil {
			return err
		}
		if stored != a.Catalog.Hash() {
			return core.Ef(core.CodeFailedPrecondition, "app.pack", "",
				"the data pack changed under version %q, which was used before: give it a new version in pack.yaml", version)
		}
		return nil
	})
}

func (a *App) wireCore(context.Context, Options) error {
	a.dossiers = dossier.New(a.Catalog)
	a.people = identity.New(rand.Reader)
	a.policy = auth.NewPolicy()
	a.codes = auth.NewCodes(a.sealer)
	a.Tokens = auth.NewTokens(a.sealer, a.clock, auth.TokenOptions{Issuer: a.cfg.PublicURL, Production: a.cfg.Production})
	a.sessions = auth.NewSessions(a.store, a.Tokens, a.codes, a.people, rand.Reader, a.sameNumber)
	a.endSessionsEverywhere()
	a.Terms = auth.NewTerminals(a.store, a.clock, a.sessions, rand.Reader)
	return nil
}

// workers is how many jobs run at once: they wait for vendors most of the time.
const workers = 32

// wireJobs builds the runner over every kind of job there is.
func (a *App) wireJobs(context.Context, Options) error {
	registry, err := job.NewRegistry(append(a.Gateway.Jobs(),
		job.Spec{Kind: dossier.JobChanged, Handle: a.handleChanged},
		job.Spec{Kind: dossier.JobCosign, Handle: a.handleCosign},
		job.Spec{Kind: dossier.JobDraftSilent, Handle: a.handleDraftSilent},
		job.Spec{Kind: auth.JobSendCode, Handle: a.handleSendCode, MaxAttempts: 20, Backoff: channels.SendBackOff},
	)...)
	if err != nil {
		return err
	}
	a.runner, err = job.New(a.Store, registry, job.Options{
		Clock: a.clock, Log: a.log, Node: a.node, Alone: a.cfg.DatabaseURL == "", Workers: workers,
	})
	return err
}

// wake is called after every commit that left work to do.
func (a *App) wake() {
	if a.runner != nil {
		a.runner.Wake()
	}
}

// URL is where the public listener answers.
func (a *App) URL() string { return "http://" + a.publicAddr.Addr().String() }

// AdminURL is where the admin listener answers.
func (a *App) AdminURL() string { return "http://" + a.adminAddr.Addr().String() }

// Config is the configuration as it is in force.
func (a *App) Config() *config.Config { return a.cfg }

// Run serves until ctx ends, then drains: it becomes unready, stops fetching and
// leasing, lets running work finish and gives its leases back.
func (a *App) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	for _, s := range []struct {
		server *http.Server
		on     net.Listener
	}{{a.admin, a.adminAddr}, {a.public, a.publicAddr}} {
		go func() {
			if err := s.server.Serve(s.on); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	if err := a.runner.Start(ctx); err != nil {
		return errors.Join(err, a.public.Close(), a.admin.Close())
	}
	polling, stopPolling := context.WithCancel(context.Background())
	var background sync.WaitGroup
	a.introduceBot(polling, &background)
	a.startPolling(polling, &background)
	a.startSweeps(polling, &background)
	a.startGaps(polling, &background)
	drained := a.startDrains(polling, &background)
	if a.sim != nil {
		a.sim.run(polling, &background)
	}
	select {
	case <-drained: // what was acknowledged before the last stop comes first
		a.ready.set(true)
	case <-ctx.Done():
	}
	a.log.Info("serving", "public", a.publicAddr.Addr().String(), "admin", a.adminAddr.Addr().String(),
		"pack", a.Catalog.Manifest().Version, "production", a.cfg.Production, "simulator", a.sim != nil)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	a.ready.set(false)
	a.log.Info("draining")
	stopPolling()
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err = errors.Join(err, a.public.Shutdown(drain))
	background.Wait()
	err = errors.Join(err, a.runner.Stop(drain))
	err = errors.Join(err, a.admin.Shutdown(drain))
	a.log.Info("stopped")
	return err
}

// Close releases everything New opened. Call it after Run returned.
func (a *App) Close() error {
	a.closeOnce.Do(func() {
		var errs []error
		if a.sim != nil {
			a.sim.close()
		}
		for _, l := range []net.Listener{a.publicAddr, a.adminAddr} {
			if l != nil {
				if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
					errs = append(errs, err)
				}
			}
		}
		if a.Store != nil {
			errs = append(errs, a.Store.Close())
		}
		if a.redis != nil {
			errs = append(errs, a.redis.Close())
		}
		if a.spool != nil {
			errs = append(errs, a.spool.Close())
		}
		if a.nodeFile != nil {
			errs = append(errs, a.nodeFile.Close())
		}
		a.closeErr = errors.Join(errs...)
	})
	return a.closeErr
}

// newServer makes a server over a door's handler with everything every door has.
func (a *App) newServer(h http.Handler) *http.Server {
	return httpx.NewServer(httpx.WithRequestID(httpx.Recover(a.log, h)), a.log)
}
