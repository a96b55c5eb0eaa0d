package channels_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/internal/simkit"
)

// Each interleaving is one citizen (or two, or a citizen and an officer) whose
// messages, presses and calls arrive duplicated, out of order, at once and with
// lost answers. Whatever the order was, it must have been one that could have
// happened one after another: each event has one effect, turns of a conversation
// follow each other without a gap, and taking the committed events again in their
// order, alone, says and stores the very same.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		plan        plan
		n, inAHurry int
	}{
		{"one node", plan{}, 500, 60},
		{"two nodes", plan{nodes: 2}, 350, 40},
		{"two nodes on postgres", plan{nodes: 2, postgres: true}, 150, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := c.n
			if testing.Short() {
				n = c.inAHurry
			}
			seed := uint64(20261123) // a new one with the full counts
			if os.Getenv("CHECK") == "full" {
				seed = uint64(time.Now().UnixNano())
			}
			if s := os.Getenv("MOTCUA_INTERLEAVE_SEED"); s != "" {
				var err error
				if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
					t.Fatal(err)
				}
			}
			c := newCrowd(t, c.plan, seed)
			for done := 0; done < n && !t.Failed(); {
				some := min(atOnce, n-done)
				c.batch(done, some)
				done += some
			}
			c.finish()
			if t.Failed() {
				t.Logf("draw the same again with MOTCUA_INTERLEAVE_SEED=%d", seed)
			}
		})
	}
}

// atOnce is how many interleavings play at once: few, so that it is mostly the
// messages of one person that meet.
const atOnce = 5

// crowd is the citizens of one rig.
type crowd struct {
	*rig
	t         *testing.T
	rng       *lockedRand
	questions core.TurnRow // a name is asked for
	summary   core.TurnRow // nothing is left to answer
	paper     core.TurnRow // a paper is asked for
	consent   string       // the choice that files, in summary
	officer   string       // a token
	filed     atomic.Int64 // dossiers there must be
	copies    atomic.Int64 // requests beside those that the vendor made
	updates   int          // things the vendor was given to deliver
}

// lockedRand draws for many goroutines.
type lockedRand struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (l *lockedRand) n(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.IntN(n)
}

func newCrowd(t *testing.T, p plan, seed uint64) *crowd {
	t.Helper()
	c := &crowd{rig: newRig(t, p), t: t, rng: &lockedRand{r: rand.New(rand.NewPCG(seed, 1))}}
	c.prepare()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/{channel}/{account}", c.front)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	if err := c.adapter.SetWebhook(t.Context(), server.URL+chatPath); err != nil {
		t.Fatal(err)
	}
	// Not everything comes twice: a message that was acknowledged and lost would
	// come again, and nobody would notice.
	c.bot.SetDeliveryFaults(simkit.DeliveryFaults{Reorder: true, LoseAnswerPercent: 15, LosePercent: 5, Seed: seed})
	token, _, err := c.tokens.MintOfficer(auth.Officer{ID: core.NewID(c.clock.Now()), Office: "*", Name: "Trần Văn Bình"})
	if err != nil {
		t.Fatal(err)
	}
	c.officer = token
	return c
}

// prepare talks once, alone, up to the places where interleavings begin.
func (c *crowd) prepare() {
	const person, withPaper = 1, 2
	words := append(answering(), "Trần Thị Mai", "079190001234", "12 Lê Lợi, phường Sài Gòn", "bản thân", "4/9/1990", "kinh",
		"1", "2", "vay vốn ngân hàng", "1", "0912345678", "không", "không")
	for _, who := range []int64{withPaper, person} {
		for i, w := range words {
			if i == len(words)-1 && who == withPaper {
				w = "có"
			}
			if err := c.gateways[0].Deliver(c.t.Context(), say(c.rig, who, i, w)); err != nil {
				c.t.Fatal(err)
			}
			if i == len(answering())-1 {
				c.questions, _ = c.row(who)
			}
		}
	}
	c.paper, _ = c.row(withPaper)
	c.summary, _ = c.row(person)
	turns := c.ledger.of(c.summary.Conversation.ID)
	if len(turns) != len(words) {
		c.t.Fatalf("%d turns of %d messages", len(turns), len(words))
	}
	for _, p := range turns[len(turns)-1].prompts {
		for _, ch := range p.Choices {
			if ch.Key == "choice.consent" {
				c.consent = ch.ID
			}
		}
	}
	if c.consent == "" {
		c.t.Fatalf("the talk did not come to the summary but to %+v", turns[len(turns)-1].prompts)
	}
}

