package crash_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
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
	"github.com/motcua/motcua/internal/spool"
)

// script is what everybody of the outage test says, in this order. What is said
// depends on what was understood before it, so a message that is lost, doubled or
// overtaken changes every reply that follows.
func script() []string {
	return []string{
		"xin xác nhận độc thân", "1", "ben nghe quan 1", "1",
		"Trần Thị Mai", "079190001234", "12 Lê Lợi, phường Sài Gòn", "1",
		"4/9/1990", "kinh", "3", "45/2020/QĐST-HNGĐ ngày 5/3/2020, Tòa án Quận 1",
		"1", "Lê Quốc Huy",
	}
}

// talker is somebody on one of the two channels.
type talker struct {
	id   string
	says func(text string) error
	// told lists what was sent to them, the first try of each reply and all others.
	told func() []string
}

// outage is the program on a PostgreSQL that dies, between two vendors: one sends
// again what was not taken, the other does not.
type outage struct {
	*world
	pg     *devsvc.PG
	phones *simkit.Twilio
	spool  string
	people []talker // the first of each channel lives through no outage
}

// TestDatabaseKilled: PostgreSQL is killed under load and started again, once with
// the program alive and once with the program killed too while its spool is not
// empty. What was acknowledged has its effect once, in order.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	rounds, each := 2, 2
	if os.Getenv("CHECK") == "full" {
		each = 12
	}
	o := newOutage(t, each)
	lines := script()
	for _, line := range lines { // how it is without any trouble
		for _, p := range o.people[:2] {
			o.say(p, line)
		}
	}
	o.settle()
	o.everybody(lines[:4])
	for round := range rounds {
		o.round(lines[4+4*round:8+4*round], round == rounds-1)
	}
	o.everybody(lines[4+4*rounds:])
	o.settle()
	o.check(rounds)
}

func newOutage(t *testing.T, each int) *outage {
	t.Helper()
	pg, err := devsvc.PostgreSQL(t.Context(), devsvc.PGOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
	})
	url, err := pg.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t}
	o := &outage{world: w, pg: pg}
	w.bot = simkit.NewTelegram(simkit.TelegramOptions{Now: w.clock.Now})
	o.phones = simkit.NewTwilio(simkit.TwilioOptions{Now: w.clock.Now})
	ctx, cancel := context.WithCancel(context.Background())
	var vendors sync.WaitGroup
	for _, start := range []func() error{w.bot.Start, o.phones.Start} {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	vendors.Go(func() { _ = w.bot.Run(ctx) })    // ends with ctx
	vendors.Go(func() { _ = o.phones.Run(ctx) }) // ends with ctx
	t.Cleanup(func() {
		cancel()
		w.bot.Close()
		o.phones.Close()
		vendors.Wait()
	})
	data := t.TempDir()
	o.spool = app.SpoolDir(data)
	w.environ = []string{
		"MOTCUA_DATA_DIR=" + data, "MOTCUA_DATABASE_URL=" + url,
		"MOTCUA_TELEGRAM_TOKEN=" + w.bot.Token(), "MOTCUA_TELEGRAM_API_URL=" + w.bot.URL(),
		"MOTCUA_TELEGRAM_WEBHOOK_SECRET=outage",
		"MOTCUA_TWILIO_ACCOUNT_SID=" + o.phones.AccountSID(), "MOTCUA_TWILIO_AUTH_TOKEN=" + o.phones.AuthToken(),
		"MOTCUA_TWILIO_FROM=" + o.phones.Number(), "MOTCUA_TWILIO_API_URL=" + o.phones.URL(),
	}
	w.program = newProgram(t, w.environ...)
	o.phones.SetWebhook("http://" + w.program.public + "/webhooks/twilio/main")
	w.program.start()
	w.awaitReady()
	w.await("the bot's address", func() bool { return w.bot.WebhookURL() != "" })
	for i := range 1 + each {
		o.people = append(o.people, o.chatter(int64(720001+i)), o.caller("+1202556"+fmt.Sprintf("%04d", i)))
	}
	return o
}

// chatter writes through the vendor that redelivers: it says on and on.
func (o *outage) chatter(id int64) talker {
	p := o.bot.Person(id, "Mai", "vi")
	return talker{"chat " + strconv.FormatInt(id, 10), func(text string) error {
		_, err := p.Say(text)
		return err
	}, func() []string {
		var out []string
		for _, c := range o.bot.Journal.Calls(sendCall) {
			if c.Params.Get("chat_id") == strconv.FormatInt(id, 10) {
				out = append(out, c.Params.Get("text"))
			}
		}
		return out
	}}
}

// caller writes SMS from abroad, which stay with this vendor, one after another: nobody sends a lost one again, so each has
// to be acknowledged at the first try.
func (o *outage) caller(number string) talker {
	p := o.phones.Phone(number)
	return talker{"phone " + number, func(text string) error {
		queue := "inbound " + p.Text(text)
		limit := time.Now().Add(patience)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for time.Now().Before(limit) {
			for _, d := range o.phones.Deliveries() {
				if d.Queue == queue && d.Final {
					if d.Status != 200 {
						return fmt.Errorf("an SMS was answered %d, %v", d.Status, d.Err)
					}
					return nil
				}
			}
			<-tick.C
		}
		return fmt.Errorf("an SMS was not answered")
	}, func() []string {
		var out []string
		for _, c := range o.phones.Journal.Calls("POST Messages.json") {
			if c.Params.Get("To") == number {
				out = append(out, c.Params.Get("Body"))
			}
		}
		return out
	}}
}

