package identity

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

// NewHandOff draws a code that moves a draft to another channel and stores it; see
// KeepHandOff.
func (s *Service) NewHandOff(ctx context.Context, tx core.Tx, draftID, fromConv core.ID) (code string, expires time.Time, err error) {
	if code, err = NewHandOffCode(s.random); err != nil {
		return "", time.Time{}, err
	}
	expires, err = s.KeepHandOff(ctx, tx, code, draftID, fromConv)
	return code, expires, err
}

// KeepHandOff stores a code that a turn has drawn already (NewHandOffCode).
// FromConv is the conversation it is given in, "" for the app and the kiosk.
//
// Errors: not_found; failed_precondition with key "error.draft.closed" for a
// draft that was submitted or dropped.
func (s *Service) KeepHandOff(ctx context.Context, tx core.Tx, code string, draftID, fromConv core.ID) (expires time.Time, err error) {
	d, err := tx.Drafts().Get(ctx, draftID)
	if err != nil {
		return time.Time{}, err
	}
	if d.State != core.DraftOpen {
		return time.Time{}, core.E(core.CodeFailedPrecondition, "identity.keep_hand_off", "error.draft.closed", nil)
	}
	now := tx.Now()
	h := core.HandOff{DraftID: draftID, FromConv: fromConv, CreatedAt: now, ExpiresAt: now.Add(HandOffLife)}
	return h.ExpiresAt, tx.HandOffs().Insert(ctx, code, h)
}

// To is where a draft moves.
type To struct {
	ConvID    core.ID // conversation that takes it up; "" for app and kiosk
	Channel   string  // becomes the draft's holder
	CitizenID core.ID // who is there, as far as known
	Assurance core.Assurance
}

// Moved is what Redeem did.
type Moved struct {
	Draft    core.Draft
	FromConv core.ID // conversation that is told, "" if none
	Same     bool    // the code was sent back where it came from: nothing moved, the code still works
}

// Redeem moves the draft behind a code to another channel: the draft's holder
// becomes to.Channel, the old conversation is told through its door, and the code
// is used up. The caller attaches Moved.Draft to the conversation or terminal
// session it is saving.
//
// The draft belongs to whoever of the old and the new side is better proved; at
// the same level the new side takes it over, because it holds the code.
//
// Errors: not_found with key "error.handoff.unknown"; failed_precondition with key
// "error.handoff.used", "error.handoff.expired" or "error.draft.closed"; conflict
// when the draft changed meanwhile.
func (s *Service) Redeem(ctx context.Context, tx core.Tx, code string, to To) (Moved, error) {
	const op = "identity.redeem"
	code, ok := ParseHandOff(code)
	if !ok {
		return Moved{}, core.E(core.CodeNotFound, op, "error.handoff.unknown", nil)
	}
	h, err := tx.HandOffs().ByCode(ctx, code)
	if core.IsCode(err, core.CodeNotFound) {
		return Moved{}, core.E(core.CodeNotFound, op, "error.handoff.unknown", err)
	}
	if err != nil {
		return Moved{}, err
	}
	now := tx.Now()
	switch {
	case !h.UsedAt.IsZero():
		return Moved{}, core.E(core.CodeFailedPrecondition, op, "error.handoff.used", nil)
	case !now.Before(h.ExpiresAt):
		return Moved{}, core.E(core.CodeFailedPrecondition, op, "error.handoff.expired", nil)
	}
	d, err := tx.Drafts().Get(ctx, h.DraftID)
	if err != nil {
		return Moved{}, err
	}
	if d.State != core.DraftOpen {
		return Moved{}, core.E(core.CodeFailedPrecondition, op, "error.draft.closed", nil)
	}
	if to.ConvID != "" && to.ConvID == h.FromConv {
		return Moved{Draft: d, Same: true}, nil
	}
	takes, err := s.takesOver(ctx, tx, d.CitizenID, to)
	if err != nil {
		return Moved{}, err
	}
	if takes {
		d.CitizenID = to.CitizenID
	}
	d.Holder, d.UpdatedAt = to.Channel, now
	if err := tx.Drafts().Save(ctx, d); err != nil {
		return Moved{}, err
	}
	d.Version++
	if h.FromConv != "" {
		job, err := DoorEvent{
			ID: "moved:" + string(d.ID) + now.Format(":20060102150405.000000"), ConvID: h.FromConv,
			Kind: core.EventMoved, DraftID: d.ID, Text: to.Channel,
		}.Job(core.LaneReply)
		if err != nil {
			return Moved{}, err
		}
		if err := tx.Enqueue(ctx, job); err != nil {
			return Moved{}, err
		}
	}
	// Two redeemers at once: the second one's Use is a conflict and rolls its
	// whole transaction back.
	return Moved{Draft: d, FromConv: h.FromConv}, tx.HandOffs().Use(ctx, code, now)
}

