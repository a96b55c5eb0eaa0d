package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, environ ...string) *Config {
	t.Helper()
	c, err := Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func problems(t *testing.T, environ ...string) []string {
	t.Helper()
	_, err := Load(environ)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v: got %v, want *Error", environ, err)
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.String())
	}
	return out
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := load(t, "PATH=/bin", "MOTCUA_REDIS_URL=")
	if c.Production || c.Listen != "127.0.0.1:8080" || c.AdminListen != "127.0.0.1:8081" || c.PublicURL != "http://127.0.0.1:8080" || c.DataDir != "./var" {
		t.Errorf("%+v", c)
	}
	if c.DatabaseURL != "" || c.RedisURL != "" || c.BlobURL != "" || c.Telegram.Poll || c.Telegram.Token != "" || c.TrustedProxies != nil {
		t.Errorf("%+v", c)
	}
	if ok, why := c.Simulator(); !ok {
		t.Errorf("no simulator: %s", why)
	}
}

func TestAllVariables(t *testing.T) {
	t.Parallel()
	c := load(t,
		"MOTCUA_LISTEN=0.0.0.0:80", "MOTCUA_ADMIN_LISTEN=[::1]:81", "MOTCUA_PUBLIC_URL=https://motcua.example.vn/", "MOTCUA_ENV=production",
		"MOTCUA_DATA_DIR=/srv", "MOTCUA_DATABASE_URL=postgres://u:p@db/x", "MOTCUA_REDIS_URL=rediss://r:1", "MOTCUA_BLOB_URL=s3://b?endpoint=http://m",
		"MOTCUA_CATALOG_DIR=/pack", "MOTCUA_TELEGRAM_TOKEN=123:abc", "MOTCUA_TELEGRAM_API_URL=http://127.0.0.1:9/", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=0123456789abcdef",
		"MOTCUA_TELEGRAM_MODE=poll", "MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_AUTH_TOKEN=new1, old1", "MOTCUA_TWILIO_FROM=+15005550006", "MOTCUA_TWILIO_API_URL=https://t",
		"MOTCUA_SMSGATE_CPID=cp", "MOTCUA_SMSGATE_PRIVATE_KEY=pk2, pk", "MOTCUA_SMSGATE_API_KEY=ak", "MOTCUA_SMSGATE_SECRET_KEY=sk", "MOTCUA_SMSGATE_BRAND=HCMC",
		"MOTCUA_SMSGATE_KEYWORD=DVC, HCM", "MOTCUA_SMSGATE_SANDBOX=on", "MOTCUA_SMS_ROUTES=+84=smsgate/main|twilio/main, *=twilio/main",
		"MOTCUA_SMSGATE_API_URL=https://g", "MOTCUA_TRUSTED_PROXIES=10.0.0.0/8, 192.168.1.7", "MOTCUA_CLAMD_ADDR=127.0.0.1:3310")
	got := fmt.Sprint(c.Production, c.Listen, c.AdminListen, c.PublicURL, c.DataDir, c.DatabaseURL.Reveal(), c.RedisURL.Reveal(), c.BlobURL.Reveal(), c.CatalogDir,
		c.Telegram.Token.Reveal(), c.Telegram.APIURL, c.Telegram.WebhookSecret.Reveal(), c.Telegram.Poll, c.Twilio.AccountSID, c.Twilio.AuthTokens[0].Reveal(), c.Twilio.AuthTokens[1].Reveal(),
		c.Twilio.From, c.Twilio.APIURL, c.SMSGate.CPID, c.SMSGate.PrivateKeys[0].Reveal(), c.SMSGate.PrivateKeys[1].Reveal(), c.SMSGate.APIKey.Reveal(), c.SMSGate.SecretKey.Reveal(), c.SMSGate.Brand, c.SMSGate.Keywords, c.SMSGate.Sandbox, c.SMSRoutes, c.SMSGate.APIURL,
		c.TrustedProxies, c.ClamdAddr, c.HTTPS())
	want := fmt.Sprint(true, "0.0.0.0:80", "[::1]:81", "https://motcua.example.vn", "/srv", "postgres://u:p@db/x", "rediss://r:1", "s3://b?endpoint=http://m", "/pack",
		"123:abc", "http://127.0.0.1:9", "0123456789abcdef", true, "AC1", "new1", "old1", "+15005550006", "https://t", "cp", "pk2", "pk", "ak", "sk", "HCMC", []string{"DVC", "HCM"}, true,
		[]SMSRoute{{"+84", []string{"smsgate/main", "twilio/main"}}, {"", []string{"twilio/main"}}}, "https://g",
		"[10.0.0.0/8 192.168.1.7/32]", "127.0.0.1:3310", true)
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if n := len(c.given); n != len(variables()) {
		t.Errorf("the test sets %d of %d variables", n, len(variables()))
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	const prod = "MOTCUA_ENV=production"
	const https = "MOTCUA_PUBLIC_URL=https://motcua.example.vn"
	for _, c := range []struct {
		name    string
		environ []string
		want    []string // a part of each problem, in order
	}{
		{"swapped letters", []string{"MOTCUA_LITSEN=1"}, []string{"MOTCUA_LITSEN is not a variable of this program: did you mean MOTCUA_LISTEN?"}},
		{"old name", []string{"MOTCUA_TELEGRAM_BOT_TOKEN=1"}, []string{"did you mean MOTCUA_TELEGRAM_TOKEN?"}},
		{"file of a secret", []string{"MOTCUA_TELEGRAM_TOKENFILE=1"}, []string{"did you mean MOTCUA_TELEGRAM_TOKEN_FILE?"}},
		{"file of no secret", []string{"MOTCUA_LISTEN_FILE=/x"}, []string{"MOTCUA_LISTEN_FILE is not a variable"}},
		{"nothing near", []string{"MOTCUA_FROBNICATE=1"}, []string{"MOTCUA_FROBNICATE is not a variable of this program"}},
		{"empty but unknown", []string{"MOTCUA_LITSEN="}, []string{"MOTCUA_LITSEN is not"}},
		{"lower case", []string{"MOTCUA_listen=1"}, []string{"is not a variable"}},
		{"several", []string{"MOTCUA_LISTEN=x", "MOTCUA_ENV=staging", "MOTCUA_ADMIN_LISTEN=h:99999"},
			[]string{`MOTCUA_ADMIN_LISTEN must end in a port`, `MOTCUA_ENV must be development or production, not "staging"`, "MOTCUA_LISTEN must be host:port"}},
		{"given twice", []string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_TOKEN_FILE=/x"}, []string{"is given twice", "MOTCUA_TELEGRAM_WEBHOOK_SECRET is needed"}},
		{"no file", []string{"MOTCUA_TELEGRAM_TOKEN_FILE=/no/such/file"}, []string{"MOTCUA_TELEGRAM_TOKEN_FILE cannot be read"}},
		{"database", []string{"MOTCUA_DATABASE_URL=mysql://u:pass@h/x"}, []string{"MOTCUA_DATABASE_URL must be a URL that begins with postgres://"}},
		{"redis", []string{"MOTCUA_REDIS_URL=localhost:6379"}, []string{"redis://"}},
		{"blobs", []string{"MOTCUA_BLOB_URL=/srv"}, []string{"s3://"}},
		{"public URL", []string{"MOTCUA_PUBLIC_URL=motcua.example.vn"}, []string{"must be a URL such as"}},
		{"public URL with a query", []string{"MOTCUA_PUBLIC_URL=https://a/?b"}, []string{"must be a URL such as"}},
		{"mode", []string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_MODE=push", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=a"}, []string{"must be webhook or poll"}},
		{"webhook without a secret", []string{"MOTCUA_TELEGRAM_TOKEN=1:a"}, []string{"MOTCUA_TELEGRAM_WEBHOOK_SECRET is needed"}},
		{"webhook secret", []string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=a b"}, []string{"must be 1 to 256 letters"}},
		{"token", []string{"MOTCUA_TELEGRAM_TOKEN=1:a/../x", "MOTCUA_TELEGRAM_MODE=poll"}, []string{"MOTCUA_TELEGRAM_TOKEN holds a sign"}},
		{"half an account", []string{"MOTCUA_TWILIO_ACCOUNT_SID=AC1"}, []string{"MOTCUA_TWILIO_AUTH_TOKEN is needed beside MOTCUA_TWILIO_ACCOUNT_SID", "MOTCUA_TWILIO_FROM is needed"}},
		{"other half", []string{"MOTCUA_TWILIO_FROM=1"}, []string{"MOTCUA_TWILIO_ACCOUNT_SID is needed beside MOTCUA_TWILIO_FROM"}},
		{"short-code gateway", []string{"MOTCUA_SMSGATE_CPID=1", "MOTCUA_SMSGATE_API_KEY=k"}, []string{"MOTCUA_SMSGATE_BRAND is needed", "MOTCUA_SMSGATE_PRIVATE_KEY is needed", "MOTCUA_SMSGATE_SECRET_KEY is needed"}},
		{"two words for a keyword", []string{"MOTCUA_SMSGATE_CPID=1", "MOTCUA_SMSGATE_API_KEY=k", "MOTCUA_SMSGATE_SECRET_KEY=k", "MOTCUA_SMSGATE_PRIVATE_KEY=k", "MOTCUA_SMSGATE_BRAND=B", "MOTCUA_SMSGATE_KEYWORD=DVC HCM"}, []string{"MOTCUA_SMSGATE_KEYWORD is not one word"}},
		{"sandbox", []string{"MOTCUA_SMSGATE_CPID=1", "MOTCUA_SMSGATE_API_KEY=k", "MOTCUA_SMSGATE_SECRET_KEY=k", "MOTCUA_SMSGATE_PRIVATE_KEY=k", "MOTCUA_SMSGATE_BRAND=B", "MOTCUA_SMSGATE_SANDBOX=1"}, []string{"must be on or off"}},
		{"a route that is none", []string{"MOTCUA_SMS_ROUTES=+84:smsgate/main"}, []string{"is not of the form"}},
		{"a route to nowhere", []string{"MOTCUA_SMS_ROUTES=+84=smsgate"}, []string{`"smsgate" is not an account`}},
		{"three tokens", []string{"MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_FROM=1", "MOTCUA_TWILIO_AUTH_TOKEN=a,b,c"}, []string{"holds 3 tokens"}},
		{"empty token", []string{"MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_FROM=1", "MOTCUA_TWILIO_AUTH_TOKEN=a,"}, []string{"holds an empty token"}},
		{"proxies", []string{"MOTCUA_TRUSTED_PROXIES=10.0.0.0/8,proxy"}, []string{`"proxy" is neither`}},
		{"clamd", []string{"MOTCUA_CLAMD_ADDR=clamd"}, []string{"must be host:port"}},
		{"production over HTTP", []string{prod}, []string{"MOTCUA_PUBLIC_URL must begin with https://"}},
		{"production at home", []string{prod, "MOTCUA_PUBLIC_URL=https://localhost"}, []string{"is an address of this machine"}},
		{"production with placeholders", []string{prod, https, "MOTCUA_TELEGRAM_TOKEN=changeme", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=secret",
			"MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_FROM=1", "MOTCUA_TWILIO_AUTH_TOKEN=real-one,test-token"},
			[]string{"MOTCUA_TELEGRAM_TOKEN is a value from documentation", "MOTCUA_TELEGRAM_WEBHOOK_SECRET is a value", "MOTCUA_TELEGRAM_WEBHOOK_SECRET has fewer", "MOTCUA_TWILIO_AUTH_TOKEN is a value"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, c.environ...)
			if len(got) != len(c.want) {
				t.Fatalf("%d problems, want %d: %q", len(got), len(c.want), got)
			}
			for i := range got {
				if !strings.Contains(got[i], c.want[i]) {
					t.Errorf("%q, want %q", got[i], c.want[i])
				}
				for _, secret := range []string{"pass@", "1:a", "a b", "changeme", "real-one"} {
					if strings.Contains(got[i], secret) {
						t.Errorf("%q tells a secret", got[i])
					}
				}
			}
		})
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := load(t, "MOTCUA_TELEGRAM_TOKEN_FILE="+file("token", "1:abc\n"), "MOTCUA_TELEGRAM_MODE=poll", "MOTCUA_DATABASE_URL_FILE="+file("db", "postgres://u:p@h/d\r\n"))
	if c.Telegram.Token.Reveal() != "1:abc" || c.DatabaseURL.Reveal() != "postgres://u:p@h/d" {
		t.Errorf("%q %q", c.Telegram.Token.Reveal(), c.DatabaseURL.Reveal())
	}
	if got := problems(t, "MOTCUA_REDIS_URL_FILE="+file("empty", "\n")); !strings.Contains(got[0], "empty file") {
		t.Errorf("%q", got)
	}
	if got := problems(t, "MOTCUA_REDIS_URL_FILE="+file("large", strings.Repeat("x", maxFile+1))); !strings.Contains(got[0], "larger than") {
		t.Errorf("%q", got)
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	c := load(t, "MOTCUA_TELEGRAM_TOKEN=123:hush1", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=hush2", "MOTCUA_DATABASE_URL=postgres://app:hush3@db:5432/x?password=hush4",
		"MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_AUTH_TOKEN=hush5,hush6", "MOTCUA_TWILIO_FROM=HCMC")
	var printed bytes.Buffer
	if err := c.Print(&printed); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal([]any{c.Telegram, c.Twilio, c.DatabaseURL})
	if err != nil {
		t.Fatal(err)
	}
	all := printed.String() + string(asJSON) + fmt.Sprintf("%v %+v %#v %s %q", c.Telegram, c.Twilio, c.Telegram.Token, c.Twilio.AuthTokens, c.DatabaseURL)
	if i := strings.Index(all, "hush"); i >= 0 {
		t.Errorf("a secret shows: …%s", all[max(0, i-50):i+5])
	}
	for _, want := range []string{
		"MOTCUA_LISTEN=127.0.0.1:8080  # default\n", "MOTCUA_PUBLIC_URL=http://127.0.0.1:8080  # default\n", "MOTCUA_TELEGRAM_TOKEN=[secret]  # environment\n",
		"MOTCUA_DATABASE_URL=postgres://[secret]@db:5432/x?[secret]  # environment\n", "MOTCUA_REDIS_URL=  # default: in the process\n", "MOTCUA_TWILIO_FROM=HCMC  # environment\n",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("missing %q in\n%s", want, &printed)
		}
	}
	if strings.Contains(printed.String(), "SMSGATE") {
		t.Errorf("variables without a value and without a default are printed:\n%s", &printed)
	}
	secrets := c.Secrets()
	for _, s := range []string{"123:hush1", "hush2", "hush3", "hush5", "hush6"} {
		if !slices.Contains(secrets, s) {
			t.Errorf("%s is not among the secrets", s)
		}
	}
}

func TestSimulator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		why     string
	}{
		{nil, ""},
		{[]string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_MODE=poll", "MOTCUA_TELEGRAM_API_URL=http://localhost:1"}, ""},
		{[]string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_MODE=poll"}, "MOTCUA_TELEGRAM_TOKEN is a real account"},
		{[]string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_MODE=poll", "MOTCUA_TELEGRAM_API_URL=http://127.0.0.1.example.org"}, "real account"},
		{[]string{"MOTCUA_TWILIO_ACCOUNT_SID=AC1", "MOTCUA_TWILIO_AUTH_TOKEN=t", "MOTCUA_TWILIO_FROM=1"}, "MOTCUA_TWILIO_ACCOUNT_SID"},
		{[]string{"MOTCUA_ENV=production", "MOTCUA_PUBLIC_URL=https://a.vn"}, "production"},
		{[]string{"MOTCUA_LISTEN=0.0.0.0:8080"}, "loopback"},
	} {
		ok, why := load(t, c.environ...).Simulator()
		if ok != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%v: %v %q", c.environ, ok, why)
		}
	}
}

func TestWithListener(t *testing.T) {
	t.Parallel()
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4321}
	c := load(t, "MOTCUA_LISTEN=127.0.0.1:0")
	if d := c.WithListener(addr); d.PublicURL != "http://127.0.0.1:4321" || d.Listen != "127.0.0.1:4321" || c.Listen != "127.0.0.1:0" {
		t.Errorf("%s %s", d.PublicURL, d.Listen)
	}
	if d := load(t, "MOTCUA_PUBLIC_URL=https://a.vn").WithListener(addr); d.PublicURL != "https://a.vn" {
		t.Errorf("%s", d.PublicURL)
	}
	for listen, want := range map[string]string{":80": "http://127.0.0.1:80", "0.0.0.0:80": "http://127.0.0.1:80", "[::]:80": "http://127.0.0.1:80", "10.1.1.1:80": "http://10.1.1.1:80"} {
		if got := load(t, "MOTCUA_LISTEN="+listen).PublicURL; got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"ab", "ba", 1}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range Variables() {
		if seen[v.Name] || !strings.HasPrefix(v.Name, prefix) || strings.HasSuffix(v.Name, "_FILE") || v.Meaning == "" {
			t.Errorf("%+v", v)
		}
		seen[v.Name] = true
		// A name that ends like a secret is one.
		for _, end := range []string{"_TOKEN", "_SECRET", "_KEY", "_PASSWORD"} {
			if strings.HasSuffix(v.Name, end) && !v.Secret {
				t.Errorf("%s is not treated as a secret", v.Name)
			}
		}
	}
}