// front stands where a balancer does: it hands a request to any node, and now and
// then the same request to some at once.
func (c *crowd) front(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
		return
	}
	n := 1
	if c.rng.n(3) == 0 {
		n = 2 + c.rng.n(2)
		c.copies.Add(int64(n - 1))
	}
	answers := make([]*httptest.ResponseRecorder, n)
	var wg sync.WaitGroup
	for i := range n {
		node := c.rng.n(len(c.gateways))
		wg.Go(func() {
			ctx, visit := c.ledger.visiting(r.Context(), node)
			req := r.Clone(ctx)
			req.Body = io.NopCloser(bytes.NewReader(body))
			answers[i] = httptest.NewRecorder()
			c.gateways[node].ServeHTTP(answers[i], req)
			visit.ends()
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a.Code != http.StatusOK {
			c.t.Errorf("a webhook was answered %d", a.Code)
		}
	}
	w.WriteHeader(answers[0].Code)
}

// join lets a person stand where row stands, known to the app as a citizen.
func (c *crowd) join(person int64, row core.TurnRow, citizen core.ID) core.TurnRow {
	c.t.Helper()
	now := c.clock.Now()
	row.Address.ID, row.Address.External = core.NewID(now), core.Sealed(strconv.FormatInt(person, 10))
	draft := *row.Draft
	draft.ID, draft.CitizenID = core.NewID(now), citizen
	row.Conversation.ID, row.Conversation.AddressID = core.NewID(now), row.Address.ID
	row.Conversation.DraftID, row.Conversation.CitizenID = draft.ID, citizen
	c.write(func(ctx context.Context, tx core.Tx) error {
		if err := tx.Addresses().Insert(ctx, row.Address); err != nil {
			return err
		}
		if err := tx.Drafts().Insert(ctx, draft); err != nil {
			return err
		}
		return tx.Conversations().Insert(ctx, row.Conversation)
	})
	stored, _ := c.row(person)
	return stored
}

// visitor is one person of an interleaving.
type visitor struct {
	c      *crowd
	p      *simkit.TelegramPerson
	begin  core.TurnRow // Version 0 for somebody who never wrote
	events []string     // ids of what they did
}

func (c *crowd) visitor(person int64, begin core.TurnRow) *visitor {
	return &visitor{c: c, p: c.bot.Person(person, "Mai", "vi"), begin: begin}
}

func (v *visitor) say(text string) {
	id, err := v.p.Say(text)
	if err != nil {
		v.c.t.Fatal(err)
	}
	v.events = append(v.events, strconv.FormatInt(id, 10))
}

func (v *visitor) press(data string) {
	id, err := v.p.PressData(1, data)
	if err != nil {
		v.c.t.Fatal(err)
	}
	v.events = append(v.events, "press:"+id)
}

// caller makes RPCs while the webhooks arrive.
type caller func()

// story sets one interleaving up, and gives the calls made beside it and what is
// checked after it.
type story func(c *crowd, person int64) (calls []caller, check func())

// batch plays n interleavings at once.
func (c *crowd) batch(from, n int) {
	c.t.Helper()
	stories := []story{answers, answers, answers, firstWords, filing, filing, appBesideChat, deskBesideCitizen, movingOn, answers}
	var calls []caller
	var checks []func()
	before := c.bot.Waiting()
	for i := range n {
		more, check := stories[(from+i)%len(stories)](c, int64(10_000+from+i))
		calls = append(calls, more...)
		checks = append(checks, check)
	}
	c.updates += c.bot.Waiting() - before
	c.rng.mu.Lock()
	c.rng.r.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	c.rng.mu.Unlock()
	var wg sync.WaitGroup
	for part := range slices.Chunk(calls, len(calls)/6+1) {
		wg.Go(func() {
			for _, call := range part {
				call()
			}
		})
	}
	c.deliver()
	wg.Wait()
	for _, check := range checks {
		check()
	}
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	for _, who := range c.ledger.overlaps {
		c.t.Errorf("two turns of %s at once", who)
	}
}

// deliver lets the vendor deliver until nothing is left.
func (c *crowd) deliver() {
	ctx := c.t.Context()
	var busy atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			tick := time.NewTicker(200 * time.Microsecond)
			defer tick.Stop()
			for c.bot.Waiting() > 0 && ctx.Err() == nil {
				busy.Add(1)
				_, ok := c.bot.Step(ctx, c.rng.n)
				if rest := busy.Add(-1); ok {
					continue
				} else if rest == 0 {
					c.vendors.Advance(time.Second) // all that is left waits for its time
				}
				<-tick.C
			}
		})
	}
	wg.Wait()
}

// turns checks that each event of a visitor had one effect, one after another, and
// gives them in their order.
func (v *visitor) turns() (core.TurnRow, []turnRecord) {
	t := v.c.t
	end, ok := v.c.row(v.p.ID)
	if !ok {
		t.Errorf("person %d left no trace", v.p.ID)
		return end, nil
	}
	turns := slices.DeleteFunc(v.c.ledger.of(end.Conversation.ID), func(r turnRecord) bool {
		return r.version <= v.begin.Conversation.Version
	})
	var seen []string
	for i, turn := range turns {
		if want := v.begin.Conversation.Version + int64(i) + 1; turn.version != want {
			t.Errorf("person %d: turn %d made version %d, want %d", v.p.ID, i, turn.version, want)
		}
		seen = append(seen, turn.event)
	}
	for _, id := range v.events {
		if n := v.c.ledger.rows(id); n != 1 {
			t.Errorf("person %d: event %s was taken %d times", v.p.ID, id, n)
		}
	}
	slices.Sort(seen)
	want := slices.Sorted(slices.Values(v.events))
	if !slices.Equal(seen, want) {
		t.Errorf("person %d: turns of %v for events %v", v.p.ID, seen, want)
	}
	if n := int64(len(turns)); end.Conversation.Version != v.begin.Conversation.Version+n {
		t.Errorf("person %d: version %d after %d turns from %d", v.p.ID, end.Conversation.Version, n, v.begin.Conversation.Version)
	}
	return end, turns
}

