package core

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of failure an Error is. The set is closed: adapters map
// each code to their protocol (Connect code, HTTP status, a sentence in a chat).
type Code string

// The codes, with what a caller should do.
const (
	CodeInvalid            Code = "invalid"             // the input is wrong; Fields says where; do not retry
	CodeUnauthenticated    Code = "unauthenticated"     // prove who you are
	CodeDenied             Code = "denied"              // known, and not allowed
	CodeNotFound           Code = "not_found"           // does not exist, or its existence is not yours to know
	CodeDuplicate          Code = "duplicate"           // it was already done: the first effect stands
	CodeConflict           Code = "conflict"            // somebody else changed it: read again, then retry
	CodeFailedPrecondition Code = "failed_precondition" // not possible in the present state
	CodeRateLimited        Code = "rate_limited"        // too often; RetryAfter says when
	CodeTooLarge           Code = "too_large"           // over a stated size
	CodeUnsupported        Code = "unsupported"         // a type of content that is not taken
	CodeUnavailable        Code = "unavailable"         // a dependency is down; retry
	CodeUnimplemented      Code = "unimplemented"       // not offered here; the message names another way
	CodeInternal           Code = "internal"            // a defect; the citizen sees a support id only
)

// Violation is one wrong field of an input.
type Violation struct {
	Field string            // path of the field, for example "child.birthDate"
	Key   string            // message key, for example "field.date.future"
	Args  map[string]string // arguments of the message; never personal data beyond what the citizen just sent
}

// Error is the one error type that crosses package borders.
//
// Key is a key of the message catalogue and Args its arguments; no prose of a
// lower layer is ever shown to a citizen. Err is the cause, for operators only.
type Error struct {
	Code       Code
	Op         string // where, noun first: "dossier.submit"
	Key        string // message key; empty means the default message of Code
	Args       map[string]string
	Fields     []Violation
	RetryAfter time.Duration // for rate_limited and unavailable; 0 = caller's choice
	Err        error
}

// Error prints code, operation and cause for operators.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(string(e.Code))
	if e.Key != "" {
		b.WriteString(" (" + e.Key + ")")
	}
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Field + ": " + f.Key + "]")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// E makes an Error. Cause may be nil.
func E(code Code, op, key string, cause error) *Error {
	return &Error{Code: code, Op: op, Key: key, Err: cause}
}

// Ef makes an Error whose cause is formatted for operators.
func Ef(code Code, op, key, format string, args ...any) *Error {
	return &Error{Code: code, Op: op, Key: key, Err: fmt.Errorf(format, args...)}
}

// Invalid makes a CodeInvalid error of violations.
func Invalid(op string, fields ...Violation) *Error {
	return &Error{Code: CodeInvalid, Op: op, Fields: fields}
}

// ErrorCode gives the code of err: "" for nil, CodeInternal for a foreign error.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrorKey gives the message key of err, or "error.<code>" when it has none, so
// that a foreign error can never leak its text to a citizen.
func ErrorKey(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Key != "" {
		return e.Key
	}
	return "error." + string(ErrorCode(err))
}

// IsCode reports whether err has the code.
func IsCode(err error, code Code) bool { return err != nil && ErrorCode(err) == code }
