package notify_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/notify"
	"pgregory.net/rapid"
)

func city(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, core.City)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func line(seq int, from, to core.DossierState, who core.ActorKind) core.DossierEvent {
	return core.DossierEvent{Seq: seq, From: from, To: to, Actor: who}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, want string }{
		{"2026-11-02 07:29", "2026-11-02 07:30"}, {"2026-11-02 07:30", "2026-11-02 07:30"},
		{"2026-11-02 12:00", "2026-11-02 12:00"}, {"2026-11-02 20:59", "2026-11-02 20:59"},
		{"2026-11-02 21:00", "2026-11-03 07:30"}, {"2026-11-02 23:59", "2026-11-03 07:30"},
		{"2026-11-03 00:00", "2026-11-03 07:30"}, {"2026-12-31 22:10", "2027-01-01 07:30"},
	} {
		if got := notify.Awake(city(t, c.at).UTC()); !got.Equal(city(t, c.want)) {
			t.Errorf("Awake(%s) = %v, want %s", c.at, got.In(core.City), c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "at"), 0)
		got := notify.Awake(at)
		if got.Before(at) || notify.Quiet(got) || got.Sub(at) > 10*time.Hour+30*time.Minute || !notify.Quiet(at) && !got.Equal(at) {
			t.Fatalf("Awake(%v) = %v", at, got)
		}
	})
}

func TestDecide(t *testing.T) {
	t.Parallel()
	officer, citizen := core.ActorOfficer, core.ActorCitizen
	day := city(t, "2026-11-02 10:00")
	chat := core.Address{ID: "chat", Channel: "chat", Assurance: 1}
	stopped := core.Address{ID: "stopped", Channel: "chat", Assurance: 1, NoNotices: true}
	screen := core.Address{ID: "screen", Channel: "screen"}
	phone := core.Address{ID: "phone", Channel: "phone", Assurance: 1}
	accepted := []core.DossierEvent{line(1, 0, 1, citizen), line(2, 1, 2, officer)}
	for _, c := range []struct {
		name string
		in   notify.Case
		why  notify.Why
		conv core.ID
		addr core.ID
		tel  string
		at   string
	}{
		{name: "where it was filed", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &chat}, conv: "v"},
		{name: "a submission is answered on the spot", in: notify.Case{Seq: 1, Timeline: accepted[:1], ConvID: "v", ConvAddr: &chat}, why: notify.WhyNotTold},
		{name: "a citizen's own act too", in: notify.Case{Seq: 3, Timeline: append(accepted[:2:2], line(3, 2, 7, citizen)), ConvID: "v", ConvAddr: &chat}, why: notify.WhyNotTold},
		{name: "no such line", in: notify.Case{Seq: 9, Timeline: accepted, ConvID: "v", ConvAddr: &chat}, why: notify.WhyUnknownLine},
		{name: "told before", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &chat, LastSeq: 2}, why: notify.WhyTold},
		{name: "a later line was told", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &chat, LastSeq: 3}, why: notify.WhyTold},
		{name: "a later line takes its place", in: notify.Case{Seq: 2, Timeline: append(accepted[:2:2], line(3, 2, 4, officer)), ConvID: "v", ConvAddr: &chat}, why: notify.WhySuperseded},
		{name: "a citizen's later act does not", in: notify.Case{Seq: 2, Timeline: append(accepted[:2:2], line(3, 2, 7, citizen)), ConvID: "v", ConvAddr: &chat}, conv: "v"},
		{name: "at night it waits", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &chat, Now: city(t, "2026-11-02 22:10")}, why: notify.WhyWaits, at: "2026-11-03 07:30"},
		{name: "an urgent one waits at night as well", in: notify.Case{Seq: 3, Timeline: append(accepted[:2:2], line(3, 2, 5, officer)), ConvID: "v", ConvAddr: &chat, Now: city(t, "2026-11-02 22:10")}, why: notify.WhyWaits, at: "2026-11-03 07:30"},
		{name: "soon after another it waits", in: notify.Case{Seq: 3, Timeline: append(accepted[:2:2], line(3, 2, 4, officer)), ConvID: "v", ConvAddr: &chat, LastSeq: 2, LastTold: city(t, "2026-11-02 09:55")}, why: notify.WhyWaits, at: "2026-11-02 10:05"},
		{name: "ten minutes after it does not", in: notify.Case{Seq: 3, Timeline: append(accepted[:2:2], line(3, 2, 4, officer)), ConvID: "v", ConvAddr: &chat, LastSeq: 2, LastTold: city(t, "2026-11-02 09:50")}, conv: "v"},
		{name: "a request never waits behind another", in: notify.Case{Seq: 3, Timeline: append(accepted[:2:2], line(3, 2, 5, officer)), ConvID: "v", ConvAddr: &chat, LastSeq: 2, LastTold: city(t, "2026-11-02 09:59")}, conv: "v"},
		{name: "stopped where it was filed: nowhere else", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &stopped, Addresses: []core.Address{chat}, Phone: "+84901234567"}, why: notify.WhyStopped},
		{name: "a screen cannot be written to: the phone", in: notify.Case{Seq: 2, Timeline: accepted, ConvID: "v", ConvAddr: &screen, Phone: "+84901234567"}, tel: "+84901234567"},
		{name: "the citizen's proved address before the phone", in: notify.Case{Seq: 2, Timeline: accepted, Addresses: []core.Address{screen, chat}, Phone: "+84901234567"}, addr: "chat"},
		{name: "the better proved address", in: notify.Case{Seq: 2, Timeline: accepted, Addresses: []core.Address{chat, {ID: "eid", Channel: "chat", Assurance: 2}}}, addr: "eid"},
		{name: "an unproved address is not used", in: notify.Case{Seq: 2, Timeline: accepted, Addresses: []core.Address{{ID: "x", Channel: "chat"}}}, why: notify.WhyNoAddress},
		{name: "a stopped address is not passed by", in: notify.Case{Seq: 2, Timeline: accepted, Addresses: []core.Address{stopped}, Phone: "+84901234567"}, why: notify.WhyStopped},
		{name: "a known address of the phone", in: notify.Case{Seq: 2, Timeline: accepted, Phone: "+84901234567", PhoneAddr: &phone}, addr: "phone"},
		{name: "a phone that stopped notices", in: notify.Case{Seq: 2, Timeline: accepted, Phone: "+84901234567", PhoneAddr: &stopped}, why: notify.WhyStopped},
		{name: "nobody to tell", in: notify.Case{Seq: 2, Timeline: accepted}, why: notify.WhyNoAddress},
	} {
		c.in.Pushes = func(channel string) bool { return channel != "screen" }
		if c.in.Now.IsZero() {
			c.in.Now = day
		}
		d := notify.Decide(c.in)
		addr := core.ID("")
		if d.Address != nil {
			addr = d.Address.ID
		}
		if d.Why != c.why || d.ConvID != c.conv || addr != c.addr || d.Phone != c.tel {
			t.Errorf("%s: %q to conversation %q, address %q, phone %q", c.name, d.Why, d.ConvID, addr, d.Phone)
		}
		if c.at != "" && !d.RunAt.Equal(city(t, c.at)) {
			t.Errorf("%s: at %v, want %s", c.name, d.RunAt.In(core.City), c.at)
		}
	}
}

