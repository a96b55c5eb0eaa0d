package main

import (
	"os"
	"syscall"
)

// flush makes the content of f durable, as a commit does.
func flush(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
