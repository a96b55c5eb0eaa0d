package dialog

import (
	"slices"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// officeIn shows the office of a place, or asks for the place.
func (t *turn) officeIn(place string) {
	t.st.At, t.st.Ward, t.st.Wards = atOffice, "", nil
	if place == "" {
		t.show()
		return
	}
	t.place(place)
}

// wardNamed reports whether a text is the whole name of a unit of today with its
// kind, "phường Sài Gòn": whatever a search takes it for, it is no procedure.
func (t *turn) wardNamed(ps []catalog.Place, raw string) bool {
	said := text.Fold(raw)
	return slices.ContainsFunc(ps, func(p catalog.Place) bool {
		w, ok := t.e.cat.Ward(p.Code)
		return ok && said == text.Fold(w.FullName())
	})
}

// wardIn finds the name of a unit, with its kind before it, inside a question: "ubnd
// phường 12 quận gò vấp mở cửa mấy giờ".
func (t *turn) wardIn(raw string) (string, bool) {
	words, kinds := strings.Fields(raw), 0
	for from, w := range words {
		switch text.Fold(w) {
		case "phuong", "p", "xa", "ward":
			kinds++
		default:
			continue
		}
		for to := min(from+wardWords, len(words)); to >= from+2; to-- {
			name := strings.Join(words[from:to], " ")
			if ps := t.e.cat.ResolvePlace(name); namesPlace(ps) && len(ps) <= perPage {
				return name, true
			}
		}
		if kinds == wardKinds {
			break
		}
	}
	return "", false
}

// Bounds of the search for a ward inside a question: each try resolves a place.
const (
	wardKinds = 3 // words that may begin its name
	wardWords = 8 // of its name, with a district behind
)

// place looks a ward up, by its present or a former name.
func (t *turn) place(raw string) bool {
	ps := t.e.cat.ResolvePlace(raw)
	switch {
	case len(ps) == 0 && t.st.At == atOffice:
		t.noPlace(raw)
		return true
	case len(ps) == 0:
		return false
	case len(ps) == 1:
		t.ward(ps[0].Code, oldName(ps[0]))
	default:
		t.st.Wards = nil
		for _, p := range ps {
			t.st.Wards = append(t.st.Wards, p.Code)
		}
		t.st.At, t.st.Ward, t.st.Old, t.st.Page = atWards, "", oldName(ps[0]), 0
		t.show()
	}
	return true
}

// noPlace says that a name is none in the city, and where it lies when that is
// certain.
func (t *turn) noPlace(raw string) {
	t.missed = true
	if province, ok := t.e.cat.Outside(raw); ok {
		t.say("error.place.outside", map[string]string{"place": province.In(t.loc)}, core.ExpectText, humanOffer(), menuOffer())
		return
	}
	t.say("error.place.none", pairs([]string{"said", t.quote(raw, 40)}), core.ExpectText, humanOffer(), menuOffer())
}

func oldName(p catalog.Place) string {
	if p.Old {
		return p.Matched
	}
	return ""
}

func (t *turn) ward(code, old string) {
	t.st.At, t.st.Ward, t.st.Old = atWards, code, old
	t.show()
}

func (t *turn) showWards() {
	office, ok := t.e.cat.OfficeForWard(t.st.Ward)
	if !ok {
		t.listWards()
		return
	}
	ward := office.Ward.FullName()
	if t.loc == text.EN {
		ward = office.Ward.En
	}
	args := map[string]string{
		"ward": ward, "office": office.Name.In(t.loc), "old": t.st.Old, "hours": office.HoursText(t.loc), "assumed": "",
		"opening": t.e.cat.OpeningText(office, t.in.Now, t.loc, t.fragment()), "intake": "", "handled": "",
	}
	if a := office.Address.In(t.loc); a != "" {
		args["office"] += " · " + a
	}
	if office.HoursAssumed {
		args["assumed"] = t.word("word.hoursAssumed")
	}
	var offers []offer
	p, ok := t.e.cat.Procedure(t.st.Procedure)
	if ok && t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	if ok {
		args["intake"] = t.intake(p)
	} else {
		args["handled"] = t.e.cat.HandledText(t.loc)
	}
	if t.short() {
		args["hours"] = office.HoursShort(t.loc)
		if args["intake"] != "" { // what was asked takes the room of the rest
			args["hours"] = args["intake"]
		}
	}
	n := t.say("office.found", args, core.ExpectAny, append(offers, pick("search", "choice.search"), menuOffer())...)
	if office.Opening(t.in.Now).Open {
		t.out.Queue = &QueueAt{Ward: t.st.Ward, Prompt: n}
	}
}

// listWards asks which of the units was meant, a page at a time.
func (t *turn) listWards() {
	from, to := t.inView(len(t.st.Wards))
	var offers []offer
	for _, code := range t.st.Wards[from:to] {
		if w, ok := t.e.cat.Ward(code); ok {
			offers = append(offers, offer{act: "ward", arg: code, label: form.Text{VI: w.FullName(), EN: w.En}})
		}
	}
	if len(offers) == 0 {
		t.st.At = atOffice
		t.show()
		return
	}
	if t.st.Page > 0 || to < len(t.st.Wards) {
		offers = append(offers, pick("page", "choice.showMore"))
	}
	t.say("office.many", nil, core.ExpectChoice, append(offers, menuOffer())...)
}

// intake says whether the office in view takes a procedure's dossier in.
func (t *turn) intake(p *catalog.Procedure) string {
	k, ok := t.e.cat.CompetentOffice(p, t.st.Ward)
	if !ok {
		return ""
	}
	return t.e.cat.CompetenceText(k, t.name(p), t.loc, t.fragment())
}

// FillQueue says in the prompt of an office who waits there.
func (e *Engine) FillQueue(p *core.Prompt, q catalog.Queue, caps core.Capabilities) {
	v, join := text.Rich, " "
	if caps.Variant == text.Short {
		v, join = text.Short, ", "
	}
	p.Args["opening"] += join + e.cat.QueueText(q, p.Locale, v)
}

// officeName gives the name of the office of a ward code; "" when unknown.
func (e *Engine) officeName(ward string, l text.Locale, short bool) string {
	o, ok := e.cat.OfficeForWard(ward)
	switch {
	case !ok:
		return e.msg.Text(l, text.Rich, "word.anyWard", nil)
	case short && l == text.EN:
		return o.Ward.En
	case short:
		return shortWard(o.Ward)
	}
	return o.Name.In(l)
}

// shortWard writes a unit the way people do on a form: "P.Sài Gòn".
func shortWard(w catalog.Ward) string {
	switch w.Kind {
	case catalog.WardXa:
		return "X." + w.Name
	case catalog.WardZone:
		return "DK." + w.Name
	}
	return "P." + w.Name
}
