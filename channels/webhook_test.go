package channels_test

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
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/simkit"
)

// What each request is answered with, and whether it left anything behind.
func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, plan{})
	wrong := signedChat()
	wrong.Set("X-Telegram-Bot-Api-Secret-Token", webhookSecret+"x")
	none := http.Header{"Content-Type": {"application/json"}}
	form := func(fields ...string) string {
		v := url.Values{"AccountSid": {r.phones.AccountSID()}, "From": {"+84901234567"}, "To": {r.phones.Number()}}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		return v.Encode()
	}
	signed := func(body string) http.Header {
		v, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		return http.Header{
			"Content-Type":       {"application/x-www-form-urlencoded"},
			"X-Twilio-Signature": {simkit.TwilioSignature(r.phones.AuthToken(), publicURL+phonePath, v, false)},
		}
	}
	good := form("MessageSid", "SM1", "Body", "KHAI SINH")
	forged := signed(good)
	forged.Set("X-Twilio-Signature", strings.Repeat("A", 27)+"=")
	for _, tc := range []struct {
		name, path, body string
		header           http.Header
		status           int
		answer           string
		effect           bool
	}{
		{"chat", chatPath, update(1, 501, "khai sinh"), signedChat(), 200, "{}", true},
		{"chat, wrong secret", chatPath, update(2, 502, "khai sinh"), wrong, 401, "", false},
		{"chat, no secret", chatPath, update(3, 502, "khai sinh"), none, 401, "", false},
		{"chat, no secret and malformed", chatPath, "{", none, 401, "", false},
		{"chat, over 1 MiB", chatPath, update(4, 502, strings.Repeat("a", 1<<20)), signedChat(), 413, "", false},
		{"chat, over 1 MiB without a secret", chatPath, strings.Repeat("a", 1<<20+1), none, 413, "", false},
		{"chat, malformed", chatPath, `{"update_id":5,"message":`, signedChat(), 200, "{}", false},
		{"chat, not an object", chatPath, `[1,2]`, signedChat(), 200, "{}", false},
		{"chat, empty", chatPath, ``, signedChat(), 200, "{}", false},
		{"chat, no id", chatPath, `{"message":{"text":"a"}}`, signedChat(), 200, "{}", false},
		{"chat, unknown kind", chatPath, `{"update_id":6,"purchased_paid_media":{"x":1}}`, signedChat(), 200, "{}", false},
		{"chat, types that changed", chatPath, `{"update_id":7,"message":{"message_id":"seven","chat":[],"from":7,"text":{}}}`, signedChat(), 200, "{}", false},
		{"chat, signs that no store takes", chatPath, update(8, 503, "khai\x00 sinh\xff\ufffe"), signedChat(), 200, "{}", true},
		{"chat, an id that no store takes", chatPath, `{"update_id":9,"callback_query":{"id":"a\u0000b","from":{"id":503},"data":"x"}}`, signedChat(), 200, "{}", false},
		{"SMS", phonePath, good, signed(good), 200, "<Response/>", true},
		{"SMS, forged", phonePath, form("MessageSid", "SM2", "Body", "KHAI SINH"), forged, 403, "", false},
		{"SMS, unsigned", phonePath, form("MessageSid", "SM2", "Body", "KHAI SINH"), nil, 403, "", false},
		{"SMS, over the limit", phonePath, form("Body", strings.Repeat("a", 1<<20)), forged, 413, "", false},
		{"unknown account", "/webhooks/telegram/other", update(9, 502, "a"), signedChat(), 404, "", false},
		{"unknown network", "/webhooks/fax/main", "x", nil, 404, "", false},
	} {
		before := r.observer.of("in ok")
		w := r.post(tc.path, tc.body, tc.header)
		body := w.Body.String()
		if w.Code != tc.status || tc.answer == "" && body != "" || tc.answer != "" && !strings.Contains(strings.ReplaceAll(body, " ", ""), tc.answer) {
			t.Errorf("%s: %d %q, want %d %q", tc.name, w.Code, body, tc.status, tc.answer)
		}
		if did := r.observer.of("in ok") - before; (did == 1) != tc.effect || did > 1 {
			t.Errorf("%s: %d turns, effect expected: %v", tc.name, did, tc.effect)
		}
	}
	if _, ok := r.row(502); ok {
		t.Error("a refused request left a conversation behind")
	}
	r.view(func(ctx context.Context, tx core.Tx) error {
		parked, err := tx.Inbox().Parked(ctx, 10)
		if len(parked) > 0 {
			t.Errorf("%d events were parked: %s", len(parked), parked[0].Cause)
		}
		return err
	})
}

