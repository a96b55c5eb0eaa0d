package dossier_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
)

// A pack whose form asks something anew and whose procedures are gone or of
// another version: drafts and dossiers are counted and nothing is changed.
func TestMeasure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-11-02 09:00")
	b.filed(certificate)
	b.filed(complaint)
	for range 2 {
		b.draft(certificate)
	}
	b.draft(complaint)
	older := testPack(t)
	same, err := dossier.Measure(b.Context(), b.store, older, b.clock.Now())
	if err != nil || same.Breaks() || same.Drafts != 3 {
		t.Fatalf("the same pack: %+v, %v", same, err)
	}
	newer := packWith(t, func(files fstest.MapFS) {
		delete(files, "procedures/2.000002.yaml")
		for _, gone := range []string{"3.000003", "4.000004"} {
			delete(files, "procedures/"+gone+".yaml")
		}
		change(t, files, "procedures/1.000001.yaml", `version: "2026.1"`, `version: "2026.2"`)
		change(t, files, "forms/thu.yaml", `version: "1"`, `version: "2"`, "{key: decree, type: text,", "{key: decree, rev: 1, type: text,")
	})
	before := b.open()
	got, err := dossier.Measure(b.Context(), b.store, newer, b.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := dossier.Impact{
		Drafts: 3, Gone: 1, Back: 2, Again: []dossier.Again{{Form: "thu", Field: "decree", Drafts: 2}},
		Orphans: []core.ProcedureUse{{Code: certificate, Version: "2026.1", Dossiers: 1}, {Code: complaint, Version: "2026.1", Dossiers: 1}},
	}
	if d := cmp.Diff(want, got); d != "" || !got.Breaks() {
		t.Error(d)
	}
	if d := cmp.Diff(before, b.open()); d != "" {
		t.Errorf("looking changed the drafts:\n%s", d)
	}
}

func (b *bundle) open() (out []core.Draft) {
	b.Helper()
	b.must(func(ctx context.Context, tx core.Tx) (err error) {
		out, err = tx.Drafts().Open(ctx, "", 10)
		return err
	})
	return out
}

// packWith is the pack of these tests with some files changed.
func packWith(t *testing.T, edit func(files fstest.MapFS)) *catalog.Catalog {
	t.Helper()
	files := testFiles(t)
	edit(files)
	c, err := catalog.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func change(t *testing.T, files fstest.MapFS, name string, oldNew ...string) {
	t.Helper()
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(string(data), oldNew[i]) {
			t.Fatalf("%s has no %q", name, oldNew[i])
		}
	}
	files[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(oldNew...).Replace(string(data)))}
}
