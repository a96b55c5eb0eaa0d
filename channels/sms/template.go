package sms

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// Template is one registered text: operators let nothing else through under a
// brand. Max is the most septets an instance can take.
type Template struct {
	Key       string      `json:"id"`
	Locale    text.Locale `json:"locale"`
	Text      string      `json:"text"`      // with {name:length} for what varies
	Variables []string    `json:"variables"` // "name:length", in the order of the text
	Max       int         `json:"septets"`
	Sample    string      `json:"sample"` // every variable at its longest
}

var variable = regexp.MustCompile(`\{([A-Za-z0-9_]+)(?::([0-9]+)!?)?\}`)

// describe fills in what follows from the text.
func (t *Template) describe(c *text.Catalogue) {
	args := map[string]string{}
	t.Variables = []string{}
	for _, m := range variable.FindAllStringSubmatch(t.Text, -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil || m[1] == "brand" {
			continue // the brand is the installation's own
		}
		args[m[1]] = strings.Repeat("x", n)
		t.Variables = append(t.Variables, m[1]+":"+m[2])
	}
	t.Sample = c.Text(t.Locale, text.Short, t.Key, args)
}

// Templates lists the short texts of a catalogue in the order of their keys, for
// registration with an operator.
func Templates(c *text.Catalogue) []Template {
	var out []Template
	for _, key := range c.Keys() {
		if text.Fragment(key) {
			continue
		}
		for _, l := range text.Locales() {
			if s, n, ok := c.ShortTemplate(l, key); ok {
				t := Template{Key: key, Locale: l, Text: s, Max: n}
				t.describe(c)
				out = append(out, t)
			}
		}
	}
	return out
}
