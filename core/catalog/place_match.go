package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/motcua/motcua/core/text"
)

// placeWork counts what reading one query took. It is bounded for every query, so
// that nobody can make the look-up slow by what they write.
type placeWork struct {
	spans    int // runs of words looked up as a name
	names    int // entries of the index of pairs touched
	compared int // names compared letter by letter
}

// placeAnswer is what came of a query: places in the city, or something outside.
type placeAnswer struct {
	places  []Place
	outside *Bilingual
	work    placeWork
}

// asked is one reading of a query.
type asked struct {
	p        *places
	words    []placeWord
	loose    bool // names are looked up without their spaces too
	accented bool // the writer uses accents
	old      bool // the query says that it names a former unit
	work     *placeWork
	variants []placeVariant
	near     map[nearKey][]nearName // what was found for a span
}

// placeVariant is the part of the words that names a unit, with what an address
// begins and ends in taken off, and what that said.
type placeVariant struct {
	start, end int
	province   string
	after      []area // by position: the districts that all words from there to the end name
}

// maxVariants bounds how often something is taken off the end of an address: the
// postcode, the country, the city, a former province, a word or two.
const maxVariants = 6

// area are the districts some words name; ok also when there are no words.
type area struct {
	districts []districtName
	ok        bool
	initials  bool // and only initials without a kind say so
}

func (p *places) resolve(query string) []Place { return p.read(query).places }

// read finds what a query means: the names in it as they are written, then as they
// would be without slips, then the nearest ones, then what only its district tells.
func (p *places) read(query string) placeAnswer {
	var out placeAnswer
	if len(query) > maxPlaceRaw {
		return out
	}
	query = text.NFC(query)
	if strings.IndexFunc(query, unicode.IsLetter) < 0 { // "2/2" is a date, a number or a price
		return out
	}
	if len(query) > maxPlaceBytes {
		return out
	}
	var readings []*asked
	for _, loose := range []bool{false, true} {
		words, old := p.wordsOf(query, loose)
		if len(words) == 0 {
			return out
		}
		a := &asked{p: p, words: words, loose: loose, accented: text.Accented(query), old: old, work: &out.work}
		for _, part := range a.renamed() {
			part.split()
			if out.places = part.exact(); len(out.places) > 0 {
				return out
			}
		}
		a.split()
		readings = append(readings, a)
		if out.places = a.exact(); len(out.places) > 0 {
			return out
		}
		if out.outside = a.abroad(); out.outside != nil {
			return out
		}
	}
	for _, find := range []func(*asked) []Place{(*asked).scattered, (*asked).similar, (*asked).areaOnly} {
		if out.places = find(readings[1]); len(out.places) > 0 {
			return out
		}
	}
	return out
}

// renamed gives the parts of a query that tells both names of a unit ("Bến Nghé, nay
// là Sài Gòn"), the one of today first.
func (a *asked) renamed() []*asked {
	for i := 1; i+2 < len(a.words); i++ {
		link := a.words[i].key + " " + a.words[i+1].key
		n := 2
		if link == "truoc day" && a.words[i+2].key == "la" && i+3 < len(a.words) {
			n, link = 3, "truoc la"
		}
		before, behind := *a, *a
		before.words, behind.words = a.words[:i], a.words[i+n:]
		switch link {
		case "nay la", "nay thuoc", "gio la", "thanh phuong", "moi la":
			return []*asked{&behind, &before}
		case "truoc la", "cu la", "xua la":
			return []*asked{&before, &behind}
		}
	}
	return nil
}

