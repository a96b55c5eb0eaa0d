// Package sms is what every network of short messages shares: how a text is
// cut into segments and what it costs, how a numbered menu is fitted into one
// segment, and the list of templates an operator registers before it lets them
// through.
//
// Invariants:
//   - counting and cutting never split a character: no half surrogate pair, no
//     escape without its letter, no base letter without its combining marks;
//   - what Split returns, joined, is the text that was given;
//   - nothing here sends anything or knows a vendor.
//
// Source: GSM 03.38 / 3GPP TS 23.038 (alphabets), TS 23.040 §9.2.3.24.1 (the
// six-byte concatenation header that turns 160/70 into 153/67).
package sms
