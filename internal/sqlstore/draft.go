package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type draftRepo struct{ *txn }

const draftCols = `d.id, d.procedure_code, d.procedure_version, d.form_id, d.form_version, d.office, d.citizen_id,
	d.answers, d.state, d.dossier_id, d.holder, d.version, d.created_at, d.updated_at, d.expires_at, d.desk`

func draftDest(d *core.Draft) []any {
	return []any{(*text)(&d.ID), (*text)(&d.ProcedureCode), (*text)(&d.ProcedureVersion), (*text)(&d.FormID),
		(*text)(&d.FormVersion), (*text)(&d.Office), (*text)(&d.CitizenID), (*octets)(&d.Answers), (*text)(&d.State),
		(*text)(&d.DossierID), (*text)(&d.Holder), (*number)(&d.Version), (*stamp)(&d.CreatedAt),
		(*stamp)(&d.UpdatedAt), (*stamp)(&d.ExpiresAt), (*text)(&d.Desk)}
}

func (r draftRepo) Get(_ context.Context, id core.ID) (core.Draft, error) {
	var d core.Draft
	if err := r.QueryRow("draft.get", `select `+draftCols+` from drafts d where d.id = $1`, draftDest(&d), id); err != nil {
		return core.Draft{}, err
	}
	return d, r.open("drafts.answers", d.ID, &d.Answers)
}

func (r draftRepo) Insert(_ context.Context, d core.Draft) error {
	return r.Exec("draft.insert",
		`insert into drafts (id, procedure_code, procedure_version, form_id, form_version, office, citizen_id,
		 answers, state, dossier_id, holder, version, created_at, updated_at, expires_at,
		 desk) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1,$12,$13,$14,$15)`,
		d.ID, d.ProcedureCode, d.ProcedureVersion, d.FormID, d.FormVersion, d.Office, d.CitizenID,
		r.seal("drafts.answers", d.ID, d.Answers), string(d.State), d.DossierID, d.Holder,
		orNow(d.CreatedAt, r.at), orNow(d.UpdatedAt, r.at), d.ExpiresAt, d.Desk)
}

func (r draftRepo) Save(_ context.Context, d core.Draft) error {
	return r.ExecOne("draft.save", core.CodeConflict,
		`update drafts set procedure_version = $3, form_id = $4, form_version = $5, office = $6, citizen_id = $7,
		 answers = $8, state = $9, dossier_id = $10, holder = $11, updated_at = $12, expires_at = $13,
		 version = version + 1 where id = $1 and version = $2`,
		d.ID, d.Version, d.ProcedureVersion, d.FormID, d.FormVersion, d.Office, d.CitizenID,
		r.seal("drafts.answers", d.ID, d.Answers), string(d.State), d.DossierID, d.Holder, r.at, d.ExpiresAt)
}

func (r draftRepo) ByCitizen(_ context.Context, citizenID core.ID, limit int) ([]core.Draft, error) {
	return r.list("draft.by_citizen",
		`select `+draftCols+` from drafts d where d.citizen_id = $1 and d.state = 'open' and d.citizen_id <> ''
		 order by d.updated_at desc, d.id desc limit $2`, citizenID, limit)
}

func (r draftRepo) Open(_ context.Context, after core.ID, limit int) ([]core.Draft, error) {
	return r.list("draft.open",
		`select `+draftCols+` from drafts d where d.id > $1 and d.state = 'open' order by d.id limit $2`, after, limit)
}

func (r draftRepo) list(op, query string, args ...any) ([]core.Draft, error) {
	var out []core.Draft
	err := r.Query(op, query, func(w row) error {
		var d core.Draft
		if err := w.Scan(draftDest(&d)...); err != nil {
			return err
		}
		if err := r.open("drafts.answers", d.ID, &d.Answers); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	}, args...)
	return out, err
}
