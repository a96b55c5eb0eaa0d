package simkit

import (
	"context"
	"strings"
)

// handset gives the phone of a person: of a number of Viet Nam one that writes to
// the short code, of any other one that writes to a number abroad. nil when neither
// vendor is simulated.
func (c *Console) handset(person string) *handset {
	number := personPhone(person)
	switch {
	case c.smsgate != nil && (strings.HasPrefix(number, "+84") || c.twilio == nil):
		return &handset{gate: c.smsgate.Phone(number), number: number, console: c}
	case c.twilio != nil:
		return &handset{abroad: c.twilio.Phone(number), number: number, console: c}
	}
	return nil
}

// handset is a phone that writes to one vendor and is reached by both.
type handset struct {
	gate    *SMSGatePhone // or
	abroad  *TwilioPhone
	number  string
	console *Console
}

func (p *handset) text(body string) {
	if p.gate != nil {
		p.gate.Text(body)
		return
	}
	p.abroad.Text(body)
}

// await waits until n messages reached the phone, through either vendor.
func (p *handset) await(ctx context.Context, n int) {
	var never signal
	one, other := &never, &never
	if p.console.smsgate != nil {
		one = &p.console.smsgate.changed
	}
	if p.console.twilio != nil {
		other = &p.console.twilio.changed
	}
	for {
		first, second := one.wait(), other.wait()
		got := 0
		for _, m := range p.console.texts(p.number) {
			if !m.Mine {
				got++
			}
		}
		if got >= n {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-first:
		case <-second:
		}
	}
}

// texts lists the SMS of a number, through both vendors.
func (c *Console) texts(number string) []ConsoleMessage {
	var out []ConsoleMessage
	if c.smsgate != nil {
		for _, m := range c.smsgate.list(func(m *SMSGateMessage) bool { return m.Phone == number && (m.Inbound || !m.Failed) }) {
			out = append(out, ConsoleMessage{Text: m.Body, At: m.At, Mine: m.Inbound})
		}
	}
	if c.twilio != nil {
		for _, m := range c.twilio.list(func(m *TwilioMessage) bool { return m.To == number || m.From == number }) {
			out = append(out, ConsoleMessage{Text: m.Body, At: m.At, Mine: m.Inbound})
		}
	}
	return out
}
