package simkit

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// TelegramOptions configure a fake Bot API server. The zero value works.
type TelegramOptions struct {
	Token    string           // default "123456789:AAFakeTokenOfTheSimulator"
	Username string           // of the bot, default "motcua_sim_bot"
	Now      func() time.Time // default time.Now
	Via      string           // base URL that is really connected to when the webhook URL is a public one
	// FirstUpdateID is the id of the first update, default 700000001. Ids are
	// sequential per bot.
	FirstUpdateID int64
}

// Telegram is a fake Bot API server with the people who chat with the bot.
//
// Protocol source: the Bot API reference and the official server's delivery rules
// (webhook queue per chat, another one for button presses; retries at once and
// then after 2, 4, 8… up to 60 s, Retry-After honoured; updates expire after 24
// hours, presses after 150 s).
//
// Calls it knows: getMe, getUpdates, setWebhook, deleteWebhook, getWebhookInfo,
// sendMessage, editMessageText, editMessageReplyMarkup, deleteMessage, sendPhoto,
// sendDocument, sendChatAction, answerCallbackQuery, getFile, setMyCommands,
// getMyCommands, setMyDescription, setMyShortDescription, and the download of files.
type Telegram struct {
	Journal Journal
	Faults  Faults

	opt     TelegramOptions
	out     *dispatcher
	listen  listener
	changed signal
	closed  chan struct{}
	once    sync.Once

	mu          sync.Mutex
	nextUpdate  int64
	nextMessage int64
	nextSerial  int64 // files, button presses, albums
	webhook     telegramWebhook
	pollers     int64 // number of the newest getUpdates
	people      map[int64]*TelegramPerson
	files       map[string]*telegramFile
	messages    []*TelegramMessage
	presses     map[string]*TelegramPress
	actions     []TelegramAction
	commands    map[string]json.RawMessage // by scope and language
}

type telegramWebhook struct {
	url, secret    string
	maxConnections int
	allowed        []string
}

// TelegramMessage is a message the bot sent, as the person sees it.
type TelegramMessage struct {
	ID       int64
	ChatID   int64
	At       time.Time
	Text     string // as displayed: entities resolved
	Raw      string // as sent, with markup
	Buttons  [][]TelegramButton
	Keyboard [][]TelegramButton // reply keyboard: buttons that send their text
	File     *TelegramFile      // photo or document
	Edits    int                // how often it was edited
	Deleted  bool
	ReplyTo  int64
	Protect  bool // protect_content
}

// TelegramButton is one button under a message or of a reply keyboard.
type TelegramButton struct {
	Text           string
	Data           string // callback_data
	URL            string
	RequestContact bool
}

// TelegramFile is a file that travelled in either direction.
type TelegramFile struct {
	Name string
	MIME string
	Data []byte
}

// TelegramPress is a press of an inline button and the bot's answer to it.
type TelegramPress struct {
	ID       string
	From     int64
	Data     string
	At       time.Time
	Answered bool
	Text     string // of the answer, "" for none
	Alert    bool
}

// TelegramAction is a chat action such as "typing".
type TelegramAction struct {
	ChatID int64
	Action string
	At     time.Time
}

type telegramFile struct {
	id, unique, path string
	TelegramFile
	width, height int
	size          int64 // told to clients; may be larger than Data to test limits
}

// NewTelegram makes a fake Bot API server. It serves after Start, or wherever its
// ServeHTTP is mounted.
func NewTelegram(opt TelegramOptions) *Telegram {
	if opt.Token == "" {
		opt.Token = "123456789:AAFakeTokenOfTheSimulator"
	}
	if opt.Username == "" {
		opt.Username = "motcua_sim_bot"
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.FirstUpdateID == 0 {
		opt.FirstUpdateID = 700000001
	}
	t := &Telegram{
		opt:        opt,
		closed:     make(chan struct{}),
		nextUpdate: opt.FirstUpdateID,
		people:     map[int64]*TelegramPerson{},
		files:      map[string]*telegramFile{},
		presses:    map[string]*TelegramPress{},
		commands:   map[string]json.RawMessage{},
	}
	t.out = newDispatcher(opt.Now, 60*time.Second, telegramRetry)
	t.out.setPaused(true)
	return t
}

// telegramRetry: at once after the first failure, then 2, 4, 8… s up to 60, and
// what Retry-After says when the answer has it (0…3600 s). An update is given up
// only by its expiry.
func telegramRetry(d Delivery) (time.Duration, bool) {
	if d.RetryAfter > 0 {
		return min(d.RetryAfter, time.Hour), true
	}
	if d.Attempt <= 1 {
		return 0, true
	}
	return min(time.Second<<min(d.Attempt-1, 6), 60*time.Second), true
}

// Start serves on an ephemeral port of 127.0.0.1.
func (t *Telegram) Start() error { return t.listen.start(t) }

// Close stops the server and cuts hanging answers. It may be called twice.
func (t *Telegram) Close() {
	t.once.Do(func() { close(t.closed) })
	t.listen.stop()
	t.out.close()
}

// URL is the base of the API, to be used in place of https://api.telegram.org.
func (t *Telegram) URL() string { return t.listen.url() }

// Token is the bot's token.
func (t *Telegram) Token() string { return t.opt.Token }

// SetVia changes the base URL that webhook calls really connect to; "" connects
// to the webhook URL itself.
func (t *Telegram) SetVia(base string) {
	t.mu.Lock()
	t.opt.Via = base
	t.mu.Unlock()
}

// SetDeliveryFaults makes the way to the webhook a bad one.
func (t *Telegram) SetDeliveryFaults(f DeliveryFaults) { t.out.setFaults(f) }

// Pump delivers the updates that are due now to the webhook, one after the other,
// and gives the attempts made. Without a webhook it does nothing.
func (t *Telegram) Pump(ctx context.Context) []Delivery { return t.out.pump(ctx) }

// Step delivers one update; choose picks among the n that may go now (queues are
// independent, so there may be several). It reports whether there was one. It may
// be called from several goroutines.
func (t *Telegram) Step(ctx context.Context, choose func(n int) int) (Delivery, bool) {
	return t.out.step(ctx, choose)
}

// Run delivers as updates become due until ctx ends, at most 40 at a time.
func (t *Telegram) Run(ctx context.Context) error { return t.out.run(ctx, 40) }

// Kick wakes Run after the clock of the options was moved.
func (t *Telegram) Kick() { t.out.changed.fire() }

// NextDue says when the next webhook call is due.
func (t *Telegram) NextDue() (time.Time, bool) { return t.out.next() }

// Deliveries gives all webhook attempts so far.
func (t *Telegram) Deliveries() []Delivery { return t.out.deliveries() }

// AwaitIdle waits until no update is left to deliver or to fetch.
func (t *Telegram) AwaitIdle(ctx context.Context) error { return t.out.awaitIdle(ctx) }

// Waiting counts the updates not yet delivered, fetched or expired.
func (t *Telegram) Waiting() int { return len(t.out.waiting()) }

// Outbox gives everything the bot sent, oldest first, as it looks now.
func (t *Telegram) Outbox() []TelegramMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]TelegramMessage, len(t.messages))
	for i, m := range t.messages {
		out[i] = *m
	}
	return out
}

