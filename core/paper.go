package core

import "time"

// Paper is one document of a draft or dossier: an ordered list of pages that
// answers one requirement.
type Paper struct {
	ID          ID
	DraftID     ID
	DossierID   ID     // set at submission; of a result or supplement from the start
	Requirement string // key of the requirement; "result" for what the agency gives
	Round       int    // 0 = with the submission, n = with the n-th supplement
	CreatedAt   time.Time
	Pages       []Page // in order; filled by reads that say so
}

// PageState is a page's verdict.
type PageState string

// The verdicts.
const (
	PagePending  PageState = "pending"  // received by reference, not inspected yet
	PageReady    PageState = "ready"    // inspected and kept
	PageRejected PageState = "rejected" // refused; Reason says why
	PageRemoved  PageState = "removed"  // taken back by the citizen
)

// Page is one received file of a paper. A photo is one page; a PDF counts its
// own pages in Count.
type Page struct {
	ID        ID
	PaperID   ID
	DraftID   ID
	Seq       int // order inside the paper, by arrival
	State     PageState
	Reason    string // message key of a refusal
	MIME      string // sniffed, never claimed
	Size      int64  // bytes as received
	Count     int    // pages inside: 1 for an image
	SHA256    string // hex, of the bytes as received
	BlobKey   string // where the bytes are; "" while pending or rejected
	Name      Sealed // file name as sent
	Source    Sealed // JSON of the Media, while pending
	Group     string // album it came with
	Channel   string
	CreatedAt time.Time
	ReadyAt   time.Time
}
