package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type addressRepo struct{ *txn }

const addressCols = `a.id, a.channel, a.account, a.external, a.citizen_id, a.assurance, a.no_notices,
	a.created_at, a.updated_at`

func addressDest(a *core.Address) []any {
	return []any{(*text)(&a.ID), (*text)(&a.Channel), (*text)(&a.Account), (*octets)(&a.External),
		(*text)(&a.CitizenID), (*count)(&a.Assurance), (*flag)(&a.NoNotices),
		(*stamp)(&a.CreatedAt), (*stamp)(&a.UpdatedAt)}
}

// addressHash covers channel and account too, so that the hashes of one person's
// accounts have nothing in common.
func (t *txn) addressHash(k core.AddressKey) []byte {
	return t.sealer.Hash(hashAddress, k.Channel+"\x1f"+k.Account+"\x1f"+k.External)
}

func (r addressRepo) one(op, where string, arg any) (core.Address, error) {
	var a core.Address
	if err := r.QueryRow(op, `select `+addressCols+` from addresses a where `+where, addressDest(&a), arg); err != nil {
		return core.Address{}, err
	}
	return a, r.open("addresses.external", a.ID, &a.External)
}

func (r addressRepo) Get(_ context.Context, id core.ID) (core.Address, error) {
	return r.one("address.get", `a.id = $1`, id)
}

func (r addressRepo) ByKey(_ context.Context, key core.AddressKey) (core.Address, error) {
	return r.one("address.by_key", `a.key_hash = $1`, r.addressHash(key))
}

func (r addressRepo) Insert(_ context.Context, a core.Address) error {
	key := core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)}
	return r.Exec("address.insert",
		`insert into addresses (id, channel, account, key_hash, external, citizen_id, assurance, no_notices,
		 created_at, updated_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		a.ID, a.Channel, a.Account, r.addressHash(key), r.seal("addresses.external", a.ID, a.External),
		a.CitizenID, int(a.Assurance), a.NoNotices, orNow(a.CreatedAt, r.at), orNow(a.UpdatedAt, r.at))
}

func (r addressRepo) Update(_ context.Context, a core.Address) error {
	return r.ExecOne("address.update", core.CodeNotFound,
		`update addresses set citizen_id = $2, assurance = $3, no_notices = $4, updated_at = $5 where id = $1`,
		a.ID, a.CitizenID, int(a.Assurance), a.NoNotices, r.at)
}

func (r addressRepo) ByCitizen(_ context.Context, citizenID core.ID) ([]core.Address, error) {
	var out []core.Address
	err := r.Query("address.by_citizen",
		`select `+addressCols+` from addresses a where a.citizen_id = $1 and a.citizen_id <> '' order by a.id`,
		func(w row) error {
			var a core.Address
			if err := w.Scan(addressDest(&a)...); err != nil {
				return err
			}
			if err := r.open("addresses.external", a.ID, &a.External); err != nil {
				return err
			}
			out = append(out, a)
			return nil
		}, citizenID)
	return out, err
}
