package sqlstore

import (
	"testing"

	"github.com/motcua/motcua/core/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *storetest.Harness { return openTestSQLite(t, mutationNone).Harness })
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *storetest.Harness { return openTestPostgres(t, mutationNone).Harness })
}

// TestMutations breaks each promise on purpose: the suite must notice.
func TestMutations(t *testing.T) {
	t.Parallel()
	engines := map[string]func(t testing.TB, m mutation) *opened{"sqlite": openTestSQLite, "postgres": openTestPostgres}
	for _, m := range []struct {
		name     string
		mutation mutation
		notices  string
	}{
		{"no fsync", mutationNoSync, "a commit survives a power cut"},
		{"an answer before the commit", mutationAckBeforeCommit, "a failed commit acknowledges nobody"},
		{"the caller's context on the writer", mutationNeighbourContext, "a neighbour's cancelled context"},
	} {
		for engine, open := range engines {
			t.Run(m.name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				storetest.MustFail(t, m.notices, func(t testing.TB) *storetest.Harness { return open(t, m.mutation).Harness })
			})
		}
	}
}
