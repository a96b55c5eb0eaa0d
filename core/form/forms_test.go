package form

import "testing"

func TestLoadPack(t *testing.T) {
	t.Parallel()
	for id, n := range map[string]int{"marital_status": 30, "birth_registration": 39, "generic": 9} {
		f := load(t, id)
		if got := len(f.Keys()); got != n {
			t.Errorf("%s has %d fields, want %d", id, got, n)
		}
	}
}
