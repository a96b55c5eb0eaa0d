package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// wardsFile, oldWardsFile and districtsFile are the files of places/.
type wardsFile struct {
	Basis string    `yaml:"basis"`
	Wards []wardRow `yaml:"wards"`
}

type wardRow struct {
	Code string `yaml:"code"`
	Name string `yaml:"name"` // without the kind: "Sài Gòn"
	Kind string `yaml:"kind"` // phuong, xa, dac_khu
	En   string `yaml:"en"`
}

type oldWardsFile struct {
	Basis string       `yaml:"basis"`
	Wards []oldWardRow `yaml:"wards"`
}

type oldWardRow struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"` // with the kind: "Phường Bến Nghé"
	District string   `yaml:"district"`
	To       []string `yaml:"to"` // units that took it over; several when it was split
}

type districtsFile struct {
	Basis     string        `yaml:"basis"`
	Districts []districtRow `yaml:"districts"`
	City      []string      `yaml:"city"` // other ways to write the city and the provinces it took in
}

type districtRow struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"`
	Province string   `yaml:"province"`
	To       []string `yaml:"to"`
	Also     []string `yaml:"also"` // earlier names
}

// WardKind is the kind of a commune-level unit.
type WardKind string

// The kinds of unit since 1 July 2025.
const (
	WardPhuong WardKind = "phuong"
	WardXa     WardKind = "xa"
	WardZone   WardKind = "dac_khu"
)

// Ward is a commune-level unit of today: phường, xã or đặc khu.
type Ward struct {
	Code string // GSO code, five digits
	Name string // without the kind: "Sài Gòn"
	Kind WardKind
	En   string // "Sai Gon Ward"
}

// FullName gives the official name with its kind: "Phường Sài Gòn".
func (w Ward) FullName() string { return kindTitle(w.Kind) + " " + w.Name }

func kindTitle(k WardKind) string {
	switch k {
	case WardXa:
		return "Xã"
	case WardZone:
		return "Đặc khu"
	default:
		return "Phường"
	}
}

// PlaceNote says how a place answers a query, where that needs saying.
type PlaceNote string

// The notes on a place.
const (
	PlaceExact    PlaceNote = ""         // the query names it, or an old ward that went whole into it
	PlaceSplit    PlaceNote = "split"    // an old ward of which only a part went into it
	PlaceDistrict PlaceNote = "district" // the query names an old district it was part of
	PlaceSimilar  PlaceNote = "similar"  // the query is misspelt; this is the nearest name
)

// Place is one unit of today that a query may mean.
type Place struct {
	Code    string // of the unit of today
	Name    string // its full name
	Matched string // the name that was recognised: "Phường Bến Nghé, Quận 1"
	Old     bool   // Matched is a name from before 1 July 2025
	Note    PlaceNote
}

// places is the index behind ResolvePlace. It is immutable.
type places struct {
	wards     map[string]Ward
	order     []string
	byName    map[string][]placeName // folded name without kind
	names     []string               // keys of byName, sorted, for misspellings
	district  map[string]districtRow
	districts map[string][]districtName // folded name without kind
	city      [][]string                // folded words for the city and former provinces, longest first
}

type placeName struct {
	kind     string // folded kind: "phuong", "xa", "thi tran", "dac khu"
	old      bool
	code     string   // own code of an old ward
	district string   // of an old ward
	to       []string // units of today
	full     string   // as shown
	exact    string   // FoldExact of the name without kind
}

type districtName struct {
	kind  string // "quan", "huyen", "thanh pho", "thi xa"
	code  string
	shown string
}

// wardKinds and districtKinds are the folded words before a name.
func wardKinds() []string     { return []string{"phuong", "xa", "thi tran", "dac khu"} }
func districtKinds() []string { return []string{"quan", "huyen", "thanh pho", "thi xa"} }

