package sqlstore

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/motcua/motcua/core"
)

type replyRepo struct{ *txn }

func replyID(key []byte) core.ID { return core.ID(hex.EncodeToString(key)) }

func (r replyRepo) Get(_ context.Context, key []byte) (core.RPCReply, error) {
	var p core.RPCReply
	err := r.QueryRow("reply.get",
		`select key, body_hash, response, created_at, expires_at from rpc_replies where key = $1`,
		[]any{(*octets)(&p.Key), (*octets)(&p.BodyHash), (*octets)(&p.Response), (*stamp)(&p.CreatedAt),
			(*stamp)(&p.ExpiresAt)}, key)
	if err != nil {
		return core.RPCReply{}, err
	}
	return p, r.open("rpc_replies.response", replyID(p.Key), &p.Response)
}

func (r replyRepo) Insert(_ context.Context, p core.RPCReply) error {
	return r.Exec("reply.insert",
		`insert into rpc_replies (key, body_hash, response, created_at, expires_at) values ($1,$2,$3,$4,$5)`,
		p.Key, p.BodyHash, r.seal("rpc_replies.response", replyID(p.Key), p.Response), orNow(p.CreatedAt, r.at), p.ExpiresAt)
}

func (r replyRepo) DeleteExpired(_ context.Context, now time.Time, limit int) (int, error) {
	return r.Count("reply.delete_expired",
		`delete from rpc_replies where key in
		 (select key from rpc_replies where expires_at <= $1 order by expires_at limit $2)`, now, limit)
}
