package journeys_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// collisions is testdata/collisions.txt: what words mean where.
type collisions struct {
	places []*position
	more   map[string]string // answers beside those of the persona
}

// position is a place where words are said: an open question, or none.
type position struct {
	name, procedure, key string // key "" = the summary; procedure "" = no application
	first                string // said before, where no question is open
	rows                 []collision
}

// collision is one line: words, what they mean in a talk, and what they are in a
// field of a form; "" where there is no field.
type collision struct{ pos, said, talk, field string }

func readCollisions(t *testing.T) collisions {
	t.Helper()
	b, err := os.ReadFile("testdata/collisions.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := collisions{more: map[string]string{}}
	err = lines("collisions.txt", b, func(pos, line string) error {
		if rest, ok := strings.CutPrefix(line, "answer "); ok {
			key, words, _ := strings.Cut(rest, ": ")
			c.more[key] = words
			return nil
		}
		if rest, ok := strings.CutPrefix(line, "at "); ok {
			name, where, _ := strings.Cut(rest, ": ")
			p := &position{name: name}
			if first, ok := strings.CutPrefix(where, "after "); ok {
				p.first = first
			} else {
				p.procedure, p.key, _ = strings.Cut(where, " ")
			}
			c.places = append(c.places, p)
			return nil
		}
		cells := strings.Split(line, " | ")
		if len(c.places) == 0 || len(cells) < 2 || len(cells) > 3 {
			return fmt.Errorf("not a line of the form: words | in a talk | in a field")
		}
		row := collision{pos: pos, said: strings.TrimSpace(cells[0]), talk: strings.TrimSpace(cells[1])}
		if row.said[0] == '"' {
			said, err := strconv.Unquote(row.said)
			if err != nil {
				return err
			}
			row.said = said
		}
		p := c.places[len(c.places)-1]
		switch {
		case len(cells) == 3:
			row.field = strings.TrimSpace(cells[2])
		case p.procedure != "" && p.key != "" && !strings.HasPrefix(p.key, "fact."): // facts are buttons there
			row.field = row.talk
		}
		p.rows = append(p.rows, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCollisions says every line of the table in a chat and by SMS, and types it
// into the field of the app and of the kiosk.
func TestCollisions(t *testing.T) {
	t.Parallel()
	table := readCollisions(t)
	n := 0
	for _, p := range table.places {
		n += len(p.rows)
	}
	if n < 100 {
		t.Errorf("only %d lines", n)
	}
	w := newWorld(t, readPersona(t), "")
	w.expectErrors = true // people who are asked back often are many; some are asked for again
	for _, channel := range []string{"telegram", "sms"} {
		s := &sayer{w: w, channel: channel, table: table}
		for _, p := range table.places {
			s.at(t, p)
		}
	}
	var phone driver // it is one person, and codes come to one phone
	for _, channel := range []string{"app", "kiosk"} {
		r := newRun(t, w, channel)
		if phone == nil {
			phone = r.driver("sms")
		}
		r.drivers["sms"] = phone
		s := r.citizen.(*screen)
		s.calls.arrive()
		for _, p := range table.places {
			if p.key != "" {
				typeAll(t, s, table, p)
			}
		}
	}
}

// sayer lets people of one channel say the words, each one once.
type sayer struct {
	w       *world
	channel string
	table   collisions
	people  int64
}

// somebody is a new person, who has heard nothing yet.
type somebody struct {
	line
	external string
	heard    int
}

func (s *sayer) somebody() *somebody {
	s.people++
	if s.channel == "telegram" {
		id := 7_800_000_000 + s.people
		return &somebody{line: telegramLine{s.w.telegram.Person(id, "An", "vi")}, external: fmt.Sprint(id)}
	}
	number := fmt.Sprintf("+84937%06d", 100_000+s.people)
	return &somebody{line: &phoneLine{w: s.w, number: number}, external: number}
}

// hear waits for the next answer.
func (p *somebody) hear(t *testing.T) string {
	t.Helper()
	ctx, cancel := withPatience(t.Context())
	defer cancel()
	all, err := p.await(ctx, p.heard+1)
	if err != nil {
		t.Fatalf("%s heard nothing: %v", p.external, err)
	}
	p.heard++
	return all[p.heard-1].text
}

func (p *somebody) says(t *testing.T, words string) string {
	t.Helper()
	if err := p.say(words); err != nil {
		t.Fatal(err)
	}
	return p.hear(t)
}

// row reads where somebody's talk stands.
func (s *sayer) row(t *testing.T, like core.TurnRow, external string) (row core.TurnRow) {
	t.Helper()
	err := s.w.app.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		for _, k := range []core.AddressKey{
			{Channel: like.Address.Channel, Account: like.Address.Account}, {Channel: "telegram", Account: "main"},
			{Channel: "smsgate", Account: "main"}, {Channel: "sms", Account: "main"}, {Channel: "twilio", Account: "main"},
		} {
			k.External = external
			if row, err = tx.Conversations().ForTurn(ctx, k); err == nil {
				return nil
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// stand brings one person to a position, and gives where their talk stands then.
func (s *sayer) stand(t *testing.T, p *position) core.TurnRow {
	t.Helper()
	one := s.somebody()
	one.says(t, "menu")
	row := s.row(t, core.TurnRow{}, one.external)
	if p.procedure == "" {
		one.says(t, p.first)
		return s.row(t, row, one.external)
	}
	draft := begun(t, s.w, s.table, p, s.channel)
	row.Conversation.DraftID = draft.ID
	state, err := core.SealJSON(map[string]any{"at": "step", "known": true, "notice": true})
	if err != nil {
		t.Fatal(err)
	}
	row.Conversation.State = state
	if err := s.w.app.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		if err := tx.Drafts().Insert(ctx, draft); err != nil {
			return err
		}
		return tx.Conversations().Save(ctx, row.Conversation)
	}); err != nil {
		t.Fatal(err)
	}
	shown := one.says(t, "tiếp tục")
	row = s.row(t, row, one.external)
	if st := standing(t, row); st.At != "step" && p.key != "" || st.At != "summary" && p.key == "" {
		t.Fatalf("%s: the talk stands at %q: %s", p.name, st.At, shown)
	}
	return row
}

// talk is as much of a talk's memory as tells what was understood.
type talk struct {
	At     string `json:"at"`
	Step   string `json:"step"`
	Digits string `json:"digits"`
	Lost   int    `json:"lost"`
}

func standing(t *testing.T, row core.TurnRow) (st talk) {
	t.Helper()
	if err := core.OpenJSON(row.Conversation.State, &st); err != nil {
		t.Fatal(err)
	}
	return st
}

// at lets a person each say one line, all at the same place and at the same time.
func (s *sayer) at(t *testing.T, p *position) {
	t.Helper()
	from := s.stand(t, p)
	people := make([]*somebody, len(p.rows))
	for i, row := range p.rows {
		people[i] = s.somebody()
		s.clone(t, from, people[i].external)
		if err := people[i].say(strings.ReplaceAll(row.said, "{digits}", standing(t, from).Digits)); err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range p.rows {
		shown := people[i].hear(t)
		want, short, differ := strings.Cut(row.talk, " / ")
		if differ && s.channel == "sms" {
			want = short
		}
		if got := s.meaning(t, p, from, people[i], shown); got != want {
			t.Errorf("%s: %s, at %s %q means %q, want %q\n%s", row.pos, s.channel, p.name, row.said, got, want, shown)
		}
	}
}

// clone lets somebody stand where another one does.
func (s *sayer) clone(t *testing.T, row core.TurnRow, external string) {
	t.Helper()
	now := s.w.clock.Now()
	row.Address.ID, row.Address.External = core.NewID(now), core.Sealed(external)
	row.Conversation.ID, row.Conversation.AddressID = core.NewID(now), row.Address.ID
	var draft core.Draft
	if row.Draft != nil {
		draft = *row.Draft
		draft.ID = core.NewID(now)
		row.Conversation.DraftID = draft.ID
	}
	if err := s.w.app.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		if err := tx.Addresses().Insert(ctx, row.Address); err != nil {
			return err
		}
		if row.Draft != nil {
			if err := tx.Drafts().Insert(ctx, draft); err != nil {
				return err
			}
		}
		return tx.Conversations().Insert(ctx, row.Conversation)
	}); err != nil {
		t.Fatal(err)
	}
}

// meaning says what was made of somebody's words, by what changed and what was
// said.
func (s *sayer) meaning(t *testing.T, p *position, from core.TurnRow, who *somebody, shown string) string {
	t.Helper()
	to := s.row(t, from, who.external)
	before, after := standing(t, from), standing(t, to)
	switch {
	case to.Address.NoNotices != from.Address.NoNotices:
		return "no notices"
	case to.Conversation.Locale != from.Conversation.Locale:
		return "language"
	case from.Draft != nil && to.Draft == nil || to.Draft != nil && to.Draft.State != core.DraftOpen:
		return "filed"
	}
	if p.key != "" {
		if v, ok := answered(t, to.Draft, p.key); ok {
			return "= " + v
		}
	}
	template := s.template(t, to.Conversation.ID)
	switch {
	case strings.HasPrefix(template, "help."), strings.HasPrefix(template, "human."), strings.HasPrefix(template, "error.lost"):
		head, _, _ := strings.Cut(strings.TrimPrefix(template, "error."), ".")
		return strings.TrimRight(head, "2")
	case says(shown, s.word("word.unclearDung")):
		return "unclear"
	case template == "summary.hint":
		return "not taken"
	case after.At == before.At && after.Step != before.Step:
		return "another question"
	case after.At == before.At && (after.At == "step" || after.At == "summary"):
		if after.Lost > before.Lost {
			return "refused"
		}
		return "asked again"
	}
	return template
}

func (s *sayer) word(key string) string {
	v := text.Rich
	if s.channel == "sms" {
		v = text.Short
	}
	return s.w.app.Catalog.Messages().Text(text.VI, v, key, nil)
}

// template is the key of the message that was sent in a conversation. The vendor
// has it before we have its receipt.
func (s *sayer) template(t *testing.T, conv core.ID) string {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := withPatience(t.Context())
	defer cancel()
	for {
		var receipts []core.Receipt
		if err := s.w.app.Store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			receipts, err = tx.Receipts().ByConversation(ctx, conv, 5)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(receipts) > 0 {
			return receipts[0].Template
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("no receipt")
		}
	}
}

// begun is an application filled in up to a question, or to its end.
func begun(t *testing.T, w *world, table collisions, p *position, holder string) core.Draft {
	t.Helper()
	now := w.clock.Now()
	svc := dossier.New(w.app.Catalog)
	d, err := svc.Begin(core.NewID(now), p.procedure, "", "", holder, now)
	if err != nil {
		t.Fatal(err)
	}
	app, err := svc.Open(d, now)
	if err != nil {
		t.Fatal(err)
	}
	by := dossier.Author{Kind: core.ActorCitizen, Channel: holder}
	for range 60 {
		step := app.Next(nil)
		key := step.Key
		if step.Kind == dossier.StepFact {
			key = "fact." + key
		}
		if step.Kind == dossier.StepPaper || key == "" || key == p.key {
			break
		}
		words := w.person.answers[key].typed
		if more, ok := table.more[key]; ok {
			words = more
		}
		if words == "" {
			t.Fatalf("nobody answers %s", key)
		}
		if step.Kind == dossier.StepFact {
			err = app.SetFact(step.Key, map[string]string{"Có": "yes", "Không": "no"}[words], by)
		} else if o, typed := app.AnswerTyped(key, words, text.VI, by); typed != nil || !o.OK() {
			err = typed
			if err == nil && len(o.Candidates) > 0 {
				err = app.Answer(key, o.Candidates[0].Value, by)
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	if d, err = app.Draft(); err != nil {
		t.Fatal(err)
	}
	return d
}

// answered gives the answer to a question of a draft, as canonical JSON.
func answered(t *testing.T, d *core.Draft, key string) (string, bool) {
	t.Helper()
	if d == nil || len(d.Answers) == 0 {
		return "", false
	}
	var all core.DraftAnswers
	if err := core.OpenJSON(d.Answers, &all); err != nil {
		t.Fatal(err)
	}
	a, ok := all.Fields[key]
	if fact, isFact := strings.CutPrefix(key, "fact."); isFact {
		a, ok = all.Facts[fact]
	}
	if !ok {
		return "", false
	}
	b, err := json.Marshal(a.Value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), true
}

// typeAll types each line of a position into its field.
func typeAll(t *testing.T, s *screen, table collisions, p *position) {
	t.Helper()
	w, channel := s.r.w, s.channel
	draft, _, err := s.calls.start(p.procedure)
	if err != nil {
		t.Fatal(err)
	}
	filled := begun(t, w, table, p, channel)
	for _, row := range p.rows {
		if row.field == "" || !fits(row.said) {
			continue
		}
		// Each line is typed into the same fresh field.
		if err := w.app.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
			d, err := tx.Drafts().Get(ctx, core.ID(draft))
			if err != nil {
				return err
			}
			d.Answers, d.Office = filled.Answers, filled.Office
			return tx.Drafts().Save(ctx, d)
		}); err != nil {
			t.Fatal(err)
		}
		_, doubt, err := s.calls.answer(draft, p.key, &corev1.Answer{Text: row.said})
		got := ""
		switch {
		case err != nil:
			got = "refused " + refusal(err)
		case doubt != nil && len(doubt.GetCandidates()) > 0:
			got = "which one?"
		case doubt != nil:
			got = "sure?"
		default:
			err = w.app.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
				d, err := tx.Drafts().Get(ctx, core.ID(draft))
				if v, ok := answered(t, &d, p.key); ok {
					got = "= " + v
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if got != row.field {
			t.Errorf("%s: %s, at %s %q is %q, want %q", row.pos, channel, p.name, row.said, got, row.field)
		}
	}
}

// fits reports whether words can be put into a request at all.
func fits(s string) bool { return s != "" && !strings.Contains(s, "{digits}") }

// refusal is the key of the message that says what is wrong.
func refusal(err error) string {
	var e *connect.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	for _, d := range e.Details() {
		v, err := d.Value()
		if err != nil {
			continue
		}
		if detail, ok := v.(*corev1.ErrorDetail); ok {
			var keys []string
			for _, f := range detail.GetFields() {
				keys = append(keys, f.GetKey())
			}
			slices.Sort(keys)
			if len(keys) == 0 {
				return detail.GetKey()
			}
			return strings.Join(slices.Compact(keys), " ")
		}
	}
	return e.Code().String()
}
