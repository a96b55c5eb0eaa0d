package telegram

import (
	"context"
	"encoding/json"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// pressPrefix marks the event id of a press. Event.ID and Event.MessageRef of a
// press both serve as Outbound.AnswersRef; MessageRef serves as EditRef too.
const pressPrefix = "press:"

// pressID takes the vendor's id of a press out of an AnswersRef, "" when the
// reference is not one of a press: nothing waits for an acknowledgement then.
func pressID(ref string) string {
	head, id, ok := strings.Cut(ref, ":")
	if !ok || head != strings.TrimSuffix(pressPrefix, ":") && strings.Trim(head, "0123456789") != "" {
		return ""
	}
	return id
}

// messageID takes the vendor's message id out of an EditRef: what Send returned,
// or the MessageRef of a press.
func messageID(ref string) string {
	head, _, _ := strings.Cut(ref, ":")
	if head == "" || head == "0" || strings.Trim(head, "0123456789") != "" {
		return ""
	}
	return head
}

// Send acknowledges the pressed button, if one waits, and sends or edits one
// message. Without text it only acknowledges. A failed acknowledgement does not
// keep the message back unless the whole account has to wait.
//
// Reasons beside the common ones: expired when an acknowledgement alone came
// later than 150 s after the press.
func (a *Adapter) Send(ctx context.Context, out channels.Outbound) (channels.Sent, error) {
	if err := check(out); err != nil {
		return channels.Sent{}, err
	}
	if err := ctx.Err(); err != nil {
		return channels.Sent{}, &channels.SendError{Reason: channels.ReasonUnreachable, Retry: true, Certain: true, Err: err}
	}
	if id := pressID(out.AnswersRef); id != "" {
		params := tgbotapi.Params{"callback_query_id": id}
		params.AddNonEmpty("text", cut(out.Toast, maxToast))
		if _, f := a.call(ctx, "answerCallbackQuery", params, ackTimeout); f != nil {
			e := f.sendError()
			if out.Text == "" || e.Reason == channels.ReasonThrottled || e.Reason == channels.ReasonBadAccount {
				return channels.Sent{}, e
			}
		}
	}
	if out.Text == "" {
		return channels.Sent{State: core.ReceiptSent, At: a.clock.Now()}, nil
	}
	params, err := a.params(out)
	if err != nil {
		return channels.Sent{}, err
	}
	result, f := a.deliver(ctx, out, params)
	if f != nil && f.says("can't parse entities") {
		// A citizen gets the words without the bold rather than nothing.
		delete(params, "parse_mode")
		params["text"] = plain(out.Text)
		result, f = a.deliver(ctx, out, params)
	}
	if f != nil {
		return channels.Sent{}, f.sendError()
	}
	return a.sent(result), nil
}

// deliver edits when it can and sends otherwise.
func (a *Adapter) deliver(ctx context.Context, out channels.Outbound, params tgbotapi.Params) (json.RawMessage, *failure) {
	// A reply keyboard cannot be edited in, only sent.
	if id := messageID(out.EditRef); id != "" && !out.AskContact {
		params["message_id"] = id
		result, f := a.call(ctx, "editMessageText", params, sendTimeout)
		delete(params, "message_id")
		switch {
		case f == nil:
			return result, nil
		case f.says("message is not modified"):
			// The same edit again: the message is as it should be.
			return json.RawMessage(`{"message_id":` + id + `}`), nil
		case f.code != 400 || f.says("can't parse entities") || f.says("chat not found"):
			return nil, f
		}
		// Deleted, too old, or a photo: say it anew.
	}
	return a.call(ctx, "sendMessage", params, sendTimeout)
}

func (a *Adapter) sent(result json.RawMessage) channels.Sent {
	var m struct {
		ID   int64 `json:"message_id"`
		Date int64 `json:"date"`
	}
	s := channels.Sent{State: core.ReceiptSent, Units: 1, At: a.clock.Now()}
	if json.Unmarshal(result, &m) == nil && m.ID != 0 {
		s.External = strconv.FormatInt(m.ID, 10)
		if m.Date > 0 {
			s.At = time.Unix(m.Date, 0).UTC()
		}
	}
	return s
}

// check refuses what the vendor would refuse, before a call.
func check(out channels.Outbound) error {
	if n, err := strconv.ParseInt(out.To, 10, 64); err != nil || n == 0 || out.To[0] == '+' {
		return &channels.SendError{Reason: channels.ReasonBadAddress, Certain: true}
	}
	if out.Text == "" && pressID(out.AnswersRef) == "" {
		return &channels.SendError{Reason: channels.ReasonRefused, Certain: true}
	}
	for _, row := range out.Rows {
		for _, b := range row {
			if len(b.Data) > maxData {
				return &channels.SendError{Reason: channels.ReasonTooLarge, Certain: true}
			}
			if b.Data == "" || strings.TrimSpace(b.Label) == "" {
				return &channels.SendError{Reason: channels.ReasonRefused, Certain: true}
			}
		}
	}
	return nil
}

type inlineButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
}

type replyButton struct {
	Text    string `json:"text"`
	Contact bool   `json:"request_contact,omitempty"`
}

// params builds the arguments that sendMessage and editMessageText share.
func (a *Adapter) params(out channels.Outbound) (tgbotapi.Params, error) {
	p := tgbotapi.Params{
		"chat_id":    out.To,
		"text":       out.Text,
		"parse_mode": "HTML",
		// A preview would make the vendor fetch our links, upload links among them.
		// The second name is for servers older than Bot API 7.0.
		"link_preview_options":     `{"is_disabled":true}`,
		"disable_web_page_preview": "true",
	}
	var markup any
	switch {
	case out.AskContact:
		// One message has one kind of keyboard: the choices become buttons that
		// send their label, which the dialogue understands as typed.
		rows := [][]replyButton{{{Text: a.contact, Contact: true}}}
		for _, row := range out.Rows {
			var r []replyButton
			for _, b := range row {
				r = append(r, replyButton{Text: b.Label})
			}
			rows = append(rows, r)
		}
		markup = map[string]any{"keyboard": rows, "one_time_keyboard": true, "resize_keyboard": true}
	case len(out.Rows) > 0:
		rows := make([][]inlineButton, 0, len(out.Rows))
		for _, row := range out.Rows {
			var r []inlineButton
			for _, b := range row {
				r = append(r, inlineButton{Text: b.Label, Data: b.Data})
			}
			rows = append(rows, r)
		}
		markup = map[string]any{"inline_keyboard": rows}
	default:
		return p, nil
	}
	raw, err := json.Marshal(markup)
	if err != nil {
		return nil, &channels.SendError{Reason: channels.ReasonRefused, Certain: true, Err: err}
	}
	p["reply_markup"] = string(raw)
	return p, nil
}

func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit-1]) + "…"
}

// plain takes the markup out of a text that the vendor could not read.
func plain(s string) string {
	return html.UnescapeString(regexp.MustCompile(`</?[a-z-]+[^<>]*>`).ReplaceAllString(s, ""))
}
