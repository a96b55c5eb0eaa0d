package catalog_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// loadCity reads the embedded pack once for all tests of the package.
var loadCity = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) })

// city gives the catalogue of the embedded pack.
func city(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := loadCity()
	if err != nil {
		t.Fatalf("the embedded pack is broken:\n%v", err)
	}
	return c
}

func TestEmbeddedPack(t *testing.T) {
	t.Parallel()
	c := city(t)
	if n := len(c.Procedures()); n < 17 {
		t.Errorf("%d procedures, want 17 at least", n)
	}
	if n := len(c.Wards()); n != 168 {
		t.Errorf("%d units, want 168", n)
	}
	kinds := map[catalog.WardKind]int{}
	for _, w := range c.Wards() {
		kinds[w.Kind]++
	}
	if kinds[catalog.WardPhuong] != 113 || kinds[catalog.WardXa] != 54 || kinds[catalog.WardZone] != 1 {
		t.Errorf("kinds %v, want 113 phường, 54 xã, 1 đặc khu", kinds)
	}
	if s := c.Settings(); s.Brand != "HCMC-DVC" || s.Hotline != "1022" || !s.Organisations.Provisional {
		t.Errorf("settings %+v", s)
	}
	if got := c.OrganisationCode("26740"); got != "H29.26740" {
		t.Errorf("organisation code %q", got)
	}
	hash, err := pack.ContentHash(hcmc.Pack())
	if err != nil || hash != c.Hash() || len(hash) != 64 {
		t.Errorf("hash %q, want %q (%v)", c.Hash(), hash, err)
	}
	// A server that is pointed at the directory has the same content.
	if disk, err := pack.ContentHash(os.DirFS("hcmc")); err != nil || disk != hash {
		t.Errorf("the directory's hash is %q, the embedded pack's %q (%v)", disk, hash, err)
	}
	if c.Messages() == nil || !c.Messages().Has("error.internal") {
		t.Error("the messages are missing")
	}
	if e, ok := c.Codes("ethnicity"); !ok || len(e.Codes) != 54 {
		t.Errorf("%d ethnic groups, want 54", len(e.Codes))
	}
	if n, ok := c.Codes("nationality"); !ok || len(n.Codes) < 190 || n.Codes[0].Value != "VN" {
		t.Errorf("%d nationalities, the first must be VN", len(n.Codes))
	}
}

func TestProcedureByCode(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, code := range []string{"1.004873", " 1.004873 ", "1.004873.000.00.00.H29", "1.004873.000.00.00.h29"} {
		if p, ok := c.Procedure(code); !ok || p.Code != "1.004873" {
			t.Errorf("%q was not found", code)
		}
	}
	for _, code := range []string{"", "1", "1.004873.", "1.004873.000", "1.004873.evil", "9.999999", "1.004873.000.00.00.H2", "..."} {
		if p, ok := c.Procedure(code); ok {
			t.Errorf("%q gave %s", code, p.Code)
		}
	}
	p, _ := c.Procedure("1.004873")
	if v, ok := c.ProcedureVersion("1.004873", p.Version); !ok || v != p {
		t.Error("the version of a procedure was not found")
	}
	if _, ok := c.ProcedureVersion("1.004873", "1999.1"); ok {
		t.Error("a version that never was is there")
	}
	start := p.EffectiveFrom.In(core.City)
	if _, ok := c.ProcedureAt("1.004873", start.Add(-time.Second)); ok {
		t.Error("a procedure is in force before its first day")
	}
	if v, ok := c.ProcedureAt("1.004873", start); !ok || v != p {
		t.Error("a procedure is not in force on its first day")
	}
}

