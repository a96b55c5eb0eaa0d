package channels_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/simkit"
	"github.com/motcua/motcua/internal/spool"
)

// disk is a spool as the program wires it, which may die before it removes what
// was delivered.
type disk struct {
	*spool.Spool
	t     *testing.T
	dir   string
	max   int64
	dying func() // set: the next removal does not come about
}

func newDisk(t *testing.T, max int64) *disk {
	t.Helper()
	d := &disk{t: t, dir: t.TempDir(), max: max}
	d.restart()
	return d
}

func (d *disk) restart() {
	d.t.Helper()
	s, err := spool.Open(d.dir, spool.Options{Sealer: coretest.Sealer("spool"), Clock: coretest.NewClock(), MaxBytes: d.max})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = s.Close() })
	d.Spool, d.dying = s, nil
}

func (d *disk) waiting() int { return d.Pending(phoneAccount.String()) }

func (d *disk) door() *channels.Spool {
	return &channels.Spool{
		Append:  func(acc channels.Account, b []byte) error { return d.Spool.Append(acc.String(), b) },
		Pending: func(acc channels.Account) int { return d.Spool.Pending(acc.String()) },
		Next: func(acc channels.Account) (channels.Spooled, bool, error) {
			e, ok, err := d.Spool.Next(acc.String())
			return channels.Spooled{
				Entry: e.Data,
				Done: func() error {
					if d.dying != nil {
						d.dying()
						return core.E(core.CodeUnavailable, "test", "", nil)
					}
					return d.Spool.Done(acc.String(), e)
				},
				Park: func() error { return d.Spool.Park(acc.String(), e) },
			}, ok, err
		},
	}
}

const phonePath = "/webhooks/twilio/main"

// phoneAccount is the account of the network that does not redeliver.
var phoneAccount = channels.Account{Kind: "twilio", Name: "main"}

// text sends an SMS to the door, signed.
func (r *rig) text(sid, from, body string) *httptest.ResponseRecorder {
	v := url.Values{"AccountSid": {r.phones.AccountSID()}, "From": {from}, "To": {r.phones.Number()}, "MessageSid": {sid}, "Body": {body}}
	return r.post(phonePath, v.Encode(), http.Header{
		"Content-Type":       {"application/x-www-form-urlencoded"},
		"X-Twilio-Signature": {simkit.TwilioSignature(r.phones.AuthToken(), publicURL+phonePath, v, false)},
	})
}

// turns lists the events that had an effect on a phone's conversation, in order.
func (r *rig) turns(phone string) []string {
	r.t.Helper()
	var id core.ID
	r.view(func(ctx context.Context, tx core.Tx) error {
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: "twilio", Account: "main", External: phone})
		id = row.Conversation.ID
		return err
	})
	var out []string
	for _, rec := range r.ledger.of(id) {
		out = append(out, rec.event)
	}
	return out
}

// While the store is down, who would not send again is acknowledged and kept; who
// would is told to. What comes after the store is back goes behind what is kept, so
// that each message has one effect, in the order of its conversation, though the
// process dies between an effect and the removal of its entry.
func TestSpool(t *testing.T) {
	t.Parallel()
	const phone = "+84901234567"
	kept := newDisk(t, 0)
	var off atomic.Bool
	r := newRig(t, plan{spool: kept.door(), store: func(s core.Store) core.Store { return down{s, &off, core.CodeUnavailable} }})
	if w := r.text("SM1", phone, "KHAI SINH"); w.Code != 200 || kept.waiting() != 0 {
		t.Fatalf("status %d, %d spooled with a store that works", w.Code, kept.waiting())
	}
	off.Store(true)
	for _, sid := range []string{"SM2", "SM3", "SM4", "SM3"} { // one is sent again: the vendor did not hear us
		if w := r.text(sid, phone, "1"); w.Code != 200 || w.Body.Len() == 0 {
			t.Fatalf("status %d, %q", w.Code, w.Body)
		}
	}
	w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat())
	if after, err := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != 503 || err != nil || after < 5 || after > 10 {
		t.Errorf("the vendor that redelivers is told %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	off.Store(false)
	if w := r.text("SM5", phone, "0"); w.Code != 200 {
		t.Fatalf("status %d", w.Code)
	}
	if n := kept.waiting(); n != 5 {
		t.Fatalf("%d spooled; the one after the store was back belongs behind them", n)
	}
	if w := r.post(chatPath, update(1, 501, "khai sinh"), signedChat()); w.Code != 200 {
		t.Errorf("another account waits for the spool: status %d", w.Code)
	}
	ctx, die := context.WithCancel(t.Context())
	kept.dying = die
	r.gateways[0].Drain(ctx, phoneAccount)
	if n := kept.waiting(); n != 5 {
		t.Fatalf("%d wait after a death before the first removal", n)
	}
	kept.restart()
	r.gateways[0].Drain(t.Context(), phoneAccount)
	if got, want := r.turns(phone), []string{"SM1", "SM2", "SM3", "SM4", "SM5"}; !slices.Equal(got, want) {
		t.Errorf("effects %v, want %v", got, want)
	}
	if st := kept.Status(); len(st) != 0 {
		t.Errorf("the spool holds %+v", st)
	}
	if w := r.text("SM6", phone, "1"); w.Code != 200 || len(r.turns(phone)) != 6 {
		t.Errorf("status %d, effects %v", w.Code, r.turns(phone))
	}
}

// A report on a sent message is spooled as well, behind what came before it.
func TestSpoolReport(t *testing.T) {
	t.Parallel()
	kept := newDisk(t, 0)
	var off atomic.Bool
	r := newRig(t, plan{spool: kept.door(), store: func(s core.Store) core.Store { return down{s, &off, core.CodeUnavailable} }})
	id := core.NewID(r.clock.Now())
	r.write(func(ctx context.Context, tx core.Tx) error {
		return tx.Receipts().Put(ctx, core.Receipt{JobID: id, Channel: "twilio", Account: "main", External: "SM77", State: core.ReceiptSent})
	})
	off.Store(true)
	report := channels.Inbound{Statuses: []channels.Status{{ID: "r", External: "SM77", State: core.ReceiptDelivered}}}
	if err := r.gateways[0].Take(t.Context(), phoneAccount, report); err != nil || kept.waiting() != 1 {
		t.Fatalf("%v, %d spooled", err, kept.waiting())
	}
	off.Store(false)
	r.gateways[0].Drain(t.Context(), phoneAccount)
	r.view(func(ctx context.Context, tx core.Tx) error {
		got, err := tx.Receipts().ByExternal(ctx, "twilio", "main", "SM77")
		if got.State != core.ReceiptDelivered {
			t.Errorf("the receipt says %q", got.State)
		}
		return err
	})
}

// A full spool acknowledges nothing.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	kept := newDisk(t, 1200)
	var off atomic.Bool
	off.Store(true)
	r := newRig(t, plan{spool: kept.door(), store: func(s core.Store) core.Store { return down{s, &off, core.CodeUnavailable} }})
	taken := 0
	for i := range 20 {
		w := r.text("SM"+strconv.Itoa(i), "+84901234567", "1")
		if w.Code == 200 {
			taken++
		} else if w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Fatalf("status %d", w.Code)
		}
	}
	if taken == 0 || taken == 20 || taken != kept.waiting() {
		t.Errorf("%d acknowledged, %d kept", taken, kept.waiting())
	}
}

