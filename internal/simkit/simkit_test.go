package simkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/simkit"
)

// clock is one that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.mu.Unlock()
}

// hook is a webhook receiver that remembers what came and answers by plan.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	urls   []string
	answer func(n int, w http.ResponseWriter)
}

func newHook(t *testing.T, answer func(n int, w http.ResponseWriter)) *hook {
	t.Helper()
	h := &hook{answer: answer}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		h.bodies, h.heads, h.urls = append(h.bodies, string(body)), append(h.heads, r.Header.Clone()), append(h.urls, r.URL.String())
		n := len(h.bodies)
		h.mu.Unlock()
		if h.answer != nil {
			h.answer(n, w)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) got() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.bodies...)
}

// loopback is a client that keeps no connection, so that tests share nothing.
func loopback() *http.Client {
	t := simkit.NewLoopbackTransport()
	t.DisableKeepAlives = true
	return &http.Client{Transport: t}
}

func startTelegram(t *testing.T, opt simkit.TelegramOptions) *simkit.Telegram {
	t.Helper()
	tg := simkit.NewTelegram(opt)
	if err := tg.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tg.Close)
	return tg
}

type answer struct {
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// api makes one Bot API call.
func api(t *testing.T, tg *simkit.Telegram, method string, params url.Values) answer {
	t.Helper()
	a, err := apiCtx(t.Context(), tg, method, params)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func apiCtx(ctx context.Context, tg *simkit.Telegram, method string, params url.Values) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, tg.URL()+"/bot"+tg.Token()+"/"+method, strings.NewReader(params.Encode()))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := loopback().Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	return a, json.NewDecoder(resp.Body).Decode(&a)
}

func must(t *testing.T) func(int64, error) int64 {
	return func(id int64, err error) int64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
}

// TestWebhookRetries: at once, then 2, 4, 8 … s; a chat that fails holds back only
// itself.
func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	c := newClock()
	tg := startTelegram(t, simkit.TelegramOptions{Now: c.now})
	h := newHook(t, func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
	api(t, tg, "setWebhook", url.Values{"url": {h.URL + "/hook"}, "secret_token": {"s3cret"}})
	must(t)(tg.Person(1, "A", "vi").Say("một"))
	must(t)(tg.Person(1, "A", "vi").Say("hai"))
	start := c.now()
	var waits []time.Duration
	for range 5 {
		for _, d := range tg.Pump(t.Context()) {
			waits = append(waits, d.At.Sub(start))
			if d.Status != 500 {
				t.Fatalf("delivery %+v", d)
			}
		}
		due, ok := tg.NextDue()
		if !ok {
			t.Fatal("nothing is due any more")
		}
		c.add(due.Sub(c.now()))
	}
	want := []time.Duration{0, 0, 2 * time.Second, 6 * time.Second, 14 * time.Second, 30 * time.Second}
	if len(waits) != len(want) {
		t.Fatalf("attempts at %v, want %v", waits, want)
	}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("attempts at %v, want %v", waits, want)
		}
	}
	for i, body := range h.got() {
		if !strings.Contains(body, `"một"`) {
			t.Errorf("attempt %d overtook: %s", i, body)
		}
	}
	if h.heads[0].Get("X-Telegram-Bot-Api-Secret-Token") != "s3cret" {
		t.Error("no secret header")
	}
	// Another chat, and a press of the same person, go their own way.
	must(t)(tg.Person(2, "B", "vi").Say("ba"))
	if _, err := tg.Person(1, "A", "vi").PressData(99, "x"); err != nil {
		t.Fatal(err)
	}
	before := len(h.got())
	h.answer = nil
	tg.Pump(t.Context())
	rest := strings.Join(h.got()[before:], "\n")
	if !strings.Contains(rest, `"ba"`) || !strings.Contains(rest, `"callback_query"`) {
		t.Errorf("blocked by another queue: %s", rest)
	}
}

