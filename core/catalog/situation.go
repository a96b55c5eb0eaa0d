package catalog

import (
	"maps"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
)

// Situation is what somebody says of their own case before anything is filed.
type Situation struct {
	Facts map[string]FactValue
	Day   string // from which the procedure's window is counted: YYYY-MM-DD; "" = not given
}

// CheckSituation says what a procedure cannot take of a situation. Errors: invalid
// with the fields "fact.<key>" and "day".
func (p *Procedure) CheckSituation(s Situation, now time.Time) error {
	var bad []core.Violation
	for _, key := range slices.Sorted(maps.Keys(s.Facts)) {
		_, known := p.fact(key)
		switch v := s.Facts[key]; {
		case !known:
			bad = append(bad, core.Violation{Field: "fact." + key, Key: "field.unknown"})
		case v != FactYes && v != FactNo && v != FactUnknown:
			bad = append(bad, core.Violation{Field: "fact." + key, Key: "field.yesno.unknown"})
		}
	}
	if s.Day != "" {
		v := &core.Violation{Key: "field.unknown"}
		if p.Window != nil {
			v = form.CheckDay(s.Day, now)
		}
		if v != nil {
			v.Field = "day"
			bad = append(bad, *v)
		}
	}
	if len(bad) > 0 {
		return core.Invalid("catalog.situation", bad...)
	}
	return nil
}