// What cannot be handled is put aside and holds nothing up: an entry that cannot be
// read, one of an account that is no more, one whose turn fails.
func TestSpoolPoison(t *testing.T) {
	t.Parallel()
	const phone = "+84901234567"
	kept := newDisk(t, 0)
	var read, write atomic.Bool
	r := newRig(t, plan{spool: kept.door(), store: func(s core.Store) core.Store { return cursed{s, &read, &write} }})
	if w := r.text("SM1", phone, "KHAI SINH"); w.Code != 200 {
		t.Fatal(w.Code)
	}
	other := core.Event{ID: "x", Channel: "fax", Account: "main", External: "p", Kind: core.EventText}
	b, err := json.Marshal(map[string]any{"event": other})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range [][]byte{[]byte("{not"), b} {
		if err := kept.Append(phoneAccount.String(), entry); err != nil {
			t.Fatal(err)
		}
	}
	if w := r.text("SM2", phone, "1"); w.Code != 200 || kept.waiting() != 3 {
		t.Fatal(w.Code, kept.waiting())
	}
	write.Store(true)
	r.gateways[0].Drain(t.Context(), phoneAccount)
	if st := kept.Status(); len(st) != 1 || st[0].Entries != 0 || st[0].Parked != 2 {
		t.Errorf("the spool holds %+v", st)
	}
	r.view(func(ctx context.Context, tx core.Tx) error {
		parked, err := tx.Inbox().Parked(ctx, 10)
		if len(parked) != 1 || parked[0].EventID != "SM2" {
			t.Errorf("parked %+v", parked)
		}
		return err
	})
}

// stuck is a store whose reads wait until they are let go.
type stuck struct {
	core.Store
	hold chan struct{}
	in   chan struct{}
}

func (s stuck) View(ctx context.Context, fn func(context.Context, core.Tx) error) error {
	s.in <- struct{}{}
	<-s.hold
	return s.Store.View(ctx, fn)
}

// More webhooks than the node takes at once are answered at once: who redelivers
// is told when to come back, who does not is spooled, up to twice as many.
func TestOverload(t *testing.T) {
	t.Parallel()
	kept := newDisk(t, 0)
	s := stuck{hold: make(chan struct{}), in: make(chan struct{}, 100)}
	r := newRig(t, plan{spool: kept.door(), inFlight: 2, store: func(under core.Store) core.Store { s.Store = under; return s }})
	var busy sync.WaitGroup
	for i := range 2 {
		busy.Go(func() {
			if w := r.post(chatPath, update(int64(i+1), int64(501+i), "khai sinh"), signedChat()); w.Code != 200 {
				t.Errorf("a webhook within the limit: %d", w.Code)
			}
		})
		<-s.in
	}
	w := r.post(chatPath, update(9, 509, "khai sinh"), signedChat())
	if after, err := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != 503 || err != nil || after < 2 || after > 4 {
		t.Errorf("one too many: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := r.text("SM1", "+84901234567", "KHAI SINH"); w.Code != 200 || kept.waiting() != 1 {
		t.Errorf("one too many that does not come again: %d, %d spooled", w.Code, kept.waiting())
	}
	close(s.hold)
	busy.Wait()
	if w := r.post(chatPath, update(9, 509, "khai sinh"), signedChat()); w.Code != 200 {
		t.Errorf("after the others: %d", w.Code)
	}
	r.gateways[0].Drain(t.Context(), phoneAccount)
	if got := r.turns("+84901234567"); !slices.Equal(got, []string{"SM1"}) {
		t.Errorf("effects %v", got)
	}
}
