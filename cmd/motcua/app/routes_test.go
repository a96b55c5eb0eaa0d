package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
)

// What is served and what the policy table has a row for are the same.
func TestRoutesAreThePolicy(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	var rows []string
	development := 0
	for _, op := range p.policy.Ops() {
		if strings.HasPrefix(op, "dialog.") {
			continue // the Gateway asks for these
		}
		rows = append(rows, op)
		if r, _ := p.policy.Row(op); r.Development {
			development++
		}
	}
	for _, op := range rows {
		if !slices.Contains(p.served, op) {
			t.Errorf("%s has a row and is not served", op)
		}
	}
	for _, op := range p.served {
		if !slices.Contains(rows, op) {
			t.Errorf("%s is served without a row", op)
		}
	}
	if len(rows) < 60 || development < 5 {
		t.Errorf("only %d rows, %d of them of the simulator", len(rows), development)
	}
	// Production serves everything but what is for development.
	production := newProgram(t, "MOTCUA_ENV=production", "MOTCUA_PUBLIC_URL=https://motcua.example.vn")
	if n := len(rows) - len(production.served); n != development {
		t.Errorf("production lacks %d operations, %d are for development", n, development)
	}
}

func TestRoutesRefuse(t *testing.T) {
	t.Parallel()
	policy := auth.NewPolicy()
	nothing := http.NotFoundHandler()
	for name, c := range map[string]struct {
		reached    core.ActorKind
		production bool
		ops        []string
		want       string
	}{
		"no row":                         {core.ActorAnonymous, false, []string{"GET /u/{token}", "GET /u/{token}/all"}, `"GET /u/{token}/all" has no row`},
		"another method":                 {core.ActorAnonymous, false, []string{"DELETE /u/{token}"}, "has no row"},
		"an RPC as a route":              {core.ActorAnonymous, false, []string{"/motcua.agency.v1.DossierService/Inbox"}, "is not for a caller who is anonymous"},
		"profiles in public":             {core.ActorAnonymous, false, []string{"GET /debug/pprof/"}, "is not for a caller who is anonymous"},
		"a page for operators":           {core.ActorOperator, false, []string{"GET /u/{token}"}, "is not for a caller who is operator"},
		"the simulator in production":    {core.ActorAnonymous, true, []string{"POST /sim/tokens"}, "is for development only"},
		"twice":                          {core.ActorAnonymous, false, []string{"GET /u/{token}", "GET /u/{token}"}, "is mounted twice"},
		"the simulator on a workstation": {core.ActorAnonymous, false, []string{"POST /sim/tokens"}, ""},
	} {
		r := newRoutes(policy, c.reached, c.production)
		for _, op := range c.ops {
			r.Handle(op, nothing)
		}
		err := r.err()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A row of an RPC that no service has is a mistake too.
	r := newRoutes(policy, core.ActorAnonymous, false)
	r.rpcs(http.NewServeMux())
	if err := r.err(); err == nil || !strings.Contains(err.Error(), "has a row and no service") {
		t.Errorf("rows without services: %v", err)
	}
}

// deadlines is a connection that notes which deadlines it gets.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

func TestRowsBound(t *testing.T) {
	t.Parallel()
	policy := auth.NewPolicy()
	server := &http.Server{ReadTimeout: time.Minute}
	for _, op := range []string{"POST /u/{token}/remove", "POST /u/{token}", "POST /webhooks/{channel}/{account}", "POST /sim/api/v1/photo"} {
		row, ok := policy.Row(op)
		if !ok {
			t.Fatal(op)
		}
		for _, extra := range []int{0, 1} {
			w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
			start := time.Now()
			bounded(row, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				end, ok := r.Context().Deadline()
				if left := end.Sub(start); !ok || left < row.Deadline || left > row.Deadline+time.Minute {
					t.Errorf("%s: %s to work, the row says %s", op, left, row.Deadline)
				}
				n, err := io.Copy(io.Discard, r.Body)
				var large *http.MaxBytesError
				if extra == 0 && (err != nil || n != int64(row.MaxBody)) || extra > 0 && !errors.As(err, &large) {
					t.Errorf("%s: %d of %d bytes: %v", op, n, row.MaxBody+extra, err)
				}
			})).ServeHTTP(w, httptest.NewRequest("POST", "/", io.LimitReader(zeros{}, int64(row.MaxBody+extra))).
				WithContext(context.WithValue(t.Context(), http.ServerContextKey, server)))
			if more := row.Deadline > server.ReadTimeout; more != !w.read.IsZero() || more && w.write.Sub(w.read) != answerTime {
				t.Errorf("%s with %s: the connection's deadlines are %s and %s", op, row.Deadline, w.read, w.write)
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// Each listener serves its own and nothing of the other's.
func TestListeners(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/symbol", "/debug/pprof/goroutine?debug=1"} {
		if r := p.get(p.URL() + path); r.status != http.StatusNotFound {
			t.Errorf("public %s: %d", path, r.status)
		}
		if r := p.get(p.AdminURL() + path); r.status != http.StatusOK || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("admin %s: %d, %q", path, r.status, r.header.Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/", "/sim/", "/u/0000000000000000", "/debug/vars"} {
		if r := p.get(p.AdminURL() + path); r.status != http.StatusNotFound {
			t.Errorf("admin %s: %d", path, r.status)
		}
	}
	if r := p.do("POST", p.AdminURL()+"/motcua.mobile.v1.CatalogService/SearchProcedures", nil, "{}"); r.status != http.StatusNotFound {
		t.Errorf("an RPC on the admin listener: %d", r.status)
	}
	if r := p.get(p.AdminURL() + "/metrics"); !strings.Contains(r.body, "\nmotcua_") {
		t.Errorf("no metric of ours: %.300s", r.body)
	}
	if r := p.get(p.AdminURL() + "/readyz"); !strings.Contains(r.body, `"status":"ready"`) {
		t.Errorf("readyz: %s", r.body)
	}
	for _, c := range []struct {
		method, url string
		status      int
		allow       string
	}{
		{"POST", p.AdminURL() + "/livez", 405, "GET, HEAD"},
		{"TRACE", p.URL() + "/", 405, "GET, HEAD"},
		{"PUT", p.URL() + "/u/0000000000000000", 405, "GET, HEAD, POST"},
		{"GET", p.URL() + "/sim/api/v1/say", 405, "POST"},
		{"DELETE", p.URL() + "/sim/api/v1/clock", 405, "GET, HEAD, POST"},
		{"DELETE", p.URL() + "/webhooks/telegram/main", 405, "GET, HEAD, POST"},
		{"GET", p.URL() + "/sim", 303, ""},
		{"GET", p.URL() + "/", 303, ""},
		{"GET", p.URL() + "/nothing", 404, ""},
		{"OPTIONS", p.URL() + "/nothing", 404, ""},
		{"POST", p.URL() + "/webhooks/zalo/main", 404, ""},
		{"POST", p.URL() + "/webhooks/telegram/other", 404, ""},
		{"POST", p.URL() + "/motcua.mobile.v1.DossierService/DropEverything", 404, ""},
		{"POST", p.URL() + "/motcua.mobile.v2.CatalogService/SearchProcedures", 404, ""},
		{"POST", p.URL() + "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", 404, ""},
		{"GET", p.URL() + "/.git/config", 404, ""},
	} {
		if r := p.do(c.method, c.url, nil, ""); r.status != c.status || r.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q", c.method, c.url, r.status, r.header.Get("Allow"))
		}
	}
}

// What every answer of the public listener carries, errors included.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	p := start(t)
	token := p.link()
	for _, c := range []struct {
		method, path string
		status       int
		public       bool // may be cached
	}{
		{"GET", "/nothing", 404, false},
		{"PUT", "/sim/tokens", 405, false},
		{"GET", "/sim/", 200, false},
		{"GET", "/sim/sim.js", 200, false},
		{"GET", "/sim/sample.pdf", 200, false},
		{"POST", "/sim/tokens", 200, false},
		{"GET", "/sim/api/v1/clock", 200, false},
		{"POST", "/sim/api/v1/say", 400, false},
		{"GET", "/u/" + token, 200, false},
		{"GET", "/u/0000000000000000", 404, false},
		{"POST", "/u/" + token, 400, false},
		{"GET", "/u/page.css", 200, true},
		{"POST", "/webhooks/telegram/main", 401, false},
		{"POST", "/webhooks/twilio/main", 403, false},
		{"POST", "/webhooks/zalo/main", 404, false},
		{"POST", "/motcua.mobile.v1.CatalogService/SearchProcedures", 415, false},
		{"POST", "/motcua.agency.v1.DossierService/Inbox", 415, false},
	} {
		r := p.do(c.method, p.URL()+c.path, nil, "")
		if r.status != c.status {
			t.Errorf("%s %s: %d, want %d\n%s", c.method, c.path, r.status, c.status, r.body)
		}
		for _, k := range []string{"Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Request-Id"} {
			if r.header.Get(k) == "" {
				t.Errorf("%s %s has no %s", c.method, c.path, k)
			}
		}
		if csp := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s %s: %s", c.method, c.path, csp)
		}
		if got := r.header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s %s: X-Content-Type-Options %q", c.method, c.path, got)
		}
		if got := r.header.Get("Cache-Control"); (got == "no-store") == c.public {
			t.Errorf("%s %s: Cache-Control %q", c.method, c.path, got)
		}
		for _, k := range []string{"Set-Cookie", "Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if got := r.header.Get(k); got != "" {
				t.Errorf("%s %s: %s %q", c.method, c.path, k, got)
			}
		}
		for _, leak := range []string{"goroutine ", ".go:", "sql:", "SELECT", "/var/", "panic"} {
			if r.status >= 400 && strings.Contains(r.body, leak) {
				t.Errorf("%s %s tells %q: %s", c.method, c.path, leak, r.body)
			}
		}
	}
}

