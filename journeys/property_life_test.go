package journeys_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// life is what one made-up person answers to every question of one procedure.
type life struct {
	code      string // of the procedure
	title     string // words that find it
	seed      uint64
	asks      []ask
	canonical []byte // as the form gives it by itself
	hash      string
	secrets   []string // what no SMS says
}

// ask is one question with its answer.
type ask struct {
	kind        dossier.StepKind
	key         string
	n, total    int
	long, brief string // the question as it is put

	typed   string
	skip    bool
	value   any  // canonical
	choice  bool // one of few
	pick    int  // which of the readings it is asked back for; -1 = it is not
	doubted bool
	pages   []page
	single  bool // one picture, which ends the paper
}

// author makes lives up: it walks the form as the product does and writes an
// answer to each question that comes.
type author struct {
	cat   *catalog.Catalog
	svc   *dossier.Service
	now   time.Time
	pages []page
}

func newAuthor(cat *catalog.Catalog, now time.Time) *author {
	a := &author{cat: cat, svc: dossier.New(cat), now: now}
	for _, name := range []string{"một.jpg", "hai.jpg", "ba.jpg", "bốn.pdf", "năm.pdf", "sáu.pdf"} {
		p, err := pageOf(name)
		if err != nil {
			panic(err) // the names above
		}
		a.pages = append(a.pages, p)
	}
	return a
}

// attempts is how often answers that do not go together are made up anew.
const attempts = 400

// errUnfit is what answers give that no office would take: a child older than its
// mother.
var errUnfit = errors.New("the answers do not go together")

// write makes a life up. Questions in plain get their plainest answer.
func (a *author) write(code string, seed uint64, plain map[string]bool) (*life, error) {
	var err error
	for try := range uint64(attempts) {
		var l *life
		if l, err = a.attempt(code, seed, try, plain); err == nil {
			return l, nil
		}
		if !errors.Is(err, errUnfit) {
			break
		}
	}
	return nil, fmt.Errorf("%s, -seed %d: %w", code, seed, err)
}

func (a *author) attempt(code string, seed, try uint64, plain map[string]bool) (*life, error) {
	p, ok := a.cat.Procedure(code)
	if !ok {
		return nil, fmt.Errorf("no procedure %s", code)
	}
	d, err := a.svc.Begin(core.NewID(a.now), code, "", "", "", a.now)
	if err != nil {
		return nil, err
	}
	app, err := a.svc.Open(d, a.now)
	if err != nil {
		return nil, err
	}
	l := &life{code: code, seed: seed, title: p.Short.Vi}
	var papers []core.Paper
	for range 200 {
		s := app.Next(papers)
		if s.Kind == dossier.StepSummary {
			return l, a.finish(l, app, papers)
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%s %s %d", s.Kind, s.Key, try)
		w := &writer{Rand: rand.New(rand.NewPCG(seed, h.Sum64())), plain: plain[s.Key], author: a}
		q := ask{kind: s.Kind, key: s.Key, n: s.Number, total: s.Total, pick: -1}
		switch s.Kind {
		case dossier.StepField:
			err = w.field(app, s, &q)
		case dossier.StepFact:
			err = w.fact(app, s, &q)
		case dossier.StepPaper:
			papers, err = w.paper(app, s, &q, papers)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Key, err)
		}
		l.asks = append(l.asks, q)
		l.secrets = append(l.secrets, canaries(app, q)...)
	}
	return nil, fmt.Errorf("the questions have no end")
}

func (a *author) finish(l *life, app *dossier.Application, papers []core.Paper) error {
	prepared, err := app.Prepare(papers)
	if core.IsCode(err, core.CodeInvalid) {
		return fmt.Errorf("%w: %w", errUnfit, err)
	}
	if err != nil {
		return err
	}
	fields := 0
	for _, q := range l.asks {
		if q.kind == dossier.StepField {
			fields++
		}
	}
	if done, total := app.State().Progress(); done != fields || total != fields {
		return fmt.Errorf("the form counts %d of %d questions, asked were %d", done, total, fields)
	}
	l.canonical, l.hash = prepared.Canonical, prepared.Hash
	return nil
}

