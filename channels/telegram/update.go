package telegram

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// The structs below hold the fields that are used, and no more. Everything else
// of an update may change without notice.

type chat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type user struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	Language string `json:"language_code"`
}

type file struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name"`
	MIME     string `json:"mime_type"`
	Size     int64  `json:"file_size"`
	Width    int64  `json:"width"`
	Height   int64  `json:"height"`
}

type location struct {
	Lat float64 `json:"latitude"`
	Lon float64 `json:"longitude"`
}

type message struct {
	ID       int64   `json:"message_id"`
	Date     int64   `json:"date"`
	From     *user   `json:"from"`
	Chat     chat    `json:"chat"`
	Text     *string `json:"text"`
	Caption  string  `json:"caption"`
	Group    string  `json:"media_group_id"`
	Photo    []file  `json:"photo"`
	Document *file   `json:"document"`
	Video    *file   `json:"video"`
	Voice    *file   `json:"voice"`
	Audio    *file   `json:"audio"`
	Note     *file   `json:"video_note"`
	Sticker  *struct {
		Emoji string `json:"emoji"`
	} `json:"sticker"`
	Poll      json.RawMessage `json:"poll"`
	Dice      json.RawMessage `json:"dice"`
	Game      json.RawMessage `json:"game"`
	Story     json.RawMessage `json:"story"`
	PaidMedia json.RawMessage `json:"paid_media"`
	Checklist json.RawMessage `json:"checklist"`
	Contact   *struct {
		Phone  string `json:"phone_number"`
		UserID int64  `json:"user_id"`
	} `json:"contact"`
	Location *location `json:"location"`
	Venue    *struct {
		Location location `json:"location"`
	} `json:"venue"`
	ForwardOrigin json.RawMessage `json:"forward_origin"`
	ForwardDate   int64           `json:"forward_date"`
	Members       json.RawMessage `json:"new_chat_members"`
}

