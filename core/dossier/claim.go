package dossier

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// KindClaimed is the timeline event of a dossier filed at a counter that its
// applicant took over into their app.
const KindClaimed = "claimed"

// Claim gives a dossier that an officer filed for a walk-in to the citizen who
// proves to be its applicant: they proved the phone that was declared at the
// counter, and know the identity number that the officer compared with the card.
// Neither alone is enough: a phone may have been typed wrong, or be a helper's. A
// second call changes nothing.
//
// Errors: not_found with key "error.dossier.claim", whatever does not fit;
// denied with key "error.assurance" for a citizen whose phone is not proved.
func (s *Service) Claim(ctx context.Context, tx core.Tx, code string, citizenID core.ID, personalID string) (core.Dossier, error) {
	const op = "dossier.claim"
	unknown := core.E(core.CodeNotFound, op, "error.dossier.claim", nil)
	who, err := tx.Citizens().Get(ctx, citizenID)
	if err != nil {
		return core.Dossier{}, err
	}
	if who.Assurance < core.AssuranceAddress {
		return core.Dossier{}, core.E(core.CodeDenied, op, "error.assurance", nil)
	}
	parsed, ok := FindCode(code)
	if !ok {
		return core.Dossier{}, unknown
	}
	d, err := tx.Dossiers().ByCode(ctx, parsed.String())
	if core.IsCode(err, core.CodeNotFound) {
		return core.Dossier{}, unknown
	}
	if err != nil {
		return core.Dossier{}, err
	}
	var profile core.CitizenProfile
	var contact core.DossierContact
	if err := core.OpenJSON(who.Profile, &profile); err != nil {
		return core.Dossier{}, err
	}
	if err := core.OpenJSON(d.Contact, &contact); err != nil {
		return core.Dossier{}, err
	}
	switch {
	case d.FiledBy != core.ActorOfficer, contact.PersonalID == "", contact.PersonalID != text.Digits(personalID),
		contact.Phone == "", contact.Phone != profile.Phone, d.CitizenID != "" && d.CitizenID != who.ID:
		return core.Dossier{}, unknown
	case d.CitizenID == who.ID:
		return d, nil
	}
	// What is filed at a counter for this person from now on is theirs at once.
	profile.PersonalID = contact.PersonalID
	if who.Profile, err = core.SealJSON(profile); err != nil {
		return core.Dossier{}, err
	}
	who.PersonalID, who.UpdatedAt = contact.PersonalID, tx.Now()
	if err := tx.Citizens().Save(ctx, who); err != nil {
		return core.Dossier{}, err
	}
	by := By{Actor: core.Actor{Kind: core.ActorCitizen, ID: who.ID, Assurance: who.Assurance}}
	c := change{s: s, tx: tx, by: by, d: d}
	c.d.CitizenID, c.d.UpdatedAt = who.ID, tx.Now()
	if err := tx.Dossiers().Save(ctx, c.d); err != nil {
		return core.Dossier{}, err
	}
	c.d.Version++
	return c.d, c.event(ctx, d.State, d.State, KindClaimed, "", Note{})
}

// applicant finds whose dossier it is that an officer files with the card in hand:
// the citizen with that number who proved an electronic identity, or who also
// proved the phone that is declared. Nobody else is it: a number can be typed, and
// so can a phone.
func applicant(ctx context.Context, tx core.Tx, contact core.DossierContact) (core.ID, error) {
	who, err := tx.Citizens().ByPersonalID(ctx, contact.PersonalID)
	if core.IsCode(err, core.CodeNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var profile core.CitizenProfile
	if err := core.OpenJSON(who.Profile, &profile); err != nil {
		return "", err
	}
	if who.Assurance >= core.AssuranceEID || who.Assurance >= core.AssuranceAddress && contact.Phone != "" && profile.Phone == contact.Phone {
		return who.ID, nil
	}
	return "", nil
}
