package form

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// cosign is somebody who has to agree: "Trần Thị Mai 0901 234 567", the number
// first or last. Canonical: {"name": "TRẦN THỊ MAI", "phone": "+84901234567"};
// only the phone where the definition says nameFrom.
type cosign struct{}

var _ Type = cosign{}

const (
	cosignName  = "name"
	cosignPhone = "phone"
)

// phoneLike finds what can only be a phone number in a line of text.
var phoneLike = regexp.MustCompile(`[+(]?\b[0-9][0-9 .()\-]{6,}[0-9]\b`)

func (cosign) Name() string                     { return "cosign" }
func (cosign) Kind() Kind                       { return KindObject }
func (cosign) Define(*Field, Context) []Problem { return nil }

func (c cosign) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 160)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	var number, rest string
	switch at := phoneLike.FindAllStringIndex(s, 2); {
	case len(at) == 1:
		number, rest = s[at[0][0]:at[0][1]], s[:at[0][0]]+" "+s[at[0][1]:]
	case f.NameFrom != "" && len(at) == 0:
		number = s // perhaps too short: the phone says what is wrong
	case len(at) == 0:
		return reject("field.cosign.phone")
	default:
		return reject("field.cosign.one")
	}
	tel := phone{}.Parse(f, number, cx)
	if tel.Violation != nil {
		return tel
	}
	if f.NameFrom != "" {
		return c.with("", tel)
	}
	name := personName{}.Parse(f, nameIn(rest), cx)
	if name.Violation != nil {
		if nameIn(rest) == "" {
			return reject("field.cosign.name")
		}
		return name
	}
	full, _ := name.Value.(string)
	out := c.with(full, tel)
	out.Warnings = name.Warnings
	return out
}

// with puts the name to what the phone number may be.
func (c cosign) with(name string, tel Outcome) Outcome {
	value := func(number any) any {
		v := map[string]any{cosignPhone: number}
		if name != "" {
			v[cosignName] = name
		}
		return v
	}
	out := Outcome{Ask: tel.Ask, Args: tel.Args}
	if tel.Value != nil {
		out.Value = value(tel.Value)
	}
	for _, cand := range tel.Candidates {
		label, public := cand.Label.VI, cand.Public.VI
		if name != "" {
			label, public = text.PersonName(name)+", "+label, maskedText(name)+" "+public
		}
		out.Candidates = append(out.Candidates, typedCandidate(value(cand.Value), label, public))
	}
	return out
}

// nameIn takes what joins a name and a number off both ends: "SĐT", "số điện
// thoại", a dash. The words are taken as they are written: "Đông" is a name.
func nameIn(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune(",;:()/|", r) {
			return ' '
		}
		return r
	}, s)), " ")
	joins := []string{"số điện thoại", "so dien thoai", "điện thoại", "dien thoai", "sđt", "sdt", "đt", "dt", "số", "tel", "phone", "at", "ask", "hỏi", "-", "–"}
	for trimmed := true; trimmed; {
		trimmed = false
		for _, j := range joins {
			low := strings.ToLower(s)
			switch {
			case low == j:
				return ""
			case len(low) != len(s): // a letter whose small form is of another length
			case strings.HasSuffix(low, " "+j):
				s, trimmed = s[:len(s)-len(j)-1], true
			case strings.HasPrefix(low, j+" "):
				s, trimmed = s[len(j)+1:], true
			}
		}
	}
	return s
}

func (cosign) Check(f *Field, v any, cx Context) *core.Violation {
	m, ok := v.(map[string]any)
	if !ok {
		return violation("field.type")
	}
	want := []string{cosignName, cosignPhone}
	if f.NameFrom != "" {
		want = want[1:]
	}
	if !slices.Equal(slices.Sorted(maps.Keys(m)), want) {
		return violation("field.type")
	}
	if bad := (phone{}).Check(f, m[cosignPhone], cx); bad != nil {
		return bad
	}
	if f.NameFrom != "" {
		return nil
	}
	return personName{}.Check(f, m[cosignName], cx)
}

func (cosign) Display(f *Field, v any, cx Context) string {
	m, _ := v.(map[string]any)
	tel := phone{}.Display(f, m[cosignPhone], cx)
	if name, _ := m[cosignName].(string); name != "" {
		return text.PersonName(name) + ", " + tel
	}
	return tel
}

// Mask shows initials and the last two digits.
func (cosign) Mask(f *Field, v any, cx Context) string {
	m, _ := v.(map[string]any)
	name, _ := m[cosignName].(string)
	return strings.TrimSpace(maskedText(name) + " " + phone{}.Mask(f, m[cosignPhone], cx))
}

func (cosign) Schema(f *Field, cx Context) map[string]any {
	properties := map[string]any{cosignPhone: phone{}.Schema(f, cx)}
	required := []any{cosignPhone}
	if f.NameFrom == "" {
		properties[cosignName] = personName{}.Schema(f, cx)
		required = append(required, cosignName)
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// Cosigner is somebody who has to agree to an application.
type Cosigner struct {
	Field string // key of the cosign field
	Name  string // canonical; "" while the field that names them is open
	Phone string // E.164
}

// Cosigners lists who has to agree: the visible cosign fields that are answered, in
// order.
func (st *State) Cosigners() []Cosigner {
	fin := st.settled()
	var out []Cosigner
	for i, c := range st.form.fields {
		it := fin.items[i]
		m, ok := it.value.(map[string]any)
		if _, is := c.typ.(cosign); !is || !ok || it.visible != Yes {
			continue
		}
		who := Cosigner{Field: c.Key}
		who.Phone, _ = m[cosignPhone].(string)
		if who.Name, _ = m[cosignName].(string); c.named >= 0 {
			who.Name, _ = fin.items[c.named].value.(string)
		}
		out = append(out, who)
	}
	return out
}
