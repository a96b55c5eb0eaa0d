package sqlstore

import (
	"errors"

	"modernc.org/sqlite"

	"github.com/motcua/motcua/core"
)

// sqliteDialect needs no locks: there is one writer.
func sqliteDialect() *dialect {
	return &dialect{
		name: "sqlite", oneWriter: true,
		nextSeq: `(select coalesce(max(seq), 0) + 1 from jobs)`,
		claim:   claimStatement(""),
	}
}

// Result codes of SQLite (https://www.sqlite.org/rescode.html).
const (
	sqliteBusy             = 5
	sqliteLocked           = 6
	sqliteNoMem            = 7
	sqliteReadOnly         = 8
	sqliteInterrupt        = 9
	sqliteIOErr            = 10
	sqliteFull             = 13
	sqliteCantOpen         = 14
	sqliteConstraint       = 19
	sqliteConstraintUnique = 2067
	sqliteConstraintPK     = 1555
	sqliteConstraintRowID  = 2579
)

// sqliteCode gives the extended result code of err; 0 for a foreign error.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// sqliteError gives err a core code.
func sqliteError(op string, err error) error {
	code := sqliteCode(err)
	switch code {
	case sqliteConstraintUnique, sqliteConstraintPK, sqliteConstraintRowID:
		return core.E(core.CodeDuplicate, op, "", err)
	}
	switch code & 0xff {
	case sqliteFull, sqliteIOErr, sqliteBusy, sqliteLocked, sqliteCantOpen, sqliteNoMem, sqliteReadOnly, sqliteInterrupt:
		return core.E(core.CodeUnavailable, op, "", err)
	}
	return core.E(core.CodeInternal, op, "", err)
}

// isConstraint reports an error that leaves the transaction open for certain.
func isConstraint(err error) bool { return sqliteCode(err)&0xff == sqliteConstraint }
