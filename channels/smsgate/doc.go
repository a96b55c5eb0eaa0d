// Package smsgate is the adapter of a domestic SMS gateway with a short code:
// people of Viet Nam write to the short code, and we answer under a registered
// brand name. It speaks the HTTP protocol of eSMS; other gateways of the country
// have the same model.
//
// At the vendor: a short code with MOTCUA_SMSGATE_CPID and its private key, whose
// messages are sent to <MOTCUA_PUBLIC_URL>/webhooks/smsgate/main; a brand name and
// every template registered with the operators (`motcua text templates`); an API
// key and a secret key; our addresses on the list of allowed ones.
//
// Coming in: a GET whose query holds the message, signed with
// base64(MD5(cpid + smsid + content + receiverTime + private key)). What that
// proves, and what not:
//   - sender, serviceNumber and keyword are not signed. Whoever saw a signed
//     address could send it again under another number; it would then be the same
//     message, and nothing happens;
//   - the values are joined without a separator, so a signed address also fits with
//     the border of smsid and content moved. Every field has a form of its own, the
//     cpid must be ours, and the event is known by two ids: the smsid, and a digest
//     of what was signed, in which a moved border changes nothing;
//   - the vendor names no window of time. A message older than three days or an
//     hour ahead is not taken: it is counted and acknowledged. Repetition is not
//     kept out by time but by the inbox, which forgets no id;
//   - a number proves nobody: that is the dialogue's business (ConsentCode).
//
// The answer to the request is the small XML document the vendor asks for with an
// empty text: our replies leave through the sending API, where they have receipts.
// Whether the vendor repeats a message that was answered with an error is not
// documented, so Capabilities.Redelivers is false.
//
// Going out: a POST of JSON that is always answered with HTTP 200; CodeResult
// tells. 100 means accepted by the vendor. RequestId is our id of the part: a second
// request with it is answered 124 for 24 hours and sends nothing, so an outcome that
// is unknown is settled by sending again (Capabilities.Idempotent). The vendor takes
// the same text to the same number once in five minutes.
//
// Reports come as a GET of the CallbackUrl, unsigned, up to six times. The address
// holds a secret segment derived from the private key; a report is a hint all the
// same, and the status API is asked before a receipt becomes delivered or failed.
//
// Pieces of a long message carry concat-ref, concat-part and concat-total where a
// gateway does not join them itself.
//
// Sources: the developer pages of eSMS (gitbook_esms_for_develop_v2: short code,
// SendMultipleMessage_V4_post_json, GetSendStatus, table of codes, callback URL).
//
// Not supported: advertising (SmsType 1), sending at a set time, the vendor's chat
// channels.
//
// Invariants:
//   - no key and no query is in an error, a log or an event;
//   - a request is judged by its exact values before any of them is used;
//   - every report states a rank, not a change.
package smsgate