type callbackQuery struct {
	ID      string   `json:"id"`
	From    *user    `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type memberChange struct {
	Chat chat  `json:"chat"`
	From *user `json:"from"`
	New  struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
	Date int64 `json:"date"`
}

// Parse checks the secret header and translates one update. Code unauthenticated
// for a wrong or missing secret (401, before a byte of the body is looked at).
func (a *Adapter) Parse(r *http.Request, body []byte) (channels.Inbound, error) {
	if !a.authentic(r.Header.Get("X-Telegram-Bot-Api-Secret-Token")) {
		return channels.Inbound{}, core.E(core.CodeUnauthenticated, "telegram.parse", "", nil)
	}
	in, _ := a.translate(body)
	return in, nil
}

func ignored(why string) channels.Inbound { return channels.Inbound{Ignored: 1, Why: why} }

// decode reads what it can: a field of an unexpected type is left at its zero
// value, because one changed detail must not cost the whole message.
func decode(raw []byte, v any) bool {
	err := json.Unmarshal(raw, v)
	var kind *json.UnmarshalTypeError
	return err == nil || errors.As(err, &kind)
}

// translate turns one update into an Inbound and gives its id, 0 when it has none.
func (a *Adapter) translate(raw []byte) (channels.Inbound, int64) {
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || parts == nil {
		return ignored("malformed"), 0
	}
	var id int64
	if json.Unmarshal(parts["update_id"], &id) != nil || id <= 0 {
		return ignored("no_id"), 0
	}
	ev := core.Event{
		ID: strconv.FormatInt(id, 10), Channel: string(Kind), Account: a.account.Name,
	}
	var why string
	switch {
	case parts["message"] != nil:
		why = fromMessage(&ev, parts["message"])
	case parts["callback_query"] != nil:
		why = fromPress(&ev, parts["callback_query"])
	case parts["my_chat_member"] != nil:
		why = fromMembership(&ev, parts["my_chat_member"])
	default:
		delete(parts, "update_id")
		why = "unknown"
		// The label is bounded: only kinds we know of are named.
		for _, k := range slices.Sorted(maps.Keys(parts)) {
			switch k {
			case "edited_message", "channel_post", "edited_channel_post", "inline_query", "message_reaction", "poll", "chat_member":
				why = k
			}
		}
	}
	if why != "" {
		return ignored(why), id
	}
	return channels.Inbound{Events: []core.Event{ev}}, id
}

func fromMessage(ev *core.Event, raw []byte) (why string) {
	var m message
	if !decode(raw, &m) || m.Chat.ID == 0 {
		return "malformed"
	}
	if m.From == nil || m.From.ID == 0 || m.From.IsBot {
		return "sender"
	}
	ev.External = strconv.FormatInt(m.Chat.ID, 10)
	ev.Locale = m.From.locale()
	if m.Date > 0 {
		ev.SentAt = time.Unix(m.Date, 0).UTC()
	}
	if m.Chat.Type != "private" {
		if m.Members != nil || m.Chat.Type == "channel" {
			return "service"
		}
		// Others read along: that something was said is all that goes on.
		ev.Kind = core.EventPublic
		return ""
	}
	if media := m.media(); len(media) > 0 {
		ev.Kind, ev.Media, ev.Text, ev.Group = core.EventMedia, media, m.Caption, m.Group
		return ""
	}
	switch {
	case m.Text != nil:
		ev.Kind, ev.Text = command(*m.Text)
	case m.Contact != nil:
		phone := e164(m.Contact.Phone)
		own := m.Contact.UserID == m.From.ID && m.ForwardOrigin == nil && m.ForwardDate == 0
		switch {
		case own && phone != "":
			ev.Kind, ev.Phone = core.EventContact, phone
		default:
			// Somebody's card proves as much as typing the number does.
			ev.Kind, ev.Text = core.EventText, m.Contact.Phone
		}
	case m.Location != nil:
		ev.Kind, ev.Lat, ev.Lon = core.EventLocation, m.Location.Lat, m.Location.Lon
	case m.Venue != nil:
		ev.Kind, ev.Lat, ev.Lon = core.EventLocation, m.Venue.Location.Lat, m.Venue.Location.Lon
	case m.Sticker != nil && m.Sticker.Emoji != "":
		ev.Kind, ev.Text = core.EventText, m.Sticker.Emoji
	case m.Sticker != nil, m.Poll != nil, m.Dice != nil, m.Game != nil, m.Story != nil, m.PaidMedia != nil, m.Checklist != nil:
		ev.Kind = core.EventMedia // without a file: the dialogue has the words for it
	default:
		return "content" // what a client says of itself, and kinds of the future
	}
	return ""
}

func (u *user) locale() string {
	switch head, _, _ := strings.Cut(u.Language, "-"); head {
	case "vi", "en":
		return head
	}
	return ""
}

// command splits "/start payload" off; any other text, commands included, stays
// text, without the "@bot" that clients may add to a command.
func command(text string) (core.EventKind, string) {
	if !strings.HasPrefix(text, "/") {
		return core.EventText, text
	}
	head, rest, spaced := strings.Cut(text, " ")
	head, _, _ = strings.Cut(head, "@")
	if head == "/start" {
		return core.EventStart, strings.TrimSpace(rest)
	}
	if spaced {
		head += " " + rest
	}
	return core.EventText, head
}

// media lists the file of a message: the largest size of a photo, or the one file
// of any other kind. Files that the dialogue will refuse are handed on too: it has
// the words for it.
//
// Voices, sounds and round videos are no page of a paper: who sends one is told so
// at once.
func (m *message) media() []core.Media {
	var f *file
	mime := ""
	for i := range m.Photo {
		p := &m.Photo[i]
		if f == nil || p.Width*p.Height >= f.Width*f.Height {
			f = p
		}
		mime = "image/jpeg" // photos are always recompressed to JPEG by the vendor
	}
	for _, other := range []*file{m.Document, m.Video, m.Voice, m.Audio, m.Note} {
		if f == nil && other != nil {
			f, mime = other, other.MIME
		}
	}
	if f == nil || f.ID == "" {
		return nil
	}
	return []core.Media{{Ref: f.ID, UniqueID: f.UniqueID, Name: f.Name, MIME: mime, Size: f.Size}}
}

// e164 gives a shared number in E.164 form, "" when it is none. Apps leave the
// "+" out, and put spaces in.
func e164(phone string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+ -().", r):
			return -1
		}
		return 'x'
	}, phone)
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Contains(digits, "x") {
		return ""
	}
	return "+" + digits
}

func fromPress(ev *core.Event, raw []byte) (why string) {
	var q callbackQuery
	if !decode(raw, &q) || q.ID == "" || q.From == nil || q.From.ID == 0 {
		return "malformed"
	}
	ev.Locale = q.From.locale()
	// The press has an id of its own that also serves to acknowledge it.
	ev.ID = pressPrefix + q.ID
	ev.External = strconv.FormatInt(q.From.ID, 10)
	if q.Message != nil && q.Message.Chat.ID != 0 && q.Message.Chat.ID != q.From.ID {
		ev.External = strconv.FormatInt(q.Message.Chat.ID, 10)
		ev.Kind = core.EventPublic
		return ""
	}
	if q.Data == "" {
		return "content"
	}
	ev.Kind, ev.ChoiceID = core.EventChoice, q.Data
	messageID := int64(0)
	if q.Message != nil {
		messageID = q.Message.ID
	}
	ev.MessageRef = strconv.FormatInt(messageID, 10) + ":" + q.ID
	return ""
}

// fromMembership: being blocked ends the conversation; being let in again says
// nothing until the person writes.
func fromMembership(ev *core.Event, raw []byte) (why string) {
	var c memberChange
	if !decode(raw, &c) || c.Chat.ID == 0 {
		return "malformed"
	}
	if c.Chat.Type != "private" || c.New.Status != "kicked" {
		return "my_chat_member"
	}
	ev.Kind, ev.External = core.EventStop, strconv.FormatInt(c.Chat.ID, 10)
	if c.Date > 0 {
		ev.SentAt = time.Unix(c.Date, 0).UTC()
	}
	return ""
}
