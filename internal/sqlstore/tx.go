package sqlstore

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
)

// engine runs statements for one transaction. Arguments are already plain
// (string, int64, bool, []byte, nil). Errors are *core.Error.
type engine interface {
	dialect() *dialect
	// exec writes. miss, if not empty, is the code when not exactly want rows were
	// met. PostgreSQL keeps the statement for the next round trip: its error then
	// comes from a later call or from the end of the transaction.
	exec(op string, miss core.Code, want int, sql string, args []any) error
	// count writes now and gives how many rows were met.
	count(op string, sql string, args []any) (int64, error)
	// query reads, after everything that was written before.
	query(op string, sql string, args []any, each func(row) error) error
}

// dialect is what the two engines' SQL does not share.
type dialect struct {
	name      string
	oneWriter bool // a closure that writes holds all others up
	// keyLock serialises the writers of one order key or timeline ($1) until the
	// transaction ends; "" where the transaction itself does.
	keyLock string
	// jobKeyLock is keyLock for the order key of the job with id $1.
	jobKeyLock string
	// nextSeq is the expression for the next place of a job.
	nextSeq string
	// jobKeysLock is jobKeyLock for the jobs with the ids $1, a list that is put in
	// its place, key by key in the order of their bytes.
	jobKeysLock string
	// claim is the statement that leases jobs.
	claim string
}

// txn is one transaction. It implements core.Tx.
type txn struct {
	e        engine
	sealer   core.Sealer
	at       time.Time
	readOnly bool
	err      error // the first failed write; it stands for the whole transaction
}

// Now is the instant the transaction began.
func (t *txn) Now() time.Time { return t.at }

// Exec writes rows, any number of them.
func (t *txn) Exec(op, sql string, args ...any) error {
	return t.write(op, "", 0, sql, args)
}

// ExecOne writes exactly one row; miss is the code when none was met.
func (t *txn) ExecOne(op string, miss core.Code, sql string, args ...any) error {
	return t.write(op, miss, 1, sql, args)
}

// ExecAll writes exactly want rows; miss is the code when fewer were met.
func (t *txn) ExecAll(op string, miss core.Code, want int, sql string, args ...any) error {
	return t.write(op, miss, want, sql, args)
}

func (t *txn) write(op string, miss core.Code, want int, sql string, args []any) error {
	if err := t.writable(op, args); err != nil {
		return err
	}
	return t.keep(t.e.exec(op, miss, want, sql, args))
}

// Count writes and gives how many rows were met.
func (t *txn) Count(op, sql string, args ...any) (int, error) {
	if err := t.writable(op, args); err != nil {
		return 0, err
	}
	n, err := t.e.count(op, sql, args)
	return int(n), t.keep(err)
}

// Query reads all rows.
func (t *txn) Query(op, sql string, each func(row) error, args ...any) error {
	if t.err != nil {
		return t.err
	}
	if err := plainArgs(op, args); err != nil {
		return err
	}
	return t.keep(t.e.query(op, sql, args, each))
}

// QueryRow reads one row; not_found when there is none.
func (t *txn) QueryRow(op, sql string, dest []any, args ...any) error {
	found := false
	err := t.Query(op, sql, func(r row) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	}, args...)
	if err == nil && !found {
		return core.E(core.CodeNotFound, op, "", nil)
	}
	return err
}

// ReturnRow is QueryRow of a statement that also writes.
func (t *txn) ReturnRow(op, sql string, dest []any, args ...any) error {
	if err := t.writable(op, nil); err != nil {
		return err
	}
	return t.QueryRow(op, sql, dest, args...)
}

// lockKey serialises the writers of key, where the engine needs it.
func (t *txn) lockKey(op, key string) error {
	if t.e.dialect().keyLock == "" {
		return nil
	}
	return t.Exec(op, t.e.dialect().keyLock, key)
}

func (t *txn) writable(op string, args []any) error {
	if t.err != nil {
		return t.err
	}
	if t.readOnly {
		return t.keep(core.Ef(core.CodeInternal, op, "", "a write inside View"))
	}
	return t.keep(plainArgs(op, args))
}

