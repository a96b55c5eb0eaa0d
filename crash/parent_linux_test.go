package crash_test

import "syscall"

// dieWithParent lets the kernel end the child when the thread that started it
// ends, so that a test that is killed leaves nothing behind.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
