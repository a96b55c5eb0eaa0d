package telegram

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// allowedUpdates is what the vendor is asked to send, in both modes.
const allowedUpdates = `["message","callback_query","my_chat_member"]`

// Poll fetches updates by long polling until ctx ends, and returns its error.
//
// The offset, which confirms, moves past an update only after deliver took it: a
// crash in between brings the update again. When deliver fails, the rest of the
// batch waits with it, because later messages of the same chat must not overtake.
// A registered webhook is removed first (its updates are kept by the vendor).
func (a *Adapter) Poll(ctx context.Context, deliver func(context.Context, channels.Inbound) error) error {
	offset := int64(0)
	unhooked := false
	for ctx.Err() == nil {
		if !unhooked {
			if _, f := a.call(ctx, "deleteWebhook", nil, sendTimeout); f != nil {
				a.pause(ctx, f.retryAfter)
				continue
			}
			unhooked = true
		}
		batch, f := a.fetch(ctx, offset)
		if f != nil {
			// 409: a webhook was registered again, or another node polls.
			unhooked = f.code != 409
			a.pause(ctx, f.retryAfter)
			continue
		}
		next, err := a.hand(ctx, batch, offset, deliver)
		offset = next
		if err != nil {
			a.pause(ctx, 0)
		}
	}
	return ctx.Err()
}

func (a *Adapter) fetch(ctx context.Context, offset int64) ([]json.RawMessage, *failure) {
	wait := int(a.longPoll / time.Second)
	params := tgbotapi.Params{"timeout": strconv.Itoa(wait), "limit": "100", "allowed_updates": allowedUpdates}
	if offset != 0 {
		params["offset"] = strconv.FormatInt(offset, 10)
	}
	raw, f := a.call(ctx, "getUpdates", params, a.longPoll+sendTimeout)
	if f != nil {
		return nil, f
	}
	var batch []json.RawMessage
	if err := json.Unmarshal(raw, &batch); err != nil {
		return nil, &failure{method: "getUpdates", status: 200, left: true, err: err}
	}
	return batch, nil
}

// hand delivers a batch in order and gives the offset that confirms what was taken.
func (a *Adapter) hand(ctx context.Context, batch []json.RawMessage, offset int64, deliver func(context.Context, channels.Inbound) error) (int64, error) {
	for _, raw := range batch {
		in, id := a.translate(raw)
		if err := deliver(ctx, in); err != nil {
			return offset, err
		}
		if id > 0 {
			// Not the maximum: after a quiet week the vendor starts at a random id.
			offset = id + 1
		}
	}
	return offset, nil
}

// pause waits as long as the vendor asks, or the configured time.
func (a *Adapter) pause(ctx context.Context, asked time.Duration) {
	t := time.NewTimer(max(asked, a.retryWait))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// SetWebhook registers the URL at which Parse gets its requests, with the first
// configured secret. CodeFailedPrecondition without a secret, CodeUnavailable when
// the vendor cannot be reached, CodeInvalid when it refuses the URL.
func (a *Adapter) SetWebhook(ctx context.Context, publicURL string) error {
	const op = "telegram.set_webhook"
	if len(a.secrets) == 0 {
		return core.Ef(core.CodeFailedPrecondition, op, "", "no webhook secret is configured")
	}
	return a.manage(ctx, op, "setWebhook", tgbotapi.Params{
		"url": publicURL, "secret_token": a.secrets[0], "allowed_updates": allowedUpdates, "max_connections": "40",
	})
}

// Command is one entry of the bot's menu.
type Command struct {
	Command     string `json:"command"`     // 1–32 of a-z 0-9 _
	Description string `json:"description"` // 1–256 characters
}

// SetCommands sets the menu for a language ("vi", "en", "" for all others).
func (a *Adapter) SetCommands(ctx context.Context, language string, commands []Command) error {
	const op = "telegram.set_commands"
	raw, err := json.Marshal(commands)
	if err != nil {
		return core.E(core.CodeInternal, op, "", err)
	}
	params := tgbotapi.Params{"commands": string(raw)}
	params.AddNonEmpty("language_code", language)
	return a.manage(ctx, op, "setMyCommands", params)
}

// Username asks the vendor for the bot's name, for links that open the chat. It
// also shows whether the token works: CodeUnauthenticated when it does not.
func (a *Adapter) Username(ctx context.Context) (string, error) {
	const op = "telegram.username"
	raw, f := a.call(ctx, "getMe", nil, sendTimeout)
	if f != nil {
		return "", manageError(op, f)
	}
	var me struct {
		Username string `json:"username"`
	}
	if err := json.Unmarshal(raw, &me); err != nil {
		return "", core.E(core.CodeUnavailable, op, "", err)
	}
	return me.Username, nil
}

func (a *Adapter) manage(ctx context.Context, op, method string, params tgbotapi.Params) error {
	if _, f := a.call(ctx, method, params, sendTimeout); f != nil {
		return manageError(op, f)
	}
	return nil
}

func manageError(op string, f *failure) error {
	code := core.CodeUnavailable
	switch {
	case f.code == 401 || f.code == 404:
		code = core.CodeUnauthenticated
	case f.code == 400:
		code = core.CodeInvalid
	}
	e := core.E(code, op, "", f.sendError())
	e.RetryAfter = f.retryAfter
	return e
}
