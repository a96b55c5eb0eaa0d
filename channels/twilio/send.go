package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	twilioclient "github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
)

// Send creates one message. Sent.Units is the number of segments, counted by us:
// the vendor may tell it only later. What SMS cannot do (buttons, edits,
// acknowledgements) is left out: the renderer has put it into the text.
func (a *Adapter) Send(ctx context.Context, out channels.Outbound) (channels.Sent, error) {
	fail := func(r channels.Reason) (channels.Sent, error) {
		return channels.Sent{}, &channels.SendError{Reason: r, Certain: true}
	}
	switch {
	case !e164(out.To):
		return fail(channels.ReasonBadAddress)
	case out.Text == "":
		return fail(channels.ReasonRefused)
	case utf8.RuneCountInString(out.Text) > maxText:
		return fail(channels.ReasonTooLarge)
	}
	params := new(api.CreateMessageParams).SetTo(out.To).SetBody(out.Text)
	if strings.HasPrefix(a.from, "MG") && len(a.from) == 34 {
		params.SetMessagingServiceSid(a.from)
	} else {
		params.SetFrom(a.from)
	}
	if a.reports {
		params.SetStatusCallback(a.callbackURL(out.CallbackID))
	}

	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	t := &trip{ctx: ctx, api: a.api, next: a.transport}
	msg, err := a.service(t).CreateMessage(params)
	if err != nil {
		return channels.Sent{}, a.sendError(t, err)
	}
	sent := channels.Sent{State: core.ReceiptSent, Units: sms.Count(out.Text).Segments, At: a.clock.Now()}
	if msg.Sid == nil || *msg.Sid == "" {
		return channels.Sent{}, &channels.SendError{
			Reason: channels.ReasonUnreachable, Retry: true, Err: errors.New("the answer names no message"),
		}
	}
	sent.External = *msg.Sid
	if msg.Status != nil && (*msg.Status == "failed" || *msg.Status == "undelivered") {
		code := 0
		if msg.ErrorCode != nil {
			code = *msg.ErrorCode
		}
		why, retry := reason(code)
		return channels.Sent{}, &channels.SendError{Reason: why, Retry: retry, Certain: true, VendorCode: strconv.Itoa(code)}
	}
	return sent, nil
}

// callbackURL is where status reports of a part go. The id is covered by the
// signature because the query is part of the URL.
func (a *Adapter) callbackURL(id string) string {
	s := a.public.String() + "/webhooks/" + string(a.account.Kind) + "/" + url.PathEscape(a.account.Name)
	if id != "" {
		s += "?part=" + url.QueryEscape(id)
	}
	return s
}

// service makes the SDK's client for one call: the SDK has no contexts, so each
// call brings its own transport. The handler is built by hand because the SDK's
// constructor would let TWILIO_EDGE and TWILIO_REGION change the host.
func (a *Adapter) service(t *trip) *api.ApiService {
	c := &twilioclient.Client{
		Credentials: twilioclient.NewCredentials(a.sid, a.tokens[0]),
		HTTPClient: &http.Client{
			Transport:     t,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	c.SetAccountSid(a.sid)
	return api.NewApiService(&twilioclient.RequestHandler{Client: c})
}

// trip is the transport of one call: it brings the context, goes to the configured
// server, and remembers what the SDK drops.
type trip struct {
	ctx  context.Context
	api  *url.URL
	next http.RoundTripper

	left       atomic.Bool // the request left us
	status     int         // 0 = no answer
	retryAfter time.Duration
}

// RoundTrip sends the request to the configured server.
func (t *trip) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(httptrace.WithClientTrace(t.ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { t.left.Store(true) },
	}))
	req.URL.Scheme, req.URL.Host = t.api.Scheme, t.api.Host
	req.URL.Path = t.api.Path + req.URL.Path
	req.URL.RawPath = ""
	req.Host = t.api.Host
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	t.status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		t.retryAfter = time.Duration(s) * time.Second
	}
	if t.status >= 300 && t.status < 400 {
		// The SDK takes a redirect for success and reads nothing from it.
		_ = resp.Body.Close()
		return nil, fmt.Errorf("unexpected redirect")
	}
	return resp, nil
}

