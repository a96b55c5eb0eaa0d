package simkit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// TwilioOptions configure a fake Twilio. The zero value works.
type TwilioOptions struct {
	AccountSID string   // default "AC" + 32 hex digits
	AuthToken  string   // default: 32 hex digits
	Numbers    []string // senders of the account, default "+12025550100"; alphanumeric ones too
	// FirstSerial is where the numbers in MessageSids go on, so that a fake that
	// is started again beside an old database gives none of them twice.
	FirstSerial int64
	Now         func() time.Time // default time.Now
	Via         string           // base URL really connected to when webhooks have a public URL
	// StatusDelay lies between two status callbacks of a message; 0 = due at once.
	StatusDelay time.Duration
}

// Twilio is a fake of Twilio's Messages API with phones that receive and write SMS.
//
// Protocol source: Twilio's REST reference (Messages resource, error envelope),
// the webhook security page (X-Twilio-Signature) and the connection overrides of
// webhook URLs (#rc, #rp). Calls it knows: create, list and fetch a message.
type Twilio struct {
	Journal Journal
	Faults  Faults

	opt     TwilioOptions
	out     *dispatcher
	listen  listener
	changed signal
	closed  chan struct{}
	once    sync.Once

	mu         sync.Mutex
	token      string // the primary one: it signs
	also       string // a secondary one: taken for API calls, never signs
	webhook    string // of inbound messages: the public URL
	serialNo   int64
	callbackNo int64
	messages   []*TwilioMessage
	phones     map[string]*TwilioPhone
	plan       TwilioStatusPlan
}

// TwilioMessage is one SMS, in either direction.
type TwilioMessage struct {
	SID            string
	From, To       string
	Body           string
	Inbound        bool
	Status         string // queued, sent, delivered, undelivered, failed; received
	ErrorCode      int
	StatusCallback string
	At             time.Time
}

// TwilioStatusPlan is how the states of a message are told.
type TwilioStatusPlan struct {
	States    []string // default sent, delivered
	ErrorCode int      // told with undelivered and failed
	Duplicate int      // every callback comes so many times more
	Reverse   bool     // later states are told first
}

// NewTwilio makes a fake Twilio. It serves after Start, or wherever its ServeHTTP
// is mounted.
func NewTwilio(opt TwilioOptions) *Twilio {
	if opt.AccountSID == "" {
		opt.AccountSID = "AC00000000000000000000000000005151"
	}
	if opt.AuthToken == "" {
		opt.AuthToken = "5ec0e7000000000000000000000a0721"
	}
	if len(opt.Numbers) == 0 {
		opt.Numbers = []string{"+12025550100"}
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	t := &Twilio{
		opt:      opt,
		closed:   make(chan struct{}),
		token:    opt.AuthToken,
		serialNo: opt.FirstSerial,
		phones:   map[string]*TwilioPhone{},
	}
	t.out = newDispatcher(opt.Now, 15*time.Second, t.retry)
	return t
}

// retry: one more try when no connection came about, unless the fragment of the
// URL says otherwise: #rc=<count 0–5>, #rp=<ct|rt|4xx|5xx|all, comma separated>.
func (t *Twilio) retry(d Delivery) (time.Duration, bool) {
	count, policy := 1, []string{"ct"}
	t.mu.Lock()
	hook := t.webhook
	t.mu.Unlock()
	if _, fragment, ok := strings.Cut(hook, "#"); ok {
		if q, err := url.ParseQuery(fragment); err == nil {
			if n, err := strconv.Atoi(q.Get("rc")); err == nil {
				count = min(max(n, 0), 5)
			}
			if rp := q.Get("rp"); rp != "" {
				policy = strings.Split(rp, ",")
			}
		}
	}
	var kind string
	switch {
	case d.Status >= 500:
		kind = "5xx"
	case d.Status >= 400:
		kind = "4xx"
	case errors.Is(d.Err, context.DeadlineExceeded):
		kind = "rt"
	default:
		kind = "ct"
	}
	return 0, d.Attempt <= count && (slices.Contains(policy, kind) || slices.Contains(policy, "all"))
}

// Start serves on an ephemeral port of 127.0.0.1.
func (t *Twilio) Start() error { return t.listen.start(t) }

// Close stops the server and cuts hanging answers. It may be called twice.
func (t *Twilio) Close() {
	t.once.Do(func() { close(t.closed) })
	t.listen.stop()
	t.out.close()
}

// URL is the base of the API, to be used in place of https://api.twilio.com.
func (t *Twilio) URL() string { return t.listen.url() }

// AccountSID is the account's id.
func (t *Twilio) AccountSID() string { return t.opt.AccountSID }

// AuthToken is the primary token, the one that signs.
func (t *Twilio) AuthToken() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}

// Number is the first sender of the account.
func (t *Twilio) Number() string { return t.opt.Numbers[0] }

