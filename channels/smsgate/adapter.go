package smsgate

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
)

// Kind is the name of the network in webhook paths and accounts.
const Kind channels.Kind = "smsgate"

const (
	maxBody     = 1 << 10 // bytes of a request's body, which has none
	maxText     = 459     // septets of a message: three segments, more than any template has
	maxAnswer   = 64 << 10
	sendTimeout = 15 * time.Second
	secretChars = 32 // of the segment of the report address
)

// DefaultAPI is the vendor's API server.
const DefaultAPI = "https://rest.esms.vn"

// Config configures an Adapter.
type Config struct {
	Account string // name of the account, default "main"
	CPID    string // account of the short code
	// PrivateKeys sign what comes in, the newest first; two during a rotation.
	PrivateKeys []string
	APIKey      string
	SecretKey   string
	Brand       string // brand name messages are sent under
	// Keywords are the words by which operators recognise our service: a message
	// that begins with one of them is taken without it.
	Keywords  []string
	Sandbox   bool   // the vendor checks what is sent, and sends nothing
	PublicURL string // base of our own URLs as the vendor sees them
	APIURL    string // default DefaultAPI
	Transport http.RoundTripper
	Clock     core.Clock // default the system clock
}

// Adapter serves one account. It is safe for concurrent use and holds no state.
type Adapter struct {
	account   channels.Account
	cpid      string
	keys      []string
	proofs    []string // secret segments, in the order of keys
	apiKey    string
	secretKey string
	brand     string
	keywords  sms.Keywords
	sandbox   bool
	public    *url.URL
	api       *url.URL
	reports   bool // reports can reach us
	client    *http.Client
	clock     core.Clock
}

var (
	_ channels.Receiver = (*Adapter)(nil)
	_ channels.Asker    = (*Adapter)(nil)
)

// New makes an adapter. It makes no call. CodeInvalid for values that cannot work.
func New(c Config) (*Adapter, error) {
	const op = "smsgate.new"
	for _, v := range append([]string{c.CPID, c.APIKey, c.SecretKey, c.Brand}, c.PrivateKeys...) {
		if v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, core.Ef(core.CodeInvalid, op, "", "an account, a key or the brand is empty or has a character outside ASCII")
		}
	}
	if len(c.PrivateKeys) == 0 {
		return nil, core.Ef(core.CodeInvalid, op, "", "no private key")
	}
	public, err := baseURL(c.PublicURL)
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, op, "", "public URL: %w", err)
	}
	api, err := baseURL(cmp.Or(c.APIURL, DefaultAPI))
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
		cpid:    c.CPID, keys: c.PrivateKeys, apiKey: c.APIKey, secretKey: c.SecretKey, brand: c.Brand,
		keywords: sms.NewKeywords(c.Keywords...), sandbox: c.Sandbox, public: public, api: api,
		reports: !loopback(public) || loopback(api), clock: c.Clock,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	for _, k := range a.keys {
		a.proofs = append(a.proofs, proof(k, a.account))
	}
	if a.clock == nil {
		a.clock = core.SystemClock{}
	}
	return a, nil
}

// proof derives the secret segment of the report address.
func proof(key string, acc channels.Account) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("report address of " + acc.String()))
	return hex.EncodeToString(mac.Sum(nil))[:secretChars]
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

// Capabilities is what SMS under a brand name can do.
func (a *Adapter) Capabilities() core.Capabilities {
	return core.Capabilities{
		MaxText:     maxText,
		Variant:     "short",
		ConsentCode: true, // a sender number proves nothing by itself
		Receipts:    true,
		Pushes:      true,
		Numbers:     true,
		Idempotent:  true,
		Registered:  true,
	}
}

// Method is how the vendor calls its webhooks.
func (a *Adapter) Method() string { return http.MethodGet }

// MaxBody is the largest body it takes.
func (a *Adapter) MaxBody() int64 { return maxBody }

// Ack answers what needs no answer.
func (a *Adapter) Ack() (string, []byte) {
	return "text/xml; charset=utf-8", []byte("<ClientResponse/>")
}

// Secrets lists the keys, and the addresses made from them.
func (a *Adapter) Secrets() []string {
	return append(append([]string{a.apiKey, a.secretKey}, a.keys...), a.proofs...)
}

// Format keeps the keys out of every printed form of an adapter.
func (a *Adapter) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("adapter " + a.account.String())) // fmt offers no way to fail
}

// LogValue keeps the keys out of logs.
func (a *Adapter) LogValue() slog.Value { return slog.StringValue("adapter " + a.account.String()) }
