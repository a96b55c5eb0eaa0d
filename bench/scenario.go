package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// The procedures that people of the benchmark file: the longest form for turns,
// and one with two photographed papers for submissions.
const (
	turnsProcedure  = "1.001193" // birth registration
	submitProcedure = "1.004873" // marital-status certificate
)

// cycle is the mix, in twenty turns that follow from one another: five answers, a
// way out, look-ups and questions for a dossier, back to the form, five more
// answers, and a copy of the last update.
func cycle(odd bool) []step {
	answer, duplicate := step{Kind: stepAnswer}, step{Kind: stepDuplicate}
	menu, unknown, on := step{stepMenu, "menu"}, step{stepMenu, "ba con mèo đen"}, step{stepMenu, "tiếp tục"}
	code, mine := step{stepStatus, "tra cứu " + codeMark}, step{stepStatus, "hồ sơ của tôi"}
	away := []step{menu, {stepLookUp, "làm giấy độc thân"}, {stepLookUp, "phường Bến Nghé quận 1"}, code,
		{stepLookUp, "dang ky ket hon"}, mine, {stepLookUp, "xin sổ đỏ"}, code, on}
	if odd {
		away = []step{mine, unknown, {stepLookUp, "khai tử cho ông nội"}, code, {stepLookUp, "tạm trú"}, code,
			{stepLookUp, "phường 14 quận Gò Vấp"}, {stepLookUp, "giay chung nhan doc than"}, on}
	}
	five := []step{answer, answer, answer, answer, answer}
	return slices.Concat(five, away, five, []step{duplicate})
}

// typed are the answers to both forms, by question. What is missing is answered
// with the form's own example.
func typed(now time.Time) map[string]string {
	return map[string]string{
		"receivingAgency": "phường Sài Gòn", "requester.fullName": "Nguyễn Văn An", "requester.personalId": "079090001234",
		"requester.residence": "12 Lê Lợi, phường Sài Gòn", "child.fullName": "Nguyễn Minh Khang",
		"child.birthDate": now.AddDate(0, 0, -10).In(core.City).Format("2/1/2006"), "child.sex": "1", "child.birthNoticeNo": "123/2026",
		"child.birthPlace": "284 Cống Quỳnh, phường Bến Thành", "child.hometown": "xã Cần Giờ",
		"father.birthYear": "1988", "father.personalId": "079088001234", "mother.birthYear": "1990",
		"mother.personalId": "079190001234", "marriage.registered": "có", "marriage.certNo": "45/2023", "delivery.method": "1", "contact.phone": "0901234567",
		"subject.birthDate": "4/9/1990", "subject.status": "1", "purpose.kind": "1", "purpose.partnerId": "079088001234",
	}
}

// answerTo is what a person types for the open question.
func answerTo(s dossier.Step, now time.Time) string {
	if s.Kind == dossier.StepFact {
		return "không"
	}
	if v, ok := typed(now)[s.Key]; ok {
		return v
	}
	if len(s.Question.Choices) > 0 {
		return "1" // of the relations that is the father, or oneself
	}
	return s.Question.Example.In(text.VI)
}

// rehearsal is one conversation held from the first to the last answer of a form:
// the script it followed, and how it stood before each of the first steps.
type rehearsal struct {
	script  []step
	moments []core.TurnRow
}

// cycleLength is how many steps the mix takes to come round.
const cycleLength = 20