// Promote makes a new token the primary one, as at the end of a rotation: it signs
// from now on, and API calls are taken with either.
func (t *Twilio) Promote(token string) {
	t.mu.Lock()
	t.token, t.also = token, t.token
	t.mu.Unlock()
}

// SetWebhook sets the URL of inbound messages, as at the number's configuration
// page: the public one, which is what gets signed. "" = inbound messages are kept
// but told to nobody.
func (t *Twilio) SetWebhook(public string) {
	t.mu.Lock()
	t.webhook = public
	t.mu.Unlock()
}

// WebhookURL is the URL set by SetWebhook.
func (t *Twilio) WebhookURL() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.webhook
}

// SetVia changes the base URL that webhooks really connect to; "" connects to the
// public URL itself.
func (t *Twilio) SetVia(base string) {
	t.mu.Lock()
	t.opt.Via = base
	t.mu.Unlock()
}

// SetDeliveryFaults makes the way to the webhooks a bad one.
func (t *Twilio) SetDeliveryFaults(f DeliveryFaults) { t.out.setFaults(f) }

// SetStatusPlan says how the states of messages accepted from now on are told.
func (t *Twilio) SetStatusPlan(p TwilioStatusPlan) {
	t.mu.Lock()
	t.plan = p
	t.mu.Unlock()
}

// Pump makes the webhook calls that are due now, one after the other.
func (t *Twilio) Pump(ctx context.Context) []Delivery { return t.out.pump(ctx) }

// Step makes one webhook call; choose picks among the n that may go now. It may be
// called from several goroutines.
func (t *Twilio) Step(ctx context.Context, choose func(n int) int) (Delivery, bool) {
	return t.out.step(ctx, choose)
}

// Run makes webhook calls as they become due until ctx ends.
func (t *Twilio) Run(ctx context.Context) error { return t.out.run(ctx, 20) }

// Kick wakes Run after the clock of the options was moved.
func (t *Twilio) Kick() { t.out.changed.fire() }

// NextDue says when the next webhook call is due.
func (t *Twilio) NextDue() (time.Time, bool) { return t.out.next() }

// Deliveries gives all webhook attempts so far.
func (t *Twilio) Deliveries() []Delivery { return t.out.deliveries() }

// AwaitIdle waits until no webhook call is left to make.
func (t *Twilio) AwaitIdle(ctx context.Context) error { return t.out.awaitIdle(ctx) }

// Outbox gives the messages the account sent, oldest first, as they stand now.
func (t *Twilio) Outbox() []TwilioMessage {
	return t.list(func(m *TwilioMessage) bool { return !m.Inbound })
}

// Inbox gives the messages the account received, oldest first.
func (t *Twilio) Inbox() []TwilioMessage {
	return t.list(func(m *TwilioMessage) bool { return m.Inbound })
}

func (t *Twilio) list(match func(*TwilioMessage) bool) []TwilioMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []TwilioMessage
	for _, m := range t.messages {
		if match(m) {
			out = append(out, *m)
		}
	}
	return out
}

// AwaitMessage waits for a message of the account that match accepts.
func (t *Twilio) AwaitMessage(ctx context.Context, match func(TwilioMessage) bool) (TwilioMessage, error) {
	return await(ctx, &t.changed, func() (TwilioMessage, bool) {
		for _, m := range t.Outbox() {
			if match(m) {
				return m, true
			}
		}
		return TwilioMessage{}, false
	})
}

// sidLocked makes a message id: "SM" and 32 hex digits.
func (t *Twilio) sidLocked() string {
	t.serialNo++
	return fmt.Sprintf("SM%032x", 0x51000000+t.serialNo)
}

func (t *Twilio) storeLocked(m *TwilioMessage) {
	t.messages = append(t.messages, m)
	if len(t.messages) > keepRecords {
		t.messages = slices.Clone(t.messages[keepRecords/2:])
	}
}

// call queues a signed form post to a public URL. Sorting, signature and transport
// happen when it goes out, so that a rotated token signs.
func (t *Twilio) call(public, queue string, due time.Time, form url.Values, before func()) {
	t.mu.Lock()
	t.callbackNo++
	id := t.callbackNo
	t.mu.Unlock()
	t.out.push(&parcel{
		id: id, queue: queue, due: due,
		request: func(ctx context.Context) (*http.Request, error) {
			if before != nil {
				before()
			}
			t.mu.Lock()
			token, via := t.token, t.opt.Via
			t.mu.Unlock()
			return twilioRequest(ctx, public, via, token, form)
		},
	})
}

