package sms

import (
	"strings"
	"unicode"

	"github.com/motcua/motcua/core/text"
)

// Encoding is the alphabet a message travels in.
type Encoding string

// The alphabets.
const (
	GSM7 Encoding = "gsm7" // 7-bit letters; ^{}\[~]|€ and form feed cost two
	UCS2 Encoding = "ucs2" // UTF-16 code units; an emoji costs two
)

// Limits of one segment, alone and as a part of several.
const (
	gsmSingle, gsmPart = 160, 153
	ucsSingle, ucsPart = 70, 67
)

// Cost is what sending a text costs.
type Cost struct {
	Encoding Encoding
	Units    int // septets of GSM7, code units of UCS2
	Segments int // 0 for an empty text
}

// Count tells what a text costs.
func Count(s string) Cost {
	parts, enc := split(s)
	c := Cost{Encoding: enc, Segments: len(parts)}
	for _, p := range parts {
		c.Units += p.units
	}
	return c
}

// Split cuts a text into the parts that travel as one segment each.
func Split(s string) []string {
	parts, _ := split(s)
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.text
	}
	return out
}

// Fits reports whether s is one GSM-7 segment, the form of every template.
func Fits(s string) bool {
	c := Count(s)
	return c.Encoding == GSM7 && c.Segments <= 1
}

type part struct {
	text  string
	units int
}

func split(s string) ([]part, Encoding) {
	if s == "" {
		return nil, GSM7
	}
	enc, single, each, width := GSM7, gsmSingle, gsmPart, septets
	if _, ok := text.Septets(s); !ok {
		enc, single, each, width = UCS2, ucsSingle, ucsPart, codeUnits
	}
	total := 0
	for _, r := range s {
		total += width(r)
	}
	if total <= single {
		return []part{{s, total}}, enc
	}
	var out []part
	var b strings.Builder
	units := 0
	for _, g := range clusters(s, each, width) {
		if units+g.units > each {
			out = append(out, part{b.String(), units})
			b.Reset()
			units = 0
		}
		b.WriteString(g.text)
		units += g.units
	}
	return append(out, part{b.String(), units}), enc
}

// clusters groups each base character with the marks and joiners that follow it,
// so that a cut never separates them. A run longer than one segment is cut by
// characters.
func clusters(s string, limit int, width func(rune) int) []part {
	var out []part
	join := false
	for _, r := range s {
		w := width(r)
		n := len(out)
		glue := unicode.Is(unicode.M, r) || r == 0x200D || join
		join = r == 0x200D
		if glue && n > 0 && out[n-1].units+w <= limit {
			out[n-1].text += string(r)
			out[n-1].units += w
			continue
		}
		out = append(out, part{string(r), w})
	}
	return out
}

func septets(r rune) int {
	n, _ := text.Septets(string(r))
	return n
}

func codeUnits(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
