package seal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/motcua/motcua/core"
)

// FileName is the path of the key file inside a data directory.
const FileName = "keys/seal.json"

// HashSize is the length of a keyed hash and of a derived key, in bytes.
const HashSize = 32

// file is the key file. The keysets are Tink's JSON keysets, in the clear: the
// file is the root of trust, and guarding it is the operator's task.
type file struct {
	Format int             `json:"format"` // 1
	AEAD   json.RawMessage `json:"aead"`   // seals; rotates
	PRF    json.RawMessage `json:"prf"`    // hashes and derives; never rotates
}

// Keys are the keys of an installation. Safe for concurrent use.
type Keys struct {
	path string
	mu   sync.Mutex // one writer or reloader at a time
	live atomic.Pointer[primitives]
}

// primitives are what one state of the key file gives.
type primitives struct {
	raw  []byte // the file's content, to notice a change
	set  *keyset.Handle
	prfs json.RawMessage
	aead tink.AEAD
	prf  *prf.Set
}

// Open reads a key file. Errors: not_found when there is none;
// failed_precondition when its permissions are wider than 0600 or it is not a
// key file; unavailable when it cannot be read.
func Open(path string) (*Keys, error) {
	p, err := read(path)
	if err != nil {
		return nil, err
	}
	k := &Keys{path: path}
	k.live.Store(p)
	return k, nil
}

// OpenOrCreate reads the key file of a data directory, and makes it at the first
// start. When the directory holds data but no key file it refuses with
// failed_precondition (key "seal.key_missing"). External tells that data lives
// elsewhere too (a PostgreSQL server that is not empty), which counts the same.
func OpenOrCreate(dataDir string, external bool) (*Keys, error) {
	const op = "seal.open"
	path := filepath.Join(dataDir, filepath.FromSlash(FileName))
	k, err := Open(path)
	if !core.IsCode(err, core.CodeNotFound) {
		return k, err
	}
	held, err := Holds(dataDir)
	if err != nil {
		return nil, err
	}
	if held == "" && external {
		held = "the database"
	}
	if held != "" {
		e := core.Ef(core.CodeFailedPrecondition, op, "seal.key_missing",
			"%s holds data but the key file %s is gone: put the file back from its backup; "+
				"a new key could read none of the data", held, path)
		e.Args = map[string]string{"path": path, "held": held}
		return nil, e
	}
	return Create(path)
}

// Holds tells whether a data directory holds anything that was sealed: it gives
// the path of the first such thing, or "" for a new directory.
func Holds(dataDir string) (string, error) {
	entries, err := os.ReadDir(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", core.E(core.CodeUnavailable, "seal.holds", "", err)
	}
	for _, e := range entries {
		path := filepath.Join(dataDir, e.Name())
		switch ext := filepath.Ext(e.Name()); {
		case !e.IsDir() && (ext == ".db" || strings.HasPrefix(ext, ".sqlite")):
			if st, err := e.Info(); err == nil && st.Size() > 0 {
				return path, nil
			}
		case e.IsDir() && (e.Name() == "blobs" || e.Name() == "spool"):
			found := ""
			err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					found = p
					return fs.SkipAll
				}
				return err
			})
			if err != nil {
				return "", core.E(core.CodeUnavailable, "seal.holds", "", err)
			}
			if found != "" {
				return path, nil
			}
		}
	}
	return "", nil
}

// Create makes a key file with new keys. Its directory is made, 0700. When
// another process is first, its keys are opened.
func Create(path string) (*Keys, error) {
	const op = "seal.create"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	aeads, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, core.E(core.CodeInternal, op, "", err)
	}
	prfs, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, core.E(core.CodeInternal, op, "", err)
	}
	prfJSON, err := marshal(prfs)
	if err != nil {
		return nil, core.E(core.CodeInternal, op, "", err)
	}
	raw, err := encode(aeads, prfJSON)
	if err != nil {
		return nil, core.E(core.CodeInternal, op, "", err)
	}
	switch err := createFile(path, raw); {
	case errors.Is(err, fs.ErrExist):
	case err != nil:
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	return Open(path)
}

// Rotate adds a new sealing key and writes with it from now on. Keys that other
// processes hold open learn of it when they meet something sealed with it.
func (k *Keys) Rotate() error {
	const op = "seal.rotate"
	k.mu.Lock()
	defer k.mu.Unlock()
	p, err := read(k.path) // another process may have rotated
	if err != nil {
		return err
	}
	m := keyset.NewManagerFromHandle(p.set)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	if err := m.SetPrimary(id); err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	set, err := m.Handle()
	if err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	raw, err := encode(set, p.prfs)
	if err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	next, err := decode(raw)
	if err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	if err := WriteFile(k.path, raw, 0o600); err != nil {
		return core.E(core.CodeUnavailable, op, "", err)
	}
	k.live.Store(next)
	return nil
}

// Fingerprint names the key file without telling anything of its keys. It stays
// the same over rotations: a store that writes it down can refuse, at the next
// start, a key file that belongs to another installation.
func (k *Keys) Fingerprint() string {
	return hex.EncodeToString(k.compute("fingerprint", "")[:8])
}

