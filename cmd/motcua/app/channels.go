package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/smsgate"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/channels/twilio"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/notify"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/obs"
)

// wireChannels builds the adapters that are configured or simulated, and the
// Gateway over them.
func (a *App) wireChannels(context.Context, Options) error {
	tg, tw, sg := a.cfg.Telegram, a.cfg.Twilio, a.cfg.SMSGate
	if a.sim != nil {
		tg, tw, sg = a.sim.telegramConfig(tg), a.sim.twilioConfig(tw), a.sim.smsGateConfig(sg)
	}
	var adapters []channels.Adapter
	if tg.Token != "" {
		ad, err := a.telegramAdapter(tg)
		if err != nil {
			return err
		}
		a.bot = ad
		adapters = append(adapters, ad)
	}
	if tw.AccountSID != "" {
		ad, err := a.twilioAdapter(tw)
		if err != nil {
			return err
		}
		adapters = append(adapters, ad)
	}
	if sg.CPID != "" {
		ad, err := a.smsGateAdapter(sg)
		if err != nil {
			return err
		}
		adapters = append(adapters, ad)
	}
	numbers, err := a.numbers(adapters)
	if err != nil {
		return err
	}
	adapters = append(adapters, numbers...)
	if a.registry, err = channels.NewRegistry(adapters...); err != nil {
		return err
	}
	a.notify = notify.New(notify.Options{Pushes: a.pushes, PhoneKeys: a.registry.NumberKeys})
	a.Gateway, err = channels.NewGateway(channels.GatewayConfig{
		Store: a.store, Registry: a.registry, Engine: dialog.New(a.Catalog, a.dossiers),
		Services: channels.Services{Dossiers: a.dossiers, Vault: vault.Service{}, Identity: a.people},
		Renderer: channels.NewRenderer(a.Catalog.Messages()), Blobs: a.blobs, Clock: a.clock, Log: a.log,
		Observer: observer{a.Metrics}, SameNumber: a.sameNumber, OnDuty: a.onDuty, Queue: a.queueOf, Barred: a.barred, Missed: a.missed, BaseURL: a.cfg.PublicURL, Spool: a.spoolDoor(), Pace: a.pace,
		Allow: func(actor core.Actor, op string) error {
			_, err := a.policy.Allow(actor, op)
			if err != nil {
				a.Metrics.Denied(op)
			}
			return err
		},
	})
	return err
}

func (a *App) telegramAdapter(c config.Telegram) (*telegram.Adapter, error) {
	conf := telegram.Config{Token: c.Token.Reveal(), APIURL: c.APIURL, Clock: a.clock}
	if c.WebhookSecret != "" {
		conf.WebhookSecrets = []string{c.WebhookSecret.Reveal()}
	}
	return telegram.New(conf)
}

func (a *App) twilioAdapter(c config.Twilio) (channels.Adapter, error) {
	conf := twilio.Config{AccountSID: c.AccountSID, From: c.From, PublicURL: a.cfg.PublicURL, APIURL: c.APIURL, Clock: a.clock}
	for _, t := range c.AuthTokens {
		conf.AuthTokens = append(conf.AuthTokens, t.Reveal())
	}
	return twilio.New(conf)
}

func (a *App) smsGateAdapter(c config.SMSGate) (channels.Adapter, error) {
	conf := smsgate.Config{
		CPID: c.CPID, APIKey: c.APIKey.Reveal(), SecretKey: c.SecretKey.Reveal(), Brand: c.Brand, Keywords: c.Keywords, Sandbox: c.Sandbox,
		PublicURL: a.cfg.PublicURL, APIURL: c.APIURL, Clock: a.clock,
	}
	for _, k := range c.PrivateKeys {
		conf.PrivateKeys = append(conf.PrivateKeys, k.Reveal())
	}
	return smsgate.New(conf)
}

// domestic is the beginning of the numbers that a domestic gateway reaches.
const domestic = "+84"

// numbers joins the networks whose people are phone numbers, along the routes that
// are configured, or else: numbers of Viet Nam through the domestic gateway, or
// through the other one while that pauses; all others through the other one.
func (a *App) numbers(adapters []channels.Adapter) ([]channels.Adapter, error) {
	var members []channels.Adapter
	var home, abroad []channels.Account
	for _, ad := range adapters {
		if !ad.Capabilities().Numbers {
			continue
		}
		members = append(members, ad)
		if ad.Account().Kind == smsgate.Kind {
			home = append(home, ad.Account())
		} else {
			abroad = append(abroad, ad.Account())
		}
	}
	var lines []channels.Line
	for _, r := range a.cfg.SMSRoutes {
		l := channels.Line{Prefix: r.Prefix}
		for _, name := range r.Through {
			kind, account, _ := strings.Cut(name, "/")
			l.Through = append(l.Through, channels.Account{Kind: channels.Kind(kind), Name: account})
		}
		lines = append(lines, l)
	}
	if len(members) == 0 && len(lines) == 0 {
		return nil, nil
	}
	if len(lines) == 0 {
		if len(home) > 0 {
			lines = append(lines, channels.Line{Prefix: domestic, Through: slices.Concat(home, abroad)})
		}
		if len(abroad) > 0 {
			lines = append(lines, channels.Line{Through: abroad})
		}
	}
	n, err := channels.NewNumbers(lines, members...)
	if err != nil {
		return nil, core.Ef(core.CodeFailedPrecondition, "app.config", "", "MOTCUA_SMS_ROUTES: %w", err)
	}
	return []channels.Adapter{n}, nil
}

// pushes reports whether a kind of channel can be written to unasked.
func (a *App) pushes(channel string) bool {
	for _, acc := range a.registry.Accounts() {
		if string(acc.Kind) != channel {
			continue
		}
		if ad, ok := a.registry.Adapter(acc); ok {
			return ad.Capabilities().Pushes
		}
	}
	return false
}

// observer counts what passes the Gateway.
type observer struct{ m *obs.Metrics }

func (o observer) Inbound(acc channels.Account, kind core.EventKind, result string) {
	o.m.Inbound(string(acc.Kind), string(kind), result)
	if result == "parked" {
		o.m.Parked("event")
	}
}

func (o observer) Outbound(acc channels.Account, template, result string, units int) {
	o.m.Outbound(string(acc.Kind), cmp.Or(template, "none"), result)
	if units > 0 {
		o.m.Segments(string(acc.Kind), cmp.Or(template, "none"), units)
	}
}

func (o observer) Rejected(acc channels.Account, reason string) {
	o.m.WebhookRejected(string(acc.Kind), reason)
}

func (o observer) Took(acc channels.Account, t channels.Taken) {
	if t.NotUnderstood {
		o.m.NotUnderstood(string(acc.Kind))
	}
	if t.AskedPerson {
		o.m.HandedOver(string(acc.Kind))
	}
	for _, result := range t.Searches {
		o.m.Searched(string(acc.Kind), result)
	}
	if t.MovedTo != "" {
		o.m.DraftMoved(cmp.Or(t.MovedFrom, "none"), t.MovedTo)
	}
	if t.Verdict != "" {
		o.m.Verdict(string(t.Verdict), cmp.Or(t.Reason, "none"))
		o.m.PaperBytes(string(acc.Kind), t.Bytes)
	}
}

func (o observer) Reply(acc channels.Account, d time.Duration) { o.m.Replied(string(acc.Kind), d) }
