package dialog

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// situation is what a person said of their own case before anything is filed:
// enough to tell which papers they need and until when.
type situation struct {
	Procedure string   `json:"p"`
	Facts     []stated `json:"f,omitempty"` // in the order they were stated
	Ask       string   `json:"a,omitempty"` // key of the fact that is asked
	Day       string   `json:"d,omitempty"` // from which a window is counted: YYYY-MM-DD
}

type stated struct {
	Key   string            `json:"k"`
	Value catalog.FactValue `json:"v"`
}

func (s *situation) known() map[string]catalog.FactValue {
	out := make(map[string]catalog.FactValue, len(s.Facts))
	for _, f := range s.Facts {
		out[f.Key] = f.Value
	}
	return out
}

func (s *situation) state(key string, v catalog.FactValue) {
	s.Facts = slices.DeleteFunc(slices.Clone(s.Facts), func(f stated) bool { return f.Key == key })
	s.Facts, s.Ask = append(s.Facts, stated{Key: key, Value: v}), ""
}

// situation gives the case of the procedure in view; another procedure's is
// forgotten.
func (t *turn) situation() (*catalog.Procedure, *situation, bool) {
	p, ok := t.e.cat.Procedure(t.st.Procedure)
	if !ok {
		return nil, nil, false
	}
	if t.st.Case == nil || t.st.Case.Procedure != p.Code {
		t.st.Case = &situation{Procedure: p.Code}
	}
	return p, t.st.Case, true
}

// papers asks what has to be known and then lists the papers: at once where
// nothing has to.
func (t *turn) papers() {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	t.st.At, s.Ask = atPapers, ""
	if f := t.e.cat.NextFact(p, s.known()); f != nil {
		if len(s.Facts) == 0 {
			t.leadWord("word.askPapers")
		}
		t.st.At, s.Ask = atFact, f.Key
	}
	t.show()
}

// showFact asks about the case.
func (t *turn) showFact() {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	i := slices.IndexFunc(p.Facts, func(f catalog.Fact) bool { return f.Key == s.Ask })
	if i < 0 {
		t.st.At = atPapers
		t.show()
		return
	}
	question := p.Facts[i].Question.In(t.loc)
	if t.short() {
		question = strings.TrimRight(p.Facts[i].Short.In(t.loc), "?") + "?"
	}
	t.say("card.ask", map[string]string{"question": question}, core.ExpectChoice,
		offer{act: "case", arg: catalog.FactYes, key: "choice.yes"}, offer{act: "case", arg: catalog.FactNo, key: "choice.no"},
		offer{act: "case", arg: catalog.FactUnknown, key: "choice.unknown"}, backOffer(), menuOffer())
}

// chooseInCase does the choices of a checklist.
func (t *turn) chooseInCase(o option) {
	switch o.Act {
	case "case":
		t.caseFact(o.Arg)
	case "special":
		t.st.At = atSpecial
		t.show()
	case "specialCase":
		t.special(o.Arg)
	case "window":
		t.askDay()
	case "day":
		var day string
		if json.Unmarshal(o.Raw, &day) != nil || form.CheckDay(day, t.in.Now) != nil {
			t.askDay()
			return
		}
		t.caseDay(day)
	}
}

// caseFact takes the answer to the question about the case that is open.
func (t *turn) caseFact(v catalog.FactValue) {
	if _, s, ok := t.situation(); ok && s.Ask != "" {
		s.state(s.Ask, v)
		t.out.Progress = true
	}
	t.papers()
}

// special takes up a special case: one that hardly ever holds is stated by naming
// it, any other is asked.
func (t *turn) special(key string) {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	for _, f := range t.e.cat.SpecialFacts(p, s.known()) {
		switch {
		case f.Key != key:
		case f.Usual == catalog.FactNo:
			s.state(key, catalog.FactYes)
			t.out.Progress = true
			t.papers()
			return
		default:
			t.st.At, s.Ask = atFact, key
			t.show()
			return
		}
	}
	t.papers()
}

func (t *turn) showSpecial() {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	var offers []offer
	for _, f := range t.e.cat.SpecialFacts(p, s.known()) {
		offers = append(offers, offer{act: "specialCase", arg: f.Key, label: both(f.Short), short: both(f.Short)})
	}
	t.say("card.special", nil, core.ExpectChoice, append(offers, backOffer(), menuOffer())...)
}

