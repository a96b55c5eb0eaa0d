package auth_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
)

// fakeClock is a clock that tests set.
type fakeClock struct{ now time.Time }

func (c *fakeClock) Now() time.Time          { return c.now }
func (c *fakeClock) advance(d time.Duration) { c.now = c.now.Add(d) }

var start = time.Date(2026, 3, 12, 2, 14, 0, 0, time.UTC)

func testSealer(seed string) core.Sealer {
	return core.Sealer{Derive: func(purpose string) []byte {
		sum := sha256.Sum256([]byte(seed + "|" + purpose))
		return sum[:]
	}}
}

func newTokens(t *testing.T, opts auth.TokenOptions) (*auth.Tokens, *fakeClock, core.Actor) {
	t.Helper()
	clock := &fakeClock{now: start}
	a := core.Actor{Kind: core.ActorCitizen, ID: core.NewID(start), Session: core.NewID(start), Assurance: core.AssuranceAddress}
	return auth.NewTokens(testSealer("one"), clock, opts), clock, a
}

func TestAccessTokenOK(t *testing.T) {
	t.Parallel()
	tokens, clock, a := newTokens(t, auth.TokenOptions{})
	token, expires, err := tokens.Issue(a, auth.AudienceApp, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := expires.Sub(start); got > 10*time.Minute {
		t.Fatalf("lives %v, more than ten minutes", got)
	}
	got, err := tokens.Verify(token, auth.AudienceApp)
	if err != nil || got != a {
		t.Fatalf("Verify = %+v, %v; want %+v", got, err, a)
	}
	clock.now = expires.Add(-time.Nanosecond)
	if _, err := tokens.Verify(token, auth.AudienceApp); err != nil {
		t.Fatalf("refused in its last nanosecond: %v", err)
	}
	clock.now = expires
	if _, err := tokens.Verify(token, auth.AudienceApp); core.ErrorKey(err) != "error.session.expired" {
		t.Fatalf("at its end: %v", err)
	}
}

// A cached verdict must not outlive the token, open another door, or survive a
// revocation.
func TestCachedTokenIsNotBelievedTooLong(t *testing.T) {
	t.Parallel()
	tokens, clock, a := newTokens(t, auth.TokenOptions{})
	token, expires, _ := tokens.Issue(a, auth.AudienceApp, false)
	clock.now = expires.Add(-time.Second)
	if _, err := tokens.Verify(token, auth.AudienceApp); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(token, auth.AudienceDesk); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("opened the desk: %v", err)
	}
	clock.advance(time.Second)
	if _, err := tokens.Verify(token, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("the cache outlived the token: %v", err)
	}
	clock.now = start
	if _, err := tokens.Verify(token, auth.AudienceApp); err != nil {
		t.Fatal(err)
	}
	tokens.Revoke(a.Session)
	if _, err := tokens.Verify(token, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("a revoked session goes on: %v", err)
	}
}

