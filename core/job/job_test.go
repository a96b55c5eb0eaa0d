package job

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
)

func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second,
		10: 512 * time.Second, 11: 10 * time.Minute, 1000: 10 * time.Minute} {
		for _, random := range []float64{0, 0.25, 0.5, 0.999} {
			got := DefaultBackoff(n, random)
			if got < want*3/4 || got > want*5/4 {
				t.Errorf("DefaultBackoff(%d, %v) = %v, want %v ± a quarter", n, random, got, want)
			}
		}
	}
	if DefaultBackoff(3, 0) == DefaultBackoff(3, 0.9) {
		t.Error("no jitter")
	}
}

func TestCauseOf(t *testing.T) {
	t.Parallel()
	secret := core.E(core.CodeUnavailable, "notice.send", "send.failed", errors.New("token 123"))
	secret.Args = map[string]string{"name": "Nguyễn"}
	if got, want := causeOf(secret), "notice.send: unavailable (send.failed)"; got != want {
		t.Errorf("causeOf = %q, want %q", got, want)
	}
	for _, s := range []string{strings.Repeat("ộ", 400), "a\x00b", "\xff\xfe"} {
		got := causeOf(errors.New(s))
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) || len(got) > 310 {
			t.Errorf("causeOf(%.10q…) = %q", s, got)
		}
	}
}

func TestControlErrors(t *testing.T) {
	t.Parallel()
	inner := errors.New("refused")
	if !errors.Is(Cancel(inner), inner) || Cancel(nil) == nil {
		t.Error("Cancel loses its cause")
	}
	var s *snoozeError
	if !errors.As(Snooze(-time.Second), &s) || s.after != 0 {
		t.Error("Snooze takes a negative time")
	}
	var p *pauseError
	if !errors.As(Pause("a/b", time.Minute), &p) || p.account != "a/b" || p.after != time.Minute {
		t.Error("Pause loses its account")
	}
}

func TestRegistryRefuses(t *testing.T) {
	t.Parallel()
	h := func(context.Context, *Run) error { return nil }
	for name, specs := range map[string][]Spec{
		"no kind":    {{Handle: h}},
		"no handler": {{Kind: "a"}},
		"twice":      {{Kind: "a", Handle: h}, {Kind: "a", Handle: h}},
	} {
		if _, err := NewRegistry(specs...); !core.IsCode(err, core.CodeInternal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, err := NewRegistry(Spec{Kind: "a", Handle: h})
	if err != nil {
		t.Fatal(err)
	}
	if s := g.specs["a"]; s.MaxAttempts <= 0 || s.Timeout <= 0 || s.Backoff == nil {
		t.Errorf("no defaults: %+v", s)
	}
	if _, err := New(nil, g, Options{Node: "n"}); !core.IsCode(err, core.CodeInternal) {
		t.Errorf("New without a store: %v", err)
	}
}
