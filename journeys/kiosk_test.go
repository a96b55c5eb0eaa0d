package journeys_test

import (
	"crypto/ed25519"
	"crypto/rand"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	"github.com/motcua/motcua/proto/gen/motcua/kiosk/v1/kioskv1connect"
)

// terminal is a kiosk in the ward's office.
type terminal struct {
	*screen
	lookUps kioskv1connect.LookUpServiceClient
	desk    kioskv1connect.TerminalServiceClient
	filing  kioskv1connect.ApplicationServiceClient
	key     ed25519.PrivateKey
	id      core.ID
	session string
}

func newTerminal(r *run) *screen {
	s := &screen{r: r, channel: "kiosk", locale: "vi"}
	k := &terminal{screen: s}
	opts := s.options(func() map[string]string {
		if k.id == "" {
			return nil
		}
		token, err := auth.SignTerminalToken(k.key, k.id, r.w.clock.Now())
		s.ok(err)
		h := map[string]string{"Authorization": "Bearer " + token}
		if k.session != "" {
			h[auth.SessionHeader] = k.session
		}
		return h
	})
	url := r.w.app.URL()
	k.lookUps = kioskv1connect.NewLookUpServiceClient(r.w.client, url, opts...)
	k.desk = kioskv1connect.NewTerminalServiceClient(r.w.client, url, opts...)
	k.filing = kioskv1connect.NewApplicationServiceClient(r.w.client, url, opts...)
	s.calls = k
	k.enrol()
	return s
}

// enrol makes the terminal one of the office, with a code an operator gave.
func (k *terminal) enrol() {
	k.r.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	k.ok(err)
	code, _, err := k.r.w.app.Terms.NewEnrolment(k.r.ctx, "26740", "sảnh")
	k.ok(err)
	res, err := k.desk.Enrol(k.r.ctx, &kioskv1.EnrolRequest{
		Code: code, PublicKey: public, Proof: ed25519.Sign(private, auth.EnrolMessage(code)),
	})
	k.ok(err)
	k.key, k.id = private, core.ID(res.GetKioskId())
}

// arrive begins a session and proves the phone.
func (k *terminal) arrive() {
	k.r.t.Helper()
	k.r.note(k.channel, "C", "[Xác minh bằng số điện thoại]")
	k.sit()
	sent, err := k.desk.RequestCode(k.r.ctx, &kioskv1.RequestCodeRequest{Phone: k.r.p.phone})
	k.ok(err)
	proved, err := k.desk.VerifyCode(k.r.ctx, &kioskv1.VerifyCodeRequest{ChallengeId: sent.GetChallengeId(), Code: k.r.phone().loginCode()})
	k.ok(err)
	if proved.GetAssurance() != 1 {
		k.r.fail("a proved phone gives assurance %d", proved.GetAssurance())
	}
}

// sit begins a session; the one before is over.
func (k *terminal) sit() {
	k.r.t.Helper()
	k.session = ""
	res, err := k.desk.StartSession(k.r.ctx, &kioskv1.StartSessionRequest{Locale: "vi"})
	k.ok(err)
	k.session = res.GetSessionId()
}

func (k *terminal) search(words string) (*corev1.Procedure, error) {
	hits, err := k.lookUps.SearchProcedures(k.r.ctx, &kioskv1.SearchProceduresRequest{Query: words})
	if err != nil {
		return nil, err
	}
	if len(hits.GetProcedures()) == 0 {
		k.r.fail("nothing found for %q", words)
	}
	p, err := k.lookUps.GetProcedure(k.r.ctx, &kioskv1.GetProcedureRequest{Code: hits.GetProcedures()[0].GetCode()})
	return p.GetProcedure(), err
}

func (k *terminal) office(place string) (*corev1.Place, *corev1.Office, error) {
	places, err := k.lookUps.ResolvePlace(k.r.ctx, &kioskv1.ResolvePlaceRequest{Query: place})
	if err != nil {
		return nil, nil, err
	}
	if len(places.GetPlaces()) == 0 {
		k.r.fail("no place found for %q", place)
	}
	p := places.GetPlaces()[0]
	o, err := k.lookUps.FindOffice(k.r.ctx, &kioskv1.FindOfficeRequest{WardCode: p.GetCode()})
	return p, o.GetOffice(), err
}