func newPlaces(w wardsFile, o oldWardsFile, d districtsFile) *places {
	p := &places{
		wards: map[string]Ward{}, byName: map[string][]placeName{},
		district: map[string]districtRow{}, districts: map[string][]districtName{},
	}
	for _, row := range w.Wards {
		ward := Ward{Code: row.Code, Name: row.Name, Kind: WardKind(row.Kind), En: row.En}
		p.wards[row.Code] = ward
		p.order = append(p.order, row.Code)
		entry := placeName{kind: text.Fold(kindTitle(ward.Kind)), code: row.Code, to: []string{row.Code}, full: ward.FullName()}
		p.add(row.Name, entry)
		if ward.Kind == WardZone { // "Con Dao Special administrative region" has no short English kind
			p.add(row.En, entry)
		}
	}
	slices.Sort(p.order)
	for _, row := range d.Districts {
		p.district[row.Code] = row
		for _, name := range append([]string{row.Name}, row.Also...) {
			kind, rest := splitKind(number(text.Tokens(name)), districtKinds())
			key := strings.Join(rest, " ")
			p.districts[key] = append(p.districts[key], districtName{kind: kind, code: row.Code, shown: name})
		}
	}
	for _, row := range o.Wards {
		kind, rest := splitKind(number(text.Tokens(row.Name)), wardKinds())
		exact := strings.TrimPrefix(text.FoldExact(row.Name), text.FoldExact(wardTitle(kind))+" ")
		entry := placeName{kind: kind, old: true, code: row.Code, district: row.District, to: row.To,
			full: row.Name + ", " + p.district[row.District].Name, exact: exact}
		key := strings.Join(rest, " ")
		p.byName[key] = append(p.byName[key], entry)
	}
	for key := range p.byName {
		p.names = append(p.names, key)
	}
	slices.Sort(p.names)
	for _, name := range d.City {
		p.city = append(p.city, placeWords(name))
	}
	slices.SortFunc(p.city, func(a, b []string) int { return len(b) - len(a) })
	return p
}

func wardTitle(kind string) string {
	switch kind {
	case "xa":
		return "xã"
	case "thi tran":
		return "thị trấn"
	case "dac khu":
		return "đặc khu"
	default:
		return "phường"
	}
}

func (p *places) add(name string, entry placeName) {
	key := strings.Join(number(text.Tokens(name)), " ")
	entry.exact = text.FoldExact(name)
	p.byName[key] = append(p.byName[key], entry)
}

// splitKind takes a leading kind ("thi tran") off the words of a name.
func splitKind(words, kinds []string) (kind string, rest []string) {
	for _, k := range kinds {
		n := strings.Count(k, " ") + 1
		if len(words) > n && strings.Join(words[:n], " ") == k {
			return k, words[n:]
		}
	}
	return "", words
}

// number writes numbers one way: "05" as "5".
func number(words []string) []string {
	out := slices.Clone(words)
	for i, w := range out {
		if n, err := strconv.Atoi(w); err == nil && n > 0 && n < 100 {
			out[i] = strconv.Itoa(n)
		}
	}
	return out
}

// short forms people write before a name, by their folded word.
func longForm(word string) (string, bool) {
	switch word {
	case "p", "f", "ph", "phg":
		return "phuong", true
	case "x":
		return "xa", true
	case "tt":
		return "thi tran", true
	case "q":
		return "quan", true
	case "h":
		return "huyen", true
	case "tp":
		return "thanh pho", true
	case "tx":
		return "thi xa", true
	case "ward":
		return "phuong", true
	case "commune":
		return "xa", true
	case "district":
		return "quan", true
	}
	return "", false
}

// placeWords turns a query into words with short forms written out: "P.5, Q.GV"
// gives phuong 5 quan gv, "q1" gives quan 1.
func placeWords(query string) []string {
	var out []string
	for _, w := range text.Tokens(query) {
		if long, ok := longForm(w); ok {
			out = append(out, strings.Fields(long)...)
			continue
		}
		letters := strings.TrimRight(w, "0123456789")
		if digits := w[len(letters):]; digits != "" && letters != "" {
			if long, ok := longForm(letters); ok {
				out = append(append(out, strings.Fields(long)...), digits)
				continue
			}
			if letters == "phuong" || letters == "quan" {
				out = append(out, letters, digits)
				continue
			}
		}
		out = append(out, w)
	}
	return number(out)
}

