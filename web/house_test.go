package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
	"github.com/motcua/motcua/internal/blobs"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/sqlstore"
	"github.com/motcua/motcua/web"
)

// The draft asks for these papers, by their keys.
const (
	maritalStatus = "1.004873"
	decree        = "divorce_or_death"
)

var pack = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(hcmc.Pack()) })

// house is the upload page over a real store, behind what the program puts
// before every page.
type house struct {
	t      *testing.T
	clock  *coretest.Clock
	store  *sqlstore.Store
	people *identity.Service
	dir    string // of the database
	files  string // of the blobs
	blobs  core.Blobs
	log    bytes.Buffer
	server *httptest.Server
	build  *coretest.Build
	conv   core.Conversation
	draft  core.Draft
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: coretest.NewClock(), people: identity.New(rand.Reader), dir: t.TempDir(), files: t.TempDir()}
	h.build = coretest.NewBuild(h.clock)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cat, err := pack()
	must(err)
	sealer := coretest.Sealer("web")
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	h.store, err = sqlstore.OpenSQLite(t.Context(), h.dir, &sqlstore.Options{Sealer: sealer, Clock: h.clock, Log: log})
	must(err)
	t.Cleanup(func() { _ = h.store.Close() })
	must(h.store.Migrate(t.Context()))
	kept, err := blobs.New(h.files, sealer, nil)
	must(err)
	h.blobs = kept
	uploads, err := web.NewUploads(h.store, cat, h.people, kept, h.clock, log)
	must(err)
	mux := http.NewServeMux()
	uploads.Register(mux)
	h.server = httptest.NewServer(httpx.WithRequestID(httpx.Recover(log, httpx.Headers{}.Wrap(httpx.SameOrigin(mux)))))
	t.Cleanup(h.server.Close)

	address := h.build.Address()
	h.conv = h.build.Conversation(address)
	h.draft, err = dossier.New(cat).Begin(core.NewID(h.clock.Now()), maritalStatus, "", "", "test", h.clock.Now())
	must(err)
	h.update(func(ctx context.Context, tx core.Tx) error {
		if err := tx.Addresses().Insert(ctx, address); err != nil {
			return err
		}
		if err := tx.Conversations().Insert(ctx, h.conv); err != nil {
			return err
		}
		return tx.Drafts().Insert(ctx, h.draft)
	})
	return h
}

func (h *house) update(fn func(ctx context.Context, tx core.Tx) error) {
	h.t.Helper()
	if err := h.store.Update(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(fn func(ctx context.Context, tx core.Tx) error) {
	h.t.Helper()
	if err := h.store.View(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// link makes an upload link for the draft.
func (h *house) link() (token string) {
	h.t.Helper()
	return h.linkFor(core.Link{DraftID: h.draft.ID, ConvID: h.conv.ID})
}

func (h *house) linkFor(l core.Link) (token string) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx core.Tx) (err error) {
		token, _, err = h.people.NewLink(ctx, tx, l)
		return err
	})
	return token
}

// stand tells how many files and pages the draft holds of a paper.
func (h *house) stand(requirement string) (s vault.Stand) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx core.Tx) error {
		papers, err := tx.Papers().ByDraft(ctx, h.draft.ID)
		s = vault.StandOf(papers, requirement, 0)
		return err
	})
	return s
}

// kept counts the files of blobs.
func (h *house) kept() int {
	h.t.Helper()
	n := 0
	err := filepath.WalkDir(h.files, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// inFiles reports whether any file of the store or the blobs holds b.
func (h *house) inFiles(b []byte) bool {
	h.t.Helper()
	found, seen := false, 0
	for _, dir := range []string{h.dir, h.files} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(name)
			found = found || bytes.Contains(content, b)
			seen++
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	if seen == 0 {
		h.t.Fatal("no file was looked through")
	}
	return found
}

// page is an answer.
type page struct {
	status int
	header http.Header
	body   string
	url    *url.URL // where the answer came from, after redirections
}

func (h *house) do(method, path string, header map[string]string, contentType string, body io.Reader) page {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := h.server.Client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header, string(b), res.Request.URL}
}

func (h *house) get(path string) page { h.t.Helper(); return h.do("GET", path, nil, "", nil) }

func (h *house) post(path string, form url.Values) page {
	h.t.Helper()
	return h.do("POST", path, nil, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

type file struct {
	name string
	data []byte
}

// send posts files the way a browser does.
func (h *house) send(path, paper string, header map[string]string, files ...file) page {
	h.t.Helper()
	contentType, body := form(paper, files...)
	return h.do("POST", path, header, contentType, body)
}

func form(paper string, files ...file) (contentType string, body *bytes.Buffer) {
	body = new(bytes.Buffer)
	m := multipart.NewWriter(body)
	_ = m.WriteField("paper", paper) // a bytes.Buffer does not fail
	for _, f := range files {
		part, _ := m.CreatePart(map[string][]string{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer("\\", "\\\\", `"`, "%22").Replace(f.name))},
			"Content-Type":        {"image/jpeg"}, // what a client claims is not looked at
		})
		_, _ = part.Write(f.data)
	}
	_ = m.Close()
	return m.FormDataContentType(), body
}

// says fails unless the page holds every text.
func (p page) says(t *testing.T, status int, want ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("status %d, want %d\n%s", p.status, status, p.body)
	}
	for _, w := range want {
		if !strings.Contains(p.body, w) {
			t.Errorf("%q is not in:\n%s", w, p.body)
		}
	}
}
