package telegram_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/channeltest"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

const (
	secret    = "Webhook_Secret-of-the-exam"
	oldSecret = "Webhook_Secret-before-rotation"
)

// bundle is an adapter on a fake with one person who has opened the chat.
type bundle struct {
	fake    *simkit.Telegram
	minh    *simkit.TelegramPerson
	adapter *telegram.Adapter
}

func setup(t *testing.T, transport http.RoundTripper) bundle {
	t.Helper()
	fake := simkit.NewTelegram(simkit.TelegramOptions{})
	if err := fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	minh := fake.Person(5551001, "Minh", "vi")
	if _, err := minh.Start(""); err != nil {
		t.Fatal(err)
	}
	if transport == nil {
		lt := simkit.NewLoopbackTransport()
		t.Cleanup(lt.CloseIdleConnections)
		transport = lt
	}
	a, err := telegram.New(telegram.Config{
		Token: fake.Token(), APIURL: fake.URL(), WebhookSecrets: []string{secret, oldSecret},
		Transport: transport, LongPoll: time.Second, RetryWait: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return bundle{fake: fake, minh: minh, adapter: a}
}

// request is an update as the vendor posts it.
func request(name, body, withSecret string) channeltest.Request {
	h := http.Header{"Content-Type": {"application/json"}}
	if withSecret != "" {
		h.Set("X-Telegram-Bot-Api-Secret-Token", withSecret)
	}
	return channeltest.Request{Name: name, Target: "/webhooks/telegram/main", Header: h, Body: body}
}

func TestExam(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, func(t *testing.T, transport http.RoundTripper) channeltest.Bench {
		b := setup(t, transport)
		var updates atomic.Int64
		updates.Store(1000)
		encode := func(v any) string {
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		// brings is an update with a message of somebody that holds a content.
		brings := func(who, id int64, content map[string]any) string {
			m := map[string]any{
				"message_id": 77, "date": 1780000000,
				"from": map[string]any{"id": who, "is_bot": false, "first_name": "Minh", "language_code": "vi"},
				"chat": map[string]any{"id": who, "type": "private", "first_name": "Minh"},
			}
			maps.Copy(m, content)
			return encode(map[string]any{"update_id": id, "message": m})
		}
		message := func(text string) string {
			return brings(b.minh.ID, updates.Add(1), map[string]any{"text": text})
		}
		has := func(name string, content any) channeltest.Request {
			return request(name, brings(b.minh.ID, updates.Add(1), map[string]any{name: content}), secret)
		}
		lan := b.fake.Person(5551002, "Lan", "vi")
		if _, err := lan.Start(""); err != nil {
			t.Fatal(err)
		}
		texts := func(p *simkit.TelegramPerson) func() []string {
			return func() (out []string) {
				for _, m := range p.Messages() {
					out = append(out, m.Text)
				}
				return out
			}
		}
		refused := func(status int, description string, reason channels.Reason) channeltest.ErrorCase {
			return channeltest.ErrorCase{Fault: simkit.Refuse(status, 0, description), Reason: reason}
		}
		return channeltest.Bench{
			Adapter:  b.adapter,
			To:       strconv.FormatInt(b.minh.ID, 10),
			Stop:     b.fake.Close,
			Faults:   &b.fake.Faults,
			Journal:  &b.fake.Journal,
			SendCall: "sendMessage",
			Received: texts(b.minh),
			Await: func(ctx context.Context, n int) error {
				_, err := b.minh.Await(ctx, n)
				return err
			},
			Errors: []channeltest.ErrorCase{
				refused(403, "Forbidden: bot was blocked by the user", channels.ReasonBlocked),
				refused(403, "Forbidden: bot can't initiate conversation with a user", channels.ReasonBlocked),
				refused(403, "Forbidden: user is deactivated", channels.ReasonBadAddress),
				refused(400, "Bad Request: chat not found", channels.ReasonBadAddress),
				refused(400, "Bad Request: message is too long", channels.ReasonTooLarge),
				refused(400, "Bad Request: BUTTON_URL_INVALID", channels.ReasonRefused),
				refused(400, `Bad Request: something about "Nguyen Van A 079123"`, channels.ReasonRefused),
				refused(401, "Unauthorized", channels.ReasonBadAccount),
				refused(404, "Not Found", channels.ReasonBadAccount),
				{Fault: simkit.Refuse(409, 0, "Conflict: terminated by other getUpdates request"), Reason: channels.ReasonUnreachable, Retry: true},
				{Fault: simkit.Fault{Status: 404, Body: []byte("<html>nginx</html>")}, Reason: channels.ReasonBadAccount},
			},
			BadAddress: []string{"@someone", "+84901234567", "5551001; drop"},
			Message:    func(text string) channeltest.Request { return request("message", message(text), secret) },
			Forged: []channeltest.Request{
				request("no secret", message("x"), ""),
				request("wrong secret", message("x"), "Webhook_Secret-of-nobody"),
				request("beginning of the secret", message("x"), secret[:len(secret)-1]),
				request("secret and more", message("x"), secret+"0"),
				request("other case", message("x"), "webhook_secret-of-the-exam"),
			},
			Refusal: core.CodeUnauthenticated,
			Unknown: []channeltest.Request{
				request("edited message", `{"update_id":1,"edited_message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":"a"}}`, secret),
				request("kind of the future", `{"update_id":1,"holo_message":{"x":1}}`, secret),
				request("no kind", `{"update_id":1}`, secret),
				request("content of the future", `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"hologram":{}}}`, secret),
				request("channel post", `{"update_id":1,"channel_post":{"message_id":1,"date":1,"chat":{"id":-5,"type":"channel"},"text":"a"}}`, secret),
				request("another bot", `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5,"is_bot":true},"text":"a"}}`, secret),
				request("let in again", `{"update_id":1,"my_chat_member":{"chat":{"id":5,"type":"private"},"from":{"id":5},"date":1,"new_chat_member":{"status":"member"}}}`, secret),
			},
			Malformed: []channeltest.Request{
				request("empty", "", secret),
				request("no JSON", "hello", secret),
				request("torn", `{"update_id":1,"message":{"text":"a`, secret),
				request("null", "null", secret),
				request("list", "[]", secret),
				request("no update_id", `{"message":{"text":"a"}}`, secret),
				request("update_id a string", `{"update_id":"1","message":{"text":"a"}}`, secret),
				request("update_id too large", `{"update_id":99999999999999999999,"message":{"text":"a"}}`, secret),
				request("message a number", `{"update_id":1,"message":5}`, secret),
				request("no chat", `{"update_id":1,"message":{"text":"a","from":{"id":5}}}`, secret),
				request("press without id", `{"update_id":1,"callback_query":{"data":"a","from":{"id":5}}}`, secret),
				request("two documents", `{"update_id":1}{"update_id":2}`, secret),
			},
			Planted: []string{b.fake.Token(), secret, oldSecret},
			Rotated: func(text string) channeltest.Request { return request("old secret", message(text), oldSecret) },
			Other: channeltest.Person{
				To: strconv.FormatInt(lan.ID, 10), Received: texts(lan),
				Message: func(text string) channeltest.Request {
					return request("message", brings(lan.ID, updates.Add(1), map[string]any{"text": text}), secret)
				},
			},
			Elsewhere: []channeltest.Request{request("to another bot", message("x"), "Webhook_Secret-of-another-bot")},
			AnyTime: []channeltest.Request{
				request("of 1970", brings(b.minh.ID, updates.Add(1), map[string]any{"text": "a", "date": 1}), secret),
				request("of 2100", brings(b.minh.ID, updates.Add(1), map[string]any{"text": "a", "date": 4102444800}), secret),
				request("of no time", brings(b.minh.ID, updates.Add(1), map[string]any{"text": "a", "date": 0}), secret),
			},
			Huge: channeltest.Huge{
				Request: request("huge", brings(9007199254740993, 9223372036854775807, map[string]any{"text": "a"}), secret),
				ID:      "9223372036854775807", External: "9007199254740993",
			},
			Unreadable: []channeltest.Request{
				has("poll", map[string]any{"id": "1", "question": "?", "options": []any{}}),
				has("voice", map[string]any{"file_id": "v", "mime_type": "audio/ogg", "duration": 3}),
				has("video_note", map[string]any{"file_id": "n", "duration": 3}),
				has("sticker", map[string]any{"file_id": "s", "width": 512}),
				has("dice", map[string]any{"emoji": "🎲", "value": 4}),
				has("game", map[string]any{"title": "x"}),
				has("story", map[string]any{"id": 1}),
				has("paid_media", map[string]any{"star_count": 1}),
				has("checklist", map[string]any{"title": "x"}),
			},
			OptOut: func() channeltest.Request {
				return request("blocked", encode(map[string]any{"update_id": updates.Add(1), "my_chat_member": map[string]any{
					"chat": map[string]any{"id": b.minh.ID, "type": "private"}, "from": map[string]any{"id": b.minh.ID}, "date": 1780000000,
					"new_chat_member": map[string]any{"status": "kicked"},
				}}), secret)
			},
			Press: func(data string) channeltest.Request {
				all := b.minh.Messages()
				id, err := b.minh.PressData(all[len(all)-1].ID, data) // which the vendor will want acknowledged
				if err != nil {
					t.Fatal(err)
				}
				return request("press", encode(map[string]any{"update_id": updates.Add(1), "callback_query": map[string]any{
					"id": id, "from": map[string]any{"id": b.minh.ID, "language_code": "vi"}, "data": data,
					"message": map[string]any{"message_id": all[len(all)-1].ID, "chat": map[string]any{"id": b.minh.ID, "type": "private"}},
				}}), secret)
			},
			Buttons: func() (rows [][]channels.Button) {
				all := b.minh.Messages()
				if len(all) == 0 {
					return nil
				}
				for _, row := range all[len(all)-1].Buttons {
					var out []channels.Button
					for _, k := range row {
						out = append(out, channels.Button{Label: k.Text, Data: k.Data})
					}
					rows = append(rows, out)
				}
				return rows
			},
			AckCall: "answerCallbackQuery",
			File: func(name string) channeltest.Request {
				return has("document", map[string]any{"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": "application/pdf", "file_size": 1000})
			},
			Media: func(data []byte) core.Media {
				if _, err := b.minh.SendDocument("giay.pdf", "application/pdf", data, ""); err != nil {
					t.Fatal(err)
				}
				return waitingMedia(t, b)
			},
			HugeMedia: func() []core.Media {
				return []core.Media{{Ref: "x", Size: 21 << 20}, hugeMedia(t, b)}
			},
			Download: "download",
		}
	})
}

// waitingMedia fetches the updates that wait and gives the last file among them.
func waitingMedia(t *testing.T, b bundle) (m core.Media) {
	t.Helper()
	for _, ev := range drain(t, b) {
		for _, f := range ev.Media {
			m = f
		}
	}
	if m.Ref == "" {
		t.Fatal("no file waits")
	}
	return m
}

// hugeMedia is a file whose message tells no size, so that only getFile knows.
func hugeMedia(t *testing.T, b bundle) core.Media {
	t.Helper()
	if _, err := b.minh.SendHugeDocument("dia.pdf", "application/pdf", 3<<30); err != nil {
		t.Fatal(err)
	}
	m := waitingMedia(t, b)
	m.Size = 0
	return m
}

// drain polls until everything was confirmed and gives the events.
func drain(t *testing.T, b bundle) (events []core.Event) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		_ = b.fake.AwaitIdle(ctx) // ends with ctx at the latest
	}()
	err := b.adapter.Poll(ctx, func(_ context.Context, in channels.Inbound) error {
		events = append(events, in.Events...)
		return nil
	})
	if ctx.Err() == nil {
		t.Fatalf("poll: %v", err)
	}
	return events
}