// The bounds of a query: an address is shorter.
const (
	maxPlaceBytes  = 400
	maxPlaceWords  = 40
	maxStreetParts = 4 // parts before a comma that may be a street
)

// resolve finds the units of today that a query may mean, most likely first.
func (p *places) resolve(query string) []Place {
	for range maxStreetParts {
		if found := p.resolvePart(query); len(found) > 0 {
			return found
		}
		// "Nguyễn Huệ, Bến Nghé, Quận 1": what stands before the comma is a street.
		i := strings.IndexAny(query, ",;\n")
		if i < 0 {
			break
		}
		query = query[i+1:]
	}
	return nil
}

func (p *places) resolvePart(query string) []Place {
	if len(query) > maxPlaceBytes {
		return nil
	}
	words := placeWords(query)
	if len(words) == 0 || len(words) > maxPlaceWords {
		return nil
	}
	exact := ""
	if text.Accented(query) {
		exact = text.FoldExact(query)
	}
	variants := p.withoutCity(words)
	for _, v := range variants {
		if found := p.exactMatch(v, exact); len(found) > 0 {
			return found
		}
	}
	for _, v := range variants {
		if found := p.similar(v); len(found) > 0 {
			return found
		}
	}
	for _, v := range slices.Backward(variants) {
		if found := p.districtAfter(v); len(found) > 0 {
			return found
		}
	}
	return nil
}

// withoutCity gives the words as written, then with the city's or a former
// province's name taken off the end, as often as one is there.
func (p *places) withoutCity(words []string) [][]string {
	out := [][]string{words}
	for {
		shorter := words
		for _, city := range p.city {
			if n := len(words) - len(city); n > 0 && slices.Equal(words[n:], city) {
				shorter = words[:n]
				break
			}
		}
		if len(shorter) == len(words) {
			return out
		}
		words = shorter
		out = append(out, words)
	}
}

// exactMatch reads words as [street…] ward [district] or as a district alone.
func (p *places) exactMatch(words []string, exact string) []Place {
	for start := range words {
		if start > 0 && !startsWithKind(words[start:], wardKinds()) {
			continue // what stands before a ward is a street only when the ward is announced
		}
		for end := len(words); end > start; end-- {
			districts, ok := p.districtsOf(words[end:])
			if !ok {
				continue
			}
			if start > 0 && len(districts) == 0 { // "quận 10, phường 5"
				districts, _ = p.districtsOf(words[:start])
			}
			if found := p.wardsNamed(words[start:end], districts, exact); len(found) > 0 {
				if end == len(words) && start == 0 {
					found = p.withDistrict(found, words)
				}
				return found
			}
		}
	}
	if districts, ok := p.districtsOf(words); ok && len(districts) > 0 {
		return p.unitsOf(districts)
	}
	return nil
}

// districtAfter reads an unknown ward before a known district: it still says
// which district ("phường 7, Gò Vấp", a number that was merged away earlier).
func (p *places) districtAfter(words []string) []Place {
	if !startsWithKind(words, wardKinds()) {
		return nil
	}
	for start := 2; start < len(words); start++ {
		if districts, ok := p.districtsOf(words[start:]); ok {
			return p.unitsOf(districts)
		}
	}
	return nil
}

func startsWithKind(words, kinds []string) bool {
	kind, rest := splitKind(words, kinds)
	return kind != "" && len(rest) > 0
}

// districtsOf reads words as the name of an old district. No words at all are
// well formed and name none.
func (p *places) districtsOf(words []string) ([]districtName, bool) {
	if len(words) == 0 {
		return nil, true
	}
	kind, rest := splitKind(words, districtKinds())
	var out []districtName
	for _, d := range p.districts[strings.Join(rest, " ")] {
		if kind == d.kind || !isNumber(rest[0]) { // "1" alone is no district, "Củ Chi" is
			out = append(out, d)
		}
	}
	// The kind decides where it is written and some district has it.
	if kind != "" && slices.ContainsFunc(out, func(d districtName) bool { return d.kind == kind }) {
		out = slices.DeleteFunc(out, func(d districtName) bool { return d.kind != kind })
	}
	return out, len(out) > 0
}

