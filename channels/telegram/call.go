package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/motcua/motcua/channels"
)

// failure is an API call that did not succeed.
type failure struct {
	method      string
	code        int    // of the vendor's envelope; 0 when there was none
	description string // the vendor's words: may echo content, never leaves the package
	status      int    // HTTP status; 0 = no answer
	retryAfter  time.Duration
	left        bool  // the request left us: without an answer its outcome is unknown
	err         error // transport trouble, with the token taken out
}

// doer gives one call of the library its context, and remembers what the library
// drops: the status, Retry-After, and whether the request was written at all.
type doer struct {
	ctx    context.Context
	client *http.Client

	left       atomic.Bool
	status     int
	retryAfter time.Duration
}

// Do sends one request.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	ctx := httptrace.WithClientTrace(d.ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { d.left.Store(true) },
	})
	resp, err := d.client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	d.status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		d.retryAfter = time.Duration(s) * time.Second
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxReply), resp.Body}
	return resp, nil
}

// call makes one API call. ctx and limit bound it together.
func (a *Adapter) call(ctx context.Context, method string, params tgbotapi.Params, limit time.Duration) (json.RawMessage, *failure) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	d := &doer{ctx: ctx, client: a.client}
	// A fresh value a call: the library has no contexts, and its constructor would
	// call getMe.
	bot := &tgbotapi.BotAPI{Token: a.token, Client: d}
	bot.SetAPIEndpoint(a.endpoint)
	resp, err := bot.MakeRequest(method, params)
	if err == nil {
		return resp.Result, nil
	}
	f := &failure{method: method, status: d.status, retryAfter: d.retryAfter, left: d.left.Load()}
	var api *tgbotapi.Error
	if errors.As(err, &api) {
		f.code, f.description = api.Code, api.Message
		if f.code == 0 {
			f.code = d.status
		}
		if api.RetryAfter > 0 {
			f.retryAfter = time.Duration(api.RetryAfter) * time.Second
		}
		return nil, f
	}
	f.err = a.redact(err)
	return nil, f
}

// redact makes an error that no longer holds the token. Only the two causes that
// callers ask for stay recognisable; the original is not reachable from it.
func (a *Adapter) redact(err error) error {
	var u *url.Error
	text := err.Error()
	if errors.As(err, &u) {
		text = u.Err.Error()
	}
	for _, s := range a.Secrets() {
		text = strings.ReplaceAll(text, s, "[redacted]")
		text = strings.ReplaceAll(text, url.PathEscape(s), "[redacted]")
	}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w (%s)", cause, text)
		}
	}
	return errors.New(text)
}

// says reports whether the vendor's description contains a phrase.
func (f *failure) says(phrase string) bool {
	return strings.Contains(strings.ToLower(f.description), phrase)
}

// phrase is the part of the description that cannot echo what we sent.
func (f *failure) phrase() string {
	s := f.description
	for _, p := range []string{"Bad Request: ", "Forbidden: ", "Conflict: "} {
		s = strings.TrimPrefix(s, p)
	}
	if i := strings.IndexAny(s, "\"'<:=0123456789"); i >= 0 && !strings.HasPrefix(s[i:], "'t ") {
		s = s[:i]
	}
	return strings.TrimSpace(s[:min(len(s), 60)])
}

// sendError classifies a failure.
func (f *failure) sendError() *channels.SendError {
	e := &channels.SendError{Certain: true}
	if f.code == 0 {
		return f.withoutEnvelope(e)
	}
	e.VendorCode = strconv.Itoa(f.code)
	e.Err = fmt.Errorf("%s: %s", f.method, f.phrase())
	switch {
	case f.code == http.StatusTooManyRequests || f.code == 420:
		e.Reason, e.Retry, e.RetryAfter = channels.ReasonThrottled, true, f.retryAfter
	case f.code >= 500:
		// The vendor itself says that it failed.
		e.Reason, e.Retry, e.RetryAfter = channels.ReasonUnreachable, true, f.retryAfter
	case f.code == http.StatusConflict:
		e.Reason, e.Retry = channels.ReasonUnreachable, true
	case f.code == http.StatusUnauthorized || f.code == http.StatusNotFound:
		e.Reason = channels.ReasonBadAccount
	case f.code == http.StatusForbidden && f.says("deactivated"):
		e.Reason = channels.ReasonBadAddress
	case f.code == http.StatusForbidden:
		e.Reason = channels.ReasonBlocked
	case f.code == http.StatusRequestEntityTooLarge, f.says("too long"), f.says("too big"), f.says("button_data_invalid"):
		e.Reason = channels.ReasonTooLarge
	case f.says("chat not found"), f.says("user not found"), f.says("peer_id_invalid"), f.says("upgraded to a supergroup"):
		e.Reason = channels.ReasonBadAddress
	case f.says("query is too old"), f.says("query id is invalid"):
		e.Reason = channels.ReasonExpired
	default:
		e.Reason = channels.ReasonRefused
	}
	return e
}

// withoutEnvelope classifies an answer that is not the vendor's, or none at all.
func (f *failure) withoutEnvelope(e *channels.SendError) *channels.SendError {
	e.Reason, e.Retry, e.RetryAfter = channels.ReasonUnreachable, true, f.retryAfter
	e.Err = fmt.Errorf("%s: %w", f.method, f.err)
	switch {
	case f.status == 0:
		e.Certain = !f.left
	case f.status == http.StatusTooManyRequests:
		e.Reason = channels.ReasonThrottled
	case f.status == http.StatusRequestEntityTooLarge:
		e.Reason, e.Retry = channels.ReasonTooLarge, false
	case f.status == http.StatusServiceUnavailable:
		// A proxy that had no server to pass the request to.
	case f.status >= 300 && f.status < 500:
		// Something that is not a Bot API answers at our URL.
		e.Reason, e.Retry = channels.ReasonBadAccount, false
	default:
		// 200 with a torn body, or a gateway that lost the answer.
		e.Certain = false
	}
	if f.status != 0 {
		e.Err = fmt.Errorf("%s: HTTP status %d without the vendor's envelope", f.method, f.status)
	}
	return e
}
