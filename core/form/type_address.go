package form

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// address is where somebody lives or something is. Canonical: {"line": "12 Lê
// Lợi", "ward": "26740"}; inside the city ward is the present ward's code and
// line what stands before it, elsewhere there is only a line with everything.
// Former ward and district names are taken and asked back with the present one.
type address struct{}

var _ Type = address{}

const (
	maxAddress = 250
	addrLine   = "line"
	addrWard   = "ward"
)

func (address) Name() string                     { return "address" }
func (address) Kind() Kind                       { return KindObject }
func (address) Define(*Field, Context) []Problem { return nil }

func (a address) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, maxAddress)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	if utf8.RuneCountInString(s) < 4 {
		return reject("field.address.short")
	}
	s = dropCity(s)
	for _, at := range tails(s) {
		places := findPlaces(placePart(s, at), cx)
		if len(places) == 0 || len(places) > maxPlaces {
			continue // not a place, or a whole former district: try a shorter end
		}
		at = shrink(s, at, places, cx)
		line := strings.Trim(s[:at], " ,;-")
		sure := true
		out := placeOutcome(places, cx, func(p Place) any {
			sure = sure && p.Exact
			return addressValue(line, p.Code)
		})
		if out.Ambiguous() && !sure { // it may well lie outside the city
			out.Candidates = append(out.Candidates, typedCandidate(addressValue(s, ""), s, maskedText(s)))
		}
		if line == "" && out.OK() {
			out.Notes = append(out.Notes, *violation("field.address.noLine"))
		}
		return out
	}
	v := addressValue(s, "")
	if bad := a.Check(f, v, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	out := accept(v)
	out.Warnings = append(out.Warnings, *violation("field.address.noWard"))
	return out
}

func addressValue(line, ward string) map[string]any {
	v := map[string]any{}
	if line != "" {
		v[addrLine] = line
	}
	if ward != "" {
		v[addrWard] = ward
	}
	return v
}

// dropCity takes the country and the city off the end: the ward says both.
// "Sài Gòn" stays: it is a ward now.
func dropCity(s string) string {
	for {
		at := strings.LastIndexAny(s, ",;")
		if at <= 0 {
			return s
		}
		switch text.Fold(s[at+1:]) {
		case "", "viet nam", "vietnam", "vn", "tphcm", "tp hcm", "hcm", "ho chi minh", "tp ho chi minh", "thanh pho ho chi minh", "ho chi minh city", "hcmc":
			s = strings.TrimRight(s[:at], " ,;")
		default:
			return s
		}
	}
}

// tails gives the byte positions where the place name may start, longest name
// first: after a comma, at a word such as "phường", and at the very start.
func tails(s string) []int {
	var at []int
	add := func(i int) {
		if i > 0 && i < len(s) && (len(at) == 0 || at[len(at)-1] != i) {
			at = append(at, i)
		}
	}
	start := 0 // of the current word
	afterComma := false
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != ' ' && s[i] != ',' && s[i] != ';' {
			continue
		}
		if word := s[start:i]; word != "" {
			if afterComma || placeWord(word) {
				add(start)
			}
			afterComma = false
		}
		if i < len(s) && s[i] != ' ' {
			afterComma = true
		}
		start = i + 1
	}
	return append(at, 0)
}

// placePart is what follows byte at, without the punctuation around it.
func placePart(s string, at int) string {
	part := strings.Trim(s[at:], " ,;-.")
	if utf8.RuneCountInString(part) < 2 {
		return ""
	}
	return part
}

// shrink moves the start of the place name to the last word from which the same
// places are found: a search that passes over words it does not know would else
// swallow the street.
func shrink(s string, at int, places []Place, cx Context) int {
	best := at
	for i := at + 1; i < len(s); i++ {
		if s[i-1] != ' ' || s[i] == ' ' {
			continue
		}
		before := strings.Fields(s[:i])
		if last := before[len(before)-1]; placeWord(last) || oneOf(text.Fold(last), "tran", "khu", "pho", "huyen", "h", "tp") {
			continue // "phường" belongs to the name behind it
		}
		if slices.Equal(findPlaces(placePart(s, i), cx), places) {
			best = i
		}
	}
	return best
}

// placeWord reports whether a word starts the name of a unit: "phường", "P.",
// "p.bến", "xã", "thị", "đặc", "quận".
func placeWord(w string) bool {
	folded := text.Fold(w)
	if first, _, dotted := strings.Cut(strings.ToLower(w), "."); dotted && oneOf(first, "p", "f", "x", "tt", "q") {
		return true
	}
	return oneOf(folded, "phuong", "p", "f", "xa", "thi", "tt", "dac", "quan", "q", "ward", "commune") ||
		len(folded) <= 3 && len(folded) > 1 && (folded[0] == 'p' || folded[0] == 'f' || folded[0] == 'q') && isDigits(folded[1:])
}

func (address) Check(_ *Field, v any, cx Context) *core.Violation {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return violation("field.type")
	}
	for k := range m {
		if k != addrLine && k != addrWard {
			return violation("field.type")
		}
	}
	line, hasLine := m[addrLine].(string)
	ward, hasWard := m[addrWard].(string)
	switch {
	case m[addrLine] != nil && (!hasLine || !isTidy(line, false)), m[addrWard] != nil && !hasWard:
		return violation("field.type")
	case utf8.RuneCountInString(line) > maxAddress:
		return violation("field.tooLong", "max", itoa(maxAddress))
	case hasWard && placeName(ward, cx) == "":
		return violation("field.place.unknown")
	case !hasWard && utf8.RuneCountInString(line) < 4:
		return violation("field.address.short")
	}
	return nil
}

func (address) Display(_ *Field, v any, cx Context) string {
	m, _ := v.(map[string]any)
	line, _ := m[addrLine].(string)
	ward, _ := m[addrWard].(string)
	var parts []string
	for _, s := range []string{shownText(line), placeName(ward, cx)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// Mask shows the typed line as initials and the ward, a choice, by its name.
func (address) Mask(_ *Field, v any, cx Context) string {
	m, _ := v.(map[string]any)
	line, _ := m[addrLine].(string)
	ward, _ := m[addrWard].(string)
	var letters []string // a house number is left out, not shortened
	for _, w := range strings.Fields(line) {
		if !strings.ContainsAny(w, "0123456789") {
			letters = append(letters, w)
		}
	}
	masked := text.Initials(strings.Join(letters, " "))
	if name := placeName(ward, cx); name != "" {
		masked = strings.Trim(masked+", "+name, ", ")
	}
	return masked
}

func (address) Schema(*Field, Context) map[string]any {
	return map[string]any{
		"type": "object", "additionalProperties": false, "minProperties": int64(1),
		"properties": map[string]any{
			addrLine: map[string]any{"type": "string", "maxLength": int64(maxAddress)},
			addrWard: map[string]any{"type": "string", "pattern": "^[0-9]{5}$"},
		},
	}
}
