package channeltest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/simkit"
)

// retries: after each fault that may be repeated the answer is there once.
func (d *door) retries() {
	words := []string{"khai sinh", "menu", "english", "menu"}
	for i, f := range []simkit.Fault{
		simkit.ServerError(), simkit.CutBefore(), {Name: "html 503", Status: 503, Body: []byte("<html>busy</html>")}, simkit.BadGateway(),
	} {
		before := len(d.Received())
		d.fresh()
		d.Faults.Next(d.SendCall, f)
		if got := d.hears(d.Message(words[i])); len(got) != 0 {
			d.t.Errorf("%s: the fake delivered %q", f.Name, got)
		}
		d.pass(20*time.Second, 4)
		if got := d.Received()[before:]; len(got) != 1 {
			d.t.Errorf("%s: %d answers after the retry", f.Name, len(got))
		}
	}
	if n := d.parked(); n != 0 {
		d.t.Errorf("%d were parked", n)
	}
}

// throttledAccount: "too many" pauses everybody's messages for as long as the
// vendor said, and not longer.
func (d *door) throttledAccount() {
	d.Faults.Next(d.SendCall, simkit.TooManyRequests(17*time.Second))
	d.take(d.Message("khai sinh"))
	d.settle()
	d.take(d.Other.Message("khai sinh"))
	d.clock.Add(16 * time.Second)
	d.linger()
	if a, b, n := len(d.Received()), len(d.Other.Received()), len(d.Journal.Calls(d.SendCall)); a+b != 0 || n != 1 {
		d.t.Errorf("%d and %d answers, %d calls, while the account pauses", a, b, n)
	}
	d.pass(2*time.Second, 2)
	if a, b := len(d.Received()), len(d.Other.Received()); a != 1 || b != 1 {
		d.t.Errorf("%d and %d answers after the pause", a, b)
	}
}

// unknownOutcome: a message that may have arrived may come twice, where the vendor
// gives no means to prevent it; a newer one never comes before it, and itself once.
func (d *door) unknownOutcome() {
	d.fresh()
	d.Faults.Next(d.SendCall, simkit.CutAfterAccept())
	first := d.heard(d.Message("khai sinh"))
	d.take(d.Message("english"))
	d.pass(15*time.Second, 6)
	got := d.Received()
	last := len(got) - 1
	most := 2
	if d.Adapter.Capabilities().Idempotent {
		most = 1
	}
	if last < 1 || last > most || !d.says(got[last], "en", "word.language") {
		d.t.Fatalf("received %q, want the first message at most %d times, then the second", got, most)
	}
	for _, again := range got[:last] {
		if again != first {
			d.t.Errorf("received %q", got)
		}
	}
	for _, r := range d.receipts() {
		if r.State == core.ReceiptFailed {
			d.t.Error("a message that arrived is called failed")
		}
	}
}

// partsResume: a text of several parts that fails at the second goes on there.
func (d *door) partsResume() {
	d.heard(d.Message("khai sinh"))
	var said []string
	for i := range 500 {
		said = append(said, fmt.Sprintf("dòng %03d của một tin rất dài", i))
	}
	for i, f := range []simkit.Fault{simkit.ServerError(), simkit.TooManyRequests(5 * time.Second)} {
		before, calls := len(d.Received()), len(d.Journal.Calls(d.SendCall))
		payload, err := core.SealJSON(core.Prompt{Key: "word.noted", Locale: text.VI, Args: map[string]string{"value": strings.Join(said, "\n")}})
		if err != nil {
			d.t.Fatal(err)
		}
		// The first part goes through, the second does not.
		d.Faults.Next(d.SendCall, simkit.Fault{Pass: true}, f)
		if err := d.store.Update(d.t.Context(), func(ctx context.Context, tx core.Tx) error {
			return tx.Enqueue(ctx, core.Job{ID: core.NewID(tx.Now()), Kind: jobSay, Lane: core.LaneReply, Account: d.Adapter.Account().String(), Payload: payload, RunAt: tx.Now()})
		}); err != nil {
			d.t.Fatal(err)
		}
		d.linger()
		if n := len(d.Received()) - before; n != 1 {
			d.t.Errorf("%s: %d parts arrived before the fault", f.Name, n)
		}
		d.pass(10*time.Second, 3)
		got := strings.Join(d.Received()[before:], "\n")
		for _, line := range said {
			if strings.Count(got, line) != 1 {
				d.t.Fatalf("%s: %q came %d times", f.Name, line, strings.Count(got, line))
			}
		}
		if sent, asked := len(d.Received())-before, len(d.Journal.Calls(d.SendCall))-calls; asked != sent+1 {
			d.t.Errorf("%d: %d calls for %d parts and one fault", i, asked, sent)
		}
	}
}

