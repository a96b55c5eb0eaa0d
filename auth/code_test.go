package auth_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/proto/doortest"
)

const phone = "0912345678"

func nobody() core.Actor { return core.Actor{Kind: core.ActorAnonymous} }

func challenge(t *testing.T, h *doortest.House, phone string) core.ID {
	t.Helper()
	ch, err := h.Sessions.RequestCode(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	return ch.ID
}

// wrong is a code that is not the right one.
func wrong(right string) string {
	if right == "000000" {
		return "000001"
	}
	return "000000"
}

func TestCodeLivesTenMinutes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after time.Duration
		key   string
	}{
		{0, ""},
		{auth.CodeLife - time.Microsecond, ""},
		{auth.CodeLife, "error.code.expired"},
		{auth.CodeLife + time.Hour, "error.code.expired"},
	} {
		h := doortest.New(t)
		id := challenge(t, h, phone)
		code := h.Code(id)
		h.Clock.Add(c.after)
		g, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, code)
		if c.key == "" && (err != nil || g.Assurance != core.AssuranceAddress) {
			t.Errorf("after %v: %+v, %v", c.after, g, err)
		}
		if c.key != "" && (!core.IsCode(err, core.CodeDenied) || core.ErrorKey(err) != c.key) {
			t.Errorf("after %v: %v, want %s", c.after, err, c.key)
		}
	}
}

func TestCodeWorksOnce(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	id := challenge(t, h, phone)
	code := h.Code(id)
	var good, spent atomic.Int32
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			switch _, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, code); core.ErrorKey(err) {
			case "error.code.spent", "error.code.locked":
				spent.Add(1)
			default:
				if err == nil {
					good.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if good.Load() != 1 || spent.Load() != 63 {
		t.Fatalf("%d of 64 parallel tries got in, %d were told it is spent", good.Load(), spent.Load())
	}
}

func TestFiveTriesACode(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	id := challenge(t, h, phone)
	code := h.Code(id)
	for i := range 5 {
		if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, wrong(code)); core.ErrorKey(err) != "error.code.wrong" {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, code); core.ErrorKey(err) != "error.code.spent" {
		t.Fatalf("the right code at the sixth try: %v", err)
	}
}

func TestTenTriesANumberThenLocked(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	for range 2 {
		id := challenge(t, h, phone)
		code := h.Code(id)
		for range 5 {
			_, _ = h.Sessions.VerifyCode(t.Context(), nobody(), id, wrong(code))
		}
	}
	h.Clock.Add(20 * time.Second)
	id := challenge(t, h, phone)
	_, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, h.Code(id))
	if !core.IsCode(err, core.CodeRateLimited) || core.ErrorKey(err) != "error.code.locked" {
		t.Fatalf("the eleventh try, with the right code: %v", err)
	}
	other := challenge(t, h, "0987654321")
	if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), other, h.Code(other)); err != nil {
		t.Fatalf("another number is locked too: %v", err)
	}
	h.Clock.Add(11 * time.Minute)
	id = challenge(t, h, phone)
	if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), id, h.Code(id)); err != nil {
		t.Fatalf("still locked after ten minutes: %v", err)
	}
}

func TestSendLimits(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	sent := 0
	ask := func() error {
		_, err := h.Sessions.RequestCode(t.Context(), phone)
		if err == nil {
			sent++
		}
		return err
	}
	if a, b := ask(), ask(); a != nil || b != nil {
		t.Fatal(a, b)
	}
	if err := ask(); !core.IsCode(err, core.CodeRateLimited) {
		t.Fatalf("a third code within ten seconds: %v", err)
	}
	for range 50 {
		h.Clock.Add(5 * time.Second)
		_ = ask()
	}
	if sent != 10 {
		t.Fatalf("%d codes within five minutes, want 10", sent)
	}
	for range 24 * 12 {
		h.Clock.Add(5*time.Minute - 100*time.Millisecond)
		_ = ask()
	}
	if sent > 40 { // the window of a day slides: at most 20 in each
		t.Fatalf("%d codes within a day and five minutes", sent)
	}
	jobs := 0
	if err := h.Store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		js, err := tx.Jobs().List(ctx, "", 1000)
		for _, j := range js {
			if j.Kind != auth.JobSendCode || j.Lane != core.LaneOTP {
				return fmt.Errorf("job %s in lane %s", j.Kind, j.Lane)
			}
			jobs++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if jobs != sent {
		t.Fatalf("%d jobs for %d codes", jobs, sent)
	}
}

func TestOnlyVietnameseMobiles(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	for _, n := range []string{"02838221111", "+12025550147", "1900561292", "+84900", "", "abc"} {
		if _, err := h.Sessions.RequestCode(t.Context(), n); !core.IsCode(err, core.CodeInvalid) {
			t.Errorf("a code to %q: %v", n, err)
		}
	}
}

// A code is bound to its challenge, its purpose and its number.
func TestCodeIsBound(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	k := h.Enrol(doortest.WardSaiGon)
	seen := map[string]bool{}
	var ids []core.ID
	for i := range 8 {
		id := challenge(t, h, fmt.Sprintf("091234567%d", i))
		ids = append(ids, id)
		seen[h.Code(id)] = true
	}
	if len(seen) < 7 { // two of eight may be equal by chance, once in 35,000
		t.Fatalf("%d codes for eight challenges", len(seen))
	}
	if h.Code(ids[0]) != h.Code(ids[1]) {
		if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), ids[1], h.Code(ids[0])); core.ErrorKey(err) != "error.code.wrong" {
			t.Errorf("one challenge's code for another: %v", err)
		}
	}
	var session core.TerminalSession
	a := core.Actor{Kind: core.ActorKiosk, ID: k.Info.ID}
	if err := h.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		session, err = h.Terminals.StartSession(ctx, tx, a, "vi")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	a.Session = session.ID
	if _, err := h.Terminals.VerifyCode(t.Context(), a, ids[2], h.Code(ids[2])); core.ErrorKey(err) != "error.code.wrong" {
		t.Errorf("the app's code at a terminal: %v", err)
	}
	if _, err := h.Sessions.VerifyCode(t.Context(), nobody(), core.NewID(h.Clock.Now()), "123456"); core.ErrorKey(err) != "error.code.wrong" {
		t.Errorf("an unknown challenge is told apart: %v", err)
	}
}

func TestRefreshRotatesAndReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	first := h.Citizen(phone)
	other := h.Citizen(phone) // a second device of the same person
	second, err := h.Sessions.Refresh(ctx, first.Refresh)
	if err != nil || second.Refresh == first.Refresh || second.CitizenID != first.CitizenID {
		t.Fatalf("Refresh = %+v, %v", second, err)
	}
	if !second.RefreshExpires.Equal(first.RefreshExpires) {
		t.Fatal("refreshing puts the end of the family off")
	}
	if _, err := h.Sessions.Refresh(ctx, first.Refresh); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("a used token: %v", err)
	}
	if _, err := h.Sessions.Refresh(ctx, second.Refresh); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("the family goes on after a reuse: %v", err)
	}
	if _, err := h.Tokens.Verify(second.Access, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Fatalf("the access token goes on after a reuse: %v", err)
	}
	if _, err := h.Sessions.Refresh(ctx, other.Refresh); err != nil {
		t.Fatalf("the other device was signed out too: %v", err)
	}
}

func TestParallelRefreshes(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	g := h.Citizen(phone)
	var good atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := h.Sessions.Refresh(t.Context(), g.Refresh); err == nil {
				good.Add(1)
			}
		})
	}
	wg.Wait()
	if good.Load() != 1 {
		t.Fatalf("%d of 16 parallel uses of one token were accepted", good.Load())
	}
}

func TestRefreshEnds(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	idle := h.Citizen(phone)
	h.Clock.Add(30*24*time.Hour - time.Second)
	alive, err := h.Sessions.Refresh(ctx, idle.Refresh)
	if err != nil {
		t.Fatalf("refused within 30 days: %v", err)
	}
	h.Clock.Add(30 * 24 * time.Hour)
	if _, err := h.Sessions.Refresh(ctx, alive.Refresh); core.ErrorKey(err) != "error.session.expired" {
		t.Fatalf("after 30 idle days: %v", err)
	}
	g := h.Citizen(phone)
	for range 4 {
		h.Clock.Add(22 * 24 * time.Hour)
		if g, err = h.Sessions.Refresh(ctx, g.Refresh); err != nil {
			t.Fatal(err)
		}
	}
	h.Clock.Add(2 * 24 * time.Hour)
	if _, err := h.Sessions.Refresh(ctx, g.Refresh); core.ErrorKey(err) != "error.session.expired" {
		t.Fatalf("90 days after the family began: %v", err)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	g := h.Citizen(phone)
	if err := h.Sessions.SignOut(t.Context(), g.Refresh); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions.Refresh(t.Context(), g.Refresh); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Errorf("refresh after signing out: %v", err)
	}
	if _, err := h.Tokens.Verify(g.Access, auth.AudienceApp); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Errorf("access after signing out: %v", err)
	}
	if err := h.Sessions.SignOut(t.Context(), "no such token"); err != nil {
		t.Errorf("signing out of nothing: %v", err)
	}
}

// Whoever signs in with a number that has an owner becomes that owner, and brings
// the drafts of the anonymous session along.
func TestSamePersonOnTwoDevices(t *testing.T) {
	t.Parallel()
	h := doortest.New(t)
	ctx := t.Context()
	owner := h.Citizen(phone)
	anonymous := h.Anonymous()
	step := h.App(anonymous).Start()
	a, err := h.Tokens.Verify(anonymous.Access, auth.AudienceApp)
	if err != nil {
		t.Fatal(err)
	}
	id := challenge(t, h, phone)
	g, err := h.Sessions.VerifyCode(ctx, a, id, h.Code(id))
	if err != nil || g.CitizenID != owner.CitizenID {
		t.Fatalf("VerifyCode = %+v, %v; want citizen %s", g, err, owner.CitizenID)
	}
	if err := h.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		d, err := tx.Drafts().Get(ctx, core.ID(step.GetDraftId()))
		if err == nil && d.CitizenID != owner.CitizenID {
			t.Errorf("the draft stayed with %s", d.CitizenID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions.Refresh(ctx, anonymous.Refresh); !core.IsCode(err, core.CodeUnauthenticated) {
		t.Errorf("the anonymous session goes on: %v", err)
	}
}
