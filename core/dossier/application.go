package dossier

import (
	"maps"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// DraftLife is how long a draft is kept after its last change.
const DraftLife = 30 * 24 * time.Hour

// Application is an opened draft: its answers beside the procedure and the form
// they belong to. It is a value of one goroutine and does no I/O; what changed is
// in Draft.
type Application struct {
	Procedure *catalog.Procedure
	Form      *form.Form
	// Changed are the questions that are put again because the form changed since
	// the draft was last saved.
	Changed []string

	svc      *Service
	draft    core.Draft
	answers  core.DraftAnswers
	now      time.Time
	state    *form.State    // nil = to be worked out
	papers   []catalog.Item // checklist in state papersOf
	papersOf *form.State
	facts    map[string]string
}

// Author is who gave an answer and where.
type Author struct {
	Kind    core.ActorKind
	Channel string
}

// Begin makes the draft of a new application. Office is the ward code where it is
// known already, else "".
//
// Errors: not_found with key "error.procedure.unknown".
func (s *Service) Begin(id core.ID, procedure, office string, citizenID core.ID, holder string, now time.Time) (core.Draft, error) {
	p, ok := s.inForce(procedure, now)
	if !ok {
		return core.Draft{}, core.E(core.CodeNotFound, "dossier.begin", "error.procedure.unknown", nil)
	}
	f, ok := s.cat.Form(p.Form)
	if !ok {
		return core.Draft{}, core.Ef(core.CodeInternal, "dossier.begin", "", "procedure %s has no form %q", p.Code, p.Form)
	}
	return core.Draft{
		ID: id, ProcedureCode: p.Code, ProcedureVersion: p.Version, FormID: f.ID(), FormVersion: f.Version(),
		Office: office, CitizenID: citizenID, State: core.DraftOpen, Holder: holder,
		CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(DraftLife),
	}, nil
}

// Open opens a draft. When procedure or form have a new version since, the answers
// are carried over and only what no longer holds is asked again (see Changed).
//
// Errors: not_found with key "error.procedure.unknown" when the procedure is gone
// from the pack; internal.
func (s *Service) Open(d core.Draft, now time.Time) (*Application, error) {
	p, ok := s.inForce(d.ProcedureCode, now)
	if !ok {
		return nil, core.E(core.CodeNotFound, "dossier.open", "error.procedure.unknown", nil)
	}
	f, ok := s.cat.Form(p.Form)
	if !ok {
		return nil, core.Ef(core.CodeInternal, "dossier.open", "", "procedure %s has no form %q", p.Code, p.Form)
	}
	a := &Application{Procedure: p, Form: f, svc: s, draft: d, now: now}
	if err := core.OpenJSON(d.Answers, &a.answers); err != nil {
		return nil, err
	}
	if d.FormID != f.ID() || d.FormVersion != f.Version() {
		a.rebase()
	}
	a.draft.ProcedureVersion = p.Version
	a.settle()
	a.mark()
	return a, nil
}

// settle puts in the answers that the procedure itself gives, and takes out those
// it no longer does.
func (a *Application) settle() {
	maps.DeleteFunc(a.answers.Fields, func(_ string, ans core.DraftAnswer) bool { return ans.Author == form.AuthorSettled })
	if a.answers.Fields == nil && len(a.Procedure.Settled) > 0 {
		a.answers.Fields = form.Answers{}
	}
	for key, value := range a.Procedure.Settled {
		a.answers.Fields[key] = core.DraftAnswer{Value: value, Author: form.AuthorSettled, At: a.draft.CreatedAt}
	}
}

// rebase carries the answers over to the form as it is now.
func (a *Application) rebase() {
	a.answers.Fields, a.Changed = a.Form.Rebase(a.answers.Fields, a.now)
	a.draft.FormID, a.draft.FormVersion = a.Form.ID(), a.Form.Version()
}

// mark leaves of the answers that were dropped those whose questions are put again,
// and remembers them for the summary.
func (a *Application) mark() {
	if len(a.Changed) == 0 {
		return
	}
	st := a.State()
	a.Changed = slices.DeleteFunc(a.Changed, func(key string) bool {
		_, there := st.Question(key)
		_, known := st.Value(key)
		return !there || known || !a.Form.Asks(key)
	})
	marked := append(slices.Clone(a.answers.Changed), a.Changed...)
	slices.Sort(marked)
	a.answers.Changed = slices.Compact(marked)
}

// Draft gives the draft with its answers sealed, its change time and its new
// expiry.
func (a *Application) Draft() (core.Draft, error) {
	sealed, err := core.SealJSON(a.answers)
	if err != nil {
		return core.Draft{}, err
	}
	d := a.draft
	d.Answers, d.UpdatedAt, d.ExpiresAt = sealed, a.now, a.now.Add(DraftLife)
	return d, nil
}

// Answers gives what the draft holds. It must not be changed.
func (a *Application) Answers() core.DraftAnswers { return a.answers }

// State gives the form with its answers as they are now.
func (a *Application) State() *form.State {
	if a.state != nil {
		return a.state
	}
	stated := a.stated()
	// Facts that the form answers are read off it, and a condition of the form may
	// look at facts: one pass for each direction.
	first := a.Form.Resolve(a.answers.Fields, stated, a.now)
	a.facts = a.Procedure.FactsFrom(values(first), stated)
	a.state = a.Form.Resolve(a.answers.Fields, a.facts, a.now)
	return a.state
}

// Facts gives what is known of the procedure's facts, stated or read off the form.
func (a *Application) Facts() map[string]string {
	a.State()
	return a.facts
}

func (a *Application) stated() map[string]string {
	out := map[string]string{}
	for key, ans := range a.answers.Facts {
		if v, ok := ans.Value.(string); ok {
			out[key] = v
		}
	}
	return out
}

func values(st *form.State) map[string]any {
	out := map[string]any{}
	for _, key := range st.Visible() {
		if v, ok := st.Value(key); ok {
			out[key] = v
		}
	}
	return out
}

func (a *Application) open(op string) error {
	if a.draft.State != core.DraftOpen {
		return core.E(core.CodeFailedPrecondition, op, "error.draft.closed", nil)
	}
	return nil
}

// Answer stores the answer to a question of the form, in canonical form as
// form.Parse gives it or as an app sends it.
//
// Errors: invalid with the field's violation; failed_precondition with key
// "error.draft.closed".
func (a *Application) Answer(key string, value any, by Author) error {
	return a.set("dossier.answer", key, core.DraftAnswer{Value: value, Author: string(by.Kind), Channel: by.Channel, At: a.now})
}

// AnswerTyped reads what a person typed for a question and stores it when it is
// clear. Else nothing is stored and the outcome says why, or what it may mean.
//
// Errors: as Answer.
func (a *Application) AnswerTyped(key, typed string, l text.Locale, by Author) (form.Outcome, error) {
	o := a.Form.Parse(key, typed, l, a.now)
	if !o.OK() {
		return o, nil
	}
	return o, a.Answer(key, o.Value, by)
}

// Skip passes an optional question over. Errors: as Answer; a required one is
// invalid with "field.required".
func (a *Application) Skip(key string, by Author) error {
	return a.set("dossier.skip", key, core.DraftAnswer{Skipped: true, Author: string(by.Kind), Channel: by.Channel, At: a.now})
}

func (a *Application) set(op, key string, ans core.DraftAnswer) error {
	if err := a.open(op); err != nil {
		return err
	}
	if _, settled := a.Procedure.Settled[key]; settled {
		return core.Invalid(op, core.Violation{Field: key, Key: "field.computed"})
	}
	facts := a.Facts()
	if ans.Value == nil {
		ans.Skipped = true
	}
	fields, err := a.Form.Set(a.answers.Fields, key, ans, facts, a.now)
	if err != nil {
		return err
	}
	a.answers.Fields, a.state = fields, nil
	if f, ok := a.Form.Field(key); ok && (f.Type == typeOrg || f.Type == typeWard) {
		a.draft.Office = a.officeAnswered()
	}
	return nil
}

// Reopen takes the answer to a question back, so that it is asked again. Later
// answers stay.
func (a *Application) Reopen(key string) error {
	if err := a.open("dossier.reopen"); err != nil {
		return err
	}
	if _, settled := a.Procedure.Settled[key]; settled {
		return nil
	}
	a.answers.Fields, a.state = a.Form.Clear(a.answers.Fields, key), nil
	return nil
}

// RemoveItem takes item n, counted from 1, out of a list of the form: those behind
// it move up.
//
// Errors: those of form.RemoveItem; failed_precondition with key
// "error.draft.closed".
func (a *Application) RemoveItem(group string, n int) error {
	if err := a.open("dossier.remove_item"); err != nil {
		return err
	}
	fields, err := a.Form.RemoveItem(a.answers.Fields, group, n, a.now)
	if err != nil {
		return err
	}
	a.answers.Fields, a.state = fields, nil
	return nil
}

// SetFact answers one of the procedure's facts: "yes", "no" or "unknown".
//
// Errors: invalid with field "fact.<key>".
func (a *Application) SetFact(key, value string, by Author) error {
	const op = "dossier.set_fact"
	if err := a.open(op); err != nil {
		return err
	}
	known := slices.ContainsFunc(a.Procedure.Facts, func(f catalog.Fact) bool { return f.Key == key })
	switch {
	case !known:
		return core.Invalid(op, core.Violation{Field: "fact." + key, Key: "field.unknown"})
	case value != catalog.FactYes && value != catalog.FactNo && value != catalog.FactUnknown:
		return core.Invalid(op, core.Violation{Field: "fact." + key, Key: "field.yesno.unknown"})
	}
	facts := map[string]core.DraftAnswer{}
	for k, v := range a.answers.Facts {
		facts[k] = v
	}
	facts[key] = core.DraftAnswer{Value: value, Author: string(by.Kind), Channel: by.Channel, At: a.now}
	a.answers.Facts, a.state = facts, nil
	return nil
}

// PaperDone records that all pages of a paper are there. Errors: invalid with
// field "paper.<key>" for a paper the procedure does not have.
func (a *Application) PaperDone(key string, by Author) error {
	return a.choose("dossier.paper_done", key, core.PaperChoice{Done: true, Author: string(by.Kind), At: a.now})
}

// PaperSkip records that a paper is not given now. Errors: as PaperDone; invalid
// with "error.paper.required" for one without which nothing can be submitted.
func (a *Application) PaperSkip(key string, by Author) error {
	const op = "dossier.paper_skip"
	for _, item := range a.askedPapers() {
		if item.Requirement.Key == key && item.MustUpload() {
			return core.Invalid(op, core.Violation{Field: "paper." + key, Key: "error.paper.required"})
		}
	}
	return a.choose(op, key, core.PaperChoice{Skipped: true, Author: string(by.Kind), At: a.now})
}

// PaperReopen makes a paper open again, to send more pages or others.
func (a *Application) PaperReopen(key string) error {
	return a.choose("dossier.paper_reopen", key, core.PaperChoice{})
}

func (a *Application) choose(op, key string, c core.PaperChoice) error {
	if err := a.open(op); err != nil {
		return err
	}
	if _, ok := a.svc.cat.Paper(a.Procedure, key); !ok {
		return core.Invalid(op, core.Violation{Field: "paper." + key, Key: "field.unknown"})
	}
	papers := map[string]core.PaperChoice{}
	for k, v := range a.answers.Papers {
		papers[k] = v
	}
	papers[key] = c
	if !c.Done && !c.Skipped {
		delete(papers, key)
	}
	a.answers.Papers = papers
	return nil
}

// Prefill takes over what is known and proved of the citizen, so that it is
// confirmed instead of asked: the phone number from a proved address on, name and
// identity number from an electronic identity on. Answers that are there stay.
func (a *Application) Prefill(p core.CitizenProfile, assurance core.Assurance) {
	take := func(typ, value string, need core.Assurance) {
		if value == "" || assurance < need {
			return
		}
		// The applicant is the first person a form asks about.
		for _, key := range a.Form.Keys() {
			f, _ := a.Form.Field(key)
			if _, _, item := a.Form.Item(key); item || f.Type != typ {
				continue
			}
			if _, there := a.answers.Fields[key]; there {
				return
			}
			// What the form does not take is asked: it is only a convenience.
			if o := a.Form.Parse(key, value, text.VI, a.now); o.OK() {
				_ = a.set("dossier.prefill", key, core.DraftAnswer{Value: o.Value, Author: form.AuthorProfile, At: a.now})
			}
			return
		}
	}
	take("phone", p.Phone, core.AssuranceAddress)
	take("person_name", p.FullName, core.AssuranceEID)
	take("personal_id", p.PersonalID, core.AssuranceEID)
}

// The field types that name the office of a dossier.
const (
	typeOrg  = "org"
	typeWard = "ward"
)

// Office gives the ward code that will handle the dossier: the one the form names,
// else the one the draft was started for; "" while it is not known.
func (a *Application) Office() string {
	if o := a.officeAnswered(); o != "" {
		return o
	}
	return a.draft.Office
}

// officeAnswered reads the office off the form: the first org field with a ward
// of the city, else the first ward field.
func (a *Application) officeAnswered() string {
	st := a.State()
	for _, typ := range []string{typeOrg, typeWard} {
		for _, key := range st.Visible() {
			f, _ := a.Form.Field(key)
			if f.Type != typ || f.Free { // a free one names some other office
				continue
			}
			v, _ := st.Value(key)
			if code, _ := v.(string); code != "" {
				if _, ok := a.svc.cat.Ward(code); ok {
					return code
				}
			}
		}
	}
	return ""
}

// checklist gives the papers with whether they are needed in this case: those of
// the procedure, then those that the form asks for itself.
func (a *Application) checklist() []catalog.Item {
	if st := a.State(); a.papersOf != st {
		a.papers, a.papersOf = append(a.svc.cat.Checklist(a.Procedure, a.Facts()), catalog.FormPapers(st)...), st
	}
	return a.papers
}
