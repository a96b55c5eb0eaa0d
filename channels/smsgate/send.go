package smsgate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
)

// The calls of the API.
const (
	pathSend = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
	pathAsk  = "/MainService.svc/json/GetSendStatus"
)

// reachable are the numbers the vendor sends to.
var reachable = regexp.MustCompile(`^\+84[1-9][0-9]{8,9}$`)

// Send sends one message. Sent.Units is the number of segments. An answer "this
// RequestId was there before" is a good one: the first request was taken.
func (a *Adapter) Send(ctx context.Context, out channels.Outbound) (channels.Sent, error) {
	fail := func(r channels.Reason) (channels.Sent, error) {
		return channels.Sent{}, &channels.SendError{Reason: r, Certain: true}
	}
	cost := sms.Count(out.Text)
	switch {
	case !reachable.MatchString(out.To):
		return fail(channels.ReasonBadAddress)
	case out.Text == "":
		return fail(channels.ReasonRefused)
	case cost.Units > maxText:
		return fail(channels.ReasonTooLarge)
	}
	body, err := json.Marshal(a.request(out, cost))
	if err != nil {
		return fail(channels.ReasonRefused)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.api.String()+pathSend, bytes.NewReader(body))
	if err != nil {
		return fail(channels.ReasonBadAccount)
	}
	req.Header.Set("Content-Type", "application/json")
	// A request that was cut is not for the transport to send again.
	req.GetBody = nil
	t := a.call(req)
	if t.err != nil {
		return channels.Sent{}, &channels.SendError{
			Reason: channels.ReasonUnreachable, Retry: true, Certain: t.status == 0 && !left.Load(), Err: t.err,
		}
	}
	if e := t.refusal(); e != nil {
		return channels.Sent{}, e
	}
	return channels.Sent{External: string(t.answer.SMSID), State: core.ReceiptSent, Units: cost.Segments, At: a.clock.Now()}, nil
}

// message is the body of a request; the vendor takes strings only.
type message struct {
	APIKey      string `json:"ApiKey"`
	SecretKey   string `json:"SecretKey"`
	Phone       string `json:"Phone"`
	Content     string `json:"Content"`
	Brand       string `json:"Brandname"`
	Type        string `json:"SmsType"` // 2: to customers
	Unicode     string `json:"IsUnicode"`
	Sandbox     string `json:"Sandbox"`
	RequestID   string `json:"RequestId,omitempty"`
	CallbackURL string `json:"CallbackUrl,omitempty"`
}

func (a *Adapter) request(out channels.Outbound, cost sms.Cost) message {
	flag := map[bool]string{false: "0", true: "1"}
	m := message{
		APIKey: a.apiKey, SecretKey: a.secretKey, Phone: "0" + strings.TrimPrefix(out.To, "+84"), Content: out.Text,
		Brand: a.brand, Type: "2", Unicode: flag[cost.Encoding == sms.UCS2], Sandbox: flag[a.sandbox], RequestID: out.CallbackID,
	}
	if a.reports {
		m.CallbackURL = a.public.String() + "/webhooks/" + string(Kind) + "/" + url.PathEscape(a.account.Name) + "/" + a.proofs[0]
	}
	return m
}

// loose is a value that the vendor writes as a string or as a number.
type loose string

// UnmarshalJSON reads either.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*l = loose(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("neither a string nor a number")
	}
	*l = loose(n)
	return nil
}

// vendorAnswer is what both calls answer.
type vendorAnswer struct {
	CodeResult   loose
	CodeResponse loose
	SMSID        loose
	SendStatus   loose
	SendSuccess  loose
	SendFailed   loose
	Error        loose `json:"error"`
}

// trip is one exchange.
type trip struct {
	status     int // 0 = no answer
	retryAfter time.Duration
	answer     vendorAnswer
	read       bool  // the answer is the vendor's, and whole
	err        error // no answer, or one that breaks off; without address and keys
}

