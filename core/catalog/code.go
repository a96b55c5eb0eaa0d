package catalog

import (
	"regexp"
	"strings"
)

// The grammars of a procedure's code.
var (
	nationalCode = regexp.MustCompile(`^\d\.\d{6}$`)
	codeInText   = regexp.MustCompile(`\b\d\.\d{6}\b`)
	// A procedure without a national code is numbered by the pack: the country,
	// the city and a name.
	localCode = regexp.MustCompile(`^VN-[A-Z]{2,5}-[a-z0-9]+(?:-[a-z0-9]+)*$`)
)

// maxCode is the longest code of a procedure: it travels in buttons and links.
const maxCode = 40

// validCode reports whether s is the code of a procedure as a pack writes it.
func validCode(s string) bool {
	return len(s) <= maxCode && (nationalCode.MatchString(s) || localCode.MatchString(s))
}

// NationalCode gives the code under which a procedure is kept from any of its
// written forms: "1.004873", "1.004873.000.00.00.H29" and " 1.004873 " give the
// national part, "vn-hcm-khai-trinh" the local code "VN-HCM-khai-trinh". It does
// not check that the procedure exists.
func NationalCode(s string) string {
	s = strings.TrimSpace(s)
	if parts := strings.SplitN(s, "-", 3); len(parts) == 3 && strings.EqualFold(parts[0], "VN") {
		return strings.ToUpper(parts[0]+"-"+parts[1]) + "-" + strings.ToLower(parts[2])
	}
	parts := strings.SplitN(s, ".", 3)
	if len(parts) < 3 {
		return s
	}
	return parts[0] + "." + parts[1]
}
