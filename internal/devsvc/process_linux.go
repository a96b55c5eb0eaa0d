package devsvc

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// credential is the user a service runs as; nil means the current one.
type credential struct{ uid, gid uint32 }

func newSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// serviceAttr puts a service in a process group of its own and asks the kernel
// to end it when its parent dies. SIGQUIT makes PostgreSQL shut down at once and
// give its shared memory back, and ends Redis.
func serviceAttr(c *credential) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	if c != nil {
		a.Credential = &syscall.Credential{Uid: c.uid, Gid: c.gid}
	}
	return a
}

// toolAttr is for a program that ends by itself.
func toolAttr(c *credential) *syscall.SysProcAttr {
	a := serviceAttr(c)
	a.Pdeathsig = 0 // tied to a thread, which here may end before the program
	return a
}

// unprivileged gives the user to run PostgreSQL as, which refuses root: nil when
// the current user is not root, else Debian's postgres or nobody.
func unprivileged() (*credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &credential{uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root and there is no user postgres or nobody to run it as")
}

// children lists the direct children of a process.
func children(pid int) []int {
	procs, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []int
	for _, p := range procs {
		id, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		if parent, _ := procStat(id); parent == pid {
			out = append(out, id)
		}
	}
	return out
}

func killPID(pid int) { syscall.Kill(pid, syscall.SIGKILL) }

// alive is false for a zombie too: when it is reaped is up to process 1 of the
// machine.
func alive(pid int) bool {
	parent, state := procStat(pid)
	return parent != 0 && state != 'Z' && state != 'X'
}

// procStat gives the parent and the state letter of a process, or zeros.
func procStat(pid int) (parent int, state byte) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	// "pid (name) state ppid …": the name may hold anything, even ")".
	f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(f) < 2 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(f[1])
	return parent, f[0][0]
}

// removeSharedMemory gives back a System V segment that a killed server left.
func removeSharedMemory(id int) {
	const ipcRemove = 0
	syscall.Syscall(syscall.SYS_SHMCTL, uintptr(id), ipcRemove, 0)
}

const stopSignal = syscall.SIGSTOP

func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