// TestMutatedTokens changes one thing of a good token at a time.
func TestMutatedTokens(t *testing.T) {
	t.Parallel()
	tokens, _, a := newTokens(t, auth.TokenOptions{Issuer: "https://motcua.test"})
	kid := ""
	for k := range tokens.PublicKeys(start) {
		kid = max(kid, k)
	}
	key := ed25519.NewKeyFromSeed(testSealer("one").Derive("auth.jwt." + kid))
	good := func() (map[string]any, jwt.MapClaims) {
		return map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": kid}, jwt.MapClaims{
			"iss": "https://motcua.test", "aud": "motcua-app", "sub": string(a.ID), "kind": "citizen", "lvl": 1,
			"iat": start.Unix(), "nbf": start.Unix(), "exp": start.Add(10 * time.Minute).Unix(),
		}
	}
	sign := func(t *testing.T, h map[string]any, c jwt.MapClaims, with any, m jwt.SigningMethod) string {
		t.Helper()
		j := &jwt.Token{Header: h, Claims: c, Method: m}
		s, err := j.SignedString(with)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("OK", func(t *testing.T) {
		t.Parallel()
		h, c := good()
		if _, err := tokens.Verify(sign(t, h, c, key, jwt.SigningMethodEdDSA), auth.AudienceApp); err != nil {
			t.Fatalf("the unchanged token was refused, so the others prove nothing: %v", err)
		}
	})
	for name, change := range map[string]func(h map[string]any, c jwt.MapClaims){
		"ErrNoExp":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "exp") },
		"ErrNoNbf":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "nbf") },
		"ErrNoIat":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "iat") },
		"ErrNoIss":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "iss") },
		"ErrNoAud":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "aud") },
		"ErrNoSub":       func(_ map[string]any, c jwt.MapClaims) { delete(c, "sub") },
		"ErrExpired":     func(_ map[string]any, c jwt.MapClaims) { c["exp"] = start.Unix() },
		"ErrFutureNbf":   func(_ map[string]any, c jwt.MapClaims) { c["nbf"] = start.Unix() + 1 },
		"ErrFutureIat":   func(_ map[string]any, c jwt.MapClaims) { c["iat"] = start.Unix() + 60 },
		"ErrTooLong":     func(_ map[string]any, c jwt.MapClaims) { c["exp"] = start.Add(10*time.Minute + time.Second).Unix() },
		"ErrOtherIss":    func(_ map[string]any, c jwt.MapClaims) { c["iss"] = "https://motcua.test/" },
		"ErrOtherAud":    func(_ map[string]any, c jwt.MapClaims) { c["aud"] = "motcua-desk" },
		"ErrTwoAuds":     func(_ map[string]any, c jwt.MapClaims) { c["aud"] = []string{"motcua-app", "motcua-desk"} },
		"ErrExpAsText":   func(_ map[string]any, c jwt.MapClaims) { c["exp"] = "soon" },
		"ErrSubNoID":     func(_ map[string]any, c jwt.MapClaims) { c["sub"] = "' OR 1=1" },
		"ErrNoTyp":       func(h map[string]any, _ jwt.MapClaims) { delete(h, "typ") },
		"ErrOtherTyp":    func(h map[string]any, _ jwt.MapClaims) { h["typ"] = "JWT" },
		"ErrTerminalTyp": func(h map[string]any, _ jwt.MapClaims) { h["typ"] = "terminal+jwt" },
		"ErrNoKid":       func(h map[string]any, _ jwt.MapClaims) { delete(h, "kid") },
		"ErrOtherKid":    func(h map[string]any, _ jwt.MapClaims) { h["kid"] = "0-1" },
		"ErrKidPath":     func(h map[string]any, _ jwt.MapClaims) { h["kid"] = "../../etc/passwd" },
		"ErrKidNumber":   func(h map[string]any, _ jwt.MapClaims) { h["kid"] = 7 },
		"ErrJwk":         func(h map[string]any, _ jwt.MapClaims) { h["jwk"] = map[string]any{"kty": "OKP"} },
		"ErrJku":         func(h map[string]any, _ jwt.MapClaims) { h["jku"] = "https://evil.test/keys" },
		"ErrX5u":         func(h map[string]any, _ jwt.MapClaims) { h["x5u"] = "https://evil.test/cert" },
		"ErrCrit":        func(h map[string]any, _ jwt.MapClaims) { h["crit"] = []string{"exp"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, c := good()
			change(h, c)
			if got, err := tokens.Verify(sign(t, h, c, key, jwt.SigningMethodEdDSA), auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
				t.Fatalf("Verify = %+v, %v; want unauthenticated", got, err)
			}
		})
	}
	h, c := good()
	whole := sign(t, h, c, key, jwt.SigningMethodEdDSA)
	part := strings.Split(whole, ".")
	enc := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	_, other, _ := ed25519.GenerateKey(nil)
	hs := map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": kid}
	raised := jwt.MapClaims{}
	for k, v := range c {
		raised[k] = v
	}
	raised["lvl"] = 2
	for name, token := range map[string]string{
		"ErrEmpty":         "",
		"ErrNotAToken":     "aaaa",
		"ErrNone":          enc(map[string]any{"alg": "none", "typ": "at+jwt", "kid": kid}) + "." + part[1] + ".",
		"ErrNoneSigned":    enc(map[string]any{"alg": "none", "typ": "at+jwt", "kid": kid}) + "." + part[1] + "." + part[2],
		"ErrHS256PubKey":   sign(t, hs, c, []byte(key.Public().(ed25519.PublicKey)), jwt.SigningMethodHS256),
		"ErrOtherKey":      sign(t, h, c, other, jwt.SigningMethodEdDSA),
		"ErrNoSignature":   part[0] + "." + part[1] + ".",
		"ErrTwoParts":      part[0] + "." + part[1],
		"ErrRaisedLevel":   part[0] + "." + enc(raised) + "." + part[2],
		"ErrPadding":       whole + "=",
		"ErrTrailing":      whole + ".x",
		"ErrEnormous":      whole + strings.Repeat("A", 1<<16),
		"ErrLowerAlg":      enc(map[string]any{"alg": "eddsa", "typ": "at+jwt", "kid": kid}) + "." + part[1] + "." + part[2],
		"ErrSwappedBodies": part[1] + "." + part[0] + "." + part[2],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := tokens.Verify(token, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
				t.Fatalf("Verify = %+v, %v; want unauthenticated", got, err)
			}
		})
	}
}

