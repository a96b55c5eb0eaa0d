package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

// Limits of one-time codes (NIST SP 800-63B §5.1.3 and §5.2.2; OWASP ASVS 6.5,
// 6.6).
const (
	CodeLife     = 10 * time.Minute
	codeTries    = 5                // per code
	accountTries = 10               // per number within accountLock
	accountLock  = 10 * time.Minute // how long a number is locked then
)

// sendLimits are how many codes a number may get within a time.
func sendLimits() []sendLimit {
	return []sendLimit{{2, 10 * time.Second}, {10, 5 * time.Minute}, {20, 24 * time.Hour}}
}

type sendLimit struct {
	codes  int
	within time.Duration
}

// The purposes of a challenge. A code works for its purpose only.
const (
	PurposeLogin         = "login"
	PurposeTerminalLogin = "terminal_login"
)

// PhoneChannel is the channel of addresses that are phone numbers proved by a
// one-time code; their account is PhoneAccount and their external id the E.164
// number. It is no network of its own.
const (
	PhoneChannel = "phone"
	PhoneAccount = "main"
)

// JobSendCode is the kind of the jobs that send a code. The payload is a
// SendCode; whoever handles it asks Codes.ForSending what to send where.
const JobSendCode = "auth.send_code"

// SendCode is the payload of JobSendCode. It holds no secret: the code is
// derived when it is sent.
type SendCode struct {
	ChallengeID core.ID `json:"challenge"`
}

// Codes makes and checks the six digits sent to a phone.
type Codes struct {
	key []byte
}

// NewCodes makes Codes whose digits are derived from the server's key.
func NewCodes(sealer core.Sealer) *Codes { return &Codes{key: sealer.Derive("auth.code")} }

// Request makes a challenge for a phone and enqueues the job that sends it.
//
// Nothing tells whether the number is known. Errors: invalid for anything but a
// Vietnamese mobile number (calls abroad are how fraud makes money with codes);
// rate_limited.
func (c *Codes) Request(ctx context.Context, tx core.Tx, phone, purpose string) (core.Challenge, error) {
	const op = "auth.request_code"
	phone, err := identity.Phone(phone)
	if err != nil {
		return core.Challenge{}, err
	}
	now := tx.Now()
	for _, l := range sendLimits() {
		n, err := tx.Challenges().Recent(ctx, phone, now.Add(-l.within))
		if err != nil {
			return core.Challenge{}, err
		}
		if n >= l.codes {
			return core.Challenge{}, &core.Error{Code: core.CodeRateLimited, Op: op, Key: "error.code.too_many", RetryAfter: l.within}
		}
	}
	ch := core.Challenge{
		ID: core.NewID(now), Channel: PhoneChannel, Address: core.Sealed(phone), Purpose: purpose,
		CreatedAt: now, ExpiresAt: now.Add(CodeLife),
	}
	if err := tx.Challenges().Insert(ctx, ch); err != nil {
		return core.Challenge{}, err
	}
	payload, err := core.SealJSON(SendCode{ChallengeID: ch.ID})
	if err != nil {
		return core.Challenge{}, err
	}
	return ch, tx.Enqueue(ctx, core.Job{Kind: JobSendCode, Lane: core.LaneOTP, Payload: payload})
}

// Sending is what a JobSendCode sends.
type Sending struct {
	Phone     string // E.164
	Code      string // six digits
	ExpiresAt time.Time
}

// ForSending derives the code of a JobSendCode. Errors: not_found;
// failed_precondition when the code was used or is over, so that sending it is
// pointless.
func (c *Codes) ForSending(ctx context.Context, tx core.Tx, j core.Job) (Sending, error) {
	var p SendCode
	if err := core.OpenJSON(j.Payload, &p); err != nil {
		return Sending{}, err
	}
	ch, err := tx.Challenges().Get(ctx, p.ChallengeID)
	if err != nil {
		return Sending{}, err
	}
	if !ch.UsedAt.IsZero() || !tx.Now().Before(ch.ExpiresAt) {
		return Sending{}, core.E(core.CodeFailedPrecondition, "auth.for_sending", "", nil)
	}
	return Sending{Phone: string(ch.Address), Code: c.digits(ch), ExpiresAt: ch.ExpiresAt}, nil
}

// digits derives the code: bound to challenge, purpose and number, so that it
// works for nothing else. 2⁶⁴ mod 10⁶ prefers no code noticeably.
func (c *Codes) digits(ch core.Challenge) string {
	m := hmac.New(sha256.New, c.key)
	fmt.Fprintf(m, "%s\x00%s\x00%s", ch.ID, ch.Purpose, string(ch.Address))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(m.Sum(nil))%1_000_000)
}

// try checks a code. A refusal is a verdict, not an error, because the counted
// try must be committed: the caller returns nil from its closure and hands the
// verdict out after.
func (c *Codes) try(ctx context.Context, tx core.Tx, id core.ID, purpose, code string) (phone string, verdict *core.Error, err error) {
	const op = "auth.verify_code"
	ch, err := tx.Challenges().Attempt(ctx, id)
	if core.IsCode(err, core.CodeNotFound) {
		return "", core.E(core.CodeDenied, op, "error.code.wrong", nil), nil
	}
	if err != nil {
		return "", nil, err
	}
	now := tx.Now()
	tries, err := tx.Challenges().Failures(ctx, string(ch.Address), now.Add(-accountLock))
	if err != nil {
		return "", nil, err
	}
	switch {
	case tries > accountTries: // this one is counted already
		return "", &core.Error{Code: core.CodeRateLimited, Op: op, Key: "error.code.locked", RetryAfter: accountLock}, nil
	case !ch.UsedAt.IsZero() || ch.Attempts >= codeTries:
		return "", core.E(core.CodeDenied, op, "error.code.spent", nil), nil
	case !now.Before(ch.ExpiresAt):
		return "", core.E(core.CodeDenied, op, "error.code.expired", nil), nil
	case ch.Purpose != purpose || subtle.ConstantTimeCompare([]byte(c.digits(ch)), []byte(code)) != 1:
		return "", core.E(core.CodeDenied, op, "error.code.wrong", nil), nil
	}
	return string(ch.Address), nil, tx.Challenges().Use(ctx, id, now)
}
