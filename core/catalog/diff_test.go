package catalog_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/motcua/motcua/core/catalog"
)

// widePack gives the files of testdata/wide.txtar over the small pack.
func widePack(t *testing.T) fstest.MapFS {
	t.Helper()
	files := smallPack(t)
	ar, err := txtar.ParseFile("testdata/wide.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

func load(t *testing.T, files fstest.MapFS) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// edited replaces text in one file of a pack.
func edited(t *testing.T, files fstest.MapFS, name string, oldNew ...string) {
	t.Helper()
	s := string(files[name].Data)
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(s, oldNew[i]) {
			t.Fatalf("%s has no %q", name, oldNew[i])
		}
		s = strings.Replace(s, oldNew[i], oldNew[i+1], 1)
	}
	files[name] = &fstest.MapFile{Data: []byte(s)}
}

func lines(d catalog.Diff) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s -> %s\n", d.From, d.To)
	for _, item := range append(d.Procedures, d.Forms...) {
		fmt.Fprintf(&out, "%s %s\n", item.ID, item.Kind)
		for _, c := range item.Changes {
			fmt.Fprintf(&out, "  %s %s [%s] [%s] %v\n", c.What, c.Kind, c.From, c.To, c.Broke)
		}
	}
	return out.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	older := load(t, widePack(t))
	if d := catalog.Compare(older, load(t, widePack(t))); len(d.Procedures)+len(d.Forms)+len(d.Breaks()) > 0 {
		t.Errorf("the same pack differs:\n%s", lines(d))
	}
	files := widePack(t)
	edited(t, files, "pack.yaml", "2026.1.1", "2026.2.1")
	edited(t, files, "procedures/1.000001.yaml", `version: "2026.1"`, `version: "2026.2"`, "{value: 3, unit", "{value: 5, unit",
		"kind: attach", "kind: info", "amount: 0", "amount: 8000", "minAssurance:",
		"window: {event: {vi: Ngày nào?, en: When?}, from: {vi: ngày sinh, en: birth}, within: {value: 60, unit: day}, late: {vi: Muộn., en: Late.}, "+
			"source: luật, confidence: high}\nminAssurance:")
	edited(t, files, "forms/mini.yaml", `version: "1"`, `version: "2"`, "type: person_name", "type: text",
		"single, vi", "alone, vi", "- key: colour\n        type: code\n        label: {vi: Màu, en: Colour}\n        codes: colour",
		"- key: email\n        type: email\n        required: true\n        label: {vi: Thư, en: Mail}")
	edited(t, files, "procedures/1.000001.yaml", "no: [single]", "no: [alone]")
	local := files["procedures/"+localCode+".yaml"]
	delete(files, "procedures/"+localCode+".yaml")
	files["procedures/VN-HCM-moi.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(local.Data), localCode, "VN-HCM-moi", 1))}
	want := `2026.1.1 -> 2026.2.1
1.000001 changed
  version 2026.1 removed [] [] true
  version changed [2026.1] [2026.2] false
  timeLimit changed [3 working_day until 15:00] [5 working_day until 15:00] false
  window changed [] [60 day] false
  fee changed [0] [8000] false
  paper decree changed [attach, 0 originals, 0 copies, mandatory, electronic, when facts.divorced == "yes" && facts.agent == "yes"] [info, 0 originals, 0 copies, mandatory, electronic, when facts.divorced == "yes" && facts.agent == "yes"] false
VN-HCM-khai-trinh-lao-dong removed
VN-HCM-moi added
mini changed
  version changed [1] [2] false
  field name type changed [person_name] [text] true
  field status options changed [single divorced] [alone divorced] true
  field colour removed [] [] true
  field email added [] [email] true
`
	d := catalog.Compare(older, load(t, files))
	if diff := cmp.Diff(want, lines(d)); diff != "" {
		t.Error(diff)
	}
	if got := len(d.Breaks()); got != 6 {
		t.Errorf("%d changes break something: %v", got, d.Breaks())
	}
}
