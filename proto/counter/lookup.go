package counter

import (
	"context"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// defaultHits is how many procedures a search gives when nobody says.
const defaultHits = 5

// Found is what a query may mean.
type Found struct {
	Hits      []*corev1.ProcedureHit
	Sure      bool              // the first is likely enough to be opened at once
	Elsewhere *corev1.Elsewhere // known and not served here; Hits is empty then
}

// Search finds procedures; none is an empty list.
func (c *Counter) Search(ctx context.Context, query string, limit int) Found {
	if limit == 0 {
		limit = defaultHits
	}
	l := gate.Locale(ctx)
	found := c.cat.Find(query, l, limit)
	out := Found{Sure: found.Sure}
	for _, h := range found.Hits {
		out.Hits = append(out.Hits, hit(h.Procedure, h.Score, l))
	}
	c.gate.CountSearch(ctx, query, len(out.Hits) > 0 || found.Elsewhere != nil)
	if s := found.Elsewhere; s != nil {
		advice := "word.elsewhere"
		if s.Kind == catalog.KindUrgent {
			advice = "emergency"
		}
		out.Elsewhere = &corev1.Elsewhere{
			Name:   s.Name.In(l),
			Advice: c.cat.Messages().Text(l, text.Rich, advice, map[string]string{"hotline": c.cat.Settings().Hotline}),
		}
	}
	return out
}

func hit(p *catalog.Procedure, score float64, l string) *corev1.ProcedureHit {
	return &corev1.ProcedureHit{Code: p.Code, Name: nameOf(p, l), Summary: p.Summary.In(l), Score: score}
}

// Topics gives situations of life with the procedures people need then.
func (c *Counter) Topics(ctx context.Context) []*corev1.Topic {
	l := gate.Locale(ctx)
	var out []*corev1.Topic
	for _, t := range c.cat.Topics() {
		topic := &corev1.Topic{Key: t.Key, Name: t.Name.In(l)}
		for _, code := range t.Procedures {
			if p, ok := c.cat.Procedure(code); ok {
				topic.Procedures = append(topic.Procedures, hit(p, 0, l))
			}
		}
		out = append(out, topic)
	}
	return out
}

// nameOf is what citizens call a procedure.
func nameOf(p *catalog.Procedure, l string) string {
	if s := p.Short.In(l); s != "" {
		return s
	}
	return p.Name.In(l)
}

// Procedure describes one procedure. Errors: not_found.
func (c *Counter) Procedure(ctx context.Context, code string) (*corev1.Procedure, error) {
	p, ok := c.cat.Procedure(code)
	if !ok {
		return nil, core.E(core.CodeNotFound, "counter.procedure", "error.procedure.unknown", nil)
	}
	l := gate.Locale(ctx)
	fee, err := c.fee(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &corev1.Procedure{
		Code: p.Code, Name: p.Name.In(l), Summary: p.Summary.In(l), Tip: p.Tip.In(l), Field: p.Field.In(l),
		Version: p.Version, Agency: string(p.Agency), MinimumAssurance: int32(p.Assurance.Level), LegalBasis: p.LegalBasis,
		TimeLimit: &corev1.TimeLimit{
			Value: int32(p.TimeLimit.Value), Unit: string(p.TimeLimit.Unit), CutOff: p.TimeLimit.CutOff, Note: p.TimeLimit.Note.In(l),
		},
		Fee: feeIn(fee, l), Level: string(p.Level), AgencyName: p.AgencyName.In(l),
		Eligible: texts(p.Eligible, l), InPerson: texts(p.InPerson, l), Window: c.window(p, l),
	}
	for _, item := range c.cat.Checklist(p, nil) {
		out.Requirements = append(out.Requirements, requirementIn(item, l))
	}
	for _, r := range p.Results {
		out.Results = append(out.Results, r.Name.In(l))
	}
	return out, nil
}

// fee gives what is asked today. The store's clock is read only where the fee
// depends on the day. Errors: those of the store.
func (c *Counter) fee(ctx context.Context, p *catalog.Procedure) (catalog.Fee, error) {
	if len(p.Fee.City) == 0 {
		return p.Fee, nil
	}
	var fee catalog.Fee
	err := c.gate.Store.View(ctx, func(_ context.Context, tx core.Tx) error {
		fee = p.FeeAt(pack.DateOf(tx.Now().In(core.City)), p.Way())
		return nil
	})
	return fee, err
}

func feeIn(f catalog.Fee, l string) *corev1.Fee {
	out := &corev1.Fee{
		Amount: f.Amount, Per: f.Per.In(l), Text: f.Text.In(l), Exemptions: texts(f.Exemptions, l), Verified: f.Verified,
	}
	for _, item := range f.Items {
		out.Items = append(out.Items, &corev1.FeeItem{Name: item.Name.In(l), Amount: item.Amount, Per: item.Per.In(l)})
	}
	return out
}

func texts(list []catalog.Bilingual, l string) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.In(l)
	}
	return out
}

