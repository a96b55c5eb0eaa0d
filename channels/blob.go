package channels

import (
	"bytes"
	"context"

	"github.com/motcua/motcua/core"
)

// keep stores the bytes of a page. A blob that is there already was written by an
// earlier run of the same job: its key holds the hash of its bytes.
func (g *Gateway) keep(ctx context.Context, key string, b []byte) error {
	_, err := g.blobs.Put(ctx, key, bytes.NewReader(b))
	if core.IsCode(err, core.CodeDuplicate) {
		return nil
	}
	return err
}
