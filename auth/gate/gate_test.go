package gate_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/mobileapi"
	"github.com/motcua/motcua/proto/doortest"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

const (
	search = "/motcua.mobile.v1.CatalogService/SearchProcedures"
	start  = "/motcua.mobile.v1.DossierService/StartDossier"
	track  = "/motcua.mobile.v1.DossierService/TrackDossier"
)

func with(h doortest.Header, more ...string) doortest.Header {
	out := doortest.Header{}
	for k, v := range h {
		out[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func TestReadsByGetCarryAnETag(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	get := func(query, match string) doortest.Reply {
		return h.Get(search+"?encoding=json&message="+url.QueryEscape(`{"query":"`+query+`"}`), doortest.Header{"If-None-Match": match})
	}
	first := get("khai sinh", "")
	etag := first.Header.Get("ETag")
	if first.Status != http.StatusOK || etag == "" || !strings.Contains(first.Header.Get("Cache-Control"), "public") {
		t.Fatalf("GET: %d %v", first.Status, first.Header)
	}
	for name, match := range map[string]string{"same": etag, "list": `"x", ` + etag, "any": "*", "strong": strings.TrimPrefix(etag, "W/")} {
		if r := get("khai sinh", match); r.Status != http.StatusNotModified || r.Body != "" || r.Header.Get("ETag") != etag {
			t.Errorf("%s: %d %q", name, r.Status, r.Body)
		}
	}
	if r := get("khai sinh", `"other"`); r.Status != http.StatusOK || r.Body != first.Body {
		t.Errorf("another tag: %d", r.Status)
	}
	if r := get("kết hôn", etag); r.Status != http.StatusOK {
		t.Errorf("another question with the old tag: %d", r.Status)
	}
	if r := h.Get(start+"?encoding=json&message=%7B%7D", nil); r.Status != http.StatusMethodNotAllowed {
		t.Errorf("an act by GET: %d", r.Status)
	}
}

func TestPersonalAnswersAreNotStored(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	me := doortest.Bearer(h.Anonymous().Access)
	list := "/motcua.mobile.v1.DossierService/ListDossiers"
	for name, r := range map[string]doortest.Reply{
		"post":  h.Post(list, me, map[string]any{}),
		"get":   h.Get(list+"?encoding=json&message=%7B%7D", me),
		"error": h.Post(track, me, map[string]any{"code": "H29.26740-261102-0001"}),
		"login": h.Post("/motcua.mobile.v1.SessionService/StartAnonymous", nil, map[string]any{}),
	} {
		if got := r.Header.Get("Cache-Control"); got != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("%s: Cache-Control %q, ETag %q", name, got, r.Header.Get("ETag"))
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	a, b := doortest.Bearer(h.Anonymous().Access), doortest.Bearer(h.Anonymous().Access)
	body := map[string]any{"procedureCode": doortest.MaritalStatus}
	first := h.Post(start, with(a, "Idempotency-Key", "k1"), body)
	if first.Status != http.StatusOK {
		t.Fatal(first)
	}
	if again := h.Post(start, with(a, "Idempotency-Key", "k1"), body); again.Body != first.Body {
		t.Errorf("repeated: %s, want %s", again.Body, first.Body)
	}
	if other := h.Post(start, with(a, "Idempotency-Key", "k1"), map[string]any{"procedureCode": "1.001193"}); other.Code != "failed_precondition" {
		t.Errorf("another body under the same key: %d %s", other.Status, other.Body)
	}
	if r := h.Post(start, with(a, "Idempotency-Key", "k2"), body); r.Status != http.StatusOK || r.Body == first.Body {
		t.Errorf("another key: %d, same answer %v", r.Status, r.Body == first.Body)
	}
	if r := h.Post(start, with(b, "Idempotency-Key", "k1"), body); r.Status != http.StatusOK || r.Body == first.Body {
		t.Errorf("another citizen's key: %d, same answer %v", r.Status, r.Body == first.Body)
	}
	if n := drafts(t, h, a); n != 2 {
		t.Errorf("%d drafts, want 2", n)
	}
	// A failure is not kept: the same call may succeed later.
	bad := map[string]any{"procedureCode": "9.999999"}
	for range 2 {
		if r := h.Post(start, with(a, "Idempotency-Key", "k3"), bad); r.Code != "not_found" {
			t.Errorf("unknown procedure: %d %s", r.Status, r.Body)
		}
	}
	if r := h.Post(start, with(a, "Idempotency-Key", strings.Repeat("k", 201)), body); r.Code != "invalid_argument" {
		t.Errorf("an endless key: %d", r.Status)
	}
}

// The same call 32 times at once has one effect, and every caller gets its answer
// or is told that the call is running.
func TestConcurrentIdempotentCalls(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	me := doortest.Bearer(h.Anonymous().Access)
	var busy, good atomic.Int32
	bodies := make([]string, 32)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			r := h.Post(start, with(me, "Idempotency-Key", "one"), map[string]any{"procedureCode": doortest.MaritalStatus})
			switch {
			case r.Status == http.StatusOK:
				good.Add(1)
				bodies[i] = r.Body
			case r.Code == "aborted":
				busy.Add(1)
			default:
				t.Errorf("%d %s", r.Status, r.Body)
			}
		})
	}
	wg.Wait()
	if good.Load() < 1 || good.Load()+busy.Load() != 32 {
		t.Fatalf("%d good, %d busy", good.Load(), busy.Load())
	}
	answer := ""
	for _, b := range bodies {
		if b != "" && answer != "" && b != answer {
			t.Fatal("two answers to one call")
		}
		answer = max(answer, b)
	}
	if n := drafts(t, h, me); n != 1 {
		t.Fatalf("%d drafts", n)
	}
}

func drafts(t *testing.T, h *doortest.House, me doortest.Header) int {
	t.Helper()
	r := h.Post("/motcua.mobile.v1.DossierService/ListDossiers", me, map[string]any{})
	return strings.Count(r.Body, `"draftId"`)
}

func TestBadRequestsNameTheField(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	me := h.App(h.Anonymous())
	_, err := me.Dossiers.SubmitDossier(t.Context(), &mobilev1.SubmitDossierRequest{DraftId: "nonsense"})
	d := doortest.Detail(err)
	if connect.CodeOf(err) != connect.CodeInvalidArgument || d.GetCode() != "invalid" || len(d.GetFields()) != 2 {
		t.Fatalf("%v, detail %v", err, d)
	}
	if f := d.GetFields()[0]; f.GetField() != "draft_id" || f.GetMessage() == "" || strings.Contains(f.GetMessage(), "uuid") {
		t.Errorf("field %v: want our own words for draft_id", f)
	}
	_, err = me.Vault.UploadPage(t.Context(), &mobilev1.UploadPageRequest{
		Subject: &mobilev1.UploadPageRequest_Code{Code: "H29"}, Requirement: "x", Name: strings.Repeat("a", 256), Content: []byte("x"),
	})
	if d := doortest.Detail(err); len(d.GetFields()) != 1 || !strings.Contains(d.GetFields()[0].GetMessage(), "255") {
		t.Errorf("a name of 256 letters: %v", d)
	}
}

func TestErrorsSpeakTheLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	seen := map[string]bool{}
	for header, want := range map[string]string{
		"":                      "vi",
		"vi-VN,vi;q=0.9":        "vi",
		"en-GB,en;q=0.9,vi;q=1": "en",
		"fr, en":                "en",
		"fr":                    "vi",
	} {
		r := h.Post(track, doortest.Header{"Accept-Language": header}, map[string]any{"code": "H29.26740-261102-9942"})
		message := h.Catalog.Messages().Text(want, "rich", "error.dossier.unknown", map[string]string{"code": "H29.26740-261102-9942"})
		if r.Code != "not_found" || !strings.Contains(r.Body, strings.SplitN(message, "\n", 2)[0]) {
			t.Errorf("Accept-Language %q: %s", header, r.Body)
		}
		seen[message] = true
	}
	if len(seen) != 2 {
		t.Fatal("the message is the same in both languages")
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	big := map[string]any{"code": strings.Repeat("A", 80<<10)}
	if r := h.Post(track, nil, big); r.Code != "resource_exhausted" {
		t.Errorf("80 KiB to a look-up: %d %.80s", r.Status, r.Body)
	}
	// The door is shut before the body is read: a stranger cannot make us decode
	// an upload.
	up := map[string]any{"draftId": core.NewID(h.Clock.Now()), "requirement": "x", "content": strings.Repeat("AAAA", 8<<20)}
	if r := h.Post("/motcua.mobile.v1.VaultService/UploadPage", nil, up); r.Code != "unauthenticated" {
		t.Errorf("32 MiB from nobody: %d %.80s", r.Status, r.Body)
	}
}

// What breaks below is told as a number, never in its own words.
func TestInternalErrorsTellNothing(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	for name, handler := range map[string]func() (*wrapperspb.StringValue, error){
		"foreign": func() (*wrapperspb.StringValue, error) { return nil, context.Canceled },
		"internal": func() (*wrapperspb.StringValue, error) {
			return nil, core.Ef(core.CodeInternal, "x", "", "secret table")
		},
		"panic": func() (*wrapperspb.StringValue, error) { panic("secret table") },
	} {
		g, err := gate.New(gate.Config{Store: h.Store, Policy: h.Policy, Texts: h.Catalog.Messages(), Log: slog.New(slog.DiscardHandler),
			Authenticate: func(context.Context, http.Header) (core.Actor, error) {
				return core.Actor{Kind: core.ActorAnonymous}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle(search, connect.NewUnaryHandlerSimple(search, func(context.Context, *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
			return handler()
		}, g.Options()...))
		serve(t, h, mux)
		r := h.Post(search, nil, "x")
		if (r.Code != "internal" && r.Code != "unavailable") || strings.Contains(r.Body, "secret") || !strings.Contains(r.Body, "error.") {
			t.Errorf("%s: %d %s", name, r.Status, r.Body)
		}
	}
}

func TestOperationWithoutARowIsShut(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	const op = "/motcua.mobile.v1.CatalogService/Forgotten"
	g, err := gate.New(gate.Config{Store: h.Store, Policy: h.Policy, Texts: h.Catalog.Messages(), Log: slog.New(slog.DiscardHandler),
		Authenticate: func(context.Context, http.Header) (core.Actor, error) {
			return core.Actor{Kind: core.ActorOfficer, ID: "x", Office: "*"}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, h, connect.NewUnaryHandlerSimple(op, func(ctx context.Context, _ *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
		t.Error("the handler ran for", auth.ActorFrom(ctx))
		return &wrapperspb.StringValue{}, nil
	}, g.Options()...))
	if r := h.Post(op, nil, "x"); r.Code != "permission_denied" {
		t.Fatalf("%d %s", r.Status, r.Body)
	}
}

// serve puts another handler in the place of the product's.
func serve(t *testing.T, h *doortest.House, handler http.Handler) {
	t.Helper()
	h.Server = httptest.NewServer(handler)
	t.Cleanup(h.Server.Close)
}

func TestGateNeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := gate.New(gate.Config{}); !core.IsCode(err, core.CodeInternal) {
		t.Fatalf("New of nothing: %v", err)
	}
}

// A search by GET leaves no trace of who asked; one by POST names an asker.
func TestSearchesByGetAreOfNobody(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	var seen []gate.Search
	mux := http.NewServeMux()
	if err := mobileapi.Handle(mux, mobileapi.Config{
		Gate:   gate.Config{Store: h.Store, Policy: h.Policy, Texts: h.Catalog.Messages(), Searched: func(s gate.Search) { seen = append(seen, s) }},
		Tokens: h.Tokens, Sessions: h.Sessions, Dossiers: h.Dossiers, People: h.People, Blobs: h.Blobs,
	}); err != nil {
		t.Fatal(err)
	}
	get := httptest.NewRequest(http.MethodGet, search+"?encoding=json&message=%7B%22query%22%3A%22zzqq%22%7D", nil)
	post := httptest.NewRequest(http.MethodPost, search, strings.NewReader(`{"query":"zzqq"}`))
	post.Header.Set("Content-Type", "application/json")
	for _, r := range []*http.Request{get, post} {
		w := httptest.NewRecorder()
		if mux.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", r.Method, w.Code, w.Body)
		}
	}
	if len(seen) != 2 || seen[0].Asker != "" || !strings.HasPrefix(seen[1].Asker, "net:") || seen[0].Query != "zzqq" || seen[1].Found {
		t.Errorf("%+v", seen)
	}
}
