package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type paperRepo struct{ *txn }

const (
	paperCols = `p.id, p.draft_id, p.dossier_id, p.requirement, p.round, p.created_at`
	pageCols  = `g.id, g.paper_id, g.draft_id, g.seq, g.state, g.reason, g.mime, g.size, g.count, g.sha256,
	g.blob_key, g.name, g.source, g.album, g.channel, g.created_at, g.ready_at`
)

func paperDest(p *core.Paper) []any {
	return []any{(*text)(&p.ID), (*text)(&p.DraftID), (*text)(&p.DossierID), (*text)(&p.Requirement),
		(*count)(&p.Round), (*stamp)(&p.CreatedAt)}
}

func pageDest(p *core.Page) []any {
	return []any{(*text)(&p.ID), (*text)(&p.PaperID), (*text)(&p.DraftID), (*count)(&p.Seq), (*text)(&p.State),
		(*text)(&p.Reason), (*text)(&p.MIME), (*number)(&p.Size), (*count)(&p.Count), (*text)(&p.SHA256),
		(*text)(&p.BlobKey), (*octets)(&p.Name), (*octets)(&p.Source), (*text)(&p.Group), (*text)(&p.Channel),
		(*stamp)(&p.CreatedAt), (*stamp)(&p.ReadyAt)}
}

func (r paperRepo) openPage(p *core.Page) error {
	if err := r.open("pages.name", p.ID, &p.Name); err != nil {
		return err
	}
	return r.open("pages.source", p.ID, &p.Source)
}

func (r paperRepo) Insert(_ context.Context, p core.Paper) error {
	return r.Exec("paper.insert",
		`insert into papers (id, draft_id, dossier_id, requirement, round, created_at) values ($1,$2,$3,$4,$5,$6)`,
		p.ID, p.DraftID, p.DossierID, p.Requirement, p.Round, orNow(p.CreatedAt, r.at))
}

// list reads papers and pages in one statement, so that no page is seen without
// its paper.
func (r paperRepo) list(op, where string, id core.ID) ([]core.Paper, error) {
	var out []core.Paper
	err := r.Query(op, `select `+paperCols+`, `+pageCols+` from papers p left join pages g on g.paper_id = p.id
		where `+where+` order by p.created_at, p.id, g.seq`,
		func(w row) error {
			var p core.Paper
			var g core.Page
			if err := w.Scan(append(paperDest(&p), pageDest(&g)...)...); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].ID != p.ID {
				out = append(out, p)
			}
			if g.ID == "" {
				return nil
			}
			last := &out[len(out)-1]
			last.Pages = append(last.Pages, g)
			return r.openPage(&last.Pages[len(last.Pages)-1])
		}, id)
	return out, err
}

func (r paperRepo) ByDraft(_ context.Context, draftID core.ID) ([]core.Paper, error) {
	return r.list("paper.by_draft", `p.draft_id = $1 and p.draft_id <> ''`, draftID)
}

func (r paperRepo) ByDossier(_ context.Context, dossierID core.ID) ([]core.Paper, error) {
	return r.list("paper.by_dossier", `p.dossier_id = $1 and p.dossier_id <> ''`, dossierID)
}

func (r paperRepo) SetDossier(_ context.Context, draftID, dossierID core.ID) error {
	return r.Exec("paper.set_dossier",
		`update papers set dossier_id = $2 where draft_id = $1 and draft_id <> '' and dossier_id = ''`, draftID, dossierID)
}

func (r paperRepo) InsertPage(_ context.Context, p core.Page) error {
	if err := r.lockKey("paper.insert_page", "paper:"+string(p.PaperID)); err != nil {
		return err
	}
	return r.ExecOne("paper.insert_page", core.CodeNotFound,
		`insert into pages (id, paper_id, draft_id, seq, state, reason, mime, size, count, sha256, blob_key, name,
		 source, album, channel, created_at, ready_at)
		 select $1, p.id, $3, (select coalesce(max(g.seq), 0) + 1 from pages g where g.paper_id = $2),
		 $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 from papers p where p.id = $2`,
		p.ID, p.PaperID, p.DraftID, string(p.State), p.Reason, p.MIME, p.Size, p.Count, p.SHA256, p.BlobKey,
		r.seal("pages.name", p.ID, p.Name), r.seal("pages.source", p.ID, p.Source), p.Group, p.Channel,
		orNow(p.CreatedAt, r.at), p.ReadyAt)
}

func (r paperRepo) Page(_ context.Context, id core.ID) (core.Page, error) {
	var p core.Page
	if err := r.QueryRow("paper.page", `select `+pageCols+` from pages g where g.id = $1`, pageDest(&p), id); err != nil {
		return core.Page{}, err
	}
	return p, r.openPage(&p)
}

// SavePage leaves the reference at the vendor (Source) as it is while the page is
// pending and drops it with the verdict: nothing will fetch it again.
func (r paperRepo) SavePage(_ context.Context, p core.Page, from core.PageState) error {
	return r.ExecOne("paper.save_page", core.CodeConflict,
		`update pages set state = $3, reason = $4, mime = $5, size = $6, count = $7, sha256 = $8, blob_key = $9,
		 ready_at = $10, source = case when $3 = 'pending' then source else null end
		 where id = $1 and state = $2`,
		p.ID, string(from), string(p.State), p.Reason, p.MIME, p.Size, p.Count, p.SHA256, p.BlobKey, p.ReadyAt)
}
