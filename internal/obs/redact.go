package obs

import (
	"regexp"
	"strings"
)

// Redactor takes personal data and secrets out of text. Safe for concurrent use.
type Redactor struct {
	secrets *strings.Replacer // nil when there are none
	tokens  *regexp.Regexp
	uuid    *regexp.Regexp
}

// NewRedactor makes a redactor that also knows these secrets by heart. Secrets
// shorter than eight characters are left out: they would hit innocent words.
func NewRedactor(secrets ...string) *Redactor {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= 8 {
			pairs = append(pairs, s, "[secret]")
		}
	}
	r := &Redactor{
		// A bot token, a JWT, a bearer credential, the password of a URL.
		tokens: regexp.MustCompile(`\d{6,12}:[A-Za-z0-9_-]{30,}|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?i:bearer|basic) +[A-Za-z0-9._~+/=-]{8,}|://[^\s/@:]*:[^\s/@]+@`),
		uuid:   regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`),
	}
	if len(pairs) > 0 {
		r.secrets = strings.NewReplacer(pairs...)
	}
	return r
}

// Text gives s with every secret, phone number, id number and one-time code
// replaced by a word in brackets.
func (r *Redactor) Text(s string) string {
	if len(s) < 6 {
		return s
	}
	if r.secrets != nil {
		s = r.secrets.Replace(s)
	}
	if !hasDigits(s, 6) {
		if strings.ContainsAny(s, ".:") || strings.Contains(strings.ToLower(s), "earer") {
			return r.tokens.ReplaceAllString(s, "[secret]")
		}
		return s
	}
	s = r.tokens.ReplaceAllString(s, "[secret]")
	// A UUID may end in twelve digits by chance, and is no personal data.
	var out strings.Builder
	for s != "" {
		at := r.uuid.FindStringIndex(s)
		if at == nil {
			out.WriteString(redactNumbers(s))
			break
		}
		out.WriteString(redactNumbers(s[:at[0]]))
		out.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return out.String()
}

func hasDigits(s string, n int) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			if n--; n == 0 {
				return true
			}
		}
	}
	return false
}

// redactNumbers replaces numbers that people are known by. People write them in
// groups ("090 123 4567", "079-203-001-234"), so groups of digits that stand one
// sign apart are read together, from each group on.
func redactNumbers(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		if !isDigit(s[i]) || i > 0 && isDigit(s[i-1]) {
			out.WriteByte(s[i])
			i++
			continue
		}
		end, word := match(s, i)
		if word == "" {
			// This group is none; the next one may be.
			for i < len(s) && isDigit(s[i]) {
				out.WriteByte(s[i])
				i++
			}
			continue
		}
		out.WriteString(word)
		i = end
	}
	return out.String()
}

// match reads the groups from i on and gives the end of the shortest row of them
// that is a known number, and the word to put in its place.
func match(s string, i int) (end int, word string) {
	var digits []byte
	plus := i > 0 && s[i-1] == '+'
	before := byte(' ')
	if i > 0 {
		before = s[i-1]
	}
	for groups := 1; ; groups++ {
		for i < len(s) && isDigit(s[i]) {
			if digits = append(digits, s[i]); len(digits) > 15 {
				return 0, ""
			}
			i++
		}
		after := byte(' ')
		if i < len(s) {
			after = s[i]
		}
		if word := classify(digits, groups, plus, before, after); word != "" {
			return i, word
		}
		if i+1 >= len(s) || !strings.ContainsRune(" .-", rune(s[i])) || !isDigit(s[i+1]) {
			return 0, ""
		}
		i++
	}
}

// classify names a row of digits, "" when it is nothing known.
func classify(d []byte, groups int, plus bool, before, after byte) string {
	n := len(d)
	alone := !strings.ContainsRune(".-:/_#", rune(before)) && !isLetter(before) && !isLetter(after) && after != ':'
	switch {
	case plus && n >= 8:
		return "[phone]"
	case n == 10 && d[0] == '0' && strings.IndexByte("35789", d[1]) >= 0, // mobile, national form
		n == 11 && d[0] == '0' && d[1] == '2',                                          // landline
		n == 11 && d[0] == '8' && d[1] == '4' && strings.IndexByte("35789", d[2]) >= 0, // mobile, international form
		n == 12 && d[0] == '8' && d[1] == '4' && d[2] == '2':
		return "[phone]"
	case n == 12 && (groups == 1 || d[0] == '0'): // personal id number
		return "[id]"
	case n == 9 && groups == 1 && alone: // identity card number of before 2021
		return "[id]"
	case n == 6 && groups == 1 && alone: // one-time code
		return "[code]"
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// SensitiveKey reports whether a value logged under this key is dropped unseen.
func SensitiveKey(key string) bool {
	switch strings.ToLower(strings.ReplaceAll(key, "-", "_")) {
	case "phone", "msisdn", "personal_id", "cccd", "cmnd", "id_number", "otp", "passcode", "pin", "digits",
		"token", "access_token", "refresh_token", "secret", "password", "authorization", "cookie", "set_cookie", "private_key", "api_key",
		"full_name", "citizen_name", "person_name", "date_of_birth", "birth_date", "home_address", "answer", "answers", "message_text":
		return true
	}
	return false
}
