package dialog

import (
	"slices"
	"strconv"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// maxAside is how many drafts a conversation keeps beside the open one. Another
// one is begun after one of them was finished or deleted: none is ever forgotten
// silently.
const maxAside = 5

// swap opens a draft in place of the one that is open, which stays within reach.
func (t *turn) swap(d core.Draft) bool {
	left, app, was := t.draft, t.app, t.st.Aside
	if left != nil && left.ID != d.ID && left.State == core.DraftOpen {
		t.setAside(left.ID)
	}
	if !t.open(d) {
		t.st.Aside = was
		return false
	}
	t.st.Aside = slices.DeleteFunc(slices.Clone(t.st.Aside), func(a aside) bool { return a.ID == d.ID })
	t.conv.DraftID = d.ID
	t.resetDraft()
	if left != nil && left.ID != d.ID {
		t.lead(t.word("word.setAside", "name", t.name(app.Procedure)))
	}
	return true
}

func (t *turn) setAside(id core.ID) {
	kept := slices.DeleteFunc(slices.Clone(t.st.Aside), func(a aside) bool { return a.ID == id })
	// A draft taken over by its code is never refused, so there may be more; only
	// somebody who plays with codes comes to this many.
	const most = 50
	kept = kept[max(0, len(kept)-most+1):]
	t.st.Aside = append(kept, aside{ID: id, At: t.in.Now})
}

// ownDrafts lists what the person can go on with: the open draft, then those that
// were left, newest first, then the citizen's own from elsewhere.
func (t *turn) ownDrafts() []core.Draft {
	var out []core.Draft
	if t.draft != nil {
		out = append(out, *t.draft)
	}
	add := func(d core.Draft) {
		if t.usable(d) && !slices.ContainsFunc(out, func(o core.Draft) bool { return o.ID == d.ID }) {
			out = append(out, d)
		}
	}
	for _, a := range slices.Backward(t.st.Aside) {
		for _, d := range t.in.Found.Drafts {
			if d.ID == a.ID {
				add(d)
			}
		}
	}
	for _, d := range t.in.Found.Drafts {
		if d.CitizenID != "" {
			add(d)
		}
	}
	return out
}

// usable reports whether a draft can be gone on with here. One that a proved
// citizen took over meanwhile is theirs alone.
func (t *turn) usable(d core.Draft) bool {
	_, known := t.e.cat.Procedure(d.ProcedureCode)
	return known && d.State == core.DraftOpen && (d.CitizenID == "" || d.CitizenID == t.conv.CitizenID) &&
		(d.ExpiresAt.IsZero() || t.in.Now.Before(d.ExpiresAt))
}

func (t *turn) draftOffers(drafts []core.Draft) []offer {
	var offers []offer
	for _, d := range drafts[:min(len(drafts), maxDossiers)] {
		p, ok := t.e.cat.Procedure(d.ProcedureCode)
		if !ok {
			continue
		}
		label := func(l text.Locale) string {
			name := p.Short.In(l)
			if name == "" {
				name = p.Name.In(l)
			}
			return t.e.msg.Text(l, text.Rich, "word.unfinished", map[string]string{"name": name}) + " " +
				d.UpdatedAt.In(core.City).Format("02/01")
		}
		o := offer{act: "draft", arg: string(d.ID), label: form.Text{VI: label(text.VI), EN: label(text.EN)}}
		if t.draft != nil && d.ID == t.draft.ID {
			o.act, o.arg = "continue", ""
		}
		offers = append(offers, o)
	}
	return offers
}

// openDraft goes on with a draft that was left.
func (t *turn) openDraft(id core.ID) {
	d := t.in.Found.Draft
	papers := t.in.Found.DraftPages
	mine := slices.ContainsFunc(t.st.Aside, func(a aside) bool { return a.ID == id }) || d != nil && d.CitizenID != ""
	if d == nil || d.ID != id || !mine || !t.usable(*d) || !t.swap(*d) {
		t.st.Aside = slices.DeleteFunc(slices.Clone(t.st.Aside), func(a aside) bool { return a.ID == id })
		t.leadWord("word.draftGone")
		t.home()
		return
	}
	t.in.Found.Papers = papers
	t.st.Paged = len(papers) > 0
	t.out.Progress = true
	t.next()
}

// tooMany says that something begun has to be finished or deleted first.
func (t *turn) tooMany() {
	drafts := t.ownDrafts()
	// What was finished or deleted elsewhere leaves room.
	t.st.Aside = slices.DeleteFunc(slices.Clone(t.st.Aside), func(a aside) bool {
		return !slices.ContainsFunc(drafts, func(d core.Draft) bool { return d.ID == a.ID })
	})
	if len(t.st.Aside) < maxAside {
		t.begin(t.st.Procedure, true)
		return
	}
	t.leadWord("word.tooManyDrafts", "count", strconv.Itoa(len(drafts)))
	t.listOwn(nil, drafts)
}
