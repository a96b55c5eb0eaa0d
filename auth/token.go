package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/motcua/motcua/core"
)

// AccessLife is how long an access token works.
const AccessLife = 10 * time.Minute

// cacheLife bounds how long a verified token is believed without looking again.
const cacheLife = 5 * time.Second

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 4096

// Audience says which door a token opens.
type Audience string

// The doors.
const (
	AudienceApp      Audience = "motcua-app"      // citizens
	AudienceDesk     Audience = "motcua-desk"     // officers and agencies' systems
	AudienceTerminal Audience = "motcua-terminal" // tokens that terminals sign themselves
)

// The media types of our tokens, checked in the header.
const (
	typeAccess   = "at+jwt"
	typeTerminal = "terminal+jwt"
)

// claims of an access token.
type claims struct {
	jwt.RegisteredClaims
	Kind      core.ActorKind `json:"kind"`
	Session   core.ID        `json:"sid,omitempty"`
	Assurance core.Assurance `json:"lvl"`
	Office    string         `json:"office,omitempty"`
	Name      string         `json:"name,omitempty"` // an officer's
	// Development marks tokens that production refuses.
	Development bool `json:"dev,omitempty"`
}

// TokenOptions configures Tokens.
type TokenOptions struct {
	// Issuer is the claim iss: the public URL of the product.
	Issuer string
	// Production refuses tokens minted for development.
	Production bool
	// Generation of the signing keys; a new one ends every token at once.
	Generation int
}

// Tokens issues and verifies access tokens. It is safe for concurrent use.
type Tokens struct {
	keys   *keyring
	clock  core.Clock
	opts   TokenOptions
	parser *jwt.Parser
	cache  tokenCache

	mu      sync.RWMutex
	revoked map[core.ID]time.Time // session → when its last token is over
}

// NewTokens makes Tokens whose keys are derived from the server's key.
func NewTokens(sealer core.Sealer, clock core.Clock, opts TokenOptions) *Tokens {
	if opts.Issuer == "" {
		opts.Issuer = "motcua"
	}
	return &Tokens{
		keys: newKeyring(sealer.Derive, opts.Generation), clock: clock, opts: opts,
		revoked: map[core.ID]time.Time{},
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithIssuer(opts.Issuer),
			jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
			jwt.WithTimeFunc(clock.Now), jwt.WithStrictDecoding(),
		),
	}
}

// Issue signs an access token for a. A token of development works only where
// TokenOptions.Production is false.
func (t *Tokens) Issue(a core.Actor, aud Audience, development bool) (token string, expires time.Time, err error) {
	now := t.clock.Now().Truncate(time.Second)
	expires = now.Add(AccessLife)
	kid, key := t.keys.signing(now)
	j := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: t.opts.Issuer, Subject: string(a.ID), Audience: jwt.ClaimStrings{string(aud)},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
			ID: string(core.NewID(now)),
		},
		Kind: a.Kind, Session: a.Session, Assurance: a.Assurance, Office: a.Office, Name: a.Name, Development: development,
	})
	j.Header["typ"], j.Header["kid"] = typeAccess, kid
	if token, err = j.SignedString(key); err != nil {
		return "", time.Time{}, core.E(core.CodeInternal, "auth.issue", "", err)
	}
	return token, expires, nil
}

// Verify gives the actor of an access token meant for aud. Errors:
// unauthenticated with key "error.session.expired" when its time is over and
// "error.unauthenticated" for everything else.
func (t *Tokens) Verify(token string, aud Audience) (core.Actor, error) {
	now := t.clock.Now()
	a, ok := t.cache.get(cacheKey{aud, token}, now)
	if !ok {
		var until time.Time
		var err error
		if a, until, err = t.verify(token, aud, now); err != nil {
			return core.Actor{}, err
		}
		t.cache.put(cacheKey{aud, token}, a, now, until)
	}
	if a.Session != "" && t.isRevoked(a.Session) {
		return core.Actor{}, core.E(core.CodeUnauthenticated, "auth.verify", "error.session.expired", nil)
	}
	return a, nil
}

