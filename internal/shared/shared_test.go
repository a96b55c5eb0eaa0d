package shared_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/shared"
)

// shares is what every implementation can do.
type shares interface {
	shared.Limiter
	shared.Presence
	shared.Cache
	shared.Fanout
}

// node is one implementation with a way to let time pass, and another node of the
// same installation where it has any.
type node struct {
	shares
	other shares // itself when it is alone
	pass  func(t *testing.T, d time.Duration)
}

func local(*testing.T) node {
	c := coretest.NewClock()
	l := shared.NewLocal(c)
	return node{l, l, func(_ *testing.T, d time.Duration) { c.Add(d) }}
}

func startRedis(t *testing.T) *devsvc.Redis {
	t.Helper()
	server, err := devsvc.StartRedis(t.Context(), devsvc.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func connect(t *testing.T, url string) *shared.Redis {
	t.Helper()
	r, err := shared.OpenRedis(url, "test:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// wait lets real time pass: the server has a clock of its own.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

func overRedis(t *testing.T) node {
	url := startRedis(t).URL()
	return node{connect(t, url), connect(t, url), wait}
}

// fallback is what the program uses: Redis with the node's own behind it.
func fallback(t *testing.T) node {
	url := startRedis(t).URL()
	open := func() shares {
		return shared.Fallback{First: connect(t, url), Second: shared.NewLocal(core.SystemClock{}), Failed: func(err error) { t.Error(err) }}
	}
	return node{open(), open(), wait}
}

// TestContract holds every implementation to the same promises.
func TestContract(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) node{"local": local, "redis": overRedis, "fallback": fallback} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := open(t)
			burst(t, n)
			concurrent(t, n)
			presence(t, n)
			cache(t, n)
			fanout(t, n)
		})
	}
}

// burst: so many at once, then one after each interval; keys are apart.
func burst(t *testing.T, l node) {
	t.Helper()
	r := shared.Rate{Burst: 3, Every: 300 * time.Millisecond}
	for i := range 3 {
		if wait, ok, err := l.Take(t.Context(), "a", r); err != nil || !ok || wait != 0 {
			t.Fatalf("take %d: %v %v %v", i, wait, ok, err)
		}
	}
	wait, ok, err := l.Take(t.Context(), "a", r)
	if err != nil || ok || wait <= 0 || wait > r.Every {
		t.Fatalf("the fourth: %v %v %v", wait, ok, err)
	}
	if _, ok, err := l.Take(t.Context(), "b", r); err != nil || !ok {
		t.Fatalf("another key: %v %v", ok, err)
	}
	l.pass(t, wait+2*time.Millisecond)
	if _, ok, err := l.Take(t.Context(), "a", r); err != nil || !ok {
		t.Fatalf("after the wait: %v %v", ok, err)
	}
}

// concurrent: many at the same time get the burst and no more.
func concurrent(t *testing.T, l node) {
	t.Helper()
	r := shared.Rate{Burst: 10, Every: time.Hour}
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			_, ok, err := l.Take(context.WithoutCancel(t.Context()), "many", r)
			if err != nil {
				t.Error(err)
			}
			if ok {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if n := taken.Load(); n != 10 {
		t.Errorf("%d of a burst of 10 were taken", n)
	}
}

// presence: who said so is there, on every node, until their time is over.
func presence(t *testing.T, n node) {
	t.Helper()
	ctx := t.Context()
	beat := func(by shares, group, member string, ttl time.Duration) {
		t.Helper()
		if err := by.Beat(ctx, group, member, ttl); err != nil {
			t.Fatal(err)
		}
	}
	there := func(by shares, group string, want ...string) {
		t.Helper()
		if got, err := by.Present(ctx, group); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v %v are present, want %v", got, err, want)
		}
	}
	there(n, "officers")
	beat(n, "officers", "b", time.Hour)
	beat(n.other, "officers", "a", 200*time.Millisecond)
	beat(n, "kiosks", "k", time.Hour)
	there(n, "officers", "a", "b")
	there(n.other, "officers", "a", "b")
	n.pass(t, 250*time.Millisecond)
	there(n, "officers", "b")
	beat(n, "officers", "b", 100*time.Millisecond) // a later word counts, shorter or not
	n.pass(t, 150*time.Millisecond)
	there(n.other, "officers")
	there(n, "kiosks", "k")
}

