package job

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// A handler ends a job by what it returns: nil completes it; one of the errors
// below steers it; any other error is a failed attempt, tried again later and
// parked after the last attempt.

type cancelError struct{ err error }

func (e *cancelError) Error() string { return "cancelled: " + e.err.Error() }
func (e *cancelError) Unwrap() error { return e.err }

// Cancel gives the job up at once: it is parked with err as its cause. Use it
// when another attempt cannot do better.
func Cancel(err error) error {
	if err == nil {
		err = errors.New("no reason was given")
	}
	return &cancelError{err}
}

type snoozeError struct{ after time.Duration }

func (e *snoozeError) Error() string { return "snoozed for " + e.after.String() }

// Snooze runs the job again after d without counting an attempt.
func Snooze(d time.Duration) error { return &snoozeError{max(d, 0)} }

type pauseError struct {
	account string
	after   time.Duration
}

func (e *pauseError) Error() string {
	return fmt.Sprintf("account %s paused for %s", e.account, e.after)
}

// Pause holds all jobs of an account for d, this one included, without counting
// an attempt: the provider said that we are too fast, or its door is closed.
func Pause(account string, d time.Duration) error { return &pauseError{account, max(d, 0)} }

// causeOf is what an operator reads about a failure. A core.Error may carry the
// arguments of a message; its code, operation and key say enough.
func causeOf(err error) string {
	var e *core.Error
	if errors.As(err, &e) {
		s := e.Op + ": " + string(e.Code)
		if e.Key != "" {
			s += " (" + e.Key + ")"
		}
		return s
	}
	return clip(err.Error())
}

// clip keeps the start of a long text, on a rune's border, as text that a store
// takes.
func clip(s string) string {
	const limit = 300
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
