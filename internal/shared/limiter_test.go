package shared_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/shared"
)

// limiter is one implementation with a way to let time pass.
type limiter struct {
	shared.Limiter
	pass func(t *testing.T, d time.Duration)
}

func local(*testing.T) limiter {
	c := coretest.NewClock()
	return limiter{shared.NewLocal(c), func(_ *testing.T, d time.Duration) { c.Add(d) }}
}

func overRedis(t *testing.T) limiter {
	server, err := devsvc.StartRedis(t.Context(), devsvc.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	r, err := shared.OpenRedis(server.URL(), "test:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return limiter{r, func(t *testing.T, d time.Duration) {
		t.Helper()
		select {
		case <-time.After(d):
		case <-t.Context().Done():
		}
	}}
}

func TestLimiters(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) limiter{"local": local, "redis": overRedis} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t)
			burst(t, l)
			concurrent(t, l)
		})
	}
}

// burst: so many at once, then one after each interval; keys are apart.
func burst(t *testing.T, l limiter) {
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
func concurrent(t *testing.T, l limiter) {
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

// A lost Redis leaves the node's own limits in force.
func TestFallback(t *testing.T) {
	t.Parallel()
	dead, err := shared.OpenRedis("redis://127.0.0.1:1/0", "test:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dead.Close(); err != nil {
			t.Error(err)
		}
	})
	failures := 0
	f := shared.Fallback{First: dead, Second: shared.NewLocal(coretest.NewClock()), Failed: func(err error) {
		failures++
		if !core.IsCode(err, core.CodeUnavailable) {
			t.Errorf("failure %v", err)
		}
	}}
	r := shared.Rate{Burst: 2, Every: time.Minute}
	for i, want := range []bool{true, true, false} {
		if _, ok, err := f.Take(t.Context(), "k", r); err != nil || ok != want {
			t.Errorf("take %d: %v %v", i, ok, err)
		}
	}
	if failures != 3 {
		t.Errorf("%d failures told", failures)
	}
}

func TestOpenRedisRefusesNoURL(t *testing.T) {
	t.Parallel()
	if _, err := shared.OpenRedis("not a url", ""); !core.IsCode(err, core.CodeInvalid) {
		t.Errorf("%v", err)
	}
}
