package catalog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// maxStarts bounds the positions at which a misspelt name is looked for.
const maxStarts = 6

// nearArea are districts that some words may mean, with the slips that takes.
type nearArea struct {
	districts []districtName
	away      int
}

// nearUnit is a ward that some words may mean.
type nearUnit struct {
	entries   []placeName
	districts []districtName // where a district is meant, and no ward
	former    bool           // a district was named beside the ward
	away      int            // slips, those of its district among them
	tone      int            // slips counting accents too, to order equals
}

// slips gives how many are forgiven in a name of n letters: fewer than what would
// make another name of it. A short name needs its kind or its district beside it.
func slips(n int, sure bool) int {
	switch {
	case n >= 9:
		return 2
	case n >= 6, n >= 4 && sure:
		return 1
	}
	return 0
}

// nearKey is a span of words looked up in an index with so many slips.
type nearKey struct {
	g                  *grams
	from, to, forgiven int
}

// nearest looks the words from i to j up, once.
func (a *asked) nearest(g *grams, i, j int, sure bool) []nearName {
	typed := a.key(i, j, "")
	key := nearKey{g, i, j, slips(len(typed), sure)}
	if key.forgiven == 0 || strings.ContainsAny(typed, "0123456789") {
		return nil
	}
	found, ok := a.near[key]
	if !ok {
		found = g.near(typed, key.forgiven, a.work)
		if a.near == nil {
			a.near = map[nearKey][]nearName{}
		}
		a.near[key] = found
	}
	return found
}

// similar finds names one or two slips away from what is written.
func (a *asked) similar() []Place {
	var best []nearUnit
	for _, v := range a.variants {
		starts := 0
		for s := v.start; s < v.end && starts < maxStarts; s++ {
			_, n := a.kindAt(s, v.end, wardKinds())
			if s > v.start && n == 0 && (!a.words[s].after || a.announced(v.start, s)) {
				continue
			}
			starts++
			for e := min(v.end, s+a.reach()); e > s; e-- {
				if e < v.end-a.reach() {
					break
				}
				best = a.nearAt(best, v, s, e)
			}
		}
		if best = a.nearArea(best, v); len(best) > 0 {
			break
		}
	}
	slices.SortStableFunc(best, func(x, y nearUnit) int { return x.tone - y.tone })
	var out []Place
	for _, u := range best {
		for _, place := range append(a.p.collect(u.entries, u.former || a.old), a.p.unitsOf(u.districts)...) {
			place.Note = PlaceSimilar
			out = appendPlace(out, place)
		}
	}
	return out
}

// nearAt adds the wards that the words from s to e may mean, with the rest of the
// words as their district, and keeps the nearest.
func (a *asked) nearAt(best []nearUnit, v placeVariant, s, e int) []nearUnit {
	kind, from, to := a.named(s, e, wardKinds())
	for _, d := range a.areasNear(v, e, kind != "") {
		sure := kind != "" || len(d.districts) > 0
		for _, u := range a.unitsNear(from, to, sure) {
			u.away += d.away
			if u.away == 0 || len(best) > 0 && u.away > best[0].away {
				continue
			}
			if u.entries = a.fitting(u.entries, kind, from, to, d.districts, v.province); len(u.entries) == 0 {
				continue
			}
			u.former = len(d.districts) > 0
			best = nearer(best, u)
		}
	}
	return best
}

// nearer keeps the units with the fewest slips.
func nearer(best []nearUnit, u nearUnit) []nearUnit {
	if len(best) > 0 && u.away > best[0].away {
		return best
	}
	if len(best) > 0 && u.away < best[0].away {
		best = nil
	}
	return append(best, u)
}

// nearArea adds the districts that all of the words may mean.
func (a *asked) nearArea(best []nearUnit, v placeVariant) []nearUnit {
	if a.announced(v.start, v.end) {
		return best
	}
	kind, from, to := a.named(v.start, v.end, districtKinds())
	if kind != "" {
		best = nil
	}
	for _, n := range a.nearest(a.p.areaGrams, from, to, kind != "") {
		if n.away > 0 {
			best = nearer(best, nearUnit{districts: a.p.districtJoined[n.name], away: n.away, tone: maxTyped})
		}
	}
	return best
}

// areasNear reads the words from e to the end as a district: the one they name, or
// those they may mean where a kind says that a unit is meant.
func (a *asked) areasNear(v placeVariant, e int, announced bool) []nearArea {
	if v.after[e].ok {
		return []nearArea{{districts: v.after[e].districts}}
	}
	kind, from, to := a.named(e, v.end, districtKinds())
	if kind == "" && !announced {
		return nil
	}
	var out []nearArea
	for _, n := range a.nearest(a.p.areaGrams, from, to, true) {
		found := narrow(a.p.districtJoined[n.name], func(d districtName) bool { return d.kind == kind }, kind != "")
		out = append(out, nearArea{found, n.away})
	}
	return out
}

// unitsNear gives the wards that the words from i to j name or may mean.
func (a *asked) unitsNear(i, j int, sure bool) []nearUnit {
	if j == i+1 && isNumber(a.words[i].key) {
		return []nearUnit{{entries: a.p.byName[a.words[i].key]}}
	}
	var out []nearUnit
	written := a.written(i, j)
	for _, n := range a.nearest(a.p.wardGrams, i, j, sure) {
		u := nearUnit{entries: a.p.byJoined[n.name], away: n.away, tone: maxTyped}
		for _, e := range u.entries {
			u.tone = min(u.tone, text.Distance(written, e.exact, maxTyped))
			a.work.compared++
		}
		out = append(out, u)
	}
	return out
}
