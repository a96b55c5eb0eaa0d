//go:build unix

package app

import (
	"errors"
	"os"
	"syscall"
)

// lockNode takes the file for this process; errTaken when another one has it.
func lockNode(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errTaken
	}
	return err
}
