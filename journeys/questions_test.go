package journeys_test

import (
	"regexp"
	"strings"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// catalogue is what a person who knows the forms recognises a question by.
type catalogue struct {
	cat       *catalog.Catalog
	questions []question
}

// question is one way in which something may be asked for.
type question struct {
	kind   string // "field", "fact", "paper"
	key    string
	folded string // the words of the question
}

// procedure is what the journeys file.
const procedure = "1.004873"

func knownQuestions(cat *catalog.Catalog) *catalogue {
	k := &catalogue{cat: cat}
	add := func(kind, key string, forms ...string) {
		for _, s := range forms {
			if f := text.Fold(s); f != "" {
				k.questions = append(k.questions, question{kind, key, f})
			}
		}
	}
	p, _ := cat.Procedure(procedure)
	f, _ := cat.Form(p.Form)
	for _, key := range f.Keys() {
		field, _ := f.Field(key)
		for _, l := range text.Locales() {
			ask, short := field.Question, field.Short
			if ask == (form.Text{}) {
				ask = field.Label
			}
			if short == (form.Text{}) {
				short = field.Label
			}
			add("field", key, ask.In(l), short.In(l))
		}
	}
	for _, fact := range p.Facts {
		for _, l := range text.Locales() {
			add("fact", "fact."+fact.Key, fact.Question.In(l), fact.Short.In(l))
		}
	}
	for _, r := range p.Requirements {
		for _, l := range text.Locales() {
			add("paper", r.Key, r.Name.In(l), r.Short.In(l))
		}
	}
	return k
}

var counter = regexp.MustCompile(`\d+/\d+`)

// recognise finds the question in a message: what follows "Câu 3/14", or
// "Giấy 1/2", begins with its words. The longest fit wins.
func (k *catalogue) recognise(message string) (q question, ok bool) {
	for _, at := range counter.FindAllStringIndex(message, -1) {
		tail := text.Fold(message[at[1]:]) + " "
		for _, known := range k.questions {
			if strings.HasPrefix(tail, known.folded+" ") && len(known.folded) > len(q.folded) {
				q, ok = known, true
			}
		}
	}
	return q, ok
}

// labels gives how the choice that an answer means is written on a button and in
// a short message; empty when the question has no choices.
func (k *catalogue) labels(key, typed string) (long, short []string) {
	if strings.HasPrefix(key, "fact.") {
		for _, c := range []string{"choice.yes", "choice.no", "choice.unknown"} {
			if text.FoldExact(k.cat.Messages().Text(text.VI, text.Rich, c, nil)) != text.FoldExact(typed) {
				continue
			}
			return k.words(c)
		}
		return nil, nil
	}
	p, _ := k.cat.Procedure(procedure)
	f, _ := k.cat.Form(p.Form)
	field, _ := f.Field(key)
	for _, o := range field.Options {
		if text.FoldExact(o.VI) == text.FoldExact(typed) {
			return []string{o.VI, o.EN}, []string{o.Plain(text.VI), o.Plain(text.EN)}
		}
	}
	return nil, nil
}

// words gives a message of the catalogue in both languages.
func (k *catalogue) words(key string) (long, short []string) {
	for _, l := range text.Locales() {
		long = append(long, k.cat.Messages().Text(l, text.Rich, key, nil))
		short = append(short, k.cat.Messages().Text(l, text.Short, key, nil))
	}
	return long, short
}

// paperName gives what a paper is called.
func (k *catalogue) paperName(requirement string) string {
	p, _ := k.cat.Procedure(procedure)
	if r, ok := p.Requirement(requirement); ok {
		return r.Short.In(text.VI)
	}
	return requirement
}
