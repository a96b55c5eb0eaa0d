package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/core/vault"
)

// result is what a link to a finished dossier opens.
type result struct {
	link    core.Link
	dossier core.Dossier
	pages   []core.Page // files of the result, in order
	draft   bool        // they are the draft of it
}

// openResult reads what the link of a request opens. A link that was given while
// the dossier was worked on is for sending papers in, and whoever helped with that
// does not get the result: only a link made after the end opens it.
//
// Errors: those of identity.OpenLink; failed_precondition for other links.
func (u *Uploads) openResult(r *http.Request) (res result, err error) {
	err = u.store.View(r.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		res = result{}
		if res.link, err = u.identity.OpenLink(ctx, tx, r.PathValue("token")); err != nil {
			return err
		}
		other := core.E(core.CodeFailedPrecondition, "web.result", "error.link.unknown", nil)
		if res.link.DossierID == "" {
			return other
		}
		if res.dossier, err = tx.Dossiers().Get(ctx, res.link.DossierID); err != nil {
			return err
		}
		d := res.dossier
		// A link to a draft is one that was made while the draft was being checked.
		draft := d.ResultDraft == core.ResultDraftSent && !res.link.CreatedAt.Before(d.AnswerBy.Add(-dossier.DraftTime))
		if !draft && (d.State != core.StateDone && d.State != core.StateReturned || res.link.CreatedAt.Before(d.DoneAt)) {
			return other
		}
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if draft {
			res.draft, res.pages = true, vault.LastDraft(papers)
			return err
		}
		for _, p := range papers {
			if p.Requirement == vault.RequirementResult {
				res.pages = append(res.pages, vault.Live(p)...)
			}
		}
		return err
	})
	return res, err
}

// resultView is what the template shows.
type resultView struct {
	Locale, OtherLocale, Other, Token string
	Title, Code, Name                 string
	Intro, Until, Who                 string
	Files                             []resultFile
}

type resultFile struct {
	N           int
	Name, Label string
}

func (u *Uploads) showResult(w http.ResponseWriter, r *http.Request, res result) {
	l := locale(r)
	say := func(key string, args map[string]string) string {
		return u.catalog.Messages().Text(l, text.Screen, key, args)
	}
	token, _ := identity.ParseLinkToken(r.PathValue("token"))
	v := resultView{
		Locale: l, OtherLocale: text.EN, Other: say("web.upload.other", nil), Token: token, Who: say("web.upload.who", nil),
		Title: say("web.result.title", nil), Code: res.dossier.Code,
		Intro: say("web.result.intro", nil),
		Until: say("web.result.until", map[string]string{"until": text.DateTimeLong(l, res.link.ExpiresAt)}),
	}
	if l == text.EN {
		v.OtherLocale = text.VI
	}
	if res.draft {
		v.Title, v.Intro = say("web.draft.title", nil), say("web.draft.intro", nil)
	}
	if p, ok := u.catalog.Procedure(res.dossier.ProcedureCode); ok && !res.dossier.Confidential {
		v.Name = p.Name.In(l)
	}
	if len(res.pages) == 0 {
		v.Intro = say("web.result.none", nil)
	}
	for i, p := range res.pages {
		v.Files = append(v.Files, resultFile{N: i + 1, Name: fileName(res.dossier, i+1, p), Label: say("web.result.file", map[string]string{
			"n": strconv.Itoa(i + 1), "kind": strings.ToUpper(extension(p.MIME)), "size": fileSize(l, p.Size),
		})})
	}
	var b bytes.Buffer
	if err := u.page.ExecuteTemplate(&b, "result.html", v); err != nil {
		u.log.ErrorContext(r.Context(), "result page", "cause", err.Error())
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writePage(w, http.StatusOK, b.Bytes())
}

// fileName is neutral: who looks over a shoulder at a list of downloads learns
// nothing of what it is.
func fileName(d core.Dossier, n int, p core.Page) string {
	return fmt.Sprintf("ket-qua-%s-%d.%s", dossier.Tail(d.Code), n, extension(p.MIME))
}

func extension(mime string) string {
	switch mime {
	case "application/pdf":
		return "pdf"
	case "image/jpeg":
		return "jpg"
	case "image/png":
		return "png"
	}
	return "bin"
}

// fileSize writes a size the way people read it on a phone.
func fileSize(l text.Locale, bytes int64) string {
	const mega = 1 << 20
	if bytes < mega {
		return strconv.FormatInt(max(1, (bytes+1023)/1024), 10) + " KB"
	}
	s := strconv.FormatFloat(float64(bytes)/mega, 'f', 1, 64)
	if l == text.VI {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " MB"
}

// download sends one file of the result as it was received. It is opened before
// the first header is written; bytes that turn out damaged on the way break the
// download off, because fewer come than were announced.
func (u *Uploads) download(w http.ResponseWriter, r *http.Request) {
	res, err := u.openResult(r)
	n, _ := strconv.Atoi(r.PathValue("n")) // what is no number is no file
	if err == nil && (n < 1 || n > len(res.pages)) {
		err = core.E(core.CodeNotFound, "web.result", "error.result.none", nil)
	}
	var content io.ReadCloser
	if err == nil {
		content, err = u.blobs.Open(r.Context(), res.pages[n-1].BlobKey)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	defer func() { _ = content.Close() }()
	p := res.pages[n-1]
	mime := p.MIME
	if extension(mime) == "bin" {
		mime = "application/octet-stream"
	}
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(res.dossier, n, p)+`"`)
	h.Set("Content-Length", strconv.FormatInt(p.Size, 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, content); err != nil && r.Context().Err() == nil {
		u.log.ErrorContext(r.Context(), "result download", "cause", err.Error())
	}
}
