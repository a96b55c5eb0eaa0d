package sms

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Decode gives the text of a long SMS that came as base64, which some routes
// deliver, and any other text as it is. Only a text that has no other reading is
// taken for one: sixty letters or more without a space, of right length and
// padding, which decoded are readable and hold a space or a letter outside ASCII.
func Decode(body string) string {
	if len(body) < 60 || len(body)%4 != 0 || strings.ContainsFunc(body, unicode.IsSpace) {
		return body
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil || !utf8.Valid(raw) {
		return body
	}
	words := false
	for _, r := range string(raw) {
		if !Printable(r) {
			return body
		}
		words = words || r == ' ' || r > unicode.MaxASCII
	}
	if !words {
		return body
	}
	return string(raw)
}

// Printable reports whether a character can be in a text that somebody typed.
func Printable(r rune) bool {
	return r == '\n' || r == '\r' || r == '\t' || r != utf8.RuneError && !unicode.IsControl(r)
}
