package core

import "time"

// DraftState is where a draft stands.
type DraftState string

// The states of a draft.
const (
	DraftOpen      DraftState = "open"
	DraftSubmitted DraftState = "submitted"
	DraftDropped   DraftState = "dropped"
)

// Draft is an application being filled in. Answers is JSON of DraftAnswers.
// Version grows with every saved change; two channels merge per answer because
// a writer who lost the race reads again and sets only its own answer.
type Draft struct {
	ID               ID
	ProcedureCode    string
	ProcedureVersion string
	FormID           string
	FormVersion      string
	Office           string // ward code that will handle it; "" until known
	CitizenID        ID
	Answers          Sealed
	State            DraftState
	DossierID        ID     // once submitted
	Holder           string // channel that works on it now
	Desk             string // ward code of the counter an officer fills it in at, for a citizen who came; "" else
	Version          int64
	CreatedAt        time.Time
	UpdatedAt        time.Time
	ExpiresAt        time.Time // 30 days after the last change
}

// DraftAnswers is the content of a draft.
type DraftAnswers struct {
	Fields map[string]DraftAnswer `json:"fields,omitempty"` // by field key
	Facts  map[string]DraftAnswer `json:"facts,omitempty"`  // by fact key: "yes", "no", "unknown"
	Papers map[string]PaperChoice `json:"papers,omitempty"` // by requirement key
	// Changed are the fields whose question changed after it was answered, so that
	// it was put again.
	Changed []string `json:"changed,omitempty"`
}

// DraftAnswer is one answer with its author.
type DraftAnswer struct {
	Value   any       `json:"v"`           // canonical value: string, int64, bool, object, list; nil = skipped
	Skipped bool      `json:"s,omitempty"` // an optional question passed over
	Author  string    `json:"by"`          // actor kind, or "copy", "default", "computed"
	Channel string    `json:"ch,omitempty"`
	At      time.Time `json:"at"`
	// What was asked: type and revision of the field. An answer to another question
	// does not count after a form changed.
	Type string `json:"t,omitempty"`
	Rev  int    `json:"r,omitempty"`
}

// PaperChoice is what the citizen decided about one paper.
type PaperChoice struct {
	Done    bool      `json:"d,omitempty"` // all pages are there
	Skipped bool      `json:"s,omitempty"` // not given now: optional, or to be brought
	Author  string    `json:"by,omitempty"`
	At      time.Time `json:"at"`
}
