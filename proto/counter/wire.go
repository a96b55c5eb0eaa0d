package counter

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// Stamp is a time on the wire; a zero one is absent.
func Stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// StatusOf writes a status.
func StatusOf(ctx context.Context, g *gate.Gate, st dossier.Status) (*corev1.DossierStatus, *corev1.StatusMeaning) {
	s := &corev1.DossierStatus{Code: st.Code, State: string(st.Plain)}
	if st.Limited {
		return s, nil
	}
	l := gate.Locale(ctx)
	s.DueAt, s.ProcedureName = Stamp(st.DueAt), st.Procedure.In(l)
	next := ""
	if st.NextKey != "" {
		next = g.Texts.Text(l, text.Screen, st.NextKey, nil)
	}
	return s, &corev1.StatusMeaning{
		OfficialState: int32(st.State), Label: g.Texts.Text(l, text.Screen, st.StateKey, nil), Next: next,
		Meaning: g.Texts.Text(l, text.Screen, st.MeansKey, nil),
		Holder:  string(st.Holder), Office: st.Office, Firm: st.Firm, Overdue: st.Overdue, AnswerBy: Stamp(st.AnswerBy),
	}
}

// Detail reads and writes what the applicant and the office may see of a dossier.
// Officers' notes to each other stay out.
func Detail(ctx context.Context, g *gate.Gate, tx core.Tx, d core.Dossier) (*corev1.DossierDetail, error) {
	out := &corev1.DossierDetail{
		ProcedureCode: d.ProcedureCode, Office: d.Office, SubmittedAt: Stamp(d.SubmittedAt), AcceptedAt: Stamp(d.AcceptedAt),
		NeedsProof: d.NeedsProof, Hash: d.Hash, OriginalDueAt: Stamp(d.OriginalDueAt), ResultDraft: string(d.ResultDraft),
	}
	events, err := tx.Dossiers().Events(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		var note dossier.Note
		if err := core.OpenJSON(e.Note, &note); err != nil {
			return nil, err
		}
		out.Timeline = append(out.Timeline, &corev1.TimelineEntry{
			Seq: int32(e.Seq), Kind: e.Kind, OfficialState: int32(e.To), Reason: e.Reason, At: Stamp(e.At),
			Label:  g.Texts.Text(gate.Locale(ctx), text.Screen, dossier.EventKey(e), nil),
			Advice: note.Advice, Amount: note.Amount, Words: note.Words, Receipt: note.Receipt,
			DueAt: Stamp(note.DueAt), WasDueAt: Stamp(note.WasDueAt),
		})
		switch {
		case note.Amount > 0:
			out.Fee = &corev1.FeeRequest{Amount: note.Amount, How: note.Advice, DueAt: Stamp(note.DueAt)}
		case note.Receipt != "" && out.Fee != nil:
			out.Fee.PaidAt, out.Fee.Receipt = Stamp(e.At), note.Receipt
		}
	}
	if out.Cosigns, err = cosigns(ctx, tx, d.ID); err != nil {
		return nil, err
	}
	papers, err := tx.Papers().ByDossier(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	out.Papers = Papers(papers)
	sup, err := tx.Dossiers().Supplement(ctx, d.ID)
	if core.IsCode(err, core.CodeNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	items, err := dossier.Items(sup)
	if err != nil {
		return nil, err
	}
	out.Supplement = &corev1.SupplementRequest{Round: int32(sup.Round), DueAt: Stamp(sup.DueAt), AnsweredAt: Stamp(sup.AnsweredAt)}
	for _, i := range items {
		out.Supplement.Items = append(out.Supplement.Items, &corev1.SupplementItem{
			Requirement: i.Requirement, Reason: i.Reason, Page: int32(i.Page), Note: i.Note,
		})
	}
	return out, nil
}

// cosigns lists who must agree, without the phones.
func cosigns(ctx context.Context, tx core.Tx, id core.ID) ([]*corev1.Cosign, error) {
	all, err := tx.Cosigns().ByDossier(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []*corev1.Cosign
	for _, c := range all {
		p, err := dossier.CosignPerson(c)
		if err != nil {
			return nil, err
		}
		out = append(out, &corev1.Cosign{
			Number: int32(c.Seq), Name: p.Name, State: string(c.State), AskedAt: Stamp(c.AskedAt), AnsweredAt: Stamp(c.AnsweredAt),
		})
	}
	return out, nil
}

// Papers writes papers with the pages that count.
func Papers(papers []core.Paper) []*corev1.Paper {
	var out []*corev1.Paper
	for _, p := range papers {
		w := &corev1.Paper{Id: string(p.ID), Requirement: p.Requirement, Round: int32(p.Round)}
		for _, page := range vault.Live(p) {
			w.Pages = append(w.Pages, Page(page))
		}
		out = append(out, w)
	}
	return out
}

// Page writes a page.
func Page(p core.Page) *corev1.Page {
	return &corev1.Page{
		Id: string(p.ID), State: string(p.State), Reason: p.Reason, Mime: p.MIME, Size: p.Size, Count: int32(p.Count), Sha256: p.SHA256,
	}
}
