package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

// Life of a family of refresh tokens: over refreshIdle after its last use, and
// over refreshLife after it began.
const (
	refreshIdle = 30 * 24 * time.Hour
	refreshLife = 90 * 24 * time.Hour
)

// Grant is a session handed to the app.
type Grant struct {
	Access         string
	AccessExpires  time.Time
	Refresh        string
	RefreshExpires time.Time
	CitizenID      core.ID
	Assurance      core.Assurance
}

// Sessions are the app's sessions.
type Sessions struct {
	store  core.Store
	tokens *Tokens
	codes  *Codes
	people *identity.Service
	random io.Reader
	same   func(phone string) []core.AddressKey
	ended  func(ctx context.Context, session core.ID)
}

// NewSessions makes Sessions. Random is crypto/rand in the program. Same, which
// may be nil, lists the addresses under which channels know a phone number, so
// that one proved there meets the same citizen here.
func NewSessions(store core.Store, tokens *Tokens, codes *Codes, people *identity.Service, random io.Reader, same func(phone string) []core.AddressKey) *Sessions {
	if same == nil {
		same = func(string) []core.AddressKey { return nil }
	}
	return &Sessions{
		store: store, tokens: tokens, codes: codes, people: people, random: random, same: same,
		ended: func(_ context.Context, session core.ID) { tokens.Revoke(session) },
	}
}

// OnEnd replaces what happens after a session was ended in the store: tell every
// node to Revoke its access tokens. Without it this node alone does. Call it
// before the first session.
func (s *Sessions) OnEnd(ended func(ctx context.Context, session core.ID)) { s.ended = ended }

// StartAnonymous makes a citizen of assurance 0 and a session of theirs.
func (s *Sessions) StartAnonymous(ctx context.Context) (Grant, error) {
	var fresh issued
	err := s.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		c, err := NewAnonymous(ctx, tx)
		if err != nil {
			return err
		}
		fresh, err = s.newFamily(ctx, tx, c)
		return err
	})
	if err != nil {
		return Grant{}, err
	}
	return s.grant(fresh)
}

// NewAnonymous stores a citizen nobody knows yet, so that a draft has an owner.
func NewAnonymous(ctx context.Context, tx core.Tx) (core.Citizen, error) {
	now := tx.Now()
	c := core.Citizen{ID: core.NewID(now), Version: 1, CreatedAt: now, UpdatedAt: now}
	return c, tx.Citizens().Insert(ctx, c)
}

// RequestCode sends a login code to a phone; see Codes.Request.
func (s *Sessions) RequestCode(ctx context.Context, phone string) (core.Challenge, error) {
	return s.requestCode(ctx, phone, PurposeLogin)
}

func (s *Sessions) requestCode(ctx context.Context, phone, purpose string) (ch core.Challenge, err error) {
	err = s.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		ch, err = s.codes.Request(ctx, tx, phone, purpose)
		return err
	})
	return ch, err
}

// VerifyCode proves the phone of a challenge and begins a new session. The
// person of an anonymous session (actor) becomes the owner of the number or, when
// the number has an owner already, hands their open drafts over to that one.
//
// Errors: denied with key "error.code.wrong", "error.code.expired" or
// "error.code.spent"; rate_limited with "error.code.locked".
func (s *Sessions) VerifyCode(ctx context.Context, actor core.Actor, challenge core.ID, code string) (Grant, error) {
	var (
		fresh   issued
		verdict *core.Error
	)
	err := s.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		phone, no, err := s.codes.try(ctx, tx, challenge, PurposeLogin, code)
		if verdict = no; err != nil || no != nil {
			return err
		}
		c, err := s.prove(ctx, tx, anonymousOf(actor), phone)
		if err != nil {
			return err
		}
		if actor.Session != "" { // the level changed: the old session goes
			if err := tx.Refreshes().RevokeFamily(ctx, actor.Session, tx.Now()); err != nil {
				return err
			}
		}
		fresh, err = s.newFamily(ctx, tx, c)
		return err
	})
	if err := codeError(err, verdict); err != nil {
		return Grant{}, err
	}
	if actor.Session != "" {
		s.tokens.Revoke(actor.Session)
	}
	return s.grant(fresh)
}

// codeError joins what a closure with a verdict left: the loser of two parallel
// uses sees a conflict, which is a spent code.
func codeError(err error, verdict *core.Error) error {
	if core.IsCode(err, core.CodeConflict) {
		return core.E(core.CodeDenied, "auth.verify_code", "error.code.spent", err)
	}
	if err == nil && verdict != nil {
		return verdict
	}
	return err
}

func anonymousOf(a core.Actor) core.ID {
	if a.Kind == core.ActorCitizen && a.Assurance == core.AssuranceNone {
		return a.ID
	}
	return ""
}

