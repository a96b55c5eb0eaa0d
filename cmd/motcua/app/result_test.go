package app

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/simkit"
)

// The whole way of a result: the officer completes with a file, the citizen is told
// where the dossier was filed, asks for it, and downloads what the officer gave.
func TestResultReachesTheCitizen(t *testing.T) {
	t.Parallel()
	p := start(t)
	want := simkit.SamplePDF("giay xac nhan", 1)
	for _, channel := range []string{"telegram", "sms"} {
		say := func(words string) string {
			t.Helper()
			return p.must("/sim/api/v1/say", nil, map[string]any{"channel": channel, "person": "ket qua", "text": words})
		}
		outbox := func() string {
			return p.get(p.URL() + "/sim/api/v1/outbox?channel=" + channel + "&person=ket+qua").body
		}
		say("độc thân")
		for _, words := range []string{"1", "phường Sài Gòn", "Trần Thị Mai", "079190000012", "12 Lê Lợi, phường Sài Gòn", "1", "4/9/1990", "kinh", "1", "2", "vay vốn", "1", "0901234567", "không"} {
			say(words)
		}
		say("không")
		var summary string
		if channel == "sms" {
			var digits []string // in the last of several messages
			p.eventually("asked for the consent", func() bool {
				digits = regexp.MustCompile(`DONG Y (\d{4})`).FindStringSubmatch(outbox())
				return digits != nil
			})
			summary = say("DONG Y " + digits[1])
		} else {
			summary = say("đồng ý")
		}
		code := regexp.MustCompile(`H29\.[0-9]+-[0-9]+-[0-9]+`).FindString(summary)
		if code == "" {
			t.Fatalf("%s: nothing was filed: %s", channel, summary)
		}
		var tokens struct{ Officer string }
		if err := json.Unmarshal([]byte(p.must("/sim/tokens", nil, map[string]any{})), &tokens); err != nil {
			t.Fatal(err)
		}
		officer := map[string]string{"Authorization": "Bearer " + tokens.Officer}
		const desk = "/motcua.agency.v1.DossierService/"
		p.must(desk+"Accept", officer, map[string]any{"code": code, "identityChecked": true})
		p.must(desk+"Complete", officer, map[string]any{"code": code, "name": "Trần Thị Mai.pdf", "content": want})
		told := map[string]string{"telegram": "đã có kết quả", "sms": "DA CO KET QUA"}[channel]
		p.eventually("told on "+channel, func() bool {
			if strings.Contains(outbox(), told) {
				return true
			}
			// Nobody is told at night.
			p.post("/sim/api/v1/clock", `{"advance":"1h"}`)
			return false
		})
		if strings.Contains(outbox(), "/u/") {
			t.Errorf("%s: a link was sent unasked:\n%s", channel, outbox())
		}
		link := regexp.MustCompile(`https?://[^/]+(/u/[0-9A-Z]{16})`).FindStringSubmatch(say("nhận kết quả"))
		if link == nil {
			t.Fatalf("%s: no link:\n%s", channel, outbox())
		}
		if r := p.get(p.URL() + link[1]); r.status != http.StatusOK || !strings.Contains(r.body, code) || strings.Contains(r.body, "Mai") {
			t.Errorf("%s: the page: %d\n%s", channel, r.status, r.body)
		}
		r := p.get(p.URL() + link[1] + "/file/1")
		if r.status != http.StatusOK || r.body != string(want) {
			t.Errorf("%s: the file: %d, %d bytes", channel, r.status, len(r.body))
		}
		if got := r.header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="ket-qua-`) || strings.Contains(got, "Mai") {
			t.Errorf("%s: %q", channel, got)
		}
	}
	say := func(words string) {
		p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": "khac", "text": words})
	}
	say("zzqq xyzzy")
	say("cán bộ")
	p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": "khac", "text": "độc thân"})
	metrics := p.get(p.AdminURL() + "/metrics").body
	for _, line := range []string{
		`motcua_not_understood_total{channel="telegram"} 1`, `motcua_human_handover_total{channel="telegram"} 1`,
		`motcua_dossier_submitted_total{channel="telegram",procedure="1.004873"} 1`,
		`motcua_dossier_submitted_total{channel="sms",procedure="1.004873"} 1`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("%s is not in the metrics:\n%s", line, regexp.MustCompile(`(?m)^motcua_(not_und|human|dossier_s).*$`).FindAllString(metrics, -1))
		}
	}
}

// What becomes of pages and of drafts that move is counted.
func TestPagesAndMovesAreCounted(t *testing.T) {
	t.Parallel()
	p := start(t)
	say := func(channel, words string) string {
		t.Helper()
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": channel, "person": "dem", "text": words})
	}
	say("telegram", "độc thân")
	for _, words := range []string{"1", "phường Sài Gòn", "Trần Thị Mai", "079190000012", "12 Lê Lợi, phường Sài Gòn", "1", "4/9/1990", "kinh", "3", "bỏ qua", "2", "vay vốn", "1", "0901234567", "không", "không"} {
		say("telegram", words)
	}
	p.must("/sim/api/v1/photo", nil, map[string]any{"channel": "telegram", "person": "dem", "sample": "trang-1"})
	code := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(say("telegram", "chuyển máy"))
	if code == "" {
		t.Fatal("no hand-off code")
	}
	say("sms", code)
	p.eventually("counted", func() bool {
		metrics := p.get(p.AdminURL() + "/metrics").body
		for _, line := range []string{
			`motcua_attachment_verdict_total{reason="none",verdict="ready"} 1`, `motcua_attachment_bytes_total{channel="telegram"} `,
			`motcua_handover_channel_total{from="telegram",to="sms"} 1`,
		} {
			if !strings.Contains(metrics, line) {
				return false
			}
		}
		return true
	})
}

// A draft that was left for another one is gone on with where it stood, papers
// included.
func TestLeftDraftIsReached(t *testing.T) {
	t.Parallel()
	p := start(t)
	say := func(words string) string {
		t.Helper()
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "telegram", "person": "hai viec", "text": words})
	}
	say("độc thân")
	for _, words := range []string{"1", "phường Sài Gòn", "Trần Thị Mai", "079190000012"} {
		say(words)
	}
	for _, words := range []string{"menu", "khai sinh", "1"} {
		say(words)
	}
	if got := say("2"); !strings.Contains(got, "hồ sơ của tôi") {
		t.Fatalf("the new application: %s", got)
	}
	if got := say("hồ sơ của tôi"); !strings.Contains(got, "Làm dở: Đăng ký khai sinh") || !strings.Contains(got, "Làm dở: Xác nhận tình trạng hôn nhân") {
		t.Fatalf("what is unfinished: %s", got)
	}
	if got := say("2"); !strings.Contains(got, "Câu 4/") || !strings.Contains(got, "cư trú ở đâu") {
		t.Errorf("does not go on at the fourth question: %s", got)
	}
	if got := say("12 Lê Lợi, phường Sài Gòn"); !strings.Contains(got, "Câu 5/") {
		t.Errorf("the answer is not taken: %s", got)
	}
}
