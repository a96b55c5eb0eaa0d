//go:build !linux

package main

import "os"

// flush makes the content of f durable, as a commit does.
func flush(f *os.File) error { return f.Sync() }