// Sealer gives the functions that the store, the blobs and the codes use.
//
// Seal and Open fail with internal: additional data or bytes that do not fit are
// a defect or a forgery, and neither is the caller's to mend. Hash and Derive
// give 32 bytes; a domain or purpose separates them from every other.
func (k *Keys) Sealer() core.Sealer {
	return core.Sealer{
		Seal:   k.seal,
		Open:   k.open,
		Hash:   func(domain, value string) []byte { return k.compute("hash", domain, value) },
		Derive: func(purpose string) []byte { return k.compute("derive", purpose) },
	}
}

func (k *Keys) seal(aad string, plain []byte) ([]byte, error) {
	b, err := k.live.Load().aead.Encrypt(plain, []byte(aad))
	if err != nil {
		return nil, core.E(core.CodeInternal, "seal.seal", "", err)
	}
	return b, nil
}

func (k *Keys) open(aad string, sealed []byte) ([]byte, error) {
	now := k.live.Load()
	b, err := now.aead.Decrypt(sealed, []byte(aad))
	if err == nil {
		return b, nil
	}
	if newer := k.reload(now); newer != nil {
		if b, err = newer.aead.Decrypt(sealed, []byte(aad)); err == nil {
			return b, nil
		}
	}
	return nil, core.E(core.CodeInternal, "seal.open", "", err)
}

// reload gives the primitives of a key file that has changed since p, or nil.
func (k *Keys) reload(p *primitives) *primitives {
	k.mu.Lock()
	defer k.mu.Unlock()
	if live := k.live.Load(); live != p {
		return live
	}
	raw, err := os.ReadFile(k.path)
	if err != nil || bytes.Equal(raw, p.raw) {
		return nil
	}
	next, err := read(k.path)
	if err != nil || !bytes.Equal(next.prfs, p.prfs) {
		return nil // damaged, or the key file of somebody else
	}
	k.live.Store(next)
	return next
}

// compute is HMAC-SHA256 under the key that never rotates, over the parts, each
// preceded by its length: no two lists of parts give the same input.
func (k *Keys) compute(parts ...string) []byte {
	var in []byte
	for _, p := range parts {
		in = binary.BigEndian.AppendUint32(in, uint32(len(p)))
		in = append(in, p...)
	}
	out, err := k.live.Load().prf.ComputePrimaryPRF(in, HashSize)
	if err != nil {
		// 32 bytes is what HMAC-SHA256 gives; decode has tried it.
		panic(fmt.Sprintf("seal: PRF: %v", err))
	}
	return out
}

func read(path string) (*primitives, error) {
	const op = "seal.open"
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, core.E(core.CodeNotFound, op, "", err)
	}
	if err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	if perm := st.Mode().Perm(); perm&0o077 != 0 {
		e := core.Ef(core.CodeFailedPrecondition, op, "seal.key_permissions",
			"%s is readable by others (mode %04o): run `chmod 0600 %s`", path, perm, path)
		e.Args = map[string]string{"path": path, "mode": fmt.Sprintf("%04o", perm)}
		return nil, e
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	p, err := decode(raw)
	if err != nil {
		return nil, core.Ef(core.CodeFailedPrecondition, op, "seal.key_damaged", "%s: %w", path, err)
	}
	return p, nil
}

func decode(raw []byte) (*primitives, error) {
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, errors.New("not a key file") // the error of the decoder could quote a key
	}
	if f.Format != 1 {
		return nil, fmt.Errorf("format %d is not known", f.Format)
	}
	aeads, err := unmarshal(f.AEAD)
	if err != nil {
		return nil, fmt.Errorf("keyset aead: %w", err)
	}
	prfs, err := unmarshal(f.PRF)
	if err != nil {
		return nil, fmt.Errorf("keyset prf: %w", err)
	}
	p := &primitives{raw: raw, set: aeads, prfs: compact(f.PRF)}
	if p.aead, err = aead.New(aeads); err != nil {
		return nil, fmt.Errorf("keyset aead: %w", err)
	}
	if p.prf, err = prf.NewPRFSet(prfs); err != nil {
		return nil, fmt.Errorf("keyset prf: %w", err)
	}
	if _, err := p.prf.ComputePrimaryPRF(nil, HashSize); err != nil {
		return nil, fmt.Errorf("keyset prf: %w", err)
	}
	return p, nil
}

func encode(aeads *keyset.Handle, prfs json.RawMessage) ([]byte, error) {
	b, err := marshal(aeads)
	if err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(file{Format: 1, AEAD: b, PRF: prfs}, "", "  ")
	return append(raw, '\n'), err
}

func marshal(h *keyset.Handle) (json.RawMessage, error) {
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, err
	}
	return compact(b.Bytes()), nil
}

func unmarshal(b json.RawMessage) (*keyset.Handle, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(b)))
	if err != nil {
		return nil, errors.New("not a Tink keyset")
	}
	return h, nil
}

func compact(b []byte) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return b
	}
	return out.Bytes()
}
