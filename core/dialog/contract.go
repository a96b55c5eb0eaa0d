package dialog

import (
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// Want is what a turn will need from the store beyond the conversation itself.
// The caller asks for it before the turn, loads it in the same View and hands it
// over as Found. It is decided from state and event alone.
type Want struct {
	Papers      bool    // papers of the conversation's draft
	DossierCode string  // a dossier by its full code; where there is none, the conversation's own
	CodeTail    string  // the conversation's own dossiers whose code ends so
	Mine        bool    // the conversation's own dossiers
	DossierID   core.ID // one dossier by id, with supplement and timeline
	Line        int     // the line of its timeline to tell, for somebody it is not the dossier of
	HandOffCode string  // a hand-off code, normalised, with its draft and papers
	DraftID     core.ID // one draft by id, with its papers
	OpenDrafts  bool    // the linked citizen's open drafts
	Drafts      []core.ID
	Person      bool // who waits for an officer, and which officers are on duty
	Cosigns     bool // what the conversation was asked to agree to
}

func (w Want) empty() bool {
	return !w.Papers && w.DossierCode == "" && w.CodeTail == "" && !w.Mine && w.DossierID == "" &&
		w.HandOffCode == "" && w.DraftID == "" && !w.OpenDrafts && len(w.Drafts) == 0 && !w.Cosigns && !w.Person
}

// Found answers a Want. A pointer stays nil when there is nothing.
type Found struct {
	Papers       []core.Paper
	Dossier      *core.Dossier // by DossierCode or DossierID
	Wait         time.Duration // DossierCode was not looked up: too many named codes that do not exist; until then
	Dossiers     []core.Dossier
	Supplement   *core.Supplement // open or last request of Dossier
	Timeline     []core.DossierEvent
	HandOff      *core.HandOff
	HandOffDraft *core.Draft
	HandOffPages []core.Paper
	Draft        *core.Draft // by DraftID, with its papers
	DraftPages   []core.Paper
	Drafts       []core.Draft    // by OpenDrafts and Drafts, in any state, perhaps twice
	Handover     *core.Handover  // an open request for a person, where one exists
	Cosigns      []Cosign        // by Cosigns, newest first
	Waiting      []core.Handover // by Person: those nobody has taken, of every office, oldest first
	OnDuty       []string        // by Person: the offices that an officer works for now, "*" for the whole city
}

// Cosign is a request to agree, with the dossier it is about.
type Cosign struct {
	core.Cosign
	Dossier core.Dossier
}

// Input is everything a turn may know. Turn reads nothing else.
type Input struct {
	Event  core.Event
	Row    core.TurnRow // Conversation.Version is 0 when the address is new: ids are already set
	Found  Found
	Caps   core.Capabilities
	Now    time.Time
	NewID  core.IDSource
	Random func(n int) []byte // n random bytes, for codes and tokens

	BaseURL string // public base of upload links, "https://…"; "" gives links without a host
}

// Output is what a turn decided. The caller saves Conversation over the version
// read, Draft likewise (Version 0 = insert), applies Commands in order in the
// same transaction and enqueues Prompts after them.
type Output struct {
	Conversation core.Conversation // State, Locale and DraftID are new
	Draft        *core.Draft       // nil = unchanged
	Commands     []Command
	Prompts      []core.Prompt // usually one
	Progress     bool          // the citizen got further (loop guard)
	Understood   bool
	Searches     []string // what came of searches: SearchFound and the like
	Quiet        bool     // the answer was kept back: talk in circles on a short channel
	// Queue names the office whose queue an answer may tell. The caller, which may
	// know it, fills it in (FillQueue).
	Queue *QueueAt
	// UnknownCode says that a dossier's code was named and there is none.
	UnknownCode bool
}

// QueueAt is the office of a prompt: the index in Output.Prompts.
type QueueAt struct {
	Ward   string
	Prompt int
}

// Command is one effect the turn asks for. The set is closed.
type Command interface{ Operation() string }

// AddPages receives files that wait at the vendor as pending pages of one paper.
type AddPages struct {
	DraftID     core.ID
	DossierID   core.ID // set when it answers a supplement
	Requirement string
	Round       int
	Group       string // album
	Pages       []NewPage
}

// NewPage is one file of AddPages.
type NewPage struct {
	ID    core.ID
	Media core.Media
}

// RemovePage takes a page back.
type RemovePage struct{ PageID core.ID }

// Submit files the draft. Prompt is the index in Output.Prompts whose Args get
// the result (FillSubmitted).
type Submit struct {
	DraftID  core.ID
	Prepared dossier.Prepared
	Prompt   int
}

// RespondSupplement hands the supplement's pages in; Prompt as in Submit.
type RespondSupplement struct {
	DossierID core.ID
	Prompt    int
}

// Withdraw takes a dossier back at the citizen's wish; Prompt as in Submit.
type Withdraw struct {
	DossierID core.ID
	Prompt    int
}

// AnswerDraft says whether the draft of a result is right; Words say what is wrong
// when it is not. Prompt as in Submit.
type AnswerDraft struct {
	DossierID core.ID
	Right     bool
	Words     string
	Prompt    int
}

// AnswerCosign answers a request to agree with the digits that were sent back.
type AnswerCosign struct {
	CosignID core.ID
	Digits   string
	Agree    bool
}

// CreateHandOff stores a code that moves the draft.
type CreateHandOff struct {
	Code    string
	DraftID core.ID
}

// RedeemHandOff uses a code: the draft moves to this conversation. A code used
// by somebody else meanwhile is a conflict, and the turn is taken again.
type RedeemHandOff struct {
	Code    string
	DraftID core.ID
}

// CreateLink stores an upload link.
type CreateLink struct {
	Token     string
	DraftID   core.ID
	DossierID core.ID
	ExpiresAt time.Time
}

// AskPerson puts the conversation into the queue of the office.
type AskPerson struct {
	Office string
	Reason string // message key
	Said   string // last words of the citizen, sealed by the store
}

// NoteGap counts a query that led nowhere, by who asked it.
type NoteGap struct {
	Query string // as catalog.GapQuery gives it: nobody's
	Kind  core.GapKind
}

// SetNotices stops or starts notices on this address.
type SetNotices struct{ Stop bool }

// ProveAddress records that the vendor proved Phone to belong to this person.
type ProveAddress struct{ Phone string }

// Timer delivers an event of Kind to this conversation after a while.
type Timer struct {
	After time.Duration
	Event core.EventKind
	Group string
	Seq   int
}

// Operation names of the commands, as the policy table has them.
func (AddPages) Operation() string          { return "dialog.add_pages" }
func (RemovePage) Operation() string        { return "dialog.remove_page" }
func (Submit) Operation() string            { return "dialog.submit" }
func (RespondSupplement) Operation() string { return "dialog.respond_supplement" }
func (Withdraw) Operation() string          { return "dialog.withdraw" }
func (AnswerDraft) Operation() string       { return "dialog.answer_draft" }
func (AnswerCosign) Operation() string      { return "dialog.answer_cosign" }
func (CreateHandOff) Operation() string     { return "dialog.create_hand_off" }
func (RedeemHandOff) Operation() string     { return "dialog.redeem_hand_off" }
func (CreateLink) Operation() string        { return "dialog.create_link" }
func (AskPerson) Operation() string         { return "dialog.ask_person" }
func (NoteGap) Operation() string           { return "dialog.note_gap" }
func (SetNotices) Operation() string        { return "dialog.set_notices" }
func (ProveAddress) Operation() string      { return "dialog.prove_address" }
func (Timer) Operation() string             { return "dialog.timer" }

// Commands lists one value of every command, for the policy table's test.
func Commands() []Command {
	return []Command{
		AddPages{}, RemovePage{}, Submit{}, RespondSupplement{}, Withdraw{}, AnswerDraft{}, AnswerCosign{},
		CreateHandOff{}, RedeemHandOff{}, CreateLink{}, AskPerson{}, NoteGap{}, SetNotices{},
		ProveAddress{}, Timer{},
	}
}

// The caller's side of the seam, implemented in this package:
//
//	func New(cat *catalog.Catalog, svc *dossier.Service) *Engine
//	func (*Engine) Want(row core.TurnRow, ev core.Event, caps core.Capabilities) Want
//	func (*Engine) Turn(in Input) Output            // pure, deterministic, never panics on input
//	func (*Engine) FillSubmitted(p *core.Prompt, d core.Dossier)
//	func (*Engine) FillQueue(p *core.Prompt, q catalog.Queue, caps core.Capabilities)
//	func (*Engine) Sorry(row core.TurnRow) core.Prompt // "try again / officer" after a parked event
