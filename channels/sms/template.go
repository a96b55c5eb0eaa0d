package sms

import "github.com/motcua/motcua/core/text"

// Template is one registered text: operators let nothing else through under a
// brand. Max is the most septets an instance can take.
type Template struct {
	Key    string
	Locale text.Locale
	Text   string // with {name:length} for what varies
	Max    int
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
				out = append(out, Template{Key: key, Locale: l, Text: s, Max: n})
			}
		}
	}
	return out
}
