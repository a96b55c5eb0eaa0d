// Package twilio is the adapter of Twilio's Messages API: SMS out with delivery
// reports, SMS in from numbers outside Viet Nam.
//
// At the vendor: a number or a messaging service as MOTCUA_TWILIO_FROM, its webhook
// for incoming messages set to <MOTCUA_PUBLIC_URL>/webhooks/twilio/main with method
// POST, the account's SID and its primary auth token. Configure Vietnamese opt-out
// words with Advanced Opt-Out. For Viet Nam an alphanumeric sender and every message
// template are registered beforehand; the country has no two-way SMS and no MMS with
// this vendor. https://www.twilio.com/en-us/guidelines/vn/sms
//
// Limits: 1,600 characters a message, billed by segment; webhooks are answered
// within 15 s; an inbound message that we do not take is not sent again unless the
// webhook URL asks for it (#rc=5&rp=all).
// https://www.twilio.com/docs/messaging/api/message-resource,
// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
//
// Not supported: MMS (a picture is counted as ignored, its text is taken), WhatsApp
// addresses, JSON webhooks, subaccounts.
//
// Invariants:
//   - a request counts only when its signature fits the configured public URL; what
//     a proxy or a sender says about host and scheme is never believed;
//   - both auth tokens of a rotation are accepted, and both ways in which the
//     vendor's own libraries sign a repeated parameter;
//   - parameters are never filtered before they are verified: the vendor adds new
//     ones without notice;
//   - every report states a rank, not a change: told twice or in the wrong order,
//     the end is the same.
package twilio
