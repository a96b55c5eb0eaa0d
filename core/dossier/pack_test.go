package dossier_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/sqlstore"
)

const (
	certificate = "1.000001" // one required paper on a fact, one optional; three working days
	pictures    = "4.000004" // a form that asks for papers itself and has a list
	complaint   = "2.000002" // confidential, electronic identity needed, thirty days
	settled     = "9.000009" // as the certificate, for the divorced only: the procedure says so
	drafted     = "1.000003" // the certificate again, whose applicant checks a draft of the result
	saiGon      = "26740"
)

// testPack is the city's calendar and places with two procedures of its own, so
// that these tests do not move with the published ones.
func testPack(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := catalog.Load(testFiles(t))
	if err != nil {
		t.Fatalf("the test pack is broken:\n%v", err)
	}
	return cat
}

func testFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	pack := fstest.MapFS{}
	for _, name := range []string{"pack.yaml", "calendar.yaml", "offices.yaml", "keywords.yaml", "places/wards.yaml", "places/old_wards.yaml", "places/districts.yaml"} {
		b, err := fs.ReadFile(hcmc.Pack(), name)
		if err != nil {
			t.Fatal(err)
		}
		pack[name] = &fstest.MapFile{Data: b}
	}
	for name, text := range map[string]string{
		"forms/thu.yaml":            formYAML,
		"forms/papers.yaml":         papersYAML,
		"procedures/4.000004.yaml":  papersProcedure(),
		"procedures/1.000001.yaml":  procedureYAML,
		"procedures/1.000003.yaml":  strings.ReplaceAll(procedureYAML, certificate, drafted) + "draftResult: true\n",
		"procedures/2.000002.yaml":  complaintYAML,
		"procedures/3.000003.yaml":  eitherYAML,
		"procedures/9.000009.yaml":  strings.NewReplacer(certificate, settled, "form: thu\n", "form: thu\nsettled: {status: divorced}\n").Replace(procedureYAML),
		"messages/vi/messages.yaml": "brand: \"HCMC-DVC:\"\nerror.internal: {what: \"Máy đang có lỗi.\", fix: \"Hãy thử lại sau.\", exit: \"Gọi 1022 để được giúp.\"}\n",
		"messages/en/messages.yaml": "brand: \"HCMC-DVC:\"\nerror.internal: {what: \"Something went wrong.\", fix: \"Please try again later.\", exit: \"Call 1022 for help.\"}\n",
	} {
		pack[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return pack
}

const formYAML = `
id: thu
version: "1"
title: {vi: Tờ khai thử, en: Test declaration}
groups:
  - key: agency
    title: {vi: Cơ quan, en: Authority}
    fields:
      - {key: receivingAgency, type: org, required: true, label: {vi: Kính gửi, en: To}}
  - key: person
    title: {vi: Người khai, en: Person}
    fields:
      - {key: fullName, type: person_name, required: true, label: {vi: Họ tên, en: Name}}
      - {key: personalId, type: personal_id, label: {vi: Số định danh, en: Personal ID}}
      - {key: birthDate, type: date, max: today, required: true, label: {vi: Ngày sinh, en: Birth date}}
      - key: status
        type: select
        required: true
        label: {vi: Tình trạng, en: Status}
        options:
          - {value: single, vi: Độc thân, en: Single}
          - {value: divorced, vi: Ly hôn, en: Divorced}
      - {key: decree, type: text, max: "200", when: status == 'divorced', required: true, label: {vi: Số bản án, en: Decree}}
      - {key: note, type: text, max: "200", ask: review, label: {vi: Ghi chú, en: Note}}
      - {key: phone, type: phone, required: true, label: {vi: Điện thoại, en: Phone}}
  - key: declare
    title: {vi: Cam đoan, en: Declaration}
    fields:
      - {key: truthful, type: consent, required: true, label: {vi: Tôi cam đoan, en: I declare}}
`

// papersYAML is a form that asks for papers itself and has a list.
const papersYAML = `
id: papers
version: "1"
title: {vi: Tờ khai có ảnh, en: Declaration with pictures}
groups:
  - key: agency
    title: {vi: Cơ quan, en: Authority}
    fields:
      - {key: receivingAgency, type: org, required: true, label: {vi: Kính gửi, en: To}}
      - {key: withPhoto, type: boolean, required: true, label: {vi: Có kèm ảnh, en: With a picture}}
      - {key: photo, type: image, required: true, label: {vi: Ảnh chân dung, en: Portrait}, when: withPhoto == true}
      - {key: idDoc, type: id_document, required: true, label: {vi: Căn cước, en: Identity card}}
      - {key: evidence, type: file_list, required: true, label: {vi: Chứng cứ, en: Evidence}}
  - key: children
    title: {vi: Con, en: Children}
    repeat:
      min: 0
      max: 3
      count: {label: {vi: Số con, en: Number of children}}
      item: {vi: "Con {n}", en: "Child {n}"}
    fields:
      - {key: fullName, type: person_name, required: true, label: {vi: Họ tên, en: Name}}
      - {key: agrees, type: cosign, required: true, nameFrom: fullName, label: {vi: Số điện thoại, en: Phone}}
`

func papersProcedure() string {
	s := strings.NewReplacer("1.000001", "4.000004", "form: thu", "form: papers").Replace(procedureYAML)
	before, _, _ := strings.Cut(s, "facts:\n")
	_, after, _ := strings.Cut(s, "requirements:\n")
	declaration, _, _ := strings.Cut(after, "  - key: decree_copy")
	_, rest, _ := strings.Cut(after, "results:")
	return before + "requirements:\n" + declaration + "results:" + rest
}

const procedureYAML = `
code: "1.000001"
version: "2026.1"
effectiveFrom: 2026-07-01
name: {vi: Thủ tục cấp giấy thử, en: Test certificate}
short: {vi: Giấy thử, en: Test certificate}
summary: {vi: "Giấy để thử.", en: "A paper to test with."}
aliases: {vi: [giấy thử], en: [test]}
field: {vi: Hộ tịch, en: Civil status}
level: ward
agency: ward_committee
channels: [in_person, online]
timeLimit: {value: 3, unit: working_day, cutOff: "15:00", source: "123/2015/NĐ-CP", verified: true}
fee: {amount: 0, text: {vi: Không mất phí., en: No fee.}, source: "123/2015/NĐ-CP", verified: true}
form: thu
facts:
  - key: divorced
    question: {vi: Bạn đã ly hôn phải không?, en: Are you divorced?}
    short: {vi: Đã ly hôn, en: Divorced}
    from: {field: status, yes: [divorced], no: [single]}
  - key: representative
    question: {vi: Bạn làm thay người khác phải không?, en: Do you act for someone else?}
    short: {vi: Làm thay, en: Acting for another}
requirements:
  - key: declaration
    name: {vi: Tờ khai, en: Declaration}
    short: {vi: Tờ khai, en: Declaration}
    kind: form
    mandatory: true
    electronicOk: true
  - key: decree_copy
    name: {vi: Bản án ly hôn, en: Divorce decree}
    short: {vi: Bản án ly hôn, en: Divorce decree}
    kind: attach
    originals: 1
    mandatory: true
    electronicOk: true
    when: 'facts.divorced == "yes"'
  - key: authorisation
    name: {vi: Giấy ủy quyền, en: Power of attorney}
    short: {vi: Giấy ủy quyền, en: Power of attorney}
    kind: attach
    originals: 1
    mandatory: true
    electronicOk: true
    when: 'facts.representative == "yes"'
  - key: residence
    name: {vi: Giấy cư trú, en: Proof of residence}
    short: {vi: Giấy cư trú, en: Proof of residence}
    kind: attach
    originals: 1
    mandatory: false
    electronicOk: true
results:
  - {code: KQ.G15.000038, name: {vi: Giấy thử, en: Test certificate}}
minAssurance: {level: 1, assumed: true}
legalBasis: ["123/2015/NĐ-CP"]
confidence: high
sources: ["https://dichvucong.gov.vn/"]
`

const complaintYAML = `
code: "2.000002"
version: "2026.1"
effectiveFrom: 2026-07-01
name: {vi: Thủ tục giải quyết khiếu nại thử, en: Test complaint}
short: {vi: Khiếu nại thử, en: Test complaint}
summary: {vi: "Khiếu nại để thử.", en: "A complaint to test with."}
aliases: {vi: [khiếu nại], en: [complaint]}
field: {vi: Khiếu nại, en: Complaints}
level: ward
agency: ward_committee
channels: [in_person, online]
timeLimit: {value: 30, unit: day, source: "02/2011/QH13", verified: true}
fee: {amount: 0, text: {vi: Không mất phí., en: No fee.}, source: "02/2011/QH13", verified: true}
form: thu
requirements:
  - key: declaration
    name: {vi: Đơn khiếu nại, en: Complaint}
    short: {vi: Đơn khiếu nại, en: Complaint}
    kind: form
    mandatory: true
    electronicOk: true
results:
  - {code: "", name: {vi: Quyết định giải quyết, en: Decision}}
minAssurance: {level: 2, assumed: true}
confidential: true
legalBasis: ["02/2011/QH13"]
confidence: medium
sources: ["https://dichvucong.gov.vn/"]
`

// bundle is a service on a real embedded store with a clock that tests set.
type bundle struct {
	*testing.T
	svc   *dossier.Service
	store core.Store
	clock *coretest.Clock
	build *coretest.Build
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := coretest.NewClock()
	store, err := sqlstore.OpenSQLite(t.Context(), t.TempDir(), &sqlstore.Options{Sealer: coretest.Sealer("dossier"), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &bundle{T: t, svc: dossier.New(testPack(t)), store: store, clock: clock, build: coretest.NewBuild(clock)}
}

func (b *bundle) update(fn func(ctx context.Context, tx core.Tx) error) error {
	b.Helper()
	return b.store.Update(b.Context(), fn)
}

func (b *bundle) must(fn func(ctx context.Context, tx core.Tx) error) {
	b.Helper()
	if err := b.update(fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bundle) at(text string) {
	b.Helper()
	b.clock.Set(city(b, text))
}

// city reads "2026-11-02 08:00" as the city's time.
func city(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", text, core.City)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var mai = []struct {
	key   string
	value any
}{
	{"receivingAgency", saiGon}, {"fullName", "TRẦN THỊ MAI"}, {"personalId", "079190001234"}, {"birthDate", "1990-09-04"},
	{"status", "divorced"}, {"decree", "12/2020/QĐST-HNGĐ"}, {"phone", "+84901234567"},
}

// draft stores a draft of somebody who answered everything and sent the decree.
func (b *bundle) draft(procedure string) core.ID {
	b.Helper()
	id := b.build.ID()
	by := dossier.Author{Kind: core.ActorCitizen, Channel: "test"}
	b.must(func(ctx context.Context, tx core.Tx) error {
		d, err := b.svc.Begin(id, procedure, "", "", "test", tx.Now())
		if err != nil {
			return err
		}
		a, err := b.svc.Open(d, tx.Now())
		if err != nil {
			return err
		}
		for _, ans := range mai {
			if err := a.Answer(ans.key, ans.value, by); err != nil {
				return err
			}
		}
		if procedure != complaint {
			if err := a.SetFact("representative", "no", by); err != nil {
				return err
			}
		}
		if d, err = a.Draft(); err != nil {
			return err
		}
		if err := tx.Drafts().Insert(ctx, d); err != nil {
			return err
		}
		if procedure == complaint {
			return nil
		}
		return b.page(ctx, tx, vault.NewPage{DraftID: id, Requirement: "decree_copy"}, "decree")
	})
	return id
}

// page adds a ready page whose content is its name.
func (b *bundle) page(ctx context.Context, tx core.Tx, n vault.NewPage, name string) error {
	f := vault.File{SHA256: hashOf(name)}
	v := vault.Verdict{State: core.PageReady, MIME: vault.MIMEJPEG, Count: 1}
	n.ID = b.build.ID()
	_, err := vault.Service{}.AddReady(ctx, tx, n, v, 1000, f.SHA256, vault.BlobKey(n.ID, f.SHA256))
	return err
}

func (b *bundle) prepare(draft core.ID) (dossier.Prepared, error) {
	b.Helper()
	var p dossier.Prepared
	err := b.store.View(b.Context(), func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Drafts().Get(ctx, draft)
		if err != nil {
			return err
		}
		papers, err := tx.Papers().ByDraft(ctx, draft)
		if err != nil {
			return err
		}
		a, err := b.svc.Open(d, tx.Now())
		if err != nil {
			return err
		}
		p, err = a.Prepare(papers)
		return err
	})
	return p, err
}

func (b *bundle) submit(p dossier.Prepared, assurance core.Assurance) (core.Dossier, error) {
	b.Helper()
	var d core.Dossier
	err := b.update(func(ctx context.Context, tx core.Tx) error {
		var err error
		d, err = b.svc.Submit(ctx, tx, p, dossier.Submitter{Actor: core.Actor{Kind: core.ActorCitizen}, Assurance: assurance, Locale: "vi"})
		return err
	})
	return d, err
}

// filed submits a whole dossier.
func (b *bundle) filed(procedure string) core.Dossier {
	b.Helper()
	p, err := b.prepare(b.draft(procedure))
	if err != nil {
		b.Fatal(err)
	}
	d, err := b.submit(p, core.AssuranceEID)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (b *bundle) prepared(draft core.ID) dossier.Prepared {
	b.Helper()
	p, err := b.prepare(draft)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// file is a stored file of the office whose content is its name.
func (b *bundle) file(name string) dossier.ResultFile {
	id, sum := b.build.ID(), hashOf(name)
	return dossier.ResultFile{
		PageID: id, Name: name, Verdict: vault.Verdict{State: core.PageReady, MIME: vault.MIMEPDF, Count: 1},
		Size: 5000, SHA256: sum, BlobKey: vault.BlobKey(id, sum),
	}
}

// act runs one act and gives the dossier after it.
func (b *bundle) act(fn func(ctx context.Context, tx core.Tx) (core.Dossier, error)) (core.Dossier, error) {
	b.Helper()
	var d core.Dossier
	err := b.update(func(ctx context.Context, tx core.Tx) error {
		var err error
		d, err = fn(ctx, tx)
		return err
	})
	return d, err
}
