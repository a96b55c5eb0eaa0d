package dialog

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// verb is what a person can ask for in words, at any time.
type verb string

// The verbs.
const (
	verbStop      verb = "stop"      // no more notices on this address
	verbStart     verb = "start"     // notices again
	verbEmergency verb = "emergency" // police, fire, ambulance: not our work, but nobody is sent away without the numbers
	verbMenu      verb = "menu"
	verbBack      verb = "back"
	verbCancel    verb = "cancel"
	verbDrop      verb = "drop" // delete the draft for good
	verbHelp      verb = "help"
	verbHuman     verb = "human"
	verbRepeat    verb = "repeat"
	verbReview    verb = "review"
	verbEdit      verb = "edit" // with a number
	verbSkip      verb = "skip"
	verbDone      verb = "done"
	verbRemove    verb = "remove" // take an item out of a list, with its number
	verbUndo      verb = "undo"   // take the last page back
	verbYes       verb = "yes"
	verbNo        verb = "no"
	verbUnknown   verb = "unknown" // "I do not know", an answer to a fact
	verbStatus    verb = "status"  // with a dossier code, or one's own dossiers
	verbWithdraw  verb = "withdraw"
	verbAnswer    verb = "supplement" // answer a supplement request, with a code
	verbResult    verb = "result"     // the result of a dossier, with or without a code
	verbVI        verb = "vi"
	verbEN        verb = "en"
	verbContinue  verb = "continue"
	verbMove      verb = "move"    // give a hand-off code
	verbLink      verb = "link"    // give an upload link
	verbConsent   verb = "consent" // the legal words, with or without drawn digits
	verbDecline   verb = "decline" // a request to agree, with its drawn digits
	verbUnclear   verb = "unclear" // words that mean two opposite things without accents
)

// strength is where a command stands in the order of precedence.
type strength int

const (
	optOut strength = iota // before everything
	strong                 // before an open question, when it is the whole message
	weak                   // only where no open question takes the words as an answer
)

// commandRow is one line of the command table. Words are compared by
// text.FoldExact when the person wrote accents, by text.Fold otherwise.
type commandRow struct {
	verb     verb
	strength strength
	vi       []string // with accents
	en       []string
	plain    []string // forms people type without accents, teencode included
	signs    []string // digits, signs, emoji: compared as they are after NFKC
	slash    []string
}

