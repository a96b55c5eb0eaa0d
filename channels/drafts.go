package channels

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
)

// findDrafts reads drafts beside the one of the conversation: those it left for
// another one, those of its citizen, and one to go on with.
func findDrafts(ctx context.Context, tx core.Tx, row core.TurnRow, want dialog.Want, f *dialog.Found) error {
	const own = 10
	if citizen := row.Conversation.CitizenID; want.OpenDrafts && citizen != "" {
		drafts, err := tx.Drafts().ByCitizen(ctx, citizen, own)
		if err != nil {
			return err
		}
		f.Drafts = drafts
	}
	for _, id := range want.Drafts {
		d, err := draft(ctx, tx, id)
		if err != nil {
			return err
		}
		if d != nil {
			f.Drafts = append(f.Drafts, *d)
		}
	}
	if want.DraftID == "" {
		return nil
	}
	d, err := draft(ctx, tx, want.DraftID)
	if err != nil || d == nil {
		return err
	}
	f.Draft = d
	f.DraftPages, err = tx.Papers().ByDraft(ctx, d.ID)
	return err
}

// draft reads a draft; nil when there is none.
func draft(ctx context.Context, tx core.Tx, id core.ID) (*core.Draft, error) {
	d, err := tx.Drafts().Get(ctx, id)
	if core.IsCode(err, core.CodeNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d, nil
}
