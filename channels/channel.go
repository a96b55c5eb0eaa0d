// Package channels is the contract between the one dialogue and the many
// networks people write on: what an adapter must do, what a network can do (as
// data), the Registry that refuses bad wiring at start-up, the renderer that
// degrades a prompt to what a network can show, and the Gateway, which does once
// everything that all adapters have in common.
//
// Invariants:
//   - an adapter is a pure translator: it verifies and parses what the vendor
//     sent and sends what it is told; it never touches the store and never writes
//     an HTTP response of its own;
//   - de-duplication, ordering, retries, limits, redaction and metrics belong to
//     the Gateway;
//   - nothing in this package or in core asks which channel it is talking to:
//     differences are Capabilities.
package channels

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/motcua/motcua/core"
)

// Kind names a network: "telegram", "twilio". It is the first path segment of
// its webhooks.
type Kind string

// Account is one of our accounts on a network. The one that is configured by
// environment variables is called "main".
type Account struct {
	Kind Kind
	Name string
}

// String gives "kind/name", the key of limits and pauses.
func (a Account) String() string { return string(a.Kind) + "/" + a.Name }

// Adapter is what every network can do. An adapter value serves one account.
type Adapter interface {
	// Account says which account of which network it serves.
	Account() Account
	// Capabilities are constant for the life of the adapter.
	Capabilities() core.Capabilities
	// Send delivers one rendered part and returns the vendor's id of the message.
	// The error is a *SendError. Send does not retry and does not log.
	Send(ctx context.Context, out Outbound) (Sent, error)
	// Secrets lists the values that must never appear in a log or an error.
	Secrets() []string
}

// Receiver is an adapter whose vendor pushes events to us.
type Receiver interface {
	Adapter
	// Method is the HTTP method of its webhooks, POST or GET. A GET may have one
	// more path segment behind the account, which only the adapter understands.
	Method() string
	// MaxBody is the largest request body it takes, in bytes.
	MaxBody() int64
	// Parse verifies and translates one request. The body was read whole, within
	// MaxBody. An error has code unauthenticated or denied for a bad signature
	// (the adapter chooses which one its protocol answers with: 401 or 403); any
	// other trouble with the content is no error: it is counted in
	// Inbound.Ignored, so that one poisonous event never blocks the queue behind
	// it.
	Parse(r *http.Request, body []byte) (Inbound, error)
	// Ack is the body and content type of a good answer.
	Ack() (contentType string, body []byte)
}

// Poller is an adapter that can fetch its events.
type Poller interface {
	Adapter
	// Poll fetches events and hands them to deliver one by one until ctx ends.
	// The vendor is told that an event arrived only after deliver returned nil.
	Poll(ctx context.Context, deliver func(context.Context, Inbound) error) error
}

// Asker is an adapter whose vendor can be asked what became of a message.
type Asker interface {
	Adapter
	// Ask asks about the message with the vendor's id external. Errors: not_found
	// when the vendor does not know it (yet), unavailable.
	Ask(ctx context.Context, external string) (Status, error)
}

// FileOpener is an adapter through which people send files.
type FileOpener interface {
	Adapter
	// OpenFile opens the content of a received file. Errors: too_large before a
	// byte is read when the vendor says so, not_found when it is gone,
	// unavailable.
	OpenFile(ctx context.Context, m core.Media) (io.ReadCloser, error)
}

// Inbound is what one webhook request or poll brought.
type Inbound struct {
	Events   []core.Event
	Statuses []Status
	Ignored  int    // items of a kind we do not know, or that could not be read
	Why      string // short reason of the last ignored one, for the metric; no content
	Answer   string `json:",omitzero"` // body of the answer in place of Ack's, where the vendor wants the event named
}

// Status is a vendor's report on a message we sent.
type Status struct {
	ID       string // vendor's id of the report, for de-duplication
	External string // vendor's id of the message
	// CallbackID is the Outbound.CallbackID that came back, where the vendor hands
	// it back: it finds a receipt that is not committed yet.
	CallbackID string
	State      core.ReceiptState
	Reason     Reason
	StopAll    bool // the person blocked us or opted out at the vendor
	// Hint says that nobody signed the report: the vendor is asked before it
	// settles anything.
	Hint bool `json:",omitzero"`
}

// Outbound is one rendered part of a message, ready to send.
type Outbound struct {
	To         string // vendor's id of the person
	Text       string // in the markup of the channel
	Rows       [][]Button
	AskContact bool   // offer the button that shares the person's own number
	EditRef    string // message to change in place, if the channel can; falls back to a new one
	AnswersRef string // pressed button that waits for an acknowledgement
	Toast      string // short text shown with the acknowledgement, ≤ 200 characters
	CallbackID string // our id of this part, handed back in status reports
	Template   string // message key, for vendors with registered templates
	Menu       string // the end of Text that is a numbered menu and no part of the template; "" = none
}

// Button is one choice as a channel shows it. Data is opaque, ≤ 64 bytes.
type Button struct {
	Label string
	Data  string
}

// Sent is a delivered part.
type Sent struct {
	External string            // vendor's id of the message; "" when there is none
	State    core.ReceiptState // sent, or delivered where the vendor says so at once
	Units    int               // billed units
	At       time.Time
}