// call makes one exchange.
func (a *Adapter) call(req *http.Request) (t trip) {
	res, err := a.client.Do(req)
	if err != nil {
		return trip{err: a.redact(err)}
	}
	defer res.Body.Close()
	t.status = res.StatusCode
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		t.retryAfter = time.Duration(s) * time.Second
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(b, &t.answer)
	}
	t.read = err == nil && (t.answer.CodeResult != "" || t.answer.CodeResponse != "" || t.answer.Error != "")
	if !t.read && t.status < 300 {
		t.err = errors.New("the answer breaks off or is not the vendor's")
	}
	return t
}

// redact gives a transport error without its URL, which may hold keys; only the
// causes that callers ask for stay recognisable.
func (a *Adapter) redact(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	s := err.Error()
	for _, secret := range a.Secrets() {
		s = strings.ReplaceAll(s, secret, "[redacted]")
	}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w (%s)", cause, s)
		}
	}
	return errors.New(s)
}

// refusal is what an answer to a send means when it is not a good one.
func (t trip) refusal() *channels.SendError {
	code := string(t.answer.CodeResult)
	if t.read && (code == "100" || code == "124" && t.answer.SendStatus != "4") {
		return nil
	}
	e := &channels.SendError{Certain: true, VendorCode: code, Err: fmt.Errorf("code %s, HTTP status %d", code, t.status)}
	if t.read {
		e.Reason, e.Retry = reason(code)
	}
	if e.Reason == "" {
		e.Reason, e.Retry = byStatus(t.status)
	}
	if !t.read && t.status >= 500 && t.status != http.StatusServiceUnavailable {
		e.Certain = false // a proxy's page: whether the vendor took it is not said
	}
	if e.Retry {
		e.RetryAfter = t.retryAfter
	}
	return e
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

// reason maps the vendor's codes. Unknown codes give "": the HTTP status decides.
func reason(code string) (why channels.Reason, retry bool) {
	switch code {
	case "160": // too many a second
		return channels.ReasonThrottled, true
	case "101", // keys
		"102", "103", // no price list, no balance
		"104",        // brand name
		"140", "143": // our address is not on the list, account not active
		return channels.ReasonBadAccount, false
	case "99": // the number is blocked at the vendor
		return channels.ReasonBlocked, false
	case "108", // not a number
		"177": // an operator the brand is not registered with
		return channels.ReasonBadAddress, false
	case "110", "118", "300", // the request
		"124",        // sent before, and refused
		"146", "201": // no registered template, a forbidden word
		return channels.ReasonRefused, false
	}
	return "", false
}

// Ask asks for the state of a message by the vendor's id of it. The keys travel
// in the query, which is the vendor's way: no error of it holds the address.
func (a *Adapter) Ask(ctx context.Context, external string) (channels.Status, error) {
	const op = "smsgate.ask"
	if !idForm.MatchString(external) {
		return channels.Status{}, core.Ef(core.CodeNotFound, op, "", "no id of this vendor")
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	q := url.Values{"RefId": {external}, "ApiKey": {a.apiKey}, "SecretKey": {a.secretKey}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.api.String()+pathAsk+"?"+q.Encode(), http.NoBody)
	if err != nil {
		return channels.Status{}, core.Ef(core.CodeInternal, op, "", "the request cannot be made")
	}
	t := a.call(req)
	if t.err != nil {
		return channels.Status{}, core.E(core.CodeUnavailable, op, "", t.err)
	}
	switch t.answer.CodeResponse {
	case "100":
	case "105":
		return channels.Status{}, core.Ef(core.CodeNotFound, op, "", "the vendor does not know it")
	default:
		return channels.Status{}, core.Ef(core.CodeUnavailable, op, "", "code %s, HTTP status %d", t.answer.CodeResponse, t.status)
	}
	s, ok := status(string(t.answer.SendStatus), string(t.answer.SendSuccess), string(t.answer.SendFailed))
	if !ok || t.answer.SMSID != "" && string(t.answer.SMSID) != external {
		return channels.Status{}, core.Ef(core.CodeUnavailable, op, "", "the answer is about something else")
	}
	s.External = external
	return s, nil
}
