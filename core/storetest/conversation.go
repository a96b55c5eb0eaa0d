package storetest

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func conversationCases() []Case {
	return []Case{
		{"an event arrives once", inboxOnce},
		{"parked events are listed, retried and arrive again", inboxParked},
		{"a turn reads everything at once", turnRead},
		{"a conversation is saved over the version that was read", conversationSave},
		{"one of many saves of a version wins", oneSaveWins},
		{"addresses", addresses},
		{"handovers", handovers},
	}
}

// same compares what was stored with what came back, field by field.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	if g.Kind() == reflect.Struct {
		for i := range g.NumField() {
			if !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
				t.Errorf("%s: %s is %v, want %v", what, g.Type().Field(i).Name, g.Field(i), w.Field(i))
			}
		}
		t.FailNow()
	}
	t.Fatalf("%s: %v, want %v", what, got, want)
}

func inboxOnce(t testing.TB, h *Harness) {
	row := core.InboxRow{Channel: "test", Account: "main", EventID: "1", ConvID: h.Build.ID(), ReceivedAt: h.Clock.Now()}
	insert := func(r core.InboxRow) error {
		return h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Inbox().Insert(ctx, r)
		})
	}
	var first, again atomic.Int32
	parallel(16, func(int) {
		switch err := insert(row); {
		case err == nil:
			first.Add(1)
		case core.IsCode(err, core.CodeDuplicate):
			again.Add(1)
		default:
			t.Errorf("Insert: %v", err)
		}
	})
	equal(t, "arrivals that counted", first.Load(), 1)
	equal(t, "arrivals that did not", again.Load(), 15)
	for _, other := range []core.InboxRow{
		{Channel: "test", Account: "main", EventID: "2"},
		{Channel: "test", Account: "other", EventID: "1"},
		{Channel: "test2", Account: "main", EventID: "1"},
	} {
		if err := insert(other); err != nil {
			t.Fatalf("another event: %v", err)
		}
	}
}

func inboxParked(t testing.TB, h *Harness) {
	fresh := core.InboxRow{Channel: "test", Account: "main", EventID: "fresh", Cause: "boom", Raw: core.Sealed("raw")}
	known := core.InboxRow{Channel: "test", Account: "main", EventID: "known", Cause: "boom", Raw: core.Sealed("raw2")}
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		k := known
		k.Raw, k.Cause = nil, ""
		return tx.Inbox().Insert(ctx, k)
	})
	for _, r := range []core.InboxRow{fresh, known} {
		h.Clock.Add(time.Second)
		r.ParkedAt = h.Clock.Now()
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Inbox().Park(ctx, r) })
	}
	parked := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.InboxRow, error) { return tx.Inbox().Parked(ctx, 10) })
	equal(t, "parked", len(parked), 2)
	equal(t, "the oldest", parked[0].EventID, "fresh")
	equal(t, "raw", string(parked[1].Raw), "raw2")
	equal(t, "cause", parked[1].Cause, "boom")
	unpark := func() error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
			return tx.Inbox().Unpark(ctx, "test", "main", "known")
		})
	}
	if err := unpark(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "unpark again", unpark(), core.CodeNotFound)
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Inbox().Insert(ctx, known) })
}

func turnRead(t testing.TB, h *Harness) {
	a := h.Build.Address()
	key := core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)}
	read := func() (core.TurnRow, error) {
		var row core.TurnRow
		err := tryView(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			row, err = tx.Conversations().ForTurn(ctx, key)
			return err
		})
		return row, err
	}
	_, err := read()
	wantCode(t, "a new address", err, core.CodeNotFound)

	c := h.Build.Conversation(a)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Addresses().Insert(ctx, a), tx.Conversations().Insert(ctx, c))
	})
	row, err := read()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "address", row.Address, a)
	same(t, "conversation", row.Conversation, c)
	if row.Draft != nil || row.Citizen != nil {
		t.Fatal("a draft or a citizen out of nowhere")
	}

	z := h.Build.Citizen()
	d := h.Build.Draft(z.ID)
	a.CitizenID = z.ID
	c.DraftID = d.ID
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Citizens().Insert(ctx, z), tx.Drafts().Insert(ctx, d), tx.Addresses().Update(ctx, a),
			tx.Conversations().Save(ctx, c))
	})
	if row, err = read(); err != nil {
		t.Fatal(err)
	}
	if row.Draft == nil || row.Citizen == nil {
		t.Fatal("no draft or no citizen")
	}
	same(t, "draft", *row.Draft, d)
	same(t, "citizen", *row.Citizen, z)
	byID := get(t, h, func(ctx context.Context, tx core.Tx) (core.TurnRow, error) {
		return tx.Conversations().ForTurnByID(ctx, c.ID)
	})
	same(t, "by id", byID, row)
	for _, other := range []core.AddressKey{
		{Channel: "test2", Account: key.Account, External: key.External},
		{Channel: key.Channel, Account: "other", External: key.External},
	} {
		key = other
		_, err := read()
		wantCode(t, "the same person elsewhere", err, core.CodeNotFound)
	}
}