// Whatever the timeline, at most the newest line is told, never in quiet hours and
// never to an address whose owner stopped notices.
func TestDecideNeverSaysTooMuch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		address := func(label string) core.Address {
			return core.Address{
				ID: core.ID(label), Channel: rapid.SampledFrom([]string{"chat", "screen", "phone"}).Draw(t, label+" channel"),
				Assurance: core.Assurance(rapid.IntRange(0, 2).Draw(t, label+" assurance")), NoNotices: rapid.Bool().Draw(t, label+" stopped"),
			}
		}
		c := notify.Case{
			Now: time.Unix(rapid.Int64Range(1_790_000_000, 1_800_000_000).Draw(t, "now"), 0), LastSeq: rapid.IntRange(0, 4).Draw(t, "last"),
			Pushes: func(channel string) bool { return channel != "screen" },
		}
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			c.Timeline = append(c.Timeline, line(i+1, core.DossierState(rapid.IntRange(0, 10).Draw(t, "from")), core.DossierState(rapid.IntRange(1, 10).Draw(t, "to")),
				rapid.SampledFrom([]core.ActorKind{core.ActorOfficer, core.ActorCitizen, core.ActorAgency, core.ActorKiosk}).Draw(t, "who")))
		}
		if rapid.Bool().Draw(t, "conversation") {
			a := address("filed")
			c.ConvID, c.ConvAddr = "v", &a
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "others") {
			c.Addresses = append(c.Addresses, address(string(rune('a'+i))))
		}
		told := 0
		for seq := range len(c.Timeline) + 2 {
			c.Seq = seq
			d := notify.Decide(c)
			if d.Why != "" {
				if d.ConvID != "" || d.Address != nil || d.Phone != "" {
					t.Fatalf("line %d is not told (%s) and aimed: %+v", seq, d.Why, d)
				}
				continue
			}
			told++
			switch {
			case notify.Quiet(c.Now):
				t.Fatalf("line %d is told at %v", seq, c.Now.In(core.City))
			case seq <= c.LastSeq:
				t.Fatalf("line %d is told after line %d", seq, c.LastSeq)
			case d.ConvID != "" && (c.ConvAddr.NoNotices || c.ConvAddr.Channel == "screen"):
				t.Fatalf("told in a conversation that is stopped or cannot be written to")
			case d.Address != nil && (d.Address.NoNotices || d.Address.Channel == "screen"):
				t.Fatalf("told to %+v", d.Address)
			case d.ConvID == "" && d.Address == nil && d.Phone == "":
				t.Fatalf("told to nobody")
			}
		}
		if told > 1 {
			t.Fatalf("%d lines of one timeline are told", told)
		}
	})
}
