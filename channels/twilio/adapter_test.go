package twilio_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/twilio"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

func TestNew(t *testing.T) {
	t.Parallel()
	ok := twilio.Config{AccountSID: "AC1", AuthTokens: []string{"a1"}, From: number, PublicURL: public}
	if _, err := twilio.New(ok); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*twilio.Config){
		"ErrSID":           func(c *twilio.Config) { c.AccountSID = "AC/../1" },
		"ErrNoToken":       func(c *twilio.Config) { c.AuthTokens = nil },
		"ErrEmptyToken":    func(c *twilio.Config) { c.AuthTokens = []string{"a1", ""} },
		"ErrNoSender":      func(c *twilio.Config) { c.From = "" },
		"ErrNoPublicURL":   func(c *twilio.Config) { c.PublicURL = "" },
		"ErrPublicURLUser": func(c *twilio.Config) { c.PublicURL = "https://a:b@motcua.example" },
		"ErrAPIURL":        func(c *twilio.Config) { c.APIURL = "://x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := ok
			change(&c)
			if _, err := twilio.New(c); core.ErrorCode(err) != core.CodeInvalid {
				t.Errorf("%v, want invalid", err)
			}
		})
	}
}

// TestSignature: what has to be accepted beside the plain case. The refusals are
// in the exam.
func TestSignature(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	form := b.inbound("SM00000000000000000000000000000001", "Xin chào đây", nil)
	repeated := b.inbound("SM00000000000000000000000000000002", "a", url.Values{"Tag": {"b", "a", "b"}})
	for _, c := range []struct {
		name, path, forURL string
		form               url.Values
		firstOnly          bool
	}{
		{"plain", target, public + target, form, false},
		{"explicit port", target, "https://motcua.example:443" + target, form, false},
		{"query", target + "?part=0198&x=%20y", public + target + "?part=0198&x=%20y", form, false},
		{"repeated, all distinct values", target, public + target, repeated, false},
		{"repeated, the first value alone", target, public + target, repeated, true},
		{"parameter of the future", target, public + target, b.inbound("SM3", "a", url.Values{"Hologram": {"1"}}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, body := authentic(t, c.path, c.forURL, c.form, c.firstOnly)
			r.Host = "attacker.example" // never believed, whatever a proxy says
			r.Header.Set("X-Forwarded-Proto", "http")
			r.Header.Set("X-Forwarded-Host", "attacker.example")
			if in, err := b.adapter.Parse(r, body); err != nil || len(in.Events) != 1 {
				t.Errorf("%+v, %v", in, err)
			}
		})
	}
}

// TestSignatureVector is the example of the vendor's own security page.
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+12349013030"}, "Digits": {"1234"},
		"From": {"+12349013030"}, "To": {"+18005551212"},
	}
	if got := simkit.TwilioSignature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form, false); got != "0/KCTR6DLpKmkAf8muzZqo1nDgQ=" {
		t.Errorf("signature %q", got)
	}
}

// TestRequest pins what goes over the wire, and that the callback's id comes back
// under the signature.
func TestRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	sent, err := b.adapter.Send(t.Context(), channels.Outbound{
		To: number, Text: strings.Repeat("a", 161), CallbackID: "0198/1 ạ", Rows: [][]channels.Button{{{Label: "x", Data: "y"}}},
	})
	if err != nil || sent.Units != 2 {
		t.Fatalf("%+v, %v; want 2 segments", sent, err)
	}
	want := map[string][]string{
		"To": {number}, "From": {"HCMC-DVC"}, "Body": {strings.Repeat("a", 161)},
		"StatusCallback": {"https://motcua.example/webhooks/twilio/main?part=0198%2F1+%E1%BA%A1"},
	}
	if diff := cmp.Diff(want, map[string][]string(b.fake.Journal.Calls("POST Messages.json")[0].Params)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNoCallback: with a public URL on this machine the real vendor would refuse
// the message because of its callback, so none is asked for.
func TestNoCallback(t *testing.T) {
	t.Parallel()
	var asked []string
	a, err := twilio.New(twilio.Config{
		AccountSID: "AC1", AuthTokens: []string{"a1"}, From: "MG00000000000000000000000000005151", PublicURL: "http://127.0.0.1:8080",
		Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if err := r.ParseForm(); err != nil {
				return nil, err
			}
			asked = append(asked, r.URL.Host, r.PostForm.Get("StatusCallback"), r.PostForm.Get("MessagingServiceSid"), r.PostForm.Get("From"))
			return nil, http.ErrServerClosed
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), channels.Outbound{To: number, Text: "a", CallbackID: "1"}); err == nil {
		t.Fatal("no error")
	}
	if want := []string{"api.twilio.com", "", "MG00000000000000000000000000005151", ""}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOptOut: the vendor blocks at once, and the reason is known.
func TestOptOut(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.phone.Text("STOP")
	_, err := b.adapter.Send(t.Context(), channels.Outbound{To: number, Text: "a"})
	if err == nil || !strings.Contains(err.Error(), "blocked") {
		t.Errorf("%v, want blocked", err)
	}
}
