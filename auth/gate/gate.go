package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Config is what a Gate needs. Store, Policy, Texts and Authenticate are
// required.
type Config struct {
	Store  core.Store
	Policy *auth.Policy
	Texts  *text.Catalogue
	// Authenticate gives the actor of a request's headers; the anonymous actor
	// when they say nothing. An error refuses the request.
	Authenticate func(ctx context.Context, header http.Header) (core.Actor, error)
	// Allow, if set, takes one from the limit of key for a class of operations and
	// says how long to wait when there is none left.
	Allow func(ctx context.Context, key string, class auth.Cost) (wait time.Duration, ok bool)
	// Barred, if set, says for how long somebody may not look up what is named by a
	// code, and Missed is told that they named a code that does not exist: codes are
	// numbered, so who misses often is going through them.
	Barred func(key string) time.Duration
	Missed func(ctx context.Context, key string)
	// Searched, if set, is told what came of a search for a procedure. It must not
	// wait: the answer does.
	Searched func(Search)
	// Log gets one line per failure that is ours; nil is the default logger.
	Log *slog.Logger
}

// Search is a search for a procedure and what came of it.
type Search struct {
	Kind  core.ActorKind
	Asker string // who counts as one person; "" for nobody: a request by GET
	Query string // as typed: it may be personal data
	Found bool
}

// Gate is one door. It is safe for concurrent use.
type Gate struct {
	Config
	validator protovalidate.Validator

	mu       sync.Mutex
	inFlight map[string]bool // idempotency keys being answered on this node
}

// New makes a Gate. Errors: internal when the configuration is incomplete.
func New(c Config) (*Gate, error) {
	if c.Store == nil || c.Policy == nil || c.Texts == nil || c.Authenticate == nil {
		return nil, core.Ef(core.CodeInternal, "gate.new", "", "store, policy, texts and authenticate are required")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	v, err := protovalidate.New()
	if err != nil {
		return nil, core.E(core.CodeInternal, "gate.new", "", err)
	}
	return &Gate{Config: c, validator: v, inFlight: map[string]bool{}}, nil
}

// Options are the options of every handler behind the gate.
func (g *Gate) Options() []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithCodec(jsonCodec{"json"}),
		connect.WithCodec(jsonCodec{"json; charset=utf-8"}),
		connect.WithRequestGate(g.admit),
		connect.WithInterceptors(connect.UnaryInterceptorFunc(g.serve)),
		connect.WithConditionalHandlerOptions(func(s connect.Spec) []connect.HandlerOption {
			row, ok := g.Policy.Row(s.Procedure)
			if !ok {
				return []connect.HandlerOption{connect.WithReadMaxBytes(1)}
			}
			return []connect.HandlerOption{connect.WithReadMaxBytes(row.MaxBody)}
		}),
		connect.WithCompressMinBytes(1024),
	}
}

// call is what the gate knows of a request.
type call struct {
	op     string
	row    auth.Row
	locale text.Locale
	actor  core.Actor
	asker  string // who counts as one person where persons are counted
	counts string // key under which misses of a code count; "" when they do not
	key    string // Idempotency-Key
	hash   []byte // of the message, once validated; nil without a key
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return &call{locale: text.VI}
	}
	return c
}

