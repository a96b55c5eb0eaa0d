package core

import (
	"context"
	"io"
)

// MaxFile is the largest file the vault takes: 20 MB, the limit of chat bots
// (Bot API getFile) and of the city's portals.
const MaxFile = 20 << 20

// Blobs keeps the bytes of pages. A key is written once; a crash leaves either
// the whole blob or none.
type Blobs interface {
	// Put writes r under key and returns after the bytes are durable. Errors:
	// too_large over MaxFile, invalid for a malformed key (16 to 80 characters of
	// a-z, 0-9, - and _), duplicate when the key is there, unavailable.
	Put(ctx context.Context, key string, r io.Reader) (size int64, err error)
	// Open reads a blob. Errors: not_found, unavailable.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes a blob; a missing one is no error.
	Delete(ctx context.Context, key string) error
}
