package channels

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
)

// webhookTimeout bounds the handling of one request. The strictest vendor that
// redelivers waits 15 s for an answer; we answer before.
const webhookTimeout = 12 * time.Second

// ServeHTTP takes /webhooks/{channel}/{account} with the one method the adapter
// names; a GET may have a path segment more. An unknown account is 404 without a
// body, another method 405; a bad signature 401 or 403; a body over the adapter's
// limit 413; everything that was verified is 200 after the commit (or after it was
// spooled), or 503 with Retry-After when it could not be stored or too many are in
// flight.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	acc := Account{Kind: Kind(r.PathValue("channel")), Name: r.PathValue("account")}
	adapter, ok := g.registry.Adapter(acc)
	receiver, receives := adapter.(Receiver)
	if !ok || !receives {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method != receiver.Method() {
		w.Header().Set("Allow", receiver.Method())
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	late := g.inFlight.Add(1) > g.room
	defer g.inFlight.Add(-1)
	if late && (!g.spools(adapter) || g.inFlight.Load() > 2*g.room) {
		g.busy(w, acc, overloaded())
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, receiver.MaxBody()))
	if err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			g.reject(w, acc, http.StatusRequestEntityTooLarge, "too_large")
			return
		}
		g.reject(w, acc, http.StatusBadRequest, "body")
		return
	}
	in, err := receiver.Parse(r, body)
	switch core.ErrorCode(err) {
	case "":
	case core.CodeUnauthenticated:
		g.reject(w, acc, http.StatusUnauthorized, "signature")
		return
	case core.CodeDenied:
		g.reject(w, acc, http.StatusForbidden, "signature")
		return
	default:
		// A verified request we cannot read: taking it is the only way not to get
		// it again for ever.
		g.log.WarnContext(r.Context(), "webhook not understood", "channel", acc.Kind, "code", core.ErrorCode(err))
		in = Inbound{Ignored: 1, Why: "unreadable"}
	}
	// The vendor may hang up; what it sent is handled all the same, because it
	// would only come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), webhookTimeout)
	defer cancel()
	take := g.Take
	if late {
		take = g.takeLater
	}
	if err := take(ctx, acc, in); err != nil {
		g.busy(w, acc, err)
		return
	}
	contentType, answer := receiver.Ack()
	if in.Answer != "" {
		answer = []byte(in.Answer)
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(answer)
}

// Take handles everything one request or poll brought. It returns the first
// unavailable error; items handled before it will be recognised as duplicates
// when the vendor sends the whole again.
//
// What a vendor sent that does not redeliver is spooled in that case, where the
// node has a spool, and counts as handled.
func (g *Gateway) Take(ctx context.Context, acc Account, in Inbound) error {
	if in.Ignored > 0 {
		g.observe.Rejected(acc, "ignored_"+in.Why)
	}
	if adapter, ok := g.registry.Adapter(acc); ok && g.spools(adapter) {
		return g.takeOrSpool(ctx, adapter, in)
	}
	for _, s := range in.Statuses {
		if err := g.Report(ctx, acc, s); err != nil {
			return err
		}
	}
	for _, ev := range in.Events {
		if err := g.Deliver(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gateway) reject(w http.ResponseWriter, acc Account, status int, reason string) {
	g.observe.Rejected(acc, reason)
	w.WriteHeader(status)
}

// overloaded says that more webhooks are in flight than this node takes at once.
func overloaded() error {
	e := core.Ef(core.CodeUnavailable, "channels.webhook", "error.busy", "too many webhooks in flight")
	e.RetryAfter = 2 * time.Second
	return e
}

// busy tells a vendor when to come back: not all at the same moment.
func (g *Gateway) busy(w http.ResponseWriter, acc Account, err error) {
	g.observe.Rejected(acc, "unavailable")
	g.log.Warn("webhook answered 503", "channel", acc.Kind, "code", core.ErrorCode(err), "cause", err.Error())
	wait := 5 * time.Second
	var e *core.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		wait = e.RetryAfter
	}
	wait += rand.N(wait)
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	w.WriteHeader(http.StatusServiceUnavailable)
}
