package simkit

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// SMSGateOptions configure a fake short-code gateway. The zero value works.
type SMSGateOptions struct {
	CPID       string   // default "9051"
	PrivateKey string   // signs inbound messages, default: 32 hex digits
	APIKey     string   // default: 32 hex digits
	SecretKey  string   // default: 32 hex digits
	Brands     []string // registered brand names, default "HCMC-DVC"
	ShortCode  string   // default "8041"
	// FirstSerial is where ids of messages go on, so that a fake that is started
	// again beside an old database gives none of them twice.
	FirstSerial int64
	Now         func() time.Time // default time.Now
	Via         string           // base URL really connected to when webhooks have a public URL
	// StatusDelay lies between a message and the report on it; 0 = due at once.
	StatusDelay time.Duration
}

// SMSGate is a fake of a domestic gateway: a short code that people write to, an
// API that sends under a brand name, and phones.
//
// Protocol source: the developer pages of eSMS (short code, SendMultipleMessage_V4,
// GetSendStatus, table of codes, callback URL). What people write comes once; the
// report on a message is unsigned and is tried six times when nobody answers.
type SMSGate struct {
	Journal Journal
	Faults  Faults

	opt     SMSGateOptions
	out     *dispatcher
	listen  listener
	changed signal
	closed  chan struct{}
	once    sync.Once

	mu         sync.Mutex
	privateKey string
	webhook    string // of inbound messages: the public URL
	serialNo   int64
	callbackNo int64
	messages   []*SMSGateMessage
	requests   map[string]string // RequestId → SMSID
	phones     map[string]*SMSGatePhone
	plan       SMSGateStatusPlan
}

// SMSGateMessage is one SMS, in either direction.
type SMSGateMessage struct {
	SMSID     string
	Phone     string // E.164 of the person
	Body      string
	Inbound   bool
	RequestID string
	Callback  string
	Status    int // 2 waits, 4 refused, 5 done, 7 waits for a report
	Failed    bool
	At        time.Time
}

// SMSGateStatusPlan is how the fate of a message is told.
type SMSGateStatusPlan struct {
	Statuses  []int // told one after the other, default 7, 5
	Failed    bool  // what is done is a failure
	Lie       bool  // the reports tell the opposite of what the status API tells
	Duplicate int   // every report comes so many times more
	Reverse   bool  // the last one is told first
	Lost      bool  // no report comes at all; the status API knows
}

// NewSMSGate makes a fake gateway. It serves after Start, or wherever its
// ServeHTTP is mounted.
func NewSMSGate(opt SMSGateOptions) *SMSGate {
	for _, d := range []struct {
		value *string
		def   string
	}{
		{&opt.CPID, "9051"}, {&opt.PrivateKey, "17417a0d20114d36a902e49cad0e97f3"},
		{&opt.APIKey, "A91C0000000000000000000000000722"}, {&opt.SecretKey, "5EC0E7000000000000000000000A0722"}, {&opt.ShortCode, "8041"},
	} {
		if *d.value == "" {
			*d.value = d.def
		}
	}
	if len(opt.Brands) == 0 {
		opt.Brands = []string{"HCMC-DVC"}
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	g := &SMSGate{
		opt: opt, closed: make(chan struct{}), privateKey: opt.PrivateKey, serialNo: opt.FirstSerial,
		requests: map[string]string{}, phones: map[string]*SMSGatePhone{},
	}
	g.out = newDispatcher(opt.Now, 15*time.Second, func(d Delivery) (time.Duration, bool) {
		return 0, strings.HasPrefix(d.Queue, "report") && d.Status == 0 && d.Attempt <= 5
	})
	return g
}

// Start serves on an ephemeral port of 127.0.0.1.
func (g *SMSGate) Start() error { return g.listen.start(g) }

// Close stops the server and cuts hanging answers. It may be called twice.
func (g *SMSGate) Close() {
	g.once.Do(func() { close(g.closed) })
	g.listen.stop()
	g.out.close()
}

// URL is the base of the API.
func (g *SMSGate) URL() string { return g.listen.url() }

// CPID is the id of the account under which people's messages come.
func (g *SMSGate) CPID() string { return g.opt.CPID }

// PrivateKey is the key that signs people's messages.
func (g *SMSGate) PrivateKey() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.privateKey
}