// sendError classifies a failed call.
func (a *Adapter) sendError(t *trip, err error) *channels.SendError {
	var rest *twilioclient.TwilioRestError
	if errors.As(err, &rest) && (rest.Code != 0 || rest.Status != 0) {
		e := &channels.SendError{Certain: true, VendorCode: strconv.Itoa(rest.Code)}
		// The vendor's sentence may name the number: code and status are enough.
		e.Err = fmt.Errorf("code %d, HTTP status %d", rest.Code, t.status)
		e.Reason, e.Retry = reason(rest.Code)
		if e.Reason == "" {
			e.Reason, e.Retry = byStatus(t.status)
		}
		if e.Retry {
			e.RetryAfter = t.retryAfter
		}
		return e
	}
	e := &channels.SendError{
		Reason: channels.ReasonUnreachable, Retry: true, RetryAfter: t.retryAfter, Err: a.redact(err),
	}
	switch {
	case t.status == 0:
		e.Certain = !t.left.Load()
	case t.status >= 300 && t.status < 500 || t.status == http.StatusServiceUnavailable:
		e.Certain = true
		e.Reason, e.Retry = byStatus(t.status)
	}
	if t.status != 0 {
		e.Err = fmt.Errorf("HTTP status %d without the vendor's envelope", t.status)
	}
	return e
}

// redact gives a transport error without tokens; only the causes that callers ask
// for stay recognisable.
func (a *Adapter) redact(err error) error {
	text := err.Error()
	for _, s := range a.tokens {
		text = strings.ReplaceAll(text, s, "[redacted]")
	}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w (%s)", cause, text)
		}
	}
	return errors.New(text)
}

func byStatus(status int) (channels.Reason, bool) {
	switch {
	case status == http.StatusTooManyRequests:
		return channels.ReasonThrottled, true
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound,
		status >= 300 && status < 400:
		return channels.ReasonBadAccount, false
	case status == http.StatusRequestEntityTooLarge:
		return channels.ReasonTooLarge, false
	case status >= 500:
		return channels.ReasonUnreachable, true
	}
	return channels.ReasonRefused, false
}

// reason maps the vendor's error codes, those of calls and those of reports.
// Unknown codes give "": the HTTP status decides then.
// https://www.twilio.com/docs/api/errors
func reason(code int) (why channels.Reason, retry bool) {
	switch code {
	case 20429, // too many requests
		21611, // the sender's queue is full
		30001, // queue overflow
		63018: // rate of the channel
		return channels.ReasonThrottled, true
	case 20003, // credentials
		20005,                             // account not active
		20404,                             // no such account
		21212, 21603, 21606, 21659, 21660, // the sender is wrong or not ours
		30002: // account suspended
		return channels.ReasonBadAccount, false
	case 21610, // opted out
		30004: // blocked
		return channels.ReasonBlocked, false
	case 21211, 21214, 21217, 21401, 21421, // not a number
		21612, 21614, // not reachable by SMS, landline
		// These two are about one recipient: taken for a wrong account, one odd
		// number would stop the messages to everybody.
		21408, 21608, // a region, or a number of a trial, without permission
		30005, 30006, // unknown handset, landline
		63024: // invalid recipient
		return channels.ReasonBadAddress, false
	case 21617: // over 1,600 characters
		return channels.ReasonTooLarge, false
	case 30003, // handset switched off
		20500, 20503, 30008, 30010: // vendor's or carrier's trouble
		return channels.ReasonUnreachable, true
	case 21602, // no text
		30034,               // number not registered for this traffic
		21609,               // status callback URL
		30007, 63016, 63013: // filtered, outside the session window, policy
		return channels.ReasonRefused, false
	}
	return "", false
}
