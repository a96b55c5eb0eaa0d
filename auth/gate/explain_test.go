package gate_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/motcua/motcua/proto/doortest"
)

// What the library refuses before any of our code runs says what happened and
// what to do, like every other failure.
func TestRefusalsOfTheLibraryAreExplained(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	me := doortest.Bearer(h.Anonymous().Access)
	const jsonType = "application/json"
	for _, c := range []struct {
		name, method, path, contentType, encoding, language string
		body                                                string
		status                                              int
		code, says                                          string // of the detail
	}{
		{"no JSON", "POST", search, jsonType, "", "vi", `{"query":`, 400, "invalid", "Yêu cầu này không đọc được."},
		{"no JSON, in English", "POST", search, jsonType, "", "en", `{"query":`, 400, "invalid", "This request cannot be read."},
		{"an empty body", "POST", search, jsonType, "", "vi", "", 400, "invalid", "không đọc được"},
		{"a value of another type", "POST", search, jsonType, "", "vi", `{"query":[]}`, 400, "invalid", "không đọc được"},
		{"binary that is none", "POST", search, "application/proto", "", "vi", "\xff\xff", 400, "invalid", "không đọc được"},
		{"too large", "POST", track, jsonType, "", "vi", `{"code":"` + strings.Repeat("x", 1<<20) + `"}`, 429, "too_large", "không đọc được"},
		{"text", "POST", search, "text/plain", "", "vi", "x", 415, "invalid", "không đọc được"},
		{"no type", "POST", search, "", "", "vi", "{}", 415, "invalid", "không đọc được"},
		{"a stream", "POST", search, "application/connect+json", "", "vi", "{}", 415, "invalid", "không đọc được"},
		{"an act by GET", "GET", start, "", "", "vi", "", 405, "invalid", "không đọc được"},
		{"a compression nobody speaks", "POST", search, jsonType, "br", "vi", "{}", 501, "unimplemented", "không đọc được"},
		{"a message without meaning", "GET", search + "?encoding=json&message=%7B", "", "", "vi", "", 400, "invalid", "không đọc được"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, h.Server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.method == http.MethodGet {
			req.Body, req.ContentLength = http.NoBody, 0
		}
		for k, v := range me {
			req.Header.Set(k, v)
		}
		for k, v := range map[string]string{"Content-Type": c.contentType, "Content-Encoding": c.encoding, "Accept-Language": c.language} {
			if v != "" {
				req.Header.Set(k, v)
			}
		}
		res, err := h.Server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		var wire struct {
			Code, Message string
			Details       []struct {
				Type  string
				Debug struct{ Code, Key, Message string }
			}
		}
		if err := json.Unmarshal(body, &wire); err != nil || len(wire.Details) != 1 {
			t.Errorf("%s: %d %s", c.name, res.StatusCode, body)
			continue
		}
		d := wire.Details[0]
		if res.StatusCode != c.status || d.Type != "motcua.core.v1.ErrorDetail" || d.Debug.Code != c.code || !strings.Contains(d.Debug.Message, c.says) {
			t.Errorf("%s: %d, want %d\n%s", c.name, res.StatusCode, c.status, body)
		}
		if got := res.Header.Get("Cache-Control"); got != "no-store" || res.Header.Get("Content-Type") != jsonType {
			t.Errorf("%s: Cache-Control %q, Content-Type %q", c.name, got, res.Header.Get("Content-Type"))
		}
		if strings.Contains(string(body), "proto:") || strings.Contains(wire.Message, "unmarshal") {
			t.Errorf("%s tells the words of a library: %s", c.name, body)
		}
	}
}
