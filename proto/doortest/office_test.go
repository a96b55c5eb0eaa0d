package doortest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// An office says when it opens or closes next, who waits once an officer has said
// so, what is done there and who deals with a procedure: the same in the app and at
// a terminal.
func TestOffice(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	app := mobilev1connect.NewCatalogServiceClient(h.Server.Client(), h.Server.URL)
	k := h.Enrol(doortest.WardSaiGon)
	now := time.Date(2026, 11, 27, 9, 40, 0, 0, core.City)
	h.Clock.Set(now)
	terminal := kioskv1connect.NewLookUpServiceClient(h.Server.Client(), h.Server.URL, doortest.As(k.Header("")))
	desk := func(office string) agencyv1connect.CounterServiceClient {
		return agencyv1connect.NewCounterServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(office)))
	}

	first, err := app.FindOffice(ctx, &mobilev1.FindOfficeRequest{WardCode: doortest.WardSaiGon, ProcedureCode: "1.001193"})
	if err != nil {
		t.Fatal(err)
	}
	o := first.GetOffice()
	if !o.GetOpen() || !o.GetChangesAt().AsTime().Equal(now.Add(110*time.Minute)) || o.GetOpening() != "Đang mở cửa đến 11:30." || !o.GetHoursAssumed() {
		t.Errorf("opening: %v", o)
	}
	if o.GetQueue() != nil || len(o.GetHandled()) < 10 || o.GetHandled()[0].GetCount() < o.GetHandled()[9].GetCount() {
		t.Errorf("queue %v, handled %v", o.GetQueue(), o.GetHandled())
	}
	if c := o.GetCompetence(); !c.GetBoundaryFree() || c.GetIntake() != "anywhere" || c.GetCounter() == "" || c.GetCityCentreAddress() == "" ||
		!strings.Contains(c.GetText(), "Phường, xã nào cũng nhận") {
		t.Errorf("competence: %v", c)
	}

	for name, row := range map[string]struct {
		office string
		r      *agencyv1.ReportQueueRequest
		code   connect.Code
	}{
		"too many":              {doortest.WardSaiGon, &agencyv1.ReportQueueRequest{Waiting: 1000}, connect.CodeInvalidArgument},
		"fewer than none":       {doortest.WardSaiGon, &agencyv1.ReportQueueRequest{Waiting: -1}, connect.CodeInvalidArgument},
		"counters":              {doortest.WardSaiGon, &agencyv1.ReportQueueRequest{CountersOpen: 1000}, connect.CodeInvalidArgument},
		"no ward's code":        {doortest.WardSaiGon, &agencyv1.ReportQueueRequest{Office: "x"}, connect.CodeInvalidArgument},
		"another office":        {doortest.WardTanDinh, &agencyv1.ReportQueueRequest{Waiting: 3, Office: doortest.WardSaiGon}, connect.CodeNotFound},
		"the city names none":   {"*", &agencyv1.ReportQueueRequest{Waiting: 3}, connect.CodeNotFound},
		"the city names no one": {"*", &agencyv1.ReportQueueRequest{Waiting: 3, Office: "00000"}, connect.CodeNotFound},
	} {
		if _, err := desk(row.office).ReportQueue(ctx, row.r); connect.CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %v", name, err, row.code)
		}
	}
	if r := h.Post("/motcua.agency.v1.CounterService/ReportQueue", nil, map[string]any{"waiting": 1}); r.Code != "unauthenticated" {
		t.Errorf("anybody reports a queue: %d %s", r.Status, r.Body)
	}
	said, err := desk(doortest.WardSaiGon).ReportQueue(ctx, &agencyv1.ReportQueueRequest{Waiting: 7, CountersOpen: 3})
	if err != nil || !said.GetUntil().AsTime().Equal(now.Add(30*time.Minute)) {
		t.Fatalf("%v %v", said, err)
	}
	if _, err := desk("*").ReportQueue(ctx, &agencyv1.ReportQueueRequest{Waiting: 0, Office: doortest.WardTanDinh}); err != nil {
		t.Error(err)
	}
	there, err := terminal.FindOffice(ctx, &kioskv1.FindOfficeRequest{WardCode: doortest.WardSaiGon, Locale: "en", ProcedureCode: "1.004194"})
	if err != nil {
		t.Fatal(err)
	}
	q := there.GetOffice().GetQueue()
	if q.GetWaiting() != 7 || q.GetCountersOpen() != 3 || !q.GetAsOf().AsTime().Equal(now) || there.GetOffice().GetOpening() != "Open until 11:30." {
		t.Errorf("at the terminal: %v", there.GetOffice())
	}
	if c := there.GetOffice().GetCompetence(); c.GetIntake() != "police" || c.GetBoundaryFree() || !strings.Contains(c.GetCounter(), "Police") {
		t.Errorf("competence at the terminal: %v", c)
	}
	other, err := app.FindOffice(ctx, &mobilev1.FindOfficeRequest{WardCode: doortest.WardTanDinh})
	if err != nil || other.GetOffice().GetQueue() == nil || other.GetOffice().GetQueue().GetWaiting() != 0 || other.GetOffice().GetCompetence() != nil {
		t.Errorf("nobody waits: %v %v", other, err)
	}
	h.Clock.Set(time.Date(2026, 11, 27, 17, 0, 0, 0, core.City))
	closed, err := app.FindOffice(ctx, &mobilev1.FindOfficeRequest{WardCode: doortest.WardTanDinh})
	if err != nil || closed.GetOffice().GetOpen() || closed.GetOffice().GetQueue() != nil ||
		!closed.GetOffice().GetChangesAt().AsTime().Equal(time.Date(2026, 11, 30, 7, 30, 0, 0, core.City)) {
		t.Errorf("closed: %v %v", closed, err)
	}
	if _, err := app.FindOffice(ctx, &mobilev1.FindOfficeRequest{WardCode: doortest.WardTanDinh, ProcedureCode: "9.999999"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("a procedure that does not exist: %v", err)
	}
}

