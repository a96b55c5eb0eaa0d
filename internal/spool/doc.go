// Package spool keeps, in the data directory of one node, what had to be
// acknowledged while the database was down: one queue a name, each a directory of
// segment files that are only ever appended to.
//
// Invariants:
//   - an entry is durable before Append returns nil: its bytes and the names of its
//     file and directories were fsynced; appends that wait together share one fsync;
//   - an entry that was not acknowledged may be there or not, an entry that was is
//     there until Done: a torn tail, a damaged frame or a missing cursor never hides
//     the whole frames behind it;
//   - entries come out in the order in which they went in, and may come out again
//     after a crash: who takes them must bear that;
//   - what is on the disk is sealed; only lengths and times are in the clear;
//   - the queues together never take more than their limit of the disk.
//
// A directory belongs to one process at a time; who opens it holds a lock that says
// so. A segment is written by one life of the process and never by the next, so a
// tail that a crash tore is left alone.
package spool
