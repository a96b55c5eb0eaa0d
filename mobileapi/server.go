// Package mobileapi serves motcua.mobile.v1, what the citizen's app calls: RPC
// only. A handler translates and calls a use case; the rules are in core, the
// door in auth/gate, and what the terminals share with the app in proto/counter.
//
// Invariants:
//   - an access token names the citizen; without one a caller is anonymous and may
//     look up, and start a session;
//   - another citizen's draft or dossier is not_found;
//   - TrackDossier tells nobody a name, a number or what a paper says.
package mobileapi

import (
	"context"
	"net/http"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/proto/counter"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// Channel is what answers and pages of the app are marked with.
const Channel = "app"

// Config is what the services need. All but Gate.Log and Gate.Allow are required;
// Gate.Authenticate is filled in here.
type Config struct {
	Gate     gate.Config
	Tokens   *auth.Tokens
	Sessions *auth.Sessions
	Dossiers *dossier.Service
	People   *identity.Service
	Blobs    core.Blobs
	Beside   counter.Beside
}

// server holds what the five services share.
type server struct {
	gate     *gate.Gate
	counter  *counter.Counter
	sessions *auth.Sessions
}

// Handle mounts the services on mux. Errors: internal when the configuration is
// incomplete.
func Handle(mux *http.ServeMux, c Config) error {
	if c.Tokens == nil || c.Sessions == nil || c.Dossiers == nil || c.People == nil || c.Blobs == nil {
		return core.Ef(core.CodeInternal, "mobileapi.handle", "", "tokens, sessions, dossiers, people and blobs are required")
	}
	c.Gate.Authenticate = func(ctx context.Context, h http.Header) (core.Actor, error) {
		return c.Tokens.Authenticate(ctx, h.Get("Authorization"), auth.AudienceApp)
	}
	g, err := gate.New(c.Gate)
	if err != nil {
		return err
	}
	s := &server{gate: g, counter: counter.New(g, c.Dossiers, c.People, c.Blobs, person, c.Beside), sessions: c.Sessions}
	mux.Handle(g.Explain(mobilev1connect.NewCatalogServiceHandler(catalogService{s}, g.Options()...)))
	mux.Handle(g.Explain(mobilev1connect.NewFormServiceHandler(formService{s}, g.Options()...)))
	mux.Handle(g.Explain(mobilev1connect.NewDossierServiceHandler(dossierService{s}, g.Options()...)))
	mux.Handle(g.Explain(mobilev1connect.NewVaultServiceHandler(vaultService{s}, g.Options()...)))
	mux.Handle(g.Explain(mobilev1connect.NewSessionServiceHandler(sessionService{s}, g.Options()...)))
	return nil
}

// person is the citizen of the access token.
func person(ctx context.Context, _ core.Tx, _ bool) (counter.Person, error) {
	a := auth.ActorFrom(ctx)
	if a.Kind != core.ActorCitizen || a.ID == "" {
		return counter.Person{}, core.E(core.CodeUnauthenticated, "mobileapi.person", "", nil)
	}
	return counter.Person{ID: a.ID, Assurance: a.Assurance, Channel: Channel}, nil
}

// limitOr gives n, or what a list has when nobody says.
func limitOr(n int32) int {
	if n == 0 {
		return 20
	}
	return int(n)
}
