package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type cosignRepo struct{ *txn }

const cosignCols = `select s.id, s.dossier_id, s.seq, s.field, s.person, s.state, s.conv_id, s.created_at, s.asked_at,
	s.reminded_at, s.answered_at, s.answered_by from cosigns s `

func cosignDest(c *core.Cosign) []any {
	return []any{(*text)(&c.ID), (*text)(&c.DossierID), (*count)(&c.Seq), (*text)(&c.Field), (*octets)(&c.Person),
		(*text)(&c.State), (*text)(&c.ConvID), (*stamp)(&c.CreatedAt), (*stamp)(&c.AskedAt), (*stamp)(&c.RemindedAt),
		(*stamp)(&c.AnsweredAt), (*text)(&c.AnsweredBy)}
}

func (r cosignRepo) list(op, rest string, args ...any) ([]core.Cosign, error) {
	var out []core.Cosign
	err := r.Query(op, cosignCols+rest, func(w row) error {
		var c core.Cosign
		if err := w.Scan(cosignDest(&c)...); err != nil {
			return err
		}
		out = append(out, c)
		return r.open("cosigns.person", c.ID, &out[len(out)-1].Person)
	}, args...)
	return out, err
}

func (r cosignRepo) Insert(_ context.Context, c core.Cosign) error {
	return r.Exec("cosign.insert",
		`insert into cosigns (id, dossier_id, seq, field, person, phone_hash, state, conv_id, created_at, asked_at,
		 reminded_at, answered_at, answered_by) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		c.ID, c.DossierID, c.Seq, c.Field, r.seal("cosigns.person", c.ID, c.Person), r.hash(hashPhone, c.Phone),
		string(c.State), c.ConvID, orNow(c.CreatedAt, r.at), c.AskedAt, c.RemindedAt, c.AnsweredAt, string(c.AnsweredBy))
}

func (r cosignRepo) Get(_ context.Context, id core.ID) (core.Cosign, error) {
	var c core.Cosign
	if err := r.QueryRow("cosign.get", cosignCols+`where s.id = $1`, cosignDest(&c), id); err != nil {
		return core.Cosign{}, err
	}
	return c, r.open("cosigns.person", c.ID, &c.Person)
}

func (r cosignRepo) ByDossier(_ context.Context, dossierIDs ...core.ID) ([]core.Cosign, error) {
	if len(dossierIDs) == 0 {
		return nil, nil
	}
	in, args := inList(nil, dossierIDs, func(id core.ID) any { return id })
	return r.list("cosign.by_dossier", `where s.dossier_id in (`+in+`) order by s.dossier_id, s.seq`, args...)
}

func (r cosignRepo) PendingByPhone(_ context.Context, phone string) ([]core.Cosign, error) {
	if phone == "" {
		return nil, nil
	}
	return r.list("cosign.pending_by_phone",
		`where s.phone_hash = $1 and s.state = 'pending' order by s.created_at desc, s.id desc`, r.hash(hashPhone, phone))
}

func (r cosignRepo) ByConversation(_ context.Context, convID core.ID, limit int) ([]core.Cosign, error) {
	return r.list("cosign.by_conversation",
		`where s.conv_id = $1 and s.conv_id <> '' order by s.created_at desc, s.id desc limit $2`, convID, limit)
}

func (r cosignRepo) Save(_ context.Context, c core.Cosign, from core.CosignState) error {
	return r.ExecOne("cosign.save", core.CodeConflict,
		`update cosigns set state = $3, conv_id = $4, asked_at = $5, reminded_at = $6, answered_at = $7, answered_by = $8
		 where id = $1 and state = $2`,
		c.ID, string(from), string(c.State), c.ConvID, c.AskedAt, c.RemindedAt, c.AnsweredAt, string(c.AnsweredBy))
}
