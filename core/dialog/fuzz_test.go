package dialog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
)

// words are what a random person writes: commands, answers, noise, attacks.
func fuzzWords() []string {
	return []string{
		"menu", "0", "9", "1", "2", "3", "7", "99", "*", "?", "quay lại", "hủy bỏ", "huy", "dung", "đúng", "có", "không", "ko", "tiếp", "bỏ qua", "xong",
		"xem lại", "sửa 1", "sửa 4", "sửa 21", "sửa", "đồng ý", "dong y 1234", "cán bộ", "english", "tiếng việt", "chuyển máy", "chuyển", "nhận link",
		"dừng tin", "nhận tin", "xóa", "xóa nháp", "rút hồ sơ", "rut 0001", "bo sung 0001", "hồ sơ của tôi", "tra cứu", "0001", "H29.26740-261112-0001",
		"khai sinh", "độc thân", "tạm trú", "ben nghe quan 1", "thanh an", "quận 3", "phường Sài Gòn", "Trần Thị Mai", "Huy", "Vi", "079190001234", "12",
		"12 Lê Lợi, phường Sài Gòn", "4/9/1990", "31/2/2020", "Kinh", "0912345678", "asdf", "", "   ", "{code} **x** [[y]]", "<b>&", "\x00\xff\xfe",
		"👨‍👩‍👧", strings.Repeat("dài ", 3000), "7K3F9QXM", "ABCD2345", "/start", "/start t7K3F9QXM", "/x", "nam", "nữ", "xóa trang cuối", "giữ nguyên", "cap cuu",
		"câu trả lời", "\u202eabc", "ｆｕｌｌ", "-", "hong", "ok", "dạ",
	}
}

// wander plays n random events in a world of two channels.
func wander(t testing.TB, cat *catalog.Catalog, data []byte, n int) {
	w := newWorld(t, cat, noon())
	next := seed(data)
	// Most wanderers start somewhere on the way of an application, many at its end.
	talks := []*talk{applying(t, w, richCaps(), min(15, 1+next(22))), w.talk("short", shortCaps())}
	if next(3) == 0 {
		talks[1] = applying(t, w, shortCaps(), min(15, 1+next(22)))
	}
	words := fuzzWords()
	for range n {
		c := talks[next(5)/4]
		w.now = w.now.Add(time.Duration(next(90)) * time.Second)
		switch k := next(20); {
		case k < 9:
			c.say(words[next(len(words))])
		case k < 14:
			press(c, next)
		case k == 14:
			if len(c.last) > 0 {
				fillAny(c)
			}
		case k == 15:
			c.photos([]string{"", "g" + words[next(3)]}[next(2)], [][]string{{"good"}, {"bad"}, {"good", "bad"}, {"good", "good"}}[next(4)]...)
		case k == 16:
			c.event(anyEvent(w, next))
		case k == 17:
			officerActs(c, next)
		case k == 18:
			for code := range w.handOffs {
				c.say(code)
				break
			}
		default:
			c.say(strings.TrimSpace("đồng ý " + c.digits()))
		}
	}
}

func press(c *talk, next func(int) int) {
	if len(c.last) == 0 {
		return
	}
	if chs := c.last[len(c.last)-1].Choices; len(chs) > 0 {
		c.event(core.Event{Kind: core.EventChoice, ChoiceID: chs[next(len(chs))].ID})
	}
}

// anyEvent makes an event that may fit nothing.
func anyEvent(w *world, next func(int) int) core.Event {
	kinds := []core.EventKind{
		core.EventText, core.EventChoice, core.EventMedia, core.EventContact, core.EventLocation, core.EventStart, core.EventStop, core.EventPublic,
		core.EventPage, core.EventUploaded, core.EventQuiet, core.EventDossier, core.EventReminder, core.EventMoved, "unheard-of",
	}
	ev := core.Event{Kind: kinds[next(len(kinds))], Text: fuzzWords()[next(20)], ChoiceID: []string{"", "nav.menu", "nav.x", "nav.dossier.zz", "nav.supplement." + string(w.id()), "zz.1"}[next(6)],
		Group: "g0", Seq: next(4), PageID: w.id(), DraftID: w.id(), DossierID: w.id()}
	if next(2) == 0 {
		ev.Phone = "+84912345678"
	}
	if next(2) == 0 && len(w.dossiers) > 0 {
		ev.DossierID = w.dossiers[next(len(w.dossiers))].ID
	}
	for id := range w.drafts {
		if next(2) == 0 {
			ev.DraftID = id
		}
		break
	}
	return ev
}

