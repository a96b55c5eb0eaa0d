// Package job runs durable jobs over core.Store: it claims them lane by lane,
// hands each to the handler of its kind, and records how it ended.
//
// Invariants:
//   - a job is run by one worker of one node at a time, and jobs of one order key
//     one after another, in the order they were enqueued (the store keeps the
//     order; the runner never runs what it did not claim);
//   - how a job ended is written under the fence of its lease: a node that was
//     taken for dead cannot undo what its successor did;
//   - a handler may run again after a crash, at least once and never twice at
//     once, so what it does must bear repetition; what it writes with Run.Commit
//     is written exactly once, in the transaction that completes the job;
//   - a runner that stops gives back what it had not finished.
//
// There is no registry but the one handed to New, and no clock but the one in
// Options. Timers only wake the runner up; what is due is decided by that clock.
package job
