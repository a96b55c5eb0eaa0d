package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/simkit"
)

// canaries are a person's data that occur nowhere else.
type canaries struct {
	name, other, id, phone, local, place, words, file string
	secrets                                           []string // made by the program: codes and tokens
}

func newCanaries() *canaries {
	return &canaries{
		name: "Tôn Nữ Hoàng Yến Phụng", other: "Lục Hoàng Anh Vũ", id: "079190736251", phone: "+84938475610", local: "0938 475 610",
		place: "137/29 hẻm Chim Sẻ, phường Sài Gòn", words: "tôi tên Tôn Nữ Hoàng Yến Phụng xyzzy", file: "cccd-hoang-yen-phung.pdf",
	}
}

// spellings gives every form in which a canary could be written.
func (c *canaries) spellings() []string {
	all := append([]string{c.name, c.other, c.id, c.phone, c.phone[1:], c.local, strings.ReplaceAll(c.local, " ", ""), c.place, "Chim Sẻ", c.words, c.file, "hoang-yen-phung"}, c.secrets...)
	for _, s := range slices.Clone(all) {
		quoted := fmt.Sprintf("%+q", s)
		all = append(all, text.Plain(s), strings.ToUpper(s), strings.ToUpper(text.Plain(s)), strings.ToLower(text.Plain(s)),
			url.QueryEscape(s), url.PathEscape(s), quoted[1:len(quoted)-1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// none fails when a canary is in s.
func (c *canaries) none(t *testing.T, where, s string) {
	t.Helper()
	for _, form := range c.spellings() {
		if at := strings.Index(s, form); at >= 0 {
			t.Errorf("%s holds %q: …%s…", where, form, s[max(0, at-120):min(len(s), at+len(form)+40)])
		}
	}
}

// urls notes the address of everything that is asked of a handler.
type urls struct {
	mu   sync.Mutex
	seen []string
}

func (u *urls) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.seen = append(u.seen, r.URL.String()+" "+r.Header.Get("Referer"))
		u.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// A person's data, and the secrets made for them, are neither in the log at its
// most talkative, nor in the metrics, nor in any address, nor on the disk
// unsealed: on the good way and on the wrong ones.
func TestCanaries(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := newCanaries()
	var asked urls
	p.public.Handler = asked.wrap(p.public.Handler)
	p.run()

	// In the chat: a filing with everything that is asked for.
	chat := func(verb string, body map[string]any) string {
		t.Helper()
		body["channel"], body["person"] = "telegram", "yến phụng"
		return p.must("/sim/api/v1/"+verb, nil, body)
	}
	say := func(words string) string { t.Helper(); return chat("say", map[string]any{"text": words}) }
	say("/start")
	say(c.words)
	say("tra cứu hồ sơ của " + c.name + " " + c.id)
	say("xin xác nhận độc thân")
	for _, words := range []string{"1", "bến nghé quận 1", "đúng", c.name, c.id + "9", c.id, c.place, "1", "4/9/1990", "kinh", "3",
		"Quyết định 123/2020 ngày 5/5/2020, Tòa án nhân dân Quận 1", "1", c.other, "1", c.local, "không", "không"} {
		say(words)
	}
	chat("photo", map[string]any{"sample": "trang-1", "caption": "giấy của " + c.name})
	chat("photo", map[string]any{"sample": c.file, "pdf": 2})
	say("xong")
	receipt := say("đồng ý")
	code := regexp.MustCompile(`H29\.[0-9]+-[0-9]+-[0-9]+`).FindString(receipt)
	if code == "" {
		t.Fatalf("nothing was filed: %s\n%s", receipt, p.log)
	}
	chat("tap", map[string]any{"choice": "contact"})

	// By SMS: what she writes, and a link that she opens.
	sms := func(words string) string {
		t.Helper()
		return p.must("/sim/api/v1/say", nil, map[string]any{"channel": "sms", "person": c.phone, "text": words})
	}
	sms("KHAI SINH")
	sms(c.words)
	sms(code)
	token := p.link()
	p.get(p.URL() + "/u/" + token + "?lang=en")
	p.get(p.URL() + "/u/" + token + "x")
	p.do("POST", p.URL()+"/u/"+token, map[string]string{"Content-Type": "multipart/form-data; boundary=x"},
		"--x\r\nContent-Disposition: form-data; name=\"paper\"\r\n\r\n"+c.name+"\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\""+c.file+"\"\r\n\r\n"+
			string(simkit.SamplePDF("a", 1))+"\r\n--x--\r\n")

	// In the app: she signs in, once with a wrong code, and answers a question.
	const session, dossier = "/motcua.mobile.v1.SessionService/", "/motcua.mobile.v1.DossierService/"
	var challenge struct{ ChallengeID string }
	p.json(session+"RequestCode", nil, map[string]any{"phone": c.phone}, &challenge)
	otp := ""
	p.eventually("sent a code", func() bool {
		for _, m := range p.sim.smsgate.Outbox() {
			if d := regexp.MustCompile(`\b\d{6}\b`).FindString(m.Body); d != "" && m.Phone == c.phone {
				otp = d
			}
		}
		return otp != ""
	})
	wrong := "000000"
	if otp == wrong {
		wrong = "000001"
	}
	if r := p.do("POST", p.URL()+session+"VerifyCode", map[string]string{"Content-Type": "application/json"},
		`{"challengeId":"`+challenge.ChallengeID+`","code":"`+wrong+`"}`); r.status == 200 {
		t.Error("a wrong code was taken")
	}
	var grant struct {
		Tokens struct{ AccessToken, RefreshToken string }
	}
	p.json(session+"VerifyCode", nil, map[string]any{"challengeId": challenge.ChallengeID, "code": otp}, &grant)
	if grant.Tokens.AccessToken == "" || grant.Tokens.RefreshToken == "" {
		t.Fatalf("%+v", grant)
	}
	as := map[string]string{"Authorization": "Bearer " + grant.Tokens.AccessToken}
	var draft struct{ DraftID string }
	p.json(dossier+"StartDossier", as, map[string]any{"procedureCode": "1.004873", "office": "26740"}, &draft)
	answer := func(key, said string) {
		p.do("POST", p.URL()+dossier+"AnswerQuestion", map[string]string{"Content-Type": "application/json", "Authorization": as["Authorization"]},
			fmt.Sprintf(`{"draftId":%q,"key":%q,"answer":{"text":%q}}`, draft.DraftID, key, said))
	}
	answer("requester.fullName", c.name)
	answer("requester.personalId", c.id)
	answer("requester.birthDate", c.name) // nonsense
	answer(c.name, c.id)
	var handOff struct {
		HandOff struct{ Code string }
	}
	p.json(session+"CreateHandOff", as, map[string]any{"draftId": draft.DraftID}, &handOff)
	p.do("POST", p.URL()+dossier+"AnswerQuestion", as, `{"draftId":"`+c.name) // no JSON
	p.do("POST", p.URL()+dossier+"TrackDossier", map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + c.id}, `{"code":"`+c.name+`"}`)

	// At the desk: an officer reads it all.
	var tokens struct{ Officer, Kiosk string }
	p.json("/sim/tokens", nil, map[string]any{}, &tokens)
	desk := map[string]string{"Authorization": "Bearer " + tokens.Officer}
	p.must("/motcua.agency.v1.DossierService/Accept", desk, map[string]any{"code": code, "identityChecked": true})
	if body := p.must("/motcua.agency.v1.DossierService/GetDossier", desk, map[string]any{"code": code, "purpose": "xử lý hồ sơ"}); !strings.Contains(body, c.name) {
		t.Errorf("the officer does not see the dossier: %s", body)
	}
	// A stranger at the webhooks.
	p.do("POST", p.URL()+"/webhooks/telegram/main", nil, `{"message":{"text":"`+c.name+`"}}`)
	p.do("POST", p.URL()+"/webhooks/twilio/main", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "Body="+url.QueryEscape(c.name))
	// The vendor's, in a form that nobody knows.
	signed := map[string]string{"X-Telegram-Bot-Api-Secret-Token": p.sim.secret}
	if r := p.do("POST", p.URL()+"/webhooks/telegram/main", signed, `{"update_id":1,"message":{"text":["`+c.name+`"]`); r.status != http.StatusOK {
		t.Errorf("a torn update: %d", r.status)
	}

	c.secrets = []string{otp, grant.Tokens.AccessToken, grant.Tokens.RefreshToken, handOff.HandOff.Code, strings.ReplaceAll(handOff.HandOff.Code, "-", ""), tokens.Officer, tokens.Kiosk}
	metrics := p.get(p.AdminURL() + "/metrics").body
	vendors := slices.Concat(p.sim.telegram.Journal.Calls(""), p.sim.twilio.Journal.Calls(""), p.sim.smsgate.Journal.Calls(""))
	reports, err := url.Parse(p.sim.smsgate.Outbox()[0].Callback)
	if err != nil {
		t.Fatal(err)
	}
	secret := path.Base(reports.Path)
	// The short-code gateway writes what people say into the address.
	forged := "?sender=" + c.phone[1:] + "&content=" + url.QueryEscape(c.name) + "&smsid=MO1&cpid=9051&receiverTime=20261203120000&sign=x"
	if r := p.get(p.URL() + "/webhooks/smsgate/main" + forged); r.status != http.StatusForbidden {
		t.Errorf("a forged message: %d", r.status)
	}
	p.get(p.URL() + "/webhooks/smsgate/main/" + secret + "?SMSID=" + c.phone[1:] + "&SendStatus=5&phonenumber=" + strings.ReplaceAll(c.local, " ", ""))
	p.get(p.URL() + "/webhooks/smsgate/main/" + strings.Repeat("0", len(secret)) + forged)
	p.get(p.URL() + "/webhooks/smsgate/other" + forged)
	p.do("POST", p.URL()+"/webhooks/smsgate/main"+forged, nil, "")

	// And with a store that is gone, when every door has something to complain of.
	if err := p.Store.Close(); err != nil {
		t.Fatal(err)
	}
	broken := len(p.log.String())
	p.do("POST", p.URL()+"/webhooks/telegram/main", signed, `{"update_id":2147480000,"message":{"message_id":9,"date":1795000000,"text":"`+c.name+`","chat":{"id":77,"type":"private","first_name":"`+c.other+`"},"from":{"id":77,"first_name":"`+c.other+`"}}}`)
	answer("requester.fullName", c.name)
	p.get(p.URL() + "/u/" + token)
	p.do("POST", p.URL()+session+"RequestCode", map[string]string{"Content-Type": "application/json"}, `{"phone":"`+c.phone+`"}`)
	p.get(p.URL() + "/webhooks/smsgate/main?" + p.sim.smsgate.Query(c.phone, c.words).Encode())
	if n := strings.Count(p.log.String()[broken:], "\n"); n < 5 {
		t.Errorf("five doors without a store wrote %d lines:\n%s", n, p.log.String()[broken:])
	}
	p.close()

	log := p.log.String()
	c.none(t, "the log", log)
	c.none(t, "the metrics", metrics)
	if strings.Contains(log, token) {
		t.Error("the token of the link is in the log")
	}
	if len(asked.seen) < 50 || !strings.Contains(metrics, "motcua_") || len(vendors) < 20 {
		t.Fatalf("%d addresses, %d calls of vendors: the test does not see what happens", len(asked.seen), len(vendors))
	}
	byGate := 0
	for _, u := range asked.seen {
		if strings.HasPrefix(u, "/webhooks/smsgate/") {
			byGate++ // that vendor's protocol: what is in it must go nowhere else
			continue
		}
		c.none(t, "an address", u)
	}
	if byGate < 8 || strings.Contains(log, secret) || strings.Contains(metrics, secret) {
		t.Errorf("%d calls of the gateway, or the secret part of its address shows", byGate)
	}
	for _, call := range vendors {
		c.none(t, "a vendor's address", call.Method)
		for _, name := range []string{"StatusCallback", "CallbackUrl", "url"} {
			c.none(t, "an address given to a vendor", strings.Join(call.Params[name], " "))
		}
	}
	seen := 0
	err = filepath.WalkDir(p.Config().DataDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		seen++
		c.none(t, "the file "+d.Name(), string(b))
		if bytes.Contains(b, []byte(token)) {
			t.Errorf("the token of the link is in the file %s", d.Name())
		}
		return nil
	})
	if err != nil || seen < 3 {
		t.Errorf("%d files: %v", seen, err)
	}
}

// must posts JSON and gives the body of a good answer.
func (p *program) must(path string, header map[string]string, body any) string {
	p.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string]string{"Content-Type": "application/json"}
	for k, v := range header {
		all[k] = v
	}
	r := p.do("POST", p.URL()+path, all, string(b))
	if r.status != http.StatusOK {
		p.t.Fatalf("%s %s: %d %s\n%s", path, b, r.status, r.body, p.log)
	}
	return r.body
}

func (p *program) json(path string, header map[string]string, body, into any) {
	p.t.Helper()
	s := p.must(path, header, body)
	if err := json.Unmarshal([]byte(s), into); err != nil {
		p.t.Fatalf("%s: %v\n%s", path, err, s)
	}
}
