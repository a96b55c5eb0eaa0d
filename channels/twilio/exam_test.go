package twilio_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/channeltest"
	"github.com/motcua/motcua/channels/twilio"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

const (
	public   = "https://motcua.example"
	target   = "/webhooks/twilio/main"
	oldToken = "01d00000000000000000000000000001"
	number   = "+84901234567"
	other    = "+84901234568"
)

type bundle struct {
	fake    *simkit.Twilio
	phone   *simkit.TwilioPhone
	adapter *twilio.Adapter
}

func setup(t *testing.T, transport http.RoundTripper) bundle {
	t.Helper()
	fake := simkit.NewTwilio(simkit.TwilioOptions{Numbers: []string{"HCMC-DVC"}})
	if err := fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	if transport == nil {
		lt := simkit.NewLoopbackTransport()
		t.Cleanup(lt.CloseIdleConnections)
		transport = lt
	}
	a, err := twilio.New(twilio.Config{
		AccountSID: fake.AccountSID(), AuthTokens: []string{fake.AuthToken(), oldToken}, From: "HCMC-DVC",
		PublicURL: public, APIURL: fake.URL(), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return bundle{fake: fake, phone: fake.Phone(number), adapter: a}
}

// signed is a form posted to a path, signed for a URL with a token.
func signed(name, path, forURL, token string, form url.Values) channeltest.Request {
	return channeltest.Request{
		Name: name, Target: path, Body: form.Encode(),
		Header: http.Header{
			"Content-Type":       {"application/x-www-form-urlencoded"},
			"X-Twilio-Signature": {simkit.TwilioSignature(token, forURL, form, false)},
		},
	}
}

// inbound is the form of a message; more is merged in.
func (b bundle) inbound(sid, text string, more url.Values) url.Values {
	form := url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid}, "AccountSid": {b.fake.AccountSID()},
		"From": {number}, "To": {"+12025550100"}, "Body": {text}, "NumMedia": {"0"}, "NumSegments": {"1"},
		"SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
	}
	for k, v := range more {
		form[k] = v
	}
	return form
}

func bodies(p *simkit.TwilioPhone) func() []string {
	return func() (out []string) {
		for _, m := range p.Messages() {
			out = append(out, m.Body)
		}
		return out
	}
}