// A code is answered however it comes: typed, scanned, in a sentence, with slips;
// in the app and at a terminal, at once. The history is the applicant's, in the
// words of the status.
func TestCodesAsTheyCome(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Citizen("0912345678"))
	code := app.File().GetDossier().GetCode()
	k := h.Enrol(doortest.WardSaiGon)
	full := strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, code)
	for _, typed := range []string{
		code, strings.ToLower(code), "https://motcua.example/s/" + code, "cho hỏi hồ sơ " + code + " tới đâu rồi", full,
		strings.NewReplacer("-", " ", ".", " ").Replace(code), strings.Replace(code, "-", "-\n", 1), strings.ReplaceAll(code, "0", "O"),
		strings.Replace(code, ".", "", 1), code + "'--",
	} {
		for op, headers := range map[string]doortest.Header{
			"/motcua.mobile.v1.DossierService/TrackDossier": nil, "/motcua.kiosk.v1.LookUpService/TrackDossier": k.Header(""),
		} {
			r := h.Post(op, headers, map[string]any{"code": typed})
			if r.Status != http.StatusOK || !strings.Contains(r.Body, code) || !strings.Contains(r.Body, "Phường đã nhận hồ sơ bạn gửi") {
				t.Errorf("%s %q: %d %s", op, typed, r.Status, r.Body)
			}
			if strings.Contains(r.Body, "timeline") {
				t.Errorf("the code alone tells the history: %s", r.Body)
			}
		}
	}
	r := h.Post("/motcua.mobile.v1.DossierService/GetDossier", doortest.Bearer(app.Grant.Access), map[string]any{"code": code})
	if !strings.Contains(strings.ReplaceAll(r.Body, " ", ""), `"label":"Đãnộp"`) {
		t.Errorf("the history has no words: %s", r.Body)
	}
	if r := h.Post("/motcua.mobile.v1.DossierService/TrackDossier", nil, map[string]any{"code": strings.Repeat("H29.", 100)}); r.Code != "invalid_argument" {
		t.Errorf("oversize: %d %s", r.Status, r.Body)
	}
}
