package telegram_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/telegram"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]telegram.Config{
		"ErrNoToken":        {},
		"ErrTokenForm":      {Token: "123456"},
		"ErrTokenSlash":     {Token: "123:AA/../getMe"},
		"ErrSecretAlphabet": {Token: "1:AA", WebhookSecrets: []string{"có dấu"}},
		"ErrSecretLong":     {Token: "1:AA", WebhookSecrets: []string{strings.Repeat("a", 257)}},
		"ErrURL":            {Token: "1:AA", APIURL: "ftp://127.0.0.1"},
		"ErrURLQuery":       {Token: "1:AA", APIURL: "http://127.0.0.1/?x=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := telegram.New(c)
			if core.ErrorCode(err) != core.CodeInvalid {
				t.Fatalf("%v, want invalid", err)
			}
			if c.Token != "" && strings.Contains(err.Error(), c.Token) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

// TestButtons: a menu, a press, its acknowledgement and the edit in place.
func TestButtons(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	drain(t, b)
	to := strconv.FormatInt(b.minh.ID, 10)
	data := strings.Repeat("d", 64)
	sent, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "Chọn <b>một</b>:", Rows: [][]channels.Button{
		{{Label: "1 Khai sinh", Data: data}, {Label: "2 Hôn nhân", Data: "b"}}, {{Label: "0 Về đầu", Data: "c"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	menu := b.minh.Messages()[0]
	if menu.Text != "Chọn một:" || len(menu.Buttons) != 2 || menu.Buttons[0][0].Data != data {
		t.Fatalf("menu %+v", menu)
	}

	press, err := b.minh.Press("1 Khai sinh")
	if err != nil {
		t.Fatal(err)
	}
	events := drain(t, b)
	if len(events) != 1 || events[0].Kind != core.EventChoice || events[0].ChoiceID != data || events[0].External != to {
		t.Fatalf("events %+v", events)
	}
	ev := events[0]
	edited, err := b.adapter.Send(t.Context(), channels.Outbound{
		To: to, Text: "Đã chọn <b>khai sinh</b>", EditRef: ev.MessageRef, AnswersRef: ev.MessageRef, Toast: strings.Repeat("ạ", 300),
	})
	if err != nil {
		t.Fatal(err)
	}
	if edited.External != sent.External {
		t.Errorf("edited message %q, want %q", edited.External, sent.External)
	}
	if got := b.minh.Messages(); len(got) != 1 || got[0].Text != "Đã chọn khai sinh" || got[0].Edits != 1 || got[0].Buttons != nil {
		t.Errorf("after the edit: %+v", got)
	}
	answer, err := b.fake.AwaitPress(t.Context(), press)
	if err != nil || len([]rune(answer.Text)) != 200 {
		t.Errorf("acknowledgement %+v, %v; want 200 characters", answer, err)
	}

	// The same edit again is a success: a retry of the job must not fail on it.
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "Đã chọn <b>khai sinh</b>", EditRef: sent.External}); err != nil {
		t.Errorf("repeated edit: %v", err)
	}
	// A message that cannot be edited any more is said anew.
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "mới", EditRef: "424242"}); err != nil {
		t.Errorf("edit of a lost message: %v", err)
	}
	if got := b.minh.Messages(); len(got) != 2 || got[1].Text != "mới" {
		t.Errorf("messages %+v", got)
	}
}

// TestStalePress: an acknowledgement that comes too late never keeps the answer
// back; alone, it says that it came too late.
func TestStalePress(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	to := strconv.FormatInt(b.minh.ID, 10)
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "Nút này đã cũ", AnswersRef: "press:42"}); err != nil {
		t.Fatal(err)
	}
	_, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, AnswersRef: "press:42"})
	var se *channels.SendError
	if !errors.As(err, &se) || se.Reason != channels.ReasonExpired || se.Retry {
		t.Errorf("%v, want expired without retry", err)
	}
	// References of other events wait for nothing.
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "a", AnswersRef: "700000001"}); err != nil {
		t.Fatal(err)
	}
	if n := len(b.fake.Journal.Calls("answerCallbackQuery")); n != 2 {
		t.Errorf("%d acknowledgements, want 2", n)
	}
	// A throttled acknowledgement stops the send: the whole bot has to wait.
	b.fake.Faults.Next("answerCallbackQuery", simkit.TooManyRequests(3*time.Second))
	_, err = b.adapter.Send(t.Context(), channels.Outbound{To: to, Text: "chờ", AnswersRef: "press:43"})
	if !errors.As(err, &se) || se.Reason != channels.ReasonThrottled || !se.Certain || se.RetryAfter != 3*time.Second {
		t.Errorf("%v, want throttled", err)
	}
}

