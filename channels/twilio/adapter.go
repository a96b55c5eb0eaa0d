package twilio

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// Kind is the name of the network in webhook paths and accounts.
const Kind channels.Kind = "twilio"

const (
	maxBody     = 64 << 10 // bytes of a webhook request: a form of a 1,600-character SMS fits ten times
	maxText     = 1600     // characters of a message
	sendTimeout = 15 * time.Second
)

// Config configures an Adapter.
type Config struct {
	Account    string // name of the account, default "main"
	AccountSID string // "AC…"
	// AuthTokens are the account's auth tokens, the one for our own calls first;
	// two during a rotation. Each of them may sign webhooks.
	AuthTokens []string
	From       string // E.164, alphanumeric sender, or "MG…" for a messaging service
	PublicURL  string // base of our own URLs as the vendor sees them
	APIURL     string // default https://api.twilio.com
	Transport  http.RoundTripper
	Clock      core.Clock // default the system clock
	PerSecond  int        // messages a second the sender may send; 0 = unknown
}

// Adapter serves one account. It is safe for concurrent use and holds no state.
type Adapter struct {
	account   channels.Account
	sid       string
	tokens    []string
	from      string
	public    *url.URL
	api       *url.URL
	reports   bool // status callbacks can reach us
	transport http.RoundTripper
	clock     core.Clock
	perSecond int
}

var _ channels.Receiver = (*Adapter)(nil)

// New makes an adapter. It makes no call. CodeInvalid for values that cannot work.
func New(c Config) (*Adapter, error) {
	const op = "twilio.new"
	alphanumeric := regexp.MustCompile(`^[A-Za-z0-9]+$`)
	if !alphanumeric.MatchString(c.AccountSID) {
		return nil, core.Ef(core.CodeInvalid, op, "", "the account SID is not alphanumeric")
	}
	if len(c.AuthTokens) == 0 {
		return nil, core.Ef(core.CodeInvalid, op, "", "no auth token")
	}
	for _, t := range c.AuthTokens {
		if !alphanumeric.MatchString(t) {
			return nil, core.Ef(core.CodeInvalid, op, "", "an auth token is not alphanumeric")
		}
	}
	if c.From == "" {
		return nil, core.Ef(core.CodeInvalid, op, "", "no sender")
	}
	public, err := baseURL(c.PublicURL)
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, op, "", "public URL: %w", err)
	}
	api, err := baseURL(cmp.Or(c.APIURL, "https://api.twilio.com"))
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, op, "", "API URL: %w", err)
	}
	transport := c.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 32,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	a := &Adapter{
		account: channels.Account{Kind: Kind, Name: cmp.Or(c.Account, "main")},
		sid:     c.AccountSID, tokens: c.AuthTokens, from: c.From,
		public: public, api: api, transport: transport, clock: c.Clock, perSecond: c.PerSecond,
		// The vendor refuses the whole message (21609) when the callback's host is
		// not a public one.
		reports: !loopback(public) || loopback(api),
	}
	if a.clock == nil {
		a.clock = core.SystemClock{}
	}
	return a, nil
}

func baseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil {
		return nil, fmt.Errorf("not a URL")
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("not an http(s) base URL")
	}
	return u, nil
}

func loopback(u *url.URL) bool {
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// Account says which account it serves.
func (a *Adapter) Account() channels.Account { return a.account }

// Capabilities is what plain SMS can do.
func (a *Adapter) Capabilities() core.Capabilities {
	return core.Capabilities{
		MaxText:     maxText,
		Variant:     "short",
		ConsentCode: true, // a sender number proves nothing by itself
		Receipts:    true,
		Pushes:      true,
		Numbers:     true,
		PerSecond:   a.perSecond,
	}
}

// Method is how the vendor calls its webhook.
func (a *Adapter) Method() string { return http.MethodPost }

// MaxBody is the largest webhook request it takes.
func (a *Adapter) MaxBody() int64 { return maxBody }

// Ack is an empty TwiML document: nothing is sent in answer to the request itself.
func (a *Adapter) Ack() (string, []byte) { return "text/xml; charset=utf-8", []byte("<Response/>") }

// Secrets lists the auth tokens.
func (a *Adapter) Secrets() []string { return append([]string(nil), a.tokens...) }

// Format keeps the tokens out of every printed form of an adapter.
func (a *Adapter) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("adapter " + a.account.String())) // fmt offers no way to fail
}

// LogValue keeps the tokens out of logs.
func (a *Adapter) LogValue() slog.Value { return slog.StringValue("adapter " + a.account.String()) }

// e164 reports whether s is a phone number a person can have.
func e164(s string) bool {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	return strings.Trim(s[1:], "0123456789") == ""
}

// withPort gives the two spellings of a URL's authority: with its port and, when
// it is the default one, without. Signers disagree on which one they sign.
func withPort(u *url.URL) (with, without string) {
	host, port := u.Hostname(), u.Port()
	std := "80"
	if u.Scheme == "https" {
		std = "443"
	}
	if port == "" {
		return net.JoinHostPort(host, std), u.Host
	}
	without = u.Host
	if port == std {
		without = strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Host, without
}
