package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/motcua/motcua/core"
)

// Meter reads through a source, hashes and counts what passes, and stops with
// CodeTooLarge as soon as more than core.MaxFile bytes have come, without reading
// the rest.
type Meter struct {
	r    io.Reader
	sum  hash.Hash
	size int64
}

// NewMeter makes a Meter over r.
func NewMeter(r io.Reader) *Meter { return &Meter{r: r, sum: sha256.New()} }

// Read implements io.Reader.
func (m *Meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.size += int64(n)
	if m.size > core.MaxFile {
		return 0, core.E(core.CodeTooLarge, "vault.receive", ReasonTooLarge, nil)
	}
	m.sum.Write(p[:n])
	return n, err
}

// Size is the number of bytes that passed.
func (m *Meter) Size() int64 { return m.size }

// SHA256 is the hash of the bytes that passed, in hex.
func (m *Meter) SHA256() string { return hex.EncodeToString(m.sum.Sum(nil)) }

// File is a received file in memory.
type File struct {
	Bytes  []byte
	SHA256 string // hex, of Bytes
}

// Receive reads a whole file. Errors: too_large over core.MaxFile; unavailable
// when the source breaks off.
func Receive(r io.Reader) (File, error) {
	m := NewMeter(r)
	b, err := io.ReadAll(m)
	var known *core.Error
	switch {
	case errors.As(err, &known):
		return File{}, err
	case err != nil:
		return File{}, core.E(core.CodeUnavailable, "vault.receive", "", err)
	}
	return File{Bytes: b, SHA256: m.SHA256()}, nil
}

// BlobKey is where the bytes of a page are kept. It holds the start of their hash,
// so that a second run of the same step finds the same bytes there and other
// bytes never take their place.
func BlobKey(pageID core.ID, sha256 string) string {
	return "page-" + string(pageID) + "-" + sha256[:min(16, len(sha256))]
}
