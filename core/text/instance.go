package text

import (
	"strings"
	"unicode/utf8"
)

// ShortInstance reports whether s is an instance of the short template of key in l
// (ShortTemplate): its fixed words in their order, and in the place of each
// argument no more characters than are declared for it. Runs of space count as one.
// It is false for fragments, for unknown keys, and for a template with an argument
// of undeclared length, since nobody could register that.
func (c *Catalogue) ShortInstance(l Locale, key, s string) bool {
	e, ok := c.compiled[l][key]
	if !ok || Fragment(key) {
		return false
	}
	pieces := e.short
	if !e.hasShort {
		pieces = append([]piece{{name: keyBrand}, {lit: " "}}, e.rich...)
	}
	i := instance{brand: c.brand(l), pieces: pieces, s: strings.Join(strings.Fields(s), " "), dead: map[[2]int]bool{}}
	return i.from(0, 0)
}

// instance matches a text against the pieces of a template.
type instance struct {
	brand  string
	pieces []piece
	s      string
	dead   map[[2]int]bool // piece and place from which nothing matches
}

// from reports whether the pieces from n on are what stands from at on.
func (i instance) from(n, at int) bool {
	if n == len(i.pieces) {
		return at == len(i.s)
	}
	here := [2]int{n, at}
	if i.dead[here] {
		return false
	}
	p := i.pieces[n]
	if p.option != 0 && (n == 0 || i.pieces[n-1].option != p.option) {
		next := n
		for next < len(i.pieces) && i.pieces[next].option == p.option {
			next++
		}
		if i.from(next, at) {
			return true
		}
	}
	ok := false
	switch p.name {
	case "":
		ok = i.literal(n, at, plainLiteral(p.lit))
	case keyBrand:
		ok = i.literal(n, at, i.brand)
	default:
		ok = i.argument(n, at, p.max)
	}
	i.dead[here] = !ok
	return ok
}

// literal takes fixed words. A space of theirs may have gone at either end of the
// text, or behind an argument that was empty.
func (i instance) literal(n, at int, lit string) bool {
	space := false
	for _, r := range lit {
		if r == ' ' || r == '\n' || r == '\t' {
			if !space && at < len(i.s) && i.s[at] == ' ' {
				at++
			} else if !space && at > 0 && at < len(i.s) && i.s[at-1] != ' ' {
				return false
			}
			space = true
			continue
		}
		space = false
		if !strings.HasPrefix(i.s[at:], string(r)) {
			return false
		}
		at += utf8.RuneLen(r)
	}
	return i.from(n+1, at)
}

// argument takes up to limit characters.
func (i instance) argument(n, at, limit int) bool {
	if limit == 0 {
		return false
	}
	for taken := 0; ; taken++ {
		if i.from(n+1, at) {
			return true
		}
		if at == len(i.s) || taken == limit {
			return false
		}
		_, size := utf8.DecodeRuneInString(i.s[at:])
		at += size
	}
}
