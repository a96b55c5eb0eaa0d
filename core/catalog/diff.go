package catalog

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/form"
)

// ChangeKind says what became of a procedure, a form or a field.
type ChangeKind string

// The kinds of change.
const (
	ChangeAdded   ChangeKind = "added"
	ChangeRemoved ChangeKind = "removed"
	ChangeChanged ChangeKind = "changed"
)

// Change is one difference between two packs.
type Change struct {
	Kind  ChangeKind `json:"kind"`
	What  string     `json:"what"`            // "timeLimit", "paper identity", "field subject.status type"
	From  string     `json:"from,omitempty"`  // as the older pack has it
	To    string     `json:"to,omitempty"`    // as the newer one has it
	Broke bool       `json:"broke,omitempty"` // what was begun under the older pack cannot go on as it is
}

// ItemDiff is what changed in one procedure or form.
type ItemDiff struct {
	ID      string     `json:"id"` // code of a procedure, id of a form
	Kind    ChangeKind `json:"kind"`
	Changes []Change   `json:"changes,omitempty"`
}

// Diff is what a newer pack does to an older one.
type Diff struct {
	From       string     `json:"from"` // versions of the packs
	To         string     `json:"to"`
	Procedures []ItemDiff `json:"procedures"`
	Forms      []ItemDiff `json:"forms"`
}

// Breaks lists the changes after which something that was begun cannot go on as
// it is: a procedure or a version of it is gone, a question is asked again.
func (d Diff) Breaks() []string {
	var out []string
	for _, list := range [][]ItemDiff{d.Procedures, d.Forms} {
		for _, item := range list {
			if item.Kind == ChangeRemoved {
				out = append(out, item.ID)
			}
			for _, c := range item.Changes {
				if c.Broke {
					out = append(out, item.ID+": "+c.What)
				}
			}
		}
	}
	return out
}

// Compare tells what a newer pack changes: procedures by their newest version,
// versions that are gone, and forms by field. Items come by code and id.
func Compare(older, newer *Catalog) Diff {
	d := Diff{From: older.manifest.Version, To: newer.manifest.Version}
	d.Procedures = items(codesOf(older), codesOf(newer), func(code string) []Change {
		return procedureChanges(older, newer, code)
	})
	d.Forms = items(keysOf(older.forms), keysOf(newer.forms), func(id string) []Change {
		return formChanges(older.forms[id].Definition(), newer.forms[id].Definition())
	})
	return d
}

// items pairs two sorted lists of names.
func items(older, newer []string, changes func(id string) []Change) []ItemDiff {
	out := []ItemDiff{}
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(older), newer...))))
	for _, id := range all {
		item := ItemDiff{ID: id, Kind: ChangeChanged}
		switch {
		case !slices.Contains(newer, id):
			item.Kind = ChangeRemoved
		case !slices.Contains(older, id):
			item.Kind = ChangeAdded
		default:
			if item.Changes = changes(id); len(item.Changes) == 0 {
				continue
			}
		}
		out = append(out, item)
	}
	return out
}

func codesOf(c *Catalog) []string { return keysOf(c.versions) }

