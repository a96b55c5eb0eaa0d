package form

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// org is a ward, or the office of a ward ("org" and "ward" read alike): the
// citizen names the place, by its present or former name. Canonical: the ward
// code; with free, an office outside the city in the citizen's words.
type org struct{ name string }

var _ Type = org{}

const maxOrg = 200

func (o org) Name() string                   { return o.name }
func (org) Kind() Kind                       { return KindString }
func (org) Define(*Field, Context) []Problem { return nil }

func (o org) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, maxOrg)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	if isDigits(s) && placeName(s, cx) != "" {
		return accept(s)
	}
	out := placeOutcome(findPlaces(s, cx), cx, func(p Place) any { return p.Code })
	if out.Violation != nil && f.Free && utf8.RuneCountInString(s) >= 3 && !isDigits(s) {
		return accept(s)
	}
	if out.Violation != nil && cx.Refs.Outside != nil {
		if province, ok := cx.Refs.Outside(s); ok {
			return reject("field.place.outside", "place", province.In(cx.Locale))
		}
	}
	if out.Ambiguous() && f.Free && len(out.Candidates) < maxCandidates {
		out.Candidates = append(out.Candidates, typedCandidate(s, s, maskedText(s)))
	}
	return out
}

// maxPlaces is how many places one name may mean and still be asked back.
const maxPlaces = maxCandidates + 2

// findPlaces looks a typed name up, also with the former district in front
// ("quan 1 ben nghe").
func findPlaces(name string, cx Context) []Place {
	if cx.Refs.ResolvePlace == nil || name == "" {
		return nil
	}
	if places := cx.Refs.ResolvePlace(name); len(places) > 0 {
		return places
	}
	w := words(name)
	if len(w) < 2 || !districtWord(w[0]) {
		return nil
	}
	for n := 1; n <= 4 && n < len(w); n++ {
		turned := append(slices.Clone(w[n:]), w[:n]...)
		if places := cx.Refs.ResolvePlace(strings.Join(turned, " ")); len(places) > 0 && places[0].Exact {
			return places
		}
	}
	return nil
}

func districtWord(folded string) bool {
	return oneOf(folded, "quan", "q", "huyen", "h", "tp", "thanh", "thi", "tx") || folded[0] == 'q' && isDigits(folded[1:])
}

// placeOutcome turns the places a name may mean into values: the present name
// as it is, a former name as "now belongs to", several as a choice.
func placeOutcome(places []Place, cx Context, value func(Place) any) Outcome {
	switch {
	case len(places) == 0:
		return reject("field.place.unknown")
	case len(places) == 1 && places[0].Old == "" && places[0].Exact:
		return accept(value(places[0]))
	case len(places) > maxPlaces:
		return reject("field.place.tooMany", "count", itoa(len(places)))
	}
	var cs []Candidate
	for _, p := range places {
		label := p.Name
		if p.Old != "" && len(places) > 1 {
			label = Text{p.Name.VI + " (" + p.Old + ")", p.Name.In(text.EN) + " (" + p.Old + ")"}
		}
		cs = append(cs, Candidate{Value: value(p), Label: label})
	}
	if len(cs) > 1 {
		return choose("field.place.several", cs)
	}
	if p := places[0]; p.Old != "" {
		return choose("field.place.moved", cs, "old", p.Old, "new", p.Name.In(cx.Locale))
	}
	return choose("field.place.confirm", cs, "new", places[0].Name.In(cx.Locale))
}

// placeName gives the full name of a ward code, "" when there is none.
func placeName(code string, cx Context) string {
	if cx.Refs.PlaceName == nil {
		return ""
	}
	name, ok := cx.Refs.PlaceName(code, cx.Locale)
	if !ok {
		return ""
	}
	return name
}

func (org) Check(f *Field, v any, cx Context) *core.Violation {
	s, ok := v.(string)
	switch {
	case !ok || !isTidy(s, false):
		return violation("field.type")
	case utf8.RuneCountInString(s) > maxOrg:
		return violation("field.tooLong", "max", itoa(maxOrg))
	case placeName(s, cx) != "":
		return nil
	case !f.Free || isDigits(s) || utf8.RuneCountInString(s) < 3:
		return violation("field.place.unknown")
	}
	return nil
}

func (org) Display(_ *Field, v any, cx Context) string {
	s, _ := v.(string)
	if name := placeName(s, cx); name != "" {
		return name
	}
	return shownText(s)
}

// Mask shows a ward of the city by its name and free words as initials.
func (org) Mask(_ *Field, v any, cx Context) string {
	s, _ := v.(string)
	if name := placeName(s, cx); name != "" {
		return name
	}
	return maskedText(s)
}

func (org) Schema(f *Field, _ Context) map[string]any {
	if f.Free {
		return map[string]any{"type": "string", "minLength": int64(3), "maxLength": int64(maxOrg), "description": "ward code, or the name of an office outside the city"}
	}
	return map[string]any{"type": "string", "pattern": "^[0-9]{5}$", "description": "ward code"}
}
