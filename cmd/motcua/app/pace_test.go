package app

import (
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/shared"
)

// A vendor's allowance is kept, a person's too, and a one-time code goes before
// mass notices that keep the account busy. A fake vendor has no limit.
func TestPace(t *testing.T) {
	t.Parallel()
	load := func(api string) *App {
		cfg, err := config.Load([]string{"MOTCUA_TELEGRAM_TOKEN=1:a", "MOTCUA_TELEGRAM_WEBHOOK_SECRET=0123456789abcdef", "MOTCUA_TELEGRAM_API_URL=" + api})
		if err != nil {
			t.Fatal(err)
		}
		clock := coretest.NewClock()
		return &App{cfg: cfg, clock: clock, sealer: coretest.Sealer("pace"), shared: shared.NewLocal(clock)}
	}
	acc := channels.Account{Kind: "telegram", Name: "main"}
	caps := core.Capabilities{PerSecond: 20, PerPerson: 1}
	a := load("https://bots.example")
	clock := a.clock.(*coretest.Clock)
	send := func(lane core.Lane, person int) time.Duration {
		return a.pace(t.Context(), acc, caps, lane, string(rune('a'+person)))
	}
	sent := 0
	for n := 0; send(core.LaneBulk, n) == 0; n++ {
		sent++
	}
	if sent != 5 {
		t.Errorf("a burst of %d mass notices", sent)
	}
	for n := range 5 {
		if wait := send(core.LaneOTP, 100+n); wait > 0 {
			t.Errorf("a code waits %v for mass notices", wait)
		}
	}
	// Over a minute the account sends what it may, and no more.
	sent = 0
	for n := range 60 * 100 {
		clock.Add(10 * time.Millisecond)
		if send(core.LaneReply, 200+n) == 0 {
			sent++
		}
	}
	if sent < 20*60-20 || sent > 20*60+20 {
		t.Errorf("%d in a minute at 20 a second", sent)
	}
	clock.Add(time.Minute)
	sent = 0
	for send(core.LaneReply, 1) == 0 {
		sent++
	}
	if sent != personBurst {
		t.Errorf("one person is sent %d at once", sent)
	}
	if wait := send(core.LaneReply, 1); wait <= 0 || wait > time.Second {
		t.Errorf("and then waits %v", wait)
	}
	if wait := send(core.LaneReply, 2); wait > 0 {
		t.Errorf("and another person %v", wait)
	}
	a = load("http://127.0.0.1:9")
	for range 100 {
		if wait := send(core.LaneBulk, 1); wait > 0 {
			t.Fatalf("a fake vendor has the limit %v", wait)
		}
	}
}
