package channels

import (
	"fmt"
	"time"
)

// Reason is why a send failed. The set is closed.
type Reason string

// The reasons, and what the Gateway does.
const (
	ReasonThrottled   Reason = "throttled"   // the vendor asks us to wait: the whole account pauses
	ReasonUnreachable Reason = "unreachable" // network or vendor trouble: retry
	ReasonRefused     Reason = "refused"     // the vendor will never take this message: park
	ReasonBlocked     Reason = "blocked"     // the person blocked us or opted out: stop notices
	ReasonBadAccount  Reason = "bad_account" // our credentials or account are wrong: pause, alarm
	ReasonBadAddress  Reason = "bad_address" // nobody can be reached there
	ReasonTooLarge    Reason = "too_large"   // over the vendor's limit: a defect of the renderer
	ReasonExpired     Reason = "expired"     // too late for the vendor: a stale button's acknowledgement
)

// SendError is a failed or doubtful send.
//
// Certain says that the vendor did not take the message. When it is false the
// outcome is unknown: the request left us and no answer came, so the citizen is
// never told that it failed.
type SendError struct {
	Reason     Reason
	Retry      bool
	RetryAfter time.Duration // what the vendor asked for; 0 = our own back-off
	Certain    bool
	VendorCode string // vendor's error code; never its text, which may echo content
	Err        error  // for operators; secrets are redacted by the adapter
}

// Error prints reason and vendor code.
func (e *SendError) Error() string {
	s := fmt.Sprintf("send: %s", e.Reason)
	if e.VendorCode != "" {
		s += " (vendor " + e.VendorCode + ")"
	}
	if !e.Certain {
		s += ", outcome unknown"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Err }
