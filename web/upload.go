package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

//go:embed upload.html result.html page.css
var files embed.FS

// Bounds of one upload. A phone sends a handful of photos at once; a whole paper
// may come as one PDF.
const (
	maxBody  = 3 * core.MaxFile
	maxPages = 100 // files of one paper
)

// Uploads serves /u/{token}: the holder of a link adds pages to the papers of one
// draft, or answers one supplement request, from any browser.
type Uploads struct {
	store    core.Store
	catalog  *catalog.Catalog
	dossiers *dossier.Service
	identity *identity.Service
	vault    vault.Service
	blobs    core.Blobs
	clock    core.Clock
	log      *slog.Logger
	page     *template.Template
}

// NewUploads parses the page; an error is a defect of the program.
func NewUploads(store core.Store, cat *catalog.Catalog, id *identity.Service, blobs core.Blobs, clock core.Clock, log *slog.Logger) (*Uploads, error) {
	page, err := template.ParseFS(files, "upload.html", "result.html")
	if err != nil {
		return nil, core.E(core.CodeInternal, "web.uploads", "", err)
	}
	return &Uploads{store: store, catalog: cat, dossiers: dossier.New(cat), identity: id, blobs: blobs, clock: clock, log: log, page: page}, nil
}

// Mux is where routes are mounted: an http.ServeMux, or what stands before one.
type Mux interface {
	HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request))
}

// Register mounts the routes.
func (u *Uploads) Register(on Mux) {
	on.HandleFunc("GET /u/page.css", u.css)
	on.HandleFunc("GET /u/{token}", u.show)
	on.HandleFunc("GET /u/{token}/file/{n}", u.download)
	on.HandleFunc("POST /u/{token}", u.receive)
	on.HandleFunc("POST /u/{token}/remove", u.remove)
	on.HandleFunc("POST /u/{token}/done", u.done)
}

func (u *Uploads) css(w http.ResponseWriter, _ *http.Request) {
	b, err := files.ReadFile("page.css")
	if err != nil {
		http.NotFound(w, nil)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b)
}

// subject is what a link is about: its papers and what was received for them.
type subject struct {
	link         core.Link
	requirements []wanted
	papers       []core.Paper
	round        int
}

// wanted is one paper the page asks for.
type wanted struct{ key, name string }

// open reads the link and what it is about.
func (u *Uploads) open(ctx context.Context, tx core.Tx, token, locale string) (subject, error) {
	link, err := u.identity.OpenLink(ctx, tx, token)
	if err != nil {
		return subject{link: link}, err
	}
	s := subject{link: link}
	if link.DossierID != "" {
		return s, u.openSupplement(ctx, tx, &s, locale)
	}
	d, err := tx.Drafts().Get(ctx, link.DraftID)
	if err != nil {
		return s, err
	}
	if d.State != core.DraftOpen {
		return s, core.E(core.CodeFailedPrecondition, "web.upload", "error.draft.closed", nil)
	}
	a, err := u.dossiers.Open(d, tx.Now())
	if err != nil {
		return s, err
	}
	for _, item := range a.Papers() {
		s.requirements = append(s.requirements, wanted{item.Requirement.Key, item.Requirement.Short.In(locale)})
	}
	s.papers, err = tx.Papers().ByDraft(ctx, d.ID)
	return s, err
}

func (u *Uploads) openSupplement(ctx context.Context, tx core.Tx, s *subject, locale string) error {
	d, err := tx.Dossiers().Get(ctx, s.link.DossierID)
	if err != nil {
		return err
	}
	sup, err := tx.Dossiers().Supplement(ctx, d.ID)
	if err != nil {
		return err
	}
	if d.State != core.StateSupplement || !sup.AnsweredAt.IsZero() {
		return core.E(core.CodeFailedPrecondition, "web.upload", "error.link.finished", nil)
	}
	var items []core.SupplementItem
	if err := core.OpenJSON(sup.Items, &items); err != nil {
		return err
	}
	p, _ := u.catalog.Procedure(d.ProcedureCode)
	seen := map[string]bool{}
	for _, it := range items {
		if !seen[it.Requirement] {
			seen[it.Requirement] = true
			s.requirements = append(s.requirements, wanted{it.Requirement, u.requirementName(p, it.Requirement, locale)})
		}
	}
	s.round = sup.Round
	s.papers, err = tx.Papers().ByDossier(ctx, d.ID)
	return err
}