func TestSendRefusesButtons(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for name, c := range map[string]struct {
		button channels.Button
		want   channels.Reason
	}{
		"ErrLongData": {channels.Button{Label: "a", Data: strings.Repeat("đ", 33)}, channels.ReasonTooLarge},
		"ErrNoData":   {channels.Button{Label: "a"}, channels.ReasonRefused},
		"ErrNoLabel":  {channels.Button{Label: " ", Data: "a"}, channels.ReasonRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.adapter.Send(t.Context(), channels.Outbound{To: "5551001", Text: "a", Rows: [][]channels.Button{{c.button}}})
			var se *channels.SendError
			if !errors.As(err, &se) || se.Reason != c.want || !se.Certain {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestBrokenMarkup: words without bold are better than no words.
func TestBrokenMarkup(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: "5551001", Text: "<b>Ông A &amp; bà B <i>đã"}); err != nil {
		t.Fatal(err)
	}
	if got := b.minh.Messages(); len(got) != 1 || got[0].Text != "Ông A & bà B đã" {
		t.Errorf("messages %+v", got)
	}
}

// TestContact: only the own contact, not forwarded, proves a number.
func TestContact(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{
		To: "5551001", Text: "Số điện thoại?", AskContact: true, Rows: [][]channels.Button{{{Label: "Bỏ qua", Data: "skip"}}},
	}); err != nil {
		t.Fatal(err)
	}
	drain(t, b)
	minh := b.minh
	for _, c := range []struct {
		name string
		do   func() error
		want core.EventKind
	}{
		{"pressed", func() error {
			_, err := minh.Press("📱 Gửi số điện thoại của tôi / Share my number")
			return err
		}, core.EventContact},
		{"other person", func() error { _, err := minh.ShareOtherContact("+84901111111", "Lan", 5551002); return err }, core.EventText},
		{"no account", func() error { _, err := minh.ShareOtherContact("0901111111", "Lan", 0); return err }, core.EventText},
		{"forwarded", func() error { _, err := minh.ForwardContact(minh.Phone, minh.ID); return err }, core.EventText},
		{"text button", func() error { _, err := minh.Press("Bỏ qua"); return err }, core.EventText},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		events := drain(t, b)
		if len(events) != 1 || events[0].Kind != c.want {
			t.Fatalf("%s: %+v, want %s", c.name, events, c.want)
		}
		if proved := events[0].Phone != ""; proved != (c.want == core.EventContact) {
			t.Errorf("%s: proved number %q", c.name, events[0].Phone)
		}
		if c.want == core.EventContact && events[0].Phone != "+"+minh.Phone {
			t.Errorf("%s: %q is not E.164", c.name, events[0].Phone)
		}
	}
}

// TestPhoto: the largest size is taken, and its bytes are those that were sent.
func TestPhoto(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	drain(t, b)
	page := []byte(strings.Repeat("jpeg ", 1000))
	if _, err := b.minh.SendAlbum([][]byte{page, page[:2000]}, "hai trang"); err != nil {
		t.Fatal(err)
	}
	events := drain(t, b)
	if len(events) != 2 || events[0].Group == "" || events[0].Group != events[1].Group || events[0].Text != "hai trang" {
		t.Fatalf("events %+v", events)
	}
	rc, err := b.adapter.OpenFile(t.Context(), events[0].Media[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rc.Close() }()
	got, err := io.ReadAll(rc)
	if err != nil || string(got) != string(page) {
		t.Errorf("%d bytes, %v; want the %d of the photo", len(got), err, len(page))
	}
}

// TestGroup: nothing that was said in a group gets through.
func TestGroup(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	drain(t, b)
	if _, err := b.minh.SayInGroup(-1001234, "/nop 079123456789"); err != nil {
		t.Fatal(err)
	}
	events := drain(t, b)
	if len(events) != 1 {
		t.Fatalf("events %+v", events)
	}
	ev := events[0]
	ev.SentAt = time.Time{}
	want := core.Event{ID: ev.ID, Channel: "telegram", Account: "main", External: "-1001234", Kind: core.EventPublic, Locale: "vi"}
	if diff := cmp.Diff(want, ev); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The refusal can be said there.
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: ev.External, Text: "Nhắn riêng cho bot nhé"}); err != nil {
		t.Error(err)
	}
}

