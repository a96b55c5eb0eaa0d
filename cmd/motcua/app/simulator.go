package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/simkit"
	simpage "github.com/motcua/motcua/web/sim"
)

// simulator is the fake vendors beside the program, their control API and page.
// It is development's: New never makes one in production.
type simulator struct {
	app      *App
	clock    *simkit.Clock
	telegram *simkit.Telegram // nil when a loopback API URL was configured
	twilio   *simkit.Twilio
	smsgate  *simkit.SMSGate
	secret   string
	officer  core.ID

	mu    sync.Mutex
	key   ed25519.PrivateKey
	kiosk core.ID
}

// simWard is where the simulator's kiosk and officer stand: phường Sài Gòn.
const simWard = "26740"

// startSimulator starts the fakes of the vendors that are not configured, when
// the configuration allows it; else it says why not.
func (a *App) startSimulator(_ context.Context, o Options) error {
	if a.clock == nil {
		a.clock = core.SystemClock{}
	}
	if !o.Simulate {
		return nil
	}
	if ok, why := a.cfg.Simulator(); !ok {
		a.log.Info("the simulator does not start", "why", why)
		return nil
	}
	s := &simulator{app: a, clock: &simkit.Clock{}, officer: core.NewID(a.clock.Now())}
	if o.Clock == nil {
		a.clock = s.clock
	}
	a.sim = s
	// Vendors number what they deliver, for ever: a number that was used before
	// the last stop would be taken for a repetition.
	first := a.clock.Now().UnixMilli()
	if a.cfg.Telegram.Token == "" {
		s.secret = hex.EncodeToString(random(16))
		s.telegram = simkit.NewTelegram(simkit.TelegramOptions{Now: a.clock.Now, Via: a.URL(), FirstUpdateID: first})
		if err := s.telegram.Start(); err != nil {
			return core.E(core.CodeUnavailable, "app.simulator", "", err)
		}
	}
	if a.cfg.Twilio.AccountSID == "" {
		s.twilio = simkit.NewTwilio(simkit.TwilioOptions{Now: a.clock.Now, Via: a.URL(), FirstSerial: first})
		if err := s.twilio.Start(); err != nil {
			return core.E(core.CodeUnavailable, "app.simulator", "", err)
		}
		s.twilio.SetWebhook(a.cfg.PublicURL + "/webhooks/twilio/main")
	}
	if a.cfg.SMSGate.CPID == "" {
		s.smsgate = simkit.NewSMSGate(simkit.SMSGateOptions{Now: a.clock.Now, Via: a.URL(), FirstSerial: first})
		if err := s.smsgate.Start(); err != nil {
			return core.E(core.CodeUnavailable, "app.simulator", "", err)
		}
		s.smsgate.SetWebhook(a.cfg.PublicURL + "/webhooks/smsgate/main")
	}
	return nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand stops the program instead
	return b
}

func (s *simulator) telegramConfig(c config.Telegram) config.Telegram {
	if s.telegram == nil {
		return c
	}
	return config.Telegram{Token: config.Secret(s.telegram.Token()), APIURL: s.telegram.URL(), WebhookSecret: config.Secret(s.secret)}
}

func (s *simulator) twilioConfig(c config.Twilio) config.Twilio {
	if s.twilio == nil {
		return c
	}
	return config.Twilio{
		AccountSID: s.twilio.AccountSID(), AuthTokens: []config.Secret{config.Secret(s.twilio.AuthToken())},
		From: s.twilio.Number(), APIURL: s.twilio.URL(),
	}
}

func (s *simulator) smsGateConfig(c config.SMSGate) config.SMSGate {
	if s.smsgate == nil {
		return c
	}
	return config.SMSGate{
		CPID: s.smsgate.CPID(), PrivateKeys: []config.Secret{config.Secret(s.smsgate.PrivateKey())},
		APIKey: config.Secret(s.smsgate.APIKey()), SecretKey: config.Secret(s.smsgate.SecretKey()),
		Brand: s.smsgate.Brand(), Keywords: []string{"DVC"}, APIURL: s.smsgate.URL(),
	}
}

