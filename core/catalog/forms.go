package catalog

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// refs hands a form the facts of the city it needs.
func (r *reader) refs(p *places) form.Refs {
	return form.Refs{
		ResolvePlace: func(query string) []form.Place {
			found := p.resolve(query)
			out := make([]form.Place, len(found))
			for i, f := range found {
				w := p.wards[f.Code]
				out[i] = form.Place{Code: f.Code, Name: form.Text{VI: f.Name, EN: w.En}, Exact: f.Note == PlaceExact || f.Note == PlaceSplit}
				if f.Old {
					out[i].Old = f.Matched
				}
			}
			return out
		},
		Outside: func(query string) (form.Text, bool) {
			out := p.read(query).outside
			if out == nil {
				return form.Text{}, false
			}
			return form.Text{VI: out.Vi, EN: out.En}, true
		},
		PlaceName: func(code string, l text.Locale) (string, bool) {
			w, ok := p.wards[code]
			if !ok {
				return "", false
			}
			if l == text.EN {
				return w.En, true
			}
			return w.FullName(), true
		},
		Codes: func(list string) ([]form.Option, bool) {
			l, ok := r.codes[list]
			return l.Codes, ok
		},
	}
}

// readForms compiles the forms and keeps their fields for the procedures' lint.
func (r *reader) readForms(files []string, p *places) {
	refs := r.refs(p)
	for _, f := range files {
		compiled, err := form.Load(r.fsys, f, refs)
		if err != nil {
			r.issues = append(r.issues, pack.AsIssues(f, err)...)
			// A procedure that uses it has no issue of its own.
			id := strings.TrimSuffix(path.Base(f), ".yaml")
			r.forms[id] = nil
			continue
		}
		id := compiled.ID()
		r.check(id == strings.TrimSuffix(path.Base(f), ".yaml"), f, []string{"id"}, "the form must be named like its file")
		if _, twice := r.forms[id]; twice {
			r.fail(f, []string{"id"}, "there are two forms %q", id)
		}
		r.checkQuestions(f, compiled.Definition())
		r.forms[id] = compiled
		fields := map[string]form.Field{}
		for _, key := range compiled.Keys() {
			fields[key], _ = compiled.Field(key)
		}
		r.formFields[id] = fields
	}
}

// compileCondition compiles when a paper is needed and notes the facts it uses.
func (r *reader) compileCondition(p *Procedure, q *Requirement, at []string, used map[string]bool) (ok bool) {
	for _, m := range factName.FindAllStringSubmatch(q.When, -1) {
		if _, declared := p.fact(m[1]); !declared {
			r.fail(p.file, at, "there is no fact %q in this procedure", m[1])
			return false
		}
	}
	cond, err := r.compile(q.When)
	if err != nil {
		r.fail(p.file, at, "the condition cannot be read: %s", causeOf(err))
		return false
	}
	for _, name := range cond.Facts() {
		_, declared := p.fact(name)
		r.check(declared, p.file, at, "there is no fact %q in this procedure", name)
		used[name] = true
	}
	r.check(len(cond.Facts()) > 0, p.file, at, "the condition depends on no fact: leave it out")
	r.conditions[conditionKey{p, q.Key}] = cond
	return true
}

// factName finds the facts that a condition names.
var factName = regexp.MustCompile(`\bfacts\.(\w+)`)

// compile compiles a condition over the facts of all procedures: their names
// share one environment, so that a pack of thousands loads at once.
func (r *reader) compile(when string) (*form.Condition, error) {
	if r.language == nil {
		var names []string
		for _, p := range r.procedures {
			for _, f := range p.Facts {
				if keyPattern.MatchString(f.Key) {
					names = append(names, f.Key)
				}
			}
		}
		slices.Sort(names)
		language, err := form.NewConditions(slices.Compact(names), nil)
		if err != nil {
			return nil, err
		}
		r.language = language
		r.environments++
	}
	return r.language.Compile(when)
}

// causeOf gives what a compile error says to the author of a pack.
func causeOf(err error) string {
	if cause := errors.Unwrap(err); cause != nil {
		return cause.Error()
	}
	return err.Error()
}
