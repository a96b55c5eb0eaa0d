package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/internal/simkit"
)

func TestPageStates(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	open := h.link()
	h.get("/u/"+open).says(t, 200, "Gửi ảnh giấy tờ", "Giấy ly hôn hoặc giấy chứng tử", `name="paper" value="`+decree+`"`, "Đã nhận 0 tệp, 0 trang.", "Xong, đã gửi đủ")
	h.get("/u/"+open+"?lang=en").says(t, 200, `<html lang="en">`, "Send photos of your papers", "Divorce or death paper", "0 files received, 0 pages.")
	h.get("/u/"+strings.ToLower(open)).says(t, 200, `action="/u/`+open+`?lang=vi"`) // typed from a printed message
	h.do("GET", "/u/"+open, map[string]string{"Accept-Language": "en-GB,vi;q=0.5"}, "", nil).says(t, 200, `<html lang="en">`)
	if p := h.do("HEAD", "/u/"+open, nil, "", nil); p.status != 200 || p.body != "" {
		t.Errorf("HEAD: %d %q", p.status, p.body)
	}

	for _, unknown := range []string{"0000000000000000", "x", strings.Repeat("Z", 17), "<script>alert(1)", "%2e%2e%2f"} {
		p := h.get("/u/" + url.PathEscape(unknown))
		p.says(t, 404, "Đường dẫn này không có.", `role="alert"`)
		if strings.Contains(p.body, "<form") || strings.Contains(p.body, "<script") {
			t.Errorf("the page of an unknown link: %s", p.body)
		}
	}
	h.get("/u/0000000000000000?lang=en").says(t, 404, "There is no such link.", "For a new one send “link”")

	finished := h.link()
	if p := h.post("/u/"+finished+"/done", nil); p.status != http.StatusGone || p.url.Path != "/u/"+finished {
		t.Errorf("after done: %d at %s", p.status, p.url)
	}
	h.get("/u/"+finished).says(t, 410, "Đã nhận đủ giấy tờ.", `role="status"`)
	h.get("/u/"+finished+"?lang=en").says(t, 410, "All papers are received.")

	h.clock.Add(identity.LinkLife)
	expired := h.get("/u/" + open)
	expired.says(t, 410, "Đường dẫn đã hết hạn.", "1022")
	if strings.Contains(expired.body, "<form") {
		t.Error("an expired link still shows a form")
	}
	h.get("/u/"+open+"?lang=en").says(t, 410, "The link is too old.", "For a new one send “link”")
}

func TestLinksOfClosedDrafts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	h.update(func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Drafts().Get(ctx, h.draft.ID)
		if err != nil {
			return err
		}
		d.State = core.DraftDropped
		return tx.Drafts().Save(ctx, d)
	})
	h.get("/u/"+token).says(t, 410, "Bản nháp này đã nộp hoặc đã xóa.")
	h.send("/u/"+token, decree, nil, file{"a.jpg", simkit.SamplePhoto("a")}).says(t, 410, "Bản nháp này đã nộp hoặc đã xóa.")
	if n := h.kept(); n != 0 {
		t.Errorf("%d blobs of a closed draft", n)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	for path, allow := range map[string]string{
		"/u/" + token: "GET, HEAD, POST", "/u/" + token + "/done": "POST", "/u/" + token + "/remove": "POST",
	} {
		for _, method := range []string{"PUT", "DELETE", "TRACE", "PATCH", "OPTIONS"} {
			p := h.do(method, path, nil, "", nil)
			if p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") != allow {
				t.Errorf("%s %s: %d, Allow %q", method, path, p.status, p.header.Get("Allow"))
			}
		}
	}
	// Opening a page changes nothing, whatever is in its address.
	h.get("/u/" + token + "?paper=" + decree + "&done=1&got=3")
	if p := h.get("/u/" + token + "/done"); p.status != http.StatusMethodNotAllowed {
		t.Errorf("GET of done: %d", p.status)
	}
	h.get("/u/"+token).says(t, 200)
}

