package app

import (
	"os"
	"runtime/debug"
)

// gcPercent is how much a server's heap may grow between two collections. What is
// live is small and what a turn allocates is short-lived, so a larger step costs
// tens of megabytes and saves processor time.
const gcPercent = 400

// TuneMemory sets the collector for a server, unless the operator did with GOGC. A
// limit set with GOMEMLIMIT stays in force: near it Go collects as often as it
// needs to.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