// districtsOf reads the words from i to j as a district. Initials without a kind
// count only behind something.
func (a *asked) districtsOf(i, j int, behind bool) area {
	a.work.spans++
	kind, from, to := a.named(i, j, districtKinds())
	if kind == "" && to == from+1 && isNumber(a.words[from].key) {
		return area{} // "1" alone is no district, "Củ Chi" is
	}
	found := a.p.districts[a.key(from, to, " ")]
	if len(found) == 0 && kind != "" {
		if n := numberWords(a.keys(from, to)); n != "" {
			found = a.p.districts[n]
		}
	}
	initials := false
	if len(found) == 0 && (kind != "" || behind) {
		found = a.p.initials[a.key(from, to, "")]
		initials = kind == "" && len(found) > 0
	}
	if len(found) == 0 && a.loose {
		found = a.p.districtJoined[a.key(from, to, "")]
	}
	if len(found) == 0 && kind == "" && to == from+1 { // "hbc": a ward of these initials, or huyện BC
		if kind, rest := shortKind(a.words[from].key); kind != "" {
			found = narrow(a.p.initials[rest], func(d districtName) bool { return d.kind == kind }, true)
		}
	}
	// The kind decides where it is written and some district has it.
	found = narrow(found, func(d districtName) bool { return d.kind == kind }, kind != "")
	return area{found, len(found) > 0, initials}
}

func (a *asked) keys(i, j int) []string {
	out := make([]string, 0, j-i)
	for _, w := range a.words[i:j] {
		out = append(out, w.key)
	}
	return out
}

// exact reads the words as [street…] ward [district], [street…] district ward, or a
// district alone; then what stands behind a comma as ward [district].
func (a *asked) exact() []Place {
	for _, v := range a.variants {
		for s := v.start; s < v.end; s++ {
			if found := a.unitAt(v, s); len(found) > 0 {
				return found
			}
		}
		if whole := v.after[v.start]; v.start < v.end && whole.ok && len(whole.districts) > 0 {
			return a.p.unitsOf(whole.districts)
		}
	}
	for _, v := range a.variants {
		for s := v.start + 1; s < v.end; s++ {
			if !a.words[s].after || a.announced(v.start, s) {
				continue
			}
			for e := v.end; e > s; e-- {
				if v.after[e].ok {
					if found := a.unitsNamed(s, e, v.after[e].districts, v.province); len(found) > 0 {
						return found
					}
				}
			}
		}
	}
	return nil
}

// scattered reads a ward and a district of it with something between them, as a
// street: "phường Bến Nghé, đường Nguyễn Huệ, Quận 1".
func (a *asked) scattered() []Place {
	for _, v := range a.variants {
		for m := v.start + 1; m < v.end; m++ {
			if _, marked := a.kindAt(m, v.end, districtKinds()); !v.after[m].ok || marked == 0 && !a.words[m].after {
				continue
			}
			for s := v.start; s < m; s++ {
				if _, n := a.kindAt(s, m, wardKinds()); n == 0 {
					continue
				}
				for e := min(m, s+a.reach()); e > s; e-- {
					if found := a.unitsNamed(s, e, v.after[m].districts, v.province); len(found) > 0 {
						return found
					}
				}
			}
		}
	}
	return nil
}

// unitAt reads a unit that begins at a position: at the start, announced by its
// kind, or in a district next to it.
func (a *asked) unitAt(v placeVariant, s int) []Place {
	_, announced := a.kindAt(s, v.end, wardKinds())
	first := s == v.start
	for e := min(v.end, s+2*a.reach()); e > s; e-- {
		if !v.after[e].ok {
			continue
		}
		districts := v.after[e].districts
		before := len(districts) == 0 && !first // "quận 10, phường 5"
		if before {
			districts = a.districtBefore(v.start, s, announced > 0)
			if announced == 0 && (a.announced(v.start, s) || a.ends(v, s)) {
				continue // "P. Uyên Hưng, TP. Tân Uyên, Bình Dương"
			}
		}
		if !first && announced == 0 && (len(districts) == 0 || a.street(v.start, s) || isNumber(a.words[s].key)) {
			continue
		}
		found := a.unitsNamed(s, e, districts, v.province)
		if len(found) == 0 && before && announced > 0 {
			found = a.unitsNamed(s, e, nil, v.province)
		}
		if len(found) == 0 {
			continue
		}
		if first && e == v.end && announced == 0 {
			found = a.withDistrict(found, v)
		}
		return found
	}
	return nil
}