func (t *Tokens) verify(token string, aud Audience, now time.Time) (core.Actor, time.Time, error) {
	const op = "auth.verify"
	if len(token) > maxToken {
		return core.Actor{}, time.Time{}, core.Ef(core.CodeUnauthenticated, op, "", "token of %d bytes", len(token))
	}
	var c claims
	_, err := t.parser.ParseWithClaims(token, &c, func(j *jwt.Token) (any, error) {
		kid, err := header(j, typeAccess)
		if err != nil {
			return nil, err
		}
		key, ok := t.keys.verifying(kid, now)
		if !ok {
			return nil, errors.New("unknown key")
		}
		return key, nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return core.Actor{}, time.Time{}, core.E(core.CodeUnauthenticated, op, "error.session.expired", err)
	case err != nil:
		return core.Actor{}, time.Time{}, core.E(core.CodeUnauthenticated, op, "", err)
	case len(c.Audience) != 1 || c.Audience[0] != string(aud):
		return core.Actor{}, time.Time{}, core.Ef(core.CodeUnauthenticated, op, "", "audience %q", c.Audience)
	case c.IssuedAt == nil || c.ExpiresAt.Sub(c.IssuedAt.Time) > AccessLife:
		return core.Actor{}, time.Time{}, core.Ef(core.CodeUnauthenticated, op, "", "token lives too long")
	case c.Development && t.opts.Production:
		return core.Actor{}, time.Time{}, core.Ef(core.CodeUnauthenticated, op, "", "development token in production")
	case !core.ValidID(c.Subject):
		return core.Actor{}, time.Time{}, core.Ef(core.CodeUnauthenticated, op, "", "no subject")
	}
	return core.Actor{
		Kind: c.Kind, ID: core.ID(c.Subject), Session: c.Session, Office: c.Office, Assurance: c.Assurance, Name: c.Name,
	}, c.ExpiresAt.Time, nil
}

// header checks that a token's header is exactly alg, typ and kid. Anything more
// (jwk, jku, x5u, crit, …) is somebody's attempt to bring a key along.
func header(j *jwt.Token, typ string) (kid string, err error) {
	got, _ := j.Header["typ"].(string)
	kid, _ = j.Header["kid"].(string)
	if len(j.Header) != 3 || got != typ || kid == "" {
		return "", errors.New("unexpected header")
	}
	return kid, nil
}

// Revoke ends the access tokens of a session on this node at once. A node that
// is not told to do the same ends them when they expire (AccessLife).
func (t *Tokens) Revoke(session core.ID) {
	now := t.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for s, until := range t.revoked {
		if now.After(until) {
			delete(t.revoked, s)
		}
	}
	t.revoked[session] = now.Add(AccessLife)
}

func (t *Tokens) isRevoked(session core.ID) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.revoked[session]
	return ok
}

// Bearer reads "Authorization: Bearer <token>"; "" when there is none. Errors:
// unauthenticated for another scheme.
func Bearer(authorization string) (string, error) {
	if authorization == "" {
		return "", nil
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", core.Ef(core.CodeUnauthenticated, "auth.bearer", "", "not a bearer token")
	}
	return token, nil
}

// Authenticate gives the actor of an Authorization header: the anonymous one
// when it is empty. A token that does not verify is an error, never anonymous.
func (t *Tokens) Authenticate(_ context.Context, authorization string, aud Audience) (core.Actor, error) {
	token, err := Bearer(authorization)
	if err != nil {
		return core.Actor{}, err
	}
	if token == "" {
		return core.Actor{Kind: core.ActorAnonymous}, nil
	}
	return t.Verify(token, aud)
}

type cacheKey struct {
	aud   Audience
	token string
}

type cacheEntry struct {
	actor core.Actor
	until time.Time
}

// maxCache bounds the entries of one generation of the cache.
const maxCache = 10_000

// tokenCache keeps verified tokens for at most cacheLife. It has two
// generations: a full or old one becomes the old one, so that nothing has to be
// swept.
type tokenCache struct {
	mu         sync.RWMutex
	young, old map[cacheKey]cacheEntry
	born       time.Time
}

func (c *tokenCache) get(k cacheKey, now time.Time) (core.Actor, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.young[k]
	if !ok {
		e, ok = c.old[k]
	}
	// A clock that was set back must not make an entry older than it is.
	if !ok || !now.Before(e.until) || e.until.Sub(now) > cacheLife {
		return core.Actor{}, false
	}
	return e.actor, true
}

func (c *tokenCache) put(k cacheKey, a core.Actor, now, expires time.Time) {
	until := now.Add(cacheLife)
	if expires.Before(until) {
		until = expires
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= maxCache || now.Sub(c.born) > cacheLife {
		c.young, c.old, c.born = map[cacheKey]cacheEntry{}, c.young, now
	}
	c.young[k] = cacheEntry{a, until}
}
