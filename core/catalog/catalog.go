package catalog

import (
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// Catalog is a loaded data pack. It is immutable.
type Catalog struct {
	manifest   pack.Manifest
	hash       string
	procedures []*Procedure            // newest version of each code, by code
	versions   map[string][]*Procedure // by code, oldest first
	conditions map[conditionKey]*form.Condition
	index      *index
	places     *places
	offices    map[string]Office
	city       CityCentre
	police     Bilingual
	anywhere   anywhere
	calendar   *Calendar
	codes      map[string]form.CodeList
	forms      map[string]*form.Form
	messages   *text.Catalogue
	keywords   []Keyword
	topics     []Topic
}

// Load reads a pack. The error is pack.Issues: everything that is wrong, each
// with its file and line; the Catalog is then nil.
func Load(fsys fs.FS) (*Catalog, error) {
	r := newReader(fsys)
	c := r.read()
	if err := r.issues.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Lint reads a pack and gives everything that is wrong with it, by file and
// line; nothing means that Load succeeds.
func Lint(fsys fs.FS) pack.Issues {
	r := newReader(fsys)
	r.read()
	return r.issues.Sorted()
}

// Manifest gives the pack's id, version and settings.
func (c *Catalog) Manifest() pack.Manifest { return c.manifest }

// Settings gives the facts of the city: brand, hotline, organisation codes.
func (c *Catalog) Settings() pack.Settings { return c.manifest.Settings }

// Hash is the content hash of the pack (pack.ContentHash).
func (c *Catalog) Hash() string { return c.hash }

// Procedures lists the newest version of every procedure, by code.
func (c *Catalog) Procedures() []*Procedure { return slices.Clone(c.procedures) }

// Procedure gives the newest version of a procedure. code may carry the local
// suffix of old portals ("1.004873.000.00.00.H29"), and a local code may be typed
// in any case ("vn-hcm-khai-trinh"). ok is false for a code that
// is not in the pack.
func (c *Catalog) Procedure(code string) (p *Procedure, ok bool) {
	vs := c.versionsOf(code)
	if len(vs) == 0 {
		return nil, false
	}
	return vs[len(vs)-1], true
}

// ProcedureAt gives the version of a procedure in force at a moment.
func (c *Catalog) ProcedureAt(code string, at time.Time) (p *Procedure, ok bool) {
	day := pack.DateOf(at.In(core.City))
	for _, v := range c.versionsOf(code) {
		if v.EffectiveFrom.Compare(day) <= 0 {
			p = v
		}
	}
	return p, p != nil
}

// ProcedureVersion gives one version of a procedure, for drafts and dossiers
// that were started under it.
func (c *Catalog) ProcedureVersion(code, version string) (p *Procedure, ok bool) {
	for _, v := range c.versionsOf(code) {
		if v.Version == version {
			return v, true
		}
	}
	return nil, false
}

func (c *Catalog) versionsOf(code string) []*Procedure {
	kept := NationalCode(code)
	if localCode.MatchString(kept) {
		return c.versions[kept]
	}
	if suffix := strings.TrimPrefix(strings.TrimSpace(code), kept); suffix != "" && !localSuffix(suffix) {
		return nil
	}
	return c.versions[kept]
}

// localSuffix reports whether s is ".000.00.00.H29" or another province's.
func localSuffix(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 5 || parts[0] != "" {
		return false
	}
	for _, p := range parts[1:4] {
		if strings.Trim(p, "0123456789") != "" || p == "" {
			return false
		}
	}
	last := strings.ToUpper(parts[4])
	return len(last) == 3 && last[0] >= 'A' && last[0] <= 'Z' && strings.Trim(last[1:], "0123456789") == ""
}

// Find finds what a citizen's words may mean: names, aliases and life situations
// in both languages, with or without accents, abbreviations, slips of the finger
// and of the ear, words typed together or apart, or a procedure code. A query for
// something that is known and not served here gives that instead. What it costs is
// bounded whatever the query (Work). locale ("vi", "en") breaks ties.
func (c *Catalog) Find(query, locale string, limit int) Found {
	if p, ok := c.named(query); ok && limit > 0 {
		return Found{Hits: []Hit{{p, 1}}, Sure: true}
	}
	if strings.IndexFunc(query, unicode.IsLetter) < 0 {
		return Found{} // a date, a number, a sign
	}
	found, _ := c.index.search(query, locale, limit)
	return found
}

// named gives the procedure whose code a query is or holds.
func (c *Catalog) named(query string) (*Procedure, bool) {
	query = text.Cut(query, maxQueryBytes)
	if p, ok := c.Procedure(query); ok {
		return p, true
	}
	return c.Procedure(codeInText.FindString(query))
}

// Search gives the procedures that Find finds.
func (c *Catalog) Search(query, locale string, limit int) []Hit {
	return c.Find(query, locale, limit).Hits
}

// ResolvePlace finds the units of today that a place name may mean: a unit of
// today, an old ward with or without its old district, or an old district; in a
// whole address or alone, with or without accents, in short forms ("p5 q gv"),
// written together, with small slips, or as a keyboard program that is off leaves
// it. An old ward that was split gives every unit that took a part. Most likely
// first; empty when nothing in the city has that name. The work is bounded
// whatever the query is; one above 400 bytes is no place.
func (c *Catalog) ResolvePlace(query string) []Place { return c.places.resolve(query) }

// Ward gives a unit of today by its code.
func (c *Catalog) Ward(code string) (Ward, bool) {
	w, ok := c.places.wards[code]
	return w, ok
}

// Wards lists the units of today by code.
func (c *Catalog) Wards() []Ward {
	out := make([]Ward, 0, len(c.places.order))
	for _, code := range c.places.order {
		out = append(out, c.places.wards[code])
	}
	return out
}

// OfficeForWard gives the service centre of a unit by the unit's code.
func (c *Catalog) OfficeForWard(code string) (Office, bool) {
	o, ok := c.offices[code]
	return o, ok
}

// CityCentre gives the city's own service centre.
func (c *Catalog) CityCentre() CityCentre { return c.city }

// OrganisationCode gives the code under which a unit numbers its dossiers.
func (c *Catalog) OrganisationCode(ward string) string {
	return c.manifest.Settings.Organisations.For(ward)
}

// Calendar gives the working calendar of the city.
func (c *Catalog) Calendar() *Calendar { return c.calendar }

// CalendarOf gives the working calendar of the office of a unit; the city's for a
// unit that is not known.
func (c *Catalog) CalendarOf(ward string) *Calendar {
	if o, ok := c.offices[ward]; ok {
		return o.calendar
	}
	return c.calendar
}

// Codes gives a named code list: "ethnicity", "nationality".
func (c *Catalog) Codes(name string) (form.CodeList, bool) {
	l, ok := c.codes[name]
	return l, ok
}

// Form gives a compiled form by its id.
func (c *Catalog) Form(id string) (*form.Form, bool) {
	f, ok := c.forms[id]
	return f, ok
}

// Messages gives the pack's message catalogue.
func (c *Catalog) Messages() *text.Catalogue { return c.messages }
