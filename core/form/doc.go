// Package form knows what a declaration asks and in which order: definitions,
// field types, conditions, answers, "what is the next question", and the
// canonical JSON that makes the same answers the same bytes on every channel.
//
// Invariants:
//   - it is pure: no I/O, no clock (callers hand in the instant), no package
//     state; days are days of Ho Chi Minh City (UTC+7 all year);
//   - an answer is stored in its canonical form only: NFC strings, whole
//     numbers, booleans and small objects of strings (see Canonical);
//   - a condition may look only at fields that come before its own, so one pass
//     in order settles what is visible; there are no cycles;
//   - conditions are CEL without loops, with a bounded length and cost, checked
//     when a form is compiled and made into programs once, on first use;
//   - bad input gives a Violation with a message key, never an error text and
//     never a panic;
//   - a Form is immutable after Compile and safe for concurrent use.
//
// This package is the only one that knows the CEL library.
package form
