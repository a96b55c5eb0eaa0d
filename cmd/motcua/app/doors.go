package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/web"
)

// readiness is whether the program wants traffic.
type readiness struct{ on atomic.Bool }

func (r *readiness) set(on bool) { r.on.Store(on) }

// wireDoors builds the public and the admin server.
func (a *App) wireDoors(context.Context, Options) error {
	mux := http.NewServeMux()
	mux.Handle("POST /webhooks/{channel}/{account}", a.Gateway)
	mux.Handle("GET /webhooks/{channel}/{account}", a.Gateway)
	uploads, err := web.NewUploads(a.store, a.Catalog, a.people, a.blobs, a.clock, a.log)
	if err != nil {
		return err
	}
	uploads.Register(mux)
	if err := a.wireRPC(mux); err != nil {
		return err
	}
	if a.sim != nil {
		a.sim.register(mux)
	}
	mux.HandleFunc("/", a.root)
	headers := httpx.Headers{HSTS: a.cfg.HTTPS()}
	a.public = a.newServer(headers.Wrap(httpx.SameOrigin(mux)))
	a.admin = a.newServer(httpx.Headers{}.Wrap(a.adminMux()))
	return nil
}

// root answers what no route takes. A person who opens the bare address in
// development is shown the simulator.
func (a *App) root(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && a.sim != nil && r.Method == http.MethodGet {
		http.Redirect(w, r, "/sim/", http.StatusSeeOther)
		return
	}
	httpx.WriteError(w, r, core.Ef(core.CodeNotFound, "app.root", "", "no route for %s", r.Method))
}

// adminMux is what operators and their tools ask; it listens on its own address.
func (a *App) adminMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "live"})
	})
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.Handle("GET /metrics", a.Metrics.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// readyz says whether traffic may come: the program serves and the store works.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	if !a.ready.on.Load() {
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "starting or stopping"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := a.Store.Health(ctx); err != nil {
		a.log.Warn("not ready", "cause", err.Error())
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "store " + string(core.ErrorCode(err))})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready", "pack": a.Catalog.Manifest().Version})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}

// webhookSetter is an adapter that tells its vendor where to send events.
type webhookSetter interface {
	SetWebhook(ctx context.Context, publicURL string) error
}

// registerWebhooks tells vendors where we are, again and again until they know:
// a vendor that is down must not keep the program from starting.
func (a *App) registerWebhooks(ctx context.Context, wg *sync.WaitGroup) {
	for _, acc := range a.registry.Accounts() {
		ad, _ := a.registry.Adapter(acc)
		setter, ok := ad.(webhookSetter)
		if !ok || a.cfg.Telegram.Poll {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			wait := time.Second
			for {
				err := setter.SetWebhook(ctx, a.webhookURL(acc))
				if err == nil || ctx.Err() != nil {
					return
				}
				a.log.Warn("telling a vendor our address failed", "channel", acc.Kind, "code", core.ErrorCode(err), "cause", err.Error())
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
				wait = min(2*wait, 5*time.Minute)
			}
		}()
	}
}

func (a *App) webhookURL(acc channels.Account) string {
	return a.cfg.PublicURL + "/webhooks/" + string(acc.Kind) + "/" + acc.Name
}