func (u *Uploads) requirementName(p *catalog.Procedure, key, locale string) string {
	if p != nil {
		if r, ok := u.catalog.Paper(p, key); ok {
			return r.Short.In(locale)
		}
	}
	return key
}

// view is what the template shows.
type view struct {
	Locale, OtherLocale, Token string
	Message                    []string
	Failed, Open               bool
	Papers                     []paperView
	T                          words
}

type paperView struct {
	Key, Name, Count string
	Pages            int
}

type words struct{ Title, Intro, Choose, Send, Remove, Done, Tips, Who, Other string }

func (u *Uploads) words(locale string) words {
	t := func(key string) string { return u.catalog.Messages().Text(locale, text.Screen, "web.upload."+key, nil) }
	return words{
		Title: t("title"), Intro: t("intro"), Choose: t("choose"), Send: t("send"), Remove: t("remove"),
		Done: t("done"), Tips: t("tips"), Who: t("who"), Other: t("other"),
	}
}

func locale(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == text.EN || l == text.VI {
		return l
	}
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en") {
		return text.EN
	}
	return text.VI
}

// show renders the page as it stands, with a message of a step before.
func (u *Uploads) show(w http.ResponseWriter, r *http.Request) {
	if res, err := u.openResult(r); err == nil {
		u.showResult(w, r, res)
		return
	}
	said := ""
	if n := r.URL.Query().Get("got"); n != "" {
		if k, err := strconv.Atoi(n); err == nil && k >= 0 && k <= maxPages {
			said = strconv.Itoa(k)
		}
	}
	l := locale(r)
	var message []string
	if said != "" {
		message = []string{u.catalog.Messages().Text(l, text.Screen, "web.upload.got", map[string]string{"count": said})}
	}
	u.render(w, r, http.StatusOK, message, false)
}

func (u *Uploads) render(w http.ResponseWriter, r *http.Request, status int, message []string, failed bool) {
	l := locale(r)
	token, _ := identity.ParseLinkToken(r.PathValue("token"))
	v := view{Locale: l, OtherLocale: text.EN, Token: token, Message: message, Failed: failed, T: u.words(l)}
	if l == text.EN {
		v.OtherLocale = text.VI
	}
	var s subject
	err := u.store.View(r.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		s, err = u.open(ctx, tx, token, l)
		return err
	})
	switch {
	case err == nil:
		v.Open = true
		for _, want := range s.requirements {
			stand := vault.StandOf(s.papers, want.key, s.round)
			v.Papers = append(v.Papers, paperView{
				Key: want.key, Name: want.name, Pages: stand.Files,
				Count: u.catalog.Messages().Text(l, text.Screen, "web.upload.count", map[string]string{
					"files": strconv.Itoa(stand.Files), "pages": strconv.Itoa(stand.Pages),
				}),
			})
		}
	case core.ErrorKey(err) == "error.link.finished" && !failed:
		status, v.Message = statusOf(err), []string{u.catalog.Messages().Text(l, text.Screen, "web.upload.finished", nil)}
	case !failed:
		status, v.Message, v.Failed = statusOf(err), u.explain(l, err), true
		u.note(r, err)
	}
	var b bytes.Buffer
	if err := u.page.Execute(&b, v); err != nil {
		u.log.ErrorContext(r.Context(), "upload page", "cause", err.Error())
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writePage(w, status, b.Bytes())
}

