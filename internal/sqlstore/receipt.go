package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type receiptRepo struct{ *txn }

// Put raises the state of a receipt and never lowers it. A delivery report knows
// little, so what it leaves empty stays as it was.
func (r receiptRepo) Put(_ context.Context, p core.Receipt) error {
	rank := p.State.Rank()
	if rank < 0 {
		return r.keep(core.Ef(core.CodeInternal, "receipt.put", "", "unknown state %q", p.State))
	}
	return r.Exec("receipt.put",
		`insert into receipts (job_id, part, conv_id, channel, account, external, state, rank, reason, template,
		 units, created_at, updated_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
		 on conflict (job_id, part) do update set
		 state = excluded.state, rank = excluded.rank, updated_at = excluded.updated_at,
		 conv_id = case when excluded.conv_id <> '' then excluded.conv_id else receipts.conv_id end,
		 channel = case when excluded.channel <> '' then excluded.channel else receipts.channel end,
		 account = case when excluded.account <> '' then excluded.account else receipts.account end,
		 external = case when excluded.external <> '' then excluded.external else receipts.external end,
		 reason = case when excluded.reason <> '' then excluded.reason else receipts.reason end,
		 template = case when excluded.template <> '' then excluded.template else receipts.template end,
		 units = case when excluded.units <> 0 then excluded.units else receipts.units end
		 where excluded.rank > receipts.rank or excluded.state = receipts.state`,
		p.JobID, p.Part, p.ConvID, p.Channel, p.Account, p.External, string(p.State), rank, p.Reason, p.Template,
		p.Units, orNow(p.CreatedAt, r.at), orNow(p.UpdatedAt, r.at))
}

func (r receiptRepo) list(op, rest string, args ...any) ([]core.Receipt, error) {
	var out []core.Receipt
	err := r.Query(op, `select job_id, part, conv_id, channel, account, external, state, reason, template, units,
		created_at, updated_at from receipts where `+rest,
		func(w row) error {
			var p core.Receipt
			err := w.Scan((*text)(&p.JobID), (*count)(&p.Part), (*text)(&p.ConvID), (*text)(&p.Channel),
				(*text)(&p.Account), (*text)(&p.External), (*text)(&p.State), (*text)(&p.Reason), (*text)(&p.Template),
				(*count)(&p.Units), (*stamp)(&p.CreatedAt), (*stamp)(&p.UpdatedAt))
			out = append(out, p)
			return err
		}, args...)
	return out, err
}

func (r receiptRepo) ByJob(_ context.Context, jobID core.ID) ([]core.Receipt, error) {
	return r.list("receipt.by_job", `job_id = $1 order by part`, jobID)
}

func (r receiptRepo) ByExternal(_ context.Context, channel, account, external string) (core.Receipt, error) {
	all, err := r.list("receipt.by_external",
		`channel = $1 and account = $2 and external = $3 and external <> '' order by created_at desc, job_id, part limit 1`,
		channel, account, external)
	if err != nil {
		return core.Receipt{}, err
	}
	if len(all) == 0 {
		return core.Receipt{}, core.E(core.CodeNotFound, "receipt.by_external", "", nil)
	}
	return all[0], nil
}

func (r receiptRepo) ByConversation(_ context.Context, convID core.ID, limit int) ([]core.Receipt, error) {
	return r.list("receipt.by_conversation",
		`conv_id = $1 and conv_id <> '' order by created_at desc, job_id desc, part desc limit $2`, convID, limit)
}
