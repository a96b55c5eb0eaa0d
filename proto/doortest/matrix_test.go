package doortest_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
)

// estate is everything one citizen has, for others to reach for.
type estate struct {
	draft, deskDraft, deskPage, code, draftPage, page, handover string
}

// TestNobodyReachesAnothersObjects calls every RPC that names an object with the
// objects of one citizen, as everybody else: nothing of them comes back and
// nothing changes. The owner's own calls, made after, show that the requests were
// good.
func TestNobodyReachesAnothersObjects(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	owner := h.Citizen("0912345678")
	e := estateOf(t, h, owner)
	k := h.Enrol(doortest.WardSaiGon)
	strangersSession := session(t, h, k)
	second := h.Enrol(doortest.WardSaiGon)
	before := state(t, h, e)

	others := map[string]doortest.Header{
		"anonymous":                nil,
		"another citizen":          doortest.Bearer(h.Citizen("0987654321").Access),
		"an unproved citizen":      doortest.Bearer(h.Anonymous().Access),
		"a terminal":               k.Header(""),
		"a terminal with somebody": k.Header(strangersSession),
		"another terminal":         second.Header(strangersSession),
		"an officer elsewhere":     h.Officer(doortest.WardTanDinh),
		"a made-up token":          doortest.Bearer("eyJhbGciOiJub25lIn0.e30."),
		"forged headers":           {"X-User-Id": string(owner.CitizenID), "X-Tenant": doortest.WardSaiGon, "X-Forwarded-User": "admin"},
	}
	calls := 0
	for op, m := range objectRPCs(h.Policy) {
		for name, headers := range others {
			r := h.Post(op, headers, request(t, m, e))
			calls++
			if r.Code != "unauthenticated" && r.Code != "permission_denied" && r.Code != "not_found" {
				t.Errorf("%s as %s: %d %.300s", op, name, r.Status, r.Body)
			}
			for _, secret := range []string{doortest.Name, doortest.PersonalID, "912345678"} {
				if strings.Contains(r.Body, secret) {
					t.Errorf("%s as %s tells %q", op, name, secret)
				}
			}
		}
	}
	if calls < 9*25 {
		t.Fatalf("only %d calls: the matrix lost its rows", calls)
	}
	if after := state(t, h, e); after != before {
		t.Fatalf("somebody changed something:\n%s\n%s", before, after)
	}

	mine := map[string]doortest.Header{
		"motcua.mobile": doortest.Bearer(owner.Access), "motcua.agency": h.Officer(doortest.WardSaiGon),
	}
	for op, m := range objectRPCs(h.Policy) {
		headers, ok := mine[strings.Join(strings.SplitN(strings.TrimPrefix(op, "/"), ".", 3)[:2], ".")]
		if !ok {
			continue // terminals: the kiosk's own tests
		}
		r := h.Post(op, headers, request(t, m, e))
		if r.Code == "unauthenticated" || r.Code == "permission_denied" || r.Code == "not_found" && !strings.HasSuffix(op, "GetResult") {
			t.Errorf("%s by its owner: %d %s", op, r.Status, r.Body)
		}
	}
}

// objectRPCs lists the RPCs whose request names an object. A bearer code is no
// name: whoever has it may use it, and its own tests are elsewhere.
func objectRPCs(p *auth.Policy) map[string]protoreflect.MethodDescriptor {
	out := map[string]protoreflect.MethodDescriptor{}
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				m := s.Methods().Get(j)
				op := "/" + string(s.FullName()) + "/" + string(m.Name())
				row, ok := p.Row(op)
				if !ok || row.Public || row.Cost == auth.CostGuess || string(m.Name()) == "TrackDossier" {
					continue
				}
				for _, name := range []protoreflect.Name{"draft_id", "code", "page_id", "id"} {
					if m.Input().Fields().ByName(name) != nil {
						out[op] = m
					}
				}
			}
		}
		return true
	})
	return out
}

