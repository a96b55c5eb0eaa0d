// Package core is the vocabulary of Một Cửa: the nouns that every layer shares
// (Dossier, Draft, Paper, Page, Citizen, Address, Conversation, Event, Job,
// Notice, Receipt, …), the one error type, and the contract of the store.
//
// Invariants:
//   - it imports the standard library only, and nothing in it does I/O or reads
//     a clock of its own: time comes from Tx.Now or an injected Clock;
//   - it knows no channel and no vendor: what a channel can do is the data of a
//     Capabilities record, never a name;
//   - personal data travels as Sealed and prints as "[sealed]".
package core
