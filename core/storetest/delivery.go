package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func deliveryCases() []Case {
	return []Case{
		{"a receipt never goes back, in any order", receiptsMonotone},
		{"receipts are found by the vendor's id", receiptsFound},
		{"notices", notices},
		{"pieces of a text wait for each other", pieces},
	}
}

// permutations of 0…n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := 0; at <= len(p); at++ {
			q := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			out = append(out, q)
		}
	}
	return out
}

func receiptsMonotone(t testing.TB, h *Harness) {
	states := []core.ReceiptState{core.ReceiptSending, core.ReceiptUnknown, core.ReceiptSent, core.ReceiptDelivered}
	for _, order := range permutations(len(states)) {
		job := h.Build.ID()
		best := -1
		for _, i := range order {
			s := states[i]
			update(t, h, func(ctx context.Context, tx core.Tx) error {
				return tx.Receipts().Put(ctx, core.Receipt{JobID: job, Part: 1, ConvID: "c", Channel: "test", Account: "main",
					External: "ext-" + string(job), State: s, Template: "reply.ok"})
			})
			best = max(best, s.Rank())
			got := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Receipt, error) { return tx.Receipts().ByJob(ctx, job) })
			if len(got) != 1 || got[0].State.Rank() != best {
				t.Fatalf("order %v, after %s: %+v", order, s, got)
			}
		}
	}
	// Of two ends the first stands.
	for _, ends := range [][2]core.ReceiptState{{core.ReceiptDelivered, core.ReceiptFailed}, {core.ReceiptFailed, core.ReceiptDelivered}} {
		job := h.Build.ID()
		for _, s := range ends {
			update(t, h, func(ctx context.Context, tx core.Tx) error {
				return tx.Receipts().Put(ctx, core.Receipt{JobID: job, State: s})
			})
		}
		got := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Receipt, error) { return tx.Receipts().ByJob(ctx, job) })
		equal(t, "state", got[0].State, ends[0])
	}
	// Several at once: more than one statement takes, two words on one part in order.
	many := make([]core.Receipt, 19)
	for i := range many {
		many[i] = core.Receipt{JobID: h.Build.ID(), Part: i, ConvID: "many", State: core.ReceiptSent}
	}
	last := many[len(many)-1]
	last.State, last.External = core.ReceiptDelivered, "ext-last"
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Receipts().Put(ctx, append(many, last, many[0])...)
	})
	of := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Receipt, error) {
		return tx.Receipts().ByConversation(ctx, "many", 100)
	})
	equal(t, "receipts put at once", len(of), len(many))
	for _, r := range of {
		want := core.ReceiptSent
		if r.JobID == last.JobID {
			want = core.ReceiptDelivered
		}
		equal(t, "state", r.State, want)
	}
	wantCode(t, "an unknown state", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Receipts().Put(ctx, core.Receipt{JobID: "j", State: "lost"})
	}), core.CodeInternal)
}

func receiptsFound(t testing.TB, h *Harness) {
	conv := h.Build.ID()
	r := core.Receipt{JobID: h.Build.ID(), Part: 2, ConvID: conv, Channel: "test", Account: "main", External: "77",
		State: core.ReceiptSent, Template: "reply.ok", Units: 3, CreatedAt: h.Clock.Now(), UpdatedAt: h.Clock.Now()}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Receipts().Put(ctx, r) })
	find := func(ctx context.Context, tx core.Tx) (core.Receipt, error) {
		return tx.Receipts().ByExternal(ctx, "test", "main", "77")
	}
	same(t, "by the vendor's id", get(t, h, find), r)
	// A delivery report knows the id and the state only.
	h.Clock.Add(time.Second)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Receipts().Put(ctx, core.Receipt{JobID: r.JobID, Part: r.Part, State: core.ReceiptDelivered})
	})
	r.State, r.UpdatedAt = core.ReceiptDelivered, h.Clock.Now()
	same(t, "after the report", get(t, h, find), r)
	of := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Receipt, error) {
		return tx.Receipts().ByConversation(ctx, conv, 10)
	})
	equal(t, "receipts of the conversation", len(of), 1)
	wantCode(t, "no id", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Receipts().ByExternal(ctx, "test", "main", "")
		return err
	}), core.CodeNotFound)
}

func notices(t testing.TB, h *Harness) {
	z, dossier := h.Build.ID(), h.Build.ID()
	var all []core.Notice
	for i := range 3 {
		h.Clock.Add(time.Second)
		n := core.Notice{ID: h.Build.ID(), CitizenID: z, DossierID: dossier, Key: "dossier.accepted",
			Args: core.Sealed(fmt.Sprintf(`{"n":"%d"}`, i)), CreatedAt: h.Clock.Now()}
		all = append(all, n)
		update(t, h, func(ctx context.Context, tx core.Tx) error { return errors.Join(tx.Notices().Insert(ctx, n)) })
	}
	got := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Notice, error) { return tx.Notices().ByCitizen(ctx, z, 2) })
	equal(t, "notices", len(got), 2)
	same(t, "the newest", got[0], all[2])
	got = get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Notice, error) {
		return tx.Notices().ByDossier(ctx, dossier, 10)
	})
	equal(t, "of the dossier", len(got), 3)
}

func pieces(t testing.TB, h *Harness) {
	key := core.AddressKey{Channel: "test", Account: "main", External: "+84901234567"}
	other := key
	other.External = "+84901234568"
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(
			tx.Pieces().Put(ctx, key, "7", 2, core.Sealed("two")), tx.Pieces().Put(ctx, key, "7", 1, core.Sealed("one")),
			tx.Pieces().Put(ctx, key, "7", 2, core.Sealed("two again")), tx.Pieces().Put(ctx, key, "8", 1, core.Sealed("another text")),
			tx.Pieces().Put(ctx, other, "7", 3, core.Sealed("another person")))
	})
	check := func(want map[int]string) {
		t.Helper()
		err := h.Store.View(context.Background(), func(ctx context.Context, tx core.Tx) error {
			got, err := tx.Pieces().List(ctx, key, "7")
			if len(got) != len(want) {
				t.Errorf("%d pieces, want %d", len(got), len(want))
			}
			for n, s := range want {
				if string(got[n]) != s {
					t.Errorf("piece %d is not the one that came first", n)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	check(map[int]string{1: "one", 2: "two"})
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Pieces().Delete(ctx, key, "7", 1), tx.Pieces().Delete(ctx, key, "7", 5))
	})
	check(map[int]string{2: "two"})
}