// request fills a request with the objects of e and something valid elsewhere.
func request(t *testing.T, m protoreflect.MethodDescriptor, e estate) map[string]any {
	t.Helper()
	body := map[string]any{}
	op := string(m.FullName())
	for i := range m.Input().Fields().Len() {
		f := m.Input().Fields().Get(i)
		name := f.JSONName()
		switch f.Name() {
		case "draft_id":
			body[name] = e.draft
			if strings.Contains(op, "CounterService") {
				body[name] = e.deskDraft
			}
		case "code":
			if _, both := body["draftId"]; !both { // a oneof of the two
				body[name] = e.code
			}
		case "page_id":
			body[name] = e.draftPage
			if strings.Contains(op, "agency") {
				body[name] = e.page
			}
			if strings.Contains(op, "CounterService") {
				body[name] = e.deskPage
			}
		case "id":
			body[name] = e.handover
		case "key":
			body[name] = "receivingAgency"
		case "answer":
			body[name] = map[string]any{"text": "phường Sài Gòn"}
		case "requirement":
			body[name] = "previous_certificate"
		case "list":
			body[name] = "members"
		case "item":
			body[name] = 1
		case "content":
			body[name] = base64.StdEncoding.EncodeToString(doortest.PDF(3))
		case "declared", "identity_checked":
			body[name] = true
		case "purpose", "advice", "note":
			body[name] = "kiểm tra"
		case "reason":
			body[name] = "missing"
		case "amount":
			body[name] = 8000
		case "number":
			body[name] = 1
		case "receipt":
			body[name] = "BL-0001"
		case "words":
			body[name] = "Sai năm sinh"
		case "due_at":
			body[name] = "2099-01-05T03:00:00Z"
		case "items":
			body[name] = []any{map[string]any{"requirement": "previous_certificate", "reason": "missing"}}
		}
	}
	return body
}

func estateOf(t *testing.T, h *doortest.House, owner auth.Grant) estate {
	t.Helper()
	app := h.App(owner)
	filed := app.File()
	e := estate{code: filed.GetDossier().GetCode(), page: filed.GetDetail().GetPapers()[0].GetPages()[0].GetId()}
	step := app.Start()
	step, _ = doortest.Fill(t, step, app.Answer(step.GetDraftId()))
	e.draft = app.Papers(step).GetDraftId()
	if err := h.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		papers, err := tx.Papers().ByDraft(ctx, core.ID(e.draft))
		if err != nil {
			return err
		}
		e.draftPage = string(papers[0].Pages[0].ID)
		d, err := tx.Dossiers().ByCode(ctx, e.code)
		if err != nil {
			return err
		}
		// The same draft once more, begun at a counter.
		draft, err := tx.Drafts().Get(ctx, core.ID(e.draft))
		if err != nil {
			return err
		}
		draft.ID, draft.CitizenID, draft.Desk = core.NewID(tx.Now()), "", doortest.WardSaiGon
		e.deskDraft = string(draft.ID)
		if err := tx.Drafts().Insert(ctx, draft); err != nil {
			return err
		}
		paper, page := papers[0], papers[0].Pages[0]
		paper.ID, paper.DraftID, page.ID = core.NewID(tx.Now()), draft.ID, core.NewID(tx.Now())
		page.PaperID, page.DraftID, e.deskPage = paper.ID, draft.ID, string(page.ID)
		if err := tx.Papers().Insert(ctx, paper); err != nil {
			return err
		}
		if err := tx.Papers().InsertPage(ctx, page); err != nil {
			return err
		}
		e.handover = string(core.NewID(tx.Now()))
		if err := cosign(ctx, tx, d.ID); err != nil {
			return err
		}
		return tx.Handovers().Insert(ctx, core.Handover{
			ID: core.ID(e.handover), DossierID: d.ID, Office: doortest.WardSaiGon, Reason: "human.asked",
			Context: core.Sealed(doortest.Name + " hỏi về hồ sơ"), CreatedAt: tx.Now(),
		})
	}); err != nil {
		t.Fatal(err)
	}
	return e
}

// cosign has somebody asked to agree to a dossier.
func cosign(ctx context.Context, tx core.Tx, id core.ID) error {
	return tx.Cosigns().Insert(ctx, core.Cosign{
		ID: core.NewID(tx.Now()), DossierID: id, Seq: 1, State: core.CosignPending, Person: core.Sealed(`{"digits":"4821"}`),
	})
}