// onePart: where a message is one segment, none goes on at a second part.
func (d *door) onePart() {
	for _, said := range []string{"khai sinh", "menu", "độc thân", "cán bộ"} {
		d.heard(d.Message(said))
	}
	for _, r := range d.receipts() {
		if r.Part != 0 || r.Units > 1 {
			d.t.Errorf("part %d of %d units", r.Part, r.Units)
		}
	}
}

// refusedForGood: what the vendor will never take is given up where an operator
// sees it, and what follows is not held back.
func (d *door) refusedForGood() {
	i := slices.IndexFunc(d.Errors, func(c ErrorCase) bool { return c.Reason == channels.ReasonRefused && !c.Retry })
	if i < 0 {
		d.t.Fatal("the Bench names no refusal")
	}
	d.Faults.Next(d.SendCall, d.Errors[i].Fault)
	d.take(d.Message("khai sinh"))
	d.settle()
	if n := d.parked(); n != 1 {
		d.t.Errorf("%d were parked, want the one", n)
	}
	d.heard(d.Message("menu"))
	if d.To == "" || strings.Contains(d.seen.String(), d.To) {
		d.t.Error("a log or a label names the person")
	}
}

// blocked: who does not want to hear from us gets no notices, and an answer when
// they ask again.
func (d *door) blocked() {
	i := slices.IndexFunc(d.Errors, func(c ErrorCase) bool { return c.Reason == channels.ReasonBlocked })
	if i < 0 {
		d.t.Fatal("the Bench names no error of a person who blocked us")
	}
	d.heard(d.Message("khai sinh"))
	d.Faults.Next(d.SendCall, d.Errors[i].Fault)
	d.take(d.Message("menu"))
	d.settle()
	if row, _ := d.row(); !row.Address.NoNotices {
		d.t.Error("notices go on")
	}
	if n := d.parked(); n != 0 {
		d.t.Errorf("%d were parked: nothing can be done about it", n)
	}
	d.heard(d.Message("khai sinh"))
}

// staleButton: a button of yesterday is answered politely, and does nothing.
func (d *door) staleButton() {
	d.heard(d.Message("khai sinh"))
	before, _ := d.row()
	for _, data := range []string{"0.nothing", "x", strings.Repeat("9", 64), "</b>{{.}}", "nav.nothing"} {
		if shown := d.heard(d.Press(data)); !d.says(shown, "vi", "word.stale") {
			d.t.Errorf("%q: answered %q", data, shown)
		}
	}
	if after, _ := d.row(); after.Conversation.DraftID != before.Conversation.DraftID {
		d.t.Error("it began something")
	}
	d.staleNumber()
}

// staleNumber: a number that is not offered is answered with those that are.
func (d *door) staleNumber() {
	d.hears(d.Message("menu"))
	before := d.counts.of("not understood")
	if shown := d.heard(d.Message("87")); shown == "" || d.counts.of("not understood") != before+1 {
		d.t.Errorf("answered %q", shown)
	}
	d.heard(d.Message("khai sinh"))
}

// pressTwice: the copy of a press does nothing; a second press has an answer of
// its own.
func (d *door) pressTwice() {
	d.heard(d.Message("khai sinh"))
	rows := d.Buttons()
	if len(rows) == 0 {
		d.t.Fatal("no buttons")
	}
	q := d.Press(rows[0][0].Data)
	before := len(d.Received())
	d.take(q)
	d.take(q)
	d.settle()
	if got := d.Received()[before:]; len(got) > 1 {
		d.t.Errorf("a press and its copy have %d answers", len(got))
	}
	row, _ := d.row()
	d.take(d.Press(rows[0][0].Data))
	d.settle()
	if after, _ := d.row(); after.Conversation.Version != row.Conversation.Version+1 || d.parked() != 0 {
		d.t.Errorf("version %d after %d", after.Conversation.Version, row.Conversation.Version)
	}
}

// numberTwice: the same for the number that stands for a button.
func (d *door) numberTwice() {
	d.heard(d.Message("khai sinh"))
	q := d.Message("1")
	d.heard(q)
	if got := d.hears(q); len(got) != 0 {
		d.t.Errorf("a copy was answered %q", got)
	}
	d.heard(d.Message("1"))
}

