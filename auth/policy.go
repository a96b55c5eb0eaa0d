package auth

import (
	"slices"
	"time"

	"github.com/motcua/motcua/core"
)

// Cost is a class of operations that share a rate limit.
type Cost string

// The classes.
const (
	CostRead   Cost = "read"   // one or few rows of one's own
	CostLookUp Cost = "lookup" // something anybody may ask, and therefore probe
	CostWrite  Cost = "write"
	CostUpload Cost = "upload"
	CostGuess  Cost = "guess" // a secret is tried
	CostSend   Cost = "send"  // something that costs money leaves
)

// Row is the policy of one operation. A zero field is the strictest reading:
// nobody, highest care.
type Row struct {
	// Op names the operation: the procedure of an RPC ("/package.Service/Method"),
	// the operation of a dialogue command ("dialog.submit") or a route ("GET
	// /u/{token}").
	Op string
	// Actors who may call it; nobody else.
	Actors []core.ActorKind
	// Min is the assurance a citizen needs.
	Min core.Assurance
	// Session says that a terminal needs a citizen's open session.
	Session bool
	// Audited operations of officers write an audit row with the purpose.
	Audited bool
	// Public responses hold nothing about a person and may be cached; all others
	// are no-store.
	Public bool
	// Secret responses hold tokens, or data whose every read is logged: they are
	// never kept for a repeated call.
	Secret bool
	// Development operations exist beside fake vendors only; production refuses to
	// serve them.
	Development bool
	Cost        Cost
	// MaxBody is the largest request, in bytes.
	MaxBody int
	// Deadline bounds the work on one request.
	Deadline time.Duration
}

// Policy is the table of all operations. It never changes once made.
type Policy struct {
	rows map[string]Row
	ops  []string
}

// NewPolicy makes the policy of the product.
func NewPolicy() *Policy {
	p := &Policy{rows: map[string]Row{}}
	for _, rows := range [][]Row{mobileRows(), kioskRows(), agencyRows(), dialogRows(), routeRows()} {
		for _, r := range rows {
			p.rows[r.Op] = r
			p.ops = append(p.ops, r.Op)
		}
	}
	slices.Sort(p.ops)
	return p
}

// Ops lists the operations, sorted; one with two rows occurs twice.
func (p *Policy) Ops() []string { return slices.Clone(p.ops) }

// Row gives the row of an operation.
func (p *Policy) Row(op string) (Row, bool) {
	r, ok := p.rows[op]
	return r, ok
}

// Allow decides whether a may call op and gives its row. Objects are decided
// later, in object.go.
//
// Errors: denied for an operation without a row and for actors it is not for;
// unauthenticated when proving who one is would help; denied with key
// "error.assurance" below the level needed.
func (p *Policy) Allow(a core.Actor, op string) (Row, error) {
	const where = "auth.allow"
	r, ok := p.rows[op]
	switch {
	case !ok:
		return Row{}, core.Ef(core.CodeDenied, where, "", "operation %s has no row", op)
	case !slices.Contains(r.Actors, a.Kind):
		if a.Kind == core.ActorAnonymous {
			return Row{}, core.Ef(core.CodeUnauthenticated, where, "", "%s is not for everybody", op)
		}
		return Row{}, core.Ef(core.CodeDenied, where, "", "%s is not for a %s", op, a.Kind)
	case a.Kind == core.ActorCitizen && a.Assurance < r.Min:
		return Row{}, core.E(core.CodeDenied, where, "error.assurance", nil)
	case r.Session && a.Session == "":
		return Row{}, core.E(core.CodeUnauthenticated, where, "error.kiosk.session", nil)
	}
	return r, nil
}

// Limits of requests.
const (
	smallBody  = 64 << 10
	uploadBody = core.MaxFile/3*4 + 64<<10 // base64 of JSON clients
	quick      = 10 * time.Second
	slow       = 60 * time.Second
)
