package kiosk_test

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

const phone = "0912345678"

// desk is a terminal in a citizen's session.
type desk struct {
	t       *testing.T
	session string
	term    kioskv1connect.TerminalServiceClient
	look    kioskv1connect.LookUpServiceClient
	app     kioskv1connect.ApplicationServiceClient
}

// begin starts a session at a terminal. Headers are signed once, so a desk is
// good for a minute of the clock.
func begin(t *testing.T, h *doortest.House, k doortest.Terminal) desk {
	t.Helper()
	s, err := kioskv1connect.NewTerminalServiceClient(h.Server.Client(), h.Server.URL, doortest.As(k.Header(""))).
		StartSession(t.Context(), &kioskv1.StartSessionRequest{Locale: "vi"})
	if err != nil {
		t.Fatal(err)
	}
	return resume(t, h, k, s.GetSessionId())
}

func resume(t *testing.T, h *doortest.House, k doortest.Terminal, session string) desk {
	t.Helper()
	as := doortest.As(k.Header(session))
	return desk{
		t: t, session: session,
		term: kioskv1connect.NewTerminalServiceClient(h.Server.Client(), h.Server.URL, as),
		look: kioskv1connect.NewLookUpServiceClient(h.Server.Client(), h.Server.URL, as),
		app:  kioskv1connect.NewApplicationServiceClient(h.Server.Client(), h.Server.URL, as),
	}
}

func (d desk) answer(draft string) func(string, *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
	return func(key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
		r, err := d.app.AnswerQuestion(d.t.Context(), &kioskv1.AnswerQuestionRequest{DraftId: draft, Key: key, Answer: a})
		return r.GetStep(), r.GetDoubt(), err
	}
}

func (d desk) start() *corev1.Step {
	d.t.Helper()
	r, err := d.app.StartDossier(d.t.Context(), &kioskv1.StartDossierRequest{ProcedureCode: doortest.MaritalStatus})
	if err != nil {
		d.t.Fatalf("start: %v %v", err, doortest.Detail(err))
	}
	return r.GetStep()
}

func (d desk) scan(step *corev1.Step) *corev1.Step {
	d.t.Helper()
	for i := 0; step.GetQuestion().GetKind() == "paper"; i++ {
		requirement := step.GetQuestion().GetRequirement()
		if _, err := d.app.ScanPage(d.t.Context(), &kioskv1.ScanPageRequest{
			Subject: &kioskv1.ScanPageRequest_DraftId{DraftId: step.GetDraftId()}, Requirement: requirement, Content: doortest.Paper(d.t, i),
		}); err != nil {
			d.t.Fatalf("scan: %v %v", err, doortest.Detail(err))
		}
		r, err := d.app.AttachPaper(d.t.Context(), &kioskv1.AttachPaperRequest{DraftId: step.GetDraftId(), Requirement: requirement})
		if err != nil {
			d.t.Fatalf("attach: %v %v", err, doortest.Detail(err))
		}
		step = r.GetStep()
	}
	return step
}

func (d desk) prove(h *doortest.House) {
	d.t.Helper()
	ch, err := d.term.RequestCode(d.t.Context(), &kioskv1.RequestCodeRequest{Phone: phone})
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := d.term.VerifyCode(d.t.Context(), &kioskv1.VerifyCodeRequest{ChallengeId: ch.GetChallengeId(), Code: h.Code(core.ID(ch.GetChallengeId()))})
	if err != nil || v.GetAssurance() != 1 {
		d.t.Fatalf("VerifyCode: %v %v", v, err)
	}
}

// The same person with the same facts and papers files the same bytes at the
// kiosk and in the app.
func TestSameDossierAsInTheApp(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	d := begin(t, h, h.Enrol(doortest.WardSaiGon))
	d.prove(h)
	step := d.start()
	step, _ = doortest.Fill(t, step, d.answer(step.GetDraftId()))
	step = d.scan(step)
	if !step.GetComplete() {
		t.Fatalf("not complete: %v", step)
	}
	r, err := d.app.SubmitDossier(t.Context(), &kioskv1.SubmitDossierRequest{DraftId: step.GetDraftId(), Declared: true})
	if err != nil {
		t.Fatalf("submit: %v %v", err, doortest.Detail(err))
	}
	h.Clock.Add(11 * time.Second)
	app := h.App(h.Citizen(phone)).File()
	if a, b := r.GetDetail().GetHash(), app.GetDetail().GetHash(); a != b || len(a) != 64 {
		t.Fatalf("hash at the kiosk %s, in the app %s", a, b)
	}
	if r.GetDossier().GetCode() == app.GetDossier().GetCode() {
		t.Fatal("two dossiers have one code")
	}
}