// keep remembers the first failure of an engine. A statement that only found
// nothing is no failure.
func (t *txn) keep(err error) error {
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

// seal encrypts personal data for one column of one row.
func (t *txn) seal(column string, id core.ID, s core.Sealed) []byte {
	if len(s) == 0 || t.err != nil {
		return nil
	}
	b, err := t.sealer.Seal(aad(column, id), s)
	if err != nil {
		_ = t.keep(core.E(core.CodeInternal, "store.seal", "", err))
	}
	return b
}

// open decrypts what seal made, in place.
func (t *txn) open(column string, id core.ID, s *core.Sealed) error {
	if len(*s) == 0 {
		*s = nil
		return nil
	}
	b, err := t.sealer.Open(aad(column, id), *s)
	if err != nil {
		*s = nil
		return core.E(core.CodeInternal, "store.open", "", fmt.Errorf("%s of %s: %w", column, id, err))
	}
	*s = b
	return nil
}

// aad binds a sealed value to its place: table.column ‖ row id.
func aad(column string, id core.ID) string { return column + "\x1f" + string(id) }

// hash is the keyed hash of a look-up value; nil for "".
func (t *txn) hash(domain, value string) []byte {
	if value == "" {
		return nil
	}
	return t.sealer.Hash(domain, value)
}

// plainArgs turns arguments into what both drivers take, in place. Text that
// PostgreSQL could not hold is refused here, so that both engines refuse it.
func plainArgs(op string, args []any) error {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
				return core.Ef(core.CodeInvalid, op, "", "argument %d is not clean UTF-8", i+1)
			}
		case core.ID:
			if strings.IndexByte(string(v), 0) >= 0 || !utf8.ValidString(string(v)) {
				return core.Ef(core.CodeInvalid, op, "", "argument %d is not clean UTF-8", i+1)
			}
			args[i] = string(v)
		case int64, bool, nil:
		case int:
			args[i] = int64(v)
		case time.Time:
			args[i] = micros(v)
		case time.Duration:
			args[i] = v.Microseconds()
		case []byte:
			if len(v) == 0 {
				args[i] = nil
			}
		default:
			// core.Sealed lands here too: it must go through seal.
			return core.Ef(core.CodeInternal, op, "", "argument %d has type %T", i+1, a)
		}
	}
	return nil
}

// parts cuts a list into parts of 16, 8, 4, 2 and 1, so that a set-based statement
// has five texts to prepare and not one for each length.
func parts[T any](list []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for size := 16; size > 0; size /= 2 {
			for len(list) >= size {
				if !yield(list[:size]) {
					return
				}
				list = list[size:]
			}
		}
	}
}

// inList gives "$n,$n+1,…" for the values and appends them to args.
func inList[T any](args []any, values []T, plain func(T) any) (string, []any) {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		args = append(args, plain(v))
		fmt.Fprintf(&b, "$%d", len(args))
	}
	return b.String(), args
}

// withOp names the operation of an engine error that has none.
func withOp(op string, err error) error {
	var e *core.Error
	if errors.As(err, &e) && e.Op == "" {
		e.Op = op
	}
	return err
}

func (t *txn) Inbox() core.InboxRepo                { return inboxRepo{t} }
func (t *txn) Conversations() core.ConversationRepo { return conversationRepo{t} }
func (t *txn) Citizens() core.CitizenRepo           { return citizenRepo{t} }
func (t *txn) Addresses() core.AddressRepo          { return addressRepo{t} }
func (t *txn) Drafts() core.DraftRepo               { return draftRepo{t} }
func (t *txn) Papers() core.PaperRepo               { return paperRepo{t} }
func (t *txn) Dossiers() core.DossierRepo           { return dossierRepo{t} }
func (t *txn) HandOffs() core.HandOffRepo           { return handOffRepo{t} }
func (t *txn) Cosigns() core.CosignRepo             { return cosignRepo{t} }
func (t *txn) Links() core.LinkRepo                 { return linkRepo{t} }
func (t *txn) Challenges() core.ChallengeRepo       { return challengeRepo{t} }
func (t *txn) Refreshes() core.RefreshRepo          { return refreshRepo{t} }
func (t *txn) Kiosks() core.KioskRepo               { return kioskRepo{t} }
func (t *txn) Handovers() core.HandoverRepo         { return handoverRepo{t} }
func (t *txn) Notices() core.NoticeRepo             { return noticeRepo{t} }
func (t *txn) Receipts() core.ReceiptRepo           { return receiptRepo{t} }
func (t *txn) Jobs() core.JobRepo                   { return jobRepo{t} }
func (t *txn) Audit() core.AuditRepo                { return auditRepo{t} }
func (t *txn) Replies() core.ReplyRepo              { return replyRepo{t} }
func (t *txn) Packs() core.PackRepo                 { return packRepo{t} }
func (t *txn) Pieces() core.PieceRepo               { return pieceRepo{t} }
func (t *txn) Gaps() core.GapRepo                   { return gapRepo{t} }
