package app

import (
	"fmt"
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

// Who goes through the codes of a day is stopped after twenty that do not exist,
// for real ones too; another address is not, and the proxy's word on addresses
// counts only for who is a trusted proxy.
func TestMissesAreLimited(t *testing.T) {
	t.Parallel()
	p := start(t, "MOTCUA_TRUSTED_PROXIES=127.0.0.1")
	track := func(from string, n int) reply {
		return p.do("POST", p.URL()+"/motcua.mobile.v1.DossierService/TrackDossier",
			map[string]string{"Content-Type": "application/json", "X-Forwarded-For": from}, fmt.Sprintf(`{"code":"H29.26740-261102-%04d"}`, n))
	}
	missed := 0
	for n := range 40 {
		switch r := track("203.0.113.7", n+1); {
		case r.status == http.StatusNotFound:
			missed++
		case r.status != http.StatusTooManyRequests || !strings.Contains(r.body, "error.rate_limited"):
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if missed != 20 {
		t.Errorf("%d codes were looked up in vain, want 20", missed)
	}
	if r := track("203.0.113.8", 1); r.status != http.StatusNotFound {
		t.Errorf("another address: %d %s", r.status, r.body)
	}
	// One customer of IPv6 has a /64.
	for n := range 20 {
		track(fmt.Sprintf("2001:db8::%d", n+1), n+1)
	}
	if r := track("2001:db8::ffff", 1); r.status != http.StatusTooManyRequests {
		t.Errorf("another address of the same customer: %d", r.status)
	}
	// Without a trusted proxy the header says nothing.
	q := start(t)
	for n := range 20 {
		q.do("POST", q.URL()+"/motcua.mobile.v1.DossierService/TrackDossier",
			map[string]string{"Content-Type": "application/json", "X-Forwarded-For": fmt.Sprintf("203.0.113.%d", n)}, `{"code":"H29.26740-261102-0001"}`)
	}
	r := q.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"H29.26740-261102-0001"}`)
	if r.status != http.StatusTooManyRequests {
		t.Errorf("who forges the header is not stopped: %d", r.status)
	}
}

// Who goes through codes at a kiosk is stopped like in the app: a real code is not told
// there until the time has passed. Another person's app goes on.
func TestMissesAtAKioskAreLimited(t *testing.T) {
	t.Parallel()
	p := start(t)
	code := p.fileSingle("có hồ sơ")
	track := func(code string) reply {
		var tokens struct{ Kiosk string }
		p.json("/sim/tokens", nil, map[string]any{}, &tokens)
		return p.do("POST", p.URL()+"/motcua.kiosk.v1.LookUpService/TrackDossier",
			map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + tokens.Kiosk}, `{"code":"`+code+`"}`)
	}
	missed := 0
	for n := range 30 {
		switch r := track(fmt.Sprintf("H29.26740-261102-%04d", 1000+n)); {
		case r.status == http.StatusNotFound:
			missed++
		case r.status != http.StatusTooManyRequests || !strings.Contains(r.body, "error.rate_limited"):
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if missed < 20 || missed > 24 { // one more is allowed after each ten seconds
		t.Errorf("%d codes were looked up in vain, want 20", missed)
	}
	if r := track(code); r.status != http.StatusTooManyRequests || strings.Contains(r.body, "submitted") {
		t.Errorf("a real code is told: %d %s", r.status, r.body)
	}
	if r := p.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"`+code+`"}`); r.status != http.StatusOK {
		t.Errorf("the app: %d %s", r.status, r.body)
	}
	p.must("/sim/api/v1/clock", nil, map[string]any{"advance": "1m"})
	if r := track(code); r.status != http.StatusOK || !strings.Contains(r.body, "submitted") {
		t.Errorf("after a minute: %d %s", r.status, r.body)
	}
}

// Who goes through codes in a chat is stopped like in the app: a real code is not
// told either until the time that is said.
func TestMissesInAChatAreLimited(t *testing.T) {
	t.Parallel()
	p := start(t)
	code := p.fileSingle("có hồ sơ")
	ask := func(person, text string) string {
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": person, "text": text})
	}
	missed := 0
	for n := range 30 {
		switch got := ask("thợ dò", fmt.Sprintf("hồ sơ H29.26740-261102-%04d sao rồi", 1000+n)); {
		case strings.Contains(got, "Không tìm thấy hồ sơ"):
			missed++
		case !strings.Contains(got, "thử lại sau"):
			t.Fatalf("%s", got)
		}
	}
	if missed < 20 || missed > 24 { // one more is allowed after each ten seconds
		t.Errorf("%d codes were looked up in vain, want 20", missed)
	}
	if got := ask("thợ dò", code); strings.Contains(got, "Mới nộp") || !strings.Contains(got, "thử lại sau") {
		t.Errorf("a real code is told: %s", got)
	}
	if got := ask("người khác", code); !strings.Contains(got, "Mới nộp") {
		t.Errorf("somebody else: %s", got)
	}
	p.must("/sim/api/v1/clock", nil, map[string]any{"advance": "1m"})
	if got := ask("thợ dò", code); !strings.Contains(got, "Mới nộp") {
		t.Errorf("after the time that was said: %s", got)
	}
}
