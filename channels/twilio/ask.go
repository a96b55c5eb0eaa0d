package twilio

import (
	"context"
	"strings"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

var _ channels.Asker = (*Adapter)(nil)

// Ask asks for the state of a message by its SID.
func (a *Adapter) Ask(ctx context.Context, external string) (channels.Status, error) {
	const op = "twilio.ask"
	if len(external) != 34 || !strings.HasPrefix(external, "SM") || strings.Trim(external[2:], "0123456789abcdef") != "" {
		return channels.Status{}, core.Ef(core.CodeNotFound, op, "", "no id of this vendor")
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	t := &trip{ctx: ctx, api: a.api, next: a.transport}
	msg, err := a.service(t).FetchMessage(external, nil)
	if err != nil {
		e := a.sendError(t, err)
		if e.VendorCode == "20404" {
			return channels.Status{}, core.Ef(core.CodeNotFound, op, "", "the vendor does not know it")
		}
		return channels.Status{}, core.E(core.CodeUnavailable, op, "", e)
	}
	if msg.Status == nil {
		return channels.Status{}, core.Ef(core.CodeUnavailable, op, "", "the answer names no state")
	}
	code := 0
	if msg.ErrorCode != nil {
		code = *msg.ErrorCode
	}
	s, ok := state(*msg.Status, code)
	if !ok {
		return channels.Status{}, core.Ef(core.CodeUnavailable, op, "", "the answer names no known state")
	}
	s.External = external
	return s, nil
}

// state translates the vendor's word for where a message is.
func state(status string, code int) (s channels.Status, ok bool) {
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent":
		// Each of them says that the vendor took the message, which is all that
		// is known when the answer to the call was lost.
		s.State = core.ReceiptSent
	case "delivered", "read":
		s.State = core.ReceiptDelivered
	case "undelivered", "failed", "canceled":
		s.State = core.ReceiptFailed
		s.Reason, _ = reason(code)
		s.StopAll = code == 21610
	default:
		return s, false
	}
	return s, true
}
