package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[core.Code]int{
		"": 200, core.CodeInvalid: 400, core.CodeUnauthenticated: 401, core.CodeDenied: 403, core.CodeNotFound: 404,
		core.CodeDuplicate: 409, core.CodeConflict: 409, core.CodeFailedPrecondition: 412, core.CodeRateLimited: 429,
		core.CodeTooLarge: 413, core.CodeUnsupported: 415, core.CodeUnavailable: 503, core.CodeUnimplemented: 501,
		core.CodeInternal: 500, "no such code": 500,
	} {
		if got := Status(code); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}

func TestWriteError(t *testing.T) {
	t.Parallel()
	secret := errors.New("pq: relation citizen of host db1 said 079203001234")
	for _, c := range []struct {
		name   string
		err    error
		status int
		body   string
		retry  string
	}{
		{"fields", core.Invalid("draft.answer", core.Violation{Field: "child.birthDate", Key: "field.date.future", Args: map[string]string{"max": "2026-11-22"}}),
			400, `{"code":"invalid","key":"error.invalid","fields":[{"field":"child.birthDate","key":"field.date.future","args":{"max":"2026-11-22"}}],"requestId":"%"}`, ""},
		{"cause stays", core.E(core.CodeNotFound, "dossier.get", "dossier.unknown", secret), 404, `{"code":"not_found","key":"dossier.unknown","requestId":"%"}`, ""},
		{"foreign", secret, 500, `{"code":"internal","key":"error.internal","requestId":"%"}`, ""},
		{"internal tells nothing", &core.Error{Code: core.CodeInternal, Key: "error.internal", Args: map[string]string{"x": "079203001234"}}, 500,
			`{"code":"internal","key":"error.internal","requestId":"%"}`, ""},
		{"unavailable", core.E(core.CodeUnavailable, "store", "", secret), 503, `{"code":"unavailable","key":"error.unavailable","requestId":"%"}`, "5"},
		{"limited", &core.Error{Code: core.CodeRateLimited, RetryAfter: 1500 * time.Millisecond}, 429, `{"code":"rate_limited","key":"error.rate_limited","requestId":"%"}`, "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := WithRequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "3")
				WriteError(w, r, c.err)
			}))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			id := w.Header().Get("X-Request-Id")
			if len(id) != 10 {
				t.Errorf("request id %q", id)
			}
			if want := strings.ReplaceAll(c.body, "%", id) + "\n"; w.Body.String() != want || w.Code != c.status {
				t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, c.status, want)
			}
			if got := w.Header().Get("Retry-After"); got != c.retry {
				t.Errorf("Retry-After %q, want %q", got, c.retry)
			}
			if w.Header().Get("Content-Length") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := WithRequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, RequestID(r.Context()))
	}))
	seen := map[string]bool{}
	for range 100 {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Request-Id", "chosen\nby client")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		id := w.Body.String()
		if id == "" || id != w.Header().Get("X-Request-Id") || strings.Contains(id, "chosen") || seen[id] {
			t.Fatalf("id %q, header %q", id, w.Header().Get("X-Request-Id"))
		}
		seen[id] = true
	}
	if RequestID(t.Context()) != "" {
		t.Error("an id outside a request")
	}
}

func TestLimitBody(t *testing.T) {
	t.Parallel()
	read := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			WriteError(w, r, BodyError(err))
		}
	})
	readBody := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := ReadBody(w, r, 10); err != nil {
			WriteError(w, r, err)
		}
	})
	for name, h := range map[string]http.Handler{"LimitBody": LimitBody(10, read), "ReadBody": readBody} {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		for _, c := range []struct {
			n       int
			chunked bool
			want    int
		}{{0, false, 200}, {10, false, 200}, {11, false, 413}, {10, true, 200}, {11, true, 413}, {1 << 20, true, 413}} {
			var body io.Reader = bytes.NewReader(make([]byte, c.n))
			if c.chunked {
				body = io.MultiReader(body) // hides the length
			}
			res, err := http.Post(srv.URL, "text/plain", body)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("%s: %d bytes, chunked %v: %d, want %d", name, c.n, c.chunked, res.StatusCode, c.want)
			}
		}
	}
}

func TestBodyBrokenOff(t *testing.T) {
	t.Parallel()
	got := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := ReadBody(w, r, 100)
		got <- err
	}))
	t.Cleanup(srv.Close)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf")
	c.Close()
	if err := <-got; !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestRecover(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	h := WithRequestID(Recover(logger, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/early":
			panic("select secret from host db1")
		case "/late":
			io.WriteString(w, "half an ans")
			http.NewResponseController(w).Flush()
			panic("late")
		case "/abort":
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})))
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	res, err := http.Get(srv.URL + "/early")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	var out struct{ Code, RequestID string }
	if err != nil || res.StatusCode != 500 || json.Unmarshal(body, &out) != nil || out.Code != "internal" {
		t.Fatalf("%d %s %v", res.StatusCode, body, err)
	}
	if strings.Contains(string(body), "db1") || strings.Contains(string(body), "goroutine") {
		t.Errorf("the answer tells too much: %s", body)
	}
	if res, err = http.Get(srv.URL + "/late"); err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looks whole")
	}
	if res, err := http.Get(srv.URL + "/abort"); err == nil {
		res.Body.Close()
		t.Error("an aborted answer looks whole")
	}
	if res, err := http.Get(srv.URL + "/"); err != nil || res.StatusCode != http.StatusTeapot {
		t.Errorf("%v %v", res, err)
	} else {
		res.Body.Close()
	}
	srv.Close()
	if n := strings.Count(log.String(), "panic in a handler"); n != 2 {
		t.Errorf("%d panics logged, want 2: %s", n, &log)
	}
	if !strings.Contains(log.String(), out.RequestID) || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("no request id or no stack in the log: %s", &log)
	}
}

