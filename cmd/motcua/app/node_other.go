//go:build !unix

package app

import "os"

// lockNode cannot tell whether another process has the file, so that each gets a
// name of its own.
func lockNode(*os.File) error { return errTaken }
