package twilio

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// Parse verifies and translates one webhook request: an incoming SMS or a status
// report. Code denied (403) when the signature does not fit, or when there is
// nothing that could have been signed.
func (a *Adapter) Parse(r *http.Request, body []byte) (channels.Inbound, error) {
	denied := core.E(core.CodeDenied, "twilio.parse", "", nil)
	form, err := url.ParseQuery(string(body))
	if r.Method != http.MethodPost || err != nil || !a.signed(r, form) {
		return channels.Inbound{}, denied
	}
	if form.Get("AccountSid") != a.sid {
		// Signed with our token, but not about our account.
		return ignored("account"), nil
	}
	if form.Get("MessageStatus") != "" {
		return a.report(form, r.URL.Query().Get("part")), nil
	}
	return a.message(form), nil
}

func ignored(why string) channels.Inbound { return channels.Inbound{Ignored: 1, Why: why} }

// report translates a status callback. The vendor tells each state once or more,
// in any order.
func (a *Adapter) report(form url.Values, part string) channels.Inbound {
	sid, status := form.Get("MessageSid"), form.Get("MessageStatus")
	s := channels.Status{ID: sid + "/" + status, External: sid, CallbackID: part}
	if sid == "" {
		return ignored("no_id")
	}
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent":
		// Each of them says that the vendor took the message, which is all that
		// is known when the answer to the call was lost.
		s.State = core.ReceiptSent
	case "delivered", "read":
		s.State = core.ReceiptDelivered
	case "undelivered", "failed", "canceled":
		code, err := strconv.Atoi(form.Get("ErrorCode"))
		if err != nil {
			code = 0 // not told
		}
		s.State = core.ReceiptFailed
		s.Reason, _ = reason(code)
		s.StopAll = code == 21610
	default:
		return ignored("status")
	}
	return channels.Inbound{Statuses: []channels.Status{s}}
}

// message translates an incoming SMS.
func (a *Adapter) message(form url.Values) channels.Inbound {
	ev := core.Event{
		ID: form.Get("MessageSid"), Channel: string(Kind), Account: a.account.Name,
		External: form.Get("From"), Kind: core.EventText, Text: form.Get("Body"),
	}
	if ev.ID == "" {
		if ev.ID = form.Get("SmsSid"); ev.ID == "" {
			return ignored("no_id")
		}
	}
	if !e164(ev.External) {
		// Brand names, short codes and other networks' addresses are no person
		// who could be answered by SMS.
		return ignored("sender")
	}
	in := channels.Inbound{}
	if n, err := strconv.Atoi(form.Get("NumMedia")); err == nil && n > 0 {
		in.Ignored, in.Why = n, "media"
	}
	if text, ok := concatenated(ev.Text, form.Get("NumSegments")); ok {
		ev.Text = text
	}
	switch form.Get("OptOutType") {
	case "STOP":
		// The vendor has confirmed it to the person and blocks what we send.
		ev.Kind = core.EventStop
	case "START":
		ev.Kind, ev.Text = core.EventStart, ""
	}
	in.Events = []core.Event{ev}
	return in
}

// concatenated decodes the text of a long SMS that came as base64, which some
// routes deliver. Only a text of several segments that has no other reading is
// taken for one: no spaces, right length and padding, and decoded it is readable
// and holds a space or a letter outside ASCII.
func concatenated(body, segments string) (string, bool) {
	if n, err := strconv.Atoi(segments); err != nil || n < 2 {
		return "", false
	}
	if len(body) < 60 || len(body)%4 != 0 || strings.ContainsFunc(body, unicode.IsSpace) {
		return "", false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil || !utf8.Valid(raw) {
		return "", false
	}
	text, words := string(raw), false
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return "", false
		}
		words = words || r == ' ' || r > unicode.MaxASCII
	}
	return text, words
}
