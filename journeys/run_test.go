package journeys_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// driver plays the citizen on one channel. What a method gives is what the
// citizen then has in front of them.
type driver interface {
	lookUp(words string) string
	office(place string) string
	check(code string) string
	begin(words string)
	answer(until string)
	sendPapers()
	summary() string
	submit() string
	submitAgain() string
	told(words []string) string
	sendMissing(requirement string, pages []page)
	result() []byte
	withdraw(code string) string
	answerDraft(right bool, words string) string
	speak(locale string) string
	handOff() string
	redeem(code string)
}

// run is one journey on one channel.
type run struct {
	t       *testing.T
	w       *world
	p       *persona
	known   *catalogue
	ctx     context.Context
	at      step
	channel string
	address string // of the citizen's network; "" = the machine's own
	drivers map[string]driver
	citizen driver
	officer *officer
	book    []entry
	filing  [2]int // lines of the book that a whole filing in one step has

	seen      string // last thing shown
	code      string // of the dossier
	messages  int    // of the citizen
	asked     []string
	answered  map[string]int
	missing   string // requirement the officer asked for
	submitted core.Dossier
}

// entry is one line of the transcript. Who is "" for a remark.
type entry struct{ channel, who, text string }

func newRun(t *testing.T, w *world, channel string) *run {
	r := &run{
		t: t, w: w, p: w.person, known: knownQuestions(w.app.Catalog), channel: channel,
		drivers: map[string]driver{}, answered: map[string]int{},
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	r.ctx = ctx
	r.officer = newOfficer(r)
	r.citizen = r.driver(channel)
	return r
}

// driver gives the citizen's hands on a channel; the same ones each time.
func (r *run) driver(channel string) driver {
	if d, ok := r.drivers[channel]; ok {
		return d
	}
	var d driver
	switch channel {
	case "telegram":
		d = newTelegramChat(r, r.p.chat, "Vy")
	case "sms":
		d = newPhoneChat(r, r.p.phone)
	case "app":
		d = newMobile(r)
	case "kiosk":
		d = newTerminal(r)
	}
	r.drivers[channel] = d
	return d
}

// phone is the citizen's handset, which rings whatever channel they use.
func (r *run) phone() *chat { return r.driver("sms").(*chat) }

// app is the citizen's app, whatever channel they use.
func (r *run) app() *mobile { return r.driver("app").(*screen).calls.(*mobile) }

// showsReads compares what the app shows with what the officer did.
func (r *run) showsReads() {
	r.t.Helper()
	shown := map[string]int{}
	for _, a := range r.app().accesses() {
		shown[a.GetOperation()]++
	}
	if shown["page.read"] == 0 || shown["page.read"] != r.officer.pagesRead {
		r.fail("the officer read %d pages, the app shows %v", r.officer.pagesRead, shown)
	}
}

func (r *run) note(channel, who, said string) {
	r.book = append(r.book, entry{channel, who, said})
}

// counted notes something the citizen did.
func (r *run) did(channel, what string) {
	r.messages++
	r.note(channel, "C", what)
}

// wasAsked and gave count by the key of the question.
func (r *run) wasAsked(key string) {
	r.asked = append(r.asked, key)
}

func (r *run) gave(key string) { r.answered[key]++ }

// fail ends the journey and shows how it went.
func (r *run) fail(format string, args ...any) {
	r.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", r.at.pos, r.at.verb, fmt.Sprintf(format, args...))
	for _, e := range r.book {
		fmt.Fprintf(&b, "  %-8s %s> %s\n", e.channel, e.who, strings.ReplaceAll(e.text, "\n", "\n           "))
	}
	logs := strings.Split(strings.TrimSpace(r.w.logs.String()), "\n")
	for _, l := range logs[max(0, len(logs)-8):] {
		fmt.Fprintf(&b, "  log %s\n", l)
	}
	// What still waits tells why nothing was heard.
	_ = r.w.app.Store.View(context.Background(), func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, "", 20)
		for _, j := range jobs {
			fmt.Fprintf(&b, "  job %s %s, due in %s, tried %d times: %s\n", j.Kind, j.State, j.RunAt.Sub(r.w.clock.Now()), j.Attempts, j.Cause)
		}
		return err
	})
	r.t.Fatal(b.String())
}