func conversationSave(t testing.TB, h *Harness) {
	a, c := person(t, h)
	wantCode(t, "a second conversation of an address", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Conversations().Insert(ctx, h.Build.Conversation(a))
	}), core.CodeDuplicate)

	h.Clock.Add(time.Minute)
	c.State, c.Locale, c.DraftID = core.Sealed(`{"at":"form"}`), "en", h.Build.ID()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Conversations().Save(ctx, c) })
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Conversation, error) {
		return tx.Conversations().Get(ctx, c.ID)
	})
	equal(t, "version", got.Version, 2)
	equal(t, "state", string(got.State), string(c.State))
	equal(t, "locale", got.Locale, "en")
	if !got.UpdatedAt.Equal(h.Clock.Now()) || !got.CreatedAt.Equal(c.CreatedAt) {
		t.Fatalf("times: created %v, updated %v", got.CreatedAt, got.UpdatedAt)
	}
	wantCode(t, "the version that was read is old", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Conversations().Save(ctx, c)
	}), core.CodeConflict)
	by := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Conversation, error) {
		return tx.Conversations().ByDraft(ctx, c.DraftID)
	})
	equal(t, "conversations of the draft", len(by), 1)
	none := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Conversation, error) {
		return tx.Conversations().ByDraft(ctx, "")
	})
	equal(t, "conversations of no draft", len(none), 0)
}

func oneSaveWins(t testing.TB, h *Harness) {
	_, c := person(t, h)
	var won, lost atomic.Int32
	parallel(16, func(int) {
		err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			if err := tx.Conversations().Save(ctx, c); err != nil {
				return err
			}
			return tx.Enqueue(ctx, h.Build.Job(string(c.ID)))
		})
		switch {
		case err == nil:
			won.Add(1)
		case core.IsCode(err, core.CodeConflict):
			lost.Add(1)
		default:
			t.Errorf("Save: %v", err)
		}
	})
	equal(t, "winners", won.Load(), 1)
	equal(t, "losers", lost.Load(), 15)
	jobs := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Job, error) { return tx.Jobs().List(ctx, "", 10) })
	equal(t, "jobs of the winner", len(jobs), 1)
}

func addresses(t testing.TB, h *Harness) {
	a, _ := person(t, h)
	key := core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)}
	wantCode(t, "the same address again", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		b := h.Build.Address()
		b.External = a.External
		return tx.Addresses().Insert(ctx, b)
	}), core.CodeDuplicate)
	z := h.Build.Citizen()
	a.CitizenID, a.Assurance, a.NoNotices = z.ID, core.AssuranceEID, true
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Addresses().Update(ctx, a) })
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Address, error) { return tx.Addresses().ByKey(ctx, key) })
	same(t, "by key", got, a)
	got = get(t, h, func(ctx context.Context, tx core.Tx) (core.Address, error) { return tx.Addresses().Get(ctx, a.ID) })
	same(t, "by id", got, a)
	of := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Address, error) {
		return tx.Addresses().ByCitizen(ctx, z.ID)
	})
	equal(t, "addresses of the citizen", len(of), 1)
	of = get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Address, error) {
		return tx.Addresses().ByCitizen(ctx, "")
	})
	equal(t, "addresses of nobody", len(of), 0)
}

func handovers(t testing.TB, h *Harness) {
	conv := h.Build.ID()
	a := core.Handover{ID: h.Build.ID(), ConvID: conv, Office: "26734", Reason: "human.asked",
		Context: core.Sealed("đang hỏi gì"), CreatedAt: h.Clock.Now()}
	b := core.Handover{ID: h.Build.ID(), ConvID: h.Build.ID(), Office: "26737", Reason: "human.asked",
		CreatedAt: h.Clock.Now().Add(time.Second)}
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Handovers().Insert(ctx, b), tx.Handovers().Insert(ctx, a))
	})
	same(t, "one", get(t, h, func(ctx context.Context, tx core.Tx) (core.Handover, error) {
		return tx.Handovers().Get(ctx, a.ID)
	}), a)
	open := func(office string) []core.Handover {
		return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Handover, error) {
			return tx.Handovers().Open(ctx, office, 10)
		})
	}
	equal(t, "all open", len(open("*")), 2)
	equal(t, "the oldest", open("*")[0].ID, a.ID)
	equal(t, "of one office", len(open("26737")), 1)
	var took atomic.Int32
	parallel(8, func(int) {
		if h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Handovers().Take(ctx, a.ID, "officer", tx.Now())
		}) == nil {
			took.Add(1)
		}
	})
	equal(t, "officers who took it", took.Load(), 1)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Handover, error) {
		return tx.Handovers().OpenByConversation(ctx, conv)
	})
	equal(t, "taken by", got.TakenBy, "officer")
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Handovers().Close(ctx, a.ID, tx.Now()) })
	wantCode(t, "after it was closed", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Handovers().OpenByConversation(ctx, conv)
		return err
	}), core.CodeNotFound)
	equal(t, "still open", len(open("*")), 1)
}
