package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type citizenRepo struct{ *txn }

const citizenCols = `z.id, z.profile, z.assurance, z.version, z.created_at, z.updated_at`

func citizenDest(c *core.Citizen) []any {
	return []any{(*text)(&c.ID), (*octets)(&c.Profile), (*count)(&c.Assurance), (*number)(&c.Version),
		(*stamp)(&c.CreatedAt), (*stamp)(&c.UpdatedAt)}
}

// The domains of keyed hashes. A phone number hashes alike as a dossier's contact
// and as a challenge's address; nothing else may be joined.
const (
	hashPersonalID = "personal_id"
	hashPhone      = "phone"
	hashAddress    = "address"
	hashHandOff    = "handoff"
	hashLink       = "link"
	hashRefresh    = "refresh"
	hashEnrolment  = "enrolment"
	hashGap        = "gap"
	hashGapAsker   = "gap_asker"
)

func (r citizenRepo) one(op, where string, args ...any) (core.Citizen, error) {
	var c core.Citizen
	err := r.QueryRow(op, `select `+citizenCols+` from citizens z where `+where, citizenDest(&c), args...)
	if err != nil {
		return core.Citizen{}, err
	}
	return c, r.open("citizens.profile", c.ID, &c.Profile)
}

func (r citizenRepo) Get(_ context.Context, id core.ID) (core.Citizen, error) {
	return r.one("citizen.get", `z.id = $1`, id)
}

func (r citizenRepo) Insert(_ context.Context, c core.Citizen) error {
	return r.Exec("citizen.insert",
		`insert into citizens (id, profile, personal_hash, assurance, version, created_at, updated_at)
		 values ($1,$2,$3,$4,1,$5,$6)`,
		c.ID, r.seal("citizens.profile", c.ID, c.Profile), r.hash(hashPersonalID, c.PersonalID), int(c.Assurance),
		orNow(c.CreatedAt, r.at), orNow(c.UpdatedAt, r.at))
}

// Save keeps the stored hash when PersonalID is empty: reads never give it.
func (r citizenRepo) Save(_ context.Context, c core.Citizen) error {
	return r.ExecOne("citizen.save", core.CodeConflict,
		`update citizens set profile = $3, personal_hash = coalesce($4, personal_hash), assurance = $5,
		 updated_at = $6, version = version + 1 where id = $1 and version = $2`,
		c.ID, c.Version, r.seal("citizens.profile", c.ID, c.Profile), r.hash(hashPersonalID, c.PersonalID),
		int(c.Assurance), r.at)
}

// ByPersonalID prefers the citizen who proved most, then the oldest: anybody can
// type somebody else's number, and that must not hide its owner.
func (r citizenRepo) ByPersonalID(_ context.Context, personalID string) (core.Citizen, error) {
	if personalID == "" {
		return core.Citizen{}, core.E(core.CodeNotFound, "citizen.by_personal_id", "", nil)
	}
	return r.one("citizen.by_personal_id",
		`z.personal_hash = $1 order by z.assurance desc, z.created_at, z.id limit 1`, r.hash(hashPersonalID, personalID))
}

// orNow is t, or now when t is not set.
func orNow(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}
