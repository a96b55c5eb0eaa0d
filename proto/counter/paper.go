package counter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// File is a page that arrives: of a draft, or of a dossier that asks for papers.
type File struct {
	DraftID     string
	Code        string // of the dossier, when DraftID is ""
	Requirement string
	Name        string
	Content     []byte
}

// target is where a file goes.
type target struct {
	page      vault.NewPage
	papers    []core.Paper
	digitised *core.Dossier // an officer adds to a dossier that is there already
	scanned   *core.Draft   // or to a draft at the counter
}

// Receive takes a page in: inspected, stored, then recorded. The same bytes for
// the same paper give the page that is there. Errors: too_large, unsupported,
// invalid with the reason; not_found; failed_precondition when no papers are
// taken.
func Receive[M any, P gate.Message[M]](ctx context.Context, c *Counter, f File, response func(*corev1.Page) P) (P, error) {
	verdict := vault.Inspect(f.Content)
	if err := verdict.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(f.Content)
	hash := hex.EncodeToString(sum[:])
	var pageID core.ID
	var there *core.Page
	// Whether the person may is asked before a byte is stored, and again when it
	// is recorded.
	if err := c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		t, err := c.target(ctx, tx, f, false)
		pageID, there = core.NewID(tx.Now()), same(t, hash)
		return err
	}); err != nil {
		return nil, err
	}
	key := vault.BlobKey(pageID, hash)
	if there == nil {
		if _, err := c.blobs.Put(ctx, key, bytes.NewReader(f.Content)); err != nil {
			return nil, err
		}
	}
	recorded := false
	out, err := gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		recorded = false
		t, err := c.target(ctx, tx, f, true)
		if err != nil {
			return nil, err
		}
		if found := same(t, hash); found != nil {
			return response(Page(*found)), nil
		}
		if there != nil { // it was there before and was taken back meanwhile
			return nil, core.E(core.CodeConflict, "counter.receive", "", nil)
		}
		if t.digitised != nil {
			if err := auth.Audit(ctx, tx, auth.ActorFrom(ctx), "page.digitise", *t.digitised, "process"); err != nil {
				return nil, err
			}
		}
		if t.scanned != nil {
			if err := auth.AuditDraft(ctx, tx, auth.ActorFrom(ctx), "page.digitise", *t.scanned); err != nil {
				return nil, err
			}
		}
		recorded, t.page.ID = true, pageID
		page, err := c.vault.AddReady(ctx, tx, t.page, verdict, int64(len(f.Content)), hash, key)
		return response(Page(page)), err
	})
	if there == nil && (Certain(err) || err == nil && !recorded) {
		// Nobody refers to the bytes: the page is there already with its own, or
		// the call was answered before.
		_ = c.blobs.Delete(context.WithoutCancel(ctx), key)
	}
	return out, err
}

// Certain reports whether err means that nothing was committed. A store that went
// away may have committed, and what it committed must find its bytes.
func Certain(err error) bool {
	switch core.ErrorCode(err) {
	case "", core.CodeUnavailable, core.CodeInternal:
		return false
	}
	return true
}

// same finds the page of a paper that has these bytes already.
func same(t target, hash string) *core.Page {
	for _, p := range t.papers {
		if p.Requirement != t.page.Requirement || p.Round != t.page.Round {
			continue
		}
		for _, page := range vault.Live(p) {
			if page.SHA256 == hash {
				return &page
			}
		}
	}
	return nil
}

// target finds where a file goes and whether the person may send it there.
func (c *Counter) target(ctx context.Context, tx core.Tx, f File, acts bool) (target, error) {
	const op = "counter.target"
	var t target
	t.page.Requirement, t.page.Name = f.Requirement, f.Name
	procedure := ""
	if f.DraftID != "" {
		p, d, err := c.draft(ctx, tx, f.DraftID, acts)
		if err != nil {
			return target{}, err
		}
		if d.State != core.DraftOpen {
			return target{}, core.E(core.CodeFailedPrecondition, op, "error.draft.closed", nil)
		}
		if p.Officer != nil {
			t.scanned = &d
		}
		t.page.DraftID, t.page.Channel, procedure = d.ID, p.Channel, d.ProcedureCode
		if t.papers, err = tx.Papers().ByDraft(ctx, d.ID); err != nil {
			return target{}, err
		}
	} else {
		p, d, err := c.dossier(ctx, tx, f.Code, acts)
		if err != nil {
			return target{}, err
		}
		switch {
		case p.Officer != nil && dossier.ClockIn(d.State) != dossier.ClockStopped, p.Officer != nil && d.State == core.StateNew:
			t.digitised = &d
		case d.State != core.StateSupplement:
			return target{}, core.E(core.CodeFailedPrecondition, op, "error.supplement.closed", nil)
		}
		t.page.DraftID, t.page.DossierID, t.page.Round, t.page.Channel, procedure = d.DraftID, d.ID, d.Round, p.Channel, d.ProcedureCode
		if t.papers, err = tx.Papers().ByDossier(ctx, d.ID); err != nil {
			return target{}, err
		}
	}
	if proc, ok := c.cat.Procedure(procedure); ok {
		if _, ok := c.cat.Paper(proc, f.Requirement); !ok {
			return target{}, core.Invalid(op, core.Violation{Field: "requirement", Key: "field.unknown"})
		}
	}
	return t, nil
}

