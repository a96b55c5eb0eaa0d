package channels_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

// The stories that are interleaved: what each person does, what is called beside
// it, and what must be true whatever the order was.

// answers: somebody types ahead, goes back, presses buttons old and new.
func answers(c *crowd, person int64) ([]caller, func()) {
	v := c.visitor(person, c.join(person, c.questions, ""))
	typed := []string{"Trần Thị Mai", "079190001234", "12 Lê Lợi, phường Sài Gòn", "bản thân", "4/9/1990", "kinh", "quay lại", "menu",
		"tiếp tục", "bỏ qua", "2", "trợ giúp", "khai sinh", "dung"}
	pressed := []string{"nav.back", "nav.menu", "nav.help", "zz.1", c.consent, "1.0"}
	for range 3 + c.rng.n(5) {
		if c.rng.n(3) == 0 {
			v.press(pressed[c.rng.n(len(pressed))])
		} else {
			v.say(typed[c.rng.n(len(typed))])
		}
	}
	return nil, v.again
}

// firstWords: the first messages of somebody unknown arrive at once.
func firstWords(c *crowd, person int64) ([]caller, func()) {
	v := c.visitor(person, core.TurnRow{})
	v.say("/start")
	v.say("xin xác nhận độc thân")
	v.press("nav.menu")
	if c.rng.n(2) == 0 {
		v.say("0")
	}
	return nil, v.again
}

// app signs a citizen in.
func (c *crowd) app() (citizen core.ID, token string) {
	g, err := c.sessions.StartAnonymous(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return g.CitizenID, g.Access
}

// insist makes a call again while the same one is under way elsewhere or a write
// lost its race, as a client does that did not hear the answer.
func (c *crowd) insist(procedure, token, key string, body any) (int, map[string]any) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		status, out := c.call(procedure, token, key, body)
		if status != http.StatusConflict && status != http.StatusServiceUnavailable {
			return status, out
		}
		<-tick.C
	}
	c.t.Errorf("%s does not come to an end", procedure)
	return 0, nil
}

