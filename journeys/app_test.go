package journeys_test

import (
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// mobile is the citizen's app.
type mobile struct {
	*screen
	catalog  mobilev1connect.CatalogServiceClient
	form     mobilev1connect.FormServiceClient
	dossiers mobilev1connect.DossierServiceClient
	vault    mobilev1connect.VaultServiceClient
	session  mobilev1connect.SessionServiceClient
	tokens   *mobilev1.Tokens
}

func newMobile(r *run) *screen {
	s := &screen{r: r, channel: "app", locale: "vi"}
	m := &mobile{screen: s}
	opts := s.options(func() map[string]string {
		if m.tokens == nil {
			return nil
		}
		return map[string]string{"Authorization": "Bearer " + m.tokens.GetAccessToken()}
	})
	url := r.w.app.URL()
	m.catalog = mobilev1connect.NewCatalogServiceClient(r.w.client, url, opts...)
	m.form = mobilev1connect.NewFormServiceClient(r.w.client, url, opts...)
	m.dossiers = mobilev1connect.NewDossierServiceClient(r.w.client, url, opts...)
	m.vault = mobilev1connect.NewVaultServiceClient(r.w.client, url, opts...)
	m.session = mobilev1connect.NewSessionServiceClient(r.w.client, url, opts...)
	s.calls = m
	return s
}

// arrive proves the phone the first time, and renews the session after.
func (m *mobile) arrive() {
	m.r.t.Helper()
	if m.tokens != nil {
		spent := m.tokens.GetRefreshToken()
		m.tokens = nil // the access token may be over: it is not shown any more
		renewed, err := m.session.Refresh(m.r.ctx, &mobilev1.RefreshRequest{RefreshToken: spent})
		m.ok(err)
		m.tokens = renewed.GetTokens()
		return
	}
	m.r.note(m.channel, "C", "[Đăng nhập bằng số điện thoại]")
	anonymous, err := m.session.StartAnonymous(m.r.ctx, &mobilev1.StartAnonymousRequest{})
	m.ok(err)
	m.tokens = anonymous.GetTokens()
	sent, err := m.session.RequestCode(m.r.ctx, &mobilev1.RequestCodeRequest{Phone: m.r.p.phone})
	m.ok(err)
	proved, err := m.session.VerifyCode(m.r.ctx, &mobilev1.VerifyCodeRequest{ChallengeId: sent.GetChallengeId(), Code: m.r.phone().loginCode()})
	m.ok(err)
	m.tokens = proved.GetTokens()
	if m.tokens.GetAssurance() != 1 {
		m.r.fail("a proved phone gives assurance %d", m.tokens.GetAssurance())
	}
}

func (m *mobile) search(words string) (*corev1.Procedure, error) {
	hits, err := m.catalog.SearchProcedures(m.r.ctx, &mobilev1.SearchProceduresRequest{Query: words})
	if err != nil {
		return nil, err
	}
	if len(hits.GetProcedures()) == 0 {
		m.r.fail("nothing found for %q", words)
	}
	p, err := m.catalog.GetProcedure(m.r.ctx, &mobilev1.GetProcedureRequest{Code: hits.GetProcedures()[0].GetCode()})
	return p.GetProcedure(), err
}

func (m *mobile) office(place string) (*corev1.Place, *corev1.Office, error) {
	places, err := m.catalog.ResolvePlace(m.r.ctx, &mobilev1.ResolvePlaceRequest{Query: place})
	if err != nil {
		return nil, nil, err
	}
	if len(places.GetPlaces()) == 0 {
		m.r.fail("no place found for %q", place)
	}
	p := places.GetPlaces()[0]
	o, err := m.catalog.FindOffice(m.r.ctx, &mobilev1.FindOfficeRequest{WardCode: p.GetCode()})
	return p, o.GetOffice(), err
}

func (m *mobile) track(code string) (*corev1.DossierStatus, *corev1.StatusMeaning, error) {
	d, err := m.dossiers.TrackDossier(m.r.ctx, &mobilev1.TrackDossierRequest{Code: code})
	return d.GetDossier(), d.GetMeaning(), err
}

func (m *mobile) start(procedure string) (string, *corev1.Step, error) {
	d, err := m.dossiers.StartDossier(m.r.ctx, &mobilev1.StartDossierRequest{ProcedureCode: procedure})
	return d.GetDraftId(), d.GetStep(), err
}

func (m *mobile) answer(draft, key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
	res, err := m.dossiers.AnswerQuestion(m.r.ctx, &mobilev1.AnswerQuestionRequest{DraftId: draft, Key: key, Answer: a})
	return res.GetStep(), res.GetDoubt(), err
}

func (m *mobile) next(draft string) (*corev1.Step, error) {
	res, err := m.form.NextQuestion(m.r.ctx, &mobilev1.NextQuestionRequest{DraftId: draft})
	return res.GetStep(), err
}

func (m *mobile) page(draft, code, requirement string, p page) (*corev1.Page, error) {
	req := &mobilev1.UploadPageRequest{Requirement: requirement, Name: p.name, Content: p.data}
	if code != "" {
		req.Subject = &mobilev1.UploadPageRequest_Code{Code: code}
	} else {
		req.Subject = &mobilev1.UploadPageRequest_DraftId{DraftId: draft}
	}
	res, err := m.vault.UploadPage(m.r.ctx, req)
	return res.GetPage(), err
}

func (m *mobile) attach(draft, requirement string) (*corev1.Step, error) {
	res, err := m.dossiers.AttachPaper(m.r.ctx, &mobilev1.AttachPaperRequest{DraftId: draft, Requirement: requirement})
	return res.GetStep(), err
}

func (m *mobile) review(draft string) ([]*corev1.ReviewLine, string, error) {
	res, err := m.dossiers.ReviewDossier(m.r.ctx, &mobilev1.ReviewDossierRequest{DraftId: draft})
	return res.GetLines(), res.GetDeclaration(), err
}

func (m *mobile) submit(draft string) (*corev1.DossierStatus, *corev1.DossierDetail, error) {
	res, err := m.dossiers.SubmitDossier(m.r.ctx, &mobilev1.SubmitDossierRequest{DraftId: draft, Declared: true})
	return res.GetDossier(), res.GetDetail(), err
}

func (m *mobile) respond(code string) (*corev1.DossierStatus, error) {
	detail, err := m.dossiers.GetDossier(m.r.ctx, &mobilev1.GetDossierRequest{Code: code})
	m.ok(err)
	if items := detail.GetDetail().GetSupplement().GetItems(); len(items) != 1 || items[0].GetRequirement() != m.r.missing {
		m.r.fail("the app shows the request %v", items)
	}
	res, err := m.dossiers.RespondToSupplement(m.r.ctx, &mobilev1.RespondToSupplementRequest{Code: code})
	return res.GetDossier(), err
}

func (m *mobile) withdraw(code string) (*corev1.DossierStatus, error) {
	res, err := m.dossiers.WithdrawDossier(m.r.ctx, &mobilev1.WithdrawDossierRequest{Code: code})
	return res.GetDossier(), err
}

func (m *mobile) answerDraft(right bool, words string) (*corev1.DossierStatus, error) {
	res, err := m.dossiers.AnswerDraft(m.r.ctx, &mobilev1.AnswerDraftRequest{Code: m.r.code, Confirmed: right, Words: words})
	return res.GetDossier(), err
}

// detail opens the dossier.
func (m *mobile) detail() *corev1.DossierDetail {
	m.r.t.Helper()
	m.arrive()
	res, err := m.dossiers.GetDossier(m.r.ctx, &mobilev1.GetDossierRequest{Code: m.r.code})
	m.ok(err)
	return res.GetDetail()
}

func (m *mobile) handOff(draft string) (string, error) {
	res, err := m.session.CreateHandOff(m.r.ctx, &mobilev1.CreateHandOffRequest{DraftId: draft})
	return res.GetHandOff().GetCode(), err
}

func (m *mobile) redeem(code string) (string, *corev1.Step, error) {
	if m.tokens == nil {
		m.arrive()
	}
	res, err := m.session.RedeemHandOff(m.r.ctx, &mobilev1.RedeemHandOffRequest{Code: code})
	return res.GetDraftId(), res.GetStep(), err
}

// told: the phone rings, and the app lists what was told.
func (m *mobile) told(words []string) string {
	m.r.t.Helper()
	m.arrive()
	shown := m.r.phone().told(words)
	list, err := m.dossiers.ListNotices(m.r.ctx, &mobilev1.ListNoticesRequest{})
	m.ok(err)
	if len(list.GetNotices()) == 0 {
		m.r.fail("the app lists no notice")
	}
	m.shows(list.GetNotices()[0].GetText())
	return shown
}

// lists reports whether the app shows a dossier among the citizen's own.
func (m *mobile) lists(code string) bool {
	m.r.t.Helper()
	m.arrive()
	res, err := m.dossiers.ListDossiers(m.r.ctx, &mobilev1.ListDossiersRequest{})
	m.ok(err)
	for _, d := range res.GetDossiers() {
		if d.GetDossier().GetCode() == code {
			return len(res.GetDossiers()) == 1 && len(res.GetDrafts()) == 0
		}
	}
	return false
}

// accesses are the officers' reads and acts that the app shows.
func (m *mobile) accesses() []*mobilev1.Access {
	m.r.t.Helper()
	m.arrive()
	res, err := m.dossiers.ListAccesses(m.r.ctx, &mobilev1.ListAccessesRequest{})
	m.ok(err)
	for _, a := range res.GetAccesses() {
		if a.GetDossierCode() != m.r.code || a.GetPurpose() == "" || a.GetOffice() != m.r.submitted.Office {
			m.r.fail("an access without dossier, purpose or office: %v", a)
		}
	}
	return res.GetAccesses()
}

// result downloads what the office gave.
func (m *mobile) result() []byte {
	m.r.t.Helper()
	res, err := m.dossiers.GetResult(m.r.ctx, &mobilev1.GetResultRequest{Code: m.r.code})
	m.ok(err)
	return res.GetContent()
}