func officerActs(c *talk, next func(int) int) {
	if len(c.w.dossiers) == 0 {
		return
	}
	d := c.w.dossiers[len(c.w.dossiers)-1]
	to := dossier.States()[next(10)]
	note := dossier.Note{}
	if p, ok := c.w.svc.Catalog().Procedure(d.ProcedureCode); ok && to == core.StateSupplement {
		note.Items = []core.SupplementItem{{Requirement: p.Requirements[next(len(p.Requirements))].Key, Reason: dossier.ReasonMissing, Page: next(3)}}
	}
	c.officer(to, dossier.ReasonOther, note)
}

// FuzzTurn lets people, offices and networks do anything in any order: no turn
// panics, every prompt is whole, every text has an answer, and nothing is filed
// without the legal words (see lawful).
func FuzzTurn(f *testing.F) {
	cat := loadPack(f)
	for i := range 12 {
		f.Add([]byte(strings.Repeat(string(rune('a'+i)), 9)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wander(t, cat, data, 120) })
}

// FuzzReply types arbitrary text at a question of every kind.
func FuzzReply(f *testing.F) {
	cat := loadPack(f)
	for _, s := range fuzzWords() {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		w := newWorld(t, cat, noon())
		c := w.talk("a", richCaps())
		for _, s := range []string{"độc thân", "1", a, "phường Sài Gòn", b, a, "Trần Thị Mai", a, b} {
			c.event(core.Event{Kind: core.EventText, Text: s})
		}
	})
}

// TestForeignState survives a state that this version did not write.
func TestForeignState(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, s := range []string{"null", "[]", "{", `{"at":"nowhere"}`, `{"at":"step","step":"field:nothing"}`, `{"at":"values","said":"x"}`,
		`{"at":"missing","item":99}`, `{"at":"summary"}`, `{"opts":[{"i":"1","a":"value","r":"{"}],"at":"step","step":"fact:none"}`, `{"at":"clarify"}`, `{"at":"withdraw","dossier":"x"}`} {
		for _, apply := range []bool{false, true} {
			w := newWorld(t, cat, noon())
			c := w.talk("a", richCaps())
			if apply {
				c = applying(t, w, richCaps(), 5)
			}
			for _, ev := range []core.Event{
				{Kind: core.EventText, Text: "1"}, {Kind: core.EventText, Text: "có"}, {Kind: core.EventChoice, ChoiceID: "1"},
				{Kind: core.EventMedia, Media: []core.Media{{Ref: "r"}}}, {Kind: core.EventQuiet}, {Kind: core.EventPage},
			} {
				c.conv.State, c.said = core.Sealed(s), ""
				c.event(ev)
			}
		}
	}
}

// TestSorry offers a way out in the language of the conversation.
func TestSorry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	p := w.engine.Sorry(core.TurnRow{Conversation: core.Conversation{Locale: "en"}})
	if p.Locale != "en" || len(p.Choices) == 0 || !w.msg.Has(p.Key) {
		t.Errorf("Sorry = %+v", p)
	}
}

// TestCommandsAreComplete lists every command for the policy table.
func TestCommandsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range dialog.Commands() {
		if c.Operation() == "" || seen[c.Operation()] {
			t.Errorf("%T has operation %q", c, c.Operation())
		}
		seen[c.Operation()] = true
	}
	if len(seen) != 15 {
		t.Errorf("%d commands", len(seen))
	}
}