func TestSendAndRemove(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	photo, pdf := simkit.SamplePhoto("trang 1"), simkit.SamplePDF("quyet dinh", 3)
	p := h.send("/u/"+token, decree, nil, file{"trang 1.jpg", photo})
	p.says(t, 200, "Đã nhận 1 tệp.", "Đã nhận 1 tệp, 1 trang.", "Xóa trang cuối")
	if p.url.Path != "/u/"+token {
		t.Errorf("not sent back to the page: %s", p.url)
	}
	h.send("/u/"+token+"?lang=en", decree, nil, file{"quyet dinh.pdf", pdf}).says(t, 200, "1 files received.", "2 files received, 4 pages.")
	// The same file again, of another name, is the same page.
	h.send("/u/"+token, decree, nil, file{"copy.jpg", photo}).says(t, 200, "Đã nhận 2 tệp, 4 trang.")
	if s := h.stand(decree); s.Files != 2 || s.Pages != 4 || h.kept() != 2 {
		t.Errorf("%+v, %d blobs", s, h.kept())
	}
	// Several at once, of which one is empty.
	h.send("/u/"+token, "residence_proof", nil, file{"1.jpg", simkit.SamplePhoto("2")}, file{"2.jpg", simkit.SamplePhoto("3")}).says(t, 200, "Đã nhận 2 tệp.")
	h.post("/u/"+token+"/remove", url.Values{"paper": {decree}}).says(t, 200, "Đã nhận 1 tệp, 1 trang.")
	h.post("/u/"+token+"/remove", url.Values{"paper": {decree}}).says(t, 200, "Đã nhận 0 tệp, 0 trang.")
	h.post("/u/"+token+"/remove", url.Values{"paper": {decree}}).says(t, 404, "Chưa có trang nào của giấy này.")
	if s := h.stand("residence_proof"); s.Files != 2 {
		t.Errorf("another paper changed: %+v", s)
	}
	// What was taken back may be sent again.
	h.send("/u/"+token, decree, nil, file{"trang 1.jpg", photo}).says(t, 200, "Đã nhận 1 tệp, 1 trang.")

	if h.inFiles(photo[len(photo)/2:len(photo)/2+64]) || h.inFiles(pdf[len(pdf)/2:len(pdf)/2+64]) {
		t.Error("a paper is on the disk unsealed")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	photo := simkit.SamplePhoto("x")
	big := make([]byte, core.MaxFile+1)
	copy(big, photo)
	for _, c := range []struct {
		name   string
		paper  string
		data   []byte
		status int
		want   string
	}{
		{"too large", decree, big, 413, "Tệp lớn hơn 20 MB."},
		{"a text", decree, []byte("Kính gửi Ủy ban nhân dân"), 415, "Chưa nhận được loại tệp này."},
		{"a page", decree, []byte("<!doctype html><script>alert(1)</script>"), 415, "Chưa nhận được loại tệp này."},
		{"a camera's own format", decree, []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), 415, "HEIC"},
		{"the half of a photo", decree, photo[:len(photo)/2], 400, ""},
		{"nothing", decree, nil, 400, "Tệp không có nội dung."},
		{"a paper nobody asked for", "result", photo, 400, ""},
		{"no paper", "", photo, 400, ""},
	} {
		p := h.send("/u/"+token, c.paper, nil, file{"a.jpg", c.data})
		if p.status != c.status || !strings.Contains(p.body, c.want) || strings.Count(p.body, "<p>") < 3 || !strings.Contains(p.body, `role="alert"`) {
			t.Errorf("%s: %d\n%s", c.name, p.status, p.body)
		}
		if !strings.Contains(p.body, "<form") {
			t.Errorf("%s: the page is not there any more to try again", c.name)
		}
	}
	if s := h.stand(decree); s.Files != 0 || h.kept() != 0 {
		t.Errorf("something was kept: %+v, %d blobs", s, h.kept())
	}
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"no form":    {"text/plain", "paper=" + decree, 400},
		"torn form":  {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\xff\xd8\xff", 400},
		"empty form": {"multipart/form-data; boundary=x", "--x--\r\n", 400},
	} {
		if p := h.do("POST", "/u/"+token, nil, c.contentType, strings.NewReader(c.body)); p.status != c.status || !strings.Contains(p.body, `role="alert"`) {
			t.Errorf("%s: %d\n%s", name, p.status, p.body)
		}
	}
	// What was kept before the refusal stays.
	h.send("/u/"+token, decree, nil, file{"1.jpg", photo}, file{"2.txt", []byte("text")}).says(t, 415, "Đã nhận 1 tệp, 1 trang.")
}

