package crash_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/devsvc"
	"github.com/motcua/motcua/internal/simkit"
)

const (
	// patience bounds every wait that has no promise of its own.
	patience = 30 * time.Second
	// promised is how soon the next message is answered once the program is ready.
	promised = 5 * time.Second
	// perJourney is how often one citizen's program dies.
	perJourney = 10
)

// kills is how often each engine is killed.
func kills() int {
	if os.Getenv("CHECK") == "full" {
		return 50
	}
	return 5
}

var postgres = sync.OnceValues(func() (*devsvc.PG, error) {
	return devsvc.PostgreSQL(context.Background(), devsvc.PGOptions{NoSync: true})
})

// usesPostgres says that there is a server to stop.
var usesPostgres sync.Once

func stopPostgres() error {
	started := true
	usesPostgres.Do(func() { started = false })
	if !started {
		return nil
	}
	pg, err := postgres()
	if err != nil {
		return nil // it never ran, and the test said so
	}
	return pg.Stop()
}

func TestKilledProgramLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		crashes(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		usesPostgres.Do(func() {})
		pg, err := postgres()
		if err != nil {
			t.Fatal(err)
		}
		url, err := pg.NewDatabase(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		crashes(t, url)
	})
}

// seedOfRun draws a new run with the full counts and always the same one otherwise.
func seedOfRun(t testing.TB) uint64 {
	seed := uint64(20261123)
	if os.Getenv("CHECK") == "full" {
		seed = uint64(time.Now().UnixNano())
	}
	if s := os.Getenv("MOTCUA_CRASH_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with MOTCUA_CRASH_SEED=%d", seed)
		}
	})
	return seed
}

// crashes kills the program while citizens file, one after another, and then looks
// at what is in the store.
func crashes(t *testing.T, database string) {
	w := newWorld(t, database)
	left := kills()
	var citizens []*citizen
	for left > 0 {
		n := min(left, perJourney)
		left -= n
		citizens = append(citizens, w.file(int64(710001+len(citizens)), n))
	}
	if len(w.deaths) < kills() {
		t.Errorf("the program was killed %d times, not %d", len(w.deaths), kills())
	}
	w.checkCalls()
	if err := w.program.stop(); err != nil {
		t.Fatal(err)
	}
	w.checkStore(citizens)
}

// world is the program, its vendors and what happened to it.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	clock   simkit.Clock // of the vendors: moved on so that they try again at once
	bot     *simkit.Telegram
	environ []string
	program *program
	ready   time.Time // since when the present process wants traffic
	deaths  []death
}

// death is one SIGKILL.
type death struct {
	kind  string
	calls int // sendMessage calls the vendor had seen
}

func newWorld(t *testing.T, database string) *world {
	t.Helper()
	seed := seedOfRun(t)
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, uint64(len(database))))}
	w.bot = simkit.NewTelegram(simkit.TelegramOptions{Now: w.clock.Now})
	phones := simkit.NewTwilio(simkit.TwilioOptions{Now: w.clock.Now})
	for _, start := range []func() error{w.bot.Start, phones.Start} {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var vendor sync.WaitGroup
	vendor.Go(func() { _ = w.bot.Run(ctx) }) // ends with ctx
	t.Cleanup(func() {
		cancel()
		w.bot.Close()
		phones.Close()
		vendor.Wait()
	})
	w.environ = []string{
		"MOTCUA_DATA_DIR=" + t.TempDir(),
		"MOTCUA_TELEGRAM_TOKEN=" + w.bot.Token(), "MOTCUA_TELEGRAM_API_URL=" + w.bot.URL(),
		"MOTCUA_TELEGRAM_WEBHOOK_SECRET=crash-" + strconv.FormatUint(seed, 36),
		"MOTCUA_TWILIO_ACCOUNT_SID=" + phones.AccountSID(), "MOTCUA_TWILIO_AUTH_TOKEN=" + phones.AuthToken(),
		"MOTCUA_TWILIO_FROM=" + phones.Number(), "MOTCUA_TWILIO_API_URL=" + phones.URL(),
	}
	if database != "" {
		w.environ = append(w.environ, "MOTCUA_DATABASE_URL="+database)
	}
	w.program = newProgram(t, w.environ...)
	w.program.start()
	w.awaitReady()
	return w
}

func (w *world) awaitReady() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	at, err := w.program.waitReady(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ready = at
	// The vendor has backed off; that is its time, not ours.
	w.clock.Advance(2 * time.Minute)
	w.bot.Kick()
}

