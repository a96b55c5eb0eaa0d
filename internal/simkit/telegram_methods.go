package simkit

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The API's limits on text, in characters after entities are resolved.
const (
	telegramTextMax    = 4096
	telegramCaptionMax = 1024
	telegramAnswerMax  = 200
)

// target finds the person behind chat_id, or says why the bot may not write.
func (t *Telegram) targetLocked(p telegramParams) (int64, *telegramError) {
	id := p.int("chat_id")
	if id == 0 {
		return 0, badRequest("chat_id is empty")
	}
	if id < 0 { // a group: the bot may write where it was added
		for _, who := range t.people {
			if slices.Contains(who.groups, id) {
				return id, nil
			}
		}
		return 0, badRequest("chat not found")
	}
	who, ok := t.people[id]
	switch {
	case !ok:
		return 0, badRequest("chat not found")
	case who.blocked:
		return 0, forbidden("bot was blocked by the user")
	case who.deactivated:
		return 0, forbidden("user is deactivated")
	case !who.started:
		return 0, forbidden("bot can't initiate conversation with a user")
	}
	return id, nil
}

func displayText(p telegramParams, key string, limit int) (string, *telegramError) {
	raw := p.str(key)
	if !utf8.ValidString(raw) {
		return "", badRequest("strings must be encoded in UTF-8")
	}
	if len(raw) > 32768 {
		return "", badRequest("message is too long")
	}
	text := raw
	switch mode := strings.ToLower(p.str("parse_mode")); mode {
	case "":
	case "html":
		var err error
		if text, err = telegramHTML(raw); err != nil {
			return "", badRequest("can't parse entities: %v", err)
		}
	default:
		return "", badRequest("unsupported parse_mode") // the simulator reads HTML only
	}
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > limit {
		return "", badRequest("message is too long")
	}
	return text, nil
}

// markup reads reply_markup.
func (t *Telegram) markup(p telegramParams) (inline, keyboard [][]TelegramButton, _ *telegramError) {
	raw := p.str("reply_markup")
	if raw == "" || raw == "null" {
		return nil, nil, nil
	}
	var m struct {
		Inline *[][]struct {
			Text string  `json:"text"`
			Data *string `json:"callback_data"`
			URL  *string `json:"url"`
		} `json:"inline_keyboard"`
		Keyboard *[][]struct {
			Text    string `json:"text"`
			Contact bool   `json:"request_contact"`
		} `json:"keyboard"`
		Remove bool `json:"remove_keyboard"`
		Force  bool `json:"force_reply"`
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return nil, nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	if m.Inline != nil {
		total := 0
		for _, row := range *m.Inline {
			var out []TelegramButton
			for _, b := range row {
				total++
				if strings.TrimSpace(b.Text) == "" {
					return nil, nil, badRequest("can't parse inline keyboard button: Field \"text\" must be non-empty")
				}
				switch {
				case b.Data == nil && b.URL == nil:
					return nil, nil, badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
				case b.Data != nil && b.URL != nil:
					return nil, nil, badRequest("can't parse inline keyboard button: only one action is allowed")
				case b.Data != nil && (len(*b.Data) < 1 || len(*b.Data) > 64):
					return nil, nil, badRequest("BUTTON_DATA_INVALID")
				}
				button := TelegramButton{Text: b.Text}
				if b.Data != nil {
					button.Data = *b.Data
				}
				if b.URL != nil {
					u, err := url.Parse(*b.URL)
					if err != nil || u.Host == "" {
						return nil, nil, badRequest("inline keyboard button URL %q is invalid: wrong HTTP URL", *b.URL)
					}
					button.URL = *b.URL
				}
				out = append(out, button)
			}
			if len(out) > 8 {
				return nil, nil, badRequest("reply markup is too long")
			}
			if len(out) > 0 {
				inline = append(inline, out)
			}
		}
		if total > 100 {
			return nil, nil, badRequest("reply markup is too long")
		}
		return inline, nil, nil
	}
	if m.Keyboard != nil {
		for _, row := range *m.Keyboard {
			var out []TelegramButton
			for _, b := range row {
				if strings.TrimSpace(b.Text) == "" {
					return nil, nil, badRequest("can't parse keyboard button: Field \"text\" must be non-empty")
				}
				out = append(out, TelegramButton{Text: b.Text, RequestContact: b.Contact})
			}
			keyboard = append(keyboard, out)
		}
		return nil, keyboard, nil
	}
	if !m.Remove && !m.Force {
		return nil, nil, badRequest("object expected as reply markup")
	}
	return nil, nil, nil
}

func (t *Telegram) sendMessage(p telegramParams) (any, *telegramError) {
	text, err := displayText(p, "text", telegramTextMax)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, badRequest("message text is empty")
	}
	return t.post(p, TelegramMessage{Text: text, Raw: p.str("text")}, nil)
}

