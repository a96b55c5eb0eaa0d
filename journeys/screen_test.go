package journeys_test

import (
	"context"
	"strings"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// screen plays the citizen where questions are shown one at a time: the app and
// the kiosk, which differ in the calls they make.
type screen struct {
	r       *run
	channel string
	calls   calls
	locale  string

	draft string
	step  *corev1.Step
}

// calls are what both programs can do.
type calls interface {
	// arrive signs the citizen in, as far as the program can.
	arrive()
	search(words string) (*corev1.Procedure, error)
	office(place string) (*corev1.Place, *corev1.Office, error)
	track(code string) (*corev1.DossierStatus, *corev1.StatusMeaning, error)
	start(procedure string) (string, *corev1.Step, error)
	answer(draft, key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error)
	next(draft string) (*corev1.Step, error)
	page(draft, code, requirement string, p page) (*corev1.Page, error)
	attach(draft, requirement string) (*corev1.Step, error)
	review(draft string) ([]*corev1.ReviewLine, string, error)
	submit(draft string) (*corev1.DossierStatus, *corev1.DossierDetail, error)
	respond(code string) (*corev1.DossierStatus, error)
	withdraw(code string) (*corev1.DossierStatus, error)
	answerDraft(right bool, words string) (*corev1.DossierStatus, error)
	handOff(draft string) (string, error)
	redeem(code string) (string, *corev1.Step, error)
	told(words []string) string
	result() []byte
}

func (s *screen) ok(err error) {
	s.r.t.Helper()
	if err != nil {
		s.r.fail("%s: %v", s.channel, err)
	}
}

func (s *screen) shows(lines ...string) string {
	shown := strings.Join(lines, "\n")
	s.r.note(s.channel, "K", shown)
	return shown
}

// at shows where the draft stands.
func (s *screen) at(step *corev1.Step) {
	s.step = step
	q := step.GetQuestion()
	if q == nil {
		return
	}
	shown := []string{q.GetLabel()}
	for _, c := range q.GetChoices() {
		shown = append(shown, "["+c.GetLabel()+"]")
	}
	s.shows(shown...)
	s.r.wasAsked(strings.TrimPrefix(q.GetKey(), "paper."))
}

func (s *screen) lookUp(words string) string {
	s.r.t.Helper()
	s.r.did(s.channel, words)
	p, err := s.calls.search(words)
	s.ok(err)
	lines := []string{p.GetName(), p.GetSummary(), p.GetFee().GetText()}
	for _, req := range p.GetRequirements() {
		lines = append(lines, "• "+req.GetName()+" ("+req.GetNeed()+")")
	}
	return s.shows(lines...)
}

func (s *screen) office(place string) string {
	s.r.t.Helper()
	s.r.did(s.channel, place)
	p, o, err := s.calls.office(place)
	s.ok(err)
	return s.shows(p.GetMatched()+" → "+p.GetName(), o.GetName(), o.GetHours())
}

func (s *screen) check(code string) string {
	s.r.t.Helper()
	s.r.did(s.channel, code)
	d, m, err := s.calls.track(code)
	s.ok(err)
	return s.shows(d.GetCode()+" – "+d.GetProcedureName(), m.GetLabel(), s.due(d), m.GetNext())
}

func (s *screen) due(d *corev1.DossierStatus) string {
	if !d.GetDueAt().IsValid() {
		return ""
	}
	return text.DateTimeLong(text.VI, d.GetDueAt().AsTime())
}

func (s *screen) begin(words string) {
	s.r.t.Helper()
	s.calls.arrive()
	s.r.did(s.channel, words)
	p, err := s.calls.search(words)
	s.ok(err)
	s.shows(p.GetName())
	s.r.did(s.channel, "[Nộp hồ sơ]")
	draft, step, err := s.calls.start(p.GetCode())
	s.ok(err)
	s.draft = draft
	s.at(step)
}

func (s *screen) answer(until string) {
	s.r.t.Helper()
	for range 60 {
		q := s.step.GetQuestion()
		switch {
		case q == nil || q.GetKind() == "paper":
			if until != "" {
				s.r.fail("%s was never asked", until)
			}
			return
		case q.GetKey() == until:
			return
		}
		s.reply(q)
	}
	s.r.fail("the questions have no end")
}

// reply answers one question: on the screen by tapping a choice, else as typed.
func (s *screen) reply(q *corev1.Question) {
	s.r.t.Helper()
	a := s.r.answerOf(q.GetKey())
	ans := &corev1.Answer{Text: a.typed}
	for _, c := range q.GetChoices() {
		if text.FoldExact(c.GetLabel()) == text.FoldExact(a.typed) {
			ans = &corev1.Answer{Choices: []string{c.GetId()}}
		}
	}
	s.r.did(s.channel, a.typed)
	s.r.gave(q.GetKey())
	step, doubt, err := s.calls.answer(s.draft, q.GetKey(), ans)
	s.ok(err)
	if doubt != nil {
		s.shows(doubt.GetMessage())
		if a.back == "" {
			s.r.fail("asked back, and persona.txt has no choice for %s (%q): %s", q.GetKey(), a.typed, doubt.GetMessage())
		}
		ans = &corev1.Answer{Text: a.typed, Confirmed: true}
		for _, c := range doubt.GetCandidates() {
			if says(c.GetLabel(), a.back) {
				ans = &corev1.Answer{Value: c.GetValue()}
			}
		}
		s.r.did(s.channel, "["+a.back+"]")
		step, doubt, err = s.calls.answer(s.draft, q.GetKey(), ans)
		s.ok(err)
		if doubt != nil {
			s.r.fail("still doubted: %s", doubt.GetMessage())
		}
	}
	s.at(step)
}

func (s *screen) sendPapers() {
	s.r.t.Helper()
	for range s.r.p.papers {
		q := s.step.GetQuestion()
		if q.GetKind() != "paper" {
			s.r.fail("no paper is asked for: %v", s.step)
		}
		for _, p := range s.r.p.papers {
			if p.requirement != q.GetRequirement() {
				continue
			}
			for _, page := range p.pages {
				s.scan("", p.requirement, page)
			}
		}
		step, err := s.calls.attach(s.draft, q.GetRequirement())
		s.ok(err)
		s.r.did(s.channel, "[Xong]")
		s.at(step)
	}
}

// scan hands one page in and checks that it arrived as it is.
func (s *screen) scan(code, requirement string, p page) {
	s.r.t.Helper()
	s.r.did(s.channel, "📷 "+p.name)
	draft := s.draft
	if code != "" {
		draft = ""
	}
	got, err := s.calls.page(draft, code, requirement, p)
	s.ok(err)
	if got.GetState() != "ready" || got.GetSha256() != p.sha256() || int(got.GetCount()) != p.count {
		s.r.fail("%s arrived as %v", p.name, got)
	}
}

func (s *screen) summary() string {
	s.r.t.Helper()
	lines, declaration, err := s.calls.review(s.draft)
	s.ok(err)
	var shown []string
	for _, l := range lines {
		if l.GetMissing() {
			s.r.fail("%s is missing", l.GetKey())
		}
		shown = append(shown, l.GetLabel()+": "+l.GetValue())
	}
	return s.shows(append(shown, declaration)...)
}

func (s *screen) submit() string {
	s.r.t.Helper()
	if !s.step.GetComplete() {
		s.r.fail("not complete: %v", s.step)
	}
	s.r.did(s.channel, "[Đồng ý và nộp]")
	d, detail, err := s.calls.submit(s.draft)
	s.ok(err)
	return s.shows(d.GetCode(), d.GetProcedureName(), s.due(d), count(len(detail.GetPapers()))+" giấy")
}

// submitAgain taps twice: the receipt is the same.
func (s *screen) submitAgain() string {
	s.r.t.Helper()
	again := s.submit()
	if codeIn(again) != s.r.code {
		s.r.fail("submitted again as %s", again)
	}
	return again
}

func (s *screen) told(words []string) string {
	s.r.t.Helper()
	return s.calls.told(words)
}

func (s *screen) sendMissing(requirement string, pages []page) {
	s.r.t.Helper()
	s.calls.arrive()
	for _, p := range pages {
		s.scan(s.r.code, requirement, p)
	}
	d, err := s.calls.respond(s.r.code)
	s.ok(err)
	s.shows(d.GetCode(), d.GetState())
}

func (s *screen) result() []byte {
	s.r.t.Helper()
	s.calls.arrive()
	s.r.did(s.channel, "[Tải kết quả]")
	return s.calls.result()
}

func (s *screen) withdraw(code string) string {
	s.r.t.Helper()
	s.r.did(s.channel, "[Rút hồ sơ]")
	d, err := s.calls.withdraw(code)
	s.ok(err)
	return s.shows(d.GetCode(), d.GetState())
}

func (s *screen) answerDraft(right bool, words string) string {
	s.r.t.Helper()
	s.calls.arrive()
	s.r.did(s.channel, strings.TrimSpace("[Bản nháp] "+words))
	d, err := s.calls.answerDraft(right, words)
	s.ok(err)
	return s.shows(d.GetCode(), d.GetState())
}

func (s *screen) speak(locale string) string {
	s.r.t.Helper()
	s.locale = locale
	step, err := s.calls.next(s.draft)
	s.ok(err)
	s.at(step)
	return step.GetQuestion().GetLabel()
}

func (s *screen) handOff() string {
	s.r.t.Helper()
	s.r.did(s.channel, "[Chuyển sang máy khác]")
	code, err := s.calls.handOff(s.draft)
	s.ok(err)
	s.shows(code)
	return code
}

func (s *screen) redeem(code string) {
	s.r.t.Helper()
	s.r.did(s.channel, code)
	draft, step, err := s.calls.redeem(code)
	s.ok(err)
	s.draft = draft
	s.at(step)
}

// client makes calls with headers that are made anew for each.
func (s *screen) options(headers func() map[string]string) []connect.ClientOption {
	return []connect.ClientOption{
		connect.WithHTTPGet(),
		connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
			return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
				for k, v := range headers() {
					req.Header().Set(k, v)
				}
				req.Header().Set("Accept-Language", s.locale)
				if s.r.address != "" {
					req.Header().Set("X-Forwarded-For", s.r.address)
				}
				return next(ctx, req)
			}
		})),
	}
}