func isNumber(word string) bool {
	_, err := strconv.Atoi(word)
	return err == nil
}

// wardKind splits the kind of unit off a name, in front of it or as in "Ben Nghe
// Ward" behind it.
func wardKind(words []string) (kind string, rest []string) {
	kind, rest = splitKind(words, wardKinds())
	if n := len(words); kind == "" && n > 1 && slices.Contains(wardKinds(), words[n-1]) {
		return words[n-1], words[:n-1]
	}
	return kind, rest
}

// wardsNamed finds the wards, new and old, that words name exactly.
func (p *places) wardsNamed(words []string, districts []districtName, exact string) []Place {
	kind, rest := wardKind(words)
	if kind == "" && isNumber(rest[0]) && len(districts) == 0 {
		return nil // a bare number is no ward
	}
	entries := p.byName[strings.Join(rest, " ")]
	if len(entries) == 0 && kind != "" { // "xã" may be the first word of a name
		kind, rest = "", words
		entries = p.byName[strings.Join(rest, " ")]
	}
	entries = narrow(entries, func(e placeName) bool { return e.kind == kind }, kind != "")
	entries = narrow(entries, func(e placeName) bool { return strings.Contains(exact, e.exact) }, exact != "")
	if len(districts) > 0 {
		entries = slices.DeleteFunc(slices.Clone(entries), func(e placeName) bool { return !p.inDistricts(e, districts) })
	}
	return p.collect(entries, len(districts) > 0)
}

// narrow keeps the entries that fit, when asked to and when any fits: a wrong
// kind or accent must not hide the only answer.
func narrow(entries []placeName, fits func(placeName) bool, asked bool) []placeName {
	if !asked || !slices.ContainsFunc(entries, fits) {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e placeName) bool { return !fits(e) })
}

func (p *places) inDistricts(e placeName, districts []districtName) bool {
	return slices.ContainsFunc(districts, func(d districtName) bool {
		if e.old {
			return e.district == d.code
		}
		return slices.Contains(p.district[d.code].To, e.code)
	})
}

// collect turns entries into places. Without a district a name of today wins
// over the old ward of the same name that became part of it; with a district,
// which no longer exists, the old name is what the person meant.
func (p *places) collect(entries []placeName, withDistrict bool) []Place {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b placeName) int {
		if a.old != b.old && a.old == withDistrict {
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
func (p *places) withDistrict(found []Place, words []string) []Place {
	if kind, _ := splitKind(words, wardKinds()); kind != "" {
		return found
	}
	districts, ok := p.districtsOf(words)
	if !ok {
		return found
	}
	for _, place := range p.unitsOf(districts) {
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

// similar finds names one or two slips away, only for names long enough that a
// slip does not make another name.
func (p *places) similar(words []string) []Place {
	for end := len(words); end > 0; end-- {
		districts, ok := p.districtsOf(words[end:])
		if !ok {
			continue
		}
		_, rest := wardKind(words[:end])
		typed := strings.Join(rest, " ")
		allowed := 1
		switch n := len(typed); {
		case n < 6:
			continue
		case n >= 11:
			allowed = 2
		}
		var entries []placeName
		for best := 1; best <= allowed && len(entries) == 0; best++ {
			for _, name := range p.names {
				if d := len(name) - len(typed); d > best || -d > best {
					continue
				}
				if text.Distance(typed, name, best) == best {
					entries = append(entries, p.byName[name]...)
				}
			}
		}
		if len(districts) > 0 {
			entries = slices.DeleteFunc(entries, func(e placeName) bool { return !p.inDistricts(e, districts) })
		}
		if found := p.collect(entries, len(districts) > 0); len(found) > 0 {
			for i := range found {
				found[i].Note = PlaceSimilar
			}
			return found
		}
	}
	return nil
}
