package channels

import (
	"fmt"
	"slices"

	"github.com/motcua/motcua/core"
)

// Registry holds the adapters of one program. It is built once, at start-up, and
// never changes.
type Registry struct {
	byAccount map[Account]Adapter
	accounts  []Account
	numbers   *Numbers // nil when nobody is known by a number
}

// NewRegistry checks the wiring: two adapters for one account, a capability
// record that contradicts what the adapter implements, or a record without sense
// is an error, before the program serves anybody.
func NewRegistry(adapters ...Adapter) (*Registry, error) {
	r := &Registry{byAccount: map[Account]Adapter{}}
	for _, a := range adapters {
		acc := a.Account()
		if acc.Kind == "" || acc.Name == "" {
			return nil, core.Ef(core.CodeInternal, "channels.registry", "", "an adapter has no account (%q)", acc)
		}
		if _, dup := r.byAccount[acc]; dup {
			return nil, core.Ef(core.CodeInternal, "channels.registry", "", "two adapters serve %s", acc)
		}
		if err := checkCapabilities(a); err != nil {
			return nil, core.Ef(core.CodeInternal, "channels.registry", "", "%s: %w", acc, err)
		}
		if n, ok := a.(*Numbers); ok {
			r.numbers = n
		}
		r.byAccount[acc] = a
		r.accounts = append(r.accounts, acc)
	}
	slices.SortFunc(r.accounts, func(a, b Account) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	return r, nil
}

func checkCapabilities(a Adapter) error {
	c := a.Capabilities()
	if _, ok := a.(FileOpener); c.MediaIn != ok {
		return fmt.Errorf("capability MediaIn is %v but FileOpener is %v", c.MediaIn, ok)
	}
	if _, ok := a.(Poller); c.Polls != ok {
		return fmt.Errorf("capability Polls is %v but Poller is %v", c.Polls, ok)
	}
	switch c.Variant {
	case "rich", "short", "screen", "spoken":
	default:
		return fmt.Errorf("unknown variant %q", c.Variant)
	}
	if c.MaxText < 0 || c.Buttons < 0 || c.PerSecond < 0 || c.PerPerson < 0 {
		return fmt.Errorf("negative limit")
	}
	return nil
}

// Adapter finds the adapter of an account.
func (r *Registry) Adapter(acc Account) (Adapter, bool) {
	a, ok := r.byAccount[acc]
	return a, ok
}

// Accounts lists all accounts, in order.
func (r *Registry) Accounts() []Account { return slices.Clone(r.accounts) }
