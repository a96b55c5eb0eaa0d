package blobs

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
)

const (
	magic      = "MCB1"        // the first four bytes of a file: format 1
	segment    = 1 << 20       // plain bytes of a segment, but for the last
	maxSealed  = segment + 256 // a segment with what sealing adds to it
	staleAfter = 24 * time.Hour
)

// Options of a store; the zero value is good for production.
type Options struct {
	// MaxBytes is the largest blob; 0 means core.MaxFile.
	MaxBytes int64
}

// Files is a core.Blobs over a directory. Safe for concurrent use.
type Files struct {
	dir    string
	sealer core.Sealer
	max    int64
	ops    ops
}

// ops are the calls that make a blob durable, apart so that the tests can make
// each of them fail.
type ops struct {
	sync    func(*os.File) error
	link    func(from, to string) error
	syncDir func(dir string) error
}

var _ core.Blobs = (*Files)(nil)

// New opens the store in a directory, which is made (0700). What uploads that
// died more than a day ago left behind is removed.
func New(dir string, sealer core.Sealer, opts *Options) (*Files, error) {
	f := &Files{dir: dir, sealer: sealer, max: core.MaxFile, ops: ops{sync: (*os.File).Sync, link: os.Link, syncDir: syncDir}}
	if opts != nil && opts.MaxBytes > 0 {
		f.max = opts.MaxBytes
	}
	if err := os.MkdirAll(f.tmp(), 0o700); err != nil {
		return nil, core.E(core.CodeUnavailable, "blobs.open", "", err)
	}
	left, err := os.ReadDir(f.tmp())
	if err != nil {
		return nil, core.E(core.CodeUnavailable, "blobs.open", "", err)
	}
	for _, e := range left {
		if st, err := e.Info(); err == nil && time.Since(st.ModTime()) > staleAfter {
			os.Remove(filepath.Join(f.tmp(), e.Name()))
		}
	}
	return f, nil
}

func (f *Files) tmp() string { return filepath.Join(f.dir, "tmp") }

// shard spreads blobs over directories by the end of the key, since the
// beginning of a UUIDv7 is the time.
func (f *Files) shard(key string) string { return filepath.Join(f.dir, "b", key[len(key)-2:]) }

func (f *Files) path(key string) string { return filepath.Join(f.shard(key), key) }

// ValidKey reports whether a key can be stored: 16 to 80 lower-case letters,
// digits, "-" and "_", the first not a sign.
func ValidKey(key string) bool {
	if len(key) < 16 || len(key) > 80 {
		return false
	}
	for i, c := range []byte(key) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case (c == '-' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return true
}

// Put implements core.Blobs. Beyond its errors: duplicate when the key has been
// written. An error of the reader keeps its code when it has one, and is
// unavailable otherwise.
func (f *Files) Put(ctx context.Context, key string, r io.Reader) (size int64, err error) {
	const op = "blobs.put"
	if !ValidKey(key) {
		return 0, core.Ef(core.CodeInvalid, op, "", "malformed key of %d bytes", len(key))
	}
	tmp, err := os.CreateTemp(f.tmp(), "put-")
	if err != nil {
		return 0, core.E(core.CodeUnavailable, op, "", err)
	}
	defer os.Remove(tmp.Name()) // after the link it is only a second name
	size, err = f.write(ctx, key, tmp, r)
	if err == nil {
		err = f.ops.sync(tmp)
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return 0, coded(op, err)
	}
	if err := f.publish(tmp.Name(), key); err != nil {
		return 0, coded(op, err)
	}
	return size, nil
}

// write seals what r gives, segment by segment. It reads one segment ahead to
// know which is the last.
func (f *Files) write(ctx context.Context, key string, out io.Writer, r io.Reader) (size int64, err error) {
	w := bufio.NewWriterSize(out, 64<<10)
	if _, err := w.WriteString(magic); err != nil {
		return 0, err
	}
	in := bufio.NewReader(r)
	plain := make([]byte, segment)
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		got, last, err := fill(in, plain)
		if err != nil {
			return 0, err
		}
		size += int64(got)
		if size > f.max {
			return 0, core.Ef(core.CodeTooLarge, "blobs.put", "", "more than %d bytes", f.max)
		}
		sealed, err := f.sealer.Seal(aad(key, n, last), plain[:got])
		if err != nil {
			return 0, err
		}
		if len(sealed) > maxSealed {
			return 0, fmt.Errorf("a sealed segment of %d bytes", len(sealed))
		}
		if _, err := w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))); err != nil {
			return 0, err
		}
		if _, err := w.Write(sealed); err != nil {
			return 0, err
		}
		if last {
			return size, w.Flush()
		}
	}
}

