package mobileapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
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

// The words of an error carry their figures: how many digits were written, what a
// rule of the form asks for. No sentence is left with a hole.
func TestErrorsAreWhole(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Anonymous())
	step := app.Start()
	_, _, err := app.Answer(step.GetDraftId())("requester.personalId", doortest.Text("079"))
	d := doortest.Detail(err)
	if len(d.GetFields()) != 1 || d.GetMessage() != d.GetFields()[0].GetMessage() || !strings.Contains(d.GetMessage(), "bạn ghi 3 chữ số") {
		t.Errorf("three digits: %v", d)
	}

	me := doortest.Bearer(app.Grant.Access)
	const service = "/motcua.mobile.v1.DossierService/"
	started := h.Post(service+"StartDossier", me, map[string]any{"procedureCode": "VN-HCM-khai-trinh-lao-dong"})
	var draft struct{ DraftID string }
	if err := json.Unmarshal([]byte(started.Body), &draft); err != nil || draft.DraftID == "" {
		t.Fatalf("%v %s", err, started.Body)
	}
	h.Post(service+"AnswerQuestion", me, map[string]any{"draftId": draft.DraftID, "key": "employer.taxCode", "answer": map[string]any{"text": "12"}})
	for lang, want := range map[string]string{"vi": "Mã số thuế có 10 số", "en": "A tax code has 10 digits"} {
		headers := doortest.Header{"Accept-Language": lang}
		for k, v := range me {
			headers[k] = v
		}
		r := h.Post(service+"SubmitDossier", headers, map[string]any{"draftId": draft.DraftID, "declared": true})
		if r.Status == http.StatusOK || !strings.Contains(r.Body, want) {
			t.Errorf("%s: a broken rule is not told: %d %s", lang, r.Status, r.Body)
		}
	}
}

// Somebody else's dossier and one that does not exist are told apart by nothing.
func TestAnothersDossierIsUnknown(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	code := h.App(h.Citizen("0912345678")).File().GetDossier().GetCode()
	const nobodys = "H29.26740-261102-9942"
	me := doortest.Bearer(h.Citizen("0987654321").Access)
	for _, method := range []string{"GetDossier", "WithdrawDossier", "GetResult"} {
		other := h.Post("/motcua.mobile.v1.DossierService/"+method, me, map[string]any{"code": code})
		none := h.Post("/motcua.mobile.v1.DossierService/"+method, me, map[string]any{"code": nobodys})
		told, asked := detail(t, other), detail(t, none)
		if other.Status != none.Status || !strings.Contains(told, code) || strings.ReplaceAll(told, code, nobodys) != asked {
			t.Errorf("%s:\n%s\n%s", method, told, asked)
		}
	}
}

// detail gives the words of an error.
func detail(t *testing.T, r doortest.Reply) string {
	t.Helper()
	var body struct {
		Details []struct{ Debug struct{ Message string } }
	}
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil || len(body.Details) == 0 {
		t.Fatalf("%v %s", err, r.Body)
	}
	return body.Details[0].Debug.Message
}

func second[A, B any](_ A, _ B, err error) error { return err }

// A fact is read as it is typed in a conversation, and asked back when it is unclear.
func TestTypedFact(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Anonymous())
	answer := app.Answer(app.Start().GetDraftId())
	for _, typed := range []string{"chưa", "2", "Không rõ", "co", "yes"} {
		if _, doubt, err := answer("fact.reissue", doortest.Text(typed)); err != nil || doubt != nil {
			t.Errorf("%q: %v, %v", typed, doubt, err)
		}
	}
	if _, doubt, err := answer("fact.reissue", doortest.Text("dung")); err != nil || len(doubt.GetCandidates()) != 2 {
		t.Errorf("dung: %v, %v", doubt, err)
	}
	for _, typed := range []string{"4", "hai ba trưng"} {
		if d := doortest.Detail(second(answer("fact.reissue", doortest.Text(typed)))); len(d.GetFields()) != 1 || d.GetFields()[0].GetField() != "fact.reissue" {
			t.Errorf("%q: %v", typed, d)
		}
	}
}

// A query for what is not served says so, and who would rather choose than type
// gets procedures by topic.
func TestElsewhereAndTopics(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ask := func(method string, body map[string]any, into any) {
		t.Helper()
		r := h.Post(catalogService+method, nil, body)
		if err := json.Unmarshal([]byte(r.Body), into); err != nil || r.Status != 200 {
			t.Fatalf("%s: %d %s", method, r.Status, r.Body)
		}
	}
	var search struct {
		Procedures []map[string]any  `json:"procedures"`
		Sure       bool              `json:"sure"`
		Elsewhere  map[string]string `json:"elsewhere"`
	}
	ask("SearchProcedures", map[string]any{"query": "dang ky xe may", "locale": "vi"}, &search)
	if len(search.Procedures) != 0 || search.Elsewhere["name"] == "" || !strings.Contains(search.Elsewhere["advice"], "1022") {
		t.Errorf("what is not served is answered %v", search)
	}
	search.Elsewhere = nil
	ask("SearchProcedures", map[string]any{"query": "làm giấy khai sinh", "locale": "vi"}, &search)
	if !search.Sure || search.Elsewhere != nil {
		t.Errorf("what is named outright is answered %v", search)
	}
	var list struct {
		Topics []struct {
			Key, Name  string
			Procedures []map[string]any
		} `json:"topics"`
	}
	ask("ListTopics", map[string]any{"locale": "en"}, &list)
	if len(list.Topics) == 0 {
		t.Fatal("no topic")
	}
	for _, topic := range list.Topics {
		if topic.Key == "" || topic.Name == "" || len(topic.Procedures) == 0 || topic.Procedures[0]["name"] == "" {
			t.Errorf("topic %+v", topic)
		}
	}
}
