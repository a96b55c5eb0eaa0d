package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/core"
)

func newKeys(t *testing.T) *Keys {
	t.Helper()
	k, err := Create(filepath.Join(t.TempDir(), "keys", "seal.json"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSeal(t *testing.T, k *Keys, aad, plain string) []byte {
	t.Helper()
	b, err := k.Sealer().Seal(aad, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustOpen(t *testing.T, k *Keys, aad string, sealed []byte, want string) {
	t.Helper()
	got, err := k.Sealer().Open(aad, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatalf("opened %q, want %q", got, want)
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	s := k.Sealer()
	for _, plain := range []string{"", "x", "Nguyễn Thị Hoa", strings.Repeat("a", 1<<20)} {
		sealed := mustSeal(t, k, "draft|1", plain)
		mustOpen(t, k, "draft|1", sealed, plain)
		if len(plain) > 1 && bytes.Contains(sealed, []byte(plain)) {
			t.Error("the plain text shows")
		}
		if _, err := s.Open("draft|2", sealed); !core.IsCode(err, core.CodeInternal) {
			t.Errorf("other additional data: %v", err)
		}
	}
	if bytes.Equal(mustSeal(t, k, "a", "b"), mustSeal(t, k, "a", "b")) {
		t.Error("sealing twice gives the same bytes")
	}
	sealed := mustSeal(t, k, "a", "secret")
	for bit := range len(sealed) * 8 {
		bent := bytes.Clone(sealed)
		bent[bit/8] ^= 1 << (bit % 8)
		if _, err := s.Open("a", bent); err == nil {
			t.Fatalf("opened with bit %d flipped", bit)
		}
	}
	for n := range sealed {
		if _, err := s.Open("a", sealed[:n]); err == nil {
			t.Fatalf("opened the first %d bytes", n)
		}
	}
	if _, err := newKeys(t).Sealer().Open("a", sealed); err == nil {
		t.Error("opened with the keys of another installation")
	}
}

func TestHashAndDerive(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	again, err := Open(k.path)
	if err != nil {
		t.Fatal(err)
	}
	s, s2, other := k.Sealer(), again.Sealer(), newKeys(t).Sealer()
	if !bytes.Equal(s.Hash("phone", "+84901234567"), s2.Hash("phone", "+84901234567")) {
		t.Error("the hash changed when the file was opened again")
	}
	if !bytes.Equal(s.Derive("otp"), s2.Derive("otp")) || k.Fingerprint() != again.Fingerprint() {
		t.Error("a derived key changed when the file was opened again")
	}
	if len(s.Derive("otp")) != HashSize || len(s.Hash("a", "b")) != HashSize {
		t.Error("not 32 bytes")
	}
	seen := map[string]string{}
	for name, b := range map[string][]byte{
		"hash ab|c":  s.Hash("ab", "c"),
		"hash a|bc":  s.Hash("a", "bc"),
		"hash |abc":  s.Hash("", "abc"),
		"hash abc|":  s.Hash("abc", ""),
		"hash b|c":   s.Hash("b", "c"),
		"derive abc": s.Derive("abc"),
		"derive a":   s.Derive("a"),
		"other ab|c": other.Hash("ab", "c"),
		"other abc":  other.Derive("abc"),
	} {
		if was, ok := seen[string(b)]; ok {
			t.Errorf("%s equals %s", name, was)
		}
		seen[string(b)] = name
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	other, err := Open(k.path) // a second process
	if err != nil {
		t.Fatal(err)
	}
	old := mustSeal(t, k, "a", "before")
	hash, print := k.Sealer().Hash("d", "v"), k.Fingerprint()
	sealer := k.Sealer() // taken before the rotation, used after
	if err := k.Rotate(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, k, "a", old, "before")
	fresh, err := sealer.Seal("a", []byte("after"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(old[:5], fresh[:5]) {
		t.Error("the new key is not the one that seals")
	}
	mustOpen(t, k, "a", fresh, "after")
	mustOpen(t, other, "a", fresh, "after") // learns of the new key
	if !bytes.Equal(hash, k.Sealer().Hash("d", "v")) || print != k.Fingerprint() {
		t.Error("rotation changed the hash")
	}
	if err := other.Rotate(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, other, "a", fresh, "after")
	mustOpen(t, k, "a", mustSeal(t, other, "a", "third"), "third")
	reopened, err := Open(k.path)
	if err != nil {
		t.Fatal(err)
	}
	mustOpen(t, reopened, "a", old, "before")
	mustOpen(t, reopened, "a", fresh, "after")
	if st, err := os.Stat(k.path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode after rotation: %v %v", st.Mode(), err)
	}
}

func TestFileIsGuarded(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	st, err := os.Stat(k.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o601} {
		if err := os.Chmod(k.path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(k.path)
		if !core.IsCode(err, core.CodeFailedPrecondition) || core.ErrorKey(err) != "seal.key_permissions" || !strings.Contains(err.Error(), "chmod 0600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	good, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":        "",
		"half":         string(good[:len(good)/2]),
		"other format": strings.Replace(string(good), `"format": 1`, `"format": 2`, 1),
		"no keysets":   `{"format":1}`,
		"empty keyset": `{"format":1,"aead":{},"prf":{}}`,
		"swapped":      strings.NewReplacer(`"aead"`, `"prf"`, `"prf"`, `"aead"`).Replace(string(good)),
	} {
		if err := os.WriteFile(k.path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(k.path)
		if !core.IsCode(err, core.CodeFailedPrecondition) || core.ErrorKey(err) != "seal.key_damaged" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenOrCreate(t *testing.T) {
	t.Parallel()
	write := func(dir, name, content string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name     string
		file     string
		external bool
		refused  bool
	}{
		{name: "new directory"},
		{name: "unrelated file", file: "README"},
		{name: "lock file", file: "motcua.lock"},
		{name: "database", file: "motcua.db", refused: true},
		{name: "sqlite", file: "motcua.sqlite3", refused: true},
		{name: "blob", file: "blobs/ab/cd", refused: true},
		{name: "spool", file: "spool/1", refused: true},
		{name: "database elsewhere", external: true, refused: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if c.file != "" {
				write(dir, c.file, "x")
			}
			k, err := OpenOrCreate(dir, c.external)
			if c.refused {
				if !core.IsCode(err, core.CodeFailedPrecondition) || core.ErrorKey(err) != "seal.key_missing" {
					t.Fatalf("got %v", err)
				}
				if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
					t.Fatal("a key file was made")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sealed := mustSeal(t, k, "a", "b")
			write(dir, "motcua.db", "x")
			k2, err := OpenOrCreate(dir, true) // the second start
			if err != nil {
				t.Fatal(err)
			}
			mustOpen(t, k2, "a", sealed, "b")
		})
	}
}

func TestCreateByMany(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "k", "seal.json")
	prints := make([]string, 8)
	var wg sync.WaitGroup
	for i := range prints {
		wg.Go(func() {
			k, err := Create(path)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = k.Fingerprint()
		})
	}
	wg.Wait()
	for _, p := range prints {
		if p != prints[0] || p == "" {
			t.Fatalf("different keys: %v", prints)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, content := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Fatalf("%q %v", got, err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "d"), nil, 0o600); err == nil {
		t.Error("replaced a directory")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func BenchmarkSealRow(b *testing.B) {
	k, err := Create(filepath.Join(b.TempDir(), "seal.json"))
	if err != nil {
		b.Fatal(err)
	}
	s, plain := k.Sealer(), make([]byte, 500)
	for b.Loop() {
		if _, err := s.Seal("draft|1", plain); err != nil {
			b.Fatal(err)
		}
	}
}