// ends tells whether the words from a position on only end an address.
func (a *asked) ends(v placeVariant, s int) bool {
	n, _ := a.tail(v.start, v.end)
	return n > 0 && n == v.end-s
}

// districtBefore gives the district that ends right before a position, announced by
// its kind or followed by a ward that is.
func (a *asked) districtBefore(start, s int, announced bool) []districtName {
	for k := max(start, s-a.reach()); k < s; k++ {
		if _, n := a.kindAt(k, s, districtKinds()); n == 0 && k > start && !a.words[k].after && !announced {
			continue
		}
		if d := a.districtsOf(k, s, k > start); d.ok {
			return d.districts
		}
	}
	return nil
}

// street tells whether what begins at a position without its kind goes on a street:
// behind a house number or a word for a street.
func (a *asked) street(start, s int) bool {
	if s == start || a.words[s].after {
		return false
	}
	before := a.words[s-1].key
	switch before {
	case "duong", "hem", "ngo", "kiet", "cau", "cho", "cu", "lo", "pho", "nga":
		return true
	}
	if len(before) == 0 || before[0] < '0' || before[0] > '9' {
		return false
	}
	if s-2 >= start {
		switch a.words[s-2].key {
		case "quan", "ap", "to", "kp", "pho", "khoi", "phuong", "thon":
			return false
		}
	}
	return true
}

// announced tells whether some words hold a ward by its kind, so that what stands
// behind them is not the ward.
func (a *asked) announced(from, to int) bool {
	for i := from; i < to; i++ {
		if _, n := a.kindAt(i, to, wardKinds()); n > 0 {
			return true
		}
	}
	return false
}

// unitsNamed finds the wards, new and old, that the words from i to j name.
func (a *asked) unitsNamed(i, j int, districts []districtName, province string) []Place {
	a.work.spans++
	kind, from, to := a.named(i, j, wardKinds())
	number := to == from+1 && isNumber(a.words[from].key)
	if kind == "" && number && len(districts) == 0 {
		return nil // a bare number is no ward
	}
	entries := a.p.byName[a.key(from, to, " ")]
	if len(entries) == 0 && kind != "" { // "xã" may be the first word of a name
		if n := numberWords(a.keys(from, to)); n != "" {
			entries = a.p.byName[n]
		} else {
			entries = a.p.byName[a.key(i, j, " ")]
		}
	}
	if len(entries) == 0 && a.loose {
		entries = a.p.byJoined[a.key(from, to, "")]
	}
	if len(entries) == 0 && len(districts) > 0 && (kind != "" || len(a.key(from, to, "")) > 2) { // "P. BThành, Q1"
		entries = a.p.wardShort[a.key(from, to, "")]
	}
	entries = a.fitting(entries, kind, from, to, districts, province)
	return a.p.collect(entries, len(districts) > 0 || a.old)
}

// fitting keeps the entries that agree with what else the query says. Only the
// district must agree: a wrong kind, accent or province must not hide the only
// answer.
func (a *asked) fitting(entries []placeName, kind string, from, to int, districts []districtName, province string) []placeName {
	if len(entries) == 0 {
		return nil
	}
	if len(districts) > 0 {
		entries = slices.DeleteFunc(slices.Clone(entries), func(e placeName) bool { return !a.p.inDistricts(e, districts) })
	}
	entries = narrow(entries, func(e placeName) bool { return e.kind == kind }, kind != "")
	entries = narrow(entries, func(e placeName) bool { return a.p.inProvince(e, province) }, province != "")
	entries = narrow(entries, func(e placeName) bool { return e.old }, a.old)
	exact := ""
	if a.accented {
		exact = a.written(from, to)
	}
	return narrow(entries, func(e placeName) bool { return e.exact == exact }, exact != "")
}

