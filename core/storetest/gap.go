package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func gapCases() []Case {
	return []Case{
		{"a query is kept when the fifth citizen asks it", gapFifth},
		{"citizens who ask the same at once are counted one by one", gapAtOnce},
		{"a closed gap is off the list until it is forgotten", gapClosed},
		{"what few asked is forgotten", gapExpires},
		{"a turn that found nothing keeps its budget", gapBudget},
	}
}

func note(query, asker string, kind core.GapKind) func(ctx context.Context, tx core.Tx) error {
	return func(ctx context.Context, tx core.Tx) error {
		return tx.Gaps().Note(ctx, core.GapNote{Query: query, Asker: asker, Kind: kind})
	}
}

// ask notes a query of the citizens numbered from to to.
func ask(t testing.TB, h *Harness, query string, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		update(t, h, note(query, fmt.Sprint("citizen:", i), core.GapNone))
	}
}

func gaps(t testing.TB, h *Harness, since time.Time) []core.Gap {
	t.Helper()
	return get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Gap, error) { return tx.Gaps().List(ctx, since, 10) })
}

func expire(t testing.TB, h *Harness, limit int) (gone int) {
	t.Helper()
	update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
		gone, err = tx.Gaps().DeleteExpired(ctx, tx.Now(), limit)
		return err
	})
	return gone
}

func gapFifth(t testing.TB, h *Harness) {
	const query = "giay phep nuoi ca sau"
	first := h.Clock.Now()
	ask(t, h, query, 1, 4)
	for range 3 { // who asks again is still one
		ask(t, h, query, 4, 4)
	}
	equal(t, "listed after four", len(gaps(t, h, time.Time{})), 0)
	h.Clock.Add(time.Hour)
	update(t, h, note(query, "citizen:5", core.GapAbandoned))
	want := core.Gap{Query: core.Sealed(query), Kind: core.GapAbandoned, Citizens: 5, FirstAt: first, LastAt: h.Clock.Now()}
	got := gaps(t, h, time.Time{})
	if len(got) != 1 {
		t.Fatalf("%d gaps after the fifth", len(got))
	}
	same(t, "the gap", got[0], want)

	ask(t, h, query, 6, 6)
	ask(t, h, query, 1, 6)
	ask(t, h, "mot viec khac", 1, 9)
	got = gaps(t, h, time.Time{})
	equal(t, "gaps", len(got), 2)
	equal(t, "the one of most citizens", string(got[0].Query), "mot viec khac")
	equal(t, "citizens", got[1].Citizens, 6)
	equal(t, "how it failed last", got[1].Kind, core.GapNone)
	equal(t, "since then", len(gaps(t, h, h.Clock.Now())), 2)
	equal(t, "since later", len(gaps(t, h, h.Clock.Now().Add(time.Microsecond))), 0)

	dump := h.Dump(t)
	for _, w := range []string{query, "mot viec khac", "citizen:1"} {
		if bytes.Contains(dump, []byte(w)) {
			t.Errorf("%q is in the database unsealed", w)
		}
	}
	for _, n := range []core.GapNote{{Asker: "a", Kind: core.GapNone}, {Query: "q", Kind: core.GapNone}, {Query: "q", Asker: "a"}} {
		wantCode(t, "half a note", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
			return tx.Gaps().Note(ctx, n)
		}), core.CodeInternal)
	}
}

func gapAtOnce(t testing.TB, h *Harness) {
	ask(t, h, "xin so nha", 1, 3)
	parallel(16, func(i int) {
		asker := "citizen:one and the same"
		if i < 8 {
			asker = fmt.Sprint("citizen:new", i)
		}
		if err := h.Store.Update(context.Background(), note("xin so nha", asker, core.GapNone)); err != nil {
			t.Errorf("Update: %v", err)
		}
	})
	got := gaps(t, h, time.Time{})
	if len(got) != 1 || string(got[0].Query) != "xin so nha" || got[0].Citizens != 3+8+1 {
		t.Fatalf("%+v", got)
	}
	// Exactly the fourth and the fifth: both see a number, one of them keeps it.
	ask(t, h, "xin bang khen", 1, 3)
	parallel(2, func(i int) {
		if err := h.Store.Update(context.Background(), note("xin bang khen", fmt.Sprint("citizen:last", i), core.GapNone)); err != nil {
			t.Errorf("Update: %v", err)
		}
	})
	if got = gaps(t, h, time.Time{}); len(got) != 2 || string(got[1].Query) != "xin bang khen" || got[1].Citizens != 5 {
		t.Fatalf("%+v", got)
	}
}

