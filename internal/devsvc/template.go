package devsvc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

func initdbArgs() []string {
	return []string{"--auth=trust", "--username=" + pgUser, "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync", "--no-instructions"}
}

// pgTemplate gives a data directory made by initdb, to be copied. It is made
// once per program, arguments and user, under the user's cache directory, by
// whichever process comes first; the others wait for it.
func pgTemplate(ctx context.Context, bin string, cred *credential) (string, error) {
	st, err := os.Stat(filepath.Join(bin, "initdb"))
	if err != nil {
		return "", &MissingError{Program: "initdb", Package: pkgOf(bin)}
	}
	// Size and time of the program stand for its version and cost no process.
	h := sha256.New()
	fmt.Fprintln(h, bin, st.Size(), st.ModTime().UnixNano(), initdbArgs(), os.Geteuid())
	if cred != nil {
		fmt.Fprintln(h, cred.uid, cred.gid)
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "pg-"+hex.EncodeToString(h.Sum(nil))[:16])
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); err == nil {
		return dir, nil
	}
	unlock, err := lockFile(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); err == nil {
		return dir, nil
	}

	// The cache may be out of reach of the user that PostgreSQL runs as, so
	// initdb works in a temporary directory and its result is copied.
	s, err := newServer("initdb")
	if err != nil {
		return "", err
	}
	defer s.dog.close()
	defer os.RemoveAll(s.dir)
	if cred != nil {
		if err := os.Chown(s.dir, int(cred.uid), int(cred.gid)); err != nil {
			return "", err
		}
	}
	made := filepath.Join(s.dir, "data")
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), append(initdbArgs(), "-D", made)...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = toolAttr(cred)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	half := dir + ".half"
	if err := errors.Join(os.RemoveAll(half), os.RemoveAll(dir)); err != nil {
		return "", err
	}
	if err := copyTree(made, half, nil); err != nil {
		return "", err
	}
	return dir, os.Rename(half, dir)
}

func pkgOf(bin string) string {
	if v := filepath.Base(filepath.Dir(bin)); v != "" {
		if _, err := strconv.Atoi(v); err == nil {
			return "postgresql-" + v
		}
	}
	return pgPackage
}

// cacheDir gives a directory that survives this process and is the current
// user's alone.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err == nil {
		dir := filepath.Join(base, "motcua-devsvc")
		if err = os.MkdirAll(dir, 0o700); err == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(os.TempDir(), "motcua-devsvc-"+strconv.Itoa(os.Geteuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !st.IsDir() || st.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("%s must be a directory of the current user with mode 0700", dir)
	}
	return dir, nil
}

// lockFile waits for the lock of a file. The kernel lets go of it when the
// process dies.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err = tryLock(f); err == nil {
			return func() { f.Close() }, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for %s: %w", path, ctx.Err())
		}
	}
}

// copyTree copies directories and plain files; everything is given to the user
// of the credential, if any.
func copyTree(from, to string, cred *credential) error {
	give := func(path string) error {
		if cred == nil {
			return nil
		}
		return os.Lchown(path, int(cred.uid), int(cred.gid))
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
		case d.Type().IsRegular():
			if err := copyFile(path, target); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is neither a directory nor a plain file", path)
		}
		return give(target)
	})
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in) // copy_file_range on Linux
	return errors.Join(err, out.Close())
}