func (k *terminal) track(code string) (*corev1.DossierStatus, *corev1.StatusMeaning, error) {
	d, err := k.lookUps.TrackDossier(k.r.ctx, &kioskv1.TrackDossierRequest{Code: code})
	return d.GetDossier(), d.GetMeaning(), err
}

func (k *terminal) start(procedure string) (string, *corev1.Step, error) {
	d, err := k.filing.StartDossier(k.r.ctx, &kioskv1.StartDossierRequest{ProcedureCode: procedure})
	return d.GetDraftId(), d.GetStep(), err
}

func (k *terminal) answer(draft, key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
	res, err := k.filing.AnswerQuestion(k.r.ctx, &kioskv1.AnswerQuestionRequest{DraftId: draft, Key: key, Answer: a})
	return res.GetStep(), res.GetDoubt(), err
}

func (k *terminal) next(draft string) (*corev1.Step, error) {
	res, err := k.filing.NextQuestion(k.r.ctx, &kioskv1.NextQuestionRequest{DraftId: draft})
	return res.GetStep(), err
}

func (k *terminal) page(draft, code, requirement string, p page) (*corev1.Page, error) {
	req := &kioskv1.ScanPageRequest{Requirement: requirement, Name: p.name, Content: p.data}
	if code != "" {
		req.Subject = &kioskv1.ScanPageRequest_Code{Code: code}
	} else {
		req.Subject = &kioskv1.ScanPageRequest_DraftId{DraftId: draft}
	}
	res, err := k.filing.ScanPage(k.r.ctx, req)
	return res.GetPage(), err
}

func (k *terminal) attach(draft, requirement string) (*corev1.Step, error) {
	res, err := k.filing.AttachPaper(k.r.ctx, &kioskv1.AttachPaperRequest{DraftId: draft, Requirement: requirement})
	return res.GetStep(), err
}

func (k *terminal) review(draft string) ([]*corev1.ReviewLine, string, error) {
	res, err := k.filing.ReviewDossier(k.r.ctx, &kioskv1.ReviewDossierRequest{DraftId: draft})
	return res.GetLines(), res.GetDeclaration(), err
}

func (k *terminal) submit(draft string) (*corev1.DossierStatus, *corev1.DossierDetail, error) {
	res, err := k.filing.SubmitDossier(k.r.ctx, &kioskv1.SubmitDossierRequest{DraftId: draft, Declared: true})
	return res.GetDossier(), res.GetDetail(), err
}

func (k *terminal) respond(code string) (*corev1.DossierStatus, error) {
	res, err := k.filing.RespondToSupplement(k.r.ctx, &kioskv1.RespondToSupplementRequest{Code: code})
	return res.GetDossier(), err
}

func (k *terminal) withdraw(string) (*corev1.DossierStatus, error) {
	k.r.fail("a dossier is taken back at the counter, not at the kiosk")
	return nil, nil
}

func (k *terminal) answerDraft(right bool, words string) (*corev1.DossierStatus, error) {
	res, err := k.filing.AnswerDraft(k.r.ctx, &kioskv1.AnswerDraftRequest{Code: k.r.code, Confirmed: right, Words: words})
	return res.GetDossier(), err
}

func (k *terminal) handOff(draft string) (string, error) {
	res, err := k.filing.CreateHandOff(k.r.ctx, &kioskv1.CreateHandOffRequest{DraftId: draft})
	return res.GetHandOff().GetCode(), err
}

func (k *terminal) redeem(code string) (string, *corev1.Step, error) {
	k.sit()
	res, err := k.filing.RedeemHandOff(k.r.ctx, &kioskv1.RedeemHandOffRequest{Code: code})
	return res.GetDraftId(), res.GetStep(), err
}

// result downloads what the office gave.
func (k *terminal) result() []byte {
	k.r.t.Helper()
	res, err := k.filing.GetResult(k.r.ctx, &kioskv1.GetResultRequest{Code: k.r.code})
	k.ok(err)
	return res.GetContent()
}

// told: a kiosk forgets who stood before it; the phone rings.
func (k *terminal) told(words []string) string {
	k.r.t.Helper()
	return k.r.phone().told(words)
}
