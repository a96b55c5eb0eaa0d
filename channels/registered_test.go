package channels_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
)

// say enqueues a prompt to the person, as a turn or a notice does.
func (r *sendRig) say(p core.Prompt) {
	r.t.Helper()
	payload, err := core.SealJSON(map[string]any{"channel": "test", "account": "main", "to": "p", "prompt": p})
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(func(ctx context.Context, tx core.Tx) error {
		return tx.Enqueue(ctx, core.Job{
			ID: core.NewID(tx.Now()), Kind: channels.JobSend, Lane: core.LaneReply, OrderKey: "p", Account: "test/main", Payload: payload, RunAt: tx.Now(),
		})
	})
}

// parked lists the causes of parked jobs.
func (r *sendRig) parked() (causes []string) {
	r.t.Helper()
	r.view(func(ctx context.Context, tx core.Tx) error {
		jobs, err := tx.Jobs().List(ctx, core.JobParked, 100)
		for _, j := range jobs {
			causes = append(causes, j.Cause)
		}
		return err
	})
	return causes
}

// Where only registered texts get through, nothing else reaches the vendor: the
// person gets the general message, and the operator a parked job with the cause.
func TestOnlyRegisteredTextsLeave(t *testing.T) {
	t.Parallel()
	const words = "Anh xyzzy mang so ho khau den gap co Ba"
	const general = "HCMC-DVC: Ban co tin moi, xem o ung dung hoac kiosk."
	code := map[string]string{"code": "482193", "minutes": "5"}
	with := func(choices ...core.Choice) core.Prompt {
		return core.Prompt{Key: "items.ask", Locale: "vi", Choices: choices}
	}
	for _, tc := range []struct {
		name   string
		prompt core.Prompt
		want   string // how what is sent begins
		cause  string // "" when it may be sent
	}{
		{"an instance", core.Prompt{Key: "code.login", Locale: "vi", Args: code}, "HCMC-DVC: Ma xac nhan cua ban la 482193,", ""},
		{"its menu", with(core.Choice{ID: "a", Digit: "1", Label: "Con thứ nhất"}, core.Choice{ID: "b", Digit: "0", Key: "choice.menu"}),
			"HCMC-DVC: Bo muc nao? 1 Con thu nhat. 0 menu", ""},
		{"a value that is cut to its length", core.Prompt{Key: "dropped", Locale: "vi", Args: map[string]string{"name": strings.Repeat("tên dài ", 20)}},
			"HCMC-DVC: Da xoa ban nhap ten dai", ""},
		{"no locale is Vietnamese", core.Prompt{Key: "code.login", Args: code}, "HCMC-DVC: Ma xac nhan", ""},
		{"a value longer than declared", core.Prompt{Key: "code.login", Locale: "vi", Args: map[string]string{"code": words, "minutes": "5"}},
			general, "code.login no instance of the registered template"},
		{"words in place of a brand", core.Prompt{Key: "dropped", Locale: "vi", Args: map[string]string{"brand": words, "name": "x"}},
			general, "dropped no instance of the registered template"},
		{"a fragment", core.Prompt{Key: "word.item", Locale: "vi", Args: map[string]string{"note": words}},
			general, "word.item no instance of the registered template"},
		{"a key of nowhere", core.Prompt{Key: words, Locale: "vi"}, general, "no instance of the registered template"},
		{"choices that the menu cuts", with(
			core.Choice{ID: "a", Digit: "1", Label: "Phường Thủ Dầu Một (Phường Hiệp Thành, Thành phố Thủ Dầu Một, tỉnh Bình Dương)"},
			core.Choice{ID: "b", Digit: "2", Label: "Phường Phú Lợi (Phường Hiệp Thành, Thành phố Thủ Dầu Một, tỉnh Bình Dương)"},
			core.Choice{ID: "c", Digit: "3", Label: "Gõ lại tên phường, xã"}),
			"HCMC-DVC: Bo muc nao? 1 Phuong Thu Dau Mot (Phuong Hiep T", ""},
		{"a choice of many words", with(core.Choice{ID: "a", Digit: "1", Label: strings.Repeat(words+" ", 2)}),
			"HCMC-DVC: Bo muc nao? 1 Anh xyzzy mang so ho khau den gap co Ba Anh xyzzy mang so", ""},
		{"a menu of more than three segments", with(manyChoices()...), general, "items.ask longer than is declared"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newSendRig(t, &scripted{registered: true})
			r.run()
			r.say(tc.prompt)
			r.settle()
			r.net.mu.Lock()
			defer r.net.mu.Unlock()
			if len(r.net.sent) != 1 || !strings.HasPrefix(r.net.sent[0].Text, tc.want) {
				t.Errorf("sent %+v, want %q", r.net.sent, tc.want)
			}
			for _, out := range r.net.sent {
				if tc.cause != "" && (strings.Contains(out.Text, "xyzzy") || out.Template != "general") {
					t.Errorf("the vendor saw %+v", out)
				}
			}
			switch causes := r.parked(); {
			case tc.cause == "" && len(causes) > 0:
				t.Errorf("parked: %v", causes)
			case tc.cause != "" && (len(causes) != 1 || !strings.HasSuffix(causes[0], tc.cause)):
				t.Errorf("parked: %v, want %q", causes, tc.cause)
			}
		})
	}
}

// manyChoices are nine choices of sixty characters.
func manyChoices() (cs []core.Choice) {
	for _, d := range "123456789" {
		cs = append(cs, core.Choice{ID: string(d), Digit: string(d), Label: strings.Repeat("xyz ", 13) + string(d)})
	}
	return cs
}

// The general message that fails is sent again like every other, and then the job
// is parked.
func TestTheGeneralMessageIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{registered: true, plan: []string{"!", "?"}})
	r.run()
	r.say(core.Prompt{Key: "word.item", Locale: "vi"})
	r.settle()
	for range 4 {
		r.pass(30 * time.Second)
	}
	if parts := r.net.parts(); len(parts) != 3 {
		t.Errorf("sent %v, want three tries", parts)
	}
	if causes := r.parked(); len(causes) != 1 {
		t.Errorf("parked: %v", causes)
	}
}

// Several parts are never one registered text, and what cannot be said in one part
// at all is not sent.
func TestNoPartsOfRegisteredTexts(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{registered: true, maxText: 40})
	r.run()
	r.say(core.Prompt{Key: "help.home", Locale: "vi"})
	r.settle()
	if causes := r.parked(); len(r.net.parts()) > 0 || len(causes) != 1 || !strings.HasSuffix(causes[0], "help.home several parts where one is declared") {
		t.Errorf("sent %v, parked %v", r.net.parts(), causes)
	}
}

// A network that takes any text gets what there is to say.
func TestFreeTextsWhereTheyAreTaken(t *testing.T) {
	t.Parallel()
	r := newSendRig(t, &scripted{})
	r.run()
	r.say(core.Prompt{Key: "dropped", Locale: "vi", Args: map[string]string{"name": strings.Repeat("tên dài ", 20)}})
	r.settle()
	if len(r.net.sent) != 1 || !strings.Contains(r.net.sent[0].Text, "tên dài tên dài") || len(r.parked()) > 0 {
		t.Errorf("sent %+v, parked %v", r.net.sent, r.parked())
	}
}
