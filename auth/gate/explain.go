package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/core"
)

// unreadable is the message of a request that no handler saw.
const unreadable = "error.request"

// Explain wraps the handler of a service, as its constructor gives it, for a mux.
// What the library itself refuses — a body that is too large or cannot be decoded,
// a content type that is not one of ours — it answers where no interceptor is
// asked; here that answer gets the detail that every other failure has. Calls over
// gRPC carry their failures in trailers and pass as they are.
func (g *Gate) Explain(path string, next http.Handler) (string, http.Handler) {
	writer := connect.NewErrorWriter()
	return path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			next.ServeHTTP(w, r)
			return
		}
		h := &held{ResponseWriter: w}
		next.ServeHTTP(h, r)
		if !h.holds {
			return
		}
		h.holds = false
		e, ok := h.unexplained()
		if !ok {
			h.ResponseWriter.WriteHeader(h.status)
			_, _ = h.ResponseWriter.Write(h.body.Bytes()) // a client that left
			return
		}
		ctx := context.WithValue(r.Context(), callKey{}, &call{locale: acceptLanguage(r.Header.Get("Accept-Language"))})
		// Whatever the request claimed to be, the answer is the JSON of a failure.
		as := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/json"}}}
		_ = writer.Write(h, as, g.fail(ctx, path, e))
	})
}

// held keeps an answer of failure back until its body is whole.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	holds  bool
}

// WriteHeader holds failures back. What follows once they are released has the
// status that was held.
func (h *held) WriteHeader(status int) {
	switch {
	case h.status != 0 && !h.holds:
		status = h.status
	case status >= http.StatusBadRequest:
		h.status, h.holds = status, true
		return
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *held) Write(b []byte) (int, error) {
	if h.holds {
		return h.body.Write(b)
	}
	return h.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// unexplained reads a failure that has no detail.
func (h *held) unexplained() (*core.Error, bool) {
	e := &core.Error{Code: core.CodeInvalid, Op: "gate.explain", Key: unreadable}
	if h.body.Len() == 0 {
		return e, true // 405, 415
	}
	var wire struct {
		Code    string
		Details []json.RawMessage
	}
	if h.Header().Get("Content-Encoding") != "" || json.Unmarshal(h.body.Bytes(), &wire) != nil || len(wire.Details) > 0 {
		return nil, false
	}
	switch wire.Code {
	case connect.CodeInvalidArgument.String():
	case connect.CodeResourceExhausted.String():
		e.Code = core.CodeTooLarge
	case connect.CodeUnimplemented.String():
		e.Code = core.CodeUnimplemented // a compression we do not speak
	case connect.CodeDeadlineExceeded.String(), connect.CodeCanceled.String(), connect.CodeUnavailable.String():
		e.Code, e.Key = core.CodeUnavailable, ""
	default:
		e.Code, e.Key = core.CodeInternal, ""
	}
	return e, true
}
