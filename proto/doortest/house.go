// Package doortest starts the three Connect doors in-process over a real store,
// a real blob directory and the embedded data pack, with a clock that tests set.
// Only tests import it.
package doortest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/agencyapi"
	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/channels/kiosk"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/internal/blobs"
	"github.com/motcua/motcua/internal/sqlstore"
	"github.com/motcua/motcua/mobileapi"
	"github.com/motcua/motcua/proto/counter"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// Wards of the pack that tests use.
const (
	WardSaiGon  = "26740"
	WardTanDinh = "26737"
)

// House is a started product without channels.
type House struct {
	T         testing.TB
	Clock     *coretest.Clock
	Store     core.Store
	Blobs     core.Blobs
	Catalog   *catalog.Catalog
	Dossiers  *dossier.Service
	People    *identity.Service
	Tokens    *auth.Tokens
	Codes     *auth.Codes
	Sessions  *auth.Sessions
	Terminals *auth.Terminals
	Policy    *auth.Policy
	Server    *httptest.Server
}

// New starts a House that ends with the test.
func New(t testing.TB) *House {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h := &House{T: t, Clock: coretest.NewClock(), Policy: auth.NewPolicy()}
	sealer := coretest.Sealer("doortest")
	quiet := slog.New(slog.DiscardHandler)
	store, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: sealer, Clock: h.Clock, Log: quiet})
	must(err)
	t.Cleanup(func() { _ = store.Close() })
	must(store.Migrate(t.Context()))
	h.Store = store
	files, err := blobs.New(t.TempDir(), sealer, nil)
	must(err)
	h.Blobs = files
	h.Catalog, err = catalog.Load(hcmc.Pack())
	must(err)
	h.Dossiers, h.People = dossier.New(h.Catalog), identity.New(rand.Reader)
	h.Tokens, h.Codes = auth.NewTokens(sealer, h.Clock, auth.TokenOptions{}), auth.NewCodes(sealer)
	h.Sessions = auth.NewSessions(h.Store, h.Tokens, h.Codes, h.People, rand.Reader, nil)
	h.Terminals = auth.NewTerminals(h.Store, h.Clock, h.Sessions, rand.Reader)
	g := gate.Config{Store: h.Store, Policy: h.Policy, Texts: h.Catalog.Messages(), Log: quiet}
	mux := http.NewServeMux()
	queues := queues{of: map[string]catalog.Queue{}}
	beside := counter.Beside{Queue: queues.get}
	must(mobileapi.Handle(mux, mobileapi.Config{Gate: g, Tokens: h.Tokens, Sessions: h.Sessions, Dossiers: h.Dossiers, People: h.People, Blobs: h.Blobs, Beside: beside}))
	must(kiosk.Handle(mux, kiosk.Config{Gate: g, Terminals: h.Terminals, Dossiers: h.Dossiers, People: h.People, Blobs: h.Blobs, Beside: beside}))
	must(agencyapi.Handle(mux, agencyapi.Config{Gate: g, Tokens: h.Tokens, Dossiers: h.Dossiers, Blobs: h.Blobs, ReportQueue: queues.set}))
	h.Server = httptest.NewServer(mux)
	t.Cleanup(h.Server.Close)
	return h
}

// queues remembers what was reported of offices, for ever.
type queues struct {
	mu sync.Mutex
	of map[string]catalog.Queue
}

func (q *queues) set(_ context.Context, ward string, known catalog.Queue) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.of[ward] = known
	return nil
}

func (q *queues) get(_ context.Context, ward string) (catalog.Queue, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known, ok := q.of[ward]
	return known, ok
}

// Header is a set of request headers.
type Header map[string]string

// As gives the client options that send headers with every call.
func As(headers Header) connect.ClientOption {
	return connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			for k, v := range headers {
				if req.Header().Get(k) == "" {
					req.Header().Set(k, v)
				}
			}
			return next(ctx, req)
		}
	}))
}

// Bearer is the header of an access token.
func Bearer(token string) Header { return Header{"Authorization": "Bearer " + token} }

// Anonymous starts a session of assurance 0.
func (h *House) Anonymous() auth.Grant {
	h.T.Helper()
	g, err := h.Sessions.StartAnonymous(h.T.Context())
	if err != nil {
		h.T.Fatal(err)
	}
	return g
}

// Citizen signs a citizen in by the code sent to a phone.
func (h *House) Citizen(phone string) auth.Grant {
	h.T.Helper()
	ch, err := h.Sessions.RequestCode(h.T.Context(), phone)
	if err != nil {
		h.T.Fatal(err)
	}
	g, err := h.Sessions.VerifyCode(h.T.Context(), core.Actor{Kind: core.ActorAnonymous}, ch.ID, h.Code(ch.ID))
	if err != nil {
		h.T.Fatal(err)
	}
	return g
}

// Code is what the phone receives for a challenge: it goes through the job, as
// the real sender does.
func (h *House) Code(challenge core.ID) string {
	h.T.Helper()
	payload, err := core.SealJSON(auth.SendCode{ChallengeID: challenge})
	if err != nil {
		h.T.Fatal(err)
	}
	var s auth.Sending
	if err := h.Store.View(h.T.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		s, err = h.Codes.ForSending(ctx, tx, core.Job{Kind: auth.JobSendCode, Payload: payload})
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
	return s.Code
}

// Officer mints the token of an officer of a ward.
func (h *House) Officer(office string) Header {
	h.T.Helper()
	token, _, err := h.Tokens.MintOfficer(auth.Officer{ID: core.NewID(h.Clock.Now()), Office: office, Name: "Trần Văn Bình"})
	if err != nil {
		h.T.Fatal(err)
	}
	return Bearer(token)
}

// Terminal is an enrolled terminal.
type Terminal struct {
	H    *House
	Key  ed25519.PrivateKey
	Info core.Kiosk
}

// Enrol enrols a terminal for a ward.
func (h *House) Enrol(office string) Terminal {
	h.T.Helper()
	code, _, err := h.Terminals.NewEnrolment(h.T.Context(), office, "sảnh tầng 1")
	if err != nil {
		h.T.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		h.T.Fatal(err)
	}
	k, err := h.Terminals.Enrol(h.T.Context(), code, public, ed25519.Sign(private, auth.EnrolMessage(code)))
	if err != nil {
		h.T.Fatal(err)
	}
	return Terminal{H: h, Key: private, Info: k}
}

// Header signs a fresh token; session may be "".
func (k Terminal) Header(session string) Header {
	k.H.T.Helper()
	token, err := auth.SignTerminalToken(k.Key, k.Info.ID, k.H.Clock.Now())
	if err != nil {
		k.H.T.Fatal(err)
	}
	out := Bearer(token)
	if session != "" {
		out[auth.SessionHeader] = session
	}
	return out
}

// Detail gives the error detail of a failed call; nil when there is none.
func Detail(err error) *corev1.ErrorDetail {
	ce, ok := err.(*connect.Error)
	if !ok {
		return nil
	}
	for _, d := range ce.Details() {
		if v, err := d.Value(); err == nil {
			if e, ok := v.(*corev1.ErrorDetail); ok {
				return e
			}
		}
	}
	return nil
}

// JSON is a value as JSON, to look for what must not be in it.
func JSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
