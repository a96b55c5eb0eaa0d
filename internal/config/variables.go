package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const prefix = "MOTCUA_"

// Variable describes one variable, for documentation and `config print`.
type Variable struct {
	Name    string
	Default string // as shown in the documentation; "" = none
	Meaning string
	Secret  bool // may come from Name + "_FILE"; never printed
}

// Variables lists every variable the program knows.
func Variables() []Variable {
	var out []Variable
	for _, v := range variables() {
		out = append(out, Variable{Name: v.name, Default: v.def, Meaning: v.meaning, Secret: v.secret})
	}
	return out
}

type variable struct {
	name, def, meaning string
	secret             bool
	set                func(c *Config, value string) error
}

// variables is the table of the documentation, in its order. A default in
// parentheses describes what happens without a value; any other is a value.
func variables() []variable {
	return []variable{
		{"MOTCUA_LISTEN", "127.0.0.1:8080", "public listener", false,
			func(c *Config, v string) error { c.Listen = v; return address(v) }},
		{"MOTCUA_ADMIN_LISTEN", "127.0.0.1:8081", "listener of health, metrics and profiles", false,
			func(c *Config, v string) error { c.AdminListen = v; return address(v) }},
		{"MOTCUA_PUBLIC_URL", "(http://MOTCUA_LISTEN)", "base of links and of webhook signatures", false,
			func(c *Config, v string) error {
				c.PublicURL, c.publicURLGiven = strings.TrimRight(v, "/"), true
				return webURL(v)
			}},
		{"MOTCUA_ENV", "development", "development or production", false,
			func(c *Config, v string) error {
				c.Production = v == "production"
				return oneOf(v, "development", "production")
			}},
		{"MOTCUA_DATA_DIR", "./var", "SQLite, blobs, keys, spool", false,
			func(c *Config, v string) error { c.DataDir = v; return nil }},
		{"MOTCUA_DATABASE_URL", "(SQLite in the data directory)", "postgres://…", true,
			func(c *Config, v string) error { c.DatabaseURL = Secret(v); return scheme(v, "postgres", "postgresql") }},
		{"MOTCUA_REDIS_URL", "(in the process)", "redis://…", true,
			func(c *Config, v string) error { c.RedisURL = Secret(v); return scheme(v, "redis", "rediss") }},
		{"MOTCUA_BLOB_URL", "(files in the data directory)", "s3://bucket?endpoint=…&region=…", true,
			func(c *Config, v string) error { c.BlobURL = Secret(v); return scheme(v, "s3") }},
		{"MOTCUA_CATALOG_DIR", "(the embedded pack)", "directory of a data pack", false,
			func(c *Config, v string) error { c.CatalogDir = v; return nil }},
		{"MOTCUA_TELEGRAM_TOKEN", "", "token of the bot", true,
			func(c *Config, v string) error { c.Telegram.Token = Secret(v); return word(v, " /?#%") }},
		{"MOTCUA_TELEGRAM_API_URL", "", "another Bot API server", false,
			func(c *Config, v string) error {
				c.Telegram.APIURL = strings.TrimRight(v, "/")
				return webURL(v)
			}},
		{"MOTCUA_TELEGRAM_WEBHOOK_SECRET", "", "sent back with every update", true,
			func(c *Config, v string) error { c.Telegram.WebhookSecret = Secret(v); return webhookSecret(v) }},
		{"MOTCUA_TELEGRAM_MODE", "webhook", "webhook or poll", false,
			func(c *Config, v string) error { c.Telegram.Poll = v == "poll"; return oneOf(v, "webhook", "poll") }},
		{"MOTCUA_TWILIO_ACCOUNT_SID", "", "account", false,
			func(c *Config, v string) error { c.Twilio.AccountSID = v; return word(v, " /?#%") }},
		{"MOTCUA_TWILIO_AUTH_TOKEN", "", "auth token; while it is rotated, the new and the old one separated by a comma", true,
			func(c *Config, v string) (err error) { c.Twilio.AuthTokens, err = rotating(v, "token"); return err }},
		{"MOTCUA_TWILIO_FROM", "", "sending number or messaging service", false,
			func(c *Config, v string) error { c.Twilio.From = v; return nil }},
		{"MOTCUA_TWILIO_API_URL", "", "another API server", false,
			func(c *Config, v string) error { c.Twilio.APIURL = strings.TrimRight(v, "/"); return webURL(v) }},
		{"MOTCUA_SMSGATE_CPID", "", "account at the short-code gateway", false,
			func(c *Config, v string) error { c.SMSGate.CPID = v; return nil }},
		{"MOTCUA_SMSGATE_PRIVATE_KEY", "", "checks the signature of what comes in; while it is rotated, the new and the old one separated by a comma", true,
			func(c *Config, v string) (err error) { c.SMSGate.PrivateKeys, err = rotating(v, "key"); return err }},
		{"MOTCUA_SMSGATE_API_KEY", "", "key of the sending API", true,
			func(c *Config, v string) error { c.SMSGate.APIKey = Secret(v); return nil }},
		{"MOTCUA_SMSGATE_SECRET_KEY", "", "secret of the sending API", true,
			func(c *Config, v string) error { c.SMSGate.SecretKey = Secret(v); return nil }},
		{"MOTCUA_SMSGATE_BRAND", "", "brand name messages are sent under", false,
			func(c *Config, v string) error { c.SMSGate.Brand = v; return nil }},
		{"MOTCUA_SMSGATE_KEYWORD", "", "word by which the operators know the service, dropped from the start of a message; several separated by commas", false,
			func(c *Config, v string) error {
				for w := range strings.SplitSeq(v, ",") {
					if w = strings.TrimSpace(w); w == "" || strings.ContainsAny(w, " \t") {
						return errors.New("is not one word, or several separated by commas")
					}
					c.SMSGate.Keywords = append(c.SMSGate.Keywords, w)
				}
				return nil
			}},
		{"MOTCUA_SMSGATE_SANDBOX", "", "on: the gateway checks what is sent, and sends nothing", false,
			func(c *Config, v string) error { c.SMSGate.Sandbox = v == "on"; return oneOf(v, "on", "off") }},
		{"MOTCUA_SMS_ROUTES", "(+84 through the short-code gateway, the rest through Twilio)",
			"through whom SMS leave, by the beginning of the number: +84=smsgate/main|twilio/main,*=twilio/main; behind | who carries while the first pauses", false,
			func(c *Config, v string) (err error) { c.SMSRoutes, err = smsRoutes(v); return err }},
		{"MOTCUA_SMSGATE_API_URL", "", "API server of the gateway", false,
			func(c *Config, v string) error { c.SMSGate.APIURL = strings.TrimRight(v, "/"); return webURL(v) }},
		{"MOTCUA_TRUSTED_PROXIES", "(none)", "networks whose X-Forwarded-For is believed, separated by commas", false,
			func(c *Config, v string) error {
				for entry := range strings.SplitSeq(v, ",") {
					if entry = strings.TrimSpace(entry); entry == "" {
						continue
					}
					p, err := netip.ParsePrefix(entry)
					if ip, err2 := netip.ParseAddr(entry); err2 == nil {
						p, err = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()), nil
					}
					if err != nil {
						return fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", entry)
					}
					c.TrustedProxies = append(c.TrustedProxies, p.Masked())
				}
				return nil
			}},
		{"MOTCUA_CLAMD_ADDR", "", "virus scanner, host:port; when set, no paper passes unscanned", false,
			func(c *Config, v string) error { c.ClamdAddr = v; return address(v) }},
	}
}

