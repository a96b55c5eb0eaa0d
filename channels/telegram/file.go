package telegram

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/motcua/motcua/core"
)

// OpenFile asks for the path of a received file and opens its content. The link
// is built from the configured API URL: the library's own helper would go to the
// public server whatever is configured.
//
// Errors: too_large before any byte when the vendor told the size, and while
// reading when it told a wrong one; not_found when the reference is dead;
// unavailable, with RetryAfter when the vendor asks to wait; unsupported for a
// server in --local mode.
func (a *Adapter) OpenFile(ctx context.Context, m core.Media) (io.ReadCloser, error) {
	const op = "telegram.open_file"
	if m.Size > maxFile {
		return nil, core.Ef(core.CodeTooLarge, op, "", "the vendor tells %d bytes", m.Size)
	}
	raw, f := a.call(ctx, "getFile", tgbotapi.Params{"file_id": m.Ref}, sendTimeout)
	if f != nil {
		return nil, fileError(op, f)
	}
	var info struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := json.Unmarshal(raw, &info); err != nil || info.Path == "" {
		return nil, core.Ef(core.CodeUnavailable, op, "", "getFile gave no path")
	}
	if info.Size > maxFile {
		return nil, core.Ef(core.CodeTooLarge, op, "", "the vendor tells %d bytes", info.Size)
	}
	path, ok := safePath(info.Path)
	if !ok {
		return nil, core.Ef(core.CodeUnsupported, op, "", "the server gave a path that is not relative to it")
	}
	return a.download(ctx, op, path)
}

func fileError(op string, f *failure) error {
	code := core.CodeUnavailable
	switch {
	case f.says("too big"):
		code = core.CodeTooLarge
	case f.code == http.StatusBadRequest || f.code == http.StatusForbidden:
		code = core.CodeNotFound
	}
	e := core.E(code, op, "", f.sendError())
	e.RetryAfter = f.retryAfter
	return e
}

// safePath escapes a file path of the vendor. A path of the server's own disk, or
// one that climbs, is not ours to ask for.
func safePath(p string) (string, bool) {
	if strings.HasPrefix(p, "/") || strings.Contains(p, `\`) || strings.Contains(p, ":") {
		return "", false
	}
	parts := strings.Split(p, "/")
	for i, s := range parts {
		if s == "" || s == "." || s == ".." {
			return "", false
		}
		parts[i] = url.PathEscape(s)
	}
	return strings.Join(parts, "/"), true
}

func (a *Adapter) download(ctx context.Context, op, path string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, fileTimeout)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.fileBase+path, nil)
	if err != nil {
		cancel()
		return nil, core.E(core.CodeUnavailable, op, "", a.redact(err))
	}
	resp, err := a.client.Do(req)
	if err != nil {
		cancel()
		return nil, core.E(core.CodeUnavailable, op, "", a.redact(err))
	}
	fail := func(code core.Code, wait time.Duration) (io.ReadCloser, error) {
		_ = resp.Body.Close() // its content is of no interest
		cancel()
		e := core.Ef(code, op, "", "download answered HTTP status %d", resp.StatusCode)
		e.RetryAfter = wait
		return nil, e
	}
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return fail(core.CodeNotFound, 0)
	case resp.StatusCode != http.StatusOK:
		wait := time.Duration(0)
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			wait = time.Duration(s) * time.Second
		}
		return fail(core.CodeUnavailable, wait)
	case resp.ContentLength > maxFile:
		return fail(core.CodeTooLarge, 0)
	}
	return &content{a: a, op: op, body: resp.Body, cancel: cancel, left: maxFile}, nil
}

// content is a download that ends with too_large past the limit, and whose errors
// hold no token.
type content struct {
	a      *Adapter
	op     string
	body   io.ReadCloser
	cancel context.CancelFunc
	left   int64
}

// Read reads on.
func (c *content) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, core.Ef(core.CodeTooLarge, c.op, "", "more than %d bytes came", maxFile)
	}
	// One byte more than allowed is asked for: it tells the end from the limit.
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.body.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, core.Ef(core.CodeTooLarge, c.op, "", "more than %d bytes came", maxFile)
	}
	if err != nil && err != io.EOF {
		err = core.E(core.CodeUnavailable, c.op, "", c.a.redact(err))
	}
	return n, err
}

// Close ends the download.
func (c *content) Close() error {
	err := c.body.Close()
	c.cancel()
	if err != nil {
		return core.E(core.CodeUnavailable, c.op, "", c.a.redact(err))
	}
	return nil
}
