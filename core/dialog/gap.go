package dialog

import (
	"slices"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

// What came of a search, for counting.
const (
	SearchFound     = "found"     // a procedure or place is shown, or several are offered
	SearchNone      = "none"      // nothing was found
	SearchPicked    = "picked"    // one of those offered was taken
	SearchAbandoned = "abandoned" // none of those offered was wanted
)

// search is find, and notes what came of it.
func (t *turn) search(words string) bool {
	if !t.find(words) {
		t.out.Searches = append(t.out.Searches, SearchNone)
		t.noteGap(core.GapNone, words)
		return false
	}
	t.out.Searches = append(t.out.Searches, SearchFound)
	t.st.Query = ""
	if t.st.At == atPick {
		t.st.Query, _ = catalog.GapQuery(words)
	}
	return true
}

// abandon notes that nothing of what the last search offered was wanted. A turn
// that says so more than once says it once.
func (t *turn) abandon() {
	if slices.Contains(t.out.Searches, SearchAbandoned) {
		return
	}
	t.out.Searches = append(t.out.Searches, SearchAbandoned)
	t.noteGap(core.GapAbandoned, readState(t.in.Row.Conversation).Query)
}

// noteGap has a query counted that led nowhere, unless it may say who somebody is.
func (t *turn) noteGap(kind core.GapKind, words string) {
	if q, ok := catalog.GapQuery(words); ok {
		t.gaps = append(t.gaps, NoteGap{Query: q, Kind: kind})
	}
}

// settleSearch sees what became of a list that was offered in the turn before: one of
// it was taken, or the person was lost or asked for somebody right after it. The
// notes come last: they are no answer and keep no talk in circles going.
func (t *turn) settleSearch() {
	if readState(t.in.Row.Conversation).At == atPick && fromPerson(t.in.Event.Kind) {
		switch {
		case t.st.At == atCard && len(t.out.Searches) == 0:
			t.out.Searches = append(t.out.Searches, SearchPicked)
		case t.missed && t.st.At != atPick, slices.ContainsFunc(t.out.Commands, asksPerson):
			t.abandon()
		}
	}
	if t.st.At != atPick {
		t.st.Query = ""
	}
	t.out.Commands = append(t.out.Commands, t.gaps...)
}

func asksPerson(c Command) bool {
	_, asks := c.(AskPerson)
	return asks
}
