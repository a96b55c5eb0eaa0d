package simkit

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// TwilioSignature signs a form post as Twilio does: HMAC-SHA1 under the auth token
// over the full URL followed by every parameter, sorted by name, name and value
// without any separator; base64. For a name that occurs more than once the sorted,
// distinct values are all signed; firstOnly signs the first value alone, which is
// what another of the vendor's libraries expects.
func TwilioSignature(token, fullURL string, form url.Values, firstOnly bool) string {
	var b strings.Builder
	b.WriteString(fullURL)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := slices.Clone(form[name])
		if firstOnly && len(values) > 0 {
			values = values[:1]
		}
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			b.WriteString(name)
			b.WriteString(v)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(b.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// twilioRequest makes a signed webhook request. The fragment of the URL is not
// part of what is signed or sent.
func twilioRequest(ctx context.Context, public, via, token string, form url.Values) (*http.Request, error) {
	signed, _, _ := strings.Cut(public, "#")
	target, err := viaURL(signed, via)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", TwilioSignature(token, signed, form, false))
	return req, nil
}

// twilioError is an error answer of the API.
type twilioError struct {
	status, code int
	message      string
}

func (t *Twilio) writeError(w http.ResponseWriter, e twilioError) {
	writeJSON(w, e.status, map[string]any{
		"code": e.code, "message": e.message, "status": e.status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(e.code),
	})
}

var (
	twilioE164  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	twilioRoute = regexp.MustCompile(`^/2010-04-01/Accounts/([^/]+)/Messages(?:/([^/]+))?\.json$`)
)

// ServeHTTP answers the Messages resource of the REST API.
func (t *Twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := twilioRoute.FindStringSubmatch(r.URL.Path)
	name := r.Method + " " + r.URL.Path
	if route != nil {
		name = r.Method + " Messages.json"
		if route[2] != "" {
			name = r.Method + " Message.json"
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	parseErr := r.ParseForm()
	seq := t.Journal.begin(t.opt.Now(), name, r.Form)
	fail := func(unexpected bool, e twilioError) {
		t.Journal.end(seq, e.status, "", unexpected)
		t.writeError(w, e)
	}
	known := route != nil && (r.Method == http.MethodGet || r.Method == http.MethodPost && route[2] == "")
	switch {
	case !known:
		fail(true, twilioError{404, 20404, "The requested resource " + r.URL.Path + " was not found"})
		return
	case parseErr != nil:
		fail(false, twilioError{400, 20001, "Bad request"})
		return
	case !t.authorised(r, route[1]):
		fail(false, twilioError{401, 20003, "Authenticate"})
		return
	}
	fault, faulty := t.Faults.take(name)
	if faulty && !fault.Accept {
		t.Journal.end(seq, t.playFault(w, r, fault), fault.Name, false)
		return
	}
	var (
		body   any
		status = http.StatusOK
		bad    *twilioError
	)
	switch {
	case r.Method == http.MethodPost:
		status = http.StatusCreated
		body, bad = t.create(r.PostForm)
	case route[2] == "":
		body = t.listJSON(r.Form)
	default:
		body, bad = t.fetch(route[2])
	}
	switch {
	case faulty:
		t.Journal.end(seq, t.playFault(w, r, fault), fault.Name, false)
	case bad != nil:
		fail(false, *bad)
	default:
		t.Journal.end(seq, status, "", false)
		writeJSON(w, status, body)
	}
}

func (t *Twilio) authorised(r *http.Request, sid string) bool {
	user, pass, ok := r.BasicAuth()
	t.mu.Lock()
	token, also := t.token, t.also
	t.mu.Unlock()
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return ok && same(user, t.opt.AccountSID) && same(sid, t.opt.AccountSID) &&
		(same(pass, token) || also != "" && same(pass, also))
}

func (t *Twilio) playFault(w http.ResponseWriter, r *http.Request, f Fault) int {
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
		code = 20000 + f.Status
		if f.Status == http.StatusTooManyRequests {
			code = 20429
		}
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	t.writeError(w, twilioError{f.Status, code, f.Message})
	return f.Status
}

// create checks and stores an outgoing message. The order of the checks and their
// codes are Twilio's: 21604 no To, 21211 bad To, 21603 no From, 21606 foreign
// From, 21602 no Body, 21617 Body over 1,600 characters, 21610 opted out.
func (t *Twilio) create(form url.Values) (any, *twilioError) {
	to, from, text := form.Get("To"), form.Get("From"), form.Get("Body")
	refuse := func(code int, format string, args ...any) (any, *twilioError) {
		return nil, &twilioError{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
	}
	switch {
	case to == "":
		return refuse(21604, "A 'To' phone number is required.")
	case !twilioE164.MatchString(to):
		return refuse(21211, "Invalid 'To' Phone Number: %s", to)
	case from == "" && form.Get("MessagingServiceSid") == "":
		return refuse(21603, "A 'From' phone number is required.")
	case from != "" && !slices.Contains(t.opt.Numbers, from):
		return refuse(21606, "The 'From' phone number provided (%s) is not a valid message-capable Twilio phone number", from)
	case text == "" && form.Get("ContentSid") == "" && form.Get("MediaUrl") == "":
		return refuse(21602, "Message body is required.")
	case utf8.RuneCountInString(text) > 1600:
		return refuse(21617, "The concatenated message body exceeds the 1600 character limit")
	}
	if from == "" {
		from = t.opt.Numbers[0]
	}
	phone := t.Phone(to)
	t.mu.Lock()
	plan := t.plan
	if phone.plan != nil {
		plan = *phone.plan
	}
	switch {
	case phone.refuse != 0:
		code := phone.refuse
		t.mu.Unlock()
		return refuse(code, "The message to %s was refused", to)
	case phone.optedOut:
		t.mu.Unlock()
		return refuse(21610, "Attempt to send to unsubscribed recipient")
	}
	m := &TwilioMessage{
		SID: t.sidLocked(), From: from, To: to, Body: text, Status: "queued",
		StatusCallback: form.Get("StatusCallback"), At: t.opt.Now(),
	}
	t.storeLocked(m)
	body, copied := t.messageJSON(m), *m
	t.mu.Unlock()
	t.scheduleStatuses(copied, plan)
	t.changed.fire()
	return body, nil
}

func (t *Twilio) messageJSON(m *TwilioMessage) map[string]any {
	direction := "outbound-api"
	if m.Inbound {
		direction = "inbound"
	}
	var code any
	if m.ErrorCode != 0 {
		code = m.ErrorCode
	}
	at := m.At.UTC().Format(time.RFC1123Z)
	return map[string]any{
		"sid": m.SID, "account_sid": t.opt.AccountSID, "api_version": "2010-04-01", "body": m.Body,
		"from": m.From, "to": m.To, "direction": direction, "status": m.Status, "error_code": code,
		"error_message": nil, "messaging_service_sid": nil, "num_media": "0",
		// Segments are not counted here: with a sender from a pool Twilio tells 0 too.
		"num_segments": "0",
		"price":        nil, "price_unit": "USD", "date_created": at, "date_sent": at, "date_updated": at,
		"uri": "/2010-04-01/Accounts/" + t.opt.AccountSID + "/Messages/" + m.SID + ".json",
	}
}

// listJSON is the list resource: newest first, filters To, From, DateSent (a day),
// DateSent> and DateSent< (inclusive instants or days, UTC), PageSize and Page.
func (t *Twilio) listJSON(q url.Values) any {
	size, err := strconv.Atoi(q.Get("PageSize"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	page, err := strconv.Atoi(q.Get("Page"))
	if err != nil || page < 0 {
		page = 0
	}
	after, hasAfter := listTime(q.Get("DateSent>"))
	before, hasBefore := listTime(q.Get("DateSent<"))
	all := t.list(func(m *TwilioMessage) bool {
		at := m.At.UTC()
		return (q.Get("To") == "" || q.Get("To") == m.To) &&
			(q.Get("From") == "" || q.Get("From") == m.From) &&
			(q.Get("DateSent") == "" || strings.HasPrefix(q.Get("DateSent"), at.Format(time.DateOnly))) &&
			(!hasAfter || !at.Before(after)) && (!hasBefore || !at.After(before))
	})
	slices.Reverse(all)
	base := "/2010-04-01/Accounts/" + t.opt.AccountSID + "/Messages.json"
	pageURI := func(n int) string {
		v := maps.Clone(q)
		if v == nil {
			v = url.Values{}
		}
		v.Set("PageSize", strconv.Itoa(size))
		v.Set("Page", strconv.Itoa(n))
		return base + "?" + v.Encode()
	}
	from := min(page*size, len(all))
	to := min(from+size, len(all))
	items := make([]any, 0, to-from)
	t.mu.Lock()
	for i := range all[from:to] {
		items = append(items, t.messageJSON(&all[from+i]))
	}
	t.mu.Unlock()
	var next any
	if to < len(all) {
		next = pageURI(page + 1)
	}
	return map[string]any{
		"messages": items, "page": page, "page_size": size, "start": from, "end": max(to-1, 0),
		"first_page_uri": pageURI(0), "next_page_uri": next, "previous_page_uri": nil, "uri": pageURI(page),
	}
}

func listTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

func (t *Twilio) fetch(sid string) (any, *twilioError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range t.messages {
		if m.SID == sid {
			return t.messageJSON(m), nil
		}
	}
	return nil, &twilioError{http.StatusNotFound, 20404, "The requested resource was not found"}
}
