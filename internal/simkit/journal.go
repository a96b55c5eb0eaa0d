package simkit

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Call is one request that a client made to a fake vendor.
type Call struct {
	Seq        int        // 1, 2, 3… in order of arrival
	At         time.Time  // the fake's clock
	Method     string     // in the vendor's words: "sendMessage", "POST Messages.json"
	Params     url.Values // form fields; the content of files is not kept
	Status     int        // HTTP status answered; 0 = no answer was given
	Fault      string     // name of the fault that was played, "" for none
	Unexpected bool       // the fake does not know this call
}

// keepRecords bounds what a fake remembers of its calls, deliveries and messages,
// so that a simulator may live for weeks: past it the older half is forgotten.
const keepRecords = 1 << 16

// Journal records the calls of one fake. It is safe for concurrent use.
type Journal struct {
	mu      sync.Mutex
	first   int // how many calls were forgotten
	calls   []Call
	changed signal
}

// begin notes an arriving call and gives its number.
func (j *Journal) begin(at time.Time, method string, params url.Values) int {
	j.mu.Lock()
	if len(j.calls) >= keepRecords {
		j.first += keepRecords / 2
		j.calls = slices.Clone(j.calls[keepRecords/2:])
	}
	seq := j.first + len(j.calls) + 1
	j.calls = append(j.calls, Call{Seq: seq, At: at, Method: method, Params: params})
	j.mu.Unlock()
	return seq
}

// end notes how call seq was answered and wakes the waiters.
func (j *Journal) end(seq, status int, fault string, unexpected bool) {
	j.mu.Lock()
	if i := seq - 1 - j.first; i >= 0 {
		c := &j.calls[i]
		c.Status, c.Fault, c.Unexpected = status, fault, unexpected
	}
	j.mu.Unlock()
	j.changed.fire()
}

// Calls gives the calls of a method, oldest first; method "" means all.
func (j *Journal) Calls(method string) []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Call
	for _, c := range j.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// Unexpected gives the calls that the fake does not know.
func (j *Journal) Unexpected() []Call {
	return slices.DeleteFunc(j.Calls(""), func(c Call) bool { return !c.Unexpected })
}

// Await waits until n calls of a method were answered (or deliberately left
// unanswered) and gives them. It ends with the error of ctx.
func (j *Journal) Await(ctx context.Context, method string, n int) ([]Call, error) {
	return await(ctx, &j.changed, func() ([]Call, bool) {
		done := slices.DeleteFunc(j.Calls(method), func(c Call) bool { return c.Status == 0 && c.Fault == "" })
		return done, len(done) >= n
	})
}

// Fault is one planned misbehaviour of a vendor's API.
type Fault struct {
	Name       string        // for the journal
	Status     int           // HTTP status of the answer; 0 with Hang or Cut
	Code       int           // the vendor's own error code; 0 = the same as Status
	Message    string        // the vendor's description
	RetryAfter time.Duration // told in the vendor's way and as a Retry-After header, in whole seconds
	Body       []byte        // sent in place of the vendor's envelope, as text/html
	Accept     bool          // the call takes effect first: its outcome is unknown to the client
	Hang       bool          // no answer until the client gives up or the fake stops
	Cut        bool          // the connection is closed without an answer
	Pass       bool          // no fault: this call is served, and the next of the plan waits for its own
}

// TooManyRequests is a 429 that asks to come back after d.
func TooManyRequests(d time.Duration) Fault {
	return Fault{Name: "too many requests", Status: 429, Message: "Too Many Requests", RetryAfter: d}
}

// ServerError is a 500 in the vendor's envelope; nothing took effect.
func ServerError() Fault {
	return Fault{Name: "server error", Status: 500, Message: "Internal Server Error"}
}

// BadGateway is the HTML page of a proxy before the vendor; nothing took effect.
func BadGateway() Fault {
	return Fault{Name: "bad gateway", Status: 502, Body: []byte("<html><body>502 Bad Gateway</body></html>")}
}

// CutBefore closes the connection before the call takes effect.
func CutBefore() Fault { return Fault{Name: "cut before", Cut: true} }

// CutAfterAccept lets the call take effect and closes the connection unanswered.
func CutAfterAccept() Fault { return Fault{Name: "cut after accept", Cut: true, Accept: true} }

// HangAfterAccept lets the call take effect and never answers.
func HangAfterAccept() Fault { return Fault{Name: "hang after accept", Hang: true, Accept: true} }

// Refuse is an error answer of the vendor that says what is wrong.
func Refuse(status, code int, message string) Fault {
	return Fault{Name: "refuse", Status: status, Code: code, Message: message}
}

// Faults is the plan of misbehaviour of one fake: for each method a queue that is
// used up one call at a time, and a standing fault after it. Method "*" stands for
// every method without a plan of its own. Safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	next  map[string][]Fault
	every map[string]Fault
}

// Next plans faults for the coming calls of a method, one each.
func (f *Faults) Next(method string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]Fault{}
	}
	f.next[method] = append(f.next[method], faults...)
}

// Every plays a fault on each call of a method until Clear.
func (f *Faults) Every(method string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.every == nil {
		f.every = map[string]Fault{}
	}
	f.every[method] = fault
}

// Clear forgets the whole plan.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next, f.every = nil, nil
}

// Unused counts the planned faults that no call has met yet. A test that planned
// a fault and never met it has shown nothing.
func (f *Faults) Unused() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, q := range f.next {
		n += len(q)
	}
	return n
}

func (f *Faults) take(method string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range []string{method, "*"} {
		if q := f.next[m]; len(q) > 0 {
			f.next[m] = q[1:]
			return q[0], !q[0].Pass
		}
		if v, ok := f.every[m]; ok {
			return v, true
		}
	}
	return Fault{}, false
}
