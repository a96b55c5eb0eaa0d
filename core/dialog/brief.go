package dialog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// Bounds of the summary where every message costs money: what follows the rows in
// the last one, and a label.
const (
	briefLast  = 34 // characters of rows beside the consent, as the message declares
	briefLabel = 14
)

// shortSummary shows the summary in as few messages as it fits into: what the
// person typed or chose, or only the line that changed, or every line when that was
// asked for. The last message asks for the consent and takes the last rows in.
func (t *turn) shortSummary(code string, offers []offer) {
	var rows []string
	switch {
	case t.only > 0:
		for _, l := range t.app.Review(t.in.Found.Papers, t.loc, false) {
			if l.Number == t.only {
				rows = []string{t.briefRow(l)}
			}
		}
	case t.whole:
		rows = t.rows(false)
	default:
		rows = t.brief()
	}
	lead := t.leading
	t.leading = ""
	n := lastRows(rows, t.besideConsent(code, lead))
	for _, part := range chunks(rows[:len(rows)-n], shortRows) {
		t.tell("summary.rows", map[string]string{"rows": part})
	}
	t.leading = lead
	t.say("summary.consent", map[string]string{"code": code, "rows": strings.Join(rows[len(rows)-n:], "; ")}, core.ExpectText, offers...)
}

// besideConsent is the room for rows in the message that asks for the consent,
// with the ways back and to the menu behind it.
func (t *turn) besideConsent(code, lead string) int {
	args := map[string]string{"code": code, "lead": lead, "rows": "."}
	used, _ := text.Septets(t.e.msg.Text(t.loc, text.Short, "summary.consent", args))
	ways := "  9 " + t.word("choice.back") + " 0 " + t.word("choice.menu")
	return min(briefLast, text.MaxSeptets+1-used-len(ways))
}

// lastRows tells how many of the last rows fit into room.
func lastRows(rows []string, room int) (n int) {
	for n < len(rows) && len(strings.Join(rows[len(rows)-n-1:], "; ")) <= room {
		n++
	}
	return n
}

// brief writes what the person typed or chose, under the numbers of the whole
// summary; papers that were sent are one row. What was copied, worked out or known
// before is left to the whole one.
func (t *turn) brief() []string {
	var rows []string
	var papers []dossier.Line
	pages := 0
	for _, l := range t.app.Review(t.in.Found.Papers, t.loc, false) {
		switch {
		case l.Known:
		case l.Kind != dossier.StepPaper:
			rows = append(rows, t.briefRow(l))
		case l.Stand.Files+l.Stand.Pending > 0:
			papers = append(papers, l)
			pages += l.Stand.Pages
		}
	}
	switch len(papers) {
	case 0:
	case 1:
		rows = append(rows, t.briefRow(papers[0]))
	default:
		said := t.word("word.papers", "papers", strconv.Itoa(len(papers)), "pages", strconv.Itoa(pages))
		rows = append(rows, fmt.Sprintf("%d-%d %s", papers[0].Number, papers[len(papers)-1].Number, text.Plain(said)))
	}
	return rows
}

// briefRow writes a line as short as it can be told from the others: choices by
// their words alone, unless the words say nothing without the question.
func (t *turn) briefRow(l dossier.Line) string {
	full := t.row(l)
	if l.Kind != dossier.StepField || l.Value == nil {
		label, value, _ := strings.Cut(strings.TrimPrefix(full, fmt.Sprint(l.Number)+" "), ": ")
		if l.Kind != dossier.StepField {
			label = text.Plain(l.Label.In(t.loc))
		}
		return fmt.Sprintf("%d %s: %s", l.Number, fewWords(label), value)
	}
	q, ok := t.app.State().Question(l.Key)
	if !ok {
		return full
	}
	value, _ := l.Value.(string)
	for _, o := range q.Choices {
		if o.Value == value {
			return fmt.Sprintf("%d %s", l.Number, text.Cut(o.Plain(t.loc), shortValue))
		}
	}
	switch q.Type {
	case "org", "ward":
		if w, ok := t.e.cat.Ward(value); ok {
			return fmt.Sprintf("%d %s", l.Number, text.Cut(text.Plain(shortWard(w)), shortValue))
		}
	case "code":
		return fmt.Sprintf("%d %s", l.Number, text.Cut(text.Plain(t.shown(&q, l.Value)), shortValue))
	}
	return fmt.Sprintf("%d %s: %s", l.Number, fewWords(q.Short(t.loc)), text.Cut(text.Plain(t.shown(&q, l.Value)), shortValue))
}

// fewWords keeps as many whole words as tell a label apart.
func fewWords(label string) string {
	label, _, _ = strings.Cut(strings.TrimRight(label, "? "), " (")
	if len(label) <= briefLabel {
		return label
	}
	cut := strings.LastIndexByte(label[:briefLabel+1], ' ')
	if cut < briefLabel/2 {
		return text.Cut(label, briefLabel)
	}
	return strings.TrimRight(label[:cut], " ,;.:")
}
