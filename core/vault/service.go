package vault

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

// JobFetch is the kind of the jobs that fetch a page from where the vendor keeps
// it, inspect it and give the verdict. Its payload is a Fetch.
const JobFetch = "page.fetch"

// RequirementResult is the requirement key of what the agency gives at the end.
const RequirementResult = "result"

// RequirementDraft is the requirement key of the drafts of a result that an
// applicant was asked to check, each a round of its own.
const RequirementDraft = "result_draft"

// Fetch says which page to fetch from where.
type Fetch struct {
	PageID  core.ID    `json:"page"`
	ConvID  core.ID    `json:"conv,omitempty"` // conversation that is told the verdict
	Channel string     `json:"channel"`
	Account string     `json:"account"`
	Media   core.Media `json:"media"`
}

// Service keeps papers and their pages. It holds nothing: the zero value works.
type Service struct{}

// NewPage describes a page that arrives.
type NewPage struct {
	ID          core.ID // "" = made here; a caller who stores the bytes first brings it
	DraftID     core.ID
	DossierID   core.ID // of a supplement or a result
	Requirement string
	Round       int // 0 = with the submission
	Group       string
	Channel     string
	Account     string
	ConvID      core.ID // told of the verdict of a pending page; "" if none
	Name        string  // file name as sent: hostile text, kept sealed
}

// AddPending keeps the place of a page that still has to be fetched, so that pages
// stay in the order they were sent, and enqueues the JobFetch. The caller is told
// the verdict by a core.EventPage at the door of ConvID.
func (s Service) AddPending(ctx context.Context, tx core.Tx, n NewPage, media core.Media) (core.Page, error) {
	p, err := s.page(ctx, tx, n)
	if err != nil {
		return core.Page{}, err
	}
	p.State = core.PagePending
	if p.Source, err = core.SealJSON(media); err != nil {
		return core.Page{}, err
	}
	payload, err := core.SealJSON(Fetch{PageID: p.ID, ConvID: n.ConvID, Channel: n.Channel, Account: n.Account, Media: media})
	if err != nil {
		return core.Page{}, err
	}
	if err := tx.Papers().InsertPage(ctx, p); err != nil {
		return core.Page{}, err
	}
	job := core.Job{Kind: JobFetch, Lane: core.LaneReply, Payload: payload}
	if n.Account != "" {
		job.Account = n.Channel + "/" + n.Account
	}
	return p, tx.Enqueue(ctx, job)
}

// AddReady keeps a page whose bytes are already stored under blobKey and passed
// inspection. Errors: those of Verdict.Err when they did not.
func (s Service) AddReady(ctx context.Context, tx core.Tx, n NewPage, v Verdict, size int64, sha256, blobKey string) (core.Page, error) {
	if err := v.Err(); err != nil {
		return core.Page{}, err
	}
	p, err := s.page(ctx, tx, n)
	if err != nil {
		return core.Page{}, err
	}
	p.State, p.MIME, p.Size, p.Count, p.SHA256, p.BlobKey, p.ReadyAt = core.PageReady, v.MIME, size, v.Count, sha256, blobKey, tx.Now()
	return p, tx.Papers().InsertPage(ctx, p)
}

// page finds or makes the paper of n and gives a page of it without a state.
func (s Service) page(ctx context.Context, tx core.Tx, n NewPage) (core.Page, error) {
	papers, err := s.papers(ctx, tx, n.DraftID, n.DossierID)
	if err != nil {
		return core.Page{}, err
	}
	now := tx.Now()
	paper, ok := find(papers, n.Requirement, n.Round)
	if !ok {
		paper = core.Paper{
			ID: core.NewID(now), DraftID: n.DraftID, DossierID: n.DossierID,
			Requirement: n.Requirement, Round: n.Round, CreatedAt: now,
		}
		if err := tx.Papers().Insert(ctx, paper); err != nil {
			return core.Page{}, err
		}
	}
	p := core.Page{
		ID: n.ID, PaperID: paper.ID, DraftID: n.DraftID, Seq: len(paper.Pages) + 1,
		Name: core.Sealed(n.Name), Group: n.Group, Channel: n.Channel, CreatedAt: now,
	}
	if p.ID == "" {
		p.ID = core.NewID(now)
	}
	return p, nil
}

func (Service) papers(ctx context.Context, tx core.Tx, draftID, dossierID core.ID) ([]core.Paper, error) {
	if dossierID != "" {
		return tx.Papers().ByDossier(ctx, dossierID)
	}
	return tx.Papers().ByDraft(ctx, draftID)
}

// Verdict gives a pending page its verdict. A page that is pending no more (taken
// back meanwhile, or a second run of the job) stays as it is. The conversation, if
// any, is told through its door.
func (s Service) Verdict(ctx context.Context, tx core.Tx, pageID, convID core.ID, v Verdict, size int64, sha256, blobKey string) (core.Page, error) {
	p, err := tx.Papers().Page(ctx, pageID)
	if err != nil || p.State != core.PagePending {
		return p, err
	}
	p.State, p.Reason, p.MIME, p.Size, p.SHA256 = v.State, v.Reason, v.MIME, size, sha256
	if v.State == core.PageReady {
		p.Count, p.BlobKey, p.ReadyAt, p.Reason = v.Count, blobKey, tx.Now(), ""
	}
	if err := tx.Papers().SavePage(ctx, p, core.PagePending); err != nil {
		return core.Page{}, err
	}
	if convID == "" {
		return p, nil
	}
	job, err := identity.DoorEvent{
		ID: "page:" + string(p.ID), ConvID: convID, Kind: core.EventPage,
		PageID: p.ID, DraftID: p.DraftID, Group: p.Group,
	}.Job(core.LaneReply)
	if err != nil {
		return core.Page{}, err
	}
	return p, tx.Enqueue(ctx, job)
}

// RemoveLast takes the last page of a paper back. Errors: not_found with key
// "error.page.none" when it has none.
func (s Service) RemoveLast(ctx context.Context, tx core.Tx, draftID, dossierID core.ID, requirement string, round int) (core.Page, error) {
	papers, err := s.papers(ctx, tx, draftID, dossierID)
	if err != nil {
		return core.Page{}, err
	}
	if paper, ok := find(papers, requirement, round); ok {
		if pages := Live(paper); len(pages) > 0 {
			last := pages[len(pages)-1]
			from := last.State
			last.State = core.PageRemoved
			return last, tx.Papers().SavePage(ctx, last, from)
		}
	}
	return core.Page{}, core.E(core.CodeNotFound, "vault.remove_last", "error.page.none", nil)
}

// Remove takes one page back, whatever its place. A page that is gone or refused
// already stays as it is.
func (s Service) Remove(ctx context.Context, tx core.Tx, pageID core.ID) (core.Page, error) {
	p, err := tx.Papers().Page(ctx, pageID)
	if err != nil || p.State != core.PageReady && p.State != core.PagePending {
		return p, err
	}
	from := p.State
	p.State = core.PageRemoved
	return p, tx.Papers().SavePage(ctx, p, from)
}

func find(papers []core.Paper, requirement string, round int) (core.Paper, bool) {
	for _, p := range papers {
		if p.Requirement == requirement && p.Round == round {
			return p, true
		}
	}
	return core.Paper{}, false
}
