// Package telegram is the adapter of the Telegram Bot API.
//
// At the vendor: make a bot with @BotFather, keep privacy mode on, forbid groups
// (/setjoingroups). Give the token as MOTCUA_TELEGRAM_TOKEN. For webhooks the public
// URL must be https on port 443, 80, 88 or 8443, and MOTCUA_TELEGRAM_WEBHOOK_SECRET
// must be set (1–256 of A-Z a-z 0-9 _ -). Long polling needs neither; one node polls.
//
// Limits: text 4,096 characters after markup, callback data 64 bytes, an answer to a
// press within 150 s and ≤ 200 characters, files to download ≤ 20 MB, about 30
// messages a second for the whole bot and one a second for a chat; a 429 names the
// pause. https://core.telegram.org/bots/api, https://core.telegram.org/bots/faq
//
// Not supported: groups (a message in one becomes EventPublic without its content),
// channels, inline mode, payments, Mini Apps, edited messages, a Bot API server in
// --local mode (its file paths are paths of another machine).
//
// Invariants:
//   - the library is the transport only: its types of 2021 are not used, its
//     constructor (which calls getMe) neither, so the program starts while the
//     vendor is down;
//   - an update is translated or counted as ignored, never an error: a poisonous
//     one would block its chat for 24 hours;
//   - presses and messages of one person come through different queues and race;
//     nothing here assumes an order;
//   - the token is part of every URL: no error leaves this package before it was
//     taken out;
//   - a contact counts as a proved number only when its user_id is the sender's own
//     and the message was not forwarded.
package telegram