// commandTable is all there is to commands: matching, collisions with names and
// the help page are computed from it.
func commandTable() []commandRow {
	return []commandRow{
		{verb: verbStop, strength: optOut,
			vi: []string{"dừng tin", "từ chối", "từ chối tin", "tắt tin", "hủy nhận tin"}, en: []string{"stop", "unsubscribe", "stop notices"},
			plain: []string{"tc tin"}, slash: []string{"/stop"}},
		{verb: verbEmergency, strength: optOut,
			vi: []string{"cấp cứu", "cứu tôi", "cháy nhà", "khẩn cấp"}, en: []string{"emergency"}, plain: []string{"sos"}},
		{verb: verbStart, strength: strong,
			vi: []string{"nhận tin", "bật tin"}, en: []string{"notices on"}, slash: []string{"/notices"}},

		{verb: verbMenu, strength: strong,
			vi: []string{"menu", "trang chủ", "bắt đầu"}, en: []string{"start", "home", "main menu"}, slash: []string{"/start", "/menu"}},
		{verb: verbMenu, strength: weak,
			vi: []string{"xin chào", "chào", "chào bạn", "alo"}, en: []string{"hello", "hi", "good morning"}, signs: []string{"0"}},
		{verb: verbBack, strength: strong,
			vi: []string{"quay lại", "trở lại"}, en: []string{"back", "go back"}, slash: []string{"/back"}},
		{verb: verbBack, strength: weak,
			vi: []string{"trước", "lùi"}, signs: []string{"9", "*", "◀", "⬅"}},
		{verb: verbCancel, strength: strong,
			vi: []string{"hủy bỏ", "thoát", "hủy hồ sơ"}, en: []string{"cancel", "exit", "quit"}, slash: []string{"/cancel"}},
		{verb: verbCancel, strength: weak, vi: []string{"bỏ", "hủy"}},
		{verb: verbDrop, strength: strong,
			vi: []string{"xóa nháp", "xóa hẳn", "xóa bản nháp"}, en: []string{"delete draft"}},
		{verb: verbDrop, strength: weak, vi: []string{"xóa"}, en: []string{"delete"}},
		{verb: verbHelp, strength: strong,
			vi: []string{"trợ giúp", "giúp", "hướng dẫn", "giúp đỡ"}, en: []string{"help"}, signs: []string{"?"}, slash: []string{"/help"}},
		{verb: verbHuman, strength: strong,
			vi: []string{"cán bộ", "nhân viên", "gặp người", "cần gặp người", "gặp cán bộ", "tổng đài"}, en: []string{"agent", "human", "officer"}, slash: []string{"/canbo"}},
		{verb: verbHuman, strength: weak, plain: []string{"cb"}},
		{verb: verbRepeat, strength: strong,
			vi: []string{"nhắc lại", "lặp lại", "câu hỏi"}, en: []string{"repeat", "say again"}, slash: []string{"/again"}},
		{verb: verbReview, strength: strong,
			vi: []string{"xem lại", "tóm tắt"}, en: []string{"review", "summary"}, slash: []string{"/review"}},
		{verb: verbSkip, strength: strong,
			vi: []string{"bỏ qua"}, en: []string{"skip"}, slash: []string{"/skip"}},
		{verb: verbSkip, strength: weak, signs: []string{"-"}},
		{verb: verbDone, strength: weak,
			vi: []string{"xong", "hết", "xong giấy này"}, en: []string{"done", "finished"}, signs: []string{"✅", "✔"}},
		{verb: verbUndo, strength: weak,
			vi: []string{"xóa trang cuối", "xóa trang"}, en: []string{"remove last page", "delete last"}},
		{verb: verbYes, strength: weak,
			vi: []string{"có", "ok", "vâng", "dạ", "ừ", "phải", "đúng rồi", "đúng vậy",
				"dạ có", "có ạ", "dạ vâng", "vâng ạ", "dạ phải", "phải rồi", "dạ đúng", "dạ đúng rồi", "đúng ạ", "đúng rồi ạ", "ừ đúng rồi", "được", "được ạ"}, en: []string{"yes", "yeah", "correct"}, plain: []string{"uh", "dc", "oke", "y"}, signs: []string{"👍"}},
		{verb: verbNo, strength: weak,
			vi: []string{"không", "không phải", "hổng", "hông", "dạ không", "không ạ", "dạ không ạ"}, en: []string{"no", "nope"}, plain: []string{"ko", "k", "hong", "kg"}, signs: []string{"👎"}},
		{verb: verbUnknown, strength: weak,
			vi: []string{"không biết", "không rõ", "chưa rõ", "chưa biết"}, en: []string{"unknown", "not sure", "i do not know", "dont know"}, plain: []string{"ko biet", "k biet", "ko ro"}},
		{verb: verbStatus, strength: strong,
			vi: []string{"hồ sơ của tôi"}, en: []string{"my dossiers", "my applications"}, slash: []string{"/hoso"}},
		{verb: verbStatus, strength: weak,
			vi: []string{"tra cứu", "hồ sơ", "tra cứu hồ sơ"}, en: []string{"status", "track"}, plain: []string{"tc"}},
		{verb: verbWithdraw, strength: weak, vi: []string{"rút hồ sơ"}, en: []string{"withdraw"}},
		{verb: verbResult, strength: strong,
			vi: []string{"nhận kết quả", "lấy kết quả", "xem kết quả"}, en: []string{"get result", "get the result"}, slash: []string{"/ketqua"}},
		{verb: verbResult, strength: weak, vi: []string{"kết quả"}, en: []string{"result"}},
		{verb: verbVI, strength: strong, vi: []string{"tiếng việt"}, en: []string{"vietnamese"}, plain: []string{"tieng viet"}},
		{verb: verbVI, strength: weak, plain: []string{"vi", "vn"}},
		{verb: verbEN, strength: strong, vi: []string{"tiếng anh"}, en: []string{"english"}, plain: []string{"tieng anh"}},
		{verb: verbEN, strength: weak, plain: []string{"en", "eng"}},
		{verb: verbContinue, strength: strong,
			vi: []string{"tiếp tục"}, en: []string{"continue", "resume"}, slash: []string{"/tiep"}},
		{verb: verbContinue, strength: weak, vi: []string{"tiếp"}, en: []string{"next"}},
		{verb: verbMove, strength: strong,
			vi: []string{"chuyển máy", "chuyển kênh", "mã chuyển"}, en: []string{"move device"}, slash: []string{"/move"}},
		{verb: verbMove, strength: weak, vi: []string{"chuyển"}, en: []string{"move"}},
		{verb: verbLink, strength: weak, vi: []string{"nhận link", "gửi bằng link"}, en: []string{"link"}},
		// "dong y" alone is the legal consent on a summary and a plain yes elsewhere.
		{verb: verbConsent, strength: weak, vi: []string{"đồng ý", "đồng ý và nộp"}, en: []string{"i agree", "agree"}},
		// Without accents "dung" is yes, stop and a name at once, so it is none; with
		// them "dừng" may mean the notices or the application: it takes two words.
		{verb: verbUnclear, strength: weak, vi: []string{"dừng"}, plain: []string{"dung"}},
		{verb: verbYes, strength: weak, vi: []string{"đúng"}},
	}
}

