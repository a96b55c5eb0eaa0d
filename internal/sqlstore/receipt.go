package sqlstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
)

type receiptRepo struct{ *txn }

// Put raises the state of a receipt and never lowers it. A delivery report knows
// little, so what it leaves empty stays as it was.
func (r receiptRepo) Put(_ context.Context, all ...core.Receipt) error {
	// One statement meets a row once: the second word on a part has its own.
	for len(all) > 0 {
		seen := map[receiptKey]bool{}
		n := 0
		for n < len(all) && !seen[receiptKey{all[n].JobID, all[n].Part}] {
			seen[receiptKey{all[n].JobID, all[n].Part}] = true
			n++
		}
		for part := range parts(all[:n]) {
			if err := r.put(part); err != nil {
				return err
			}
		}
		all = all[n:]
	}
	return nil
}

type receiptKey struct {
	job  core.ID
	part int
}

func (r receiptRepo) put(part []core.Receipt) error {
	const columns = 13
	var rows strings.Builder
	args := make([]any, 0, columns*len(part))
	for i, p := range part {
		rank := p.State.Rank()
		if rank < 0 {
			return r.keep(core.Ef(core.CodeInternal, "receipt.put", "", "unknown state %q", p.State))
		}
		args = append(args, p.JobID, p.Part, p.ConvID, p.Channel, p.Account, p.External, string(p.State), rank, p.Reason,
			p.Template, p.Units, orNow(p.CreatedAt, r.at), orNow(p.UpdatedAt, r.at))
		for c := range columns {
			switch {
			case c > 0:
				rows.WriteByte(',')
			case i > 0:
				rows.WriteString(",(")
			default:
				rows.WriteByte('(')
			}
			rows.WriteString("$" + strconv.Itoa(i*columns+c+1))
		}
		rows.WriteByte(')')
	}
	return r.Exec("receipt.put",
		`insert into receipts (job_id, part, conv_id, channel, account, external, state, rank, reason, template,
		 units, created_at, updated_at) values `+rows.String()+`
		 on conflict (job_id, part) do update set
		 state = excluded.state, rank = excluded.rank, updated_at = excluded.updated_at,
		 conv_id = case when excluded.conv_id <> '' then excluded.conv_id else receipts.conv_id end,
		 channel = case when excluded.channel <> '' then excluded.channel else receipts.channel end,
		 account = case when excluded.account <> '' then excluded.account else receipts.account end,
		 external = case when excluded.external <> '' then excluded.external else receipts.external end,
		 reason = case when excluded.reason <> '' then excluded.reason else receipts.reason end,
		 template = case when excluded.template <> '' then excluded.template else receipts.template end,
		 units = case when excluded.units <> 0 then excluded.units else receipts.units end
		 where excluded.rank > receipts.rank or excluded.state = receipts.state`, args...)
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
