package catalog

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/motcua/motcua/core/form"
)

// The longest sentences a citizen is given to read, in words.
const (
	maxWordsVi = 20
	maxWordsEn = 25
)

var (
	// legalNumber finds the number or article of a law.
	legalNumber = regexp.MustCompile(`\d+/\d{4}/|NĐ-CP|TT-B|QĐ-TTg|Điều \d|[Kk]hoản \d|\b[Aa]rticle \d|\b[Dd]ecree \d`)
	// fullStop ends a sentence: not in "1.001193" nor in "8.000 đồng".
	fullStop = regexp.MustCompile(`[.!?:;]+(?:\s+|$)`)
)

// readable checks a text that a citizen reads: short sentences, no number of a
// law, no worn courtesy, nothing shouted.
func (r *reader) readable(b Bilingual, file string, at ...string) {
	for _, l := range []struct {
		key, text string
		most      int
	}{{"vi", b.Vi, maxWordsVi}, {"en", b.En, maxWordsEn}} {
		here := append(at[:len(at):len(at)], l.key)
		if len(strings.Fields(l.text)) > l.most { // else no sentence of it is too long
			for _, sentence := range fullStop.Split(l.text, -1) {
				n := len(strings.Fields(sentence))
				r.check(n <= l.most, file, here, "a sentence of %d words, at most %d are allowed: %q", n, l.most, sentence)
			}
		}
		if strings.ContainsAny(l.text, "0123456789-") { // else it names no law
			m := legalNumber.FindString(l.text)
			r.check(m == "", file, here, "the number of a law (%s) is not for citizens to read", m)
		}
		r.check(!strings.Contains(strings.ToLower(l.text), "vui lòng"), file, here, `"vui lòng" is left out: say what to do`)
		r.check(!shouted(l.text), file, here, "whole words in capital letters are hard to read")
	}
}

// shouted reports whether two words that follow each other are in capital
// letters. One alone is an abbreviation: "UBND", "CT07".
func shouted(s string) bool {
	before := false
	for _, word := range strings.Fields(s) {
		letters := 0
		caps := strings.IndexFunc(word, func(r rune) bool {
			if unicode.IsLetter(r) {
				letters++
			}
			return unicode.IsLower(r)
		}) < 0 && letters > 1
		if caps && before {
			return true
		}
		before = caps
	}
	return false
}

// checkTexts checks what citizens read first of a procedure, and what it asks.
func (r *reader) checkTexts(p *Procedure) {
	r.readable(p.Summary, p.file, "summary")
	r.readable(p.Tip, p.file, "tip")
	for i, f := range p.Facts {
		r.readable(f.Question, p.file, "facts", itoa(i), "question")
	}
	for i, step := range p.InPerson {
		r.readable(step, p.file, "inPerson", itoa(i))
	}
}

// checkQuestions checks what a form asks.
func (r *reader) checkQuestions(file string, d form.Definition) {
	for i, g := range d.Groups {
		for j, f := range g.Fields {
			r.readable(Bilingual{Vi: f.Question.VI, En: f.Question.EN}, file, "groups", itoa(i), "fields", itoa(j), "question")
		}
	}
}

// ProseCondition is a paper of which only an officer can tell when it is needed.
type ProseCondition struct {
	Procedure *Procedure
	Paper     *Requirement
}

// Prose lists the papers whose condition is still prose, by procedure. None is of
// a procedure with a form of its own.
func (c *Catalog) Prose() []ProseCondition {
	var out []ProseCondition
	for _, p := range c.procedures {
		for i := range p.Requirements {
			if q := &p.Requirements[i]; q.Condition != (Bilingual{}) {
				out = append(out, ProseCondition{p, q})
			}
		}
	}
	return out
}