func TestSigningKeysRotate(t *testing.T) {
	t.Parallel()
	tokens, clock, a := newTokens(t, auth.TokenOptions{})
	before, _, _ := tokens.Issue(a, auth.AudienceApp, false)
	kids := map[string]bool{}
	for range 3 {
		token, _, err := tokens.Issue(a, auth.AudienceApp, false)
		if err != nil {
			t.Fatal(err)
		}
		h, _, _ := strings.Cut(token, ".")
		kids[h] = true
		if _, err := tokens.Verify(token, auth.AudienceApp); err != nil {
			t.Fatal(err)
		}
		clock.advance(30 * 24 * time.Hour)
	}
	if len(kids) != 3 {
		t.Fatalf("%d signing keys in three periods", len(kids))
	}
	// A token issued in the last minute of a period works in the next one.
	clock.now = time.Unix((start.Unix()/2592000+1)*2592000-60, 0).UTC()
	token, _, _ := tokens.Issue(a, auth.AudienceApp, false)
	clock.advance(5 * time.Minute)
	if _, err := tokens.Verify(token, auth.AudienceApp); err != nil {
		t.Fatalf("the change of keys ended a session: %v", err)
	}
	// A new generation ends everything at once.
	next := auth.NewTokens(testSealer("one"), &fakeClock{now: start}, auth.TokenOptions{Generation: 1})
	if _, err := next.Verify(before, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("a token of the old generation: %v", err)
	}
}

func TestOfficerTokensAreForDevelopment(t *testing.T) {
	t.Parallel()
	dev, _, a := newTokens(t, auth.TokenOptions{})
	token, _, err := dev.MintOfficer(auth.Officer{ID: a.ID, Office: "26734", Name: "Trần Văn Bình"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := dev.Verify(token, auth.AudienceDesk)
	if err != nil || got.Kind != core.ActorOfficer || got.Office != "26734" {
		t.Fatalf("Verify = %+v, %v", got, err)
	}
	prod, _, _ := newTokens(t, auth.TokenOptions{Production: true})
	if _, err := prod.Verify(token, auth.AudienceDesk); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("production took a development token: %v", err)
	}
	if _, _, err := prod.MintOfficer(auth.Officer{ID: a.ID, Office: "*"}); !core.IsCode(err, core.CodeDenied) {
		t.Fatalf("production minted an officer: %v", err)
	}
	if _, _, err := dev.MintOfficer(auth.Officer{ID: a.ID, Office: "*", Kind: core.ActorCitizen}); !core.IsCode(err, core.CodeInvalid) {
		t.Fatalf("minted a citizen at the desk: %v", err)
	}
}
