package channels_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// scripted is a network whose sends end as planned: "" is well, "?" lost its
// answer, "!" is refused for now. Behind the plan all is well.
type scripted struct {
	reports    bool
	maxText    int
	registered bool // texts of templates that the vendor knows, short ones unless they are bounded

	mu    sync.Mutex
	waits []time.Duration // until a part may go, as long as there are any
	plan  []string
	sent  []channels.Outbound
}

func (a *scripted) Account() channels.Account { return channels.Account{Kind: "test", Name: "main"} }
func (a *scripted) Capabilities() core.Capabilities {
	c := core.Capabilities{Variant: text.Rich, Receipts: a.reports, Pushes: true, MaxText: a.maxText}
	if c.Registered = a.registered; a.registered && a.maxText == 0 {
		c.Variant = text.Short
	}
	return c
}
func (a *scripted) Secrets() []string { return []string{"s"} }
func (a *scripted) Send(_ context.Context, out channels.Outbound) (channels.Sent, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, out)
	if len(a.plan) > 0 {
		end := a.plan[0]
		a.plan = a.plan[1:]
		if end != "" {
			return channels.Sent{}, &channels.SendError{Reason: channels.ReasonUnreachable, Retry: true, Certain: end == "!"}
		}
	}
	return channels.Sent{External: fmt.Sprint("m", len(a.sent)), State: core.ReceiptSent, Units: 1}, nil
}

func (a *scripted) pace(_ context.Context, _ channels.Account, _ core.Capabilities, lane core.Lane, person string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waits) == 0 || lane != core.LaneReply || person != "p" {
		return 0
	}
	wait := a.waits[0]
	a.waits = a.waits[1:]
	return wait
}

// parts lists the part numbers of what was sent, in order.
func (a *scripted) parts() (out []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.sent {
		_, part, _ := strings.Cut(s.CallbackID, ".")
		out = append(out, part)
	}
	return out
}

// sendRig delivers events to a scripted network and lets time pass.
type sendRig struct {
	*rig
	net *scripted
	n   int
}

func newSendRig(t *testing.T, net *scripted) *sendRig {
	r := newRig(t, plan{adapters: []channels.Adapter{net}, pace: net.pace})
	return &sendRig{rig: r, net: net}
}

func (r *sendRig) hear(text string) {
	r.t.Helper()
	r.n++
	ev := core.Event{ID: fmt.Sprint(r.n), Channel: "test", Account: "main", External: "p", Kind: core.EventText, Text: text}
	if err := r.gateways[0].Deliver(r.t.Context(), ev); err != nil {
		r.t.Fatal(err)
	}
}

func (r *sendRig) pass(d time.Duration) {
	r.clock.Add(d)
	r.wake()
	r.settle()
}

// receipts lists the states of all parts, the oldest job first.
func (r *sendRig) receipts() (out []string) {
	r.t.Helper()
	var conv core.ID
	r.view(func(ctx context.Context, tx core.Tx) error {
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: "test", Account: "main", External: "p"})
		conv = row.Conversation.ID
		return err
	})
	r.view(func(ctx context.Context, tx core.Tx) error {
		all, err := tx.Receipts().ByConversation(ctx, conv, 100)
		for _, x := range slices.Backward(all) {
			out = append(out, string(x.State))
		}
		return err
	})
	return out
}

func (r *sendRig) expect(what string, got []string, want ...string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A message of several parts goes on at the part that failed, whether it was
// refused or its answer was lost.
func TestResumeAtTheFailedPart(t *testing.T) {
	t.Parallel()
	for end, name := range map[string]string{"!": "refused", "?": "answer lost"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newSendRig(t, &scripted{maxText: 60, plan: []string{"", end, end}})
			r.hear("khai sinh")
			r.run()
			r.settle()
			r.pass(2 * time.Second)
			r.pass(5 * time.Second)
			got := r.net.parts()
			if len(got) < 5 {
				t.Fatalf("parts %v: the reply has too few", got)
			}
			r.expect("parts", got[:5], "0", "1", "1", "1", "2")
			if r.net.sent[1].Text != r.net.sent[3].Text || r.net.sent[3].Text == r.net.sent[4].Text {
				t.Error("another part was sent in place of the failed one")
			}
			for _, s := range r.receipts() {
				if s != "sent" {
					t.Errorf("receipts %v", r.receipts())
				}
			}
		})
	}
}

