package core

import "time"

// Conversation is the state of the dialogue with one address. Version grows by
// one with every saved turn: a turn is saved only over the version it read.
type Conversation struct {
	ID        ID
	AddressID ID
	Channel   string
	Account   string
	CitizenID ID
	DraftID   ID     // the draft being filled in, if any
	Locale    string // "vi" or "en"
	State     Sealed // JSON of the dialogue's own state
	Version   int64  // 0 = not stored yet
	CreatedAt time.Time
	UpdatedAt time.Time
}

// EventKind is what happened to a conversation.
type EventKind string

// The kinds of event. The last group has no vendor message behind it.
const (
	EventText     EventKind = "text"     // the person wrote Text
	EventChoice   EventKind = "choice"   // the person pressed the button of ChoiceID
	EventMedia    EventKind = "media"    // the person sent Media, perhaps with a caption in Text
	EventContact  EventKind = "contact"  // the person shared their own proved phone number
	EventLocation EventKind = "location" // the person sent a place on the map
	EventStart    EventKind = "start"    // the conversation was opened; Text is the deep-link payload
	EventStop     EventKind = "stop"     // the person left or blocked us
	EventPublic   EventKind = "public"   // somebody wrote where others read along: only a refusal may follow

	EventPage     EventKind = "page"     // a page has its verdict (PageID)
	EventUploaded EventKind = "uploaded" // an upload link was finished (LinkDraft)
	EventQuiet    EventKind = "quiet"    // no further page of group Group came for a while
	EventDossier  EventKind = "dossier"  // the dossier DossierID changed (Seq names the change)
	EventCosign   EventKind = "cosign"   // the person is asked to agree: cosign Seq of the dossier DossierID, Text "again" for a reminder
	EventReminder EventKind = "reminder" // a reminder set by the dialogue is due
	EventMoved    EventKind = "moved"    // the draft DraftID goes on in another channel, named by Text
)

// Event is one thing that happened to one conversation. (Channel, Account, ID)
// is unique for ever: the second arrival has no effect.
type Event struct {
	ID         string // vendor's event id, or our own for events without a vendor message
	Channel    string
	Account    string
	External   string // who; personal data
	Kind       EventKind
	Text       string
	ChoiceID   string
	MessageRef string // vendor's id of the message a button was pressed on
	Media      []Media
	Group      string // album the media belong to
	Phone      string // E.164, of EventContact; proved by the vendor to belong to External
	Locale     string // language the vendor reports, as a hint
	Lat, Lon   float64
	PageID     ID
	DraftID    ID
	DossierID  ID
	Seq        int
	SentAt     time.Time // vendor's clock; zero if unknown
	ReceivedAt time.Time // ours
	// Alias is another id under which the same event could come again, or "": it
	// is remembered as ID is.
	Alias string `json:",omitzero"`
	// Part is set on a piece of a longer text that the vendor cut and delivers
	// piece by piece; Text is then that piece.
	Part Part `json:",omitzero"`
}

// Part is the place of a piece in a text that was cut.
type Part struct {
	Ref string // the same for all pieces of one text of one person
	N   int    // 1 is the first
	Of  int    // how many there are; 0 = the event is whole
}

// Media is a file that waits at the vendor.
type Media struct {
	Ref      string // opaque to all but the adapter
	UniqueID string // stable id of the content at the vendor, "" if unknown
	Name     string // file name as sent: hostile text
	MIME     string // as the vendor claims
	Size     int64  // bytes as the vendor claims; 0 = unknown
}

// InboxRow remembers that an event arrived. Raw is kept only for parked events.
type InboxRow struct {
	Channel    string
	Account    string
	EventID    string
	ConvID     ID
	ReceivedAt time.Time
	ParkedAt   time.Time
	Cause      string // operator's text of why it was parked; no personal data
	Raw        Sealed // JSON of the Event, for a retry
}
