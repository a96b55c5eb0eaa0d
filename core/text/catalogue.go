package text

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Catalogue holds every message in every language. It is immutable.
type Catalogue struct {
	compiled map[Locale]map[string]compiledEntry
	keys     []string
}

// compiledEntry is an Entry with its templates parsed.
type compiledEntry struct {
	rich, short, screen, spoken []piece
	hasShort, hasScreen         bool
	hasSpoken                   bool
	source                      string  // Short as written
	why                         []piece // What and Fix of an error
}

// keyBrand is the message whose text is the default brand: "HCMC-DVC:".
const keyBrand = "brand"

// keyFallback is shown when a message is missing everywhere.
const keyFallback = "error.internal"

// NewCatalogue compiles entries (language → key → entry) and checks them. The
// catalogue works even when there are issues, so that tools can show it; a
// server must not start with any.
func NewCatalogue(entries map[Locale]map[string]Entry) (*Catalogue, []Issue) {
	c := &Catalogue{compiled: map[Locale]map[string]compiledEntry{}}
	keys := map[string]bool{}
	for locale, es := range entries {
		m := make(map[string]compiledEntry, len(es))
		exit := es[keyExitScreen].Rich
		for key, e := range es {
			m[key] = compile(e, exit)
			keys[key] = true
		}
		c.compiled[locale] = m
	}
	c.keys = slices.Sorted(maps.Keys(keys))
	return c, lint(c.keys, entries)
}

// keyExitScreen is the way out of an error on a screen, where nothing is typed to
// a dialogue.
const keyExitScreen = "word.exitScreen"

// typed reports whether a text tells to type something to a dialogue.
func typed(s string) bool {
	for _, w := range []string{"gõ “", "soạn “", "type “", "reply “"} {
		if strings.Contains(strings.ToLower(s), w) {
			return true
		}
	}
	return false
}

func compile(e Entry, exitScreen string) compiledEntry {
	if e.Screen == "" && typed(e.Exit) && exitScreen != "" {
		e.Screen = strings.TrimSpace(e.What + "\n" + e.Fix + "\n" + exitScreen)
		if e.Spoken == "" {
			e.Spoken = e.Screen
		}
	}
	var c compiledEntry
	c.rich, _ = parse(richOf(e))
	c.short, _ = parse(e.Short)
	c.screen, _ = parse(e.Screen)
	c.spoken, _ = parse(e.Spoken)
	c.hasShort, c.hasScreen, c.hasSpoken = e.Short != "", e.Screen != "", e.Spoken != ""
	c.source = e.Short
	c.why, _ = parse(strings.TrimSpace(e.What + " " + e.Fix))
	return c
}

// richOf gives the rich text of e; of an error, its three sentences.
func richOf(e Entry) string {
	if e.Rich != "" {
		return e.Rich
	}
	return strings.Join(slices.DeleteFunc([]string{e.What, e.Fix, e.Exit}, func(s string) bool { return s == "" }), "\n")
}

// Has reports whether key exists in any language.
func (c *Catalogue) Has(key string) bool {
	_, ok := slices.BinarySearch(c.keys, key)
	return ok
}

// ShortTemplate gives the text of key's short variant, its own or the one made from
// Rich, with {name:length} for what varies, and the most septets an instance of it
// can take. ok is false for an unknown key.
func (c *Catalogue) ShortTemplate(l Locale, key string) (source string, max int, ok bool) {
	e, found := c.compiled[l][key]
	if !found {
		return "", 0, false
	}
	if e.hasShort {
		return e.source, worst(e.short), true
	}
	var b strings.Builder
	for _, p := range e.rich {
		switch {
		case p.name == "":
			b.WriteString(plainLiteral(p.lit))
		case p.max > 0:
			b.WriteString("{" + p.name + ":" + strconv.Itoa(p.max) + "}")
		default:
			b.WriteString("{" + p.name + "}")
		}
	}
	source, max = strings.Join(strings.Fields(b.String()), " "), worst(e.rich)
	if !Fragment(key) {
		source, max = "{"+keyBrand+"} "+source, max+brandMax+1
	}
	return source, max, true
}

// Keys lists all keys in order.
func (c *Catalogue) Keys() []string { return slices.Clone(c.keys) }

// Placeholders lists the argument names of key's rich text in l, sorted.
func (c *Catalogue) Placeholders(l Locale, key string) []string {
	return names(c.compiled[l][key].rich)
}

