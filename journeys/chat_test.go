package journeys_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"

	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/simkit"
)

// bubble is one message of ours on somebody's screen.
type bubble struct {
	text    string
	buttons []string
}

// line is how a chat reaches the person's device.
type line interface {
	say(words string) error
	press(button string) error
	await(ctx context.Context, n int) ([]bubble, error)
}

// chat plays the citizen where one writes and is written to. It reads what was
// asked and answers as a person would; it knows nothing else.
type chat struct {
	r       *run
	channel string
	short   bool
	line    line

	consented string // what submitted

	read int    // messages read
	last bubble // the newest of them
	// asked is the question that is open, "" when it is none of the form's.
	asked question
	gave  string // key of the last answer
}

func newTelegramChat(r *run, id int64, name string) *chat {
	p := r.w.telegram.Person(id, name, "vi")
	return &chat{r: r, channel: "telegram", line: telegramLine{p}}
}

func newPhoneChat(r *run, number string) *chat {
	return &chat{r: r, channel: "sms", short: true, line: &phoneLine{w: r.w, number: number}}
}

type telegramLine struct{ p *simkit.TelegramPerson }

func (l telegramLine) say(words string) error {
	_, err := l.p.Say(words)
	return err
}

func (l telegramLine) press(button string) error {
	_, err := l.p.Press(button)
	return err
}

func (l telegramLine) await(ctx context.Context, n int) ([]bubble, error) {
	got, err := l.p.Await(ctx, n)
	if err != nil {
		return nil, err
	}
	out := make([]bubble, len(got))
	for i, m := range got {
		out[i].text = m.Text
		for _, row := range append(m.Buttons, m.Keyboard...) {
			for _, b := range row {
				out[i].buttons = append(out[i].buttons, b.Text)
			}
		}
	}
	return out, nil
}

// phoneLine is a phone. It writes to the world's carrier and reads what comes,
// whoever brings it.
type phoneLine struct {
	w      *world
	number string
	wrote  int
}

func (l *phoneLine) say(words string) error {
	l.wrote++
	if l.w.carrier == "twilio" || l.w.carrier == "both" && l.wrote%2 == 0 {
		l.w.twilio.Phone(l.number).Text(words)
		return nil
	}
	l.w.smsgate.Phone(l.number).Text(words)
	return nil
}

func (*phoneLine) press(button string) error {
	return fmt.Errorf("a phone has no button %q", button)
}

func (l *phoneLine) await(ctx context.Context, n int) ([]bubble, error) {
	for {
		one, other := l.w.smsgate.Phone(l.number), l.w.twilio.Phone(l.number)
		here, there := len(one.Messages()), len(other.Messages())
		if here+there >= n {
			break
		}
		// Whoever brings one more.
		more, stop := context.WithCancel(ctx)
		first := make(chan error, 2)
		go func() { _, err := one.Await(more, here+1); first <- err }()
		go func() { _, err := other.Await(more, there+1); first <- err }()
		err := <-first
		stop()
		<-first
		if err != nil {
			return nil, err
		}
	}
	var out []bubble
	for _, m := range l.w.texts(func(number string) bool { return number == l.number }) {
		out = append(out, bubble{text: m.text})
	}
	return out, nil
}

// next reads the next message of ours.
func (c *chat) next() bubble {
	c.r.t.Helper()
	ctx, cancel := withPatience(c.r.ctx)
	defer cancel()
	all, err := c.line.await(ctx, c.read+1)
	if err != nil {
		c.r.fail("no answer on %s: %v", c.channel, err)
	}
	c.last = all[c.read]
	c.read++
	shown := c.last.text
	for _, b := range c.last.buttons {
		shown += "\n[" + b + "]"
	}
	c.r.note(c.channel, "B", shown)
	var ok bool
	if c.asked, ok = c.r.known.recognise(c.last.text); ok {
		c.r.wasAsked(c.asked.key)
	}
	return c.last
}

// say writes words and reads the answer.
func (c *chat) say(words string) bubble {
	c.r.t.Helper()
	c.r.did(c.channel, words)
	if err := c.line.say(words); err != nil {
		c.r.fail("%v", err)
	}
	return c.next()
}

// says writes words and reads the answer. {code} is the dossier's, {tail} its last
// four digits.
func (c *chat) says(words string) string {
	c.r.t.Helper()
	if code := c.r.code; code != "" {
		words = strings.NewReplacer("{code}", code, "{tail}", code[len(code)-4:]).Replace(words)
	}
	return c.say(words).text
}