func keysOf[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func procedureChanges(older, newer *Catalog, code string) []Change {
	var out []Change
	for _, v := range older.versions[code] {
		if _, ok := newer.ProcedureVersion(code, v.Version); !ok {
			out = append(out, Change{Kind: ChangeRemoved, What: "version " + v.Version, Broke: true})
		}
	}
	a, _ := older.Procedure(code)
	b, _ := newer.Procedure(code)
	says := func(what, from, to string, broke bool) {
		if from != to {
			out = append(out, Change{Kind: ChangeChanged, What: what, From: from, To: to, Broke: broke})
		}
	}
	says("version", a.Version, b.Version, false)
	says("effectiveFrom", a.EffectiveFrom.String(), b.EffectiveFrom.String(), false)
	says("timeLimit", a.TimeLimit.String(), b.TimeLimit.String(), false)
	says("window", a.Window.String(), b.Window.String(), false)
	says("fee", a.Fee.String(), b.Fee.String(), false)
	says("form", a.Form, b.Form, true)
	says("settled", fmt.Sprint(a.Settled), fmt.Sprint(b.Settled), false)
	says("agency", string(a.Agency), string(b.Agency), false)
	says("channels", fmt.Sprint(a.Channels), fmt.Sprint(b.Channels), false)
	says("minAssurance", strconv.Itoa(int(a.Assurance.Level)), strconv.Itoa(int(b.Assurance.Level)), false)
	says("facts", facts(a), facts(b), false)
	return append(out, paperChanges(a, b)...)
}

func facts(p *Procedure) string {
	keys := make([]string, len(p.Facts))
	for i, f := range p.Facts {
		keys[i] = f.Key
	}
	return strings.Join(keys, " ")
}

func paperChanges(a, b *Procedure) []Change {
	var out []Change
	for i := range a.Requirements {
		q := &a.Requirements[i]
		r, ok := b.Requirement(q.Key)
		switch {
		case !ok:
			out = append(out, Change{Kind: ChangeRemoved, What: "paper " + q.Key})
		case q.demand() != r.demand():
			out = append(out, Change{Kind: ChangeChanged, What: "paper " + q.Key, From: q.demand(), To: r.demand()})
		}
	}
	for i := range b.Requirements {
		q := &b.Requirements[i]
		if _, ok := a.Requirement(q.Key); !ok {
			out = append(out, Change{Kind: ChangeAdded, What: "paper " + q.Key, To: q.demand()})
		}
	}
	return out
}

// demand says in one line what a paper asks of the applicant.
func (r *Requirement) demand() string {
	out := fmt.Sprintf("%s, %d originals, %d copies", r.Kind, r.Originals, r.Copies)
	for _, mark := range []struct {
		on   bool
		word string
	}{
		{r.Mandatory, "mandatory"}, {r.ElectronicOK, "electronic"}, {r.Upload, "upload"},
		{len(r.ReplaceableBy) > 0, "replaced by " + strings.Join(r.ReplaceableBy, " ")},
		{r.Group != "", "one of " + r.Group}, {r.When != "", "when " + r.When}, {r.Condition.Vi != "", "when " + r.Condition.Vi},
	} {
		if mark.on {
			out += ", " + mark.word
		}
	}
	return out
}

// String gives "3 working_day", with what follows it.
func (l Limit) String() string {
	out := strconv.Itoa(l.Value) + " " + string(l.Unit)
	if l.CutOff != "" {
		out += " until " + l.CutOff
	}
	if l.Longest != nil {
		out += ", longest " + l.Longest.String()
	}
	return out
}

// String gives "60 day", with the procedure that is offered later; "" without a
// window.
func (w *Window) String() string {
	if w == nil {
		return ""
	}
	out := w.Within.Limit().String()
	if w.LateProcedure != "" {
		out += ", later " + w.LateProcedure
	}
	return out
}

// String gives the figures of a fee: "20000 / copy; from 2026-07-01 online: 0".
func (f Fee) String() string {
	out := strconv.FormatInt(f.Amount, 10)
	if f.Per.En != "" {
		out += " / " + f.Per.En
	}
	for _, i := range f.Items {
		out += fmt.Sprintf("; %s %d", i.Name.En, i.Amount)
	}
	for _, c := range f.City {
		out += "; from " + c.From.String()
		if !c.To.IsZero() {
			out += " to " + c.To.String()
		}
		for _, way := range c.Channels {
			out += " " + string(way)
		}
		out += ": " + strconv.FormatInt(c.Amount, 10)
	}
	return out
}

// formChanges compares the fields of a form by their keys.
func formChanges(a, b form.Definition) []Change {
	var out []Change
	if a.Version != b.Version {
		out = append(out, Change{Kind: ChangeChanged, What: "version", From: a.Version, To: b.Version})
	}
	older, newer := fieldsOf(a), fieldsOf(b)
	for _, key := range older.order {
		f, g := older.byKey[key], newer.byKey[key]
		if g == nil {
			out = append(out, Change{Kind: ChangeRemoved, What: "field " + key, Broke: true})
			continue
		}
		for _, c := range []struct {
			what     string
			from, to string
			broke    bool
		}{
			{"type", f.Type, g.Type, true},
			{"rev", strconv.Itoa(f.Rev), strconv.Itoa(g.Rev), true},
			{"required", strconv.FormatBool(f.Required), strconv.FormatBool(g.Required), g.Required},
			{"when", f.When, g.When, false},
			{"options", options(f), options(g), !keepsOptions(f, g)},
			{"limits", f.Min + " to " + f.Max, g.Min + " to " + g.Max, false},
			{"computed", f.Computed, g.Computed, false},
		} {
			if c.from != c.to {
				out = append(out, Change{Kind: ChangeChanged, What: "field " + key + " " + c.what, From: c.from, To: c.to, Broke: c.broke})
			}
		}
	}
	for _, key := range newer.order {
		if g := newer.byKey[key]; older.byKey[key] == nil {
			out = append(out, Change{Kind: ChangeAdded, What: "field " + key, To: g.Type, Broke: g.Required && g.Computed == ""})
		}
	}
	if len(out) == 0 && !reflect.DeepEqual(a, b) {
		out = append(out, Change{Kind: ChangeChanged, What: "texts"})
	}
	return out
}

type fields struct {
	order []string
	byKey map[string]*form.Field
}

// fieldsOf gives the fields of a form; those of a list are "<group>[].<key>".
func fieldsOf(d form.Definition) fields {
	out := fields{byKey: map[string]*form.Field{}}
	for i := range d.Groups {
		g := &d.Groups[i]
		for j := range g.Fields {
			key := g.Fields[j].Key
			if g.Repeat != nil {
				key = g.Key + "[]." + key
			}
			out.order = append(out.order, key)
			out.byKey[key] = &g.Fields[j]
		}
	}
	return out
}

func options(f *form.Field) string {
	values := make([]string, len(f.Options))
	for i, o := range f.Options {
		values[i] = o.Value
	}
	return strings.Join(values, " ")
}

// keepsOptions reports whether every option of f is one of g, too.
func keepsOptions(f, g *form.Field) bool {
	return !slices.ContainsFunc(f.Options, func(o form.Option) bool {
		return !slices.ContainsFunc(g.Options, func(p form.Option) bool { return p.Value == o.Value })
	})
}
