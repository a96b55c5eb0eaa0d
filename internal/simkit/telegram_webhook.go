package simkit

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

func (t *Telegram) getUpdates(ctx context.Context, p telegramParams) (any, *telegramError) {
	t.mu.Lock()
	if t.webhook.url != "" {
		t.mu.Unlock()
		return nil, &telegramError{code: 409, description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	t.pollers++
	mine := t.pollers
	t.mu.Unlock()
	t.changed.fire() // an older poller notices that it was replaced

	if offset := p.int("offset"); offset > 0 {
		t.out.remove(func(q *parcel) bool { return q.id < offset })
	} else if offset < 0 {
		all := t.out.waiting()
		if n := int(-offset); n < len(all) {
			from := all[len(all)-n].id
			t.out.remove(func(q *parcel) bool { return q.id < from })
		}
	}
	limit := int(p.int("limit"))
	if limit < 1 || limit > 100 {
		limit = 100
	}
	wait := min(max(p.int("timeout"), 0), 50)
	if wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(wait)*time.Second)
		defer cancel()
	}
	type answer struct {
		updates  []json.RawMessage
		replaced bool
	}
	got, err := await(ctx, &t.changed, func() (answer, bool) {
		select {
		case <-t.closed:
			return answer{}, true
		default:
		}
		t.mu.Lock()
		replaced := t.pollers != mine
		t.mu.Unlock()
		if replaced {
			return answer{replaced: true}, true
		}
		all := t.out.waiting()
		if len(all) > limit {
			all = all[:limit]
		}
		a := answer{updates: make([]json.RawMessage, 0, len(all))}
		for _, q := range all {
			a.updates = append(a.updates, q.body)
		}
		return a, len(all) > 0 || wait == 0
	})
	if err != nil || got.updates == nil && !got.replaced {
		return []json.RawMessage{}, nil // the wait ended with nothing
	}
	if got.replaced {
		return nil, &telegramError{code: 409, description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
	}
	return got.updates, nil
}

func (t *Telegram) setWebhook(p telegramParams) (any, *telegramError) {
	target := p.str("url")
	if target == "" {
		return t.deleteWebhook(p), nil
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return nil, badRequest("invalid webhook URL specified")
	}
	// The real server takes https only; plain http is taken here when it stays on
	// this machine, because no certificate can be had for it.
	if u.Scheme != "https" && !loopbackHost(u.Host) {
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	}
	secret := p.str("secret_token")
	if len(secret) > 256 {
		return nil, badRequest("secret token is too long")
	}
	for _, c := range []byte(secret) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return nil, badRequest("secret token contains unallowed characters")
		}
	}
	var allowed []string
	if raw := p.str("allowed_updates"); raw != "" && raw != "null" {
		if json.Unmarshal([]byte(raw), &allowed) != nil {
			return nil, badRequest("can't parse allowed_updates")
		}
	}
	conns := int(p.int("max_connections"))
	if conns < 1 || conns > 100 {
		conns = 40
	}
	t.mu.Lock()
	t.webhook = telegramWebhook{url: target, secret: secret, maxConnections: conns, allowed: allowed}
	t.mu.Unlock()
	if p.bool("drop_pending_updates") {
		t.out.remove(func(*parcel) bool { return true })
	}
	t.out.setPaused(false)
	t.changed.fire()
	return true, nil
}

func loopbackHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (t *Telegram) deleteWebhook(p telegramParams) any {
	t.mu.Lock()
	t.webhook = telegramWebhook{}
	t.mu.Unlock()
	t.out.setPaused(true)
	if p.bool("drop_pending_updates") {
		t.out.remove(func(*parcel) bool { return true })
	}
	t.changed.fire()
	return true
}

func (t *Telegram) webhookInfo() any {
	pending := len(t.out.waiting())
	t.mu.Lock()
	defer t.mu.Unlock()
	info := map[string]any{
		"url": t.webhook.url, "has_custom_certificate": false, "pending_update_count": pending,
		"max_connections": t.webhook.maxConnections,
	}
	if len(t.webhook.allowed) > 0 {
		info["allowed_updates"] = t.webhook.allowed
	}
	return info
}

// WebhookURL is the URL given to setWebhook, "" when none is set.
func (t *Telegram) WebhookURL() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.webhook.url
}

// WebhookSecret is the secret_token given to setWebhook.
func (t *Telegram) WebhookSecret() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.webhook.secret
}
