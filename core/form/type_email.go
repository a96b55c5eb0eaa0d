package form

import (
	"regexp"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// email is an e-mail address. Canonical: lower case. An unusual address is
// taken as long as mail could reach it (RFC 5321 lengths, ASCII); a near miss
// of a well-known provider is asked back.
type email struct{ basic }

var _ Type = email{}

var mailbox = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.[a-z]{2,24}$`)

func (email) Name() string { return "email" }

func (e email) Parse(f *Field, typed string, cx Context) Outcome {
	s, bad := tidyLine(typed, 254)
	if bad != nil {
		return Outcome{Violation: bad}
	}
	s = strings.ToLower(strings.Trim(s, " <>.,;\"'"))
	s = strings.TrimPrefix(s, "mailto:")
	s = strings.NewReplacer(" @ ", "@", "@ ", "@", " @", "@").Replace(s)
	if bad := e.Check(f, s, cx); bad != nil {
		return Outcome{Violation: bad}
	}
	local, domain, _ := strings.Cut(s, "@")
	for _, known := range []string{"gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com.vn"} {
		if domain == known {
			return accept(s)
		}
	}
	for _, known := range []string{"gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com"} {
		if text.Distance(domain, known, 1) == 1 {
			fixed := local + "@" + known
			return choose("field.email.typo", []Candidate{typedCandidate(fixed, fixed, "..@"+known), typedCandidate(s, s, "..@"+domain)})
		}
	}
	return accept(s)
}

func (email) Check(_ *Field, v any, _ Context) *core.Violation {
	s, _ := v.(string)
	local, _, _ := strings.Cut(s, "@")
	if len(s) > 254 || !mailbox.MatchString(s) || strings.Contains(s, "..") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") {
		return violation("field.email.format")
	}
	return nil
}

// Mask keeps the first letter and the domain's ending out of sight too.
func (email) Mask(_ *Field, v any, _ Context) string {
	s, _ := v.(string)
	if s == "" {
		return ""
	}
	return s[:1] + "***@***"
}

func (email) Schema(*Field, Context) map[string]any {
	return map[string]any{"type": "string", "format": "email", "maxLength": int64(254)}
}