// again takes the events of a visitor in the order they were committed, alone, and
// compares what is said and what is left.
func (v *visitor) again() {
	t := v.c.t
	end, turns := v.turns()
	row := v.begin
	if row.Conversation.Version == 0 {
		row.Address = end.Address
		row.Conversation = core.Conversation{
			ID: end.Conversation.ID, AddressID: end.Address.ID, Channel: "telegram", Account: "main", Locale: "vi",
			CreatedAt: end.Conversation.CreatedAt, UpdatedAt: end.Conversation.CreatedAt,
		}
	}
	now := v.c.clock.Now()
	drafts := map[core.ID]core.Draft{}
	if row.Draft != nil {
		drafts[row.Draft.ID] = *row.Draft
	}
	for _, turn := range turns {
		ev, ok := v.c.adapter.event(turn.event)
		if !ok {
			t.Errorf("event %s was never parsed", turn.event)
			return
		}
		out := v.c.engine.Turn(dialog.Input{
			Event: ev, Row: row, Found: found(drafts, v.c.engine.Want(row, ev, v.c.adapter.Capabilities())), Caps: v.c.adapter.Capabilities(), Now: now, BaseURL: publicURL,
			NewID:  func() core.ID { return core.NewID(now) },
			Random: func(n int) []byte { return make([]byte, n) },
		})
		if diff := cmp.Diff(readable(t, out.Prompts), readable(t, turn.prompts)); diff != "" {
			t.Errorf("person %d, event %s: said alone and in the crowd (-alone +crowd)\n%s", v.p.ID, turn.event, diff)
			return
		}
		row.Conversation = out.Conversation
		row.Conversation.Version++
		if out.Draft != nil {
			d := *out.Draft
			d.Version++
			drafts[d.ID] = d
		}
		row.Draft = nil
		if d, ok := drafts[row.Conversation.DraftID]; ok {
			row.Draft = &d
		}
	}
	if !bytes.Equal(row.Conversation.State, end.Conversation.State) {
		t.Errorf("person %d: the conversation stands elsewhere", v.p.ID)
	}
	if (row.Draft == nil) != (end.Draft == nil) || row.Draft != nil && (!bytes.Equal(row.Draft.Answers, end.Draft.Answers) || row.Draft.Version != end.Draft.Version) {
		t.Errorf("person %d: the draft is another", v.p.ID)
	}
}

// found answers what a turn wants to know, as far as these people ask: drafts
// without pages.
func found(drafts map[core.ID]core.Draft, w dialog.Want) (f dialog.Found) {
	for _, id := range w.Drafts {
		if d, ok := drafts[id]; ok {
			f.Drafts = append(f.Drafts, d)
		}
	}
	if d, ok := drafts[w.DraftID]; ok {
		f.Draft = &d
	}
	return f
}

func readable(t testing.TB, prompts []core.Prompt) string {
	if len(prompts) == 0 {
		return "" // nil and empty are alike
	}
	b, err := json.MarshalIndent(prompts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// finish looks at everything at once.
func (c *crowd) finish() {
	c.t.Helper()
	if c.copies.Load() == 0 || c.observer.of("in duplicate") == 0 {
		c.t.Errorf("nothing was duplicated: the test shows nothing")
	}
	c.view(func(ctx context.Context, tx core.Tx) error {
		parked, err := tx.Inbox().Parked(ctx, 10)
		for _, p := range parked {
			c.t.Errorf("an event was parked: %s", p.Cause)
		}
		var states []core.DossierState
		for s := core.StateNew; s <= core.StateReturned; s++ {
			states = append(states, s)
		}
		var numbers []int
		var after core.ID
		for {
			some, err := tx.Dossiers().Inbox(ctx, "*", states, after, 100)
			if err != nil {
				return err
			}
			if len(some) == 0 {
				break
			}
			for _, d := range some {
				n, err := strconv.Atoi(d.Code[len(d.Code)-4:])
				if err != nil {
					return err
				}
				numbers = append(numbers, n)
				after = d.ID
			}
		}
		if want := int(c.filed.Load()); len(numbers) != want {
			c.t.Errorf("%d dossiers, %d were filed", len(numbers), want)
		}
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != i+1 {
				c.t.Errorf("the numbers of the day have a gap at %d: %v", i+1, numbers)
				break
			}
		}
		return err
	})
	c.t.Logf("%d updates, %d requests beside them, %d duplicates recognised, %d turns, %d dossiers",
		c.updates, c.copies.Load(), c.observer.of("in duplicate"), c.observer.of("in ok"), c.filed.Load())
}