// TestWebhookRetryAfter: the vendor comes back when it was asked to.
func TestWebhookRetryAfter(t *testing.T) {
	t.Parallel()
	c := newClock()
	tg := startTelegram(t, simkit.TelegramOptions{Now: c.now})
	h := newHook(t, func(n int, w http.ResponseWriter) {
		if n == 1 {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	api(t, tg, "setWebhook", url.Values{"url": {h.URL}})
	must(t)(tg.Person(1, "A", "").Say("a"))
	tg.Pump(t.Context())
	c.add(29 * time.Second)
	if n := len(tg.Pump(t.Context())); n != 0 {
		t.Errorf("%d attempts before the time", n)
	}
	c.add(time.Second)
	if n := len(tg.Pump(t.Context())); n != 1 || tg.Waiting() != 0 {
		t.Errorf("%d attempts after it, %d waiting", n, tg.Waiting())
	}
}

// TestExpiry: presses live 150 s, messages 24 h.
func TestExpiry(t *testing.T) {
	t.Parallel()
	c := newClock()
	tg := startTelegram(t, simkit.TelegramOptions{Now: c.now})
	p := tg.Person(1, "A", "")
	must(t)(p.Say("a"))
	if _, err := p.PressData(1, "x"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		add  time.Duration
		want int
	}{{150 * time.Second, 2}, {time.Second, 1}, {23 * time.Hour, 1}, {time.Hour, 0}} {
		c.add(step.add)
		if n := tg.Waiting(); n != step.want {
			t.Errorf("after %v more: %d waiting, want %d", step.add, n, step.want)
		}
	}
}

// TestDeliveryFaults: duplicates arrive, lost answers repeat, nothing is lost, and
// the same seed does the same.
func TestDeliveryFaults(t *testing.T) {
	t.Parallel()
	run := func() string {
		c := newClock()
		tg := startTelegram(t, simkit.TelegramOptions{Now: c.now})
		h := newHook(t, nil)
		api(t, tg, "setWebhook", url.Values{"url": {h.URL}})
		tg.SetDeliveryFaults(simkit.DeliveryFaults{Duplicate: 1, Reorder: true, LosePercent: 30, LoseAnswerPercent: 30, Seed: 7})
		for i := range 20 {
			must(t)(tg.Person(int64(1+i%3), "A", "").Say("câu"))
		}
		for range 100 {
			tg.Pump(t.Context())
			due, ok := tg.NextDue()
			if !ok {
				break
			}
			c.add(max(due.Sub(c.now()), 0))
		}
		if tg.Waiting() != 0 {
			t.Fatalf("%d updates were never delivered", tg.Waiting())
		}
		var order strings.Builder
		seen := map[int64]int{}
		ordered := true
		last := int64(0)
		for _, body := range h.got() {
			var u struct {
				ID int64 `json:"update_id"`
			}
			if err := json.Unmarshal([]byte(body), &u); err != nil {
				t.Fatal(err)
			}
			seen[u.ID]++
			ordered = ordered && u.ID >= last
			last = u.ID
			order.WriteString(body)
		}
		if len(seen) != 20 || ordered || len(h.got()) < 40 {
			t.Errorf("%d updates in %d calls, ordered %v", len(seen), len(h.got()), ordered)
		}
		for id, n := range seen {
			if n < 2 {
				t.Errorf("update %d came once", id)
			}
		}
		return order.String()
	}
	if first, second := run(), run(); first != second {
		t.Error("the same seed gave another run")
	}
}

// TestRun: the living mode delivers without anybody pumping, and stops.
func TestRun(t *testing.T) {
	t.Parallel()
	tg := startTelegram(t, simkit.TelegramOptions{})
	h := newHook(t, func(n int, w http.ResponseWriter) {
		if n == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, `{"method":"sendMessage","chat_id":1,"text":"từ câu trả lời"}`)
	})
	api(t, tg, "setWebhook", url.Values{"url": {h.URL}})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- tg.Run(ctx) }()
	p := tg.Person(1, "A", "vi")
	must(t)(p.Say("a"))
	if _, err := p.AwaitText(ctx, func(s string) bool { return s == "từ câu trả lời" }); err != nil {
		t.Fatal(err)
	}
	if err := tg.AwaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
}

// TestLeaveLoopback: a webhook elsewhere is never connected to.
func TestLeaveLoopback(t *testing.T) {
	t.Parallel()
	tg := startTelegram(t, simkit.TelegramOptions{})
	api(t, tg, "setWebhook", url.Values{"url": {"https://example.com/hook"}})
	must(t)(tg.Person(1, "A", "").Say("a"))
	d, ok := tg.Step(t.Context(), nil)
	if !ok || !errors.Is(d.Err, simkit.ErrNotLoopback) {
		t.Fatalf("%+v, want it refused", d)
	}
	h := newHook(t, nil)
	tg.SetVia(h.URL) // as a TLS proxy in front of the program
	d, ok = tg.Step(t.Context(), nil)
	if !ok || d.Status != 200 || h.urls[0] != "/hook" {
		t.Errorf("via: %+v", d)
	}
}

// TestGetUpdates: offset confirms, waiting ends with news, one poller only, no
// webhook beside it.
func TestGetUpdates(t *testing.T) {
	t.Parallel()
	tg := startTelegram(t, simkit.TelegramOptions{FirstUpdateID: 10})
	p := tg.Person(1, "A", "")
	ids := func(a answer) (out []int64) {
		var list []struct {
			ID int64 `json:"update_id"`
		}
		if err := json.Unmarshal(a.Result, &list); err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		for _, u := range list {
			out = append(out, u.ID)
		}
		return out
	}
	for _, s := range []string{"a", "b", "c"} {
		must(t)(p.Say(s))
	}
	for _, c := range []struct {
		params url.Values
		want   int
		first  int64
	}{
		{url.Values{}, 3, 10},
		{url.Values{"limit": {"1"}}, 1, 10},
		{url.Values{"offset": {"11"}}, 2, 11},
		{url.Values{"offset": {"0"}}, 2, 11},
		{url.Values{"offset": {"-1"}}, 1, 12},
		{url.Values{"offset": {"13"}}, 0, 0},
	} {
		got := ids(api(t, tg, "getUpdates", c.params))
		if len(got) != c.want || c.want > 0 && got[0] != c.first {
			t.Errorf("%v: %v, want %d from %d", c.params, got, c.want, c.first)
		}
	}
	// Two pollers: the one that came first is told off, the other one waits on.
	type result struct {
		answer answer
		err    error
	}
	both := make(chan result, 2)
	for range 2 {
		go func() {
			a, err := apiCtx(t.Context(), tg, "getUpdates", url.Values{"timeout": {"50"}, "offset": {"13"}})
			both <- result{a, err}
		}()
	}
	if r := <-both; r.err != nil || r.answer.Code != 409 {
		t.Errorf("first of two pollers: %+v, want 409", r)
	}
	must(t)(p.Say("d"))
	if r := <-both; r.err != nil || len(ids(r.answer)) != 1 {
		t.Errorf("second of two pollers: %+v", r)
	}
	api(t, tg, "setWebhook", url.Values{"url": {"https://example.com"}})
	if a := api(t, tg, "getUpdates", nil); a.Code != 409 {
		t.Errorf("beside a webhook: %+v, want 409", a)
	}
}

// TestTelegramRefuses: the vendor's own errors.
func TestTelegramRefuses(t *testing.T) {
	t.Parallel()
	tg := startTelegram(t, simkit.TelegramOptions{})
	p := tg.Person(1, "A", "")
	must(t)(p.Start(""))
	quiet := tg.Person(2, "B", "")
	gone := tg.Person(3, "C", "")
	must(t)(gone.Start(""))
	must(t)(gone.Block())
	_ = quiet
	msg := func(kv ...string) url.Values {
		v := url.Values{"chat_id": {"1"}, "text": {"a"}, "parse_mode": {"HTML"}}
		for i := 0; i < len(kv); i += 2 {
			v.Set(kv[i], kv[i+1])
		}
		return v
	}
	for _, c := range []struct {
		method string
		params url.Values
		code   int
		says   string
	}{
		{"sendMessage", msg("text", ""), 400, "message text is empty"},
		{"sendMessage", msg("text", strings.Repeat("ạ", 4097)), 400, "message is too long"},
		{"sendMessage", msg("text", "1 < 2"), 400, "can't parse entities"},
		{"sendMessage", msg("text", "<b>a</i>"), 400, "can't parse entities"},
		{"sendMessage", msg("text", "<b>a"), 400, "can't parse entities"},
		{"sendMessage", msg("text", "<font>a</font>"), 400, "can't parse entities"},
		{"sendMessage", msg("chat_id", "9"), 400, "chat not found"},
		{"sendMessage", msg("chat_id", "2"), 403, "can't initiate conversation"},
		{"sendMessage", msg("chat_id", "3"), 403, "blocked by the user"},
		{"sendMessage", msg("reply_markup", `{"inline_keyboard":[[{"text":"a"}]]}`), 400, "Text buttons are unallowed"},
		{"sendMessage", msg("reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"`+strings.Repeat("x", 65)+`"}]]}`), 400, "BUTTON_DATA_INVALID"},
		{"sendMessage", msg("reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"x","url":"https://x.example"}]]}`), 400, "only one action"},
		{"sendMessage", msg("reply_markup", `nonsense`), 400, "reply keyboard markup"},
		{"editMessageText", msg("message_id", "77"), 400, "message to edit not found"},
		{"answerCallbackQuery", url.Values{"callback_query_id": {"5"}}, 400, "query is too old"},
		{"getFile", url.Values{"file_id": {"x"}}, 400, "wrong file_id"},
		{"setWebhook", url.Values{"url": {"http://example.com"}}, 400, "HTTPS URL must be provided"},
		{"setWebhook", url.Values{"url": {"https://example.com"}, "secret_token": {"có dấu"}}, 400, "unallowed characters"},
		{"setMyCommands", url.Values{"commands": {`[{"command":"Tra-Cuu","description":"x"}]`}}, 400, "BOT_COMMAND_INVALID"},
		{"sendHologram", nil, 404, "method not found"},
	} {
		a := api(t, tg, c.method, c.params)
		if a.OK || a.Code != c.code || !strings.Contains(a.Description, c.says) {
			t.Errorf("%s %v: %+v, want %d %q", c.method, c.params, a, c.code, c.says)
		}
	}
	if u := tg.Journal.Unexpected(); len(u) != 1 || u[0].Method != "sendHologram" {
		t.Errorf("unexpected calls %+v", u)
	}
	if a := api(t, tg, "sendMessage", msg("text", "&lt;b&gt; &amp; <b>đậm</b> &#39;&#x1F4C4;")); !a.OK {
		t.Fatalf("%+v", a)
	}
	if got := p.Messages(); len(got) != 1 || got[0].Text != "<b> & đậm '📄" {
		t.Errorf("displayed %+v", got)
	}
}

func startTwilio(t *testing.T, opt simkit.TwilioOptions) *simkit.Twilio {
	t.Helper()
	tw := simkit.NewTwilio(opt)
	if err := tw.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tw.Close)
	return tw
}

// rest makes one call of Twilio's API and gives status and body.
func rest(t *testing.T, tw *simkit.Twilio, method, path, token string, form url.Values) (int, map[string]any) {
	t.Helper()
	target := tw.URL() + "/2010-04-01/Accounts/" + tw.AccountSID() + path
	body := ""
	if method == http.MethodGet {
		target += "?" + form.Encode()
	} else {
		body = form.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(tw.AccountSID(), token)
	resp, err := loopback().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

func TestTwilioRefuses(t *testing.T) {
	t.Parallel()
	tw := startTwilio(t, simkit.TwilioOptions{})
	tw.Phone("+84900000002").Refuse(21614)
	tw.Phone("+84900000003").Text(" stop ")
	form := func(to, from, body string) url.Values { return url.Values{"To": {to}, "From": {from}, "Body": {body}} }
	for _, c := range []struct {
		form   url.Values
		token  string
		status int
		code   float64
	}{
		{form("+84900000001", tw.Number(), "a"), "wrong", 401, 20003},
		{form("", tw.Number(), "a"), tw.AuthToken(), 400, 21604},
		{form("0900000001", tw.Number(), "a"), tw.AuthToken(), 400, 21211},
		{form("+84900000001", "", "a"), tw.AuthToken(), 400, 21603},
		{form("+84900000001", "+19995550100", "a"), tw.AuthToken(), 400, 21606},
		{form("+84900000001", tw.Number(), ""), tw.AuthToken(), 400, 21602},
		{form("+84900000001", tw.Number(), strings.Repeat("a", 1601)), tw.AuthToken(), 400, 21617},
		{form("+84900000002", tw.Number(), "a"), tw.AuthToken(), 400, 21614},
		{form("+84900000003", tw.Number(), "a"), tw.AuthToken(), 400, 21610},
	} {
		status, body := rest(t, tw, http.MethodPost, "/Messages.json", c.token, c.form)
		if status != c.status || body["code"] != c.code || body["status"] != float64(c.status) {
			t.Errorf("%v: %d %v, want %d %v", c.form, status, body, c.status, c.code)
		}
	}
	if status, _ := rest(t, tw, http.MethodPost, "/Calls.json", tw.AuthToken(), nil); status != 404 || len(tw.Journal.Unexpected()) != 1 {
		t.Errorf("another resource: %d, unexpected %v", status, tw.Journal.Unexpected())
	}
	tw.Phone("+84900000003").Text("START")
	if status, _ := rest(t, tw, http.MethodPost, "/Messages.json", tw.AuthToken(), form("+84900000003", tw.Number(), "a")); status != 201 {
		t.Errorf("after START: %d", status)
	}
}

// TestTwilioReports: every state is told as often as planned, in any order, signed
// with the primary token; the stored state never goes back.
func TestTwilioReports(t *testing.T) {
	t.Parallel()
	c := newClock()
	tw := startTwilio(t, simkit.TwilioOptions{Now: c.now, StatusDelay: time.Minute})
	h := newHook(t, nil)
	tw.SetVia(h.URL)
	tw.SetStatusPlan(simkit.TwilioStatusPlan{Duplicate: 1, Reverse: true})
	_, msg := rest(t, tw, http.MethodPost, "/Messages.json", tw.AuthToken(), url.Values{
		"To": {"+84900000001"}, "From": {tw.Number()}, "Body": {"a"}, "StatusCallback": {"https://motcua.example/cb?part=1"},
	})
	tw.Promote("5ec0e7000000000000000000000a0722")
	for range 3 {
		tw.Pump(t.Context())
		c.add(time.Minute)
	}
	var states []string
	for i, body := range h.got() {
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, form.Get("MessageStatus"))
		if want := simkit.TwilioSignature("5ec0e7000000000000000000000a0722", "https://motcua.example/cb?part=1", form, false); h.heads[i].Get("X-Twilio-Signature") != want {
			t.Errorf("callback %d is not signed by the primary token over the public URL", i)
		}
	}
	if got := strings.Join(states, " "); got != "delivered delivered sent sent" {
		t.Errorf("states told: %s", got)
	}
	sid, _ := msg["sid"].(string)
	for _, token := range []string{tw.AuthToken(), "5ec0e7000000000000000000000a0721"} {
		if status, m := rest(t, tw, http.MethodGet, "/Messages/"+sid+".json", token, nil); status != 200 || m["status"] != "delivered" {
			t.Errorf("fetched %d %v", status, m)
		}
	}
}

// TestTwilioInbound: by default a message that was refused is gone; the fragment
// of the webhook URL asks for more tries.
func TestTwilioInbound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fragment string
		want     int
	}{{"", 1}, {"#rc=3&rp=5xx", 4}, {"#rc=9&rp=all", 6}, {"#rc=3&rp=4xx", 1}} {
		tw := startTwilio(t, simkit.TwilioOptions{})
		h := newHook(t, func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) })
		tw.SetWebhook(h.URL + "/in?x=1" + c.fragment)
		tw.Phone("+12025550143").Text("TRA CUU")
		tw.Pump(t.Context())
		if n := len(h.got()); n != c.want {
			t.Errorf("%q: %d tries, want %d", c.fragment, n, c.want)
		}
		form, err := url.ParseQuery(h.got()[0])
		if err != nil {
			t.Fatal(err)
		}
		if h.heads[0].Get("X-Twilio-Signature") != simkit.TwilioSignature(tw.AuthToken(), h.URL+"/in?x=1", form, false) {
			t.Error("the fragment must not be signed")
		}
	}
}

// TestTwilioList: what was missed can be read back, newest first, in pages.
func TestTwilioList(t *testing.T) {
	t.Parallel()
	c := newClock()
	tw := startTwilio(t, simkit.TwilioOptions{Now: c.now})
	for range 3 {
		tw.Phone("+12025550143").Text("a")
		c.add(time.Hour)
	}
	for _, q := range []struct {
		query url.Values
		want  int
		more  bool
	}{
		{url.Values{}, 3, false},
		{url.Values{"PageSize": {"2"}}, 2, true},
		{url.Values{"PageSize": {"2"}, "Page": {"1"}}, 1, false},
		{url.Values{"To": {tw.Number()}, "DateSent>": {"2026-11-23T02:00:00Z"}}, 2, false},
		{url.Values{"From": {"+12025550199"}}, 0, false},
	} {
		status, body := rest(t, tw, http.MethodGet, "/Messages.json", tw.AuthToken(), q.query)
		list, _ := body["messages"].([]any)
		if status != 200 || len(list) != q.want || (body["next_page_uri"] != nil) != q.more {
			t.Errorf("%v: %d, %d messages, next %v", q.query, status, len(list), body["next_page_uri"])
		}
	}
}

// TestJournal: waiting ends with the call or with the context.
func TestJournal(t *testing.T) {
	t.Parallel()
	tg := startTelegram(t, simkit.TelegramOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		calls, err := tg.Journal.Await(ctx, "getMe", 2)
		if err == nil && (len(calls) != 2 || calls[0].Fault != "too many requests" || calls[0].Status != 429) {
			err = errors.New("wrong calls")
		}
		got <- err
	}()
	tg.Faults.Next("getMe", simkit.TooManyRequests(9*time.Second))
	if a := api(t, tg, "getMe", nil); a.Code != 429 || a.Parameters.RetryAfter != 9 {
		t.Errorf("%+v", a)
	}
	api(t, tg, "getMe", nil)
	if err := <-got; err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := tg.Journal.Await(ctx, "getMe", 3); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	tg.Faults.Next("getMe", simkit.CutBefore())
	if tg.Faults.Unused() != 1 {
		t.Error("an unused fault must show")
	}
	tg.Faults.Clear()
	if tg.Faults.Unused() != 0 {
		t.Error("cleared faults must not show")
	}
}
