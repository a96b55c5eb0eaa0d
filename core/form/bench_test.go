package form

import "testing"

func BenchmarkNext(b *testing.B) {
	f, a := halfway(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := f.Resolve(a, nil, now()).Next(); !ok {
			b.Fatal("nothing is open")
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	f, a := halfway(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(f.Resolve(a, nil, now()).Validate()) == 0 {
			b.Fatal("nothing is missing")
		}
	}
}

// halfway is a birth registration, 39 fields, half answered, its conditions warm.
func halfway(t testing.TB) (*Form, Answers) {
	t.Helper()
	f := load(t, "birth_registration")
	a, asked := answer(t, f, father())
	for _, key := range asked[len(asked)/2:] {
		a = f.Clear(a, key)
	}
	return f, a
}
