package catalog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// places is the index behind ResolvePlace. It is immutable. Its keys are the words
// of a name without its kind, as placeKey writes them: with spaces between, and in
// the maps called joined without.
type places struct {
	wards    map[string]Ward
	order    []string
	district map[string]districtRow
	province map[string][]string // of a unit of today: the former provinces it lies in

	byName         map[string][]placeName
	byJoined       map[string][]placeName
	wardShort      map[string][]placeName // "bnghe" and "bn", which say something only in a district
	districts      map[string][]districtName
	districtJoined map[string][]districtName
	initials       map[string][]districtName
	tails          []placeTail       // longest first
	outside        map[string]abroad // by joined key

	vocabulary map[string]bool // every syllable of a name above
	wardGrams  *grams          // over the keys of byJoined
	areaGrams  *grams          // over the keys of districtJoined
	maxWords   int             // of a name
}

type placeName struct {
	kind     string // folded kind: "phuong", "xa", "thi tran", "dac khu"
	old      bool
	code     string   // own code of an old ward
	district string   // of an old ward
	to       []string // units of today
	full     string   // as shown
	exact    string   // with accents, without kind
}

type districtName struct {
	kind  string // "quan", "huyen", "thanh pho", "thi xa"
	code  string
	shown string
}

// placeTail is what an address ends in that names no ward: the country, the city, a
// former province.
type placeTail struct {
	words    []string
	province string // "" for the city and the country
}

// abroad is a name of something outside the city.
type abroad struct {
	row   Bilingual // the province of today
	exact string    // with accents
	kind  bool      // known only with its kind before it
	many  bool      // of more than one syllable
}

// wardKinds and districtKinds are the folded words before a name.
func wardKinds() []string     { return []string{"phuong", "xa", "thi tran", "dac khu"} }
func districtKinds() []string { return []string{"quan", "huyen", "thanh pho", "thi xa"} }

func newPlaces(w wardsFile, o oldWardsFile, d districtsFile, out outsideFile) *places {
	p := &places{
		wards: map[string]Ward{}, district: map[string]districtRow{}, province: map[string][]string{},
		byName: map[string][]placeName{}, byJoined: map[string][]placeName{}, wardShort: map[string][]placeName{},
		districts: map[string][]districtName{}, districtJoined: map[string][]districtName{}, initials: map[string][]districtName{},
		outside: map[string]abroad{}, vocabulary: map[string]bool{},
	}
	for _, kind := range append(wardKinds(), districtKinds()...) {
		p.learn(strings.Fields(kind))
	}
	p.addDistricts(d)
	p.addTails(d)
	p.addWards(w)
	p.addOldWards(o)
	p.addOutside(out)
	p.wardGrams = newGrams(p.byJoined)
	p.areaGrams = newGrams(p.districtJoined)
	return p
}

func (p *places) learn(words []string) {
	p.maxWords = max(p.maxWords, len(words))
	for _, w := range words {
		p.vocabulary[w] = true
	}
}

func (p *places) addWards(w wardsFile) {
	for _, row := range w.Wards {
		ward := Ward{Code: row.Code, Name: row.Name, Kind: WardKind(row.Kind), En: row.En}
		p.wards[row.Code] = ward
		p.order = append(p.order, row.Code)
		entry := placeName{kind: text.Fold(kindTitle(ward.Kind)), code: row.Code, to: []string{row.Code}, full: ward.FullName()}
		p.add(row.Name, entry)
		if ward.Kind == WardZone { // "Con Dao Special administrative region" has no short English kind
			p.add(row.En, entry)
			p.add(row.Name+" special zone", entry)
		}
	}
	slices.Sort(p.order)
}

func (p *places) addOldWards(o oldWardsFile) {
	for _, row := range o.Wards {
		kind, rest := splitKind(text.Tokens(row.Name), wardKinds())
		name := exactWords(row.Name)
		p.add(strings.Join(name[len(name)-len(rest):], " "), placeName{kind: kind, old: true, code: row.Code, district: row.District, to: row.To,
			full: row.Name + ", " + p.district[row.District].Name})
	}
}

func (p *places) add(name string, entry placeName) {
	key := placeKey(name)
	entry.exact = strings.Join(exactWords(name), " ")
	p.learn(key)
	spaced, joined := strings.Join(key, " "), strings.Join(key, "")
	p.byName[spaced] = append(p.byName[spaced], entry)
	p.byJoined[joined] = append(p.byJoined[joined], entry)
	if len(key) > 1 {
		first := ""
		for _, w := range key[:len(key)-1] {
			first += w[:1]
		}
		last := key[len(key)-1]
		for _, short := range []string{first + last, first + last[:1]} {
			p.wardShort[short] = append(p.wardShort[short], entry)
		}
	}
}

