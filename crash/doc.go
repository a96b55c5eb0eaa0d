// Package crash kills the real program and looks at what a citizen notices. It
// builds cmd/motcua, starts the binary between fake vendors that live in the test
// process, and sends it SIGKILL while somebody files a dossier in a chat: before,
// right after and in the middle of the handling of a message, while a reply or a
// photo is on its way, and during the start that follows. It has no code of its
// own; everything is a test.
//
// What has to hold, on the embedded store and on PostgreSQL:
//   - the citizen repeats nothing: no question comes again after its answer was
//     acknowledged;
//   - what was acknowledged has its effect, once: the answers, the pages with
//     their bytes, one dossier;
//   - no reply is lost, and one is sent again only if it was the one on its way
//     when the process died: the vendor sees at most 1 + kills in flight calls;
//   - the next message is answered within 5 s of the program being ready.
//
// A second test kills PostgreSQL itself while people write through two vendors, one
// that redelivers and one that does not, and the program too while its spool is not
// empty: what everybody is told is compared with what somebody was told who lived
// through no outage.
//
// A plain `go test` kills each engine 5 times, CHECK=full 50 times. The points are
// drawn from a seed that a failure prints; MOTCUA_CRASH_SEED repeats it.
package crash
