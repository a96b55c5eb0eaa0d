package channels

import (
	"html"
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// Renderer turns a prompt into what a channel can show, by its Capabilities:
// buttons become a numbered menu, long text becomes parts, bold becomes markup
// or nothing, and the short variant becomes one plain segment.
type Renderer struct {
	messages *text.Catalogue
}

// NewRenderer renders the messages of a catalogue.
func NewRenderer(messages *text.Catalogue) *Renderer { return &Renderer{messages: messages} }

// Render gives the parts of p, at least one, in the order they are sent. Buttons
// and the request for a phone number go with the last part.
func (r *Renderer) Render(p core.Prompt, caps core.Capabilities) []Outbound {
	locale := p.Locale
	if locale == "" {
		locale = text.VI
	}
	var parts []Outbound
	if caps.Variant == text.Short {
		parts = []Outbound{r.short(p, locale, caps.Registered)}
	} else {
		parts = r.long(p, locale, caps)
	}
	last := &parts[len(parts)-1]
	last.AskContact = p.Expect == core.ExpectContact && caps.Contact
	for i := range parts {
		parts[i].Template = p.Key
	}
	parts[0].AnswersRef = p.AnswersRef
	if p.Replaces && caps.Edit && len(parts) == 1 {
		parts[0].EditRef = p.AnswersRef
	}
	return parts
}

// short renders one segment. A menu that does not fit loses its tail first and
// then the ends of its labels; a question is never cut.
// Where texts are registered, a label has at most the characters declared for it.
func (r *Renderer) short(p core.Prompt, locale string, registered bool) Outbound {
	body := r.messages.Text(locale, text.Short, p.Key, p.Args)
	var options, tail []string
	for _, c := range p.Choices {
		label := r.label(c, locale, true)
		if registered {
			label = text.Cut(label, menuLabel)
		}
		switch {
		case c.Digit == "0" || c.Digit == "9":
			tail = append(tail, c.Digit+" "+label)
		case c.Digit != "":
			options = append(options, label)
		}
	}
	if len(options) == 0 && len(tail) == 0 {
		return Outbound{Text: body}
	}
	// One segment if at all possible, else as few as can be: a vendor takes no more
	// than three.
	s, fits := "", false
	for n := 1; n <= menuSegments && !fits; n++ {
		s, fits = sms.Menu(body, options, strings.Join(tail, " "), sms.Room(n))
	}
	return Outbound{Text: s, Menu: sms.Behind(s, body)}
}

// menuSegments is the most segments a text with a menu takes.
const menuSegments = 3

func (r *Renderer) long(p core.Prompt, locale string, caps core.Capabilities) []Outbound {
	msg := r.messages.Render(locale, caps.Variant, p.Key, p.Args)
	shown := markUp(msg, caps.Markup)
	asButtons := caps.Buttons > 0 && len(p.Choices) <= caps.Buttons
	if listed := r.listed(p.Choices, locale, caps, asButtons); len(listed) > 0 {
		shown = append(shown, "")
		for _, c := range listed {
			line := escape(r.label(c, locale, false), caps.Markup)
			if c.Digit != "" {
				line = c.Digit + ". " + line
			}
			shown = append(shown, line)
		}
	}
	var parts []Outbound
	for _, t := range splitText(shown, caps.MaxText, caps.Markup) {
		if visible(t, caps.Markup) { // vendors refuse a message that shows nothing
			parts = append(parts, Outbound{Text: t})
		}
	}
	if len(parts) == 0 {
		parts = []Outbound{{}}
	}
	if asButtons && len(p.Choices) > 0 {
		parts[len(parts)-1].Rows = r.rows(p.Choices, locale, caps)
	}
	return parts
}

// listed gives the choices whose words must be read in the text: all of them where
// there are no buttons, and those that a button would cut.
func (r *Renderer) listed(choices []core.Choice, locale string, caps core.Capabilities, asButtons bool) (out []core.Choice) {
	for _, c := range choices {
		if !asButtons || caps.ButtonLabel > 0 && utf8.RuneCountInString(r.buttonLabel(c, locale)) > caps.ButtonLabel {
			out = append(out, c)
		}
	}
	return out
}

// buttonLabel is what a button says where there is room.
func (r *Renderer) buttonLabel(c core.Choice, locale string) string {
	label := r.label(c, locale, false)
	if c.Digit != "" {
		label = c.Digit + " " + label
	}
	return label
}

// twoColumns is the longest label that may share a row with another.
const twoColumns = 16

// rows lays buttons out in one column, or two where neighbours are short.
func (r *Renderer) rows(choices []core.Choice, locale string, caps core.Capabilities) [][]Button {
	var rows [][]Button
	prevShort := false
	for _, c := range choices {
		label := r.buttonLabel(c, locale)
		if caps.ButtonLabel > 0 {
			label = text.Cut(label, caps.ButtonLabel)
		}
		short := utf8.RuneCountInString(label) <= twoColumns
		b := Button{Label: label, Data: c.ID}
		if n := len(rows); n > 0 && short && prevShort && len(rows[n-1]) == 1 {
			rows[n-1] = append(rows[n-1], b)
			prevShort = false
			continue
		}
		rows = append(rows, []Button{b})
		prevShort = short
	}
	return rows
}

func (r *Renderer) label(c core.Choice, locale string, short bool) string {
	if short && c.Short != "" {
		return c.Short
	}
	if c.Key != "" {
		v := text.Rich
		if short {
			v = text.Short
		}
		return r.messages.Text(locale, v, c.Key, c.Args)
	}
	if short {
		return text.Plain(c.Label)
	}
	return c.Label
}

// markUp gives the lines of a message in the channel's markup. Each line closes
// its own tags, so that a split between lines never breaks them.
func markUp(m text.Message, markup string) []string {
	var lines []string
	var cur strings.Builder
	for _, s := range m.Spans {
		for i, piece := range strings.Split(s.Text, "\n") {
			if i > 0 {
				lines = append(lines, cur.String())
				cur.Reset()
			}
			if piece == "" {
				continue
			}
			esc := escape(piece, markup)
			if s.Bold && markup == "html" {
				esc = boldOn + esc + boldOff
			}
			cur.WriteString(esc)
		}
	}
	return append(lines, cur.String())
}

func escape(s, markup string) string {
	if markup == "html" {
		return html.EscapeString(s)
	}
	return s
}

// splitText joins lines into parts of at most limit characters (0 = no limit). A
// line that is longer than a part on its own is cut, see cutLine.
func splitText(lines []string, limit int, markup string) []string {
	if limit <= 0 {
		return []string{strings.Join(lines, "\n")}
	}
	var parts []string
	var cur strings.Builder
	size := 0
	flush := func() {
		if size > 0 {
			parts = append(parts, cur.String())
			cur.Reset()
			size = 0
		}
	}
	for _, l := range lines {
		for utf8.RuneCountInString(l) > limit {
			flush()
			head, rest := cutLine(l, limit, markup)
			parts = append(parts, head)
			l = rest
		}
		n := utf8.RuneCountInString(l)
		if size > 0 && size+1+n > limit {
			flush()
		}
		if size == 0 && n == 0 {
			continue // a part does not begin with an empty line
		}
		if size > 0 {
			cur.WriteByte('\n')
			size++
		}
		cur.WriteString(l)
		size += n
	}
	flush()
	return parts
}

// The one tag that markUp writes.
const boldOn, boldOff = "<b>", "</b>"

// cutLine cuts a line near limit characters, at a space when there is one in the
// second half. Tags and entities are never torn, and what is bold at the cut ends
// there and goes on behind it: an answer may be as long as its writer likes.
func cutLine(l string, limit int, markup string) (head, rest string) {
	type place struct {
		at   int
		bold bool
	}
	var here, space place
	size, said := 0, 0
	for here.at < len(l) {
		a := atom(l[here.at:], markup)
		bold := a == boldOn && markup == "html" || here.bold && a != boldOff
		need := utf8.RuneCountInString(a)
		if bold {
			need += len(boldOff)
		}
		if size+need > limit && said > 0 {
			break
		}
		size += utf8.RuneCountInString(a)
		here = place{here.at + len(a), bold}
		if a != boldOn && a != boldOff {
			said++
		}
		if a == " " && size > limit/2 {
			space = here
		}
	}
	if space.at > 0 {
		here = space
	}
	head, rest = l[:here.at], l[here.at:]
	if here.bold {
		head, rest = head+boldOff, boldOn+rest
	}
	return head, rest
}

// visible reports whether a part shows anything.
func visible(s, markup string) bool {
	if markup == "html" {
		s = strings.NewReplacer(boldOn, "", boldOff, "").Replace(s)
	}
	return strings.TrimSpace(s) != ""
}

// atom is the first sign of s: a tag, an entity or a character.
func atom(s, markup string) string {
	if markup == "html" {
		for _, tag := range []string{boldOn, boldOff} {
			if strings.HasPrefix(s, tag) {
				return tag
			}
		}
		if s[0] == '&' {
			if end := strings.IndexByte(s, ';'); end > 0 {
				return s[:end+1]
			}
		}
	}
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
