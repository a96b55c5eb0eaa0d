package simkit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// TelegramPerson is somebody with a Telegram account. All methods act as the
// person's own app would; updates are queued and reach the bot by Pump, Run or
// getUpdates. Methods give the id of the update they caused.
type TelegramPerson struct {
	bot *Telegram

	ID        int64
	FirstName string
	Language  string // "vi", "en", "" = not told
	Phone     string // digits, often without "+", as the app sends it

	// guarded by bot.mu
	started, blocked, deactivated bool
	groups                        []int64
}

func (p *TelegramPerson) fromJSON() map[string]any {
	from := map[string]any{"id": p.ID, "is_bot": false, "first_name": p.FirstName}
	if p.Language != "" {
		from["language_code"] = p.Language
	}
	return from
}

// message queues a message of the person into a chat; fields are its content.
func (p *TelegramPerson) message(chat int64, fields map[string]any) (int64, error) {
	t := p.bot
	t.mu.Lock()
	if chat > 0 {
		p.started, p.blocked = true, false
	}
	t.nextMessage++
	msg := map[string]any{
		"message_id": t.nextMessage,
		"date":       t.opt.Now().Unix(),
		"from":       p.fromJSON(),
		"chat":       t.chatJSONLocked(chat),
	}
	maps.Copy(msg, fields)
	t.mu.Unlock()
	return t.enqueue("chat "+strconv.FormatInt(chat, 10), 24*time.Hour, map[string]any{"message": msg})
}

// Start opens the chat, with the payload of a deep link or "".
func (p *TelegramPerson) Start(payload string) (int64, error) {
	text := "/start"
	if payload != "" {
		text += " " + payload
	}
	return p.Say(text)
}

// Say writes a text in the private chat.
func (p *TelegramPerson) Say(text string) (int64, error) {
	return p.message(p.ID, textFields(text))
}

func textFields(text string) map[string]any {
	fields := map[string]any{"text": text}
	if n := commandLength(text); n > 0 {
		fields["entities"] = []any{map[string]any{"type": "bot_command", "offset": 0, "length": n}}
	}
	return fields
}

// commandLength is the length of a leading bot command, 0 for none.
func commandLength(text string) int {
	if len(text) < 2 || text[0] != '/' {
		return 0
	}
	for i, r := range text {
		if r == ' ' || r == '\n' {
			return i
		}
	}
	return len(text)
}

// SayInGroup writes a text in a group that the bot belongs to; chat is negative.
func (p *TelegramPerson) SayInGroup(chat int64, text string) (int64, error) {
	p.bot.mu.Lock()
	if !slices.Contains(p.groups, chat) {
		p.groups = append(p.groups, chat)
	}
	p.bot.mu.Unlock()
	return p.message(chat, textFields(text))
}

// SharePlace sends a place on the map.
func (p *TelegramPerson) SharePlace(lat, lon float64) (int64, error) {
	return p.message(p.ID, map[string]any{"location": map[string]any{"latitude": lat, "longitude": lon}})
}

// ShareContact sends the person's own number, as the request_contact button does.
func (p *TelegramPerson) ShareContact() (int64, error) {
	return p.message(p.ID, map[string]any{"contact": map[string]any{
		"phone_number": p.Phone, "first_name": p.FirstName, "user_id": p.ID,
	}})
}

// ShareOtherContact sends a card from the address book: somebody else's number.
// userID 0 leaves the field out, as for people without an account.
func (p *TelegramPerson) ShareOtherContact(phone, name string, userID int64) (int64, error) {
	card := map[string]any{"phone_number": phone, "first_name": name}
	if userID != 0 {
		card["user_id"] = userID
	}
	return p.message(p.ID, map[string]any{"contact": card})
}

