package core

import "time"

// Lane is a class of urgency; earlier lanes are served first.
type Lane string

// The lanes, most urgent first.
const (
	LaneOTP    Lane = "otp"
	LaneReply  Lane = "reply"
	LaneNotice Lane = "notice"
	LaneBulk   Lane = "bulk"
)

// Lanes in the order of service.
func Lanes() []Lane { return []Lane{LaneOTP, LaneReply, LaneNotice, LaneBulk} }

// JobState is where a job stands. Finished jobs are deleted.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting" // behind another job of the same OrderKey
	JobReady   JobState = "ready"   // runs when RunAt has come
	JobRunning JobState = "running" // leased
	JobParked  JobState = "parked"  // given up with a Cause; an operator decides
)

// Job is durable work, enqueued in the transaction that wants it. Jobs of one
// OrderKey run strictly one after another, in the order they were enqueued; only
// the head is ready. A parked job lets the next one of its key go on.
type Job struct {
	ID          ID
	Kind        string
	Lane        Lane
	OrderKey    string // conversation id, or "" for no order
	Account     string // "channel/account" whose limits and pauses apply, or ""
	Payload     Sealed // JSON the handler of Kind understands
	RunAt       time.Time
	State       JobState
	Attempts    int
	MaxAttempts int    // 0 = the handler's default
	Progress    string // what is already done, for example parts sent; no personal data
	Cause       string // why it was parked; operator's text, no personal data
	Node        string // lease holder
	LeaseUntil  time.Time
	Fence       int64 // grows with every lease; a completion with an old fence is refused
	Crashes     int   // processes that died in a row while they ran it
	CreatedAt   time.Time
}

// MaxCrashes is how many processes may die in a row while they run a job before it
// is taken for the reason.
const MaxCrashes = 5

// Freed is what became of the jobs that a dead process ran.
type Freed struct {
	Ready  int  // run again
	Parked []ID // had died with MaxCrashes processes
}

// ReceiptState is what is known of an outbound message.
type ReceiptState string

// The states, from least to most certain. A terminal state never goes back.
const (
	ReceiptSending   ReceiptState = "sending"
	ReceiptUnknown   ReceiptState = "unknown" // sent, and the answer was lost
	ReceiptSent      ReceiptState = "sent"
	ReceiptDelivered ReceiptState = "delivered"
	ReceiptFailed    ReceiptState = "failed"
)

// Rank orders receipt states; an update may only raise the rank.
func (s ReceiptState) Rank() int {
	switch s {
	case ReceiptSending:
		return 0
	case ReceiptUnknown:
		return 1
	case ReceiptSent:
		return 2
	case ReceiptFailed, ReceiptDelivered:
		return 3
	}
	return -1
}

// Receipt is the fate of one part of an outbound message.
type Receipt struct {
	JobID     ID
	Part      int
	ConvID    ID
	Channel   string
	Account   string
	External  string // vendor's message id; "" while unknown
	State     ReceiptState
	Reason    string // closed set of send reasons, "" if none
	Template  string // message key that was sent
	Units     int    // billed units, for example segments
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Notice is something a citizen is told without having asked, kept so that the
// app can list it.
type Notice struct {
	ID        ID
	CitizenID ID
	ConvID    ID
	DossierID ID
	Key       string
	Args      Sealed // JSON of map[string]string
	CreatedAt time.Time
	SeenAt    time.Time
}

// RPCReply is the stored answer of an RPC with an idempotency key. Key is the
// hash of subject ‖ method ‖ key.
type RPCReply struct {
	Key       []byte
	BodyHash  []byte
	Response  Sealed
	CreatedAt time.Time
	ExpiresAt time.Time
}
