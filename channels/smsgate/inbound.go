package smsgate

import (
	"crypto/md5" //nolint:gosec // the vendor's protocol; see the package comment for what it proves
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
)

// Bounds of what is taken.
const (
	oldest     = 72 * time.Hour
	newest     = time.Hour
	maxContent = 4000 // bytes: more than any number of segments a person sends
	maxParts   = 20
	timeLayout = "20060102150405"
)

// Parse verifies and translates one webhook request: an incoming SMS, or a report
// under the secret address. Code denied (403) when the signature or the address
// does not fit, or when there is nothing that could have been signed.
func (a *Adapter) Parse(r *http.Request, _ []byte) (channels.Inbound, error) {
	denied := core.E(core.CodeDenied, "smsgate.parse", "", nil)
	q, err := url.ParseQuery(r.URL.RawQuery)
	if r.Method != http.MethodGet || err != nil {
		return channels.Inbound{}, denied
	}
	if given := a.segment(r.URL.Path); given != "" {
		if !a.proven(given) {
			return channels.Inbound{}, denied
		}
		return a.report(q), nil
	}
	if !a.signed(q) {
		return channels.Inbound{}, denied
	}
	return a.message(q), nil
}

// segment is what the path has behind the account, "" when nothing.
func (a *Adapter) segment(path string) string {
	_, rest, ok := strings.Cut(path, "/webhooks/"+string(Kind)+"/"+a.account.Name)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(rest, "/")
}

// proven compares with every secret segment, whatever fits, so that time tells
// nothing.
func (a *Adapter) proven(given string) bool {
	ok := 0
	for _, p := range a.proofs {
		ok |= subtle.ConstantTimeCompare([]byte(p), []byte(given))
	}
	return ok == 1
}

// signed reports whether one of our keys signed these values. A value that comes
// twice is none: which of them was signed would be a guess.
func (a *Adapter) signed(q url.Values) bool {
	for _, name := range []string{"cpid", "smsid", "content", "receiverTime", "sign", "sender"} {
		if len(q[name]) != 1 {
			return false
		}
	}
	given := []byte(q.Get("sign"))
	ok := 0
	for _, key := range a.keys {
		sum := md5.Sum([]byte(joined(q) + key)) //nolint:gosec // the vendor's protocol
		ok |= subtle.ConstantTimeCompare([]byte(base64.StdEncoding.EncodeToString(sum[:])), given)
	}
	return ok&subtle.ConstantTimeCompare([]byte(a.cpid), []byte(q.Get("cpid"))) == 1
}

// joined is what is signed, without the key.
func joined(q url.Values) string {
	return q.Get("cpid") + q.Get("smsid") + q.Get("content") + q.Get("receiverTime")
}

func ignored(why string) channels.Inbound { return channels.Inbound{Ignored: 1, Why: why} }

// The forms of the fields.
var (
	idForm     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	numberForm = regexp.MustCompile(`^[1-9][0-9]{8,14}$`)
	refForm    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)
)

// message translates an incoming SMS.
func (a *Adapter) message(q url.Values) channels.Inbound {
	at, err := time.ParseInLocation(timeLayout, q.Get("receiverTime"), core.City)
	content := q.Get("content")
	from := q.Get("sender")
	switch {
	case !idForm.MatchString(q.Get("smsid")):
		return ignored("no_id")
	case err != nil:
		return ignored("time")
	case a.clock.Now().Sub(at) > oldest, at.Sub(a.clock.Now()) > newest:
		return ignored("stale")
	case !numberForm.MatchString(from):
		// Brand names and short codes are no person who could be answered.
		return ignored("sender")
	case len(content) > maxContent, !utf8.ValidString(content), strings.ContainsFunc(content, func(r rune) bool { return !sms.Printable(r) }):
		return ignored("content")
	}
	digest := sha256.Sum256([]byte(joined(q)))
	ev := core.Event{
		ID: q.Get("smsid"), Alias: "signed:" + hex.EncodeToString(digest[:16]),
		Channel: string(Kind), Account: a.account.Name, External: "+" + from,
		Kind: core.EventText, Text: sms.Decode(content), SentAt: at.UTC(),
	}
	part, ok := partOf(q)
	if !ok {
		return ignored("part")
	}
	ev.Part = part
	if part.Of == 0 || part.N == 1 {
		ev.Text = a.keywords.Strip(ev.Text)
	}
	if ev.Text == "" && part.Of == 0 {
		ev.Kind = core.EventStart // only the word of the service, or nothing at all
	}
	return channels.Inbound{Events: []core.Event{ev}, Answer: answer(ev.ID, from)}
}

// partOf reads which piece of a longer text it is; ok is false when that cannot
// be.
func partOf(q url.Values) (p core.Part, ok bool) {
	if q.Get("concat-total") == "" || q.Get("concat-total") == "1" {
		return core.Part{}, true
	}
	p.Ref = q.Get("concat-ref")
	n, err1 := strconv.Atoi(q.Get("concat-part"))
	of, err2 := strconv.Atoi(q.Get("concat-total"))
	p.N, p.Of = n, of
	return p, err1 == nil && err2 == nil && refForm.MatchString(p.Ref) && of > 1 && of <= maxParts && n >= 1 && n <= of
}

// answer is the document the vendor asks for. Both values are of a form that
// needs no escape. An empty text sends the person nothing.
func answer(id, to string) string {
	return "<ClientResponse><Message></Message><Smsid>" + id + "</Smsid><Receiver>" + to + "</Receiver></ClientResponse>"
}

// report translates an unsigned report. It says which message to ask about.
func (a *Adapter) report(q url.Values) channels.Inbound {
	id := q.Get("SMSID")
	if !idForm.MatchString(id) {
		return ignored("no_id")
	}
	s, ok := status(q.Get("SendStatus"), q.Get("SendSuccess"), q.Get("SendFailed"))
	if !ok {
		return ignored("status")
	}
	s.ID = id + "/" + q.Get("SendStatus") + "/" + string(s.State)
	s.External, s.CallbackID, s.Hint = id, q.Get("RequestId"), true
	return channels.Inbound{Statuses: []channels.Status{s}}
}

// status translates the vendor's numbers: 1 waits for approval, 2 to be sent, 4 is
// refused, 5 is done, 7 waits for the operator's report.
func status(code, sent, failed string) (s channels.Status, ok bool) {
	count := func(v string) int {
		n, err := strconv.Atoi(v)
		if err != nil {
			return 0
		}
		return n
	}
	switch code {
	case "1", "2", "7":
		s.State = core.ReceiptSent
	case "4":
		s.State, s.Reason = core.ReceiptFailed, channels.ReasonRefused
	case "5":
		switch {
		case count(sent) > 0:
			s.State = core.ReceiptDelivered
		case count(failed) > 0:
			s.State, s.Reason = core.ReceiptFailed, channels.ReasonUnreachable
		default:
			s.State = core.ReceiptSent
		}
	default:
		return s, false
	}
	return s, true
}
