package core

import "time"

// CosignState is what somebody who must agree to a dossier has said.
type CosignState string

// The states of a cosign.
const (
	CosignPending   CosignState = "pending"
	CosignConfirmed CosignState = "confirmed"
	CosignDeclined  CosignState = "declined"
)

// Cosign is the agreement of another person that a dossier needs: an owner, the
// other parent. It is asked for at submission by a message to that person's phone
// and answered there with the digits drawn for it, or at the counter. Until all
// are confirmed the dossier is not accepted.
type Cosign struct {
	ID         ID
	DossierID  ID
	Seq        int    // place among the cosigns of the dossier, 1 first
	Field      string // question of the form that named the person
	Person     Sealed // JSON of CosignPerson
	Phone      string // E.164, write-only: the store keeps a keyed hash for PendingByPhone
	State      CosignState
	ConvID     ID // conversation it was asked in; "" until asked
	CreatedAt  time.Time
	AskedAt    time.Time
	RemindedAt time.Time // once at most
	AnsweredAt time.Time
	AnsweredBy ActorKind
}

// CosignPerson is who is asked, and with which digits they answer.
type CosignPerson struct {
	Name   string `json:"name,omitempty"`
	Phone  string `json:"phone"`
	Digits string `json:"digits"`
}
