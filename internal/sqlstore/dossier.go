package sqlstore

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

type dossierRepo struct{ *txn }

const (
	dossierCols = dossierHead + `, o.contact, o.canonical, ` + dossierTail
	// statusCols are what says where a dossier stands and whose it is. The driver of
	// SQLite asks for the name, the declared type, the type and the value of every
	// column, each time: what nobody reads is not asked for.
	statusCols = `o.id, o.code, o.procedure_code, o.office, o.citizen_id, o.state, o.needs_proof, o.confidential,
	o.expected_at, o.due_at, o.answer_by, o.result_draft`

	dossierHead = `o.id, o.code, o.procedure_code, o.procedure_version, o.form_version, o.agency, o.office,
	o.citizen_id, o.conv_id, o.draft_id`
	dossierTail = `o.hash, o.state, o.needs_proof, o.confidential, o.submitted_at, o.accepted_at, o.expected_at,
	o.due_at, o.clock_paused_at, o.paused_for, o.done_at, o.round, o.version, o.updated_at, o.filed_by, o.original_due_at, o.answer_by,
	o.result_draft`
)

func dossierDest(d *core.Dossier) []any {
	return []any{(*text)(&d.ID), (*text)(&d.Code), (*text)(&d.ProcedureCode), (*text)(&d.ProcedureVersion),
		(*text)(&d.FormVersion), (*text)(&d.Agency), (*text)(&d.Office), (*text)(&d.CitizenID), (*text)(&d.ConvID),
		(*text)(&d.DraftID), (*octets)(&d.Contact), (*octets)(&d.Canonical), (*text)(&d.Hash), (*count)(&d.State),
		(*flag)(&d.NeedsProof), (*flag)(&d.Confidential), (*stamp)(&d.SubmittedAt), (*stamp)(&d.AcceptedAt),
		(*stamp)(&d.ExpectedAt), (*stamp)(&d.DueAt), (*stamp)(&d.ClockPausedAt), (*number)(&d.PausedFor),
		(*stamp)(&d.DoneAt), (*count)(&d.Round), (*number)(&d.Version), (*stamp)(&d.UpdatedAt),
		(*text)(&d.FiledBy), (*stamp)(&d.OriginalDueAt), (*stamp)(&d.AnswerBy), (*text)(&d.ResultDraft)}
}

func statusDest(d *core.Dossier) []any {
	return []any{(*text)(&d.ID), (*text)(&d.Code), (*text)(&d.ProcedureCode), (*text)(&d.Office), (*text)(&d.CitizenID),
		(*count)(&d.State), (*flag)(&d.NeedsProof), (*flag)(&d.Confidential), (*stamp)(&d.ExpectedAt), (*stamp)(&d.DueAt),
		(*stamp)(&d.AnswerBy), (*text)(&d.ResultDraft)}
}

func (r dossierRepo) scan(w row) (core.Dossier, error) {
	var d core.Dossier
	if err := w.Scan(dossierDest(&d)...); err != nil {
		return d, err
	}
	d.PausedFor *= time.Microsecond // it was scanned as stored
	if err := r.open("dossiers.contact", d.ID, &d.Contact); err != nil {
		return d, err
	}
	return d, r.open("dossiers.canonical", d.ID, &d.Canonical)
}

func (r dossierRepo) list(op, rest string, args ...any) ([]core.Dossier, error) {
	var out []core.Dossier
	err := r.Query(op, `select `+dossierCols+` from dossiers o `+rest, func(w row) error {
		d, err := r.scan(w)
		if err == nil {
			out = append(out, d)
		}
		return err
	}, args...)
	return out, err
}

func (r dossierRepo) one(op, rest string, args ...any) (core.Dossier, error) {
	all, err := r.list(op, rest, args...)
	if err != nil {
		return core.Dossier{}, err
	}
	if len(all) == 0 {
		return core.Dossier{}, core.E(core.CodeNotFound, op, "", nil)
	}
	return all[0], nil
}

