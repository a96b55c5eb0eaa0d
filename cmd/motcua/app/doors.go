package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/web"
)

// readiness is whether the program wants traffic.
type readiness struct{ on atomic.Bool }

func (r *readiness) set(on bool) { r.on.Store(on) }

// wireDoors builds the public and the admin server.
func (a *App) wireDoors(context.Context, Options) error {
	public := newRoutes(a.policy, core.ActorAnonymous, a.cfg.Production)
	public.Handle("POST /webhooks/{channel}/{account}", a.Gateway)
	public.Handle("GET /webhooks/{channel}/{account}", a.Gateway)
	public.Handle("GET /webhooks/{channel}/{account}/{proof}", a.Gateway)
	uploads, err := web.NewUploads(a.store, a.Catalog, a.people, a.blobs, a.clock, a.log)
	if err != nil {
		return err
	}
	uploads.Register(public)
	services := http.NewServeMux()
	if err := a.wireRPC(services); err != nil {
		return err
	}
	public.rpcs(services)
	if a.sim != nil {
		a.sim.register(public)
	}
	admin := a.adminRoutes()
	if err := errors.Join(public.err(), admin.err()); err != nil {
		return err
	}
	headers := httpx.Headers{HSTS: a.cfg.HTTPS()}
	a.public = a.newServer(httpx.Proxies(a.cfg.TrustedProxies).Wrap(headers.Wrap(httpx.SameOrigin(public))))
	a.admin = a.newServer(httpx.Headers{}.Wrap(admin))
	a.served = slices.Sorted(slices.Values(append(public.ops, admin.ops...)))
	return nil
}

// adminRoutes is what operators and their tools ask; it listens on its own
// address.
func (a *App) adminRoutes() *routes {
	admin := newRoutes(a.policy, core.ActorOperator, a.cfg.Production)
	admin.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "live"})
	})
	admin.HandleFunc("GET /readyz", a.readyz)
	admin.Handle("GET /metrics", a.Metrics.Handler())
	admin.HandleFunc("GET /debug/pprof/", pprof.Index)
	admin.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	admin.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	admin.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	admin.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return admin
}

// readyz says whether traffic may come: the program serves and the store works.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	if !a.ready.on.Load() {
		answer(w, http.StatusServiceUnavailable, map[string]string{
			"status": "starting or stopping", "spooled": strconv.Itoa(a.spooled()),
		})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := a.Store.Health(ctx); err != nil {
		a.log.Warn("not ready", "cause", err.Error())
		answer(w, http.StatusServiceUnavailable, map[string]string{
			"status": "store " + string(core.ErrorCode(err)), "spooled": strconv.Itoa(a.spooled()),
		})
		return
	}
	ready := map[string]string{"status": "ready", "pack": a.Catalog.Manifest().Version}
	if n := a.spooled(); n > 0 {
		ready["spooled"] = strconv.Itoa(n)
	}
	answer(w, http.StatusOK, ready)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}

// introduceBot tells the bot's vendor where we are and what the menu of commands
// holds, again and again until it knows: a vendor that is down must not keep the
// program from starting.
func (a *App) introduceBot(ctx context.Context, wg *sync.WaitGroup) {
	if a.bot == nil {
		return
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		wait := time.Second
		for {
			err := a.introduce(ctx)
			if err == nil || ctx.Err() != nil {
				return
			}
			a.log.Warn("telling a vendor our address failed", "code", core.ErrorCode(err), "cause", err.Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			wait = min(2*wait, 5*time.Minute)
		}
	}()
}

func (a *App) introduce(ctx context.Context) error {
	if !a.cfg.Telegram.Poll {
		if err := a.bot.SetWebhook(ctx, a.webhookURL(a.bot.Account())); err != nil {
			return err
		}
	}
	// The language "" is for everybody whose app speaks neither.
	for language, locale := range map[string]text.Locale{"": text.VI, "vi": text.VI, "en": text.EN} {
		var menu []telegram.Command
		for _, c := range [][2]string{{"menu", "choice.menu"}, {"hoso", "choice.track"}, {"canbo", "choice.human"}, {"help", "choice.help"}} {
			menu = append(menu, telegram.Command{Command: c[0], Description: a.Catalog.Messages().Text(locale, text.Rich, c[1], nil)})
		}
		if err := a.bot.SetCommands(ctx, language, menu); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) webhookURL(acc channels.Account) string {
	return a.cfg.PublicURL + "/webhooks/" + string(acc.Kind) + "/" + acc.Name
}
