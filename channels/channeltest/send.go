package channeltest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// capabilities: the record is one that the registry takes and the renderer knows.
func (x *exam) capabilities() {
	if _, err := channels.NewRegistry(x.Adapter); err != nil {
		x.t.Fatalf("the registry refuses the adapter: %v", err)
	}
	c := x.Adapter.Capabilities()
	if c != x.Adapter.Capabilities() {
		x.t.Error("the capability record changes")
	}
	if c.Markup != "" && c.Markup != "html" {
		x.t.Errorf("unknown markup %q", c.Markup)
	}
	if c.MediaIn && c.MaxFile <= 0 {
		x.t.Error("MediaIn without MaxFile: a size has to be known before a download")
	}
	if c.ReplyToInput && c.Buttons == 0 {
		x.t.Error("ReplyToInput without buttons")
	}
	if r, ok := x.Adapter.(channels.Receiver); ok {
		if m := r.Method(); m != http.MethodPost && m != http.MethodGet {
			x.t.Errorf("Method is %q", m)
		}
		if r.MaxBody() <= 0 || r.MaxBody() > 8<<20 {
			x.t.Errorf("MaxBody %d is no sensible limit", r.MaxBody())
		}
		contentType, body := r.Ack()
		if contentType == "" {
			x.t.Error("Ack has no content type")
		}
		x.seen.add(string(body))
	} else if _, ok := x.Adapter.(channels.Poller); !ok {
		x.t.Log("the adapter only sends")
	}
	if len(x.Adapter.Secrets()) == 0 {
		x.t.Error("an adapter without secrets cannot verify anybody")
	}
}

// sendDelivers: two messages arrive in order under different ids.
func (x *exam) sendDelivers() {
	var ids []string
	texts := []string{"Xin chao, 1", "Xin chao, 2"}
	for i, text := range texts {
		sent, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: text, CallbackID: fmt.Sprintf("part-%d", i)})
		if err != nil {
			x.t.Fatalf("send: %v", err)
		}
		if sent.State != core.ReceiptSent && sent.State != core.ReceiptDelivered {
			x.t.Errorf("state %q after a good send", sent.State)
		}
		if sent.At.IsZero() || sent.Units < 1 {
			x.t.Errorf("At %v and Units %d must be told", sent.At, sent.Units)
		}
		ids = append(ids, sent.External)
	}
	if ids[0] == "" || ids[0] == ids[1] {
		x.t.Errorf("vendor ids %q must be there and differ", ids)
	}
	if got := x.Received(); !slices.Equal(got, texts) {
		x.t.Errorf("received %q, want %q", got, texts)
	}
	if calls := x.Journal.Calls(x.SendCall); len(calls) != 2 {
		x.t.Errorf("%d calls of %s for two messages", len(calls), x.SendCall)
	}
}

// sendLongest: what the capability record allows arrives whole; an adapter may
// refuse what is longer, and says so with too_large.
func (x *exam) sendLongest() {
	limit := x.Adapter.Capabilities().MaxText
	text := strings.Repeat("a", limit)
	if _, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: text}); err != nil {
		x.t.Fatalf("send of MaxText characters: %v", err)
	}
	if got := x.Received(); len(got) != 1 || utf8.RuneCountInString(got[0]) != limit {
		x.t.Errorf("%d messages received, want one of %d characters", len(got), limit)
	}
	_, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: text + "b"})
	if err == nil || err.Reason != channels.ReasonTooLarge || err.Retry || !err.Certain {
		x.t.Errorf("one character more: %v, want a certain too_large without retry", err)
	}
}

// sendEscapes: a hostile answer, escaped as the renderer does for the markup,
// arrives as it was written.
func (x *exam) sendEscapes() {
	const said = `</b>1 < 2 & "x" 'y' <script> &amp; {{.}} *_[]()~`
	text := said
	if x.Adapter.Capabilities().Markup == "html" {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", `'`, "&#39;").Replace(said)
	}
	if _, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: text}); err != nil {
		x.t.Fatalf("send: %v", err)
	}
	if got := x.Received(); len(got) != 1 || got[0] != said {
		x.t.Errorf("received %q, want %q", got, said)
	}
}

