// Package dialog is the conversation engine: from one event to what is said, what
// is to be done and what is remembered, on every channel.
//
// Turn is a pure function of its Input. It does no I/O and reads no clock: the
// caller asks Want what to load, loads it, takes the turn, saves the state over
// the version it read and applies the commands in the same transaction.
//
// Invariants:
//   - the same input gives the same output; no event in any state panics;
//   - what is asked, and in which order, comes from package dossier (Steps), so
//     that no channel has a way of its own;
//   - commands are one table (keywords.yaml of the pack): what is recognised, what collides with
//     a name and what is asked back are computed from it;
//   - a dossier is filed only by the legal words or their button, on channels with
//     ConsentCode only with the digits drawn for these very answers; a number, a
//     yes and "dung" never file anything;
//   - every text of a person has an answer, never the same one twice in a row;
//   - differences between channels are Capabilities; on a channel that is not
//     Private names appear as initials and numbers by their last two digits;
//   - all words come from the message catalogue, in Vietnamese and English.
package dialog
