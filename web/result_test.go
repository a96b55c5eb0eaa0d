package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/simkit"
)

// finish files a dossier that has come to its result, with these files.
func (h *house) finish(state core.DossierState, confidential bool, files ...[]byte) core.Dossier {
	h.t.Helper()
	d := core.Dossier{
		ID: core.NewID(h.clock.Now()), Code: "H29.26740-261102-0042", ProcedureCode: maritalStatus, ProcedureVersion: "1", FormVersion: "1",
		Agency: "H29.26740", Office: "26740", ConvID: h.conv.ID, DraftID: h.draft.ID, State: state, Confidential: confidential,
		SubmittedAt: h.clock.Now().Add(-48 * time.Hour), DoneAt: h.clock.Now(), UpdatedAt: h.clock.Now(),
		Contact: core.Sealed("{}"), Canonical: core.Sealed("{}"), Hash: "00",
	}
	h.update(func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	for _, b := range files {
		h.addResult(d, b)
	}
	return d
}

func (h *house) addResult(d core.Dossier, b []byte) {
	h.t.Helper()
	h.add(d, vault.RequirementResult, 0, b)
}

// add puts a file of the office with a dossier.
func (h *house) add(d core.Dossier, requirement string, round int, b []byte) {
	h.t.Helper()
	sum := sha256.Sum256(b)
	hash := hex.EncodeToString(sum[:])
	id := core.NewID(h.clock.Now())
	key := vault.BlobKey(id, hash)
	if _, err := h.blobs.Put(h.t.Context(), key, bytes.NewReader(b)); err != nil {
		h.t.Fatal(err)
	}
	verdict := vault.Inspect(b)
	h.update(func(ctx context.Context, tx core.Tx) error {
		_, err := vault.Service{}.AddReady(ctx, tx, vault.NewPage{
			ID: id, DraftID: d.DraftID, DossierID: d.ID, Requirement: requirement, Round: round, Name: "Trần Thị Mai.pdf",
		}, verdict, int64(len(b)), hash, key)
		return err
	})
}

func TestResultPage(t *testing.T) {
	t.Parallel()
	for _, state := range []core.DossierState{core.StateDone, core.StateReturned} {
		h := newHouse(t)
		pdf, photo := simkit.SamplePDF("ket qua", 2), simkit.SamplePhoto("trang")
		d := h.finish(state, false, pdf, photo)
		token := h.linkFor(core.Link{DossierID: d.ID, ConvID: h.conv.ID})
		p := h.get("/u/" + token)
		p.says(t, http.StatusOK, "<title>Kết quả hồ sơ</title>", d.Code, "tình trạng hôn nhân", "Tải tệp 1 (PDF", "Tải tệp 2 (JPG",
			"/u/"+token+"/file/1", "/u/"+token+"/file/2", `lang="vi"`, "1022")
		for _, no := range []string{"<script", "<form", "Mai", "type=\"file\""} {
			if strings.Contains(p.body, no) {
				t.Errorf("%q is in\n%s", no, p.body)
			}
		}
		if got := p.header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; style-src 'self'") {
			t.Errorf("policy %q", got)
		}
		if p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("headers %v", p.header)
		}
		h.get("/u/"+token+"?lang=en").says(t, http.StatusOK, "Result of a dossier", "Download file 1 (PDF", `lang="en"`)
		// As often as one likes, by either method, as they were received.
		for range 2 {
			for n, want := range map[int][]byte{1: pdf, 2: photo} {
				f := h.get("/u/" + token + "/file/" + strconv.Itoa(n))
				if f.status != http.StatusOK || f.body != string(want) {
					t.Fatalf("file %d: %d, %d bytes, want %d", n, f.status, len(f.body), len(want))
				}
				kind, name := "application/pdf", "ket-qua-0042-1.pdf"
				if n == 2 {
					kind, name = "image/jpeg", "ket-qua-0042-2.jpg"
				}
				disposition, params, err := mime.ParseMediaType(f.header.Get("Content-Disposition"))
				if err != nil || disposition != "attachment" || params["filename"] != name {
					t.Errorf("disposition %q", f.header.Get("Content-Disposition"))
				}
				for key, want := range map[string]string{
					"Content-Type": kind, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
					"Content-Length": strconv.Itoa(len(want)),
				} {
					if f.header.Get(key) != want {
						t.Errorf("file %d: %s is %q, want %q", n, key, f.header.Get(key), want)
					}
				}
				if csp := f.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
					t.Errorf("policy %q", csp)
				}
			}
		}
		head := h.do("HEAD", "/u/"+token+"/file/1", nil, "", nil)
		if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != strconv.Itoa(len(pdf)) {
			t.Errorf("HEAD: %d %v", head.status, head.header)
		}
		if strings.Contains(h.log.String(), token) || strings.Contains(h.log.String(), "Mai") {
			t.Errorf("the log tells\n%s", h.log.String())
		}
	}
}

func TestResultPageWithoutFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.finish(core.StateDone, false)
	token := h.linkFor(core.Link{DossierID: d.ID})
	h.get("/u/"+token).says(t, http.StatusOK, "không có bản điện tử")
	h.get("/u/"+token+"/file/1").says(t, http.StatusNotFound, "không có tệp này")
}

