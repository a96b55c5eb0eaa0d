package simkit

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// consoleBody bounds a control request; photos travel inside as base64.
const consoleBody = 32 << 20

// Console is the control API of the simulator: it lets a script or a page act as
// the citizens who use the fake vendors. It is mounted at /sim/api/v1 in
// development only.
//
//	POST say    {"channel","person","text"}          → {"replies":[…]}
//	POST tap    {"channel","person","choice"}        → {"replies":[…]}
//	POST photo  {"channel","person","sample"|"data","pdf","caption","album"} → {"replies":[…]}
//	GET  outbox ?channel=&person=                    → {"messages":[…]}
//	GET  clock / POST clock {"advance":"1h30m"}      → {"now":"…"}
//
// say, tap and photo wait until the citizen was answered, at most "waitMs"
// (default 5000, 0 = do not wait).
type Console struct {
	telegram *Telegram
	smsgate  *SMSGate
	twilio   *Twilio
	clock    *Clock
	mux      *http.ServeMux

	mu   sync.Mutex
	said map[string][]ConsoleMessage // by person: what they did in the chat
}

// NewConsole makes the control API. A vendor may be nil when it is not simulated.
// On channel "sms" numbers of Viet Nam write to the short code, all others to the
// other vendor's number.
func NewConsole(telegram *Telegram, smsgate *SMSGate, twilio *Twilio, clock *Clock) *Console {
	c := &Console{telegram: telegram, smsgate: smsgate, twilio: twilio, clock: clock, mux: http.NewServeMux(), said: map[string][]ConsoleMessage{}}
	c.mux.HandleFunc("POST /sim/api/v1/say", c.act(c.say))
	c.mux.HandleFunc("POST /sim/api/v1/tap", c.act(c.tap))
	c.mux.HandleFunc("POST /sim/api/v1/photo", c.act(c.photo))
	c.mux.HandleFunc("GET /sim/api/v1/outbox", c.outbox)
	c.mux.HandleFunc("GET /sim/api/v1/clock", c.readClock)
	c.mux.HandleFunc("POST /sim/api/v1/clock", c.moveClock)
	return c
}

// ServeHTTP serves the control API.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// consoleRequest is the body of say, tap and photo.
type consoleRequest struct {
	Channel string   `json:"channel"`
	Person  string   `json:"person"`
	Text    string   `json:"text"`
	Choice  string   `json:"choice"`
	Sample  string   `json:"sample"`
	Data    []byte   `json:"data"`
	PDF     int      `json:"pdf"` // with sample: a PDF of so many pages in place of a photo
	Caption string   `json:"caption"`
	Album   []string `json:"album"` // samples sent together
	WaitMs  *int     `json:"waitMs"`
}

// ConsoleMessage is one message as the citizen sees it.
type ConsoleMessage struct {
	Text    string     `json:"text"`
	Buttons [][]string `json:"buttons,omitempty"`
	Mine    bool       `json:"mine,omitempty"` // written by the citizen
	At      time.Time  `json:"at"`
}

type consoleError struct {
	status int
	text   string
}

func (e *consoleError) Error() string { return e.text }

func wrongCall(text string) error { return &consoleError{http.StatusBadRequest, text} }

// act decodes a request, performs it and waits for the answer.
func (c *Console) act(do func(consoleRequest) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req consoleRequest
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, consoleBody))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&req); err != nil {
			consoleReply(w, nil, wrongCall("body is not the JSON this call takes: "+err.Error()))
			return
		}
		before := 0
		if seen, err := c.received(req); err == nil {
			before = seen
		}
		at := c.clock.Now()
		if err := do(req); err != nil {
			consoleReply(w, nil, err)
			return
		}
		c.remember(req, at)
		wait := 5 * time.Second
		if req.WaitMs != nil {
			wait = time.Duration(*req.WaitMs) * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(r.Context(), wait)
		defer cancel()
		c.awaitMore(ctx, req, before+1)
		all := slices.DeleteFunc(c.messages(req.Channel, req.Person), func(m ConsoleMessage) bool { return m.Mine })
		replies := []ConsoleMessage{}
		if before < len(all) {
			replies = all[before:]
		}
		consoleReply(w, map[string]any{"replies": replies}, nil)
	}
}

// keptLines is how much of what a person did is kept for the page.
const keptLines = 200

