package catalog

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/core/form"
)

// FactValue is the answer to a Fact.
type FactValue = string

// The answers to a fact.
const (
	FactYes     FactValue = form.FactYes
	FactNo      FactValue = form.FactNo
	FactUnknown FactValue = form.FactUnknown
)

// Need says whether a paper belongs to this applicant's dossier.
type Need string

// The needs.
const (
	Needed      Need = "needed"
	Maybe       Need = "maybe"       // it depends on something not known, or it is optional
	Alternative Need = "alternative" // it may be given instead of another paper of its group
	NotNeeded   Need = "not_needed"
)

// Item is one paper of a checklist.
type Item struct {
	Requirement *Requirement
	Need        Need
	Facts       []string // keys of the unknown facts that would settle a Maybe
	OneOf       bool     // another paper of its group may be given instead
}

// MustUpload reports whether a dossier that is filed from afar is incomplete
// without a picture of this very paper.
func (i Item) MustUpload() bool { return i.MustHave() && !i.OneOf }

// MustHave reports whether a dossier that is filed from afar is incomplete
// without a picture of this paper or of another one of its group.
func (i Item) MustHave() bool {
	return i.Need == Needed && i.Requirement.Uploads() && !i.Requirement.Skippable()
}

// Checklist gives every paper of a procedure in the order of the pack with
// whether it is needed, from what is known of the facts (see FactsFrom). A fact
// that is missing or FactUnknown may be either way: a paper that depends on it
// is Maybe, unless the rest of its condition decides. Of the papers of a group one
// is enough: the first that is needed stays so, the others are an Alternative.
func (c *Catalog) Checklist(p *Procedure, facts map[string]FactValue) []Item {
	items := make([]Item, 0, len(p.Requirements))
	for i := range p.Requirements {
		r := &p.Requirements[i]
		item := Item{Requirement: r, Need: Maybe}
		switch cond := c.conditions[conditionKey{p, r.Key}]; {
		case r.Condition != (Bilingual{}):
			// Prose: nobody but an officer can settle it.
		case cond == nil && r.Mandatory:
			item.Need = Needed
		case cond != nil:
			item.Need, item.Facts = settle(cond, p, facts)
		}
		items = append(items, item)
	}
	groups(items)
	return items
}

// groups makes all papers of a group but the preferred one an Alternative: the
// preferred is the first that is needed, else the first that may be.
func groups(items []Item) {
	preferred, size := map[string]int{}, map[string]int{}
	for i, item := range items {
		g := item.Requirement.Group
		if g == "" || item.Need == NotNeeded {
			continue
		}
		size[g]++
		if first, ok := preferred[g]; !ok || item.Need == Needed && items[first].Need != Needed {
			preferred[g] = i
		}
	}
	for i := range items {
		item := &items[i]
		g := item.Requirement.Group
		if size[g] < 2 || item.Need == NotNeeded {
			continue
		}
		item.OneOf = true
		if preferred[g] != i {
			item.Need, item.Facts = Alternative, nil
		}
	}
}

// Paper finds a paper of a procedure by its key: a requirement, or what the form
// asks for itself.
func (c *Catalog) Paper(p *Procedure, key string) (*Requirement, bool) {
	if r, ok := p.Requirement(key); ok {
		return r, true
	}
	f, ok := c.Form(p.Form)
	if !ok {
		return nil, false
	}
	paper, ok := f.Paper(key)
	if !ok {
		return nil, false
	}
	return formPaper(paper), true
}

// FormPapers lists what a form asks for itself, as papers of a checklist.
func FormPapers(st *form.State) []Item {
	var items []Item
	for _, p := range st.Papers() {
		item := Item{Requirement: formPaper(p), Need: Maybe}
		if p.Needed == form.Yes {
			item.Need = Needed
		}
		items = append(items, item)
	}
	return items
}

func formPaper(p form.Paper) *Requirement {
	both := func(t form.Text) Bilingual { return Bilingual{Vi: t.VI, En: t.EN} }
	return &Requirement{
		Key: p.Key, Name: both(p.Label), Short: both(p.Label), Note: both(p.Help), Kind: KindAttach,
		Mandatory: p.Required, ElectronicOK: true, Single: p.Single,
	}
}

// conditionKey names the compiled When of a requirement.
type conditionKey struct {
	procedure   *Procedure
	requirement string
}

func settle(cond *form.Condition, p *Procedure, stated map[string]FactValue) (Need, []string) {
	facts := form.Facts{}
	var open []string
	for _, key := range cond.Facts() {
		value, ok := stated[key]
		if !ok {
			value = p.usual(key)
		}
		facts[key] = value
		if value != FactYes && value != FactNo {
			open = append(open, key)
		}
	}
	// No condition of a paper depends on the day: facts are about the person.
	switch cond.Eval(nil, facts, time.Time{}) {
	case form.Yes:
		return Needed, nil
	case form.No:
		return NotNeeded, nil
	default:
		return Maybe, open
	}
}

func (p *Procedure) fact(key string) (*Fact, bool) {
	for i := range p.Facts {
		if p.Facts[i].Key == key {
			return &p.Facts[i], true
		}
	}
	return nil, false
}

func (p *Procedure) usual(key string) FactValue {
	if f, ok := p.fact(key); ok && f.Usual != "" {
		return f.Usual
	}
	return FactUnknown
}

// FactsFrom joins what the form's answers say about a procedure's facts with what
// was stated outright. answers are canonical values by field key; what was
// answered in the form wins, so that the two cannot contradict each other.
func (p *Procedure) FactsFrom(answers map[string]any, stated map[string]FactValue) map[string]FactValue {
	out := make(map[string]FactValue, len(p.Facts))
	for _, f := range p.Facts {
		switch v := stated[f.Key]; v {
		case FactYes, FactNo, FactUnknown:
			out[f.Key] = v
		}
		if f.From == nil {
			continue
		}
		answer, ok := answers[f.From.Field]
		if !ok || answer == nil {
			continue
		}
		written := fmt.Sprint(answer)
		for _, v := range f.From.Yes {
			if v == written {
				out[f.Key] = FactYes
			}
		}
		for _, v := range f.From.No {
			if v == written {
				out[f.Key] = FactNo
			}
		}
	}
	return out
}

// OpenFacts gives the facts that are worth asking, in the order of the pack: no
// form field answers them and nobody did yet.
func (p *Procedure) OpenFacts(known map[string]FactValue) []*Fact {
	var out []*Fact
	for i := range p.Facts {
		f := &p.Facts[i]
		if _, ok := known[f.Key]; !ok && f.From == nil && f.Usual == "" {
			out = append(out, f)
		}
	}
	return out
}
