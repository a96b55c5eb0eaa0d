package channels

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
)

// count tells the observer what a turn that was committed did.
func (g *Gateway) count(acc Account, in dialog.Input, out dialog.Output) {
	var t Taken
	switch in.Event.Kind {
	case core.EventText, core.EventChoice, core.EventMedia:
		t.NotUnderstood = !out.Understood
	case core.EventMoved:
		t.MovedFrom, t.MovedTo = string(acc.Kind), in.Event.Text
	}
	t.Searches = out.Searches
	for _, c := range out.Commands {
		switch c.(type) {
		case dialog.AskPerson:
			t.AskedPerson = true
		case dialog.RedeemHandOff:
			// A conversation the draft comes from is told, and counted, by itself.
			if h, d := in.Found.HandOff, in.Found.HandOffDraft; h != nil && h.FromConv == "" && d != nil {
				t.MovedFrom, t.MovedTo = d.Holder, string(acc.Kind)
			}
		}
	}
	g.observe.Took(acc, t)
}