func gapClosed(t testing.TB, h *Harness) {
	const query = "doi bien so xe"
	shut := func() error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Gaps().Close(ctx, query, tx.Now()) })
	}
	wantCode(t, "closing what nobody asked", shut(), core.CodeNotFound)
	ask(t, h, query, 1, 4)
	wantCode(t, "closing what few asked", shut(), core.CodeNotFound)
	ask(t, h, query, 5, 5)
	if err := shut(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "closing again", shut(), core.CodeNotFound)
	ask(t, h, query, 6, 8)
	equal(t, "listed while closed", len(gaps(t, h, time.Time{})), 0)
	h.Clock.Add(core.GapLife - time.Microsecond)
	equal(t, "gone before its time", expire(t, h, 10), 0)
	h.Clock.Add(time.Microsecond)
	equal(t, "gone", expire(t, h, 100), 8+1)
	ask(t, h, query, 1, 5)
	if got := gaps(t, h, time.Time{}); len(got) != 1 || got[0].Citizens != 5 {
		t.Fatalf("asked again after that: %+v", got)
	}
}

func gapExpires(t testing.TB, h *Harness) {
	ask(t, h, "it nguoi hoi", 1, 4)
	ask(t, h, "nhieu nguoi hoi", 1, 5)
	h.Clock.Add(core.GapLife - time.Hour)
	ask(t, h, "it nguoi hoi hon", 1, 4)
	ask(t, h, "nhieu nguoi hoi", 6, 6)
	h.Clock.Add(time.Hour)
	equal(t, "one row of each", expire(t, h, 1), 4+1+1)
	equal(t, "the askers that are left", expire(t, h, 10), 4)
	// Who is forgotten counts anew, both for what is kept and for what is not.
	ask(t, h, "it nguoi hoi", 5, 5)
	ask(t, h, "it nguoi hoi hon", 5, 5)
	ask(t, h, "nhieu nguoi hoi", 1, 6)
	got := gaps(t, h, time.Time{})
	if len(got) != 2 || got[0].Citizens != 6+5 || got[1].Citizens != 5 || string(got[1].Query) != "it nguoi hoi hon" {
		t.Fatalf("%+v", got)
	}
	h.Clock.Add(core.GapIdle)
	expire(t, h, 100)
	equal(t, "left after a year of silence", len(gaps(t, h, time.Time{})), 0)
	equal(t, "left to forget", expire(t, h, 100), 0)
}

// gapBudget: beside a plain turn, two statements in one round trip.
func gapBudget(t testing.TB, h *Harness) {
	a, c := person(t, h)
	n := 0
	turn := func() {
		n++
		ev := h.Build.Event(a, "xin chữ ký")
		update(t, h, func(ctx context.Context, tx core.Tx) error {
			return errors.Join(
				tx.Inbox().Insert(ctx, core.InboxRow{Channel: a.Channel, Account: a.Account, EventID: ev.ID, ConvID: c.ID}),
				tx.Conversations().Save(ctx, c),
				note("xin chu ky", fmt.Sprint("citizen:", n), core.GapNone)(ctx, tx),
				tx.Enqueue(ctx, h.Build.Job(string(c.ID))))
		})
		c.Version++
	}
	for range 7 { // statements are prepared once a connection; the fifth keeps the words
		turn()
	}
	best := h.Spent(turn)
	for range 4 {
		if s := h.Spent(turn); s.RoundTrips < best.RoundTrips || s.Statements < best.Statements {
			best = s
		}
	}
	if best.Statements > TurnStatements || best.RoundTrips > TurnRoundTrips {
		t.Fatalf("writing a turn that found nothing cost %d statements and %d round trips", best.Statements, best.RoundTrips)
	}
	t.Logf("writing a turn that found nothing: %d statements, %d round trips", best.Statements, best.RoundTrips)
}
