package journeys_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/internal/simkit"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

// Somebody comes to the counter to register a marriage, and the other is asked by
// a message on their own phone. One refuses and both come; another agrees. The
// dossier is not accepted before, and afterwards its applicant has it in the app.
func TestAgreementByPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, readPersona(t), "")
	r := newRun(t, w, "app")
	r.at = step{pos: "agree_test.go", verb: "at the counter"}
	r.submitted.Office = "26740"
	counter := agencyv1connect.NewCounterServiceClient(w.client, w.app.URL(), connect.WithInterceptors(r.officer.signs()))

	r.atCounter(counter, "0938000333")
	r.phone().told([]string{"nộp tại quầy", r.code})
	other := newPhoneChat(r, "+84938000333")
	digits := answerDigits(r, other)
	r.acceptRefused()
	if got := other.say("TU CHOI " + digits).text; !says(got, "đã ghi nhận") {
		r.fail("the refusal is answered with %s", got)
	}
	r.phone().told([]string{"đã từ chối"})
	r.inboxSays("declined")
	r.acceptRefused()
	_, err := r.officer.desk.AnswerCosign(r.ctx, &agencyv1.AnswerCosignRequest{Code: r.code, Number: 1, Agreed: true})
	r.officer.ok(err)
	r.inboxSays("confirmed")
	_, err = r.officer.desk.Accept(r.ctx, &agencyv1.AcceptRequest{Code: r.code, IdentityChecked: true})
	r.officer.ok(err)
	r.pass("15") // a notice that asks for nothing waits behind the one before
	r.phone().told([]string{"tiếp nhận"})
	if r.app().lists(r.code) {
		r.fail("it is in the app before the applicant said who they are")
	}
	_, err = r.app().dossiers.ClaimDossier(r.ctx, &mobilev1.ClaimDossierRequest{Code: r.code, PersonalId: r.p.answers["requester.personalId"].typed})
	r.officer.ok(err)
	if !r.app().lists(r.code) {
		r.fail("the app does not list what was filed at the counter")
	}

	r.atCounter(counter, "0938000444")
	willing := newPhoneChat(r, "+84938000444")
	digits = answerDigits(r, willing)
	r.inboxSays("pending")
	r.acceptRefused()
	if got := willing.say("dong y " + digits).text; !says(got, "đã ghi nhận") {
		r.fail("the agreement is answered with %s", got)
	}
	r.inboxSays("confirmed")
	_, err = r.officer.desk.Accept(r.ctx, &agencyv1.AcceptRequest{Code: r.code, IdentityChecked: true})
	r.officer.ok(err)
	w.close()
}

var asksDigits = regexp.MustCompile(`TU CHOI (\d{4})`)

// answerDigits reads the question on somebody's phone, which names nobody.
func answerDigits(r *run, c *chat) string {
	r.t.Helper()
	got := asksDigits.FindStringSubmatch(c.told([]string{"đồng ý"}))
	if got == nil {
		r.fail("no digits in %s", c.last.text)
	}
	return got[1]
}

func (r *run) acceptRefused() {
	r.t.Helper()
	_, err := r.officer.desk.Accept(r.ctx, &agencyv1.AcceptRequest{Code: r.code, IdentityChecked: true})
	if connect.CodeOf(err) != connect.CodeFailedPrecondition {
		r.fail("accepted although somebody has not agreed: %v", err)
	}
}

func (r *run) inboxSays(want string) {
	r.t.Helper()
	in, err := r.officer.desk.Inbox(r.ctx, &agencyv1.InboxRequest{})
	r.officer.ok(err)
	for _, l := range in.GetLines() {
		if l.GetDossier().GetCode() == r.code && l.GetCosign() != want {
			r.fail("the inbox says %q", l.GetCosign())
		}
	}
}

// atCounter files a marriage for the person, who came.
func (r *run) atCounter(desk agencyv1connect.CounterServiceClient, other string) {
	r.t.Helper()
	begun, err := desk.StartFiling(r.ctx, &agencyv1.StartFilingRequest{ProcedureCode: "1.000894"})
	r.officer.ok(err)
	id, s := begun.GetDraftId(), begun.GetStep()
	for i := 0; s.GetQuestion() != nil; i++ {
		q := s.GetQuestion()
		if i > 60 {
			r.fail("the questions have no end: %v", q)
		}
		if q.GetKind() == "paper" {
			_, err := desk.ScanPage(r.ctx, &agencyv1.ScanPageRequest{
				Subject: &agencyv1.ScanPageRequest_DraftId{DraftId: id}, Requirement: q.GetRequirement(), Name: "scan.pdf",
				Content: simkit.SamplePDF(q.GetRequirement(), 1),
			})
			r.officer.ok(err)
			next, err := desk.AttachPaper(r.ctx, &agencyv1.AttachPaperRequest{DraftId: id, Requirement: q.GetRequirement()})
			r.officer.ok(err)
			s = next.GetStep()
			continue
		}
		answer := r.atCounterSays(q, other)
		next, err := desk.AnswerQuestion(r.ctx, &agencyv1.AnswerQuestionRequest{DraftId: id, Key: q.GetKey(), Answer: answer})
		if err == nil && next.GetDoubt() != nil {
			answer = &corev1.Answer{Value: next.GetDoubt().GetCandidates()[0].GetValue()}
			next, err = desk.AnswerQuestion(r.ctx, &agencyv1.AnswerQuestionRequest{DraftId: id, Key: q.GetKey(), Answer: answer})
		}
		if err != nil {
			r.fail("%s: %v", q.GetKey(), err)
		}
		s = next.GetStep()
	}
	filed, err := desk.SubmitFiling(r.ctx, &agencyv1.SubmitFilingRequest{DraftId: id, Declared: true, IdentityChecked: true})
	r.officer.ok(err)
	r.code = filed.GetDossier().GetCode()
	r.submitted = r.stored()
}

// atCounterSays is what the person says to a question of the marriage form.
func (r *run) atCounterSays(q *corev1.Question, other string) *corev1.Answer {
	key := q.GetKey()
	_, name, _ := strings.Cut(key, ".")
	typed := map[string]string{
		"fullName": q.GetExample(), "birthDate": "5/3/1990", "residence": "12 Lê Lợi, phường Sài Gòn",
	}[name]
	switch {
	case strings.HasPrefix(key, "consent."):
		typed = other
	case key == "receivingAgency":
		typed = "phường Sài Gòn"
	case key == "requester.fullName", key == "requester.personalId", key == "contact.phone":
		typed = r.answerOf(key).typed
	}
	switch {
	case typed != "":
		return &corev1.Answer{Text: typed, Confirmed: true}
	case len(q.GetChoices()) > 0:
		return &corev1.Answer{Choices: []string{q.GetChoices()[0].GetId()}}
	case !q.GetRequired():
		return &corev1.Answer{Skip: true}
	}
	return &corev1.Answer{Text: q.GetExample(), Confirmed: true}
}

// signs puts the officer's token into every call.
func (o *officer) signs() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			token, err := o.token()
			if err != nil {
				return nil, err
			}
			req.Header().Set("Authorization", "Bearer "+token)
			return next(ctx, req)
		}
	}
}