// admit authenticates and applies the policy, before the body is read.
func (g *Gate) admit(ctx context.Context, spec connect.Spec, peer connect.Peer, header http.Header) (context.Context, error) {
	c := &call{op: spec.Procedure, locale: acceptLanguage(header.Get("Accept-Language"))}
	ctx = context.WithValue(ctx, callKey{}, c)
	a, err := g.Authenticate(ctx, header)
	if err != nil {
		return nil, g.fail(ctx, spec.Procedure, err)
	}
	c.actor, c.asker = a, asker(a, peer)
	if c.row, err = g.Policy.Allow(a, spec.Procedure); err != nil {
		return nil, g.fail(ctx, spec.Procedure, err)
	}
	if g.Allow != nil {
		if wait, ok := g.Allow(ctx, limitKey(a, peer), c.row.Cost); !ok {
			return nil, g.fail(ctx, spec.Procedure, &core.Error{Code: core.CodeRateLimited, Op: "gate.admit", RetryAfter: wait})
		}
	}
	if g.Barred != nil && c.row.Cost == auth.CostLookUp && !c.row.Public && (a.Kind == core.ActorAnonymous || a.Kind == core.ActorCitizen || a.Kind == core.ActorKiosk) {
		c.counts = limitKey(a, peer)
		if wait := g.Barred(c.counts); wait > 0 {
			return nil, g.fail(ctx, spec.Procedure, &core.Error{Code: core.CodeRateLimited, Op: "gate.admit", RetryAfter: wait})
		}
	}
	if c.key = header.Get("Idempotency-Key"); len(c.key) > 200 {
		return nil, g.fail(ctx, spec.Procedure, core.Invalid("gate.admit", core.Violation{Field: "Idempotency-Key", Key: keyTooLong, Args: map[string]string{"max": "200"}}))
	}
	return auth.WithActor(ctx, a), nil
}

// limitKey names who a limit counts: the person, or the network address of
// somebody nobody knows.
func limitKey(a core.Actor, peer connect.Peer) string {
	if a.ID != "" && a.Assurance > core.AssuranceNone || a.Kind != core.ActorAnonymous && a.Kind != core.ActorCitizen {
		return string(a.Kind) + ":" + string(a.ID)
	}
	from, err := netip.ParseAddrPort(peer.Addr)
	if err != nil {
		return "net:" + peer.Addr
	}
	ip := from.Addr().Unmap().WithZone("")
	if block, err := ip.Prefix(64); err == nil && ip.Is6() {
		return "net:" + block.String() // one customer's
	}
	return "net:" + ip.String()
}

// asker names one person among those that are to be counted: whom a limit counts, so
// that sessions made in a row at one network address are one; at a terminal each
// session is somebody else.
func asker(a core.Actor, peer connect.Peer) string {
	if a.Kind == core.ActorKiosk && a.Session != "" {
		return "session:" + string(a.Session)
	}
	return limitKey(a, peer)
}

// CountSearch tells Searched what came of a search in the request of ctx.
func (g *Gate) CountSearch(ctx context.Context, query string, found bool) {
	if g.Searched != nil {
		c := callOf(ctx)
		g.Searched(Search{Kind: c.actor.Kind, Asker: c.asker, Query: query, Found: found})
	}
}

// serve runs one validated request and translates what comes back.
func (g *Gate) serve(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		op, c := req.Spec().Procedure, callOf(ctx)
		defer func() {
			if r := recover(); r != nil {
				res, err = nil, g.fail(ctx, op, core.Ef(core.CodeInternal, "gate.serve", "", "panic: %s", harmless(r)))
			}
		}()
		if req.HTTPMethod() == http.MethodGet {
			c.asker = "" // any page can make a browser ask by GET: it leaves no trace
		}
		ctx, cancel := context.WithTimeout(ctx, c.row.Deadline)
		defer cancel()
		if err := g.check(c, req.Any()); err != nil {
			return nil, g.fail(ctx, op, err)
		}
		res, err = next(ctx, req)
		if err != nil {
			if c.counts != "" && core.IsCode(err, core.CodeNotFound) {
				g.Missed(ctx, c.counts)
			}
			return nil, g.fail(ctx, op, err)
		}
		return res, finish(c, req, res)
	}
}

// harmless describes a panic without the values that may be somebody's data: the
// runtime's own errors speak of indices and types only.
func harmless(r any) string {
	if e, ok := r.(runtime.Error); ok {
		return e.Error() + "\n" + string(debug.Stack())
	}
	return fmt.Sprintf("%T\n%s", r, debug.Stack())
}

// Locale is the language of a request: the one it names, else the one its
// Accept-Language prefers, else Vietnamese.
func Locale(ctx context.Context) text.Locale { return callOf(ctx).locale }

// acceptLanguage gives the first language of the header that we speak. Weights
// are not read: clients list what they prefer first.
func acceptLanguage(h string) text.Locale {
	for part := range strings.SplitSeq(h, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
		switch tag {
		case text.VI, text.EN:
			return tag
		}
	}
	return text.VI
}
