package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
)

// What the database holds decides where it was read: a change that touches nobody
// breaks nothing.
func TestPackDiffBreaks(t *testing.T) {
	t.Parallel()
	diff := catalog.Diff{From: "1", To: "2", Forms: []catalog.ItemDiff{{ID: "mini", Kind: catalog.ChangeChanged, Changes: []catalog.Change{
		{Kind: catalog.ChangeChanged, What: "field name type", From: "text", To: "date", Broke: true},
	}}}}
	orphan := dossier.Impact{Drafts: 3, Back: 2, Again: []dossier.Again{{Form: "mini", Field: "name", Drafts: 2}},
		Orphans: []core.ProcedureUse{{Code: "1.000001", Version: "2026.1", Dossiers: 7}}}
	for _, tt := range []struct {
		name string
		diff packDiff
		want bool
		says string
	}{
		{"packs alone", packDiff{Diff: diff}, true, "field name type changed"},
		{"nobody is touched", packDiff{Diff: diff, Data: &dossier.Impact{Drafts: 3}}, false, "with a question asked again: 0"},
		{"drafts and dossiers", packDiff{Diff: diff, Data: &orphan}, true, "is gone; 7 dossiers were filed under it"},
		{"no difference", packDiff{}, false, "no difference"},
	} {
		if got := tt.diff.breaks(); got != tt.want {
			t.Errorf("%s: breaks is %v", tt.name, got)
		}
		var out bytes.Buffer
		if err := tt.diff.print(&out, false); err != nil || !strings.Contains(out.String(), tt.says) {
			t.Errorf("%s: %v\n%s", tt.name, err, out.String())
		}
	}
}