// takesOver decides whether the new side owns the draft from now on.
func (s *Service) takesOver(ctx context.Context, tx core.Tx, owner core.ID, to To) (bool, error) {
	if to.CitizenID == "" || owner == to.CitizenID {
		return false, nil
	}
	if owner == "" {
		return true, nil
	}
	c, err := tx.Citizens().Get(ctx, owner)
	if err != nil {
		return false, err
	}
	return to.Assurance >= c.Assurance, nil
}

// NewLink draws the token of an upload link and stores it; see KeepLink.
func (s *Service) NewLink(ctx context.Context, tx core.Tx, l core.Link) (token string, expires time.Time, err error) {
	if token, err = NewLinkToken(s.random); err != nil {
		return "", time.Time{}, err
	}
	expires, err = s.KeepLink(ctx, tx, token, l)
	return token, expires, err
}

// KeepLink stores an upload link for l's draft or supplement whose token a turn
// has drawn already (NewLinkToken). CreatedAt and, when empty, ExpiresAt
// (LinkLife) are filled in.
func (s *Service) KeepLink(ctx context.Context, tx core.Tx, token string, l core.Link) (expires time.Time, err error) {
	if l.DraftID == "" && l.DossierID == "" {
		return time.Time{}, core.Ef(core.CodeInternal, "identity.keep_link", "", "a link without a draft or a dossier")
	}
	l.CreatedAt = tx.Now()
	if l.ExpiresAt.IsZero() {
		l.ExpiresAt = l.CreatedAt.Add(LinkLife)
	}
	return l.ExpiresAt, tx.Links().Insert(ctx, token, l)
}

// OpenLink reads the link of a token.
//
// Errors: not_found with key "error.link.unknown"; failed_precondition with key
// "error.link.expired" or "error.link.finished" (the Link is given with these, so
// that a page can say what became of it).
func (s *Service) OpenLink(ctx context.Context, tx core.Tx, token string) (core.Link, error) {
	const op = "identity.open_link"
	token, ok := ParseLinkToken(token)
	if !ok {
		return core.Link{}, core.E(core.CodeNotFound, op, "error.link.unknown", nil)
	}
	l, err := tx.Links().ByToken(ctx, token)
	if core.IsCode(err, core.CodeNotFound) {
		return core.Link{}, core.E(core.CodeNotFound, op, "error.link.unknown", err)
	}
	if err != nil {
		return core.Link{}, err
	}
	switch {
	case !l.FinishedAt.IsZero():
		return l, core.E(core.CodeFailedPrecondition, op, "error.link.finished", nil)
	case !tx.Now().Before(l.ExpiresAt):
		return l, core.E(core.CodeFailedPrecondition, op, "error.link.expired", nil)
	}
	return l, nil
}

// FinishLink ends an upload link and lets the conversation that waits for it go
// on. Finishing it twice is no error and has one effect.
func (s *Service) FinishLink(ctx context.Context, tx core.Tx, token string) (core.Link, error) {
	l, err := s.OpenLink(ctx, tx, token)
	if core.ErrorKey(err) == "error.link.finished" {
		return l, nil
	}
	if err != nil {
		return core.Link{}, err
	}
	now := tx.Now()
	token, _ = ParseLinkToken(token)
	if l.ConvID != "" {
		job, err := DoorEvent{
			ID: "uploaded:" + string(l.DraftID) + string(l.DossierID) + now.Format(":20060102150405.000000"), ConvID: l.ConvID,
			Kind: core.EventUploaded, DraftID: l.DraftID, DossierID: l.DossierID,
		}.Job(core.LaneReply)
		if err != nil {
			return core.Link{}, err
		}
		if err := tx.Enqueue(ctx, job); err != nil {
			return core.Link{}, err
		}
	}
	l.FinishedAt = now
	return l, tx.Links().Finish(ctx, token, now)
}
