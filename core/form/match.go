package form

import (
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// matcher finds the options that typed words mean. It is made once per field.
type matcher struct {
	options []Option
	forms   [][]formOf // by option
	byValue map[string]int
}

// formOf is one way to write an option.
type formOf struct{ exact, folded string }

func newMatcher(options []Option) *matcher {
	m := &matcher{options: options, forms: make([][]formOf, len(options)), byValue: make(map[string]int, len(options))}
	for i, o := range options {
		m.byValue[o.Value] = i
		for _, s := range append([]string{o.VI, o.EN, o.Short.VI, o.Short.EN, o.Value}, o.Aliases...) {
			if f := (formOf{text.FoldExact(s), text.Fold(s)}); f.folded != "" && !slices.Contains(m.forms[i], f) {
				m.forms[i] = append(m.forms[i], f)
			}
		}
	}
	return m
}

// number reads a reply that is the number of an option: "2", "2.", "(2)",
// "so 2", "chọn 2", full-width digits. ok is false when it is no number.
func number(typed string) (n int, ok bool) {
	w := words(typed)
	for len(w) > 1 && oneOf(w[0], "so", "chon", "cau", "option", "no") {
		w = w[1:]
	}
	if len(w) != 1 || !isDigits(w[0]) || len(w[0]) > 4 || strings.HasPrefix(strings.TrimSpace(typed), "-") {
		return 0, false
	}
	n, err := strconv.Atoi(w[0])
	return n, err == nil
}

// find gives the options that typed may mean, best kind of match only: the
// whole word with accents, without, its beginning, all its words, a near
// spelling.
func (m *matcher) find(typed string) []int {
	exact, folded := text.FoldExact(typed), text.Fold(typed)
	if folded == "" {
		return nil
	}
	tokens := strings.Fields(folded)
	rules := []func(f formOf) bool{
		func(f formOf) bool { return f.exact == exact },
		func(f formOf) bool { return f.folded == folded },
		func(f formOf) bool { return len(folded) >= 2 && strings.HasPrefix(f.folded, folded+" ") },
		func(f formOf) bool { return len(folded) >= 3 && strings.HasPrefix(f.folded, folded) },
		func(f formOf) bool { return len(folded) >= 3 && hasWords(f.folded, tokens) },
		func(f formOf) bool { return len(folded) >= 4 && text.Distance(f.folded, folded, 1) == 1 },
		func(f formOf) bool { return len(folded) >= 8 && text.Distance(f.folded, folded, 2) <= 2 },
	}
	for _, rule := range rules {
		var hits []int
		for i, forms := range m.forms {
			if slices.ContainsFunc(forms, rule) {
				hits = append(hits, i)
			}
		}
		if len(hits) > 0 {
			return hits
		}
	}
	return nil
}

// hasWords reports whether every token is a word of folded.
func hasWords(folded string, tokens []string) bool {
	have := strings.Fields(folded)
	for _, t := range tokens {
		if !slices.Contains(have, t) {
			return false
		}
	}
	return true
}

// parse reads a reply to a list that was shown with numbers.
func (m *matcher) parse(typed string) Outcome {
	if n, ok := number(typed); ok {
		if n < 1 || n > len(m.options) {
			return reject("field.choice.range", "max", itoa(len(m.options)))
		}
		return accept(m.options[n-1].Value)
	}
	return m.parseWords(typed, "field.choice.unknown")
}

// parseWords reads a reply in words.
func (m *matcher) parseWords(typed, unknown string) Outcome {
	hits := m.find(typed)
	switch {
	case len(hits) == 0:
		return reject(unknown, "max", itoa(len(m.options)))
	case len(hits) == 1 && m.agrees(hits[0], typed):
		return accept(m.options[hits[0]].Value)
	case len(hits) > maxCandidates:
		hits = hits[:maxCandidates]
	}
	var cs []Candidate
	for _, i := range hits {
		cs = append(cs, Candidate{Value: m.options[i].Value, Label: Text{m.options[i].VI, m.options[i].EN}})
	}
	return choose("field.choice.several", cs)
}

// agrees reports whether the accents of a typed word fit an option. Whoever
// writes "bà" does not mean "ba", although both fold alike; without accents, or
// in several words, there is nothing to doubt.
func (m *matcher) agrees(option int, typed string) bool {
	if !text.Accented(typed) || len(words(typed)) != 1 {
		return true
	}
	exact := text.FoldExact(typed)
	return slices.ContainsFunc(m.forms[option], func(f formOf) bool { return strings.Contains(f.exact, exact) })
}

// label gives the words of a value.
func (m *matcher) label(v any, l text.Locale) string {
	s, _ := v.(string)
	if i, ok := m.byValue[s]; ok {
		return m.options[i].Label(l)
	}
	return s
}
