package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type noticeRepo struct{ *txn }

func (r noticeRepo) Insert(_ context.Context, n core.Notice) error {
	return r.Exec("notice.insert",
		`insert into notices (id, citizen_id, conv_id, dossier_id, key, args, created_at, seen_at)
		 values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		n.ID, n.CitizenID, n.ConvID, n.DossierID, n.Key, r.seal("notices.args", n.ID, n.Args),
		orNow(n.CreatedAt, r.at), n.SeenAt)
}

func (r noticeRepo) list(op, where string, id core.ID, limit int) ([]core.Notice, error) {
	var out []core.Notice
	err := r.Query(op, `select id, citizen_id, conv_id, dossier_id, key, args, created_at, seen_at from notices
		where `+where+` order by created_at desc, id desc limit $2`,
		func(w row) error {
			var n core.Notice
			if err := w.Scan((*text)(&n.ID), (*text)(&n.CitizenID), (*text)(&n.ConvID), (*text)(&n.DossierID),
				(*text)(&n.Key), (*octets)(&n.Args), (*stamp)(&n.CreatedAt), (*stamp)(&n.SeenAt)); err != nil {
				return err
			}
			if err := r.open("notices.args", n.ID, &n.Args); err != nil {
				return err
			}
			out = append(out, n)
			return nil
		}, id, limit)
	return out, err
}

func (r noticeRepo) ByCitizen(_ context.Context, citizenID core.ID, limit int) ([]core.Notice, error) {
	return r.list("notice.by_citizen", `citizen_id = $1 and citizen_id <> ''`, citizenID, limit)
}

func (r noticeRepo) ByDossier(_ context.Context, dossierID core.ID, limit int) ([]core.Notice, error) {
	return r.list("notice.by_dossier", `dossier_id = $1 and dossier_id <> ''`, dossierID, limit)
}
