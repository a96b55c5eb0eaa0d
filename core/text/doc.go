// Package text is everything the product knows about words: Vietnamese folding
// and matching, display of dates, money and masked values, the plain GSM-7 form
// of a sentence, and the message catalogue in Vietnamese and English.
//
// Invariants:
//   - folding and de-accenting are for matching and for the wire only; stored
//     data stays NFC with its accents (see NFC and PersonName);
//   - a value put into a message is never read again as a placeholder or as
//     markup;
//   - the catalogue is immutable once built and safe for concurrent use;
//   - nothing here does I/O, reads a clock or keeps package state.
package text
