package auth

import (
	"context"

	"github.com/motcua/motcua/core"
)

// Who may touch which object. What is not yours does not exist: the answer is
// not_found, so that ids and codes cannot be probed.

func hidden(op, key string) error { return core.E(core.CodeNotFound, op, key, nil) }

// UnknownDossier is what is said of a code that leads nowhere, and of one that
// leads to somebody else's dossier: in the same words, so that neither tells which.
func UnknownDossier(op, code string) error {
	err := core.E(core.CodeNotFound, op, "error.dossier.unknown", nil)
	err.Args = map[string]string{"code": code}
	return err
}

// OwnsDraft checks that a draft is the citizen's.
func OwnsDraft(a core.Actor, d core.Draft) error {
	if a.Kind == core.ActorCitizen && a.ID != "" && d.CitizenID == a.ID {
		return nil
	}
	return hidden("auth.owns_draft", "error.draft.unknown")
}

// OwnsDossier checks that a dossier is the citizen's.
func OwnsDossier(a core.Actor, d core.Dossier) error {
	if a.Kind == core.ActorCitizen && a.ID != "" && d.CitizenID == a.ID {
		return nil
	}
	return hidden("auth.owns_dossier", "error.dossier.unknown")
}

// SessionHoldsDraft checks that a draft is worked on in a terminal session: its
// own one, or one of its citizen.
func SessionHoldsDraft(s core.TerminalSession, d core.Draft) error {
	if d.ID != "" && d.ID == s.DraftID || s.CitizenID != "" && d.CitizenID == s.CitizenID {
		return nil
	}
	return hidden("auth.session_holds_draft", "error.draft.unknown")
}

// SessionHoldsDossier checks that a dossier is of the citizen of a terminal
// session or was filed in it.
func SessionHoldsDossier(s core.TerminalSession, d core.Dossier) error {
	if s.CitizenID != "" && d.CitizenID == s.CitizenID || s.DraftID != "" && d.DraftID == s.DraftID {
		return nil
	}
	return hidden("auth.session_holds_dossier", "error.dossier.unknown")
}

// DeskDraft checks that a draft was begun at a counter of the officer's office.
func DeskDraft(a core.Actor, d core.Draft) error {
	if a.Kind == core.ActorOfficer && d.Desk != "" && (a.Office == "*" || a.Office == d.Desk) {
		return nil
	}
	return hidden("auth.desk_draft", "error.draft.unknown")
}

// Serves checks that an office's objects are the officer's business. The office
// comes from the token; "*" serves the whole city.
func Serves(a core.Actor, office string) error {
	if (a.Kind == core.ActorOfficer || a.Kind == core.ActorAgency) && a.Office != "" && (a.Office == "*" || a.Office == office) {
		return nil
	}
	return hidden("auth.serves", "error.dossier.unknown")
}

// AuditDraft is Audit of what is done with a draft at a counter. The dossier it
// becomes shows the row.
func AuditDraft(ctx context.Context, tx core.Tx, a core.Actor, op string, d core.Draft) error {
	return Audit(ctx, tx, a, op, core.Dossier{ID: d.ID}, "process")
}

// Audit records that a read or changed a dossier of a citizen, in the
// transaction that does it. Purpose is shown to the citizen.
func Audit(ctx context.Context, tx core.Tx, a core.Actor, op string, d core.Dossier, purpose string) error {
	return tx.Audit().Insert(ctx, core.AuditRow{
		ID: core.NewID(tx.Now()), At: tx.Now(), Actor: a.Kind, ActorID: a.ID, ActorName: a.Name, Office: a.Office,
		Op: op, DossierID: d.ID, CitizenID: d.CitizenID, Purpose: purpose,
	})
}