// post stores a message of the bot and gives it in the API's form.
func (t *Telegram) post(p telegramParams, m TelegramMessage, extra map[string]any) (any, *telegramError) {
	inline, keyboard, err := t.markup(p)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.changed.fire()
	defer t.mu.Unlock()
	chat, err := t.targetLocked(p)
	if err != nil {
		return nil, err
	}
	if keyboard != nil && chat < 0 {
		for _, row := range keyboard {
			for _, b := range row {
				if b.RequestContact {
					return nil, badRequest("phone number can be requested in private chats only")
				}
			}
		}
	}
	t.nextMessage++
	m.ID, m.ChatID, m.At = t.nextMessage, chat, t.opt.Now()
	m.Buttons, m.Keyboard = inline, keyboard
	m.Protect = p.bool("protect_content")
	if m.ReplyTo = p.int("reply_to_message_id"); m.ReplyTo == 0 {
		var reply struct {
			MessageID int64 `json:"message_id"`
		}
		if json.Unmarshal([]byte(p.str("reply_parameters")), &reply) == nil {
			m.ReplyTo = reply.MessageID
		}
	}
	t.messages = append(t.messages, &m)
	if len(t.messages) > keepRecords {
		t.messages = slices.Clone(t.messages[keepRecords/2:])
	}
	out := t.messageJSONLocked(&m)
	for k, v := range extra {
		out[k] = v
	}
	return out, nil
}

func (t *Telegram) messageJSONLocked(m *TelegramMessage) map[string]any {
	out := map[string]any{
		"message_id": m.ID,
		"date":       m.At.Unix(),
		"from":       map[string]any{"id": t.botID(), "is_bot": true, "first_name": "Một Cửa", "username": t.opt.Username},
		"chat":       t.chatJSONLocked(m.ChatID),
	}
	if m.File == nil {
		out["text"] = m.Text
	} else if m.Text != "" {
		out["caption"] = m.Text
	}
	if m.Edits > 0 {
		out["edit_date"] = t.opt.Now().Unix()
	}
	if len(m.Buttons) > 0 {
		var rows [][]map[string]any
		for _, row := range m.Buttons {
			var r []map[string]any
			for _, b := range row {
				j := map[string]any{"text": b.Text}
				if b.URL != "" {
					j["url"] = b.URL
				} else {
					j["callback_data"] = b.Data
				}
				r = append(r, j)
			}
			rows = append(rows, r)
		}
		out["reply_markup"] = map[string]any{"inline_keyboard": rows}
	}
	return out
}

func (t *Telegram) chatJSONLocked(id int64) map[string]any {
	if id < 0 {
		return map[string]any{"id": id, "type": "supergroup", "title": "Khu phố"}
	}
	chat := map[string]any{"id": id, "type": "private"}
	if p, ok := t.people[id]; ok {
		chat["first_name"] = p.FirstName
	}
	return chat
}

func (t *Telegram) findLocked(chat, id int64) *TelegramMessage {
	for _, m := range t.messages {
		if m.ChatID == chat && m.ID == id {
			return m
		}
	}
	return nil
}

func (t *Telegram) editMessage(p telegramParams, withText bool) (any, *telegramError) {
	var text string
	if withText {
		var err *telegramError
		if text, err = displayText(p, "text", telegramTextMax); err != nil {
			return nil, err
		}
		if text == "" {
			return nil, badRequest("message text is empty")
		}
	}
	inline, keyboard, err := t.markup(p)
	if err != nil {
		return nil, err
	}
	if keyboard != nil {
		return nil, badRequest("inline keyboard expected")
	}
	t.mu.Lock()
	defer t.changed.fire()
	defer t.mu.Unlock()
	chat, err := t.targetLocked(p)
	if err != nil {
		return nil, err
	}
	m := t.findLocked(chat, p.int("message_id"))
	if m == nil || m.Deleted {
		return nil, badRequest("message to edit not found")
	}
	if withText && m.File != nil {
		return nil, badRequest("there is no text in the message to edit")
	}
	if !withText {
		text = m.Text
	}
	if text == m.Text && (!withText || p.str("text") == m.Raw) && sameButtons(inline, m.Buttons) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.Text, m.Buttons = text, inline
	if withText {
		m.Raw = p.str("text")
	}
	m.Edits++
	return t.messageJSONLocked(m), nil
}

func sameButtons(a, b [][]TelegramButton) bool {
	return slices.EqualFunc(a, b, func(x, y []TelegramButton) bool { return slices.Equal(x, y) })
}