// presses takes an offered choice by its words.
func (c *chat) presses(label string) string {
	c.r.t.Helper()
	if !c.press([]string{label}, []string{label}) {
		c.r.fail("%q is not offered in: %s %q", label, c.last.text, c.last.buttons)
	}
	return c.last.text
}

// hearsNothing checks that nothing was sent that the citizen has not read. What
// would be sent is due at once, and is sent before the vendors are done.
func (c *chat) hearsNothing() {
	c.r.t.Helper()
	c.r.quiet()
	ctx, cancel := withPatience(c.r.ctx)
	defer cancel()
	if all, err := c.line.await(ctx, c.read); err != nil || len(all) != c.read {
		c.r.fail("%d messages came that nobody expects: %v", len(all)-c.read, err)
	}
}

// press takes an offered choice: its button, its number, or else its words. It
// reports false when it was not offered.
func (c *chat) press(long, short []string) bool {
	c.r.t.Helper()
	if !c.short {
		for _, b := range c.last.buttons {
			for _, l := range long {
				if !says(b, l) && !cutOff(b, l) {
					continue
				}
				c.r.did(c.channel, "["+b+"]")
				if err := c.line.press(b); err != nil {
					c.r.fail("%v", err)
				}
				c.next()
				return true
			}
		}
		return false
	}
	for _, s := range short {
		if n := numberOf(c.last.text, s); n != "" {
			c.say(n)
			return true
		}
	}
	return false
}

// cutOff reports whether a button is the beginning of a label that was too long.
func cutOff(button, label string) bool {
	head, cut := strings.CutSuffix(button, "..")
	_, head, _ = strings.Cut(head, " ")
	return cut && strings.HasPrefix(text.Fold(label), text.Fold(head))
}

// numberOf finds the number in front of a choice of a short message.
func numberOf(message, label string) string {
	label = text.Plain(label)
	for _, n := range []int{len(label), 18, 12, 9} {
		if n > len(label) {
			continue
		}
		re := regexp.MustCompile(`(?i)(?:^|[\s.:?])(\d) ` + regexp.QuoteMeta(label[:n]))
		if g := re.FindStringSubmatch(message); g != nil {
			return g[1]
		}
	}
	return ""
}

// choose takes an offered choice of the message catalogue.
func (c *chat) choose(key string) bubble {
	c.r.t.Helper()
	if !c.press(c.r.known.words(key)) {
		c.r.fail("%s is not offered in: %s %q", key, c.last.text, c.last.buttons)
	}
	return c.last
}

func (c *chat) lookUp(words string) string { return c.say(words).text }

func (c *chat) office(place string) string { return c.say(place).text }

func (c *chat) check(code string) string { return c.say(code).text }

func (c *chat) begin(words string) {
	c.r.t.Helper()
	c.say(words)
	c.choose("choice.applyHere")
	if c.asked.key == "" {
		c.r.fail("no question after applying")
	}
}

// answer gives the answers until a question is open, or the papers are asked for.
func (c *chat) answer(until string) {
	c.r.t.Helper()
	for range 60 {
		switch {
		case c.asked.key == "" && c.gave != "" && !c.atEnd():
			c.askedBack()
		case c.asked.key == "" || c.asked.kind == "paper":
			if until != "" {
				c.r.fail("%s was never asked", until)
			}
			return
		case c.asked.key == until:
			return
		default:
			c.reply(c.asked.key)
		}
	}
	c.r.fail("the questions have no end")
}

// atEnd reports whether what is open follows the questions: papers elsewhere, or
// the summary.
func (c *chat) atEnd() bool { return c.away() || c.consent() != "" }

// reply answers an open question.
func (c *chat) reply(key string) {
	c.r.t.Helper()
	a := c.r.answerOf(key)
	c.gave = key
	c.r.gave(key)
	long, short := c.r.known.labels(key, a.typed)
	if len(long) > 0 && c.press(long, short) {
		return
	}
	c.say(a.typed)
}