// What the gate says of an answer stands alone: two headers would contradict each
// other.
func TestCacheOfRPC(t *testing.T) {
	t.Parallel()
	p := start(t)
	const search = "/motcua.mobile.v1.CatalogService/SearchProcedures"
	for _, c := range []struct {
		r    reply
		want string
	}{
		{p.get(p.URL() + search + "?connect=v1&encoding=json&message=%7B%22query%22%3A%22khai+sinh%22%7D"), "public, max-age=60"},
		{p.post(search, `{"query":"khai sinh"}`), "no-store"},
		{p.post(search, `{"query":`), "no-store"},
		{p.post("/motcua.agency.v1.DossierService/Inbox", `{}`), "no-store"},
		{p.do("DELETE", p.URL()+search, nil, ""), "no-store"},
	} {
		if got := c.r.header.Values("Cache-Control"); len(got) != 1 || got[0] != c.want {
			t.Errorf("%d %.80s: Cache-Control %q, want %q", c.r.status, c.r.body, got, c.want)
		}
	}
}

// link makes an upload link of a new draft.
func (p *program) link() (token string) {
	p.t.Helper()
	d, err := p.dossiers.Begin(core.NewID(p.clock.Now()), "1.004873", "", "", "test", p.clock.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		if err := tx.Drafts().Insert(ctx, d); err != nil {
			return err
		}
		token, _, err = p.people.NewLink(ctx, tx, core.Link{DraftID: d.ID})
		return err
	}); err != nil {
		p.t.Fatal(err)
	}
	return token
}

// Another site's page cannot act for a citizen at any route that changes
// something, and GET changes nothing.
func TestOtherSitesEverywhere(t *testing.T) {
	t.Parallel()
	p := start(t)
	other := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org", "Content-Type": "application/json"}
	checked := 0
	for _, op := range p.served {
		method, path, ok := strings.Cut(op, " ")
		if !ok {
			method, path = "POST", op
		}
		row, _ := p.policy.Row(op)
		if method == "GET" || !slices.ContainsFunc(row.Actors, func(k core.ActorKind) bool { return k != core.ActorOperator }) {
			continue
		}
		path = strings.NewReplacer("{channel}", "telegram", "{account}", "main", "{token}", "0000000000000000", "{n}", "1").Replace(path)
		if r := p.do(method, p.URL()+path, other, "{}"); r.status != http.StatusForbidden {
			t.Errorf("%s from another site: %d %s", op, r.status, r.body)
		}
		checked++
	}
	if checked < 50 {
		t.Errorf("only %d routes were tried", checked)
	}
}
