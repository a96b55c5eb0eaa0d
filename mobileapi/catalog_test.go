package mobileapi_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/proto/doortest"
)

const catalogService = "/motcua.mobile.v1.CatalogService/"

// The shapes that other programs rely on.
func TestLookUpShapes(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	var search struct {
		Procedures []map[string]any `json:"procedures"`
	}
	ask := func(method string, body map[string]any, into any) {
		t.Helper()
		r := h.Post(catalogService+method, nil, body)
		if err := json.Unmarshal([]byte(r.Body), into); err != nil || r.Status != 200 {
			t.Fatalf("%s: %d %s", method, r.Status, r.Body)
		}
	}
	ask("SearchProcedures", map[string]any{"query": "khai sinh cho con", "locale": "vi", "limit": 3}, &search)
	if len(search.Procedures) == 0 || len(search.Procedures) > 3 || search.Procedures[0]["code"] != "1.001193" {
		t.Fatalf("search: %v", search)
	}
	if got := slices.Sorted(maps.Keys(search.Procedures[0])); !slices.Equal(got, []string{"code", "name", "score", "summary"}) {
		t.Errorf("a hit has %q", got)
	}
	if score := search.Procedures[0]["score"].(float64); score <= 0 || score > 1 {
		t.Errorf("score %v", score)
	}
	search.Procedures = nil
	ask("SearchProcedures", map[string]any{"query": "xyzzy qwrt"}, &search)
	if len(search.Procedures) != 0 {
		t.Errorf("nothing fits, and yet %v", search.Procedures)
	}
	var places struct {
		Places []map[string]any `json:"places"`
	}
	ask("ResolvePlace", map[string]any{"query": "Bến Nghé, Quận 1"}, &places)
	if len(places.Places) != 1 || places.Places[0]["code"] != doortest.WardSaiGon || !strings.Contains(places.Places[0]["matched"].(string), "Bến Nghé") {
		t.Errorf("places: %v", places)
	}
	var one struct {
		Procedure map[string]any `json:"procedure"`
	}
	ask("GetProcedure", map[string]any{"code": "1.004873.000.00.00.H29", "locale": "en"}, &one)
	if one.Procedure["code"] != doortest.MaritalStatus || one.Procedure["requirements"] == nil {
		t.Errorf("procedure: %v", one)
	}
	vi := one.Procedure["name"]
	ask("GetProcedure", map[string]any{"code": doortest.MaritalStatus, "locale": "vi"}, &one)
	if one.Procedure["name"] == vi {
		t.Error("the name is the same in both languages")
	}
	for method, body := range map[string]map[string]any{
		"GetProcedure": {"code": "9.999999"}, "FindOffice": {"wardCode": "99999"},
	} {
		if r := h.Post(catalogService+method, nil, body); r.Code != "not_found" {
			t.Errorf("%s of nothing: %d %s", method, r.Status, r.Body)
		}
	}
	for method, body := range map[string]map[string]any{
		"SearchProcedures": {"query": "x", "limit": 101}, "GetProcedure": {"code": ""}, "ResolvePlace": {"query": strings.Repeat("a", 201)},
		"FindOffice": {"wardCode": "26740'--"},
	} {
		if r := h.Post(catalogService+method, nil, body); r.Code != "invalid_argument" {
			t.Errorf("%s with bad input: %d %s", method, r.Status, r.Body)
		}
	}
}

// What a field cannot take is told for that field, and nothing is stored.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Anonymous())
	step := app.Start()
	answer := app.Answer(step.GetDraftId())
	for name, err := range map[string]error{
		"unknown field": second(answer("no.such.field", doortest.Text("x"))),
		"hidden key":    second(answer("fact.nothing", doortest.Text("yes"))),
		"wrong place":   second(answer("receivingAgency", doortest.Text("Paris"))),
		"wrong value":   second(answer("receivingAgency", doortest.Value("00000"))),
		"empty":         second(answer("requester.fullName", doortest.Text(""))),
		"digits":        second(answer("requester.fullName", doortest.Text("12345"))),
	} {
		d := doortest.Detail(err)
		if d.GetCode() != "invalid" || d.GetMessage() == "" || len(d.GetFields()) == 0 {
			t.Errorf("%s: %v, detail %v", name, err, d)
		}
	}
	_, doubt, err := answer("receivingAgency", doortest.Text("Bến Nghé, Quận 1"))
	if err != nil || len(doubt.GetCandidates()) != 1 || doubt.GetMessage() == "" {
		t.Errorf("an old ward: %v, %v", doubt, err)
	}
	list := h.Post("/motcua.mobile.v1.FormService/NextQuestion", doortest.Bearer(app.Grant.Access), map[string]any{"draftId": step.GetDraftId()})
	if !strings.Contains(list.Body, `"receivingAgency"`) || !strings.Contains(list.Body, `"answered":0`) {
		t.Errorf("something was stored: %s", list.Body)
	}
}

func second[A, B any](_ A, _ B, err error) error { return err }
