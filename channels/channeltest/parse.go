package channeltest

import (
	"strings"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// parseMessage: a message becomes one complete event.
func (x *exam) parseMessage() {
	r := x.receiver()
	in, err := x.parse(r, x.Message("Xin chào, tôi cần giấy khai sinh"))
	if err != nil || len(in.Events) != 1 || in.Ignored != 0 || len(in.Statuses) != 0 {
		x.t.Fatalf("parse: %+v, %v; want one event", in, err)
	}
	ev, acc := in.Events[0], x.Adapter.Account()
	if ev.ID == "" || ev.External == "" {
		x.t.Error("an event needs an id and a person")
	}
	if ev.Channel != string(acc.Kind) || ev.Account != acc.Name {
		x.t.Errorf("event of %s/%s, the adapter serves %s", ev.Channel, ev.Account, acc)
	}
	if ev.Kind != core.EventText || ev.Text != "Xin chào, tôi cần giấy khai sinh" {
		x.t.Errorf("kind %q text %q", ev.Kind, ev.Text)
	}
	if ev.External != x.To {
		x.t.Error("the answer would go to somebody else than the one who wrote")
	}
}

// parseDuplicate: the second arrival has the id of the first, another message has
// another.
func (x *exam) parseDuplicate() {
	r := x.receiver()
	req := x.Message("một")
	var ids []string
	for _, q := range []Request{req, req, x.Message("một")} {
		in, err := x.parse(r, q)
		if err != nil || len(in.Events) != 1 {
			x.t.Fatalf("parse: %+v, %v", in, err)
		}
		ids = append(ids, in.Events[0].ID)
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		x.t.Errorf("ids %q: want the first two the same and the third another", ids)
	}
}

// parseForged: refused with the network's code, and nothing of it gets through.
func (x *exam) parseForged() {
	r := x.receiver()
	good := x.Message("thật")
	if in, err := x.parse(r, good); err != nil || len(in.Events) != 1 {
		x.t.Fatalf("the authentic one: %+v, %v", in, err)
	}
	forged := x.Forged
	if good.Header != nil { // else the signature is in the address, and Forged leaves it out
		bare := good
		bare.Name, bare.Header = "the authentic one without its headers", nil
		forged = append([]Request{bare}, forged...)
	}
	for _, q := range forged {
		in, err := x.parse(r, q)
		if core.ErrorCode(err) != x.Refusal {
			x.t.Errorf("%s: code %q, want %q", q.Name, core.ErrorCode(err), x.Refusal)
		}
		if len(in.Events)+len(in.Statuses)+in.Ignored != 0 {
			x.t.Errorf("%s: something got through: %+v", q.Name, in)
		}
	}
}

// parseUnknown: new kinds are counted, never an error.
func (x *exam) parseUnknown() {
	r := x.receiver()
	for _, q := range x.Unknown {
		in, err := x.parse(r, q)
		if err != nil || len(in.Events)+len(in.Statuses) != 0 || in.Ignored == 0 || in.Why == "" {
			x.t.Errorf("%s: %+v, %v; want it ignored with a reason", q.Name, in, err)
		}
		if len(in.Why) > 32 {
			x.t.Errorf("%s: %q is no short reason for a metric", q.Name, in.Why)
		}
	}
}

// parseMalformed: never an error that would become a 5xx, never an event.
func (x *exam) parseMalformed() {
	r := x.receiver()
	for _, q := range x.Malformed {
		in, err := x.parse(r, q)
		if code := core.ErrorCode(err); code != "" && code != x.Refusal {
			x.t.Errorf("%s: code %q", q.Name, code)
		}
		if len(in.Events)+len(in.Statuses) != 0 {
			x.t.Errorf("%s: something was read from it: %+v", q.Name, in)
		}
		if err == nil && in.Ignored == 0 {
			x.t.Errorf("%s: neither refused nor counted", q.Name)
		}
	}
}

// parseReports: in whatever order and however often reports come, the highest
// rank is the same, and a repeated report has the same id.
func (x *exam) parseReports() {
	r := x.receiver()
	sent, serr := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a", CallbackID: "part-1"})
	if serr != nil {
		x.t.Fatalf("send: %v", serr)
	}
	reports := x.Reports(sent.External)
	ids := map[string]bool{}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 2, 0}} {
		state := sent.State
		for _, i := range order {
			in, err := x.parse(r, reports[min(i, len(reports)-1)])
			if err != nil || len(in.Statuses) != 1 {
				x.t.Fatalf("report %d: %+v, %v", i, in, err)
			}
			s := in.Statuses[0]
			if s.External != sent.External || s.ID == "" {
				x.t.Errorf("report %d is about %q with id %q, want %q", i, s.External, s.ID, sent.External)
			}
			ids[s.ID] = true
			if s.State.Rank() > state.Rank() {
				state = s.State
			}
		}
		if state != core.ReceiptDelivered {
			x.t.Errorf("order %v ends as %q, want delivered", order, state)
		}
	}
	if len(ids) != len(reports) {
		x.t.Errorf("%d report ids for %d reports", len(ids), len(reports))
	}
}

// askState: the vendor tells what became of a message, and what it does not know
// or cannot tell now is told apart.
func (x *exam) askState() {
	asker, ok := x.Adapter.(channels.Asker)
	if !ok {
		x.t.Fatal("a vendor that reports must also be asked: reports get lost")
	}
	sent, serr := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"})
	if serr != nil {
		x.t.Fatalf("send: %v", serr)
	}
	s, err := asker.Ask(x.t.Context(), sent.External)
	if err != nil || s.External != sent.External || s.State.Rank() < core.ReceiptSent.Rank() || s.Hint {
		x.t.Errorf("asked: %+v, %v", s, err)
	}
	for _, unknown := range []string{"", "x", "../" + sent.External, strings.Repeat("0", 34)} {
		if _, err := asker.Ask(x.t.Context(), unknown); core.ErrorCode(err) != core.CodeNotFound {
			x.t.Errorf("asked for %q: %v, want not_found", unknown, err)
		}
	}
	for _, f := range []simkit.Fault{simkit.ServerError(), simkit.BadGateway(), simkit.CutBefore()} {
		x.fresh()
		x.Faults.Next(x.AskCall, f)
		_, err := asker.Ask(x.t.Context(), sent.External)
		if core.ErrorCode(err) != core.CodeUnavailable {
			x.t.Errorf("%s: %v, want unavailable", f.Name, err)
		}
		x.seen.add(err)
	}
}
