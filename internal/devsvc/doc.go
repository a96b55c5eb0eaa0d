// Package devsvc starts the real services that the program can be deployed
// with (PostgreSQL, Redis) and finds the real browser (Chromium), for tests and
// benchmarks: private ports, temporary directories, nothing left
// behind.
//
// Invariants:
//   - a service belongs to the process that started it. Stop ends it in order;
//     when the process dies without Stop (a panic, a test time-out, kill -9), the
//     kernel signals the service (Linux) and a watchdog shell ends it and removes
//     its directory;
//   - a binary that is missing is an error that names the Debian package to
//     install; it is never a reason to skip a test;
//   - it listens on the loopback interface only;
//   - it imports no vendor library: it speaks just enough of each protocol to
//     know that the service answers and to create a database.
//
// A test package starts one server for all its tests, in TestMain or behind a
// sync.OnceValues, and asks it for a fresh database per test:
//
//	pg, err := devsvc.PostgreSQL(ctx, devsvc.PGOptions{NoSync: true})
//	…
//	url, err := pg.NewDatabase(ctx)
package devsvc
