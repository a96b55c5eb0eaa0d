package doortest_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/proto/doortest"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// doors asks for a checklist in the app and at a terminal.
func doors(t *testing.T, h *doortest.House) map[string]func(code string, s *corev1.Situation, ward string) (*corev1.Checklist, error) {
	t.Helper()
	client, url := h.Server.Client(), h.Server.URL
	app := mobilev1connect.NewCatalogServiceClient(client, url)
	desk := kioskv1connect.NewLookUpServiceClient(client, url, doortest.As(h.Enrol(doortest.WardSaiGon).Header("")))
	return map[string]func(string, *corev1.Situation, string) (*corev1.Checklist, error){
		"app": func(code string, s *corev1.Situation, ward string) (*corev1.Checklist, error) {
			r, err := app.GetChecklist(t.Context(), &mobilev1.GetChecklistRequest{ProcedureCode: code, Situation: s, WardCode: ward})
			return r.GetChecklist(), err
		},
		"terminal": func(code string, s *corev1.Situation, ward string) (*corev1.Checklist, error) {
			r, err := desk.GetChecklist(t.Context(), &kioskv1.GetChecklistRequest{ProcedureCode: code, Situation: s, WardCode: ward})
			return r.GetChecklist(), err
		},
	}
}

// Every household of the table is told its papers by the app and by a terminal.
func TestHouseholdsAtTheDoors(t *testing.T) {
	t.Parallel()
	households := coretest.Households(t, "../../core/catalog/testdata/checklists.tsv")
	// A few houses: one address may look up only so often.
	for from := 0; from < len(households); from += 20 {
		some := households[from:min(from+20, len(households))]
		t.Run(some[0].Procedure, func(t *testing.T) {
			t.Parallel()
			h := doortest.New(t)
			told := map[string][]*corev1.Checklist{}
			for name, ask := range doors(t, h) {
				for _, home := range some {
					l := interview(t, func(s *corev1.Situation) (*corev1.Checklist, error) { return ask(home.Procedure, s, "") }, home)
					got := map[string]string{}
					for _, item := range l.GetItems() {
						got[item.GetRequirement().GetKey()] = item.GetRequirement().GetNeed()
					}
					if diff := cmp.Diff(home.Papers, got); diff != "" {
						t.Errorf("%s, %s, %s (-by hand +told):\n%s", name, home.Procedure, home.Name, diff)
					}
					told[name] = append(told[name], l)
				}
			}
			for i, l := range told["app"] {
				if !proto.Equal(l, told["terminal"][i]) {
					t.Errorf("%s, %s: the app and the terminal differ", some[i].Procedure, some[i].Name)
				}
			}
		})
	}
}

// interview answers what is asked as a household would, then states its special
// cases.
func interview(t *testing.T, ask func(*corev1.Situation) (*corev1.Checklist, error), home coretest.Household) *corev1.Checklist {
	t.Helper()
	s := &corev1.Situation{Facts: map[string]string{}}
	next := func() *corev1.Checklist {
		l, err := ask(s)
		if err != nil {
			t.Fatalf("%s: %v %v", home.Procedure, err, doortest.Detail(err))
		}
		return l
	}
	l := next()
	asked := 0
	for ; l.GetQuestion() != nil; l = next() {
		if asked++; asked > 3 {
			t.Fatalf("%s asks %s as well", home.Procedure, l.GetQuestion().GetKey())
		}
		key := l.GetQuestion().GetKey()
		if s.Facts[key] = home.Facts[key]; s.Facts[key] == "" {
			s.Facts[key] = "unknown"
		}
	}
	for more := true; more; {
		more = false
		for _, f := range l.GetSpecial() {
			if v := home.Facts[f.GetKey()]; v != "" {
				s.Facts[f.GetKey()], more = v, true
			}
		}
		if more {
			l = next()
		}
	}
	return l
}

// The fee and the days come with the list, and bad input is refused for its field.
func TestChecklistDays(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	for name, ask := range doors(t, h) {
		l, err := ask("1.001193", &corev1.Situation{Day: "2026-01-01"}, doortest.WardSaiGon)
		if err != nil {
			t.Fatalf("%s: %v %v", name, err, doortest.Detail(err))
		}
		if l.GetExpectedAt() == nil || l.GetFee().GetText() == "" || l.GetWay() != "online" || len(l.GetEligible()) == 0 || l.GetName() == "" {
			t.Errorf("%s: %s", name, doortest.JSON(t, l))
		}
		w := l.GetWindow()
		if w.GetValue() != 60 || w.GetUnit() != "day" || w.GetText() == "" || w.GetQuestion() == "" || w.GetLate() == "" || w.GetLateProcedure() != "1.004772" {
			t.Errorf("%s: window %s", name, doortest.JSON(t, w))
		}
		if got := l.GetLastDay().AsTime().Format("2006-01-02"); got != "2026-03-02" || l.GetLateDays() <= 0 {
			t.Errorf("%s: last day %s, late %d", name, got, l.GetLateDays())
		}
		for _, item := range l.GetItems() {
			if item.GetRequirement().GetKey() == "birth_notice" && len(item.GetReplacedBy()) != 1 {
				t.Errorf("%s: replaced by %q", name, item.GetReplacedBy())
			}
		}
		for field, s := range map[string]*corev1.Situation{
			"day":          {Day: "2999-01-01"},
			"fact.nothing": {Facts: map[string]string{"nothing": "yes"}},
		} {
			_, err := ask("1.001193", s, "")
			if d := doortest.Detail(err); d.GetCode() != "invalid" || len(d.GetFields()) != 1 || d.GetFields()[0].GetField() != field {
				t.Errorf("%s: %s gives %v, detail %v", name, field, err, d)
			}
		}
		for what, r := range map[string]struct{ code, ward string }{"procedure": {"9.999999", ""}, "ward": {"1.001193", "99999"}} {
			if _, err := ask(r.code, nil, r.ward); doortest.Detail(err).GetCode() != "not_found" {
				t.Errorf("%s: a %s that is not there: %v", name, what, err)
			}
		}
	}
}

// What was said for the checklist is not asked by the draft.
func TestDraftStartsWithWhatWasSaid(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Anonymous())
	said := &corev1.Situation{Facts: map[string]string{"reissue": "no", "representative": "yes", "residence_not_found": "unknown"}}
	r, err := app.Dossiers.StartDossier(t.Context(), &mobilev1.StartDossierRequest{ProcedureCode: doortest.MaritalStatus, Situation: said})
	if err != nil {
		t.Fatalf("%v %v", err, doortest.Detail(err))
	}
	_, asked := doortest.Fill(t, r.GetStep(), app.Answer(r.GetStep().GetDraftId()))
	for _, key := range []string{"fact.reissue", "fact.residence_not_found"} {
		if slices.Contains(asked, key) {
			t.Errorf("%s is asked again", key)
		}
	}
	_, err = app.Dossiers.StartDossier(t.Context(), &mobilev1.StartDossierRequest{
		ProcedureCode: doortest.MaritalStatus, Situation: &corev1.Situation{Facts: map[string]string{"nothing": "no"}},
	})
	if d := doortest.Detail(err); d.GetCode() != "invalid" {
		t.Errorf("an unknown fact: %v", err)
	}
}