// TestPollPersistsFirst: an update is confirmed only after it was taken; when it
// cannot be taken, nothing behind it is handed out.
func TestPollPersistsFirst(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, s := range []string{"một", "hai", "ba"} {
		if _, err := b.minh.Say(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	failed := 0
	_ = b.adapter.Poll(ctx, func(_ context.Context, in channels.Inbound) error {
		text := in.Events[0].Text
		if text == "hai" && failed < 3 {
			failed++
			return core.E(core.CodeUnavailable, "test", "", nil)
		}
		got = append(got, text)
		if text == "ba" {
			if b.fake.Waiting() == 0 {
				t.Error("confirmed before it was taken")
			}
			cancel()
		}
		return nil
	})
	if diff := cmp.Diff([]string{"", "một", "hai", "ba"}, got); diff != "" || failed != 3 {
		t.Errorf("after %d failures (-want +got):\n%s", failed, diff)
	}
}

// TestPollRecovers: a webhook left behind, errors of the vendor and a second
// poller end in nothing lost.
func TestPollRecovers(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if err := b.adapter.SetWebhook(t.Context(), "https://motcua.example/webhooks/telegram/main"); err != nil {
		t.Fatal(err)
	}
	b.fake.Faults.Next("deleteWebhook", simkit.ServerError())
	b.fake.Faults.Next("getUpdates", simkit.BadGateway(), simkit.Refuse(409, 0, "Conflict: terminated by other getUpdates request"), simkit.CutBefore())
	if events := drain(t, b); len(events) != 1 || events[0].Kind != core.EventStart {
		t.Errorf("events %+v", events)
	}
	if n := b.fake.Faults.Unused(); n != 0 {
		t.Errorf("%d faults not met", n)
	}
}

// TestManage: webhook, commands and name reach the vendor; its refusals have codes.
func TestManage(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if err := b.adapter.SetWebhook(t.Context(), "http://motcua.example/plain"); core.ErrorCode(err) != core.CodeInvalid {
		t.Errorf("plain http: %v, want invalid", err)
	}
	if err := b.adapter.SetWebhook(t.Context(), "https://motcua.example/webhooks/telegram/main"); err != nil || b.fake.WebhookSecret() != secret {
		t.Errorf("set webhook: %v, secret %q", err, b.fake.WebhookSecret())
	}
	if err := b.adapter.SetCommands(t.Context(), "vi", []telegram.Command{{Command: "tracuu", Description: "Tra cứu hồ sơ"}}); err != nil || b.fake.Commands("vi") == nil {
		t.Errorf("set commands: %v", err)
	}
	if name, err := b.adapter.Username(t.Context()); err != nil || name != "motcua_sim_bot" {
		t.Errorf("name %q, %v", name, err)
	}
	other, err := telegram.New(telegram.Config{Token: "1:AAwrong", APIURL: b.fake.URL()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Username(t.Context()); core.ErrorCode(err) != core.CodeUnauthenticated {
		t.Errorf("wrong token: %v, want unauthenticated", err)
	}
	if err := other.SetWebhook(t.Context(), "https://x.example"); core.ErrorCode(err) != core.CodeFailedPrecondition {
		t.Errorf("no secret: %v, want failed_precondition", err)
	}
}

// TestRequest pins what goes over the wire for a full message.
func TestRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if _, err := b.adapter.Send(t.Context(), channels.Outbound{To: "5551001", Text: "Chào <b>Minh</b>", Rows: [][]channels.Button{{{Label: "1 Có", Data: "y"}}}}); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"chat_id":                  {"5551001"},
		"text":                     {"Chào <b>Minh</b>"},
		"parse_mode":               {"HTML"},
		"link_preview_options":     {`{"is_disabled":true}`},
		"disable_web_page_preview": {"true"},
		"reply_markup":             {`{"inline_keyboard":[[{"text":"1 Có","callback_data":"y"}]]}`},
	}
	if diff := cmp.Diff(want, map[string][]string(b.fake.Journal.Calls("sendMessage")[0].Params)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
