package catalog

import (
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
)

// Guide is what one applicant has to know before filing: the same on every
// channel.
type Guide struct {
	Items   []Item  // every paper with whether this applicant needs it
	Next    *Fact   // worth asking; nil when nothing is
	Special []*Fact // special cases that may be stated besides
	Way     FilingChannel
	Fee     Fee       // asked that day of those who file in that way
	DueAt   time.Time // result of what is filed at that moment
}

// Guide puts together what is known of a case: facts as they were stated, the ward
// whose calendar counts ("" = the city's), and the moment of filing.
func (c *Catalog) Guide(p *Procedure, facts map[string]FactValue, ward string, filed time.Time) Guide {
	way := p.Way()
	return Guide{
		Items: c.Checklist(p, facts), Next: c.NextFact(p, facts), Special: c.SpecialFacts(p, facts),
		Way: way, Fee: p.FeeAt(pack.DateOf(filed.In(core.City)), way),
		DueAt: c.CalendarOf(ward).Deadline(p.TimeLimit, filed),
	}
}

// Way is how most people file: online where that is allowed, else at the counter.
func (p *Procedure) Way() FilingChannel {
	if p.Files(FileOnline) {
		return FileOnline
	}
	return FileInPerson
}
