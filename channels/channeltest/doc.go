// Package channeltest is the exam that every adapter sits: Run proves on a fake
// vendor that an adapter keeps the contract of package channels, and Golden pins
// how it translates recorded requests.
//
// Invariants:
//   - the exam knows no vendor: everything a vendor does its own way comes through
//     the Bench;
//   - what the capability record of an adapter rules out is not left out: what must
//     hold in its place is examined;
//   - the Gateway is examined with each adapter, on a real store with its jobs
//     running: an adapter alone proves nothing about doubles, order and retries;
//   - every planned misbehaviour has to be met: a fault that no call met fails the
//     test, as does a call that the fake does not know;
//   - no connection leaves loopback, and no secret is found in anything the adapter
//     printed or returned.
//
// It is imported by tests only.
package channeltest
