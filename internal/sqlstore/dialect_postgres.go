package sqlstore

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/motcua/motcua/core"
)

func postgresDialect() *dialect {
	return &dialect{
		name:       "postgres",
		keyLock:    `select pg_advisory_xact_lock(hashtextextended($1, 0))`,
		jobKeyLock: `select pg_advisory_xact_lock(hashtextextended('job:' || order_key, 0)) from jobs where id = $1 and order_key <> ''`,
		nextSeq:    `nextval('jobs_seq')`,
		jobKeysLock: `select pg_advisory_xact_lock(hashtextextended('job:' || x.order_key, 0)) from (
			select distinct order_key collate "C" as order_key from jobs where id in ($1) and order_key <> '' order by 1) x`,
		claim: claimStatement(`for update skip locked`),
	}
}

// The SQLSTATEs that motcua_must raises, by the code they stand for.
const (
	stateConflict = "MC409"
	stateNotFound = "MC404"
)

func mustState(miss core.Code) string {
	if miss == core.CodeNotFound {
		return stateNotFound
	}
	return stateConflict
}

// postgresError gives err a core code, by SQLSTATE
// (https://www.postgresql.org/docs/15/errcodes-appendix.html). rerun says that
// the transaction lost against another one and may simply be run again.
func postgresError(op string, err error) (_ error, rerun bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		// The connection: closed, timed out, refused.
		return core.E(core.CodeUnavailable, op, "", err), pgconn.SafeToRetry(err)
	}
	switch e.Code {
	case "23505":
		return core.E(core.CodeDuplicate, op, "", err), false
	case stateConflict:
		return core.E(core.CodeConflict, op, "", err), false
	case stateNotFound:
		return core.E(core.CodeNotFound, op, "", err), false
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return core.E(core.CodeUnavailable, op, "", err), true
	case "57014", "55P03", "25P03", "25P04": // cancelled, a lock or the transaction took too long
		return core.E(core.CodeUnavailable, op, "", err), false
	}
	for _, class := range []string{"08", "53", "57P", "58"} {
		// connection, resources (53100: disk full), shutdown, system
		if strings.HasPrefix(e.Code, class) {
			return core.E(core.CodeUnavailable, op, "", err), false
		}
	}
	return core.E(core.CodeInternal, op, "", err), false
}