func (r *run) play(s script) {
	r.t.Helper()
	for _, st := range s.steps {
		if len(st.only) > 0 && !slices.Contains(st.only, r.channel) {
			continue
		}
		r.at = st
		verbs()[st.verb].do(r, st.arg)
	}
	r.at = step{pos: s.name, verb: "after the last step"}
}

// answerOf gives what the person says to a question.
func (r *run) answerOf(key string) answer {
	r.t.Helper()
	a, ok := r.p.answers[key]
	if !ok {
		r.fail("persona.txt has no answer to %s", key)
	}
	return a
}

// stored reads the dossier of the receipt.
func (r *run) stored() core.Dossier {
	r.t.Helper()
	var d core.Dossier
	r.view(func(ctx context.Context, tx core.Tx) (err error) {
		d, err = tx.Dossiers().ByCode(ctx, r.code)
		return err
	})
	return d
}

func (r *run) view(fn func(ctx context.Context, tx core.Tx) error) {
	r.t.Helper()
	if err := r.w.app.Store.View(r.ctx, fn); err != nil {
		r.fail("reading the store: %v", err)
	}
}

type verb struct {
	needs bool // an argument
	do    func(r *run, arg string)
}

// verbs are the steps of a script; doc.go explains them.
func verbs() map[string]verb {
	return map[string]verb{
		"citizen asks":                {true, func(r *run, arg string) { r.seen = r.citizen.lookUp(arg) }},
		"citizen asks for the office": {true, func(r *run, arg string) { r.seen = r.citizen.office(arg) }},
		"citizen checks the dossier":  {false, func(r *run, _ string) { r.seen = r.citizen.check(r.code) }},
		"a stranger checks the dossier": {false, func(r *run, _ string) {
			r.seen = r.stranger().check(r.code)
		}},
		"citizen begins":            {true, func(r *run, arg string) { r.citizen.begin(arg) }},
		"citizen answers":           {false, func(r *run, _ string) { r.citizen.answer("") }},
		"citizen answers up to":     {true, func(r *run, arg string) { r.citizen.answer(arg) }},
		"citizen sends the papers":  {false, func(r *run, _ string) { r.citizen.sendPapers() }},
		"citizen reads the summary": {false, func(r *run, _ string) { r.seen = r.citizen.summary() }},
		"citizen submits":           {false, func(r *run, _ string) { r.submit() }},
		"citizen submits again":     {false, func(r *run, _ string) { r.seen = r.citizen.submitAgain() }},
		"citizen files": {true, func(r *run, arg string) {
			from := len(r.book)
			defer func() { r.filing = [2]int{from, len(r.book) - 1} }() // all but the receipt
			r.citizen.begin(arg)
			r.citizen.answer("")
			r.citizen.sendPapers()
			r.submit()
		}},
		"citizen is told": {true, func(r *run, arg string) { r.seen = r.citizen.told(words(arg)) }},
		"citizen is told on": {true, func(r *run, arg string) {
			channel, said, _ := strings.Cut(arg, ": ")
			r.seen = r.driver(channel).told(words(said))
		}},
		"citizen sends what is missing": {true, func(r *run, arg string) {
			pages, err := pagesOf(arg)
			if err != nil {
				r.fail("%v", err)
			}
			r.citizen.sendMissing(r.missing, pages)
			r.officer.expects(r.missing, pages)
		}},
		"citizen opens the result": {true, func(r *run, arg string) {
			p, err := pageOf(arg)
			if err != nil || !bytes.Equal(r.citizen.result(), p.data) {
				r.fail("the result is not %s: %v", arg, err)
			}
		}},
		"citizen withdraws the dossier": {false, func(r *run, _ string) { r.seen = r.citizen.withdraw(r.code) }},
		"citizen switches to":           {true, func(r *run, arg string) { r.seen = r.citizen.speak(arg) }},
		"citizen says":                  {true, func(r *run, arg string) { r.seen = r.chat().says(arg) }},
		"citizen presses":               {true, func(r *run, arg string) { r.seen = r.chat().presses(arg) }},
		"citizen hears nothing":         {false, func(r *run, _ string) { r.chat().hearsNothing() }},
		"citizen moves to": {true, func(r *run, arg string) {
			code := r.citizen.handOff()
			r.citizen = r.driver(arg)
			r.citizen.redeem(code)
		}},
		"citizen confirms the draft":  {false, func(r *run, _ string) { r.seen = r.citizen.answerDraft(true, "") }},
		"citizen corrects the draft":  {true, func(r *run, arg string) { r.seen = r.citizen.answerDraft(false, arg) }},
		"officer accepts":             {false, func(r *run, _ string) { r.officer.accept() }},
		"officer reads every page":    {false, func(r *run, _ string) { r.officer.read() }},
		"officer asks for":            {true, func(r *run, arg string) { r.missing = r.officer.ask(arg) }},
		"officer completes with":      {true, func(r *run, arg string) { r.officer.complete(arg) }},
		"officer returns the result":  {false, func(r *run, _ string) { r.officer.giveBack() }},
		"officer sends a draft":       {true, func(r *run, arg string) { r.officer.sendDraft(arg) }},
		"officer reads what is wrong": {true, func(r *run, arg string) { r.officer.readsWords(arg) }},
		"officer puts the result off": {true, func(r *run, arg string) { r.officer.putOff(arg) }},
		"officer asks for a fee":      {true, func(r *run, arg string) { r.officer.askFee(arg) }},
		"officer records the payment": {true, func(r *run, arg string) { r.officer.paid(arg) }},

		"sees":                  {true, func(r *run, arg string) { r.sees(words(arg)) }},
		"sees the due date":     {false, func(r *run, _ string) { r.seesDue() }},
		"sees nothing personal": {false, func(r *run, _ string) { r.seesNothingPersonal() }},
		"at most":               {true, func(r *run, arg string) { r.atMost(arg) }},
		"state":                 {true, func(r *run, arg string) { r.state(arg) }},
		"one dossier":           {false, func(r *run, _ string) { r.oneDossier() }},
		"the app lists the dossier": {false, func(r *run, _ string) {
			if !r.app().lists(r.code) {
				r.fail("the app does not list %s", r.code)
			}
		}},
		"the app shows the receipt": {true, func(r *run, arg string) {
			if fee := r.app().detail().GetFee(); fee.GetReceipt() != arg || fee.GetAmount() == 0 || !fee.GetPaidAt().IsValid() {
				r.fail("the app shows the fee %v", fee)
			}
		}},
		"the app shows who read the dossier": {false, func(r *run, _ string) { r.showsReads() }},
		"the dossier holds the papers":       {false, func(r *run, _ string) { r.holdsPapers() }},
		"no question twice":                  {false, func(r *run, _ string) { r.noQuestionTwice() }},
		"minutes pass":                       {true, func(r *run, arg string) { r.pass(arg) }},
	}
}