func TestGolden(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	channeltest.Golden(t, func(t *testing.T, body []byte) channels.Inbound {
		r, err := http.NewRequest(http.MethodPost, "/webhooks/telegram/main", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", oldSecret)
		in, err := b.adapter.Parse(r, body)
		if err != nil {
			t.Fatal(err)
		}
		return in
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"update_id":1,"message":{"message_id":2,"date":3,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":"/start abc"}}`,
		`{"update_id":1,"message":{"message_id":2,"chat":{"id":5,"type":"private"},"from":{"id":5},"photo":[{"file_id":"a","width":1,"height":1}]}}`,
		`{"update_id":1,"message":{"chat":{"id":5,"type":"private"},"from":{"id":5},"contact":{"phone_number":"+84 90","user_id":5}}}`,
		`{"update_id":1,"callback_query":{"id":"9","from":{"id":5},"data":"x","message":{"message_id":2,"chat":{"id":5}}}}`,
		`{"update_id":1,"my_chat_member":{"chat":{"id":5,"type":"private"},"new_chat_member":{"status":"kicked"}}}`,
		`{"update_id":-1}`, `[]`, `{"update_id":1,"message":{"chat":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	a, err := telegram.New(telegram.Config{Token: "1:AA", WebhookSecrets: []string{secret}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := http.NewRequest(http.MethodPost, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		in, err := a.Parse(r, body)
		if err != nil {
			t.Fatalf("an authentic request must never fail: %v", err)
		}
		if len(in.Events)+in.Ignored != 1 {
			t.Fatalf("neither one event nor one ignored: %+v", in)
		}
		for _, ev := range in.Events {
			if ev.ID == "" || ev.External == "" || ev.Kind == "" {
				t.Fatalf("incomplete event: %+v", ev)
			}
			if ev.Kind == core.EventPublic && (ev.Text != "" || len(ev.Media) > 0) {
				t.Fatalf("content of a group got through: %+v", ev)
			}
		}
	})
}
