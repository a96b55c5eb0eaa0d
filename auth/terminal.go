package auth

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

// Times of terminals.
const (
	EnrolmentLife = time.Hour
	// TerminalWarn is when a terminal asks whether somebody is there, and
	// TerminalIdle when the session is over without a touch.
	TerminalWarn = 45 * time.Second
	TerminalIdle = TerminalWarn + 20*time.Second
	// TerminalSessionLife is when a session is over in any case.
	TerminalSessionLife = 15 * time.Minute
	// TerminalTokenLife is the longest a token signed by a terminal may live, and
	// terminalSkew how far its clock may be off.
	TerminalTokenLife = time.Minute
	terminalSkew      = 30 * time.Second
)

// EnrolMessage is what a terminal signs with its new key to show that it holds
// it.
func EnrolMessage(code string) []byte { return []byte("motcua-enrol:" + code) }

// Terminals enrols terminals, knows them by their signatures and keeps one
// citizen apart from the next. It is safe for concurrent use.
type Terminals struct {
	store    core.Store
	clock    core.Clock
	sessions *Sessions
	random   io.Reader

	mu     sync.RWMutex
	kiosks map[core.ID]kioskEntry
}

type kioskEntry struct {
	kiosk core.Kiosk
	until time.Time
}

// NewTerminals makes Terminals. Sessions proves citizens by code.
func NewTerminals(store core.Store, clock core.Clock, sessions *Sessions, random io.Reader) *Terminals {
	return &Terminals{store: store, clock: clock, sessions: sessions, random: random, kiosks: map[core.ID]kioskEntry{}}
}

// NewEnrolment makes a one-time code that enrols a terminal for an office (ward
// code). Operators call it.
func (t *Terminals) NewEnrolment(ctx context.Context, office, label string) (code string, expires time.Time, err error) {
	if code, err = identity.NewLinkToken(t.random); err != nil {
		return "", time.Time{}, err
	}
	err = t.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		now := tx.Now()
		expires = now.Add(EnrolmentLife)
		return tx.Kiosks().InsertEnrolment(ctx, code, core.Enrolment{Office: office, Label: label, CreatedAt: now, ExpiresAt: expires})
	})
	return code, expires, err
}

// Enrol registers a terminal's public key. Proof is its signature of
// EnrolMessage(code), with the code as it was sent. Errors: denied with key
// "error.kiosk.enrolment" for a wrong, used or expired code or proof.
func (t *Terminals) Enrol(ctx context.Context, code string, public ed25519.PublicKey, proof []byte) (core.Kiosk, error) {
	refused := core.E(core.CodeDenied, "auth.enrol", "error.kiosk.enrolment", nil)
	if len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, EnrolMessage(code), proof) {
		return core.Kiosk{}, refused
	}
	code, ok := identity.ParseLinkToken(code)
	if !ok {
		return core.Kiosk{}, refused
	}
	var k core.Kiosk
	err := t.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		e, err := tx.Kiosks().Enrolment(ctx, code)
		if err != nil {
			return err
		}
		now := tx.Now()
		if !e.UsedAt.IsZero() || !now.Before(e.ExpiresAt) {
			return refused
		}
		k = core.Kiosk{ID: core.NewID(now), Office: e.Office, Label: e.Label, PublicKey: slices.Clone(public), EnrolledAt: now, SeenAt: now}
		if err := tx.Kiosks().Insert(ctx, k); err != nil {
			return err
		}
		return tx.Kiosks().UseEnrolment(ctx, code, k.ID, now)
	})
	if core.IsCode(err, core.CodeNotFound) || core.IsCode(err, core.CodeConflict) {
		return core.Kiosk{}, refused
	}
	return k, err
}

// SignTerminalToken makes the token with which a terminal authenticates a
// request. The program that runs on the terminal, the simulator and tests use it.
func SignTerminalToken(key ed25519.PrivateKey, kiosk core.ID, now time.Time) (string, error) {
	now = now.Truncate(time.Second)
	j := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.RegisteredClaims{
		Issuer: string(kiosk), Subject: string(kiosk), Audience: jwt.ClaimStrings{string(AudienceTerminal)},
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(TerminalTokenLife)), ID: string(core.NewID(now)),
	})
	j.Header["typ"], j.Header["kid"] = typeTerminal, string(kiosk)
	token, err := j.SignedString(key)
	if err != nil {
		return "", core.E(core.CodeInternal, "auth.sign_terminal_token", "", err)
	}
	return token, nil
}