func (p *places) addDistricts(d districtsFile) {
	for _, row := range d.Districts {
		p.district[row.Code] = row
		for _, code := range row.To {
			if !slices.Contains(p.province[code], row.Province) {
				p.province[code] = append(p.province[code], row.Province)
			}
		}
		for _, name := range append([]string{row.Name}, row.Also...) {
			kind, rest := splitKind(placeKey(name), districtKinds())
			p.learn(rest)
			entry := districtName{kind: kind, code: row.Code, shown: name}
			spaced, joined := strings.Join(rest, " "), strings.Join(rest, "")
			p.districts[spaced] = append(p.districts[spaced], entry)
			p.districtJoined[joined] = append(p.districtJoined[joined], entry)
		}
		kind, _ := splitKind(placeKey(row.Name), districtKinds())
		for _, short := range row.Initials {
			key := strings.Join(placeKey(short), "")
			p.initials[key] = append(p.initials[key], districtName{kind: kind, code: row.Code, shown: row.Name})
		}
	}
}

func (p *places) addTails(d districtsFile) {
	tail := func(name, province string) {
		words := spelledOnce(longWords(text.Tokens(name)))
		p.learn(words)
		p.tails = append(p.tails, placeTail{words, province})
	}
	for _, name := range d.City {
		tail(name, "")
	}
	for _, row := range d.Provinces {
		for _, name := range append([]string{row.Name}, row.Also...) {
			tail(name, row.Name)
		}
	}
	slices.SortStableFunc(p.tails, func(a, b placeTail) int { return len(b.words) - len(a.words) })
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

// grams finds the names that a misspelt one may stand for: it counts the pairs of
// letters they share, and only names with enough of them are compared letter by
// letter.
type grams struct {
	names []string
	with  map[[2]byte][]int32 // the names that have a pair, by their place in names
	most  int                 // letters of the longest name
	heard map[string][]string // names by how they sound
}

// The bounds of a search for a misspelt name.
const (
	maxTyped    = 32 // letters of one span
	maxCompared = 64 // names compared letter by letter for one span
)

func newGrams[T any](byKey map[string]T) *grams {
	g := &grams{with: map[[2]byte][]int32{}, heard: map[string][]string{}}
	for key := range byKey {
		if letters := strings.TrimRight(key, "0123456789"); len(letters) == len(key) {
			g.names = append(g.names, key)
			g.most = max(g.most, len(key))
		}
	}
	slices.Sort(g.names)
	for i, name := range g.names {
		g.heard[placeSound(name)] = append(g.heard[placeSound(name)], name)
		for _, pair := range pairs(name) {
			g.with[pair] = append(g.with[pair], int32(i))
		}
	}
	return g
}

// pairs gives the pairs of letters next to each other, with the ends of the word.
func pairs(name string) [][2]byte {
	out := make([][2]byte, 0, len(name)+1)
	last := byte('^')
	for i := range len(name) {
		out = append(out, [2]byte{last, name[i]})
		last = name[i]
	}
	return append(out, [2]byte{last, '$'})
}

type nearName struct {
	name string
	away int
}

// near gives the names at most that many slips away from typed, nearest first.
func (g *grams) near(typed string, slips int, w *placeWork) []nearName {
	if len(typed) > min(maxTyped, g.most+slips) {
		return nil
	}
	shared := make([]uint8, len(g.names))
	for _, pair := range pairs(typed) {
		for _, i := range g.with[pair] {
			w.names++
			shared[i]++
		}
	}
	var close []int32
	for i, count := range shared {
		n, d := int(count), len(g.names[i])-len(typed)
		if d <= slips && -d <= slips && n >= len(typed)+1-3*slips { // one slip, two letters changed about, spoils three pairs
			close = append(close, int32(i))
		}
	}
	slices.SortFunc(close, func(a, b int32) int {
		if shared[a] != shared[b] {
			return int(shared[b]) - int(shared[a])
		}
		return int(a - b)
	})
	var out []nearName
	for _, i := range close[:min(len(close), maxCompared)] {
		w.compared++
		if d := text.Distance(typed, g.names[i], slips); d <= slips {
			out = append(out, nearName{g.names[i], d})
		}
	}
	slices.SortStableFunc(out, func(a, b nearName) int { return a.away - b.away })
	if len(out) == 0 || out[0].away > 1 { // "Chung Mĩ Tây"
		for _, name := range g.heard[placeSound(typed)] {
			out = slices.Insert(slices.DeleteFunc(out, func(n nearName) bool { return n.name == name }), 0, nearName{name, 1})
		}
	}
	return out
}

// placeSound writes a name so that names people do not tell apart by ear are alike: ch
// and tr, s and x, d, gi, r and v, n, nh and ng, i and y, and to be found at all th and
// kh. It is coarser than sound, which reads one syllable: names are few and long.
func placeSound(name string) string {
	return strings.NewReplacer("tr", "c", "ch", "c", "nh", "n", "ngh", "n", "ng", "n", "gh", "g", "ph", "f", "kh", "h", "th", "h",
		"gi", "d", "r", "d", "v", "d", "z", "d", "j", "d", "s", "x", "qu", "w", "k", "c", "y", "i").Replace(name)
}
