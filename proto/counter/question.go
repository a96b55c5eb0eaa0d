package counter

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// The keys of questions: a field has its own, facts and papers are marked, as in
// the fields of a violation.
const (
	factPrefix  = "fact."
	paperPrefix = "paper."
)

// keyOf writes the key of a step or line.
func keyOf(kind dossier.StepKind, key string) string {
	switch kind {
	case dossier.StepFact:
		return factPrefix + key
	case dossier.StepPaper:
		return paperPrefix + key
	}
	return key
}

// step writes where an application stands.
func (c *Counter) step(ctx context.Context, a *dossier.Application, d core.Draft, papers []core.Paper) *corev1.Step {
	done, total := a.Progress(papers)
	out := &corev1.Step{DraftId: string(d.ID), Answered: int32(done), Total: int32(total), Version: d.Version, Changed: a.Changed}
	next := a.Next(papers)
	if next.Kind != dossier.StepField && next.Kind != dossier.StepFact && next.Kind != dossier.StepPaper {
		out.Complete = true
		return out
	}
	out.Question = c.question(ctx, a, next)
	return out
}

func (c *Counter) question(ctx context.Context, a *dossier.Application, s dossier.Step) *corev1.Question {
	l := gate.Locale(ctx)
	q := &corev1.Question{Key: keyOf(s.Kind, s.Key), Kind: string(s.Kind), Required: !s.Optional}
	switch s.Kind {
	case dossier.StepField:
		fillField(q, *s.Question, l)
		q.List, _ = a.Form.CountOf(s.Key)
		if s.Question.Current != nil {
			q.Answer = a.Form.Display(s.Key, s.Question.Current, l)
		}
	case dossier.StepFact:
		q.Label = s.Fact.Question.In(l)
		for id, key := range factChoices() {
			q.Choices = append(q.Choices, &corev1.Choice{Id: factIDs()[id], Label: c.gate.Texts.Text(l, text.Screen, key, nil)})
		}
		if v, ok := a.Answers().Facts[s.Key].Value.(string); ok {
			q.Answer = v
		}
	case dossier.StepPaper:
		q.Requirement, q.Label, q.Hint = s.Key, s.Paper.Name.In(l), s.Paper.Note.In(l)
	}
	q.Spoken = spoken(q, l)
	return q
}