// scheduleStatuses queues the status callbacks of an accepted message.
func (t *Twilio) scheduleStatuses(m TwilioMessage, plan TwilioStatusPlan) {
	states := plan.States
	if len(states) == 0 {
		states = []string{"sent", "delivered"}
	}
	order := slices.Clone(states)
	if plan.Reverse {
		slices.Reverse(order)
	}
	now := t.opt.Now()
	for i, state := range order {
		form := url.Values{
			"AccountSid": {t.opt.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.From}, "To": {m.To},
			"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {state}, "SmsStatus": {state},
		}
		code := 0
		if state == "failed" || state == "undelivered" {
			code = plan.ErrorCode
			if code != 0 {
				form.Set("ErrorCode", strconv.Itoa(code))
			}
		}
		reach := func() { t.reach(m.SID, state, code) }
		if m.StatusCallback == "" {
			reach()
			continue
		}
		for range plan.Duplicate + 1 {
			t.mu.Lock()
			n := t.callbackNo
			t.mu.Unlock()
			t.call(m.StatusCallback, fmt.Sprintf("status %s %d", m.SID, n), now.Add(time.Duration(i)*t.opt.StatusDelay), form, reach)
		}
	}
}

// twilioRank orders the states: the stored one never goes back.
func twilioRank(state string) int {
	switch state {
	case "accepted", "queued":
		return 1
	case "sending":
		return 2
	case "sent":
		return 3
	case "delivered", "undelivered", "failed", "received":
		return 4
	}
	return 0
}

func (t *Twilio) reach(sid, state string, code int) {
	t.mu.Lock()
	for _, m := range t.messages {
		if m.SID == sid && twilioRank(state) > twilioRank(m.Status) {
			m.Status, m.ErrorCode = state, code
		}
	}
	t.mu.Unlock()
	t.changed.fire()
}

// TwilioPhone is a handset.
type TwilioPhone struct {
	sim    *Twilio
	Number string // E.164

	// guarded by sim.mu
	optedOut bool
	refuse   int // error code that sending to it meets at once, 0 = none
	plan     *TwilioStatusPlan
}

// Phone gives the handset with the number.
func (t *Twilio) Phone(number string) *TwilioPhone {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.phones[number]
	if !ok {
		p = &TwilioPhone{sim: t, Number: number}
		t.phones[number] = p
	}
	return p
}

// SetStatusPlan says how states of messages to this handset are told.
func (p *TwilioPhone) SetStatusPlan(plan TwilioStatusPlan) {
	p.sim.mu.Lock()
	p.plan = &plan
	p.sim.mu.Unlock()
}

// Refuse makes every send to this handset fail at once with a Twilio error code,
// for example 21211; 0 ends it.
func (p *TwilioPhone) Refuse(code int) {
	p.sim.mu.Lock()
	p.refuse = code
	p.sim.mu.Unlock()
}

// Text sends an SMS to the account's first number and gives its MessageSid. The
// default opt-out words act at Twilio's side as they do with the real one.
func (p *TwilioPhone) Text(body string) string { return p.TextWith(body, nil) }

// TextWith is Text with more form fields, or other ones: a nil value removes a
// field. Twilio adds parameters without notice.
func (p *TwilioPhone) TextWith(body string, more url.Values) string {
	t := p.sim
	t.mu.Lock()
	m := &TwilioMessage{
		SID: t.sidLocked(), From: p.Number, To: t.opt.Numbers[0], Body: body,
		Inbound: true, Status: "received", At: t.opt.Now(),
	}
	t.storeLocked(m)
	optOut := ""
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT":
		p.optedOut, optOut = true, "STOP"
	case "START", "YES", "UNSTOP":
		if p.optedOut {
			p.optedOut, optOut = false, "START"
		}
	case "HELP", "INFO":
		optOut = "HELP"
	}
	hook := t.webhook
	t.mu.Unlock()
	t.changed.fire()
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "AccountSid": {t.opt.AccountSID},
		"From": {m.From}, "To": {m.To}, "Body": {body}, "NumMedia": {"0"}, "NumSegments": {"1"},
		"SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
		"FromCity": {""}, "FromState": {""}, "FromZip": {""}, "FromCountry": {"US"}, "ToCountry": {"US"},
	}
	if optOut != "" {
		form.Set("OptOutType", optOut)
	}
	for k, v := range more {
		if v == nil {
			delete(form, k)
		} else {
			form[k] = v
		}
	}
	if hook != "" {
		t.call(hook, "inbound "+m.SID, m.At, form, nil)
	}
	return m.SID
}

// Messages gives the SMS that reached the handset, oldest first: those whose
// state is sent or delivered count as there, queued ones too.
func (p *TwilioPhone) Messages() []TwilioMessage {
	return p.sim.list(func(m *TwilioMessage) bool {
		return !m.Inbound && m.To == p.Number && m.Status != "failed" && m.Status != "undelivered"
	})
}

// Await waits until the handset has received n SMS and gives them.
func (p *TwilioPhone) Await(ctx context.Context, n int) ([]TwilioMessage, error) {
	return await(ctx, &p.sim.changed, func() ([]TwilioMessage, bool) {
		got := p.Messages()
		return got, len(got) >= n
	})
}