// writePage sends a page that its reader alone is to see.
func writePage(w http.ResponseWriter, status int, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// With "no-referrer" browsers send "Origin: null" with a form, which older ones
	// cannot tell from another site's. Nobody but us gets to see it this way either.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(page)
}

// explain gives what happened, what to do and a way out, a sentence each.
func (u *Uploads) explain(l string, err error) []string {
	return strings.Split(u.catalog.Messages().Text(l, text.Screen, core.ErrorKey(err), nil), "\n")
}

func (u *Uploads) note(r *http.Request, err error) {
	if code := core.ErrorCode(err); code == core.CodeInternal || code == core.CodeUnavailable {
		u.log.ErrorContext(r.Context(), "upload page", "code", code, "cause", err.Error())
	}
}

func statusOf(err error) int {
	switch core.ErrorCode(err) {
	case core.CodeNotFound:
		return http.StatusNotFound
	case core.CodeFailedPrecondition, core.CodeConflict:
		return http.StatusGone
	case core.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case core.CodeUnsupported:
		return http.StatusUnsupportedMediaType
	case core.CodeInvalid:
		return http.StatusBadRequest
	case core.CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func (u *Uploads) fail(w http.ResponseWriter, r *http.Request, err error) {
	u.note(r, err)
	u.render(w, r, statusOf(err), u.explain(locale(r), err), true)
}

// back sends the browser to the page again, so that reloading it sends nothing.
func back(w http.ResponseWriter, r *http.Request, query string) {
	token, _ := identity.ParseLinkToken(r.PathValue("token"))
	http.Redirect(w, r, "/u/"+token+"?lang="+locale(r)+query, http.StatusSeeOther)
}

// receive takes the chosen files in, one after the other as they arrive: no byte
// of a paper touches the disk unsealed. Each file is kept or refused by itself:
// what was kept stays, and the first refusal is told.
func (u *Uploads) receive(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	// Who has no link does not get a file in.
	err := u.store.View(r.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := u.open(ctx, tx, token, text.VI)
		return err
	})
	if err == nil && r.ContentLength > maxBody {
		w.Header().Set("Connection", "close")
		hearOut(w, r, r.Body)
		err = core.E(core.CodeTooLarge, "web.upload", vault.ReasonTooLarge, nil)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	body := r.Body
	r.Body = http.MaxBytesReader(w, body, maxBody)
	got, err := u.takeAll(r, token)
	if err != nil {
		hearOut(w, r, body)
		u.fail(w, r, err)
		return
	}
	back(w, r, "&got="+strconv.Itoa(got))
}

// takeAll reads the form: the paper's name, which the page puts first, then its
// files.
func (u *Uploads) takeAll(r *http.Request, token string) (got int, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return 0, core.E(core.CodeInvalid, "web.upload", "error.invalid", err)
	}
	paper := ""
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return got, formError(err)
		}
		switch part.FormName() {
		case "paper":
			name, err := io.ReadAll(io.LimitReader(part, 200))
			if err != nil {
				return got, formError(err)
			}
			paper = string(name)
		case "file":
			if part.FileName() == "" {
				continue // no file was chosen
			}
			if got == maxPages {
				return got, core.E(core.CodeInvalid, "web.upload", vault.ReasonTooManyPages, nil)
			}
			file, err := vault.Receive(part)
			if err != nil {
				return got, formError(err)
			}
			if err := u.take(r.Context(), token, paper, part.FileName(), file); err != nil {
				return got, err
			}
			got++
		}
	}
	if got == 0 {
		return 0, core.E(core.CodeInvalid, "web.upload", vault.ReasonEmpty, nil)
	}
	return got, nil
}

// formError gives the error of reading a form its code: the whole is too large,
// or the sender broke off.
func formError(err error) error {
	var large *http.MaxBytesError
	var known *core.Error
	switch {
	case errors.As(err, &large):
		return core.E(core.CodeTooLarge, "web.upload", vault.ReasonTooLarge, err)
	case errors.As(err, &known) && known.Code == core.CodeTooLarge:
		return err
	}
	return core.E(core.CodeInvalid, "web.upload", vault.ReasonTruncated, err)
}

