package dialog

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// place is where a conversation stands: which question is open.
type place string

// The places.
const (
	atHome       place = ""
	atSearch     place = "search"     // asked what the person wants to do
	atTopic      place = "topic"      // the procedures of a topic are listed
	atNone       place = "none"       // none of the procedures that fit was meant
	atPick       place = "pick"       // several procedures fit
	atCard       place = "card"       // a procedure is shown
	atFact       place = "fact"       // a question about the case
	atPapers     place = "papers"     // the papers of the case are listed
	atSpecial    place = "special"    // which special case?
	atDay        place = "day"        // asked for the day a window is counted from
	atDue        place = "due"        // the window is counted
	atOffice     place = "office"     // asked for a ward
	atWards      place = "wards"      // several wards fit, or one is shown
	atTrack      place = "track"      // asked for a dossier code
	atList       place = "list"       // own dossiers are listed
	atDossier    place = "dossier"    // a dossier is shown
	atOpen       place = "open"       // continue the draft or start another
	atStep       place = "step"       // a question, fact or paper of the draft
	atValues     place = "values"     // which of several readings was meant
	atDoubt      place = "doubt"      // an answer that is probably wrong
	atClarify    place = "clarify"    // an answer, or a command?
	atSummary    place = "summary"    // the summary waits for consent
	atEdits      place = "edits"      // which line to change?
	atItems      place = "items"      // which item of a list to take out?
	atDrop       place = "drop"       // delete the draft for good?
	atCancelled  place = "cancelled"  // stopped, the draft is kept
	atNoticesOff place = "noticesOff" // notices stopped in the middle of a draft
	atSupplement place = "supplement" // a supplement request is shown
	atMissing    place = "missing"    // pages of one missing paper
	atHandIn     place = "handIn"     // all missing papers are there
	atWithdraw   place = "withdraw"   // really withdraw?
	atDraft      place = "draft"      // the draft of a result is to be checked
	atDraftWrong place = "draftWrong" // what is wrong in it?
	atLost       place = "lost"       // not understood three times
)

// state is the dialogue's own memory. It is sealed in the conversation row, so
// it may hold what the person typed; it is small.
type state struct {
	At     place     `json:"at,omitempty"`
	Seq    int       `json:"seq,omitempty"`   // number of the last prompt with choices
	Opts   []option  `json:"opts,omitempty"`  // its choices
	Said   string    `json:"said,omitempty"`  // words behind atValues, atDoubt, atClarify
	Lost   int       `json:"lost,omitempty"`  // replies in a row that were not understood
	Loop   int       `json:"loop,omitempty"`  // replies in a row that brought nothing
	LoopAt time.Time `json:"loopAt,omitzero"` // when the first of them was given
	Last   string    `json:"last,omitempty"`  // fingerprint of the last thing said
	Known  bool      `json:"known,omitempty"`

	Procedure string     `json:"proc,omitempty"`  // in view
	Case      *situation `json:"case,omitempty"`  // what was said of the case it is needed for
	Hits      []string   `json:"hits,omitempty"`  // procedures of a list
	Query     string     `json:"query,omitempty"` // that atPick answers, as catalog.GapQuery gives it
	Topic     string     `json:"topic,omitempty"` // in view
	Page      int        `json:"page,omitempty"`  // of a list that is longer than a message
	Wards     []string   `json:"wards,omitempty"` // units a name may mean
	Ward      string     `json:"ward,omitempty"`  // shown
	Old       string     `json:"old,omitempty"`   // former name under which Ward was found

	Step   string `json:"step,omitempty"`   // key of the open step
	Edit   bool   `json:"edit,omitempty"`   // after it, back to the summary
	Digits string `json:"digits,omitempty"` // drawn for this submission
	Notice bool   `json:"notice,omitempty"` // the notice on personal data was given
	Paged  bool   `json:"paged,omitempty"`  // the draft may have pages

	Pending []core.ID `json:"pend,omitempty"` // pages without an answer yet
	Group   string    `json:"group,omitempty"`
	Count   int       `json:"count,omitempty"` // pages of Group so far
	Quiet   bool      `json:"quiet,omitempty"` // Group is complete
	Done    bool      `json:"done,omitempty"`  // "done" was said while pages are pending
	Bad     int       `json:"bad,omitempty"`   // refusals in a row for this paper
	For     string    `json:"for,omitempty"`   // requirement Pending was sent for
	PagesOf core.ID   `json:"of,omitempty"`    // dossier of the supplement Pending belongs to

	Dossier  core.ID   `json:"dossier,omitempty"` // in view
	Item     int       `json:"item,omitempty"`    // of the supplement request
	Aside    []aside   `json:"aside,omitempty"`   // drafts that another one took the place of
	Reminded bool      `json:"reminded,omitempty"`
	AskedAt  time.Time `json:"asked,omitzero"` // when a person was asked for
	FiledAt  time.Time `json:"filed,omitzero"` // when an application was last submitted
}