// Authenticate gives the terminal behind an Authorization header and, when
// session is not empty, checks that this session of it is open. An empty header
// is the anonymous actor. Errors: unauthenticated.
func (t *Terminals) Authenticate(ctx context.Context, authorization, session string) (core.Actor, error) {
	token, err := Bearer(authorization)
	if err != nil {
		return core.Actor{}, err
	}
	if token == "" {
		return core.Actor{Kind: core.ActorAnonymous}, nil
	}
	k, err := t.verify(ctx, token)
	if err != nil {
		return core.Actor{}, err
	}
	a := core.Actor{Kind: core.ActorKiosk, ID: k.ID, Office: k.Office}
	if session == "" {
		return a, nil
	}
	a.Session = core.ID(session)
	err = t.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		_, err := t.Session(ctx, tx, a)
		return err
	})
	return a, err
}

func (t *Terminals) verify(ctx context.Context, token string) (core.Kiosk, error) {
	const op = "auth.verify_terminal"
	if len(token) > maxToken {
		return core.Kiosk{}, core.Ef(core.CodeUnauthenticated, op, "", "token of %d bytes", len(token))
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithAudience(string(AudienceTerminal)),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(terminalSkew), jwt.WithTimeFunc(t.clock.Now), jwt.WithStrictDecoding(),
	)
	var (
		k core.Kiosk
		c jwt.RegisteredClaims
	)
	_, err := parser.ParseWithClaims(token, &c, func(j *jwt.Token) (any, error) {
		kid, err := header(j, typeTerminal)
		if err != nil {
			return nil, err
		}
		if k, err = t.kiosk(ctx, kid); err != nil {
			return nil, err
		}
		if !k.RevokedAt.IsZero() {
			return nil, errors.New("terminal revoked")
		}
		return ed25519.PublicKey(k.PublicKey), nil
	})
	switch {
	case core.IsCode(unwrapStore(err), core.CodeUnavailable):
		return core.Kiosk{}, unwrapStore(err)
	case err != nil:
		return core.Kiosk{}, core.E(core.CodeUnauthenticated, op, "", err)
	case c.Issuer != string(k.ID) || c.Subject != string(k.ID) || c.ID == "" || len(c.Audience) != 1:
		return core.Kiosk{}, core.Ef(core.CodeUnauthenticated, op, "", "claims do not name the terminal")
	case c.IssuedAt == nil || c.ExpiresAt.Sub(c.IssuedAt.Time) > TerminalTokenLife:
		return core.Kiosk{}, core.Ef(core.CodeUnauthenticated, op, "", "token lives too long")
	}
	return k, nil
}

// unwrapStore finds the store's error inside the parser's.
func unwrapStore(err error) error {
	var e *core.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// kiosk reads a terminal, at most cacheLife old.
func (t *Terminals) kiosk(ctx context.Context, id string) (core.Kiosk, error) {
	if !core.ValidID(id) {
		return core.Kiosk{}, errors.New("malformed key id")
	}
	now := t.clock.Now()
	t.mu.RLock()
	e, ok := t.kiosks[core.ID(id)]
	t.mu.RUnlock()
	if ok && now.Before(e.until) && e.until.Sub(now) <= cacheLife {
		return e.kiosk, nil
	}
	var k core.Kiosk
	err := t.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		k, err = tx.Kiosks().Get(ctx, core.ID(id))
		return err
	})
	if err != nil {
		return core.Kiosk{}, err
	}
	t.mu.Lock()
	t.kiosks[k.ID] = kioskEntry{k, now.Add(cacheLife)}
	t.mu.Unlock()
	return k, nil
}

// StartSession begins a citizen's time at a terminal and ends every session
// before it.
func (t *Terminals) StartSession(ctx context.Context, tx core.Tx, a core.Actor, locale string) (core.TerminalSession, error) {
	now := tx.Now()
	if err := tx.Kiosks().EndSessions(ctx, a.ID, now); err != nil {
		return core.TerminalSession{}, err
	}
	if err := tx.Kiosks().Seen(ctx, a.ID, now); err != nil {
		return core.TerminalSession{}, err
	}
	s := core.TerminalSession{ID: core.NewID(now), KioskID: a.ID, Locale: locale, StartedAt: now, SeenAt: now}
	return s, tx.Kiosks().InsertSession(ctx, s)
}

