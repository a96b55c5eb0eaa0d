package identity

import (
	"github.com/motcua/motcua/core"
)

// JobDoor is the kind of the jobs that let an event of our own in at the door of
// a conversation, under the same lock and the same duplicate check as a vendor
// message. Its payload is a DoorEvent.
const JobDoor = "conversation.event"

// JobParked is the kind of the jobs that deliver an event again which was parked.
// Its payload is the core.Event as it arrived.
const JobParked = "conversation.parked"

// DoorEvent is something that happened to a conversation without a vendor
// message: a page was inspected, an upload finished, a dossier changed, a draft
// moved on. Whoever handles JobDoor looks the address up by ConvID and makes the
// core.Event of it.
type DoorEvent struct {
	ID        string         `json:"id"` // event id: unique, stable over retries
	ConvID    core.ID        `json:"conv"`
	Kind      core.EventKind `json:"kind"`
	Text      string         `json:"text,omitempty"`
	PageID    core.ID        `json:"page,omitempty"`
	DraftID   core.ID        `json:"draft,omitempty"`
	DossierID core.ID        `json:"dossier,omitempty"`
	Group     string         `json:"group,omitempty"`
	Seq       int            `json:"seq,omitempty"`
}

// Job makes the job of e. It has no OrderKey: the door's lock orders events, and
// a notice that waits for the morning must not hold replies back.
func (e DoorEvent) Job(lane core.Lane) (core.Job, error) {
	payload, err := core.SealJSON(e)
	if err != nil {
		return core.Job{}, err
	}
	return core.Job{Kind: JobDoor, Lane: lane, Payload: payload}, nil
}

// OpenDoorEvent reads the payload of a JobDoor. Errors: internal.
func OpenDoorEvent(j core.Job) (DoorEvent, error) {
	var e DoorEvent
	if err := core.OpenJSON(j.Payload, &e); err != nil {
		return DoorEvent{}, err
	}
	if e.ID == "" || e.ConvID == "" || e.Kind == "" {
		return DoorEvent{}, core.Ef(core.CodeInternal, "identity.open_door_event", "", "payload of job %s lacks id, conversation or kind", j.ID)
	}
	return e, nil
}

// Event is e as it arrives at the door of the address behind row.
func (e DoorEvent) Event(row core.TurnRow) core.Event {
	return core.Event{
		ID: e.ID, Channel: row.Address.Channel, Account: row.Address.Account, External: string(row.Address.External),
		Kind: e.Kind, Text: e.Text, Group: e.Group,
		PageID: e.PageID, DraftID: e.DraftID, DossierID: e.DossierID, Seq: e.Seq,
	}
}