// remember keeps what a person did in the chat, which the fake bot server does
// not show; the phone's own messages are in its list already.
func (c *Console) remember(req consoleRequest, at time.Time) {
	if req.Channel != "telegram" {
		return
	}
	text := req.Text
	switch {
	case req.Choice != "":
		text = "[" + req.Choice + "]"
	case len(req.Album) > 0:
		text = "📷 × " + strconv.Itoa(len(req.Album))
	case req.PDF > 0:
		text = "📎 PDF"
	case text == "":
		text = "📷"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := append(c.said[req.Person], ConsoleMessage{Text: text, Mine: true, At: at})
	c.said[req.Person] = lines[max(0, len(lines)-keptLines):]
}

// personID gives each named person a stable account number.
func personID(name string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return 100000 + int64(h.Sum32()%900000)
}

// personPhone gives each named person a stable number; a number is taken as it is.
func personPhone(name string) string {
	if strings.HasPrefix(name, "+") {
		return name
	}
	return "+8490" + strconv.FormatInt(1000000+personID(name), 10)
}

func (c *Console) chatter(name string) *TelegramPerson {
	p := c.telegram.Person(personID(name), name, "vi")
	p.Phone = strings.TrimPrefix(personPhone(name), "+")
	return p
}

func (c *Console) check(req consoleRequest) error {
	if req.Person == "" || len(req.Person) > 40 {
		return wrongCall("person: 1 to 40 characters")
	}
	switch {
	case req.Channel == "telegram" && c.telegram != nil, req.Channel == "sms" && c.handset(req.Person) != nil:
		return nil
	}
	return wrongCall(`channel: "telegram" or "sms"; this one is not simulated here`)
}

func (c *Console) say(req consoleRequest) error {
	if err := c.check(req); err != nil {
		return err
	}
	if req.Text == "" {
		return wrongCall("text is empty")
	}
	if req.Channel == "sms" {
		c.handset(req.Person).text(req.Text)
		return nil
	}
	p := c.chatter(req.Person)
	if req.Text == "/start" || strings.HasPrefix(req.Text, "/start ") {
		_, err := p.Start(strings.TrimSpace(strings.TrimPrefix(req.Text, "/start")))
		return err
	}
	_, err := p.Say(req.Text)
	return err
}

func (c *Console) tap(req consoleRequest) error {
	if err := c.check(req); err != nil {
		return err
	}
	if req.Channel != "telegram" {
		return wrongCall("only the chat has buttons: say the number instead")
	}
	p := c.chatter(req.Person)
	if req.Choice == "contact" {
		_, err := p.ShareContact()
		return err
	}
	if _, err := p.Press(req.Choice); err != nil {
		return wrongCall(err.Error())
	}
	return nil
}

func (c *Console) photo(req consoleRequest) error {
	if err := c.check(req); err != nil {
		return err
	}
	if req.Channel != "telegram" {
		return wrongCall("SMS carries no files: open the upload link instead")
	}
	p := c.chatter(req.Person)
	if len(req.Album) > 0 {
		var pictures [][]byte
		for _, s := range req.Album {
			pictures = append(pictures, SamplePhoto(s))
		}
		_, err := p.SendAlbum(pictures, req.Caption)
		return err
	}
	switch {
	case req.PDF > 0 && req.PDF <= 50:
		_, err := p.SendDocument(printable(req.Sample)+".pdf", "application/pdf", SamplePDF(req.Sample, req.PDF), req.Caption)
		return err
	case len(req.Data) > 0:
		_, err := p.SendPhoto(req.Data, req.Caption)
		return err
	case req.Sample != "":
		_, err := p.SendPhoto(SamplePhoto(req.Sample), req.Caption)
		return err
	}
	return wrongCall("give sample (a name) or data (base64)")
}

// messages lists what passed between a person and us, oldest first.
func (c *Console) messages(channel, person string) []ConsoleMessage {
	var out []ConsoleMessage
	switch channel {
	case "telegram":
		for _, m := range c.chatter(person).Messages() {
			cm := ConsoleMessage{Text: m.Text, At: m.At}
			for _, row := range append(slices.Clone(m.Buttons), m.Keyboard...) {
				var labels []string
				for _, b := range row {
					labels = append(labels, b.Text)
				}
				cm.Buttons = append(cm.Buttons, labels)
			}
			out = append(out, cm)
		}
		c.mu.Lock()
		out = append(out, c.said[person]...)
		c.mu.Unlock()
	case "sms":
		out = c.texts(personPhone(person))
	}
	slices.SortStableFunc(out, func(a, b ConsoleMessage) int { return a.At.Compare(b.At) })
	return out
}

func (c *Console) received(req consoleRequest) (int, error) {
	if err := c.check(req); err != nil {
		return 0, err
	}
	n := 0
	for _, m := range c.messages(req.Channel, req.Person) {
		if !m.Mine {
			n++
		}
	}
	return n, nil
}

func (c *Console) awaitMore(ctx context.Context, req consoleRequest, n int) {
	// A time-out is no failure: the replies so far are the answer.
	switch req.Channel {
	case "telegram":
		_, _ = c.chatter(req.Person).Await(ctx, n)
	case "sms":
		c.handset(req.Person).await(ctx, n)
	}
}

func (c *Console) outbox(w http.ResponseWriter, r *http.Request) {
	req := consoleRequest{Channel: r.URL.Query().Get("channel"), Person: r.URL.Query().Get("person")}
	if err := c.check(req); err != nil {
		consoleReply(w, nil, err)
		return
	}
	msgs := c.messages(req.Channel, req.Person)
	if msgs == nil {
		msgs = []ConsoleMessage{}
	}
	consoleReply(w, map[string]any{"messages": msgs}, nil)
}

func (c *Console) readClock(w http.ResponseWriter, _ *http.Request) {
	consoleReply(w, map[string]any{"now": c.clock.Now()}, nil)
}

func (c *Console) moveClock(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Advance string `json:"advance"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&req); err != nil {
		consoleReply(w, nil, wrongCall(`body: {"advance":"1h"}`))
		return
	}
	d, err := time.ParseDuration(req.Advance)
	if err != nil || d < 0 || d > 400*24*time.Hour {
		consoleReply(w, nil, wrongCall("advance: a duration from 0 to 9600h, such as 90m"))
		return
	}
	c.clock.Advance(d)
	if c.telegram != nil {
		c.telegram.Kick()
	}
	if c.twilio != nil {
		c.twilio.Kick()
	}
	if c.smsgate != nil {
		c.smsgate.Kick()
	}
	consoleReply(w, map[string]any{"now": c.clock.Now()}, nil)
}

func consoleReply(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		status := http.StatusInternalServerError
		if ce, ok := err.(*consoleError); ok {
			status = ce.status
		}
		w.WriteHeader(status)
		v = map[string]any{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}
