package smsgate_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/channeltest"
	"github.com/motcua/motcua/channels/smsgate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

const (
	public = "https://motcua.example"
	target = "/webhooks/smsgate/main"
	oldKey = "0dd17417a0d20114d36a902e49cad0e9"
	number = "+84901234567"
	other  = "+84901234568"
)

var noon = time.Date(2026, 12, 3, 12, 0, 0, 0, core.City)

// at is a clock that stands.
type at time.Time

func (a at) Now() time.Time { return time.Time(a) }

type bundle struct {
	fake    *simkit.SMSGate
	phone   *simkit.SMSGatePhone
	adapter *smsgate.Adapter
}

func setup(t *testing.T, transport http.RoundTripper) bundle {
	t.Helper()
	fake := simkit.NewSMSGate(simkit.SMSGateOptions{})
	if err := fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	if transport == nil {
		lt := simkit.NewLoopbackTransport()
		t.Cleanup(lt.CloseIdleConnections)
		transport = lt
	}
	a, err := smsgate.New(smsgate.Config{
		CPID: fake.CPID(), PrivateKeys: []string{fake.PrivateKey(), oldKey}, APIKey: fake.APIKey(), SecretKey: fake.SecretKey(),
		Brand: fake.Brand(), Keywords: []string{"DVC"}, PublicURL: public, APIURL: fake.URL(), Transport: transport,
		Clock: at(noon),
	})
	if err != nil {
		t.Fatal(err)
	}
	return bundle{fake: fake, phone: fake.Phone(number), adapter: a}
}

// query is what the gateway asks for a message; more replaces parameters before
// it is signed with a key.
func (b bundle) query(id, text, key string, more url.Values) url.Values {
	q := simkit.SMSGateQuery(b.fake.CPID(), id, number, text, "8041", noon)
	for k, v := range more {
		q[k] = v
	}
	q.Set("sign", simkit.SMSGateSignature(key, q))
	return q
}

func get(name, path string, q url.Values) channeltest.Request {
	return channeltest.Request{Name: name, Method: http.MethodGet, Target: path + "?" + q.Encode()}
}

// reportPath is the secret address that the fake was told.
func (b bundle) reportPath(t *testing.T) string {
	t.Helper()
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: "+84909999999", Text: "a"}); err != nil {
		t.Fatal(err)
	}
	all := b.fake.Outbox()
	u, err := url.Parse(all[len(all)-1].Callback)
	if err != nil || !strings.HasPrefix(u.String(), public+target+"/") {
		t.Fatalf("reports go to %q: %v", u, err)
	}
	return u.Path
}