// rehearse holds one conversation through the webhook, cycle after cycle until
// the form has no question left, and checks that each step did what its kind says.
func (p *product) rehearse(ctx context.Context, code string) (rehearsal, error) {
	w, err := dial(p.addr)
	if err != nil {
		return rehearsal{}, err
	}
	defer w.close()
	p.chat++
	chat, id := p.chat, int64(1_000)
	for _, opening := range []string{"/start", "làm giấy khai sinh"} {
		if err := p.say(w, &id, chat, opening); err != nil {
			return rehearsal{}, err
		}
	}
	if err := p.begin(ctx, w, &id, chat, turnsProcedure); err != nil {
		return rehearsal{}, err
	}
	var r rehearsal
	for {
		for _, s := range cycle(len(r.script)/cycleLength%2 == 1) {
			row, err := p.turn(ctx, chat)
			if err != nil {
				return rehearsal{}, err
			}
			if len(r.script) < cycleLength {
				r.moments = append(r.moments, row)
			}
			if s.Kind == stepDuplicate {
				r.script = append(r.script, s)
				continue
			}
			send := s
			if s.Kind == stepAnswer {
				open, err := p.openStep(row, nil)
				if err != nil {
					return rehearsal{}, err
				}
				if open.Kind != dossier.StepField && open.Kind != dossier.StepFact {
					if len(r.script) < 2*cycleLength {
						return rehearsal{}, fmt.Errorf("the form ended after %d steps", len(r.script))
					}
					return r, nil
				}
				s.Text = answerTo(open, time.Now())
				send = s
			}
			if s.Text == "tra cứu "+codeMark {
				send.Text = "tra cứu " + code
			}
			if err := p.say(w, &id, chat, send.Text); err != nil {
				return rehearsal{}, err
			}
			after, err := p.turn(ctx, chat)
			if err != nil {
				return rehearsal{}, err
			}
			answered := after.Draft != nil && row.Draft != nil && after.Draft.Version > row.Draft.Version
			if answered != (s.Kind == stepAnswer) {
				return rehearsal{}, fmt.Errorf("step %d, %s %q: answered=%v; the conversation is not where the script has it", len(r.script), s.Kind, send.Text, answered)
			}
			r.script = append(r.script, s)
		}
	}
}

// stateOf is how many bytes of state a turn writes on average: the dialogue's own
// every time, the answers of the draft with every second turn.
func (r rehearsal) stateOf() int {
	n := 0
	for _, m := range r.moments {
		n += len(m.Conversation.State) + len(m.Draft.Answers)/2
	}
	return n / max(len(r.moments), 1)
}

// begin opens a draft in the conversation of a chat, as the button of the procedure
// would, and asks its first question.
func (p *product) begin(ctx context.Context, w *wire, id *int64, chat int64, procedure string) error {
	err := p.adopt(ctx, chat, procedure, func(d core.Draft, _ time.Time) (core.Draft, error) {
		answers, err := core.SealJSON(core.DraftAnswers{})
		d.Answers = answers
		return d, err
	})
	if err != nil {
		return err
	}
	return p.say(w, id, chat, "tiếp tục")
}

// adopt stores a new draft and makes it the conversation's.
func (p *product) adopt(ctx context.Context, chat int64, procedure string, fill func(d core.Draft, now time.Time) (core.Draft, error)) error {
	row, err := p.turn(ctx, chat)
	if err != nil {
		return err
	}
	return p.app.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		d, err := p.svc.Begin(core.NewID(tx.Now()), procedure, "", "", "telegram", tx.Now())
		if err != nil {
			return err
		}
		if d, err = fill(d, tx.Now()); err != nil {
			return err
		}
		if err := tx.Drafts().Insert(ctx, d); err != nil {
			return err
		}
		c := row.Conversation
		c.DraftID = d.ID
		return tx.Conversations().Save(ctx, c)
	})
}

// openStep is what the draft of a conversation has open.
func (p *product) openStep(row core.TurnRow, papers []core.Paper) (dossier.Step, error) {
	if row.Draft == nil {
		return dossier.Step{}, errors.New("the conversation has no draft")
	}
	a, err := p.svc.Open(*row.Draft, time.Now())
	if err != nil {
		return dossier.Step{}, err
	}
	return a.Next(papers), nil
}

// complete is a conversation whose draft waits for consent, its papers, and a
// dossier that was submitted from one like it.
type complete struct {
	row    core.TurnRow
	papers []core.Paper
	filed  core.Dossier
	events []core.DossierEvent
}

