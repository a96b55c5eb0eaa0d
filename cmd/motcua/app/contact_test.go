package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// Who files with the app and proves nothing is told by the phone of the
// declaration: each line in its own words, not how the dossier stands meanwhile.
func TestTheContactPhoneIsToldWhatHappened(t *testing.T) {
	t.Parallel()
	p := start(t)
	now := time.Now().In(core.City)
	morning := time.Date(now.Year(), now.Month(), now.Day()+1, 9, 0, 0, 0, core.City) // nobody is told at night
	p.must("/sim/api/v1/clock", nil, map[string]any{"advance": time.Until(morning).String()})
	var tokens struct {
		Officer string
		Tokens  struct{ AccessToken string }
	}
	read := func(body string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	read(p.must("/motcua.mobile.v1.SessionService/StartAnonymous", nil, map[string]any{}), &tokens)
	read(p.must("/sim/tokens", nil, map[string]any{}), &tokens)
	me := map[string]string{"Authorization": "Bearer " + tokens.Tokens.AccessToken}
	const mine = "/motcua.mobile.v1.DossierService/"
	var at struct {
		DraftID string
		Step    struct {
			Question *struct {
				Key, Type string
				Choices   []struct{ ID string }
			}
		}
		Dossier struct{ Code string }
	}
	read(p.must(mine+"StartDossier", me, map[string]any{"procedureCode": "1.004873"}), &at)
	draft := at.DraftID
	words := map[string]string{
		"org": "phường Sài Gòn", "person_name": "Trần Thị Mai", "personal_id": "079190000012", "address": "12 Lê Lợi, phường Sài Gòn",
		"date": "4/9/1990", "code": "kinh", "phone": "0908123456", "text": "vay vốn",
	}
	for range 30 {
		q := at.Step.Question
		if q == nil {
			break
		}
		answer := map[string]any{"text": words[q.Type]}
		switch {
		case strings.HasPrefix(q.Key, "fact."):
			answer = map[string]any{"choices": []string{"no"}}
		case len(q.Choices) > 0:
			answer = map[string]any{"choices": []string{q.Choices[0].ID}}
		}
		at.Step.Question = nil
		read(p.must(mine+"AnswerQuestion", me, map[string]any{"draftId": draft, "key": q.Key, "answer": answer}), &at)
	}
	read(p.must(mine+"SubmitDossier", me, map[string]any{"draftId": draft, "declared": true}), &at)

	officer := map[string]string{"Authorization": "Bearer " + tokens.Officer}
	const desk = "/motcua.agency.v1.DossierService/"
	told := func(words string) {
		t.Helper()
		p.eventually(words, func() bool {
			return strings.Contains(p.get(p.URL()+"/sim/api/v1/outbox?channel=sms&person=%2B84908123456").body, words)
		})
	}
	p.must(desk+"Accept", officer, map[string]any{"code": at.Dossier.Code, "identityChecked": true})
	told(at.Dossier.Code + " DA TIEP NHAN")
	// What asks nothing waits ten minutes behind the first notice, and an apology
	// waits behind neither.
	p.must(desk+"Start", officer, map[string]any{"code": at.Dossier.Code})
	p.eventually("a notice that waits", func() (waits bool) {
		if err := p.store.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
			jobs, err := tx.Jobs().List(ctx, core.JobReady, 50)
			waits = slices.ContainsFunc(jobs, func(j core.Job) bool {
				return j.Kind == dossier.JobChanged && j.RunAt.After(morning.Add(5*time.Minute))
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return waits
	})
	p.must(desk+"Extend", officer, map[string]any{
		"code": at.Dossier.Code, "reason": "workload", "dueAt": morning.AddDate(0, 1, 0).UTC().Format(time.RFC3339),
	})
	told("Xin loi: ho so " + at.Dossier.Code)
}

// Whoever goes on with nothing is told so in one segment, in both languages.
func TestNothingUnfinishedIsOneSegment(t *testing.T) {
	t.Parallel()
	p := start(t)
	for lang, words := range map[string][2]string{"vi": {"tieng viet", "TIEP"}, "en": {"english", "CONTINUE"}} {
		say := func(words string) string {
			return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "sms", "person": lang, "text": words})
		}
		say(words[0])
		var got struct{ Replies []struct{ Text string } }
		if err := json.Unmarshal([]byte(say(words[1])), &got); err != nil || len(got.Replies) != 1 {
			t.Fatalf("%s: %v, %d replies", lang, err, len(got.Replies))
		}
		if cost := sms.Count(got.Replies[0].Text); cost.Segments != 1 || cost.Encoding != sms.GSM7 {
			t.Errorf("%s: %+v %q", lang, cost, got.Replies[0].Text)
		}
		if strings.Contains(got.Replies[0].Text, "..") {
			t.Errorf("%s: cut short: %q", lang, got.Replies[0].Text)
		}
	}
}
