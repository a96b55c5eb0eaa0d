package simkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// telegramUploadMax is the most a multipart call may carry (the vendor takes 50 MB).
const telegramUploadMax = 52 << 20

// telegramDownloadMax is the largest file that getFile hands out.
const telegramDownloadMax = 20 << 20

// telegramError is an error answer of the API.
type telegramError struct {
	code        int
	description string
	retryAfter  time.Duration
	unknown     bool // the fake does not know the method
}

func badRequest(format string, args ...any) *telegramError {
	return &telegramError{code: 400, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(what string) *telegramError {
	return &telegramError{code: 403, description: "Forbidden: " + what}
}

// telegramParams are the arguments of a call, whatever encoding they came in.
type telegramParams struct {
	values url.Values
	files  map[string]TelegramFile
}

func (p telegramParams) str(key string) string { return p.values.Get(key) }

func (p telegramParams) int(key string) int64 {
	n, err := strconv.ParseInt(p.values.Get(key), 10, 64)
	if err != nil {
		return 0 // the real server reads an unreadable number as absent
	}
	return n
}

func (p telegramParams) bool(key string) bool {
	v := strings.ToLower(p.values.Get(key))
	return v == "true" || v == "1" || v == "yes"
}

// jsonParams turns the members of a JSON call into form values, the way the real
// server treats both alike.
func jsonParams(call map[string]any) (telegramParams, error) {
	v := url.Values{}
	for k, x := range call {
		if s, ok := x.(string); ok {
			v.Set(k, s)
			continue
		}
		raw, err := json.Marshal(x)
		if err != nil {
			return telegramParams{}, err
		}
		v.Set(k, string(raw))
	}
	return telegramParams{values: v}, nil
}

func readTelegramParams(r *http.Request) (telegramParams, error) {
	p := telegramParams{values: url.Values{}, files: map[string]TelegramFile{}}
	maps.Copy(p.values, r.URL.Query())
	kind, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.ContentLength > 0 {
		return p, err
	}
	body := io.LimitReader(r.Body, telegramUploadMax)
	switch {
	case kind == "application/json":
		var call map[string]any
		dec := json.NewDecoder(body)
		dec.UseNumber()
		if err := dec.Decode(&call); err != nil {
			return p, err
		}
		q, err := jsonParams(call)
		if err != nil {
			return p, err
		}
		maps.Copy(p.values, q.values)
	case kind == "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(body)
		if err != nil {
			return p, err
		}
		q, err := url.ParseQuery(string(raw))
		if err != nil {
			return p, err
		}
		maps.Copy(p.values, q)
	case kind == "multipart/form-data" && args["boundary"] != "":
		mr, err := r.MultipartReader()
		if err != nil {
			return p, err
		}
		for {
			part, err := mr.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				return p, err
			}
			raw, err := io.ReadAll(io.LimitReader(part, telegramUploadMax))
			if err != nil {
				return p, err
			}
			if part.FileName() == "" {
				p.values.Set(part.FormName(), string(raw))
				continue
			}
			p.files[part.FormName()] = TelegramFile{
				Name: part.FileName(), MIME: part.Header.Get("Content-Type"), Data: raw,
			}
		}
	}
	return p, nil
}

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>.
func (t *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		t.serveFile(w, r, rest)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, method, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 {
		seq := t.Journal.begin(t.opt.Now(), r.Method+" "+r.URL.Path, nil)
		writeTelegramError(w, &telegramError{code: 404, description: "Not Found"})
		t.Journal.end(seq, http.StatusNotFound, "", true)
		return
	}
	params, err := readTelegramParams(r)
	seq := t.Journal.begin(t.opt.Now(), method, params.values)
	if err != nil {
		writeTelegramError(w, badRequest("can't parse the request"))
		t.Journal.end(seq, http.StatusBadRequest, "", false)
		return
	}
	if token != t.opt.Token {
		writeTelegramError(w, &telegramError{code: 401, description: "Unauthorized"})
		t.Journal.end(seq, http.StatusUnauthorized, "", false)
		return
	}
	fault, faulty := t.Faults.take(method)
	if faulty && !fault.Accept {
		status := t.playFault(w, r, fault)
		t.Journal.end(seq, status, fault.Name, false)
		return
	}
	result, callErr := t.call(r.Context(), method, params)
	if faulty {
		status := t.playFault(w, r, fault)
		t.Journal.end(seq, status, fault.Name, callErr != nil && callErr.unknown)
		return
	}
	if callErr != nil {
		writeTelegramError(w, callErr)
		t.Journal.end(seq, callErr.code, "", callErr.unknown)
		return
	}
	// Booked before it is written: who reads the answer finds the call in the journal.
	t.Journal.end(seq, http.StatusOK, "", false)
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

// playFault answers with a fault and gives the status answered, 0 for none.
func (t *Telegram) playFault(w http.ResponseWriter, r *http.Request, f Fault) int {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-t.closed:
		}
		cut(w)
		return 0
	case f.Cut:
		cut(w)
		return 0
	case f.Body != nil:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write(f.Body) // the client may be gone: that is its affair
		return f.Status
	}
	code := f.Code
	if code == 0 {
		code = f.Status
	}
	e := &telegramError{code: code, description: f.Message, retryAfter: f.RetryAfter}
	if f.RetryAfter > 0 {
		e.description = fmt.Sprintf("%s: retry after %d", f.Message, int(f.RetryAfter.Seconds()))
	}
	writeTelegramError(w, e)
	return f.Status
}

