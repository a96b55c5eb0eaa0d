package catalog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// readOutside reads what lies outside the city, which a pack may lack.
func (r *reader) readOutside(files []string) {
	if !slices.Contains(files, outsideName) || !r.decode(outsideName, &r.outside) {
		return
	}
	seen := map[string]string{}
	for i, row := range r.outside.Provinces {
		at := []string{"provinces", itoa(i)}
		r.check(row.Name != "" && row.En != "", outsideName, at, "a province has name and en")
		for _, names := range [][]string{{row.Name}, row.Also, row.Former, row.Towns} {
			for _, name := range names {
				key := text.Fold(name)
				r.check(key != "", outsideName, at, "%q is no name", name)
				r.check(seen[key] == "" || seen[key] == row.Name, outsideName, at, "%q is in %s too", name, seen[key])
				seen[key] = row.Name
			}
		}
	}
}

// addOutside indexes what lies outside the city. A name that some unit of the city
// has is known only with its kind.
func (p *places) addOutside(o outsideFile) {
	for _, row := range o.Provinces {
		shown := Bilingual{Vi: row.Name, En: row.En}
		for _, names := range [][]string{{row.Name}, row.Also, row.Former, row.Towns} {
			for _, name := range names {
				kind, words := splitKind(placeKey(name), abroadKinds())
				exact := exactWords(name)
				joined := strings.Join(words, "")
				_, ward := p.byJoined[joined]
				_, district := p.districtJoined[joined]
				p.outside[joined] = abroad{
					row: shown, exact: strings.Join(exact[len(exact)-len(words):], " "), kind: kind != "" || ward || district, many: len(words) > 1,
				}
				for _, w := range words {
					p.vocabulary[w] = true
				}
			}
		}
	}
}

func abroadKinds() []string { return append(districtKinds(), "tinh") }

// abroad finds the province outside the city that an address ends in, nil when it
// ends in none.
func (a *asked) abroad() *Bilingual {
	const longest = 4 // words of a name
	for _, v := range a.variants {
		for n := 1; n <= 2 && v.end-n > v.start; n++ { // "Can Tho City"
			if kind, m := a.kindAt(v.end-n, v.end, abroadKinds()); m == n && kind != "" {
				v.end -= n
				break
			}
		}
		for s := max(v.start, v.end-longest); s < v.end; s++ {
			a.work.spans++
			out, ok := a.p.outside[a.key(s, v.end, "")]
			if !ok || !a.outsideAt(v, s, out) {
				continue
			}
			return &out.row
		}
	}
	return nil
}

// outsideAt tells whether a name at the end of an address stands for the place
// outside and not for a street or a person named like it.
func (a *asked) outsideAt(v placeVariant, s int, out abroad) bool {
	if exact := a.written(s, v.end); text.Accented(exact) && exact != out.exact {
		return false
	}
	for n := 1; n <= 2 && s-n >= v.start; n++ {
		if kind, m := a.kindAt(s-n, s, abroadKinds()); m == n {
			return kind != ""
		}
	}
	switch {
	case out.kind:
		return false
	case s == v.start, a.words[s].after:
		return true
	}
	return out.many && !a.street(v.start, s) && !slices.Contains([]string{"lo", "duong"}, a.words[s-1].key)
}

// Outside gives the province of today that a query names, when what it names is
// certainly not in the city: a province, or a town or district people know. A
// street named like one is none.
func (c *Catalog) Outside(query string) (Bilingual, bool) {
	if out := c.places.read(query).outside; out != nil {
		return *out, true
	}
	return Bilingual{}, false
}
