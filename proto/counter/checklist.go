package counter

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// Checklist gives the papers one applicant needs, with the fee and the days, for
// what is filed at a moment (nil = now) by the working days of a ward ("" = the
// city's). Errors: not_found; invalid with the fields "fact.<key>" and "day"; those
// of the store.
func (c *Counter) Checklist(ctx context.Context, code string, said *corev1.Situation, ward string, filed *timestamppb.Timestamp) (*corev1.Checklist, error) {
	p, ok := c.cat.Procedure(code)
	if !ok {
		return nil, core.E(core.CodeNotFound, "counter.checklist", "error.procedure.unknown", nil)
	}
	if _, ok := c.cat.OfficeForWard(ward); ward != "" && !ok {
		return nil, unknownWard("counter.checklist", ward)
	}
	now, err := c.now(ctx)
	if err != nil {
		return nil, err
	}
	s := situationOf(said)
	if err := p.CheckSituation(s, now); err != nil {
		return nil, err
	}
	at := now
	if filed != nil {
		at = filed.AsTime()
	}
	l := gate.Locale(ctx)
	g := c.cat.Guide(p, s.Facts, ward, at)
	out := &corev1.Checklist{
		ProcedureCode: p.Code, Name: nameOf(p, l), Question: questionIn(g.Next, l), Fee: feeIn(g.Fee, l), Way: string(g.Way),
		ExpectedAt: Stamp(g.DueAt), Window: c.window(p, l), Eligible: texts(p.Eligible, l), InPerson: texts(p.InPerson, l),
	}
	for _, item := range g.Items {
		out.Items = append(out.Items, c.item(item, l))
	}
	for _, f := range g.Special {
		out.Special = append(out.Special, questionIn(f, l))
	}
	if day, err := pack.ParseDate(s.Day); p.Window != nil && err == nil {
		end := p.Window.End(c.cat.Calendar(), day, at)
		out.LastDay, out.LateDays = Stamp(end.Last), int32(end.Late)
	}
	return out, nil
}

// now reads the store's clock.
func (c *Counter) now(ctx context.Context) (now time.Time, err error) {
	err = c.gate.Store.View(ctx, func(_ context.Context, tx core.Tx) error {
		now = tx.Now()
		return nil
	})
	return now, err
}

func situationOf(said *corev1.Situation) catalog.Situation {
	return catalog.Situation{Facts: said.GetFacts(), Day: said.GetDay()}
}

func (c *Counter) item(item catalog.Item, l string) *corev1.ChecklistItem {
	out := &corev1.ChecklistItem{Requirement: requirementIn(item, l), OneOf: item.OneOf, DependsOn: item.Facts}
	for _, db := range item.Requirement.ReplaceableBy {
		out.ReplacedBy = append(out.ReplacedBy, c.gate.Texts.Text(l, text.Screen, catalog.DatabaseKey(db), nil))
	}
	return out
}

func requirementIn(item catalog.Item, l string) *corev1.Requirement {
	r := item.Requirement
	return &corev1.Requirement{
		Key: r.Key, Name: r.Name.In(l), Need: string(item.Need), Note: r.Note.In(l), Kind: string(r.Kind), Uploads: r.Uploads(),
		Originals: int32(r.Originals), Copies: int32(r.Copies), Group: r.Group, Condition: r.Condition.In(l),
	}
}

func questionIn(f *catalog.Fact, l string) *corev1.FactQuestion {
	if f == nil {
		return nil
	}
	return &corev1.FactQuestion{Key: f.Key, Text: f.Question.In(l), Short: f.Short.In(l)}
}

// window writes within which time a procedure must be filed.
func (c *Counter) window(p *catalog.Procedure, l string) *corev1.Window {
	w := p.Window
	if w == nil {
		return nil
	}
	say := func(key string, args map[string]string) string { return c.gate.Texts.Text(l, text.Screen, key, args) }
	units := map[catalog.Unit]string{
		catalog.UnitDay: "word.limitDays", catalog.UnitWorkingDay: "word.limitWorkingDays", catalog.UnitMonth: "word.limitMonths",
	}
	limit := say(units[w.Within.Unit], map[string]string{"count": strconv.Itoa(w.Within.Value)})
	return &corev1.Window{
		Question: w.Event.In(l), Text: say("word.window", map[string]string{"limit": limit, "from": w.From.In(l)}),
		Value: int32(w.Within.Value), Unit: string(w.Within.Unit), Late: w.Late.In(l), LateProcedure: w.LateProcedure,
	}
}
