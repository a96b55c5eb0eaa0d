package auth_test

import (
	"context"
	"crypto/ed25519"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
)

func TestEnrolmentCodeWorksOnceForAnHour(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	public, private, _ := ed25519.GenerateKey(nil)
	_, other, _ := ed25519.GenerateKey(nil)
	newCode := func() string {
		code, _, err := h.Terminals.NewEnrolment(ctx, doortest.WardSaiGon, "quầy 3")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	enrol := func(code string, by ed25519.PrivateKey) error {
		_, err := h.Terminals.Enrol(ctx, code, public, ed25519.Sign(by, auth.EnrolMessage(code)))
		return err
	}
	code := newCode()
	if err := enrol(code, other); core.ErrorKey(err) != "error.kiosk.enrolment" {
		t.Errorf("without the key: %v", err)
	}
	if err := enrol("ABCDEFGH12345678", private); core.ErrorKey(err) != "error.kiosk.enrolment" {
		t.Errorf("a code nobody made: %v", err)
	}
	if err := enrol("short", private); core.ErrorKey(err) != "error.kiosk.enrolment" {
		t.Errorf("no code at all: %v", err)
	}
	var good atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if enrol(code, private) == nil {
				good.Add(1)
			}
		})
	}
	wg.Wait()
	if good.Load() != 1 {
		t.Fatalf("one code enrolled %d terminals", good.Load())
	}
	late := newCode()
	h.Clock.Add(auth.EnrolmentLife)
	if err := enrol(late, private); core.ErrorKey(err) != "error.kiosk.enrolment" {
		t.Errorf("after an hour: %v", err)
	}
}

func TestTerminalTokens(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	k, second := h.Enrol(doortest.WardSaiGon), h.Enrol(doortest.WardTanDinh)
	now := h.Clock.Now().Truncate(time.Second)
	sign := func(change func(header map[string]any, c jwt.MapClaims)) string {
		j := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
			"iss": string(k.Info.ID), "sub": string(k.Info.ID), "aud": "motcua-terminal", "jti": "1",
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		})
		j.Header["typ"], j.Header["kid"] = "terminal+jwt", string(k.Info.ID)
		change(j.Header, j.Claims.(jwt.MapClaims))
		s, err := j.SignedString(k.Key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	good := sign(func(map[string]any, jwt.MapClaims) {})
	if a, err := h.Terminals.Authenticate(t.Context(), "Bearer "+good, ""); err != nil || a.ID != k.Info.ID || a.Office != doortest.WardSaiGon {
		t.Fatalf("Authenticate = %+v, %v", a, err)
	}
	access, _, _ := h.Tokens.Issue(core.Actor{Kind: core.ActorKiosk, ID: k.Info.ID}, auth.AudienceTerminal, false)
	for name, token := range map[string]string{
		"ErrServerSigned":  access,
		"ErrOtherKid":      sign(func(h map[string]any, _ jwt.MapClaims) { h["kid"] = string(second.Info.ID) }),
		"ErrUnknownKid":    sign(func(h map[string]any, _ jwt.MapClaims) { h["kid"] = string(core.NewID(now)) }),
		"ErrMalformedKid":  sign(func(h map[string]any, _ jwt.MapClaims) { h["kid"] = "../key" }),
		"ErrOtherIssuer":   sign(func(_ map[string]any, c jwt.MapClaims) { c["iss"] = string(second.Info.ID) }),
		"ErrOtherSubject":  sign(func(_ map[string]any, c jwt.MapClaims) { c["sub"] = string(second.Info.ID) }),
		"ErrOtherAudience": sign(func(_ map[string]any, c jwt.MapClaims) { c["aud"] = "motcua-app" }),
		"ErrNoID":          sign(func(_ map[string]any, c jwt.MapClaims) { delete(c, "jti") }),
		"ErrNoExp":         sign(func(_ map[string]any, c jwt.MapClaims) { delete(c, "exp") }),
		"ErrLongLife":      sign(func(_ map[string]any, c jwt.MapClaims) { c["exp"] = now.Add(2 * time.Minute).Unix() }),
		"ErrOld": sign(func(_ map[string]any, c jwt.MapClaims) {
			c["iat"], c["nbf"], c["exp"] = now.Add(-2*time.Minute).Unix(), now.Add(-2*time.Minute).Unix(), now.Add(-time.Minute).Unix()
		}),
		"ErrFromTheFuture": sign(func(_ map[string]any, c jwt.MapClaims) {
			c["iat"], c["nbf"], c["exp"] = now.Add(time.Minute).Unix(), now.Add(time.Minute).Unix(), now.Add(2*time.Minute).Unix()
		}),
	} {
		if a, err := h.Terminals.Authenticate(t.Context(), "Bearer "+token, ""); !core.IsCode(err, core.CodeUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	if err := h.Terminals.Revoke(t.Context(), k.Info.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Terminals.Authenticate(t.Context(), "Bearer "+good, ""); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Errorf("a revoked terminal: %v", err)
	}
}

func TestTerminalSessionEnds(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	k, other := h.Enrol(doortest.WardSaiGon), h.Enrol(doortest.WardSaiGon)
	a := core.Actor{Kind: core.ActorKiosk, ID: k.Info.ID}
	begin := func() core.Actor {
		s := a
		if err := h.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			session, err := h.Terminals.StartSession(ctx, tx, a, "vi")
			s.Session = session.ID
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	open := func(a core.Actor) bool {
		err := h.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
			_, err := h.Terminals.Session(ctx, tx, a)
			return err
		})
		if err != nil && core.ErrorKey(err) != "error.kiosk.session" {
			t.Fatal(err)
		}
		return err == nil
	}
	touch := func(a core.Actor) error {
		return h.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			_, err := h.Terminals.Touch(ctx, tx, a)
			return err
		})
	}
	first := begin()
	h.Clock.Add(65*time.Second - time.Microsecond)
	if !open(first) {
		t.Error("over before 65 seconds")
	}
	h.Clock.Add(time.Microsecond)
	if open(first) || touch(first) == nil {
		t.Error("open after 65 idle seconds, or woken by a touch")
	}

	second := begin()
	touched := 0
	for open(second) && touched < 100 {
		h.Clock.Add(60 * time.Second)
		if touch(second) == nil {
			touched++
		}
	}
	if touched != 14 {
		t.Errorf("touched every minute it lived for %d minutes, want 15 in all", touched+1)
	}

	third := begin()
	stolen := third
	stolen.ID = other.Info.ID
	if open(stolen) {
		t.Error("another terminal uses the session")
	}
	fourth := begin()
	if open(third) || !open(fourth) {
		t.Error("two sessions at one terminal")
	}
	if open(core.Actor{Kind: core.ActorKiosk, ID: k.Info.ID, Session: "x"}) {
		t.Error("a malformed session id")
	}
}
