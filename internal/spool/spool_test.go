package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/spool"
)

const queue = "twilio/main"

func open(t *testing.T, dir string, change ...func(*spool.Options)) *spool.Spool {
	t.Helper()
	o := spool.Options{Sealer: coretest.Sealer("spool"), Clock: coretest.NewClock()}
	for _, c := range change {
		c(&o)
	}
	s, err := spool.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func add(t *testing.T, s *spool.Spool, entries ...string) {
	t.Helper()
	for _, e := range entries {
		if err := s.Append(queue, []byte(e)); err != nil {
			t.Fatal(err)
		}
	}
}

// take empties the queue, at most n entries.
func take(t *testing.T, s *spool.Spool, n int) []string {
	t.Helper()
	var out []string
	for len(out) < n {
		e, ok, err := s.Next(queue)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		out = append(out, string(e.Data))
		if err := s.Done(queue, e); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func want(t *testing.T, got []string, entries ...string) {
	t.Helper()
	if !slices.Equal(got, entries) {
		t.Errorf("got %q, want %q", got, entries)
	}
}

func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	got, err := filepath.Glob(filepath.Join(dir, "*", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Entries come out in order, over segments and over lives of the process, and an
// empty queue leaves no file.
func TestOrder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	small := func(o *spool.Options) { o.SegmentBytes = 200 }
	s := open(t, dir, small)
	add(t, s, "a", "b", "c", "d", "e")
	want(t, take(t, s, 2), "a", "b")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, small)
	if n := s.Pending(queue); n != 3 {
		t.Errorf("%d wait", n)
	}
	add(t, s, "f")
	want(t, take(t, s, 9), "c", "d", "e", "f")
	if left := files(t, dir, "*"); len(left) > 0 || s.Pending(queue) != 0 || len(s.Status()) != 0 {
		t.Errorf("an empty spool holds %v, %v", left, s.Status())
	}
	add(t, s, "g")
	want(t, take(t, s, 9), "g")
}

// What is on the disk does not show what was said.
func TestSealed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "Trần Thị Mai 079190001234")
	for _, f := range files(t, dir, "*.seg") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "Mai") || strings.Contains(string(b), "0791") {
			t.Error("the file is not sealed")
		}
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", st.Mode(), err)
		}
	}
}

// Whatever a crash leaves of the last frame, the whole ones before it come out, and
// new ones go behind them.
func TestTornTail(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	s := open(t, whole)
	add(t, s, "one", "two", "three")
	segment := files(t, whole, "*.seg")[0]
	b, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	last := len(b) / 3 * 2
	for cut := last; cut < len(b); cut++ {
		for _, tail := range []string{"cut", "zeros"} {
			dir := t.TempDir()
			torn := slices.Clone(b[:cut])
			if tail == "zeros" { // the length was written and the bytes were not
				torn = append(torn, make([]byte, len(b)-cut)...)
			}
			q := filepath.Join(dir, filepath.Base(filepath.Dir(segment)))
			if err := errors.Join(os.Mkdir(q, 0o700), os.WriteFile(filepath.Join(q, filepath.Base(segment)), torn, 0o600)); err != nil {
				t.Fatal(err)
			}
			again := open(t, dir)
			add(t, again, "four")
			want(t, take(t, again, 9), "one", "two", "four")
			if left := files(t, dir, "*"); len(left) > 0 {
				t.Fatalf("cut at %d (%s): %v is left", cut, tail, left)
			}
		}
	}
}

// A damaged frame is told of and kept, and hides no other.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "one", "two", "three")
	segment := files(t, dir, "*.seg")[0]
	b, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x40
	if err := os.WriteFile(segment, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	want(t, take(t, again, 9), "one", "three")
	if st := again.Status(); len(st) != 1 || st[0].Damaged != 1 || st[0].Entries != 0 {
		t.Errorf("status %+v", st)
	}
	if kept := files(t, dir, "*.damaged"); len(kept) != 1 {
		t.Errorf("kept %v", kept)
	}
	if st, err := spool.Inspect(dir); err != nil || len(st) != 1 || st[0].Damaged != 1 {
		t.Errorf("from outside: %+v, %v", st, err)
	}
}