// RotateKey makes another key sign from now on.
func (g *SMSGate) RotateKey(key string) {
	g.mu.Lock()
	g.privateKey = key
	g.mu.Unlock()
}

// APIKey and SecretKey are the credentials of the API.
func (g *SMSGate) APIKey() string { return g.opt.APIKey }

// SecretKey is the second half of the credentials.
func (g *SMSGate) SecretKey() string { return g.opt.SecretKey }

// Brand is the first registered brand name.
func (g *SMSGate) Brand() string { return g.opt.Brands[0] }

// SetWebhook sets the URL of inbound messages; "" = they are told to nobody.
func (g *SMSGate) SetWebhook(public string) {
	g.mu.Lock()
	g.webhook = public
	g.mu.Unlock()
}

// SetStatusPlan says how the fate of messages accepted from now on is told.
func (g *SMSGate) SetStatusPlan(p SMSGateStatusPlan) {
	g.mu.Lock()
	g.plan = p
	g.mu.Unlock()
}

// Run makes webhook calls as they become due until ctx ends.
func (g *SMSGate) Run(ctx context.Context) error { return g.out.run(ctx, 20) }

// Kick wakes Run after the clock of the options was moved.
func (g *SMSGate) Kick() { g.out.changed.fire() }

// Deliveries gives all webhook attempts so far.
func (g *SMSGate) Deliveries() []Delivery { return g.out.deliveries() }

// AwaitIdle waits until no webhook call is left to make.
func (g *SMSGate) AwaitIdle(ctx context.Context) error { return g.out.awaitIdle(ctx) }

// Outbox gives the messages the account sent, oldest first, as they stand now.
func (g *SMSGate) Outbox() []SMSGateMessage {
	return g.list(func(m *SMSGateMessage) bool { return !m.Inbound })
}

func (g *SMSGate) list(match func(*SMSGateMessage) bool) []SMSGateMessage {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []SMSGateMessage
	for _, m := range g.messages {
		if match(m) {
			out = append(out, *m)
		}
	}
	return out
}

func (g *SMSGate) storeLocked(m *SMSGateMessage) {
	g.messages = append(g.messages, m)
	if len(g.messages) > keepRecords {
		g.messages = slices.Clone(g.messages[keepRecords/2:])
	}
}

// call queues a GET of a public URL; query is made when it goes out, so that a
// rotated key signs.
func (g *SMSGate) call(public, queue string, due time.Time, query func() url.Values) {
	g.mu.Lock()
	g.callbackNo++
	id := g.callbackNo
	g.mu.Unlock()
	g.out.push(&parcel{
		id: id, queue: queue, due: due,
		request: func(ctx context.Context) (*http.Request, error) {
			target, err := viaURL(public, g.opt.Via)
			if err != nil {
				return nil, err
			}
			return http.NewRequestWithContext(ctx, http.MethodGet, target+"?"+query().Encode(), http.NoBody)
		},
	})
}

// tell queues the reports on an accepted message.
func (g *SMSGate) tell(m SMSGateMessage, plan SMSGateStatusPlan) {
	statuses := plan.Statuses
	if len(statuses) == 0 {
		statuses = []int{7, 5}
	}
	g.mu.Lock()
	for _, x := range g.messages {
		if x.SMSID == m.SMSID {
			x.Status, x.Failed = statuses[len(statuses)-1], plan.Failed // where it ends
		}
	}
	g.mu.Unlock()
	g.changed.fire()
	if m.Callback == "" || plan.Lost {
		return
	}
	if plan.Reverse {
		statuses = slices.Clone(statuses)
		slices.Reverse(statuses)
	}
	for i, status := range statuses {
		told := m
		told.Status, told.Failed = status, plan.Failed != plan.Lie
		q := told.counts()
		q.Set("RequestId", m.RequestID)
		q.Set("TypeId", "2")
		q.Set("telcoid", "1")
		q.Set("phonenumber", local(m.Phone))
		for n := range plan.Duplicate + 1 {
			g.call(m.Callback, fmt.Sprintf("report %s %d %d", m.SMSID, status, n), g.opt.Now().Add(time.Duration(i+1)*g.opt.StatusDelay),
				func() url.Values { return q })
		}
	}
}