// chat is the citizen's talk, where they write and are written to.
func (r *run) chat() *chat {
	r.t.Helper()
	c, ok := r.citizen.(*chat)
	if !ok {
		r.fail("nobody writes in words on %s", r.channel)
	}
	return c
}

// stranger is somebody else on the same channel, who knows the code alone.
func (r *run) stranger() driver {
	if d, ok := r.drivers["stranger"]; ok {
		return d
	}
	var d driver
	switch r.channel {
	case "telegram":
		d = newTelegramChat(r, r.p.chat+1, "Tâm")
	case "sms":
		d = newPhoneChat(r, "+84938000111")
	case "app":
		d = newMobile(r)
	default:
		d = newTerminal(r)
	}
	r.drivers["stranger"] = d
	return d
}

// quiet waits until the program has nothing left to do now.
func (r *run) quiet() {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		due := 0
		r.view(func(ctx context.Context, tx core.Tx) error {
			jobs, err := tx.Jobs().List(ctx, "", 1000)
			for _, j := range jobs {
				if j.State == core.JobRunning || j.State == core.JobReady && !j.RunAt.After(r.w.clock.Now()) {
					due++
				}
			}
			return err
		})
		if due == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			r.fail("%d jobs do not end", due)
		}
	}
}

func (r *run) submit() {
	r.t.Helper()
	r.seen = r.citizen.submit()
	if r.code = codeIn(r.seen); r.code == "" {
		r.fail("no code in the receipt: %s", r.seen)
	}
	r.submitted = r.stored()
	for _, p := range r.p.papers {
		r.officer.expects(p.requirement, p.pages)
	}
}

// codeIn finds a dossier's code in what was shown.
func codeIn(s string) string {
	for _, w := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" \n,;:()*", c) }) {
		if c, ok := dossier.ParseCode(strings.TrimRight(w, ".")); ok {
			return c.String()
		}
	}
	return ""
}