func TestExam(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, func(t *testing.T, transport http.RoundTripper) channeltest.Bench {
		b := setup(t, transport)
		var n atomic.Int64
		form := func(text string, more url.Values) url.Values {
			return b.inbound(fmt.Sprintf("SM%032x", n.Add(1)), text, more)
		}
		good := func(name string, form url.Values) channeltest.Request {
			return signed(name, target, public+target, b.fake.AuthToken(), form)
		}
		forged := func(name, path, forURL, token string) channeltest.Request {
			return signed(name, path, forURL, token, form("giả", nil))
		}
		tampered := good("body changed", form("thật", nil))
		tampered.Body = strings.Replace(tampered.Body, "SmsStatus=received", "SmsStatus=Received", 1)
		extended := good("parameter added", form("thật", nil))
		extended.Body += "&OptOutType=STOP"
		moved := good("query added", form("thật", nil))
		moved.Target += "?x=1"
		fetched := good("fetched", form("thật", nil))
		fetched.Method = http.MethodGet
		lower := good("signature in lower case", form("thật", nil))
		lower.Header = http.Header{"X-Twilio-Signature": {strings.ToLower(lower.Header.Get("X-Twilio-Signature"))}}

		refused := func(status, code int, reason channels.Reason) channeltest.ErrorCase {
			return channeltest.ErrorCase{Fault: simkit.Refuse(status, code, "about "+number), Reason: reason}
		}
		report := func(sid, status string) channeltest.Request {
			return good(status, url.Values{
				"AccountSid": {b.fake.AccountSID()}, "MessageSid": {sid}, "SmsSid": {sid},
				"MessageStatus": {status}, "SmsStatus": {status}, "To": {number}, "From": {"HCMC-DVC"},
			})
		}
		return channeltest.Bench{
			Adapter:  b.adapter,
			To:       number,
			Stop:     b.fake.Close,
			Faults:   &b.fake.Faults,
			Journal:  &b.fake.Journal,
			SendCall: "POST Messages.json",
			AskCall:  "GET Message.json",
			Received: bodies(b.phone),
			Await: func(ctx context.Context, n int) error {
				_, err := b.phone.Await(ctx, n)
				return err
			},
			Errors: []channeltest.ErrorCase{
				refused(400, 21610, channels.ReasonBlocked),
				refused(400, 21211, channels.ReasonBadAddress),
				refused(400, 21614, channels.ReasonBadAddress),
				refused(403, 21408, channels.ReasonBadAddress),
				refused(400, 21606, channels.ReasonBadAccount),
				refused(400, 21617, channels.ReasonTooLarge),
				refused(400, 21602, channels.ReasonRefused),
				refused(400, 21999, channels.ReasonRefused),
				refused(401, 20003, channels.ReasonBadAccount),
				refused(404, 20404, channels.ReasonBadAccount),
				{Fault: simkit.Refuse(429, 21611, "queue full"), Reason: channels.ReasonThrottled, Retry: true},
				{Fault: simkit.Refuse(503, 20503, "unavailable"), Reason: channels.ReasonUnreachable, Retry: true},
				{Fault: simkit.Fault{Status: 404, Body: []byte("<html>nginx</html>")}, Reason: channels.ReasonBadAccount},
				{Fault: simkit.Fault{Status: 302, Body: []byte("moved")}, Reason: channels.ReasonBadAccount},
			},
			BadAddress: []string{"0901234567", "84901234567", "+0901234567", "whatsapp:+84901234567", "+84 901234567", "HCMC-DVC"},
			Message:    func(text string) channeltest.Request { return good("message", form(text, nil)) },
			Forged: []channeltest.Request{
				forged("another token", target, public+target, "5ec0e7000000000000000000000a0722"),
				forged("plain http", target, "http://motcua.example"+target, b.fake.AuthToken()),
				forged("another host", target, "https://motcua.example.evil"+target, b.fake.AuthToken()),
				forged("trailing slash", target, public+target+"/", b.fake.AuthToken()),
				tampered, extended, moved, fetched, lower,
			},
			Refusal: core.CodeDenied,
			Planted: []string{b.fake.AuthToken(), oldToken},
			Rotated: func(text string) channeltest.Request {
				return signed("old token", target, public+target, oldToken, form(text, nil))
			},
			Other: channeltest.Person{
				To: other, Received: bodies(b.fake.Phone(other)),
				Message: func(text string) channeltest.Request {
					return good("message", form(text, url.Values{"From": {other}}))
				},
			},
			Elsewhere: []channeltest.Request{
				good("of a subaccount", form("a", url.Values{"AccountSid": {"AC00000000000000000000000000000667"}})),
				forged("of a subaccount, with its own token", target, public+target, "5ab0000000000000000000000000acc0"),
			},
			AnyTime: []channeltest.Request{good("whenever", form("a", nil))}, // the protocol knows no time
			Huge: channeltest.Huge{
				Request: good("huge", b.inbound("SM"+strings.Repeat("f", 32), "a", url.Values{"From": {"+999999999999999"}})),
				ID:      "SM" + strings.Repeat("f", 32), External: "+999999999999999",
			},
			Unreadable: []channeltest.Request{
				good("picture", form("", url.Values{"NumMedia": {"1"}, "MediaUrl0": {"https://api.twilio.example/1"}, "MediaContentType0": {"image/jpeg"}})),
				good("voice", form("", url.Values{"NumMedia": {"1"}, "MediaUrl0": {"https://api.twilio.example/2"}, "MediaContentType0": {"audio/amr"}})),
				good("no text", form("", url.Values{"Body": nil, "NumMedia": {"3"}})),
			},
			OptOut: func() channeltest.Request {
				return good("opted out", form("STOP", url.Values{"OptOutType": {"STOP"}}))
			},
			OptIn: func() channeltest.Request {
				return good("opted in", form("START", url.Values{"OptOutType": {"START"}}))
			},
			Unknown: []channeltest.Request{
				good("state of the future", url.Values{"AccountSid": {b.fake.AccountSID()}, "MessageSid": {"SM1"}, "MessageStatus": {"pondering"}}),
				good("no message id", form("a", url.Values{"MessageSid": nil, "SmsSid": nil})),
				good("brand name", form("a", url.Values{"From": {"VIETTEL"}})),
				good("short code", form("a", url.Values{"From": {"8041"}})),
				good("another network", form("a", url.Values{"From": {"whatsapp:+84901234567"}})),
				good("nobody", form("a", url.Values{"From": nil})),
				good("another account", form("a", url.Values{"AccountSid": {"AC00000000000000000000000000000666"}})),
				good("nothing", url.Values{}),
			},
			Malformed: []channeltest.Request{
				{Name: "empty", Target: target},
				{Name: "no form", Target: target, Body: "%zz=%", Header: http.Header{"X-Twilio-Signature": {"x"}}},
				{Name: "JSON", Target: target, Body: `{"From":"+84901234567"}`, Header: http.Header{"X-Twilio-Signature": {"x"}}},
				good("no AccountSid", url.Values{"From": {number}, "Body": {"a"}, "MessageSid": {"SM1"}}),
			},
			Reports: func(external string) []channeltest.Request {
				return []channeltest.Request{report(external, "queued"), report(external, "sent"), report(external, "delivered")}
			},
		}
	})
}

