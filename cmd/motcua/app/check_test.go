package app

import (
	"context"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// The gateway's reports are not signed: what they say is asked of the gateway
// before it counts, so a lie changes nothing and a doubled or late one neither.
func TestReportsAreChecked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		plan   simkit.SMSGateStatusPlan
		number string
		want   core.ReceiptState
	}{
		{"told failed, delivered", simkit.SMSGateStatusPlan{Lie: true}, "+84901000011", core.ReceiptDelivered},
		{"told delivered, failed", simkit.SMSGateStatusPlan{Lie: true, Failed: true}, "+84901000012", core.ReceiptFailed},
		{"told the truth, backwards and twice", simkit.SMSGateStatusPlan{Reverse: true, Duplicate: 1}, "+84901000013", core.ReceiptDelivered},
		{"told nothing", simkit.SMSGateStatusPlan{Lost: true}, "+84901000014", core.ReceiptSent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			gate := p.sim.smsgate
			gate.SetStatusPlan(tc.plan)
			gate.Phone(tc.number).Text("KHAI SINH")
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			p.eventually("sent", func() bool { return len(gate.Outbox()) == 1 })
			sent := gate.Outbox()[0].SMSID
			state := func() (s core.ReceiptState) {
				err := p.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
					r, err := tx.Receipts().ByExternal(ctx, "smsgate", "main", sent)
					s = r.State
					if core.IsCode(err, core.CodeNotFound) {
						err = nil // not written yet
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			p.eventually(string(tc.want), func() bool {
				p.sim.clock.Advance(100 * time.Millisecond)
				return state() == tc.want
			})
			// Nothing that comes later changes it.
			if err := gate.AwaitIdle(ctx); err != nil {
				t.Fatal(err)
			}
			p.sim.clock.Advance(time.Minute)
			p.eventually("idle", func() bool { return p.checks(ctx) == 0 })
			if got := state(); got != tc.want {
				t.Errorf("in the end %q, want %q", got, tc.want)
			}
		})
	}
}

// checks counts the questions to vendors that are still to be asked.
func (p *program) checks(ctx context.Context) (n int) {
	p.t.Helper()
	err := p.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 100)
		for _, j := range jobs {
			if j.Kind == "message.check" {
				n++
			}
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}