// Presses gives all button presses and their answers, in no order.
func (t *Telegram) Presses() []TelegramPress {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]TelegramPress, 0, len(t.presses))
	for _, p := range t.presses {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b TelegramPress) int { return a.At.Compare(b.At) })
	return out
}

// Actions gives the chat actions ("typing") the bot showed.
func (t *Telegram) Actions() []TelegramAction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.actions)
}

// AwaitMessage waits for a message of the bot that match accepts.
func (t *Telegram) AwaitMessage(ctx context.Context, match func(TelegramMessage) bool) (TelegramMessage, error) {
	return await(ctx, &t.changed, func() (TelegramMessage, bool) {
		for _, m := range t.Outbox() {
			if match(m) {
				return m, true
			}
		}
		return TelegramMessage{}, false
	})
}

// AwaitPress waits until the bot has answered a button press.
func (t *Telegram) AwaitPress(ctx context.Context, id string) (TelegramPress, error) {
	return await(ctx, &t.changed, func() (TelegramPress, bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		p, ok := t.presses[id]
		if !ok || !p.Answered {
			return TelegramPress{}, false
		}
		return *p, true
	})
}

// Inject queues a raw update, for example of a kind this fake does not make. The
// object gets the next update_id unless it brings one. The queue is the given one.
func (t *Telegram) Inject(queue string, update map[string]any) (int64, error) {
	return t.enqueue(queue, 24*time.Hour, update)
}

// enqueue numbers an update and hands it to the webhook's queue.
func (t *Telegram) enqueue(queue string, life time.Duration, update map[string]any) (int64, error) {
	t.mu.Lock()
	id := t.nextUpdate
	t.nextUpdate++
	if given, ok := update["update_id"].(int64); ok {
		id = given
	} else {
		update["update_id"] = id
	}
	body, err := json.Marshal(update)
	if err != nil {
		t.mu.Unlock()
		return 0, err
	}
	now := t.opt.Now()
	// The push happens under the lock, so that ids and queue order agree.
	t.out.push(&parcel{
		id: id, queue: queue, due: now, expires: now.Add(life), body: body,
		request: func(ctx context.Context) (*http.Request, error) { return t.webhookRequest(ctx, body) },
		onAnswer: func(d Delivery) {
			t.replyInWebhook(d.Body)
		},
	})
	t.mu.Unlock()
	t.changed.fire()
	return id, nil
}

func (t *Telegram) webhookRequest(ctx context.Context, body []byte) (*http.Request, error) {
	t.mu.Lock()
	hook, via := t.webhook, t.opt.Via
	t.mu.Unlock()
	if hook.url == "" {
		return nil, errors.New("simkit: no webhook is set")
	}
	target, err := viaURL(hook.url, via)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if hook.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	return req, nil
}

// replyInWebhook executes a method named in the body of a 2xx answer. Its result
// is told to nobody, as with the real server.
func (t *Telegram) replyInWebhook(body []byte) {
	var call map[string]any
	if json.Unmarshal(body, &call) != nil {
		return
	}
	method, _ := call["method"].(string)
	if method == "" || strings.HasPrefix(method, "get") ||
		slices.Contains([]string{"setWebhook", "deleteWebhook", "close", "logOut"}, method) {
		return
	}
	delete(call, "method")
	params, err := jsonParams(call)
	if err != nil {
		return
	}
	seq := t.Journal.begin(t.opt.Now(), method, params.values)
	_, callErr := t.call(context.Background(), method, params)
	status := http.StatusOK
	if callErr != nil {
		status = callErr.code
	}
	t.Journal.end(seq, status, "", callErr != nil && callErr.unknown)
}

// Person gives the person with the id, introducing them on first use.
func (t *Telegram) Person(id int64, firstName, language string) *TelegramPerson {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p, ok := t.people[id]; ok {
		return p
	}
	p := &TelegramPerson{bot: t, ID: id, FirstName: firstName, Language: language, Phone: "849" + strconv.FormatInt(10000000+id%90000000, 10)}
	t.people[id] = p
	return p
}
