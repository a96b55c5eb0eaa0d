package core

import "time"

// Citizen is a person known to the system. Nothing about the person is stored in
// clear: Profile is JSON of CitizenProfile.
type Citizen struct {
	ID      ID
	Profile Sealed
	// PersonalID is write-only: the store keeps a keyed hash for ByPersonalID and
	// reads give "".
	PersonalID string
	Assurance  Assurance
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// CitizenProfile is what a citizen let us keep to fill forms in.
type CitizenProfile struct {
	FullName   string `json:"fullName,omitempty"`
	PersonalID string `json:"personalId,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

// Address is one account of a person on one channel: a chat id, a phone number,
// an app installation. (Channel, Account, External) is unique; look-ups use a
// keyed hash of External.
type Address struct {
	ID        ID
	Channel   string // kind of channel, as the adapter names itself
	Account   string // our account there: "main"
	External  Sealed // the vendor's id of the person: chat id, E.164 number
	CitizenID ID     // empty until linked
	Assurance Assurance
	NoNotices bool // the citizen stopped notices on this address
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AddressKey names an address from outside.
type AddressKey struct {
	Channel  string
	Account  string
	External string // personal data: hash it before it is compared or stored
}

// HandOff is a single-use code that moves a draft to another channel. Only the
// keyed hash of the code is stored.
type HandOff struct {
	Hash      []byte
	DraftID   ID
	FromConv  ID // conversation it was given in; empty for app and kiosk
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero until used
}

// Link is an upload link: whoever holds its token may add pages to the papers of
// one draft or answer one supplement. Only the keyed hash of the token is stored.
type Link struct {
	Hash       []byte
	DraftID    ID
	DossierID  ID // set when it answers a supplement request
	ConvID     ID // conversation that goes on when the upload is finished
	CreatedAt  time.Time
	ExpiresAt  time.Time
	FinishedAt time.Time // zero until the citizen pressed "done"
}

// Challenge is a one-time code sent to an address. The code itself is derived
// from the server's key and ID and is stored nowhere.
type Challenge struct {
	ID        ID
	Channel   string // channel it is sent on
	Address   Sealed // E.164 number; the store also keeps its keyed hash
	Purpose   string // "login", "kiosk_login", …
	CreatedAt time.Time
	ExpiresAt time.Time
	Attempts  int
	UsedAt    time.Time
}

// RefreshToken is one link of a rotating family; reuse of a used one revokes the
// family. Only the keyed hash of the token is stored.
type RefreshToken struct {
	Hash      []byte
	FamilyID  ID
	CitizenID ID
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	RevokedAt time.Time
}

// Handover is a request of a citizen to be helped by a person.
type Handover struct {
	ID        ID
	ConvID    ID
	DraftID   ID
	DossierID ID
	Office    string // ward code, if known
	Reason    string // message key of why
	Context   Sealed // what the citizen last said and where the dialogue stood
	CreatedAt time.Time
	TakenBy   string
	TakenAt   time.Time
	ClosedAt  time.Time
}
