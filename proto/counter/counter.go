// Package counter serves an application over the wire: looking up, filling in,
// papers, submission and what follows, for the citizen's app, for terminals and for
// officers who file for somebody that came, in the messages of motcua.core.v1.
//
// Invariants:
//   - a door says who its person is (Principal) inside the transaction of each
//     act, so a session that ended meanwhile ends the act;
//   - whether the person may touch a draft or dossier is asked of package auth;
//   - rules are in core/dossier, core/form, core/catalog and core/vault: here
//     they are put together and written as messages;
//   - one use case is one transaction; what has to be worked out is worked out
//     before it, and planned again when somebody else was faster.
package counter

import (
	"context"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
)

// Person is whom a door serves.
type Person struct {
	ID        core.ID // citizen; "" at a terminal before anything is known
	Assurance core.Assurance
	Channel   string // written beside answers and pages: "app", "kiosk"
	// Session is the terminal session of the person; nil in the app.
	Session *core.TerminalSession
	// Officer is who acts for a citizen at the counter; nil else. Then ID is "".
	Officer *core.Actor
}

// actor is the person as core knows them.
func (p Person) actor() core.Actor {
	if p.Officer != nil {
		return *p.Officer
	}
	return core.Actor{Kind: core.ActorCitizen, ID: p.ID, Assurance: p.Assurance}
}

func (p Person) author() dossier.Author {
	return dossier.Author{Kind: p.actor().Kind, Channel: p.Channel}
}

func (p Person) mayDraft(d core.Draft) error {
	if p.Officer != nil {
		return auth.DeskDraft(*p.Officer, d)
	}
	if p.Session != nil {
		return auth.SessionHoldsDraft(*p.Session, d)
	}
	return auth.OwnsDraft(p.actor(), d)
}

func (p Person) mayDossier(d core.Dossier) error {
	if p.Officer != nil {
		return auth.Serves(*p.Officer, d.Office)
	}
	if p.Session != nil {
		return auth.SessionHoldsDossier(*p.Session, d)
	}
	return auth.OwnsDossier(p.actor(), d)
}

// Principal says who is there, in the transaction of an act. Acts is false in a
// View, which must not write.
type Principal func(ctx context.Context, tx core.Tx, acts bool) (Person, error)

// LastKnown gives what was last known of a dossier by its code, as anybody who has
// the code may see it, and of when that is.
type LastKnown func(ctx context.Context, code string) (st dossier.Status, asOf time.Time, ok bool)

// Counter is the use cases behind one gate. It is safe for concurrent use.
type Counter struct {
	gate     *gate.Gate
	dossiers *dossier.Service
	cat      *catalog.Catalog
	people   *identity.Service
	vault    vault.Service
	blobs    core.Blobs
	who      Principal

	beside Beside
}

// QueueOf gives who waits at the office of a ward, where an officer said so within
// catalog.QueueKnown.
type QueueOf func(ctx context.Context, ward string) (catalog.Queue, bool)

// Beside is what is known besides the store. Either may be nil.
type Beside struct {
	LastKnown LastKnown // answers status questions while the store is down
	Queue     QueueOf
}

// New makes a Counter.
func New(g *gate.Gate, dossiers *dossier.Service, people *identity.Service, blobs core.Blobs, who Principal, beside Beside) *Counter {
	return &Counter{gate: g, dossiers: dossiers, cat: dossiers.Catalog(), people: people, blobs: blobs, who: who, beside: beside}
}

// draft reads a draft the person may work on.
func (c *Counter) draft(ctx context.Context, tx core.Tx, id string, acts bool) (Person, core.Draft, error) {
	p, err := c.who(ctx, tx, acts)
	if err != nil {
		return Person{}, core.Draft{}, err
	}
	d, err := tx.Drafts().Get(ctx, core.ID(id))
	if core.IsCode(err, core.CodeNotFound) {
		d = core.Draft{} // nobody's: the same answer as somebody else's
	} else if err != nil {
		return Person{}, core.Draft{}, err
	}
	return p, d, p.mayDraft(d)
}

// application reads a draft with its papers and opens it.
func (c *Counter) application(ctx context.Context, tx core.Tx, id string) (Person, *dossier.Application, core.Draft, []core.Paper, error) {
	p, d, err := c.draft(ctx, tx, id, false)
	if err != nil {
		return p, nil, d, nil, err
	}
	papers, err := tx.Papers().ByDraft(ctx, d.ID)
	if err != nil {
		return p, nil, d, nil, err
	}
	a, err := c.dossiers.Open(d, tx.Now())
	return p, a, d, papers, err
}

// byCode reads a dossier by any of its codes, whole or its status only. What is no
// code is not found.
func byCode(ctx context.Context, read func(context.Context, string) (core.Dossier, error), code string) (core.Dossier, error) {
	unknown := auth.UnknownDossier("counter.by_code", code)
	parsed, ok := dossier.FindCode(code)
	if !ok {
		return core.Dossier{}, unknown
	}
	d, err := read(ctx, parsed.String())
	if core.IsCode(err, core.CodeNotFound) {
		return core.Dossier{}, unknown
	}
	return d, err
}

// dossier reads one of the person's own dossiers by code.
func (c *Counter) dossier(ctx context.Context, tx core.Tx, code string, acts bool) (Person, core.Dossier, error) {
	p, err := c.who(ctx, tx, acts)
	if err != nil {
		return Person{}, core.Dossier{}, err
	}
	d, err := byCode(ctx, tx.Dossiers().ByCode, code)
	if err != nil {
		return Person{}, core.Dossier{}, err
	}
	if err := p.mayDossier(d); err != nil {
		return p, core.Dossier{}, auth.UnknownDossier("counter.dossier", code)
	}
	return p, d, nil
}
