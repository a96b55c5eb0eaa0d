package app

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/shared"
)

func startRedis(t *testing.T) *devsvc.Redis {
	t.Helper()
	r, err := devsvc.StartRedis(t.Context(), devsvc.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// A sign-out on one node ends the access tokens on another at once, and with
// Redis lost it still does so on its own.
func TestSignOutReachesOtherNodes(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	p := start(t, "MOTCUA_REDIS_URL="+redis.URL())
	other, err := shared.OpenRedis(redis.URL(), "motcua:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	session := func() (access, refresh string) {
		var g struct {
			Tokens struct{ AccessToken, RefreshToken string }
		}
		p.json("/motcua.mobile.v1.SessionService/StartAnonymous", nil, map[string]any{}, &g)
		return g.Tokens.AccessToken, g.Tokens.RefreshToken
	}
	works := func(access string) bool {
		r := p.do("POST", p.URL()+"/motcua.mobile.v1.DossierService/ListDossiers",
			map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + access}, "{}")
		if r.status != http.StatusOK && r.status != http.StatusUnauthorized {
			t.Fatalf("%d %s", r.status, r.body)
		}
		return r.status == http.StatusOK
	}
	access, _ := session()
	if !works(access) {
		t.Fatal("a new session does not work")
	}
	actor, err := p.Tokens.Verify(access, "motcua-app")
	if err != nil {
		t.Fatal(err)
	}
	p.eventually("signed out by the other node", func() bool {
		if err := other.Publish(t.Context(), topicSessionEnded, []byte(actor.Session)); err != nil {
			t.Fatal(err)
		}
		return !works(access)
	})
	if err := other.Publish(t.Context(), topicSessionEnded, []byte("no id \x00")); err != nil {
		t.Fatal(err)
	}
	redis.Kill9()
	access, refresh := session()
	if !works(access) {
		t.Fatal("without Redis a new session does not work")
	}
	p.must("/motcua.mobile.v1.SessionService/SignOut", nil, map[string]any{"refreshToken": refresh})
	if works(access) {
		t.Error("without Redis a sign-out ends nothing")
	}
}

// Who asks for a person hears whether an officer is at work and how many wait.
func TestOfficersOnDuty(t *testing.T) {
	t.Parallel()
	p := start(t)
	ask := func(person string) string {
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": person, "text": "cán bộ"})
	}
	p.openOffice()
	if got := ask("một"); !strings.Contains(got, "chưa có cán bộ ngồi máy") || strings.Contains(got, "người chờ") {
		t.Errorf("nobody is there: %s", got)
	}
	var tokens struct{ Officer string }
	p.json("/sim/tokens", nil, map[string]any{}, &tokens)
	p.must("/motcua.agency.v1.DossierService/Inbox", map[string]string{"Authorization": "Bearer " + tokens.Officer}, map[string]any{})
	if got := ask("hai"); !strings.Contains(got, "Đang có cán bộ trực") || !strings.Contains(got, "Trước bạn có 1 người chờ") {
		t.Errorf("an officer is there: %s", got)
	}
	p.must("/sim/api/v1/clock", nil, map[string]any{"advance": "6m"})
	if got := ask("ba"); !strings.Contains(got, "chưa có cán bộ ngồi máy") || !strings.Contains(got, "Trước bạn có 2 người chờ") {
		t.Errorf("the officer has gone: %s", got)
	}
}

// openOffice moves the simulator's clock on until an officer would be at work for
// some time.
func (p *program) openOffice() {
	p.t.Helper()
	for range 24 * 14 {
		if now := p.clock.Now(); now.In(core.City).Hour() == 9 && p.Catalog.Calendar().Open(now) {
			return
		}
		p.must("/sim/api/v1/clock", nil, map[string]any{"advance": "1h"})
	}
	p.t.Fatal("the office never opens")
}

// While the store is down a status question is answered with what was last known,
// and says so; nothing of a confidential kind is in it.
func TestStatusOfAStoreThatIsDown(t *testing.T) {
	t.Parallel()
	db, err := devsvc.PostgreSQL(t.Context(), devsvc.PGOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	p := start(t, "MOTCUA_DATABASE_URL="+db.URL())
	code := p.fileSingle("đợi kho")
	track := func() reply {
		return p.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"`+strings.ToLower(code)+`"}`)
	}
	var tokens struct{ Officer string }
	p.json("/sim/tokens", nil, map[string]any{}, &tokens)
	p.must("/motcua.agency.v1.DossierService/Accept", map[string]string{"Authorization": "Bearer " + tokens.Officer},
		map[string]any{"code": code, "identityChecked": true})
	p.eventually("remembered", func() bool {
		st, _, ok := p.lastKnown(t.Context(), code)
		return ok && st.State == core.StateAccepted
	})
	fresh := track()
	db.Kill9()
	stale := track()
	asOf := regexp.MustCompile(`"asOf":\s*"[^"]+"`)
	if stale.status != http.StatusOK || !asOf.MatchString(stale.body) || asOf.MatchString(fresh.body) {
		t.Fatalf("with the store: %d %s\nwithout: %d %s", fresh.status, fresh.body, stale.status, stale.body)
	}
	plain := func(r reply) string {
		return strings.ReplaceAll(regexp.MustCompile(`,\s*"asOf":\s*"[^"]*"`).ReplaceAllString(r.body, ""), " ", "")
	}
	if plain(fresh) != plain(stale) {
		t.Errorf("with the store: %s\nwithout: %s", fresh.body, stale.body)
	}
	if r := p.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"H29.26740-260101-0099"}`); r.status != http.StatusServiceUnavailable {
		t.Errorf("an unknown code: %d %s", r.status, r.body)
	}
	if err := db.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.eventually("read again", func() bool { r := track(); return r.status == http.StatusOK && !asOf.MatchString(r.body) })
}

// fileSingle files an application for the paper about marital status in a chat
// and gives its code.
func (p *program) fileSingle(person string) string {
	p.t.Helper()
	var last string
	for _, words := range []string{
		"độc thân", "1", "phường Sài Gòn", "Trần Thị Mai", "079190000012", "12 Lê Lợi, phường Sài Gòn", "1", "4/9/1990", "kinh",
		"1", "2", "vay vốn", "1", "0901234567", "không", "không", "đồng ý",
	} {
		last = p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": person, "text": words})
	}
	code := regexp.MustCompile(`H29\.[0-9]+-[0-9]+-[0-9]+`).FindString(last)
	if code == "" {
		p.t.Fatalf("nothing was filed: %s", last)
	}
	return code
}

// Who waits at an office is told for half an hour after an officer said so, on
// every channel, and then nothing is said of it.
func TestQueueIsKnownForHalfAnHour(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.openOffice()
	people := 0
	ask := func(text string) string {
		people++
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": "người " + strconv.Itoa(people), "text": text})
	}
	find := func() string {
		return p.post("/motcua.mobile.v1.CatalogService/FindOffice", `{"wardCode":"26740"}`).body
	}
	if got := ask("phường Sài Gòn") + find(); strings.Contains(got, "Đang chờ") || strings.Contains(got, "queue") || !strings.Contains(got, "Đang mở cửa đến 11:30") {
		t.Errorf("before anybody said: %s", got)
	}
	var tokens struct{ Officer string }
	p.json("/sim/tokens", nil, map[string]any{}, &tokens)
	p.must("/motcua.agency.v1.CounterService/ReportQueue", map[string]string{"Authorization": "Bearer " + tokens.Officer},
		map[string]any{"waiting": 7, "office": "26740"})
	for _, advance := range []string{"", "29m"} {
		if advance != "" {
			p.must("/sim/api/v1/clock", nil, map[string]any{"advance": advance})
		}
		if got := ask("phường Sài Gòn"); !strings.Contains(got, "Đang chờ: 7 người (lúc 09:") {
			t.Errorf("after %s: %s", advance, got)
		}
		if got := find(); !strings.Contains(got, "queue") {
			t.Errorf("in the app after %s: %s", advance, got)
		}
	}
	p.must("/sim/api/v1/clock", nil, map[string]any{"advance": "2m"})
	if got := ask("phường Sài Gòn") + find(); strings.Contains(got, "Đang chờ") || strings.Contains(got, "queue") {
		t.Errorf("after half an hour: %s", got)
	}
}
