package sqlstore

import (
	"context"
	"encoding/hex"
	"strconv"

	"github.com/motcua/motcua/core"
)

type pieceRepo struct{ *txn }

// pieceID names a piece for sealing: it has no id of its own.
func pieceID(hash []byte, ref string, n int) core.ID {
	return core.ID(hex.EncodeToString(hash) + "\x1e" + ref + "\x1e" + strconv.Itoa(n))
}

func (r pieceRepo) Put(_ context.Context, key core.AddressKey, ref string, n int, piece core.Sealed) error {
	hash := r.addressHash(key)
	return r.Exec("piece.put",
		`insert into pieces (key_hash, ref, n, piece, created_at) values ($1,$2,$3,$4,$5)
		 on conflict (key_hash, ref, n) do nothing`,
		hash, ref, n, r.seal("pieces.piece", pieceID(hash, ref, n), piece), r.at)
}

func (r pieceRepo) List(_ context.Context, key core.AddressKey, ref string) (map[int]core.Sealed, error) {
	hash := r.addressHash(key)
	out := map[int]core.Sealed{}
	err := r.Query("piece.list", `select n, piece from pieces where key_hash = $1 and ref = $2 order by n`,
		func(w row) error {
			var n int
			var s core.Sealed
			if err := w.Scan((*count)(&n), (*octets)(&s)); err != nil {
				return err
			}
			if err := r.open("pieces.piece", pieceID(hash, ref, n), &s); err != nil {
				return err
			}
			out[n] = s
			return nil
		}, hash, ref)
	return out, err
}

func (r pieceRepo) Delete(_ context.Context, key core.AddressKey, ref string, n int) error {
	return r.Exec("piece.delete", `delete from pieces where key_hash = $1 and ref = $2 and n = $3`, r.addressHash(key), ref, n)
}
