package coretest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/core"
)

// Build makes nouns. Each call numbers its noun, so that two never share a key;
// the functions change what a test cares about.
type Build struct {
	Clock core.Clock
	n     atomic.Int64
}

// NewBuild makes a Build on a clock.
func NewBuild(c core.Clock) *Build { return &Build{Clock: c} }

// ID makes an id of the clock's instant.
func (b *Build) ID() core.ID { return core.NewID(b.Clock.Now()) }

// Next counts up: the number of a noun, a vendor's event id, a phone number.
func (b *Build) Next() int64 { return b.n.Add(1) }

func (b *Build) now() time.Time { return b.Clock.Now().Truncate(time.Microsecond) }

func apply[T any](v T, change []func(*T)) T {
	for _, f := range change {
		f(&v)
	}
	return v
}

// Address is an account on the channel "test", linked to nobody.
func (b *Build) Address(change ...func(*core.Address)) core.Address {
	return apply(core.Address{ID: b.ID(), Channel: "test", Account: "main",
		External: core.Sealed(fmt.Sprintf("person-%d", b.Next())), CreatedAt: b.now(), UpdatedAt: b.now()}, change)
}

// Conversation is a new conversation of an address.
func (b *Build) Conversation(a core.Address, change ...func(*core.Conversation)) core.Conversation {
	return apply(core.Conversation{ID: b.ID(), AddressID: a.ID, Channel: a.Channel, Account: a.Account,
		CitizenID: a.CitizenID, Locale: "vi", State: core.Sealed(`{"at":"menu"}`), Version: 1,
		CreatedAt: b.now(), UpdatedAt: b.now()}, change)
}

// Citizen is a person who proved an address.
func (b *Build) Citizen(change ...func(*core.Citizen)) core.Citizen {
	return apply(core.Citizen{ID: b.ID(), Profile: core.Sealed(`{"fullName":"Nguyễn Văn Thử"}`),
		Assurance: core.AssuranceAddress, Version: 1, CreatedAt: b.now(), UpdatedAt: b.now()}, change)
}

// Draft is an open draft of a citizen ("" = nobody known yet).
func (b *Build) Draft(citizen core.ID, change ...func(*core.Draft)) core.Draft {
	return apply(core.Draft{ID: b.ID(), ProcedureCode: "1.000001", ProcedureVersion: "2026-07-01", FormID: "thu",
		FormVersion: "1", Office: "26734", CitizenID: citizen, Answers: core.Sealed(`{"fields":{}}`),
		State: core.DraftOpen, Holder: "test", Version: 1, CreatedAt: b.now(), UpdatedAt: b.now(),
		ExpiresAt: b.now().AddDate(0, 0, 30)}, change)
}

// Paper is an empty paper of a draft.
func (b *Build) Paper(draft core.ID, change ...func(*core.Paper)) core.Paper {
	return apply(core.Paper{ID: b.ID(), DraftID: draft, Requirement: "declaration", CreatedAt: b.now()}, change)
}

// Page is a pending photo of a paper.
func (b *Build) Page(p core.Paper, change ...func(*core.Page)) core.Page {
	sum := sha256.Sum256([]byte(fmt.Sprint("page ", b.Next())))
	return apply(core.Page{ID: b.ID(), PaperID: p.ID, DraftID: p.DraftID, State: core.PagePending, MIME: "image/jpeg",
		Size: 1234, Count: 1, SHA256: hex.EncodeToString(sum[:]), Name: core.Sealed("anh.jpg"),
		Source: core.Sealed(`{"ref":"r"}`), Channel: "test", CreatedAt: b.now()}, change)
}

// Dossier is a newly registered dossier of a draft, with a code of its own.
func (b *Build) Dossier(d core.Draft, change ...func(*core.Dossier)) core.Dossier {
	return apply(core.Dossier{ID: b.ID(), Code: fmt.Sprintf("H29.26734-261102-%04d", b.Next()),
		ProcedureCode: d.ProcedureCode, ProcedureVersion: d.ProcedureVersion, FormVersion: d.FormVersion,
		Agency: "H29.26734", Office: d.Office, CitizenID: d.CitizenID, DraftID: d.ID,
		Contact: core.Sealed(`{"locale":"vi"}`), Canonical: core.Sealed(`{}`), Hash: "00", State: core.StateNew,
		SubmittedAt: b.now(), ExpectedAt: b.now().Add(72 * time.Hour), Version: 1, UpdatedAt: b.now()}, change)
}

// Job is a job in the reply lane, in the order of key ("" = none).
func (b *Build) Job(key string, change ...func(*core.Job)) core.Job {
	return apply(core.Job{ID: b.ID(), Kind: "test", Lane: core.LaneReply, OrderKey: key,
		Payload: core.Sealed(`{}`), RunAt: b.now(), CreatedAt: b.now()}, change)
}

// Event is a text of an address.
func (b *Build) Event(a core.Address, text string, change ...func(*core.Event)) core.Event {
	return apply(core.Event{ID: fmt.Sprintf("e-%d", b.Next()), Channel: a.Channel, Account: a.Account,
		External: string(a.External), Kind: core.EventText, Text: text, SentAt: b.now(), ReceivedAt: b.now()}, change)
}

// Kiosk is an enrolled terminal.
func (b *Build) Kiosk(change ...func(*core.Kiosk)) core.Kiosk {
	return apply(core.Kiosk{ID: b.ID(), Office: "26734", Label: "Quầy thử", PublicKey: []byte{1, 2, 3},
		EnrolledAt: b.now()}, change)
}