// acknowledges: a press is acknowledged once, with the answer.
func (d *door) acknowledges() {
	d.heard(d.Message("khai sinh"))
	for i, data := range []string{d.Buttons()[0][0].Data, "stale"} {
		d.take(d.Press(data))
		d.settle()
		if n := len(d.Journal.Calls(d.AckCall)); n != i+1 {
			d.t.Errorf("%d acknowledgements of %d presses", n, i+1)
		}
	}
}

// acknowledgesNothing: where nothing waits, nothing is called but to send.
func (d *door) acknowledgesNothing() {
	d.heard(d.Message("khai sinh"))
	d.heard(d.Message("1"))
	if all, sends := len(d.Journal.Calls("")), len(d.Journal.Calls(d.SendCall)); all != sends || d.AckCall != "" {
		d.t.Errorf("%d calls for %d messages", all, sends)
	}
}

// reportsInAnyOrder: reports come late, early, twice and backwards; the receipt
// only ever rises. What nobody signed is asked about.
func (d *door) reportsInAnyOrder() {
	d.heard(d.Message("khai sinh"))
	var r core.Receipt
	if all := d.receipts(); len(all) == 1 {
		r = all[0]
	}
	if r.External == "" || r.State.Rank() < core.ReceiptSent.Rank() {
		d.t.Fatalf("receipts %+v", d.receipts())
	}
	reports := d.Reports(r.External)
	if len(reports) == 0 {
		d.t.Fatal("the Bench names no reports")
	}
	want := core.ReceiptDelivered
	for _, q := range reports {
		in, err := d.parse(d.receiver(), q)
		if err == nil && len(in.Statuses) == 1 && in.Statuses[0].Hint {
			s, err := d.Adapter.(channels.Asker).Ask(d.t.Context(), r.External)
			if err != nil {
				d.t.Fatal(err)
			}
			want = s.State
		}
	}
	last := r.State
	for _, i := range []int{len(reports) - 1, 0, 0, len(reports) - 1} {
		d.take(reports[i])
		d.pass(time.Minute, 2)
		now := d.receipts()[0].State
		if now.Rank() < last.Rank() {
			d.t.Errorf("the state fell from %q to %q", last, now)
		}
		last = now
	}
	if last != want {
		d.t.Errorf("state %q, want %q", last, want)
	}
	if got := d.Received(); len(got) != 1 {
		d.t.Errorf("a report was answered: %q", got)
	}
}

// strangeReport: a report about a message that is not ours is taken and forgotten.
func (d *door) strangeReport() {
	d.heard(d.Message("khai sinh"))
	before := d.receipts()
	for _, q := range d.Reports("SM00000000000000000000000000000abc") {
		d.take(q)
	}
	d.pass(time.Minute, 2)
	if after := d.receipts(); len(after) != len(before) || after[0].State != before[0].State {
		d.t.Errorf("receipts %+v after %+v", after, before)
	}
}

// sentIsAll: where nothing is told later, the receipt says sent and stays so.
func (d *door) sentIsAll() {
	d.noReports()
	d.hears(d.Message("khai sinh"))
	d.pass(time.Hour, 2)
	if all := d.receipts(); len(all) != 1 || all[0].State != core.ReceiptSent || all[0].External == "" {
		d.t.Errorf("receipts %+v", all)
	}
}

// saysNothingSecret: neither a log line nor a label of a metric has a secret, the
// person's address, or a word of what was said on either side.
func (d *door) saysNothingSecret() {
	d.t.Helper()
	const said = "Trần Thị Mai 079190613572"
	d.hears(d.Message(said))
	for _, f := range []simkit.Fault{simkit.ServerError(), simkit.CutBefore(), simkit.BadGateway()} {
		d.fresh()
		d.Faults.Next(d.SendCall, f)
		d.hears(d.Message(said))
		d.pass(30*time.Second, 3)
	}
	for _, q := range d.Forged[:1] {
		d.post(q)
	}
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.post(d.Message(said))
	logged := d.seen.String()
	if !strings.Contains(logged, "webhook answered 503") {
		d.t.Error("the logs were not looked at: they do not tell that the store is down")
	}
	for _, never := range []string{d.To, "Trần Thị Mai", "079190613572", "Tran Thi Mai"} {
		if strings.Contains(logged, never) {
			d.t.Errorf("a log or a label says %q", never)
		}
	}
	// begin looks for the secrets.
}