// filing: the submit button is tapped twice, the words are typed too, and the app
// files the same draft. There is one dossier, and everybody is told the same code.
func filing(c *crowd, person int64) ([]caller, func()) {
	citizen, token := c.app()
	begin := c.join(person, c.summary, citizen)
	v := c.visitor(person, begin)
	v.press(c.consent)
	v.press(c.consent)
	if c.rng.n(2) == 0 {
		v.say("đồng ý")
	}
	c.filed.Add(1)
	var mu sync.Mutex
	told := map[string]int{}
	var calls []caller
	keys := [][]string{{}, {"k"}, {"k", "k"}, {"k", "k", "other"}, {""}}[c.rng.n(5)]
	for _, key := range keys {
		if key != "" {
			key += strconv.FormatInt(person, 10)
		}
		calls = append(calls, func() {
			status, out := c.insist("/motcua.mobile.v1.DossierService/SubmitDossier", token, key, map[string]any{"draftId": begin.Draft.ID, "declared": true})
			if status != http.StatusOK {
				c.t.Errorf("person %d: submitting from the app: %d %v", person, status, out)
				return
			}
			d, _ := out["dossier"].(map[string]any)
			mu.Lock()
			defer mu.Unlock()
			told[fmt.Sprint(d["code"])]++
		})
	}
	return calls, func() {
		_, turns := v.turns()
		for _, turn := range turns {
			for _, p := range turn.prompts {
				if p.Key == "submitted" {
					told[p.Args["code"]]++
				}
			}
		}
		c.view(func(ctx context.Context, tx core.Tx) error {
			d, err := tx.Dossiers().ByDraft(ctx, begin.Draft.ID)
			if err != nil {
				return err
			}
			codes, err := tx.Dossiers().Codes(ctx, d.ID)
			if len(codes) != 1 {
				c.t.Errorf("person %d: %d codes", person, len(codes))
			}
			events, err2 := tx.Dossiers().Events(ctx, d.ID)
			if len(events) != 1 {
				c.t.Errorf("person %d: a timeline of %d lines", person, len(events))
			}
			if len(told) != 1 || told[d.Code] == 0 {
				c.t.Errorf("person %d: dossier %s, told %v", person, d.Code, told)
			}
			draft, err3 := tx.Drafts().Get(ctx, begin.Draft.ID)
			if draft.State != core.DraftSubmitted || draft.DossierID != d.ID {
				c.t.Errorf("person %d: the draft is %s of %s", person, draft.State, draft.DossierID)
			}
			return firstError(err, err2, err3)
		})
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// appBesideChat: the app answers some questions of a draft while the chat answers
// others. No answer is lost, none is written twice.
func appBesideChat(c *crowd, person int64) ([]caller, func()) {
	citizen, token := c.app()
	begin := c.join(person, c.questions, citizen)
	v := c.visitor(person, begin)
	for _, words := range []string{"Trần Thị Mai", "079190001234", "quay lại", "bỏ qua"}[:2+c.rng.n(3)] {
		v.say(words)
	}
	given := map[string]string{"contact.email": fmt.Sprintf("mai%d@example.vn", person), "request.copies": "2", "contact.phone": "0912345678"}
	var calls []caller
	for field, words := range given {
		for range 1 + c.rng.n(2) {
			calls = append(calls, func() {
				status, out := c.insist("/motcua.mobile.v1.DossierService/AnswerQuestion", token, field+strconv.FormatInt(person, 10),
					map[string]any{"draftId": begin.Draft.ID, "key": field, "answer": map[string]any{"text": words}})
				if status != http.StatusOK {
					c.t.Errorf("person %d: answering %s from the app: %d %v", person, field, status, out)
				}
			})
		}
	}
	return calls, func() {
		end, turns := v.turns()
		saves := len(given)
		for _, turn := range turns {
			saves += turn.drafts
		}
		if end.Draft.Version != begin.Draft.Version+int64(saves) {
			c.t.Errorf("person %d: the draft has version %d after %d changes of version %d", person, end.Draft.Version, saves, begin.Draft.Version)
		}
		var all core.DraftAnswers
		if err := core.OpenJSON(end.Draft.Answers, &all); err != nil {
			c.t.Error(err)
		}
		for field := range given {
			if a := all.Fields[field]; a.Value == nil || a.Channel != "app" {
				c.t.Errorf("person %d: %s is %+v", person, field, a)
			}
		}
		for field, before := range answersOf(c.t, begin.Draft) {
			if _, ok := all.Fields[field]; !ok {
				c.t.Errorf("person %d: the answer to %s was lost (%v)", person, field, before.Value)
			}
		}
	}
}

func answersOf(t testing.TB, d *core.Draft) map[string]core.DraftAnswer {
	var a core.DraftAnswers
	if err := core.OpenJSON(d.Answers, &a); err != nil {
		t.Fatal(err)
	}
	return a.Fields
}

// deskBesideCitizen: an officer accepts while the citizen withdraws and asks. The
// timeline is a way through the states, without a gap, and each act is on it once.
func deskBesideCitizen(c *crowd, person int64) ([]caller, func()) {
	citizen, token := c.app()
	begin := c.join(person, c.summary, citizen)
	press := say(c.rig, person, 0, "")
	press.Kind, press.ChoiceID = core.EventChoice, c.consent
	if err := c.gateways[0].Deliver(c.t.Context(), press); err != nil {
		c.t.Fatal(err)
	}
	c.filed.Add(1)
	var d core.Dossier
	c.view(func(ctx context.Context, tx core.Tx) (err error) {
		d, err = tx.Dossiers().ByDraft(ctx, begin.Draft.ID)
		return err
	})
	now, _ := c.row(person)
	v := c.visitor(person, now)
	v.say("hồ sơ của tôi")
	v.press("nav.dossier." + string(d.ID))
	var mu sync.Mutex
	said := map[string]map[string]int{"accept": {}, "withdraw": {}}
	var calls []caller
	for range 2 {
		calls = append(calls, func() {
			status, out := c.insist("/motcua.agency.v1.DossierService/Accept", c.officer, "a"+d.Code, map[string]any{"code": d.Code})
			mu.Lock()
			defer mu.Unlock()
			said["accept"][fmt.Sprint(status, out["code"])]++
		}, func() {
			status, out := c.insist("/motcua.mobile.v1.DossierService/WithdrawDossier", token, "w"+d.Code, map[string]any{"code": d.Code})
			mu.Lock()
			defer mu.Unlock()
			said["withdraw"][fmt.Sprint(status, out["code"])]++
		})
	}
	return calls, func() {
		v.turns()
		c.view(func(ctx context.Context, tx core.Tx) error {
			events, err := tx.Dossiers().Events(ctx, d.ID)
			end, err2 := tx.Dossiers().Get(ctx, d.ID)
			state, kinds := core.DossierState(0), map[string]int{}
			for i, e := range events {
				if e.Seq != i+1 || e.From != state {
					c.t.Errorf("%s: line %d has number %d and goes from %d, not %d", d.Code, i+1, e.Seq, e.From, state)
				}
				state = e.To
				kinds[e.Kind]++
			}
			for kind, n := range kinds {
				if n != 1 {
					c.t.Errorf("%s: %s %d times", d.Code, kind, n)
				}
			}
			if end.State != state {
				c.t.Errorf("%s: is in state %d, its timeline ends in %d", d.Code, end.State, state)
			}
			for act, answers := range said {
				// Two calls with one key give one answer; one that was refused may be
				// refused or done when it is asked for again.
				if n := answers[fmt.Sprint(http.StatusOK, nil)]; n == 2 && kinds[map[string]string{"accept": "accepted", "withdraw": "withdrawn"}[act]] != 1 {
					c.t.Errorf("%s: %s was confirmed and is not on the timeline %v", d.Code, act, kinds)
				}
			}
			if len(said["withdraw"]) != 1 {
				c.t.Errorf("%s: withdrawing was answered %v", d.Code, said["withdraw"])
			}
			return firstError(err, err2)
		})
	}
}

// movingOn: two chats and the app redeem one hand-off code at once. One of them
// gets the draft.
func movingOn(c *crowd, person int64) ([]caller, func()) {
	giver := c.join(person, c.questions, "")
	var code string
	c.write(func(ctx context.Context, tx core.Tx) (err error) {
		code, _, err = c.people.NewHandOff(ctx, tx, giver.Draft.ID, giver.Conversation.ID)
		return err
	})
	takers := []*visitor{c.visitor(person+1_000_000, core.TurnRow{}), c.visitor(person+2_000_000, core.TurnRow{})}
	for _, v := range takers {
		v.say(code)
	}
	_, token := c.app()
	var byApp atomic.Int64
	calls := []caller{func() {
		status, out := c.insist("/motcua.mobile.v1.SessionService/RedeemHandOff", token, "", map[string]any{"code": code})
		if status == http.StatusOK {
			byApp.Add(1)
		} else if status >= 500 {
			c.t.Errorf("redeeming from the app: %d %v", status, out)
		}
	}}
	return calls, func() {
		got := int(byApp.Load())
		for _, v := range takers {
			end, _ := v.turns()
			if end.Conversation.DraftID == giver.Draft.ID {
				got++
			}
		}
		if got != 1 {
			c.t.Errorf("person %d: the draft went to %d of three", person, got)
		}
		c.view(func(ctx context.Context, tx core.Tx) error {
			h, err := tx.HandOffs().ByCode(ctx, code)
			if h.UsedAt.IsZero() {
				c.t.Errorf("person %d: the code is not used", person)
			}
			return err
		})
	}
}
