package httpx

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

const token = "123456:AAE-secret_token"

func get(t *testing.T, c *Client, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err == nil {
		t.Cleanup(func() { res.Body.Close() })
	}
	return res, err
}

func requestError(t *testing.T, err error) *RequestError {
	t.Helper()
	var e *RequestError
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want *RequestError", err, err)
	}
	return e
}

func TestClientGuard(t *testing.T) {
	t.Parallel()
	reached := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path }))
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url string
		options   ClientOptions
		ok        bool
	}{
		{name: "loopback by default", url: srv.URL},
		{name: "a name that resolves to loopback", url: "http://localhost:" + port},
		{name: "mapped", url: "http://[::ffff:127.0.0.1]:" + port},
		{name: "short form", url: "http://127.1:" + port},
		{name: "unspecified", url: "http://0.0.0.0:" + port},
		{name: "other loopback", url: "http://127.9.9.9:" + port},
		{name: "allowed loopback", url: srv.URL, options: ClientOptions{AllowLoopback: true}, ok: true},
		{name: "allowed network", url: srv.URL, options: ClientOptions{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, ok: true},
		{name: "other host", url: srv.URL, options: ClientOptions{AllowLoopback: true, Hosts: []string{"api.example.org"}}},
		{name: "named host", url: srv.URL, options: ClientOptions{AllowLoopback: true, Hosts: []string{"127.0.0.1"}}, ok: true},
		{name: "named host and port", url: srv.URL, options: ClientOptions{AllowLoopback: true, Hosts: []string{"127.0.0.1:" + port}}, ok: true},
		{name: "named host, other port", url: srv.URL, options: ClientOptions{AllowLoopback: true, Hosts: []string{"127.0.0.1:1"}}},
		{name: "user part", url: "http://api.example.org@127.0.0.1:" + port, options: ClientOptions{AllowLoopback: true, Hosts: []string{"api.example.org"}}},
		{name: "other scheme", url: "file:///etc/passwd", options: ClientOptions{AllowLoopback: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := get(t, NewClient(c.options), c.url)
			if c.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e := requestError(t, err)
			if !e.NotSent {
				t.Errorf("NotSent is false: %v", e)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(reached); n != 4 {
			t.Errorf("the server saw %d requests, want the 4 allowed", n)
		}
	})
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1.1.1.1", "203.162.0.1", "149.154.167.220", "2606:4700::1111", "64:ff9b::1.1.1.1", "2002:0101:0101::1", "::ffff:1.1.1.1"} {
		if !Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range []string{
		"127.0.0.1", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1", "2002:7f00:0001::1", "2002:a9fe:a9fe::1", "2001:0::1", "2001:db8::1", "4000::1", "::127.0.0.1",
	} {
		if Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is not public", s)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is not public")
	}
}

func TestClientDoesNotFollow(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Errorf("followed to %s", r.URL.Path)
		}
		http.Redirect(w, r, "/inner", http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	res, err := get(t, NewClient(ClientOptions{AllowLoopback: true}), srv.URL)
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("%v %v", res, err)
	}
}

func TestClientBodyCap(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, len(r.URL.Path)-1))
	}))
	t.Cleanup(srv.Close)
	c := NewClient(ClientOptions{AllowLoopback: true, MaxBody: 10})
	for n := range 13 {
		res, err := get(t, c, srv.URL+"/"+strings.Repeat("a", n))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if n <= 10 && (err != nil || len(b) != n) {
			t.Errorf("%d bytes: read %d, %v", n, len(b), err)
		}
		if n > 10 && (!core.IsCode(err, core.CodeTooLarge) || len(b) != 10) {
			t.Errorf("%d bytes: read %d, %v", n, len(b), err)
		}
	}
}

// No error of a client, printed in any way, tells the token in the path.
func TestClientKeepsSecrets(t *testing.T) {
	t.Parallel()
	closing := rawServer(t, func(c net.Conn) {})
	slow := rawServer(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	garbage := rawServer(t, func(c net.Conn) { fmt.Fprintf(c, "HTTP/9 %s\r\n\r\n", token) })
	for _, c := range []struct {
		name, url       string
		notSent, asTime bool
	}{
		{name: "refused", url: "http://127.0.0.1:1", notSent: true},
		{name: "no such host", url: "http://no-such-host.invalid", notSent: true},
		{name: "closed without an answer", url: closing},
		{name: "time-out", url: slow, asTime: true},
		{name: "garbage that quotes the token", url: garbage},
		{name: "scheme", url: "ftp://127.0.0.1", notSent: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := NewClient(ClientOptions{AllowLoopback: true, Secrets: []string{token, ""}, Timeout: 300 * time.Millisecond})
			path := "/bot" + token + "/sendMessage?key=" + url.QueryEscape(token)
			_, err := get(t, client, c.url+path)
			e := requestError(t, err)
			for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %s", err, err, e.Err)} {
				if strings.Contains(text, "secret_token") || strings.Contains(text, "/bot") {
					t.Errorf("the token shows: %s", text)
				}
			}
			if e.NotSent != c.notSent || e.Timeout() != c.asTime {
				t.Errorf("NotSent %v, Timeout %v: %v", e.NotSent, e.Timeout(), err)
			}
			_, err = client.Standard().Get(c.url + path)
			if text := client.Redact(err).Error(); strings.Contains(text, "secret_token") {
				t.Errorf("the token shows after Redact: %s", text)
			}
		})
	}
}

func rawServer(t *testing.T, answer func(net.Conn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					answer(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestClientUserAgentAndCancel(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.UserAgent())
	}))
	t.Cleanup(srv.Close)
	c := NewClient(ClientOptions{AllowLoopback: true, UserAgent: "motcua/1"})
	res, err := get(t, c, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(res.Body); string(b) != "motcua/1" {
		t.Errorf("user agent %q", b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestLoopbackURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://[::1]:1/x": true, "http://localhost/": true, "http://LOCALHOST:1": true,
		"https://api.telegram.org": false, "http://127.0.0.1.example.org": false, "http://10.0.0.1": false, "": false, ":": false,
	} {
		if LoopbackURL(url) != want {
			t.Errorf("%q: want %v", url, want)
		}
	}
}