// A confidential dossier does not name its procedure even to who holds the link.
func TestResultPageOfConfidential(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.finish(core.StateDone, true, simkit.SamplePDF("ket qua", 1))
	p := h.get("/u/" + h.linkFor(core.Link{DossierID: d.ID}))
	p.says(t, http.StatusOK, d.Code, "/file/1")
	if strings.Contains(p.body, "hôn nhân") {
		t.Errorf("the procedure is named:\n%s", p.body)
	}
}

// TestResultNeedsItsLink tries everything that is not a link to this result.
func TestResultNeedsItsLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.finish(core.StateDone, false, simkit.SamplePDF("ket qua", 1))
	token := h.linkFor(core.Link{DossierID: d.ID})
	h.get("/u/"+token+"/file/1").says(t, http.StatusOK)

	for _, n := range []string{"0", "2", "-1", "x", "1x", "99999999999999999999", "%2e%2e"} {
		h.get("/u/"+token+"/file/"+n).says(t, http.StatusNotFound, "không có tệp này")
	}
	unknown := "AAAABBBBCCCCDDDD"
	h.get("/u/"+unknown+"/file/1").says(t, http.StatusNotFound, "Đường dẫn này không có", "nhận kết quả")
	h.get("/u/"+unknown).says(t, http.StatusNotFound, "Đường dẫn này không có")
	upload := h.link()
	if p := h.get("/u/" + upload + "/file/1"); p.status == http.StatusOK || strings.Contains(p.body, "%PDF") {
		t.Errorf("an upload link opens a result: %d", p.status)
	}
	// A link from before the end was given to send papers in.
	old := "DDDDCCCCBBBBAAAA"
	h.update(func(ctx context.Context, tx core.Tx) error {
		return tx.Links().Insert(ctx, old, core.Link{DossierID: d.ID, CreatedAt: d.DoneAt.Add(-time.Minute), ExpiresAt: d.DoneAt.Add(time.Hour)})
	})
	for _, path := range []string{"/u/" + old, "/u/" + old + "/file/1"} {
		if p := h.get(path); p.status == http.StatusOK || strings.Contains(p.body, "%PDF") || strings.Contains(p.body, "/file/") {
			t.Errorf("%s opens the result with a link for papers: %d\n%s", path, p.status, p.body)
		}
	}
	// Nothing can be sent in through it.
	if p := h.send("/u/"+token, vault.RequirementResult, nil, file{"a.jpg", simkit.SamplePhoto("trang")}); p.status == http.StatusOK {
		t.Errorf("a result link takes papers: %d", p.status)
	}
	h.get("/u/"+token+"/file/1").says(t, http.StatusOK)
	h.clock.Add(24*time.Hour + time.Second)
	h.get("/u/"+token).says(t, http.StatusGone, "hết hạn", "nhận kết quả")
	h.get("/u/"+token+"/file/1").says(t, http.StatusGone, "hết hạn")
}

// A link to the draft of a result shows the last draft while it is being checked,
// and nothing before, after, or of another time.
func TestDraftPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.finish(core.StateProcessing, false)
	early := h.linkFor(core.Link{DossierID: d.ID, ConvID: h.conv.ID})
	h.clock.Add(time.Minute)
	save := func(state core.ResultDraft) {
		h.update(func(ctx context.Context, tx core.Tx) error {
			now, err := tx.Dossiers().Get(ctx, d.ID)
			if err != nil {
				return err
			}
			now.ResultDraft, now.AnswerBy = state, time.Time{}
			if state == core.ResultDraftSent {
				now.AnswerBy = h.clock.Now().Add(dossier.DraftTime)
			}
			return tx.Dossiers().Save(ctx, now)
		})
	}
	old, pdf := simkit.SamplePDF("ban nhap cu", 1), simkit.SamplePDF("ban nhap", 1)
	h.add(d, vault.RequirementDraft, 3, old)
	h.add(d, vault.RequirementDraft, 5, pdf)
	save(core.ResultDraftSent)
	second := "BBBBCCCCDDDDEEEE"
	h.update(func(ctx context.Context, tx core.Tx) error {
		return tx.Links().Insert(ctx, second, core.Link{DossierID: d.ID, ConvID: h.conv.ID, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(dossier.DraftTime)})
	})

	p := h.get("/u/" + second)
	p.says(t, http.StatusOK, "<title>Bản nháp kết quả</title>", d.Code, "/u/"+second+"/file/1")
	for _, no := range []string{"<script", "<form", "Mai", "/file/2"} {
		if strings.Contains(p.body, no) {
			t.Errorf("%q is in\n%s", no, p.body)
		}
	}
	h.get("/u/"+second+"?lang=en").says(t, http.StatusOK, `lang="en"`, "/file/1")
	if f := h.get("/u/" + second + "/file/1"); f.status != http.StatusOK || f.body != string(pdf) {
		t.Errorf("the file is %d, %d bytes", f.status, len(f.body))
	}
	shut := func(when, token string) {
		t.Helper()
		for _, path := range []string{"/u/" + token, "/u/" + token + "/file/1"} {
			if p := h.get(path); p.status == http.StatusOK && (strings.Contains(p.body, "%PDF") || strings.Contains(p.body, "/file/")) {
				t.Errorf("%s: %s opens the draft\n%s", when, path, p.body)
			}
		}
	}
	shut("a link from before", early)
	for _, state := range []core.ResultDraft{core.ResultDraftWrong, core.ResultDraftConfirmed} {
		save(state)
		shut("answered "+string(state), second)
	}
	save(core.ResultDraftSent)
	h.clock.Add(dossier.DraftTime + time.Second)
	shut("its time is over", second)
}
