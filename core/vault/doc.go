// Package vault is a citizen's papers: receiving the bytes of a page, giving the
// verdict on them, keeping pages in the order they came, and the manifest that a
// dossier commits to.
//
// Invariants:
//   - what a file is, is read from its bytes, never from its name or claimed type;
//   - no image is decoded before its header has passed the pixel budget, and every
//     scan is linear in the size of the file, which is at most core.MaxFile;
//   - a verdict is ready, or rejected with one reason that says what to do;
//   - a page is in a manifest only when it is ready, and by the hash of the bytes
//     as they were received.
package vault