// says reports whether a text says something, accents and case aside.
func says(shown, want string) bool {
	return strings.Contains(" "+text.Fold(shown)+" ", " "+text.Fold(want)+" ")
}

func (r *run) sees(want []string) {
	r.t.Helper()
	for _, w := range want {
		if !says(r.seen, w) {
			r.fail("%q is not in: %s", w, r.seen)
		}
	}
}

func (r *run) seesDue() {
	r.t.Helper()
	d := r.stored()
	due := d.DueAt
	if due.IsZero() {
		due = d.ExpectedAt
	}
	if due.Before(r.w.clock.Now()) {
		r.fail("the due date %s is not to come", due)
	}
	if day := due.In(core.City).Format("02/01"); !strings.Contains(r.seen, day) {
		r.fail("the due date %s is not in: %s", day, r.seen)
	}
}

func (r *run) seesNothingPersonal() {
	r.t.Helper()
	for _, secret := range r.p.secrets {
		if says(r.seen, secret) {
			r.fail("%q is in: %s", secret, r.seen)
		}
	}
}

func (r *run) atMost(arg string) {
	r.t.Helper()
	n, err := strconv.Atoi(arg)
	if err != nil {
		r.fail("%v", err)
	}
	if r.messages == 0 || r.messages > n {
		r.fail("the citizen needed %d messages", r.messages)
	}
}

func (r *run) state(want string) {
	r.t.Helper()
	if got := string(dossier.PlainOf(r.stored().State)); got != want {
		r.fail("the dossier is %s", got)
	}
}

func (r *run) oneDossier() {
	r.t.Helper()
	var all []core.Dossier
	r.view(func(ctx context.Context, tx core.Tx) (err error) {
		all, err = tx.Dossiers().Inbox(ctx, "*", dossier.States(), "", 10)
		return err
	})
	if len(all) != 1 || all[0].Code != r.code {
		r.fail("%d dossiers", len(all))
	}
}

// holdsPapers compares the manifest with what was sent, page by page.
func (r *run) holdsPapers() {
	r.t.Helper()
	d := r.stored()
	var doc struct {
		Manifest []struct {
			Requirement string   `json:"requirement"`
			Pages       int      `json:"pages"`
			SHA256      []string `json:"sha256"`
		} `json:"manifest"`
	}
	if err := json.Unmarshal(d.Canonical, &doc); err != nil {
		r.fail("%v", err)
	}
	sum := sha256.Sum256(d.Canonical)
	if hex.EncodeToString(sum[:]) != d.Hash {
		r.fail("the hash is not that of the canonical dossier")
	}
	if len(doc.Manifest) != len(r.p.papers) {
		r.fail("the manifest has %d papers: %v", len(doc.Manifest), doc.Manifest)
	}
	for i, p := range r.p.papers {
		got := doc.Manifest[i]
		var hashes []string
		pages := 0
		for _, page := range p.pages {
			hashes = append(hashes, page.sha256())
			pages += page.count
		}
		if got.Requirement != p.requirement || got.Pages != pages || !slices.Equal(got.SHA256, hashes) {
			r.fail("the manifest has %+v, sent was %s with %d pages %v", got, p.requirement, pages, hashes)
		}
	}
}

func (r *run) noQuestionTwice() {
	r.t.Helper()
	if len(r.answered) < 10 {
		r.fail("only %d questions were counted", len(r.answered))
	}
	for key, n := range r.answered {
		if n != 1 {
			r.fail("%s was answered %d times", key, n)
		}
	}
	// A question that was left open when the citizen moved or changed the language
	// is shown again where they go on, and only that one.
	shown := map[string]int{}
	for i, key := range r.asked {
		if i > 0 && r.asked[i-1] == key {
			continue
		}
		if shown[key]++; shown[key] > 1 {
			r.fail("%s was asked again after %s", key, r.asked[i-1])
		}
	}
}

func (r *run) pass(arg string) {
	r.t.Helper()
	n, err := strconv.Atoi(arg)
	if err != nil {
		r.fail("%v", err)
	}
	r.w.clock.pass(time.Duration(n) * time.Minute)
	r.w.telegram.Kick()
	r.w.twilio.Kick()
	r.w.smsgate.Kick()
}
