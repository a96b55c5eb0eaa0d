package blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/blobtest"
)

// xorSealer is not cryptography: it shows which additional data was used, and
// refuses any other. The real one is examined in its own package.
func xorSealer() core.Sealer {
	mix := func(b []byte) []byte {
		out := bytes.Clone(b)
		for i := range out {
			out[i] ^= 0x5a
		}
		return out
	}
	return core.Sealer{
		Seal: func(aad string, plain []byte) ([]byte, error) {
			return append([]byte(aad+"\x00"), mix(plain)...), nil
		},
		Open: func(aad string, sealed []byte) ([]byte, error) {
			rest, ok := bytes.CutPrefix(sealed, []byte(aad+"\x00"))
			if !ok {
				return nil, errors.New("other additional data")
			}
			return mix(rest), nil
		},
	}
}

func newFiles(t *testing.T) *Files {
	t.Helper()
	f, err := New(filepath.Join(t.TempDir(), "blobs"), xorSealer(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) core.Blobs { return newFiles(t) })
}

const key = "0190f2d4-7b3a-7c11-9a52-3f6f0c1d2e4b"

func put(t *testing.T, f *Files, key string, n int) []byte {
	t.Helper()
	content := bytes.Repeat([]byte("giấy chứng sinh "), n/19+1)[:n]
	if _, err := f.Put(t.Context(), key, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return content
}

func readAll(f *Files, key string) ([]byte, error) {
	r, err := f.Open(context.Background(), key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestSealedOnDisk(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	put(t, f, key, 2*segment+5)
	raw, err := os.ReadFile(f.path(key))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("chứng sinh")) {
		t.Error("the plain bytes show")
	}
	for n, end := range []string{"more", "more", "last"} {
		if !bytes.Contains(raw, fmt.Appendf(nil, "blob|%s|%d|%s", key, n, end)) {
			t.Errorf("segment %d is not bound to its place", n)
		}
	}
	if size, err := f.Stat(t.Context(), key); err != nil || size != int64(len(raw)) {
		t.Errorf("Stat: %d, %v", size, err)
	}
	err = filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, st.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	other := "0190f2d4-7b3a-7c11-9a52-000000000000"
	segments := func(raw []byte) (out [][]byte) {
		for raw = raw[len(magic):]; len(raw) > 0; {
			n := 4 + int(raw[0])<<24 + int(raw[1])<<16 + int(raw[2])<<8 + int(raw[3])
			out, raw = append(out, raw[:n]), raw[n:]
		}
		return out
	}
	join := func(parts ...[]byte) []byte { return append([]byte(magic), bytes.Join(parts, nil)...) }
	for name, bend := range map[string]func(raw, other []byte) []byte{
		"cut in a segment":     func(raw, _ []byte) []byte { return raw[:len(raw)-1] },
		"cut between segments": func(raw, _ []byte) []byte { s := segments(raw); return join(s[0], s[1]) },
		"only a header":        func(raw, _ []byte) []byte { return raw[:len(magic)] },
		"empty file":           func(raw, _ []byte) []byte { return nil },
		"other format":         func(raw, _ []byte) []byte { return append([]byte("MCB2"), raw[4:]...) },
		"swapped segments":     func(raw, _ []byte) []byte { s := segments(raw); return join(s[1], s[0], s[2]) },
		"doubled segment":      func(raw, _ []byte) []byte { s := segments(raw); return join(s[0], s[0], s[1], s[2]) },
		"doubled end":          func(raw, _ []byte) []byte { s := segments(raw); return join(s[0], s[1], s[2], s[2]) },
		"missing segment":      func(raw, _ []byte) []byte { s := segments(raw); return join(s[0], s[2]) },
		"trailing bytes":       func(raw, _ []byte) []byte { return append(bytes.Clone(raw), 0) },
		"huge length":          func(raw, _ []byte) []byte { return append([]byte(magic), 0xff, 0xff, 0xff, 0xff) },
		"another blob":         func(_, other []byte) []byte { return other },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFiles(t)
			put(t, f, key, 2*segment+100)
			put(t, f, other, 2*segment+100)
			raw, err := os.ReadFile(f.path(key))
			if err != nil {
				t.Fatal(err)
			}
			second, err := os.ReadFile(f.path(other))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f.path(key), bend(raw, second), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = readAll(f, key)
			if !core.IsCode(err, core.CodeInternal) || core.ErrorKey(err) != "blob.damaged" {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// The order of the durable steps, and what is left when each of them fails.
func TestDurableSteps(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for fail := range 6 {
		t.Run(fmt.Sprintf("step %d fails", fail), func(t *testing.T) {
			t.Parallel()
			f := newFiles(t)
			real := f.ops
			var steps []string
			step := func(name string) error {
				steps = append(steps, name)
				if len(steps)-1 == fail {
					return full
				}
				return nil
			}
			f.ops = ops{
				sync: func(file *os.File) error {
					return errors.Join(step("sync"), real.sync(file))
				},
				link: func(from, to string) error {
					if err := step("link"); err != nil {
						return err
					}
					return real.link(from, to)
				},
				syncDir: func(dir string) error {
					rel, _ := filepath.Rel(f.dir, dir)
					return errors.Join(step("syncDir "+filepath.ToSlash(rel)), real.syncDir(dir))
				},
			}
			_, err := f.Put(t.Context(), key, strings.NewReader("x"))
			want := []string{"sync", "syncDir b", "syncDir .", "link", "syncDir b/4b"}
			if fail == len(want) { // nothing failed
				if err != nil || strings.Join(steps, ", ") != strings.Join(want, ", ") {
					t.Fatalf("%v, steps %q", err, steps)
				}
				return
			}
			if !core.IsCode(err, core.CodeUnavailable) || !errors.Is(err, full) {
				t.Fatalf("got %v", err)
			}
			if _, err := readAll(f, key); !core.IsCode(err, core.CodeNotFound) {
				t.Fatalf("a blob is left: %v", err)
			}
			if left, err := os.ReadDir(f.tmp()); err != nil || len(left) != 0 {
				t.Fatalf("left in tmp: %v %v", left, err)
			}
			f.ops = real
			put(t, f, key, 10) // the same key works once the disk is well
		})
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	content := put(t, f, key, 100)
	fresh, stale := filepath.Join(f.tmp(), "put-1"), filepath.Join(f.tmp(), "put-2")
	for _, p := range []string{fresh, stale} {
		if err := os.WriteFile(p, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(stale, old, old); err != nil {
		t.Fatal(err)
	}
	again, err := New(f.dir, xorSealer(), &Options{MaxBytes: 5})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(again, key); err != nil || !bytes.Equal(got, content) {
		t.Errorf("after reopening: %d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an old half upload is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("somebody's running upload was removed: %v", err)
	}
	if _, err := again.Put(t.Context(), "0190f2d4-7b3a-7c11-9a52-111111111111", strings.NewReader("123456")); !core.IsCode(err, core.CodeTooLarge) {
		t.Errorf("the cap of the options: %v", err)
	}
}
