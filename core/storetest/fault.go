package storetest

import (
	"context"
	"testing"

	"github.com/motcua/motcua/core"
)

func faultCases() []Case {
	return []Case{
		{"a commit survives a power cut", durable},
		{"a failed commit acknowledges nobody", failedCommit},
		{"a full disk refuses, reads go on, and it heals", diskFull},
	}
}

func durable(t testing.TB, h *Harness) {
	update(t, h, insertCitizen(h.Build.Citizen()))
	if err := h.Durable(t); err != nil {
		t.Fatal(err)
	}
}

func failedCommit(t testing.TB, h *Harness) {
	before := h.Build.Citizen()
	update(t, h, insertCitizen(before))
	h.BreakCommit(t)
	c := h.Build.Citizen()
	err := tryUpdate(t, h, insertCitizen(c))
	wantCode(t, "Update over a failed commit", err, core.CodeUnavailable)
	if !stored(t, h, before.ID) {
		t.Fatal("what was acknowledged before is gone")
	}
}

func diskFull(t testing.TB, h *Harness) {
	before := h.Build.Citizen()
	update(t, h, insertCitizen(before))
	heal := h.FillDisk(t)
	big := make([]byte, 64<<10)
	refused := 0
	for range 40 {
		// Both rows or none: the second is too big for what is left.
		a := h.Build.Citizen()
		b := h.Build.Draft("", func(d *core.Draft) { d.Answers = core.Sealed(big) })
		err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			if err := tx.Citizens().Insert(ctx, a); err != nil {
				return err
			}
			return tx.Drafts().Insert(ctx, b)
		})
		switch {
		case err == nil:
			if !stored(t, h, a.ID) {
				t.Fatal("acknowledged on a filling disk, and not there")
			}
		case core.IsCode(err, core.CodeUnavailable):
			refused++
			if stored(t, h, a.ID) {
				t.Fatal("half a transaction was kept")
			}
		default:
			t.Fatalf("Update on a full disk: %v, want unavailable", err)
		}
		if !stored(t, h, before.ID) {
			t.Fatal("reads do not go on")
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	heal()
	after := h.Build.Citizen()
	update(t, h, insertCitizen(after))
	if !stored(t, h, after.ID) {
		t.Fatal("it does not heal")
	}
}
