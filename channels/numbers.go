package channels

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// homeKind and homeName are the account under which people who are known by a phone number
// are kept, whichever network brings their messages and whichever carries ours:
// one number is one conversation.
const homeKind, homeName = "sms", "main"

func homeOfNumbers() Account { return Account{Kind: homeKind, Name: homeName} }

// Line says through which accounts messages to numbers leave.
type Line struct {
	Prefix  string    // of the E.164 number, "+84"; "" is every number
	Through []Account // first choice first; another only while those before it pause
}

// Numbers is the one account of all networks whose people are phone numbers. It
// is an Adapter as to what can be said there; what carries a message is chosen by
// its lines when it is sent.
type Numbers struct {
	lines    []Line
	adapters map[Account]Adapter
}

// NewNumbers joins the adapters whose people are phone numbers (Capabilities
// Numbers). The longest prefix decides. Errors: invalid for a line through an
// account that is not among them, a prefix that is none or is there twice, and
// internal without an adapter.
func NewNumbers(lines []Line, adapters ...Adapter) (*Numbers, error) {
	const op = "channels.numbers"
	n := &Numbers{adapters: map[Account]Adapter{}}
	for _, a := range adapters {
		if !a.Capabilities().Numbers {
			return nil, core.Ef(core.CodeInternal, op, "", "people on %s are no phone numbers", a.Account())
		}
		n.adapters[a.Account()] = a
	}
	if len(adapters) == 0 || len(lines) == 0 {
		return nil, core.Ef(core.CodeInternal, op, "", "no adapter or no line")
	}
	seen := map[string]bool{}
	for _, l := range lines {
		if l.Prefix != "" && (l.Prefix[0] != '+' || len(l.Prefix) < 2 || strings.Trim(l.Prefix[1:], "0123456789") != "") {
			return nil, core.Ef(core.CodeInvalid, op, "", "%q is not the beginning of an international number", l.Prefix)
		}
		if seen[l.Prefix] || len(l.Through) == 0 {
			return nil, core.Ef(core.CodeInvalid, op, "", "the line %q is there twice or leads nowhere", l.Prefix)
		}
		seen[l.Prefix] = true
		for _, acc := range l.Through {
			if n.adapters[acc] == nil {
				return nil, core.Ef(core.CodeInvalid, op, "", "no account %s that sends to numbers is configured", acc)
			}
		}
	}
	n.lines = slices.Clone(lines)
	slices.SortStableFunc(n.lines, func(a, b Line) int { return len(b.Prefix) - len(a.Prefix) })
	return n, nil
}

// Account is the account of all numbers.
func (n *Numbers) Account() Account { return homeOfNumbers() }

// Capabilities is what every one of the networks can do.
func (n *Numbers) Capabilities() core.Capabilities {
	var c core.Capabilities
	for i, acc := range n.members() {
		m := n.adapters[acc].Capabilities()
		if i == 0 {
			c = m
			continue
		}
		c.MaxText = min(c.MaxText, m.MaxText)
		c.ConsentCode = c.ConsentCode || m.ConsentCode
		c.Receipts = c.Receipts && m.Receipts
		c.Pushes = c.Pushes && m.Pushes
		c.Idempotent = c.Idempotent && m.Idempotent
		c.Registered = c.Registered || m.Registered
	}
	c.PerSecond, c.Redelivers = 0, false // properties of the carriers
	return c
}

// Send sends through the first choice of the number's line.
func (n *Numbers) Send(ctx context.Context, out Outbound) (Sent, error) {
	through := n.Through(out.To)
	if len(through) == 0 {
		return Sent{}, &SendError{Reason: ReasonBadAddress, Certain: true}
	}
	return n.adapters[through[0]].Send(ctx, out)
}

// Secrets lists nothing: each network has its own.
func (n *Numbers) Secrets() []string { return nil }

// Through lists the accounts that carry messages to a number, first choice first;
// none when no line leads there.
func (n *Numbers) Through(number string) []Account {
	for _, l := range n.lines {
		if strings.HasPrefix(number, l.Prefix) {
			return l.Through
		}
	}
	return nil
}

