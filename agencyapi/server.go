// Package agencyapi serves motcua.agency.v1, what officers and agencies' own
// systems call.
//
// Invariants:
//   - the office comes from the token; another office's dossier is not_found;
//   - every read of a citizen's data and every act writes an audit row, in the
//     same transaction and before the data leaves: what cannot be logged is not
//     shown. Work on a draft at the counter has one row for the officer and the
//     draft, written before it is first shown, and one for each file scanned;
//   - the state machine, the clock and what a reason must say are
//     core/dossier's.
package agencyapi

import (
	"context"
	"net/http"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/proto/counter"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
)

// Config is what the services need. All but Gate.Log, Gate.Allow and Seen are required;
// Gate.Authenticate is filled in here.
type Config struct {
	Gate     gate.Config
	Tokens   *auth.Tokens
	Dossiers *dossier.Service
	Blobs    core.Blobs
	// Seen, which may be nil, is told of every call of an officer: they are there.
	Seen func(ctx context.Context, officer core.Actor)
	// ReportQueue keeps who waits at the office of a ward. Errors: unavailable.
	ReportQueue func(ctx context.Context, ward string, q catalog.Queue) error
}

type server struct {
	gate     *gate.Gate
	dossiers *dossier.Service
	blobs    core.Blobs
}

// Handle mounts the services on mux. Errors: internal when the configuration is
// incomplete.
func Handle(mux *http.ServeMux, c Config) error {
	if c.Tokens == nil || c.Dossiers == nil || c.Blobs == nil || c.ReportQueue == nil {
		return core.Ef(core.CodeInternal, "agencyapi.handle", "", "tokens, dossiers, blobs and a place for queues are required")
	}
	c.Gate.Authenticate = func(ctx context.Context, h http.Header) (core.Actor, error) {
		a, err := c.Tokens.Authenticate(ctx, h.Get("Authorization"), auth.AudienceDesk)
		if err == nil && a.Kind == core.ActorOfficer && c.Seen != nil {
			c.Seen(ctx, a)
		}
		return a, err
	}
	g, err := gate.New(c.Gate)
	if err != nil {
		return err
	}
	s := &server{gate: g, dossiers: c.Dossiers, blobs: c.Blobs}
	mux.Handle(g.Explain(agencyv1connect.NewDossierServiceHandler(dossierService{s}, g.Options()...)))
	desk := counterService{dossierService{s}, counter.New(g, c.Dossiers, nil, c.Blobs, officerAtCounter, counter.Beside{}), c.ReportQueue}
	mux.Handle(g.Explain(agencyv1connect.NewCounterServiceHandler(desk, g.Options()...)))
	mux.Handle(g.Explain(agencyv1connect.NewHandoverServiceHandler(handoverService{s}, g.Options()...)))
	return nil
}

// dossier reads a dossier of the officer's office by any of its codes.
func (s *server) dossier(ctx context.Context, tx core.Tx, code string) (core.Actor, core.Dossier, error) {
	a := auth.ActorFrom(ctx)
	unknown := auth.UnknownDossier("agencyapi.dossier", code)
	parsed, ok := dossier.FindCode(code)
	if !ok {
		return a, core.Dossier{}, unknown
	}
	d, err := tx.Dossiers().ByCode(ctx, parsed.String())
	if core.IsCode(err, core.CodeNotFound) {
		return a, core.Dossier{}, unknown
	}
	if err != nil {
		return a, core.Dossier{}, err
	}
	if auth.Serves(a, d.Office) != nil {
		return a, core.Dossier{}, unknown
	}
	return a, d, nil
}

// limitOr gives n, or what a list has when nobody says.
func limitOr(n int32, other int) int {
	if n == 0 {
		return other
	}
	return int(n)
}
