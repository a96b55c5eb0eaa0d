package text

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	spokenDate  = regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})/(\d{4})\b`)
	spokenShort = regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})\b`)
	spokenClock = regexp.MustCompile(`\b(\d{1,2}):(\d{2})\b`)
	spokenSum   = regexp.MustCompile(`\b(\d{1,3}(?:[.,]\d{3})+)\b`)
	spokenDong  = regexp.MustCompile(`(\d) (?:đ|VND)(\P{L}|$)`)
	spokenCode  = regexp.MustCompile(`\b[A-Z]\d{2}(?:\.\d{1,5})*-\d{6}-(\d{4,6})\b`)
	spokenRun   = regexp.MustCompile(`\b(?:0\d{4,}|\d{9,})\b`)
	spokenMark  = regexp.MustCompile(`\s*([.,;:?])(?:\s*[.,;:])+|\s+([.,;:?])|([,;])`)
)

// Speech writes a message so that a voice can read it: dates, times, sums and
// codes in words, short forms in full, no sign that has no sound. A dossier code
// is read by its number of the day, digit by digit; other long numbers are read
// digit by digit too.
func Speech(l Locale, s string) string {
	vi := l != EN
	in := func(a, b string) string {
		if vi {
			return a
		}
		return b
	}
	s = spokenCode.ReplaceAllStringFunc(s, func(code string) string {
		return in("số cuối ", "ending in ") + spell(spokenCode.FindStringSubmatch(code)[1])
	})
	s = spokenRun.ReplaceAllStringFunc(s, spell)
	s = spokenDate.ReplaceAllString(s, in("ngày ${1} tháng ${2} năm ${3}", "${1} of month ${2}, ${3}"))
	s = strings.ReplaceAll(s, "ngày ngày", "ngày")
	s = spokenClock.ReplaceAllString(s, in("${1} giờ ${2}", "${1} ${2}"))
	s = strings.ReplaceAll(s, " giờ 00", " giờ")
	s = spokenSum.ReplaceAllStringFunc(s, func(n string) string { return strings.NewReplacer(".", "", ",", "").Replace(n) })
	s = spokenDong.ReplaceAllString(s, "${1} đồng${2}")
	s = spokenShort.ReplaceAllString(s, in("${1} trên ${2}", "${1} of ${2}"))
	var words []string
	for _, w := range strings.Fields(spokenMark.ReplaceAllString(sounds(s), "$1$2$3 ")) {
		words = append(words, inFull(l, w))
	}
	return strings.TrimLeft(strings.Join(words, " "), " .,;:?")
}

// spell reads digits one by one.
func spell(digits string) string { return strings.Join(strings.Split(digits, ""), " ") }

// sounds replaces signs by what they mean to the ear: an end of line is the end of
// a sentence, a dash or a dot between words is a short rest, the others are silent.
func sounds(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '.'
		case r == '–' || r == '—' || r == '·' || r == '…' || r == '/' || r == '(' || r == ')':
			return ','
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || unicode.IsSpace(r):
			return r
		case strings.ContainsRune(".,;:?%-'", r):
			return r
		}
		return ' '
	}, strings.ReplaceAll(s, "\n", " \n "))
}

// inFull writes a short form as it is said.
func inFull(l Locale, word string) string {
	bare := strings.Trim(word, ".,;:?")
	full := map[string][2]string{
		"CCCD": {"căn cước công dân", "identity card"}, "UBND": {"ủy ban nhân dân", "people's committee"},
		"TP.HCM": {"Thành phố Hồ Chí Minh", "Ho Chi Minh City"}, "HCMC": {"Thành phố Hồ Chí Minh", "Ho Chi Minh City"},
		"HCMC-DVC": {"Dịch vụ công Thành phố Hồ Chí Minh", "Ho Chi Minh City public services"},
	}[bare]
	if full[0] == "" {
		return word
	}
	said := full[0]
	if l == EN {
		said = full[1]
	}
	return strings.Replace(word, bare, said, 1)
}