// spoken is a question as a voice reads it: what is asked, what helps, and the
// choices with their numbers.
func spoken(q *corev1.Question, l text.Locale) string {
	parts := []string{q.GetLabel(), q.GetHint()}
	for i, c := range q.GetChoices() {
		parts = append(parts, strconv.Itoa(i+1)+": "+c.GetLabel())
	}
	return text.Speech(l, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n"))
}

func factIDs() []string     { return []string{catalog.FactYes, catalog.FactNo, catalog.FactUnknown} }
func factChoices() []string { return []string{"word.yes", "word.no", "word.unknown"} }

func fillField(q *corev1.Question, f form.Question, l text.Locale) {
	q.Type, q.Group, q.Label, q.Hint, q.Example = f.Type, f.Heading.In(l), f.Text.In(l), f.Help.In(l), f.Example.In(l)
	q.Item, q.Items = int32(f.Item), int32(f.Items)
	for _, o := range f.Choices {
		q.Choices = append(q.Choices, &corev1.Choice{Id: o.Value, Label: o.Label(l)})
	}
}

// Form writes the whole declaration of a procedure. Errors: not_found.
func (c *Counter) Form(ctx context.Context, procedure string) (*corev1.Form, error) {
	p, ok := c.cat.Procedure(procedure)
	if !ok {
		return nil, core.E(core.CodeNotFound, "counter.form", "error.procedure.unknown", nil)
	}
	f, ok := c.cat.Form(p.Form)
	if !ok {
		return nil, core.Ef(core.CodeInternal, "counter.form", "", "procedure %s has no form %q", p.Code, p.Form)
	}
	l := gate.Locale(ctx)
	def := f.Definition()
	out := &corev1.Form{Id: def.ID, Version: def.Version, Title: def.Title.In(l)}
	for _, g := range def.Groups {
		w := &corev1.FormGroup{Key: g.Key, Title: g.Title.In(l), List: listOf(f, g, l)}
		for i := range g.Fields {
			q := blank(&g.Fields[i], g, l)
			if w.List != nil {
				q.Key = g.Key + ".i{n}." + q.Key
			}
			w.Questions = append(w.Questions, q)
		}
		out.Groups = append(out.Groups, w)
	}
	return out, nil
}

// listOf writes how many items a group has; nil when it is no list.
func listOf(f *form.Form, g form.Group, l text.Locale) *corev1.ItemList {
	if g.Repeat == nil {
		return nil
	}
	out := &corev1.ItemList{Min: int32(g.Repeat.Min), Max: int32(g.Repeat.Max), Item: g.Repeat.Item.In(l)}
	if count, ok := f.Field(form.CountKey(g.Key)); ok {
		out.Count = blank(&count, g, l)
		out.Count.List = g.Key
	}
	return out
}

// blank is a question nobody has answered.
func blank(f *form.Field, g form.Group, l text.Locale) *corev1.Question {
	q := &corev1.Question{
		Key: f.Key, Kind: string(dossier.StepField), Type: f.Type, Group: g.Title.In(l),
		Label: f.Question.In(l), Hint: f.Help.In(l), Example: f.Example.In(l), Required: f.Required,
	}
	if q.Label == "" {
		q.Label = f.Label.In(l)
	}
	for _, o := range f.Options {
		q.Choices = append(q.Choices, &corev1.Choice{Id: o.Value, Label: o.Label(l)})
	}
	q.Spoken = spoken(q, l)
	return q
}

// said is what came of one answer.
type said struct {
	doubt   *corev1.Doubt
	remarks []*corev1.Remark
}

// give stores one answer in an application, unless it is doubted.
func (c *Counter) give(ctx context.Context, a *dossier.Application, key string, ans *corev1.Answer, by dossier.Author, now nowFunc) (said, error) {
	if fact, ok := strings.CutPrefix(key, factPrefix); ok {
		return c.giveFact(ctx, a, fact, ans, by)
	}
	if paper, ok := strings.CutPrefix(key, paperPrefix); ok {
		if ans.GetSkip() {
			return said{}, a.PaperSkip(paper, by)
		}
		return said{}, a.PaperDone(paper, by)
	}
	switch {
	case ans.GetSkip():
		return said{}, a.Skip(key, by)
	case ans.GetValue() != nil:
		v, err := form.Normal(ans.GetValue().AsInterface())
		if err != nil {
			return said{}, core.Invalid("counter.answer", core.Violation{Field: key, Key: "field.type"})
		}
		return said{}, a.Answer(key, v, by)
	case len(ans.GetChoices()) > 0:
		if len(ans.GetChoices()) > 1 {
			return said{}, core.Invalid("counter.answer", core.Violation{Field: key, Key: "field.choice.several"})
		}
		v, ok := a.Form.ChoiceValue(key, ans.GetChoices()[0])
		if !ok {
			return said{}, core.Invalid("counter.answer", core.Violation{Field: key, Key: "field.choice.unknown"})
		}
		return said{}, a.Answer(key, v, by)
	}
	return c.typed(ctx, a, key, ans, by, now)
}

// typed reads an answer the way people write it.
func (c *Counter) typed(ctx context.Context, a *dossier.Application, key string, ans *corev1.Answer, by dossier.Author, now nowFunc) (said, error) {
	l := gate.Locale(ctx)
	o := a.Form.Parse(key, ans.GetText(), l, now())
	say := func(key string, args map[string]string) string { return c.gate.Texts.Text(l, text.Screen, key, args) }
	switch {
	case o.Violation != nil:
		return said{}, core.Invalid("counter.answer", *o.Violation)
	case o.Ambiguous():
		d, err := c.readings(ctx, o)
		return said{doubt: d}, err
	case len(o.Warnings) > 0 && !ans.GetConfirmed():
		w := o.Warnings[0]
		return said{doubt: &corev1.Doubt{Key: w.Key, Message: say(w.Key, w.Args)}}, nil
	}
	var out said
	for _, n := range o.Notes {
		out.remarks = append(out.remarks, &corev1.Remark{Key: n.Key, Message: say(n.Key, n.Args)})
	}
	return out, a.Answer(key, o.Value, by)
}

// wireValue makes a canonical value fit for structpb, which knows no maps of
// strings.
func wireValue(v any) any {
	if m, ok := v.(map[string]string); ok {
		out := make(map[string]any, len(m))
		for k, s := range m {
			out[k] = s
		}
		return out
	}
	return v
}

// giveFact stores what was given for one of the circumstances: a choice, its value,
// or typed words.
func (c *Counter) giveFact(ctx context.Context, a *dossier.Application, fact string, ans *corev1.Answer, by dossier.Author) (said, error) {
	switch {
	case len(ans.GetChoices()) == 1:
		return said{}, a.SetFact(fact, ans.GetChoices()[0], by)
	case ans.GetValue() != nil:
		return said{}, a.SetFact(fact, ans.GetValue().GetStringValue(), by)
	case ans.GetSkip():
		return said{}, a.SetFact(fact, catalog.FactUnknown, by)
	}
	o := form.ParseFact(ans.GetText(), gate.Locale(ctx))
	switch {
	case o.Violation != nil:
		o.Violation.Field = factPrefix + fact
		return said{}, core.Invalid("counter.answer", *o.Violation)
	case o.Ambiguous():
		d, err := c.readings(ctx, o)
		return said{doubt: d}, err
	}
	value, _ := o.Value.(string)
	return said{}, a.SetFact(fact, value, by)
}

// readings asks which of several readings was meant.
func (c *Counter) readings(ctx context.Context, o form.Outcome) (*corev1.Doubt, error) {
	l := gate.Locale(ctx)
	d := &corev1.Doubt{Key: o.Ask, Message: c.gate.Texts.Text(l, text.Screen, o.Ask, o.Args)}
	for _, cand := range o.Candidates {
		v, err := structpb.NewValue(wireValue(cand.Value))
		if err != nil {
			return nil, core.E(core.CodeInternal, "counter.answer", "", err)
		}
		d.Candidates = append(d.Candidates, &corev1.Candidate{Value: v, Label: cand.Label.In(l)})
	}
	return d, nil
}