// A lost or torn cursor makes entries come again and loses none.
func TestCursor(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"lost": os.Remove,
		"torn": func(p string) error { return os.Truncate(p, 5) },
		"bad":  func(p string) error { return os.WriteFile(p, []byte("999999999999"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			add(t, s, "a", "b", "c")
			want(t, take(t, s, 2), "a", "b")
			if err := spoil(files(t, dir, "*.done")[0]); err != nil {
				t.Fatal(err)
			}
			want(t, take(t, open(t, dir), 9), "a", "b", "c")
		})
	}
}

// A full spool takes nothing more and says so; what it has stays, and room comes
// back with what is handled.
func TestFull(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), func(o *spool.Options) { o.MaxBytes = 300 })
	n := 0
	var err error
	for ; n < 100; n++ {
		if err = s.Append(queue, []byte("entry")); err != nil {
			break
		}
	}
	if !core.IsCode(err, core.CodeUnavailable) || !strings.Contains(err.Error(), "full") || n == 0 {
		t.Fatalf("after %d: %v", n, err)
	}
	if got := take(t, s, 1000); len(got) != n {
		t.Errorf("%d of %d came out", len(got), n)
	}
	add(t, s, "again")
	if err := s.Append(queue, make([]byte, 1<<21)); !core.IsCode(err, core.CodeTooLarge) {
		t.Errorf("an entry of 2 MiB: %v", err)
	}
}

// What cannot be opened is put aside and comes again at the next start; with the
// right key it is whole.
func TestPark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "a", "b")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := open(t, dir, func(o *spool.Options) { o.Sealer = coretest.Sealer("another") })
	for range 2 {
		e, ok, err := other.Next(queue)
		if err != nil || !ok || e.Data != nil {
			t.Fatalf("%q, %v, %v", e.Data, ok, err)
		}
		if err := other.Park(queue, e); err != nil {
			t.Fatal(err)
		}
	}
	if st := other.Status(); other.Pending(queue) != 0 || len(st) != 1 || st[0].Parked != 2 {
		t.Errorf("%d wait; status %+v", other.Pending(queue), st)
	}
	if st, err := spool.Inspect(dir); err != nil || len(st) != 1 || st[0].Parked != 2 {
		t.Errorf("from outside: %+v, %v", st, err)
	}
	want(t, take(t, open(t, dir), 9), "a", "b")
}

// A file that somebody took away holds nobody up.
func TestFileGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, func(o *spool.Options) { o.SegmentBytes = 1 })
	add(t, s, "a", "b")
	if err := os.Remove(files(t, dir, "*.seg")[0]); err != nil {
		t.Fatal(err)
	}
	want(t, take(t, s, 9), "b")
}

// Many append while one takes: nothing is lost or doubled, and each one's entries
// keep their order.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 40
	s := open(t, t.TempDir(), func(o *spool.Options) { o.SegmentBytes = 1000 })
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := s.Append(queue, fmt.Appendf(nil, "%d %d", w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var got []string
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		got = append(got, take(t, s, 1000)...)
	}
	next := map[int]int{}
	for _, e := range got {
		var w, i int
		if _, err := fmt.Sscanf(e, "%d %d", &w, &i); err != nil {
			t.Fatal(err)
		}
		if next[w] != i {
			t.Fatalf("of %d came %d, expected %d", w, i, next[w])
		}
		next[w]++
	}
	if len(got) != writers*each {
		t.Errorf("%d of %d came out", len(got), writers*each)
	}
}

func TestInspectNothing(t *testing.T) {
	t.Parallel()
	if st, err := spool.Inspect(filepath.Join(t.TempDir(), "none")); err != nil || len(st) > 0 {
		t.Errorf("%v, %v", st, err)
	}
}
