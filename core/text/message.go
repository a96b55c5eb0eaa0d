package text

import (
	"strconv"
	"strings"
)

// Locale is a language tag of the product: VI or EN.
type Locale = string

// The languages. Vietnamese is the one that is always there.
const (
	VI Locale = "vi"
	EN Locale = "en"
)

// Locales lists the languages a message must exist in.
func Locales() []Locale { return []Locale{VI, EN} }

// Variant is a form of a message, named by what the channel can carry.
type Variant = string

// The variants.
const (
	Rich   Variant = "rich"   // accents, **bold**, several lines
	Short  Variant = "short"  // one GSM-7 segment: plain ASCII, ≤ 160 septets, brand first
	Screen Variant = "screen" // a public screen seen from a step away
	Spoken Variant = "spoken" // read aloud: no signs, no markup
)

// Entry is one message in one language. Rich alone is enough; an "error." key
// has What, Fix and Exit instead (what happened, what to do, a way out), from
// which its other variants are made.
//
// Syntax of every text:
//   - {name} is replaced by the argument name;
//   - {name:24} also declares that the value takes at most 24 characters, and
//     cuts a longer one; required in Short;
//   - {name:24!} declares the length but never cuts (codes, links, digits);
//   - [[ … {name} … ]] is left out when one of its arguments is empty;
//   - **words** are bold where the channel can.
type Entry struct {
	Rich, Short, Screen, Spoken string
	What, Fix, Exit             string
}

// Span is a run of text of one weight.
type Span struct {
	Text string
	Bold bool
}

// Message is a rendered message. Markup inside argument values is not markup:
// it stays as typed inside Text, and the adapter escapes it.
type Message struct{ Spans []Span }

// String joins the spans without markup.
func (m Message) String() string {
	var b strings.Builder
	for _, s := range m.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// piece is a parsed part of a template.
type piece struct {
	lit    string // literal text, or
	name   string // a placeholder
	max    int    // declared characters; 0 = undeclared
	keep   bool   // never cut
	bold   bool
	option int // 1-based number of the optional block it stands in; 0 = none
}

// parse reads a template. Problems are returned as short texts for the lint.
func parse(s string) (pieces []piece, problems []string) {
	var lit strings.Builder
	bold, option, options := false, 0, 0
	flush := func() {
		if lit.Len() > 0 {
			pieces = append(pieces, piece{lit: lit.String(), bold: bold, option: option})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, "**"):
			flush()
			bold = !bold
			i += 2
		case strings.HasPrefix(rest, "[["):
			flush()
			if option != 0 {
				problems = append(problems, "optional block inside an optional block")
			}
			options++
			option = options
			i += 2
		case strings.HasPrefix(rest, "]]"):
			flush()
			if option == 0 {
				problems = append(problems, "]] without [[")
			}
			option = 0
			i += 2
		case rest[0] == '{':
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				problems = append(problems, "{ without }")
				lit.WriteByte('{')
				i++
				continue
			}
			flush()
			p, problem := placeholder(rest[1:end])
			if problem != "" {
				problems = append(problems, problem)
			}
			p.bold, p.option = bold, option
			pieces = append(pieces, p)
			i += end + 1
		case rest[0] == '}':
			problems = append(problems, "} without {")
			lit.WriteByte('}')
			i++
		default:
			lit.WriteByte(rest[0])
			i++
		}
	}
	flush()
	if bold {
		problems = append(problems, "** is not closed")
	}
	if option != 0 {
		problems = append(problems, "[[ is not closed")
	}
	return pieces, problems
}

// brandMax is the longest brand with its colon: an alphanumeric sender has at
// most 11 characters (GSM 03.38).
const brandMax = 12

func placeholder(s string) (piece, string) {
	name, limit, has := strings.Cut(s, ":")
	p := piece{name: name}
	if name == "brand" {
		p.max, p.keep = brandMax, true
	}
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return p, "placeholder {" + s + "} has no proper name"
	}
	if has {
		limit, p.keep = strings.CutSuffix(limit, "!")
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 {
			return p, "placeholder {" + s + "} has no proper length"
		}
		p.max = n
	}
	return p, ""
}

// fill renders pieces with args. plain also de-accents and cuts to the declared
// lengths, which bounds the result.
func fill(pieces []piece, args map[string]string, plain bool) Message {
	var drop map[int]bool
	for _, p := range pieces {
		if p.option != 0 && p.name != "" && args[p.name] == "" {
			if drop == nil {
				drop = map[int]bool{}
			}
			drop[p.option] = true
		}
	}
	var m Message
	for _, p := range pieces {
		if drop[p.option] && p.option != 0 {
			continue
		}
		t := p.lit
		if p.name != "" {
			t = args[p.name]
			if plain {
				t = Plain(t)
			}
			if p.max > 0 && !p.keep {
				t = Cut(t, p.max)
			}
		} else if plain {
			t = plainLiteral(t)
		}
		if t == "" {
			continue
		}
		if n := len(m.Spans); n > 0 && m.Spans[n-1].Bold == p.bold {
			m.Spans[n-1].Text += t
			continue
		}
		m.Spans = append(m.Spans, Span{Text: t, Bold: p.bold})
	}
	return m
}

// plainLiteral is Plain with the outer spaces of a literal kept, since they
// separate it from its neighbours.
func plainLiteral(s string) string {
	core := Plain(s)
	if s != "" && (s[0] == ' ' || s[0] == '\n') && core != "" && core[0] != '\n' {
		core = " " + core
	}
	if s != "" && s[len(s)-1] == ' ' && core != " " {
		core += " "
	}
	if strings.TrimSpace(s) == "" {
		return s
	}
	return core
}

// Cut shortens s to at most max characters, the last two of them ".." when
// something was cut and there is room to say so.
func Cut(s string, max int) string {
	r := []rune(s)
	if len(r) <= max {
		return s
	}
	if max < 4 {
		return string(r[:max])
	}
	return strings.TrimRight(string(r[:max-2]), " ,.;:") + ".."
}
