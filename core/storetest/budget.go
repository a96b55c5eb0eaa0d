package storetest

import (
	"context"
	"testing"

	"github.com/motcua/motcua/core"
)

// What a turn may cost (docs/criteria.md).
const (
	TurnStatements = 6
	TurnRoundTrips = 2
)

func budgetCases() []Case {
	return []Case{
		{"a plain turn keeps its budget", turnBudget},
		{"a plain View is one statement", viewBudget},
	}
}

// Spent gives what fn cost.
func (h *Harness) Spent(fn func()) Counts {
	before := h.Counts()
	fn()
	after := h.Counts()
	return Counts{after.Statements - before.Statements, after.RoundTrips - before.RoundTrips,
		after.Commits - before.Commits, after.LostGroups - before.LostGroups}
}

// turnBudget: the transaction of a turn that answers a question — the event, the
// state, the draft, two replies in order — and the read before it.
func turnBudget(t testing.TB, h *Harness) {
	a, c := person(t, h)
	d := h.Build.Draft("")
	c.DraftID = d.ID
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		if err := tx.Drafts().Insert(ctx, d); err != nil {
			return err
		}
		return tx.Conversations().Save(ctx, c)
	})
	key := core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)}
	var row core.TurnRow
	turn := func() {
		view(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			row, err = tx.Conversations().ForTurn(ctx, key)
			return err
		})
		ev := h.Build.Event(a, "Nguyễn Văn Thử")
		update(t, h, func(ctx context.Context, tx core.Tx) error {
			if err := tx.Inbox().Insert(ctx, core.InboxRow{Channel: a.Channel, Account: a.Account, EventID: ev.ID, ConvID: c.ID}); err != nil {
				return err
			}
			if err := tx.Conversations().Save(ctx, row.Conversation); err != nil {
				return err
			}
			if err := tx.Drafts().Save(ctx, *row.Draft); err != nil {
				return err
			}
			return tx.Enqueue(ctx, h.Build.Job(string(c.ID)))
		})
	}
	for range 3 { // statements are prepared once a connection
		turn()
	}
	best := Counts{Statements: 1 << 30, RoundTrips: 1 << 30}
	for range 5 { // a connection that idled may be pinged, or be new
		s := h.Spent(turn)
		if s.RoundTrips < best.RoundTrips || s.Statements < best.Statements {
			best = s
		}
	}
	if best.Statements > TurnStatements || best.RoundTrips > TurnRoundTrips {
		t.Fatalf("a plain turn cost %d statements and %d round trips, the budget is %d and %d",
			best.Statements, best.RoundTrips, TurnStatements, TurnRoundTrips)
	}
	t.Logf("a plain turn: %d statements, %d round trips", best.Statements, best.RoundTrips)
}

func viewBudget(t testing.TB, h *Harness) {
	_, c := person(t, h)
	read := func() {
		get(t, h, func(ctx context.Context, tx core.Tx) (core.Conversation, error) {
			return tx.Conversations().Get(ctx, c.ID)
		})
	}
	for range 3 {
		read()
	}
	best := h.Spent(read)
	for range 4 {
		if s := h.Spent(read); s.RoundTrips < best.RoundTrips {
			best = s
		}
	}
	if best.Statements != 1 || best.RoundTrips > 1 {
		t.Fatalf("a plain View cost %d statements and %d round trips", best.Statements, best.RoundTrips)
	}
}