// The same update again has no second effect, whatever has happened since.
func TestWebhookRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t, plan{})
	for range 3 {
		if w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat()); w.Code != 200 {
			t.Fatalf("status %d", w.Code)
		}
		if w := r.post(chatPath, update(2, 501, "menu"), signedChat()); w.Code != 200 {
			t.Fatalf("status %d", w.Code)
		}
	}
	row, _ := r.row(501)
	turns := r.ledger.of(row.Conversation.ID)
	if row.Conversation.Version != 2 || len(turns) != 2 || r.observer.of("in duplicate") != 4 {
		t.Errorf("version %d after %d turns and %d duplicates", row.Conversation.Version, len(turns), r.observer.of("in duplicate"))
	}
}

// down is a store that fails while it is switched off.
type down struct {
	core.Store
	off  *atomic.Bool
	code core.Code
}

func (d down) Update(ctx context.Context, fn func(context.Context, core.Tx) error) error {
	if d.off.Load() {
		return core.E(d.code, "store.update", "", nil)
	}
	return d.Store.Update(ctx, fn)
}

// While the store is down nothing is acknowledged, the vendor is told when to come
// back, and what it brings then has its one effect.
func TestWebhookStoreDown(t *testing.T) {
	t.Parallel()
	var off atomic.Bool
	r := newRig(t, plan{store: func(s core.Store) core.Store { return down{s, &off, core.CodeUnavailable} }})
	off.Store(true)
	for range 2 {
		w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat())
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Body.Len() > 0 {
			t.Fatalf("status %d, Retry-After %q, body %q", w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
	if _, ok := r.row(501); ok {
		t.Error("something was stored")
	}
	off.Store(false)
	if w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat()); w.Code != 200 {
		t.Fatalf("status %d after the store came back", w.Code)
	}
	if row, _ := r.row(501); row.Conversation.Version != 1 {
		t.Errorf("version %d", row.Conversation.Version)
	}
}

// cursed is a store in which one thing panics while it is switched on: reading or
// writing a conversation.
type cursed struct {
	core.Store
	read, write *atomic.Bool
}

func (c cursed) View(ctx context.Context, fn func(context.Context, core.Tx) error) error {
	return c.Store.View(ctx, func(ctx context.Context, tx core.Tx) error { return fn(ctx, cursedTx{tx, c.read, nil}) })
}

func (c cursed) Update(ctx context.Context, fn func(context.Context, core.Tx) error) error {
	return c.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error { return fn(ctx, cursedTx{tx, nil, c.write}) })
}

type cursedTx struct {
	core.Tx
	read, write *atomic.Bool
}

func (t cursedTx) Conversations() core.ConversationRepo {
	return cursedConversations{t.Tx.Conversations(), t.read, t.write}
}

type cursedConversations struct {
	core.ConversationRepo
	read, write *atomic.Bool
}

func (r cursedConversations) Save(ctx context.Context, c core.Conversation) error {
	if r.write != nil && r.write.Load() {
		panic("Trần Thị Mai") // what a careless defect may carry
	}
	return r.ConversationRepo.Save(ctx, c)
}

func (r cursedConversations) ForTurn(ctx context.Context, key core.AddressKey) (core.TurnRow, error) {
	row, err := r.ConversationRepo.ForTurn(ctx, key)
	if r.read != nil && r.read.Load() && err == nil {
		var none []int
		_ = none[len(key.External)] // what a defect looks like
	}
	return row, err
}

// A turn that panics, before or inside its transaction, is parked with its cause,
// the citizen is told, and the vendor is not asked to send the poison again. The
// next message of the same person goes its way.
func TestWebhookPoison(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		arm  func(read, write *atomic.Bool)
	}{
		{"before its transaction", func(read, _ *atomic.Bool) { read.Store(true) }},
		{"inside its transaction", func(_, write *atomic.Bool) { write.Store(true) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var read, write atomic.Bool
			r := newRig(t, plan{store: func(s core.Store) core.Store { return cursed{s, &read, &write} }})
			if w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat()); w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			tc.arm(&read, &write)
			for range 2 { // the vendor may not have heard us
				if w := r.post(chatPath, update(2, 501, "menu"), signedChat()); w.Code != 200 {
					t.Fatalf("a poisonous message is answered %d", w.Code)
				}
			}
			read.Store(false)
			write.Store(false)
			if got := r.observer.of("in parked"); got == 0 {
				t.Error("nothing was parked")
			}
			r.view(func(ctx context.Context, tx core.Tx) error {
				parked, err := tx.Inbox().Parked(ctx, 10)
				if err != nil {
					return err
				}
				if len(parked) != 1 || parked[0].EventID != "2" || !strings.Contains(parked[0].Cause, "panic") ||
					strings.Contains(parked[0].Cause, "Mai") {
					t.Fatalf("parked: %+v", parked)
				}
				var ev core.Event
				if err := core.OpenJSON(parked[0].Raw, &ev); err != nil || ev.Text != "menu" {
					t.Errorf("the parked event is %+v, %v", ev, err)
				}
				jobs, err := tx.Jobs().List(ctx, "", 100)
				sorry := 0
				for _, j := range jobs {
					var p struct {
						Prompt core.Prompt `json:"prompt"`
					}
					if core.OpenJSON(j.Payload, &p) == nil && p.Prompt.Key == "error.internal" {
						sorry++
						if len(p.Prompt.Choices) == 0 {
							t.Error("the citizen is told of trouble and of no way out")
						}
					}
				}
				if sorry != 1 {
					t.Errorf("the citizen was told %d times", sorry)
				}
				return err
			})
			if w := r.post(chatPath, update(3, 501, "menu"), signedChat()); w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			if row, _ := r.row(501); row.Conversation.Version != 2 {
				t.Errorf("version %d after the next message", row.Conversation.Version)
			}
		})
	}
}

