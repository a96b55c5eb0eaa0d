package crash_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/simkit"
)

// step is one reply that the citizen waits for, and what they do about it, once.
type step struct {
	sees  string // part of the reply
	does  action
	file  bool // what they do makes the program fetch a file
	maybe bool // asked by some versions of the form
}

type action func(p *simkit.TelegramPerson) error

func says(text string) action {
	return func(p *simkit.TelegramPerson) error {
		_, err := p.Say(text)
		return err
	}
}

// presses presses the button of the last message whose label begins so.
func presses(label string) action {
	return func(p *simkit.TelegramPerson) error {
		all := p.Messages()
		m := all[len(all)-1]
		for _, row := range m.Buttons {
			for _, b := range row {
				if strings.HasPrefix(b.Text, label) {
					_, err := p.PressData(m.ID, b.Data)
					return err
				}
			}
		}
		return fmt.Errorf("no button %q under %q", label, m.Text)
	}
}

func photographs(page string) action {
	return func(p *simkit.TelegramPerson) error {
		_, err := p.SendPhoto(simkit.SamplePhoto(page), "")
		return err
	}
}

// pages are the photographs of each paper, in the order they are sent.
func pages() map[string][]string {
	return map[string][]string{
		"divorce_or_death": {"ly-hon-1"},
		"residence_proof":  {"cu-tru-1", "cu-tru-2"},
	}
}

// start is what the citizen does before the first reply.
func start() step { return step{does: says("xin xác nhận độc thân")} }

// end reports whether nothing is left to do after a step.
func (s step) end() bool { return s.does == nil }

// journey is a marital-status certificate with two photographed papers, filed by
// somebody who answers what is asked, now by words and now by a button.
func journey() []step {
	return []step{
		start(),
		{sees: "Xác nhận tình trạng hôn nhân", does: presses("1 ")},
		{sees: "nộp tại phường, xã nào", does: says("ben nghe quan 1")},
		{sees: "Đúng không", does: presses("1 ")},
		{sees: "Họ và tên đầy đủ của bạn", does: says("Trần Thị Mai")},
		{sees: "Số định danh cá nhân (12 số) của bạn", does: says("079190001234")},
		{sees: "cư trú ở đâu", does: says("12 Lê Lợi, phường Sài Gòn")},
		{sees: "Bạn là gì của người được cấp giấy", does: presses("1 ")},
		{sees: "sinh ngày nào", does: says("4/9/1990")},
		{sees: "dân tộc nào", does: says("kinh")},
		{sees: "Tình trạng hôn nhân hiện nay", does: presses("3 ")},
		{sees: "Bản án, quyết định ly hôn", does: says("45/2020/QĐST-HNGĐ ngày 5/3/2020, Tòa án Quận 1")},
		{sees: "xin giấy để làm gì", does: presses("1 ")},
		{sees: "người bạn dự định kết hôn", does: says("Lê Quốc Huy")},
		{sees: "Số giấy tờ tùy thân của người đó", does: says("bỏ qua"), maybe: true},
		{sees: "đăng ký kết hôn ở đâu", does: says("bỏ qua"), maybe: true},
		{sees: "nhận kết quả thế nào", does: presses("1 ")},
		{sees: "Số điện thoại di động", does: says("0912345678")},
		{sees: "đã từng được cấp giấy này", does: presses("2 ")},
		{sees: "trên VNeID", does: says("có")},
		{sees: "Giấy 1/2", does: photographs("ly-hon-1"), file: true},
		{sees: "Đã nhận 1 trang", does: presses("1 Xong")},
		{sees: "Giấy 2/2", does: photographs("cu-tru-1"), file: true},
		{sees: "Đã nhận 1 trang", does: photographs("cu-tru-2"), file: true},
		{sees: "tổng 2 trang", does: presses("1 Xong")},
		{sees: "Xem lại trước khi nộp", does: presses("Đồng ý và nộp")},
		{sees: "Đã nhận hồ sơ. Mã: ", does: says("hồ sơ của tôi")},
		{sees: "Xác nhận tình trạng hôn nhân", does: nil},
	}
}

// answers are what the journey has to leave in the dossier, by field, in the form
// that is filed: names are in capitals there.
func answers() map[string]any {
	return map[string]any{
		"requester.fullName":   "TRẦN THỊ MAI",
		"requester.personalId": "079190001234",
		"requester.relation":   "ban_than",
		"subject.birthDate":    "1990-09-04",
		"subject.status":       "da_ly_hon",
		"subject.divorceRef":   "45/2020/QĐST-HNGĐ ngày 5/3/2020, Tòa án Quận 1",
		"purpose.kind":         "ket_hon",
		"purpose.partnerName":  "LÊ QUỐC HUY",
		"delivery.method":      "electronic",
		"contact.phone":        "+84912345678",
	}
}

// citizen is somebody in a chat who reads what is new.
type citizen struct {
	person *simkit.TelegramPerson
	done   map[int]bool // steps of the journey
	read   int          // messages read
	known  map[string]bool
	code   string // of the dossier, once it was told
}

func newCitizen(bot *simkit.Telegram, id int64) *citizen {
	return &citizen{person: bot.Person(id, "Mai", "vi"), known: map[string]bool{}, done: map[int]bool{0: true}}
}

// next waits for a reply that was not there before. One that looks the same, down
// to the buttons, is the same reply sent again.
func (c *citizen) next(ctx context.Context) (simkit.TelegramMessage, time.Time, error) {
	for {
		all, err := c.person.Await(ctx, c.read+1)
		if err != nil {
			return simkit.TelegramMessage{}, time.Time{}, err
		}
		now := time.Now()
		m := all[c.read]
		c.read++
		if key := likeness(m); !c.known[key] {
			c.known[key] = true
			return m, now, nil
		}
	}
}

// finds gives the step that a reply calls for: the first that was not done yet.
func (c *citizen) finds(script []step, reply string) (int, bool) {
	for i, s := range script {
		if !c.done[i] && strings.Contains(reply, s.sees) {
			c.done[i] = true
			return i, true
		}
	}
	return 0, false
}

// likeness tells replies apart. Choices have ids of their own in every prompt.
func likeness(m simkit.TelegramMessage) string {
	var b strings.Builder
	b.WriteString(m.Text)
	for _, row := range m.Buttons {
		for _, button := range row {
			b.WriteString("\x00" + button.Data)
		}
	}
	return b.String()
}

// heard lists what the person was told, the newest last, for a failure.
func (c *citizen) heard(n int) string {
	var out []string
	all := c.person.Messages()
	for _, m := range slices.Backward(all[max(0, len(all)-n):]) {
		out = append([]string{"  " + strings.ReplaceAll(m.Text, "\n", " / ")}, out...)
	}
	return strings.Join(out, "\n")
}
