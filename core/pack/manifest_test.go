package pack_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/core/pack"
)

const manifest = `id: hcmc
version: 2026.11.1
effectiveFrom: 2026-07-01
name: {vi: Thành phố, en: City}
settings:
  brand: HCMC-DVC
  hotline: "1022"
  provinceCode: "79"
  codeSuffix: 000.00.00.H29
  organisationCode:
    template: H29.{ward}
    provisional: true
    note: chưa có mã chính thức
`

func TestReadManifest(t *testing.T) {
	t.Parallel()
	m, err := pack.ReadManifest(fstest.MapFS{"pack.yaml": {Data: []byte(manifest)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Settings.Organisations.For("26740"); got != "H29.26740" {
		t.Errorf("organisation code %q", got)
	}
	if m.Version != "2026.11.1" || m.Settings.Hotline != "1022" || !m.Settings.Organisations.Provisional {
		t.Errorf("got %+v", m)
	}
}

func TestReadManifestIssues(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("HCMC-DVC", "hcmc dvc", "H29.{ward}", "H29", "2026.11.1", "latest").Replace(manifest)
	_, err := pack.ReadManifest(fstest.MapFS{"pack.yaml": {Data: []byte(text)}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"pack.yaml:2: version: ", "pack.yaml:6: settings.brand: ", "pack.yaml:11: settings.organisationCode.template: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in\n%s", want, err)
		}
	}
}

func TestContentHash(t *testing.T) {
	t.Parallel()
	hash := func(fsys fstest.MapFS) string {
		t.Helper()
		sum, err := pack.ContentHash(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	base := hash(fstest.MapFS{"a.yaml": file("1"), "b/c.yaml": file("2")})
	same := hash(fstest.MapFS{"b/c.yaml": file("2"), "a.yaml": file("1"), "embed.go": file("x"), ".swp": file("x"), "testdata/x": file("x"), "_old/x": file("x")})
	if base != same {
		t.Error("files that are no content change the hash")
	}
	for name, other := range map[string]fstest.MapFS{
		"content": {"a.yaml": file("1"), "b/c.yaml": file("3")},
		"name":    {"a.yaml": file("1"), "b/d.yaml": file("2")},
		"border":  {"a.yaml": file(""), "1b/c.yaml": file("2")},
		"more":    {"a.yaml": file("1"), "b/c.yaml": file("2"), "d.yaml": file("")},
	} {
		if hash(other) == base {
			t.Errorf("%s: the hash did not change", name)
		}
	}
	// Other installations compare hashes: the algorithm must not drift.
	const pinned = "a64de6c8cfaf58cedef90c24aa5e79e74abef98f93f0c00c1606d7c7ecf903a4"
	if base != pinned {
		t.Errorf("hash %q, want %q", base, pinned)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2026-7-1", "2026-02-29", "01/07/2026", "2026-07-01T00:00:00Z"} {
		if _, err := pack.ParseDate(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	a, err := pack.ParseDate("2026-02-28")
	if err != nil {
		t.Fatal(err)
	}
	b := pack.DateOf(a.In(time.UTC).AddDate(0, 0, 1))
	if b.String() != "2026-03-01" || a.Compare(b) != -1 || b.Compare(a) != 1 || a.Compare(a) != 0 {
		t.Errorf("%v, %v compared %d", a, b, a.Compare(b))
	}
}