// teller is a network of one person that remembers what it was told to send.
type teller struct {
	sends atomic.Int64
	to    chan channels.Outbound
	err   error
}

func (a *teller) Account() channels.Account { return channels.Account{Kind: "test", Name: "main"} }
func (a *teller) Capabilities() core.Capabilities {
	return core.Capabilities{Variant: text.Rich, Receipts: true, Pushes: true}
}
func (a *teller) Secrets() []string { return []string{"s"} }
func (a *teller) Send(_ context.Context, out channels.Outbound) (channels.Sent, error) {
	n := a.sends.Add(1)
	a.to <- out
	if a.err != nil {
		return channels.Sent{}, a.err
	}
	return channels.Sent{External: fmt.Sprint("m", n), State: core.ReceiptSent, Units: 1}, nil
}

// A vendor may report on a message before its own answer was committed. The report
// makes the receipt; the send's own, lower state changes nothing.
func TestReportBeforeReceipt(t *testing.T) {
	t.Parallel()
	out := &teller{to: make(chan channels.Outbound, 4)}
	r := newRig(t, plan{adapters: []channels.Adapter{out}})
	g := r.gateways[0]
	acc := out.Account()
	ev := core.Event{ID: "1", Channel: "test", Account: "main", External: "p", Kind: core.EventText, Text: "khai sinh"}
	if err := g.Deliver(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	var sendJob core.Job
	r.view(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 10)
		if len(jobs) != 1 {
			t.Fatalf("%d jobs", len(jobs))
		}
		sendJob = jobs[0]
		return err
	})
	report := func(state core.ReceiptState) {
		t.Helper()
		if err := g.Report(t.Context(), acc, channels.Status{ID: "x", External: "m1", CallbackID: string(sendJob.ID) + ".0", State: state}); err != nil {
			t.Fatal(err)
		}
	}
	state := func() core.ReceiptState {
		var got []core.Receipt
		r.view(func(ctx context.Context, tx core.Tx) (err error) {
			got, err = tx.Receipts().ByJob(ctx, sendJob.ID)
			return err
		})
		if len(got) != 1 {
			t.Fatalf("%d receipts", len(got))
		}
		return got[0].State
	}
	report(core.ReceiptDelivered)
	if s := state(); s != core.ReceiptDelivered {
		t.Errorf("state %q after an early report", s)
	}
	r.run()
	sent := <-out.to
	if sent.CallbackID != string(sendJob.ID)+".0" {
		t.Errorf("the callback id is %q", sent.CallbackID)
	}
	r.settle()
	report(core.ReceiptSent) // late and lower
	if s := state(); s != core.ReceiptDelivered {
		t.Errorf("state %q after the send was recorded and an old report came", s)
	}
	// Reports about messages that are not ours are taken without a word.
	for _, id := range []string{"", "nonsense", "nonsense.0", string(core.NewID(r.clock.Now())) + ".0", string(sendJob.ID) + ".9999"} {
		if err := g.Report(t.Context(), acc, channels.Status{External: "of somebody else", CallbackID: id, State: core.ReceiptSent}); err != nil {
			t.Errorf("callback id %q: %v", id, err)
		}
	}
}

// A webhook whose sender hangs up is handled all the same.
func TestWebhookCallerHangsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, plan{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := httptest.NewRequest(http.MethodPost, chatPath, strings.NewReader(update(1, 501, "khai sinh"))).WithContext(ctx)
	req.Header = signedChat()
	w := httptest.NewRecorder()
	r.webhooks(0).ServeHTTP(w, req)
	if row, ok := r.row(501); !ok || row.Conversation.Version != 1 {
		t.Errorf("the message was lost (status %d)", w.Code)
	}
}
