package core

// ActorKind is who acts.
type ActorKind string

// The kinds of actor.
const (
	ActorAnonymous ActorKind = "anonymous"
	ActorCitizen   ActorKind = "citizen"
	ActorOfficer   ActorKind = "officer"
	ActorKiosk     ActorKind = "kiosk"
	ActorAgency    ActorKind = "agency"
	ActorOperator  ActorKind = "operator"
	ActorSystem    ActorKind = "system"
)

// Assurance is how sure the system is who a citizen is.
type Assurance int

// The levels (Decree 69/2024/NĐ-CP names the e-identity levels behind 2).
const (
	AssuranceNone    Assurance = 0 // anonymous
	AssuranceAddress Assurance = 1 // an address was proved: one-time code, or the account's own contact
	AssuranceEID     Assurance = 2 // electronic identity, or checked at a counter with the card
)

// Actor is one acting principal.
type Actor struct {
	Kind      ActorKind
	ID        ID        // citizen, kiosk or officer id; empty for anonymous and system
	Session   ID        // terminal session or token id, where there is one
	Office    string    // ward code an officer or kiosk works for; "*" for the whole city
	Assurance Assurance // of a citizen
	Name      string    // officer's display name; never a citizen's
}