// counts is the state of a message in the gateway's words.
func (m *SMSGateMessage) counts() url.Values {
	ok, failed := "0", "0"
	switch {
	case m.Status == 5 && m.Failed:
		failed = "1"
	case m.Status == 5:
		ok = "1"
	}
	return url.Values{
		"SMSID": {m.SMSID}, "SendStatus": {strconv.Itoa(m.Status)}, "SendSuccess": {ok}, "SendFailed": {failed},
		"TotalReceiver": {"1"}, "TotalSent": {"1"}, "TotalPrice": {"850.0000"},
	}
}

// local writes a number as the gateway's pages do: 0901234567.
func local(e164 string) string { return "0" + strings.TrimPrefix(e164, "+84") }

// SMSGatePhone is a handset.
type SMSGatePhone struct {
	gate   *SMSGate
	Number string // E.164

	refuse int // guarded by gate.mu: the code that sending to it meets, 0 = none
}

// Phone gives the handset with the number.
func (g *SMSGate) Phone(number string) *SMSGatePhone {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.phones[number]
	if !ok {
		p = &SMSGatePhone{gate: g, Number: number}
		g.phones[number] = p
	}
	return p
}

// Refuse makes every send to this handset fail with a code, for example 99; 0
// ends it.
func (p *SMSGatePhone) Refuse(code int) {
	p.gate.mu.Lock()
	p.refuse = code
	p.gate.mu.Unlock()
}

// Text sends an SMS to the short code and gives its smsid.
func (p *SMSGatePhone) Text(body string) string { return p.TextWith(body, nil) }

// TextWith is Text with more parameters of the request, or other ones than
// usual; they replace what is there before it is signed.
func (p *SMSGatePhone) TextWith(body string, more url.Values) string {
	g := p.gate
	now := g.opt.Now()
	g.mu.Lock()
	g.serialNo++
	m := &SMSGateMessage{SMSID: "MO" + strconv.FormatInt(88000000+g.serialNo, 10), Phone: p.Number, Body: body, Inbound: true, Status: 5, At: now}
	g.storeLocked(m)
	hook := g.webhook
	g.mu.Unlock()
	g.changed.fire()
	if hook != "" {
		q := SMSGateQuery(g.opt.CPID, m.SMSID, p.Number, body, g.opt.ShortCode, now)
		for k, v := range more {
			q[k] = v
		}
		g.call(hook, "inbound "+m.SMSID, now, func() url.Values {
			q.Set("sign", SMSGateSignature(g.PrivateKey(), q))
			return q
		})
	}
	return m.SMSID
}

// Query is the signed query of a message that was never delivered before.
func (g *SMSGate) Query(from, content string) url.Values {
	g.mu.Lock()
	g.serialNo++
	id := "MO" + strconv.FormatInt(88000000+g.serialNo, 10)
	g.mu.Unlock()
	q := SMSGateQuery(g.opt.CPID, id, from, content, g.opt.ShortCode, g.opt.Now())
	q.Set("sign", SMSGateSignature(g.PrivateKey(), q))
	return q
}

// Messages gives the SMS that reached the handset, oldest first.
func (p *SMSGatePhone) Messages() []SMSGateMessage {
	return p.gate.list(func(m *SMSGateMessage) bool { return !m.Inbound && m.Phone == p.Number && !m.Failed })
}

// Await waits until the handset has received n SMS and gives them.
func (p *SMSGatePhone) Await(ctx context.Context, n int) ([]SMSGateMessage, error) {
	return await(ctx, &p.gate.changed, func() ([]SMSGateMessage, bool) {
		got := p.Messages()
		return got, len(got) >= n
	})
}