// askedBack chooses what was meant.
func (c *chat) askedBack() {
	c.r.t.Helper()
	a := c.r.answerOf(c.gave)
	if a.back == "" {
		c.r.fail("asked back, and persona.txt has no choice for %s (%q): %s", c.gave, a.typed, c.last.text)
	}
	if c.press([]string{a.back}, []string{a.back}) {
		return
	}
	for _, key := range []string{"choice.rightSo", "choice.takeIt"} {
		if c.press(c.r.known.words(key)) {
			return
		}
	}
	c.r.fail("nothing offered means %q: %s %q", a.back, c.last.text, c.last.buttons)
}

// away reports whether papers are asked for that cannot be sent here.
func (c *chat) away() bool {
	_, short := c.r.known.words("choice.link")
	return c.short && numberOf(c.last.text, short[0]) != ""
}

func (c *chat) sendPapers() {
	c.r.t.Helper()
	if c.short {
		if !c.away() {
			c.r.fail("no papers are asked for: %s", c.last.text)
		}
		c.choose("choice.link")
		c.upload(c.r.p.papers)
		c.next()
		return
	}
	for range c.r.p.papers {
		if c.asked.kind != "paper" {
			c.r.fail("no paper is asked for: %s", c.last.text)
		}
		c.sendPages(c.pagesOf(c.asked.key))
		c.choose("choice.done")
	}
}

func (c *chat) pagesOf(requirement string) []page {
	c.r.t.Helper()
	for _, p := range c.r.p.papers {
		if p.requirement == requirement {
			return p.pages
		}
	}
	c.r.fail("persona.txt has no paper %s", requirement)
	return nil
}

// sendPages sends photos of one paper together, as an album, and other files as
// they are.
func (c *chat) sendPages(pages []page) {
	c.r.t.Helper()
	p := c.line.(telegramLine).p
	var photos [][]byte
	for _, page := range pages {
		c.r.did(c.channel, "📷 "+page.name)
		if page.mime == "image/jpeg" {
			photos = append(photos, page.data)
			continue
		}
		if _, err := p.SendDocument(page.name, page.mime, page.data, ""); err != nil {
			c.r.fail("%v", err)
		}
		c.next()
	}
	var err error
	switch len(photos) {
	case 0:
		return
	case 1:
		_, err = p.SendPhoto(photos[0], "")
	default:
		_, err = p.SendAlbum(photos, "")
	}
	if err != nil {
		c.r.fail("%v", err)
	}
	c.next()
}

var uploadLink = regexp.MustCompile(`https?://\S+/u/[0-9A-Za-z]{16}`)

// upload opens the link of the last message in a browser, sends the pages of each
// paper by its form, and finishes.
func (c *chat) upload(papers []paper) {
	c.r.t.Helper()
	link := uploadLink.FindString(c.last.text)
	if link == "" {
		c.r.fail("no link in: %s", c.last.text)
	}
	shown := c.browse(http.MethodGet, link, "", nil)
	for _, p := range papers {
		if !strings.Contains(shown, html.EscapeString(c.r.known.paperName(p.requirement))) ||
			!strings.Contains(shown, `value="`+p.requirement+`"`) {
			c.r.fail("the page does not ask for %s: %s", p.requirement, shown)
		}
		for _, page := range p.pages {
			c.r.note(c.channel, "C", "(trang web) 📷 "+page.name)
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			_ = form.WriteField("paper", p.requirement) // a bytes.Buffer takes everything
			file, err := form.CreateFormFile("file", page.name)
			if err == nil {
				_, err = file.Write(page.data)
			}
			if err != nil || form.Close() != nil {
				c.r.fail("%v", err)
			}
			shown = c.browse(http.MethodPost, link, form.FormDataContentType(), &body)
		}
	}
	c.r.did(c.channel, "(trang web) [Xong, đã gửi đủ]")
	shown = c.browse(http.MethodPost, link+"/done", "application/x-www-form-urlencoded", nil)
	if done := c.r.w.app.Catalog.Messages().Text(text.VI, text.Screen, "web.upload.finished", nil); !strings.Contains(shown, html.EscapeString(done)) {
		c.r.fail("the page does not say that it is done: %s", shown)
	}
}

