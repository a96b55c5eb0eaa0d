package doortest

import (
	"github.com/motcua/motcua/auth"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// App is a citizen's app with a session.
type App struct {
	H        *House
	Grant    auth.Grant
	Dossiers mobilev1connect.DossierServiceClient
	Vault    mobilev1connect.VaultServiceClient
	Sessions mobilev1connect.SessionServiceClient
}

// App makes an app with a session; the zero Grant has none.
func (h *House) App(g auth.Grant) App {
	headers := Header{}
	if g.Access != "" {
		headers = Bearer(g.Access)
	}
	return App{
		H: h, Grant: g,
		Dossiers: mobilev1connect.NewDossierServiceClient(h.Server.Client(), h.Server.URL, As(headers)),
		Vault:    mobilev1connect.NewVaultServiceClient(h.Server.Client(), h.Server.URL, As(headers)),
		Sessions: mobilev1connect.NewSessionServiceClient(h.Server.Client(), h.Server.URL, As(headers)),
	}
}

// Start opens a draft of MaritalStatus.
func (a App) Start() *corev1.Step {
	a.H.T.Helper()
	r, err := a.Dossiers.StartDossier(a.H.T.Context(), &mobilev1.StartDossierRequest{ProcedureCode: MaritalStatus})
	if err != nil {
		a.H.T.Fatalf("start: %v %v", err, Detail(err))
	}
	return r.GetStep()
}

// Answer answers one question.
func (a App) Answer(draft string) func(string, *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
	return func(key string, ans *corev1.Answer) (*corev1.Step, *corev1.Doubt, error) {
		r, err := a.Dossiers.AnswerQuestion(a.H.T.Context(), &mobilev1.AnswerQuestionRequest{DraftId: draft, Key: key, Answer: ans})
		return r.GetStep(), r.GetDoubt(), err
	}
}

// Papers sends the pages that are asked for, a JPEG and then PDFs, until nothing
// is left.
func (a App) Papers(step *corev1.Step) *corev1.Step {
	a.H.T.Helper()
	for i := 0; step.GetQuestion().GetKind() == "paper"; i++ {
		requirement := step.GetQuestion().GetRequirement()
		if _, err := a.Vault.UploadPage(a.H.T.Context(), &mobilev1.UploadPageRequest{
			Subject: &mobilev1.UploadPageRequest_DraftId{DraftId: step.GetDraftId()}, Requirement: requirement,
			Name: "trang.jpg", Content: Paper(a.H.T, i),
		}); err != nil {
			a.H.T.Fatalf("upload %s: %v %v", requirement, err, Detail(err))
		}
		r, err := a.Dossiers.AttachPaper(a.H.T.Context(), &mobilev1.AttachPaperRequest{DraftId: step.GetDraftId(), Requirement: requirement})
		if err != nil {
			a.H.T.Fatalf("attach %s: %v %v", requirement, err, Detail(err))
		}
		step = r.GetStep()
	}
	return step
}

// Submit files a draft.
func (a App) Submit(draft string) *mobilev1.SubmitDossierResponse {
	a.H.T.Helper()
	r, err := a.Dossiers.SubmitDossier(a.H.T.Context(), &mobilev1.SubmitDossierRequest{DraftId: draft, Declared: true})
	if err != nil {
		a.H.T.Fatalf("submit: %v %v", err, Detail(err))
	}
	return r
}

// File goes the whole way and gives the dossier.
func (a App) File() *mobilev1.SubmitDossierResponse {
	a.H.T.Helper()
	step := a.Start()
	step, _ = Fill(a.H.T, step, a.Answer(step.GetDraftId()))
	return a.Submit(a.Papers(step).GetDraftId())
}
