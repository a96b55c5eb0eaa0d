package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// anywhereRow names procedures whose dossiers every unit of the city takes in,
// wherever the applicant lives (phi địa giới), by code or by who decides.
type anywhereRow struct {
	Procedures []string     `yaml:"procedures"`
	Agencies   []AgencyKind `yaml:"agencies"`
	Source     string       `yaml:"source"`
	Confidence Confidence   `yaml:"confidence"`
}

// Intake says whose dossiers of a procedure an office takes in.
type Intake string

// The kinds of intake.
const (
	IntakeAnywhere Intake = "anywhere"  // boundary-free: any unit of the city takes it in
	IntakeOwn      Intake = "residents" // the unit where the applicant lives
	IntakePolice   Intake = "police"    // the police of a unit; the pack says nothing of residence
	IntakeOnline   Intake = "online"    // no office: it is filed online only
)

// Competence says who deals with a procedure in a unit.
type Competence struct {
	Office  Office    // service centre of the unit
	Counter Bilingual // who takes the dossier in: the service centre or the unit's police; empty when nobody does
	Decides Bilingual // who decides when that is not a unit: a department of the city; else empty
	Intake  Intake
	// Centre says that the city's own service centre takes it in as well, wherever
	// the applicant lives.
	Centre bool
}

// CompetentOffice says where in a unit a procedure's dossier is taken in and who
// decides it. ok is false for a unit that is not known.
func (c *Catalog) CompetentOffice(p *Procedure, ward string) (Competence, bool) {
	o, ok := c.offices[ward]
	if !ok {
		return Competence{}, false
	}
	out := Competence{Office: o, Counter: o.Name, Intake: c.intake(p)}
	if p.Level == LevelCity {
		out.Decides = p.AgencyName
	}
	switch out.Intake {
	case IntakeOnline:
		out.Counter = Bilingual{}
	case IntakePolice:
		out.Counter = named(c.police, o.Ward)
	default:
		out.Centre = c.city.Anywhere
	}
	return out, true
}

// intake says whose dossiers of a procedure every unit takes in.
func (c *Catalog) intake(p *Procedure) Intake {
	switch {
	case !p.Files(FileInPerson):
		return IntakeOnline
	case c.anywhere.has(p):
		return IntakeAnywhere
	case p.Agency == AgencyPolice:
		return IntakePolice
	}
	return IntakeOwn
}

// anywhere is what the rows say, by code and by authority.
type anywhere []anywhereRow

func (a anywhere) has(p *Procedure) bool {
	return slices.ContainsFunc(a, func(r anywhereRow) bool {
		return slices.Contains(r.Procedures, p.Code) || slices.Contains(r.Agencies, p.Agency)
	})
}

// FieldCount is how many procedures of a field are handled somewhere.
type FieldCount struct {
	Field Bilingual
	Count int
}

// Handled lists what the service centre of a unit takes in, by field, the most
// first: every procedure that is filed in person there, of the unit or of the city.
// Those of the unit's police are not among them. It is the same for all units.
func (c *Catalog) Handled() []FieldCount {
	byField := map[string]*FieldCount{}
	for _, p := range c.procedures {
		if !p.Files(FileInPerson) || p.Agency == AgencyPolice {
			continue
		}
		if byField[p.Field.Vi] == nil {
			byField[p.Field.Vi] = &FieldCount{Field: p.Field}
		}
		byField[p.Field.Vi].Count++
	}
	out := make([]FieldCount, 0, len(byField))
	for _, f := range byField {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b FieldCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Field.Vi, b.Field.Vi))
	})
	return out
}
