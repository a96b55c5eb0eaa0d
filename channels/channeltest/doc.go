// Package channeltest is the exam that every adapter sits: Run proves on a fake
// vendor that an adapter keeps the contract of package channels, and Golden pins
// how it translates recorded requests.
//
// Invariants:
//   - the exam knows no vendor: everything a vendor does its own way comes through
//     the Bench;
//   - every planned misbehaviour has to be met: a fault that no call met fails the
//     test, as does a call that the fake does not know;
//   - no connection leaves loopback, and no secret is found in anything the adapter
//     printed or returned.
//
// It is imported by tests only.
package channeltest