// Required lists the arguments of key in l, over all variants, that stand
// outside optional blocks; {brand} is not among them.
func (c *Catalogue) Required(l Locale, key string) []string {
	set := map[string]bool{}
	e := c.compiled[l][key]
	for _, ps := range [][]piece{e.rich, e.short, e.screen, e.spoken} {
		for _, p := range ps {
			if p.name != "" && p.option == 0 && p.name != keyBrand {
				set[p.name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Render gives the message key in language l and variant v. An unknown language
// or key falls back to Vietnamese and then to the general error, never to an
// empty text. A missing Screen or Spoken is made from Rich; a missing Short is
// Rich in plain ASCII behind the brand (fragments, see Fragment, have no brand).
// The argument "brand" is filled in when absent.
func (c *Catalogue) Render(l Locale, v Variant, key string, args map[string]string) Message {
	e, ok := c.lookup(l, key)
	if !ok {
		if e, ok = c.lookup(l, keyFallback); !ok {
			return Message{Spans: []Span{{Text: key}}}
		}
		key = keyFallback
	}
	if _, given := args[keyBrand]; !given {
		with := make(map[string]string, len(args)+1)
		maps.Copy(with, args)
		with[keyBrand] = c.brand(l)
		args = with
	}
	switch v {
	case Short:
		if e.hasShort {
			return flat(fill(e.short, args, true))
		}
		body := strings.Join(strings.Fields(strings.ReplaceAll(fill(e.rich, args, true).String(), "\n", " ")), " ")
		if b := args[keyBrand]; b != "" && !Fragment(key) {
			body = b + " " + body
		}
		return Message{Spans: []Span{{Text: body}}}
	case Screen:
		if e.hasScreen {
			return fill(e.screen, args, false)
		}
	case Spoken:
		said := e.rich
		if e.hasSpoken {
			said = e.spoken
		}
		return Message{Spans: []Span{{Text: Speech(l, fill(said, args, false).String())}}}
	}
	return fill(e.rich, args, false)
}

// Text is Render without markup.
func (c *Catalogue) Text(l Locale, v Variant, key string, args map[string]string) string {
	if s, ok := c.literal(l, v, key); ok {
		return s
	}
	return c.Render(l, v, key, args).String()
}

// literal gives a text with nothing to fill in, which most labels are, as it
// stands in the pack.
func (c *Catalogue) literal(l Locale, v Variant, key string) (string, bool) {
	if v != Rich && v != Screen {
		return "", false
	}
	e, ok := c.lookup(l, key)
	if !ok {
		return "", false
	}
	pieces := e.rich
	if v == Screen && e.hasScreen {
		pieces = e.screen
	}
	if len(pieces) != 1 || pieces[0].name != "" || pieces[0].lit == "" {
		return "", false
	}
	return pieces[0].lit, true
}

// Why gives what an error says happened and what to do, without its way out: for
// use inside a message that offers ways out itself. Of any other key it is the
// rich text without markup.
func (c *Catalogue) Why(l Locale, key string, args map[string]string) string {
	e, ok := c.lookup(l, key)
	if !ok || len(e.why) == 0 {
		return c.Text(l, Rich, key, args)
	}
	return fill(e.why, args, false).String()
}

func (c *Catalogue) lookup(l Locale, key string) (compiledEntry, bool) {
	if e, ok := c.compiled[l][key]; ok {
		return e, true
	}
	for _, other := range Locales() {
		if e, ok := c.compiled[other][key]; ok {
			return e, true
		}
	}
	return compiledEntry{}, false
}

func (c *Catalogue) brand(l Locale) string {
	e, ok := c.lookup(l, keyBrand)
	if !ok {
		return ""
	}
	return fill(e.rich, nil, true).String()
}

// Fragment reports whether key names a piece of a message (a button, a state, a
// reason, a word) rather than a message: it carries no brand.
func Fragment(key string) bool {
	for _, p := range []string{"choice.", "state.", "word.", "field.", "page.", "reason.", keyBrand} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// flat joins the spans of m into one without weight.
func flat(m Message) Message {
	return Message{Spans: []Span{{Text: m.String()}}}
}

func names(ps []piece) []string {
	set := map[string]bool{}
	for _, p := range ps {
		if p.name != "" {
			set[p.name] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}
