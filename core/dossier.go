package core

import "time"

// DossierState is the official status of a dossier, with the numbers of the
// national synchronisation interface (domain facts: docs/architecture.md).
type DossierState int

// The ten official states.
const (
	StateNew        DossierState = 1  // Mới đăng ký
	StateAccepted   DossierState = 2  // Được tiếp nhận
	StateRefused    DossierState = 3  // Không được tiếp nhận
	StateProcessing DossierState = 4  // Đang xử lý
	StateSupplement DossierState = 5  // Yêu cầu bổ sung giấy tờ
	StatePayment    DossierState = 6  // Yêu cầu thực hiện nghĩa vụ tài chính
	StateWithdrawn  DossierState = 7  // Công dân yêu cầu rút hồ sơ
	StateStopped    DossierState = 8  // Dừng xử lý
	StateDone       DossierState = 9  // Đã xử lý xong
	StateReturned   DossierState = 10 // Đã trả kết quả
)

// Dossier is one applicant's submitted case.
//
// Canonical holds the RFC 8785 bytes of what was submitted (procedure, versions,
// answers, manifest of papers) and Hash their SHA-256 in hex: the same answers
// and pages give the same Hash on every channel.
type Dossier struct {
	ID               ID
	Code             string // the official code; others in Codes of the repository
	ProcedureCode    string
	ProcedureVersion string
	FormVersion      string
	Agency           string // organisation code that numbered it
	Office           string // ward code
	CitizenID        ID
	ConvID           ID // conversation that is told of changes; "" if none
	DraftID          ID
	Contact          Sealed // JSON of DossierContact
	ContactPhone     string // E.164, write-only: the store keeps a keyed hash for ByContact
	Canonical        Sealed
	Hash             string
	State            DossierState
	NeedsProof       bool // submitted below the procedure's minimum assurance
	Confidential     bool
	FiledBy          ActorKind // an officer filed it at the counter; else the applicant did
	SubmittedAt      time.Time
	AcceptedAt       time.Time
	ExpectedAt       time.Time     // promised at submission, "dự kiến"
	DueAt            time.Time     // firm, from acceptance on
	OriginalDueAt    time.Time     // DueAt before the one extension; zero while there was none
	AnswerBy         time.Time     // until when the applicant should answer what is open; zero = no date
	ResultDraft      ResultDraft   // where the draft of the result stands
	ClockPausedAt    time.Time     // zero while the clock runs
	PausedFor        time.Duration // civil time already paused, rounded up to the second
	DoneAt           time.Time
	Round            int // supplement requests so far
	Version          int64
	UpdatedAt        time.Time
}

// ResultDraft is where the draft of a result stands that the applicant is asked to
// check. It is no official state: the dossier is being processed meanwhile.
type ResultDraft string

// The states of a draft result.
const (
	ResultDraftNone      ResultDraft = ""
	ResultDraftSent      ResultDraft = "sent"      // waits for the applicant until Dossier.AnswerBy
	ResultDraftConfirmed ResultDraft = "confirmed" // by the applicant, or by silence
	ResultDraftWrong     ResultDraft = "wrong"     // the applicant said what is wrong
)

// DossierContact is how the applicant is reached.
type DossierContact struct {
	Name   string `json:"name,omitempty"`
	Phone  string `json:"phone,omitempty"`
	Email  string `json:"email,omitempty"`
	Locale string `json:"locale,omitempty"`
	// PersonalID is the applicant's number as declared, of a dossier that an officer
	// filed with the card in hand; empty else.
	PersonalID string `json:"personalId,omitempty"`
}

// DossierCode is one number a dossier is known by. Exactly one is official.
type DossierCode struct {
	Code      string
	DossierID ID
	Official  bool
	Issuer    string // organisation that gave it
	CreatedAt time.Time
}

// DossierEvent is one line of a dossier's timeline. The timeline is append-only
// and its last To is the dossier's state.
type DossierEvent struct {
	DossierID ID
	Seq       int
	From, To  DossierState
	Kind      string // "submitted", "accepted", "supplement_requested", …
	Actor     ActorKind
	ActorID   ID
	Reason    string // reason code
	Note      Sealed // JSON of details for the citizen
	At        time.Time
}

// Supplement is one complete request for missing papers.
type Supplement struct {
	ID         ID
	DossierID  ID
	Round      int
	Items      Sealed // JSON of []SupplementItem
	DueAt      time.Time
	CreatedAt  time.Time
	AnsweredAt time.Time
}

// SupplementItem is one defect.
type SupplementItem struct {
	Requirement string `json:"requirement"`
	Reason      string `json:"reason"`         // reason code
	Page        int    `json:"page,omitempty"` // 1-based, 0 = the whole paper
	Note        string `json:"note,omitempty"` // officer's words, shown on private channels only
}

// AuditRow records that somebody other than the citizen read or changed a
// citizen's data, and for what purpose.
type AuditRow struct {
	ID        ID
	At        time.Time
	Actor     ActorKind
	ActorID   ID
	ActorName string
	Office    string
	Op        string // operation of the policy table
	DossierID ID     // or the draft's, of what an officer did before it was filed
	CitizenID ID
	Purpose   string
}

// ProcedureUse is how many dossiers were filed under a version of a procedure.
type ProcedureUse struct {
	Code     string `json:"code"`
	Version  string `json:"version"`
	Dossiers int    `json:"dossiers"`
}
