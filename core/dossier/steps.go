package dossier

import (
	"slices"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// StepKind is what a step of an application asks for.
type StepKind string

// The kinds, in the order in which they come.
const (
	StepField   StepKind = "field"
	StepFact    StepKind = "fact"
	StepPaper   StepKind = "paper"
	StepSummary StepKind = "summary"
)

// Step is one thing to do on the way to a submission.
type Step struct {
	Kind     StepKind
	Key      string // of the field, fact or requirement
	Done     bool   // answered, passed over, sent
	Optional bool   // may be passed over

	Question *form.Question       // of a field
	Fact     *catalog.Fact        // of a fact
	Paper    *catalog.Requirement // of a paper
	Need     catalog.Need         // of a paper: Maybe is "có thể cần"
	Stand    vault.Stand          // of a paper: what was sent
	Nth      int                  // of a paper: "Giấy Nth/Of"
	Of       int

	Number int // "Câu Number/Total"; of the summary Number = Total
	Total  int
}

// Next gives the step that is open now; the summary when nothing is left. Papers
// are those of the draft.
func (a *Application) Next(papers []core.Paper) Step {
	found := false
	for _, s := range a.steps(papers, func(_ string, done bool) bool {
		first := !done && !found
		found = found || first
		return first
	}) {
		if !s.Done {
			return s
		}
	}
	return Step{} // Steps ends with the summary, which is never done
}

// Step gives one step by kind and key, done or not.
func (a *Application) Step(kind StepKind, key string, papers []core.Paper) (Step, bool) {
	for _, s := range a.steps(papers, func(k string, _ bool) bool { return k == key }) {
		if s.Kind == kind && s.Key == key {
			return s, true
		}
	}
	// A field that nobody is asked for (known, or for review only) can be edited.
	if kind == StepField {
		if q, ok := a.State().Question(key); ok {
			return Step{Kind: StepField, Key: key, Done: q.Current != nil, Optional: q.Optional, Question: &q, Number: q.Done + 1, Total: a.total(papers)}, true
		}
	}
	return Step{}, false
}

// Steps gives the whole way in order: the form's questions, then the facts, then
// the papers, then the summary. The dialogue, the app and the kiosk all follow it.
// What is known without asking is not in it; the summary shows it. Number counts
// what was done before; Total may fall as branches close and does not rise while
// questions are answered in order.
func (a *Application) Steps(papers []core.Paper) []Step {
	return a.steps(papers, func(string, bool) bool { return true })
}

// steps is Steps with the questions of wanted fields only: a question is dear to
// put together, and most who ask want one.
func (a *Application) steps(papers []core.Paper, wanted func(key string, done bool) bool) []Step {
	total := a.total(papers)
	done := 0
	out := make([]Step, 0, total+1)
	add := func(s Step) {
		s.Number, s.Total = done+1, max(total, done+1)
		if s.Done {
			done++
		}
		out = append(out, s)
	}
	a.fieldSteps(add, wanted)
	a.factSteps(add)
	a.paperSteps(papers, add)
	out = append(out, Step{Kind: StepSummary, Number: total, Total: total})
	return out
}

func (a *Application) fieldSteps(add func(Step), wanted func(key string, done bool) bool) {
	st := a.State()
	next, _ := st.NextKey() // open, also where an answer is kept that no longer counts
	for _, key := range st.Visible() {
		ans, answered := a.answers.Fields[key]
		if form.Unasked(ans.Author) {
			continue
		}
		if !a.Form.Asks(key) {
			continue
		}
		if _, known := st.Value(key); known && !answered {
			continue
		}
		f, _ := a.Form.Field(key)
		s := Step{Kind: StepField, Key: key, Done: answered && key != next, Optional: !f.Required}
		if wanted(key, s.Done) {
			if q, ok := st.Question(key); ok {
				s.Question = &q
			}
		}
		add(s)
	}
}

// askedFacts lists the facts that are put as questions, answered or not, and those
// that nobody is asked and somebody stated, so that they can be read and changed.
func (a *Application) askedFacts() []*catalog.Fact {
	asked := a.Procedure.OpenFacts(nil)
	for i := range a.Procedure.Facts {
		f := &a.Procedure.Facts[i]
		if _, stated := a.answers.Facts[f.Key]; stated && f.From == nil && f.Usual != "" {
			asked = append(asked, f)
		}
	}
	return asked
}

func (a *Application) factSteps(add func(Step)) {
	for _, f := range a.askedFacts() {
		_, done := a.answers.Facts[f.Key]
		add(Step{Kind: StepFact, Key: f.Key, Done: done, Fact: f})
	}
}

// askedPapers lists the papers of which a picture is asked for in this case.
func (a *Application) askedPapers() []catalog.Item { return a.oneOfEach(a.Papers()) }

// Papers lists the papers of which a picture is taken in this case, those of the
// procedure and those of the form.
func (a *Application) Papers() []catalog.Item {
	var out []catalog.Item
	for _, item := range a.checklist() {
		if item.Need != catalog.NotNeeded && item.Requirement.Uploads() {
			out = append(out, item)
		}
	}
	return out
}

func (a *Application) paperSteps(papers []core.Paper, add func(Step)) {
	items := a.askedPapers()
	for i, item := range items {
		key := item.Requirement.Key
		choice := a.answers.Papers[key]
		stand := vault.StandOf(papers, key, 0)
		// Pages that were refused after "done" open the paper again.
		add(Step{
			Kind: StepPaper, Key: key, Optional: !item.MustUpload(), Paper: item.Requirement, Need: item.Need,
			Done: choice.Skipped || choice.Done && stand.Files+stand.Pending > 0, Stand: stand, Nth: i + 1, Of: len(items),
		})
	}
}

// Progress gives the steps done and all steps, without the summary.
func (a *Application) Progress(papers []core.Paper) (done, total int) {
	for _, s := range a.Steps(papers) {
		if s.Done {
			done++
		}
	}
	return done, a.total(papers)
}

func (a *Application) total([]core.Paper) int {
	_, questions := a.State().Progress()
	return questions + len(a.askedFacts()) + len(a.askedPapers())
}

// Line is one numbered line of the summary. Kind and Key are what "sửa n" leads to.
type Line struct {
	Number   int
	Kind     StepKind
	Key      string
	Heading  form.Text // of the item of a list, "Thành viên 2/3"; else empty
	Label    form.Text
	Shown    string // for the citizen on a private channel; of a paper ""
	Masked   string // for a channel that others may read: no names, no numbers, no paper's content
	Value    any    // canonical; of a fact "yes", "no" or "unknown"
	Editable bool
	Known    bool // nobody was asked
	Missing  bool // required and not there
	Skipped  bool
	Changed  bool // its question changed after it was answered, and was put again
	Stand    vault.Stand
}

// Review gives the lines of the summary, numbered from 1. Optional fields that
// were left empty are listed only with all, behind the others, so that the numbers
// of the others are the same either way.
func (a *Application) Review(papers []core.Paper, l text.Locale, all bool) []Line {
	var lines, empty []Line
	missing := map[string]bool{}
	for _, v := range a.State().Validate() {
		missing[v.Field] = v.Key == "field.required"
	}
	for _, s := range a.State().Summary(l) {
		line := Line{
			Kind: StepField, Key: s.Key, Heading: s.Heading, Label: s.Label, Shown: s.Shown, Masked: s.Masked, Value: s.Value,
			Editable: s.Editable, Known: s.Known, Missing: missing[s.Key], Skipped: a.answers.Fields[s.Key].Skipped,
			Changed: slices.Contains(a.answers.Changed, s.Key),
		}
		if s.Value == nil && !line.Missing {
			empty = append(empty, line)
			continue
		}
		lines = append(lines, line)
	}
	for _, f := range a.askedFacts() {
		v := a.Facts()[f.Key]
		label := f.Short
		if label.Vi == "" {
			label = f.Question
		}
		word := factWord(v, l)
		lines = append(lines, Line{
			Kind: StepFact, Key: f.Key, Label: form.Text{VI: label.Vi, EN: label.En}, Shown: word, Masked: word, Value: v,
			Editable: true, Missing: v == "",
		})
	}
	for _, item := range a.askedPapers() {
		r := item.Requirement
		label := r.Short
		if label.Vi == "" {
			label = r.Name
		}
		stand := vault.StandOf(papers, r.Key, 0)
		lines = append(lines, Line{
			Kind: StepPaper, Key: r.Key, Label: form.Text{VI: label.Vi, EN: label.En}, Editable: true, Stand: stand,
			Missing: item.MustHave() && stand.Files == 0, Skipped: stand.Files+stand.Pending == 0,
		})
	}
	if all {
		lines = append(lines, empty...)
	}
	for i := range lines {
		lines[i].Number = i + 1
	}
	return lines
}

func factWord(v string, l text.Locale) string {
	words := map[string]form.Text{
		catalog.FactYes: {VI: "Có", EN: "Yes"}, catalog.FactNo: {VI: "Không", EN: "No"}, catalog.FactUnknown: {VI: "Chưa rõ", EN: "Not sure"},
	}
	return words[v].In(l)
}