// fill reads until p is full or the source has ended. It is not io.ReadFull,
// whose io.ErrUnexpectedEOF looks like that of a download that was cut off.
func fill(in *bufio.Reader, p []byte) (n int, last bool, err error) {
	for n < len(p) {
		got, err := in.Read(p[n:])
		n += got
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	_, err = in.Peek(1)
	if err == io.EOF {
		return n, true, nil
	}
	return n, false, err
}

// publish gives the file its name, durably. A link, unlike a rename, does not
// replace a blob that is there.
func (f *Files) publish(tmp, key string) error {
	shard := f.shard(key)
	if _, err := os.Stat(shard); err != nil {
		if err := os.MkdirAll(shard, 0o700); err != nil {
			return err
		}
		for _, dir := range []string{filepath.Dir(shard), f.dir} {
			if err := f.ops.syncDir(dir); err != nil {
				return err
			}
		}
	}
	if err := f.ops.link(tmp, f.path(key)); err != nil {
		return err
	}
	if err := f.ops.syncDir(shard); err != nil {
		// It may or may not survive a crash; the caller is told "no", so take the
		// name away again.
		return errors.Join(err, os.Remove(f.path(key)))
	}
	return nil
}

// Open implements core.Blobs. Reading a damaged blob fails with internal (key
// "blob.damaged"), at the segment that is damaged.
func (f *Files) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	const op = "blobs.open"
	if !ValidKey(key) {
		return nil, core.Ef(core.CodeNotFound, op, "", "malformed key of %d bytes", len(key))
	}
	if err := ctx.Err(); err != nil {
		return nil, coded(op, err)
	}
	file, err := os.Open(f.path(key))
	if err != nil {
		return nil, coded(op, err)
	}
	r := &reader{ctx: ctx, key: key, open: f.sealer.Open, file: file, in: bufio.NewReaderSize(file, 64<<10)}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(r.in, head); err != nil || string(head) != magic {
		return nil, errors.Join(damaged(key, -1, errors.New("no header")), file.Close())
	}
	return r, nil
}

// Stat gives the size of the file of a blob as stored, sealing included.
func (f *Files) Stat(_ context.Context, key string) (stored int64, err error) {
	const op = "blobs.stat"
	if !ValidKey(key) {
		return 0, core.Ef(core.CodeNotFound, op, "", "malformed key of %d bytes", len(key))
	}
	st, err := os.Stat(f.path(key))
	if err != nil {
		return 0, coded(op, err)
	}
	return st.Size(), nil
}

// Delete implements core.Blobs.
func (f *Files) Delete(_ context.Context, key string) error {
	const op = "blobs.delete"
	if !ValidKey(key) {
		return nil // there cannot be one
	}
	err := os.Remove(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = f.ops.syncDir(f.shard(key))
	}
	return coded(op, err)
}

// reader opens one segment after the other.
type reader struct {
	ctx  context.Context
	key  string
	open func(aad string, sealed []byte) ([]byte, error)
	file *os.File
	in   *bufio.Reader
	n    int    // number of the next segment
	rest []byte // opened and not yet read
	last bool
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err == nil {
			r.rest, r.err = r.next()
		}
		if len(r.rest) == 0 && r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) next() ([]byte, error) {
	if r.last {
		return nil, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return nil, coded("blobs.read", err)
	}
	var head [4]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return nil, r.failed(err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxSealed {
		return nil, damaged(r.key, r.n, fmt.Errorf("a segment of %d bytes", n))
	}
	sealed := make([]byte, n)
	if _, err := io.ReadFull(r.in, sealed); err != nil {
		return nil, r.failed(err)
	}
	// Nothing after it makes it the last; a cut-off file fails here, because the
	// segment before the cut was not sealed as the last one.
	_, err := r.in.Peek(1)
	if err != nil && err != io.EOF {
		return nil, r.failed(err)
	}
	r.last = err == io.EOF
	plain, err := r.open(aad(r.key, r.n, r.last), sealed)
	if err != nil {
		return nil, damaged(r.key, r.n, err)
	}
	r.n++
	return plain, nil
}

func (r *reader) failed(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return damaged(r.key, r.n, io.ErrUnexpectedEOF)
	}
	return coded("blobs.read", err)
}

func (r *reader) Close() error { return r.file.Close() }

// aad binds a segment to its blob and its place in it.
func aad(key string, n int, last bool) string {
	end := "more"
	if last {
		end = "last"
	}
	return "blob|" + key + "|" + strconv.Itoa(n) + "|" + end
}

func damaged(key string, n int, cause error) error {
	return core.Ef(core.CodeInternal, "blobs.read", "blob.damaged", "blob %s, segment %d: %w", key, n, cause)
}

// coded gives an error of the file system, or of the reader, a code.
func coded(op string, err error) error {
	var e *core.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return core.E(core.CodeNotFound, op, "", err)
	case errors.Is(err, fs.ErrExist):
		return core.E(core.CodeDuplicate, op, "", err)
	default:
		return core.E(core.CodeUnavailable, op, "", err)
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
