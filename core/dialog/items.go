package dialog

import (
	"strconv"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
)

// listOpen gives the list of the form whose question "how many" is open, and how many
// items it has.
func (t *turn) listOpen() (group string, items int) {
	if t.app == nil || t.st.At != atStep && t.st.At != atItems {
		return "", 0
	}
	s := t.step()
	if s.Kind != dossier.StepField {
		return "", 0
	}
	group, ok := t.app.Form.CountOf(s.Key)
	if !ok || s.Question == nil {
		return "", 0
	}
	n, _ := s.Question.Current.(int64)
	return group, int(n)
}

// removable tells how many items can be named to be taken out where the
// conversation stands.
func (t *turn) removable() int {
	_, n := t.listOpen()
	return n
}

// remove takes item n out of the list whose "how many" is open. It reports false
// where no list is open.
func (t *turn) remove(n int) bool {
	group, items := t.listOpen()
	if group == "" || items == 0 {
		return false
	}
	t.st.At = atStep
	if err := t.app.RemoveItem(group, n); err != nil {
		t.missed = true
		t.lead(t.violation(firstViolation(err)))
		t.show()
		return true
	}
	t.change()
	t.leadWord("word.itemGone", "n", strconv.Itoa(n), "left", strconv.Itoa(items-1))
	t.next()
	return true
}

// showItems lists the items of a list, to choose the one to take out. Where it is
// private the first answer of an item says which it is.
func (t *turn) showItems() {
	group, items := t.listOpen()
	if items == 0 {
		t.st.At = atStep
		t.showStep()
		return
	}
	names := map[int]form.Text{}
	for _, l := range t.app.State().Summary(t.loc) {
		g, n, ok := t.app.Form.Item(l.Key)
		if _, there := names[n]; !ok || g != group || there || l.Value == nil {
			continue
		}
		names[n] = l.Heading
		if t.in.Caps.Private {
			names[n] = form.Text{VI: l.Heading.VI + " · " + l.Shown, EN: l.Heading.EN + " · " + l.Shown}
		}
	}
	var offers []offer
	for n := 1; n <= items; n++ {
		label := names[n]
		if label == (form.Text{}) {
			label = form.Text{VI: strconv.Itoa(n), EN: strconv.Itoa(n)}
		}
		offers = append(offers, offer{act: "remove", arg: strconv.Itoa(n), label: label})
	}
	t.say("items.ask", nil, core.ExpectChoice, append(offers, backOffer(), menuOffer())...)
}

// rebased says once that a form changed since the draft was last worked on, and how
// many questions are put again.
func (t *turn) rebased() {
	if n := len(t.app.Changed); n > 0 && !t.told {
		t.leadWord("word.rebased", "count", strconv.Itoa(n))
		t.told, t.changed = true, true // saved with the new version, it is not said again
	}
}