// A vendor that says nothing later gets the message again, once the back-off is
// over; nobody is told of a failure.
func TestUnknownIsSentAgain(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{plan: []string{"?"}})
	r.hear("khai sinh")
	r.run()
	r.settle()
	r.expect("receipts", r.receipts(), "unknown")
	r.pass(2 * time.Second)
	r.expect("parts", r.net.parts(), "0", "0")
	r.expect("receipts", r.receipts(), "sent")
}

// A vendor that reports is waited for. Its word settles it.
func TestUnknownIsReported(t *testing.T) {
	t.Parallel()
	for _, state := range []core.ReceiptState{core.ReceiptDelivered, core.ReceiptFailed} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			r := newSendRig(t, &scripted{reports: true, plan: []string{"?"}})
			r.hear("khai sinh")
			r.run()
			r.settle()
			r.pass(2 * time.Second)
			r.expect("sent while the vendor may still tell", r.net.parts(), "0")
			if err := r.gateways[0].Report(t.Context(), r.net.Account(), channels.Status{
				ID: "r", External: "m1", CallbackID: r.net.sent[0].CallbackID, State: state,
			}); err != nil {
				t.Fatal(err)
			}
			r.pass(20 * time.Second)
			r.expect("sent after the report", r.net.parts(), "0")
			r.expect("receipts", r.receipts(), string(state))
		})
	}
}

// Without a report it is sent again after the wait.
func TestUnknownIsNotReported(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{reports: true, plan: []string{"?"}})
	r.hear("khai sinh")
	r.run()
	r.settle()
	r.pass(2 * time.Second)
	r.pass(8 * time.Second)
	r.expect("parts", r.net.parts(), "0", "0")
	r.expect("receipts", r.receipts(), "sent")
}

// A later turn holds no longer than the back-off, at most 30 s: what is older and
// unknown is not sent again, and stays unknown. What was said in the same turn is
// no later one.
func TestUnknownBeforeANewerPrompt(t *testing.T) {
	t.Parallel()
	ends := []string{"?", "?", "?", "?", "?", "?", "?", "?"}
	r := newSendRig(t, &scripted{plan: ends})
	r.hear("khai sinh")
	r.run()
	r.settle()
	for range len(ends) - 1 {
		r.pass(30 * time.Second)
	}
	if n := len(r.net.parts()); n != len(ends) {
		t.Fatalf("sent %d times, it was worth trying %d", n, len(ends))
	}
	r.hear("menu")
	before := r.net.sent[0].Text
	r.pass(30 * time.Second)
	r.expect("receipts", r.receipts(), "unknown", "sent")
	if last := r.net.sent[len(r.net.sent)-1].Text; len(r.net.sent) != len(ends)+1 || last == before {
		t.Errorf("%d sends, the last %q", len(r.net.sent), last)
	}
	r.view(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 10)
		if len(jobs) > 0 {
			t.Errorf("%d jobs are left, the first %s: %s", len(jobs), jobs[0].State, jobs[0].Cause)
		}
		return err
	})
}

// Each part takes its turn: a short wait is held, for a long one the job is given
// back and goes on at the same part, which is no failed attempt.
func TestPace(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{maxText: 60, waits: []time.Duration{0, time.Millisecond, 0, time.Minute}})
	r.hear("khai sinh")
	r.run()
	r.settle()
	r.expect("parts before the long wait", r.net.parts(), "0", "1")
	r.view(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 10)
		if len(jobs) == 0 || jobs[0].Attempts != 0 || jobs[0].Progress != "2" {
			t.Errorf("jobs %+v", jobs)
		}
		return err
	})
	r.pass(time.Minute)
	if got := r.net.parts(); len(got) < 3 || got[2] != "2" {
		t.Errorf("parts %v", got)
	}
}