// prepareComplete fills a draft in, sends a photo of each paper and asks for the
// summary through the webhook, remembers how all stands, and submits.
func (p *product) prepareComplete(ctx context.Context) (complete, error) {
	w, err := dial(p.addr)
	if err != nil {
		return complete{}, err
	}
	defer w.close()
	p.chat++
	chat, id := p.chat, int64(100)
	if err := p.say(w, &id, chat, "/start"); err != nil {
		return complete{}, err
	}
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "telegram"}
	err = p.adopt(ctx, chat, submitProcedure, func(d core.Draft, now time.Time) (core.Draft, error) {
		a, err := p.svc.Open(d, now)
		if err != nil {
			return d, err
		}
		return fillIn(a, by, now)
	})
	if err != nil {
		return complete{}, err
	}
	if err := p.say(w, &id, chat, "tiếp tục"); err != nil {
		return complete{}, err
	}
	var c complete
	for {
		if c, err = p.standing(ctx, chat); err != nil {
			return complete{}, err
		}
		open, err := p.openStep(c.row, c.papers)
		if err != nil {
			return complete{}, err
		}
		if open.Kind == dossier.StepSummary {
			break
		}
		if open.Kind != dossier.StepPaper || len(c.papers) > 5 {
			return complete{}, fmt.Errorf("the dialogue is at %s %s instead of a paper", open.Kind, open.Key)
		}
		if err := p.sendPhoto(ctx, w, &id, chat); err != nil {
			return complete{}, err
		}
	}
	if err := p.say(w, &id, chat, "đồng ý"); err != nil {
		return complete{}, err
	}
	err = p.app.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		if c.filed, err = tx.Dossiers().ByDraft(ctx, c.row.Draft.ID); err != nil {
			return fmt.Errorf("nothing was submitted: %w", err)
		}
		c.events, err = tx.Dossiers().Events(ctx, c.filed.ID)
		return err
	})
	return c, err
}

// standing reads a conversation with the papers of its draft.
func (p *product) standing(ctx context.Context, chat int64) (c complete, err error) {
	if c.row, err = p.turn(ctx, chat); err != nil {
		return c, err
	}
	if c.row.Draft == nil {
		return c, errors.New("the conversation has no draft")
	}
	err = p.app.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		c.papers, err = tx.Papers().ByDraft(ctx, c.row.Draft.ID)
		return err
	})
	return c, err
}

// sendPhoto sends a photo, waits until it was fetched and answered, and says that
// the paper is complete.
func (p *product) sendPhoto(ctx context.Context, w *wire, id *int64, chat int64) error {
	*id++
	content := fmt.Sprintf(`"photo":[{"file_id":"p%d","file_unique_id":"u%d","file_size":20000,"width":800,"height":600}]`, *id, *id)
	if status, _, err := w.do(message(webhookPath, webhookSecret, *id, chat, content)); err != nil || status != 200 {
		return fmt.Errorf("the webhook answered %d to a photo: %w", status, err)
	}
	if err := p.idle(ctx); err != nil {
		return err
	}
	return p.say(w, id, chat, "xong")
}

// fillIn answers everything but the papers.
func fillIn(a *dossier.Application, by dossier.Author, now time.Time) (core.Draft, error) {
	for range 200 {
		switch s := a.Next(nil); s.Kind {
		case dossier.StepField:
			o, err := a.AnswerTyped(s.Key, answerTo(s, now), text.VI, by)
			if err == nil && !o.OK() && len(o.Candidates) > 0 {
				err = a.Answer(s.Key, o.Candidates[0].Value, by)
			} else if err == nil && !o.OK() {
				err = fmt.Errorf("the form refuses %q for %s: %s", answerTo(s, now), s.Key, o.Violation.Key)
			}
			if err != nil {
				return core.Draft{}, err
			}
		case dossier.StepFact:
			value := "no"
			if s.Key == "reissue" || s.Key == "residence_not_found" {
				value = "yes" // each of the two asks for a paper
			}
			if err := a.SetFact(s.Key, value, by); err != nil {
				return core.Draft{}, err
			}
		default:
			return a.Draft()
		}
	}
	return core.Draft{}, errors.New("the form does not end")
}

