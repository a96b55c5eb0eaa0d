package dialog_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

const table = "../catalog/testdata/checklists.tsv"

// interview opens a checklist and answers what is asked as a household would, then
// names its special cases. It gives the last list and the number of questions.
func (c *talk) interview(p *catalog.Procedure, facts map[string]string) (list []core.Prompt, asked int) {
	c.w.t.Helper()
	words := map[string]string{"yes": "choice.yes", "no": "choice.no", "unknown": "choice.unknown", "": "choice.unknown"}
	known := map[string]bool{}
	answer := func(said []core.Prompt) []core.Prompt {
		for n := 0; said[0].Key == "card.ask"; n++ {
			if n > len(p.Facts) {
				c.w.t.Fatalf("%s: no end of questions", p.Code)
			}
			asked++
			f := c.factAsked(p, said[0])
			known[f.Key] = true
			said = c.tap(c.w.msg.Text(text.VI, c.caps.Variant, words[facts[f.Key]], nil))
		}
		return said
	}
	c.say(p.Code)
	list = answer(c.tap(c.w.msg.Text(text.VI, c.caps.Variant, "choice.papers", nil)))
	questions := asked
	for range p.Facts {
		special := c.w.msg.Text(text.VI, c.caps.Variant, "choice.special", nil)
		if !strings.Contains(c.show(list), special) {
			break
		}
		list = c.tap(special)
		taken := false
		for i := range p.Facts {
			f := &p.Facts[i]
			if known[f.Key] || facts[f.Key] == "" || !strings.Contains(c.show(list), f.Short.Vi) {
				continue
			}
			known[f.Key], taken = true, true
			list = answer(c.tap(f.Short.Vi))
			break
		}
		if !taken {
			list = c.say("9")
			break
		}
	}
	return list, questions
}

func (c *talk) factAsked(p *catalog.Procedure, said core.Prompt) *catalog.Fact {
	for i := range p.Facts {
		f := &p.Facts[i]
		if q := said.Args["question"]; q == f.Question.Vi || q == f.Short.Vi+"?" {
			return f
		}
	}
	c.w.t.Fatalf("%s asks %q", p.Code, said.Args["question"])
	return nil
}

// Every household of the table is told its papers in a chat and by short messages.
func TestHouseholdsInConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	for _, h := range coretest.Households(t, table) {
		t.Run(h.Procedure+"/"+h.Name, func(t *testing.T) {
			w.t = t
			p, _ := w.svc.Catalog().Procedure(h.Procedure)
			list, asked := w.talk("rich "+t.Name(), richCaps()).interview(p, h.Facts)
			if asked > catalog.MaxQuestions {
				t.Errorf("%d questions", asked)
			}
			if got, want := list[0].Args["papers"], richPapers(w, p, h); got != want {
				t.Errorf("the chat lists\n%s\nby hand\n%s", got, want)
			}
			if got, want := list[0].Args["spared"], sparedPapers(p, h); got != want {
				t.Errorf("the chat spares %q, by hand %q", got, want)
			}
			list, _ = w.talk("short "+t.Name(), shortCaps()).interview(p, h.Facts)
			if len(list) > 3 {
				t.Fatalf("%d short messages:\n%v", len(list), list)
			}
			var got []string
			for _, m := range list {
				if part := m.Args["papers"]; part != "" {
					got = append(got, strings.Split(part, "; ")...)
				}
			}
			needed, all := shortPapers(w, p, h, true)
			if strings.Contains(strings.Join(got, "; "), "hoac giay to thay the") {
				needed, all = shortPapers(w, p, h, false)
			}
			if n := len(got); n > 0 && strings.HasPrefix(got[n-1], "+") {
				if left, _ := strconv.Atoi(got[n-1]); left != len(all)-(n-1) || n-1 < needed {
					t.Errorf("%q, and by hand %q", got, all)
				}
				got, all = got[:n-1], all[:n-1]
			}
			if strings.Join(got, "; ") != strings.Join(all, "; ") {
				t.Errorf("short messages list %q, by hand %q", got, all)
			}
		})
	}
}

// richPapers writes the row of the table as the chat should.
func richPapers(w *world, p *catalog.Procedure, h coretest.Household) string {
	say := func(key string, args ...string) string {
		m := map[string]string{}
		for i := 0; i+1 < len(args); i += 2 {
			m[args[i]] = args[i+1]
		}
		return w.msg.Text(text.VI, text.Rich, key, m)
	}
	var lines []string
	for _, r := range p.Requirements {
		need := h.Papers[r.Key]
		if r.Kind == catalog.KindForm || need == "not_needed" {
			continue
		}
		line := strconv.Itoa(len(lines)+1) + ". " + r.Name.Vi
		switch {
		case r.Originals > 0 && r.Copies > 0:
			line += ": " + say("word.originals", "count", strconv.Itoa(r.Originals)) + ", " + say("word.copies", "count", strconv.Itoa(r.Copies))
		case r.Originals > 0:
			line += ": " + say("word.originals", "count", strconv.Itoa(r.Originals))
		case r.Copies > 0:
			line += ": " + say("word.copies", "count", strconv.Itoa(r.Copies))
		}
		switch need {
		case "maybe":
			line += " (" + say("word.maybe") + ")"
		case "alternative":
			line += " (" + say("word.alternative") + ")"
		}
		var dbs []string
		for _, db := range r.ReplaceableBy {
			dbs = append(dbs, say(catalog.DatabaseKey(db)))
		}
		if len(dbs) > 0 {
			line += ". " + say("word.replaced", "databases", strings.Join(dbs, ", "))
		}
		if r.Note.Vi != "" {
			line += ". " + strings.TrimRight(r.Note.Vi, ".")
		}
		lines = append(lines, line+".")
	}
	if len(lines) == 0 {
		return say("word.none")
	}
	return strings.Join(lines, "\n")
}

