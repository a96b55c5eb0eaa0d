// Package blobs keeps the bytes of pages as sealed files under a directory. It
// is the embedded implementation of core.Blobs.
//
// Invariants:
//   - a blob is visible whole or not at all: it is written beside, fsynced, linked
//     to its name and the directory fsynced, in this order, before Put returns;
//   - a key is written once: a second Put is refused with duplicate and the first
//     bytes stand;
//   - the files hold segments of at most 1 MiB, each sealed with additional data
//     that names the blob, the segment's number and whether it is the last: files
//     cannot be swapped, segments not reordered, and a cut-off file is noticed;
//   - nothing of a key reaches the file system but lower-case letters, digits, "-"
//     and "_".
package blobs