// matched is a recognised command.
type matched struct {
	verb     verb
	strength strength
	n        int    // of edit and remove
	arg      string // of status, withdraw, supplement and result: code or tail; of consent: digits
	rest     string // after a slash command
}

// answers reports whether the words only answer a question.
func (m matched) answers() bool {
	switch m.verb {
	case verbYes, verbNo, verbUnknown, verbUnclear, verbConsent:
		return true
	}
	return false
}

// commands is the command table, compiled.
type commands struct {
	exact  map[string][]matched // by FoldExact of the accented form
	folded map[string][]matched // by Fold
	signs  map[string]matched
	slash  map[string]matched
	words  map[string]verb // one-word forms, folded: what a name may collide with
}

func compileCommands(rows []commandRow) *commands {
	c := &commands{
		exact: map[string][]matched{}, folded: map[string][]matched{},
		signs: map[string]matched{}, slash: map[string]matched{}, words: map[string]verb{},
	}
	for _, r := range rows {
		m := matched{verb: r.verb, strength: r.strength}
		for _, w := range slices.Concat(r.vi, r.en, r.plain) {
			c.exact[text.FoldExact(w)] = append(c.exact[text.FoldExact(w)], m)
			f := text.Fold(w)
			// "đúng" is a yes only with its accents; its bare form has a row of its own.
			if r.verb == verbYes && f == "dung" {
				continue
			}
			if !slices.Contains(c.folded[f], m) {
				c.folded[f] = append(c.folded[f], m)
			}
			if !strings.Contains(f, " ") && (r.strength != optOut) {
				c.words[f] = r.verb
			}
		}
		for _, s := range r.signs {
			c.signs[text.Sign(s)] = m
		}
		for _, s := range r.slash {
			c.slash[s] = m
		}
	}
	return c
}

// collisions lists the one-word forms a name may be mistaken for, sorted.
func (c *commands) collisions() []string { return slices.Sorted(maps.Keys(c.words)) }

// collides reports which command a one-word reply to a name question could also
// be. Accents do not excuse: "Hồng" without full name is asked back as well.
func (c *commands) collides(raw string) (verb, bool) {
	v, ok := c.words[text.Fold(raw)]
	return v, ok
}

