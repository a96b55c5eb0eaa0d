// Package web serves the pages that people open in a browser, behind the links
// that a chat or an SMS carries: one to send papers in, one to download a result.
//
// Invariants: pages work without JavaScript; nothing personal stands in a URL, a
// title or a log line; text from people is escaped by html/template; every error
// says what happened, what to do and a way out.
package web
