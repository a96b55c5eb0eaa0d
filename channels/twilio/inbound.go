package twilio

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
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
	if sid == "" {
		return ignored("no_id")
	}
	code, err := strconv.Atoi(form.Get("ErrorCode"))
	if err != nil {
		code = 0 // not told
	}
	s, ok := state(status, code)
	if !ok {
		return ignored("status")
	}
	s.ID, s.External, s.CallbackID = sid+"/"+status, sid, part
	return channels.Inbound{Statuses: []channels.Status{s}}
}

// message translates an incoming SMS.
func (a *Adapter) message(form url.Values) channels.Inbound {
	ev := core.Event{
		ID: form.Get("MessageSid"), Channel: string(Kind), Account: a.account.Name,
		External: form.Get("From"), Kind: core.EventText, Text: strings.ToValidUTF8(form.Get("Body"), "\uFFFD"),
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
		if strings.TrimSpace(ev.Text) == "" {
			ev.Kind = core.EventMedia // without a file: none can be fetched, and the dialogue says so
		}
	}
	// Some routes deliver a long SMS as base64.
	if n, err := strconv.Atoi(form.Get("NumSegments")); err == nil && n > 1 {
		ev.Text = sms.Decode(ev.Text)
	}
	switch form.Get("OptOutType") {
	case "STOP":
		// The vendor has confirmed it to the person and blocks what we send.
		ev.Kind = core.EventStop
	case "START":
		// The vendor lets us write again. The command that no language changes says
		// the same to the dialogue.
		ev.Kind, ev.Text = core.EventText, "/notices"
	}
	in.Events = []core.Event{ev}
	return in
}