// members lists the accounts that were joined, in order.
func (n *Numbers) members() []Account {
	out := make([]Account, 0, len(n.adapters))
	for acc := range n.adapters {
		out = append(out, acc)
	}
	slices.SortFunc(out, func(a, b Account) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// Home is the account under which the people of acc are kept: that of all
// numbers, or acc itself.
func (r *Registry) Home(acc Account) Account {
	if r.numbers != nil && r.numbers.adapters[acc] != nil {
		return homeOfNumbers()
	}
	return acc
}

// Numbers is the account of everybody who is known by a number; ok is false when
// no network of numbers is configured.
func (r *Registry) Numbers() (acc Account, ok bool) { return homeOfNumbers(), r.numbers != nil }

// key names the person of an event from outside.
func (r *Registry) key(ev core.Event) core.AddressKey {
	home := r.Home(Account{Kind: Kind(ev.Channel), Name: ev.Account})
	return core.AddressKey{Channel: string(home.Kind), Account: home.Name, External: ev.External}
}

// NumberKeys lists the addresses under which a phone number may be kept, where
// it is kept now first. Before numbers had an account of their own, they were kept
// under that of the network. None when no network of numbers is configured.
func (r *Registry) NumberKeys(number string) []core.AddressKey {
	if r.numbers == nil {
		return nil
	}
	keys := []core.AddressKey{{Channel: homeKind, Account: homeName, External: number}}
	for _, acc := range r.numbers.members() {
		keys = append(keys, core.AddressKey{Channel: string(acc.Kind), Account: acc.Name, External: number})
	}
	return keys
}

// rowFor reads what is known of the person of an event; not_found for a new one.
func (g *Gateway) rowFor(ctx context.Context, tx core.Tx, ev core.Event) (core.TurnRow, error) {
	key := g.registry.key(ev)
	row, err := tx.Conversations().ForTurn(ctx, key)
	if !core.IsCode(err, core.CodeNotFound) || key.Channel != homeKind {
		return row, err
	}
	for _, older := range g.registry.NumberKeys(ev.External)[1:] {
		if row, err = tx.Conversations().ForTurn(ctx, older); !core.IsCode(err, core.CodeNotFound) {
			return row, err
		}
	}
	return row, err
}

// laneAccount is whose limits and pauses a message to a person waits for: the
// carrier's when there is one alone. Of several one is chosen when it is sent.
func (g *Gateway) laneAccount(acc Account, to string) Account {
	if acc != homeOfNumbers() || g.registry.numbers == nil {
		return acc
	}
	if through := g.registry.numbers.Through(to); len(through) == 1 {
		return through[0]
	}
	return acc
}

// carrier chooses who carries a message: the one that may have it already, or the
// first that does not pause. When all pause, wait says for how long. No adapter and
// no wait means that nobody reaches there.
// waitsFor is the account whose pauses the job waits for already.
func (g *Gateway) carrier(ctx context.Context, acc Account, to, waitsFor string, held Account) (a Adapter, wait time.Duration, err error) {
	if acc != homeOfNumbers() || g.registry.numbers == nil {
		a, _ := g.registry.Adapter(acc)
		return a, 0, nil
	}
	through := g.registry.numbers.Through(to)
	if slices.Contains(through, held) {
		return g.registry.numbers.adapters[held], 0, nil
	}
	if len(through) == 0 {
		return nil, 0, nil
	}
	if len(through) == 1 && through[0].String() == waitsFor {
		return g.registry.numbers.adapters[through[0]], 0, nil // its job was not claimed while it pauses
	}
	var pauses map[string]time.Time
	if err := g.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		pauses, err = tx.Jobs().Pauses(ctx)
		return err
	}); err != nil {
		return nil, 0, err
	}
	now := g.clock.Now()
	for i, c := range through {
		left := pauses[c.String()].Sub(now)
		if left <= 0 {
			return g.registry.numbers.adapters[c], 0, nil
		}
		if i == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait, nil
}