// Session reads the open session of a. Errors: unauthenticated with key
// "error.kiosk.session" when it is over, idle for TerminalIdle, another
// terminal's or unknown: all the same, so that nothing is learnt.
func (t *Terminals) Session(ctx context.Context, tx core.Tx, a core.Actor) (core.TerminalSession, error) {
	over := core.E(core.CodeUnauthenticated, "auth.terminal_session", "error.kiosk.session", nil)
	if !core.ValidID(string(a.Session)) {
		return core.TerminalSession{}, over
	}
	s, err := tx.Kiosks().Session(ctx, a.Session)
	if core.IsCode(err, core.CodeNotFound) {
		return core.TerminalSession{}, over
	}
	if err != nil {
		return core.TerminalSession{}, err
	}
	if s.KioskID != a.ID || !s.EndedAt.IsZero() || !tx.Now().Before(IdleUntil(s)) {
		return core.TerminalSession{}, over
	}
	return s, nil
}

// IdleUntil is when a session is over if nothing more happens.
func IdleUntil(s core.TerminalSession) time.Time {
	idle, end := s.SeenAt.Add(TerminalIdle), s.StartedAt.Add(TerminalSessionLife)
	if end.Before(idle) {
		return end
	}
	return idle
}

// Touch reads the open session of a and puts its idle end off. Every act of the
// citizen touches.
func (t *Terminals) Touch(ctx context.Context, tx core.Tx, a core.Actor) (core.TerminalSession, error) {
	s, err := t.Session(ctx, tx, a)
	if err != nil {
		return core.TerminalSession{}, err
	}
	s.SeenAt = tx.Now()
	return s, tx.Kiosks().SaveSession(ctx, s)
}

// EndSession ends the session of a; one that is over already is no error.
func (t *Terminals) EndSession(ctx context.Context, tx core.Tx, a core.Actor) error {
	return tx.Kiosks().EndSessions(ctx, a.ID, tx.Now())
}

// Citizen gives the citizen of a session, making one that nobody knows when it
// has none yet. The caller saves s.
func (t *Terminals) Citizen(ctx context.Context, tx core.Tx, s *core.TerminalSession) (core.Citizen, error) {
	if s.CitizenID != "" {
		return tx.Citizens().Get(ctx, s.CitizenID)
	}
	c, err := NewAnonymous(ctx, tx)
	s.CitizenID = c.ID
	return c, err
}

// RequestCode sends a code to a phone from a terminal.
func (t *Terminals) RequestCode(ctx context.Context, phone string) (core.Challenge, error) {
	return t.sessions.requestCode(ctx, phone, PurposeTerminalLogin)
}

// VerifyCode proves the phone of a challenge in a session: from then on the
// session is that citizen's. Errors as of Sessions.VerifyCode.
func (t *Terminals) VerifyCode(ctx context.Context, a core.Actor, challenge core.ID, code string) (core.Citizen, error) {
	var (
		citizen core.Citizen
		verdict *core.Error
	)
	err := t.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		s, err := t.Touch(ctx, tx, a)
		if err != nil {
			return err
		}
		phone, no, err := t.sessions.codes.try(ctx, tx, challenge, PurposeTerminalLogin, code)
		if verdict = no; err != nil || no != nil {
			return err
		}
		anonymous := core.ID("")
		if s.CitizenID != "" {
			before, err := tx.Citizens().Get(ctx, s.CitizenID)
			if err != nil {
				return err
			}
			if before.Assurance == core.AssuranceNone {
				anonymous = before.ID
			}
		}
		if citizen, err = t.sessions.prove(ctx, tx, anonymous, phone); err != nil {
			return err
		}
		if s.CitizenID != citizen.ID {
			s.CitizenID = citizen.ID
			if anonymous == "" { // another person: what the first one opened is theirs
				s.DraftID = ""
			}
		}
		return tx.Kiosks().SaveSession(ctx, s)
	})
	return citizen, codeError(err, verdict)
}

// List shows the enrolled terminals.
func (t *Terminals) List(ctx context.Context, limit int) (ks []core.Kiosk, err error) {
	err = t.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		ks, err = tx.Kiosks().List(ctx, limit)
		return err
	})
	return ks, err
}

// Revoke ends a terminal's rights at once on this node and within cacheLife on
// others. Errors: not_found.
func (t *Terminals) Revoke(ctx context.Context, id core.ID) error {
	err := t.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Kiosks().EndSessions(ctx, id, tx.Now()); err != nil {
			return err
		}
		return tx.Kiosks().Revoke(ctx, id, tx.Now())
	})
	t.mu.Lock()
	delete(t.kiosks, id)
	t.mu.Unlock()
	return err
}

// SessionHeader names the terminal session of a request.
const SessionHeader = "Motcua-Session"
