package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/motcua/motcua/core"
)

// nodeFileName holds the name of the process that works in a data directory.
const nodeFileName = "node"

var errTaken = errors.New("taken")

// nameNode gives the process its name, before anything works under it.
func (a *App) nameNode(context.Context, Options) (err error) {
	a.node, err = a.nodeName()
	return err
}

// nodeName names this process among those that share a database. A process that
// is started again in its directory keeps its name, so that the jobs its former
// life held are taken up at once, and not when that has been silent for long
// enough to be taken for dead.
//
// The name is held by a lock that goes with the process: a second one in the same
// directory gets a name of its own, and so does one in a copy of the directory on
// another machine.
func (a *App) nodeName() (string, error) {
	const op = "app.node"
	id := string(core.NewID(a.clock.Now()))
	if a.cfg.DatabaseURL == "" {
		return id, nil // alone: it takes up whatever it finds
	}
	f, err := os.OpenFile(filepath.Join(a.cfg.DataDir, nodeFileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", core.E(core.CodeUnavailable, op, "", err)
	}
	if err := lockNode(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errTaken) {
			return id, nil
		}
		return "", core.E(core.CodeUnavailable, op, "", err)
	}
	a.nodeFile = f
	b, err := io.ReadAll(io.LimitReader(f, 100))
	if err != nil {
		return "", core.E(core.CodeUnavailable, op, "", err)
	}
	if known := string(b); core.ValidID(known) {
		id = known
	} else {
		err = f.Truncate(0)
		if err == nil {
			_, err = f.WriteAt([]byte(id), 0)
		}
		if err != nil {
			return "", core.E(core.CodeUnavailable, op, "", err)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "/" + id, nil
}