// What every procedure of the pack must have for every channel.
func TestProcedures(t *testing.T) {
	t.Parallel()
	c := city(t)
	forms := map[string]string{
		"1.001193": "birth_registration", "1.000689": "birth_registration", "1.004772": "birth_registration", "2.000528": "birth_registration",
		"1.000656": "death_registration", "1.005461": "death_registration",
		"1.000894": "marriage_registration", "2.000806": "marriage_registration", "1.004746": "marriage_registration",
		"1.004873": "marital_status", "2.000815": "copy_certification", "1.001612": "household_business",
		"1.004222": "residence_ct01", "1.004194": "residence_ct01", "1.002755": "residence_ct01", "1.003197": "residence_ct01",
		"1.010038": "residence_ct01", "1.010039": "residence_ct01", "1.010041": "residence_ct01",
	}
	for _, p := range c.Procedures() {
		if f, ok := c.Form(p.Form); !ok || f == nil || forms[p.Code] != "" && p.Form != forms[p.Code] {
			t.Errorf("%s: form %q, want %q", p.Code, p.Form, forms[p.Code])
		}
		for _, sentence := range strings.FieldsFunc(p.Summary.Vi, func(r rune) bool { return r == '.' || r == '?' }) {
			if n := len(strings.Fields(sentence)); n > 20 {
				t.Errorf("%s: a sentence of %d words: %s", p.Code, n, sentence)
			}
		}
		for _, s := range []string{p.Summary.Vi, p.Tip.Vi} {
			if strings.Contains(s, "NĐ-CP") || strings.Contains(s, "Điều ") {
				t.Errorf("%s: an article of law in what citizens read first: %s", p.Code, s)
			}
		}
		for _, s := range append(append([]string{p.Short.Vi, p.Name.Vi, p.Summary.Vi}, p.Aliases.Vi...), p.Aliases.En...) {
			if s != text.NFC(s) {
				t.Errorf("%s: %q is not in composed form", p.Code, s)
			}
		}
		official := slices.ContainsFunc(p.Sources, func(s string) bool { return strings.HasPrefix(s, "https://dichvucong.gov.vn/") })
		if p.Confidence == catalog.ConfidenceHigh && !official {
			t.Errorf("%s: high confidence and no official page among the sources", p.Code)
		}
		for _, loc := range []string{"vi", "en"} {
			if n, ok := text.Septets(text.Plain(p.Short.In(loc))); !ok || n > 40 {
				t.Errorf("%s: %q does not fit a short message", p.Code, p.Short.In(loc))
			}
		}
	}
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	c := city(t)
	list := func(code string, facts map[string]string) map[string]catalog.Need {
		p, ok := c.Procedure(code)
		if !ok {
			t.Fatalf("no %s", code)
		}
		out := map[string]catalog.Need{}
		for _, i := range c.Checklist(p, facts) {
			out[i.Requirement.Key] = i.Need
			if (i.Need == catalog.Maybe) != (len(i.Facts) > 0) && i.Requirement.When != "" {
				t.Errorf("%s %s: %s with open facts %v", code, i.Requirement.Key, i.Need, i.Facts)
			}
		}
		return out
	}
	tests := []struct {
		name, code string
		facts      map[string]string
		want       map[string]catalog.Need
	}{
		{"nothing known", "1.004873", nil, map[string]catalog.Need{
			"declaration": catalog.Needed, "identity": catalog.Needed, "divorce_or_death": catalog.Maybe,
			"residence_proof": catalog.Maybe, "authorisation": catalog.Maybe, "previous_certificate": catalog.Maybe}},
		{"divorced", "1.004873", map[string]string{"divorced_or_widowed": "yes", "reissue": "no", "representative": "no"}, map[string]catalog.Need{
			"divorce_or_death": catalog.Needed, "previous_certificate": catalog.NotNeeded, "authorisation": catalog.NotNeeded, "residence_proof": catalog.Maybe}},
		{"not sure", "1.004873", map[string]string{"residence_not_found": "unknown"}, map[string]catalog.Need{"residence_proof": catalog.Maybe}},
		{"usual birth", "1.001193", nil, map[string]catalog.Need{"birth_notice": catalog.Needed, "birth_statement": catalog.NotNeeded, "surrogacy_confirmation": catalog.Maybe}},
		{"no birth notice", "1.001193", map[string]string{"no_birth_notice": "yes"}, map[string]catalog.Need{"birth_notice": catalog.NotNeeded, "birth_statement": catalog.Needed}},
		{"birth notice perhaps lost", "1.001193", map[string]string{"no_birth_notice": "unknown"}, map[string]catalog.Need{"birth_notice": catalog.Maybe, "birth_statement": catalog.Maybe}},
		{"optional without a condition", "1.010039", nil, map[string]catalog.Need{"change_proof": catalog.Maybe}},
		{"moving in with a relative", "1.004222", map[string]string{"others_dwelling": "yes", "joins_family": "yes"}, map[string]catalog.Need{"owner_consent": catalog.Needed, "family_proof": catalog.Needed, "dwelling_proof": catalog.Maybe}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := list(tt.code, tt.facts)
			for key, need := range tt.want {
				if got[key] != need {
					t.Errorf("%s is %q, want %q", key, got[key], need)
				}
			}
		})
	}
}