// aside names a draft that was left for another one and can be gone on with.
type aside struct {
	ID core.ID   `json:"d"`
	At time.Time `json:"t"` // when it was left
}

// option is a choice that was offered, with what it does.
type option struct {
	ID    string          `json:"i"`
	Act   string          `json:"a"`
	Arg   string          `json:"g,omitempty"`
	Raw   json.RawMessage `json:"r,omitempty"` // canonical value
	Digit string          `json:"d,omitempty"`
	Words []string        `json:"w,omitempty"` // labels, as text.FoldExact gives them
}

// readState opens the state of a conversation. An unreadable one is a new one:
// the draft is elsewhere, so nothing is lost but the open question.
func readState(c core.Conversation) state {
	var st state
	if err := core.OpenJSON(c.State, &st); err != nil {
		return state{}
	}
	return st
}

// Ids of choices that mean the same in every prompt, so that they never grow
// old. A dossier's id may follow after a dot.
const (
	navPrefix = "nav."
	navMenu   = "nav.menu"
	navBack   = "nav.back"
	navHelp   = "nav.help"
	navHuman  = "nav.human"
)

// byID finds an option that was offered last.
func (st *state) byID(id string) (option, bool) {
	for _, o := range st.Opts {
		if o.ID == id {
			return o, true
		}
	}
	return option{}, false
}

// byAct finds the first offered option that does something.
func (st *state) byAct(act string) (option, bool) {
	for _, o := range st.Opts {
		if o.Act == act {
			return o, true
		}
	}
	return option{}, false
}

// byText finds the option a reply means: its number, its words, or the unique
// beginning of its words. Number is set when the reply is a number that no
// option has.
func (st *state) byText(raw string) (o option, ok, number bool) {
	s := strings.Trim(text.Sign(raw), " .)(")
	if n := atoi(s); n >= 0 && len(s) <= 2 {
		for _, o := range st.Opts {
			if o.Digit == strconv.Itoa(n) {
				return o, true, false
			}
		}
		return option{}, false, true
	}
	// One word with accents is taken by its accents: "cô" is not "có". Bare "dung"
	// is no label at all, whatever the label is.
	typed, fold := text.Fold(raw), text.Fold
	if text.Accented(raw) && !strings.Contains(typed, " ") {
		typed, fold = text.FoldExact(raw), func(s string) string { return s }
	}
	if typed == "" || typed == "dung" {
		return option{}, false, false
	}
	var hit []option
	for _, o := range st.Opts {
		for _, w := range o.Words {
			w = fold(w)
			if w == typed {
				return o, true, false
			}
			if len(typed) >= 2 && strings.HasPrefix(w, typed+" ") {
				hit = append(hit, o)
				break
			}
		}
	}
	if len(hit) == 1 {
		return hit[0], true, false
	}
	return option{}, false, false
}

// top is the highest number an option has.
func (st *state) top() int {
	n := 0
	for _, o := range st.Opts {
		if v := atoi(o.Digit); v > n && v < 9 {
			n = v
		}
	}
	return n
}
