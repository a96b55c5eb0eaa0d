package core

import (
	"context"
	"time"
)

// Store keeps everything durable. Two engines implement it and both pass
// core/storetest.
//
// One use case is one Update. A closure may run more than once (serialisation
// failure, a lost group), so it must be idempotent and its results may be used
// only after Update returned nil. A closure does no network call, no waiting and
// no heavy computation. View or Update inside a closure is refused with
// CodeInternal: services take a Tx, never a Store.
//
// A write that returns only an error may be buffered: its failure (duplicate,
// conflict, not_found) is then returned by the next read of the same Tx or by
// Update itself, with the same code. Closures must not go on to depend on a
// write having succeeded, except that it did if Update returns nil.
//
// Errors: the codes of the methods; unavailable when the engine is down or the
// disk is full (nothing of the closure is kept); a cancelled context before the
// closure starts gives the context's error. An error of the closure is returned
// as it is and rolls everything back.
type Store interface {
	// View runs fn with a Tx that reads. Writes in it fail with CodeInternal.
	View(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Update runs fn and commits what it wrote, durably, before it returns nil.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
}

// Tx is one transaction. Its repositories are named by noun.
//
// Lock order everywhere: conversations by id, then drafts and dossiers by id,
// then gaps, then jobs, then the counter of an agency's day, last.
type Tx interface {
	// Now is the instant the transaction began, from the store's clock, UTC,
	// microseconds.
	Now() time.Time
	// Enqueue adds jobs. ID, CreatedAt and RunAt are filled in when empty; State
	// is decided by the store (ready or waiting).
	Enqueue(ctx context.Context, jobs ...Job) error

	Inbox() InboxRepo
	Conversations() ConversationRepo
	Citizens() CitizenRepo
	Addresses() AddressRepo
	Drafts() DraftRepo
	Papers() PaperRepo
	Dossiers() DossierRepo
	Cosigns() CosignRepo
	HandOffs() HandOffRepo
	Links() LinkRepo
	Challenges() ChallengeRepo
	Refreshes() RefreshRepo
	Kiosks() KioskRepo
	Handovers() HandoverRepo
	Notices() NoticeRepo
	Receipts() ReceiptRepo
	Jobs() JobRepo
	Audit() AuditRepo
	Replies() ReplyRepo
	Packs() PackRepo
	Pieces() PieceRepo
	Gaps() GapRepo
}

// InboxRepo remembers arrived events.
type InboxRepo interface {
	// Insert fails with duplicate when (channel, account, event id) is there.
	Insert(ctx context.Context, row InboxRow) error
	// Park marks an event as given up, inserting its row if need be.
	Park(ctx context.Context, row InboxRow) error
	// Parked lists parked rows, oldest first.
	Parked(ctx context.Context, limit int) ([]InboxRow, error)
	// Unpark removes the row so that the event may be delivered again; not_found.
	Unpark(ctx context.Context, channel, account, eventID string) error
}

// TurnRow is all that a turn needs to know of one address, read at once.
type TurnRow struct {
	Address      Address
	Conversation Conversation
	Draft        *Draft   // the conversation's draft; nil if none
	Citizen      *Citizen // the linked citizen; nil if none
}

// ConversationRepo keeps dialogue states.
type ConversationRepo interface {
	// ForTurn reads address, conversation, draft and citizen in one statement.
	// not_found when the address is new.
	ForTurn(ctx context.Context, key AddressKey) (TurnRow, error)
	// ForTurnByID is ForTurn by conversation id.
	ForTurnByID(ctx context.Context, id ID) (TurnRow, error)
	// Get reads one conversation; not_found.
	Get(ctx context.Context, id ID) (Conversation, error)
	// Insert stores a new conversation with Version 1; duplicate when the address
	// has one.
	Insert(ctx context.Context, c Conversation) error
	// Save stores c over version c.Version and makes it c.Version+1; conflict when
	// the stored version is another.
	Save(ctx context.Context, c Conversation) error
	// ByDraft lists the conversations that work on a draft.
	ByDraft(ctx context.Context, draftID ID) ([]Conversation, error)
}

// CitizenRepo keeps people.
type CitizenRepo interface {
	Get(ctx context.Context, id ID) (Citizen, error)
	Insert(ctx context.Context, c Citizen) error
	// Save works like ConversationRepo.Save.
	Save(ctx context.Context, c Citizen) error
	// ByPersonalID finds by the number of the identity document; not_found.
	ByPersonalID(ctx context.Context, personalID string) (Citizen, error)
}

// AddressRepo keeps the accounts of people on channels.
type AddressRepo interface {
	Get(ctx context.Context, id ID) (Address, error)
	ByKey(ctx context.Context, key AddressKey) (Address, error)
	// Insert fails with duplicate when the key is there.
	Insert(ctx context.Context, a Address) error
	// Update stores CitizenID, Assurance and NoNotices.
	Update(ctx context.Context, a Address) error
	ByCitizen(ctx context.Context, citizenID ID) ([]Address, error)
}

// DraftRepo keeps applications being filled in.
type DraftRepo interface {
	Get(ctx context.Context, id ID) (Draft, error)
	Insert(ctx context.Context, d Draft) error
	// Save works like ConversationRepo.Save.
	Save(ctx context.Context, d Draft) error
	// ByCitizen lists open drafts, newest first.
	ByCitizen(ctx context.Context, citizenID ID, limit int) ([]Draft, error)
	// Open lists all open drafts by id; after is the id of the last one seen.
	Open(ctx context.Context, after ID, limit int) ([]Draft, error)
}

// PaperRepo keeps papers and their pages.
type PaperRepo interface {
	// Insert stores a paper without its pages.
	Insert(ctx context.Context, p Paper) error
	// ByDraft lists the papers of a draft with their pages in order, removed and
	// rejected pages included.
	ByDraft(ctx context.Context, draftID ID) ([]Paper, error)
	// ByDossier is ByDraft for a dossier: submission, supplements and result.
	ByDossier(ctx context.Context, dossierID ID) ([]Paper, error)
	// SetDossier binds the papers of a draft to its dossier.
	SetDossier(ctx context.Context, draftID, dossierID ID) error
	// InsertPage adds a page and gives it the next Seq of its paper.
	InsertPage(ctx context.Context, p Page) error
	Page(ctx context.Context, id ID) (Page, error)
	// SavePage stores state, reason, sniffed type, size, count, hash, blob and
	// ReadyAt over a page in state from; conflict when it is in another.
	SavePage(ctx context.Context, p Page, from PageState) error
}

// DossierRepo keeps submitted cases.
type DossierRepo interface {
	// NextNumber counts agency's day (yyyymmdd of the city) up and gives the new
	// number, 1 first. It holds the counter until the transaction ends: call it
	// last. Rolled back, the number is given again: no gaps.
	NextNumber(ctx context.Context, agency, day string) (int, error)
	// Insert stores a dossier with Version 1 and its official code; duplicate when
	// the code or the draft has one already.
	Insert(ctx context.Context, d Dossier) error
	AddCode(ctx context.Context, c DossierCode) error
	Codes(ctx context.Context, dossierID ID) ([]DossierCode, error)
	Get(ctx context.Context, id ID) (Dossier, error)
	// ByCode finds by any of its codes, compared without case; not_found.
	ByCode(ctx context.Context, code string) (Dossier, error)
	// StatusByCode is ByCode of what says where a dossier stands and whose it is: ID,
	// Code, ProcedureCode, Office, CitizenID, State, NeedsProof, Confidential,
	// ExpectedAt, DueAt, AnswerBy and ResultDraft. The rest is zero.
	StatusByCode(ctx context.Context, code string) (Dossier, error)
	ByDraft(ctx context.Context, draftID ID) (Dossier, error)
	// ByCitizen lists newest first; before is the SubmittedAt of the last one seen.
	ByCitizen(ctx context.Context, citizenID ID, before time.Time, limit int) ([]Dossier, error)
	// ByConversation lists the dossiers filed in a conversation, newest first.
	ByConversation(ctx context.Context, convID ID, limit int) ([]Dossier, error)
	// ByContact lists the dossiers whose contact phone it is, newest first.
	ByContact(ctx context.Context, phone string, limit int) ([]Dossier, error)
	// Inbox lists an office's dossiers in the states, oldest first; office "*" is
	// all. After is the id of the last one seen.
	Inbox(ctx context.Context, office string, states []DossierState, after ID, limit int) ([]Dossier, error)
	// Uses counts the dossiers of each version of each procedure, by code and
	// version; after is the last one seen.
	Uses(ctx context.Context, after ProcedureUse, limit int) ([]ProcedureUse, error)
	// Save works like ConversationRepo.Save.
	Save(ctx context.Context, d Dossier) error
	// AddEvent appends to the timeline and numbers the event.
	AddEvent(ctx context.Context, e DossierEvent) error
	Events(ctx context.Context, dossierID ID) ([]DossierEvent, error)
	AddSupplement(ctx context.Context, s Supplement) error
	// Supplement reads the last request of a dossier; not_found.
	Supplement(ctx context.Context, dossierID ID) (Supplement, error)
	// AnswerSupplement stores AnsweredAt; conflict when it has one.
	AnswerSupplement(ctx context.Context, id ID, at time.Time) error
}

// CosignRepo keeps the agreements that dossiers need of other people.
type CosignRepo interface {
	Insert(ctx context.Context, c Cosign) error
	// Get reads one; not_found.
	Get(ctx context.Context, id ID) (Cosign, error)
	// ByDossier lists those of dossiers, by dossier and Seq.
	ByDossier(ctx context.Context, dossierIDs ...ID) ([]Cosign, error)
	// PendingByPhone lists what a phone number is asked for and has not answered.
	PendingByPhone(ctx context.Context, phone string) ([]Cosign, error)
	// ByConversation lists what was asked in a conversation, newest first, answered
	// or not.
	ByConversation(ctx context.Context, convID ID, limit int) ([]Cosign, error)
	// Save stores State, ConvID and the times over a row in state from; conflict
	// when it is in another.
	Save(ctx context.Context, c Cosign, from CosignState) error
}

// HandOffRepo keeps codes that move drafts. Codes are given in clear and stored
// as keyed hashes.
type HandOffRepo interface {
	Insert(ctx context.Context, code string, h HandOff) error
	ByCode(ctx context.Context, code string) (HandOff, error)
	// Use marks the code used at that time; conflict when it was used before.
	Use(ctx context.Context, code string, at time.Time) error
}

// LinkRepo keeps upload links. Tokens are given in clear and stored as hashes.
type LinkRepo interface {
	Insert(ctx context.Context, token string, l Link) error
	ByToken(ctx context.Context, token string) (Link, error)
	// Finish stores FinishedAt; conflict when it has one.
	Finish(ctx context.Context, token string, at time.Time) error
}

// ChallengeRepo keeps one-time codes (never the code itself).
type ChallengeRepo interface {
	Insert(ctx context.Context, c Challenge) error
	Get(ctx context.Context, id ID) (Challenge, error)
	// Attempt counts one try up and gives the challenge as it was before, under
	// the row's lock, so that parallel tries are counted one by one.
	Attempt(ctx context.Context, id ID) (Challenge, error)
	// Use marks it used; conflict when it was used before.
	Use(ctx context.Context, id ID, at time.Time) error
	// Recent counts challenges sent to an address since a time.
	Recent(ctx context.Context, address string, since time.Time) (int, error)
	// Failures counts tries against an address since a time, over all challenges.
	Failures(ctx context.Context, address string, since time.Time) (int, error)
}

// RefreshRepo keeps refresh tokens by hash.
type RefreshRepo interface {
	Insert(ctx context.Context, token string, r RefreshToken) error
	ByToken(ctx context.Context, token string) (RefreshToken, error)
	// Use marks it used; conflict when it was used before.
	Use(ctx context.Context, token string, at time.Time) error
	RevokeFamily(ctx context.Context, familyID ID, at time.Time) error
}

// KioskRepo keeps terminals, their enrolment codes and sessions.
type KioskRepo interface {
	InsertEnrolment(ctx context.Context, code string, e Enrolment) error
	Enrolment(ctx context.Context, code string) (Enrolment, error)
	// UseEnrolment binds the code to a kiosk; conflict when it was used before.
	UseEnrolment(ctx context.Context, code string, kioskID ID, at time.Time) error
	Insert(ctx context.Context, k Kiosk) error
	Get(ctx context.Context, id ID) (Kiosk, error)
	Seen(ctx context.Context, id ID, at time.Time) error
	Revoke(ctx context.Context, id ID, at time.Time) error
	List(ctx context.Context, limit int) ([]Kiosk, error)
	InsertSession(ctx context.Context, s TerminalSession) error
	Session(ctx context.Context, id ID) (TerminalSession, error)
	// SaveSession stores CitizenID, DraftID, Locale, SeenAt and EndedAt.
	SaveSession(ctx context.Context, s TerminalSession) error
	// EndSessions ends every open session of a kiosk.
	EndSessions(ctx context.Context, kioskID ID, at time.Time) error
}

// HandoverRepo is the queue of citizens who asked for a person.
type HandoverRepo interface {
	Insert(ctx context.Context, h Handover) error
	Get(ctx context.Context, id ID) (Handover, error)
	// Open lists those not closed, oldest first; office "*" is all.
	Open(ctx context.Context, office string, limit int) ([]Handover, error)
	// Take gives it to an officer; conflict when somebody has it.
	Take(ctx context.Context, id ID, by string, at time.Time) error
	Close(ctx context.Context, id ID, at time.Time) error
	// OpenByConversation finds an open one of a conversation; not_found.
	OpenByConversation(ctx context.Context, convID ID) (Handover, error)
}

// NoticeRepo keeps what citizens were told.
type NoticeRepo interface {
	Insert(ctx context.Context, n Notice) error
	ByCitizen(ctx context.Context, citizenID ID, limit int) ([]Notice, error)
	ByDossier(ctx context.Context, dossierID ID, limit int) ([]Notice, error)
}

// ReceiptRepo keeps the fate of outbound messages.
type ReceiptRepo interface {
	// Put inserts the receipt of (JobID, Part) or raises its state; a lower rank
	// than the stored one changes nothing. Several are put in the order given.
	Put(ctx context.Context, r ...Receipt) error
	ByJob(ctx context.Context, jobID ID) ([]Receipt, error)
	// ByExternal finds by the vendor's message id; not_found.
	ByExternal(ctx context.Context, channel, account, external string) (Receipt, error)
	ByConversation(ctx context.Context, convID ID, limit int) ([]Receipt, error)
}

// JobRepo is the job table. Enqueue is on Tx.
type JobRepo interface {
	// Claim leases up to limit ready jobs of a lane whose RunAt has come and whose
	// Account is not paused, oldest first, to node until the time given.
	Claim(ctx context.Context, lane Lane, node string, until time.Time, limit int) ([]Job, error)
	// ClaimLanes is Claim for every lane at once, the most urgent first: at most
	// room[lane] jobs of a lane and limit in all.
	ClaimLanes(ctx context.Context, room map[Lane]int, node string, until time.Time, limit int) ([]Job, error)
	// Complete deletes a running job and promotes the next one of its OrderKey, in
	// one step; conflict when the fence is old.
	Complete(ctx context.Context, id ID, fence int64) error
	// CompleteAll is Complete for several jobs, each given once, named by ID, Fence
	// and OrderKey: all of them, or conflict when the fence of any is old.
	CompleteAll(ctx context.Context, jobs []Job) error
	// Retry makes a running job ready again at runAt, keeping its place at the
	// head of its key; conflict when the fence is old.
	Retry(ctx context.Context, id ID, fence int64, runAt time.Time, progress, cause string) error
	// Snooze is Retry without counting an attempt.
	Snooze(ctx context.Context, id ID, fence int64, runAt time.Time, progress string) error
	// Progress stores what is done so far of a running job.
	Progress(ctx context.Context, id ID, fence int64, progress string) error
	// Renew moves the end of a running job's lease; conflict when the fence is old.
	Renew(ctx context.Context, id ID, fence int64, until time.Time) error
	// Park gives a running job up and promotes the next one of its key.
	Park(ctx context.Context, id ID, fence int64, cause string) error
	// FreeLeases makes the running jobs of a node ready again; node "*" is all.
	//
	// It and the next two count a crash of each job they free, which every end of a
	// run but Progress forgets. One that died with MaxCrashes processes is parked
	// instead, and the next of its key goes on; from the third crash on a job comes
	// back a few seconds apart from the others, so that they do not die with it.
	FreeLeases(ctx context.Context, node string) (Freed, error)
	// FreeExpired frees leases that ended before now.
	FreeExpired(ctx context.Context, now time.Time) (Freed, error)
	// Beat records that a node is alive at Tx.Now.
	Beat(ctx context.Context, node string) error
	// FreeSilent frees the leases of nodes that have not beaten since a time, and
	// forgets those nodes.
	FreeSilent(ctx context.Context, since time.Time) (Freed, error)
	// Pause holds all jobs of an account until a time; a later time wins.
	Pause(ctx context.Context, account string, until time.Time) error
	Pauses(ctx context.Context) (map[string]time.Time, error)
	// NextRunAt is the earliest RunAt of ready jobs; zero when there are none.
	NextRunAt(ctx context.Context) (time.Time, error)
	Get(ctx context.Context, id ID) (Job, error)
	// List shows jobs for operators, oldest first; state "" is all.
	List(ctx context.Context, state JobState, limit int) ([]Job, error)
	// Redrive makes a parked job ready (behind the others of its key); not_found.
	Redrive(ctx context.Context, id ID, runAt time.Time) error
	// Drop deletes a job that is not running and promotes its next; not_found.
	Drop(ctx context.Context, id ID) error
	// Depth counts jobs by lane and state.
	Depth(ctx context.Context) (map[Lane]map[JobState]int, error)
	// Newer reports whether the OrderKey of a job has one that is not parked and was
	// made by a later transaction.
	Newer(ctx context.Context, id ID) (bool, error)
	// Oldest tells, lane by lane, since when the oldest job is late: since its RunAt,
	// or since it was made if it failed before. Parked jobs do not count.
	Oldest(ctx context.Context) (map[Lane]time.Time, error)
}

// AuditRepo is the log of reads and acts on citizens' data.
type AuditRepo interface {
	Insert(ctx context.Context, a AuditRow) error
	// ByDossier lists the rows of a dossier and of the draft it was, newest first.
	ByDossier(ctx context.Context, dossierID ID, limit int) ([]AuditRow, error)
	// ByCitizen lists the rows of a citizen and of the dossiers that are theirs now,
	// newest first.
	ByCitizen(ctx context.Context, citizenID ID, limit int) ([]AuditRow, error)
}

// ReplyRepo keeps the answers of RPCs with an idempotency key.
type ReplyRepo interface {
	Get(ctx context.Context, key []byte) (RPCReply, error)
	// Insert fails with duplicate when the key is there.
	Insert(ctx context.Context, r RPCReply) error
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}

// PackRepo remembers which content a declared pack version had.
type PackRepo interface {
	// Bind stores the content hash of a version when it is first used and gives
	// the stored one.
	Bind(ctx context.Context, version, hash string) (stored string, err error)
}

// PieceRepo keeps the pieces of texts that a vendor cut, until they are joined.
// Ref names one text of one person.
type PieceRepo interface {
	// Put keeps piece n; a second one in the same place changes nothing.
	Put(ctx context.Context, key AddressKey, ref string, n int, piece Sealed) error
	// List gives the pieces there are, by their place.
	List(ctx context.Context, key AddressKey, ref string) (map[int]Sealed, error)
	// Delete forgets piece n; nothing happens when it is not there.
	Delete(ctx context.Context, key AddressKey, ref string, n int) error
}

// GapRepo counts what citizens looked for in vain.
type GapRepo interface {
	// Note counts an asker of a query, each once. The words are stored when
	// GapCitizens different ones have asked, and are nowhere before.
	Note(ctx context.Context, n GapNote) error
	// List gives the open gaps somebody new asked about since a time, those of most
	// citizens first.
	List(ctx context.Context, since time.Time, limit int) ([]Gap, error)
	// Close takes a gap off the list for GapLife, whoever asks it meanwhile; not_found
	// when none is open under that query.
	Close(ctx context.Context, query string, at time.Time) error
	// DeleteExpired forgets askers, queries that few asked and closed gaps after
	// GapLife, and gaps that nobody asks about after GapIdle: at most limit rows of
	// each. It gives how many rows went.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}