// await polls for something that the fakes do not announce.
func (w *world) await(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			w.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// file lets one citizen file a dossier while the program is killed n times.
func (w *world) file(id int64, n int) *citizen {
	w.t.Helper()
	c := newCitizen(w.bot, id)
	script := journey()
	plan := w.plan(script, n)
	w.do(c, script[0], plan[0])
	for {
		i := w.read(c, script, time.Now())
		if script[i].end() {
			break
		}
		w.do(c, script[i], plan[i])
	}
	for i, s := range script {
		if !c.done[i] && !s.maybe {
			w.t.Errorf("the citizen was never asked %q", s.sees)
		}
	}
	return c
}

// read waits for a reply and gives the step that it calls for. A question whose
// answer was given before calls for none.
func (w *world) read(c *citizen, script []step, since time.Time) int {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	m, at, err := c.next(ctx)
	if err != nil {
		w.t.Fatalf("no reply: %v; deaths %v; waiting updates %d; heard:\n%s", err, w.deaths, w.bot.Waiting(), c.heard(4))
	}
	i, ok := c.finds(script, m.Text)
	if !ok {
		w.t.Fatalf("the citizen does not know what to do, or did it before; deaths %v; heard:\n%s", w.deaths, c.heard(4))
	}
	if w.ready.After(since) {
		since = w.ready
	}
	if took := at.Sub(since); took > promised {
		w.t.Errorf("%q: answered %v after the program was ready; deaths %v", script[i].sees, took.Round(time.Millisecond), w.deaths)
	}
	if code, ok := strings.CutPrefix(m.Text, "Đã nhận hồ sơ. Mã: "); ok {
		c.code = strings.Fields(code)[0]
	}
	if script[i].end() && (c.code == "" || !strings.Contains(m.Text, c.code)) {
		w.t.Errorf("the citizen's dossier is %s, and is shown as %q", c.code, m.Text)
	}
	return i
}

// The points at which the program dies.
const (
	atDown     = "down"        // before the message, which is sent to nobody
	atAck      = "ack"         // right after the message was acknowledged
	atRandom   = "random"      // some time after it was sent
	atSend     = "send"        // the vendor has taken the reply and has not answered
	atSendLost = "send lost"   // the vendor has the call and takes nothing
	atFetch    = "fetch"       // a file is being asked for
	atBoot     = "boot"        // and again while it starts
	lateAtBoot = 400           // milliseconds
	lateAtWork = 30 * 1000     // microseconds
	sendCall   = "sendMessage" // in the vendor's words
)

// plan draws which steps are struck, and how: always during a reply and right
// after an acknowledgement, and at every other kind of point while there are
// enough kills.
func (w *world) plan(script []step, n int) map[int]string {
	plan := map[int]string{}
	var files, others []int
	for i, s := range script {
		switch {
		case s.end() || s.maybe:
		case s.file:
			files = append(files, i)
		default:
			others = append(others, i)
		}
	}
	kinds := []string{atFetch, atBoot, atSendLost, atRandom, atDown}
	w.rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	kinds = append([]string{atSend, atAck}, kinds...)
	at := w.rng.Perm(len(others))
	for k := 0; n > 0 && len(plan) < len(script)/2; k++ {
		kind := kinds[k%len(kinds)]
		cost := 1
		if kind == atBoot {
			cost = 2
		}
		if cost > n {
			continue
		}
		if kind == atFetch {
			if len(files) == 0 {
				continue
			}
			i := w.rng.IntN(len(files))
			plan[files[i]] = kind
			files = slices.Delete(files, i, i+1)
		} else {
			plan[others[at[0]]] = kind
			at = at[1:]
		}
		n -= cost
	}
	return plan
}

// do lets the citizen act and the program die as planned.
func (w *world) do(c *citizen, s step, kind string) {
	w.t.Helper()
	act := func() {
		if err := s.does(c.person); err != nil {
			w.t.Fatal(err)
		}
	}
	sent := len(w.bot.Journal.Calls(sendCall))
	switch kind {
	case "":
		act()
		return
	case atDown:
		w.kill(kind)
		act()
	case atAck:
		before := w.acknowledged()
		act()
		w.await("an acknowledgement", func() bool { return w.acknowledged() > before })
		w.kill(kind)
	case atRandom:
		act()
		timer := time.NewTimer(time.Duration(w.rng.IntN(lateAtWork)) * time.Microsecond)
		<-timer.C
		w.kill(kind)
	case atSend, atSendLost:
		fault := simkit.HangAfterAccept()
		if kind == atSendLost {
			fault = simkit.Fault{Name: "hang before accept", Hang: true}
		}
		w.bot.Faults.Next(sendCall, fault)
		act()
		w.await("a reply on its way", func() bool { return len(w.bot.Journal.Calls(sendCall)) > sent })
		w.kill(kind)
	case atFetch:
		w.bot.Faults.Next("getFile", simkit.Fault{Name: "hang", Hang: true})
		fetched := len(w.bot.Journal.Calls("getFile"))
		act()
		w.await("a file asked for", func() bool { return len(w.bot.Journal.Calls("getFile")) > fetched })
		w.kill(kind)
	case atBoot:
		act()
		w.kill(kind)
		w.program.start()
		timer := time.NewTimer(time.Duration(w.rng.IntN(lateAtBoot)) * time.Millisecond)
		<-timer.C
		w.kill(kind)
	}
	w.program.start()
	w.awaitReady()
}

// acknowledged counts the updates that the vendor will not send again.
func (w *world) acknowledged() int {
	n := 0
	for _, d := range w.bot.Deliveries() {
		if d.Final && d.Status == 200 {
			n++
		}
	}
	return n
}

func (w *world) kill(kind string) {
	w.program.kill()
	w.deaths = append(w.deaths, death{kind, len(w.bot.Journal.Calls(sendCall))})
}

// checkCalls: a reply went to the vendor at most once, and once more for each time
// that the program died while it was on its way. Replies go out one after another,
// so the one on its way is the last that the vendor saw.
func (w *world) checkCalls() {
	calls := w.bot.Journal.Calls(sendCall)
	key := func(c simkit.Call) string {
		return c.Params.Get("chat_id") + "\x00" + c.Params.Get("text") + "\x00" + c.Params.Get("reply_markup")
	}
	inFlight := map[string]int{}
	for _, d := range w.deaths {
		if d.calls > 0 {
			inFlight[key(calls[d.calls-1])]++
		}
	}
	count := map[string]int{}
	for _, c := range calls {
		count[key(c)]++
	}
	for k, n := range count {
		if n > 1+inFlight[k] {
			w.t.Errorf("a reply was sent %d times with %d kills in flight: %q", n, inFlight[k], strings.SplitN(k, "\x00", 3)[1])
		}
	}
	for _, c := range w.bot.Journal.Unexpected() {
		w.t.Errorf("the vendor does not know the call %s", c.Method)
	}
}

// checkStore looks at what the program left: one dossier a citizen, whole, and no
// work that was given up.
func (w *world) checkStore(citizens []*citizen) {
	w.t.Helper()
	cfg, err := config.Load(w.environ)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx := context.Background()
	tools, err := app.OpenTools(ctx, cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = tools.Close() }()
	err = tools.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 1000)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if j.State == core.JobParked || j.RunAt.Before(time.Now()) {
				w.t.Errorf("job %s is left %s: %s", j.Kind, j.State, j.Cause)
			}
		}
		parked, err := tx.Inbox().Parked(ctx, 100)
		if err != nil {
			return err
		}
		for _, p := range parked {
			w.t.Errorf("an event was parked: %s", p.Cause)
		}
		var states []core.DossierState
		for state := core.StateNew; state <= core.StateReturned; state++ {
			states = append(states, state)
		}
		dossiers, err := tx.Dossiers().Inbox(ctx, "*", states, "", 1000)
		if err != nil {
			return err
		}
		if len(dossiers) != len(citizens) {
			w.t.Errorf("%d dossiers of %d citizens", len(dossiers), len(citizens))
		}
		for _, d := range dossiers {
			if !slices.ContainsFunc(citizens, func(c *citizen) bool { return c.code == d.Code }) {
				w.t.Errorf("nobody was told of dossier %s", d.Code)
			}
			if err := w.checkDossier(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// checkDossier compares what was filed with what the citizen said and sent.
func (w *world) checkDossier(ctx context.Context, tx core.Tx, d core.Dossier) error {
	var got struct {
		Answers  map[string]any `json:"answers"`
		Manifest []struct {
			Requirement string   `json:"requirement"`
			SHA256      []string `json:"sha256"`
		} `json:"manifest"`
	}
	if err := json.Unmarshal(d.Canonical, &got); err != nil {
		return err
	}
	for key, want := range answers() {
		if got.Answers[key] != want {
			w.t.Errorf("%s: %s is %v, the citizen said %v", d.Code, key, got.Answers[key], want)
		}
	}
	want := map[string][]string{}
	for requirement, names := range pages() {
		for _, name := range names {
			sum := sha256.Sum256(simkit.SamplePhoto(name))
			want[requirement] = append(want[requirement], hex.EncodeToString(sum[:]))
		}
	}
	if len(got.Manifest) != len(want) {
		w.t.Errorf("%s: %d papers, %d were sent", d.Code, len(got.Manifest), len(want))
	}
	for _, m := range got.Manifest {
		if !slices.Equal(m.SHA256, want[m.Requirement]) {
			w.t.Errorf("%s: the pages of %s are %v, sent were %v", d.Code, m.Requirement, m.SHA256, want[m.Requirement])
		}
	}
	events, err := tx.Dossiers().Events(ctx, d.ID)
	if err != nil {
		return err
	}
	if len(events) != 1 || events[0].To != core.StateNew {
		w.t.Errorf("%s: its timeline is %v", d.Code, events)
	}
	sum := sha256.Sum256(d.Canonical)
	if !bytes.Equal([]byte(hex.EncodeToString(sum[:])), []byte(d.Hash)) {
		return fmt.Errorf("%s: its hash is not that of its bytes", d.Code)
	}
	return nil
}