// state is what must not change.
func state(t *testing.T, h *doortest.House, e estate) string {
	t.Helper()
	var out string
	if err := h.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		draft, err := tx.Drafts().Get(ctx, core.ID(e.draft))
		if err != nil {
			return err
		}
		papers, err := tx.Papers().ByDraft(ctx, draft.ID)
		if err != nil {
			return err
		}
		d, err := tx.Dossiers().ByCode(ctx, e.code)
		if err != nil {
			return err
		}
		audit, err := tx.Audit().ByDossier(ctx, d.ID, 100)
		if err != nil {
			return err
		}
		ho, err := tx.Handovers().Get(ctx, core.ID(e.handover))
		out = doortest.JSON(t, map[string]any{
			"draft": draft.Version, "papers": corePages(papers), "dossier": d.Version, "audit": len(audit), "handover": ho.TakenBy,
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func corePages(papers []core.Paper) (out []string) {
	for _, p := range papers {
		for _, page := range p.Pages {
			out = append(out, string(page.ID)+string(page.State))
		}
	}
	return out
}

func session(t *testing.T, h *doortest.House, k doortest.Terminal) string {
	t.Helper()
	c := kioskv1connect.NewTerminalServiceClient(h.Server.Client(), h.Server.URL, doortest.As(k.Header("")))
	s, err := c.StartSession(t.Context(), &kioskv1.StartSessionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return s.GetSessionId()
}

// Everybody may ask how a dossier stands, and learns no more.
func TestTrackDossierTellsNoPersonalData(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Citizen("0912345678"))
	filed := app.File()
	code := filed.GetDossier().GetCode()
	for name, who := range map[string]doortest.Header{"anonymous": nil, "stranger": doortest.Bearer(h.Anonymous().Access), "applicant": doortest.Bearer(app.Grant.Access)} {
		r := h.Post("/motcua.mobile.v1.DossierService/TrackDossier", who, map[string]any{"code": strings.ToLower(code) + " "})
		if r.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, r.Status, r.Body)
		}
		body := strings.ReplaceAll(r.Body, " ", "")
		for _, want := range []string{`"code":"` + code + `"`, `"state":"submitted"`, `"dueAt":"`, `"meaning":"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in %s", name, want, r.Body)
			}
		}
		// What it is about, where it lies and who has the next move are the owner's.
		for _, own := range []string{"procedureName", "office", "holder"} {
			if told := strings.Contains(body, `"`+own+`":"`) && !strings.Contains(body, `"`+own+`":""`); told != (name == "applicant") {
				t.Errorf("%s: %s is told: %v: %s", name, own, told, r.Body)
			}
		}
		for _, secret := range []string{doortest.Name, doortest.PersonalID, "912345678", filed.GetDetail().GetHash(), "Lê Lợi"} {
			if strings.Contains(r.Body, secret) {
				t.Errorf("%s is told %q", name, secret)
			}
		}
	}
	for _, unknown := range []string{"H29.26740-261102-9999", "xin chào", "0912345678", "XH29.26740-261102-0001'--"} {
		if r := h.Post("/motcua.mobile.v1.DossierService/TrackDossier", nil, map[string]any{"code": unknown}); r.Code != "not_found" {
			t.Errorf("%q: %d %s", unknown, r.Status, r.Body)
		}
	}
}

// Of a confidential dossier a stranger learns the word of its state only.
func TestConfidentialDossiersTellTheStateOnly(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Citizen("0912345678"))
	code := app.File().GetDossier().GetCode()
	if err := h.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Dossiers().ByCode(ctx, code)
		if err != nil {
			return err
		}
		d.Confidential = true
		return tx.Dossiers().Save(ctx, d)
	}); err != nil {
		t.Fatal(err)
	}
	r := h.Post("/motcua.mobile.v1.DossierService/TrackDossier", nil, map[string]any{"code": code})
	if !strings.Contains(r.Body, `"procedureName":""`) || strings.Contains(r.Body, "dueAt") || strings.Contains(r.Body, "meaning") || !strings.Contains(r.Body, `"submitted"`) {
		t.Errorf("a stranger is told %s", r.Body)
	}
	r = h.Post("/motcua.mobile.v1.DossierService/TrackDossier", doortest.Bearer(app.Grant.Access), map[string]any{"code": code})
	if !strings.Contains(r.Body, `"procedureName":"`) || strings.Contains(r.Body, `"procedureName":""`) {
		t.Errorf("the applicant is told only %s", r.Body)
	}
}