// After the end of a session nothing of its citizen can be read or changed
// through the terminal: not with the old session, not with the next one.
func TestNothingIsLeftForTheNextPerson(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *doortest.House, k doortest.Terminal, d desk){
		"ended": func(_ *doortest.House, _ doortest.Terminal, d desk) {
			if _, err := d.term.EndSession(d.t.Context(), &kioskv1.EndSessionRequest{}); err != nil {
				d.t.Fatal(err)
			}
		},
		"idle": func(h *doortest.House, _ doortest.Terminal, _ desk) { h.Clock.Add(65 * time.Second) },
		"next": func(h *doortest.House, k doortest.Terminal, d desk) { begin(d.t, h, k) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := doortest.New(t)
			k := h.Enrol(doortest.WardSaiGon)
			d := begin(t, h, k)
			d.prove(h)
			step := d.start()
			step, _ = doortest.Fill(t, step, d.answer(step.GetDraftId()))
			step = d.scan(step)
			draft := step.GetDraftId()
			review, err := d.app.ReviewDossier(t.Context(), &kioskv1.ReviewDossierRequest{DraftId: draft})
			if err != nil || !strings.Contains(doortest.JSON(t, review), doortest.Name) {
				t.Fatalf("the citizen cannot see the summary, so its absence later proves nothing: %v", err)
			}
			page := review.GetPapers()[0].GetPages()[0].GetId()

			end(h, k, d)
			old, next := resume(t, h, k, d.session), begin(t, h, k)
			for who, c := range map[string]struct {
				desk
				want connect.Code
			}{"old": {old, connect.CodeUnauthenticated}, "next": {next, connect.CodeNotFound}} {
				for what, err := range reach(c.desk, draft, page) {
					if connect.CodeOf(err) != c.want {
						t.Errorf("%s session, %s: %v, want %v", who, what, err, c.want)
					}
				}
			}
			if _, err := old.term.Touch(t.Context(), &kioskv1.TouchRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
				t.Errorf("the old session can be woken: %v", err)
			}
		})
	}
}

// reach tries everything that names a draft or page.
func reach(d desk, draft, page string) map[string]error {
	ctx, out := d.t.Context(), map[string]error{}
	_, out["NextQuestion"] = d.app.NextQuestion(ctx, &kioskv1.NextQuestionRequest{DraftId: draft})
	_, out["ReviewDossier"] = d.app.ReviewDossier(ctx, &kioskv1.ReviewDossierRequest{DraftId: draft})
	_, out["AnswerQuestion"] = d.app.AnswerQuestion(ctx, &kioskv1.AnswerQuestionRequest{DraftId: draft, Key: "requester.fullName", Answer: doortest.Text("Lê Văn Tám")})
	_, out["RemoveItem"] = d.app.RemoveItem(ctx, &kioskv1.RemoveItemRequest{DraftId: draft, List: "members", Item: 1})
	_, out["AttachPaper"] = d.app.AttachPaper(ctx, &kioskv1.AttachPaperRequest{DraftId: draft, Requirement: "previous_certificate"})
	_, out["ScanPage"] = d.app.ScanPage(ctx, &kioskv1.ScanPageRequest{Subject: &kioskv1.ScanPageRequest_DraftId{DraftId: draft}, Requirement: "previous_certificate", Content: doortest.PDF(1)})
	_, out["RemovePage"] = d.app.RemovePage(ctx, &kioskv1.RemovePageRequest{PageId: page})
	_, out["SubmitDossier"] = d.app.SubmitDossier(ctx, &kioskv1.SubmitDossierRequest{DraftId: draft, Declared: true})
	_, out["CreateHandOff"] = d.app.CreateHandOff(ctx, &kioskv1.CreateHandOffRequest{DraftId: draft})
	return out
}

// reach must try every RPC that names a draft or page.
func TestReachIsWhole(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	tried := reach(begin(t, h, h.Enrol(doortest.WardSaiGon)), string(core.NewID(h.Clock.Now())), string(core.NewID(h.Clock.Now())))
	methods := kioskv1.File_motcua_kiosk_v1_application_proto.Services().ByName("ApplicationService").Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		names := func(f protoreflect.Name) bool { return m.Input().Fields().ByName(f) != nil }
		if _, ok := tried[string(m.Name())]; !ok && (names("draft_id") || names("page_id")) {
			t.Errorf("%s is not tried", m.Name())
		}
	}
}

