package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type challengeRepo struct{ *txn }

const challengeCols = `id, channel, address, purpose, created_at, expires_at, attempts, used_at`

func challengeDest(c *core.Challenge) []any {
	return []any{(*text)(&c.ID), (*text)(&c.Channel), (*octets)(&c.Address), (*text)(&c.Purpose),
		(*stamp)(&c.CreatedAt), (*stamp)(&c.ExpiresAt), (*count)(&c.Attempts), (*stamp)(&c.UsedAt)}
}

func (r challengeRepo) Insert(_ context.Context, c core.Challenge) error {
	return r.Exec("challenge.insert",
		`insert into challenges (id, channel, address, address_hash, purpose, created_at, expires_at, attempts,
		 tried_at, used_at) values ($1,$2,$3,$4,$5,$6,$7,$8,0,$9)`,
		c.ID, c.Channel, r.seal("challenges.address", c.ID, c.Address),
		r.sealer.Hash(hashPhone, string(c.Address)), c.Purpose,
		orNow(c.CreatedAt, r.at), c.ExpiresAt, c.Attempts, c.UsedAt)
}

func (r challengeRepo) Get(_ context.Context, id core.ID) (core.Challenge, error) {
	var c core.Challenge
	if err := r.QueryRow("challenge.get", `select `+challengeCols+` from challenges where id = $1`,
		challengeDest(&c), id); err != nil {
		return core.Challenge{}, err
	}
	return c, r.open("challenges.address", c.ID, &c.Address)
}

func (r challengeRepo) Attempt(_ context.Context, id core.ID) (core.Challenge, error) {
	var c core.Challenge
	err := r.ReturnRow("challenge.attempt",
		`update challenges set attempts = attempts + 1, tried_at = $2 where id = $1 returning `+challengeCols,
		challengeDest(&c), id, micros(r.at))
	if err != nil {
		return core.Challenge{}, err
	}
	c.Attempts--
	return c, r.open("challenges.address", c.ID, &c.Address)
}

func (r challengeRepo) Use(_ context.Context, id core.ID, at time.Time) error {
	return r.ExecOne("challenge.use", core.CodeConflict,
		`update challenges set used_at = $2 where id = $1 and used_at = 0`, id, orNow(at, r.at))
}

func (r challengeRepo) Recent(_ context.Context, address string, since time.Time) (int, error) {
	var n int
	err := r.QueryRow("challenge.recent",
		`select count(*) from challenges where address_hash = $1 and created_at >= $2`,
		[]any{(*count)(&n)}, r.sealer.Hash(hashPhone, address), since)
	return n, err
}

// Failures counts all tries of a challenge that was tried since then: it may
// count an earlier try of the same challenge, never miss a later one.
func (r challengeRepo) Failures(_ context.Context, address string, since time.Time) (int, error) {
	var n int
	err := r.QueryRow("challenge.failures",
		`select cast(coalesce(sum(attempts), 0) as bigint) from challenges where address_hash = $1 and tried_at >= $2
		 and attempts > 0`,
		[]any{(*count)(&n)}, r.sealer.Hash(hashPhone, address), since)
	return n, err
}