// Every audited operation of the agency leaves a row, and the citizen sees it.
func TestAuditedOperationsLeaveARow(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	app := h.App(h.Citizen("0912345678"))
	e := estate{}
	e.code = app.File().GetDossier().GetCode()
	rows := func() int {
		n := 0
		if err := h.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
			d, err := tx.Dossiers().ByCode(ctx, e.code)
			if err != nil {
				return err
			}
			as, err := tx.Audit().ByCitizen(ctx, d.CitizenID, 1000)
			n = len(as)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	desk := agencyv1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	counterDesk := agencyv1connect.NewCounterServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	ctx := t.Context()
	var page string
	do := func(name string, f func() error) {
		t.Helper()
		before := rows()
		if err := f(); err != nil {
			t.Fatalf("%s: %v %v", name, err, doortest.Detail(err))
		}
		if rows() <= before {
			t.Errorf("%s left no audit row", name)
		}
	}
	steps := []struct {
		op string
		f  func() error
	}{
		{"GetDossier", func() error {
			r, err := desk.GetDossier(ctx, &agencyv1.GetDossierRequest{Code: e.code, Purpose: "thẩm định hồ sơ"})
			if err != nil {
				return err
			}
			if !strings.Contains(doortest.JSON(t, r.GetAnswers()), doortest.Name) || len(r.GetCanonical()) == 0 {
				t.Errorf("the officer does not see the answers: %v", r)
			}
			page = r.GetDetail().GetPapers()[0].GetPages()[0].GetId()
			return nil
		}},
		{"OpenPage", func() error {
			r, err := desk.OpenPage(ctx, &agencyv1.OpenPageRequest{Code: e.code, PageId: page, Purpose: "thẩm định hồ sơ"})
			if err == nil && string(r.GetContent()) != string(doortest.Paper(t, 0)) {
				t.Error("the page is not what was sent")
			}
			return err
		}},
		{"ListAccesses", func() error {
			_, err := desk.ListAccesses(ctx, &agencyv1.ListAccessesRequest{Code: e.code})
			return err
		}},
		{"AnswerCosign", func() error {
			if err := h.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
				d, err := tx.Dossiers().ByCode(ctx, e.code)
				if err != nil {
					return err
				}
				return cosign(ctx, tx, d.ID)
			}); err != nil {
				return err
			}
			_, err := desk.AnswerCosign(ctx, &agencyv1.AnswerCosignRequest{Code: e.code, Number: 1, Agreed: true})
			return err
		}},
		{"Accept", func() error {
			_, err := desk.Accept(ctx, &agencyv1.AcceptRequest{Code: e.code, IdentityChecked: true})
			return err
		}},
		{"Start", func() error { _, err := desk.Start(ctx, &agencyv1.StartRequest{Code: e.code}); return err }},
		{"Extend", func() error {
			_, err := desk.Extend(ctx, &agencyv1.ExtendRequest{Code: e.code, Reason: "workload", DueAt: timestamppb.New(h.Clock.Now().AddDate(0, 2, 0))})
			return err
		}},
		{"SendDraft", func() error {
			_, err := desk.SendDraft(ctx, &agencyv1.SendDraftRequest{Code: e.code, Content: doortest.PDF(1)})
			return err
		}},
		{"AnswerDraft", func() error {
			_, err := desk.AnswerDraft(ctx, &agencyv1.AnswerDraftRequest{Code: e.code, Words: "Sai năm sinh"})
			return err
		}},
		{"PauseForFee", func() error {
			_, err := desk.PauseForFee(ctx, &agencyv1.PauseForFeeRequest{Code: e.code, Amount: 8000, Advice: "Nộp tại quầy."})
			return err
		}},
		{"Resume", func() error {
			_, err := desk.Resume(ctx, &agencyv1.ResumeRequest{Code: e.code, Receipt: "BL-0001"})
			return err
		}},
		{"RequestSupplement", func() error {
			_, err := desk.RequestSupplement(ctx, &agencyv1.RequestSupplementRequest{Code: e.code,
				Items: []*corev1.SupplementItem{{Requirement: "previous_certificate", Reason: "unreadable"}}})
			return err
		}},
		{"ScanPage", func() error {
			_, err := counterDesk.ScanPage(ctx, &agencyv1.ScanPageRequest{
				Subject: &agencyv1.ScanPageRequest_Code{Code: e.code}, Requirement: "previous_certificate", Content: doortest.PDF(2),
			})
			return err
		}},
		{"GetReceipt", func() error {
			_, err := counterDesk.GetReceipt(ctx, &agencyv1.GetReceiptRequest{Code: e.code})
			return err
		}},
		{"TakePapers", func() error {
			_, err := counterDesk.TakePapers(ctx, &agencyv1.TakePapersRequest{Code: e.code})
			return err
		}},
		{"Stop", func() error {
			_, err := desk.Stop(ctx, &agencyv1.StopRequest{Code: e.code, Reason: "unanswered", Advice: "Nộp lại hồ sơ mới."})
			return err
		}},
	}
	done := map[string]bool{}
	for _, s := range steps {
		do(s.op, s.f)
		done[s.op] = true
	}
	headers := h.Officer(doortest.WardSaiGon)
	headers["Idempotency-Key"] = "the same"
	again := func() error {
		r := h.Post("/motcua.agency.v1.DossierService/GetDossier", headers, map[string]any{"code": e.code, "purpose": "thẩm định hồ sơ"})
		if r.Status != http.StatusOK {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		return nil
	}
	do("GetDossier with a key", again)
	do("GetDossier with the same key again", again)
	e.code = app.File().GetDossier().GetCode()
	do("Refuse", func() error {
		_, err := desk.Refuse(ctx, &agencyv1.RefuseRequest{Code: e.code, Reason: "wrong_office", Advice: "Nộp tại phường Tân Định."})
		return err
	})
	e.code = app.File().GetDossier().GetCode()
	do("Withdraw", func() error {
		_, err := counterDesk.Withdraw(ctx, &agencyv1.WithdrawRequest{Code: e.code})
		return err
	})
	e.code = app.File().GetDossier().GetCode()
	if _, err := desk.Accept(ctx, &agencyv1.AcceptRequest{Code: e.code, IdentityChecked: true}); err != nil {
		t.Fatal(err)
	}
	do("Complete", func() error {
		_, err := desk.Complete(ctx, &agencyv1.CompleteRequest{Code: e.code, Content: doortest.PDF(1)})
		return err
	})
	do("Return", func() error { _, err := desk.Return(ctx, &agencyv1.ReturnRequest{Code: e.code}); return err })
	e2 := estateOf(t, h, app.Grant)
	queue := agencyv1connect.NewHandoverServiceClient(h.Server.Client(), h.Server.URL, doortest.As(h.Officer(doortest.WardSaiGon)))
	do("TakeHandover", func() error {
		r, err := queue.TakeHandover(ctx, &agencyv1.TakeHandoverRequest{Id: e2.handover})
		if err == nil && !strings.Contains(r.GetHandover().GetSaid(), doortest.Name) {
			t.Error("who took it does not see what was said")
		}
		return err
	})
	list, err := queue.ListHandovers(ctx, &agencyv1.ListHandoversRequest{})
	if err != nil || len(list.GetHandovers()) != 1 || strings.Contains(doortest.JSON(t, list), doortest.Name) {
		t.Errorf("the queue: %v %v", list, err)
	}
	for _, op := range []string{"Refuse", "Complete", "Return", "TakeHandover", "Withdraw", "SubmitFiling"} {
		done[op] = true
	}
	for _, op := range h.Policy.Ops() {
		if row, _ := h.Policy.Row(op); row.Audited && !done[op[strings.LastIndexByte(op, '/')+1:]] {
			t.Errorf("%s is audited and this test does not call it", op)
		}
	}
}