// hearOut reads on, within reason, before a refusal: a browser that is still
// sending would see a broken line in place of the answer. Who asks before sending
// sends nothing then.
func hearOut(w http.ResponseWriter, r *http.Request, body io.Reader) {
	if r.Header.Get("Expect") != "" {
		return
	}
	// Not for longer than a photo takes; a server that cannot say so has a limit of
	// its own.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = io.Copy(io.Discard, io.LimitReader(body, 2*maxBody))
}

// maxName bounds what is kept of a file's name, in bytes.
const maxName = 200

// take keeps one file: its bytes first, then the page that names them.
func (u *Uploads) take(ctx context.Context, token, paper, name string, file vault.File) error {
	verdict := vault.Inspect(file.Bytes)
	if err := verdict.Err(); err != nil {
		return err
	}
	name = strings.ToValidUTF8(name[:min(len(name), maxName)], "")
	id := core.NewID(u.clock.Now())
	key := vault.BlobKey(id, file.SHA256)
	if _, err := u.blobs.Put(ctx, key, bytes.NewReader(file.Bytes)); err != nil {
		return err
	}
	kept := false
	err := u.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		kept = false
		s, err := u.open(ctx, tx, token, text.VI)
		if err != nil {
			return err
		}
		if !s.wants(paper) {
			return core.Ef(core.CodeInvalid, "web.upload", "error.invalid", "paper is not asked for")
		}
		// The same file sent twice (a second press on a slow line) is one page.
		if has(s.papers, paper, s.round, file.SHA256) {
			return nil
		}
		if vault.StandOf(s.papers, paper, s.round).Files >= maxPages {
			return core.E(core.CodeInvalid, "web.upload", vault.ReasonTooManyPages, nil)
		}
		kept = true
		_, err = u.vault.AddReady(ctx, tx, vault.NewPage{
			ID: id, DraftID: s.link.DraftID, DossierID: s.link.DossierID, Requirement: paper, Round: s.round,
			Channel: "web", Name: name,
		}, verdict, int64(len(file.Bytes)), file.SHA256, key)
		return err
	})
	if !kept || err != nil && core.ErrorCode(err) != core.CodeUnavailable {
		// Nothing names the blob; leaving it would only waste room. After a commit
		// whose answer was lost it stays, because the page may be there.
		_ = u.blobs.Delete(context.WithoutCancel(ctx), key)
	}
	return err
}

func (s subject) wants(paper string) bool {
	for _, w := range s.requirements {
		if w.key == paper {
			return true
		}
	}
	return false
}

func has(papers []core.Paper, requirement string, round int, sha256 string) bool {
	for _, p := range papers {
		if p.Requirement != requirement || p.Round != round {
			continue
		}
		for _, page := range vault.Live(p) {
			if page.SHA256 == sha256 {
				return true
			}
		}
	}
	return false
}

// remove takes the last page of a paper back.
func (u *Uploads) remove(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	paper := r.FormValue("paper")
	err := u.store.Update(r.Context(), func(ctx context.Context, tx core.Tx) error {
		s, err := u.open(ctx, tx, r.PathValue("token"), text.VI)
		if err != nil {
			return err
		}
		_, err = u.vault.RemoveLast(ctx, tx, s.link.DraftID, s.link.DossierID, paper, s.round)
		return err
	})
	if err != nil {
		u.fail(w, r, err)
		return
	}
	back(w, r, "")
}

// done ends the link; the conversation that gave it goes on by itself.
func (u *Uploads) done(w http.ResponseWriter, r *http.Request) {
	err := u.store.Update(r.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := u.identity.FinishLink(ctx, tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		u.fail(w, r, err)
		return
	}
	back(w, r, "")
}
