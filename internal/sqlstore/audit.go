package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type auditRepo struct{ *txn }

func (r auditRepo) Insert(_ context.Context, a core.AuditRow) error {
	return r.Exec("audit.insert",
		`insert into audit (id, at, actor, actor_id, actor_name, office, op, dossier_id, citizen_id, purpose)
		 values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		a.ID, orNow(a.At, r.at), string(a.Actor), a.ActorID, a.ActorName, a.Office, a.Op, a.DossierID, a.CitizenID, a.Purpose)
}

func (r auditRepo) list(op, where string, id core.ID, limit int) ([]core.AuditRow, error) {
	var out []core.AuditRow
	err := r.Query(op, `select id, at, actor, actor_id, actor_name, office, op, dossier_id, citizen_id, purpose
		from audit where `+where+` order by at desc, id desc limit $2`,
		func(w row) error {
			var a core.AuditRow
			err := w.Scan((*text)(&a.ID), (*stamp)(&a.At), (*text)(&a.Actor), (*text)(&a.ActorID), (*text)(&a.ActorName),
				(*text)(&a.Office), (*text)(&a.Op), (*text)(&a.DossierID), (*text)(&a.CitizenID), (*text)(&a.Purpose))
			out = append(out, a)
			return err
		}, id, limit)
	return out, err
}

func (r auditRepo) ByDossier(_ context.Context, dossierID core.ID, limit int) ([]core.AuditRow, error) {
	return r.list("audit.by_dossier", `dossier_id <> '' and dossier_id in
		(select $1 union all select draft_id from dossiers where id = $1 and draft_id <> '')`, dossierID, limit)
}

func (r auditRepo) ByCitizen(_ context.Context, citizenID core.ID, limit int) ([]core.AuditRow, error) {
	return r.list("audit.by_citizen", `(citizen_id = $1 and citizen_id <> '' or dossier_id <> '' and dossier_id in
		(select id from dossiers where citizen_id = $1 and citizen_id <> ''
		 union all select draft_id from dossiers where citizen_id = $1 and citizen_id <> '' and draft_id <> ''))`, citizenID, limit)
}
