package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Who files with the app and proves nothing is told by the phone of the
// declaration: each line in its own words, not how the dossier stands meanwhile.
func TestTheContactPhoneIsToldWhatHappened(t *testing.T) {
	t.Parallel()
	p := start(t)
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
	p.must(desk+"Accept", officer, map[string]any{"code": at.Dossier.Code, "identityChecked": true})
	p.must(desk+"Extend", officer, map[string]any{
		"code": at.Dossier.Code, "reason": "workload", "dueAt": time.Now().AddDate(0, 1, 0).UTC().Format(time.RFC3339),
	})
	p.eventually("the apology", func() bool {
		if strings.Contains(p.get(p.URL()+"/sim/api/v1/outbox?channel=sms&person=%2B84908123456").body, "Xin loi: ho so "+at.Dossier.Code) {
			return true
		}
		p.post("/sim/api/v1/clock", `{"advance":"1h"}`) // nobody is told at night
		return false
	})
}