// showPapers lists the papers of the case with the fee and the days.
func (t *turn) showPapers() {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	ward := t.st.Ward
	g := t.e.cat.Guide(p, s.known(), ward, t.in.Now)
	var offers []offer
	if t.canFile(p) {
		offers = append(offers, pick("apply", "choice.applyHere"))
	}
	if len(g.Special) > 0 {
		offers = append(offers, pick("special", "choice.special"))
	}
	if p.Window != nil {
		offers = append(offers, pick("window", "choice.window"))
	}
	offers = append(offers, t.lateOffers(p, s)...)
	offers = append(offers, pick("office", "choice.where"), backOffer(), menuOffer())
	due := dueText(t.loc, g.DueAt, false)
	if t.short() {
		due = text.DateShort(t.loc, g.DueAt)
	}
	args := map[string]string{"fee": t.fee(p), "due": due, "window": t.window(p, s)}
	if t.short() {
		t.shortPapers(p, g, args, offers)
		return
	}
	args["eligible"], args["inPerson"] = strings.Join(t.each(p.Eligible), "; "), strings.Join(t.each(p.InPerson), " ")
	args["exempt"] = t.exempt(g.Fee)
	filing := t.rich("card.filing", args)
	t.say("card.papers", map[string]string{
		"name": t.name(p), "papers": t.paperList(g.Items), "spared": t.spared(g.Items), "filing": filing,
	}, core.ExpectAny, offers...)
}

// exempt names those who pay nothing of a fee that others pay.
func (t *turn) exempt(fee catalog.Fee) string {
	if fee.Amount == 0 && fee.Verified && len(fee.Items) == 0 {
		return ""
	}
	return strings.Join(t.each(fee.Exemptions), "; ")
}

// paperList writes each paper that may be needed, in the words of the law.
func (t *turn) paperList(items []catalog.Item) string {
	var lines []string
	for _, item := range items {
		if item.Requirement.Kind != catalog.KindForm && item.Need != catalog.NotNeeded {
			lines = append(lines, t.paperLine(item))
		}
	}
	if len(lines) == 0 {
		return t.word("word.none")
	}
	return t.list(lines)
}

func (t *turn) paperLine(item catalog.Item) string {
	r := item.Requirement
	line := r.Name.In(t.loc)
	var copies []string
	for _, n := range []struct {
		count int
		key   string
	}{{r.Originals, "word.originals"}, {r.Copies, "word.copies"}} {
		if n.count > 0 {
			copies = append(copies, t.word(n.key, "count", strconv.Itoa(n.count)))
		}
	}
	if len(copies) > 0 {
		line += ": " + strings.Join(copies, ", ")
	}
	switch item.Need {
	case catalog.Maybe:
		line += " (" + t.word("word.maybe") + ")"
	case catalog.Alternative:
		line += " (" + t.word("word.alternative") + ")"
	}
	if by := t.databases(r); by != "" {
		line += ". " + by
	}
	if note := strings.TrimRight(r.Note.In(t.loc), "."); note != "" {
		line += ". " + note
	}
	return line + "."
}

// databases says which state databases make a paper unnecessary.
func (t *turn) databases(r *catalog.Requirement) string {
	if len(r.ReplaceableBy) == 0 {
		return ""
	}
	names := make([]string, len(r.ReplaceableBy))
	for i, key := range r.ReplaceableBy {
		names[i] = t.word(catalog.DatabaseKey(key))
	}
	return t.word("word.replaced", "databases", strings.Join(names, ", "))
}

// spared names the papers that others need and this case does not.
func (t *turn) spared(items []catalog.Item) string {
	var names []string
	for _, item := range items {
		if item.Need == catalog.NotNeeded {
			names = append(names, text.InSentence(t.paperName(item.Requirement)))
		}
	}
	return strings.Join(names, "; ")
}

// Room for papers where every message costs money: in a message of their own and
// beside fee and date in the last one, as the messages declare.
const (
	ownPapers  = 93
	lastPapers = 42
)

// shortPapers lists the papers in a message of their own, then what it costs and
// when it is ready. What is needed is named whole, in one message more if it must
// be; of what may be needed and does not fit the number is told.
func (t *turn) shortPapers(p *catalog.Procedure, g catalog.Guide, args map[string]string, offers []offer) {
	needed, maybe := t.shortRows(g.Items, true)
	last := t.besideFiling(args, offers)
	if size(append(needed, maybe...)) > ownPapers {
		needed, maybe = t.shortRows(g.Items, false)
	}
	rows := append(needed, maybe...)
	var parts []string
	for first := true; first || len(rows) > 0 && len(maybe) < len(rows) && size(needed) > last; first = false {
		n := lastFit(rows, ownPapers)
		parts, rows = append(parts, strings.Join(rows[:n], "; ")), rows[n:]
		needed = needed[min(n, len(needed)):]
	}
	n := lastFit(rows, last)
	args["papers"], rows = strings.Join(rows[:n], "; "), rows[n:]
	if len(rows) > 0 {
		args["papers"] = strings.TrimPrefix(args["papers"]+"; +"+strconv.Itoa(len(rows)), "; ")
	}
	if parts[0] == "" {
		parts[0] = t.word("word.none")
	}
	for _, part := range parts {
		t.tell("card.papers", map[string]string{"name": t.name(p), "papers": part, "spared": "", "filing": ""})
	}
	t.say("card.filing", args, core.ExpectAny, offers...)
}

