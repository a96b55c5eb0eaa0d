package simkit

import (
	"crypto/md5" //nolint:gosec // the vendor's protocol
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// SMSGateQuery is the unsigned query of a message that somebody wrote to a short
// code. Times are the city's, to the second.
func SMSGateQuery(cpid, smsid, from, content, shortCode string, at time.Time) url.Values {
	first, _, _ := strings.Cut(strings.TrimSpace(content), " ")
	return url.Values{
		"sender": {strings.TrimPrefix(from, "+")}, "content": {content}, "serviceNumber": {shortCode}, "keyword": {strings.ToUpper(first)},
		"cpid": {cpid}, "smsid": {smsid}, "receiverTime": {at.In(core.City).Format("20060102150405")},
	}
}

// SMSGateSignature signs such a query: base64 of MD5 over cpid, smsid, content,
// receiverTime and the private key, one behind the other.
func SMSGateSignature(key string, q url.Values) string {
	sum := md5.Sum([]byte(q.Get("cpid") + q.Get("smsid") + q.Get("content") + q.Get("receiverTime") + key)) //nolint:gosec // the vendor's protocol
	return base64.StdEncoding.EncodeToString(sum[:])
}

// The calls, as the journal names them.
const (
	smsGateSend = "POST SendMultipleMessage_V4_post_json"
	smsGateAsk  = "GET GetSendStatus"
)

var smsGatePhone = regexp.MustCompile(`^(?:0|84|\+84)([1-9][0-9]{8,9})$`)

// smsGateRequest is the body of a send.
type smsGateRequest struct {
	ApiKey, SecretKey, Phone, Content, Brandname string
	SmsType, IsUnicode, Sandbox                  string
	RequestId, CallbackUrl                       string
}

func (r smsGateRequest) values() url.Values {
	return url.Values{
		"Phone": {r.Phone}, "Content": {r.Content}, "Brandname": {r.Brandname}, "SmsType": {r.SmsType}, "IsUnicode": {r.IsUnicode},
		"Sandbox": {r.Sandbox}, "RequestId": {r.RequestId}, "CallbackUrl": {r.CallbackUrl},
	}
}

// ServeHTTP answers the API.
func (g *SMSGate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ask := r.Method+" "+r.URL.Path, false
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/MainService.svc/json/SendMultipleMessage_V4_post_json":
		name = r.Method + " SendMultipleMessage_V4_post_json"
	case "/MainService.svc/json/GetSendStatus":
		name, ask = r.Method+" GetSendStatus", true
	}
	var req smsGateRequest
	var bad error
	params := r.URL.Query()
	if !ask {
		b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if bad = err; err == nil {
			bad = json.Unmarshal(b, &req)
		}
		params = req.values()
	}
	seq := g.Journal.begin(g.opt.Now(), name, params)
	if name != smsGateSend && name != smsGateAsk {
		g.Journal.end(seq, http.StatusNotFound, "", true)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	fault, faulty := g.Faults.take(name)
	if faulty && !fault.Accept {
		g.Journal.end(seq, g.playFault(w, r, fault), fault.Name, false)
		return
	}
	var answer map[string]any
	switch {
	case ask:
		answer = g.status(params)
	case bad != nil:
		answer = map[string]any{"error": "Invalid request"}
	default:
		answer = g.send(req)
	}
	if faulty {
		g.Journal.end(seq, g.playFault(w, r, fault), fault.Name, false)
		return
	}
	g.Journal.end(seq, http.StatusOK, "", false)
	writeJSON(w, http.StatusOK, answer)
}

func smsGateRefusal(code int, text string) map[string]any {
	return map[string]any{"CodeResult": strconv.Itoa(code), "CountRegenerate": 0, "ErrorMessage": text}
}

func (g *SMSGate) authorised(key, secret string) bool {
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return same(key, g.opt.APIKey) && same(secret, g.opt.SecretKey)
}

// send checks and stores a message, with the vendor's codes.
func (g *SMSGate) send(r smsGateRequest) map[string]any {
	number := smsGatePhone.FindStringSubmatch(r.Phone)
	switch {
	case !g.authorised(r.ApiKey, r.SecretKey):
		return smsGateRefusal(101, "Authorize Failed")
	case r.SmsType != "2":
		return smsGateRefusal(118, "Type of message is not supported")
	case !slices.Contains(g.opt.Brands, r.Brandname):
		return smsGateRefusal(104, "Brand name code is not exist")
	case number == nil:
		return smsGateRefusal(108, "Phone "+r.Phone+" is not valid")
	case r.Content == "" || len(r.RequestId) > 50:
		return smsGateRefusal(110, "Invalid data")
	}
	phone := g.Phone("+84" + number[1])
	g.mu.Lock()
	if id := g.requests[r.RequestId]; r.RequestId != "" && id != "" {
		g.mu.Unlock()
		answer := smsGateRefusal(124, "Request exist 1")
		answer["SendStatus"] = "5"
		return answer
	}
	if code := phone.refuse; code != 0 {
		g.mu.Unlock()
		return smsGateRefusal(code, "Phone "+r.Phone+" is refused")
	}
	g.serialNo++
	m := &SMSGateMessage{
		SMSID: fmt.Sprintf("%032x200", 0x5b000000+g.serialNo), Phone: phone.Number, Body: r.Content, RequestID: r.RequestId,
		Callback: r.CallbackUrl, Status: 2, At: g.opt.Now(),
	}
	g.storeLocked(m)
	if r.RequestId != "" {
		g.requests[r.RequestId] = m.SMSID
	}
	copied, plan := *m, g.plan
	g.mu.Unlock()
	g.tell(copied, plan)
	return map[string]any{"CodeResult": "100", "CountRegenerate": 0, "SMSID": copied.SMSID}
}

// status answers what became of a message: 105 when it is not known.
func (g *SMSGate) status(q url.Values) map[string]any {
	if !g.authorised(q.Get("ApiKey"), q.Get("SecretKey")) {
		return map[string]any{"CodeResponse": "101", "SMSID": q.Get("RefId")}
	}
	found := g.list(func(m *SMSGateMessage) bool { return !m.Inbound && m.SMSID == q.Get("RefId") })
	if len(found) == 0 {
		return map[string]any{"CodeResponse": "105", "SMSID": q.Get("RefId")}
	}
	c := found[0].counts()
	n := func(k string) int { v, _ := strconv.Atoi(c.Get(k)); return v } // made from numbers just now
	return map[string]any{
		"CodeResponse": "100", "SMSID": found[0].SMSID, "SendStatus": n("SendStatus"), "SendSuccess": n("SendSuccess"),
		"SendFailed": n("SendFailed"), "TotalPrice": 850.0, "TotalReceiver": 1, "TotalSent": 1,
	}
}

func (g *SMSGate) playFault(w http.ResponseWriter, r *http.Request, f Fault) int {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-g.closed:
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
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	writeJSON(w, f.Status, smsGateRefusal(code, f.Message))
	return f.Status
}
