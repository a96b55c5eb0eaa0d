// Package seal keeps the key file of an installation and makes of it the
// core.Sealer that everything written at rest goes through. It owns Tink.
//
// Invariants:
//   - the key file is made at the first start, readable by its owner alone
//     (0600); a file that others can read is refused;
//   - a data directory that holds data and no key file is refused: a new key
//     would make the data unreadable for good, without a word;
//   - sealed bytes are AES-256-GCM with additional data that names their place
//     (for example table ‖ row id), so that they cannot be moved;
//   - rotation adds a key and writes with it; what older keys sealed stays
//     readable. Keyed hashes and derived keys never change while the file lives,
//     since look-ups and codes already handed out depend on them;
//   - files are replaced whole: written beside, fsynced, renamed, directory
//     fsynced.
package seal
