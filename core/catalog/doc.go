// Package catalog answers what a citizen asks before anything is filled in:
// which procedure fits these words, what it needs from me, which office serves
// this (perhaps old) place name, and when a result is due.
//
// Everything it knows comes from a data pack (package pack). A Catalog is built
// once by Load and never changes; all methods are safe for concurrent use and
// return shared values that callers must not modify.
//
// Invariants:
//   - Load succeeds only when Lint finds nothing: a broken pack never starts a
//     server;
//   - a fact the pack marks as assumed or not verified stays marked in what is
//     returned;
//   - an answer that does not exist is empty, never a guess outside the city.
package catalog
