package channels_test

import (
	"slices"
	"testing"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// carrier is a network of numbers with a name.
type carrier struct {
	scripted
	name string
	chat bool // people on it are no numbers
}

func (c *carrier) Account() channels.Account { return channels.Account{Kind: "test", Name: c.name} }
func (c *carrier) Capabilities() core.Capabilities {
	return core.Capabilities{Variant: text.Short, MaxText: 160, Pushes: true, Numbers: !c.chat, Registered: c.name == "home"}
}

// What cannot work is refused before the program starts.
func TestNewNumbers(t *testing.T) {
	t.Parallel()
	home, abroad, chat := &carrier{name: "home"}, &carrier{name: "abroad"}, &carrier{name: "chat", chat: true}
	both := []channels.Adapter{home, abroad}
	to := func(prefix string, through ...*carrier) channels.Line {
		l := channels.Line{Prefix: prefix}
		for _, c := range through {
			l.Through = append(l.Through, c.Account())
		}
		return l
	}
	for _, tc := range []struct {
		name     string
		lines    []channels.Line
		adapters []channels.Adapter
		want     core.Code
	}{
		{"nobody who carries", []channels.Line{to("", home)}, nil, core.CodeInternal},
		{"no line", nil, both, core.CodeInternal},
		{"people who are no numbers", []channels.Line{to("", chat)}, []channels.Adapter{chat}, core.CodeInternal},
		{"a prefix without a plus", []channels.Line{to("84", home)}, both, core.CodeInvalid},
		{"a plus alone", []channels.Line{to("+", home)}, both, core.CodeInvalid},
		{"letters in a prefix", []channels.Line{to("+84x", home)}, both, core.CodeInvalid},
		{"a prefix twice", []channels.Line{to("+84", home), to("+84", abroad)}, both, core.CodeInvalid},
		{"a line that leads nowhere", []channels.Line{to("+84")}, both, core.CodeInvalid},
		{"an account that is not configured", []channels.Line{to("+84", abroad)}, []channels.Adapter{home}, core.CodeInvalid},
		{"lines that work", []channels.Line{to("", abroad), to("+84", home, abroad)}, both, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := channels.NewNumbers(tc.lines, tc.adapters...); core.ErrorCode(err) != tc.want {
				t.Errorf("%v, want code %q", err, tc.want)
			}
		})
	}

	n, err := channels.NewNumbers([]channels.Line{to("", abroad), to("+84", home, abroad)}, both...)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Through("+84901234567"); !slices.Equal(got, []channels.Account{home.Account(), abroad.Account()}) {
		t.Errorf("the longest prefix does not decide: %v", got)
	}
	if got := n.Through("+4915112345678"); !slices.Equal(got, []channels.Account{abroad.Account()}) {
		t.Errorf("every other number goes through %v", got)
	}
	if !n.Capabilities().Registered {
		t.Error("one carrier of registered texts makes all texts such")
	}
}
