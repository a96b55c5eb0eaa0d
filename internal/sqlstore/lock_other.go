//go:build !unix

package sqlstore

import "os"

// lockExclusive trusts the operator on systems without flock; SQLite's own locks
// still keep two servers from writing at once.
func lockExclusive(*os.File) error { return nil }

func release(*os.File) error { return nil }
