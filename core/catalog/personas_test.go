package catalog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// personaNow is the instant at which the people of testdata/forms answer: Monday 23
// November 2026, 09:00.
func personaNow() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, core.City) }

// persona is one file of testdata/forms, "<form>_<name>.txtar": a person in one
// branch of a form. The section answers has what they reply to each question,
// "key: words", "-" skips; besides are answers nobody asked for. The sections asked,
// warnings and canonical are golden: the flag -update rewrites them.
type persona struct {
	file, form, name string
	ar               *txtar.Archive
	answers, besides map[string]string
}

// allForms gives the forms of the embedded pack, by name.
func allForms(t *testing.T) []*form.Form {
	t.Helper()
	files, err := fs.Glob(hcmc.Pack(), "forms/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := make([]*form.Form, 0, len(files))
	for _, name := range files {
		f, ok := city(t).Form(strings.TrimSuffix(path.Base(name), ".yaml"))
		if !ok {
			t.Fatalf("the catalogue has no form of %s", name)
		}
		out = append(out, f)
	}
	return out
}

func personas(t *testing.T) []persona {
	t.Helper()
	files, err := filepath.Glob("testdata/forms/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("nobody answers: %v", err)
	}
	out := make([]persona, 0, len(files))
	for _, f := range files {
		p := persona{file: f}
		for _, form := range allForms(t) {
			if name, ok := strings.CutPrefix(filepath.Base(f), form.ID()+"_"); ok {
				p.form, p.name = form.ID(), strings.TrimSuffix(name, ".txtar")
			}
		}
		if p.form == "" {
			t.Fatalf("%s is named after no form", f)
		}
		if p.ar, err = txtar.ParseFile(f); err != nil {
			t.Fatal(err)
		}
		p.answers, p.besides = p.lines(t, "answers"), p.lines(t, "besides")
		out = append(out, p)
	}
	return out
}

func (p persona) section(name string) *txtar.File {
	for i := range p.ar.Files {
		if p.ar.Files[i].Name == name {
			return &p.ar.Files[i]
		}
	}
	return nil
}

func (p persona) lines(t *testing.T, section string) map[string]string {
	t.Helper()
	out := map[string]string{}
	s := p.section(section)
	if s == nil {
		return out
	}
	for line := range strings.Lines(string(s.Data)) {
		key, words, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if _, twice := out[key]; !ok || twice {
			t.Fatalf("%s: %q", p.file, line)
		}
		out[key] = strings.Trim(words, `"`)
	}
	return out
}

// reply answers one question in words, as a citizen does.
func reply(t *testing.T, f *form.Form, a form.Answers, key, words string) form.Answers {
	t.Helper()
	ans := core.DraftAnswer{Author: string(core.ActorCitizen), At: personaNow()}
	if words == "-" {
		ans.Skipped = true
	} else {
		o := f.Parse(key, words, text.VI, personaNow())
		if !o.OK() {
			t.Fatalf("%s: %q: %+v", key, words, o)
		}
		ans.Value = o.Value
	}
	out, err := f.Set(a, key, ans, nil, personaNow())
	if err != nil {
		t.Fatalf("%s: %q: %v", key, words, err)
	}
	return out
}

// fill answers every question the form asks and gives the keys in order.
func (p persona) fill(t *testing.T, f *form.Form) (a form.Answers, asked []string) {
	t.Helper()
	a = form.Answers{}
	for key, words := range p.besides {
		if !strings.Contains(key, ".i") {
			a = reply(t, f, a, key, words)
		}
	}
	for n := 0; n < 300; n++ {
		q, ok := f.Resolve(a, nil, personaNow()).Next()
		if !ok {
			break
		}
		words, known := p.answers[q.Key]
		if !known {
			t.Fatalf("%s is asked and has no answer", q.Key)
		}
		a, asked = reply(t, f, a, q.Key, words), append(asked, q.Key)
	}
	for key, words := range p.besides {
		a = reply(t, f, a, key, words)
	}
	for key := range p.answers {
		if !slices.Contains(asked, key) {
			t.Errorf("%s was never asked", key)
		}
	}
	for _, key := range f.Resolve(a, nil, personaNow()).Consents() {
		a = reply(t, f, a, key, "đồng ý")
	}
	return a, asked
}

// In every branch of every form: what is asked, and what a submission then holds.
func TestPersonas(t *testing.T) {
	t.Parallel()
	for _, p := range personas(t) {
		t.Run(p.form+"_"+p.name, func(t *testing.T) {
			t.Parallel()
			f, _ := city(t).Form(p.form)
			a, asked := p.fill(t, f)
			st := f.Resolve(a, nil, personaNow())
			if bad := st.Validate(); len(bad) > 0 {
				t.Errorf("not complete: %+v", bad)
			}
			if done, total := st.Progress(); done != total || done != len(asked) {
				t.Errorf("%d of %d questions are done, %d were asked", done, total, len(asked))
			}
			var warned []string
			for _, w := range st.Warnings() {
				warned = append(warned, w.Args["rule"])
			}
			canonical, err := form.Canonical(st.Canonical())
			if err != nil {
				t.Fatal(err)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, canonical, "", "  "); err != nil {
				t.Fatal(err)
			}
			p.golden(t, map[string]string{"asked": listed(asked), "warnings": listed(warned), "canonical": pretty.String() + "\n"})
		})
	}
}

func listed(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	return b.String()
}

func (p persona) golden(t *testing.T, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		s := p.section(name)
		if s == nil {
			t.Fatalf("%s has no section %s", p.file, name)
		}
		if *update {
			s.Data = []byte(got[name])
		} else if d := cmp.Diff(string(s.Data), got[name]); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if *update {
		if err := os.WriteFile(p.file, txtar.Format(p.ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// ruleCase is one line of testdata/forms/rules.txt: somebody who is right but for
// one or more answers, and the rule that tells.
type ruleCase struct {
	persona string
	change  map[string]string
	rule    string
	blocks  bool
}

func ruleCases(t *testing.T) []ruleCase {
	t.Helper()
	data, err := os.ReadFile("testdata/forms/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []ruleCase
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) < 3 {
			t.Fatalf("%q", line)
		}
		c := ruleCase{persona: parts[0], change: map[string]string{}}
		var verb string
		verb, c.rule, _ = strings.Cut(parts[len(parts)-1], " ")
		if verb != "blocks" && verb != "warns" {
			t.Fatalf("%q", line)
		}
		c.blocks = verb == "blocks"
		for _, change := range parts[1 : len(parts)-1] {
			key, words, ok := strings.Cut(change, ": ")
			if !ok {
				t.Fatalf("%q", line)
			}
			c.change[key] = words
		}
		out = append(out, c)
	}
	return out
}

// Every rule of every form has a case that breaks it, and breaks it alone.
func TestRules(t *testing.T) {
	t.Parallel()
	people := map[string]persona{}
	for _, p := range personas(t) {
		people[p.form+"_"+p.name] = p
	}
	shown := map[string]bool{}
	for _, c := range ruleCases(t) {
		p, ok := people[c.persona]
		if !ok {
			t.Fatalf("there is nobody %s", c.persona)
		}
		f, _ := city(t).Form(p.form)
		shown[p.form+" "+c.rule] = true
		t.Run(c.persona+"_"+c.rule, func(t *testing.T) {
			t.Parallel()
			a, _ := p.fill(t, f)
			for key, words := range c.change {
				a = reply(t, f, a, key, words)
			}
			st := f.Resolve(a, nil, personaNow())
			var blocks, warns []string
			for _, v := range st.Validate() {
				if v.Key == "field.rule" {
					blocks = append(blocks, v.Args["rule"])
				}
			}
			for _, v := range st.Warnings() {
				warns = append(warns, v.Args["rule"])
			}
			if got, other := blocks, warns; c.blocks && (len(got) != 1 || got[0] != c.rule) {
				t.Errorf("stopped by %v (and warned of %v), want %s", got, other, c.rule)
			}
			if !c.blocks && (len(blocks) > 0 || !slices.Contains(warns, c.rule)) {
				t.Errorf("warned of %v, stopped by %v, want the warning %s", warns, blocks, c.rule)
			}
		})
	}
	for _, f := range allForms(t) {
		for _, r := range f.Definition().Rules {
			if !shown[f.ID()+" "+r.ID] {
				t.Errorf("no case breaks the rule %s of %s", r.ID, f.ID())
			}
		}
	}
}

// A form holds every field of its paper form with the type it must have, and what
// we ask besides is written down: neither goes lost or creeps in.
func TestFields(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/forms/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, paper := map[string]string{}, 0
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] == "+" {
			words = words[1:]
		} else {
			paper++
		}
		if len(words) != 3 || want[words[0]+" "+words[1]] != "" {
			t.Fatalf("%q", line)
		}
		want[words[0]+" "+words[1]] = words[2]
	}
	if paper != 243 {
		t.Errorf("%d fields of paper forms, want 243", paper)
	}
	for _, f := range allForms(t) {
		for _, g := range f.Definition().Groups {
			for _, field := range g.Fields {
				key := f.ID() + " " + field.Key
				if g.Repeat != nil {
					key = f.ID() + " " + g.Key + "[]." + field.Key
				}
				if want[key] != field.Type {
					t.Errorf("%s is of type %s, the table says %q", key, field.Type, want[key])
				}
				delete(want, key)
			}
		}
	}
	for key := range want {
		t.Errorf("%s is missing", key)
	}
}

const formsDoc = "../../docs/forms.md"

// docs/forms.md says what each form asks in the plain case; it is written from the
// forms and must be fresh.
func TestFormsDoc(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Forms\n\nWhat each form asks in the plain case, in order. Somebody who is known is asked less. " +
		"Written by\n`go test ./core/catalog -run TestFormsDoc -update` from the forms and the people of `core/catalog/testdata/forms`.\n")
	for _, p := range personas(t) {
		if p.name != "plain" {
			continue
		}
		f, _ := city(t).Form(p.form)
		writeForm(&b, f, strings.Fields(string(p.section("asked").Data)))
	}
	if *update {
		if err := os.WriteFile(formsDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(formsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(got), b.String()); d != "" {
		t.Errorf("%s is stale: %s", formsDoc, d)
	}
}

func writeForm(b *strings.Builder, f *form.Form, asked []string) {
	def := f.Definition()
	fmt.Fprintf(b, "\n## %s (`%s`)\n\n%s", def.Title.EN, def.ID, def.Title.VI)
	if def.LegalForm != "" {
		fmt.Fprintf(b, ". %s", def.LegalForm)
	}
	fmt.Fprintf(b, ".\n\n| %d | Tiếng Việt | English |\n|---|---|---|\n", len(asked))
	for i, key := range asked {
		field, _ := f.Field(key)
		q := field.Question
		if q == (form.Text{}) {
			q = field.Label
		}
		fmt.Fprintf(b, "| %d | %s | %s |\n", i+1, q.VI, q.EN)
	}
}

// What a form says to a citizen is plain: short sentences, no shouting, nobody is
// begged.
func TestFormTexts(t *testing.T) {
	t.Parallel()
	plain := func(form, key, s string) {
		for _, sentence := range strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '?' }) {
			if n := len(strings.Fields(sentence)); n > 20 {
				t.Errorf("%s %s: a sentence of %d words: %s", form, key, n, sentence)
			}
		}
		if low := strings.ToLower(s); strings.Contains(s, "!") || strings.Contains(low, "vui lòng") || strings.Contains(low, "please enter") || strings.Contains(low, "không hợp lệ") {
			t.Errorf("%s %s: %s", form, key, s)
		}
	}
	for _, f := range allForms(t) {
		def := f.Definition()
		plain(def.ID, "note", def.Note.VI)
		for _, key := range f.Keys() {
			field, _ := f.Field(key)
			if f.Asks(key) && field.Question == (form.Text{}) && field.Default == "" && len(field.CopyFrom) == 0 {
				t.Errorf("%s %s is asked without a question", def.ID, key)
			}
			for _, s := range []form.Text{field.Question, field.Help} {
				plain(def.ID, key, s.VI)
				plain(def.ID, key, s.EN)
			}
		}
		for _, r := range def.Rules {
			plain(def.ID, r.ID, r.Message.VI)
			plain(def.ID, r.ID, r.Message.EN)
		}
	}
}
