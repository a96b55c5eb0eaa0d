package channels

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// told gives the one line that a contact phone is told of, without what was
// written to the applicant: a number that was only typed into a form learns dates
// and amounts, and why a date moved, not why a dossier was refused.
func told(ctx context.Context, tx core.Tx, id core.ID, seq int) ([]core.DossierEvent, error) {
	if seq == 0 {
		return nil, nil // a stranger's dossier: the state is enough
	}
	all, err := tx.Dossiers().Events(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.Seq != seq {
			continue
		}
		var note dossier.Note
		if err := core.OpenJSON(e.Note, &note); err != nil {
			return nil, err
		}
		if e.From != e.To {
			e.Reason = ""
		}
		e.Note, err = core.SealJSON(dossier.Note{Amount: note.Amount, DueAt: note.DueAt, WasDueAt: note.WasDueAt})
		return []core.DossierEvent{e}, err
	}
	return nil, nil
}