// Places finds the wards a name may mean, best first. When it means none because it
// is a place outside the city, outside says where that is.
func (c *Counter) Places(ctx context.Context, query string) (places []*corev1.Place, outside *corev1.Outside) {
	l := gate.Locale(ctx)
	for _, p := range c.cat.ResolvePlace(query) {
		places = append(places, &corev1.Place{Code: p.Code, Name: p.Name, Matched: p.Matched, Note: string(p.Note), Old: p.Old})
	}
	if len(places) > 0 {
		return places, nil
	}
	province, ok := c.cat.Outside(query)
	if !ok {
		return nil, nil
	}
	name := map[string]string{"place": province.In(l)}
	return nil, &corev1.Outside{Name: province.In(l), Advice: c.cat.Messages().Text(l, text.Rich, "word.outside", name)}
}

// unknownWard says that a code is that of no ward.
func unknownWard(op, code string) error {
	e := core.E(core.CodeNotFound, op, "error.place.none", nil)
	e.Args = map[string]string{"said": code}
	return e
}

// Office gives the one-stop counter of a ward and, when procedure is one's code, who
// deals with it there. Whether it is open now is left out while the store, whose
// clock tells, is down. Errors: not_found.
func (c *Counter) Office(ctx context.Context, ward, procedure string) (*corev1.Office, error) {
	o, ok := c.cat.OfficeForWard(ward)
	if !ok {
		return nil, unknownWard("counter.office", ward)
	}
	l := gate.Locale(ctx)
	out := &corev1.Office{
		Code: o.Ward.Code, Name: o.Name.In(l), Address: o.Address.In(l), Hours: o.HoursText(l), HoursAssumed: o.HoursAssumed,
	}
	for _, f := range c.cat.Handled() {
		out.Handled = append(out.Handled, &corev1.FieldCount{Field: f.Field.In(l), Count: int32(f.Count)})
	}
	if procedure != "" {
		p, ok := c.cat.Procedure(procedure)
		if !ok {
			return nil, core.E(core.CodeNotFound, "counter.office", "error.procedure.unknown", nil)
		}
		out.Competence = c.competence(p, ward, l)
	}
	now, err := c.now(ctx)
	if err != nil && !core.IsCode(err, core.CodeUnavailable) {
		return nil, err
	}
	if err == nil {
		s := o.Opening(now)
		out.Open, out.ChangesAt, out.Opening = s.Open, Stamp(s.Changes), c.cat.OpeningText(o, now, l, text.Screen)
	}
	if c.beside.Queue != nil && out.Open {
		if q, ok := c.beside.Queue(ctx, ward); ok {
			out.Queue = &corev1.Queue{Waiting: int32(q.Waiting), CountersOpen: int32(q.Counters), AsOf: Stamp(q.At)}
		}
	}
	return out, nil
}

// competence writes who deals with a procedure in a ward.
func (c *Counter) competence(p *catalog.Procedure, ward string, l text.Locale) *corev1.Competence {
	k, ok := c.cat.CompetentOffice(p, ward)
	if !ok {
		return nil
	}
	out := &corev1.Competence{
		ProcedureCode: p.Code, ProcedureName: nameOf(p, l), Counter: k.Counter.In(l), Decides: k.Decides.In(l),
		Intake: string(k.Intake), BoundaryFree: k.Intake == catalog.IntakeAnywhere,
		Text: c.cat.CompetenceText(k, nameOf(p, l), l, text.Screen),
	}
	if k.Centre {
		centre := c.cat.CityCentre()
		out.CityCentre, out.CityCentreAddress = centre.Name.In(l), centre.Address.In(l)
	}
	return out
}

// Track gives the status of a dossier. An owner is told the full status of a
// confidential one; nobody gets personal data. Errors: not_found.
func (c *Counter) Track(ctx context.Context, code string) (status *corev1.DossierStatus, meaning *corev1.StatusMeaning, err error) {
	err = c.gate.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		d, err := byCode(ctx, tx.Dossiers().StatusByCode, code)
		if err != nil {
			return err
		}
		a := auth.ActorFrom(ctx)
		owner := a.Kind == core.ActorCitizen && dossier.SeesDetails(d, viewer(a))
		// The answer repeats the code it was asked by: another code of the same
		// dossier is not given away.
		asked, _ := dossier.FindCode(code)
		status, meaning = StatusOf(ctx, c.gate, c.dossiers.StatusOf(d, asked.String(), owner, tx.Now()))
		return nil
	})
	if core.IsCode(err, core.CodeUnavailable) {
		return c.remembered(ctx, code, err)
	}
	return status, meaning, err
}

// remembered answers with what was last known of a dossier while the store cannot
// be read, and says of when it is. Nobody counts as its owner then. The error is
// down when nothing is remembered.
func (c *Counter) remembered(ctx context.Context, code string, down error) (*corev1.DossierStatus, *corev1.StatusMeaning, error) {
	asked, ok := dossier.FindCode(code)
	if !ok || c.beside.LastKnown == nil {
		return nil, nil, down
	}
	st, asOf, ok := c.beside.LastKnown(ctx, asked.String())
	if !ok {
		return nil, nil, down
	}
	status, meaning := StatusOf(ctx, c.gate, st)
	status.AsOf = Stamp(asOf)
	return status, meaning, nil
}

func viewer(a core.Actor) dossier.Viewer {
	return dossier.Viewer{CitizenID: a.ID, Assurance: a.Assurance, Private: true}
}