func TestFactsFromAnswers(t *testing.T) {
	t.Parallel()
	p, _ := city(t).Procedure("1.004873")
	tests := []struct {
		name    string
		answers map[string]any
		stated  map[string]string
		want    map[string]string
	}{
		{"nothing", nil, nil, map[string]string{}},
		{"from the form", map[string]any{"subject.status": "da_ly_hon", "requester.relation": "ban_than"}, nil,
			map[string]string{"divorced_or_widowed": "yes", "representative": "no"}},
		{"stated", nil, map[string]string{"reissue": "yes", "residence_not_found": "unknown", "other": "yes"},
			map[string]string{"reissue": "yes", "residence_not_found": "unknown"}},
		{"the form wins", map[string]any{"subject.status": "chua_ket_hon"}, map[string]string{"divorced_or_widowed": "yes"},
			map[string]string{"divorced_or_widowed": "no"}},
		{"skipped in the form", map[string]any{"subject.status": nil}, nil, map[string]string{}},
		{"nonsense", map[string]any{"subject.status": 7}, map[string]string{"reissue": "perhaps"}, map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := p.FactsFrom(tt.answers, tt.stated)
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
		})
	}
	var open []string
	for _, f := range p.OpenFacts(map[string]string{"reissue": "no"}) {
		open = append(open, f.Key)
	}
	if !slices.Equal(open, []string{"residence_not_found"}) {
		t.Errorf("open facts %v", open)
	}
}

// A person's papers are asked for as pictures only where the law lets them be
// kept; the ID card is shown, never uploaded.
func TestUploads(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, p := range c.Procedures() {
		for i := range p.Requirements {
			r := &p.Requirements[i]
			if r.Key == "identity" && r.Uploads() {
				t.Errorf("%s asks for a picture of the ID card", p.Code)
			}
			if r.Kind == catalog.KindForm && r.Uploads() {
				t.Errorf("%s asks to upload the declaration %s", p.Code, r.Key)
			}
		}
	}
	p, _ := c.Procedure("1.004873")
	var uploads []string
	for _, i := range c.Checklist(p, map[string]string{"divorced_or_widowed": "yes", "reissue": "no", "representative": "no"}) {
		if i.Need != catalog.NotNeeded && i.Requirement.Uploads() {
			uploads = append(uploads, i.Requirement.Key)
		}
	}
	if !slices.Equal(uploads, []string{"divorce_or_death", "residence_proof"}) {
		t.Errorf("uploads %v", uploads)
	}
}

func TestOffices(t *testing.T) {
	t.Parallel()
	c := city(t)
	for _, w := range c.Wards() {
		o, ok := c.OfficeForWard(w.Code)
		if !ok || o.Ward != w || o.Name.Vi == "" || o.Name.En == "" || len(o.Periods) == 0 {
			t.Fatalf("%s: office %+v", w.Code, o)
		}
		if !o.HoursAssumed || o.Address != (catalog.Bilingual{}) {
			t.Errorf("%s: an address or hours that nobody confirmed", w.Code)
		}
	}
	o, _ := c.OfficeForWard("26740")
	if o.Name.Vi != "Trung tâm Phục vụ hành chính công phường Sài Gòn" {
		t.Errorf("name %q", o.Name.Vi)
	}
	if zone, _ := c.OfficeForWard("26732"); zone.Name.Vi != "Trung tâm Phục vụ hành chính công đặc khu Côn Đảo" {
		t.Errorf("name %q", zone.Name.Vi)
	}
	if got := o.HoursText("vi"); got != "07:30–11:30, 13:00–17:00 (thứ Hai–thứ Sáu)" {
		t.Errorf("hours %q", got)
	}
	for at, want := range map[string]bool{
		"2026-03-12 07:30": true, "2026-03-12 11:30": false, "2026-03-12 16:59": true, "2026-03-12 17:00": false,
		"2026-03-14 08:00": false, "2026-11-24 09:00": false, "2026-08-22 09:00": true,
	} {
		if got := o.Opening(moment(t, at)).Open; got != want {
			t.Errorf("%s: open %v, want %v", at, got, want)
		}
	}
	if _, ok := c.OfficeForWard("00000"); ok {
		t.Error("an office of no unit")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := catalog.Load(hcmc.Pack()); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever a form or a core error says has words in both languages.
func TestMessagesOfFormsAndErrors(t *testing.T) {
	t.Parallel()
	m := city(t).Messages()
	keys := form.MessageKeys()
	for _, code := range []core.Code{
		core.CodeInvalid, core.CodeUnauthenticated, core.CodeDenied, core.CodeNotFound, core.CodeDuplicate, core.CodeConflict,
		core.CodeFailedPrecondition, core.CodeRateLimited, core.CodeTooLarge, core.CodeUnsupported, core.CodeUnavailable,
		core.CodeUnimplemented, core.CodeInternal,
	} {
		keys = append(keys, "error."+string(code))
	}
	for _, key := range keys {
		if !m.Has(key) {
			t.Errorf("no message %s", key)
		}
	}
}