// The checks give the end of a sentence that begins with the variable's name,
// and never quote a value that may be secret.

func address(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("must be host:port, for example 127.0.0.1:8080, not %q", v)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("must end in a port from 0 to 65535, not %q", port)
	}
	return nil
}

func webURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be a URL such as https://motcua.example.vn, without user, query or fragment")
	}
	return nil
}

func scheme(v string, want ...string) error {
	u, err := url.Parse(v)
	if err == nil && u.Host != "" {
		for _, w := range want {
			if u.Scheme == w {
				return nil
			}
		}
	}
	return fmt.Errorf("must be a URL that begins with %s://", want[0])
}

func oneOf(v string, want ...string) error {
	for _, w := range want {
		if v == w {
			return nil
		}
	}
	return fmt.Errorf("must be %s, not %q", strings.Join(want, " or "), v)
}

func word(v, without string) error {
	if strings.ContainsAny(v, without) || strings.ContainsFunc(v, func(r rune) bool { return r < 0x21 || r > 0x7e }) {
		return errors.New("holds a sign that cannot be part of it")
	}
	return nil
}

// webhookSecret: Bot API, setWebhook, secret_token: 1 to 256 characters of
// A-Z, a-z, 0-9, _ and -.
func webhookSecret(v string) error {
	if len(v) > 256 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return errors.New("must be 1 to 256 letters, digits, _ and -")
	}
	return nil
}

// rotating reads one secret, or while it is rotated the new and the old one.
func rotating(v, what string) ([]Secret, error) {
	var out []Secret
	for t := range strings.SplitSeq(v, ",") {
		if t = strings.TrimSpace(t); t == "" {
			return nil, errors.New("holds an empty " + what)
		}
		out = append(out, Secret(t))
	}
	if n := len(out); n > 2 {
		return nil, fmt.Errorf("holds %d %ss; two is the most", n, what)
	}
	return out, nil
}

// smsRoutes reads "prefix=channel/account|channel/account,…".
func smsRoutes(v string) ([]SMSRoute, error) {
	var out []SMSRoute
	for entry := range strings.SplitSeq(v, ",") {
		prefix, through, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok || prefix == "" {
			return nil, fmt.Errorf("%q is not of the form +84=channel/account or *=channel/account", entry)
		}
		r := SMSRoute{Prefix: prefix}
		if prefix == "*" {
			r.Prefix = ""
		}
		for acc := range strings.SplitSeq(through, "|") {
			if kind, name, ok := strings.Cut(strings.TrimSpace(acc), "/"); !ok || kind == "" || name == "" {
				return nil, fmt.Errorf("%q is not an account such as smsgate/main", acc)
			}
			r.Through = append(r.Through, strings.TrimSpace(acc))
		}
		out = append(out, r)
	}
	return out, nil
}