func (o *outage) say(p talker, line string) {
	if err := p.says(line); err != nil {
		o.t.Errorf("%s: %v", p.id, err)
	}
}

// everybody but the first two says some lines, all at the same time.
func (o *outage) everybody(lines []string) {
	var wg sync.WaitGroup
	for _, p := range o.people[2:] {
		wg.Go(func() {
			for _, line := range lines {
				o.say(p, line)
			}
		})
	}
	wg.Wait()
}

// round kills the database while everybody speaks.
func (o *outage) round(lines []string, programToo bool) {
	o.t.Helper()
	before := o.acknowledged()
	refused := o.refused()
	half := len(lines) / 2
	var speaking sync.WaitGroup
	speaking.Go(func() { o.everybody(lines[:half]) })
	o.await("a message taken", func() bool { return o.acknowledged() > before })
	o.pg.Kill9()
	speaking.Wait()
	o.everybody(lines[half:])
	o.await("a vendor told to come back", func() bool { return o.refused() > refused })
	if n := o.spooled(); n < half*(len(o.people)-2)/2 {
		o.t.Errorf("%d SMS are spooled, %d were sent after the database died", n, half*(len(o.people)-2)/2)
	}
	if programToo {
		o.kill("database down")
	}
	if err := o.pg.Restart(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	if programToo {
		o.program.start()
		o.awaitReady()
		if n := o.spooled(); n != 0 {
			o.t.Errorf("the program is ready and %d are spooled", n)
		}
	}
	o.settle()
}

// refused counts the updates that the vendor was told to send again later.
func (o *outage) refused() int {
	n := 0
	for _, d := range o.bot.Deliveries() {
		if d.Status == 503 && d.RetryAfter > 0 && !d.Final {
			n++
		}
	}
	return n
}

func (o *outage) spooled() int {
	o.t.Helper()
	held, err := spool.Inspect(o.spool)
	if err != nil {
		o.t.Fatal(err)
	}
	n := 0
	for _, st := range held {
		n += st.Entries
		if st.Damaged > 0 || st.Parked > 0 {
			o.t.Errorf("the spool holds %+v", st)
		}
	}
	return n
}

// settle waits until the vendors have nothing left to tell, nothing is spooled and
// every reply is sent.
func (o *outage) settle() {
	o.t.Helper()
	o.await("the vendor's updates to be taken", func() bool {
		o.clock.Advance(time.Minute) // it has backed off
		o.bot.Kick()
		return o.bot.Waiting() == 0
	})
	o.await("the spool to empty", func() bool { return o.spooled() == 0 })
	o.withStore(func(ctx context.Context, s core.Store) {
		o.await("the replies", func() bool {
			due := 0
			err := s.View(ctx, func(ctx context.Context, tx core.Tx) error {
				jobs, err := tx.Jobs().List(ctx, "", 1000)
				for _, j := range jobs {
					if j.State != core.JobParked && j.Kind == "message.send" {
						due++
					}
				}
				return err
			})
			return err == nil && due == 0
		})
	})
}

func (o *outage) withStore(fn func(ctx context.Context, s core.Store)) {
	o.t.Helper()
	cfg, err := config.Load(o.environ)
	if err != nil {
		o.t.Fatal(err)
	}
	tools, err := app.OpenTools(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = tools.Close() }()
	fn(context.Background(), tools.Store)
}

// check compares what everybody was told with what the first of their channel was,
// and counts the turns.
func (o *outage) check(rounds int) {
	o.t.Helper()
	for i, p := range o.people[2:] {
		got, again := once(p.told())
		if len(got) < len(script()) {
			o.t.Errorf("%s was told %d things by the vendor, and said %d", p.id, len(got), len(script()))
		}
		want, usual := once(o.people[i%2].told())
		if !slices.Equal(got, want) {
			o.t.Errorf("%s was told\n  %s\nand without an outage\n  %s", p.id, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		if again-usual > len(o.deaths) {
			o.t.Errorf("%s was told something again %d times with %d kills of the program", p.id, again-usual, len(o.deaths))
		}
	}
	o.withStore(func(ctx context.Context, s core.Store) {
		err := s.View(ctx, func(ctx context.Context, tx core.Tx) error {
			for _, p := range o.people {
				channel, external, _ := strings.Cut(p.id, " ")
				channel = map[string]string{"chat": "telegram", "phone": "sms"}[channel]
				row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: channel, Account: "main", External: external})
				if err != nil {
					return err
				}
				if row.Conversation.Version != int64(len(script())) {
					o.t.Errorf("%s: %d turns of %d messages", p.id, row.Conversation.Version, len(script()))
				}
			}
			parked, err := tx.Inbox().Parked(ctx, 10)
			if len(parked) > 0 {
				o.t.Errorf("%d events are parked: %s", len(parked), parked[0].Cause)
			}
			jobs, err2 := tx.Jobs().List(ctx, core.JobParked, 10)
			if len(jobs) > 0 {
				o.t.Errorf("%d jobs are parked: %s", len(jobs), jobs[0].Cause)
			}
			if err == nil {
				err = err2
			}
			return err
		})
		if err != nil {
			o.t.Fatal(err)
		}
	})
	if left, err := filepath.Glob(filepath.Join(o.spool, "*", "*")); err != nil || len(left) > 0 {
		o.t.Errorf("files of the spool are left after %d rounds: %v, %v", rounds, left, err)
	}
	if err := o.program.stop(); err != nil {
		o.t.Error(err)
	}
}

// once takes out what was told again right after itself, and counts it.
func once(told []string) (out []string, again int) {
	out = slices.Compact(slices.Clone(told))
	return out, len(told) - len(out)
}