// endless is a body that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func TestOversizeBody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	body := &endless{}
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.server.URL+"/u/"+token, io.LimitReader(body, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	req.ContentLength = 1 << 30 // announced: nothing of it is read
	req.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a gigabyte: %d", res.StatusCode)
	}
	// Who has no link gets no byte in.
	req = req.Clone(t.Context())
	req.URL.Path, req.Body = "/u/0000000000000000", io.NopCloser(io.LimitReader(body, 1<<30))
	if res, err = client.Do(req); err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound || body.read > 1<<20 {
		t.Errorf("an unknown link: %d after %d bytes", res.StatusCode, body.read)
	}
	// Announced by somebody who sends without asking and listens afterwards, as
	// browsers do: heard out, so that the answer arrives.
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /u/%s HTTP/1.1\r\nHost: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n",
		token, h.server.Listener.Addr(), 70<<20)
	if err == nil {
		_, err = io.Copy(conn, io.LimitReader(body, 70<<20))
	}
	if err != nil {
		t.Fatalf("70 MiB: the line broke: %v", err)
	}
	if res, err = http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Fatalf("70 MiB: no answer: %v", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("70 MiB: %d", res.StatusCode)
	}
	// Not announced: refused once the bound is passed.
	contentType, start := form(decree, file{"a.jpg", simkit.SamplePhoto("x")})
	tail := bytes.Repeat([]byte{'x'}, 1<<20)
	readers := []io.Reader{bytes.NewReader(start.Bytes()[:start.Len()-4])}
	for range 75 {
		readers = append(readers, bytes.NewReader(tail))
	}
	if p := h.do("POST", "/u/"+token, nil, contentType, io.MultiReader(readers...)); p.status != http.StatusRequestEntityTooLarge {
		t.Errorf("75 MiB in pieces: %d", p.status)
	}
	if h.kept() != 0 {
		t.Error("something was kept")
	}
}

// Two presses of the button on a slow line arrive at once.
func TestSameFileAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	photo := simkit.SamplePhoto("twice")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			contentType, body := form(decree, file{"a.jpg", photo})
			res, err := h.server.Client().Post(h.server.URL+"/u/"+token, contentType, body)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode != 200 {
				t.Errorf("status %d", res.StatusCode)
			}
		})
	}
	all.Wait()
	if s := h.stand(decree); s.Files != 1 || h.kept() != 1 {
		t.Errorf("%+v, %d blobs", s, h.kept())
	}
}

func TestDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	h.send("/u/"+token, decree, nil, file{"a.jpg", simkit.SamplePhoto("a")}).says(t, 200)
	for range 2 { // pressed twice
		h.post("/u/"+token+"/done?lang=en", nil).says(t, 410, "All papers are received.", `role="status"`)
	}
	var told []identity.DoorEvent
	h.view(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 100)
		for _, j := range jobs {
			if j.Kind != identity.JobDoor {
				continue
			}
			if j, err = tx.Jobs().Get(ctx, j.ID); err != nil {
				return err
			}
			var e identity.DoorEvent
			if err := json.Unmarshal(j.Payload, &e); err != nil {
				return err
			}
			told = append(told, e)
		}
		return err
	})
	if len(told) != 1 || told[0].Kind != core.EventUploaded || told[0].ConvID != h.conv.ID || told[0].DraftID != h.draft.ID {
		t.Errorf("the conversation was told %+v", told)
	}
	// The link is over, what was sent is there.
	h.send("/u/"+token, decree, nil, file{"b.jpg", simkit.SamplePhoto("b")}).says(t, 410)
	h.post("/u/"+token+"/remove", url.Values{"paper": {decree}}).says(t, 410)
	if s := h.stand(decree); s.Files != 1 {
		t.Errorf("%+v", s)
	}
	h.post("/u/0000000000000000/done", nil).says(t, 404)
}

func TestSupplement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.build.Dossier(h.draft, func(d *core.Dossier) {
		d.ProcedureCode, d.State, d.Round = maritalStatus, core.StateSupplement, 1
	})
	items, err := core.SealJSON([]core.SupplementItem{{Requirement: decree, Reason: "page_missing", Page: 2}, {Requirement: decree, Reason: "blurred"}})
	if err != nil {
		t.Fatal(err)
	}
	sup := core.Supplement{ID: core.NewID(h.clock.Now()), DossierID: d.ID, Round: 1, Items: items, DueAt: h.clock.Now().Add(time.Hour), CreatedAt: h.clock.Now()}
	h.update(func(ctx context.Context, tx core.Tx) error {
		if err := tx.Dossiers().Insert(ctx, d); err != nil {
			return err
		}
		return tx.Dossiers().AddSupplement(ctx, sup)
	})
	token := h.linkFor(core.Link{DraftID: h.draft.ID, DossierID: d.ID, ConvID: h.conv.ID})
	if p := h.get("/u/" + token); p.status != 200 || strings.Count(p.body, "<section") != 1 || strings.Contains(p.body, d.Code) {
		t.Errorf("the page of one missing paper: %d\n%s", p.status, p.body)
	}
	h.send("/u/"+token, decree, nil, file{"2.jpg", simkit.SamplePhoto("2")}).says(t, 200, "Đã nhận 1 tệp, 1 trang.")
	h.send("/u/"+token, "residence_proof", nil, file{"2.jpg", simkit.SamplePhoto("2")}).says(t, 400)
	h.view(func(ctx context.Context, tx core.Tx) error {
		papers, err := tx.Papers().ByDossier(ctx, d.ID)
		if len(papers) != 1 || papers[0].Round != 1 || len(papers[0].Pages) != 1 {
			t.Errorf("%+v", papers)
		}
		return err
	})
	h.update(func(ctx context.Context, tx core.Tx) error {
		return tx.Dossiers().AnswerSupplement(ctx, sup.ID, tx.Now())
	})
	h.get("/u/"+token).says(t, 410, "Đã nhận đủ giấy tờ.")
}

