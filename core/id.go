package core

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// ID is an internal identifier: a UUIDv7 (RFC 9562 §5.7) in its 36-character
// lower-case form. It is never derived from personal data and never shown as a
// dossier code.
type ID string

// IDSource makes new ids. The pure dialogue is handed one, so that a turn can be
// replayed with the same ids.
type IDSource func() ID

// NewID makes a UUIDv7 of the instant now and 74 random bits.
func NewID(now time.Time) ID {
	var b [16]byte
	// crypto/rand.Read never fails since Go 1.24: it stops the program instead.
	_, _ = rand.Read(b[6:])
	ms := now.UnixMilli()
	for i := 5; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return ID(s[:])
}

// ValidID reports whether s has the form of an ID. Doors check it before a
// look-up so that a malformed id is "not found" and never an engine error.
func ValidID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// Clock tells the time. The program uses the system clock, the simulator one
// that a person moves, and tests one that they set.
type Clock interface {
	// Now is the present instant, in UTC.
	Now() time.Time
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the present instant, in UTC.
func (SystemClock) Now() time.Time { return time.Now().UTC() }

// City is the civil time of Ho Chi Minh City: UTC+7 all year, without daylight
// saving since 1975, so no time-zone database is needed.
var City = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)
