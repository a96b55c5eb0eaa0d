// Package pack reads a data pack: the directory of YAML files that tells the
// program what a city offers (procedures, forms, places, calendar, messages).
//
// Invariants:
//   - reading is strict: an unknown field, a key written twice, a value of the
//     wrong type, an empty value, an anchor or an alias is an error, and every
//     error names its file and line, so that the person who wrote it can go
//     there;
//   - one reading reports every error it can find, not the first one only;
//   - a pack is bounded: MaxFileSize, MaxFiles, MaxDepth and MaxNodes hold before
//     anything is built from its content;
//   - the content of a pack has one hash (ContentHash), the same for an embedded
//     pack and for a directory of the same files.
//
// This package is the only one that knows the YAML library.
package pack
