package dossier_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// eitherYAML asks for one of three papers.
var eitherYAML = strings.NewReplacer("2.000002", "3.000003", "khiếu nại", "một trong ba").Replace(complaintYAML[:strings.Index(complaintYAML, "results:")]) + `
  - {key: deed, name: {vi: Sổ hồng, en: Deed}, short: {vi: Sổ hồng, en: Deed}, kind: attach, mandatory: true, electronicOk: true, group: home}
  - {key: lease, name: {vi: Hợp đồng thuê, en: Lease}, short: {vi: Hợp đồng thuê, en: Lease}, kind: attach, mandatory: true, electronicOk: true, group: home}
  - {key: letter, name: {vi: Giấy cho ở nhờ, en: Letter}, short: {vi: Giấy cho ở nhờ, en: Letter}, kind: attach, mandatory: true, electronicOk: true, group: home}
` + complaintYAML[strings.Index(complaintYAML, "results:"):]

func either(t *testing.T) *dossier.Application {
	t.Helper()
	now := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	svc := dossier.New(testPack(t))
	d, err := svc.Begin(core.NewID(now), "3.000003", "", "", "test", now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := svc.Open(d, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Answer("status", "divorced", dossier.Author{}); err != nil {
		t.Fatal(err)
	}
	for _, ans := range mai {
		if err := a.Answer(ans.key, ans.value, dossier.Author{}); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// asked lists the papers that are steps, "!" after those that cannot be passed over.
func asked(a *dossier.Application, papers ...core.Paper) string {
	var out []string
	for _, s := range a.Steps(papers) {
		if s.Kind == dossier.StepPaper {
			key := s.Key
			if !s.Optional {
				key += "!"
			}
			out = append(out, key)
		}
	}
	return strings.Join(out, " ")
}

// Of the papers of a group one is enough: the next is asked for when the one
// before was passed over, and the last cannot be.
func TestOnePaperOfAGroup(t *testing.T) {
	t.Parallel()
	a := either(t)
	by := dossier.Author{Kind: core.ActorCitizen}
	if got := asked(a); got != "deed" {
		t.Errorf("at first: %s", got)
	}
	for _, step := range []struct{ skip, want string }{{"deed", "deed lease"}, {"lease", "deed lease letter!"}} {
		if err := a.PaperSkip(step.skip, by); err != nil {
			t.Fatal(err)
		}
		if got := asked(a); got != step.want {
			t.Errorf("without %s: %s, want %s", step.skip, got, step.want)
		}
	}
	if err := a.PaperSkip("letter", by); core.ErrorKey(err) != "error.paper.required" && !hasField(err, "paper.letter error.paper.required") {
		t.Errorf("the last one was passed over: %v", err)
	}
	if err := a.PaperDone("letter", by); err != nil {
		t.Fatal(err)
	}
	letter := paperOf("letter", "one")
	if got := asked(a, letter); got != "letter!" {
		t.Errorf("with the letter: %s", got)
	}
	p, err := a.Prepare([]core.Paper{letter})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Manifest) != 1 || p.Manifest[0].Requirement != "letter" || len(p.Left) != 0 {
		t.Errorf("manifest %+v, left %v", p.Manifest, p.Left)
	}
}

func hasField(err error, want string) bool {
	var e *core.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, f := range e.Fields {
		if f.Field+" "+f.Key == want {
			return true
		}
	}
	return false
}

// A submission needs one of them, whichever it is, and whether or not somebody
// said that it is all there.
func TestGroupAtSubmission(t *testing.T) {
	t.Parallel()
	if _, err := either(t).Prepare(nil); !hasField(err, "paper.deed error.paper.missing") {
		t.Errorf("with none: %v", err)
	}
	for _, key := range []string{"deed", "lease", "letter"} {
		p, err := either(t).Prepare([]core.Paper{paperOf(key, "one")})
		if err != nil || len(p.Manifest) != 1 || p.Manifest[0].Requirement != key || len(p.Left) != 0 {
			t.Errorf("with the %s: %+v, left %v, %v", key, p.Manifest, p.Left, err)
		}
	}
	p, err := either(t).Prepare([]core.Paper{paperOf("lease", "one"), paperOf("deed", "two")})
	if err != nil || len(p.Manifest) != 2 {
		t.Errorf("with two: %+v, %v", p.Manifest, err)
	}
}