// means reports which command words of any number are, for asking back.
func (e *Engine) means(raw string) (verb, bool) {
	if v, ok := e.commands.collides(raw); ok {
		return v, true
	}
	m, ok := e.match(raw)
	return m.verb, ok
}

// patterns are the commands that carry an argument.
type patterns struct{ edit, remove, status, withdraw, supplement, result, consent, decline *regexp.Regexp }

func compilePatterns() patterns {
	const ref = `([0-9a-z. -]*[0-9]{4,6})`
	return patterns{
		edit:       regexp.MustCompile(`^(?:sua|s|edit|change) ?(?:cau |dong |so )?([0-9]{1,3})$`),
		remove:     regexp.MustCompile(`^(?:xoa|bot|remove|delete) (?:[a-z ]{1,30} )?([0-9]{1,2})$`),
		status:     regexp.MustCompile(`^(?:tra cuu|tra cuu ho so|tc|ho so|hs|status|track|xem) ` + ref + `$`),
		withdraw:   regexp.MustCompile(`^(?:rut|rut ho so|withdraw) ` + ref + `$`),
		supplement: regexp.MustCompile(`^(?:bo sung|supplement) ` + ref + `$`),
		result:     regexp.MustCompile(`^(?:nhan ket qua|lay ket qua|ket qua|get result|result) ` + ref + `$`),
		consent:    regexp.MustCompile(`^(?:dong y|dong y va nop|i agree|agree) ?([0-9]{4})$`),
		decline:    regexp.MustCompile(`^(?:tu choi|khong dong y|decline|i decline) ?([0-9]{4})$`),
	}
}

// match finds the command a whole message is, if any. The first result has the
// strongest claim.
func (e *Engine) match(raw string) (matched, bool) {
	s := text.NFC(raw)
	if s == "" || len(s) > 120 {
		return matched{}, false
	}
	if strings.HasPrefix(s, "/") {
		word, rest, _ := strings.Cut(s, " ")
		word, _, _ = strings.Cut(word, "@")
		m, ok := e.commands.slash[strings.ToLower(word)]
		m.rest = strings.TrimSpace(rest)
		return m, ok
	}
	if m, ok := e.commands.signs[text.Sign(s)]; ok {
		return m, true
	}
	folded := text.Fold(s)
	p := e.patterns
	if g := p.edit.FindStringSubmatch(folded); g != nil {
		return matched{verb: verbEdit, strength: strong, n: atoi(g[1])}, true
	}
	if g := p.remove.FindStringSubmatch(folded); g != nil {
		return matched{verb: verbRemove, strength: strong, n: atoi(g[1])}, true
	}
	// The argument of these is taken from the text as typed: folding loses the
	// dots and hyphens of a code.
	for _, c := range []struct {
		re *regexp.Regexp
		v  verb
	}{{p.status, verbStatus}, {p.withdraw, verbWithdraw}, {p.supplement, verbAnswer}, {p.result, verbResult}} {
		if c.re.MatchString(folded) {
			return matched{verb: c.v, strength: strong, arg: lastWord(s)}, true
		}
	}
	if g := p.consent.FindStringSubmatch(folded); g != nil {
		return matched{verb: verbConsent, strength: strong, arg: g[1]}, true
	}
	if g := p.decline.FindStringSubmatch(folded); g != nil {
		return matched{verb: verbDecline, strength: strong, arg: g[1]}, true
	}
	if text.Accented(s) {
		if ms := e.commands.exact[text.FoldExact(s)]; len(ms) > 0 {
			return ms[0], true
		}
		// A slip in one accent of several words is still understood; of a single
		// word it would be another word.
		if !strings.Contains(folded, " ") {
			return matched{}, false
		}
	}
	if ms := e.commands.folded[folded]; len(ms) > 0 {
		return ms[0], true
	}
	return matched{}, false
}

func lastWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return strings.Trim(f[len(f)-1], ".,;:!?\"'“”’‘")
}

func atoi(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1<<20 {
			return -1
		}
		n = n*10 + int(r-'0')
	}
	if s == "" {
		return -1
	}
	return n
}