func bodies(p *simkit.SMSGatePhone) func() []string {
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
		path := setup(t, nil).reportPath(t) // of another fake with the same key: the exam counts calls
		var n atomic.Int64
		key := b.fake.PrivateKey()
		message := func(text string, more url.Values) url.Values {
			return b.query(fmt.Sprintf("MO%d", n.Add(1)), text, key, more)
		}
		good := func(name string, more url.Values) channeltest.Request { return get(name, target, message("a", more)) }
		changed := func(name, param, value string) channeltest.Request {
			q := message("thật", nil)
			q.Set(param, value)
			return get(name, target, q)
		}
		without := func(param string) channeltest.Request {
			q := message("thật", nil)
			q.Del(param)
			return get("without "+param, target, q)
		}
		twice := func(param string) channeltest.Request {
			q := message("thật", nil)
			q.Add(param, "x")
			return get("two of "+param, target, q)
		}
		posted := get("posted", target, message("thật", nil))
		posted.Method, posted.Body = http.MethodPost, strings.TrimPrefix(posted.Target, target+"?")
		torn := get("torn", target, message("thật", nil))
		torn.Target += "&%zz"
		refused := func(code int, reason channels.Reason) channeltest.ErrorCase {
			return channeltest.ErrorCase{Fault: simkit.Refuse(200, code, "about "+number), Reason: reason}
		}
		report := func(path, id string, status int, more url.Values) channeltest.Request {
			q := url.Values{"SMSID": {id}, "SendStatus": {fmt.Sprint(status)}, "SendSuccess": {"0"}, "SendFailed": {"0"}, "RequestId": {"x.0"}}
			for k, v := range more {
				q[k] = v
			}
			return get(fmt.Sprintf("report %d", status), path, q)
		}
		return channeltest.Bench{
			Adapter:  b.adapter,
			To:       number,
			Stop:     b.fake.Close,
			Faults:   &b.fake.Faults,
			Journal:  &b.fake.Journal,
			SendCall: "POST SendMultipleMessage_V4_post_json",
			AskCall:  "GET GetSendStatus",
			Received: bodies(b.phone),
			Await: func(ctx context.Context, n int) error {
				_, err := b.phone.Await(ctx, n)
				return err
			},
			Errors: []channeltest.ErrorCase{
				refused(99, channels.ReasonBlocked),
				refused(101, channels.ReasonBadAccount),
				refused(102, channels.ReasonBadAccount),
				refused(103, channels.ReasonBadAccount),
				refused(104, channels.ReasonBadAccount),
				refused(108, channels.ReasonBadAddress),
				refused(118, channels.ReasonRefused),
				refused(140, channels.ReasonBadAccount),
				refused(143, channels.ReasonBadAccount),
				refused(146, channels.ReasonRefused),
				refused(177, channels.ReasonBadAddress),
				refused(201, channels.ReasonRefused),
				refused(999, channels.ReasonRefused),
				{Fault: simkit.Refuse(200, 160, "TPS"), Reason: channels.ReasonThrottled, Retry: true},
				{Fault: simkit.Refuse(503, 999, "unavailable"), Reason: channels.ReasonUnreachable, Retry: true},
				{Fault: simkit.Fault{Status: 404, Body: []byte("<html>nginx</html>")}, Reason: channels.ReasonBadAccount},
				{Fault: simkit.Fault{Status: 302, Body: []byte("moved")}, Reason: channels.ReasonBadAccount},
				{Fault: simkit.Fault{Status: 200, Body: []byte("<html>captive portal</html>"), Accept: true}, Reason: channels.ReasonUnreachable, Retry: true, Unknown: true},
				{Fault: simkit.Fault{Status: 200, Body: []byte(`{"error":"Invalid request"}`)}, Reason: channels.ReasonRefused},
			},
			BadAddress: []string{"0901234567", "84901234567", "+0901234567", "+12025550100", "+84 901234567", "8041", "HCMC-DVC"},
			Message:    func(text string) channeltest.Request { return get("message", target, message(text, nil)) },
			Forged: []channeltest.Request{
				get("another key", target, b.query("MO1", "giả", "5ec0e7", nil)),
				get("another account", target, message("giả", url.Values{"cpid": {"9052"}})),
				changed("content changed", "content", "giả"), changed("id changed", "smsid", "MO0"), changed("time changed", "receiverTime", "20261203115959"),
				changed("account changed", "cpid", "9052"), changed("empty signature", "sign", ""),
				without("sign"), without("cpid"), without("smsid"), without("content"), without("receiverTime"), without("sender"),
				twice("content"), twice("smsid"), twice("sender"), twice("sign"),
				posted, torn,
				get("wrong secret segment", target+"/00000000000000000000000000000000", url.Values{"SMSID": {"1"}, "SendStatus": {"5"}}),
				get("a signed message under a wrong segment", target+"/x", message("giả", nil)),
			},
			Refusal: core.CodeDenied,
			Planted: []string{key, oldKey, b.fake.APIKey(), b.fake.SecretKey()},
			Rotated: func(text string) channeltest.Request {
				return get("old key", target, b.query(fmt.Sprintf("MO%d", n.Add(1)), text, oldKey, nil))
			},
			Other: channeltest.Person{
				To: other, Received: bodies(b.fake.Phone(other)),
				Message: func(text string) channeltest.Request {
					return get("message", target, message(text, url.Values{"sender": {strings.TrimPrefix(other, "+")}}))
				},
			},
			Elsewhere: []channeltest.Request{get("another provider", target, message("a", url.Values{"cpid": {"9052"}}))},
			Skewed: []channeltest.Request{
				good("three days and a second ago", url.Values{"receiverTime": {"20261130115959"}}),
				good("in an hour and a second", url.Values{"receiverTime": {"20261203130001"}}),
				good("of 1970", url.Values{"receiverTime": {"19700101000000"}}),
			},
			AnyTime: []channeltest.Request{
				good("almost three days ago", url.Values{"receiverTime": {"20261130120001"}}),
				good("in almost an hour", url.Values{"receiverTime": {"20261203125959"}}),
			},
			Huge: channeltest.Huge{
				Request: get("huge", target, b.query(strings.Repeat("9", 64), "a", key, url.Values{"sender": {"999999999999999"}})),
				ID:      strings.Repeat("9", 64), External: "+999999999999999",
			},
			Unknown: []channeltest.Request{
				good("brand name", url.Values{"sender": {"VIETTEL"}}),
				good("short code", url.Values{"sender": {"8041"}}),
				good("nobody", url.Values{"sender": {""}}),
				good("three days and more ago", url.Values{"receiverTime": {"20261130115959"}}),
				good("tomorrow", url.Values{"receiverTime": {"20261204120000"}}),
				report(path, "x", 99, nil),
				report(path, "", 5, nil),
			},
			Malformed: []channeltest.Request{
				{Name: "empty", Method: http.MethodGet, Target: target},
				good("no time", url.Values{"receiverTime": {"2026-12-03 12:00"}}),
				good("no day", url.Values{"receiverTime": {"20261232120000"}}),
				good("odd id", url.Values{"smsid": {"a b"}}),
				good("empty id", url.Values{"smsid": {""}}),
				good("control characters", url.Values{"content": {"a\x00b"}}),
				good("not UTF-8", url.Values{"content": {"a\xff"}}),
				good("very long", url.Values{"content": {strings.Repeat("a", 5000)}}),
				good("part 0", url.Values{"concat-ref": {"7"}, "concat-part": {"0"}, "concat-total": {"2"}}),
				good("part 3 of 2", url.Values{"concat-ref": {"7"}, "concat-part": {"3"}, "concat-total": {"2"}}),
				good("a thousand parts", url.Values{"concat-ref": {"7"}, "concat-part": {"3"}, "concat-total": {"1000"}}),
				good("parts of nothing", url.Values{"concat-part": {"1"}, "concat-total": {"2"}}),
			},
			Reports: func(external string) []channeltest.Request {
				return []channeltest.Request{report(path, external, 2, nil), report(path, external, 7, nil), report(path, external, 5, url.Values{"SendSuccess": {"1"}})}
			},
		}
	})
}

