package dialog

import (
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// card shows a procedure: what it needs, what it costs, how long it takes.
func (t *turn) card(code string) {
	if _, ok := t.e.cat.Procedure(code); !ok {
		t.home()
		return
	}
	t.st.At, t.st.Procedure = atCard, code
	t.show()
}

func (t *turn) showCard() {
	p, ok := t.e.cat.Procedure(t.st.Procedure)
	if !ok {
		t.home()
		return
	}
	var offers []offer
	if t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	offers = append(offers, pick("papers", "choice.papers"), pick("office", "choice.where"))
	if t.draft != nil {
		offers = append(offers, pick("continue", "choice.continue"))
	}
	offers = append(offers, menuOffer())
	t.say("card", map[string]string{
		"name": t.name(p), "needs": t.needs(p), "fee": t.fee(p), "limit": t.limit(p.TimeLimit),
		"where": t.e.cat.WhereText(p, t.loc, t.fragment()), "window": t.window(p, nil), "tip": p.Tip.In(t.loc),
	}, core.ExpectAny, offers...)
}

// canFile reports whether a procedure can be filed through this service.
func (t *turn) canFile(p *catalog.Procedure) bool {
	_, ok := t.e.cat.Form(p.Form)
	return ok && p.Registers()
}

func (t *turn) short() bool { return t.in.Caps.Variant == text.Short }

// list writes lines one under the other, or in a row where there is one line.
func (t *turn) list(lines []string) string {
	if t.short() {
		return strings.Join(lines, "; ")
	}
	for i, l := range lines {
		lines[i] = strconv.Itoa(i+1) + ". " + l
	}
	return strings.Join(lines, "\n")
}

func (t *turn) name(p *catalog.Procedure) string {
	if s := p.Short.In(t.loc); s != "" {
		return s
	}
	return p.Name.In(t.loc)
}

// paperName is what people call a paper.
func (t *turn) paperName(r *catalog.Requirement) string {
	if s := r.Short.In(t.loc); s != "" {
		return s
	}
	return r.Name.In(t.loc)
}

// needs lists the papers that everybody needs.
func (t *turn) needs(p *catalog.Procedure) string {
	var lines []string
	for _, item := range t.e.cat.Checklist(p, nil) {
		if item.Need == catalog.Needed && item.Requirement.Kind != catalog.KindForm {
			lines = append(lines, t.paperName(item.Requirement))
		}
	}
	return t.list(lines)
}

// fee says what is asked today of those who file as most do.
func (t *turn) fee(p *catalog.Procedure) string {
	fee := p.FeeAt(pack.DateOf(t.in.Now.In(core.City)), p.Way())
	switch {
	case len(fee.Items) > 0 && !t.short():
		var parts []string
		for _, item := range fee.Items {
			parts = append(parts, text.InSentence(item.Name.In(t.loc))+" "+t.money(item.Amount, item.Per))
		}
		return t.rich("word.fee", pairs([]string{"fee", strings.Join(parts, "; ")}))
	case fee.Amount > 0:
		return t.rich("word.fee", pairs([]string{"fee", t.money(fee.Amount, fee.Per)}))
	case fee.Verified:
		return t.word("word.free")
	case fee.Text.In(t.loc) != "" && !t.short():
		return t.rich("word.fee", pairs([]string{"fee", text.InSentence(strings.TrimRight(fee.Text.In(t.loc), "."))}))
	}
	return t.word("word.feeUnset")
}

// money writes an amount and what it is paid for.
func (t *turn) money(amount int64, per catalog.Bilingual) string {
	s := text.Money(t.loc, amount)
	if p := per.In(t.loc); p != "" {
		s += "/" + p
	}
	return s
}

func (t *turn) limit(l catalog.Limit) string {
	n := strconv.Itoa(l.Value)
	switch l.Unit {
	case catalog.UnitSameDay:
		return t.word("word.limitSameDay")
	case catalog.UnitHalfDay:
		return t.word("word.limitHalfDays", "count", n)
	case catalog.UnitWorkingDay:
		return t.word("word.limitWorkingDays", "count", n)
	case catalog.UnitHour:
		return t.word("word.limitHours", "count", n)
	case catalog.UnitMonth:
		return t.word("word.limitMonths", "count", n)
	}
	return t.word("word.limitDays", "count", n)
}