// browse makes a request the way a browser does, and gives the page it ends on.
func (c *chat) browse(method, link, kind string, body io.Reader) string {
	c.r.t.Helper()
	req, err := http.NewRequestWithContext(c.r.ctx, method, link, body)
	if err != nil {
		c.r.fail("%v", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", c.r.w.app.URL())
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := c.r.w.client.Do(req)
	if err != nil {
		c.r.fail("%v", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	// A link that has done its work is gone, and the page says so.
	if err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusGone {
		c.r.fail("%s %s: %d, %v: %s", method, req.URL.Path, res.StatusCode, err, b)
	}
	return string(b)
}

var consentWords = regexp.MustCompile(`DONG Y \d{4}|AGREE \d{4}`)

// consent gives what submits: the words with the digits drawn, or the label of
// the button.
func (c *chat) consent() string {
	if c.short {
		return consentWords.FindString(c.last.text)
	}
	long, _ := c.r.known.words("choice.consent")
	for _, b := range c.last.buttons {
		for _, l := range long {
			if says(b, l) {
				return l
			}
		}
	}
	return ""
}

// summary reads on until consent can be given.
func (c *chat) summary() string {
	c.r.t.Helper()
	shown := c.last.text
	for range 20 {
		if c.consent() != "" {
			return shown
		}
		shown += "\n" + c.next().text
	}
	c.r.fail("the summary has no end")
	return ""
}

func (c *chat) submit() string {
	c.r.t.Helper()
	c.summary()
	if c.short {
		c.consented = c.consent()
		return c.say(c.consented).text
	}
	for _, b := range c.last.buttons {
		if says(b, c.consent()) {
			c.consented = b
		}
	}
	return c.choose("choice.consent").text
}

// submitAgain presses the same button, or sends the same words, once more.
func (c *chat) submitAgain() string {
	c.r.t.Helper()
	if c.short {
		return c.say(c.consented).text
	}
	c.r.did(c.channel, "["+c.consented+"]")
	if err := c.line.press(c.consented); err != nil {
		c.r.fail("%v", err)
	}
	return c.next().text
}

// told waits for a message that says all the words.
func (c *chat) told(want []string) string {
	c.r.t.Helper()
	for range 10 {
		got := c.next().text
		all := true
		for _, w := range want {
			all = all && says(got, w)
		}
		if all {
			return got
		}
	}
	c.r.fail("%q was not told", want)
	return ""
}

func (c *chat) sendMissing(requirement string, pages []page) {
	c.r.t.Helper()
	c.choose("choice.sendMissing")
	if c.short {
		c.upload([]paper{{requirement, pages}})
		c.next()
		return
	}
	c.sendPages(pages)
	c.choose("choice.submitNow")
}

var fileLink = regexp.MustCompile(`href="(/u/[0-9A-Z]{16}/file/\d+)"`)

// result asks for the link, opens it in a browser and downloads the file.
func (c *chat) result() []byte {
	c.r.t.Helper()
	link := uploadLink.FindString(c.choose("choice.result").text)
	if link == "" {
		c.r.fail("no link in: %s", c.last.text)
	}
	shown := c.browse(http.MethodGet, link, "", nil)
	file := fileLink.FindStringSubmatch(shown)
	if file == nil {
		c.r.fail("no file on the page: %s", shown)
	}
	c.r.note(c.channel, "C", "(trang web) [Tải tệp 1]")
	return []byte(c.browse(http.MethodGet, c.r.w.app.URL()+file[1], "", nil))
}

func (c *chat) withdraw(string) string {
	c.r.t.Helper()
	c.say("rút hồ sơ")
	return c.choose("choice.withdrawYes").text
}

func (c *chat) answerDraft(right bool, words string) string {
	c.r.t.Helper()
	if right {
		return c.choose("choice.draftRight").text
	}
	c.choose("choice.draftWrong")
	return c.say(words).text
}

func (c *chat) speak(locale string) string {
	c.r.t.Helper()
	return c.say(map[string]string{"en": "english", "vi": "tiếng việt"}[locale]).text
}

var handOffCode = regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

func (c *chat) handOff() string {
	c.r.t.Helper()
	code := handOffCode.FindString(c.say("chuyển máy").text)
	if code == "" {
		c.r.fail("no hand-off code in: %s", c.last.text)
	}
	return code
}

func (c *chat) redeem(code string) {
	c.r.t.Helper()
	c.say(code)
	if c.asked.key == "" {
		c.r.fail("no question after the hand-off: %s", c.last.text)
	}
}

var loginDigits = regexp.MustCompile(`\b\d{6}\b`)

// loginCode reads the one-time code that comes next.
func (c *chat) loginCode() string {
	c.r.t.Helper()
	for range 5 {
		if code := loginDigits.FindString(c.next().text); code != "" {
			return code
		}
	}
	c.r.fail("no one-time code came")
	return ""
}
