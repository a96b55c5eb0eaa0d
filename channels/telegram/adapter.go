package telegram

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// Kind is the name of the network in webhook paths and accounts.
const Kind channels.Kind = "telegram"

// Limits of the vendor.
const (
	maxBody      = 1 << 20  // bytes of a webhook request
	maxFile      = 20 << 20 // bytes of a file a bot may download
	maxText      = 4096     // characters of a message, after markup
	maxToast     = 200      // characters of an answer to a press
	maxData      = 64       // bytes of callback data
	maxReply     = 16 << 20 // bytes of an API answer that are read; 100 updates fit many times
	maxLongPoll  = 50       // seconds, what the server clamps to
	sendTimeout  = 15 * time.Second
	ackTimeout   = 5 * time.Second
	fileTimeout  = 60 * time.Second
	defaultRetry = 2 * time.Second
)

// Config configures an Adapter. Token is required; the rest has defaults.
type Config struct {
	Account string // name of the account, default "main"
	Token   string // of the bot, from @BotFather
	// WebhookSecrets are the accepted values of X-Telegram-Bot-Api-Secret-Token,
	// the one to register first; several during a rotation. Without any, every
	// webhook request is refused.
	WebhookSecrets []string
	APIURL         string            // default https://api.telegram.org
	Transport      http.RoundTripper // default http.DefaultTransport's settings
	Clock          core.Clock        // default the system clock
	// ContactLabel is the text of the button that shares the own number. The
	// button has no message key because it is part of the keyboard, not of a
	// message; the default speaks both languages.
	ContactLabel string
	LongPoll     time.Duration // how long getUpdates waits, default and at most 50 s
	RetryWait    time.Duration // pause of the poller after a failure, default 2 s
}

// Adapter serves one bot. It is safe for concurrent use and holds no state.
type Adapter struct {
	account   channels.Account
	token     string
	secrets   []string
	endpoint  string // the library's format: base, then token, then method
	fileBase  string
	client    *http.Client
	clock     core.Clock
	contact   string
	longPoll  time.Duration
	retryWait time.Duration
}

var (
	_ channels.Receiver   = (*Adapter)(nil)
	_ channels.Poller     = (*Adapter)(nil)
	_ channels.FileOpener = (*Adapter)(nil)
)

// New makes an adapter. It makes no call: a vendor that is down does not keep the
// program from starting. CodeInvalid for a token, secret or URL that cannot work.
func New(c Config) (*Adapter, error) {
	const op = "telegram.new"
	bot, key, ok := strings.Cut(c.Token, ":")
	if !ok || bot == "" || key == "" || strings.Trim(c.Token, tokenAlphabet) != "" {
		return nil, core.Ef(core.CodeInvalid, op, "", "the token does not have the form <number>:<key>")
	}
	for _, s := range c.WebhookSecrets {
		if s == "" || len(s) > 256 || strings.Trim(s, secretAlphabet) != "" {
			return nil, core.Ef(core.CodeInvalid, op, "", "a webhook secret is not 1 to 256 of A-Z a-z 0-9 _ -")
		}
	}
	base := strings.TrimRight(cmp.Or(c.APIURL, "https://api.telegram.org"), "/")
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, core.Ef(core.CodeInvalid, op, "", "the API URL is not an http(s) base URL")
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
		token:   c.Token,
		secrets: c.WebhookSecrets,
		// The library formats the endpoint with Sprintf.
		endpoint:  strings.ReplaceAll(base, "%", "%%") + "/bot%s/%s",
		fileBase:  base + "/file/bot" + c.Token + "/",
		clock:     c.Clock,
		contact:   cmp.Or(c.ContactLabel, "📱 Gửi số điện thoại của tôi / Share my number"),
		longPoll:  min(cmp.Or(c.LongPoll, maxLongPoll*time.Second), maxLongPoll*time.Second),
		retryWait: cmp.Or(c.RetryWait, defaultRetry),
		client: &http.Client{
			Transport: transport,
			// The API never redirects; a redirect would carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if a.clock == nil {
		a.clock = core.SystemClock{}
	}
	return a, nil
}

const (
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	tokenAlphabet  = secretAlphabet + ":"
)

// Account says which account it serves.
func (a *Adapter) Account() channels.Account { return a.account }

// Capabilities is what a private chat with a bot can do.
func (a *Adapter) Capabilities() core.Capabilities {
	return core.Capabilities{
		MaxText: maxText,
		// The vendor shows up to 100 buttons; more than eight options and two ways
		// out are no longer read, and become a numbered list.
		Buttons:      10,
		ButtonLabel:  40, // what a narrow phone shows of a full-width button
		Variant:      "rich",
		Markup:       "html",
		Accents:      true,
		Edit:         true,
		MediaIn:      true,
		MaxFile:      maxFile,
		Contact:      true,
		Private:      true,
		Polls:        true,
		Redelivers:   true,
		Pushes:       true,
		PerSecond:    30,
		PerPerson:    1,
		ReplyToInput: true,
	}
}

// Method is how the vendor calls its webhook.
func (a *Adapter) Method() string { return http.MethodPost }

// MaxBody is the largest webhook request it takes.
func (a *Adapter) MaxBody() int64 { return maxBody }

// Ack is an empty JSON object: a method in it would be executed by the vendor
// without a word about the result.
func (a *Adapter) Ack() (string, []byte) { return "application/json", []byte("{}") }

// Secrets lists the token, its secret half, and the webhook secrets.
func (a *Adapter) Secrets() []string {
	_, key, _ := strings.Cut(a.token, ":")
	return append([]string{a.token, key}, a.secrets...)
}

// Format keeps the token out of every printed form of an adapter.
func (a *Adapter) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("adapter " + a.account.String())) // fmt offers no way to fail
}

// LogValue keeps the token out of logs.
func (a *Adapter) LogValue() slog.Value { return slog.StringValue("adapter " + a.account.String()) }

// authentic compares the secret header with every accepted secret, in a time that
// tells nothing: hashes have one length and all are looked at.
func (a *Adapter) authentic(given string) bool {
	got := sha256.Sum256([]byte(given))
	ok := 0
	for _, s := range a.secrets {
		want := sha256.Sum256([]byte(s))
		ok |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return ok == 1
}
