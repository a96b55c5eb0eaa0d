package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Secret is a value that does not print. Reveal gives it.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value from JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the value.
func (s Secret) Reveal() string { return string(s) }

// Config is a whole, checked configuration.
type Config struct {
	Production     bool           // MOTCUA_ENV
	Listen         string         // MOTCUA_LISTEN, host:port
	AdminListen    string         // MOTCUA_ADMIN_LISTEN, host:port
	PublicURL      string         // MOTCUA_PUBLIC_URL, without a slash at its end
	DataDir        string         // MOTCUA_DATA_DIR
	DatabaseURL    Secret         // MOTCUA_DATABASE_URL; "" = SQLite in the data directory
	RedisURL       Secret         // MOTCUA_REDIS_URL; "" = in the process
	BlobURL        Secret         // MOTCUA_BLOB_URL; "" = files in the data directory
	CatalogDir     string         // MOTCUA_CATALOG_DIR; "" = the embedded pack
	TrustedProxies []netip.Prefix // MOTCUA_TRUSTED_PROXIES
	ClamdAddr      string         // MOTCUA_CLAMD_ADDR; "" = no virus scanner
	Telegram       Telegram
	Twilio         Twilio
	SMSGate        SMSGate
	SMSRoutes      []SMSRoute // empty: what is configured decides

	publicURLGiven bool
	given          map[string]given
}

// Telegram configures the bot; without a Token there is none.
type Telegram struct {
	Token         Secret
	APIURL        string // another Bot API server; "" = the public one
	WebhookSecret Secret // sent back by the Bot API with every update
	Poll          bool   // MOTCUA_TELEGRAM_MODE=poll: ask for updates, instead of a webhook
}

// Twilio configures SMS abroad and inbound messages; without an AccountSID there
// is none.
type Twilio struct {
	AccountSID string
	// AuthTokens are one or, while it is being rotated, two: the first signs what
	// we send, webhooks are accepted with either.
	AuthTokens []Secret
	From       string
	APIURL     string
}

// SMSGate configures the domestic short-code gateway; without a CPID there is
// none.
type SMSGate struct {
	CPID string
	// PrivateKeys check what comes in: one or, while it is being rotated, two, the
	// new one first.
	PrivateKeys []Secret
	APIKey      Secret
	SecretKey   Secret
	Brand       string
	Keywords    []string
	Sandbox     bool
	APIURL      string
}

// SMSRoute says through which accounts ("channel/account") messages to numbers
// with a prefix leave, first choice first. The prefix "" is every number.
type SMSRoute struct {
	Prefix  string
	Through []string
}

// given is where a value came from.
type given struct {
	value  string
	source string // "environment" or the path of a file
}

// WithListener gives the configuration with the address that was really opened:
// a port 0 has become a number. The public URL follows when it was not set.
func (c *Config) WithListener(addr net.Addr) *Config {
	out := *c
	out.Listen = addr.String()
	if !c.publicURLGiven {
		out.PublicURL = "http://" + dialable(out.Listen)
	}
	return &out
}

// HTTPS reports whether browsers reach the program by HTTPS.
func (c *Config) HTTPS() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Simulator tells whether the simulator may start; if not, why.
func (c *Config) Simulator() (ok bool, why string) {
	if c.Production {
		return false, "MOTCUA_ENV is production"
	}
	// The simulator hands out officers' tokens: to this machine only.
	if !loopback("http://" + c.Listen) {
		return false, "MOTCUA_LISTEN is not a loopback address"
	}
	for _, v := range []struct {
		set    bool
		apiURL string
		name   string
	}{
		{c.Telegram.Token != "", c.Telegram.APIURL, "MOTCUA_TELEGRAM_TOKEN"},
		{c.Twilio.AccountSID != "", c.Twilio.APIURL, "MOTCUA_TWILIO_ACCOUNT_SID"},
		{c.SMSGate.CPID != "", c.SMSGate.APIURL, "MOTCUA_SMSGATE_CPID"},
	} {
		if v.set && !loopback(v.apiURL) {
			return false, v.name + " is a real account: unset it, or point its _API_URL at a loopback address"
		}
	}
	return true, ""
}

// Secrets lists every secret value, for a log redactor.
func (c *Config) Secrets() []string {
	var out []string
	for _, v := range variables() {
		if g, ok := c.given[v.name]; ok && v.secret {
			out = append(out, g.value)
			if u, err := url.Parse(g.value); err == nil && u.User != nil {
				if p, ok := u.User.Password(); ok {
					out = append(out, p)
				}
			}
		}
	}
	for _, t := range slices.Concat(c.Twilio.AuthTokens, c.SMSGate.PrivateKeys) {
		out = append(out, t.Reveal())
	}
	return out
}

// dialable replaces an address that means "every interface" by one that can be
// called.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func loopback(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback()
}
