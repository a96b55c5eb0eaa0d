package journeys_test

import (
	"bytes"
	"strconv"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	"github.com/motcua/motcua/proto/gen/motcua/agency/v1/agencyv1connect"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// officer sits at the desk of the dossier's office, with a token of development.
type officer struct {
	r      *run
	id     core.ID
	desk   agencyv1connect.DossierServiceClient
	papers map[string][]page // what the citizen sent, by requirement

	pagesRead int
}

func newOfficer(r *run) *officer {
	o := &officer{r: r, id: core.NewID(r.w.clock.Now()), papers: map[string][]page{}}
	o.desk = agencyv1connect.NewDossierServiceClient(r.w.client, r.w.app.URL(), connect.WithHTTPGet(), connect.WithInterceptors(o.signs()))
	return o
}

func (o *officer) token() (string, error) {
	token, _, err := o.r.w.app.Tokens.MintOfficer(auth.Officer{ID: o.id, Office: o.r.submitted.Office, Name: "Cán bộ trực"})
	return token, err
}

func (o *officer) ok(err error) {
	o.r.t.Helper()
	if err != nil {
		o.r.fail("at the desk: %v", err)
	}
}

func (o *officer) did(what string) { o.r.note("desk", "O", what) }

// expects remembers what the citizen sent.
func (o *officer) expects(requirement string, pages []page) {
	o.papers[requirement] = append(o.papers[requirement], pages...)
}

// accept finds the dossier in the inbox and takes it in.
func (o *officer) accept() {
	o.r.t.Helper()
	in, err := o.desk.Inbox(o.r.ctx, &agencyv1.InboxRequest{})
	o.ok(err)
	if len(in.GetLines()) != 1 || in.GetLines()[0].GetDossier().GetCode() != o.r.code {
		o.r.fail("the inbox has %v", in.GetLines())
	}
	_, err = o.desk.Accept(o.r.ctx, &agencyv1.AcceptRequest{Code: o.r.code, IdentityChecked: true})
	o.ok(err)
	o.did("Tiếp nhận " + o.r.code)
}

// read opens the dossier and every page of it, and compares the bytes.
func (o *officer) read() {
	o.r.t.Helper()
	got, err := o.desk.GetDossier(o.r.ctx, &agencyv1.GetDossierRequest{Code: o.r.code, Purpose: "giải quyết hồ sơ"})
	o.ok(err)
	if got.GetDetail().GetHash() != o.r.submitted.Hash || !bytes.Equal(got.GetCanonical(), o.r.submitted.Canonical) {
		o.r.fail("the dossier changed since it was submitted")
	}
	if got.GetApplicant().GetPhone() != o.r.p.phone || !strings.EqualFold(got.GetApplicant().GetName(), o.r.p.name) {
		o.r.fail("the applicant is %v", got.GetApplicant())
	}
	read := map[string]int{}
	for _, p := range got.GetDetail().GetPapers() {
		if p.GetRequirement() == vault.RequirementResult {
			continue
		}
		for _, pg := range p.GetPages() {
			res, err := o.desk.OpenPage(o.r.ctx, &agencyv1.OpenPageRequest{Code: o.r.code, PageId: pg.GetId(), Purpose: "giải quyết hồ sơ"})
			o.ok(err)
			o.pagesRead++
			want := o.papers[p.GetRequirement()]
			if n := read[p.GetRequirement()]; n >= len(want) || !bytes.Equal(res.GetContent(), want[n].data) {
				o.r.fail("page %d of %s is not what was sent", n+1, p.GetRequirement())
			}
			read[p.GetRequirement()]++
		}
	}
	for requirement, pages := range o.papers {
		if read[requirement] != len(pages) {
			o.r.fail("%d of %d pages of %s are there", read[requirement], len(pages), requirement)
		}
	}
	o.did("Đọc từng trang giấy tờ")
}

// ask requests what is missing: "<requirement>, page <n>, <reason>".
func (o *officer) ask(arg string) (requirement string) {
	o.r.t.Helper()
	parts := strings.Split(arg, ",")
	if len(parts) != 3 {
		o.r.fail("want: requirement, page n, reason")
	}
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(parts[1]), "page "))
	o.ok(err)
	requirement = strings.TrimSpace(parts[0])
	_, err = o.desk.RequestSupplement(o.r.ctx, &agencyv1.RequestSupplementRequest{Code: o.r.code, Items: []*corev1.SupplementItem{{
		Requirement: requirement, Page: int32(n), Reason: strings.TrimSpace(parts[2]),
	}}})
	o.ok(err)
	o.did("Yêu cầu bổ sung trang " + strconv.Itoa(n))
	return requirement
}

func (o *officer) complete(file string) {
	o.r.t.Helper()
	p, err := pageOf(file)
	o.ok(err)
	_, err = o.desk.Complete(o.r.ctx, &agencyv1.CompleteRequest{Code: o.r.code, Name: p.name, Content: p.data})
	o.ok(err)
	o.did("Trả kết quả " + p.name)
}

func (o *officer) giveBack() {
	o.r.t.Helper()
	_, err := o.desk.Return(o.r.ctx, &agencyv1.ReturnRequest{Code: o.r.code})
	o.ok(err)
	o.did("Kết quả đã giao")
}

func (o *officer) sendDraft(file string) {
	o.r.t.Helper()
	p, err := pageOf(file)
	o.ok(err)
	_, err = o.desk.SendDraft(o.r.ctx, &agencyv1.SendDraftRequest{Code: o.r.code, Name: p.name, Content: p.data})
	o.ok(err)
	o.did("Gửi bản nháp " + p.name)
}

// readsWords opens the dossier and finds what is wrong with the draft.
func (o *officer) readsWords(want string) {
	o.r.t.Helper()
	got, err := o.desk.GetDossier(o.r.ctx, &agencyv1.GetDossierRequest{Code: o.r.code, Purpose: "giải quyết hồ sơ"})
	o.ok(err)
	said := ""
	for _, e := range got.GetDetail().GetTimeline() {
		if e.GetKind() == dossier.KindDraftWrong {
			said = e.GetWords()
		}
	}
	if said != want {
		o.r.fail("the officer reads %q", said)
	}
}

// putOff apologises: "<n> days, <reason>" after the date that was promised.
func (o *officer) putOff(arg string) {
	o.r.t.Helper()
	days, reason, _ := strings.Cut(arg, " days, ")
	n, err := strconv.Atoi(days)
	o.ok(err)
	until := o.r.stored().DueAt.AddDate(0, 0, n)
	_, err = o.desk.Extend(o.r.ctx, &agencyv1.ExtendRequest{Code: o.r.code, Reason: reason, DueAt: timestamppb.New(until)})
	o.ok(err)
	o.did("Xin lỗi và hẹn lại")
}

func (o *officer) askFee(amount string) {
	o.r.t.Helper()
	n, err := strconv.ParseInt(amount, 10, 64)
	o.ok(err)
	_, err = o.desk.PauseForFee(o.r.ctx, &agencyv1.PauseForFeeRequest{Code: o.r.code, Amount: n, Advice: "Nộp tại quầy số 2"})
	o.ok(err)
	o.did("Yêu cầu nộp " + amount + " đồng")
}

func (o *officer) paid(receipt string) {
	o.r.t.Helper()
	_, err := o.desk.Resume(o.r.ctx, &agencyv1.ResumeRequest{Code: o.r.code, Receipt: receipt})
	o.ok(err)
	o.did("Đã thu, biên lai " + receipt)
}

func count(n int) string { return strconv.Itoa(n) }
