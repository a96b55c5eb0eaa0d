package identity

import (
	"context"
	"io"

	"github.com/motcua/motcua/core"
)

// Service keeps citizens, addresses, hand-off codes and upload links. Its methods
// take the caller's Tx, so that each is one step of a larger use case.
type Service struct {
	random io.Reader
}

// New makes a Service. Random gives the bits of codes and tokens: crypto/rand in
// the program.
func New(random io.Reader) *Service { return &Service{random: random} }

// EnsureAddress gives the address of key, storing it first when it is new.
// Assurance is what the adapter may vouch for: AssuranceNone for an account that
// anybody could open. Errors: the store's; duplicate when another transaction
// stored it meanwhile (read again).
func (s *Service) EnsureAddress(ctx context.Context, tx core.Tx, key core.AddressKey, assurance core.Assurance) (core.Address, error) {
	a, err := tx.Addresses().ByKey(ctx, key)
	if err == nil || !core.IsCode(err, core.CodeNotFound) {
		return a, err
	}
	now := tx.Now()
	a = core.Address{
		ID: core.NewID(now), Channel: key.Channel, Account: key.Account, External: core.Sealed(key.External),
		Assurance: assurance, CreatedAt: now, UpdatedAt: now,
	}
	return a, tx.Addresses().Insert(ctx, a)
}

// EnsureCitizen gives the citizen behind an address. An address that has none yet
// gets a new citizen of the address's own assurance and is linked to it.
func (s *Service) EnsureCitizen(ctx context.Context, tx core.Tx, a core.Address) (core.Citizen, core.Address, error) {
	if a.CitizenID != "" {
		c, err := tx.Citizens().Get(ctx, a.CitizenID)
		return c, a, err
	}
	now := tx.Now()
	c := core.Citizen{ID: core.NewID(now), Assurance: a.Assurance, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := tx.Citizens().Insert(ctx, c); err != nil {
		return core.Citizen{}, a, err
	}
	a.CitizenID, a.UpdatedAt = c.ID, now
	return c, a, tx.Addresses().Update(ctx, a)
}

// Link binds an address to a citizen and raises the address's assurance. An
// address of another citizen is moved only when its own assurance was
// AssuranceNone: a proved address never changes hands silently.
//
// Errors: denied with key "error.address.taken".
func (s *Service) Link(ctx context.Context, tx core.Tx, a core.Address, citizenID core.ID, assurance core.Assurance) (core.Address, error) {
	if a.CitizenID != "" && a.CitizenID != citizenID && a.Assurance > core.AssuranceNone {
		return a, core.E(core.CodeDenied, "identity.link", "error.address.taken", nil)
	}
	if a.CitizenID == citizenID && a.Assurance >= assurance {
		return a, nil
	}
	a.CitizenID, a.UpdatedAt = citizenID, tx.Now()
	a.Assurance = max(a.Assurance, assurance)
	return a, tx.Addresses().Update(ctx, a)
}

// Raise raises a citizen's assurance; a lower level than the present one changes
// nothing. Errors: not_found, conflict.
func (s *Service) Raise(ctx context.Context, tx core.Tx, citizenID core.ID, level core.Assurance) (core.Citizen, error) {
	c, err := tx.Citizens().Get(ctx, citizenID)
	if err != nil || c.Assurance >= level {
		return c, err
	}
	c.Assurance, c.UpdatedAt = level, tx.Now()
	if err := tx.Citizens().Save(ctx, c); err != nil {
		return core.Citizen{}, err
	}
	c.Version++
	return c, nil
}

// Prove records that the person at address a proved the phone number: by a
// one-time code, or because the vendor says that the number belongs to the
// account. When the number already is an address of a citizen (one of same, the
// keys under which channels know that number), a joins that citizen; so the app
// and the chat of one person see the same dossiers. Address and citizen are
// raised to AssuranceAddress and the profile keeps the number.
//
// Errors: invalid for a number that is not E.164 of a mobile; those of Link.
func (s *Service) Prove(ctx context.Context, tx core.Tx, a core.Address, phone string, same ...core.AddressKey) (core.Citizen, core.Address, error) {
	phone, err := Phone(phone)
	if err != nil {
		return core.Citizen{}, a, err
	}
	for _, key := range same {
		other, err := tx.Addresses().ByKey(ctx, key)
		if core.IsCode(err, core.CodeNotFound) {
			continue
		}
		if err != nil {
			return core.Citizen{}, a, err
		}
		// An inbound message from a number proves nothing (sender ids are forged),
		// so only a proved address may pull another one to its citizen.
		if other.ID == a.ID || other.CitizenID == "" || other.Assurance < core.AssuranceAddress {
			continue
		}
		if a.CitizenID != "" && a.CitizenID != other.CitizenID && a.Assurance > core.AssuranceNone {
			continue // both are proved persons already; merging them is an officer's act
		}
		if a, err = s.Link(ctx, tx, a, other.CitizenID, core.AssuranceAddress); err != nil {
			return core.Citizen{}, a, err
		}
		break
	}
	c, a, err := s.EnsureCitizen(ctx, tx, a)
	if err != nil {
		return core.Citizen{}, a, err
	}
	if a, err = s.Link(ctx, tx, a, c.ID, core.AssuranceAddress); err != nil {
		return core.Citizen{}, a, err
	}
	var profile core.CitizenProfile
	if err := core.OpenJSON(c.Profile, &profile); err != nil {
		return core.Citizen{}, a, err
	}
	if profile.Phone == phone && c.Assurance >= core.AssuranceAddress {
		return c, a, nil
	}
	profile.Phone = phone
	if c.Profile, err = core.SealJSON(profile); err != nil {
		return core.Citizen{}, a, err
	}
	c.PersonalID = profile.PersonalID // write-only: reads give "" and a save must not drop the hash
	c.Assurance, c.UpdatedAt = max(c.Assurance, core.AssuranceAddress), tx.Now()
	if err := tx.Citizens().Save(ctx, c); err != nil {
		return core.Citizen{}, a, err
	}
	c.Version++
	return c, a, nil
}

// SetNotices switches notices on an address off or on.
func (s *Service) SetNotices(ctx context.Context, tx core.Tx, addressID core.ID, on bool) error {
	a, err := tx.Addresses().Get(ctx, addressID)
	if err != nil || a.NoNotices == !on {
		return err
	}
	a.NoNotices, a.UpdatedAt = !on, tx.Now()
	return tx.Addresses().Update(ctx, a)
}