// parse parses a query signed with the old key of a rotation.
func (b bundle) parse(t *testing.T, path string, q url.Values) channels.Inbound {
	t.Helper()
	in, err := b.adapter.Parse(httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), http.NoBody), nil)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestGolden(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	path := b.reportPath(t)
	channeltest.Golden(t, func(t *testing.T, body []byte) channels.Inbound {
		form, err := url.ParseQuery(strings.TrimSpace(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		if form.Has("SMSID") {
			return b.parse(t, path, form)
		}
		return b.parse(t, target, b.query("MO1", "", oldKey, form))
	})
}

// A signed address whose border between id and text is moved is signed as well.
// It is known by the digest of what was signed, which no move changes.
func TestMovedBorder(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	first := b.query("MO12", "TRA CUU 0042", oldKey, nil)
	moved := b.query("MO1", "2TRA CUU 0042", oldKey, nil)
	if first.Get("sign") != moved.Get("sign") {
		t.Fatal("the protocol changed: a moved border has another signature")
	}
	one, two := b.parse(t, target, first).Events[0], b.parse(t, target, moved).Events[0]
	if one.ID == two.ID || one.Alias == "" || one.Alias != two.Alias {
		t.Errorf("ids %q and %q, aliases %q and %q: want the same alias", one.ID, two.ID, one.Alias, two.Alias)
	}
	other := b.parse(t, target, b.query("MO12", "TRA CUU 0043", oldKey, nil)).Events[0]
	if other.Alias == one.Alias {
		t.Error("another text has the same alias")
	}
}

// The other end of a rotation: what the old key signed is no longer taken once it
// is gone, and the report address of the new key differs.
func TestRotation(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	before := b.reportPath(t)
	b.fake.RotateKey("11117417a0d20114d36a902e49cad0e97f3")
	next, err := smsgate.New(smsgate.Config{
		CPID: b.fake.CPID(), PrivateKeys: []string{b.fake.PrivateKey()}, APIKey: "a", SecretKey: "b", Brand: "B", PublicURL: public, Clock: at(noon),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, key string
		want      core.Code
	}{
		{target, b.fake.PrivateKey(), ""}, {target, oldKey, core.CodeDenied}, {before, oldKey, core.CodeDenied},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path+"?"+b.query("MO1", "a", c.key, nil).Encode(), http.NoBody)
		if _, err := next.Parse(r, nil); core.ErrorCode(err) != c.want {
			t.Errorf("%s: %v, want %q", c.path[:len(target)], err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range [][6]string{
		{"MO1", "tra cuu", "84901234567", "20261203120000", "", ""}, {"MO1", "DVC KHAI SINH", "84901234567", "20261203120000", "2", "1"},
		{"a b", "\x00", "8041", "2026", "99", "-1"}, {"MO1", "VMO0aSBj4bqnbiBnaeG6pXkga2hhaSBzaW5oIGNobyBjb24gdMO0aSBzaW5oIG7Eg20gMjAyNQ==", "84901234567", "20261203120000", "", ""},
		{"MO1", "dvc", "84901234567", "20261203120000", "0", "0"}, {"", "", "", "", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	a, err := smsgate.New(smsgate.Config{
		CPID: "9051", PrivateKeys: []string{oldKey}, APIKey: "a", SecretKey: "b", Brand: "B", Keywords: []string{"DVC"},
		PublicURL: public, Clock: at(noon),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, content, sender, when, total, part string) {
		q := url.Values{
			"cpid": {"9051"}, "smsid": {id}, "content": {content}, "sender": {sender}, "receiverTime": {when},
			"concat-ref": {"7"}, "concat-total": {total}, "concat-part": {part}, "sign": {"AAAAAAAAAAAAAAAAAAAAAA=="},
		}
		ask := func() (channels.Inbound, error) {
			return a.Parse(httptest.NewRequest(http.MethodGet, target+"?"+q.Encode(), http.NoBody), nil)
		}
		if _, err := ask(); core.ErrorCode(err) != core.CodeDenied {
			t.Fatalf("a forged request got through: %v", err)
		}
		q.Set("sign", simkit.SMSGateSignature(oldKey, q))
		in, err := ask()
		if err != nil {
			t.Fatalf("an authentic request must never fail: %v", err)
		}
		if len(in.Events)+in.Ignored != 1 {
			t.Fatalf("neither one thing nor ignored: %+v", in)
		}
		for _, ev := range in.Events {
			if ev.ID == "" || ev.External != "+"+sender || ev.Kind == "" || ev.Part.N > ev.Part.Of || strings.Contains(ev.Text, "\x00") {
				t.Fatalf("incomplete event: %+v", ev)
			}
		}
	})
}
