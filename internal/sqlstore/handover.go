package sqlstore

import (
	"context"
	"time"

	"github.com/motcua/motcua/core"
)

type handoverRepo struct{ *txn }

const handoverCols = `id, conv_id, draft_id, dossier_id, office, reason, context, created_at, taken_by, taken_at, closed_at`

func (r handoverRepo) list(op, rest string, args ...any) ([]core.Handover, error) {
	var out []core.Handover
	err := r.Query(op, `select `+handoverCols+` from handovers where `+rest, func(w row) error {
		var h core.Handover
		if err := w.Scan((*text)(&h.ID), (*text)(&h.ConvID), (*text)(&h.DraftID), (*text)(&h.DossierID),
			(*text)(&h.Office), (*text)(&h.Reason), (*octets)(&h.Context), (*stamp)(&h.CreatedAt),
			(*text)(&h.TakenBy), (*stamp)(&h.TakenAt), (*stamp)(&h.ClosedAt)); err != nil {
			return err
		}
		if err := r.open("handovers.context", h.ID, &h.Context); err != nil {
			return err
		}
		out = append(out, h)
		return nil
	}, args...)
	return out, err
}

func (r handoverRepo) one(op, rest string, args ...any) (core.Handover, error) {
	all, err := r.list(op, rest, args...)
	if err != nil {
		return core.Handover{}, err
	}
	if len(all) == 0 {
		return core.Handover{}, core.E(core.CodeNotFound, op, "", nil)
	}
	return all[0], nil
}

func (r handoverRepo) Insert(_ context.Context, h core.Handover) error {
	return r.Exec("handover.insert",
		`insert into handovers (id, conv_id, draft_id, dossier_id, office, reason, context, created_at, taken_by,
		 taken_at, closed_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		h.ID, h.ConvID, h.DraftID, h.DossierID, h.Office, h.Reason, r.seal("handovers.context", h.ID, h.Context),
		orNow(h.CreatedAt, r.at), h.TakenBy, h.TakenAt, h.ClosedAt)
}

func (r handoverRepo) Get(_ context.Context, id core.ID) (core.Handover, error) {
	return r.one("handover.get", `id = $1`, id)
}

func (r handoverRepo) Open(_ context.Context, office string, limit int) ([]core.Handover, error) {
	if office == "*" {
		return r.list("handover.open", `closed_at = 0 order by created_at, id limit $1`, limit)
	}
	return r.list("handover.open", `closed_at = 0 and office = $1 order by created_at, id limit $2`, office, limit)
}

func (r handoverRepo) Take(_ context.Context, id core.ID, by string, at time.Time) error {
	return r.ExecOne("handover.take", core.CodeConflict,
		`update handovers set taken_by = $2, taken_at = $3 where id = $1 and taken_by = '' and closed_at = 0`,
		id, by, orNow(at, r.at))
}

func (r handoverRepo) Close(_ context.Context, id core.ID, at time.Time) error {
	return r.ExecOne("handover.close", core.CodeNotFound,
		`update handovers set closed_at = case when closed_at = 0 then $2 else closed_at end where id = $1`,
		id, orNow(at, r.at))
}

func (r handoverRepo) OpenByConversation(_ context.Context, convID core.ID) (core.Handover, error) {
	return r.one("handover.open_by_conversation", `closed_at = 0 and conv_id = $1 order by created_at, id limit 1`, convID)
}