func TestServerProtocols(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }), slog.New(slog.DiscardHandler))
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	for _, h2 := range []bool{false, true} {
		p := new(http.Protocols)
		p.SetHTTP1(!h2)
		p.SetUnencryptedHTTP2(h2)
		tr := &http.Transport{Protocols: p}
		t.Cleanup(tr.CloseIdleConnections)
		res, err := (&http.Client{Transport: tr}).Get("http://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if want := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[h2]; string(b) != want {
			t.Errorf("spoke %s, want %s", b, want)
		}
	}
	if srv.ReadHeaderTimeout == 0 || srv.ReadTimeout == 0 || srv.WriteTimeout == 0 || srv.IdleTimeout == 0 {
		t.Error("a phase without a time-out")
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		headers Headers
		want    map[string]string
	}{
		{"default", Headers{}, map[string]string{
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Strict-Transport-Security": "", "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
		}},
		{"page", Headers{CSP: PageCSP, Frames: true, Camera: true, HSTS: true, Cache: true}, map[string]string{
			"Content-Security-Policy": PageCSP + "; frame-ancestors 'self'", "Cache-Control": "",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
		}},
	} {
		w := httptest.NewRecorder()
		c.headers.Wrap(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		for k, v := range c.want {
			if got := w.Header().Get(k); got != v {
				t.Errorf("%s: %s: %q, want %q", c.name, k, got, v)
			}
		}
	}
	if strings.Contains(PageCSP, "unsafe") {
		t.Error("the policy of pages allows inline code")
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	h := SameOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	for _, c := range []struct {
		method, site, origin string
		want                 int
	}{
		{"POST", "", "", 200}, {"POST", "same-origin", "", 200}, {"POST", "none", "", 200}, {"POST", "cross-site", "", 403},
		{"POST", "same-site", "", 403}, {"POST", "", "https://evil.example", 403}, {"POST", "", "http://example.com", 200},
		{"GET", "cross-site", "", 200}, {"DELETE", "cross-site", "", 403},
	} {
		r := httptest.NewRequest(c.method, "http://example.com/", nil)
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
}

func TestClientIP(t *testing.T) {
	t.Parallel()
	trusted, err := ParseProxies("10.0.0.0/8, 192.168.1.1 ,2001:db8::/32,")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "1.2.3.4:5", nil, "1.2.3.4"},
		{"forged by a client", "1.2.3.4:5", []string{"9.9.9.9"}, "1.2.3.4"},
		{"one proxy", "10.0.0.1:5", []string{"1.2.3.4"}, "1.2.3.4"},
		{"forged before a proxy", "10.0.0.1:5", []string{"9.9.9.9, 1.2.3.4"}, "1.2.3.4"},
		{"two proxies", "10.0.0.1:5", []string{"9.9.9.9, 1.2.3.4, 192.168.1.1"}, "1.2.3.4"},
		{"several lines", "10.0.0.1:5", []string{"9.9.9.9", "1.2.3.4", "192.168.1.1"}, "1.2.3.4"},
		{"all trusted", "10.0.0.1:5", []string{"10.0.0.2"}, "10.0.0.2"},
		{"no header", "10.0.0.1:5", nil, "10.0.0.1"},
		{"garbage", "10.0.0.1:5", []string{"1.2.3.4, unknown"}, "10.0.0.1"},
		{"empty entry", "10.0.0.1:5", []string{"1.2.3.4, "}, "10.0.0.1"},
		{"with ports", "10.0.0.1:5", []string{"1.2.3.4:99"}, "1.2.3.4"},
		{"IPv6", "[2001:db8::1]:5", []string{"[2606::5]:99"}, "2606::5"},
		{"IPv6 in brackets", "[2001:db8::1]:5", []string{"[2606::5]"}, "2606::5"},
		{"mapped proxy", "[::ffff:10.0.0.1]:5", []string{"1.2.3.4"}, "1.2.3.4"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := trusted.ClientIP(r).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := (Proxies)(nil).ClientIP(r); got.String() == "1.2.3.4" && !strings.HasPrefix(c.remote, "1.2.3.4") {
			t.Errorf("%s: a header was believed though nobody is trusted", c.name)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "@"
	if trusted.ClientIP(r).IsValid() || trusted.Trusted(r) {
		t.Error("an address out of nothing")
	}
	for _, bad := range []string{"example.org", "10.0.0.0/33", "1.2.3"} {
		if _, err := ParseProxies(bad); !core.IsCode(err, core.CodeInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestLimitKey(t *testing.T) {
	t.Parallel()
	p, err := ParseProxies("1.2.3.4,2606:1:2:3:4:5:6:7,::ffff:1.2.3.4")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1.2.3.4", "2606:1:2:3::/64", "1.2.3.4"} {
		if got := LimitKey(p[i].Addr()); got != want {
			t.Errorf("%s: %s, want %s", p[i], got, want)
		}
	}
}

func FuzzClientIP(f *testing.F) {
	f.Add("10.0.0.1:5", "1.2.3.4, 10.0.0.2")
	f.Add("[::1]:5", "[fe80::1%eth0]:80,,")
	trusted, err := ParseProxies("10.0.0.0/8,::1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		ip := trusted.ClientIP(r)
		if ip.Zone() != "" || ip.Is4In6() {
			t.Errorf("%v is not in its plain form", ip)
		}
	})
}