// prove finds or makes the citizen of a phone number that was just proved.
func (s *Sessions) prove(ctx context.Context, tx core.Tx, anonymous core.ID, phone string) (core.Citizen, error) {
	key := core.AddressKey{Channel: PhoneChannel, Account: PhoneAccount, External: phone}
	a, err := s.people.EnsureAddress(ctx, tx, key, core.AssuranceNone)
	if err != nil {
		return core.Citizen{}, err
	}
	if a.CitizenID == "" && anonymous != "" {
		if a, err = s.people.Link(ctx, tx, a, anonymous, core.AssuranceNone); err != nil {
			return core.Citizen{}, err
		}
	}
	c, _, err := s.people.Prove(ctx, tx, a, phone, s.same(phone)...)
	if err != nil || anonymous == "" || c.ID == anonymous {
		return c, err
	}
	drafts, err := tx.Drafts().ByCitizen(ctx, anonymous, 100)
	if err != nil {
		return core.Citizen{}, err
	}
	for _, d := range drafts {
		d.CitizenID, d.UpdatedAt = c.ID, tx.Now()
		if err := tx.Drafts().Save(ctx, d); err != nil {
			return core.Citizen{}, err
		}
	}
	return c, nil
}

// errReused leaves a closure when a refresh token comes a second time.
var errReused = errors.New("auth: refresh token used before")

// Refresh changes a refresh token for a new session of the same family. A token
// that was used before is in two hands: the whole family ends. Errors:
// unauthenticated.
func (s *Sessions) Refresh(ctx context.Context, token string) (Grant, error) {
	const op = "auth.refresh"
	var (
		fresh issued
		was   core.RefreshToken
	)
	err := s.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		var err error
		if was, err = tx.Refreshes().ByToken(ctx, token); err != nil {
			return err
		}
		now := tx.Now()
		switch {
		case !was.RevokedAt.IsZero(), !now.Before(was.ExpiresAt), !now.Before(was.CreatedAt.Add(refreshIdle)):
			return core.E(core.CodeUnauthenticated, op, "error.session.expired", nil)
		case !was.UsedAt.IsZero():
			return errReused
		}
		if err := tx.Refreshes().Use(ctx, token, now); err != nil {
			return err
		}
		c, err := tx.Citizens().Get(ctx, was.CitizenID)
		if err != nil {
			return err
		}
		fresh, err = s.next(ctx, tx, c, was.FamilyID, was.ExpiresAt)
		return err
	})
	switch {
	case errors.Is(err, errReused), core.IsCode(err, core.CodeConflict):
		if err := s.end(ctx, was.FamilyID); err != nil {
			return Grant{}, err
		}
		return Grant{}, core.E(core.CodeUnauthenticated, op, "error.session.expired", errReused)
	case core.IsCode(err, core.CodeNotFound):
		return Grant{}, core.E(core.CodeUnauthenticated, op, "", err)
	case err != nil:
		return Grant{}, err
	}
	return s.grant(fresh)
}

// SignOut ends the family of a refresh token. An unknown token is no error: the
// session is over either way.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	var was core.RefreshToken
	err := s.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		was, err = tx.Refreshes().ByToken(ctx, token)
		return err
	})
	if core.IsCode(err, core.CodeNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, was.FamilyID)
}

func (s *Sessions) end(ctx context.Context, family core.ID) error {
	err := s.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		return tx.Refreshes().RevokeFamily(ctx, family, tx.Now())
	})
	if err == nil {
		s.ended(ctx, family)
	}
	return err
}

// issued is a session that is committed and not yet signed.
type issued struct {
	citizen core.Citizen
	family  core.ID
	refresh string
	expires time.Time
}

func (s *Sessions) newFamily(ctx context.Context, tx core.Tx, c core.Citizen) (issued, error) {
	return s.next(ctx, tx, c, core.NewID(tx.Now()), tx.Now().Add(refreshLife))
}

// next stores one more refresh token of a family, whose end stays.
func (s *Sessions) next(ctx context.Context, tx core.Tx, c core.Citizen, family core.ID, expires time.Time) (issued, error) {
	var b [32]byte
	if _, err := io.ReadFull(s.random, b[:]); err != nil {
		return issued{}, core.E(core.CodeInternal, "auth.refresh_token", "", err)
	}
	token := base64.RawURLEncoding.EncodeToString(b[:])
	r := core.RefreshToken{FamilyID: family, CitizenID: c.ID, CreatedAt: tx.Now(), ExpiresAt: expires}
	return issued{c, family, token, expires}, tx.Refreshes().Insert(ctx, token, r)
}

func (s *Sessions) grant(i issued) (Grant, error) {
	a := core.Actor{Kind: core.ActorCitizen, ID: i.citizen.ID, Session: i.family, Assurance: i.citizen.Assurance}
	token, expires, err := s.tokens.Issue(a, AudienceApp, false)
	return Grant{
		Access: token, AccessExpires: expires, Refresh: i.refresh, RefreshExpires: i.expires,
		CitizenID: i.citizen.ID, Assurance: i.citizen.Assurance,
	}, err
}
