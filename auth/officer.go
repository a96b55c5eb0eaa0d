package auth

import (
	"time"

	"github.com/motcua/motcua/core"
)

// Officer is who MintOfficer makes a token for.
type Officer struct {
	ID     core.ID
	Office string // ward code; "*" for the whole city
	Name   string
	Kind   core.ActorKind // ActorOfficer when empty; ActorAgency for a system
}

// MintOfficer makes an officer's token of AccessLife without asking who is
// there. It is for development and the simulator: production refuses to make one
// and to accept one. Errors: denied in production; invalid.
func (t *Tokens) MintOfficer(o Officer) (token string, expires time.Time, err error) {
	const op = "auth.mint_officer"
	if t.opts.Production {
		return "", time.Time{}, core.Ef(core.CodeDenied, op, "", "officers sign in with their agency's identity provider in production")
	}
	if o.Kind == "" {
		o.Kind = core.ActorOfficer
	}
	if o.Kind != core.ActorOfficer && o.Kind != core.ActorAgency || !core.ValidID(string(o.ID)) || o.Office == "" {
		return "", time.Time{}, core.Ef(core.CodeInvalid, op, "", "an officer needs an id and an office")
	}
	return t.Issue(core.Actor{Kind: o.Kind, ID: o.ID, Office: o.Office, Name: o.Name}, AudienceDesk, true)
}
