package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/httpx"
)

// routes serves what the policy table has a row for, and nothing else: a pattern
// without a row, or one whose row is not for those who reach the listener, keeps
// the program from starting. Each row's limit of the body and its time hold for
// every request of it.
type routes struct {
	policy     *auth.Policy
	reached    core.ActorKind // who somebody is that reaches the listener and proves no more
	production bool
	mux        *http.ServeMux
	ops        []string
	wrong      []string
}

func newRoutes(policy *auth.Policy, reached core.ActorKind, production bool) *routes {
	t := &routes{policy: policy, reached: reached, production: production, mux: http.NewServeMux()}
	t.mux.HandleFunc("/", t.nothing)
	return t
}

// Handle mounts h under the pattern that is also the name of its row.
func (t *routes) Handle(op string, h http.Handler) {
	row, ok := t.policy.Row(op)
	switch {
	case !ok:
		t.refuse(op, "has no row in the policy table")
	case !slices.Contains(row.Actors, t.reached):
		t.refuse(op, fmt.Sprintf("is not for a caller who is %s", t.reached))
	case row.Development && t.production:
		t.refuse(op, "is for development only")
	case slices.Contains(t.ops, op):
		t.refuse(op, "is mounted twice")
	default:
		t.ops = append(t.ops, op)
		t.mux.Handle(op, bounded(row, h))
	}
}

// HandleFunc is Handle of a function.
func (t *routes) HandleFunc(op string, h func(http.ResponseWriter, *http.Request)) {
	t.Handle(op, http.HandlerFunc(h))
}

func (t *routes) refuse(op, why string) {
	t.wrong = append(t.wrong, fmt.Sprintf("route %q %s", op, why))
}

// rpcs mounts the services of a mux of their own: one path an RPC that has a row.
// An RPC without one is not there. Body and time are bounded by the gate, which
// knows what a message is.
func (t *routes) rpcs(services *http.ServeMux) {
	for _, op := range t.policy.Ops() {
		if !strings.HasPrefix(op, "/") {
			continue
		}
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, op, http.NoBody)
		if err != nil {
			t.refuse(op, "is no path")
			continue
		}
		h, pattern := services.Handler(r)
		if pattern == "" {
			t.refuse(op, "has a row and no service")
			continue
		}
		t.ops = append(t.ops, op)
		t.mux.Handle(op, cacheByGate(h))
	}
}

// cacheByGate leaves to the gate what may be kept of an answer: it says so for
// each, and adds its header to what stands there already. An answer that the gate
// never saw (a method or a type of content that is not taken) is not kept.
func cacheByGate(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Del("Cache-Control")
		h.ServeHTTP(&unkept{ResponseWriter: w}, r)
	})
}

// unkept writes no-store over an answer that says nothing of being kept.
type unkept struct {
	http.ResponseWriter
	wrote bool
}

func (u *unkept) begin() {
	if !u.wrote && len(u.Header()["Cache-Control"]) == 0 {
		u.Header().Set("Cache-Control", "no-store")
	}
	u.wrote = true
}

func (u *unkept) WriteHeader(status int) {
	u.begin()
	u.ResponseWriter.WriteHeader(status)
}

func (u *unkept) Write(p []byte) (int, error) {
	u.begin()
	return u.ResponseWriter.Write(p)
}

// Flush is what streaming protocols look for by type assertion.
func (u *unkept) Flush() {
	u.begin()
	_ = http.NewResponseController(u.ResponseWriter).Flush()
}

func (u *unkept) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// err tells what was refused.
func (t *routes) err() error {
	if len(t.wrong) == 0 {
		return nil
	}
	return core.Ef(core.CodeInternal, "app.routes", "", "%s", strings.Join(t.wrong, "; "))
}

func (t *routes) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.mux.ServeHTTP(w, r) }

// nothing answers what no route takes: 405 with the methods there are, or 404.
func (t *routes) nothing(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := t.mux.Handler(other); pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	httpx.WriteError(w, r, core.Ef(core.CodeNotFound, "app.routes", "", "no route"))
}

// answerTime is what an answer may still take when the time to work is over.
const answerTime = 30 * time.Second

// bounded applies a row to a handler. A row that grants more time than every
// connection has gets it: large uploads come over poor lines.
func bounded(row auth.Row, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), row.Deadline)
		defer cancel()
		if s, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && row.Deadline > s.ReadTimeout {
			c := http.NewResponseController(w)
			end := time.Now().Add(row.Deadline)
			// An error says that the connection is gone, which the next read finds too.
			_ = c.SetReadDeadline(end)
			_ = c.SetWriteDeadline(end.Add(answerTime))
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, int64(row.MaxBody))
		h.ServeHTTP(w, r)
	})
}