// ForwardContact forwards a contact message that came from somebody else's chat.
// The card may even name the person: it proves nothing.
func (p *TelegramPerson) ForwardContact(phone string, userID int64) (int64, error) {
	now := p.bot.opt.Now().Unix()
	return p.message(p.ID, map[string]any{
		"contact":        map[string]any{"phone_number": phone, "first_name": "Card", "user_id": userID},
		"forward_origin": map[string]any{"type": "hidden_user", "sender_user_name": "Somebody", "date": now},
		"forward_date":   now,
	})
}

// SendPhoto sends a picture the way apps do by default: the bot sees several
// sizes, the largest last. The largest has the very bytes given; the small one is
// different content, so that taking the wrong one shows.
func (p *TelegramPerson) SendPhoto(data []byte, caption string) (int64, error) {
	return p.message(p.ID, withCaption(p.photoFields(data), caption))
}

func (p *TelegramPerson) photoFields(data []byte) map[string]any {
	full := p.bot.keepFile(TelegramFile{Name: "photo.jpg", MIME: "image/jpeg", Data: data}, "photo")
	thumb := p.bot.keepFile(TelegramFile{Name: "photo.jpg", MIME: "image/jpeg", Data: data[:min(len(data), 64)]}, "photo")
	size := func(f *telegramFile, w, h int) map[string]any {
		return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "width": w, "height": h}
	}
	w, h := max(full.width, 90), max(full.height, 90)
	return map[string]any{"photo": []any{size(thumb, 90, max(1, 90*h/w)), size(full, w, h)}}
}

func withCaption(fields map[string]any, caption string) map[string]any {
	if caption != "" {
		fields["caption"] = caption
	}
	return fields
}

// SendDocument sends a file as it is ("send as file").
func (p *TelegramPerson) SendDocument(name, mime string, data []byte, caption string) (int64, error) {
	f := p.bot.keepFile(TelegramFile{Name: name, MIME: mime, Data: data}, "document")
	return p.message(p.ID, withCaption(documentFields(f), caption))
}

// SendHugeDocument sends a file whose told size is over what bots may download;
// its content is never needed.
func (p *TelegramPerson) SendHugeDocument(name, mime string, size int64) (int64, error) {
	f := p.bot.keepFile(TelegramFile{Name: name, MIME: mime, Data: []byte("huge")}, "document")
	p.bot.mu.Lock()
	f.size = size
	p.bot.mu.Unlock()
	return p.message(p.ID, documentFields(f))
}

func documentFields(f *telegramFile) map[string]any {
	return map[string]any{"document": map[string]any{
		"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_name": f.Name, "mime_type": f.MIME,
	}}
}

// SendAlbum sends pictures together: one message each, bound by media_group_id,
// the caption on the first. It gives the id of the first update.
func (p *TelegramPerson) SendAlbum(pictures [][]byte, caption string) (int64, error) {
	if len(pictures) < 2 || len(pictures) > 10 {
		return 0, fmt.Errorf("simkit: an album has 2 to 10 pictures, not %d", len(pictures))
	}
	group := strconv.FormatInt(13000000000000000+p.bot.serial(), 10)
	var first int64
	for i, data := range pictures {
		fields := p.photoFields(data)
		if i == 0 {
			fields = withCaption(fields, caption)
		}
		fields["media_group_id"] = group
		id, err := p.message(p.ID, fields)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			first = id
		}
	}
	return first, nil
}

// Press presses the inline button with the text on the newest message that shows
// it, and gives the id of the press.
func (p *TelegramPerson) Press(text string) (string, error) {
	for _, m := range slices.Backward(p.Messages()) {
		for _, row := range m.Buttons {
			for _, b := range row {
				if b.Text == text && !m.Deleted {
					return p.PressData(m.ID, b.Data)
				}
			}
		}
	}
	for _, m := range slices.Backward(p.Messages()) {
		for _, row := range m.Keyboard {
			for _, b := range row {
				if b.Text == text {
					if b.RequestContact {
						_, err := p.ShareContact()
						return "", err
					}
					_, err := p.Say(b.Text)
					return "", err
				}
			}
		}
	}
	return "", fmt.Errorf("simkit: no button %q in the chat of %d", text, p.ID)
}

