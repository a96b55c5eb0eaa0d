package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/motcua/motcua/core"
)

// ClientOptions say what an outbound client may do. The zero value may call any
// public host.
type ClientOptions struct {
	// Timeout bounds the whole exchange, the body included; 0 means 15 s.
	Timeout time.Duration
	// MaxBody bounds a response body in bytes; 0 means 1 MiB. Reading beyond it
	// fails with too_large.
	MaxBody int64
	// Hosts are the only ones that may be called, as "host" or "host:port"; empty
	// means every host.
	Hosts []string
	// AllowLoopback lets calls to this machine pass: for vendor fakes and for
	// sidecars.
	AllowLoopback bool
	// AllowNetworks are inner networks that may be called.
	AllowNetworks []netip.Prefix
	// Secrets are replaced in the text of every error, wherever it came from.
	Secrets []string
	// UserAgent is sent when a request has none.
	UserAgent string
}

// Client does outbound requests. It has the Do method that vendor SDKs ask for.
// Safe for concurrent use.
type Client struct {
	std     *http.Client
	secrets []string
}

// ErrBlocked is the cause of a request that the options do not allow.
var ErrBlocked = errors.New("not an allowed address")

// NewClient makes a client with a connection pool of its own.
func NewClient(o ClientOptions) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	dialer := &net.Dialer{
		Timeout:   min(o.Timeout, 5*time.Second),
		KeepAlive: 30 * time.Second,
		// Called with the address that the name resolved to, just before the
		// connection is made: there is no gap for the name to change in.
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return o.checkAddress(address)
		},
	}
	return &Client{
		secrets: o.Secrets,
		std: &http.Client{
			Timeout:       o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &bounded{
				options: o,
				next: &http.Transport{
					Proxy:                  nil, // a proxy would resolve names out of the guard's sight
					DialContext:            dialer.DialContext,
					ForceAttemptHTTP2:      true,
					MaxIdleConns:           32,
					MaxIdleConnsPerHost:    8,
					IdleConnTimeout:        60 * time.Second,
					TLSHandshakeTimeout:    5 * time.Second,
					ResponseHeaderTimeout:  o.Timeout,
					MaxResponseHeaderBytes: 64 << 10,
				},
			},
		},
	}
}

// Do sends a request. Its error is always a *RequestError; a response of any
// status is no error. The caller closes the body.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	res, err := c.std.Do(req)
	if err != nil {
		return nil, c.wrap(req, err)
	}
	return res, nil
}

// Standard gives the same client for SDKs that take nothing else. Errors of its
// calls hold the URL: pass them through Redact before they are logged.
func (c *Client) Standard() *http.Client { return c.std }

// Redact gives an error whose text holds none of the client's secrets and no
// URL; the chain below it stays for errors.Is and errors.As.
func (c *Client) Redact(err error) error {
	if err == nil {
		return nil
	}
	return &redacted{text: redactText(err, c.secrets), err: err}
}

type redacted struct {
	text string
	err  error
}

func (e *redacted) Error() string { return e.text }
func (e *redacted) Unwrap() error { return e.err }

func redactText(err error, secrets []string) string {
	text := err.Error()
	var u *url.Error
	if errors.As(err, &u) {
		text = strings.ReplaceAll(text, u.URL, hostOf(u.URL))
	}
	for _, s := range secrets {
		if s == "" {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			text = strings.ReplaceAll(text, form, "[secret]")
		}
	}
	return text
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "[url]"
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// RequestError is a request that has no response. It tells no path, no query and
// no header.
type RequestError struct {
	Method, Host string
	// NotSent is true when certainly nothing reached the other side. When it is
	// false, the other side may have done what was asked.
	NotSent bool
	Err     error // the cause, already redacted
}

func (e *RequestError) Error() string {
	return e.Method + " " + e.Host + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// Timeout reports whether time ran out.
func (e *RequestError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &t) && t.Timeout()
}

func (c *Client) wrap(req *http.Request, err error) *RequestError {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &RequestError{Method: req.Method, Host: req.URL.Host, NotSent: notSent(err), Err: c.Redact(err)}
}

// notSent recognises what fails before the first byte of the request: the name,
// the connection, the guard.
func notSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.Is(err, ErrBlocked) || errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}

// bounded checks the host, caps the body and adds the user agent.
type bounded struct {
	options ClientOptions
	next    *http.Transport
}

func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := b.options.checkURL(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	if b.options.UserAgent != "" && req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", b.options.UserAgent)
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = &cappedBody{ReadCloser: res.Body, left: b.options.MaxBody, max: b.options.MaxBody}
	return res, nil
}

func (b *bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }

// cappedBody fails when there is more than the cap; it never ends early as if
// the body were shorter.
type cappedBody struct {
	io.ReadCloser
	left, max int64
}

func (c *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	if int64(n) > c.left {
		n = int(c.left)
		err = core.Ef(core.CodeTooLarge, "httpx.read", "", "a response of more than %d bytes", c.max)
	}
	c.left -= int64(n)
	return n, err
}

func (o *ClientOptions) checkURL(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("scheme %q: %w", u.Scheme, ErrBlocked)
	}
	if len(o.Hosts) == 0 {
		return nil
	}
	for _, h := range o.Hosts {
		if strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname()) {
			return nil
		}
	}
	return fmt.Errorf("host %q: %w", u.Host, ErrBlocked)
}

func (o *ClientOptions) checkAddress(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, ErrBlocked)
	}
	ip := ap.Addr().Unmap().WithZone("")
	if o.AllowLoopback && ip.IsLoopback() {
		return nil
	}
	for _, n := range o.AllowNetworks {
		if n.Contains(ip) {
			return nil
		}
	}
	if !Public(ip) {
		return fmt.Errorf("address %s: %w", ip, ErrBlocked)
	}
	return nil
}

// Public reports whether an address belongs to the public internet, and to no
// network of special purpose (IANA registries of RFC 6890). Addresses that wrap
// an IPv4 address (mapped, NAT64, 6to4) are judged by that address.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	if ip.Is4() {
		b := ip.As4()
		switch {
		case b[0] == 0, // this network
			b[0] == 100 && b[1]&0xc0 == 64,           // carrier NAT
			b[0] == 192 && b[1] == 0 && b[2] == 0,    // protocol assignments
			b[0] == 192 && b[1] == 0 && b[2] == 2,    // documentation
			b[0] == 198 && b[1]&0xfe == 18,           // benchmarks
			b[0] == 198 && b[1] == 51 && b[2] == 100, // documentation
			b[0] == 203 && b[1] == 0 && b[2] == 113,  // documentation
			b[0] >= 240:                              // reserved
			return false
		}
		return true
	}
	b := ip.As16()
	nat64 := netip.PrefixFrom(netip.AddrFrom16([16]byte{1: 0x64, 2: 0xff, 3: 0x9b}), 96)
	switch {
	case nat64.Contains(ip):
		return Public(netip.AddrFrom4([4]byte(b[12:16])))
	case b[0] == 0x20 && b[1] == 0x02: // 6to4
		return Public(netip.AddrFrom4([4]byte(b[2:6])))
	case b[0] == 0x20 && b[1] == 0x01 && b[2] < 2: // Teredo, ORCHID, benchmarks
		return false
	case b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8: // documentation
		return false
	case b[0]&0xe0 != 0x20: // outside 2000::/3: nothing is given out there
		return false
	}
	return true
}

// LoopbackURL reports whether a URL names this machine by address or as
// "localhost". A vendor whose API URL is such a URL is a fake.
func LoopbackURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback()
}