// What is begun in the app is finished at the kiosk and handed back, with no
// question asked twice.
func TestAppToKioskAndBack(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	app := h.App(h.Citizen(phone))
	step := app.Start()
	first := step.GetQuestion().GetKey()
	next, _, err := app.Answer(step.GetDraftId())(first, doortest.Value(doortest.WardSaiGon))
	if err != nil {
		t.Fatalf("%v %v", err, doortest.Detail(err))
	}
	ho, err := app.Sessions.CreateHandOff(ctx, &mobilev1.CreateHandOffRequest{DraftId: step.GetDraftId()})
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, h, h.Enrol(doortest.WardSaiGon))
	taken, err := d.app.RedeemHandOff(ctx, &kioskv1.RedeemHandOffRequest{Code: ho.GetHandOff().GetCode()})
	if err != nil || taken.GetStep().GetQuestion().GetKey() != next.GetQuestion().GetKey() {
		t.Fatalf("redeem: %v %v", taken, err)
	}
	at, asked := doortest.Fill(t, taken.GetStep(), d.answer(taken.GetDraftId()))
	for _, key := range asked {
		if key == first {
			t.Errorf("%s is asked twice", key)
		}
	}
	back, err := d.app.CreateHandOff(ctx, &kioskv1.CreateHandOffRequest{DraftId: taken.GetDraftId()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.term.EndSession(ctx, &kioskv1.EndSessionRequest{}); err != nil {
		t.Fatal(err)
	}
	home, err := app.Sessions.RedeemHandOff(ctx, &mobilev1.RedeemHandOffRequest{Code: back.GetHandOff().GetCode()})
	if err != nil {
		t.Fatalf("back: %v %v", err, doortest.Detail(err))
	}
	if home.GetStep().GetQuestion().GetKey() != at.GetQuestion().GetKey() {
		t.Fatalf("goes on at %s, want %s", home.GetStep().GetQuestion().GetKey(), at.GetQuestion().GetKey())
	}
	app.Submit(app.Papers(home.GetStep()).GetDraftId())
}

func TestLookUpsNeedNoSession(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	k := h.Enrol(doortest.WardSaiGon)
	d := resume(t, h, k, "")
	ctx := t.Context()
	found, err := d.look.SearchProcedures(ctx, &kioskv1.SearchProceduresRequest{Query: "khai sinh"})
	if err != nil || len(found.GetProcedures()) == 0 || found.GetProcedures()[0].GetCode() != "1.001193" {
		t.Fatalf("search: %v %v", found, err)
	}
	away, err := d.look.SearchProcedures(ctx, &kioskv1.SearchProceduresRequest{Query: "dang ky xe may"})
	if err != nil || len(away.GetProcedures()) != 0 || away.GetElsewhere().GetName() == "" {
		t.Errorf("what is not served: %v, %v", away, err)
	}
	topics, err := d.look.ListTopics(ctx, &kioskv1.ListTopicsRequest{})
	if err != nil || len(topics.GetTopics()) == 0 || len(topics.GetTopics()[0].GetProcedures()) == 0 {
		t.Errorf("topics: %v, %v", topics, err)
	}
	none, err := d.look.SearchProcedures(ctx, &kioskv1.SearchProceduresRequest{Query: "xyzzy qwrt"})
	if err != nil || len(none.GetProcedures()) != 0 {
		t.Fatalf("nothing fits: %v %v", none, err)
	}
	if _, err := d.look.GetProcedure(ctx, &kioskv1.GetProcedureRequest{Code: "1.001193"}); err != nil {
		t.Error(err)
	}
	places, err := d.look.ResolvePlace(ctx, &kioskv1.ResolvePlaceRequest{Query: "ben nghe quan 1"})
	if err != nil || len(places.GetPlaces()) != 1 || places.GetPlaces()[0].GetCode() != doortest.WardSaiGon {
		t.Fatalf("places: %v %v", places, err)
	}
	if p := places.GetPlaces()[0]; p.GetNote() != "" || !p.GetOld() || places.GetOutside() != nil {
		t.Errorf("an old name: %v", places)
	}
	places, err = d.look.ResolvePlace(ctx, &kioskv1.ResolvePlaceRequest{Query: "tp thu duc"})
	if err != nil || len(places.GetPlaces()) < 2 || places.GetPlaces()[0].GetNote() != "district" {
		t.Errorf("an old district: %v %v", places, err)
	}
	places, err = d.look.ResolvePlace(ctx, &kioskv1.ResolvePlaceRequest{Query: "ba dinh, ha noi"})
	if err != nil || len(places.GetPlaces()) != 0 || places.GetOutside().GetName() != "Hà Nội" || !strings.Contains(places.GetOutside().GetAdvice(), "chính quyền Hà Nội") {
		t.Errorf("outside the city: %v %v", places, err)
	}
	if places, err = d.look.ResolvePlace(ctx, &kioskv1.ResolvePlaceRequest{Query: "zzqq"}); err != nil || len(places.GetPlaces()) != 0 || places.GetOutside() != nil {
		t.Errorf("nowhere: %v %v", places, err)
	}
	if o, err := d.look.FindOffice(ctx, &kioskv1.FindOfficeRequest{WardCode: doortest.WardSaiGon}); err != nil || !o.GetOffice().GetHoursAssumed() {
		t.Errorf("office: %v %v", o, err)
	}
	code := h.App(h.Citizen(phone)).File().GetDossier().GetCode()
	status, err := d.look.TrackDossier(ctx, &kioskv1.TrackDossierRequest{Code: code})
	if err != nil || status.GetDossier().GetState() != "submitted" || strings.Contains(doortest.JSON(t, status), doortest.Name) {
		t.Fatalf("track: %v %v", status, err)
	}
	if _, err := d.app.StartDossier(ctx, &kioskv1.StartDossierRequest{ProcedureCode: doortest.MaritalStatus}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("an application without a session: %v", err)
	}
}
