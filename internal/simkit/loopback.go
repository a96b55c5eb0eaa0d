package simkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// ErrNotLoopback says that a connection to a host outside this machine was asked
// for and refused.
var ErrNotLoopback = errors.New("simkit: refused to leave loopback")

// NewLoopbackTransport gives a transport that connects to loopback addresses only.
// Names are not resolved: "localhost" and literal addresses are all it takes, so
// that no resolver can be turned against it. Proxies of the environment are not used.
func NewLoopbackTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			if host != "localhost" {
				ip, err := netip.ParseAddr(host)
				if err != nil || !ip.Unmap().IsLoopback() {
					return nil, fmt.Errorf("%w: %s", ErrNotLoopback, host)
				}
			}
			return dialer.DialContext(ctx, network, addr)
		},
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
	}
}

// listener serves a handler on an ephemeral port of 127.0.0.1.
type listener struct {
	mu     sync.Mutex
	base   string
	server *http.Server
	done   chan struct{}
}

// start begins to serve. A second start is an error.
func (l *listener) start(h http.Handler) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return errors.New("simkit: already started")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("simkit: listen: %w", err)
	}
	l.base = "http://" + ln.Addr().String()
	l.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	l.done = make(chan struct{})
	go func(s *http.Server, done chan struct{}) {
		defer close(done)
		_ = s.Serve(ln) // ends with ErrServerClosed at stop
	}(l.server, l.done)
	return nil
}

// stop ends at once: hanging answers are cut. Stopping twice, or before start, is
// allowed.
func (l *listener) stop() {
	l.mu.Lock()
	s, done := l.server, l.done
	l.mu.Unlock()
	if s == nil {
		return
	}
	_ = s.Close()
	<-done
}

func (l *listener) url() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.base
}

// viaURL rewrites scheme and host of a public URL to those of via, as a TLS proxy
// on the way would. An empty via leaves the URL alone.
func viaURL(public, via string) (string, error) {
	u, err := url.Parse(public)
	if err != nil {
		return "", err
	}
	u.Fragment = ""
	if via == "" {
		return u.String(), nil
	}
	v, err := url.Parse(via)
	if err != nil {
		return "", err
	}
	u.Scheme, u.Host = v.Scheme, v.Host
	return u.String(), nil
}

// cut closes the connection of a request without an answer.
func cut(w http.ResponseWriter) {
	if hj, ok := w.(http.Hijacker); ok {
		if conn, _, err := hj.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	// HTTP/2 and recorders cannot be hijacked; this aborts the response the way
	// net/http documents.
	panic(http.ErrAbortHandler)
}