// written gives the words from i to j with their accents.
func (a *asked) written(i, j int) string {
	out := make([]string, 0, j-i)
	for _, w := range a.words[i:j] {
		if w.exact == "" {
			return ""
		}
		out = append(out, w.exact)
	}
	return strings.Join(out, " ")
}

// narrow keeps the entries that fit, when asked to and when any fits.
func narrow[T any](entries []T, fits func(T) bool, asked bool) []T {
	if !asked || !slices.ContainsFunc(entries, fits) {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e T) bool { return !fits(e) })
}

func (p *places) inDistricts(e placeName, districts []districtName) bool {
	return slices.ContainsFunc(districts, func(d districtName) bool {
		if e.old {
			return e.district == d.code
		}
		return slices.Contains(p.district[d.code].To, e.code)
	})
}

func (p *places) inProvince(e placeName, province string) bool {
	if e.old {
		return p.district[e.district].Province == province
	}
	return slices.Contains(p.province[e.code], province)
}

// collect turns entries into places. Without a district a name of today wins
// over the old ward of the same name that became part of it; with a district,
// which no longer exists, the old name is what the person meant.
func (p *places) collect(entries []placeName, oldFirst bool) []Place {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b placeName) int {
		if a.old != b.old && a.old == oldFirst {
			return -1
		}
		if a.old != b.old {
			return 1
		}
		return strings.Compare(a.code, b.code)
	})
	var out []Place
	for i, e := range entries {
		covered := slices.ContainsFunc(entries[:i], func(prev placeName) bool {
			return prev.old != e.old && slices.ContainsFunc(e.to, func(code string) bool { return slices.Contains(prev.to, code) })
		})
		if covered {
			continue
		}
		note := PlaceExact
		if len(e.to) > 1 {
			note = PlaceSplit
		}
		for _, code := range e.to {
			out = appendPlace(out, Place{Code: code, Name: p.wards[code].FullName(), Matched: e.full, Old: e.old, Note: note})
		}
	}
	return out
}

func appendPlace(out []Place, place Place) []Place {
	if slices.ContainsFunc(out, func(o Place) bool { return o.Code == place.Code }) {
		return out
	}
	return append(out, place)
}

// withDistrict adds the units of a district that has the same bare name as a
// ward: "gò vấp" may mean the new ward or the old district.
func (a *asked) withDistrict(found []Place, v placeVariant) []Place {
	for _, place := range a.p.unitsOf(v.after[v.start].districts) {
		found = appendPlace(found, place)
	}
	return found
}

// unitsOf lists the units of today in old districts.
func (p *places) unitsOf(districts []districtName) []Place {
	var out []Place
	for _, d := range districts {
		for _, code := range p.district[d.code].To {
			out = appendPlace(out, Place{Code: code, Name: p.wards[code].FullName(), Matched: d.shown, Old: true, Note: PlaceDistrict})
		}
	}
	return out
}

// areaOnly reads an unknown ward or street before a known district: it still says
// which district ("phường 7, Gò Vấp", a number that was given up earlier).
func (a *asked) areaOnly() []Place {
	for _, v := range a.variants {
		announced := a.announced(v.start, v.end)
		for e := v.start; e < v.end; e++ {
			if after := v.after[e]; !after.ok || after.initials && !isNumber(a.words[e-1].key) {
				continue // "từ" is no Tân Uyên, but "p7 gv" is in Gò Vấp
			}
			_, marked := a.kindAt(e, v.end, districtKinds())
			house := a.words[v.start].key[0] >= '0' && a.words[v.start].key[0] <= '9'
			if announced || a.words[e].after || marked > 0 && house {
				return a.p.unitsOf(v.after[e].districts)
			}
		}
	}
	return nil
}
