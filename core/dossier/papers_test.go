package dossier_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// filledPapers answers everything of the form that asks for papers itself.
func filledPapers(t *testing.T, photo bool) *dossier.Application {
	t.Helper()
	a := begun(t, pictures)
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "test"}
	for _, ans := range []struct {
		key   string
		value any
	}{
		{"receivingAgency", saiGon}, {"withPhoto", photo}, {"children.count", int64(2)},
		{"children.i1.fullName", "TRẦN THỊ LAN"}, {"children.i1.agrees", map[string]any{"phone": "+84901234567"}},
		{"children.i2.fullName", "TRẦN VĂN HAI"}, {"children.i2.agrees", map[string]any{"phone": "+84912345678"}},
	} {
		if err := a.Answer(ans.key, ans.value, by); err != nil {
			t.Fatalf("%s: %v", ans.key, err)
		}
	}
	return a
}

// Papers of the form are steps like those of the procedure: asked after the
// questions, in the manifest, required or not.
func TestPapersOfTheForm(t *testing.T) {
	t.Parallel()
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "test"}
	a := filledPapers(t, true)
	var way []string
	for _, s := range a.Steps(nil) {
		if s.Kind == dossier.StepPaper {
			way = append(way, s.Key)
			if s.Optional != (s.Key == "idDoc") {
				t.Errorf("%s: optional %v", s.Key, s.Optional)
			}
		}
	}
	if got := strings.Join(way, " "); got != "photo idDoc evidence" {
		t.Errorf("papers %s", got)
	}
	if err := a.PaperSkip("photo", by); !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("a required picture was skipped: %v", err)
	}
	if err := a.PaperSkip("idDoc", by); err != nil {
		t.Error(err)
	}
	wrong := func(papers ...core.Paper) string {
		_, err := a.Prepare(papers)
		var e *core.Error
		var out []string
		if errors.As(err, &e) {
			for _, v := range e.Fields {
				out = append(out, v.Field+" "+v.Key)
			}
		}
		return strings.Join(out, ", ")
	}
	if got := wrong(); got != "paper.photo error.paper.missing, paper.evidence error.paper.missing" {
		t.Errorf("without papers: %s", got)
	}
	if got := wrong(paperOf("photo", "a", "b"), paperOf("evidence", "c", "d")); got != "paper.photo error.paper.single" {
		t.Errorf("with two portraits: %s", got)
	}
	p, err := a.Prepare([]core.Paper{paperOf("photo", "a"), paperOf("evidence", "c", "d")})
	if err != nil {
		t.Fatal(err)
	}
	doc := string(p.Canonical)
	if !strings.Contains(doc, `"manifest":[{"pages":2,"requirement":"evidence"`) || !strings.Contains(doc, `{"pages":1,"requirement":"photo"`) || strings.Contains(doc, `"photo":`) {
		t.Errorf("%s", doc)
	}
	if !strings.Contains(doc, `"children":[{"agrees":{"phone":"+84901234567"},"fullName":"TRẦN THỊ LAN"},`) {
		t.Errorf("%s", doc)
	}
	// A picture for a branch that closed is left out, and not missed.
	closed := filledPapers(t, false)
	p, err = closed.Prepare([]core.Paper{paperOf("photo", "a"), paperOf("evidence", "c")})
	if err != nil || len(p.Manifest) != 1 {
		t.Errorf("%+v, %v", p.Manifest, err)
	}
}

func TestRemoveItemOfADraft(t *testing.T) {
	t.Parallel()
	a := filledPapers(t, false)
	if err := a.RemoveItem("children", 1); err != nil {
		t.Fatal(err)
	}
	st := a.State()
	if v, _ := st.Value("children.i1.fullName"); v != "TRẦN VĂN HAI" {
		t.Errorf("the second did not move up: %v", v)
	}
	if c := st.Cosigners(); len(c) != 1 || c[0].Phone != "+84912345678" || c[0].Name != "TRẦN VĂN HAI" {
		t.Errorf("%+v", c)
	}
	headings := ""
	for _, l := range a.Review(nil, text.VI, false) {
		if l.Heading.VI != "" {
			headings += l.Heading.VI + " " + l.Key + ", "
		}
	}
	if headings != "Con 1/1 children.i1.fullName, Con 1/1 children.i1.agrees, " {
		t.Errorf("%s", headings)
	}
	if err := a.RemoveItem("children", 2); !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("%v", err)
	}
}