// cache: what was set is there on every node until its time is over or it is
// deleted, byte for byte; what is too large is refused.
func cache(t *testing.T, n node) {
	t.Helper()
	ctx := t.Context()
	has := func(by shares, key string, want []byte) {
		t.Helper()
		if got, ok, err := by.Get(ctx, key); err != nil || ok != (want != nil) || !bytes.Equal(got, want) {
			t.Fatalf("%q is %q %v %v, want %q", key, got, ok, err, want)
		}
	}
	set := func(key string, v []byte, ttl time.Duration) {
		t.Helper()
		if err := n.Set(ctx, key, v, ttl); err != nil {
			t.Fatal(err)
		}
	}
	value := []byte("a\x00\xff b")
	has(n, "k", nil)
	set("k", value, time.Hour)
	set("short", []byte{}, 200*time.Millisecond)
	has(n, "k", bytes.Clone(value))
	has(n.other, "k", bytes.Clone(value))
	value[0] = 'z' // the cache has its own copy
	has(n, "k", []byte("a\x00\xff b"))
	has(n, "short", []byte{})
	n.pass(t, 250*time.Millisecond)
	has(n, "short", nil)
	set("k", []byte("new"), time.Hour)
	has(n.other, "k", []byte("new"))
	if err := n.Delete(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	has(n, "k", nil)
	if err := n.Set(ctx, "big", make([]byte, shared.MaxValue+1), time.Hour); !core.IsCode(err, core.CodeInvalid) {
		t.Fatalf("too large: %v", err)
	}
}

// fanout: every node hears a message once and in order, whoever says it, and
// nothing of another topic.
func fanout(t *testing.T, n node) {
	t.Helper()
	here, there := make(chan string, 1000), make(chan string, 1000)
	n.Subscribe("news", func(m []byte) { here <- string(m) })
	n.other.Subscribe("news", func(m []byte) { there <- string(m) })
	n.Subscribe("quiet", func(m []byte) { here <- "quiet: " + string(m) })
	publish := func(by shares, m string) {
		t.Helper()
		if err := by.Publish(t.Context(), "news", []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(ch chan string, want string) {
		t.Helper()
		select {
		case got := <-ch:
			if got != want {
				t.Fatalf("heard %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%q was not heard", want)
		}
	}
	// Joining takes a moment: a node calls until the other one has heard it.
	joined := func(from shares, call string, ch chan string) {
		t.Helper()
		for range 200 {
			publish(from, call)
			timeout := time.After(50 * time.Millisecond)
			for waiting := true; waiting; {
				select {
				case got := <-ch:
					if got == call {
						return
					}
				case <-timeout:
					waiting = false
				}
			}
		}
		t.Fatal("nobody joined")
	}
	joined(n, "join 1", there)
	joined(n.other, "join 2", here)
	for _, last := range []string{"end 1", "end 2"} { // what was called before has arrived with it
		publish(map[string]shares{"end 1": n, "end 2": n.other}[last], last)
		for _, ch := range []chan string{here, there} {
			for m := ""; m != last; m = <-ch {
				if m != "" && !strings.HasPrefix(m, "join") {
					t.Fatalf("heard %q", m)
				}
			}
		}
	}
	for i := range 100 {
		publish(n, strconv.Itoa(i))
	}
	for i := range 100 {
		hear(here, strconv.Itoa(i))
		hear(there, strconv.Itoa(i))
	}
	publish(n.other, "back") // a node that is alone has two subscribers
	hear(here, "back")
	hear(there, "back")
	if len(here)+len(there) > 0 {
		t.Fatalf("heard %d messages too many", len(here)+len(there))
	}
}

// A lost Redis leaves what the node knows itself in force, and one that comes back
// is used again; a flushed one has forgotten, and that is all.
func TestRedisLostAndFlushed(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	var failures atomic.Int64
	f := shared.Fallback{First: connect(t, server.URL()), Second: shared.NewLocal(core.SystemClock{}), Failed: func(err error) {
		failures.Add(1)
		if !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("failure %v", err)
		}
	}}
	ctx := t.Context()
	r := shared.Rate{Burst: 2, Every: time.Hour}
	takes := func(when string, want ...bool) {
		t.Helper()
		for i, ok := range want {
			if _, got, err := f.Take(ctx, "k", r); err != nil || got != ok {
				t.Errorf("%s, take %d: %v %v, want %v", when, i, got, err, ok)
			}
		}
	}
	if err := errors.Join(f.Beat(ctx, "officers", "a", time.Hour), f.Set(ctx, "key", []byte("v"), time.Hour)); err != nil {
		t.Fatal(err)
	}
	takes("with Redis", true, true, false)
	if failures.Load() != 0 {
		t.Fatalf("%d failures with Redis there", failures.Load())
	}
	server.Kill9()
	takes("without", true, true, false)
	heard := 0
	f.Subscribe("news", func([]byte) { heard++ })
	if err := f.Publish(ctx, "news", nil); err != nil || heard != 1 {
		t.Errorf("without: %d messages heard, %v", heard, err)
	}
	if who, err := f.Present(ctx, "officers"); err != nil || !slices.Equal(who, []string{"a"}) {
		t.Errorf("without: %v %v are present", who, err)
	}
	if v, ok, err := f.Get(ctx, "key"); err != nil || !ok || string(v) != "v" {
		t.Errorf("without: the value is %q %v %v", v, ok, err)
	}
	if err := f.Delete(ctx, "key"); !core.IsCode(err, core.CodeUnavailable) {
		t.Errorf("without: a deletion that others did not hear of: %v", err)
	}
	if failures.Load() < 5 {
		t.Errorf("%d failures told", failures.Load())
	}
	if err := server.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	before := failures.Load()
	takes("with an empty Redis again", true, true, false)
	if err := server.FlushAll(ctx); err != nil {
		t.Fatal(err)
	}
	takes("after a flush", true, true, false)
	if who, err := f.Present(ctx, "officers"); err != nil || len(who) != 0 {
		t.Errorf("with an empty Redis again: %v %v", who, err)
	}
	if got := failures.Load(); got != before {
		t.Errorf("%d failures after Redis came back", got-before)
	}
}

func TestOpenRedisRefusesNoURL(t *testing.T) {
	t.Parallel()
	if _, err := shared.OpenRedis("not a url", ""); !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("%v", err)
	}
}