// besideFiling is the room for papers in the message about fee and date, with its
// choices behind it.
func (t *turn) besideFiling(args map[string]string, offers []offer) int {
	used, _ := text.Septets(t.e.msg.Text(t.loc, text.Short, "card.filing", args))
	for _, o := range offers {
		label := text.Plain(o.short.In(t.loc))
		if o.key != "" {
			label = t.word(o.key)
		}
		used += len(" 0 ") + len(label)
	}
	return min(lastPapers, text.MaxSeptets-used-len(". "))
}

func size(rows []string) int { return len(strings.Join(rows, "; ")) }

// lastFit tells how many of the first rows fit into room, with the number of the
// others if there are any.
func lastFit(rows []string, room int) (n int) {
	if size(rows) <= room {
		return len(rows)
	}
	for n < len(rows) && size(rows[:n+1]) <= room-len("; +9") {
		n++
	}
	return n
}

// shortRows names the papers in few words: those that are needed, and those that
// may be. What may be given instead stands beside the first of its group, by its
// name where names is set.
func (t *turn) shortRows(items []catalog.Item, names bool) (needed, maybe []string) {
	beside := map[string]string{}
	for _, item := range items {
		switch group := item.Requirement.Group; {
		case item.Need != catalog.Alternative:
		case names:
			beside[group] += " " + t.word("word.or") + " " + text.InSentence(t.paperName(item.Requirement))
		default:
			beside[group] = " " + t.word("word.orOther")
		}
	}
	for _, item := range items {
		r := item.Requirement
		if r.Kind == catalog.KindForm {
			continue
		}
		name := text.Plain(t.paperName(r) + beside[r.Group])
		switch item.Need {
		case catalog.Needed:
			needed = append(needed, name)
		case catalog.Maybe:
			maybe = append(maybe, name+"?")
		}
	}
	return needed, maybe
}

// answerCase reads what was typed for a question about the case.
func (t *turn) answerCase(raw string, m matched, isCommand bool) bool {
	if t.st.At == atFact {
		if v, ok := form.ParseFact(raw, t.loc).Value.(string); ok {
			t.caseFact(v)
			return true
		}
	}
	if t.answerChoice(raw) {
		return true
	}
	switch {
	case t.st.At == atFact && isCommand && (m.verb == verbYes || m.verb == verbConsent):
		t.caseFact(catalog.FactYes)
	case t.st.At == atFact && isCommand && m.verb == verbNo:
		t.caseFact(catalog.FactNo)
	case t.st.At == atFact && isCommand && m.verb == verbUnknown:
		t.caseFact(catalog.FactUnknown)
	case t.st.At == atDay:
		return t.answerDay(raw)
	default:
		return false
	}
	return true
}

// caseUnread asks a question about the case again when the reply was none of the
// things that may be said there.
func (t *turn) caseUnread(raw string) bool {
	switch t.st.At {
	case atFact:
		t.leadWord("field.yesno.unknown")
	case atDay:
		t.lead(t.violation(*form.ParseDay(raw, t.loc, t.in.Now).Violation))
	default:
		return false
	}
	t.missed = true
	t.show()
	return true
}

// backInCase takes the last answer about the case back and asks it again; before
// the first is the card.
func (t *turn) backInCase() {
	p, s, ok := t.situation()
	if !ok {
		t.home()
		return
	}
	if next := t.e.cat.NextFact(p, s.known()); t.st.At == atFact && (next == nil || next.Key != s.Ask) {
		t.papers() // a special case, asked from the list
		return
	}
	n := len(s.Facts) - 1
	if n < 0 {
		t.card(t.st.Procedure)
		return
	}
	last := s.Facts[n].Key
	s.Facts = slices.Clone(s.Facts[:n])
	t.st.At, s.Ask = atFact, last
	t.show()
}

// carry takes over into the draft what was said of the case before it was begun, so
// that it is not asked again.
func (t *turn) carry() {
	s := t.st.Case
	t.st.Case = nil
	if s == nil || t.draft == nil || t.app.Procedure.Code != s.Procedure {
		return
	}
	if t.app.TakeOver(catalog.Situation{Facts: s.known(), Day: s.Day}, t.author()) {
		t.change()
	}
}

// each writes texts in the language of the conversation.
func (t *turn) each(list []catalog.Bilingual) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.In(t.loc)
	}
	return out
}
