package httpx

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
)

// NewServer makes a server with bounded time for every phase of a request, for
// HTTP/1.1 and for HTTP/2 without TLS (behind a proxy that ends TLS, and for
// Connect clients). Answers that stream longer than the write time-out extend
// their own deadline with http.ResponseController.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second, // a 20 MB photo over a poor line; tus uploads come in pieces
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 128},
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// Status gives the HTTP status of a code: the one table for every door that is
// not Connect's.
func Status(code core.Code) int {
	switch code {
	case "":
		return http.StatusOK
	case core.CodeInvalid:
		return http.StatusBadRequest
	case core.CodeUnauthenticated:
		return http.StatusUnauthorized
	case core.CodeDenied:
		return http.StatusForbidden
	case core.CodeNotFound:
		return http.StatusNotFound
	case core.CodeDuplicate, core.CodeConflict:
		return http.StatusConflict
	case core.CodeFailedPrecondition:
		return http.StatusPreconditionFailed
	case core.CodeRateLimited:
		return http.StatusTooManyRequests
	case core.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case core.CodeUnsupported:
		return http.StatusUnsupportedMediaType
	case core.CodeUnavailable:
		return http.StatusServiceUnavailable
	case core.CodeUnimplemented:
		return http.StatusNotImplemented
	default:
		return http.StatusInternalServerError
	}
}

// errorBody is the JSON of an error. Texts are the caller's: it has the message
// catalogue and knows the citizen's language.
type errorBody struct {
	Code      core.Code         `json:"code"`
	Key       string            `json:"key"`
	Args      map[string]string `json:"args,omitempty"`
	Fields    []fieldBody       `json:"fields,omitempty"`
	RequestID string            `json:"requestId,omitempty"`
}

type fieldBody struct {
	Field string            `json:"field"`
	Key   string            `json:"key"`
	Args  map[string]string `json:"args,omitempty"`
}

// WriteError answers with an error: its status, Retry-After for rate_limited and
// unavailable, and {code, key, args, fields, requestId}. The cause stays here.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	code := core.ErrorCode(err)
	body := errorBody{Code: code, Key: core.ErrorKey(err), RequestID: RequestID(r.Context())}
	var e *core.Error
	var retry time.Duration
	if errors.As(err, &e) && code != core.CodeInternal {
		body.Args, retry = e.Args, e.RetryAfter
		for _, f := range e.Fields {
			body.Fields = append(body.Fields, fieldBody(f))
		}
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Del("ETag")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if code == core.CodeUnavailable || code == core.CodeRateLimited {
		if retry <= 0 {
			retry = 5 * time.Second
		}
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
	}
	w.WriteHeader(Status(code))
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(body)
	}
}

// LimitBody refuses a body over max bytes: at once with 413 when its length is
// announced, else when a read passes the cap (see ReadBody).
func LimitBody(max int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > max {
			w.Header().Set("Connection", "close")
			WriteError(w, r, core.Ef(core.CodeTooLarge, "httpx.body", "", "%d bytes announced, %d allowed", r.ContentLength, max))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, max)
		next.ServeHTTP(w, r)
	})
}

// ReadBody reads a whole body of at most max bytes. Errors: too_large; invalid
// when the sender breaks off.
func ReadBody(w http.ResponseWriter, r *http.Request, max int64) ([]byte, error) {
	const op = "httpx.body"
	if r.ContentLength > max {
		w.Header().Set("Connection", "close")
		return nil, core.Ef(core.CodeTooLarge, op, "", "%d bytes announced, %d allowed", r.ContentLength, max)
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, max))
	if err != nil {
		return nil, BodyError(err)
	}
	return b, nil
}

// BodyError gives the error of reading a request body its code.
func BodyError(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return core.E(core.CodeTooLarge, "httpx.body", "", err)
	default:
		return core.E(core.CodeInvalid, "httpx.body", "", err)
	}
}

type requestIDKey struct{}

// WithRequestID gives every request an id of its own, in its context and in the
// header X-Request-Id of the answer. An id sent by the client is not taken: it
// could be chosen to be confused with another one in the log.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// RequestID gives the id of the request, "" outside one. It is what a citizen
// can read to an officer over the phone: ten characters of Crockford's base 32.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

func newRequestID() string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [10]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = digits[b[i]&31]
	}
	return string(b[:])
}

// Recover turns a panic of next into a 500 with the request id, and logs it with
// its stack. When part of the answer is already out, the connection is cut, so
// that half an answer is never taken for a whole one.
func Recover(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &started{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			logger.ErrorContext(r.Context(), "panic in a handler", "request_id", RequestID(r.Context()),
				"method", r.Method, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			if out.wrote {
				panic(http.ErrAbortHandler)
			}
			WriteError(w, r, core.Ef(core.CodeInternal, "httpx.recover", "", "panic"))
		}()
		next.ServeHTTP(out, r)
	})
}

// started remembers whether anything of the answer has been written. Unwrap lets
// http.ResponseController reach the writer below.
type started struct {
	http.ResponseWriter
	wrote bool
}

func (s *started) WriteHeader(status int) {
	s.wrote = s.wrote || status >= 200
	s.ResponseWriter.WriteHeader(status)
}

func (s *started) Write(p []byte) (int, error) {
	s.wrote = true
	return s.ResponseWriter.Write(p)
}

// Flush is what streaming handlers look for by type assertion.
func (s *started) Flush() {
	s.wrote = true
	_ = http.NewResponseController(s.ResponseWriter).Flush()
}

func (s *started) Unwrap() http.ResponseWriter { return s.ResponseWriter }