// run delivers what the simulated people do until ctx ends.
func (s *simulator) run(ctx context.Context, wg *sync.WaitGroup) {
	s.clock.OnAdvance(s.app.runner.Wake)
	deliver := func(f func(context.Context) error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = f(ctx) // ends with ctx, which is no news
		}()
	}
	if s.telegram != nil {
		deliver(s.telegram.Run)
	}
	if s.twilio != nil {
		deliver(s.twilio.Run)
	}
	if s.smsgate != nil {
		deliver(s.smsgate.Run)
	}
}

func (s *simulator) close() {
	if s.telegram != nil {
		s.telegram.Close()
	}
	if s.twilio != nil {
		s.twilio.Close()
	}
	if s.smsgate != nil {
		s.smsgate.Close()
	}
}

// register mounts page, control API and the tokens of the simulated kiosk and
// officer.
func (s *simulator) register(to *routes) {
	console := localOnly(simkit.NewConsole(s.telegram, s.smsgate, s.twilio, s.clock))
	for _, op := range []string{
		"POST /sim/api/v1/say", "POST /sim/api/v1/tap", "POST /sim/api/v1/photo", "GET /sim/api/v1/outbox",
		"GET /sim/api/v1/clock", "POST /sim/api/v1/clock",
	} {
		to.Handle(op, console)
	}
	to.Handle("POST /sim/tokens", localOnly(http.HandlerFunc(s.tokens)))
	to.HandleFunc("GET /sim/sample.pdf", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(simkit.SamplePDF("ket qua", 1))
	})
	page := simpage.Handler("/sim/")
	to.Handle("GET /sim/{$}", page)
	to.Handle("GET /sim/{file}", page)
	// A person who opens the bare address is shown the simulator.
	to.Handle("GET /sim", http.RedirectHandler("/sim/", http.StatusSeeOther))
	to.Handle("GET /{$}", http.RedirectHandler("/sim/", http.StatusSeeOther))
}

// localOnly refuses requests that name another host than this machine: a page of
// a stranger whose name was made to point here must not act as an officer.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !httpx.LoopbackURL("http://" + r.Host) {
			httpx.WriteError(w, r, core.Ef(core.CodeDenied, "app.simulator", "", "the simulator answers to this machine's own names only"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// tokens hands the page what a terminal and an officer would have of their own.
func (s *simulator) tokens(w http.ResponseWriter, r *http.Request) {
	kiosk, err := s.terminalToken(r.Context())
	if err == nil {
		var officer string
		officer, _, err = s.app.Tokens.MintOfficer(auth.Officer{ID: s.officer, Office: "*", Name: "Cán bộ mô phỏng"})
		if err == nil {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			_ = json.NewEncoder(w).Encode(map[string]string{"kiosk": kiosk, "officer": officer, "ward": simWard})
			return
		}
	}
	s.app.log.Error("simulator tokens", "cause", err.Error())
	w.WriteHeader(http.StatusInternalServerError)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": "the simulator could not make tokens; see the log"})
}

// terminalToken enrols the simulated kiosk the way a real one is, once, and signs
// a token with its key.
func (s *simulator) terminalToken(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kiosk == "" {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return "", err
		}
		code, _, err := s.app.Terms.NewEnrolment(ctx, simWard, "mô phỏng")
		if err != nil {
			return "", err
		}
		k, err := s.app.Terms.Enrol(ctx, code, public, ed25519.Sign(private, auth.EnrolMessage(code)))
		if err != nil {
			return "", err
		}
		s.key, s.kiosk = private, k.ID
	}
	return auth.SignTerminalToken(s.key, s.kiosk, s.app.clock.Now())
}
