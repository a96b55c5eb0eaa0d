package dialog

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// offer is a choice on its way into a prompt.
type offer struct {
	act    string
	arg    string
	raw    any       // canonical value, for act "value"
	key    string    // message key of the label, or
	label  form.Text // the label
	short  form.Text // for narrow channels; may be empty
	mute   bool      // no number: by button or by words only
	global string    // a nav id
}

func pick(act, key string) offer { return offer{act: act, key: key} }

func menuOffer() offer  { return offer{act: "menu", key: "choice.menu", global: navMenu} }
func backOffer() offer  { return offer{act: "back", key: "choice.back", global: navBack} }
func humanOffer() offer { return offer{act: "human", key: "choice.human"} }

// word renders a fragment for use inside an argument.
func (t *turn) word(key string, args ...string) string {
	return t.e.msg.Text(t.loc, t.fragment(), key, pairs(args))
}

// rich renders a message for use as the lead of another one: never with a brand.
// Fragments have no brand, and where room is short their short form fits whole.
func (t *turn) rich(key string, args map[string]string) string {
	v := text.Rich
	if text.Fragment(key) {
		v = t.fragment()
	}
	return t.e.msg.Text(t.loc, v, key, args)
}

// fragment is the variant of words inside other texts.
func (t *turn) fragment() text.Variant {
	if t.in.Caps.Variant == text.Short {
		return text.Short
	}
	return text.Rich
}

func pairs(args []string) map[string]string {
	m := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

// lead puts a sentence in front of the next prompt.
func (t *turn) lead(s string) {
	if s == "" {
		return
	}
	if t.leading != "" {
		t.leading += " "
	}
	t.leading += s
}

func (t *turn) leadWord(key string, args ...string) { t.lead(t.rich(key, pairs(args))) }

// say makes a prompt the open one: its choices replace those of the last.
func (t *turn) say(key string, args map[string]string, expect core.Expect, offers ...offer) int {
	t.st.Opts = nil
	// An error in one segment says its ways out in words; numbers would not fit.
	if t.short() && strings.HasPrefix(key, "error.") && key != "error.lost3" {
		offers = slices.Clone(offers)
		for i := range offers {
			offers[i].mute, offers[i].global = true, ""
		}
	}
	choices := make([]core.Choice, 0, len(offers))
	n := 0
	t.st.Seq++
	for i, o := range offers {
		c := core.Choice{ID: o.global, Key: o.key}
		if c.ID == "" {
			c.ID = strconv.FormatInt(int64(t.st.Seq), 36) + "." + strconv.Itoa(i)
		}
		switch {
		case o.global == navMenu:
			c.Digit = "0"
		case o.global == navBack:
			if n < 9 {
				c.Digit = "9"
			}
		case o.global == "" && !o.mute:
			n++
			c.Digit = strconv.Itoa(n)
		}
		if o.key == "" {
			c.Label = t.discreet(o.label.In(t.loc))
			if c.Short = t.discreet(o.short.In(t.loc)); c.Short == "" {
				c.Short = text.Plain(c.Label)
			}
		}
		choices = append(choices, c)
		t.st.Opts = append(t.st.Opts, t.option(o, c))
	}
	return t.prompt(key, args, expect, choices)
}

// option is what the state remembers of a choice.
func (t *turn) option(o offer, c core.Choice) option {
	opt := option{ID: c.ID, Act: o.act, Arg: o.arg, Digit: c.Digit}
	if o.raw != nil {
		opt.Raw, _ = json.Marshal(o.raw) // canonical values always marshal
	}
	if o.key != "" {
		opt.Words = t.e.wordsOf(o.key)
	} else {
		opt.Words = folded([]string{o.label.VI, o.label.EN, o.short.VI, o.short.EN})
	}
	return opt
}

// tell says something beside the open question, which stays open. Its choices
// are global ones.
func (t *turn) tell(key string, args map[string]string, choices ...core.Choice) int {
	return t.prompt(key, args, core.ExpectAny, choices)
}

func (t *turn) prompt(key string, args map[string]string, expect core.Expect, choices []core.Choice) int {
	p := core.Prompt{Key: key, Args: maps.Clone(args), Choices: choices, Expect: expect, Locale: t.loc}
	if p.Args == nil {
		p.Args = map[string]string{}
	}
	if t.leading != "" && p.Args["lead"] == "" {
		p.Args["lead"] = t.leading
	}
	t.leading = ""
	for name, v := range p.Args {
		if name != "link" { // a token is no number, however it looks
			p.Args[name] = t.discreet(v)
		}
	}
	t.out.Prompts = append(t.out.Prompts, p)
	return len(t.out.Prompts) - 1
}

// discreet hides numbers that may be those of an identity document: no message
// carries a whole one, whoever wrote it and wherever.
func (t *turn) discreet(s string) string { return text.MaskNumbers(s, false, t.maskNumber) }

func (t *turn) maskNumber(digits string) string {
	if t.in.Caps.Private {
		return text.MaskID(digits)
	}
	return text.LastTwo(digits)
}

// quote writes what a person said into an answer, at most n characters of it.
func (t *turn) quote(raw string, n int) string {
	said := strings.Join(strings.Fields(text.NFC(raw)), " ")
	return text.Cut(text.MaskNumbers(said, true, t.maskNumber), n)
}

// vary keeps the last prompt from being the same sentence as the one before it,
// and reports whether it would have been.
func (t *turn) vary() (again bool) {
	n := len(t.out.Prompts)
	if n == 0 {
		return false
	}
	p := &t.out.Prompts[n-1]
	print := t.fingerprint(*p)
	again = print == t.st.Last
	if again && slices.Contains(t.e.msg.Placeholders(t.loc, p.Key), "lead") {
		own := p.Args["lead"]
		for _, k := range []string{"word.again", "word.again2", "word.again3"} {
			p.Args["lead"] = t.rich(k, nil)
			if own != "" {
				p.Args["lead"] += " " + own
			}
			if print = t.fingerprint(*p); print != t.st.Last {
				break
			}
		}
	}
	t.st.Last = print
	return again
}

// fingerprint tells sentences apart without keeping them.
func (t *turn) fingerprint(p core.Prompt) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.e.msg.Text(t.loc, t.in.Caps.Variant, p.Key, p.Args)))
	return strconv.FormatUint(h.Sum64(), 36)
}
