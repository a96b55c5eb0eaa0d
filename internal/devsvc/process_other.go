//go:build !linux

package devsvc

import (
	"errors"
	"os"
	"syscall"
)

// credential is the user a service runs as; nil means the current one.
type credential struct{ uid, gid uint32 }

// Elsewhere than on Linux the watchdog alone cleans up.
func newSession() *syscall.SysProcAttr { return nil }

func serviceAttr(*credential) *syscall.SysProcAttr { return nil }

func toolAttr(*credential) *syscall.SysProcAttr { return nil }

func unprivileged() (*credential, error) {
	if os.Geteuid() == 0 {
		return nil, errors.New("PostgreSQL does not run as root: run the tests as another user")
	}
	return nil, nil
}

func children(int) []int { return nil }

func killPID(int) {}

func alive(int) bool { return false }

func removeSharedMemory(int) {}

const stopSignal = syscall.SIGKILL

// tryLock has no lock to take here: two first starts at once may both run
// initdb, and the later rename wins.
func tryLock(*os.File) error { return nil }