// authentic builds the request of a form signed with the old token, the way the
// other canonicalisation has it when firstOnly.
func authentic(t *testing.T, path, forURL string, form url.Values, firstOnly bool) (*http.Request, []byte) {
	t.Helper()
	body := form.Encode()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("X-Twilio-Signature", simkit.TwilioSignature(oldToken, forURL, form, firstOnly))
	return r, []byte(body)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	channeltest.Golden(t, func(t *testing.T, body []byte) channels.Inbound {
		form, err := url.ParseQuery(strings.TrimSpace(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		form.Set("AccountSid", b.fake.AccountSID())
		r, raw := authentic(t, target, public+target, form, false)
		in, err := b.adapter.Parse(r, raw)
		if err != nil {
			t.Fatal(err)
		}
		return in
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"MessageSid=SM1&From=%2B84901234567&Body=tra+cuu", "MessageSid=SM1&MessageStatus=delivered",
		"MessageSid=SM1&MessageStatus=failed&ErrorCode=30003", "From=%2B1&From=%2B2", "OptOutType=STOP&SmsSid=SM2&From=%2B84901234567",
		"NumMedia=99999999999&NumSegments=-1", "Body=VMO0aSBj4bqnbiBnaeG6pXkga2hhaSBzaW5oIGNobyBjb24gdMO0aSBzaW5oIG7Eg20gMjAyNQ%3D%3D&NumSegments=2", "=&;%",
	} {
		f.Add(seed)
	}
	const sid = "AC00000000000000000000000000005151"
	a, err := twilio.New(twilio.Config{AccountSID: sid, AuthTokens: []string{oldToken}, From: number, PublicURL: public})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		forged := httptest.NewRequest(http.MethodPost, target, nil)
		forged.Header.Set("X-Twilio-Signature", "0000000000000000000000000000")
		if _, err := a.Parse(forged, []byte(body)); core.ErrorCode(err) != core.CodeDenied {
			t.Fatalf("a forged request got through: %v", err)
		}
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		form.Set("AccountSid", sid)
		r, raw := authentic(t, target, public+target, form, false)
		in, err := a.Parse(r, raw)
		if err != nil {
			t.Fatalf("an authentic request must never fail: %v", err)
		}
		if len(in.Events)+len(in.Statuses) > 1 || len(in.Events)+len(in.Statuses)+in.Ignored == 0 {
			t.Fatalf("neither one thing nor ignored: %+v", in)
		}
		for _, ev := range in.Events {
			if ev.ID == "" || ev.External == "" || ev.Kind == "" {
				t.Fatalf("incomplete event: %+v", ev)
			}
		}
	})
}
