package app

import (
	"net/http"
	"strings"
	"testing"
)

// Guessing a code is slowed down after twenty tries; looking things up is not.
func TestGuessesAreLimited(t *testing.T) {
	t.Parallel()
	p := start(t)
	const verify = "/motcua.mobile.v1.SessionService/VerifyCode"
	guess := `{"challengeId":"01a205a0-0000-7000-8000-000000000000","code":"123456"}`
	limited := 0
	for range 40 {
		r := p.post(verify, guess)
		switch {
		case r.status == http.StatusTooManyRequests && strings.Contains(r.body, "resource_exhausted"):
			limited++
		case r.status >= 500:
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if limited < 15 || limited > 20 {
		t.Errorf("%d of 40 guesses were refused for their number, want about 20", limited)
	}
	for range 60 {
		if r := p.post("/motcua.mobile.v1.CatalogService/SearchProcedures", `{"query":"khai sinh"}`); r.status != http.StatusOK {
			t.Fatalf("a look-up: %d %s", r.status, r.body)
		}
	}
}
