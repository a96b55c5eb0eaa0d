package catalog

import "github.com/motcua/motcua/core/form"

// MaxQuestions is how many questions somebody is asked before the checklist is
// shown: what is open then stays "may be needed".
const MaxQuestions = 3

// NextFact gives the fact that is worth asking next: the one that settles most
// papers; of equals the first of the pack. It is nil when nothing is worth asking, or
// when MaxQuestions were answered ("I do not know" is an answer). A fact that
// nearly always holds (Fact.Usual) is never asked: see SpecialFacts.
func (c *Catalog) NextFact(p *Procedure, known map[string]FactValue) *Fact {
	if p.answered(known) >= MaxQuestions {
		return nil
	}
	var next *Fact
	most, worth := 0, c.worth(p, known)
	for i := range p.Facts {
		f := &p.Facts[i]
		if _, ok := known[f.Key]; ok || f.Usual != "" {
			continue
		}
		if worth[f.Key] > most {
			next, most = f, worth[f.Key]
		}
	}
	return next
}

// SpecialFacts gives the special cases that somebody may state besides what is
// asked: facts that nearly always hold, and those left when the questions are over,
// as far as a paper depends on them. In the order of the pack.
func (c *Catalog) SpecialFacts(p *Procedure, known map[string]FactValue) []*Fact {
	over := c.NextFact(p, known) == nil
	var out []*Fact
	for i := range p.Facts {
		f := &p.Facts[i]
		if _, ok := known[f.Key]; !ok && (over || f.Usual != "") && c.matters(p, known, f) {
			out = append(out, f)
		}
	}
	return out
}

// answered counts the questions that were put and answered.
func (p *Procedure) answered(known map[string]FactValue) int {
	n := 0
	for i := range p.Facts {
		if _, ok := known[p.Facts[i].Key]; ok && p.Facts[i].Usual == "" {
			n++
		}
	}
	return n
}

// worth counts the papers that open facts would settle.
func (c *Catalog) worth(p *Procedure, known map[string]FactValue) map[string]int {
	out := map[string]int{}
	for i := range p.Requirements {
		cond := c.conditions[conditionKey{p, p.Requirements[i].Key}]
		if cond == nil {
			continue
		}
		_, open := settle(cond, p, known) // none when the need is settled
		for _, key := range open {
			out[key]++
		}
	}
	return out
}

// matters reports whether the need of a paper would be another one if f were
// otherwise.
func (c *Catalog) matters(p *Procedure, known map[string]FactValue, f *Fact) bool {
	facts := make(map[string]FactValue, len(known)+1)
	for k, v := range known {
		facts[k] = v
	}
	for i := range p.Requirements {
		cond := c.conditions[conditionKey{p, p.Requirements[i].Key}]
		if cond == nil {
			continue
		}
		now, _ := settle(cond, p, known)
		for _, v := range []FactValue{form.FactYes, form.FactNo} {
			facts[f.Key] = v
			if then, _ := settle(cond, p, facts); then != now {
				return true
			}
		}
	}
	return false
}