// The token is in the address and nowhere else; the address and the title tell
// nothing about anybody.
func TestNothingPersonal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	const name = "Nguyễn Thị Cành Mai 079190000012.jpg"
	p := h.send("/u/"+token, decree, nil, file{name, simkit.SamplePhoto("a")})
	p.says(t, 200, "<title>Gửi ảnh giấy tờ</title>")
	for _, secret := range []string{"Cành Mai", "079190000012"} {
		if strings.Contains(p.body+p.url.String(), secret) {
			t.Errorf("%q is on the page or in its address %s", secret, p.url)
		}
		if h.inFiles([]byte(secret)) {
			t.Errorf("%q is on the disk unsealed", secret)
		}
	}
	h.post("/u/"+token+"/done", nil)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	if h.inFiles([]byte(token)) {
		t.Error("the token is on the disk")
	}
	h.get("/u/" + token) // the store is closed: this is logged
	if h.log.Len() == 0 {
		t.Error("a page without a store is not logged")
	}
	if strings.Contains(h.log.String(), token) {
		t.Errorf("the token is in the log: %s", &h.log)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	for path, status := range map[string]int{"/u/" + token: 200, "/u/0000000000000000": 404} {
		p := h.get(path)
		if p.status != status {
			t.Errorf("%s: %d", path, p.status)
		}
		for k, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		} {
			if got := p.header.Get(k); got != want {
				t.Errorf("%s: %s is %q, want %q", path, k, got, want)
			}
		}
		if len(p.header["Set-Cookie"]) > 0 || strings.Contains(p.body, "<script") || strings.Contains(p.body, "style=") {
			t.Errorf("%s sets a cookie, runs a script or has a style of its own", path)
		}
	}
	css := h.get("/u/page.css")
	css.says(t, 200, ":focus-visible")
	if got := css.header.Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("the style is %s", got)
	}
}

// Browsers say where a form comes from; another site's is refused, ours is not,
// old browsers' included.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	photo := file{"a.jpg", simkit.SamplePhoto("a")}
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://example.org"},
		{"Origin": "null"},
	} {
		for _, path := range []string{"/u/" + token, "/u/" + token + "/done", "/u/" + token + "/remove"} {
			if p := h.send(path, decree, header, photo); p.status != http.StatusForbidden {
				t.Errorf("%v to %s: %d", header, path, p.status)
			}
		}
	}
	if s := h.stand(decree); s.Files != 0 {
		t.Fatalf("%+v", s)
	}
	h.get("/u/"+token).says(t, 200)
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "same-origin", "Origin": h.server.URL},
		{"Origin": h.server.URL}, // a browser from before Sec-Fetch-Site
		{},
	} {
		h.send("/u/"+token, decree, header, photo).says(t, 200)
	}
	// A link in a message opens from anywhere.
	h.do("GET", "/u/"+token, map[string]string{"Sec-Fetch-Site": "cross-site"}, "", nil).says(t, 200)
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.link()
	for _, name := range []string{
		`"><script>alert(1)</script>.jpg`, "../../etc/passwd", "gpj.\u202eexe", strings.Repeat("ấ", 5000) + ".jpg", "CON", "\xff\xfe.jpg", "{{.Token}}.jpg",
	} {
		p := h.send("/u/"+token+"?lang=%22%3E%3Cscript%3E", decree, nil, file{name, simkit.SamplePhoto(name)})
		p.says(t, 200)
		if strings.Contains(p.body, "<script") || strings.Contains(p.body, "passwd") {
			t.Errorf("%q: %s", name, p.body)
		}
	}
	h.view(func(ctx context.Context, tx core.Tx) error {
		papers, err := tx.Papers().ByDraft(ctx, h.draft.ID)
		for _, p := range papers {
			for _, page := range p.Pages {
				if len(page.Name) > 200 {
					t.Errorf("a name of %d bytes is kept", len(page.Name))
				}
			}
		}
		return err
	})
	for _, got := range []string{"-1", "101", "999999999999999999999", "<b>"} {
		if p := h.get("/u/" + token + "?got=" + url.QueryEscape(got)); strings.Contains(p.body, `role="status"`) {
			t.Errorf("got=%s is believed", got)
		}
	}
	h.get("/u/"+token+"?got=2").says(t, 200, "Đã nhận 2 tệp.")
}
