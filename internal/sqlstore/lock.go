package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core"
)

// lockFile holds the process id of the server that has the data directory. The
// lock is the kernel's, so that it goes with the process, however it ends.
const lockFile = "motcua.lock"

type dirLock struct{ f *os.File }

var errLocked = errors.New("locked")

// lockDir takes the directory for this process.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, core.E(core.CodeUnavailable, "store.lock", "", err)
	}
	if err := lockExclusive(f); err != nil {
		holder := "another process"
		if b, e := os.ReadFile(f.Name()); e == nil && len(b) > 0 {
			holder = "process " + strings.TrimSpace(string(b))
		}
		_ = f.Close()
		if !errors.Is(err, errLocked) {
			return nil, core.E(core.CodeUnavailable, "store.lock", "", err)
		}
		return nil, core.E(core.CodeFailedPrecondition, "store.lock", "",
			fmt.Errorf("the data directory %s is in use by %s: stop it, or give this server a directory of its own", dir, holder))
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, core.E(core.CodeUnavailable, "store.lock", "", err)
	}
	return &dirLock{f}, nil
}

// unlock gives the directory back. The file stays: removing it would let two
// processes lock two files of the same name.
func (l *dirLock) unlock() error {
	if l == nil || l.f == nil {
		return nil
	}
	// Closing alone would leave the lock with a child that was just forked and has
	// not yet become its own program.
	err := errors.Join(release(l.f), l.f.Close())
	l.f = nil
	return err
}