// PressData sends a press with any callback data, as a button on a message or as
// a forged client would. Presses travel in another queue than messages.
func (p *TelegramPerson) PressData(messageID int64, data string) (string, error) {
	t := p.bot
	n := t.serial()
	t.mu.Lock()
	id := strconv.FormatInt(p.ID<<20|n, 10)
	t.presses[id] = &TelegramPress{ID: id, From: p.ID, Data: data, At: t.opt.Now()}
	query := map[string]any{"id": id, "from": p.fromJSON(), "chat_instance": "7483920", "data": data}
	if m := t.findLocked(p.ID, messageID); m != nil {
		query["message"] = t.messageJSONLocked(m)
	} else {
		// The server no longer shows messages it cannot reach: only their id is told.
		query["message"] = map[string]any{"message_id": messageID, "date": 0, "chat": t.chatJSONLocked(p.ID)}
	}
	t.mu.Unlock()
	_, err := t.enqueue("press "+strconv.FormatInt(p.ID, 10), 150*time.Second, map[string]any{"callback_query": query})
	return id, err
}

// Edit changes a message the person sent before: an update of another kind.
func (p *TelegramPerson) Edit(messageID int64, text string) (int64, error) {
	t := p.bot
	t.mu.Lock()
	msg := map[string]any{
		"message_id": messageID, "date": t.opt.Now().Unix(), "edit_date": t.opt.Now().Unix(),
		"from": p.fromJSON(), "chat": t.chatJSONLocked(p.ID), "text": text,
	}
	t.mu.Unlock()
	return t.enqueue("chat "+strconv.FormatInt(p.ID, 10), 24*time.Hour, map[string]any{"edited_message": msg})
}

// Block stops the bot: it can no longer write to the person, and is told so.
func (p *TelegramPerson) Block() (int64, error) { return p.membership(true) }

// Unblock lets the bot write again.
func (p *TelegramPerson) Unblock() (int64, error) { return p.membership(false) }

// Deactivate deletes the account; nothing is told.
func (p *TelegramPerson) Deactivate() {
	p.bot.mu.Lock()
	p.deactivated = true
	p.bot.mu.Unlock()
}

func (p *TelegramPerson) membership(blocked bool) (int64, error) {
	t := p.bot
	t.mu.Lock()
	p.blocked = blocked
	was, is := "member", "kicked"
	if !blocked {
		was, is = is, was
	}
	bot := map[string]any{"id": t.botID(), "is_bot": true, "first_name": "Một Cửa", "username": t.opt.Username}
	change := map[string]any{
		"chat": t.chatJSONLocked(p.ID), "from": p.fromJSON(), "date": t.opt.Now().Unix(),
		"old_chat_member": map[string]any{"user": bot, "status": was},
		"new_chat_member": map[string]any{"user": bot, "status": is, "until_date": 0},
	}
	t.mu.Unlock()
	return t.enqueue("member "+strconv.FormatInt(p.ID, 10), 24*time.Hour, map[string]any{"my_chat_member": change})
}

// Messages gives what the bot wrote to the person, oldest first, as it looks now.
func (p *TelegramPerson) Messages() []TelegramMessage {
	return slices.DeleteFunc(p.bot.Outbox(), func(m TelegramMessage) bool { return m.ChatID != p.ID })
}

// Await waits until the bot has written n messages to the person (edits do not
// count) and gives them all.
func (p *TelegramPerson) Await(ctx context.Context, n int) ([]TelegramMessage, error) {
	return await(ctx, &p.bot.changed, func() ([]TelegramMessage, bool) {
		got := p.Messages()
		return got, len(got) >= n
	})
}

// AwaitText waits for a message to the person that match accepts as displayed.
func (p *TelegramPerson) AwaitText(ctx context.Context, match func(text string) bool) (TelegramMessage, error) {
	return p.bot.AwaitMessage(ctx, func(m TelegramMessage) bool { return m.ChatID == p.ID && match(m.Text) })
}
