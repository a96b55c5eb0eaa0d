package channeltest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// Harness makes a fresh adapter on a fresh fake for one case of the exam. The
// adapter has to use the transport given: it is how the exam sees where it goes.
type Harness func(t *testing.T, transport http.RoundTripper) Bench

// Bench is an adapter under examination and the fake it talks to.
type Bench struct {
	Adapter channels.Adapter
	To      string // a person who can be written to
	Stop    func() // the fake stops answering: connections are refused

	// Sending.
	Faults     *simkit.Faults
	Journal    *simkit.Journal
	SendCall   string                                 // the call that Send makes, as the journal names it
	AskCall    string                                 // the call that an Asker's Ask makes
	Received   func() []string                        // texts that reached To, as displayed
	Await      func(ctx context.Context, n int) error // until n texts reached To
	Errors     []ErrorCase                            // the vendor's own errors
	BadAddress []string                               // values of Outbound.To that cannot be anybody's

	// Receiving.
	Message   func(text string) Request // a signed request; each call is another event
	Other     Person                    // somebody else, who writes and is written to
	Rotated   func(text string) Request // signed with the secret that is being replaced
	Elsewhere []Request                 // authentic for another account of the same vendor
	Huge      Huge                      // ids as large as the vendor may make them
	// Skewed are signed at times that the protocol does not take. A protocol that
	// signs no time has none, and AnyTime instead: whatever the clocks say, these
	// are taken.
	Skewed  []Request
	AnyTime []Request
	// Unreadable are things people send that nobody can read, which the vendor
	// does deliver: a poll, a voice message, a picture where only text is taken.
	// Nil where the network carries nothing but text.
	Unreadable []Request
	OptOut     func() Request // the vendor's own event; nil where people only write words
	OptIn      func() Request

	// Buttons; for adapters with the capability Buttons.
	Press   func(data string) Request  // a press on the newest message; each call is another event
	Buttons func() [][]channels.Button // of the newest message that To has
	AckCall string                     // the call that acknowledges a press

	Forged    []Request // wrong, missing, damaged signatures
	Refusal   core.Code // what a forged one is answered with
	Unknown   []Request // signed, of kinds that nobody knows
	Malformed []Request // authentic as far as possible, and unreadable

	// Reports of one message, from accepted to delivered, as signed requests; for
	// adapters with the capability Receipts.
	Reports func(external string) []Request

	// Files; for adapters with the capability MediaIn.
	Media     func(data []byte) core.Media // a file that waits at the vendor
	HugeMedia func() []core.Media          // larger than the capability record allows, told early or late
	Download  string                       // the call that fetches content
	File      func(name string) Request    // a signed request that brings a file

	// Planted are the secrets the harness made the adapter with: none may be seen.
	Planted []string
}

// Person is somebody at the far end.
type Person struct {
	To       string
	Message  func(text string) Request
	Received func() []string
}

// Huge is a message whose ids are as large as they come, and what they are.
type Huge struct {
	Request      Request
	ID, External string
}

// Request is one webhook request.
type Request struct {
	Name   string
	Method string // default POST
	Target string // path and query
	Header http.Header
	Body   string
}

func (r Request) build() *http.Request {
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	req := httptest.NewRequest(method, r.Target, strings.NewReader(r.Body))
	for k, v := range r.Header {
		req.Header[k] = v
	}
	return req
}

// ErrorCase is one error of the vendor and what it means.
type ErrorCase struct {
	Fault      simkit.Fault
	Reason     channels.Reason
	Retry      bool
	RetryAfter time.Duration
	Unknown    bool // the outcome is not known (Certain is false)
}

// guard is the transport handed to the adapter: loopback only, and it remembers
// what was refused.
type guard struct {
	next    *http.Transport
	mu      sync.Mutex
	passed  int
	refused []string
	half    bool // the next answer ends in the middle of its body
}

// RoundTrip passes requests to loopback on.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	if host != "localhost" && !strings.HasPrefix(host, "127.") && host != "::1" {
		g.mu.Lock()
		g.refused = append(g.refused, r.URL.Host)
		g.mu.Unlock()
		return nil, fmt.Errorf("%w: %s", simkit.ErrNotLoopback, host)
	}
	g.mu.Lock()
	g.passed++
	half := g.half
	g.mu.Unlock()
	resp, err := g.next.RoundTrip(r)
	if err == nil && half {
		resp.Body = &torn{resp.Body, resp.ContentLength / 2}
	}
	return resp, err
}