func (r dossierRepo) Uses(_ context.Context, after core.ProcedureUse, limit int) ([]core.ProcedureUse, error) {
	var out []core.ProcedureUse
	err := r.Query("dossier.uses",
		`select procedure_code, procedure_version, count(*) from dossiers
		 where procedure_code > $1 or (procedure_code = $1 and procedure_version > $2)
		 group by procedure_code, procedure_version order by procedure_code, procedure_version limit $3`,
		func(w row) error {
			var u core.ProcedureUse
			if err := w.Scan((*text)(&u.Code), (*text)(&u.Version), (*count)(&u.Dossiers)); err != nil {
				return err
			}
			out = append(out, u)
			return nil
		}, after.Code, after.Version, limit)
	return out, err
}

func (r dossierRepo) NextNumber(_ context.Context, agency, day string) (int, error) {
	var n int
	err := r.ReturnRow("dossier.next_number",
		`insert into agency_days (agency, day, last) values ($1, $2, 1)
		 on conflict (agency, day) do update set last = agency_days.last + 1 returning last`,
		[]any{(*count)(&n)}, agency, day)
	return n, err
}

func (r dossierRepo) Insert(ctx context.Context, d core.Dossier) error {
	err := r.Exec("dossier.insert",
		`insert into dossiers (id, code, procedure_code, procedure_version, form_version, agency, office, citizen_id,
		 conv_id, draft_id, contact, contact_hash, canonical, hash, state, needs_proof, confidential, submitted_at,
		 accepted_at, expected_at, due_at, clock_paused_at, paused_for, done_at, round, version, updated_at, filed_by,
		 original_due_at, answer_by, result_draft)
		 values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,1,$26,
		 $27,$28,$29,$30)`,
		d.ID, d.Code, d.ProcedureCode, d.ProcedureVersion, d.FormVersion, d.Agency, d.Office, d.CitizenID,
		d.ConvID, d.DraftID, r.seal("dossiers.contact", d.ID, d.Contact), r.hash(hashPhone, d.ContactPhone),
		r.seal("dossiers.canonical", d.ID, d.Canonical), d.Hash, int(d.State), d.NeedsProof, d.Confidential,
		orNow(d.SubmittedAt, r.at), d.AcceptedAt, d.ExpectedAt, d.DueAt, d.ClockPausedAt, d.PausedFor, d.DoneAt,
		d.Round, orNow(d.UpdatedAt, r.at), string(d.FiledBy), d.OriginalDueAt, d.AnswerBy, string(d.ResultDraft))
	if err != nil || d.Code == "" {
		return err
	}
	return r.AddCode(ctx, core.DossierCode{Code: d.Code, DossierID: d.ID, Official: true, Issuer: d.Agency,
		CreatedAt: orNow(d.SubmittedAt, r.at)})
}

