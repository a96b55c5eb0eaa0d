package core

import "time"

// Kiosk is an enrolled terminal. It proves itself by signing with the device key
// whose public half is stored.
type Kiosk struct {
	ID         ID
	Office     string // ward code it stands in
	Label      string
	PublicKey  []byte // Ed25519
	EnrolledAt time.Time
	SeenAt     time.Time
	RevokedAt  time.Time
}

// Enrolment is a one-time code with which a terminal becomes a Kiosk. Only the
// keyed hash of the code is stored.
type Enrolment struct {
	Hash      []byte
	Office    string
	Label     string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	KioskID   ID
}

// TerminalSession is one citizen's time at a kiosk. When it ends nothing of the
// citizen may be read through it any more.
type TerminalSession struct {
	ID        ID
	KioskID   ID
	CitizenID ID
	DraftID   ID
	Locale    string
	StartedAt time.Time
	SeenAt    time.Time
	EndedAt   time.Time
}