// Papers lists what was received for a draft, or for a dossier by code.
func (c *Counter) Papers(ctx context.Context, draftID, code string) (out []*corev1.Paper, err error) {
	err = c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		var papers []core.Paper
		if draftID != "" {
			_, d, err := c.draft(ctx, tx, draftID, false)
			if err != nil {
				return err
			}
			papers, err = tx.Papers().ByDraft(ctx, d.ID)
			if err != nil {
				return err
			}
		} else {
			_, d, err := c.dossier(ctx, tx, code, false)
			if err != nil {
				return err
			}
			papers, err = tx.Papers().ByDossier(ctx, d.ID)
			if err != nil {
				return err
			}
		}
		out = Papers(papers)
		return nil
	})
	return out, err
}

// Remove takes a page back while its draft is open or its supplement unanswered.
// Errors: not_found; failed_precondition.
func Remove[M any, P gate.Message[M]](ctx context.Context, c *Counter, pageID string, response func() P) (P, error) {
	const op = "counter.remove"
	return gate.Once[M](ctx, c.gate, func(ctx context.Context, tx core.Tx) (P, error) {
		unknown := core.E(core.CodeNotFound, op, "error.page.none", nil)
		page, err := tx.Papers().Page(ctx, core.ID(pageID))
		if core.IsCode(err, core.CodeNotFound) {
			return nil, unknown
		}
		if err != nil {
			return nil, err
		}
		_, d, err := c.draft(ctx, tx, string(page.DraftID), true)
		if core.IsCode(err, core.CodeNotFound) {
			return nil, unknown
		}
		if err != nil {
			return nil, err
		}
		if d.State != core.DraftOpen {
			if err := c.supplementOpen(ctx, tx, d, page); err != nil {
				return nil, err
			}
		}
		if page.State == core.PageRemoved {
			return response(), nil
		}
		from := page.State
		page.State = core.PageRemoved
		return response(), tx.Papers().SavePage(ctx, page, from)
	})
}

// supplementOpen checks that a page belongs to the round its dossier waits for.
func (c *Counter) supplementOpen(ctx context.Context, tx core.Tx, d core.Draft, page core.Page) error {
	closed := core.E(core.CodeFailedPrecondition, "counter.remove", "error.draft.closed", nil)
	if d.DossierID == "" {
		return closed
	}
	filed, err := tx.Dossiers().Get(ctx, d.DossierID)
	if err != nil {
		return err
	}
	papers, err := tx.Papers().ByDossier(ctx, filed.ID)
	if err != nil {
		return err
	}
	for _, p := range papers {
		if p.ID == page.PaperID && p.Round == filed.Round && filed.Round > 0 && filed.State == core.StateSupplement {
			return nil
		}
	}
	return closed
}

func hasPage(papers []core.Paper, requirement string, round int) bool {
	s := vault.StandOf(papers, requirement, round)
	return s.Files+s.Pending > 0
}

// Bytes reads a stored page, at most core.MaxFile.
func Bytes(ctx context.Context, blobs core.Blobs, p core.Page) ([]byte, error) {
	if p.State != core.PageReady || p.BlobKey == "" {
		return nil, core.E(core.CodeNotFound, "counter.bytes", "error.page.none", nil)
	}
	r, err := blobs.Open(ctx, p.BlobKey)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(io.LimitReader(r, core.MaxFile+1))
	if err != nil {
		return nil, core.E(core.CodeUnavailable, "counter.bytes", "", err)
	}
	sum := sha256.Sum256(b)
	if hex.EncodeToString(sum[:]) != p.SHA256 {
		return nil, core.Ef(core.CodeInternal, "counter.bytes", "", "page %s: stored bytes are not those received", p.ID)
	}
	return b, nil
}
