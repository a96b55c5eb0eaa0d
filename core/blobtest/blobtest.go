// Package blobtest is the exam of every core.Blobs: what the contract promises,
// asked of a store with real bytes. A defect found in one engine becomes a case
// here, not in that engine's own test.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/motcua/motcua/core"
)

// Run examines the stores that open gives; every case asks for a store of its
// own, and open may register its clean-up on t.
func Run(t *testing.T, open func(t *testing.T) core.Blobs) {
	cases := []struct {
		name string
		run  func(*testing.T, core.Blobs)
	}{
		{"round trip", roundTrip},
		{"not found", notFound},
		{"malformed keys", malformedKeys},
		{"written once", writtenOnce},
		{"one of many writers", oneOfMany},
		{"largest and too large", largest},
		{"failing source", failingSource},
		{"cancelled", cancelled},
		{"invisible until whole", invisible},
		{"delete", deletes},
		{"read and delete", readAndDelete},
		{"blobs are apart", apart},
		{"source is read in drops", drops},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

func newKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func put(t *testing.T, s core.Blobs, key string, content []byte) {
	t.Helper()
	n, err := s.Put(t.Context(), key, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(len(content)) {
		t.Fatalf("Put says %d bytes of %d", n, len(content))
	}
}

func holds(t *testing.T, s core.Blobs, key string, want []byte) {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("read %d bytes, other than the %d bytes written", len(got), len(want))
	}
}

func lacks(t *testing.T, s core.Blobs, key string) {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if err == nil {
		r.Close()
	}
	if !core.IsCode(err, core.CodeNotFound) {
		t.Fatalf("Open: %v, want not_found", err)
	}
}

func wantCode(t *testing.T, err error, code core.Code) {
	t.Helper()
	if !core.IsCode(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func roundTrip(t *testing.T, s core.Blobs) {
	const mib = 1 << 20
	for _, n := range []int{0, 1, 4095, mib - 1, mib, mib + 1, 2 * mib, 3*mib + 17} {
		key, content := newKey(), random(n)
		put(t, s, key, content)
		holds(t, s, key, content)
		holds(t, s, key, content) // and again
	}
	key := string(core.ID("0190f2d4-7b3a-7c11-9a52-3f6f0c1d2e4b"))
	put(t, s, key, []byte("an id is a key"))
	holds(t, s, key, []byte("an id is a key"))
}

func notFound(t *testing.T, s core.Blobs) { lacks(t, s, newKey()) }

func malformedKeys(t *testing.T, s core.Blobs) {
	long := make([]byte, 300)
	for i := range long {
		long[i] = 'a'
	}
	for _, key := range []string{
		"", ".", "..", "/", "../../../../etc/passwd-", "/etc/passwd-aaaaaaaaa", "aaaaaaaaaaaaaaa/aaaa",
		`aaaaaaaaaaaaaaa\aaaa`, "aaaaaaaaaaaaaaaa\x00", "aaaaaaaaaaaaaaaa.tmp", "aaaaaaaaaaaaaaaa ",
		"-aaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaă", "aaaaaaaaaaaaaaaa\n", "short", string(long),
	} {
		_, err := s.Put(t.Context(), key, bytes.NewReader([]byte("x")))
		wantCode(t, err, core.CodeInvalid)
		lacks(t, s, key)
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
}

func writtenOnce(t *testing.T, s core.Blobs) {
	key := newKey()
	put(t, s, key, []byte("first"))
	_, err := s.Put(t.Context(), key, bytes.NewReader([]byte("second")))
	wantCode(t, err, core.CodeDuplicate)
	holds(t, s, key, []byte("first"))
}

func oneOfMany(t *testing.T, s core.Blobs) {
	key := newKey()
	contents := make([][]byte, 8)
	var winner atomic.Int64
	winner.Store(-1)
	var wg sync.WaitGroup
	for i := range contents {
		contents[i] = random(100_000 + i)
		wg.Go(func() {
			_, err := s.Put(t.Context(), key, bytes.NewReader(contents[i]))
			switch {
			case err == nil && !winner.CompareAndSwap(-1, int64(i)):
				t.Error("two writers were told yes")
			case err != nil && !core.IsCode(err, core.CodeDuplicate):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if winner.Load() < 0 {
		t.Fatal("nobody was told yes")
	}
	holds(t, s, key, contents[winner.Load()])
}

func largest(t *testing.T, s core.Blobs) {
	key, content := newKey(), random(core.MaxFile)
	put(t, s, key, content)
	holds(t, s, key, content)
	key = newKey()
	_, err := s.Put(t.Context(), key, bytes.NewReader(append(content, 0)))
	wantCode(t, err, core.CodeTooLarge)
	lacks(t, s, key)
	// An endless source must not be read to its end.
	_, err = s.Put(t.Context(), key, endless{})
	wantCode(t, err, core.CodeTooLarge)
	lacks(t, s, key)
	put(t, s, key, []byte("the key is still free"))
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func failingSource(t *testing.T, s core.Blobs) {
	key := newKey()
	for _, n := range []int{0, 10, 1 << 20, 3 << 20} {
		source := io.MultiReader(bytes.NewReader(random(n)), iotest.ErrReader(io.ErrUnexpectedEOF))
		// A source that ends too soon is an error of the source, never a blob.
		_, err := s.Put(t.Context(), key, source)
		wantCode(t, err, core.CodeUnavailable)
		lacks(t, s, key)
	}
	denied := core.E(core.CodeDenied, "test", "", nil)
	_, err := s.Put(t.Context(), key, iotest.ErrReader(denied))
	wantCode(t, err, core.CodeDenied)
	lacks(t, s, key)
}

func cancelled(t *testing.T, s core.Blobs) {
	ctx, cancel := context.WithCancel(t.Context())
	key := newKey()
	first := bytes.NewReader(random(1 << 20))
	_, err := s.Put(ctx, key, io.MultiReader(first, readFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})))
	wantCode(t, err, core.CodeUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
	lacks(t, s, key)
	_, err = s.Open(ctx, key)
	wantCode(t, err, core.CodeUnavailable)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func invisible(t *testing.T, s core.Blobs) {
	key := newKey()
	content := random(2<<20 + 5)
	asked := 0
	source := io.TeeReader(bytes.NewReader(content), writeFunc(func(p []byte) (int, error) {
		asked++
		lacks(t, s, key)
		return len(p), nil
	}))
	if _, err := s.Put(t.Context(), key, source); err != nil {
		t.Fatal(err)
	}
	if asked == 0 {
		t.Fatal("the source was not read")
	}
	holds(t, s, key, content)
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

func deletes(t *testing.T, s core.Blobs) {
	key := newKey()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatalf("a missing blob: %v", err)
	}
	put(t, s, key, []byte("x"))
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		lacks(t, s, key)
	}
}

// A blob that is deleted under a reader is read to its end or fails; it never
// ends early as if it were shorter.
func readAndDelete(t *testing.T, s core.Blobs) {
	key, content := newKey(), random(3<<20)
	put(t, s, key, content)
	r, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err == nil && !bytes.Equal(got, content) {
		t.Fatalf("read %d of %d bytes without an error", len(got), len(content))
	}
	lacks(t, s, key)
}

func apart(t *testing.T, s core.Blobs) {
	keys := []string{newKey(), newKey(), newKey()}
	for _, k := range keys {
		put(t, s, k, []byte("content of "+k))
	}
	if err := s.Delete(t.Context(), keys[1]); err != nil {
		t.Fatal(err)
	}
	holds(t, s, keys[0], []byte("content of "+keys[0]))
	lacks(t, s, keys[1])
	holds(t, s, keys[2], []byte("content of "+keys[2]))
}

func drops(t *testing.T, s core.Blobs) {
	key, content := newKey(), random(70_000)
	n, err := s.Put(t.Context(), key, iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(content))))
	if err != nil || n != int64(len(content)) {
		t.Fatalf("%d, %v", n, err)
	}
	r, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := iotest.TestReader(r, content); err != nil {
		t.Fatal(err)
	}
}
