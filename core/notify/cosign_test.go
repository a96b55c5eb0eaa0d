package notify_test

import (
	"context"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
)

// Somebody is asked to agree in waking hours, reminded once a day later, and not
// after the answer.
func TestACosignerIsAskedAndRemindedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, "screen")
	row := core.Cosign{
		ID: b.build.ID(), DossierID: b.dossier.ID, Seq: 1, State: core.CosignPending,
		Person: core.Sealed(`{"phone":"+84900000071","digits":"4821"}`),
	}
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Cosigns().Insert(ctx, row) })
	ask := func(reminder bool) time.Time {
		t.Helper()
		var until time.Time
		b.must(func(ctx context.Context, tx core.Tx) (err error) {
			until, err = b.svc.AskCosign(ctx, tx, dossier.CosignAsked{CosignID: row.ID, Reminder: reminder})
			return err
		})
		return until
	}
	put := func() (questions, reminders int) {
		b.must(func(ctx context.Context, tx core.Tx) (err error) {
			if row, err = tx.Cosigns().Get(ctx, row.ID); err != nil {
				return err
			}
			jobs, err := tx.Jobs().List(ctx, "", 50)
			for _, j := range jobs {
				switch j.Kind {
				case identity.JobDoor:
					questions++
				case dossier.JobCosign:
					reminders++
				}
			}
			return err
		})
		return questions, reminders
	}
	b.clock.Set(city(t, "2026-11-02 22:00"))
	if until := ask(false); !until.Equal(city(t, "2026-11-03 07:30")) {
		t.Errorf("asked at night: waits until %v", until)
	}
	b.clock.Set(city(t, "2026-11-03 07:30"))
	ask(false)
	ask(false) // the job ran twice
	if q, r := put(); q != 1 || r != 1 || row.ConvID == "" || !row.AskedAt.Equal(b.clock.Now()) {
		t.Fatalf("%d questions, %d reminders to come, %+v", q, r, row)
	}
	asked := row.AskedAt
	b.clock.Set(city(t, "2026-11-04 07:30"))
	ask(true)
	ask(true)
	if q, r := put(); q != 2 || r != 1 || !row.RemindedAt.Equal(b.clock.Now()) || !row.AskedAt.Equal(asked) {
		t.Errorf("%d questions, %d reminders, %+v", q, r, row)
	}
	other := row
	other.ID, other.Seq, other.ConvID, other.AskedAt, other.RemindedAt = b.build.ID(), 2, "", time.Time{}, time.Time{}
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Cosigns().Insert(ctx, other) })
	row = other
	row.State, row.AnsweredAt = core.CosignDeclined, b.clock.Now()
	b.must(func(ctx context.Context, tx core.Tx) error { return tx.Cosigns().Save(ctx, row, core.CosignPending) })
	ask(false)
	if q, _ := put(); q != 2 {
		t.Errorf("%d questions: one that was answered is put again", q)
	}
}
