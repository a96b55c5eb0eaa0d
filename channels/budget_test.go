package channels_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/sqlstore"
)

// meter counts what Updates cost.
type meter struct {
	core.Store
	stats func() sqlstore.Stats
	spent *sqlstore.Stats
}

func (m meter) Update(ctx context.Context, fn func(context.Context, core.Tx) error) error {
	before := m.stats()
	err := m.Store.Update(ctx, fn)
	*m.spent = m.stats().Sub(before)
	return err
}

// answering is the start of an application, by words alone, up to a name that is
// asked for.
func answering() []string {
	return []string{"xin xác nhận độc thân", "1", "ben nghe quan 1", "1"}
}

func say(r *rig, person int64, id int, text string) core.Event {
	return core.Event{
		ID: fmt.Sprintf("%d-%d", person, id), Channel: "telegram", Account: "main", External: fmt.Sprint(person), Kind: core.EventText,
		Text: text, ReceivedAt: r.clock.Now(),
	}
}

// A plain turn is an answer to the open question: it changes the conversation and
// the draft and says one thing. Its Update has at most 6 statements, and on
// PostgreSQL the whole of it, the reading too, takes at most 2 round trips.
func TestBudgetOfAPlainTurn(t *testing.T) {
	t.Parallel()
	const person = 801
	for _, postgres := range []bool{false, true} {
		name := "sqlite"
		if postgres {
			name = "postgres"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var spent sqlstore.Stats
			var r *rig
			r = newRig(t, plan{postgres: postgres, store: func(s core.Store) core.Store {
				return meter{s, func() sqlstore.Stats { return r.opened[0].Stats() }, &spent}
			}})
			g := r.gateways[0]
			script := append(answering(), "Trần Thị Mai", "079190001234", "12 Lê Lợi, phường Sài Gòn", "bản thân", "4/9/1990", "kinh")
			warm := len(answering()) + 1 // the first answer prepares statements
			for i, words := range script {
				row, _ := r.row(person)
				before := r.opened[0].Stats()
				if err := g.Deliver(t.Context(), say(r, person, i, words)); err != nil {
					t.Fatal(err)
				}
				whole := r.opened[0].Stats().Sub(before)
				after, _ := r.row(person)
				if after.Conversation.Version != row.Conversation.Version+1 {
					t.Fatalf("%q was no turn", words)
				}
				if i < warm {
					continue
				}
				if after.Draft == nil || after.Draft.Version != row.Draft.Version+1 {
					t.Fatalf("%q answered nothing", words)
				}
				if spent.Statements > 6 || spent.Committed != 1 {
					t.Errorf("%q: the Update had %d statements and %d commits; 6 and 1 are the budget", words, spent.Statements, spent.Committed)
				}
				if reads := whole.Statements - spent.Statements; reads < 1 || reads > 3 {
					t.Errorf("%q: the turn read %d times; 3 are the budget", words, reads)
				}
				if postgres && (whole.RoundTrips > 2 || whole.RoundTrips < 1) {
					t.Errorf("%q: %d round trips; 2 are the budget", words, whole.RoundTrips)
				}
				t.Logf("%q: %d statements of the Update, %d of the turn, %d round trips", words, spent.Statements, whole.Statements, whole.RoundTrips)
			}
		})
	}
}