// sendConcurrently: one adapter value serves all goroutines.
func (x *exam) sendConcurrently() {
	const n = 16
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := x.Adapter.Send(x.t.Context(), channels.Outbound{To: x.To, Text: fmt.Sprintf("so %02d", i)}); err != nil {
				x.t.Errorf("send %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	got := x.Received()
	slices.Sort(got)
	if len(slices.Compact(got)) != n {
		x.t.Errorf("received %d different messages, want %d", len(got), n)
	}
}

// sendAgain: where the capability record says so, a part whose outcome was lost is
// sent again under its id and arrives once.
func (x *exam) sendAgain() {
	again := x.Adapter.Capabilities().Idempotent
	out := channels.Outbound{To: x.To, Text: "a", CallbackID: "0192f000-0000-7000-8000-000000000001.0"}
	x.Faults.Next(x.SendCall, simkit.CutAfterAccept())
	_, err := x.send(x.t.Context(), out)
	x.wantUnknown(err)
	sent, err := x.send(x.t.Context(), out)
	if err != nil || sent.State.Rank() < core.ReceiptSent.Rank() {
		x.t.Errorf("the second time: %+v, %v", sent, err)
	}
	if n := len(x.Received()); again != (n == 1) {
		x.t.Errorf("received %d times, and Idempotent is %v", n, again)
	}
}

// badAddress: an address that cannot be anybody's is refused without a call.
func (x *exam) badAddress() {
	for _, to := range append([]string{"", "x", "0"}, x.BadAddress...) {
		_, err := x.send(x.t.Context(), channels.Outbound{To: to, Text: "a"})
		if err == nil || err.Reason != channels.ReasonBadAddress || err.Retry || !err.Certain {
			x.t.Errorf("to %q: %v, want a certain bad_address without retry", to, err)
		}
	}
	if n := len(x.Journal.Calls("")); n != 0 {
		x.t.Errorf("%d calls were made", n)
	}
}

// cancelled: what was given up before it began was certainly not sent.
func (x *exam) cancelled() {
	ctx, cancel := context.WithCancel(x.t.Context())
	cancel()
	_, err := x.send(ctx, channels.Outbound{To: x.To, Text: "a"})
	if err == nil || !err.Certain || !err.Retry {
		x.t.Errorf("%v, want a certain failure that may be retried", err)
	}
	if got := x.Received(); len(got) != 0 {
		x.t.Errorf("received %q", got)
	}
}

// cutAfterAccept: taken, and the connection broke before the answer.
func (x *exam) cutAfterAccept() {
	x.Faults.Next(x.SendCall, simkit.CutAfterAccept())
	_, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"})
	x.wantUnknown(err)
}

// hangs: taken, and the answer never came.
func (x *exam) hangs() {
	x.Faults.Next(x.SendCall, simkit.HangAfterAccept())
	ctx, cancel := context.WithCancel(x.t.Context())
	defer cancel()
	// The fake has taken the message once somebody received it; then the caller
	// loses patience.
	go func() {
		defer cancel()
		_ = x.Await(ctx, 1) // ends with ctx when Send fails early: the checks below tell
	}()
	_, err := x.send(ctx, channels.Outbound{To: x.To, Text: "a"})
	x.wantUnknown(err)
}

func (x *exam) wantUnknown(err *channels.SendError) {
	x.t.Helper()
	if err == nil || err.Certain || !err.Retry || err.Reason != channels.ReasonUnreachable {
		x.t.Errorf("%v, want unreachable with an unknown outcome", err)
	}
	if got := x.Received(); len(got) != 1 {
		x.t.Errorf("received %q, want the one message: Send must not retry", got)
	}
}

// down: nobody listens at the vendor's address.
func (x *exam) down() {
	x.Stop()
	x.fresh()
	_, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"})
	if err == nil || err.Reason != channels.ReasonUnreachable || !err.Retry || !err.Certain {
		x.t.Errorf("%v, want a certain unreachable that may be retried", err)
	}
}

// throttled: the vendor names a pause, and gets it.
func (x *exam) throttled() {
	x.Faults.Next(x.SendCall, simkit.TooManyRequests(17*time.Second))
	_, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"})
	if err == nil || err.Reason != channels.ReasonThrottled || !err.Retry || !err.Certain || err.RetryAfter != 17*time.Second {
		x.t.Errorf("%+v, want a certain throttled after 17 s", err)
	}
	if len(x.Journal.Calls(x.SendCall)) != 1 {
		x.t.Error("Send retried on its own")
	}
}

// vendorErrors: the common ones, and the vendor's own.
func (x *exam) vendorErrors() {
	cases := append([]ErrorCase{
		{Fault: simkit.ServerError(), Reason: channels.ReasonUnreachable, Retry: true},
		{Fault: simkit.BadGateway(), Reason: channels.ReasonUnreachable, Retry: true, Unknown: true},
		{Fault: simkit.Fault{Name: "html 503", Status: 503, Body: []byte("<html>busy</html>")}, Reason: channels.ReasonUnreachable, Retry: true},
		{Fault: simkit.Fault{Name: "torn answer", Status: 200, Body: []byte(`{"`), Accept: true}, Reason: channels.ReasonUnreachable, Retry: true, Unknown: true},
	}, x.Errors...)
	for _, c := range cases {
		before := len(x.Journal.Calls(x.SendCall))
		x.Faults.Next(x.SendCall, c.Fault)
		_, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "Nguyen Van A 079123"})
		name := fmt.Sprintf("%s %d/%d %s", c.Fault.Name, c.Fault.Status, c.Fault.Code, c.Fault.Message)
		if err == nil {
			x.t.Errorf("%s: no error", name)
			continue
		}
		if err.Reason != c.Reason || err.Retry != c.Retry || err.Certain == c.Unknown || err.RetryAfter != c.RetryAfter {
			x.t.Errorf("%s: got reason %q retry %v after %v certain %v, want %q %v %v %v",
				name, err.Reason, err.Retry, err.RetryAfter, err.Certain, c.Reason, c.Retry, c.RetryAfter, !c.Unknown)
		}
		if strings.Contains(err.Error(), "079123") || strings.Contains(err.Error(), x.To) {
			x.t.Errorf("%s: the error tells what was sent, or to whom: %v", name, err)
		}
		if n := len(x.Journal.Calls(x.SendCall)) - before; n != 1 {
			x.t.Errorf("%s: %d calls, want 1", name, n)
		}
	}
}
