// Package hcmc holds the data pack of Ho Chi Minh City that is built into the
// program. The files are the source: nothing generates them.
//
// Invariant: Pack holds what the same directory on disk would give a server
// that is pointed at it (pack.Files), so both have the same content hash.
package hcmc

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml codes forms messages places procedures search
var files embed.FS

// Pack gives the embedded pack.
func Pack() fs.FS { return files }
