package sqlstore

import (
	"context"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
)

// eventID names a line of a timeline for sealing. Its number is drawn by the
// statement that stores it, so the instant and the kind stand for it.
func eventID(e core.DossierEvent) core.ID {
	return e.DossierID + core.ID("\x1e"+e.Kind+"\x1e"+strconv.FormatInt(micros(e.At), 10))
}

func (r dossierRepo) AddEvent(_ context.Context, e core.DossierEvent) error {
	if err := r.lockKey("dossier.add_event", "dossier:"+string(e.DossierID)); err != nil {
		return err
	}
	e.At = orNow(e.At, r.at)
	return r.Exec("dossier.add_event",
		`insert into dossier_events (dossier_id, seq, from_state, to_state, kind, actor, actor_id, reason, note, at)
		 values ($1, (select coalesce(max(e.seq), 0) + 1 from dossier_events e where e.dossier_id = $1),
		 $2,$3,$4,$5,$6,$7,$8,$9)`,
		e.DossierID, int(e.From), int(e.To), e.Kind, string(e.Actor), e.ActorID, e.Reason,
		r.seal("dossier_events.note", eventID(e), e.Note), e.At)
}

func (r dossierRepo) Events(_ context.Context, dossierID core.ID) ([]core.DossierEvent, error) {
	var out []core.DossierEvent
	err := r.Query("dossier.events",
		`select dossier_id, seq, from_state, to_state, kind, actor, actor_id, reason, note, at
		 from dossier_events where dossier_id = $1 order by seq`,
		func(w row) error {
			var e core.DossierEvent
			if err := w.Scan((*text)(&e.DossierID), (*count)(&e.Seq), (*count)(&e.From), (*count)(&e.To),
				(*text)(&e.Kind), (*text)(&e.Actor), (*text)(&e.ActorID), (*text)(&e.Reason), (*octets)(&e.Note),
				(*stamp)(&e.At)); err != nil {
				return err
			}
			if err := r.open("dossier_events.note", eventID(e), &e.Note); err != nil {
				return err
			}
			out = append(out, e)
			return nil
		}, dossierID)
	return out, err
}

func (r dossierRepo) AddSupplement(_ context.Context, s core.Supplement) error {
	return r.Exec("dossier.add_supplement",
		`insert into supplements (id, dossier_id, round, items, due_at, created_at, answered_at)
		 values ($1,$2,$3,$4,$5,$6,$7)`,
		s.ID, s.DossierID, s.Round, r.seal("supplements.items", s.ID, s.Items), s.DueAt, orNow(s.CreatedAt, r.at),
		s.AnsweredAt)
}

func (r dossierRepo) Supplement(_ context.Context, dossierID core.ID) (core.Supplement, error) {
	var s core.Supplement
	err := r.QueryRow("dossier.supplement",
		`select id, dossier_id, round, items, due_at, created_at, answered_at from supplements
		 where dossier_id = $1 order by round desc limit 1`,
		[]any{(*text)(&s.ID), (*text)(&s.DossierID), (*count)(&s.Round), (*octets)(&s.Items), (*stamp)(&s.DueAt),
			(*stamp)(&s.CreatedAt), (*stamp)(&s.AnsweredAt)}, dossierID)
	if err != nil {
		return core.Supplement{}, err
	}
	return s, r.open("supplements.items", s.ID, &s.Items)
}

func (r dossierRepo) AnswerSupplement(_ context.Context, id core.ID, at time.Time) error {
	return r.ExecOne("dossier.answer_supplement", core.CodeConflict,
		`update supplements set answered_at = $2 where id = $1 and answered_at = 0`, id, orNow(at, r.at))
}
