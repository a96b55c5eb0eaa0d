// Package kiosk serves motcua.kiosk.v1, what the terminals in ward offices call.
//
// A terminal enrols once with a code an operator made and proves itself with
// every call by a token it signed with its own key. Each citizen gets a terminal
// session of their own.
//
// Invariants:
//   - one session is open at a terminal at a time; it is over when it is ended,
//     65 seconds after the last touch, and 15 minutes after it began in any case;
//   - after that nothing of its citizen can be read or changed through it;
//   - a call reaches only the draft of its session and what is its citizen's;
//   - a look-up by code gives the status without personal data, whoever asks.
package kiosk

import (
	"context"
	"net/http"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/proto/counter"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
)

// Channel is what answers and pages of terminals are marked with.
const Channel = "kiosk"

// Config is what the services need. All but Gate.Log and Gate.Allow are required;
// Gate.Authenticate is filled in here.
type Config struct {
	Gate      gate.Config
	Terminals *auth.Terminals
	Dossiers  *dossier.Service
	People    *identity.Service
	Blobs     core.Blobs
	Beside    counter.Beside
}

type server struct {
	gate      *gate.Gate
	counter   *counter.Counter
	terminals *auth.Terminals
}

// Handle mounts the services on mux. Errors: internal when the configuration is
// incomplete.
func Handle(mux *http.ServeMux, c Config) error {
	if c.Terminals == nil || c.Dossiers == nil || c.People == nil || c.Blobs == nil {
		return core.Ef(core.CodeInternal, "kiosk.handle", "", "terminals, dossiers, people and blobs are required")
	}
	c.Gate.Authenticate = func(ctx context.Context, h http.Header) (core.Actor, error) {
		return c.Terminals.Authenticate(ctx, h.Get("Authorization"), h.Get(auth.SessionHeader))
	}
	g, err := gate.New(c.Gate)
	if err != nil {
		return err
	}
	s := &server{gate: g, terminals: c.Terminals}
	s.counter = counter.New(g, c.Dossiers, c.People, c.Blobs, s.person, c.Beside)
	mux.Handle(g.Explain(kioskv1connect.NewTerminalServiceHandler(terminalService{s}, g.Options()...)))
	mux.Handle(g.Explain(kioskv1connect.NewLookUpServiceHandler(lookUpService{s}, g.Options()...)))
	mux.Handle(g.Explain(kioskv1connect.NewApplicationServiceHandler(applicationService{s}, g.Options()...)))
	return nil
}

// person is the citizen of the terminal's open session, read in the transaction
// of the act: a session that ended meanwhile ends it. Every act touches the
// session.
func (s *server) person(ctx context.Context, tx core.Tx, acts bool) (counter.Person, error) {
	read := s.terminals.Session
	if acts {
		read = s.terminals.Touch
	}
	session, err := read(ctx, tx, auth.ActorFrom(ctx))
	if err != nil {
		return counter.Person{}, err
	}
	p := counter.Person{ID: session.CitizenID, Channel: Channel, Session: &session}
	if p.ID != "" {
		c, err := tx.Citizens().Get(ctx, p.ID)
		if err != nil {
			return counter.Person{}, err
		}
		p.Assurance = c.Assurance
	}
	return p, nil
}
