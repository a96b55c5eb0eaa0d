// Package identity is who we talk to: citizens, the addresses they use on
// channels, how sure we are of them, and the two kinds of bearer code that move
// work between channels (hand-off codes and upload links).
//
// Invariants:
//   - an address belongs to at most one citizen, and assurance is only ever
//     raised;
//   - a hand-off code works once, for HandOffLife, and an upload link until it is
//     finished or its time is over; both are stored as keyed hashes only;
//   - a number is compared and stored in E.164 form only (see Phone);
//   - nothing here does I/O: services take a core.Tx, randomness is an argument.
package identity
