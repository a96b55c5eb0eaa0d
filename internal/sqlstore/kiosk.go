package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type kioskRepo struct{ *txn }

const kioskCols = `id, office, label, public_key, enrolled_at, seen_at, revoked_at`

func kioskDest(k *core.Kiosk) []any {
	return []any{(*text)(&k.ID), (*text)(&k.Office), (*text)(&k.Label), (*octets)(&k.PublicKey),
		(*stamp)(&k.EnrolledAt), (*stamp)(&k.SeenAt), (*stamp)(&k.RevokedAt)}
}

func (r kioskRepo) InsertEnrolment(_ context.Context, code string, e core.Enrolment) error {
	return r.Exec("kiosk.insert_enrolment",
		`insert into enrolments (hash, office, label, created_at, expires_at, used_at, kiosk_id)
		 values ($1,$2,$3,$4,$5,$6,$7)`,
		r.hash(hashEnrolment, code), e.Office, e.Label, orNow(e.CreatedAt, r.at), e.ExpiresAt, e.UsedAt, e.KioskID)
}

func (r kioskRepo) Enrolment(_ context.Context, code string) (core.Enrolment, error) {
	var e core.Enrolment
	err := r.QueryRow("kiosk.enrolment",
		`select hash, office, label, created_at, expires_at, used_at, kiosk_id from enrolments where hash = $1`,
		[]any{(*octets)(&e.Hash), (*text)(&e.Office), (*text)(&e.Label), (*stamp)(&e.CreatedAt),
			(*stamp)(&e.ExpiresAt), (*stamp)(&e.UsedAt), (*text)(&e.KioskID)}, r.hash(hashEnrolment, code))
	return e, err
}

func (r kioskRepo) UseEnrolment(_ context.Context, code string, kioskID core.ID, at time.Time) error {
	return r.ExecOne("kiosk.use_enrolment", core.CodeConflict,
		`update enrolments set used_at = $2, kiosk_id = $3 where hash = $1 and used_at = 0`,
		r.hash(hashEnrolment, code), orNow(at, r.at), kioskID)
}

func (r kioskRepo) Insert(_ context.Context, k core.Kiosk) error {
	return r.Exec("kiosk.insert",
		`insert into kiosks (id, office, label, public_key, enrolled_at, seen_at, revoked_at)
		 values ($1,$2,$3,$4,$5,$6,$7)`,
		k.ID, k.Office, k.Label, k.PublicKey, orNow(k.EnrolledAt, r.at), k.SeenAt, k.RevokedAt)
}

func (r kioskRepo) Get(_ context.Context, id core.ID) (core.Kiosk, error) {
	var k core.Kiosk
	err := r.QueryRow("kiosk.get", `select `+kioskCols+` from kiosks where id = $1`, kioskDest(&k), id)
	return k, err
}

func (r kioskRepo) Seen(_ context.Context, id core.ID, at time.Time) error {
	return r.ExecOne("kiosk.seen", core.CodeNotFound, `update kiosks set seen_at = $2 where id = $1`, id, orNow(at, r.at))
}

func (r kioskRepo) Revoke(_ context.Context, id core.ID, at time.Time) error {
	return r.ExecOne("kiosk.revoke", core.CodeNotFound,
		`update kiosks set revoked_at = case when revoked_at = 0 then $2 else revoked_at end where id = $1`,
		id, orNow(at, r.at))
}

func (r kioskRepo) List(_ context.Context, limit int) ([]core.Kiosk, error) {
	var out []core.Kiosk
	err := r.Query("kiosk.list", `select `+kioskCols+` from kiosks order by office, id limit $1`, func(w row) error {
		var k core.Kiosk
		err := w.Scan(kioskDest(&k)...)
		out = append(out, k)
		return err
	}, limit)
	return out, err
}

func (r kioskRepo) InsertSession(_ context.Context, s core.TerminalSession) error {
	return r.Exec("kiosk.insert_session",
		`insert into terminal_sessions (id, kiosk_id, citizen_id, draft_id, locale, started_at, seen_at, ended_at)
		 values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		s.ID, s.KioskID, s.CitizenID, s.DraftID, s.Locale, orNow(s.StartedAt, r.at), orNow(s.SeenAt, r.at), s.EndedAt)
}

func (r kioskRepo) Session(_ context.Context, id core.ID) (core.TerminalSession, error) {
	var s core.TerminalSession
	err := r.QueryRow("kiosk.session",
		`select id, kiosk_id, citizen_id, draft_id, locale, started_at, seen_at, ended_at
		 from terminal_sessions where id = $1`,
		[]any{(*text)(&s.ID), (*text)(&s.KioskID), (*text)(&s.CitizenID), (*text)(&s.DraftID), (*text)(&s.Locale),
			(*stamp)(&s.StartedAt), (*stamp)(&s.SeenAt), (*stamp)(&s.EndedAt)}, id)
	return s, err
}

// SaveSession never opens an ended session again, however late the request.
func (r kioskRepo) SaveSession(_ context.Context, s core.TerminalSession) error {
	return r.ExecOne("kiosk.save_session", core.CodeNotFound,
		`update terminal_sessions set citizen_id = $2, draft_id = $3, locale = $4, seen_at = $5,
		 ended_at = case when ended_at = 0 then $6 else ended_at end where id = $1`,
		s.ID, s.CitizenID, s.DraftID, s.Locale, s.SeenAt, s.EndedAt)
}

func (r kioskRepo) EndSessions(_ context.Context, kioskID core.ID, at time.Time) error {
	return r.Exec("kiosk.end_sessions",
		`update terminal_sessions set ended_at = $2 where kiosk_id = $1 and ended_at = 0`, kioskID, orNow(at, r.at))
}