// person stores a copy of a conversation with another person, and its draft.
func (p *product) person(ctx context.Context, tx core.Tx, m core.TurnRow, chat int64) (conv core.ID, draft core.Draft, err error) {
	a, c, d := m.Address, m.Conversation, *m.Draft
	now := tx.Now()
	a.ID, c.ID, d.ID = core.NewID(now), core.NewID(now), core.NewID(now)
	a.External = core.Sealed(fmt.Sprint(chat))
	c.AddressID, c.DraftID = a.ID, d.ID
	for _, err := range []error{tx.Addresses().Insert(ctx, a), tx.Drafts().Insert(ctx, d), tx.Conversations().Insert(ctx, c)} {
		if err != nil {
			return "", d, err
		}
	}
	return c.ID, d, nil
}

// filedBefore stores a copy of a submitted dossier with another code.
func filedBefore(ctx context.Context, tx core.Tx, from complete, code string, conv, citizen core.ID) error {
	d := from.filed
	d.ID, d.Code, d.ConvID, d.CitizenID, d.DraftID = core.NewID(tx.Now()), code, conv, citizen, ""
	if err := tx.Dossiers().Insert(ctx, d); err != nil {
		return err
	}
	for _, e := range from.events {
		e.DossierID = d.ID
		if err := tx.Dossiers().AddEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// nextCodes gives n dossier codes of a day long past, never the same twice.
func (p *product) nextCodes(agency string, n int) []string {
	out := make([]string, n)
	for i := range out {
		p.code++
		out[i] = dossier.NewCode(agency, time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC), p.code)
	}
	return out
}

// people prepares conversations with open drafts, spread over the script, each of
// a person who filed a dossier before.
func (p *product) people(ctx context.Context, r rehearsal, from complete, n int) (cohort, error) {
	c := p.newCohort("turns", n, len(r.moments), r.script)
	c.Personal = p.nextCodes(from.filed.Agency, n)
	err := p.each(ctx, n, func(ctx context.Context, tx core.Tx, i int) error {
		conv, _, err := p.person(ctx, tx, r.moments[i%len(r.moments)], c.First+int64(i))
		if err != nil {
			return err
		}
		return filedBefore(ctx, tx, from, c.Personal[i], conv, "")
	})
	return c, err
}

// applicants prepares conversations whose drafts are complete and wait for
// consent.
func (p *product) applicants(ctx context.Context, from complete, n int) (cohort, error) {
	c := p.newCohort("submissions", n, 1, []step{{stepConsent, "đồng ý"}})
	err := p.each(ctx, n, func(ctx context.Context, tx core.Tx, i int) error {
		_, d, err := p.person(ctx, tx, from.row, c.First+int64(i))
		if err != nil {
			return err
		}
		for _, paper := range from.papers {
			pages := paper.Pages
			paper.ID, paper.DraftID, paper.Pages = core.NewID(tx.Now()), d.ID, nil
			if err := tx.Papers().Insert(ctx, paper); err != nil {
				return err
			}
			for _, page := range pages {
				page.ID, page.PaperID, page.DraftID = core.NewID(tx.Now()), paper.ID, d.ID
				page.BlobKey = vault.BlobKey(page.ID, page.SHA256)
				if err := tx.Papers().InsertPage(ctx, page); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return c, err
}

func (p *product) newCohort(name string, people, offsets int, script []step) cohort {
	c := cohort{Name: name, Path: webhookPath, Secret: webhookSecret, First: p.chat + 1, People: people, Offsets: offsets, Script: script,
		FirstID: p.chat * 1000}
	p.chat += int64(people)
	return c
}

// owners prepares dossiers of citizens of the app, and gives their codes and the
// citizens, the owner of code i at i mod the number of citizens.
func (p *product) owners(ctx context.Context, from complete, dossiers, citizens int) (codes []string, ids []core.ID, err error) {
	codes, ids = p.nextCodes(from.filed.Agency, dossiers), make([]core.ID, citizens)
	for i := range ids {
		ids[i] = core.NewID(time.Now())
	}
	err = p.each(ctx, dossiers, func(ctx context.Context, tx core.Tx, i int) error {
		return filedBefore(ctx, tx, from, codes[i], "", ids[i%citizens])
	})
	return codes, ids, err
}