// field writes an answer and settles what it is asked back for.
func (w *writer) field(app *dossier.Application, s dossier.Step, q *ask) error {
	q.long, q.brief = s.Question.Text.In(text.VI), s.Question.Short(text.VI)
	f, _ := app.Form.Field(s.Key)
	if s.Optional && (w.plain || w.often(3)) {
		q.skip = true
		return app.Skip(s.Key, dossier.Author{})
	}
	q.typed, q.choice = w.typed(f, s.Question), len(s.Question.Choices) > 0
	o := app.Form.Parse(s.Key, q.typed, text.VI, w.author.now)
	switch {
	case o.Violation != nil:
		return fmt.Errorf("%q is refused: %v", q.typed, *o.Violation)
	case o.Ambiguous():
		q.pick = w.below(len(o.Candidates))
		o = form.Outcome{Value: o.Candidates[q.pick].Value}
	}
	q.value, q.doubted = o.Value, len(o.Warnings) > 0
	if err := app.Answer(s.Key, o.Value, dossier.Author{}); err != nil {
		return fmt.Errorf("%q: %w", q.typed, err)
	}
	return nil
}

func (w *writer) fact(app *dossier.Application, s dossier.Step, q *ask) error {
	q.long, q.brief = s.Fact.Question.In(text.VI), s.Fact.Short.In(text.VI)
	if q.brief == "" {
		q.brief = q.long
	}
	q.choice = true
	value := []string{catalog.FactNo, catalog.FactYes, catalog.FactUnknown}[w.below(3)]
	q.value = value
	switch value {
	case catalog.FactYes:
		q.typed = w.of("Có", "1", "co", "vâng", "yes", "rồi")
	case catalog.FactNo:
		q.typed = w.of("Không", "2", "ko", "khong", "no", "chưa")
	default:
		q.typed = w.of("Không rõ", "3", "khong biet")
	}
	return app.SetFact(s.Key, value, dossier.Author{})
}

// paper sends the pages of a paper that must be there, and now and then of one
// that need not.
func (w *writer) paper(app *dossier.Application, s dossier.Step, q *ask, papers []core.Paper) ([]core.Paper, error) {
	q.long, q.brief, q.single = s.Paper.Name.In(text.VI), s.Paper.Short.In(text.VI), s.Paper.Single
	if q.skip = s.Optional && (w.plain || !w.often(8)); q.skip {
		return papers, app.PaperSkip(s.Key, dossier.Author{})
	}
	paper := core.Paper{Requirement: s.Key}
	for n := range 1 + w.below(2) {
		if n > 0 && s.Paper.Single {
			break
		}
		p := w.author.pages[(w.below(len(w.author.pages))+n)%len(w.author.pages)]
		if s.Paper.Single {
			p = w.author.pages[w.below(3)]
		}
		if n > 0 && p.name == q.pages[0].name {
			break
		}
		q.pages = append(q.pages, p)
		paper.Pages = append(paper.Pages, core.Page{Seq: n + 1, State: core.PageReady, MIME: p.mime, Count: p.count, SHA256: p.sha256()})
	}
	return append(papers, paper), app.PaperDone(s.Key, dossier.Author{})
}

// canaries are the parts of an answer that no SMS may carry.
func canaries(app *dossier.Application, q ask) []string {
	f, ok := app.Form.Field(q.key)
	if !ok || q.skip {
		return nil
	}
	s, _ := q.value.(string)
	switch f.Type {
	case "person_name":
		if len([]rune(s)) > 12 {
			return []string{s, text.Plain(s)}
		}
	case "personal_id", "bank_account", "email":
		return []string{s}
	case "phone":
		return []string{s, "0" + s[3:], "0" + s[3:6] + " " + s[6:9] + " " + s[9:]}
	case "text", "longtext":
		if len([]rune(s)) > 12 {
			return []string{s, text.Plain(s)}
		}
	case "address":
		m, _ := q.value.(map[string]any)
		if line, _ := m["line"].(string); len([]rune(line)) > 10 {
			return []string{line, text.Plain(line)}
		}
	}
	return nil
}