func (t *Telegram) deleteMessage(p telegramParams) (any, *telegramError) {
	t.mu.Lock()
	defer t.changed.fire()
	defer t.mu.Unlock()
	m := t.findLocked(p.int("chat_id"), p.int("message_id"))
	if m == nil || m.Deleted {
		return nil, badRequest("message to delete not found")
	}
	m.Deleted = true
	return true, nil
}

func (t *Telegram) sendFile(p telegramParams, field string, limit int) (any, *telegramError) {
	caption, err := displayText(p, "caption", telegramCaptionMax)
	if err != nil {
		return nil, err
	}
	f, ok := p.files[field]
	if !ok {
		t.mu.Lock()
		known := t.files[p.str(field)]
		t.mu.Unlock()
		if known == nil {
			return nil, badRequest("there is no %s in the request", field)
		}
		f = known.TelegramFile
	}
	if len(f.Data) == 0 {
		return nil, badRequest("file must be non-empty")
	}
	if len(f.Data) > limit {
		return nil, &telegramError{code: 413, description: "Request Entity Too Large"}
	}
	stored := t.keepFile(f, field)
	ref := map[string]any{"file_id": stored.id, "file_unique_id": stored.unique, "file_size": stored.size}
	extra := map[string]any{field: any(ref)}
	if field == "photo" {
		ref["width"], ref["height"] = stored.width, stored.height
		extra[field] = []any{ref}
	} else {
		ref["file_name"] = f.Name
	}
	return t.post(p, TelegramMessage{Text: caption, Raw: p.str("caption"), File: &f}, extra)
}

func (t *Telegram) chatAction(p telegramParams) (any, *telegramError) {
	if p.str("action") == "" {
		return nil, badRequest("wrong parameter action in request")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	chat, err := t.targetLocked(p)
	if err != nil {
		return nil, err
	}
	t.actions = append(t.actions, TelegramAction{ChatID: chat, Action: p.str("action"), At: t.opt.Now()})
	return true, nil
}

func (t *Telegram) answerPress(p telegramParams) (any, *telegramError) {
	if utf8.RuneCountInString(p.str("text")) > telegramAnswerMax {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	t.mu.Lock()
	defer t.changed.fire()
	defer t.mu.Unlock()
	press, ok := t.presses[p.str("callback_query_id")]
	if !ok || t.opt.Now().Sub(press.At) > 150*time.Second {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	// A second answer to the same press is taken and changes nothing.
	if !press.Answered {
		press.Answered, press.Text, press.Alert = true, p.str("text"), p.bool("show_alert")
	}
	return true, nil
}

func (t *Telegram) getFile(p telegramParams) (any, *telegramError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.files[p.str("file_id")]
	if !ok {
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if f.size > telegramDownloadMax {
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_path": f.path}, nil
}

func (t *Telegram) myCommands(method string, p telegramParams) (any, *telegramError) {
	key := p.str("scope") + "|" + p.str("language_code")
	t.mu.Lock()
	defer t.mu.Unlock()
	if method == "getMyCommands" {
		if raw, ok := t.commands[key]; ok {
			return raw, nil
		}
		return []any{}, nil
	}
	var list []struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if err := json.Unmarshal([]byte(p.str("commands")), &list); err != nil || len(list) > 100 {
		return nil, badRequest("can't parse commands JSON object")
	}
	for _, c := range list {
		if len(c.Command) < 1 || len(c.Command) > 32 || strings.Trim(c.Command, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(c.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	t.commands[key] = json.RawMessage(p.str("commands"))
	return true, nil
}

// Commands gives the command list set for a language, as JSON; nil for none.
func (t *Telegram) Commands(language string) json.RawMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, raw := range t.commands {
		if strings.HasSuffix(key, "|"+language) {
			return raw
		}
	}
	return nil
}

func (t *Telegram) serial() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nextSerial++
	return t.nextSerial
}

// keepFile stores a file under new ids.
func (t *Telegram) keepFile(f TelegramFile, kind string) *telegramFile {
	n := t.serial()
	ext := ".bin"
	switch f.MIME {
	case "image/jpeg":
		ext = ".jpg"
	case "image/png":
		ext = ".png"
	case "application/pdf":
		ext = ".pdf"
	}
	stored := &telegramFile{
		id:           fmt.Sprintf("AgACAgUAAxkBAAIB%s%06dQ", strings.ToUpper(kind[:1]), n),
		unique:       fmt.Sprintf("AQAD%06dtR4", n),
		path:         kind + "s/file_" + strconv.FormatInt(n, 10) + ext,
		TelegramFile: f,
		size:         int64(len(f.Data)),
	}
	stored.width, stored.height = imageSize(f.Data)
	t.mu.Lock()
	t.files[stored.id] = stored
	t.mu.Unlock()
	return stored
}
