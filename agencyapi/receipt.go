package agencyapi

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/proto/counter"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
)

func (s counterService) GetReceipt(ctx context.Context, r *agencyv1.GetReceiptRequest) (*agencyv1.GetReceiptResponse, error) {
	return gate.Once(ctx, s.gate, func(ctx context.Context, tx core.Tx) (*agencyv1.GetReceiptResponse, error) {
		a, d, err := s.dossier(ctx, tx, r.GetCode())
		if err != nil {
			return nil, err
		}
		if err := auth.Audit(ctx, tx, a, "receipt.read", d, "receipt"); err != nil {
			return nil, err
		}
		out, err := s.receipt(ctx, tx, d)
		return &agencyv1.GetReceiptResponse{Receipt: out}, err
	})
}

// receipt writes form 01 of Circular 03/2025/TT-VPCP as far as its fields are
// published: what is not known of an applicant stays empty and is written by hand.
func (s counterService) receipt(ctx context.Context, tx core.Tx, d core.Dossier) (*agencyv1.Receipt, error) {
	l := gate.Locale(ctx)
	cat := s.dossiers.Catalog()
	var contact core.DossierContact
	if err := core.OpenJSON(d.Contact, &contact); err != nil {
		return nil, err
	}
	st := s.dossiers.StatusOf(d, "", true, tx.Now())
	out := &agencyv1.Receipt{
		Code: d.Code, Qr: d.Code, Applicant: contact.Name, Phone: contact.Phone, Email: contact.Email, ProcedureCode: d.ProcedureCode,
		Sets: 1, ReceivedAt: counter.Stamp(d.SubmittedAt), DueAt: counter.Stamp(st.DueAt), Firm: st.Firm,
		RegisterNumber: dossier.Tail(d.Code), Officer: auth.ActorFrom(ctx).Name, Address: s.address(d, l),
	}
	if o, ok := cat.OfficeForWard(d.Office); ok {
		out.Office, out.ResultPlace = o.Name.In(l), o.Name.In(l)
	}
	papers, err := tx.Papers().ByDossier(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	p, known := cat.ProcedureVersion(d.ProcedureCode, d.ProcedureVersion)
	if !known {
		return out, nil
	}
	out.ProcedureName, out.TimeLimit = p.Name.In(l), s.limit(p.TimeLimit, l)
	for _, paper := range papers {
		req, ok := p.Requirement(paper.Requirement)
		pages := vault.Live(paper)
		if !ok || len(pages) == 0 {
			continue
		}
		row := &agencyv1.ReceiptPaper{
			Number: int32(len(out.Papers) + 1), Name: req.Name.In(l), Originals: int32(req.Originals), Copies: int32(req.Copies),
		}
		for _, page := range pages {
			row.Pages += int32(page.Count)
		}
		out.Papers = append(out.Papers, row)
	}
	return out, nil
}

// address is the first address that was declared: the applicant's.
func (s counterService) address(d core.Dossier, l text.Locale) string {
	var doc struct {
		Form    string         `json:"form"`
		Answers map[string]any `json:"answers"`
	}
	if err := json.Unmarshal(d.Canonical, &doc); err != nil {
		return ""
	}
	f, ok := s.dossiers.Catalog().Form(doc.Form)
	if !ok {
		return ""
	}
	for _, key := range f.Keys() {
		if field, _ := f.Field(key); field.Type == "address" && doc.Answers[key] != nil {
			return f.Display(key, doc.Answers[key], l)
		}
	}
	return ""
}

// limit writes a statutory time in words.
func (s counterService) limit(l catalog.Limit, locale text.Locale) string {
	key := map[catalog.Unit]string{
		catalog.UnitSameDay: "word.limitSameDay", catalog.UnitHalfDay: "word.limitHalfDays", catalog.UnitHour: "word.limitHours",
		catalog.UnitWorkingDay: "word.limitWorkingDays", catalog.UnitDay: "word.limitDays", catalog.UnitMonth: "word.limitMonths",
	}[l.Unit]
	return s.gate.Texts.Text(locale, text.Screen, key, map[string]string{"count": strconv.Itoa(l.Value)})
}
