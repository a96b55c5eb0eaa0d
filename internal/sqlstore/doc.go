// Package sqlstore implements core.Store on SQLite (embedded) and PostgreSQL
// (scale-out). It owns modernc.org/sqlite, jackc/pgx and pressly/goose.
//
// The repositories are one SQL text for both engines, one file a noun, over the
// small txn of tx.go. What differs is a dialect: locks, SQLSTATE and result
// codes, the next place of a job (dialect_sqlite.go, dialect_postgres.go), and
// one directory of migrations an engine.
//
// Invariants:
//   - Update returns nil only after the commit is durable. On SQLite callers share
//     commits (sqlite_writer.go); on PostgreSQL each has its own transaction, whose
//     writes travel together with the next read or the COMMIT (postgres_tx.go).
//   - Personal data reaches SQL only through txn.seal, with AAD = table.column ‖
//     row id; a core.Sealed passed as an argument is refused. What is looked up by
//     (address, phone, personal id, code, token) is a keyed hash.
//   - A write that fails fails its transaction, on both engines: the first failure
//     is kept, every later call gives it again and Update returns it.
//   - No statement of a transaction carries the caller's context: it is looked at
//     before the closure starts and never again.
//   - Engine errors become core codes by their numbers, never by their text.
package sqlstore