func sparedPapers(p *catalog.Procedure, h coretest.Household) string {
	var names []string
	for _, r := range p.Requirements {
		if h.Papers[r.Key] == "not_needed" {
			names = append(names, lower(r.Short.Vi))
		}
	}
	return strings.Join(names, "; ")
}

// shortPapers lists what is needed, so many, then what may be, with what may be given
// instead beside the first of its group.
func shortPapers(w *world, p *catalog.Procedure, h coretest.Household, names bool) (needed int, all []string) {
	rows := map[string][]string{}
	for _, r := range p.Requirements {
		if r.Kind == catalog.KindForm {
			continue
		}
		row := text.Plain(r.Short.Vi)
		for _, other := range p.Requirements {
			if r.Group == "" || other.Group != r.Group || h.Papers[other.Key] != "alternative" {
				continue
			}
			if !names {
				row += " hoac giay to thay the"
				break
			}
			row += " hoac " + text.Plain(lower(other.Short.Vi))
		}
		if h.Papers[r.Key] == "maybe" {
			row += "?"
		}
		rows[h.Papers[r.Key]] = append(rows[h.Papers[r.Key]], row)
	}
	if all = append(rows["needed"], rows["maybe"]...); len(all) == 0 {
		all = []string{text.Plain(w.msg.Text(text.VI, text.Short, "word.none", nil))}
	}
	return len(rows["needed"]), all
}

func lower(s string) string {
	r := []rune(s)
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

// Where nothing has to be asked the list is the second message; by short messages
// each is one segment, for every procedure.
func TestChecklistOfEveryProcedureIsShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	var long []string // what is needed takes a message more
	rich, short := w.talk("rich", richCaps()), w.talk("short", shortCaps())
	for _, p := range w.svc.Catalog().Procedures() {
		list, asked := rich.interview(p, nil)
		open := 0
		for _, f := range p.Facts {
			if f.Usual == "" {
				open++
			}
		}
		if len(list) != 1 || asked != min(open, catalog.MaxQuestions) {
			t.Errorf("%s: %d messages after %d questions, %d facts are open", p.Code, len(list), asked, open)
		}
		list, _ = short.interview(p, nil)
		if len(list) > 2 {
			long = append(long, p.Code)
		}
		for _, line := range strings.Split(strings.TrimSpace(short.show(list)), "\n") {
			if n, ok := text.Septets(line); !ok || n > 160 {
				t.Errorf("%s: %d septets: %s", p.Code, n, line)
			}
		}
	}
	if len(long) > 3 {
		t.Errorf("more than two short messages: %s", long)
	}
}

// What was said for the checklist is not asked by the application.
func TestWhatWasSaidIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("rich", richCaps())
	p, _ := w.svc.Catalog().Procedure("1.001193")
	c.interview(p, map[string]string{"representative": "yes", "residence_not_found": "no", "surrogacy": "unknown", "no_birth_notice": "yes"})
	c.tap("Tính hạn của tôi")
	c.say("1/11/2026")
	c.tap("Nộp ngay")
	if c.conv.DraftID == "" {
		t.Fatalf("no draft: %s", c.show(c.last))
	}
	d := w.drafts[c.conv.DraftID]
	app, err := w.svc.Open(d, w.now)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"representative": "yes", "residence_not_found": "no", "surrogacy": "unknown", "no_birth_notice": "yes"} {
		if got := app.Facts()[key]; got != want {
			t.Errorf("%s is %q in the draft, want %q", key, got, want)
		}
	}
	fields := app.Answers().Fields
	if fields["child.birthDate"].Value != "2026-11-01" || fields["requester.relation"].Value != "khac" {
		t.Errorf("the form has %v and %v", fields["child.birthDate"].Value, fields["requester.relation"].Value)
	}
	open := map[string]bool{}
	for _, s := range app.Steps(nil) {
		if s.Kind != dossier.StepSummary && !s.Done {
			open[s.Key] = true
		}
	}
	for _, key := range []string{"residence_not_found", "surrogacy", "no_birth_notice", "child.birthDate", "requester.relation"} {
		if open[key] {
			t.Errorf("%s is asked again", key)
		}
	}
	if !open["abandoned_child"] {
		t.Error("what was not said is not asked")
	}
}

// A procedure that is looked at later has a case of its own.
func TestAnotherProcedureIsAnotherCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("rich", richCaps())
	birth, _ := w.svc.Catalog().Procedure("1.001193")
	death, _ := w.svc.Catalog().Procedure("1.000656")
	all := map[string]string{"representative": "yes", "residence_not_found": "yes"}
	c.interview(birth, all)
	if _, asked := c.interview(death, all); asked != 2 {
		t.Errorf("%d questions, want 2", asked)
	}
	if _, asked := c.interview(death, all); asked != 0 {
		t.Errorf("asked %d times again", asked)
	}
}
