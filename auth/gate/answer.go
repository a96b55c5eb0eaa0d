package gate

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/motcua/motcua/core"
)

// finish sets the headers of a good answer. A public one read by GET carries an
// ETag and is answered 304 when the client has it already; everything else must
// not be kept.
func finish(c *call, req connect.AnyRequest, res connect.AnyResponse) error {
	h := res.Header()
	if !c.row.Public || req.HTTPMethod() != http.MethodGet {
		h.Set("Cache-Control", "no-store")
		return nil
	}
	m, ok := res.Any().(proto.Message)
	if !ok {
		return connect.NewError(connect.CodeInternal, nil)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return connect.NewError(connect.CodeInternal, nil)
	}
	sum := sha256.Sum256(b)
	// Weak: JSON, binary and compressed bodies of one message share it.
	etag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", etag)
	h.Set("Cache-Control", "public, max-age=60")
	h.Add("Vary", "Accept-Language, Accept-Encoding")
	if matches(req.Header().Get("If-None-Match"), etag) {
		return connect.NewNotModifiedError(http.Header{
			"Etag": {etag}, "Cache-Control": {"public, max-age=60"}, "Vary": {"Accept-Language, Accept-Encoding"},
		})
	}
	return nil
}

// matches compares If-None-Match weakly (RFC 9110 §13.1.2).
func matches(header, etag string) bool {
	bare := strings.TrimPrefix(etag, "W/")
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == bare {
			return true
		}
	}
	return false
}

func bodyHash(m proto.Message) ([]byte, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, core.E(core.CodeInternal, "gate.body_hash", "", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