// codeKey is how codes are compared. They are ASCII by decree, so case folds one
// letter at a time.
func codeKey(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

func (r dossierRepo) AddCode(_ context.Context, c core.DossierCode) error {
	return r.Exec("dossier.add_code",
		`insert into dossier_codes (code_key, code, dossier_id, official, issuer, created_at)
		 values ($1,$2,$3,$4,$5,$6)`,
		codeKey(c.Code), c.Code, c.DossierID, c.Official, c.Issuer, orNow(c.CreatedAt, r.at))
}

func (r dossierRepo) Codes(_ context.Context, dossierID core.ID) ([]core.DossierCode, error) {
	var out []core.DossierCode
	err := r.Query("dossier.codes",
		`select code, dossier_id, official, issuer, created_at from dossier_codes where dossier_id = $1
		 order by official desc, created_at, code_key`,
		func(w row) error {
			var c core.DossierCode
			err := w.Scan((*text)(&c.Code), (*text)(&c.DossierID), (*flag)(&c.Official), (*text)(&c.Issuer),
				(*stamp)(&c.CreatedAt))
			out = append(out, c)
			return err
		}, dossierID)
	return out, err
}

func (r dossierRepo) Get(_ context.Context, id core.ID) (core.Dossier, error) {
	return r.one("dossier.get", `where o.id = $1`, id)
}

func (r dossierRepo) ByCode(_ context.Context, code string) (core.Dossier, error) {
	return r.one("dossier.by_code",
		`join dossier_codes k on k.dossier_id = o.id where k.code_key = $1`, codeKey(code))
}

func (r dossierRepo) StatusByCode(_ context.Context, code string) (core.Dossier, error) {
	var d core.Dossier
	err := r.QueryRow("dossier.status_by_code",
		`select `+statusCols+` from dossiers o join dossier_codes k on k.dossier_id = o.id where k.code_key = $1`, statusDest(&d), codeKey(code))
	if err != nil {
		return core.Dossier{}, err
	}
	return d, nil
}

func (r dossierRepo) ByDraft(_ context.Context, draftID core.ID) (core.Dossier, error) {
	return r.one("dossier.by_draft", `where o.draft_id = $1 and o.draft_id <> ''`, draftID)
}

func (r dossierRepo) ByCitizen(_ context.Context, citizenID core.ID, before time.Time, limit int) ([]core.Dossier, error) {
	until := int64(math.MaxInt64)
	if !before.IsZero() {
		until = micros(before)
	}
	return r.list("dossier.by_citizen",
		`where o.citizen_id = $1 and o.citizen_id <> '' and o.submitted_at < $2
		 order by o.submitted_at desc, o.id desc limit $3`, citizenID, until, limit)
}

func (r dossierRepo) ByConversation(_ context.Context, convID core.ID, limit int) ([]core.Dossier, error) {
	return r.list("dossier.by_conversation",
		`where o.conv_id = $1 and o.conv_id <> '' order by o.submitted_at desc, o.id desc limit $2`, convID, limit)
}

func (r dossierRepo) ByContact(_ context.Context, phone string, limit int) ([]core.Dossier, error) {
	if phone == "" {
		return nil, nil
	}
	return r.list("dossier.by_contact",
		`where o.contact_hash = $1 order by o.submitted_at desc, o.id desc limit $2`, r.hash(hashPhone, phone), limit)
}

func (r dossierRepo) Inbox(_ context.Context, office string, states []core.DossierState, after core.ID, limit int) ([]core.Dossier, error) {
	if len(states) == 0 {
		return nil, nil
	}
	args := []any{after, limit}
	in, args := inList(args, states, func(s core.DossierState) any { return int(s) })
	where := `where o.id > $1 and o.state in (` + in + `)`
	if office != "*" {
		in, args = inList(args, []string{office}, func(s string) any { return s })
		where += ` and o.office = ` + in
	}
	return r.list("dossier.inbox", where+` order by o.id limit $2`, args...)
}

func (r dossierRepo) Save(_ context.Context, d core.Dossier) error {
	return r.ExecOne("dossier.save", core.CodeConflict,
		`update dossiers set office = $3, citizen_id = $4, conv_id = $5, contact = $6,
		 contact_hash = coalesce($7, contact_hash), state = $8, needs_proof = $9, confidential = $10,
		 accepted_at = $11, expected_at = $12, due_at = $13, clock_paused_at = $14, paused_for = $15,
		 done_at = $16, round = $17, updated_at = $18, original_due_at = $19, answer_by = $20, result_draft = $21,
		 version = version + 1
		 where id = $1 and version = $2`,
		d.ID, d.Version, d.Office, d.CitizenID, d.ConvID, r.seal("dossiers.contact", d.ID, d.Contact),
		r.hash(hashPhone, d.ContactPhone), int(d.State), d.NeedsProof, d.Confidential, d.AcceptedAt, d.ExpectedAt,
		d.DueAt, d.ClockPausedAt, d.PausedFor, d.DoneAt, d.Round, r.at, d.OriginalDueAt, d.AnswerBy,
		string(d.ResultDraft))
}