func writeTelegramError(w http.ResponseWriter, e *telegramError) {
	body := map[string]any{"ok": false, "error_code": e.code, "description": e.description}
	if e.retryAfter > 0 {
		s := int(e.retryAfter.Seconds())
		body["parameters"] = map[string]any{"retry_after": s}
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	writeJSON(w, e.code, body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may be gone: that is its affair
}

func (t *Telegram) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, path, _ := strings.Cut(rest, "/")
	seq := t.Journal.begin(t.opt.Now(), "download", url.Values{"path": {path}})
	status := http.StatusNotFound
	faultName := ""
	defer func() { t.Journal.end(seq, status, faultName, false) }()
	if token != t.opt.Token {
		status = http.StatusUnauthorized
		writeTelegramError(w, &telegramError{code: 401, description: "Unauthorized"})
		return
	}
	if f, ok := t.Faults.take("download"); ok {
		faultName = f.Name
		status = t.playFault(w, r, f)
		return
	}
	t.mu.Lock()
	var found *telegramFile
	for _, f := range t.files {
		if f.path == path {
			found = f
		}
	}
	t.mu.Unlock()
	if found == nil {
		writeTelegramError(w, &telegramError{code: 404, description: "Not Found"})
		return
	}
	status = http.StatusOK
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.Data))
}

// call performs a method.
func (t *Telegram) call(ctx context.Context, method string, p telegramParams) (any, *telegramError) {
	switch method {
	case "getMe":
		return map[string]any{"id": t.botID(), "is_bot": true, "first_name": "Một Cửa", "username": t.opt.Username, "can_join_groups": false}, nil
	case "getUpdates":
		return t.getUpdates(ctx, p)
	case "setWebhook":
		return t.setWebhook(p)
	case "deleteWebhook":
		return t.deleteWebhook(p), nil
	case "getWebhookInfo":
		return t.webhookInfo(), nil
	case "sendMessage":
		return t.sendMessage(p)
	case "editMessageText":
		return t.editMessage(p, true)
	case "editMessageReplyMarkup":
		return t.editMessage(p, false)
	case "deleteMessage":
		return t.deleteMessage(p)
	case "sendPhoto":
		return t.sendFile(p, "photo", 10<<20)
	case "sendDocument":
		return t.sendFile(p, "document", 50<<20)
	case "sendChatAction":
		return t.chatAction(p)
	case "answerCallbackQuery":
		return t.answerPress(p)
	case "getFile":
		return t.getFile(p)
	case "setMyCommands", "getMyCommands":
		return t.myCommands(method, p)
	case "setMyDescription", "setMyShortDescription":
		return true, nil
	}
	return nil, &telegramError{code: 404, description: "Not Found: method not found", unknown: true}
}

func (t *Telegram) botID() int64 {
	head, _, _ := strings.Cut(t.opt.Token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 123456789
	}
	return id
}