// torn is a body whose connection breaks.
type torn struct {
	io.ReadCloser
	left int64
}

// Read reads on until the break.
func (t *torn) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := t.ReadCloser.Read(p[:min(int64(len(p)), t.left)])
	t.left -= int64(n)
	return n, err
}

// seen collects everything an adapter said, to look for secrets in it.
type seen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *seen) add(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.text, "%v\n%+v\n%#v\n", v, v, v)
	slog.New(slog.NewJSONHandler(&s.text, nil)).Info("seen", "value", v)
	slog.New(slog.NewTextHandler(&s.text, nil)).Info("seen", "value", v)
}

// Write takes lines of a log.
func (s *seen) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(line)
}

func (s *seen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// exam is one case: a bench, and what has to hold at its end.
type exam struct {
	Bench
	t     *testing.T
	world *world
	guard *guard
	seen  *seen
	sends int // prompts rendered
}

// fresh makes the next call open a connection. On a kept one a broken answer is
// ambiguous (the server may have closed it long ago), and net/http repeats what it
// may repeat.
func (x *exam) fresh() { x.guard.next.CloseIdleConnections() }

// begin sets a case up and registers what is checked after it.
func begin(t *testing.T, h Harness, w *world) *exam {
	t.Helper()
	g := &guard{next: simkit.NewLoopbackTransport()}
	x := &exam{t: t, world: w, guard: g, seen: &seen{}}
	x.Bench = h(t, g)
	if x.Adapter == nil || x.Faults == nil || x.Journal == nil || x.Received == nil || x.Await == nil || x.Stop == nil {
		t.Fatal("the harness left a required field of the Bench empty")
	}
	t.Cleanup(func() {
		g.next.CloseIdleConnections()
		if len(g.refused) > 0 {
			t.Errorf("the adapter tried to leave loopback: %v", g.refused)
		}
		if n := x.Faults.Unused(); n > 0 {
			t.Errorf("%d planned faults were never met", n)
		}
		for _, c := range x.Journal.Unexpected() {
			t.Errorf("the vendor does not know the call %s", c.Method)
		}
		x.seen.add(x.Adapter)
		for _, s := range append(x.Adapter.Secrets(), x.Planted...) {
			if s == "" {
				t.Error("Secrets lists an empty value: a redaction by it would spoil every line")
			} else if strings.Contains(x.seen.String(), s) {
				t.Errorf("a secret was found in what the adapter said:\n%s", x.seen.String())
			}
		}
	})
	return x
}

// send sends and remembers the error for the search for secrets.
func (x *exam) send(ctx context.Context, out channels.Outbound) (channels.Sent, *channels.SendError) {
	x.t.Helper()
	sent, err := x.Adapter.Send(ctx, out)
	if err == nil {
		return sent, nil
	}
	x.seen.add(err)
	se, ok := err.(*channels.SendError)
	if !ok {
		x.t.Fatalf("Send returned a %T, the contract says *channels.SendError: %v", err, err)
	}
	if se.Err != nil {
		x.seen.add(se.Err)
	}
	return sent, se
}

func (x *exam) receiver() channels.Receiver {
	x.t.Helper()
	r, ok := x.Adapter.(channels.Receiver)
	if !ok {
		x.t.Fatal("the exam is for networks that push events")
	}
	if x.Message == nil || x.Rotated == nil || x.Other.Message == nil || x.Other.Received == nil || x.Huge.ID == "" ||
		len(x.Forged) == 0 || len(x.Unknown) == 0 || len(x.Malformed) == 0 || len(x.Elsewhere) == 0 || len(x.Planted) == 0 {
		x.t.Fatal("a field of the Bench for receiving is empty")
	}
	return r
}

// parse parses and remembers the error.
func (x *exam) parse(r channels.Receiver, req Request) (channels.Inbound, error) {
	in, err := r.Parse(req.build(), []byte(req.Body))
	if err != nil {
		x.seen.add(err)
	}
	return in, err
}

// readAll reads a file of the vendor.
func (x *exam) readAll(m core.Media) ([]byte, error) {
	x.t.Helper()
	rc, err := x.Adapter.(channels.FileOpener).OpenFile(x.t.Context(), m)
	if err != nil {
		x.seen.add(err)
		return nil, err
	}
	data, err := io.ReadAll(rc)
	if err != nil {
		x.seen.add(err)
	}
	if cerr := rc.Close(); err == nil {
		err = cerr
	}
	return data, err
}
